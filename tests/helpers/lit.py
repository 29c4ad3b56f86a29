"""The terminal's real window for tests, in this thread and without a core: scenes go in, answers are
gathered. It owns one stage, one engine and one window; it never calls what a control would have called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtQuick import QQuickItem

from kiosk.screens import Answer, Contrast, Preferences, Scene, Screen, Size
from tests.helpers.gallery import scene
from ui.finger import Finger
from ui.stage import Stage, Surroundings
from ui.window import application, open_window

PORTRAIT = (1080, 1920)
LANDSCAPE = (1920, 1080)

HALL = {"zh": "郑州市社会保障服务 · 自助服务", "en": "Zhengzhou social security · self-service"}
"""An invented name of the hall."""


class Lit:
    """A lit terminal. ``answers`` has everything that went up, with the serial it answers."""

    def __init__(self, size: tuple[int, int] = PORTRAIT, *, still: bool = True, simulated: bool = False) -> None:
        self.app = application(software=True, offscreen=True)
        self.answers: list[tuple[Answer, int]] = []
        width_mm, height_mm = (597.0, 336.0) if size[0] > size[1] else (336.0, 597.0)
        self.stage = Stage(
            lambda answer, serial: self.answers.append((answer, serial)),
            Surroundings(width_mm, height_mm, HALL, simulated=simulated, reduced_motion=still),
        )
        self.engine, self.window = open_window(self.stage)
        self.finger = Finger(self.window)
        self._frames = 0
        self.window.frameSwapped.connect(self._painted)
        self.window.resize(*size)
        self.window.show()
        self.settle()

    def _painted(self) -> None:
        self._frames += 1

    def show(
        self,
        screen: Screen[Any],
        *,
        language: str = "zh",
        size: Size = Size.NORMAL,
        contrast: Contrast = Contrast.NORMAL,
    ) -> Scene:
        """Show a screen as the next scene and wait until it stands still."""
        wanted = replace(scene(screen, self.stage.scene.serial + 1), preferences=Preferences(language, size, contrast))
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

    def turn(self) -> None:
        """Let everything happen that waits to happen."""
        for _ in range(3):
            self.app.processEvents()

    def until(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait for a condition; AssertionError if it does not come."""
        gave_up: list[bool] = []
        late = QTimer()
        late.setSingleShot(True)
        late.timeout.connect(lambda: gave_up.append(True))
        late.start(int(seconds * 1000))
        while not condition():
            assert not gave_up, f"waited {seconds:g} s in vain"
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def said(self) -> list[Answer]:
        """What went up, without the mere touches."""
        return [answer for answer, _ in self.answers if type(answer).__name__ != "Touched"]

    def focus(self) -> QQuickItem | None:
        """The control that the six keys are on."""
        item = self.window.activeFocusItem()
        if item is None or item.property("isTarget") is not True or not item.isVisible():
            return None  # what a change of values has hidden keeps the focus, but nobody sees it there
        return item

    def put_out(self) -> None:
        """Close and destroy everything, now."""
        self.window.deleteLater()
        self.engine.deleteLater()
        self.stage.deleteLater()
        self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def below(root: QObject) -> Iterator[QObject]:
    """Every QObject of a window's tree, by parents and by what is drawn in what."""
    waiting: list[QObject] = [root]
    met: dict[int, QObject] = {}  # kept, for a wrapper that is gone lends its id to the next
    while waiting:
        one = waiting.pop()
        # PySide at times still knows an address by what lived there before (a QMetaObject of a page that is gone).
        if id(one) in met or not isinstance(one, QObject):
            continue
        met[id(one)] = one
        yield one
        waiting += one.children()
        if isinstance(one, QQuickItem):
            waiting += one.childItems()
