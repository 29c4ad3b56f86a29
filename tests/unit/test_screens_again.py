"""Screens that are made again with one value changed, and by hand because it happens at each touch: nothing is lost."""

from __future__ import annotations

from dataclasses import fields

import pytest

from drivers.api import Frame
from kiosk.screens import Answer, CodeProblem, EnterPin, Keypad, PinProblem, PinPurpose, ShowCode
from kiosk.screens.screen import Screen

PICTURE = Frame(2, 1, b"ab")
AGAIN = (
    (
        full := EnterPin(PinPurpose.CURRENT, 2, 8, PinProblem.WRONG, 2, keypad=Keypad.PAD, or_reset=True),
        full.typed(3),
        {"filled": 3, "problem": None, "keypad": Keypad.GLASS},
    ),
    (
        code := ShowCode(next(iter(CodeProblem)), or_id_card=True, or_card=True, preview=Frame(2, 1, b"xy")),
        code.seeing(PICTURE),
        {"preview": PICTURE},
    ),
)


@pytest.mark.parametrize(("before", "after", "changed"), AGAIN)
def test_what_was_not_to_change_is_as_it_was(
    before: Screen[Answer], after: Screen[Answer], changed: dict[str, object]
) -> None:
    for field in fields(before):  # type: ignore[arg-type]  # every screen is a dataclass
        value = getattr(before, field.name)
        assert getattr(after, field.name) == changed.get(field.name, value), field.name
        assert value != field.default, f"{field.name}: the test must begin with something of its own"
