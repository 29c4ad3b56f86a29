"""The way into operator mode: one corner held, then four touches of two corners in time.

Owns the pattern alone: it is told where a finger went down and up, and when, and says whether that was it. Fast tapping
cannot make it, for it begins with a finger that stays for three seconds. It opens nothing: what follows asks who it is.

The same with six keys: *Back* stands for the first corner, *Up* for the second.
"""

from __future__ import annotations

from enum import StrEnum

HOLD_S = 3.0
"""So long the first corner is held: ten times what a slow tap takes (our own figure)."""
HOLD_LONGEST_S = 10.0
"""An arm that leans on the panel stays longer than somebody who counts to three."""
TOUCH_S = 1.0
"""A touch of the pattern is over within this; a finger that stays longer has begun something else."""
WINDOW_S = 8.0
"""From the end of the hold to the last touch."""
CORNER_MM = 30.0
"""Side of a corner: a thumb's breadth and as much again, above every control of the screens between visits."""


class Place(StrEnum):
    """Where a finger is, as far as the pattern is concerned."""

    FIRST = "first"
    """Top left, as the panel hangs; the key Back."""
    SECOND = "second"
    """Top right; the key Up."""
    ELSEWHERE = "elsewhere"


PATTERN = (Place.SECOND, Place.FIRST, Place.SECOND, Place.SECOND)
"""The touches after the hold."""


def corner_of(x: float, y: float, width_mm: float, height_mm: float) -> Place:
    """The place of a touch, given as shares (0 to 1) of a panel of that size."""
    side = min(CORNER_MM, width_mm / 6, height_mm / 6)
    if y * height_mm > side:
        return Place.ELSEWHERE
    if x * width_mm <= side:
        return Place.FIRST
    return Place.SECOND if (1 - x) * width_mm <= side else Place.ELSEWHERE


class Summons:
    """Watches one panel. Times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._down: tuple[Place, float] | None = None
        self._held_until: float | None = None
        """When the hold ended; ``None`` before it."""
        self._touched = 0

    def pressed(self, place: Place, at: float) -> None:
        """A finger or key went down. What does not go on with the pattern ends it."""
        if self._down is not None:  # a second finger, or the end of the first was lost
            self._forget()
        self._down = (place, at)
        if self._held_until is not None and (at - self._held_until > WINDOW_S or place is not PATTERN[self._touched]):
            self._forget()
            self._down = (place, at)  # which may be the hold of another try

    def released(self, at: float) -> bool:
        """It went up again. True if that was the last of the pattern."""
        down, self._down = self._down, None
        if down is None:
            return False
        place, since = down
        length = at - since
        if self._held_until is None:
            if place is Place.FIRST and HOLD_S <= length <= HOLD_LONGEST_S:
                self._held_until, self._touched = at, 0
            return False
        if length > TOUCH_S:
            self._forget()
            return False
        self._touched += 1
        if self._touched < len(PATTERN):
            return False
        in_time = at - self._held_until <= WINDOW_S
        self._forget()
        return in_time

    def forget(self) -> None:
        """Another screen has come: nothing that was begun on the last one goes on."""
        self._forget()

    def _forget(self) -> None:
        self._down, self._held_until, self._touched = None, None, 0
