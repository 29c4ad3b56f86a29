"""Today's counts, from the journal: visits by service and by cause, and what was left over.

Owns the sums. It reads events and tallies; a visit of an older journal without a cause counts by its outcome.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from drivers.frozen import dataclass
from kiosk.journal import Journal


@dataclass(frozen=True, slots=True)
class Today:
    """The visits of this day, for the screen of staff. One that brought what it was for is ``done``; each of the others
    is counted under one of ``causes``."""

    since: datetime
    visits: int
    done: int
    services: Mapping[str, int]
    """Visits by the service they came to; ``none`` for those that chose nothing."""
    causes: Mapping[str, int]
    """Failed visits by their one code, the most frequent first."""
    slips_not_printed: int
    cards_left_behind: int
    open: int
    """Operations, of whatever day, whose end nobody knows yet."""

    @property
    def failed(self) -> int:
        return self.visits - self.done


def today(journal: Journal, now: datetime) -> Today:
    """Since midnight of the hall. Raises JournalError."""
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    visits = list(journal.events("visit", since))
    causes = Counter(str(visit.facts.get("cause", _old(visit.facts.get("outcome")))) for visit in visits)
    done = causes.pop("", 0)
    tally = journal.tally()
    return Today(
        since,
        len(visits),
        done,
        dict(Counter(str(visit.facts.get("service", "none")) for visit in visits).most_common()),
        dict(causes.most_common()),
        sum(1 for _ in journal.events("slip_not_printed", since)),
        sum(1 for _ in journal.events("card_left_behind", since)),
        sum(tally.get(state, 0) for state in ("intent", "sent", "unknown")),
    )


def _old(outcome: object) -> str:
    return "" if outcome == "done" else str(outcome)
