"""How a window comes to be, and what is said when it does not."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.screens import ALL, Attract, Reading
from tests.helpers.lit import Lit
from ui.application import QML, NoWindow
from ui.gallery.states import TILES
from ui.window import Preload, Sweep, fit, load_window


@pytest.fixture(scope="module")
def lit() -> Iterator[Lit]:
    terminal = Lit()
    yield terminal
    terminal.put_out()


def test_every_screen_has_its_file_and_no_file_is_over() -> None:
    assert {file.stem for file in (QML / "screens").glob("*.qml")} == {screen.__name__ for screen in ALL}


@pytest.mark.parametrize(
    ("qml", "reason"),
    [
        ("import QtQuick\nWindow { no_such_property: 1 }", "no_such_property"),
        ("import QtQuick\nItem {}", "no window as its root"),
    ],
)
def test_a_window_that_cannot_be_made_says_why(
    lit: Lit, tmp_path: Path, qml: str, reason: str, qtlog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "Main.qml"
    file.write_text(qml, "utf-8")
    with qtlog.disabled(), pytest.raises(NoWindow, match=reason):  # type: ignore[attr-defined]  # pytest-qt's own
        load_window(lit.engine, file, {})


def test_a_window_on_a_desktop_has_the_shape_of_the_panel(lit: Lit) -> None:
    fit(lit.window, 336, 597)
    assert lit.window.width() / lit.window.height() == pytest.approx(336 / 597, rel=0.01)
    room = lit.window.screen().availableGeometry()
    assert lit.window.height() <= room.height()
    assert lit.window.width() <= room.width()


def test_nobody_closes_the_window_unless_it_is_one_on_a_desktop(lit: Lit) -> None:
    assert lit.window.close() is False
    assert lit.window.isVisible()
    lit.window.setProperty("closable", True)
    try:
        assert lit.window.close() is True
    finally:
        lit.window.setProperty("closable", False)
        lit.window.show()


def test_all_screens_are_compiled_after_the_first(lit: Lit) -> None:
    preload = Preload(lit.engine, lit.stage)
    preload.begin()
    lit.until(lambda: preload.ready)
    assert preload.failed == []


def test_the_collector_works_only_where_it_is_let(lit: Lit) -> None:
    sweep = Sweep(lit.stage, lit.window)
    lit.show(Reading())
    try:
        sweep.begin()
        assert not gc.isenabled()
        lit.until(lambda: gc.get_freeze_count() > 0)
    finally:
        sweep.end()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_rubbish_in_a_circle_is_collected_when_the_sweep_comes_round(lit: Lit) -> None:
    class Circle:
        alive = 0

        def __init__(self) -> None:
            self.me = self
            Circle.alive += 1

        def __del__(self) -> None:
            Circle.alive -= 1

    sweep = Sweep(lit.stage, lit.window, every_ms=10)
    lit.show(Attract(TILES))
    sweep.begin()
    try:
        for _ in range(10):
            Circle()
        assert Circle.alive == 10
        lit.until(lambda: Circle.alive == 0)
    finally:
        sweep.end()
