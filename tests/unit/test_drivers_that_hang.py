"""Drivers of somebody else's that never come back, or raise what they must not: the visit goes on to an honest end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from drivers.api import Card, Page, PrinterStatus, Response
from drivers.card.mock import MockCardReader, MockCardSlot
from drivers.printer.mock import MockPrinter
from kiosk.handover import PRINT_S, STATUS_S
from kiosk.held_card import RELEASE_S
from kiosk.lifecycle import State
from kiosk.screens import Balance, Finish, Pick, Proceed, Refusal, Slip
from kiosk.terminal import Terminal
from tests.helpers.storyboard import Stage, visited

Breach = Callable[[], Awaitable[None]]


async def hangs() -> None:
    await asyncio.Event().wait()


async def raises() -> None:
    raise OSError("vendor")


BREACHES = pytest.mark.parametrize("breach", [hangs, raises])


class NoStatus(MockPrinter):
    def __init__(self, breach: Breach) -> None:
        super().__init__()
        self._breach = breach

    async def status(self) -> PrinterStatus:
        await self._breach()
        return await super().status()


class NoPage(MockPrinter):
    def __init__(self, breach: Breach) -> None:
        super().__init__()
        self._breach = breach

    async def print(self, page: Page) -> None:
        await self._breach()
        await super().print(page)


class KeptCard:
    """A card that its reader does not let go of."""

    def __init__(self, inner: Card, breach: Breach) -> None:
        self._inner = inner
        self._breach = breach
        self.atr = inner.atr

    async def transmit(self, apdu: bytes) -> Response:
        return await self._inner.transmit(apdu)

    async def removed(self) -> None:
        await self._inner.removed()

    async def release(self) -> None:
        await self._breach()
        await self._inner.release()


class KeepsCards(MockCardReader):
    def __init__(self, slot: MockCardSlot, breach: Breach) -> None:
        super().__init__(slot)
        self._breach = breach

    async def card(self) -> Card:
        return KeptCard(await super().card(), self._breach)


def played(
    person: str,
    story: Callable[[Stage], Awaitable[None]],
    *,
    printer: MockPrinter | None = None,
    keeps: Breach | None = None,
) -> None:
    """Somebody's visit at a terminal with such a driver; afterwards it must serve again."""

    def build() -> Stage:
        stage = Stage()
        if printer is not None:
            stage.station = replace(stage.station, printer=printer)
        if keeps is not None:
            slot = stage.hall.slot
            assert isinstance(slot, MockCardSlot)
            stage.station = replace(stage.station, reader=KeepsCards(slot, keeps))
        stage.terminal = Terminal(stage.station, stage.glass)
        return stage

    async def and_serves_again(stage: Stage) -> None:
        await story(stage)
        stage.hall.pull_card()
        await asyncio.sleep(3 * RELEASE_S)
        assert stage.terminal.state is State.ATTRACT, stage.trace()
        assert not stage.terminal.uncaught

    visited(person, and_serves_again, build)


async def refusal(stage: Stage, within_s: float) -> Refusal:
    stage.answer(Pick("activate"))
    await stage.see("InsertCard")
    begun = asyncio.get_running_loop().time()
    stage.hall.insert_card()
    told = (await stage.see("Refusal")).screen
    assert isinstance(told, Refusal)
    assert asyncio.get_running_loop().time() - begun <= within_s + 5.0
    return told


@BREACHES
def test_a_printer_that_does_not_say_how_it_is_cannot_print(breach: Breach, caplog: pytest.LogCaptureFixture) -> None:
    async def story(stage: Stage) -> None:
        told = await refusal(stage, STATUS_S)
        assert told.slip is Slip.ON_SCREEN
        assert told.qr
        stage.answer(Proceed())

    played("in_making", story, printer=NoStatus(breach))
    assert "the printer could not be asked: " in caplog.text
    assert "CRITICAL" in caplog.text


@BREACHES
def test_such_a_printer_is_not_offered_with_a_balance(breach: Breach) -> None:
    async def story(stage: Stage) -> None:
        stage.answer(Pick("balance"))
        await stage.see("InsertCard")
        stage.answer(Pick("no_card"))
        await stage.see("ShowCode")
        stage.hall.show_code()
        shown = (await stage.see("Balance")).screen
        assert isinstance(shown, Balance)
        assert not shown.can_print
        stage.answer(Finish())

    played("active", story, printer=NoStatus(breach))


@BREACHES
def test_a_page_that_never_ends_leaves_its_code_on_the_screen(breach: Breach) -> None:
    async def story(stage: Stage) -> None:
        told = await refusal(stage, PRINT_S)
        assert told.slip is Slip.ON_SCREEN
        assert told.qr
        (noted,) = stage.journal.events("slip_not_printed")
        assert noted.facts["fault"] == ("TookTooLong" if breach is hangs else "OSError")
        stage.answer(Proceed())

    played("lost", story, printer=NoPage(breach))


@BREACHES
def test_a_card_that_is_not_let_go_of_keeps_nobody_waiting(breach: Breach, caplog: pytest.LogCaptureFixture) -> None:
    async def story(stage: Stage) -> None:
        told = await refusal(stage, 2 * RELEASE_S)
        assert told.slip is Slip.PRINTED
        stage.answer(Proceed())
        await stage.see("TakeCard")

    played("lost", story, keeps=breach)
    assert "a card could not be released: " in caplog.text
