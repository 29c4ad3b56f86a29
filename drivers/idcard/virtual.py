"""A resident-ID reader at the other end of a pty, so that the real serial driver has something to talk to.

Speaks the frames of docs/protocols.md section 2.1 over a pseudo-terminal of its own and behaves like a
module: a document must be found before it is selected, selected before it is read, and lifted before it is
found again. The hand's side is that of :class:`drivers.idcard.mock.IdPad`. No real key or SAM number is in
it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import struct
import tempfile
import tty
from pathlib import Path

from drivers.faults import Fault, FaultPlan
from drivers.idcard import text
from drivers.idcard.frames import (
    BadFrame,
    Command,
    FrameParser,
    Reply,
    Sw3,
    decode_command,
    encode_reply,
    pack_base,
)
from drivers.idcard.mock import IdPad

_log = logging.getLogger(__name__)

_SAM_ID = struct.pack("<HHIII", 5, 1, 20260101, 1, 1)  # made up: 05.01-20260101-0000000001-0000000001
_OPERATIONS = {
    Command.FIND: "find",
    Command.SELECT: "select",
    Command.READ_BASE: "read",
    Command.SAM_STATUS: "status",
    Command.RESET: "reset",
    Command.SAM_ID: "id",
}
# What the module answers to each command when a document is not (or no longer) there, section 2.1.
_MISSING = {
    Command.FIND: Sw3.FIND_FAILED,
    Command.SELECT: Sw3.SELECT_FAILED,
    Command.READ_BASE: Sw3.READ_FAILED,
}


class VirtualIdReader(IdPad):
    """Start it, give :attr:`port` to the driver, lay documents down; further operations: ``select``,
    ``id``.
    """

    def __init__(self, faults: FaultPlan | None = None, *, forgets_read: bool = True) -> None:
        """``forgets_read``: a document that was read is not found again until lifted, as most modules behave;
        otherwise it is found for as long as it lies there.
        """
        super().__init__(faults)
        self._forgets_read = forgets_read
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._line: tuple[int, int] | None = None
        self._commands: asyncio.Queue[bytes] = asyncio.Queue()
        self._server: asyncio.Task[None] | None = None
        self._parser = FrameParser()
        self._mute = False
        self._found = 0
        self._selected = 0
        self._read = 0

    @property
    def port(self) -> str:
        """Path for the driver: a link that stays the same while the reader is unplugged and plugged again."""
        if self._folder is None:
            raise RuntimeError("the virtual reader is not started")
        return str(Path(self._folder.name) / "idreader")

    async def start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="idreader-")
        self._server = asyncio.create_task(self._serve(), name="virtual resident-ID reader")
        self.plug()

    async def aclose(self) -> None:
        self.unplug()
        if self._server is not None:
            self._server.cancel()
            await asyncio.gather(self._server, return_exceptions=True)
            self._server = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    async def __aenter__(self) -> VirtualIdReader:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def plug(self) -> None:
        if self._line is None and self._folder is not None:
            # The slave stays open here too: a master without any slave reports an error for ever.
            master, slave = os.openpty()
            tty.setraw(slave)
            os.set_blocking(master, False)
            self._line = (master, slave)
            self._mute = False
            self._found = self._selected = self._read = 0
            self._parser.clear()
            Path(self.port).symlink_to(os.ttyname(slave))
            asyncio.get_running_loop().add_reader(master, self._receive, master)
        super().plug()

    def unplug(self) -> None:
        if self._line is not None:
            master, slave = self._line
            self._line = None
            Path(self.port).unlink()
            asyncio.get_running_loop().remove_reader(master)
            os.close(slave)
            os.close(master)
        super().unplug()

    def _receive(self, master: int) -> None:
        try:
            data = os.read(master, 4096)
        except OSError as error:  # also EIO after the last slave closed
            _log.debug("virtual reader: %s", error)
            return
        for content in self._parser.feed(data):
            self._commands.put_nowait(content)

    def _send(self, frame: bytes) -> None:
        if self._line is None:
            return
        try:
            os.write(self._line[0], frame)
        except BlockingIOError:
            _log.warning("virtual reader: nobody reads the line, answer dropped")

    async def _serve(self) -> None:
        while True:
            content = await self._commands.get()
            try:
                command, _ = decode_command(content)
            except BadFrame:
                self._send(encode_reply(Reply(Sw3.BAD_LENGTH)))
                continue
            await self._answer(command)

    async def _answer(self, number: int) -> None:
        if number not in _OPERATIONS:
            self._send(encode_reply(Reply(Sw3.BAD_COMMAND)))
            return
        command = Command(number)
        fault = await self.faults.meet(_OPERATIONS[command])
        if fault is Fault.LOSE:
            self.unplug()
        elif fault is Fault.MUTE:
            self._mute = True
        elif fault is Fault.PULL:
            self.lift()
        if fault is Fault.DROP or self._mute or not self.plugged:
            return
        if command is not Command.SAM_ID and await self.faults.meet("sam") is Fault.ERROR:
            reply = Reply(Sw3.NOT_AUTHORISED)
        elif fault is Fault.ERROR:
            reply = self._own_error(command)
        else:
            reply = self._reply(command)
        frame = encode_reply(reply)
        if fault is Fault.GARBLE:
            frame = frame[:-1] + bytes((frame[-1] ^ 0x55,))
        self._send(frame)

    @staticmethod
    def _own_error(command: Command) -> Reply:
        if command is Command.READ_BASE:
            return Reply(Sw3.INFORMATION_CHECK)
        return Reply(_MISSING.get(command, Sw3.SELF_TEST_FAILED))

    def _reply(self, command: Command) -> Reply:
        match command:
            case Command.RESET | Command.SAM_STATUS:
                return Reply(Sw3.OK)
            case Command.SAM_ID:
                return Reply(Sw3.OK, _SAM_ID)
            case Command.FIND:
                if self.document is None or (self._forgets_read and self._read == self.laid):
                    return Reply(Sw3.FIND_FAILED)
                self._found, self._selected = self.laid, 0
                return Reply(Sw3.FOUND, bytes(4))
            case Command.SELECT:
                if not self.holds(self._found):
                    return Reply(Sw3.SELECT_FAILED)
                self._found, self._selected = 0, self.laid
                return Reply(Sw3.OK, bytes(8))
            case _:
                if self.document is None or not self.holds(self._selected):
                    return Reply(Sw3.READ_FAILED)
                self._selected, self._read = 0, self.laid
                return Reply(Sw3.OK, pack_base(text.encode(self.document), self.document.photo))
