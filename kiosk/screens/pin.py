"""Screens on which a PIN is typed. They know how many digits there are, and no digit."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from drivers.frozen import dataclass
from kiosk.screens.answers import Answer, Key, Pick, Proceed
from kiosk.screens.screen import Screen


class PinPurpose(StrEnum):
    """Which PIN is asked for: the one that opens the card, a new one, the new one once more."""

    CURRENT = "current"
    NEW = "new"
    REPEAT = "repeat"


class PinProblem(StrEnum):
    """Why a PIN must be typed again. ``WRONG`` is the chip's word; all but that and ``DIFFERENT`` are reasons of
    ``kiosk.pin.weakness``."""

    WRONG = "wrong"
    DIFFERENT = "different"
    """The two new ones are not the same."""
    INITIAL = "initial"
    REPEATS = "repeats"
    RUN = "run"
    PATTERN = "pattern"
    DATE = "date"
    PERSONAL = "personal"
    COMMON = "common"
    OLD = "old"


class Keypad(StrEnum):
    """Which keys the digits are typed on."""

    GLASS = "glass"
    PAD = "pad"
    """The pad beside the glass. The glass shows its picture, not keys of its own: nobody types half a PIN on each."""
    GLASS_INSTEAD = "glass_instead"
    """The pad does not answer: said once, and what was typed on it is gone."""


@dataclass(frozen=True, slots=True)
class EnterPin(Screen["Key | Proceed | Pick"]):
    """Six digits. The screen knows only how many there are."""

    purpose: PinPurpose
    filled: int = 0
    length: int = 6
    problem: PinProblem | None = None
    tries_left: int | None = None
    """As the card said; shown with ``wrong`` and when few are left."""
    keypad: Keypad = Keypad.GLASS
    """With the pad, its green key stands for Proceed, and choice ``glass`` asks for the keys on the glass."""
    or_reset: bool = False
    """Offers whoever has forgotten it to set a new one: choice ``reset``."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Key, Proceed, Pick)

    @property
    def variant(self) -> str | None:
        return str(self.purpose)

    def typed(self, filled: int) -> EnterPin:
        """The same with so many digits, typed on the glass: what was wrong before, and where the pad is, was read."""
        return EnterPin(self.purpose, filled, self.length, tries_left=self.tries_left, or_reset=self.or_reset)


@dataclass(frozen=True, slots=True)
class LastTry(Screen["Proceed | Pick"]):
    """One try is left. Go on with it, or rather reset the password (choice ``reset``)?"""

    can_reset: bool = True
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed, Pick)

    @property
    def variant(self) -> str | None:
        return None if self.can_reset else "no_reset"
