"""Drivers that never answer while staff work with them: a sentence says so, and the next touch counts again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from drivers.api import Card, Page, Phrase, PrinterStatus, Response, Utterance
from drivers.card.mock import MockCardReader
from drivers.printer.mock import MockPrinter
from kiosk.handover import PRINT_S, STATUS_S
from kiosk.held_card import RELEASE_S
from kiosk.maintenance.deadlines import READ_S, SAY_S
from kiosk.screens import Pick, Proceed, Summon
from kiosk.terminal import Terminal
from tests.helpers.operator import Hall, menu, page, values
from tests.helpers.virtual_time import run


async def for_ever() -> None:
    await asyncio.Event().wait()


class SilentPrinter(MockPrinter):
    async def status(self) -> PrinterStatus:
        await for_ever()
        return await super().status()

    async def print(self, page: Page) -> None:
        await for_ever()


class RaisingPrinter(MockPrinter):
    async def print(self, page: Page) -> None:
        raise OSError("vendor")


class KeptCard:
    """It answers when it is read or let go of, as its reader likes."""

    def __init__(self, inner: Card, *, reads: bool) -> None:
        self._inner = inner
        self._reads = reads
        self.atr = inner.atr

    async def transmit(self, apdu: bytes) -> Response:
        if not self._reads:
            await for_ever()
        return await self._inner.transmit(apdu)

    async def removed(self) -> None:
        await self._inner.removed()

    async def release(self) -> None:
        if self._reads:
            await for_ever()
        await self._inner.release()


class KeepsCards(MockCardReader):
    reads = True

    async def card(self) -> Card:
        return KeptCard(await super().card(), reads=self.reads)


def played(
    folder: Path, story: Callable[[Hall], Awaitable[None]], alter: Callable[[Hall], dict[str, object]], **hall: bool
) -> None:
    async def main() -> None:
        on = Hall(folder, **hall)
        on.station = replace(on.station, **alter(on))  # type: ignore[arg-type]
        on.terminal = Terminal(on.station, on.glass)
        running = asyncio.ensure_future(on.terminal.run())
        await asyncio.sleep(0.5)
        try:
            await on.enter()
            await story(on)
        finally:
            on.terminal.stop()
            on.hall.pull_card()
            await asyncio.wait_for(running, 120.0)
            await on.close()
            assert not on.terminal.uncaught

    run(main())


def keeping(hall: Hall, *, reads: bool) -> dict[str, object]:
    assert isinstance(hall.hall.reader, MockCardReader)
    reader = KeepsCards(hall.hall.reader.slot)
    reader.reads = reads
    return {"reader": reader}


def test_a_test_page_that_never_ends(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.pick("tests", "printer")
        await asyncio.sleep(PRINT_S + 1.0)
        assert page(hall).topic == "test_failed"
        assert "D04" in values(hall)

    played(tmp_path, story, lambda hall: {"printer": SilentPrinter()})


def test_a_driver_that_raises_what_it_must_not_fails_its_test_and_no_more(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.pick("tests", "printer")
        assert page(hall).topic == "test_failed"
        assert "X99" in values(hall)

    played(tmp_path, story, lambda hall: {"printer": RaisingPrinter()})


def test_a_report_that_never_comes_out(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.pick("records", "readiness")
        await asyncio.sleep(20.0)
        await hall.pick("print")
        await asyncio.sleep(PRINT_S + 1.0)
        assert page(hall).topic == "page_not_printed"
        assert "D04" in values(hall)

    played(tmp_path, story, lambda hall: {"printer": SilentPrinter()})


def test_a_printer_that_never_says_how_it_is_while_paper_is_changed(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.pick("paper")
        await asyncio.sleep(STATUS_S)
        assert page(hall).topic == "paper_open"
        assert "没有应答" in values(hall)
        await asyncio.sleep(7.0)
        begun = asyncio.get_running_loop().time()
        hall.answer(Pick("continue"))
        while page(hall).topic == "paper_open":
            await asyncio.sleep(0.1)
        assert asyncio.get_running_loop().time() - begun <= STATUS_S + 0.5

    played(tmp_path, story, lambda hall: {"printer": SilentPrinter()})


def test_a_card_that_its_reader_does_not_let_go_of(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.pick("tests", "card")
        hall.hall.insert_card()
        await asyncio.sleep(2.0)
        await hall.pick("back")
        await asyncio.sleep(RELEASE_S)
        assert page(hall).topic == "card_stuck"
        hall.hall.pull_card()
        await asyncio.sleep(1.0)
        assert menu(hall).topic == "tests"

    played(tmp_path, story, lambda hall: keeping(hall, reads=True))


def test_a_card_that_never_answers_its_test(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.pick("tests", "card")
        hall.hall.insert_card()
        await asyncio.sleep(READ_S + 1.0)
        assert page(hall).topic == "test_failed"
        assert "D04" in values(hall)

    played(tmp_path, story, lambda hall: keeping(hall, reads=False))


def test_a_voice_that_never_ends(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        voice = hall.station.voice
        assert voice is not None

        async def say(utterance: Utterance) -> None:
            assert all(isinstance(part, Phrase) for part in utterance.parts)
            await for_ever()

        voice.say = say  # type: ignore[method-assign]
        await hall.pick("tests", "voice")
        await asyncio.sleep(SAY_S + 1.0)
        assert page(hall).topic == "test_failed"
        assert "D04" in values(hall)

    played(tmp_path, story, lambda hall: {}, voice=True)


def test_a_staff_card_put_in_the_wrong_way_round_is_asked_for(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.pick("tests", "card")
        hall.hall.insert_card_wrong_way()
        await asyncio.sleep(1.0)
        assert page(hall).topic == "test_failed"
        await hall.pick("back")
        assert page(hall).topic == "take_card"
        hall.hall.pull_card()
        await asyncio.sleep(1.0)
        assert menu(hall).topic == "tests"

    played(tmp_path, story, lambda hall: {})


def test_one_that_was_to_say_who_it_is_too(tmp_path: Path) -> None:
    async def main() -> None:
        hall = Hall(tmp_path)
        running = asyncio.ensure_future(hall.terminal.run())
        await asyncio.sleep(0.5)
        await hall.tap(Summon())
        hall.hall.insert_card_wrong_way()
        await asyncio.sleep(1.0)
        await hall.type("01")
        await hall.tap(Proceed())
        await hall.type("802613")
        await hall.tap(Proceed())
        assert page(hall).topic == "take_card"
        hall.hall.pull_card()
        await asyncio.sleep(1.0)
        assert menu(hall).topic == "main"
        hall.terminal.stop()
        await asyncio.wait_for(running, 120.0)
        await hall.close()

    run(main())
