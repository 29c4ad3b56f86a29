"""Devices are watched during a visit too: it is not disturbed, the journal is told, and what is offered stays true."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from drivers.api import Device, Health
from drivers.card.mock import MockCardSlot
from drivers.printer.mock import MockPrinter
from kiosk.screens import (
    Availability,
    Balance,
    Cause,
    EnterPin,
    Finish,
    Key,
    LayIdCard,
    Menu,
    Pick,
    Proceed,
    Refusal,
    Result,
    Screen,
    Slip,
    Working,
)
from kiosk.watch import BESIDE_S, EVENT, devices_of
from tests.helpers.citizen import ERRANDS, Citizen, Errand
from tests.helpers.storyboard import Stage, visited
from tests.helpers.virtual_time import run

PIN = "729416"
AT_ONCE_S = 1.0


def printer(stage: Stage) -> MockPrinter:
    assert isinstance(stage.hall.printer, MockPrinter)
    return stage.hall.printer


def slot(stage: Stage) -> MockCardSlot:
    assert isinstance(stage.hall.slot, MockCardSlot)
    return stage.hall.slot


def screen(stage: Stage) -> Screen[Any]:
    assert stage.glass.scene is not None
    return stage.glass.scene.screen


def noted(stage: Stage) -> list[tuple[str, str]]:
    return [(str(event.facts["name"]), str(event.facts["condition"])) for event in stage.journal.events(EVENT)]


async def before_the_balance(stage: Stage) -> None:
    stage.answer(Pick("balance"))
    await stage.see("InsertCard")
    stage.hall.insert_card()
    await stage.see("EnterPin")
    for digit in PIN:
        stage.answer(Key(10 if digit == "0" else int(digit) - 1))
        await asyncio.sleep(0.2)
    stage.answer(Proceed())
    await stage.see("Balance")


def counted(stage: Stage, asked: Counter[tuple[str, str]]) -> None:
    """Count who is asked while what stands on the glass."""

    def counting(name: str, device: Device) -> None:
        health = device.health

        async def ask() -> Health:
            asked[name, screen(stage).name] += 1
            return await health()

        device.health = ask  # type: ignore[method-assign]

    for name, device in devices_of(stage.station).items():
        counting(name, device)


# --- what changes during a visit -------------------------------------------------------------------------------------


def test_a_printer_that_dies_is_noted_and_no_longer_offered() -> None:
    async def story(stage: Stage) -> None:
        await before_the_balance(stage)
        shown = screen(stage)
        assert isinstance(shown, Balance)
        assert shown.can_print
        serial = stage.glass.scene.serial if stage.glass.scene else 0
        printer(stage).unplug()
        await asyncio.sleep(1.5 * BESIDE_S)
        assert noted(stage) == [("printer", "offline")]
        shown = screen(stage)
        assert isinstance(shown, Balance)
        assert not shown.can_print
        assert stage.glass.scene is not None
        assert stage.glass.scene.serial == serial, "a finger on its way still hits what it aimed at"
        stage.answer(Pick("print"))
        told = (await stage.see("Result")).screen
        assert isinstance(told, Result)
        assert told.slip is Slip.ON_SCREEN

    visited("active", story)


def test_the_menu_follows_what_happens_while_it_stands() -> None:
    async def story(stage: Stage) -> None:
        stage.hall.insert_card()
        menu = (await stage.see("Menu")).screen
        assert isinstance(menu, Menu)
        assert {tile.available for tile in menu.services} == {Availability.YES}
        stage.hall.take_paper()
        stage.hall.pad.unplug()
        stage.hall.lens.unplug()
        await asyncio.sleep(1.5 * BESIDE_S)
        menu = screen(stage)
        assert isinstance(menu, Menu)
        assert {tile.id: tile.available for tile in menu.services} == {
            "activate": Availability.NO,
            "password": Availability.WITHOUT_PAPER,
            "balance": Availability.WITHOUT_PAPER,
        }
        assert sorted(noted(stage)) == [("idcard", "no_device"), ("printer", "user_error"), ("scanner", "no_device")]
        stage.hall.refill_paper()
        await asyncio.sleep(1.5 * BESIDE_S)
        assert ("printer", "online") in noted(stage)

    visited("active", story)


# --- nobody is disturbed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("errand", ERRANDS, ids=lambda errand: errand.name)
def test_nobody_is_asked_who_is_at_work(errand: Errand) -> None:
    asked: Counter[tuple[str, str]] = Counter()

    async def main() -> None:
        stage = Stage()
        stage.hall.choose(errand.person)
        printer(stage).faults.delay("print", 3 * BESIDE_S)
        running = asyncio.ensure_future(stage.terminal.run())
        await asyncio.sleep(0)
        counted(stage, asked)
        await Citizen(stage, errand).live()
        stage.terminal.stop()
        await running
        await stage.close()

    run(main())
    forbidden = [("idcard", LayIdCard.__name__), ("scanner", "ShowCode"), ("pinpad", EnterPin.__name__)]
    assert not [one for one in asked if one in forbidden or one[1] in (Working.__name__, "Reading")]


def test_a_citizen_who_takes_time_has_the_others_watched_and_the_card_left_alone() -> None:
    asked: Counter[tuple[str, str]] = Counter()

    async def story(stage: Stage) -> None:
        counted(stage, asked)
        stage.answer(Pick("activate"))
        await stage.see("InsertCard")
        stage.hall.insert_card()
        await stage.see("LayIdCard")
        commands = len(slot(stage).apdus)
        asked.clear()
        await asyncio.sleep(4.5 * BESIDE_S)
        assert len(slot(stage).apdus) == commands, "a card in dialogue was disturbed"
        assert set(asked) == {("card", "LayIdCard"), ("scanner", "LayIdCard"), ("printer", "LayIdCard")}
        assert set(asked.values()) == {4}

    visited("issued", story)


def test_a_card_left_in_the_slot_does_not_blind_the_watch() -> None:
    async def story(stage: Stage) -> None:
        stage.hall.insert_card()
        await stage.see("Menu")
        stage.answer(Finish())
        await stage.see("TakeCard")
        stage.hall.take_paper()
        await asyncio.sleep(3600.0)
        assert noted(stage) == [("printer", "user_error")]

    visited("active", story)


# --- the reader ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["InsertCard", "LayIdCard", "Review"])
def test_a_reader_lost_in_a_visit_is_told_at_once(moment: str) -> None:
    async def story(stage: Stage) -> None:
        loop = asyncio.get_running_loop()
        stage.answer(Pick("activate"))
        await stage.see("InsertCard")
        if moment != "InsertCard":
            stage.hall.insert_card()
            await stage.see("LayIdCard")
        if moment == "Review":
            stage.hall.lay_id()
            await stage.see("Review")
        lost = loop.time()
        slot(stage).unplug()
        told = (await stage.see("Refusal")).screen
        assert isinstance(told, Refusal)
        assert (told.cause, told.code) == (Cause.DEVICE_DOWN, "D01")
        assert loop.time() - lost < AT_ONCE_S
        await asyncio.sleep(1.5 * BESIDE_S)
        assert ("card", "no_device") in noted(stage)

    visited("issued", story)


# --- the card at the end ---------------------------------------------------------------------------------------------


def test_a_refusal_frees_the_card_while_it_is_read() -> None:
    async def story(stage: Stage) -> None:
        stage.answer(Pick("activate"))
        await stage.see("InsertCard")
        stage.hall.insert_card()
        told = (await stage.see("Refusal")).screen
        assert isinstance(told, Refusal)
        assert told.offer is None
        assert slot(stage).released, "a reader that locks would still hold it"
        stage.hall.pull_card()
        stage.answer(Proceed())
        await stage.see("Goodbye")

    visited("lost", story)


def test_an_offer_keeps_the_card_until_it_is_answered() -> None:
    async def story(stage: Stage) -> None:
        stage.answer(Pick("activate"))
        await stage.see("InsertCard")
        stage.hall.insert_card()
        told = (await stage.see("Refusal")).screen
        assert isinstance(told, Refusal)
        assert told.offer is not None
        assert not slot(stage).released
        stage.answer(Pick(told.offer.id))
        await asyncio.sleep(3.0)
        assert screen(stage).name != "InsertCard", "the card is in: nobody is asked for it again"
        stage.answer(Finish())
        await stage.see("TakeCard")
        assert slot(stage).released

    visited("active", story)


def test_a_result_frees_the_card_while_it_is_read() -> None:
    async def story(stage: Stage) -> None:
        await before_the_balance(stage)
        assert not slot(stage).released
        stage.answer(Pick("print"))
        await stage.see("Result")
        assert slot(stage).released

    visited("active", story)
