"""The way into operator mode on the real glass, by finger and by keys; the banner and the veil over every screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from kiosk.screens import Attract, Menu, OutOfOrder, Preferences, StaffMenu, Summon
from tests.helpers.lit import PORTRAIT, Lit
from ui.application import application
from ui.gallery.states import HOLDER, TILES, samples

WIDTH, HEIGHT = PORTRAIT
FIRST, SECOND, AMIDST = QPoint(20, 20), QPoint(WIDTH - 20, 20), QPoint(WIDTH // 2, HEIGHT // 3)


class Watched(Lit):
    """A lit terminal whose clock is the test's."""

    def __init__(self, *, simulated: bool = False) -> None:
        super().__init__(simulated=simulated)
        self.now = 0.0
        self.stage._clock = lambda: self.now
        self._panel = QTest.createTouchDevice()

    def hold(self, at: QPoint, seconds: float) -> None:
        QTest.touchEvent(self.window, self._panel).press(0, at, self.window).commit()
        self.now += seconds
        QTest.touchEvent(self.window, self._panel).release(0, at, self.window).commit()
        self.now += 0.3
        self.turn()

    def key(self, key: Qt.Key, seconds: float) -> None:
        QTest.keyPress(self.window, key)
        self.now += seconds
        QTest.keyRelease(self.window, key)
        self.now += 0.3
        self.turn()

    def summoned(self) -> bool:
        return any(isinstance(answer, Summon) for answer, _ in self.answers)


@pytest.fixture
def lit() -> Iterator[Watched]:
    application(software=True, offscreen=True)
    terminal = Watched()
    yield terminal
    terminal.put_out()


@pytest.mark.parametrize("screen", [Attract(TILES), OutOfOrder("D01")], ids=["attract", "out of order"])
def test_the_gesture_summons_from_the_screens_between_visits(lit: Watched, screen: Attract | OutOfOrder) -> None:
    shown = lit.show(screen)
    lit.hold(FIRST, 3.3)
    for place in (SECOND, FIRST, SECOND, SECOND):
        assert not lit.summoned()
        lit.hold(place, 0.15)
    assert lit.summoned()
    assert [serial for answer, serial in lit.answers if isinstance(answer, Summon)] == [shown.serial]


def test_six_keys_can_make_it_too(lit: Watched) -> None:
    lit.show(Attract(TILES))
    lit.key(Qt.Key.Key_Escape, 3.3)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Up):
        lit.key(key, 0.1)
    assert lit.summoned()
    assert lit.said() == [Summon()]


def test_a_touch_elsewhere_spoils_it(lit: Watched) -> None:
    lit.show(Attract(TILES))
    lit.hold(FIRST, 3.3)
    for place in (SECOND, AMIDST, FIRST, SECOND, SECOND):
        lit.hold(place, 0.15)
    assert not lit.summoned()


def test_a_visit_cannot_be_left_that_way(lit: Watched) -> None:
    lit.show(Menu(HOLDER, TILES))
    lit.hold(FIRST, 3.3)
    for place in (SECOND, FIRST, SECOND, SECOND):
        lit.hold(place, 0.15)
    assert not lit.summoned()


def test_the_banner_stands_on_every_screen_of_staff_and_nothing_on_it_can_be_touched() -> None:
    application(software=True, offscreen=True)
    terminal = Watched(simulated=True)
    try:
        for label, screen in samples():
            if screen.name.startswith("Staff") or screen.name == "Closed":
                terminal.show(screen)
                assert any("演示环境" in text for text in terminal.finger.texts()), label
        assert [name for name in terminal.finger.controls() if "banner" in name.lower()] == []
    finally:
        terminal.put_out()


def test_the_veil_darkens_and_lets_every_touch_through(lit: Watched) -> None:
    menu = next(screen for label, screen in samples() if label == "staff menu, main")
    assert isinstance(menu, StaffMenu)
    lit.present(menu, Preferences())
    bright = lit.picture().pixelColor(AMIDST)
    lit.present(menu, Preferences(veil=0.4))
    assert lit.picture().pixelColor(AMIDST).lightness() < bright.lightness() * 0.75
    lit.finger.tap("pick:tests")
    lit.turn()
    assert [type(answer).__name__ for answer in lit.said()] == ["Pick"]
