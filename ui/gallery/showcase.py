"""The terminal's real window without a core and without a panel: a scene goes in and stands still when it is done. It
owns one stage, one engine and one window; it never calls what a control would have called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtGui import QImage
from PySide6.QtQml import QQmlError

from kiosk.screens import Answer, Preferences, Scene
from kiosk.text import Catalogue
from ui.application import application
from ui.finger import Finger
from ui.gallery.states import AnyScreen, scene
from ui.stage import Stage, Surroundings
from ui.window import open_window

HALL = {"zh": "郑州市社会保障服务 · 自助服务", "en": "Zhengzhou social security · self-service"}
"""An invented name of the hall."""
PATIENCE_S = 5.0


class NeverStill(AssertionError):
    """The window did not come to rest in time."""


class Showcase:
    """A lit terminal of ``size`` pixels. ``answered`` hears of every answer with the serial it answers."""

    def __init__(
        self,
        size: tuple[int, int],
        millimetres: tuple[float, float],
        *,
        answered: Callable[[Answer, int], object] = lambda _answer, _serial: None,
        still: bool = True,
        simulated: bool = False,
        words: Mapping[str, Catalogue] | None = None,
        lower_edge_mm: float = 850.0,
    ) -> None:
        self.app = application(software=True, offscreen=True)
        surroundings = Surroundings(
            *millimetres, HALL, simulated=simulated, reduced_motion=still, lower_edge_mm=lower_edge_mm
        )
        # The time of day is the scene's and stands: a picture is the same whenever it is taken.
        self.stage = Stage(answered, surroundings, wall=lambda: 0.0, words=words)
        self.engine, self.window = open_window(self.stage)
        self._complaints: list[str] = []
        self.engine.warnings.connect(self._complained)
        self.finger = Finger(self.window)
        self._frames = 0
        self.window.frameSwapped.connect(self._painted)
        self.window.resize(*size)
        self.window.show()
        self.settle()

    def _painted(self) -> None:
        self._frames += 1

    def _complained(self, warnings: list[QQmlError]) -> None:
        self._complaints += [warning.toString() for warning in warnings]

    def complaints(self) -> list[str]:
        """What QML has complained of since this was asked last: a page that cannot be loaded, a value that is not
        there."""
        taken, self._complaints = self._complaints, []
        return taken

    def present(
        self,
        screen: AnyScreen,
        preferences: Preferences,
        *,
        offers_large: bool = False,
        another_waits: bool = False,
        can_speak: bool = False,
        can_read_out: bool = False,
    ) -> Scene:
        """Show a screen as the next scene and wait until it stands still."""
        plain = scene(screen, self.stage.scene.serial + 1)
        wanted = replace(
            plain,
            preferences=preferences,
            offers_large=offers_large,
            another_waits=another_waits,
            idle_s=108.0 if another_waits else plain.idle_s,
            card_in=plain.card_in and not another_waits,
            can_speak=can_speak,
            can_read_out=can_read_out,
        )
        self.put(wanted)
        return wanted

    def put(self, wanted: Scene) -> None:
        """Show a scene as it is and wait until it stands still."""
        self.stage.show(wanted)
        self.until(lambda: self.stage.scene is wanted)
        self.settle()

    def settle(self) -> None:
        """Wait until everything is laid out and painted and nothing moves."""
        self.turn()
        self.until(lambda: self.finger.settled() is not False)
        painted = self._frames
        self.window.update()
        self.until(lambda: self._frames > painted)

    def picture(self) -> QImage:
        """What the glass shows now."""
        return self.window.grabWindow()

    def turn(self) -> None:
        """Let everything happen that waits to happen."""
        for _ in range(3):
            self.app.processEvents()

    def until(self, condition: Callable[[], object], seconds: float = PATIENCE_S) -> None:
        """Wait for a condition. Raises NeverStill if it does not come."""
        gave_up: list[bool] = []
        late = QTimer()
        late.setSingleShot(True)
        late.timeout.connect(lambda: gave_up.append(True))
        late.start(int(seconds * 1000))
        while not condition():
            if gave_up:
                raise NeverStill(f"waited {seconds:g} s in vain")
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def put_out(self) -> None:
        """Close and destroy everything, now."""
        self.window.deleteLater()
        self.engine.deleteLater()
        self.stage.deleteLater()
        self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
