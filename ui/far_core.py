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
from typing import TYPE_CHECKING

from kiosk.watchdog import Watchdog, resident_bytes
from ui.two_processes import LENGTH, REFUSED, RESTART, Answered, GlassFailed, Opening, Seen, StatusLine, Stepped

if TYPE_CHECKING:
    from kiosk.screens import Answer, Scene
    from ui.line import Line

log = logging.getLogger(__name__)

ENDS_S = 8.0
"""How long a core may take to put its things in order that nobody listens to any more."""


class CoreLost(Exception):
    """The core's process ended by itself, and not as it was told."""


class FarCore:
    """The core, for the glass's process: what ``run_terminal`` asks of one."""

    def __init__(self, end: socket.socket, child: int, watchdog: Watchdog) -> None:
        self._end = end
        self._child = child
        self._line: Line | None = None
        self.watchdog = watchdog
        self.status: int | None = None
        """Exit status, once it has ended."""
        self._left_at: float | None = None
        """When it was told that nobody listens any more."""
        self._reaping = threading.Lock()

    def opening(self) -> Opening | None:
        """What it says first, waited for. ``None`` where it has ended instead."""
        head = self._end.recv(LENGTH.size, socket.MSG_WAITALL)
        if len(head) < LENGTH.size:
            return None
        (size,) = LENGTH.unpack(head)
        opening: Opening = pickle.loads(self._end.recv(size, socket.MSG_WAITALL))  # noqa: S301 - from our own other half
        return opening

    async def live(self, show: Callable[[Scene], None]) -> None:
        """Until the core has ended; when cancelled, have it put its things in order. Raises CoreLost."""
        import asyncio  # loaded in the core's thread, while Qt works in the other

        from ui.line import Line

        line = self._line = Line(self._end)
        sending = asyncio.ensure_future(line.keep_sending())
        hearing = asyncio.ensure_future(self._hear(line, show))
        try:
            await asyncio.shield(hearing)
        finally:
            line.hang_up()
            self._left_at = time.monotonic()
            await asyncio.wait({hearing})
            sending.cancel()
            await asyncio.to_thread(self.end)
        if self.status not in (0, REFUSED, RESTART):
            log.critical("the core's process ended with exit status %s (below 0: the signal)", self.status)
            raise CoreLost

    async def _hear(self, line: Line, show: Callable[[Scene], None]) -> None:
        from kiosk.screens import Scene

        vitals = self.watchdog.vitals
        async for value in line.values():
            match value:
                case Scene():
                    show(value)
                case Stepped():
                    vitals.stepped()
                    line.send(Seen(vitals.frame_age_s, vitals.uncaught["glass"], resident_bytes()))
                case StatusLine():
                    self.watchdog.status(value.text)

    def answer(self, answer: Answer, serial: int) -> None:
        """On the loop, as the next one."""
        if self._line is not None:
            self._line.send(Answered(answer, serial))

    def glass_failed(self) -> None:
        if self._line is not None:
            self._line.send(GlassFailed())

    def end(self) -> int:
        """Wait for the end of a core that hears nothing any more, and give its exit status; insist after a while."""
        with self._reaping:
            if self.status is None:
                self._end.close()
                until = (time.monotonic() if self._left_at is None else self._left_at) + ENDS_S
                ended, status = os.waitpid(self._child, os.WNOHANG)
                while not ended:
                    if time.monotonic() > until:
                        os.kill(self._child, signal.SIGKILL)
                    time.sleep(0.01)
                    ended, status = os.waitpid(self._child, os.WNOHANG)
                self.status = os.waitstatus_to_exitcode(status)
            return self.status
