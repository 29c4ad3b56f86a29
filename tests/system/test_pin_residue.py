"""One second after a password was submitted, cancelled, or its card pulled, no process of the terminal holds it.

The terminal runs in a process of its own with the drivers' processes below it, and the chip on the test's side of the
wire, for plastic may keep its password. All readable memory of these processes is searched for the password as ASCII,
as UTF-16 and as packed digits where a command or a PIN block carries it. Not looked through: pcscd, which belongs to
the machine.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.card.chip import Chip
from kiosk.insurer.hsm import Hsm
from tests.helpers.wire import FarTerminal, Place, descendants, place

pytestmark = pytest.mark.system

OLD, NEW = "748305", "950263"
"""Of no other meaning, so that every place where they are found is a residue."""


def forms(pin: str, before: str = "") -> Mapping[str, bytes]:
    """How a password can lie in memory; ``before`` is the one that a change replaces."""
    packed = bytes.fromhex(pin)
    found = {
        "ASCII": pin.encode(),
        "UTF-16LE": pin.encode("utf-16-le"),
        "UTF-32LE": pin.encode("utf-32-le"),
        "VERIFY": b"\x00\x20\x00\x00\x03" + packed,
        "data of VERIFY": b"\x00\x03" + packed,
        "PIN block": b"\x03" + packed + b"\x80\x00\x00\x00",
        "packed in a list": b"".join(digit.to_bytes(8, "little") for digit in packed),
    }
    if before:
        both = bytes.fromhex(before) + b"\xff" + packed
        found |= {"CHANGE": b"\x80\x5e\x01\x00\x07" + both, "data of CHANGE": both}
    return found


def residues(pid: int, wanted: Mapping[str, bytes]) -> list[str]:
    """Which forms lie in this process's memory, and where."""
    found = []
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            edges, rights, _, _, inode, *name = line.split(maxsplit=5)
            if not rights.startswith("r") or (inode != "0" and "w" not in rights) or name == ["[vvar]\n"]:
                continue  # what is mapped from a file and cannot be written is the file's
            start, end = (int(edge, 16) for edge in edges.split("-"))
            content = _read(memory.fileno(), start, end)
            where = name[0].strip() if name else "anonymous"
            found += [f"{what} in {where} of {pid}" for what, form in wanted.items() if form in content]
    return found


def _read(memory: int, start: int, end: int) -> bytes:
    pieces = []
    while start < end:
        try:
            piece = os.pread(memory, min(end - start, 1 << 24), start)
        except OSError:
            break  # unmapped meanwhile, or memory of a device
        if not piece:
            break
        pieces.append(piece)
        start += len(piece)
    return b"".join(pieces)


async def residues_in(far: FarTerminal, wanted: Mapping[str, bytes]) -> list[str]:
    found = []
    for pid in (far.pid, *descendants(far.pid)):
        found += await asyncio.to_thread(residues, pid, wanted)
    return found


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path) as there:
        yield there


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Place]:
    (tmp_path / "elsewhere").mkdir()
    async with place(tmp_path / "elsewhere") as elsewhere:
        yield elsewhere


def give_pin(there: Place, slug: str, pin: str) -> None:
    """This person's card has a password that stands nowhere else, as the sample people's does."""
    there.hall.choose(slug)
    profile = replace(there.hall.person.chip, pin=pin)
    there.hall.chips[slug] = Chip(profile, Hsm().personalise(profile))


async def one_second_after(submitted: float) -> None:
    await asyncio.sleep(submitted + 1.0 - asyncio.get_running_loop().time())


async def test_a_change_leaves_neither_password(there: Place) -> None:
    loop = asyncio.get_running_loop()
    give_pin(there, "active", OLD)
    async with FarTerminal(there) as far:
        await far.citizen.tap("pick:password", "InsertCard")
        there.hall.insert_card()
        await far.citizen.see("KnowsPin")
        await far.citizen.tap("pick:change", "EnterPin")
        await far.citizen.type(OLD)
        assert await residues_in(far, forms(OLD)), "while it is being typed it is there, and the search finds it"
        await far.citizen.tap("proceed", "EnterPin.new")
        await far.citizen.choose_pin(NEW)
        submitted = loop.time()
        await one_second_after(submitted)
        found = await residues_in(far, {**forms(NEW, OLD), **{f"old {k}": v for k, v in forms(OLD).items()}})
        assert str(await far.citizen.see("Result", "Refusal", "PartialResult")) == "Result.pin_changed"
        assert there.hall.chip("active").pin_matches(NEW.encode())
        assert found == []


async def test_neither_does_one_on_a_pin_pad(there: Place) -> None:
    """A mock pad in the terminal's own process: the pad's buffer is searched as well."""
    loop = asyncio.get_running_loop()
    give_pin(there, "active", OLD)
    async with FarTerminal(there, pin_pad=True) as far:
        await far.citizen.tap("pick:password", "InsertCard")
        there.hall.insert_card()
        await far.citizen.see("KnowsPin")
        await far.citizen.tap("pick:change", "EnterPin")
        await far.citizen.press(OLD)
        assert await residues_in(far, forms(OLD)), "while it is being typed it is there, and the search finds it"
        await far.citizen.tap("press:enter", "EnterPin.new")
        await far.citizen.press(NEW)
        await far.citizen.tap("press:enter", "EnterPin.repeat")
        await far.citizen.press(NEW)
        far.citizen.touch("press:enter")
        await one_second_after(loop.time())
        found = await residues_in(far, {**forms(NEW, OLD), **{f"old {k}": v for k, v in forms(OLD).items()}})
        assert str(await far.citizen.see("Result", "Refusal", "PartialResult")) == "Result.pin_changed"
        assert there.hall.chip("active").pin_matches(NEW.encode())
        assert found == []


async def test_a_password_from_the_authority_leaves_none(there: Place, elsewhere: Place) -> None:
    await asyncio.gather(_reset(there), _activate(elsewhere))


async def _reset(there: Place) -> None:
    """Also in the embedded insurer, which stands for the HSM in this very process."""
    loop = asyncio.get_running_loop()
    give_pin(there, "locked_pin", OLD)
    async with FarTerminal(there) as far:
        await far.citizen.until_pin_for_reset(there.hall)
        await far.citizen.choose_pin(NEW)
        submitted = loop.time()
        await one_second_after(submitted)
        found = await residues_in(far, forms(NEW))
        assert str(await far.citizen.see("Result", "Refusal", "PartialResult")) == "Result.pin_reset"
        assert there.hall.chip("locked_pin").pin_matches(NEW.encode())
        assert found == []


async def _activate(there: Place) -> None:
    """The insurer is asked first, and a citizen has time to read that; one second after the chip has taken it."""
    loop = asyncio.get_running_loop()
    give_pin(there, "issued", OLD)
    async with FarTerminal(there) as far:
        await far.citizen.until_pin_for_activation(there.hall)
        await far.citizen.choose_pin(NEW)
        async with asyncio.timeout(20):
            while not there.hall.chip("issued").pin_matches(NEW.encode()):
                await asyncio.sleep(0.01)
        await one_second_after(loop.time())
        found = await residues_in(far, forms(NEW))
        assert str(await far.citizen.see("Result", "Refusal", "PartialResult")) == "Result.activated"
        assert found == []


async def test_what_was_typed_and_never_used_is_gone(there: Place) -> None:
    """Cancelled; then another visit, whose card is pulled."""
    loop = asyncio.get_running_loop()
    give_pin(there, "active", OLD)
    async with FarTerminal(there) as far:

        async def type_it() -> None:
            await far.citizen.tap("pick:balance", "InsertCard")
            there.hall.insert_card()
            await far.citizen.see("EnterPin")
            await far.citizen.type(NEW)
            assert await residues_in(far, forms(NEW))

        await type_it()
        cancelled = loop.time()
        far.citizen.touch("finish")
        await one_second_after(cancelled)
        assert await residues_in(far, forms(NEW)) == []
        there.hall.pull_card()
        await far.citizen.see("Attract")

        await type_it()
        pulled = loop.time()
        there.hall.pull_card()
        await one_second_after(pulled)
        assert await residues_in(far, forms(NEW)) == []
