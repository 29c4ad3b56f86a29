"""The core, for the glass's process: what a run of the terminal asks of one, over the line to where it lives."""

from __future__ import annotations

import logging
import os
import pickle
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kiosk.watchdog import Watchdog, resident_bytes
from ui.core_thread import over_within
from ui.two_processes import LENGTH, REFUSED, RESTART, Answered, GlassFailed, Opening, Seen, StatusLine, Stepped, packed

if TYPE_CHECKING:
    from kiosk.screens import Answer, Scene

log = logging.getLogger(__name__)

ENDS_S = 8.0
"""How long a core may take to put its things in order that nobody listens to any more."""


class CoreLost(Exception):
    """The core's process ended by itself, and not as it was told."""


class FarCore:
    """Stands in the place of ``CoreThread``. A thread listens to the line; what is sent goes from whoever sends it. No
    loop: asyncio would take a tenth of the glass's way to its first frame."""

    def __init__(self, end: socket.socket, child: int, watchdog: Watchdog) -> None:
        self._end = end
        self._child = child
        self._show: Callable[[Scene], None] = lambda _: None
        self._ended: Callable[[BaseException | None], None] = lambda _: None
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._sending = threading.Lock()
        self._reaping = threading.Lock()
        self._left_at: float | None = None
        """When it was told that nobody listens any more."""
        self.watchdog = watchdog
        self.status: int | None = None
        """Exit status, once it has ended."""

    def opening(self) -> Opening | None:
        """What it says first, waited for. ``None`` where it has ended instead."""
        opening: Opening | None = self._received()
        return opening

    # --- in the place of a thread ------------------------------------------------------------------------------------

    def heard_by(self, ended: Callable[[BaseException | None], None], _stray: Callable[[], object]) -> FarCore:
        """As ``CoreThread`` is made; its strays are counted where they happen."""
        self._ended = ended
        return self

    def show_on(self, show: Callable[[Scene], None]) -> None:
        self._show = show

    def start(self, main: Callable[[], object]) -> None:
        """Listen, once ``main()`` has said to whom it shows. Once only."""
        main()
        self._thread = threading.Thread(target=self._listen, name="line", daemon=True)
        self._thread.start()

    def submit(self, call: Callable[..., object], *arguments: object) -> bool:
        """Here and now: what is called only sends. False once nobody listens."""
        if self._left_at is not None:
            return False
        call(*arguments)
        return True

    def stop(self, timeout: float) -> bool:
        """Hang up, and wait up to ``timeout`` seconds for the core to put its things in order. True if it did."""
        self._stopping = True
        self._hang_up()
        return over_within(timeout, self._thread)

    # --- the line ----------------------------------------------------------------------------------------------------

    def answer(self, answer: Answer, serial: int) -> None:
        self._send(Answered(answer, serial))

    def glass_failed(self) -> None:
        self._send(GlassFailed())

    def _send(self, value: object) -> None:
        with self._sending, suppress(OSError):  # where it is gone, the listening thread tells
            self._end.sendall(packed(value))

    def _listen(self) -> None:
        error: Exception | None = None
        try:
            self._hear()
        except Exception as failed:  # noqa: BLE001  whatever ended the line, the glass must hear of it
            error = failed
        status = self.end()
        if error is None and status not in (0, REFUSED, RESTART):
            error = CoreLost()
            log.critical("the core's process ended with exit status %s (below 0: the signal)", status)
        if not self._stopping:  # who has hung up asks for the status
            self._ended(error)

    def _hear(self) -> None:
        from kiosk.screens import Scene

        vitals = self.watchdog.vitals
        while (value := self._received()) is not None:
            match value:
                case Scene():
                    self._show(value)
                case Stepped():
                    vitals.stepped()
                    self._send(Seen(vitals.frame_age_s, vitals.uncaught["glass"], resident_bytes()))
                case StatusLine():
                    self.watchdog.status(value.text)

    def _received(self) -> Any:
        """The next value, overwritten once it is understood; ``None`` at the end of the line."""
        head = self._exactly(LENGTH.size)
        content = None if head is None else self._exactly(*LENGTH.unpack(head))
        if content is None:
            return None
        value = pickle.loads(content)  # noqa: S301 - from our own other half
        content[:] = bytes(len(content))
        return value

    def _exactly(self, size: int) -> bytearray | None:
        content, got = bytearray(size), 0
        with memoryview(content) as room, suppress(ConnectionError):
            while got < size:
                count = self._end.recv_into(room[got:])
                if count == 0:
                    break
                got += count
        return content if got == size else None

    # --- the end -----------------------------------------------------------------------------------------------------

    def _hang_up(self) -> None:
        if self._left_at is None:
            self._left_at = time.monotonic()
            with suppress(OSError):  # it is gone already
                self._end.shutdown(socket.SHUT_WR)

    def end(self) -> int:
        """Wait for the end of a core that hears nothing any more, and give its exit status; insist after a while."""
        with self._reaping:
            if self.status is None:
                self._hang_up()
                until = (self._left_at or time.monotonic()) + ENDS_S
                ended, status = os.waitpid(self._child, os.WNOHANG)
                while not ended:
                    if time.monotonic() > until:
                        os.kill(self._child, signal.SIGKILL)
                    time.sleep(0.01)
                    ended, status = os.waitpid(self._child, os.WNOHANG)
                self.status = os.waitstatus_to_exitcode(status)
            return self.status
