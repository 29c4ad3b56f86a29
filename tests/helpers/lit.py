"""The terminal's real window for tests, in this thread and without a core: scenes go in, answers are gathered. It
adds to the gallery's showcase what a test asks of it; it never calls what a control would have called.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtQuick import QQuickItem

from kiosk.screens import Answer, Contrast, Hand, Preferences, Reach, Scene, Screen, Size
from ui.gallery.showcase import HALL, Showcase

__all__ = ["HALL", "LANDSCAPE", "PORTRAIT", "Lit", "below"]

PORTRAIT = (1080, 1920)
LANDSCAPE = (1920, 1080)


class Lit(Showcase):
    """A lit terminal. ``answers`` has everything that went up, with the serial it answers."""

    def __init__(self, size: tuple[int, int] = PORTRAIT, *, still: bool = True, simulated: bool = False) -> None:
        self.answers: list[tuple[Answer, int]] = []
        super().__init__(
            size,
            (597.0, 336.0) if size[0] > size[1] else (336.0, 597.0),
            answered=lambda answer, serial: self.answers.append((answer, serial)),
            still=still,
            simulated=simulated,
        )

    def show(
        self,
        screen: Screen[Any],
        *,
        language: str = "zh",
        size: Size = Size.NORMAL,
        contrast: Contrast = Contrast.NORMAL,
        reach: Reach = Reach.FULL,
        hand: Hand = Hand.BOTH,
    ) -> Scene:
        """Show a screen as the next scene and wait until it stands still."""
        return self.present(screen, Preferences(language, size, contrast, reach, hand))

    def said(self) -> list[Answer]:
        """What went up, without the mere touches."""
        return [answer for answer, _ in self.answers if type(answer).__name__ != "Touched"]

    def focus(self) -> QQuickItem | None:
        """The control that the six keys are on."""
        item = self.window.activeFocusItem()
        if item is None or item.property("isTarget") is not True or not item.isVisible():
            return None  # what a change of values has hidden keeps the focus, but nobody sees it there
        return item


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
