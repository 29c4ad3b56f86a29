"""The driver of resident-ID readers with a serial SDT module (docs/protocols.md sections 2.1 and 2.2).

Owns the serial port, one command at a time with a deadline, and the order find, select, read. It does not
decode the photograph (licensed, section 2.2), does not judge whether the holder is who the card reader
expects, and keeps nothing of a document once it was handed over.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from pathlib import Path
from typing import cast

from drivers import in_use, permission
from drivers.api import (
    Condition,
    DeviceError,
    DeviceInUse,
    DeviceLost,
    DeviceTimeout,
    DocumentLifted,
    DocumentUnreadable,
    Health,
    IdDocument,
    Remedy,
    SecurityModuleFault,
)
from drivers.backoff import Backoff
from drivers.idcard import text
from drivers.idcard.frames import (
    REPLY_BYTES,
    BadFrame,
    Command,
    FrameParser,
    Reply,
    Sw3,
    decode_reply,
    encode_command,
    sam_number,
    unpack_base,
)

_log = logging.getLogger(__name__)

BAUD = 115200
COMMAND_TIMEOUT_S = 5.0
"""Section 2.1: the deadline of the one open implementation."""
POLL_S = 0.3
"""Pause between two "find" commands. Section 2.1 knows 1 s; a citizen notices that, 0.3 s not."""

_SAM_FAULTS = frozenset((Sw3.SELF_TEST_FAILED, Sw3.NOT_AUTHORISED))
# The document moved or lay badly: once more at once may well succeed.
_PASSING = frozenset((Sw3.SELECT_FAILED, Sw3.READ_FAILED, Sw3.NO_RANDOM))


class SdtIdCardReader:
    """An :class:`drivers.api.IdCardReader` on a serial port (8N1), opened on first use and again after a
    loss.
    """

    def __init__(
        self,
        port: str,
        baud: int = BAUD,
        *,
        timeout_s: float = COMMAND_TIMEOUT_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._path = port
        self._baud = baud
        self._timeout_s = timeout_s
        self._poll_s = poll_s
        self._lock = asyncio.Lock()
        self._link: _Link | None = None
        self._backoff = Backoff()
        self._failure = DeviceLost()
        self._sam_number = ""
        self._waiting = False
        self._must_lift = False
        self._lift_watch: asyncio.Task[None] | None = None
        self._commands: set[asyncio.Task[Reply]] = set()
        self._closed = False

    async def health(self) -> Health:
        """Ask the security module for its state and, once per connection, for its number."""
        try:
            status = await self._ask(Command.SAM_STATUS, urgent=False)
            if status.sw3 == Sw3.OK and not self._sam_number:
                self._sam_number = await self._ask_sam_number()
        except DeviceTimeout:
            return Health(Condition.OFFLINE, Remedy.MAINTENANCE, f"{self._path}: no answer", "SAM_V")
        except DeviceLost as lost:
            if self._closed:
                return Health(Condition.OFFLINE, detail=f"{self._path}: closed", model="SAM_V")
            if isinstance(lost, DeviceInUse):
                return Health(Condition.OFFLINE, Remedy.CONFIGURATION, str(lost), "SAM_V")
            if kept := await asyncio.to_thread(permission.kept_from, self._path, permission.SERIAL):
                return Health(Condition.OFFLINE, Remedy.CONFIGURATION, kept, "SAM_V")
            there = await asyncio.to_thread(Path(self._path).exists)
            condition = Condition.OFFLINE if there else Condition.NO_DEVICE
            return Health(condition, Remedy.MAINTENANCE, str(lost), "SAM_V")
        if status.sw3 == Sw3.OK:
            return Health(Condition.ONLINE, detail=self._path, model="SAM_V", firmware=self._sam_number)
        detail = f"{self._path}: security module answers SW3={status.sw3:02X}"
        return Health(Condition.HARDWARE_ERROR, Remedy.MAINTENANCE, detail, "SAM_V", self._sam_number)

    async def document(self) -> IdDocument:
        """Wait for a document on the pad, read it, return what it says; see
        :class:`drivers.api.IdCardReader`.

        Raises also DocumentGarbled (a DocumentUnreadable) and, for a second caller, RuntimeError. After
        DocumentUnreadable the document must be lifted, as after a good reading.
        """
        if self._waiting:
            raise RuntimeError("someone already waits for a document")
        self._waiting = True
        self._stop_lift_watch()
        try:
            while True:
                if await self._find() and not self._must_lift:
                    return await self._read()
                await asyncio.sleep(self._poll_s)
        finally:
            self._waiting = False
            self._start_lift_watch()

    async def close(self) -> None:
        self._closed = True
        self._stop_lift_watch()
        running = list(self._commands)
        for command in running:
            command.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._drop_link()

    # --- the dialogue -------------------------------------------------------------------------------------

    async def _find(self) -> bool:
        """Whether a document lies on the pad; notes that the last one was lifted. Not every module goes on
        finding a document that it has read already: silence of such a module also counts as lifted.
        """
        reply = await self._ask(Command.FIND)
        if reply.sw3 in (Sw3.FOUND, Sw3.OK):
            return True
        if reply.sw3 == Sw3.FIND_FAILED:
            self._must_lift = False
            return False
        raise self._refusal(reply)

    async def _read(self) -> IdDocument:
        reply = await self._select_and_read()
        if reply.sw3 in _PASSING and await self._find():
            reply = await self._select_and_read()
        if reply.sw3 == Sw3.OK:
            self._must_lift = True
            try:
                block, photo = unpack_base(reply.data)
            except BadFrame as bad:
                raise text.DocumentGarbled("lengths") from bad
            return text.decode(block, photo)
        if reply.sw3 not in _SAM_FAULTS and not await self._find():
            raise DocumentLifted("the document left the pad while it was read")
        self._must_lift = True
        raise self._refusal(reply)

    async def _select_and_read(self) -> Reply:
        reply = await self._ask(Command.SELECT)
        return reply if reply.sw3 != Sw3.OK else await self._ask(Command.READ_BASE)

    async def _ask_sam_number(self) -> str:
        reply = await self._ask(Command.SAM_ID)
        try:
            return sam_number(reply.data) if reply.sw3 == Sw3.OK else ""
        except BadFrame:
            return ""  # a clone without a proper number; worth knowing, not worth failing

    @staticmethod
    def _refusal(reply: Reply) -> DeviceError:
        if reply.sw3 in _SAM_FAULTS:
            return SecurityModuleFault(f"SW3={reply.sw3:02X}")
        return DocumentUnreadable(reply.sw3)

    # --- lifting between two readings ---------------------------------------------------------------------

    def _start_lift_watch(self) -> None:
        if self._must_lift and not self._closed:
            self._lift_watch = asyncio.create_task(self._watch_lift(), name="id reader: wait for lifting")

    def _stop_lift_watch(self) -> None:
        if self._lift_watch is not None:
            self._lift_watch.cancel()
            self._lift_watch = None

    async def _watch_lift(self) -> None:
        """See that the document is lifted also while nobody waits for the next one: the protocol has no
        event for it, and a document laid down after that must count as new.
        """
        try:
            while self._must_lift:
                await asyncio.sleep(self._poll_s)
                await self._find()
        except DeviceError as error:
            # Whoever asks next meets the same trouble and can do something about it.
            _log.info("stopped watching for the document to be lifted: %s", type(error).__name__)

    # --- one command at a time ----------------------------------------------------------------------------

    async def _ask(self, command: Command, *, urgent: bool = True) -> Reply:
        """Send and await the answer; one that is not ``urgent`` opens no port before its turn.

        A caller who is cancelled leaves the exchange to end by itself, because its late answer would else be taken for
        the answer to the next command (answers do not name their command).
        """
        task = asyncio.create_task(self._exchange(command, urgent=urgent))
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if task.cancelled() and caller is not None and not caller.cancelling():
                raise DeviceLost(f"{self._path} is closed") from None
            raise

    async def _exchange(self, command: Command, *, urgent: bool) -> Reply:
        async with self._lock:
            if self._closed:
                raise DeviceLost(f"{self._path} is closed")
            if self._link is None:
                self._link = await self._open_in_turn(urgent=urgent)
                self._sam_number = ""
                _log.info("opened %s", self._path)
            try:
                async with asyncio.timeout(self._timeout_s):
                    reply = await self._link.ask(encode_command(command))
            except TimeoutError as late:
                error: DeviceError = DeviceTimeout(f"{self._path}: no answer to {command.name}")
                await self._broken(self._link, error)  # with it goes an answer that may still come
                raise error from late
            except DeviceLost as lost:
                await self._broken(self._link, lost)
                raise
            self._link.answered = True
            self._backoff.succeeded()
            return reply

    async def _broken(self, link: _Link, error: DeviceError) -> None:
        """A port that opens and never answers is not back: only an answer counts. One that did is lost from now."""
        if not link.answered:
            self._failed(error)
        await self._drop_link()

    async def _open_in_turn(self, *, urgent: bool) -> _Link:
        """Open the port, or repeat the last failure while its pause is not over; a citizen's attempt waits for it."""
        loop = asyncio.get_running_loop()
        pause_s = self._backoff.left_s(loop.time(), urgent=urgent)
        if pause_s > 0 and not urgent:
            raise type(self._failure)(str(self._failure))
        await asyncio.sleep(pause_s)
        try:
            link = await self._open_link()
        except DeviceLost as lost:
            self._failed(lost)
            raise
        return link

    def _failed(self, error: DeviceError) -> None:
        self._backoff.failed(asyncio.get_running_loop().time())
        self._failure = error if isinstance(error, DeviceLost) else DeviceLost(str(error))

    async def _open_link(self) -> _Link:
        opening = asyncio.ensure_future(_Link.open(self._path, self._baud))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # A thread is opening the port meanwhile: wait for it, or its descriptor stays open.
            link = (await asyncio.gather(opening, return_exceptions=True))[0]
            if isinstance(link, _Link):
                await link.close()
            raise

    async def _drop_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()


class _Link(asyncio.Protocol):
    """An open serial port: bytes out, frames in."""

    def __init__(self, path: str) -> None:
        self.answered = False
        """Whether the module has answered since the port was opened."""
        self._path = path
        self._parser = FrameParser(REPLY_BYTES)
        self._transport: asyncio.WriteTransport | None = None
        self._answer: asyncio.Future[bytes | None] | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._cause: Exception | None = None

    @classmethod
    async def open(cls, path: str, baud: int) -> _Link:
        """Raises DeviceLost when the port is missing or forbidden, DeviceInUse when another program has it."""
        import serial
        import serial_asyncio_fast

        link = cls(path)
        try:
            transport, _ = await serial_asyncio_fast.create_serial_connection(
                asyncio.get_running_loop(), lambda: link, path, baudrate=baud, exclusive=True
            )
        except (serial.SerialException, OSError, ValueError) as error:
            if in_use.held(error):
                raise DeviceInUse(f"{path}: {in_use.HELD}") from error
            code = getattr(error, "errno", None)
            reason = errno.errorcode.get(code, str(code)) if code else "cannot be opened"
            raise DeviceLost(f"{path}: {reason}") from error
        link._transport = cast(asyncio.WriteTransport, transport)
        return link

    async def ask(self, frame: bytes) -> Reply:
        """Send ``frame`` and await the answer; once more when it comes damaged. Raises DeviceLost,
        TimeoutError.
        """
        for _ in range(2):
            if self._transport is None or self._ended.done() or self._transport.is_closing():
                raise DeviceLost(f"{self._path} is gone") from self._cause
            self._parser.clear()
            self._answer = asyncio.get_running_loop().create_future()
            try:
                self._transport.write(frame)
                content = await self._answer
            finally:
                self._answer = None
            if content is not None:
                return decode_reply(content)
        raise TimeoutError("damaged answers only")

    async def close(self) -> None:
        """Return when the descriptor is closed."""
        if self._transport is not None:
            if not self._transport.is_closing():
                self._transport.abort()
            await asyncio.shield(self._ended)

    def data_received(self, data: bytes) -> None:
        damaged = self._parser.damaged
        contents = self._parser.feed(data)
        if self._answer is None or self._answer.done():
            return  # an answer that nobody waits for
        if contents:
            self._answer.set_result(contents[0])
        elif self._parser.damaged > damaged:
            self._answer.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cause = exc
        if not self._ended.done():
            self._ended.set_result(None)
        if self._answer is not None and not self._answer.done():
            lost = DeviceLost(f"{self._path} is gone")
            lost.__cause__ = exc
            self._answer.set_exception(lost)
