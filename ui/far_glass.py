"""The glass, for the core's process: the core runs in a thread as ever; what it shows and hears crosses the line."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Callable, Coroutine
from queue import SimpleQueue
from typing import Any

from kiosk.outline import outline
from kiosk.screens import Answer, Scene
from kiosk.watchdog import Vitals, Watchdog
from ui.core_thread import CoreThread
from ui.line import Line
from ui.two_processes import Answered, GlassFailed, Seen, StatusLine, Stepped, end_with
from ui.uncaught import Uncaught

log = logging.getLogger(__name__)

CoreMain = Callable[[Callable[[Scene], None]], Coroutine[Any, Any, None]]

SETTLED_S = 1.5
"""After the start: what has been loaded by then stays, and the collector need not look at it again."""


class _FarVitals(Vitals):
    """The core's, told to the glass; and of the glass's what it was told last."""

    def __init__(self, tell: Callable[[object], None]) -> None:
        super().__init__()
        self._tell = tell

    def stepped(self) -> None:
        super().stepped()
        self._tell(Stepped())

    def seen(self, seen: Seen) -> None:
        self._painted = None if seen.frame_age_s is None else self.now() - seen.frame_age_s
        self.uncaught["glass"] = seen.uncaught
        self.elsewhere_bytes = seen.memory_bytes


class _FarWatchdog(Watchdog):
    """Has the glass tell the supervisor."""

    def __init__(self, tell: Callable[[object], None]) -> None:
        self.far = _FarVitals(tell)
        super().__init__(self.far, None)
        self._tell = tell

    def status(self, line: str) -> None:
        self._tell(StatusLine(line))


class FarGlass:
    """The glass, for the core's process; it has been told already what it must know before there is a window."""

    def __init__(self, end: socket.socket, process: int) -> None:
        self._end = end
        self._process = process
        self._line: Line | None = None
        self._watchdog = _FarWatchdog(self._tell)

    @property
    def watchdog(self) -> Watchdog:
        return self._watchdog

    def run(
        self, core_main: CoreMain, answer: Callable[[Answer, int], object], glass_failed: Callable[[], object]
    ) -> BaseException | None:
        """Run the core, in a thread as ever, until it is over or the glass wants no more of it. Returns what ended it,
        ``None`` if nothing was wrong."""
        end_with(self._process)
        over: SimpleQueue[BaseException | None] = SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGINT):  # they are the glass's, which then hangs up
            signal.signal(number, lambda *_: None)
        with Uncaught(self._uncaught):
            CoreThread(over.put, self._left_over).start(lambda: self._live(core_main, answer, glass_failed))
            return over.get()

    async def _live(
        self, core_main: CoreMain, answer: Callable[[Answer, int], object], glass_failed: Callable[[], object]
    ) -> None:
        loop = asyncio.get_running_loop()
        line = self._line = Line(self._end)
        sending = asyncio.ensure_future(line.keep_sending())
        hearing = asyncio.ensure_future(self._hear(line, answer, glass_failed))
        living = asyncio.ensure_future(core_main(line.send))
        loop.call_later(SETTLED_S, _settle)
        try:
            await asyncio.wait({living, hearing}, return_when=asyncio.FIRST_COMPLETED)
            living.cancel()  # where it is the glass that has hung up
            await asyncio.wait({living})
        finally:
            hearing.cancel()
            sending.cancel()
        if not living.cancelled():
            living.result()

    async def _hear(
        self, line: Line, answer: Callable[[Answer, int], object], glass_failed: Callable[[], object]
    ) -> None:
        loop = asyncio.get_running_loop()
        async for value in line.values():
            match value:  # each in a turn of its own, so that an error of one is no end of the line
                case Answered():
                    loop.call_soon(answer, value.answer, value.serial)
                case GlassFailed():
                    loop.call_soon(glass_failed)
                case Seen():
                    self._watchdog.far.seen(value)

    def _tell(self, value: object) -> None:
        if self._line is not None:
            self._line.send(value)

    def _left_over(self) -> None:
        self._watchdog.vitals.uncaught["core"] += 1

    def _uncaught(self, error: BaseException) -> None:
        log.critical("not caught: %s", outline(error))
        self._left_over()


def _settle() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()
