"""A few hundred strokes on the glass with every test run; ten thousand by ``tests.system.hammer``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system import hammer

pytestmark = pytest.mark.skipif(bool(hammer.missing()), reason=f"not on this machine: {hammer.missing()}")

STROKES = 60


def test_a_child_before_the_glass_breaks_nothing(tmp_path: Path) -> None:
    outcome = hammer.hammer(STROKES, 7, tmp_path / "terminal.log")
    assert outcome.gestures == STROKES
    assert outcome.screens.total() > 3, "the strokes did not arrive"


def test_the_strokes_are_those_of_the_seed() -> None:
    one, same, other = (
        [line for _ in range(300) for line in hammer_of.gesture()]
        for hammer_of in (hammer.Child(1), hammer.Child(1), hammer.Child(2))
    )
    assert one == same != other


@pytest.mark.parametrize(
    ("does", "what"),
    [
        ("import subprocess; process = subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL)", "new processes"),
        (
            "from PySide6.QtGui import QWindow; window = QWindow(); window.resize(300, 200); window.show()",
            "windows are",
        ),
    ],
)
def test_what_must_not_be_is_found(tmp_path: Path, does: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same glass, with one thing wrong from the first stroke on."""
    monkeypatch.setenv("HAMMERED_GOES_WRONG", does)
    with pytest.raises(hammer.Broken, match=what):
        hammer.hammer(400, 1, tmp_path / "terminal.log")
