"""Passwords where ``test_secrets.py`` has none: typed on a PIN pad, and known to an insurer in this very process.

The terminal runs in a process of its own with the drivers' processes below it, and the chip on the test's side of the
wire, for plastic may keep its password. Not looked through: pcscd, which belongs to the machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.card.chip import Chip
from kiosk.insurer.hsm import Hsm
from tests.helpers.memory_scan import Forms, forms_of_pin, in_processes
from tests.helpers.wire import FarTerminal, Place, place

pytestmark = pytest.mark.system

OLD, NEW = "748305", "950263"
"""Of no other meaning, so that every place where they are found is a residue."""


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path) as there:
        yield there


def give_pin(there: Place, slug: str, pin: str) -> None:
    """This person's card has a password that stands nowhere else, as the sample people's does."""
    there.hall.choose(slug)
    profile = replace(there.hall.person.chip, pin=pin)
    there.hall.chips[slug] = Chip(profile, Hsm().personalise(profile))


async def left_after_a_second(far: FarTerminal, wanted: Forms) -> list[str]:
    await asyncio.sleep(1.0)
    return await in_processes(far.pid, wanted)


async def test_a_pin_pad_leaves_neither_password(there: Place) -> None:
    """A mock pad in the terminal's own process: the pad's buffer is searched as well."""
    give_pin(there, "active", OLD)
    async with FarTerminal(there, pin_pad=True) as far:
        await far.citizen.tap("pick:password", "InsertCard")
        there.hall.insert_card()
        await far.citizen.see("KnowsPin")
        await far.citizen.tap("pick:change", "EnterPin")
        await far.citizen.press(OLD)
        assert await in_processes(far.pid, forms_of_pin(OLD)), "while it is being typed it is found"
        await far.citizen.tap("press:enter", "EnterPin.new")
        await far.citizen.press(NEW)
        await far.citizen.tap("press:enter", "EnterPin.repeat")
        await far.citizen.press(NEW)
        far.citizen.touch("press:enter")
        old = {f"old {what}": form for what, form in forms_of_pin(OLD).items()}
        found = await left_after_a_second(far, {**forms_of_pin(NEW, OLD), **old})
        assert str(await far.citizen.see("Result", "Refusal", "PartialResult")) == "Result.pin_changed"
        assert there.hall.chip("active").pin_matches(NEW.encode())
        assert found == []


async def test_a_password_from_the_authority_leaves_none(there: Place) -> None:
    """Also in the embedded insurer, which stands for the HSM in this very process."""
    give_pin(there, "locked_pin", OLD)
    async with FarTerminal(there) as far:
        await far.citizen.until_pin_for_reset(there.hall)
        await far.citizen.choose_pin(NEW)
        found = await left_after_a_second(far, forms_of_pin(NEW))
        assert str(await far.citizen.see("Result", "Refusal", "PartialResult")) == "Result.pin_reset"
        assert there.hall.chip("locked_pin").pin_matches(NEW.encode())
        assert found == []
