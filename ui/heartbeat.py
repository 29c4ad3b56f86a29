"""Frames as a proof of life: one is asked for again and again, and each that reached the glass is told.

Owns the clock behind it. It paints nothing: where something moves anyhow, asking costs nothing, and a GUI that is stuck
paints no frame and says nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtQuick import QQuickWindow

from kiosk.watchdog import Watchdog
from ui.stage import Stage


class Heartbeat(QObject):
    """One window's."""

    def __init__(self, window: QQuickWindow, stage: Stage, watchdog: Watchdog) -> None:
        super().__init__()
        self._window = window
        self._stage = stage
        self._watchdog = watchdog
        self._timer = QTimer(self)
        self._timer.setInterval(int(watchdog.every_s * 1000))
        self._timer.timeout.connect(self._ask)

    def begin(self) -> None:
        self._window.frameSwapped.connect(self._painted)
        self._timer.start()

    def end(self) -> None:
        self._timer.stop()
        self._window.frameSwapped.disconnect(self._painted)
        self._watchdog.stopping()

    @Slot()
    def _ask(self) -> None:
        self._window.update()

    @Slot()
    def _painted(self) -> None:
        self._watchdog.painted(self._stage.scene.screen.name)
