"""The terminal on its panel: Qt paints in the main thread, the core lives in its own, and this is what holds the two
together from the first frame to the exit status. It never dies silently: whatever fails is logged without personal
data, told to the core or to the citizen, and ends in a status that the supervisor understands.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from enum import IntEnum
from pathlib import Path
from types import FrameType
from typing import Any

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QSocketNotifier,
    QTimer,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
)

from kiosk.outline import outline
from kiosk.screens import Answer, OutOfOrder, Scene
from kiosk.text import Catalogue
from kiosk.watchdog import Vitals, Watchdog
from ui.application import NoWindow, Reading, application
from ui.connections import ONCE, QUEUED
from ui.core_thread import Core, CoreThread
from ui.dock.hall import SimulatedHall
from ui.heartbeat import Heartbeat
from ui.stage import Stage, Surroundings
from ui.uncaught import Uncaught
from ui.window import Preload, Sweep, fit, open_window

log = logging.getLogger(__name__)
qt_log = logging.getLogger("ui.qt")

Show = Callable[[Scene], None]
CoreMain = Callable[[Show], Any]
"""A coroutine to run, for a core in a thread; to be told where to show, for one that lives elsewhere."""
Beside = Callable[[Callable[[BaseException | None], None], Callable[[], object]], Core]
"""Makes what stands beside the glass, told whom to tell of its end and of what was left over."""

CORE_STOPS_S = 10.0
"""How long the core may take to free the card and close its devices."""
LAST_WORDS_S = 8.0
"""How long the citizen reads that the machine is out of order before the supervisor starts it anew."""
FAULTS_PER_MINUTE = 3
"""More exceptions in the GUI than that, and it is better begun anew than patched."""
BLANK_MS = 500
"""So long there may be nothing on the glass while the core looks at its reader; then it says that it is starting."""
CRASHED = "S90"
"""Operator code of a core that ended by itself."""


class Exit(IntEnum):
    """How a run ended; the numbers above 0 are sysexits(3)."""

    STOPPED = 0
    NO_WINDOW = 69
    """Nothing could be painted: EX_UNAVAILABLE."""
    CRASHED = 70
    """The core or the GUI failed: EX_SOFTWARE."""


def run_terminal(
    core_main: CoreMain,
    surroundings: Surroundings,
    *,
    answer: Callable[[Answer, int], object],
    fullscreen: bool = True,
    closable: bool | None = None,
    dock: SimulatedHall | None = None,
    glass_failed: Callable[[], object] | None = None,
    painted: Callable[[str, float], object] | None = None,
    software: bool = False,
    watchdog: Watchdog | None = None,
    crash_code: str = CRASHED,
    last_words_s: float = LAST_WORDS_S,
    reading: Reading | None = None,
    words: Mapping[str, Catalogue] | None = None,
    beside: Beside = CoreThread,
) -> int:
    """Run the terminal in this (the main) thread until it is told to stop; returns the exit status.

    ``core_main(show)`` runs on the core's loop; ``show`` may be called from there. ``answer(answer, serial)`` is
    called on the core's loop for all that the citizen does, ``glass_failed()`` when the GUI had an exception and the
    visit must end. ``painted(screen name, seconds since the process began)`` hears of the first frame, and of the
    first that shows more than that the terminal is starting. ``closable`` is whether the window may be closed, by
    default only when it is not ``fullscreen``. With ``dock`` a second window plays the simulated devices. A core that
    crashes is shown as out of order with ``crash_code`` for ``last_words_s`` before the run ends. ``watchdog`` is told
    of every painted frame, of which there is one at least every ``watchdog.every_s``, and of errors nobody caught.
    ``reading`` is an engine whose files are being read already, ``words`` are catalogues that somebody has loaded;
    ``beside`` makes what the core is to the glass.
    """
    run = _Run(surroundings, answer, glass_failed, painted, watchdog, crash_code, last_words_s, beside)
    return run.execute(
        core_main,
        fullscreen=fullscreen,
        closable=not fullscreen if closable is None else closable,
        dock=dock,
        software=software,
        reading=reading,
        words=words,
    )


class _Run(QObject):
    """One run of the terminal, from the first frame to the exit status."""

    core_ended = Signal(object)
    """Emitted in the core's thread, received in the GUI's: ``None`` or what ended the core."""
    faulted = Signal()
    """An exception that nobody caught, in whichever thread."""

    def __init__(
        self,
        surroundings: Surroundings,
        answer: Callable[[Answer, int], object],
        glass_failed: Callable[[], object] | None,
        painted: Callable[[str, float], object] | None,
        watchdog: Watchdog | None,
        crash_code: str,
        last_words_s: float,
        beside: Beside,
    ) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._answer = answer
        self._glass_failed = glass_failed
        self._painted = painted
        self._watchdog = Watchdog(Vitals(), None) if watchdog is None else watchdog
        self._crash_code = crash_code
        self._last_words_s = last_words_s
        self._core = beside(self.core_ended.emit, self._left_over)
        self._status = Exit.STOPPED
        self._ending = False
        self._left = False
        """It was asked to end, maybe before Qt's loop began: that forgets what it was told before."""
        self._faults: list[float] = []
        self._watching = True
        self.core_ended.connect(self._core_ended, QUEUED)
        self.faulted.connect(self._fault, QUEUED)

    def execute(
        self,
        core_main: CoreMain,
        *,
        fullscreen: bool,
        closable: bool,
        dock: SimulatedHall | None,
        software: bool,
        reading: Reading | None,
        words: Mapping[str, Catalogue] | None,
    ) -> Exit:
        try:
            self._app = application(software=software)
        except NoWindow as reason:
            log.critical("no window: %s", reason)
            return Exit.NO_WINDOW
        self._reading = reading or Reading()
        self._stage = Stage(self._send, self._surroundings, words=words)
        with _Hooks(self._uncaught), _Signals(self._leave):
            # First the core, so that it works while Qt reads its files; what it shows meanwhile waits in the queue.
            self._core.start(lambda: core_main(self._stage.show))
            try:
                self._engine, self._window = open_window(self._stage, self._reading)
                self._raise_curtain(fullscreen, closable)
                if dock is not None:
                    self._open_dock(dock)
            except NoWindow as reason:
                log.critical("no window: %s", reason)
                self._core.stop(CORE_STOPS_S)
                return Exit.NO_WINDOW
            sweep = Sweep(self._stage, self._window)
            sweep.begin()
            heartbeat = Heartbeat(self._window, self._stage, self._watchdog)
            heartbeat.begin()
            try:
                if not self._left:
                    self._app.exec()
            finally:
                self._ending = True
                heartbeat.end()
                if not self._core.stop(CORE_STOPS_S) and self._status is Exit.STOPPED:
                    self._status = Exit.CRASHED
                sweep.end()
                self._lower_curtain()
        return self._status

    # --- the window --------------------------------------------------------------------------------------------------

    def _raise_curtain(self, fullscreen: bool, closable: bool) -> None:
        self._window.frameSwapped.connect(self._frame)
        self._window.sceneGraphError.connect(self._no_graphics)
        if closable:
            self._window.setProperty("closable", True)
            self._window.closing.connect(self._leave)
        if not fullscreen:
            fit(self._window, self._surroundings.width_mm, self._surroundings.height_mm)
        self._fullscreen = fullscreen
        # Painting "starting" would hold up what comes a moment later, and that is what the citizen can use.
        settled_changed = getattr(self._window, "settledChanged", None)
        if settled_changed is not None:
            settled_changed.connect(self._stands)
        QTimer.singleShot(BLANK_MS, self._light)

    @Slot()
    def _stands(self) -> None:
        if self._window.property("settled") and self._stage.scene.screen.name != "Starting":
            self._light()

    @Slot()
    def _light(self) -> None:
        if self._ending or self._window.isVisible():
            return
        if self._fullscreen:
            self._window.showFullScreen()
        else:
            self._window.show()

    def _lower_curtain(self) -> None:
        """Windows, engine and stage go in this order, here, and not whenever Python comes across them."""
        if self._app.overrideCursor() is not None:
            self._app.restoreOverrideCursor()
        for window in self._engine.rootObjects():
            window.deleteLater()
        self._reading.deleteLater()
        self._engine.deleteLater()
        self._stage.deleteLater()
        from PySide6.QtCore import QEvent  # with all its enumeration: not before the first frame

        self._app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def _open_dock(self, hall: SimulatedHall) -> None:
        from ui.dock.desk import open_dock  # only where devices are played

        self._desk = open_dock(self._engine, hall, self._core, self._stage, beside=self._window)

    @Slot()
    def _frame(self) -> None:
        """The first frame at all, and the first that a citizen can act on."""
        if not self._watching:  # the render thread may have sent several before the first one was heard
            return
        name = self._stage.scene.screen.name
        if name != "Starting" and self._window.property("settled") is False:
            return  # no answer is taken from a screen that is still coming
        self._watching = False
        elapsed = since_process_start()
        log.info("%s painted %.0f ms after the process began", name, elapsed * 1000)
        if self._fullscreen:
            self._hide_pointer()
        if self._painted is not None:
            self._painted(name, elapsed)
        self._window.frameSwapped.disconnect(self._frame)
        if name == "Starting":
            self._stage.screenNameChanged.connect(self._interactive, ONCE)
        else:
            self._preload()

    def _hide_pointer(self) -> None:
        from PySide6.QtCore import Qt  # takes 20 ms, which the first frame does not wait for

        if self._app.overrideCursor() is None:
            self._app.setOverrideCursor(Qt.CursorShape.BlankCursor)

    @Slot()
    def _interactive(self) -> None:
        self._watching = True
        self._window.frameSwapped.connect(self._frame)

    def _preload(self) -> None:
        Preload(self._engine, self._stage).begin()

    @Slot(object, str)
    def _no_graphics(self, _error: object, message: str) -> None:
        log.critical("nothing can be painted: %s; set QT_QUICK_BACKEND=software to do without a GPU", message)
        self._quit(Exit.NO_WINDOW)

    # --- the core ----------------------------------------------------------------------------------------------------

    def _send(self, answer: Answer, serial: int) -> None:
        self._core.submit(self._answer, answer, serial)

    @Slot(object)
    def _core_ended(self, error: BaseException | None) -> None:
        if self._ending:
            return
        if error is None:
            self._leave()
            return
        last = self._stage.scene
        self._watchdog.vitals.core_over()
        self._status = Exit.CRASHED
        self._stage.show(
            Scene(
                last.serial + 1,
                OutOfOrder(self._crash_code, card_in=last.card_in),
                last.preferences,
                card_in=last.card_in,
                now=last.now,
            )
        )
        QTimer.singleShot(int(self._last_words_s * 1000), self._leave)

    def _left_over(self) -> None:
        """In the core's thread."""
        self._watchdog.vitals.uncaught["core"] += 1

    # --- the end -----------------------------------------------------------------------------------------------------

    def _uncaught(self, error: BaseException) -> None:
        """From any thread."""
        if isinstance(error, KeyboardInterrupt):
            self._leave()
            return
        log.critical("not caught: %s", outline(error))
        self._watchdog.vitals.uncaught["glass"] += 1
        self.faulted.emit()

    @Slot()
    def _fault(self) -> None:
        now = time.monotonic()
        self._faults = [*(f for f in self._faults if now - f < 60), now]
        told = self._glass_failed is not None and self._core.submit(self._glass_failed)
        if not told or len(self._faults) > FAULTS_PER_MINUTE:
            self._quit(Exit.CRASHED)

    def _quit(self, status: Exit) -> None:
        self._status = status
        self._leave()

    @Slot()
    def _leave(self) -> None:
        self._left = True
        # Not quit(): that asks every window whether it would be so kind, and ours refuses to close.
        self._app.exit(0)


def since_process_start() -> float:
    """Seconds since the kernel started this process, to its clock tick (10 ms): proc(5), field 22 of ``stat``."""
    after_name = Path("/proc/self/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    started = int(after_name[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


class _Hooks(Uncaught):
    """And every word of Qt."""

    def __enter__(self) -> None:
        super().__enter__()
        self._qt = qInstallMessageHandler(_qt_says)

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        qInstallMessageHandler(self._qt)


_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def _qt_says(kind: QtMsgType, where: QMessageLogContext, message: str) -> None:
    qt_log.log(_LEVELS.get(kind, logging.WARNING), "%s: %s", where.category, message)


class _Signals:
    """SIGTERM and SIGINT end the run cleanly. Python runs a handler only when Qt lets it, so a socket wakes Qt."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._asked = False

    def __enter__(self) -> None:
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._former_fd = signal.set_wakeup_fd(self._write.fileno())
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._woken)
        self._former = {s: signal.signal(s, self._caught) for s in (signal.SIGTERM, signal.SIGINT)}

    def __exit__(self, *_: object) -> None:
        for which, handler in self._former.items():
            signal.signal(which, handler)
        signal.set_wakeup_fd(self._former_fd)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()

    def _woken(self) -> None:
        """Being here is what counts: the interpreter has run the handler on the way. A signal that came before the
        event loop ran had nothing to end; here it has."""
        self._read.recv(64)
        if self._asked:
            self._end()

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        log.info("%s: ending", signal.Signals(number).name)
        self._asked = True
        self._end()
