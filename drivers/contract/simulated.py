"""Benches without hardware: our mocks, and our drivers before virtual peers on this machine, with simulated hands.

A mock stands in for the driver; a virtual device is the peer at the other end of the wire. Both are judged by the
same manners as a vendor's driver, so that a simulation in which the manners are not kept proves nothing to anybody.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from drivers.api import CardReader, IdCardReader, IdDocument, Printer, Scanner
from drivers.card.chip import Chip
from drivers.card.mock import CardSlot, MockCardReader
from drivers.card.pcscd import PcscdUnavailable, PrivatePcscd
from drivers.card.virtual import VirtualCardSlot
from drivers.contract import samples
from drivers.contract.card_reader import CardBench
from drivers.contract.id_reader import IdBench
from drivers.contract.manners import Bench, NotTried, Patience
from drivers.contract.scanner import ScannerBench
from drivers.faults import FaultPlan
from drivers.idcard.mock import IdPad, MockIdCardReader
from drivers.idcard.virtual import VirtualIdReader
from drivers.scanner.mock import Lens, MockScanner
from drivers.scanner.virtual import VirtualCamera
from drivers.scanner.virtual_modules import VirtualKeyboardModule, VirtualSerialModule

APDU_S = 1.0
"""Deadline of one command; more than the 0.6 s that PC/SC may need to know that a card has left."""
ANSWER_S = 0.5
"""Deadline of an answer from the simulated ID reader."""
STALL_S = 1.0
"""A camera that shows nothing new for so long is lost."""
QUICK = Patience(still_s=0.1)
"""Simulated devices are asked and answer within milliseconds."""
FRAMES = Patience(still_s=0.2)
"""Three frames of the virtual camera."""
READINGS = Patience(still_s=0.3)
"""Two readings of a virtual barcode module, and some."""
PCSCD_PLACE = "PCSCLITE_CSOCK_NAME"
"""Where every client of pcsclite looks for the service (pcscd(8))."""


# --- card ------------------------------------------------------------------------------------------------------------


class Power:
    """The switch of what the slot belongs to: reader, box or service. ``on`` may be a coroutine function."""

    def __init__(self, off: Callable[[], None], on: Callable[[], object]) -> None:
        self.off = off
        self._on = on

    async def on(self) -> None:
        switched = self._on()
        if asyncio.iscoroutine(switched):
            await switched


class SimulatedCardHands:
    """Hands at a mock or virtual slot. ``power`` switches what the slot belongs to off and on."""

    simulated = True

    def __init__(self, slot: CardSlot, power: Power) -> None:
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


@asynccontextmanager
async def card_mock() -> AsyncIterator[CardBench]:
    driver = MockCardReader(deadline_s=0.2)
    slot = driver.slot
    hands = SimulatedCardHands(slot, Power(slot.unplug, slot.plug))
    async with closing(driver):
        yield Bench(driver, hands, lambda: MockCardReader(slot), QUICK)


@asynccontextmanager
async def card_pcsc() -> AsyncIterator[CardBench]:
    """Raises NotTried where no private PC/SC service can be had."""
    from drivers.card.pcsc import PcscCardReader

    service = await _pcscd()

    def driver() -> CardReader:
        return PcscCardReader(service.reader_name, socket=service.socket, apdu_deadline_s=APDU_S)

    async with _behind(service, driver) as bench:
        yield bench


@asynccontextmanager
async def before_card(make: Callable[[str], CardReader]) -> AsyncIterator[CardBench]:
    """Any driver over PC/SC; ``make`` is given the reader's name. Raises NotTried where no private service can be had.

    A driver cannot be told where the service listens, only its library can, by the environment of this process: one
    such bench at a time.
    """
    service = await _pcscd()
    place = Path(_pcscd_folder().name) / "pcscd.comm"
    place.unlink(missing_ok=True)
    place.symlink_to(service.socket)
    before = os.environ.get(PCSCD_PLACE)
    os.environ[PCSCD_PLACE] = str(place)
    try:
        async with _behind(service, lambda: make(service.reader_name)) as bench:
            yield bench
    finally:
        del os.environ[PCSCD_PLACE]
        if before is not None:
            os.environ[PCSCD_PLACE] = before


@asynccontextmanager
async def _behind(service: PrivatePcscd, driver: Callable[[], CardReader]) -> AsyncIterator[CardBench]:
    async with service, VirtualCardSlot(service.port) as slot:
        hands = SimulatedCardHands(slot, Power(service.kill, service.restart))
        async with closing(reader := driver()):
            yield Bench(reader, hands, driver, QUICK)


async def _pcscd() -> PrivatePcscd:
    service = PrivatePcscd()
    try:
        await service.start()
    except PcscdUnavailable as error:
        raise NotTried(f"no private pcscd here: {error}") from error
    return service


@cache
def _pcscd_folder() -> tempfile.TemporaryDirectory[str]:
    """For a name of the service that outlives it: loaded into this process, libpcsclite asks for the name once."""
    return tempfile.TemporaryDirectory(prefix="kiosk-certify-")


# --- resident-ID reader ----------------------------------------------------------------------------------------------


class SimulatedIdHands:
    """Hands at the pad of a mock or virtual reader. They know a document again only when every field is the same."""

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
    async with closing(driver):
        yield Bench(driver, SimulatedIdHands(driver.pad), lambda: MockIdCardReader(driver.pad), QUICK)


@asynccontextmanager
async def id_sdt() -> AsyncIterator[IdBench]:
    """A module that does not find a document again once it was read, as most do."""
    async with _id_virtual(forgets_read=True) as bench:
        yield bench


@asynccontextmanager
async def id_sdt_finds_again() -> AsyncIterator[IdBench]:
    """A module that goes on finding the document for as long as it lies there."""
    async with _id_virtual(forgets_read=False) as bench:
        yield bench


@asynccontextmanager
async def _id_virtual(*, forgets_read: bool) -> AsyncIterator[IdBench]:
    from drivers.idcard.sdt import SdtIdCardReader

    def driver(port: str) -> IdCardReader:
        return SdtIdCardReader(port, timeout_s=ANSWER_S, poll_s=0.01)

    async with before_sdt(driver, forgets_read=forgets_read) as bench:
        yield bench


@asynccontextmanager
async def before_sdt(make: Callable[[str], IdCardReader], *, forgets_read: bool = True) -> AsyncIterator[IdBench]:
    """Any driver that speaks the module's frames over a serial port; ``make`` is given the port."""
    async with VirtualIdReader(forgets_read=forgets_read) as pad, closing(reader := make(pad.port)):
        yield Bench(reader, SimulatedIdHands(pad), lambda: make(pad.port), QUICK)


# --- scanner ---------------------------------------------------------------------------------------------------------


class SimulatedScannerHands:
    """Hands before a mock or virtual camera or barcode module. They know a code again by its whole text."""

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
    async with closing(driver):
        yield Bench(driver, SimulatedScannerHands(driver.lens), lambda: MockScanner(driver.lens), QUICK)


@asynccontextmanager
async def scanner_camera() -> AsyncIterator[ScannerBench]:
    from drivers.scanner.camera import CameraScanner

    async with before_camera(lambda url: CameraScanner(url, stall_s=STALL_S)) as bench:
        yield bench


@asynccontextmanager
async def before_camera(make: Callable[[str], Scanner]) -> AsyncIterator[ScannerBench]:
    """Any driver that takes motion JPEG over HTTP; ``make`` is given the URL."""
    async with VirtualCamera() as lens, closing(scanner := make(lens.url)):
        yield Bench(scanner, SimulatedScannerHands(lens), lambda: make(lens.url), FRAMES)


@asynccontextmanager
async def scanner_serial() -> AsyncIterator[ScannerBench]:
    """A barcode module on a pty, which reads by itself and repeats a code for as long as it is held there."""
    from drivers.scanner.serial import SerialScanner

    async with before_serial(SerialScanner) as bench:
        yield bench


@asynccontextmanager
async def before_serial(make: Callable[[str], Scanner]) -> AsyncIterator[ScannerBench]:
    """Any driver of a module that sends each code and CR LF over a serial port; ``make`` is given the port."""
    async with VirtualSerialModule() as module, closing(scanner := make(module.path)):
        yield Bench(scanner, SimulatedScannerHands(module), lambda: make(module.path), READINGS)


@asynccontextmanager
async def scanner_hid() -> AsyncIterator[ScannerBench]:
    """The same as a keyboard. Its key events come from a FIFO: what only the kernel can do, the grab, is not judged."""
    from drivers.scanner.hid import EventLine, HidScanner

    async with VirtualKeyboardModule() as module:

        def driver() -> Scanner:
            return HidScanner(module.path, open_line=EventLine)

        async with closing(scanner := driver()):
            yield Bench(scanner, SimulatedScannerHands(module), driver, READINGS)


@asynccontextmanager
async def closing(driver: CardReader | IdCardReader | Scanner | Printer) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await driver.close()
