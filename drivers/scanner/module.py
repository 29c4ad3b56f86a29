"""What serial and keyboard barcode modules have in common: a line that speaks when it likes, and when that counts.

Owns the line (opened on first use and again after a loss), the contract's rule that a code from before the call does
not count, and the debouncing of modules that repeat a code for as long as it is held there. What bytes mean belongs to
the decoder it is given. A module's silence is its normal state: a dead one that is still plugged in cannot be told from
an idle one. Nothing of a code is kept once it was handed over.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections import deque
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Protocol

from drivers import in_use, permission
from drivers.api import Condition, DeviceInUse, DeviceLost, Frame, Health, Remedy, Scan
from drivers.backoff import Backoff
from drivers.scanner.camera import Debounce

_log = logging.getLogger(__name__)

PAUSE_S = 0.06
"""A module sends a code in one go: at 1200 baud a byte takes 8 ms, a USB bridge holds bytes back for 16 ms."""
BURST_S = 0.25
"""Codes that follow a counted one this quickly belong to the same showing (a module may read ten codes of one sheet),
and are kept for who calls again within this time."""
_BURST = 256
"""Codes kept at most."""
_READS = 64
"""So often is the line read at a stretch, before others on the loop have their turn."""


class Line(Protocol):
    """An open device."""

    model: str

    def fileno(self) -> int: ...

    def read(self) -> bytes:
        """What is there now; empty at the end. Raises BlockingIOError when nothing is there, OSError when lost."""
        ...

    def close(self) -> None: ...


class Decoder(Protocol):
    """Bytes of the line in, texts of codes out."""

    @property
    def pending(self) -> bool:
        """Whether there is the beginning of a code, so that a pause means something."""
        ...

    def feed(self, data: bytes) -> list[str]: ...

    def pause(self) -> list[str]: ...

    def clear(self) -> None: ...


class ModuleScanner:
    """A :class:`drivers.api.Scanner` over a line. ``open_line`` may block and raise OSError; it runs in a thread."""

    _group = permission.SERIAL
    _mode = os.R_OK | os.W_OK
    """Whose members may open the device, and what for."""

    def __init__(self, path: str, open_line: Callable[[], Line], decoder: Decoder, *, pause_s: float = PAUSE_S) -> None:
        self._path = path
        self._open_line = open_line
        self._decoder = decoder
        self._pause_s = pause_s
        self._line: Line | None = None
        self._opening = asyncio.Lock()
        self._backoff = Backoff()
        self._failure: OSError | None = None
        self._waiter: asyncio.Future[Scan] | None = None
        self._scanning = False
        self._debounce = Debounce()
        self._burst: deque[str] = deque(maxlen=_BURST)
        self._burst_end: asyncio.TimerHandle | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._closed = False
        self._shut = asyncio.Event()

    async def health(self) -> Health:
        """Have the line open; that the module behind it reads codes, only a code can prove."""
        if self._closed:
            return Health(Condition.OFFLINE, detail="closed", model=self._path)
        try:
            line = await self._open(patient=False)
        except DeviceInUse as lost:
            return Health(Condition.OFFLINE, Remedy.CONFIGURATION, str(lost), self._path)
        except DeviceLost as lost:
            if kept := await asyncio.to_thread(permission.kept_from, self._path, self._group, self._mode):
                return Health(Condition.OFFLINE, Remedy.CONFIGURATION, kept, self._path)
            there = await asyncio.to_thread(Path(self._path).exists)
            condition = Condition.OFFLINE if there else Condition.NO_DEVICE
            return Health(condition, Remedy.MAINTENANCE, str(lost), self._path)
        return Health(Condition.ONLINE, detail=f"{self._path} is open", model=line.model)

    async def scan(self) -> Scan:
        """Wait for the next code; see :class:`drivers.api.Scanner`. RuntimeError for a second caller."""
        if self._scanning:
            raise RuntimeError("someone already waits for a code")
        self._scanning = True
        try:
            await self._open()
            self._readable()  # what lies in the line now was seen before the call
            if self._line is None:
                raise DeviceLost(f"{self._path} is gone")
            if self._burst:
                await asyncio.sleep(0)
                scan = Scan(self._burst.popleft(), "")
            else:
                self._waiter = asyncio.get_running_loop().create_future()
                scan = await self._waiter
        except BaseException:
            self._forget_burst()
            raise
        finally:
            self._scanning = False
            self._waiter = None
        self._await_burst()
        return scan

    async def preview(self) -> AsyncGenerator[Frame, None]:
        """A module has no pictures to show: ends at once."""
        return
        yield

    async def close(self) -> None:
        self._closed = True
        self._shut.set()
        self._forget_burst()
        self._drop_line("closed")
        async with self._opening:
            pass  # a thread that was opening the line meanwhile has given it back

    # --- the line ------------------------------------------------------------------------------------------------

    async def _open(self, *, patient: bool = True) -> Line:
        """Raises DeviceLost. A citizen's attempt waits for its turn; one that is not patient repeats the last failure
        until the pause is over."""
        loop = asyncio.get_running_loop()
        if not patient and self._failure is not None and self._opening.locked():
            raise self._lost_by(self._failure)  # somebody patient waits for the next try
        async with self._opening:
            if self._closed:
                raise DeviceLost("closed")
            if self._line is not None:
                return self._line
            pause_s = self._backoff.left_s(loop.time(), urgent=patient)
            if pause_s > 0 and not patient and self._failure is not None:
                raise self._lost_by(self._failure)
            if pause_s > 0 and await self._shut_within(pause_s):
                raise DeviceLost("closed")
            opening = asyncio.ensure_future(asyncio.to_thread(self._open_line))
            try:
                line = await asyncio.shield(opening)
            except asyncio.CancelledError:
                # A thread is opening the line meanwhile: wait for it, or its descriptor stays open.
                await asyncio.wait([opening])
                if opening.exception() is None:
                    opening.result().close()
                raise
            except OSError as error:
                self._backoff.failed(loop.time())
                self._failure = error
                _log.warning("%s cannot be opened: %s", self._path, _reason(error))
                raise self._lost_by(error) from error
            if self._closed:
                line.close()
                raise DeviceLost("closed")
            self._backoff.succeeded()
            self._failure = None
            self._decoder.clear()
            self._line = line
            loop.add_reader(line.fileno(), self._readable)
            _log.info("opened %s", self._path)
            return line

    async def _shut_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._shut.wait()
        except TimeoutError:
            return False
        return True

    def _lost_by(self, error: OSError) -> DeviceLost:
        kind = DeviceInUse if in_use.held(error) else DeviceLost
        lost = kind(f"{self._path}: {_reason(error)}")
        lost.__cause__ = error
        return lost

    def _readable(self) -> None:
        for _ in range(_READS):
            if self._line is None:
                return
            try:
                data = self._line.read()
            except BlockingIOError:
                return
            except OSError as error:
                self._drop_line(_reason(error), error)
                return
            if not data:
                self._drop_line("hung up")
                return
            if self._pause is not None:
                self._pause.cancel()
                self._pause = None
            self._take(self._decoder.feed(data))
            if self._decoder.pending:
                self._pause = asyncio.get_running_loop().call_later(self._pause_s, self._paused)

    def _paused(self) -> None:
        self._pause = None
        self._take(self._decoder.pause())

    def _drop_line(self, reason: str, cause: OSError | None = None) -> None:
        line, self._line = self._line, None
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        self._decoder.clear()
        if line is not None:
            asyncio.get_running_loop().remove_reader(line.fileno())
            line.close()
            if not self._closed:
                _log.warning("%s is lost: %s", self._path, reason)
        if self._waiter is not None and not self._waiter.done():
            lost = DeviceLost(f"{self._path}: {reason}")
            lost.__cause__ = cause
            self._waiter.set_exception(lost)

    # --- what counts ---------------------------------------------------------------------------------------------

    def _take(self, texts: list[str]) -> None:
        at = asyncio.get_running_loop().time()
        for text in texts:
            self._debounce.see((), at)
            self._debounce.see((text,), at)
            if not self._debounce.fresh(text, at):
                continue
            if self._waiter is not None and not self._waiter.done():
                self._debounce.report(text, at)
                self._waiter.set_result(Scan(text, ""))
            elif self._waiter is not None or self._burst_end is not None:
                self._debounce.report(text, at)
                self._burst.append(text)

    def _await_burst(self) -> None:
        if self._burst_end is not None:
            self._burst_end.cancel()
        if not self._closed:
            self._burst_end = asyncio.get_running_loop().call_later(BURST_S, self._forget_burst)

    def _forget_burst(self) -> None:
        if self._burst_end is not None:
            self._burst_end.cancel()
            self._burst_end = None
        self._burst.clear()


def _reason(error: OSError) -> str:
    if in_use.held(error):
        return in_use.HELD
    code = error.errno
    return errno.errorcode.get(code, str(code)) if code else "cannot be opened"
