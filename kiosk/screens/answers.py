"""What a citizen can do on the glass: the values that go up to the core.

An answer names an act (a choice, a key's position), never its meaning; what follows from it the core decides.
"""

from __future__ import annotations

from dataclasses import field

from drivers.frozen import dataclass


class Answer:
    """Something the citizen did on the glass."""


@dataclass(frozen=True, slots=True)
class Proceed(Answer):
    """The one primary action of the screen."""


@dataclass(frozen=True, slots=True)
class Back(Answer):
    """One page back inside the same form."""


@dataclass(frozen=True, slots=True)
class Finish(Answer):
    """结束办理: end the visit. The visit itself deals with it; no service sees it."""


@dataclass(frozen=True, slots=True)
class Pick(Answer):
    """One of the choices that the screen offers, by its id."""

    choice: str


@dataclass(frozen=True, slots=True)
class Key(Answer):
    """A key of the PIN pad by *position*: 0-8 the nine keys from top left, 9 clear, 10 bottom middle, 11 delete.

    Positions, not digits: nothing outside ``kiosk.pin`` knows which digit a position means.
    """

    position: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class Prefer(Answer):
    """A change of language, text size, contrast, reach, hand or voice. Dealt with by the visit on every screen."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class Listen(Answer):
    """Say it: ``again`` what was said, or ``private``, the citizen's own figures. To the visit no more than a touch."""

    what: str


@dataclass(frozen=True, slots=True)
class Touched(Answer):
    """A finger was on the glass: time begins to count anew. Taken on every screen, answered by none."""


@dataclass(frozen=True, slots=True)
class Summon(Answer):
    """Staff made the gesture of operator mode (``kiosk.maintenance.gesture``). It opens nothing by itself."""


class Nothing(Answer):
    """The answer of a screen that only tells: it never comes."""
