"""A run of the terminal in its two processes: ``python -m tests.helpers.run_in_two_processes WAY`` parts as a terminal
does, with a core that only shows the attract screen, and goes the way that is named. Each process says what it does.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from drivers.api import Frame
from kiosk.screens import Answer, Attract, Scene, ShowCode
from kiosk.text import Catalogue, catalogues
from kiosk.watchdog import Vitals, Watchdog
from tests.helpers.runs import SECRET
from ui.surroundings import Surroundings
from ui.two_processes import CRASHED, REFUSED, RESTART, Opening, divided, packed

WORDS = {language: catalogue.texts for language, catalogue in catalogues().items()}


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def core(way: str, line: socket.socket) -> int:
    from ui.far_glass import FarGlass
    from ui.gallery.states import TILES

    if way == "refused":
        say("core refuses")
        return REFUSED
    line.sendall(packed(Opening(Surroundings(336, 597, {"zh": "大厅"}), False, Path.cwd(), "", WORDS)))
    glass = FarGlass(line, os.getppid())
    over = asyncio.Event()

    async def main(show: Callable[[Scene], None]) -> None:
        say("core begins")
        stepping = asyncio.ensure_future(glass.watchdog.vitals.keep_stepping())
        show(Scene(1, Attract(TILES), card_in=True))
        try:
            if way == "restarts":
                await asyncio.sleep(0.5)
                return
            if way == "crashes":
                await asyncio.sleep(0.5)
                raise ValueError(SECRET)
            if way == "killed":
                await asyncio.sleep(0.5)
                os.kill(os.getpid(), signal.SIGKILL)
            if way == "pictures":
                for number in range(40):
                    show(Scene(2 + number, ShowCode(preview=Frame(640, 480, bytes([number]) * 640 * 480))))
                show(Scene(99, Attract(TILES)))
            if way == "left alone":
                say(f"core {os.getpid()}")
                await asyncio.sleep(0.5)
                os.kill(os.getppid(), signal.SIGKILL)
            while glass.watchdog.vitals.frame_age_s is None:
                await asyncio.sleep(0.05)
            say("core hears of frames")
            await over.wait()
        finally:
            stepping.cancel()
            say("core puts its things in order")
            if way == "does not end":
                threading.Event().wait()  # a loop that is stuck

    def answer(answer: Answer, serial: int) -> None:
        say(f"answer {type(answer).__name__} {serial}")
        if way == "fails at an answer":
            raise KeyError(SECRET)

    ended = glass.run(main, answer, lambda: say("visit ends"))
    say(f"uncaught in the core: {glass.watchdog.vitals.uncaught['core']}")
    return CRASHED if ended is not None else RESTART if way == "restarts" else 0


def glass(way: str, line: object, child: int) -> int:
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtQuick import QQuickWindow

    from ui.app import run_terminal
    from ui.far_core import FarCore
    from ui.finger import Finger

    far = FarCore(line, child, Watchdog(Vitals(), None))  # type: ignore[arg-type]
    opening = far.opening()
    if opening is None:
        say("glass was not wanted")
        return far.end()

    def touch() -> None:
        (window,) = (window for window in QGuiApplication.allWindows() if isinstance(window, QQuickWindow))
        finger = Finger(window)
        finger.tap(next(name for name in finger.controls() if name.startswith("pick:")))

    def fail() -> None:
        raise KeyError(SECRET)

    def painted(name: str, _seconds: float) -> None:
        say(f"painted {name}")
        if way in ("stopped", "does not end", "pictures"):
            QTimer.singleShot(900, lambda: os.kill(os.getpid(), signal.SIGTERM))
        if way in ("answers", "fails at an answer"):
            QTimer.singleShot(100, touch)
            QTimer.singleShot(300, fail)
            QTimer.singleShot(900, lambda: os.kill(os.getpid(), signal.SIGTERM))

    status: int = run_terminal(
        far.show_on,
        opening.surroundings,
        answer=far.answer,
        glass_failed=far.glass_failed,
        fullscreen=opening.fullscreen,
        painted=painted,
        software=True,
        watchdog=far.watchdog,
        last_words_s=0.5,
        beside=far.heard_by,
        words={language: Catalogue(language, texts) for language, texts in opening.words.items()},
    )
    say(f"steps {'heard' if far.watchdog.vitals.step_age_s < 2 else 'missed'}")
    say(f"core ended with {far.end()}")
    return status


def main() -> int:
    way = sys.argv[1]
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    line, child = divided()
    return glass(way, line, child) if child else core(way, line)


if __name__ == "__main__":
    sys.exit(main())
