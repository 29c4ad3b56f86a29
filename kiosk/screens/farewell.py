"""Screens of the end of a visit: still there, take the card, goodbye."""

from __future__ import annotations

from typing import ClassVar

from drivers.frozen import dataclass
from kiosk.screens.answers import Answer, Nothing, Proceed
from kiosk.screens.screen import Screen


def _belongings(slip: bool, id_card: bool, unsure: bool) -> str | None:
    left = "_".join([*(["slip"] if slip else []), *(["id_card"] if id_card else [])]) or None
    return f"{left}.unsure" if id_card and unsure else left


@dataclass(frozen=True, slots=True)
class TakeCard(Screen[Nothing]):
    """The card is free: take it. Stays until it is taken."""

    reminder: int = 0
    """How many times the citizen was reminded already."""
    slip: bool = False
    """A slip hangs in the printer too."""
    id_card: bool = False
    """An ID card was asked for in this visit and may still lie there."""
    unsure: bool = False
    """Nobody knows whether it was laid down: its reader never said that it saw one."""
    can_finish: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return _belongings(self.slip, self.id_card, self.unsure)


@dataclass(frozen=True, slots=True)
class Goodbye(Screen[Nothing]):
    """A short thank-you before the attract screen returns."""

    slip: bool = False
    id_card: bool = False
    unsure: bool = False
    can_finish: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return _belongings(self.slip, self.id_card, self.unsure)


@dataclass(frozen=True, slots=True)
class StillThere(Screen[Proceed]):
    """Idle warning: one tap goes on."""

    seconds: int
    card_in: bool = True
    """The card is still in the reader, and whoever goes must not forget it."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed,)

    @property
    def variant(self) -> str | None:
        return None if self.card_in else "no_card"
