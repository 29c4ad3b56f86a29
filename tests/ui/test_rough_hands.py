"""Ten fingers, a palm, a finger that rests, and taps while one screen gives way to another: in process, for no tool can
send touches from outside. The strokes of a mouse from outside are ``tests/system/hammer.py``.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest

from kiosk.lifecycle import State
from kiosk.screens import ALL, Attract, Finish, Prefer, Scene, Touched
from tests.helpers.keyed import LitStage
from tests.helpers.lit import Lit
from tests.helpers.virtual_time import run
from ui.gallery.states import samples

PANEL = (540, 960)
GESTURES = 250
FINGERS = 10
SEED = 20261121


@pytest.fixture(scope="module")
def lit() -> Iterator[Lit]:
    terminal = Lit(PANEL)
    yield terminal
    terminal.put_out()


def _point(chance: random.Random) -> QPoint:
    return QPoint(chance.randrange(PANEL[0]), chance.randrange(PANEL[1]))


def hands(lit: Lit, chance: random.Random) -> None:
    """Up to ten fingers down, moved and lifted one after the other, in any order."""
    panel, window = lit.finger._panel, lit.window
    down = {finger: _point(chance) for finger in range(chance.choice((1, 2, 3, 5, FINGERS, FINGERS)))}
    first = QTest.touchEvent(window, panel)
    for finger, point in down.items():
        first.press(finger, point, window)
    first.commit()
    for _ in range(chance.randrange(3)):
        moved = QTest.touchEvent(window, panel)
        for finger in down:
            down[finger] = _point(chance) if chance.random() < 0.3 else down[finger]
            moved.move(finger, down[finger], window)
        moved.commit()
    while down:
        lifted = chance.choice(sorted(down))
        last = QTest.touchEvent(window, panel)
        last.release(lifted, down.pop(lifted), window)
        for finger in down:
            last.stationary(finger)
        last.commit()
    lit.turn()


def test_ten_fingers_on_every_screen_say_only_what_the_screen_asks(lit: Lit) -> None:
    chance = random.Random(SEED)
    for label, screen in samples():
        shown = lit.show(screen)
        lit.answers.clear()
        for _ in range(3):
            hands(lit, chance)
        for answer, serial in lit.answers:
            assert isinstance(answer, (*screen.answers, Finish, Prefer, Touched)), f"{label}: {answer}"
            assert serial in (shown.serial, 0) or isinstance(answer, Touched), f"{label}: {serial}"
            assert not isinstance(answer, Finish) or screen.can_finish, label
        assert lit.window.isVisible()


def test_ten_fingers_through_whole_visits(lit: Lit) -> None:
    """Whatever is struck, the terminal stays in states that its lifecycle names, and comes back to the next citizen."""

    async def main() -> set[str]:
        chance = random.Random(SEED)
        stage = LitStage(lit)
        running = asyncio.ensure_future(stage.terminal.run())
        await stage.come(Attract)
        acts = (stage.hall.insert_card, stage.hall.lay_id, stage.hall.show_code, stage.hall.pull_card)
        for gesture in range(GESTURES):
            hands(lit, chance)
            for answer, serial in lit.answers:
                stage.glass.receive(answer, serial)
            lit.answers.clear()
            if chance.random() < 0.3:
                chance.choice(acts)()
            await asyncio.sleep(chance.uniform(0.0, 1.5) if chance.random() < 0.98 else 130.0)
            assert not running.done(), gesture
            assert stage.terminal.state in (State.ATTRACT, State.VISIT, State.FAREWELL), gesture
        stage.hall.pull_card()
        stage.hall.lift_id()
        stage.hall.hide_code()
        await stage.come(Attract)
        assert not stage.kept
        seen = {scene.screen.name for scene in stage.scenes}
        stage.terminal.stop()
        await running
        await stage.close()
        return seen

    seen = run(main())
    assert seen <= {screen.__name__ for screen in ALL}
    assert len(seen) > 8, seen


def test_a_finger_that_rests_says_nothing_until_it_is_lifted(lit: Lit) -> None:
    scene: Scene = lit.show(next(screen for label, screen in samples() if label == "refused, slip printed"))
    lit.answers.clear()
    button = lit.finger.find("proceed")
    middle = button.mapToScene(button.boundingRect().center()).toPoint()
    QTest.touchEvent(lit.window, lit.finger._panel).press(0, middle, lit.window).commit()
    lit.settle()
    assert lit.said() == []
    QTest.touchEvent(lit.window, lit.finger._panel).release(0, middle, lit.window).commit()
    lit.turn()
    assert [serial for answer, serial in lit.answers if not isinstance(answer, Touched)] == [scene.serial]
