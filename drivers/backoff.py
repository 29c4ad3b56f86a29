"""When to try again to reach a device that is gone: at once, then after 1, 2, 4, 8, 16 and from then on 20 s.

One per connection, with the same figures for all of them, so that a hall of dead devices costs next to nothing and a
device that comes back is found without anybody's help. It reads no clock, waits for nothing and knows no device:
whoever connects says what time it is and how it went.

Two kinds of callers ask. The watch over the devices asks unbidden and keeps the growing pause. A citizen who waits
before the device is in a hurry (``urgent``): a slip is wanted now, and a printer that came back 2 s ago must not be
called gone for 18 s more. For them only the first, shortest pause counts, so that even a caller in a loop knocks no
more than once a second.
"""

from __future__ import annotations

FIRST_S = 1.0
LONGEST_S = 20.0


class Backoff:
    """``first_s`` and ``longest_s`` differ from those of this module only where the reason stands beside them."""

    def __init__(self, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._failed_at = 0.0
        self.pause_s = 0.0
        """The pause after the last failure; 0 while the next attempt may come at once."""

    def failed(self, now: float) -> float:
        """An attempt failed at this moment (seconds of any one clock); the pause until the next one."""
        self._failed_at = now
        self.pause_s = min(max(self.pause_s * 2, self._first_s), self._longest_s)
        return self.pause_s

    def succeeded(self) -> None:
        """The device answered: after its next loss the first attempt comes at once again."""
        self.pause_s = 0.0

    def left_s(self, now: float, *, urgent: bool = False) -> float:
        """How long the next attempt has still to wait; 0 if it may come now."""
        pause_s = min(self.pause_s, self._first_s) if urgent else self.pause_s
        return max(0.0, self._failed_at + pause_s - now) if pause_s else 0.0
