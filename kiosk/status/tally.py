"""Counting visits while the terminal lives.

Owns counts and durations, and whose day they belong to. It refuses labels that are no codes: what is counted under a
name may be a label of a metric, and their number must stay small.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from datetime import date, datetime

from kiosk.status.snapshot import Times, Visits

LIMITS_S = (10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0)
"""Of the histogram: a balance takes about 20 s, an activation about 90 s, and idle time ends a visit by itself."""
LATEST = 500
"""Visits of which the percentiles are taken: about a day of a busy hall."""
DAYS = 3
"""Whose counts are kept: this one, and what a clock that jumps and is put right makes of it meanwhile."""
OTHER = "other"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_MOST_CODES = 64
"""Different outcomes or causes; the tables of the terminal have fewer."""


class _Counted:
    def __init__(self) -> None:
        self.outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.refusals: Counter[str] = Counter()
        self.causes: Counter[str] = Counter()

    def add(self, kind: str, facts: Mapping[str, object]) -> None:
        if kind == "visit":
            service = _code(facts.get("service"), self.outcomes)
            self.outcomes[service][_code(facts.get("outcome"), self.outcomes[service])] += 1
            if facts.get("cause"):
                self.causes[_code(facts["cause"], self.causes)] += 1
        elif kind == "refused":
            self.refusals[_code(facts.get("cause"), self.refusals)] += 1

    def told(self) -> Visits:
        outcomes = {service: dict(counts) for service, counts in self.outcomes.items()}
        return Visits(outcomes, dict(self.refusals), dict(self.causes))


class Tally:
    """One terminal's, since its start and of this day."""

    def __init__(self) -> None:
        self._since_start = _Counted()
        self._days: dict[date, _Counted] = {}
        """The one that was counted for last stands last."""
        self._latest: deque[float] = deque(maxlen=LATEST)
        self._at_most = [0] * len(LIMITS_S)
        self._count, self._total = 0, 0.0

    def note(self, kind: str, facts: Mapping[str, object], at: datetime) -> None:
        """An event of the terminal as the journal has it; what is no visit and no refusal is not counted."""
        self._since_start.add(kind, facts)
        self._of(at.date()).add(kind, facts)

    def recall(self, kind: str, facts: Mapping[str, object], at: datetime) -> None:
        """The same, of its day but before the start."""
        self._of(at.date()).add(kind, facts)

    def lasted(self, seconds: float) -> None:
        """How long a visit took."""
        self._latest.append(seconds)
        self._count += 1
        self._total += seconds
        for place, limit in enumerate(LIMITS_S):
            self._at_most[place] += seconds <= limit

    def since_start(self) -> Visits:
        return self._since_start.told()

    def today(self, now: datetime) -> Visits:
        return self._days.get(now.date(), _Counted()).told()

    def times(self) -> Times:
        ordered = sorted(self._latest)
        limits = tuple(zip(LIMITS_S, self._at_most, strict=True))
        return Times(_percentile(ordered, 0.50), _percentile(ordered, 0.95), self._count, self._total, limits)

    def _of(self, day: date) -> _Counted:
        counted = self._days[day] = self._days.pop(day) if day in self._days else _Counted()
        if len(self._days) > DAYS:
            del self._days[next(iter(self._days))]
        return counted


def _percentile(ordered: list[float], share: float) -> float | None:
    """The smallest value that so large a share does not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def _code(value: object, known: Mapping[str, object]) -> str:
    text = str(value)
    if text in known or (_CODE.fullmatch(text) and len(known) < _MOST_CODES):
        return text
    return OTHER
