"""What is left of a citizen: one second after a password was submitted, cancelled, timed out, or its card pulled, no
process of the terminal holds it; once the visit has ended, none holds the name, the ID number or the card's number;
and no file ever does.

The whole program with its window runs in a process of its own, its drivers' processes below it, the chip and the other
devices on the test's side of the wire, the insurer behind TLS. Not looked through: pcscd, which belongs to the machine.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.discretion import WIPING
from tests.helpers.canaries import Whole, WholeTerminal, canary, whole
from tests.helpers.memory_scan import forms_of_person, forms_of_pin, in_files, in_process, in_processes
from tests.helpers.wire import ROOT, descendants

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into a process that keeps to itself"),
]

OLD, NEW = "748305", "950263"


@asynccontextmanager
async def terminal(folder: Path, *, idle_s: int = 60) -> AsyncIterator[tuple[Whole, WholeTerminal]]:
    """With an issued card's holder, an active one's, and everything that they must not leave in files."""
    await asyncio.to_thread(folder.mkdir)
    people = [canary(0, "issued", "123456"), canary(1, "active", OLD)]
    async with whole(folder, people) as place:
        with place.config.open("a") as config:
            config.write(f"[time]\nidle_s = {idle_s}\nwarning_s = 20\n")
        async with WholeTerminal(place) as far:
            yield place, far
            assert len(descendants(far.pid)) >= 2, "the drivers' processes were looked through as well"
            assert_limited(far.pid)
            for person in people:
                assert in_files(place.written, forms_of_person(person)) == []
        long_enough = {what: form for what, form in forms_of_pin(NEW, OLD).items() if len(form) > 5}
        assert in_files(place.written, long_enough) == []


def assert_limited(pid: int) -> None:
    for one in (pid, *descendants(pid)):
        limits = Path(f"/proc/{one}/limits").read_text("ascii")
        assert "Max core file size 0 0" in " ".join(limits.split()), one


async def left_of(far: WholeTerminal, who: int, place: Whole) -> list[str]:
    return await in_processes(far.pid, forms_of_person(place.canaries[who]))


async def pins_left(far: WholeTerminal) -> list[str]:
    wanted = {**forms_of_pin(NEW, OLD), **{f"old, {what}": form for what, form in forms_of_pin(OLD).items()}}
    return await in_processes(far.pid, wanted)


async def one_second_after(moment: float) -> None:
    await asyncio.sleep(moment + 1.0 - asyncio.get_running_loop().time())


async def leave(place: Whole, far: WholeTerminal) -> None:
    """Take everything along; returns one second after the attract screen is back."""
    place.place.hall.pull_card()
    place.place.hall.lift_id()
    place.place.hall.hide_code()
    await far.citizen.see("Attract")
    await one_second_after(asyncio.get_running_loop().time())


async def test_nothing_is_left(tmp_path: Path) -> None:
    """Four terminals beside each other, for most of the time is waiting."""
    visits = (_activation, _password, _walks_away, _balance)
    await asyncio.gather(*(visit(tmp_path / visit.__name__) for visit in visits))


async def _activation(folder: Path) -> None:
    async with terminal(folder) as (place, far):
        place.step_up(0)
        citizen, hall = far.citizen, place.place.hall
        await citizen.tap("pick:activate", "InsertCard")
        hall.insert_card()
        await citizen.see("LayIdCard")
        place.lay_id()
        await citizen.see("Review")
        await citizen.tap("proceed", "EnterPin.new")
        assert await left_of(far, 0, place), "while the visit lasts it is there, and the search finds it"
        await citizen.choose_pin(NEW)
        async with asyncio.timeout(20):
            while not hall.chip(hall.person.slug).pin_matches(NEW.encode()):
                await asyncio.sleep(0.01)
        await one_second_after(asyncio.get_running_loop().time())
        assert await pins_left(far) == []
        assert str(await citizen.see("Result", "Refusal", "PartialResult")) == "Result.activated"
        await citizen.tap("proceed", "TakeCard")
        await leave(place, far)
        assert await left_of(far, 0, place) == []


async def _password(folder: Path) -> None:
    """Cancelled, its card pulled, changed."""
    loop = asyncio.get_running_loop()
    async with terminal(folder) as (place, far):
        citizen, hall = far.citizen, place.place.hall

        async def until_old() -> None:
            place.step_up(1)
            await citizen.tap("pick:password", "InsertCard")
            hall.insert_card()
            await citizen.see("KnowsPin")
            await citizen.tap("pick:change", "EnterPin")
            await citizen.type(OLD)

        await until_old()
        assert await pins_left(far), "while it is being typed it is there, and the search finds it"
        citizen.touch("finish")
        await one_second_after(loop.time())
        assert await pins_left(far) == []
        await leave(place, far)
        assert await left_of(far, 1, place) == []

        await until_old()
        hall.pull_card()
        await one_second_after(loop.time())
        assert await pins_left(far) == []
        citizen.touch("proceed")
        await leave(place, far)
        assert await left_of(far, 1, place) == []

        await until_old()
        await citizen.tap("proceed", "EnterPin.new")
        await citizen.choose_pin(NEW)
        await one_second_after(loop.time())
        assert await pins_left(far) == []
        assert str(await citizen.see("Result", "Refusal", "PartialResult")) == "Result.pin_changed"
        await citizen.tap("proceed", "TakeCard")
        await leave(place, far)
        assert await left_of(far, 1, place) == []


async def _walks_away(folder: Path) -> None:
    async with terminal(folder, idle_s=3) as (place, far):
        place.step_up(1)
        citizen, hall = far.citizen, place.place.hall
        await citizen.tap("pick:balance", "InsertCard")
        hall.insert_card()
        await citizen.see("EnterPin")
        await citizen.type(OLD)
        assert await pins_left(far)
        await citizen.see("StillThere")
        await citizen.see("TakeCard", within=40.0)
        await one_second_after(asyncio.get_running_loop().time())
        assert await pins_left(far) == []
        await leave(place, far)
        assert await left_of(far, 1, place) == []


async def _balance(folder: Path) -> None:
    async with terminal(folder) as (place, far):
        place.step_up(1)
        citizen, hall = far.citizen, place.place.hall
        await citizen.tap("pick:balance", "InsertCard")
        await citizen.tap("pick:credential", "ShowCode")
        hall.show_code()
        await citizen.see("Balance")
        await citizen.tap("pick:show", "Balance")
        await citizen.tap("pick:movements", "Movements")
        assert await left_of(far, 1, place)
        await citizen.tap("back", "Balance")
        citizen.touch("finish")
        await leave(place, far)
        assert await left_of(far, 1, place) == []


def test_the_unit_sets_what_the_program_would() -> None:
    unit = (ROOT / "packaging/root/lib/systemd/system/yibao-kiosk.service").read_text("utf-8")
    for name, value in WIPING.items():
        assert f"Environment={name}={value}\n" in unit


def test_a_process_that_keeps_to_itself() -> None:
    says = (
        "import ctypes, resource; from drivers.discretion import keep_to_itself;"
        "before = ctypes.CDLL(None).prctl(3);"  # PR_GET_DUMPABLE, <sys/prctl.h>
        "keep_to_itself(); print(before, ctypes.CDLL(None).prctl(3), resource.getrlimit(resource.RLIMIT_CORE))"
    )
    words = [sys.executable, "-c", says]
    assert subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "1 0 (0, 0)\n"


def test_what_is_freed_is_overwritten() -> None:
    """In a process with that environment, and not in one without: else the other tests here prove nothing."""
    assert (_found_after_free(wiping=False), _found_after_free(wiping=True)) == (True, False)


def _found_after_free(*, wiping: bool) -> bool:
    says = "import sys; a = ['%06d' % n * 9 for n in range(200)]; del a; print('ready', flush=True); sys.stdin.read()"
    environment = {**os.environ, **(WIPING if wiping else {})}
    with subprocess.Popen(
        [sys.executable, "-c", says], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = _any_of(process.pid, (b"%06d" % n * 9 for n in range(100, 200)))
        process.kill()
    return found


def _any_of(pid: int, wanted: Iterable[bytes]) -> bool:
    return bool(in_process(pid, {str(n): form for n, form in enumerate(wanted)}))
