"""A whole run of the terminal as a process of its own: ``python -m tests.helpers.run_of_terminal WAY`` lights the real
window with a core that only shows the attract screen, and then goes the way that is named.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickWindow

from kiosk.screens import Answer, Attract, Scene, Starting
from tests.helpers.runs import SECRET
from ui.app import Show, run_terminal
from ui.core_thread import CoreThread
from ui.finger import Finger
from ui.gallery.states import TILES
from ui.stage import Surroundings


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Core:
    """A core that does one thing wrong, or nothing."""

    def __init__(self, way: str) -> None:
        self._way = way
        self._over = asyncio.Event()

    async def run(self, show: Show) -> None:
        say("core begins")
        show(Scene(1, Starting()))
        show(Scene(2, Attract(TILES), card_in=True))
        try:
            if self._way == "returns":
                return
            if self._way == "crashes":
                await asyncio.sleep(0.3)
                raise ValueError(SECRET)
            await self._over.wait()
        finally:
            say("core ends")

    def answer(self, answer: Answer, serial: int) -> None:
        say(f"answer {type(answer).__name__} {serial}")

    def glass_failed(self) -> None:
        say(f"visit ends in {threading.current_thread().name}")


class OverAtOnce:
    """Stands where a core would, which is over before there is a window."""

    def __init__(self, ended: Callable[[BaseException | None], None], _stray: Callable[[], object]) -> None:
        self._ended = ended

    def start(self, _main: Callable[[], object]) -> None:
        self._ended(None)

    def submit(self, _call: Callable[..., object], *_arguments: object) -> bool:
        return False

    def stop(self, _timeout: float) -> bool:
        return True


def _windows() -> list[QQuickWindow]:
    return [window for window in QGuiApplication.allWindows() if isinstance(window, QQuickWindow)]


def _fail() -> None:
    raise KeyError(SECRET)


def _fail_in_thread() -> None:
    thread = threading.Thread(target=_fail)
    thread.start()
    thread.join()


def _fail_often() -> None:
    for after in range(10):
        QTimer.singleShot(after * 10, _fail)


def _close() -> None:
    for window in _windows():
        say(f"closed {window.close()}")


def _read() -> None:
    for window in _windows():
        say(f"on the glass: {'; '.join(''.join(text.splitlines()) for text in Finger(window).texts())}")


def _lose_graphics() -> None:
    _windows()[0].sceneGraphError.emit(QQuickWindow.SceneGraphError.ContextNotAvailable, "no context")


def _terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> int:
    way = sys.argv[1]
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    core = Core(way)

    def painted(name: str, seconds: float) -> None:
        say(f"painted {name}")
        assert 0 < seconds < 60
        if name != "Attract":
            return
        cursor = QGuiApplication.overrideCursor()
        say(f"cursor {'shown' if cursor is None else 'hidden'}")
        acts: dict[str, Callable[[], object]] = {
            "crashes": lambda: QTimer.singleShot(700, _read),
            "terminated": _terminate,
            "loses its graphics": _lose_graphics,
            "fails": lambda: (QTimer.singleShot(0, _fail), QTimer.singleShot(300, _terminate)),
            "fails in a thread": lambda: (QTimer.singleShot(0, _fail_in_thread), QTimer.singleShot(300, _terminate)),
            "fails often": _fail_often,
            "closed": lambda: (QTimer.singleShot(0, _close), QTimer.singleShot(300, _terminate)),
            "closed on a desktop": _close,
        }
        if way in acts:
            acts[way]()

    status = run_terminal(
        core.run,
        Surroundings(336, 597, {"zh": "大厅"}, simulated=True),
        answer=core.answer,
        glass_failed=core.glass_failed,
        painted=painted,
        fullscreen=way != "closed on a desktop",
        software=True,
        last_words_s=1.0,
        beside=OverAtOnce if way == "over at once" else CoreThread,
    )
    say(f"threads {threading.active_count()}")
    return status


if __name__ == "__main__":
    sys.exit(main())
