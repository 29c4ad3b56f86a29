"""A finger and a pair of eyes for code: finds a control on the real screen, touches it as a citizen would, reads what
stands there. It goes through Qt's own event delivery and never calls what a control would have called. GUI thread only.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QPointingDevice
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest


class NoControl(LookupError):
    """There is nothing of that name that could be touched now."""


class Finger:
    """One finger on ``window``."""

    def __init__(self, window: QQuickWindow) -> None:
        self._window = window
        self._panel: QPointingDevice = QTest.createTouchDevice()

    def seen(self) -> Iterator[QQuickItem]:
        """Every item that is to be seen, in drawing order, parents before children."""
        waiting = [self._window.contentItem()]
        while waiting:
            item = waiting.pop()
            if not item.isVisible() or item.opacity() == 0:
                continue
            yield item
            # PySide at times still knows an address by what lived there before (a QMetaObject of a page that is gone).
            children = [child for child in item.childItems() if isinstance(child, QQuickItem)]
            front_last = sorted(children, key=QQuickItem.z)  # stable: equal z in order of creation
            waiting += front_last[::-1]

    def controls(self) -> dict[str, QQuickItem]:
        """All that can be touched now, by object name; what is drawn later hides what is under it."""
        return {item.objectName(): item for item in self.seen() if item.objectName() and item.isEnabled()}

    def find(self, name: str) -> QQuickItem:
        """A control by its object name, else by the name that a screen reader says. Raises NoControl."""
        controls = self.controls()
        if name in controls:
            return controls[name]
        for item in self.seen():
            if item.isEnabled() and item.activeFocusOnTab() and spoken(item) == name:
                return item
        raise NoControl(f"no {name!r} to touch, only {', '.join(sorted(controls)) or 'nothing'}")

    def tap(self, name: str) -> None:
        """Touch the middle of a control and let go. Raises NoControl."""
        item = self.find(name)
        self.tap_at(item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint())

    def tap_at(self, point: QPoint) -> None:
        """Touch a point of the window, in its own pixels, and let go."""
        QTest.touchEvent(self._window, self._panel).press(0, point, self._window).commit()
        QTest.touchEvent(self._window, self._panel).release(0, point, self._window).commit()

    def press(self, key: Qt.Key) -> None:
        """Press one of the six keys and let go."""
        QTest.keyClick(self._window, key)

    def texts(self) -> list[str]:
        """Every text that is to be seen, in drawing order."""
        return [str(item.property("text")) for item in self.seen() if _is_text(item)]

    def settled(self) -> bool | None:
        """Whether every transition is over; ``None`` if the window does not tell."""
        value = self._window.property("settled")
        return value if isinstance(value, bool) else None


def spoken(item: QObject) -> str:
    """What a screen reader says of an item."""
    face = QAccessible.queryAccessibleInterface(item)
    return face.text(QAccessible.Text.Name) if face is not None else ""


def _is_text(item: QQuickItem) -> bool:
    return item.inherits("QQuickText") and bool(item.property("text"))
