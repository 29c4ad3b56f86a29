"""A terminal on mocks and virtual time with its real window, played by a citizen who has six keys and no touch.

The core's clock stands still while the window paints, so a visit takes no longer than its pictures. Only keys are
pressed: nothing here gives the focus to anything.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickItem

from kiosk.screens import Answer, Back, Finish, Key, Pick, Prefer, Proceed, Scene
from tests.helpers.citizen import Citizen
from tests.helpers.lit import Lit
from tests.helpers.storyboard import Stage

ARROWS = {
    (0, -1): Qt.Key.Key_Up,
    (0, 1): Qt.Key.Key_Down,
    (-1, 0): Qt.Key.Key_Left,
    (1, 0): Qt.Key.Key_Right,
}
OK, BACK = Qt.Key.Key_Return, Qt.Key.Key_Escape
BETWEEN_S = 0.05
"""Virtual seconds from one key to the next."""


class NoWay(AssertionError):
    """The keys do not come to a control."""


def middle(item: QQuickItem) -> QPointF:
    return item.mapToScene(QPointF(item.width() / 2, item.height() / 2))


class LitStage(Stage):
    """The storyboards' terminal, drawn on a real window; what is pressed there goes to its glass."""

    def __init__(self, lit: Lit, *, pin_pad: bool = False) -> None:
        super().__init__(pin_pad=pin_pad)
        self.lit = lit
        lit.answers.clear()
        self.first_serial = lit.stage.scene.serial + 1
        self.glass.draw = self._light

    def _light(self, scene: Scene) -> None:
        shown = self.lit.stage.scene
        self._draw(scene)
        if shown is not None and shown.serial == scene.serial and shown.screen.name == scene.screen.name:
            self.lit.stage.show(scene)  # new values: nothing moves
            self.lit.turn()
        else:
            self.lit.put(scene)

    def press(self, key: Qt.Key) -> None:
        self.lit.finger.press(key)
        self.lit.turn()
        for answer, serial in self.lit.answers:
            self.glass.receive(answer, serial)
        self.lit.answers.clear()

    # --- by arrows ---------------------------------------------------------------------------------------------------

    def go_to(self, name: str) -> int:
        """Move the focus to a control by arrows; returns how many presses it took. Raises NoWay."""
        target = self.lit.finger.find(name)
        tried: set[tuple[str, tuple[int, int]]] = set()
        presses = 0
        while True:
            here = self.lit.focus()
            if here is None:
                if presses:
                    raise NoWay(f"the focus was lost on the way to {name}")
                self.press(Qt.Key.Key_Down)
                presses += 1
                continue
            if here.objectName() == name:
                return presses
            ways = [way for way in self._towards(here, target) if (here.objectName(), way) not in tried]
            if not ways:
                raise NoWay(f"no arrow leads from {here.objectName()} to {name}")
            tried.add((here.objectName(), ways[0]))
            self.press(ARROWS[ways[0]])
            presses += 1

    @staticmethod
    def _towards(here: QQuickItem, there: QQuickItem) -> list[tuple[int, int]]:
        """The four arrows, the most useful first."""
        way = middle(there) - middle(here)
        return sorted(ARROWS, key=lambda arrow: -(arrow[0] * way.x() + arrow[1] * way.y()))


@dataclass
class KeyedCitizen(Citizen):
    """Answers by keys alone. ``presses`` counts them; ``lost`` has the screens on which no control had the focus when
    something was to be answered."""

    presses: int = 0
    lost: list[str] = field(default_factory=list)
    _waiting: deque[tuple[Answer, int]] = field(default_factory=deque)

    def answer(self, answer: Answer) -> None:
        assert self.stage.glass.scene is not None
        self._waiting.append((answer, self.stage.glass.scene.serial))

    async def press_all(self) -> None:
        """Press what is to be pressed, until cancelled."""
        stage = self.stage
        assert isinstance(stage, LitStage)
        while True:
            await asyncio.sleep(BETWEEN_S)
            if not self._waiting:
                continue
            answer, serial = self._waiting.popleft()
            scene = stage.glass.scene
            if scene is None or scene.serial != serial:
                continue
            if self.presses and stage.lit.focus() is None:
                self.lost.append(scene.screen.name)
            if isinstance(answer, Back | Finish):
                stage.press(BACK)
                self.presses += 1
                continue
            self.presses += stage.go_to(_name(answer)) + 1
            stage.press(OK)


def _name(answer: Answer) -> str:
    match answer:
        case Proceed():
            return "proceed"
        case Pick(choice):
            return f"pick:{choice}"
        case Key(position):
            return f"key:{position}"
        case Prefer(what, value):
            return f"prefer:{what}:{value}"
        case _:
            raise NoWay(f"no key for {answer}")


# --- where the focus is to be seen -----------------------------------------------------------------------------------


def ring_of(item: QQuickItem, window: QRectF, width: float) -> list[tuple[int, int]]:
    """Points just outside a control, where its ring is drawn, as far as they lie on the window."""
    box = item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))
    out = width * 1.3  # the middle of the line: it begins 1.8 widths outside and is one width wide
    left, right, top, bottom = box.left() - out, box.right() + out, box.top() - out, box.bottom() + out
    points = [(box.left() + box.width() * part, y) for part in (0.3, 0.5, 0.7) for y in (top, bottom)]
    points += [(x, box.top() + box.height() * part) for part in (0.4, 0.5, 0.6) for x in (left, right)]
    return [(round(x), round(y)) for x, y in points if window.contains(QPointF(x, y))]


def differing(one: QImage, other: QImage, points: list[tuple[int, int]]) -> int:
    """At how many of the points two pictures are clearly not the same."""
    return sum(_apart(one.pixelColor(x, y).getRgb(), other.pixelColor(x, y).getRgb()) for x, y in points)


def _apart(one: object, other: object) -> bool:
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    return bool(sum(abs(a - b) for a, b in zip(one, other, strict=True)) > 90)
