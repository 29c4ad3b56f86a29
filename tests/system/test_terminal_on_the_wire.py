"""The whole terminal without its glass, on real drivers and in real time, while everything around it fails.

Whatever breaks: the terminal goes on, the citizen is told the truth on a screen that has a way on, the card is free to
take, and an operation happens once or not at all.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.faults import Fault
from kiosk import compose
from kiosk.insurer.api import CardState
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.journal import Journal
from tests.helpers.wire import FarTerminal, Near, Place, near_terminal, place

pytestmark = pytest.mark.system

NEW_PIN = "580274"
TOLD_WITHIN_S = 10.0
SUCCESS = ("Result",)


@pytest.fixture
async def near(tmp_path: Path) -> AsyncIterator[Near]:
    async with near_terminal(tmp_path) as near:
        yield near


async def leave(near: Near, *, way_on: str = "proceed", mute: bool = False) -> None:
    """From a screen that tells how it ended: go on, find the card free, take it, and be told goodbye."""
    near.citizen.touch(way_on)
    if near.place.slot.chip is not None:
        await near.citizen.see("TakeCard")
        # A card that says nothing blocks this reader until it is pulled; its power goes with it.
        assert mute or near.place.slot.released
        near.place.hall.pull_card()
    near.place.hall.lift_id()
    await near.citizen.see("Goodbye")


async def state_of(near: Near) -> CardState:
    return (await near.place.hall.office.card(near.place.hall.person.card)).state


def has_pin(near: Near, pin: str) -> bool:
    return near.place.hall.chip(near.place.hall.person.slug).pin_matches(pin.encode())


# --- the PC/SC service -----------------------------------------------------------------------------------------------


async def test_the_service_dies_while_nobody_is_there(near: Near) -> None:
    loop = asyncio.get_running_loop()
    for _ in range(2):
        near.citizen.forget()
        near.place.service.kill()
        await near.citizen.see("OutOfOrder")
        restarted = loop.time()
        await near.place.service.restart()
        await near.citizen.see("Attract")
        assert loop.time() - restarted < 5.0
        assert not near.running.done(), "the terminal itself did not restart"
    near.citizen.forget()
    near.place.hall.choose("active")
    near.place.hall.insert_card()
    await near.citizen.see("Menu")
    assert not near.citizen.ever("OutOfOrder", "Refusal")


async def test_no_card_of_before_comes_back_with_the_service(near: Near) -> None:
    """A card that was taken while the service was down has left no event behind."""
    near.place.hall.choose("active")
    near.place.hall.insert_card()
    await near.citizen.see("Menu")
    await near.citizen.tap("finish", "TakeCard")
    near.place.service.kill()
    near.place.hall.pull_card()
    await near.citizen.see("OutOfOrder", "Goodbye", "Attract")
    await near.place.service.restart()
    await near.citizen.see("Attract")
    await near.citizen.tap("pick:balance", "InsertCard")
    with pytest.raises(AssertionError, match=r"waited 1\.5 s"):
        await near.citizen.see("Reading", within=1.5)


async def test_the_service_dies_in_the_middle_of_a_dialogue(near: Near) -> None:
    """After the insurer has activated, while the chip is given its password."""
    near.place.hall.choose("issued")
    await near.citizen.until_pin_for_activation(near.place.hall)
    near.place.slot.faults.delay("apdu:24", 5.0)
    await near.citizen.choose_pin(NEW_PIN)
    async with asyncio.timeout(20):
        while not near.place.slot.faults.calls["apdu:24"]:
            await asyncio.sleep(0.01)
    near.place.service.kill()
    told = await near.citizen.see("PartialResult", "Result", "Refusal")
    assert str(told) == "PartialResult.activated_pin_unproved"
    assert await state_of(near) is CardState.ACTIVE
    assert not near.citizen.ever(*SUCCESS)
    near.place.hall.pull_card()
    near.place.hall.lift_id()
    near.citizen.touch("proceed")
    await near.place.service.restart()
    await near.citizen.see("Attract")


async def test_the_service_dies_while_the_card_is_asked(near: Near) -> None:
    near.place.hall.choose("active")
    await near.citizen.tap("pick:balance", "InsertCard")
    near.place.hall.insert_card()
    await near.citizen.see("EnterPin")
    await near.citizen.type(near.place.hall.person.chip.pin)
    near.place.slot.faults.delay("apdu:20", 5.0)
    near.citizen.touch("proceed")
    async with asyncio.timeout(20):
        while near.place.slot.faults.calls["apdu:20"] < 2:
            await asyncio.sleep(0.01)
    near.place.service.kill()
    told = await near.citizen.see("Refusal")
    assert told.facts["code"] in ("D01", "C01"), told
    assert not near.citizen.ever("Balance", *SUCCESS)
    near.place.hall.pull_card()
    near.citizen.touch("proceed")
    await near.place.service.restart()
    await near.citizen.see("Attract")


# --- the card --------------------------------------------------------------------------------------------------------


async def test_a_card_that_falls_silent_is_told_of_within_10_s(near: Near) -> None:
    loop = asyncio.get_running_loop()
    near.place.hall.choose("active")
    await near.citizen.tap("pick:balance", "InsertCard")
    near.place.hall.insert_card()
    await near.citizen.see("EnterPin")
    await near.citizen.type(near.place.hall.person.chip.pin)
    near.place.slot.faults.fail_next("apdu:20", Fault.MUTE)
    near.citizen.touch("proceed")
    submitted = loop.time()
    told = await near.citizen.see("Refusal")
    assert loop.time() - submitted < TOLD_WITHIN_S
    assert told.facts["code"] == "C03"
    await leave(near, mute=True)
    await near.citizen.see("Attract")
    near.place.hall.insert_card()
    await near.citizen.see("Menu")


async def test_the_next_card_is_held_while_the_one_before_is_let_go(near: Near) -> None:
    """It comes while a refusal stands that offers to go on with the first: letting go of that must not cost it its
    connection."""
    hall = near.place.hall
    hall.choose("active")
    await near.citizen.tap("pick:activate", "InsertCard")
    hall.insert_card()
    await near.citizen.see("Refusal.already_active")
    hall.pull_card()
    await asyncio.sleep(1.0)
    hall.choose("active_retired")
    hall.insert_card()
    await near.citizen.see("Menu")
    await near.citizen.tap("pick:balance", "EnterPin")
    assert not near.citizen.ever("OutOfOrder", "Refusal.card_unreadable", "Refusal.not_changed")


PULLED_AT = ["apdu:84", "apdu:82", "apdu:24", "answer:24", "apdu:20"]
"""Challenge, authentication, password reset before and after the chip has done it, and the proof."""


@asynccontextmanager
async def _pulled(folder: Path, at: str, service: str) -> AsyncIterator[Near]:
    await asyncio.to_thread(folder.mkdir)
    async with near_terminal(folder) as near:
        hall = near.place.hall
        hall.choose("issued" if service == "activate" else "locked_pin")
        if service == "activate":
            await near.citizen.until_pin_for_activation(hall)
        else:
            await near.citizen.until_pin_for_reset(hall)
        near.place.slot.faults.fail_next(at, Fault.PULL)
        await near.citizen.choose_pin(NEW_PIN)
        await near.citizen.see("Result", "PartialResult", "Refusal")
        assert sum(near.place.slot.faults.fired.values()) == 1, "the card was really pulled"
        hall.card_in = "out"
        yield near
        await leave(near)


async def test_a_card_pulled_from_an_activation(tmp_path: Path) -> None:
    """At whichever command: the insurer has activated, and that is what is told; never that the password was set."""

    async def one(at: str) -> None:
        async with _pulled(tmp_path / at.replace(":", "-"), at, "activate") as near:
            told = near.citizen.names[-1]
            if told == "PartialResult.activated_without_pin":
                assert not has_pin(near, NEW_PIN), f"{at}: told that the password was not set, but it was"
            else:
                assert told == "PartialResult.activated_pin_unproved", at
            assert await state_of(near) is CardState.ACTIVE
            assert not near.citizen.ever(*SUCCESS)

    await asyncio.gather(*(one(at) for at in PULLED_AT))


async def test_a_card_pulled_before_the_insurer_was_asked(near: Near) -> None:
    """While its identity is read again for the commit: nothing happened, and that is what is told."""
    near.place.hall.choose("issued")
    await near.citizen.until_pin_for_activation(near.place.hall)
    near.place.slot.faults.fail_next("apdu:B2", Fault.PULL)
    await near.citizen.choose_pin(NEW_PIN)
    near.place.hall.card_in = "out"
    assert str(await near.citizen.see("Refusal", "PartialResult", "Result")) == "Refusal.not_changed"
    assert await state_of(near) is CardState.ISSUED
    assert not has_pin(near, NEW_PIN)
    assert near.station.journal.open_items() == []
    await leave(near)


async def test_a_card_pulled_from_a_reset(tmp_path: Path) -> None:
    async def one(at: str) -> None:
        async with _pulled(tmp_path / at.replace(":", "-"), at, "reset") as near:
            told = near.citizen.names[-1]
            assert not near.citizen.ever(*SUCCESS)
            if told.startswith("Refusal"):
                assert told == "Refusal.not_changed"
                assert not has_pin(near, NEW_PIN), f"{at}: told that nothing was changed, but it was"
            else:
                assert told == "PartialResult.pin_unproved"

    await asyncio.gather(*(one(at) for at in PULLED_AT))


# --- the other devices -----------------------------------------------------------------------------------------------


async def test_the_printer_is_unplugged_while_it_prints(near: Near) -> None:
    near.place.hall.choose("issued")
    await near.citizen.until_pin_for_activation(near.place.hall)
    await near.citizen.choose_pin(NEW_PIN)
    await near.citizen.see("Working.printing")
    near.place.printer.unplug()
    told = await near.citizen.see("Result", "Refusal", "PartialResult")
    assert str(told) == "Result.activated"
    assert told.facts["slip"] == "on_screen"
    assert await state_of(near) is CardState.ACTIVE
    assert has_pin(near, NEW_PIN)
    await leave(near)
    near.place.printer.plug()
    assert not near.place.printer.receipts, "nothing is printed late"


async def test_the_camera_is_lost_before_a_code_was_seen(near: Near) -> None:
    near.place.hall.choose("issued")
    await near.citizen.tap("pick:activate", "InsertCard")
    near.place.hall.insert_card()
    await near.citizen.see("LayIdCard")
    await near.citizen.tap("pick:credential", "ShowCode")
    await asyncio.sleep(0.5)  # let the stream begin
    near.place.lens.unplug()
    told = await near.citizen.see("Refusal", "LayIdCard")
    assert await state_of(near) is CardState.ISSUED
    await leave(near, way_on="proceed" if told.name == "Refusal" else "finish")


async def test_the_id_reader_is_lost_while_it_waits(near: Near) -> None:
    near.place.hall.choose("issued")
    await near.citizen.tap("pick:activate", "InsertCard")
    near.place.hall.insert_card()
    await near.citizen.see("LayIdCard")
    await asyncio.sleep(0.3)  # let the driver poll
    near.place.pad.unplug()
    told = await near.citizen.see("Refusal", "ShowCode")
    assert await state_of(near) is CardState.ISSUED
    await leave(near, way_on="proceed" if told.name == "Refusal" else "finish")


# --- the disk and the power ------------------------------------------------------------------------------------------


def effects(there: Place) -> int:
    with sqlite3.connect(there.insurer) as db:
        count: int = db.execute("SELECT count(*) FROM operations WHERE ended = 'done'").fetchone()[0]
    db.close()
    return count


async def test_a_full_disk_refuses_before_anything_is_sent(tmp_path: Path) -> None:
    """The journal lies on a file system of 1 MB of the terminal's own, which the test fills up."""
    if shutil.which("unshare") is None:
        pytest.skip("no program unshare")
    async with place(tmp_path) as there:
        there.data.mkdir()
        mount = 'mount -t tmpfs -o size=1m,mode=700 kiosk-test "$1" && shift && exec "$@"'
        small_disk = ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", mount, "sh", str(there.data)]
        tried = await asyncio.create_subprocess_exec(*small_disk, "true", stderr=asyncio.subprocess.DEVNULL)
        if await tried.wait():
            pytest.skip("no file system can be mounted here")
        there.hall.choose("issued")
        async with FarTerminal(there, within=small_disk) as far:
            await far.citizen.until_pin_for_activation(there.hall)
            disk = Path(f"/proc/{far.pid}/root{there.data}")
            assert (disk / "journal.db").exists()
            await asyncio.to_thread(_fill, disk / "filler")
            await far.citizen.choose_pin(NEW_PIN)
            told = await far.citizen.see("Refusal", "Result", "PartialResult", "BeingChecked")
            assert (str(told), told.facts["code"]) == ("Refusal.journal", "J01")
            assert effects(there) == 0
            assert (await there.hall.office.card(there.hall.person.card)).state is CardState.ISSUED
            far.citizen.touch("proceed")
            await far.citizen.see("TakeCard")
            assert there.slot.released
            there.hall.pull_card()
            there.hall.lift_id()
            told = await far.citizen.see("Attract", "OutOfOrder")
            (disk / "filler").unlink()
            if told.name == "OutOfOrder":
                await far.citizen.see("Attract")
            await far.citizen.tap("pick:balance", "InsertCard")


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


async def test_a_power_cut_during_the_commit(tmp_path: Path) -> None:
    """Killed when the insurer has (or has not yet) activated and the journal cannot know: the next start settles it."""
    await asyncio.gather(_cut(tmp_path / "after", Fault.DELAY, 1), _cut(tmp_path / "before", Fault.LOSE, 0))


async def _cut(folder: Path, fault: Fault, done: int) -> None:
    await asyncio.to_thread(folder.mkdir)
    async with place(folder) as there:
        there.hall.choose("issued")
        async with FarTerminal(there, perform=(fault, 60.0)) as far:
            await far.citizen.until_pin_for_activation(there.hall)
            await far.citizen.choose_pin(NEW_PIN)
            await far.citizen.see("Working.activating")
            secret = (there.data / "journal.key").read_bytes()
            async with asyncio.timeout(10):
                while (states(there, secret), effects(there)) != (["sent"], done):
                    await asyncio.sleep(0.05)
            await far.kill()
            assert not far.citizen.ever("Result", "PartialResult", "Refusal")
        there.hall.pull_card()
        there.hall.lift_id()
        # pcscd looks for cards every 0.4 s, and with the terminal dead nobody can be asked whether it has looked.
        await asyncio.sleep(1.0)
        async with FarTerminal(there) as far:
            async with asyncio.timeout(5):
                while states(there, secret):
                    await asyncio.sleep(0.05)
            assert effects(there) == done
            await far.citizen.tap("pick:activate", "InsertCard")
            there.hall.insert_card()
            if done:
                assert str(await far.citizen.see("Refusal", "LayIdCard")) == "Refusal.already_active"
            else:
                await far.citizen.see("LayIdCard")
                there.hall.lay_id()
                await far.citizen.see("Review")
                await far.citizen.tap("proceed", "EnterPin.new")
                await far.citizen.choose_pin(NEW_PIN)
                assert str(await far.citizen.see("Refusal", "Result")) == "Result.activated"
            with sqlite3.connect(there.insurer) as db:
                activated = db.execute("SELECT count(*) FROM operations WHERE ended = 'done' AND number IS NOT NULL")
                assert activated.fetchone()[0] == (1 if done else 2), "one activation (and one note of its password)"
            db.close()
            there.hall.pull_card()
        journal = Journal(there.data / "journal.db", compose.clock, secret)
        assert journal.verify() == []
        journal.shut()
        insurer = EmbeddedInsurer(there.insurer, clock=compose.clock)
        assert (await insurer.card(there.hall.person.card)).state is CardState.ACTIVE
        await insurer.close()


def states(there: Place, secret: bytes) -> list[str]:
    """Of the operations that the journal calls open."""
    journal = Journal(there.data / "journal.db", compose.clock, secret)
    try:
        return [item.state for item in journal.open_items()]
    finally:
        journal.shut()
