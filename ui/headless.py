"""The terminal without a panel: the real QML, painted off screen in this process and played by code. Qt keeps the main
thread; the core and the script that plays the citizen share the core's loop, and every look and every touch is an
errand to the GUI thread that the script awaits.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickWindow

from kiosk.screens import Answer, Scene
from ui.application import application
from ui.core_thread import CoreThread
from ui.finger import Finger, NoControl
from ui.stage import Stage, Surroundings
from ui.window import Preload, Sweep, open_window

T = TypeVar("T")

SETTLES_S = 0.35
"""How long a transition may take on a window that does not say when it is over (``settled``)."""
LOOK_AGAIN_S = 0.01
"""Between two looks at a window that is still moving."""
PATIENCE_S = 10.0


class NotSeen(TimeoutError):
    """The screen that was waited for did not come; says which one stands there."""


class HeadlessGlass:
    """A glass that nobody sees, for ``kiosk demo --headless`` and for tests.

    :meth:`run` belongs to the main thread; the coroutines belong to the script that it runs. ``answer`` is called on
    the core's loop with all that is tapped, exactly as by :func:`ui.app.run_terminal`.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        answer: Callable[[Answer, int], object],
        *,
        width: int = 1080,
        height: int = 1920,
    ) -> None:
        self._surroundings = surroundings
        self._answer = answer
        self._size = (width, height)
        self.screens_seen: list[str] = []
        """Name of every screen that was on the glass, in order; read it in the script or after the run."""
        self.answered_s: list[float] = []
        """For every tap that changed the glass: seconds from the touch to the first frame that shows the change."""
        self._begin()
        self._gui: _Gui | None = None
        self._core: CoreThread | None = None

    def _begin(self) -> None:
        self.screens_seen.clear()
        self.answered_s.clear()
        self._scene: Scene | None = None
        self._changed = asyncio.Event()  # of the loop that waits first: each run has its own
        self._still = asyncio.Event()

    # --- main thread -------------------------------------------------------------------------------------------------

    def run(self, script: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Open the window, run ``script()`` on a core thread until it ends, close again; returns what it returned.

        Raises what it raised, and NoWindow if there is no QML to show.
        """
        self._begin()
        app = application(software=True, offscreen=True)
        outcome: list[T] = []
        errors: list[BaseException] = []
        gui: _Gui

        async def main() -> None:
            outcome.append(await script())

        def ended(error: BaseException | None) -> None:
            if error is not None:
                errors.append(error)
            gui.over.emit()

        core = CoreThread(ended)
        stage = Stage(lambda answer, serial: core.submit(self._answer, answer, serial), self._surroundings)
        engine, window = open_window(stage)
        window.resize(*self._size)
        window.show()
        gui = _Gui(
            app,
            stage,
            window,
            saw=lambda scene: core.submit(self._saw, scene),
            moved=lambda settled: core.submit(self._moved, settled),
            answered=self.answered_s.append,
        )
        sweep = Sweep(stage, window)
        self._gui, self._core = gui, core
        sweep.begin()
        former_hook = sys.excepthook

        def uncaught(_kind: object, error: BaseException, _places: object) -> None:
            errors.append(error)
            app.exit(0)

        sys.excepthook = uncaught  # a slot that fails would else leave the script waiting for ever
        try:
            core.start(main)
            Preload(engine, stage).begin()
            gui.loop()
        finally:
            sys.excepthook = former_hook
            core.stop(PATIENCE_S)
            sweep.end()
            self._gui = self._core = None
            window.deleteLater()
            engine.deleteLater()
            gui.deleteLater()
            stage.deleteLater()
            app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if errors:
            raise errors[0]
        return outcome[0]

    # --- the core's loop ---------------------------------------------------------------------------------------------

    def show(self, scene: Scene) -> None:
        """What the core draws on. From any thread, while :meth:`run` runs."""
        assert self._gui is not None, "the glass is lit only while it runs"
        self._gui.stage.show(scene)

    @property
    def scene(self) -> Scene | None:
        """What is on the glass, as far as the script has heard."""
        return self._scene

    def _saw(self, scene: Scene) -> None:
        if self._scene is None or scene.serial != self._scene.serial or scene.screen.name != self.screens_seen[-1]:
            self.screens_seen.append(scene.screen.name)
        self._scene = scene
        self._changed.set()

    def _moved(self, settled: bool) -> None:
        if settled:
            self._still.set()
        else:
            self._still.clear()

    async def wait_until(self, wanted: Callable[[Scene], bool], timeout: float = PATIENCE_S) -> Scene:
        """Wait for a scene that is as ``wanted`` and stands still on the glass. Raises NotSeen."""
        until = asyncio.get_running_loop().time() + timeout
        while True:
            scene = self._scene
            if scene is not None and wanted(scene):
                await self.settle()
                if self._scene is not None and wanted(self._scene):
                    return self._scene
                continue
            self._changed.clear()
            try:
                async with asyncio.timeout_at(until):
                    await self._changed.wait()
            except TimeoutError as late:
                there = "nothing" if scene is None else f"{scene.screen.name} ({scene.screen.variant})"
                raise NotSeen(
                    f"{there} is on the glass after {timeout:g} s; before it {self.screens_seen[-8:]}"
                ) from late

    async def wait_for(self, *screen_names: str, timeout: float = PATIENCE_S) -> Scene:
        """Wait for the first of these screens to stand still on the glass. Raises NotSeen."""
        return await self.wait_until(lambda scene: scene.screen.name in screen_names, timeout)

    async def settle(self) -> None:
        """Wait until every transition is over. Raises NotSeen for a glass that never stands still."""
        gui = self._lit()
        if not gui.tells_when_settled:
            await asyncio.sleep(SETTLES_S)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._still.wait()
        except TimeoutError as late:
            raise NotSeen(f"the glass still moves after {PATIENCE_S:g} s") from late

    async def tap(self, name: str, timeout: float = PATIENCE_S) -> None:
        """Touch a control by its object name, else by what a screen reader calls it, once it can be touched and
        stands still. Raises NoControl, which names what there is."""
        finger = self._lit().finger
        until = asyncio.get_running_loop().time() + timeout
        while True:
            await self.settle()
            try:
                if await self._there(lambda: self._touch(finger, name)):
                    return
            except NoControl:
                if asyncio.get_running_loop().time() >= until:
                    raise
            await asyncio.sleep(LOOK_AGAIN_S)

    def _touch(self, finger: Finger, name: str) -> bool:
        """On the GUI thread: a new screen may have begun to come while the errand was on its way."""
        if finger.settled() is False:
            return False
        at = time.perf_counter()
        finger.tap(name)
        self._lit().touched_at = at
        return True

    async def press(self, key: Qt.Key) -> None:
        """Press one of the six keys of a terminal without touch."""
        finger = self._lit().finger
        await self._there(lambda: finger.press(key))

    async def texts(self) -> list[str]:
        """All words that can be read now."""
        return await self._there(self._lit().finger.texts)

    async def controls(self) -> list[str]:
        """Object names of all that can be touched now."""
        finger = self._lit().finger
        return await self._there(lambda: sorted(finger.controls()))

    async def screenshot(self, path: Path) -> Path:
        """A picture of the glass once it stands still, as a PNG. Raises OSError if it cannot be written."""
        await self.settle()
        window = self._lit().window

        def grab() -> bool:
            saved: bool = window.grabWindow().save(str(path), "PNG")  # type: ignore[call-overload]  # stub: bytes
            return saved

        if not await self._there(grab):
            raise OSError(f"{path}: the picture could not be written")
        return path

    @property
    def window(self) -> QQuickWindow:
        """The window itself, for who looks at it on the GUI thread."""
        return self._lit().window

    async def on_gui(self, look: Callable[[], T]) -> T:
        """Run this on the GUI thread and return what it returned; raises what it raised."""
        return await self._there(look)

    def _lit(self) -> _Gui:
        assert self._gui is not None, "the glass is lit only while it runs"
        return self._gui

    async def _there(self, look: Callable[[], T]) -> T:
        """Run ``look`` on the GUI thread and bring back what it returned or raised."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def bring(value: T | None, error: BaseException | None) -> None:
            if answer.cancelled():
                return
            if error is None:
                answer.set_result(value)  # type: ignore[arg-type]  # without an error it is what `look` returned
            else:
                answer.set_exception(error)

        def errand() -> None:
            value: T | None = None
            error: BaseException | None = None
            try:
                value = look()
            except Exception as raised:  # noqa: BLE001  it is raised again where it is awaited
                error = raised
            if self._core is not None:
                self._core.submit(bring, value, error)

        self._lit().errand.emit(errand)
        return await answer


class _Gui(QObject):
    """What stands on the GUI thread's side: it runs errands, and tells what came on the glass and when."""

    errand = Signal(object)
    over = Signal()

    def __init__(
        self,
        app: QGuiApplication,
        stage: Stage,
        window: QQuickWindow,
        *,
        saw: Callable[[Scene], object],
        moved: Callable[[bool], object],
        answered: Callable[[float], object],
    ) -> None:
        super().__init__()
        self.stage = stage
        self.window = window
        self.finger = Finger(window)
        self.touched_at: float | None = None
        self._app = app
        self._saw = saw
        self._moved = moved
        self._answered = answered
        self._changed = False
        self.errand.connect(self._run, Qt.ConnectionType.QueuedConnection)
        self.over.connect(self._end, Qt.ConnectionType.QueuedConnection)
        # The stage has its own queued slot on this signal, connected first: it has the scene when this one is called.
        stage.shown.connect(self._shown, Qt.ConnectionType.QueuedConnection)
        window.frameSwapped.connect(self._painted)
        settled_changed = getattr(window, "settledChanged", None)
        self.tells_when_settled = settled_changed is not None
        if settled_changed is not None:
            settled_changed.connect(self._settled)

    def loop(self) -> None:
        """Until the script is over."""
        self._settled()
        self._app.exec()

    @Slot()
    def _end(self) -> None:
        self._app.exit(0)

    @Slot(object)
    def _run(self, errand: Callable[[], None]) -> None:
        errand()

    @Slot(object)
    def _shown(self, scene: Scene) -> None:
        self._changed = True
        self._settled()  # the window moves already: it is told first, so that nobody touches what goes
        self._saw(scene)

    @Slot()
    def _settled(self) -> None:
        self._moved(self.finger.settled() is not False)

    @Slot()
    def _painted(self) -> None:
        if self._changed and self.touched_at is not None:
            self._answered(time.perf_counter() - self.touched_at)
            self.touched_at = None
        self._changed = False
