"""How quick this citizen is, as their hand shows it, and how long the terminal therefore waits before it asks whether
anybody is there.

It measures only pauses of the citizen: from a question on the glass, or the last touch, to the next touch. While a
chip, a printer or the insurer works no question stands and nothing is measured. It is one visit's, and forgets with it;
what a size or the voice gets more is a setting, not measured here.
"""

from __future__ import annotations

USUAL_S = 10.0
"""Pause of somebody of whom nothing is known yet: reading a screen of ours aloud and finding the button."""
TIMES = 4.0
"""Nobody is asked before so many of their own longest pauses have passed (our choice: with :data:`USUAL_S` it lies
below the shortest idle time, so that only the slow change anything)."""
MOST = 3.0
"""At most so many times the configured quiet, however slow: a card that was forgotten must come free (our choice)."""
SLOWER, QUICKER = 0.5, 0.25
"""How much of its difference a new pause moves what is known: a slow one counts at once, a quick one takes little back,
for nobody is slow at every screen."""


class Pace:
    """Times are the loop's, in seconds."""

    def __init__(self) -> None:
        self._pause_s = USUAL_S
        self._since: float | None = None
        self._longest_s: float | None = None

    def asked(self, now: float, *, again: bool = False) -> None:
        """A question stands on the glass: a new one, and what the one before showed is known from here on, or the same
        ``again`` with the next digit."""
        if not again:
            self.learn()
        self._since = now

    def hand(self, now: float) -> None:
        """The citizen touched, typed or answered."""
        if self._since is not None:
            self._longest_s = max(self._longest_s or 0.0, now - self._since)
            self._since = now

    def rests(self) -> None:
        """No question stands any more: what passes now is the terminal's own time."""
        self._since = None

    def learn(self) -> None:
        """Count the longest pause since the last time; a question that nobody touched says nothing."""
        longest_s, self._longest_s = self._longest_s, None
        if longest_s is not None:
            difference = longest_s - self._pause_s
            self._pause_s += difference * (SLOWER if difference > 0 else QUICKER)

    def idle_s(self, configured_s: float) -> float:
        """Seconds of quiet for this citizen: never less than configured, at most :data:`MOST` times as much."""
        return min(max(configured_s, TIMES * self._pause_s), MOST * configured_s)
