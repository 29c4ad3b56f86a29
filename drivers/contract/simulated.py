"""Benches without hardware: our mocks, and our drivers before virtual peers on this machine, with simulated hands.

A mock stands in for the driver; a virtual device is the peer at the other end of the wire. Both are judged by the
same manners as a vendor's driver, so that a simulation in which the manners are not kept proves nothing to anybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from drivers.api import CardReader, IdCardReader, IdDocument, Printer, Scanner
from drivers.card.chip import Chip
from drivers.card.mock import CardSlot, MockCardReader
from drivers.card.pcscd import PcscdUnavailable, PrivatePcscd
from drivers.card.virtual import VirtualCardSlot
from drivers.contract import samples
from drivers.contract.card_reader import CardBench
from drivers.contract.id_reader import IdBench
from drivers.contract.manners import Bench, NotTried, Patience
from drivers.contract.printer import PrinterBench
from drivers.contract.scanner import ScannerBench
from drivers.faults import FaultPlan
from drivers.idcard.mock import IdPad, MockIdCardReader
from drivers.idcard.virtual import VirtualIdReader
from drivers.printer.mechanism import Mechanism
from drivers.printer.mock import MockPrinter
from drivers.printer.virtual import VirtualPrinter
from drivers.scanner.mock import Lens, MockScanner
from drivers.scanner.virtual import VirtualCamera

APDU_S = 1.0
"""Deadline of one command; more than the 0.6 s that PC/SC may need to know that a card has left."""
ANSWER_S = 0.5
"""Deadline of an answer from the simulated ID reader."""
STALL_S = 1.0
"""A camera that shows nothing new for so long is lost."""
PAGE_S = 2.0
PAGE_TAKES_S = 0.04
PAGE_DEADLINE_S = 0.5
QUICK = Patience(still_s=0.1)
"""Simulated devices are asked and answer within milliseconds."""
FRAMES = Patience(still_s=0.2)
"""Three frames of the virtual camera."""


# --- card ------------------------------------------------------------------------------------------------------------


class SimulatedCardHands:
    """Hands at a mock or virtual slot. ``power`` switches what the slot belongs to off and on."""

    simulated = True

    def __init__(self, slot: CardSlot, power: _Power) -> None:
        self._slot = slot
        self._power = power

    @property
    def faults(self) -> FaultPlan:
        return self._slot.faults

    async def insert(self, chip: Chip | None = None) -> None:
        self._slot.insert(chip if chip is not None else samples.chip())

    async def insert_wrong_way(self) -> None:
        self._slot.insert_wrong_way()

    async def pull(self) -> None:
        self._slot.pull()

    def released(self) -> bool:
        return self._slot.released

    async def unplug(self) -> None:
        self._power.off()

    async def plug(self) -> None:
        await self._power.on()


class _Power:
    def __init__(self, off: Callable[[], None], on: Callable[[], object]) -> None:
        self.off = off
        self._on = on

    async def on(self) -> None:
        switched = self._on()
        if asyncio.iscoroutine(switched):
            await switched


@asynccontextmanager
async def card_mock() -> AsyncIterator[CardBench]:
    driver = MockCardReader(deadline_s=0.2)
    slot = driver.slot
    hands = SimulatedCardHands(slot, _Power(slot.unplug, slot.plug))
    async with _closing(driver):
        yield Bench(driver, hands, lambda: MockCardReader(slot), QUICK)


@asynccontextmanager
async def card_virtual() -> AsyncIterator[CardBench]:
    """Raises NotTried where no private PC/SC service can be had."""
    from drivers.card.pcsc import PcscCardReader

    service = PrivatePcscd()
    try:
        await service.start()
    except PcscdUnavailable as error:
        raise NotTried(f"no private pcscd here: {error}") from error

    def driver() -> CardReader:
        return PcscCardReader(service.reader_name, socket=service.socket, apdu_deadline_s=APDU_S)

    async with service, VirtualCardSlot(service.port) as slot:
        hands = SimulatedCardHands(slot, _Power(service.kill, service.restart))
        async with _closing(reader := driver()):
            yield Bench(reader, hands, driver, QUICK)


# --- resident-ID reader ----------------------------------------------------------------------------------------------


class SimulatedIdHands:
    simulated = True

    def __init__(self, pad: IdPad) -> None:
        self._pad = pad

    @property
    def faults(self) -> FaultPlan:
        return self._pad.faults

    async def lay(self, document: IdDocument) -> None:
        self._pad.lay(document)

    async def lift(self) -> None:
        self._pad.lift()

    def recognise(self, laid: IdDocument, read: IdDocument) -> bool:
        return laid == read

    async def unplug(self) -> None:
        self._pad.unplug()

    async def plug(self) -> None:
        self._pad.plug()


@asynccontextmanager
async def id_mock() -> AsyncIterator[IdBench]:
    driver = MockIdCardReader(read_s=0.01, timeout_s=ANSWER_S)
    async with _closing(driver):
        yield Bench(driver, SimulatedIdHands(driver.pad), lambda: MockIdCardReader(driver.pad), QUICK)


@asynccontextmanager
async def id_virtual() -> AsyncIterator[IdBench]:
    """A module that does not find a document again once it was read, as most do."""
    async with _id_virtual(forgets_read=True) as bench:
        yield bench


@asynccontextmanager
async def id_virtual_finds_again() -> AsyncIterator[IdBench]:
    """A module that goes on finding the document for as long as it lies there."""
    async with _id_virtual(forgets_read=False) as bench:
        yield bench


@asynccontextmanager
async def _id_virtual(*, forgets_read: bool) -> AsyncIterator[IdBench]:
    from drivers.idcard.sdt import SdtIdCardReader

    async with VirtualIdReader(forgets_read=forgets_read) as pad:

        def driver() -> IdCardReader:
            return SdtIdCardReader(pad.port, timeout_s=ANSWER_S, poll_s=0.01)

        async with _closing(reader := driver()):
            yield Bench(reader, SimulatedIdHands(pad), driver, QUICK)


# --- scanner ---------------------------------------------------------------------------------------------------------


class SimulatedScannerHands:
    simulated = True

    def __init__(self, lens: Lens) -> None:
        self._lens = lens

    @property
    def faults(self) -> FaultPlan:
        return self._lens.faults

    async def show(self, text: str) -> None:
        self._lens.show(text)

    async def clear(self) -> None:
        self._lens.clear()

    def recognise(self, shown: str, read: str) -> bool:
        return shown == read

    async def unplug(self) -> None:
        self._lens.unplug()

    async def plug(self) -> None:
        self._lens.plug()


@asynccontextmanager
async def scanner_mock() -> AsyncIterator[ScannerBench]:
    driver = MockScanner(frame_s=0.01, stall_s=0.3)
    async with _closing(driver):
        yield Bench(driver, SimulatedScannerHands(driver.lens), lambda: MockScanner(driver.lens), QUICK)


@asynccontextmanager
async def scanner_virtual() -> AsyncIterator[ScannerBench]:
    from drivers.scanner.camera import CameraScanner

    async with VirtualCamera() as lens:

        def driver() -> Scanner:
            return CameraScanner(lens.url, stall_s=STALL_S)

        async with _closing(scanner := driver()):
            yield Bench(scanner, SimulatedScannerHands(lens), driver, FRAMES)


# --- printer ---------------------------------------------------------------------------------------------------------


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
    async with _closing(driver):
        yield Bench(driver, hands, MockPrinter, QUICK)


@asynccontextmanager
async def printer_virtual() -> AsyncIterator[PrinterBench]:
    from drivers.printer.escpos import EscposPrinter

    virtual = VirtualPrinter(seconds_per_page=PAGE_TAKES_S)
    await virtual.start()

    def driver() -> Printer:
        return EscposPrinter(virtual.url, deadline_s=PAGE_S, answer_s=0.3)

    hands = SimulatedPrinterHands(
        virtual,
        lambda: [slip.text for slip in virtual.receipts],
        lambda: (virtual.unprinted, len(virtual.receipts), len(virtual.hanging.marks)),
    )
    try:
        async with _closing(printer := driver()):
            yield Bench(printer, hands, driver, QUICK)
    finally:
        await virtual.aclose()


@asynccontextmanager
async def _closing(driver: CardReader | IdCardReader | Scanner | Printer) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await driver.close()
