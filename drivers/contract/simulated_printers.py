"""Benches without hardware for printers: the mock, a receipt printer on TCP, and a queue of a CUPS of the bench's own.

As :mod:`drivers.contract.simulated`, whose patience and closing it shares.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from drivers.api import Printer
from drivers.contract import samples
from drivers.contract.manners import QUEUED_PAGE_S, Bench, NotTried
from drivers.contract.printer import PrinterBench
from drivers.contract.simulated import QUICK, closing
from drivers.faults import Fault, FaultPlan
from drivers.printer.mechanism import Mechanism
from drivers.printer.mock import MockPrinter
from drivers.printer.virtual import VirtualPrinter
from drivers.printer.virtual_cups import QUEUE, Cupsd, KnownPages, PageTexts, PlayedHands, quiet, running, why_no_cups

PAGE_S = 2.0
CUPS_PAGE_S = 4.0
"""CUPS starts programs for every page."""
QUEUED = replace(QUICK, page_s=QUEUED_PAGE_S)
PAGE_TAKES_S = 0.04
PAGE_DEADLINE_S = 0.5


class SimulatedPrinterHands:
    """``slips`` tells the texts of what came out whole; ``settle`` waits until nothing moves any more."""

    simulated = True

    def __init__(self, mechanism: Mechanism, slips: Callable[[], Sequence[str]], moves: Callable[[], object]) -> None:
        self._mechanism = mechanism
        self._slips = slips
        self._moves = moves

    @property
    def faults(self) -> FaultPlan:
        return self._mechanism.faults

    async def out_of_paper(self) -> None:
        self._mechanism.out_of_paper()

    async def out_of_paper_after(self, lines: int) -> None:
        self._mechanism.out_of_paper_after(lines)

    async def refill(self) -> None:
        self._mechanism.refill()

    async def paper_low(self) -> None:
        self._mechanism.paper_low()

    async def open_cover(self) -> None:
        self._mechanism.open_cover()

    async def close_cover(self) -> None:
        self._mechanism.close_cover()

    async def jam_cutter(self) -> None:
        self._mechanism.jam_cutter()

    async def clear_jam(self) -> None:
        self._mechanism.clear_jam()

    async def break_down(self) -> None:
        self._mechanism.break_down()

    async def repair(self) -> None:
        self._mechanism.repair()

    async def unplug(self) -> None:
        self._mechanism.unplug()

    async def plug(self) -> None:
        self._mechanism.plug()

    async def settle(self) -> None:
        before = None
        while before != (before := self._moves()):  # noqa: ASYNC110 - paper tells nobody that it came
            await asyncio.sleep(4 * PAGE_TAKES_S)

    async def slips(self, *texts: str) -> bool:
        came = list(self._slips())
        return len(came) == len(texts) and all(
            got == wanted or (got.splitlines()[-1] == wanted and samples.END_OF_SLIP not in got)
            for got, wanted in zip(came, texts, strict=True)
        )


@asynccontextmanager
async def printer_mock() -> AsyncIterator[PrinterBench]:
    driver = MockPrinter(seconds_per_page=PAGE_TAKES_S, deadline_s=PAGE_DEADLINE_S)
    hands = SimulatedPrinterHands(
        driver, lambda: [driver.text_of(page) for page in driver.pages], lambda: len(driver.pages)
    )
    async with closing(driver):
        yield Bench(driver, hands, MockPrinter, QUICK)


@asynccontextmanager
async def printer_escpos() -> AsyncIterator[PrinterBench]:
    from drivers.printer.escpos import EscposPrinter

    async with before_escpos(lambda url: EscposPrinter(url, deadline_s=PAGE_S, answer_s=0.3)) as bench:
        yield bench


@asynccontextmanager
async def before_escpos(make: Callable[[str], Printer]) -> AsyncIterator[PrinterBench]:
    """Any driver that speaks ESC/POS over TCP; ``make`` is given the URL."""
    virtual = VirtualPrinter(seconds_per_page=PAGE_TAKES_S)
    await virtual.start()
    hands = SimulatedPrinterHands(
        virtual,
        lambda: [slip.text for slip in virtual.receipts],
        lambda: (virtual.unprinted, len(virtual.receipts), len(virtual.hanging.marks)),
    )
    try:
        async with closing(printer := make(virtual.url)):
            yield Bench(printer, hands, lambda: make(virtual.url), QUICK)
    finally:
        await virtual.aclose()


class SimulatedCupsHands(SimulatedPrinterHands):
    """Hands at the printer behind a queue; what is unplugged and plugged in is CUPS itself."""

    def __init__(self, played: PlayedHands, cupsd: Cupsd, slips: Callable[[], Sequence[str]]) -> None:
        super().__init__(played, slips, lambda: None)
        self._cupsd = cupsd
        self._plan = _CupsFaults(played)

    @property
    def faults(self) -> FaultPlan:
        return self._plan

    async def unplug(self) -> None:
        await asyncio.to_thread(self._cupsd.stop)

    async def plug(self) -> None:
        await self._cupsd.start()

    async def settle(self) -> None:
        await quiet(self._cupsd)


class CountingCupsHands(SimulatedCupsHands):
    """They cannot read another driver's documents: what lies in the tray is counted."""

    def __init__(self, played: PlayedHands, cupsd: Cupsd) -> None:
        super().__init__(played, cupsd, list)

    async def slips(self, *texts: str) -> bool:
        return len(self._cupsd.printed()) == len(texts)


class _CupsFaults(FaultPlan):
    """The back end is a program of its own, which only falls silent: it is told to take an hour for the page."""

    def __init__(self, played: PlayedHands) -> None:
        super().__init__()
        self._played = played

    def fail_next(self, op: str, fault: Fault, *, seconds: float = 0.0, after: int = 0) -> None:
        if (op, fault, seconds, after) != ("print", Fault.MUTE, 0.0, 0):
            raise NotTried("a back end of CUPS cannot be made to do this at an exact moment")
        self._played.say(seconds=3600.0)


@asynccontextmanager
async def printer_cups() -> AsyncIterator[PrinterBench]:
    """A cupsd of the bench's own with one queue. Raises NotTried where there is no cupsd."""
    async with _cupsd() as cupsd:
        known = PageTexts()

        def driver() -> Printer:
            return KnownPages(cupsd.socket, deadline_s=CUPS_PAGE_S, texts=known)

        hands = SimulatedCupsHands(PlayedHands(cupsd), cupsd, lambda: [known.of(pdf) for pdf in cupsd.printed()])
        async with closing(printer := driver()):
            yield Bench(printer, hands, driver, QUICK)


@asynccontextmanager
async def before_cups(make: Callable[[str], Printer]) -> AsyncIterator[PrinterBench]:
    """Any driver that hands its pages to a queue of the local CUPS; ``make`` is given ``QUEUE@/path/of/the/socket``.
    Raises NotTried where there is no cupsd."""
    async with _cupsd() as cupsd:
        address = f"{QUEUE}@{cupsd.socket}"
        async with closing(printer := make(address)):
            yield Bench(printer, CountingCupsHands(PlayedHands(cupsd), cupsd), lambda: make(address), QUEUED)


@asynccontextmanager
async def _cupsd() -> AsyncIterator[Cupsd]:
    if missing := why_no_cups():
        raise NotTried(missing)
    async with running(Cupsd) as cupsd:
        yield cupsd
