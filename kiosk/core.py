"""The core of one terminal on its loop: what the glass reaches before the terminal stands, and until it is closed.

Owns the order in which a terminal is begun and put away, and what stands on the glass where none may serve. What a
terminal does while it lives is ``kiosk.terminal``'s affair.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

from kiosk.screens import Answer, OutOfOrder, Scene

if TYPE_CHECKING:
    from drivers.api import CardReader
    from kiosk.glass import Glass
    from kiosk.station import Station
    from kiosk.terminal import Terminal
    from kiosk.watchdog import Vitals

STOP_S = 6.0
"""How long a visit may take to come to its end when the terminal is told to stop."""
LOOK_AGAIN_S = 5.0
"""From one look at what keeps a terminal from serving to the next."""


class Core:
    """One terminal on the core's loop, reachable from the glass before it stands."""

    def __init__(self) -> None:
        self.glass: Glass | None = None
        self.end_visit: Callable[[], None] = lambda: None
        self.beside: Callable[[Terminal], AbstractAsyncContextManager[object]] = lambda _: nullcontext()
        """What stands beside the terminal while it lives."""
        self.unusable = False
        """Something of the terminal's own (a key, its journal, its folder) cannot be used, and that has been said."""
        self.restart: Callable[[], bool] = lambda: False
        """Whether staff have asked for the program to be started anew."""

    def answer(self, answer: Answer, serial: int) -> None:
        if self.glass is not None:
            self.glass.receive(answer, serial)

    async def live(self, reader: CardReader, made: Callable[[], Station], draw: Callable[[Scene], None]) -> None:
        """The terminal's life. ``made`` makes the station around ``reader``."""
        # The reader's process begins now and is ready when what follows has been made and loaded.
        asking = asyncio.ensure_future(reader.health())
        # The watch asks again, and listens.
        asking.add_done_callback(lambda asked: asked.cancelled() or asked.exception())
        await asyncio.sleep(0)
        try:
            station = made()
        except BaseException:
            asking.cancel()
            await reader.close()
            raise
        from kiosk import compose
        from kiosk.glass import Glass
        from kiosk.terminal import Terminal

        self.glass = Glass(draw)
        terminal = Terminal(station, self.glass)
        self.end_visit = terminal.end_visit
        self.restart = lambda: terminal.restart
        async with self.beside(terminal):
            running = asyncio.ensure_future(terminal.run())
            try:
                await asyncio.shield(running)
            finally:
                terminal.stop()
                await asyncio.wait({running}, timeout=STOP_S)
                running.cancel()
                asking.cancel()
                await compose.close(station)


async def serve_nobody(show: Callable[[Scene], None], code: str, vitals: Vitals, until: Callable[[], bool]) -> None:
    """Out of order, with the code for staff, until what is wrong is mended; looked at every few seconds."""
    show(Scene(1, OutOfOrder(code)))
    stepping = asyncio.ensure_future(vitals.keep_stepping())
    try:
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            if until():
                return
    finally:
        stepping.cancel()
