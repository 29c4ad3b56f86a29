"""How long operator mode waits after wrong PINs: nothing after the first two, then twice as long each time.

Owns the rule and its figures. A try is written down as wrong before it is looked at and struck out if it was right, so
that nobody gains a try by pulling the plug. Wrong PINs count for the number they were tried at, and only its own right
PIN forgives them: whoever has a PIN cannot try out another's. The wait is the terminal's, the longest of all.
"""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import datetime

from kiosk.maintenance.kept import ANYBODY, Failures, Kept

FREE = 2
"""Wrong PINs without a wait: a slip of the finger, twice."""
FIRST_S = 30
LONGEST_S = 900
"""A passer-by who types rubbish keeps staff out for a quarter of an hour at most; a thousand PINs take ten days."""


def wait_s(kept: Kept, now: datetime) -> int:
    """Whole seconds until the next try. A clock that was put back, or a damaged file, begins the wait anew."""
    return max((_wait_s(kept, number, failures, now) for number, failures in kept.failures.items()), default=0)


def _wait_s(kept: Kept, number: str, failures: Failures, now: datetime) -> int:
    if failures.count <= FREE:
        return 0
    wait = min(LONGEST_S, FIRST_S << min(failures.count - FREE - 1, 20))
    passed = -1.0 if failures.last is None else (now - failures.last).total_seconds()
    if passed < 0:
        with suppress(OSError):  # then it begins anew at the next look, too
            kept.failed(number, failures.count, now)
        return wait
    return max(0, math.ceil(wait - passed))


def begin_try(kept: Kept, number: str, now: datetime) -> None:
    """Count the try as wrong before it is made. Raises OSError: a try that cannot be counted is not made."""
    kept.failed(number, tries(kept, number) + 1, now)


def tries(kept: Kept, number: str) -> int:
    """Wrong PINs at this number; after a damage as many as there can have been."""
    failures = kept.failures
    return failures.get(number, failures.get(ANYBODY, Failures())).count


def was_right(kept: Kept, number: str) -> None:
    """Forget the wrong PINs at this number, and the wait for them. Raises OSError: then they still count."""
    kept.forgive(number)
