"""How long operator mode waits after wrong PINs: nothing after the first two, then twice as long each time.

Owns the rule and its figures. A try is written down as wrong before it is looked at and struck out if it was right, so
that nobody gains a try by pulling the plug. It is the terminal's wait, not a member's: no number is worth trying out.
"""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import datetime

from kiosk.maintenance.kept import Kept

FREE = 2
"""Wrong PINs without a wait: a slip of the finger, twice."""
FIRST_S = 30
LONGEST_S = 900
"""A passer-by who types rubbish keeps staff out for a quarter of an hour at most; a thousand PINs take ten days."""


def wait_s(kept: Kept, now: datetime) -> int:
    """Whole seconds until the next try. A clock that was put back, or a damaged file, begins the wait anew."""
    failures = kept.failures
    if failures.count <= FREE:
        return 0
    wait = min(LONGEST_S, FIRST_S << min(failures.count - FREE - 1, 20))
    if failures.last is None:
        _begin_anew(kept, now)
        return wait
    passed = (now - failures.last).total_seconds()
    if passed < 0:
        _begin_anew(kept, now)
        return wait
    return max(0, math.ceil(wait - passed))


def _begin_anew(kept: Kept, now: datetime) -> None:
    with suppress(OSError):  # then it begins anew at the next look, too
        kept.failed(kept.failures.count, now)


def begin_try(kept: Kept, now: datetime) -> None:
    """Count the try as wrong before it is made. Raises OSError: a try that cannot be counted is not made."""
    kept.failed(kept.failures.count + 1, now)


def was_right(kept: Kept) -> None:
    """Forget the wrong PINs, and the wait with them. Raises OSError: then they still count."""
    kept.forgive()
