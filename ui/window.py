"""How the terminal's window comes to be: the engine with its pictures, Main.qml with its stage, and the compiling of
the other screens once the first one stands. Shared by the terminal on its panel and the one that is played without one.
"""

from __future__ import annotations

import gc
import logging
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtQml import QQmlApplicationEngine, QQmlComponent, QQmlEngine
from PySide6.QtQuick import QQuickWindow

from ui.application import QML, NoWindow, Reading
from ui.connections import ONCE
from ui.images import register
from ui.stage import Stage

log = logging.getLogger(__name__)


SWEEP_MS = 5_000
"""Between two rounds of the collector; reference counts free nearly everything at once."""

FULL_SWEEP = 24
"""Every so many rounds (two minutes) all generations are looked through, if nobody is being served."""

FREEZE_MS = 1_500
"""After the start: looking through all that was loaded takes some 50 ms, and the first frame shall not wait for it."""

FORGET_MS = 1_000
"""After the attract screen came: the last picture of a visit has left the glass by then."""


def open_window(stage: Stage, reading: Reading | None = None) -> tuple[QQmlApplicationEngine, QQuickWindow]:
    """Load Main.qml around ``stage``; the window is made but not shown by us. Raises NoWindow."""
    reading = reading or Reading()
    reading.go_on()
    engine = reading.engine
    register(stage.pictures, engine)
    return engine, load_window(engine, QML / "Main.qml", {"stage": stage})


def load_window(engine: QQmlApplicationEngine, file: Path, properties: dict[str, QObject]) -> QQuickWindow:
    """One more window of ``engine``. Raises NoWindow."""
    known = len(engine.rootObjects())
    said: list[str] = []
    listening = engine.warnings.connect(lambda warnings: said.extend(w.toString() for w in warnings))
    engine.setInitialProperties(properties)
    engine.load(str(file))
    QObject.disconnect(listening)
    roots = engine.rootObjects()
    if len(roots) == known or not isinstance(roots[-1], QQuickWindow):
        raise NoWindow("; ".join(said) or f"{file} has no window as its root")
    return roots[-1]


def fit(window: QQuickWindow, width_mm: float, height_mm: float) -> None:
    """Give a window on a desktop the shape of the panel, as large as the desktop allows, at most 1920 pixels tall."""
    room = window.screen().availableGeometry()
    scale = min(0.92 * room.width() / width_mm, 0.92 * room.height() / height_mm, 1920 / max(width_mm, height_mm))
    window.resize(round(width_mm * scale), round(height_mm * scale))


class Preload(QObject):
    """Compiles the screens one after the other while nothing else is to do, and keeps them compiled."""

    def __init__(self, engine: QQmlEngine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._left = sorted((QML / "screens").glob("*.qml"), reverse=True)
        self._kept: list[QQmlComponent] = []
        self.ready = False
        self.failed: list[str] = []
        """What Qt said of screens that it could not compile."""
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(0)  # after all that waits in the event loop already
        self._next.timeout.connect(self._compile)

    def begin(self) -> None:
        self._next.start()

    @Slot()
    def _compile(self) -> None:
        if not self._left:
            self.ready = True
            self.failed = [component.errorString() for component in self._kept if component.isError()]
            log.log(logging.ERROR if self.failed else logging.DEBUG, "compiled: %s", self.failed or "all screens")
            return
        file = str(self._left.pop())
        component = QQmlComponent(self._engine, file, QQmlComponent.CompilationMode.Asynchronous, self)
        self._kept.append(component)
        if component.isLoading():
            component.statusChanged.connect(self._compile, ONCE)
        else:
            self._next.start()


class Sweep(QObject):
    """Collects cyclic garbage on the GUI thread and on no other, in small rounds.

    Python's collector runs on whichever thread happens to allocate; a QObject that it finds on the core's thread is
    destroyed there, and the process dies. So the automatic collector is off while this is at work.
    """

    def __init__(self, stage: Stage, window: QQuickWindow, *, every_ms: int = SWEEP_MS) -> None:
        super().__init__(stage)
        self._stage = stage
        self._round = 0
        self._timer = QTimer(self)
        self._timer.setInterval(every_ms)
        self._timer.timeout.connect(self._sweep)
        self._started = QTimer(self)
        self._started.setSingleShot(True)
        self._started.setInterval(FREEZE_MS)
        self._started.timeout.connect(self._freeze)
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(FORGET_MS)
        self._forget.timeout.connect(window.releaseResources)
        stage.screenNameChanged.connect(self._after_a_visit)

    def begin(self) -> None:
        gc.disable()
        self._timer.start()
        self._started.start()

    @Slot()
    def _freeze(self) -> None:
        """What start-up left is rubbish or stays for good: the collector need not look at the latter again."""
        gc.collect()
        gc.freeze()

    def end(self) -> None:
        self._timer.stop()
        self._started.stop()
        gc.unfreeze()
        gc.enable()

    @Slot()
    def _sweep(self) -> None:
        self._round += 1
        idle = self._stage.scene.screen.name == "Attract"
        gc.collect(2 if idle and self._round % FULL_SWEEP == 0 else 1)

    @Slot()
    def _after_a_visit(self) -> None:
        """Qt keeps pictures that nobody shows any more for a while: here one of them may be a citizen's."""
        if self._stage.scene.screen.name == "Attract":
            self._forget.start()
