"""The ESC/POS receipt printer on a link: asks before it prints, prints one page, proves that the page came
out.

Owns the dialogue. How it knows that a page is out: after the cut it sends ``GS r 1`` (transmit paper status).
Other than DLE EOT this is no real-time command: the printer executes it in its turn, when everything before
it has been worked off, and a printer that stopped for want of paper, an open cover or a jam does not execute
it at all (Epson ESC/POS reference, "GS r"; the manuals of Better, Citizen, HPRT and Custom say the same). The
answer is therefore the proof; while it is awaited, DLE EOT tells why it does not come. On a link that is only
written there is no proof: there ``print`` returns when the bytes are handed over, which says nothing about
paper.

How it keeps a broken page from coming out later: it has the printer clear its buffers (DLE DC4 8) and waits
for the three bytes that confirm it; as long as they have not come, nothing else is printed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from drivers.api import (
    Condition,
    DeviceError,
    DeviceInUse,
    DeviceLost,
    DeviceTimeout,
    Health,
    Page,
    Paper,
    PrinterFault,
    PrinterStatus,
    Remedy,
)
from drivers.backoff import Backoff
from drivers.printer.encode import encode_rows
from drivers.printer.link import Link, LinkAddress
from drivers.printer.status import REQUESTS, Reading, is_status, obstacle
from drivers.printer.traits import PrinterTraits

log = logging.getLogger(__name__)

PRINT_S = 20.0
"""Deadline of a page: a 200 mm slip takes 3 s on a slow 70 mm/s printer."""
ANSWER_S = 1.0
"""A printer answers DLE EOT within a few milliseconds; at 9600 baud behind a full line buffer within 0.5
s."""
POLL_S = 0.25
"""How soon an obstacle is noticed while a page is coming out."""

PROOF = b"\x1dr\x01"
"""GS r 1."""
QUIET = b"\x1da\x00"
"""GS a 0: no automatic status back, whose bytes would mix with the answers (docs/protocols.md section
6.3)."""
CLEAR = bytes((0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08))
"""DLE DC4 8: clear receive and print buffers (Epson ESC/POS reference, "DLE DC4 (fn=8)"; Citizen, too)."""
CLEARED = bytes((0x37, 0x25, 0x00))
"""What a printer answers once CLEAR is done (ibid.)."""
FORGET = b"\x10\x05\x02" + b"\x18" + b"\x1b@"
"""For printers that do not know CLEAR: DLE ENQ 2 (docs/protocols.md section 6.2; clears the buffers on
Custom's models), CAN, ESC @."""


def is_proof(byte: int) -> bool:
    """Whether the byte can answer GS r: bits 4 and 7 are clear, as in no answer to DLE EOT."""
    return byte & 0x90 == 0


class EscposPrinter:
    """A printer at ``tcp://host:9100``, ``serial:///dev/ttyS0?baud=115200`` or ``file:///dev/usb/lp0``.

    One page at a time: a second ``print`` waits until the first has ended, and its deadline begins then.
    While a page is coming out, ``health`` says busy and ``status`` tells what the printer said last. Raises
    ValueError for an address that is none.
    """

    def __init__(
        self, url: str, traits: PrinterTraits | None = None, *, deadline_s: float = PRINT_S, answer_s: float = ANSWER_S
    ) -> None:
        self._address = LinkAddress(url)
        self._traits = traits or PrinterTraits()
        self._deadline_s = deadline_s
        self._answer_s = answer_s
        self._asks = self._traits.answers and self._address.two_way
        self._link: Link | None = None
        self._backoff = Backoff()
        self._failure = DeviceLost()
        self._turn = asyncio.Lock()
        self._printing = False
        self._page_until: asyncio.Timeout | None = None
        """The deadline of the page that is coming out."""
        self._closed = False
        self._stale = False
        """The printer may hold something of a page that was given up."""
        self._suspect = False
        """An answer is owed on this link that nobody waits for any more: it must not pass for another."""
        self._held = b""
        self._proven = False
        self._reading = Reading()

    async def status(self) -> PrinterStatus:
        if self._printing:
            return self._reading.status()
        async with self._turn:
            return (await self._ask()).status()

    async def health(self) -> Health:
        model = f"ESC/POS {self._address.url}"
        if self._closed:
            return Health(Condition.OFFLINE, detail="closed", model=model)
        if self._printing:
            return Health(Condition.BUSY, detail="a page is coming out", model=model)
        async with self._turn:
            try:
                reading = await self._ask(urgent=False)
            except DeviceInUse as error:
                return Health(Condition.OFFLINE, Remedy.CONFIGURATION, str(error), model)
            except DeviceLost as error:
                if self._address.scheme == "tcp":
                    detail = f"{error}: check power, cable and address"
                    return Health(Condition.OFFLINE, Remedy.CONFIGURATION, detail, model)
                if kept := await asyncio.to_thread(self._address.kept_from):
                    return Health(Condition.OFFLINE, Remedy.CONFIGURATION, kept, model)
                return Health(Condition.NO_DEVICE, Remedy.CONFIGURATION, str(error), model)
        if not self._asks:
            detail = "this link is only written: paper and errors cannot be seen"
            return Health(Condition.UNKNOWN, Remedy.NONE, detail, model)
        health = reading.health(model)
        if self._stale and health.usable:
            detail = (
                "the printer has not confirmed that it forgot a broken page: switch it off and on and restart; "
                "a model without DLE DC4 8 needs confirms_clear = false"
            )
            return Health(Condition.HARDWARE_ERROR, Remedy.RESET, detail, model)
        return health

    async def print(self, page: Page) -> None:
        """Print the page and return when it is out, proven as the module describes; on a write-only link
        unproven.

        Raises NoPaper, CoverOpen, CutterJammed, PrinterFault, DeviceLost, DeviceTimeout (also after the
        deadline, 20 s unless told otherwise). Once it has raised, the page is cleared from the printer or, if
        the printer could not be told, is cleared before anything else is sent. Raises ValueError for a page
        that cannot be laid out.
        """
        pieces = encode_rows(page, self._traits)
        async with self._turn:
            self._check_open()
            self._printing = True
            try:
                await self._bring_out(pieces)
            except TimeoutError as error:
                await self._give_up()
                self._check_open()
                raise DeviceTimeout(f"the page is not out after {self._deadline_s:g} s") from error
            except (DeviceError, asyncio.CancelledError):
                await self._give_up()
                raise
            finally:
                self._printing = False
                if not self._asks:
                    await self._drop_link()  # what holds the file open would hide that the device has gone

    async def close(self) -> None:
        self._closed = True
        if self._page_until is not None and not self._page_until.expired():
            self._page_until.reschedule(asyncio.get_running_loop().time())
        if self._printing:
            async with self._turn:  # the page is given up first, and the printer told to forget it
                pass
        await self._drop_link()

    def _check_open(self) -> None:
        if self._closed:
            raise DeviceLost(f"{self._address.url} is closed")

    async def _drop_link(self) -> None:
        link, self._link = self._link, None
        self._suspect = False
        self._held = b""
        if link is not None:
            await link.close()

    # --- the page -------------------------------------------------------------------------------------------

    async def _bring_out(self, pieces: list[bytes]) -> None:
        async with asyncio.timeout(self._deadline_s) as self._page_until:
            try:
                await self._ready()
                await self._send(pieces)
            finally:
                self._page_until = None

    async def _ready(self) -> None:
        reading = await self._ask()
        if not self._asks:
            return
        if reading == Reading():
            raise DeviceTimeout("the printer does not answer")
        found = obstacle(reading.status())
        if found is not None:
            raise found
        if self._stale:
            raise PrinterFault("the printer has not confirmed that it forgot the page before")
        if reading.status().paper is Paper.LOW:
            log.info("%s: the paper is nearly used up", self._address.url)

    async def _send(self, pieces: list[bytes]) -> None:
        link = await self._open()
        self._stale = True  # until the page is proven to be out
        for piece in pieces:
            await link.write(piece)
            if self._asks and self._traits.line_by_line:
                await self._worked_off(link)
        if self._asks:
            await self._worked_off(link)
            await self._look_once_more(link)
        self._stale = False

    async def _look_once_more(self, link: Link) -> None:
        """Everything was executed. What the printer says now still counts; that it can say nothing any more does not:
        the page is out."""
        try:
            found = obstacle((await self._read_status(link)).status())
        except DeviceLost as error:
            log.warning("%s: the link broke when the page was out: %s", self._address.url, error)
            await self._drop_link()
            return
        if found is not None:
            raise found

    async def _worked_off(self, link: Link) -> None:
        """Wait until the printer has executed everything sent so far, or raise what keeps it from that."""
        self._take_unasked(link)
        self._proven = False
        await link.write(PROOF)
        while not self._proven:
            try:
                async with asyncio.timeout(POLL_S):
                    await self._byte(link, is_proof)
                return
            except TimeoutError:
                found = obstacle((await self._read_status(link)).status())
            if found is not None:
                raise found

    async def _give_up(self) -> None:
        """See to it that nothing of the page is printed later; if that cannot be done now, at the next
        contact."""
        if not self._stale:
            return
        try:
            async with asyncio.timeout(2 * self._answer_s):
                await self._clear(await self._open())
        except (DeviceError, TimeoutError) as error:
            log.warning("%s: the broken page is cleared at the next contact: %s", self._address.url, error)
            await self._drop_link()

    async def _clear(self, link: Link) -> None:
        self._take_unasked(link)
        await link.write(CLEAR)
        if self._asks and self._traits.confirms_clear:
            heard = b""
            try:
                async with asyncio.timeout(self._answer_s):
                    while CLEARED not in heard:
                        heard += await link.read()
            except TimeoutError as error:
                self._suspect = True
                raise DeviceTimeout("the printer does not confirm that its buffers are clear") from error
        else:
            await link.write(FORGET)
        self._stale = False

    # --- the dialogue ---------------------------------------------------------------------------------------

    async def _open(self, *, urgent: bool = True) -> Link:
        if self._link is None:
            link = self._link = await self._open_in_turn(urgent=urgent)
            if self._asks:
                await link.write(QUIET)
        return self._link

    async def _open_in_turn(self, *, urgent: bool) -> Link:
        """Open the link, or repeat the last failure while its pause is not over; a page's attempt waits for it."""
        self._check_open()
        loop = asyncio.get_running_loop()
        pause_s = self._backoff.left_s(loop.time(), urgent=urgent)
        if pause_s > 0 and not urgent:
            raise type(self._failure)(str(self._failure))
        await asyncio.sleep(pause_s)
        try:
            link = await self._address.open()
        except DeviceLost as lost:
            self._backoff.failed(loop.time())
            self._failure = lost
            raise
        self._backoff.succeeded()
        if self._closed:  # meanwhile
            await link.close()
            self._check_open()
        return link

    async def _ask(self, *, urgent: bool = True) -> Reading:
        """Ask for the status, once more on a new link if the old one broke or is not answered."""
        if self._suspect or not self._asks:
            await self._drop_link()
        used = self._link is not None
        try:
            reading = await self._contact(urgent=urgent)
            if not self._suspect:
                return reading
        except DeviceLost:
            await self._drop_link()
            if not used:
                raise
        await self._drop_link()
        try:
            return await self._contact(urgent=urgent)
        except DeviceLost:
            await self._drop_link()
            raise

    async def _contact(self, *, urgent: bool) -> Reading:
        link = await self._open(urgent=urgent)
        if self._stale:
            try:
                await self._clear(link)
            except DeviceTimeout as error:
                log.warning("%s: %s", self._address.url, error)
        return await self._read_status(link) if self._asks else Reading()

    async def _read_status(self, link: Link) -> Reading:
        answers: list[int] = []
        self._take_unasked(link)
        try:
            for request in REQUESTS.values():
                async with asyncio.timeout(self._answer_s):
                    await link.write(request)
                    answers.append(await self._byte(link, is_status))
        except TimeoutError:
            self._suspect = True
        except asyncio.CancelledError:
            self._suspect = True
            raise
        self._reading = Reading(*answers)
        return self._reading

    async def _byte(self, link: Link, wanted: Callable[[int], bool]) -> int:
        """The next byte of this kind. A proof that comes in between is kept in mind."""
        while True:
            while self._held:
                byte, self._held = self._held[0], self._held[1:]
                if wanted(byte):
                    return byte
                self._proven = self._proven or is_proof(byte)
            self._held = await link.read()

    def _take_unasked(self, link: Link) -> None:
        """Drop what came unasked, but keep the proof in mind."""
        waiting, self._held = self._held + link.unread(), b""
        self._proven = self._proven or any(is_proof(byte) for byte in waiting)
