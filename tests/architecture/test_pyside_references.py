"""PySide6 gives back every reference to None that it takes.

6.12.0 on CPython 3.11 loses one with each call that returns nothing; after some thousand calls the interpreter aborts.
On 3.12 and later None cannot die, and the count says nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

CALLS = 1000


def lost_references(act: Callable[[], object]) -> int:
    """How many references to None disappear while ``act`` is called 1000 times."""
    act()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        act()
    return before - sys.getrefcount(None)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on: nothing can be lost")
def test_qt_calls_lose_no_reference_to_none() -> None:
    from PySide6.QtCore import QObject, QTimer
    from PySide6.QtGui import QGuiApplication

    app = QGuiApplication.instance() or QGuiApplication([])  # one for the whole run: others need it too
    item, timer = QObject(), QTimer()

    def act() -> None:
        app.processEvents()
        item.setObjectName("x")
        timer.start(60_000)
        timer.stop()

    lost = lost_references(act)
    assert abs(lost) < CALLS / 10, (
        f"{lost} references to None lost in {CALLS} rounds: this PySide6 aborts the terminal sooner or later; "
        "pin another version (docs/adr/0005-dependencies.md)"
    )


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on: nothing can be counted")
def test_a_drift_is_noticed() -> None:
    kept: list[None] = []
    assert lost_references(lambda: kept.append(None)) <= -CALLS
