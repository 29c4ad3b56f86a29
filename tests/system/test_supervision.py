"""The terminal lives on, on the real stack, while the card service dies again and again and citizens come and go.

Counted before and after: descriptors, threads, tasks, child processes, memory. ``KIOSK_SOAK=10`` in the environment
plays ten times as many rounds (CONTRIBUTING.md); each test prints what it measured, to be read with ``-s``.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.api import Condition
from kiosk.watch import EVENT
from tests.helpers.wire import FarTerminal, Near, descendants, near_terminal, place

pytestmark = pytest.mark.system

SOAK = int(os.environ.get("KIOSK_SOAK", "1"))
IDLE_ROUNDS, DIALOGUE_ROUNDS, INSERTIONS = 10 * SOAK, 5 * SOAK, 8 * SOAK
TERMINALS = 7
"""So many live side by side and get their insertions at once, 56 in all: each takes a card's own time, 2 s."""
BACK_WITHIN_S = 5.0
SETTLE_S = 15.0
"""How long what belongs to the last round may still be on its way out."""
MEMORY_KB = 2500
"""What memory may grow by: SQLite keeps up to 2000 KiB of the journal's newest pages, about 1.5 KiB a visit."""


@dataclass(frozen=True)
class Count:
    """What a process holds."""

    descriptors: int
    threads: int
    tasks: int = 0
    children: int = 0

    def within(self, other: Count) -> bool:
        return all(mine <= theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True))


def here() -> Count:
    """This process: terminal and hall together."""
    return Count(
        len(list(Path("/proc/self/fd").iterdir())),
        threading.active_count(),
        len(asyncio.all_tasks()),
        len(descendants(os.getpid())),
    )


def count(pid: int) -> Count:
    return Count(
        len(list(Path(f"/proc/{pid}/fd").iterdir())),
        len(list(Path(f"/proc/{pid}/task").iterdir())),
        children=len(descendants(pid)),
    )


def resident_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


async def at_rest() -> Count:
    """The least that this process holds in a second while nobody is there: what comes and goes does not count."""
    counts = [here()]
    for _ in range(20):
        await asyncio.sleep(0.05)
        counts.append(here())
    return Count(*(min(values) for values in zip(*(vars(held).values() for held in counts), strict=True)))


async def settled(before: Count) -> Count:
    """What is held once the last round is over; at the latest after :data:`SETTLE_S`."""
    try:
        async with asyncio.timeout(SETTLE_S):
            while not here().within(before):
                await asyncio.sleep(0.05)
    except TimeoutError:
        pass  # the caller compares, and shows both
    return here()


def times(measured: Iterable[float]) -> str:
    ordered = sorted(measured)
    return f"median {ordered[len(ordered) // 2]:.2f} s, longest {ordered[-1]:.2f} s"


@pytest.fixture
async def near(tmp_path: Path) -> AsyncIterator[Near]:
    async with near_terminal(tmp_path) as near:
        yield near


async def restart(near: Near) -> float:
    """Start the card service again; seconds until the terminal takes citizens."""
    loop = asyncio.get_running_loop()
    await near.place.service.restart()
    restarted = loop.time()
    await near.citizen.see("Attract")
    assert (await near.station.reader.health()).condition is Condition.ONLINE
    return loop.time() - restarted


def noted(near: Near) -> list[str]:
    return [
        str(event.facts["condition"]) for event in near.station.journal.events(EVENT) if event.facts["name"] == "card"
    ]


def screens(near: Near) -> set[str]:
    return {seen.name for seen in near.citizen.seen}


async def come_and_go(near: Near) -> None:
    """Somebody puts a card in and changes their mind: everything that a visit opens has been opened once."""
    near.place.hall.insert_card()
    await near.citizen.see("Menu")
    await near.citizen.tap("finish", "TakeCard")
    near.place.hall.pull_card()
    await near.citizen.see("Attract")


async def every_device_asked(near: Near) -> None:
    """Connections that the watch opens and keeps have been opened then."""
    async with asyncio.timeout(20):
        while any(health.condition is Condition.STARTING for health in near.terminal.watch.health.values()):
            await asyncio.sleep(0.05)


async def test_the_card_service_dies_again_and_again_while_nobody_is_there(near: Near) -> None:
    near.place.hall.choose("active")
    await come_and_go(near)
    await every_device_asked(near)
    before = await at_rest()
    back = [await kill_idle(near) for _ in range(IDLE_ROUNDS)]
    after = await settled(before)
    print(f"\n{IDLE_ROUNDS} deaths idle: back after {times(back)}; {before} -> {after}")
    assert max(back) < BACK_WITHIN_S
    assert after.within(before), f"{before} -> {after}; {sorted(map(str, asyncio.all_tasks()))}"
    assert noted(near) == ["offline", "online"] * IDLE_ROUNDS, "one event per change"
    near.citizen.forget()
    await come_and_go(near)
    assert not near.citizen.ever("OutOfOrder", "Refusal")


async def kill_idle(near: Near) -> float:
    near.citizen.forget()
    near.place.service.kill()
    await near.citizen.see("OutOfOrder")
    back = await restart(near)
    assert screens(near) <= {"OutOfOrder", "Attract"}, f"an event of before: {near.citizen.names}"
    return back


async def test_the_card_service_dies_again_and_again_in_dialogue(near: Near) -> None:
    near.place.hall.choose("active")
    await come_and_go(near)
    await every_device_asked(near)
    before = await at_rest()
    back = [await kill_in_dialogue(near, under_way=bool(number % 2)) for number in range(DIALOGUE_ROUNDS)]
    after = await settled(before)
    print(f"\n{DIALOGUE_ROUNDS} deaths in dialogue: back after {times(back)}; {before} -> {after}")
    assert max(back) < BACK_WITHIN_S
    assert after.within(before), f"{before} -> {after}"
    near.citizen.forget()
    await come_and_go(near)
    assert not near.citizen.ever("OutOfOrder", "Refusal")


async def kill_in_dialogue(near: Near, *, under_way: bool) -> float:
    """While a card is held: with nothing on the wire, or with a VERIFY that the card has not answered."""
    near.citizen.forget()
    slot = near.place.slot
    await near.citizen.tap("pick:balance", "InsertCard")
    near.place.hall.insert_card()
    await near.citizen.see("EnterPin")
    if under_way:
        await near.citizen.type(near.place.hall.person.chip.pin)
        asked = slot.faults.calls["apdu:20"]
        slot.faults.delay("apdu:20", 2.0)
        near.citizen.touch("proceed")
        async with asyncio.timeout(20):
            while slot.faults.calls["apdu:20"] == asked:
                await asyncio.sleep(0.01)
    near.place.service.kill()
    await near.citizen.see("Refusal")
    assert not near.citizen.ever("Balance", "Result", "Menu")
    near.place.hall.pull_card()
    near.citizen.touch("proceed")
    near.citizen.forget()
    back = await restart(near)
    assert screens(near) <= {"Refusal", "OutOfOrder", "TakeCard", "Goodbye", "Attract"}, near.citizen.names
    return back


async def test_nothing_grows_while_cards_come_and_go(tmp_path: Path) -> None:
    """Visits with a dialogue, in terminals of their own processes: memory, descriptors and threads stay as they are."""
    await asyncio.gather(*(cards_come_and_go(tmp_path / str(number)) for number in range(TERMINALS)))


async def cards_come_and_go(folder: Path) -> None:
    await asyncio.to_thread(folder.mkdir)
    async with place(folder) as there, FarTerminal(there) as far:
        there.hall.choose("active")

        async def visit() -> None:
            there.hall.insert_card()
            await far.citizen.see("Menu")
            await far.citizen.tap("finish", "TakeCard")
            there.hall.pull_card()
            await far.citizen.see("Attract")
            far.citizen.forget()

        for _ in range(2):  # what is loaded and cached at the first visits
            await visit()
        child = reader_child(far.pid)
        held, memory = (count(far.pid), count(child)), (resident_kb(far.pid), resident_kb(child))
        for _ in range(INSERTIONS):
            await visit()
        assert reader_child(far.pid) == child, "the reader's process is still the same"
        held_now, memory_now = (await least_of(far.pid), count(child)), (resident_kb(far.pid), resident_kb(child))
        for name, *measured in zip(("terminal", "reader"), held, held_now, memory, memory_now, strict=True):
            print(f"\n{INSERTIONS} insertions, {name}: {measured}", end="")
        assert held_now[0].within(held[0]), f"{held[0]} -> {held_now[0]}"
        assert held_now[1].within(held[1]), f"{held[1]} -> {held_now[1]}"
        assert max(now - then for now, then in zip(memory_now, memory, strict=True)) < MEMORY_KB


async def least_of(pid: int) -> Count:
    """The least of several looks: a camera on the network is asked over a connection that is closed at once."""
    looks = []
    for _ in range(8):
        looks.append(count(pid))
        await asyncio.sleep(0.4)
    return min(looks, key=lambda look: look.descriptors)


def reader_child(pid: int) -> int:
    """The process that speaks PC/SC for this terminal."""
    (found,) = (child for child in descendants(pid) if b"pcsc_hosted" in Path(f"/proc/{child}/cmdline").read_bytes())
    return found
