"""A receipt printer at the other end of the wire: listens on TCP, obeys ESC/POS and keeps the paper it
printed.

Owns the behaviour of a cheap but honest printer: a receive buffer that outlives connections, real-time
commands found anywhere in the stream (in pictures, too), and the bad habit of printing what is left in the
buffer once paper is back. It is for tests, demo and dock: it listens on the loopback address only.

Operations for its fault plan: ``connect`` (LOSE: the connection is closed at once), ``status`` (DROP, GARBLE,
LOSE, MUTE: silent until plugged in anew), ``print`` at the beginning of a page (PULL: the paper ends, ERROR:
it breaks down, LOSE: unplugged, MUTE), ``proof`` (DROP, MUTE, LOSE), ``clear`` (DROP: neither done nor
answered).
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections import Counter

from drivers.api import Paper
from drivers.door import Door
from drivers.faults import Fault, FaultPlan
from drivers.printer.mechanism import Mechanism
from drivers.printer.paper import PrintedReceipt, Strip
from drivers.printer.parser import UNPARSED, Command, Parser
from drivers.printer.status import reading_of

log = logging.getLogger(__name__)

SECONDS_PER_PAGE = 0.3
PAGE_DOTS = 1200
"""A page for the speed's sake: 150 mm."""

_CLEAR = bytes.fromhex("10140801031401060208")
_CLEARED = bytes.fromhex("372500")
_REAL_TIME = re.compile(rb"\x10\x04[\x01-\x04]|\x10\x05[\x01\x02]|" + re.escape(_CLEAR), re.DOTALL)
_LONGEST = len(_CLEAR) - 1


class VirtualPrinter(Mechanism):
    """An ESC/POS printer at :attr:`url`. The hands at it are the methods of :class:`Mechanism`."""

    def __init__(
        self,
        *,
        faults: FaultPlan | None = None,
        seconds_per_page: float = SECONDS_PER_PAGE,
        knows_clear: bool = True,
        knows_enq: bool = True,
    ) -> None:
        """``knows_clear`` and ``knows_enq``: whether DLE DC4 8 and DLE ENQ 2 clear its buffers, as not all
        do."""
        super().__init__(faults)
        self.receipts: list[PrintedReceipt] = []
        """Slips that were cut, oldest first."""
        self.torn: list[PrintedReceipt] = []
        """Pieces that were printed but never cut, torn off when the roll was changed."""
        self.complaints: Counter[str] = Counter()
        """What it did not understand: ``unparsed`` or the name of a command with strange parameters."""
        self._seconds_per_dot = seconds_per_page / PAGE_DOTS
        self._knows_clear = knows_clear
        self._knows_enq = knows_enq
        self._parser = Parser()
        self._strip = Strip()
        self._door = Door(self._let_in)
        self._engine: asyncio.Task[None] | None = None
        self._peers: dict[asyncio.Task[None], asyncio.StreamWriter | None] = {}
        self._wake = asyncio.Event()
        self._receipt = asyncio.Event()
        self._auto_status = False
        self._mute = False

    # --- life -----------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self._door.port}"

    @property
    def hanging(self) -> PrintedReceipt:
        """What is printed and hangs uncut in the printer."""
        return self._strip.hanging

    @property
    def unprinted(self) -> int:
        """Bytes that wait in the receive buffer."""
        return self._parser.pending

    async def start(self) -> VirtualPrinter:
        self._door.hold()
        self._door.open()
        self._engine = asyncio.create_task(self._run(), name="virtual printer")
        return self

    async def aclose(self) -> None:
        """Stop listening and printing. Safe to call twice."""
        engine, self._engine = self._engine, None
        self._hang_up()
        tasks = [*self._peers, *([engine] if engine else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def next_receipt(self) -> PrintedReceipt:
        """Wait for a slip that is cut after this call."""
        count = len(self.receipts)
        while len(self.receipts) == count:
            self._receipt.clear()
            await self._receipt.wait()
        return self.receipts[count]

    # --- hands ----------------------------------------------------------------------------------------------

    def refill(self) -> None:
        """A new roll: what hung uncut from the old one is torn off."""
        if not self.hanging.blank:
            self.torn.append(self._strip.tear())
        super().refill()

    def unplug(self) -> None:
        super().unplug()
        self._parser.clear()
        self._strip.forget()
        self._mute = False
        self._auto_status = False
        self._hang_up()
        self._door.hold()  # nobody else may take the port meanwhile

    def plug(self) -> None:
        if not self.is_plugged:
            self._door.open()
        super().plug()

    def _changed(self) -> None:
        self._wake.set()
        if self._auto_status and self.is_plugged:
            self._answer(self._four_bytes())

    # --- the wire -------------------------------------------------------------------------------------------

    def _hang_up(self) -> None:
        self._door.shut()
        for task, writer in self._peers.items():
            if writer is not None:
                writer.transport.abort()
            task.cancel()

    def _let_in(self, connection: socket.socket) -> None:
        if self.faults.take("connect") in (Fault.LOSE, Fault.ERROR):
            connection.close()
            return
        task = asyncio.create_task(self._serve(connection), name="virtual printer's peer")
        self._peers[task] = None
        task.add_done_callback(lambda done: self._peers.pop(done, None))

    async def _serve(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=connection)
        task = asyncio.current_task()
        assert task is not None
        self._peers[task] = writer
        seen = b""
        try:
            while data := await reader.read(4096):
                seen = await self._receive(seen, data)
        except OSError as error:
            log.debug("the peer left: %s", error)
        finally:
            writer.transport.abort()

    async def _receive(self, seen: bytes, data: bytes) -> bytes:
        """Buffer the bytes, and act on the real-time commands among them; return the end, for the next
        call."""
        window = seen + data
        delivered = len(seen)
        for match in _REAL_TIME.finditer(window):
            self._parser.feed(window[delivered : match.end()])
            delivered = match.end()
            self._wake.set()
            await self._act_now(match.group())
        self._parser.feed(window[delivered:])
        self._wake.set()
        fresh = window[delivered:] if delivered > len(seen) else window
        return fresh[-_LONGEST:]

    async def _act_now(self, command: bytes) -> None:
        if command.startswith(b"\x10\x04"):
            await self._tell(command[2])
        elif command == _CLEAR:
            if self._knows_clear and await self.faults.meet("clear") is None:
                self._forget()
                self._answer(_CLEARED)
        elif command[2] == 2 and self._knows_enq:
            self._forget()

    async def _tell(self, which: int) -> None:
        fault = await self.faults.meet(f"status:{which}", "status")
        if fault is Fault.LOSE:
            self.unplug()
        self._mute = self._mute or fault is Fault.MUTE
        if fault is Fault.DROP:
            return
        reading = reading_of(self.status_now())
        byte = (reading.printer, reading.offline, reading.error, reading.paper)[which - 1]
        assert byte is not None
        self._answer(b"\xff" if fault is Fault.GARBLE else bytes((byte,)))

    def _forget(self) -> None:
        self._parser.clear()
        self._strip.forget()

    def _answer(self, data: bytes) -> None:
        if self._mute:
            return
        for writer in self._peers.values():
            if writer is not None and not writer.is_closing():
                writer.write(data)

    def _four_bytes(self) -> bytes:
        """Automatic status back (docs/protocols.md section 6.3)."""
        status = self.status_now()
        ends = status.paper is Paper.OUT
        return bytes(
            (
                0x10 | (0 if status.online else 0x08) | (0x20 if status.cover_open else 0),
                (0x08 if status.cutter_error else 0) | (0x20 if status.fault else 0),
                (0x03 if ends or status.paper is Paper.LOW else 0) | (0x0C if ends else 0),
                0,
            )
        )

    # --- the print head -------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            command = self._parser.take() if self.runs else None
            if command is None:
                self._wake.clear()
                await self._wake.wait()
            else:
                await self._obey(command)

    async def _obey(self, command: Command) -> None:
        match command.name:
            case "ESC @":
                await self._begin()
            case "GS r":
                await self._prove()
            case "GS a":
                self._auto_status = bool(command.data[0])
                if self._auto_status:
                    self._answer(self._four_bytes())
            case "GS I":
                self._answer(b"_virtual\x00" if command.data[0] >= 0x40 else b"\x20")
        if command.name in _SILENT:
            return  # says nothing about paper and leaves no trace on it
        understood, dots = self._strip.execute(command)
        if not understood:
            self.complaints[command.name] += 1
            log.debug("not understood: %s", command.name if command.name != UNPARSED else command.raw.hex())
        if command.name in ("LF", "GS v 0") and dots:
            self._line_printed()
        if dots:
            await asyncio.sleep(dots * self._seconds_per_dot)
        if command.name == "GS V":
            self._cut()

    async def _begin(self) -> None:
        match await self.faults.meet("print"):
            case Fault.PULL:
                self.out_of_paper()
            case Fault.ERROR:
                self.break_down()
            case Fault.LOSE:
                self.unplug()
            case Fault.MUTE:
                self._mute = True

    async def _prove(self) -> None:
        fault = await self.faults.meet("proof")
        if fault is Fault.LOSE:
            self.unplug()
        self._mute = self._mute or fault is Fault.MUTE
        if fault is not Fault.DROP:
            self._answer(b"\x03" if self.paper is Paper.LOW else b"\x00")

    def _cut(self) -> None:
        piece = self._strip.tear()
        if piece.blank:
            return
        self.receipts.append(piece)
        self.slip_waiting = True
        self._receipt.set()


_SILENT = frozenset(("GS r", "GS a", "GS I", "DLE EOT", "DLE ENQ", "DLE DC4", "CAN", "CR"))
