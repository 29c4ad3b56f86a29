"""The hall on the wire: the terminal's real drivers against virtual peers on this machine.

A card behind a private pcscd, an ID reader on a pty, a camera that streams over HTTP, a printer on TCP. Where no
private pcscd can be had, the card is played in process, and :attr:`Hall.wires` says so plainly.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from drivers.api import CardReader
from drivers.card.mock import CardSlot, MockCardReader, MockCardSlot
from drivers.card.pcscd import PcscdUnavailable, PrivatePcscd
from drivers.idcard.sdt import SdtIdCardReader
from drivers.idcard.virtual import VirtualIdReader
from drivers.printer.escpos import EscposPrinter
from drivers.printer.virtual import VirtualPrinter
from drivers.scanner.camera import CameraScanner
from drivers.scanner.virtual import VirtualCamera
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.simulation.card_service import ServiceSwitch
from kiosk.simulation.hall import Hall

log = logging.getLogger(__name__)


class SlipFolder:
    """Keeps a picture of the slip that came out last."""

    def __init__(self, printer: VirtualPrinter, folder: Path) -> None:
        self._printer = printer
        self._folder = folder
        self._drawn = 0

    def last(self) -> Path | None:
        count = len(self._printer.receipts)
        path = self._folder / f"slip-{count:03d}.png"
        if count > self._drawn:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._printer.receipts[-1].save(path)
            self._drawn = count
        return path if count else None


async def on_the_wire(
    clock: Callable[[], datetime], office: EmbeddedInsurer, folder: Path, pcscd: PrivatePcscd | None = None
) -> Hall:
    """Open the hall on the running loop; ``folder`` takes pictures of the slips. Close it with ``Hall.aclose``.

    ``pcscd``: a service of the caller's, who may want to kill it; it is closed with the hall all the same.
    """
    pcscd = pcscd if pcscd is not None else PrivatePcscd()
    reader: CardReader
    slot: CardSlot
    try:
        await pcscd.start()
    except PcscdUnavailable as reason:
        log.warning("no private pcscd (%s): the card is played in this process", reason)
        pcscd_slot = None
        slot = MockCardSlot()
        reader = MockCardReader(slot)
        wires = f"card in process ({reason}); ID reader on a pty, camera over HTTP, printer on TCP"
    else:
        from drivers.card.pcsc import PcscCardReader
        from drivers.card.virtual import VirtualCardSlot

        slot = pcscd_slot = VirtualCardSlot(pcscd.port)
        reader = PcscCardReader(pcscd.reader_name, socket=pcscd.socket)
        wires = "card behind a private pcscd, ID reader on a pty, camera over HTTP, printer on TCP"
    pad, lens, printer = VirtualIdReader(), VirtualCamera(), VirtualPrinter()
    await pad.start()
    await lens.start()
    await printer.start()
    hall = Hall(
        reader=reader,
        slot=slot,
        id_reader=SdtIdCardReader(pad.port),
        pad=pad,
        scanner=CameraScanner(lens.url),
        lens=lens,
        printer=EscposPrinter(f"tcp://{printer.url.removeprefix('tcp://')}"),
        mechanism=printer,
        office=office,
        clock=clock,
        last_slip=SlipFolder(printer, folder).last,
        wires=wires,
        service=ServiceSwitch(pcscd) if pcscd_slot is not None else None,
    )
    for peer in (pcscd, pcscd_slot, pad, lens, printer):
        if peer is not None:
            hall.closes_with(peer.aclose)
    return hall
