"""Screens about the card: put it in, leave it in, what shall be done with it. No PIN: only whether it is known."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from drivers.frozen import dataclass
from kiosk.screens.answers import Answer, Nothing, Pick
from kiosk.screens.parts import Holder, ServiceTile
from kiosk.screens.screen import Screen


class CardProblem(StrEnum):
    """Why the card that was put in is of no use. ``WRONG_WAY`` says the reader, all else
    ``kiosk.held_card.problem_of``."""

    WRONG_WAY = "wrong_way"
    FOREIGN = "foreign"
    """A chip card, but not a social-security card."""
    UNREADABLE = "unreadable"
    LEFT = "left"
    """It was pulled while being read."""
    NO_CAMERA = "no_camera"
    """Nothing was put in yet: a code was to stand in for the card, and the camera failed."""
    STILL_UNREADABLE = "still_unreadable"
    """It was turned round or wiped often enough: somebody else must look at it."""
    NEEDS_KEY = "needs_key"
    """The card wants a read key that this terminal cannot get, or refuses the one that it got."""


@dataclass(frozen=True, slots=True)
class InsertCard(Screen[Pick]):
    """Put the card in; with a problem, why the last one was of no use."""

    problem: CardProblem | None = None
    card_in: bool = False
    """True while the wrong card must first be taken out."""
    without_card: bool = False
    """Offers the e-credential instead: choice ``credential``."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick,)


@dataclass(frozen=True, slots=True)
class Reading(Screen[Nothing]):
    """Leave the card in."""

    can_finish: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Menu(Screen[Pick]):
    """The card came first: what shall it be?"""

    holder: Holder
    services: tuple[ServiceTile, ...]
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick,)
    private: ClassVar[frozenset[str]] = frozenset({"holder"})


@dataclass(frozen=True, slots=True)
class KnowsPin(Screen[Pick]):
    """Password: do you know the old one? Choices ``change`` and ``reset``."""

    locked: bool = False
    """The chip says that the PIN is locked: only a reset helps."""
    unproved: bool = False
    """An earlier visit wrote a new password that the chip never proved: it holds the new one or still the old one."""
    can_reset: bool = True
    """Without it ``reset`` tells why not here, and where to go."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick,)

    @property
    def variant(self) -> str | None:
        return "locked" if self.locked else "unproved" if self.unproved else None
