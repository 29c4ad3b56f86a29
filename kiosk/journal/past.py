"""What the records tell of the past, to the terminal that writes them and to somebody who only looks.

Owns the questions and how few records each of them has to read. It verifies nothing and changes nothing.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime

from kiosk.journal.chain import canonical, content_of, happened, time_of
from kiosk.journal.values import Happened

_PAGE = 500
"""Records that are looked through between two waits of another process for the file."""
_OLDER_PLACES = 2


class Past(ABC):
    """For a class with a connection. Every method raises JournalError."""

    _db: sqlite3.Connection

    @abstractmethod
    def _guard(self) -> AbstractContextManager[None]:
        """Turns what SQLite raises into JournalError."""

    def events(self, kind: str, since: datetime | None = None) -> Iterator[Happened]:
        """What was recorded by ``Journal.event`` under this kind, oldest first; a record that cannot be read is left
        out (``verify`` finds it). The journal may be written to meanwhile.

        With ``since`` only the end of the journal is read, from where two pages running begin with an older record: a
        clock that was wrong for a moment hides nothing.
        """
        seq = 0 if since is None else self._place_before(since)
        marker = canonical({"kind": kind})[1:-1]
        while True:
            with self._guard():
                rows = self._db.execute(
                    "SELECT seq, record FROM records WHERE seq > ? AND instr(record, ?) ORDER BY seq LIMIT ?",
                    (seq, marker, _PAGE),
                ).fetchall()
            for seq, record in rows:  # noqa: B007  the next page begins after it
                event = happened(content_of(record))
                if event is not None and event.kind == kind and (since is None or event.at >= since):
                    yield event
            if len(rows) < _PAGE:
                return

    def _place_before(self, since: datetime) -> int:
        """Number of a record after which all that is as young stands; 0 for the beginning."""
        seq, older = 2**63 - 1, 0
        while older < _OLDER_PLACES:
            with self._guard():
                row = self._db.execute(
                    "SELECT seq, record FROM records WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (seq,)
                ).fetchone()
            if row is None or row[0] <= _PAGE:
                return 0
            at = time_of(content_of(row[1]))
            older = older + 1 if at is not None and at < since else 0
            seq = row[0] - _PAGE
        return int(seq)

    def tally(self) -> Mapping[str, int]:
        """How many operations there are in each state they can be in or have ended in."""
        with self._guard():
            return {
                str(state): int(count)
                for state, count in self._db.execute("SELECT state, count(*) FROM items GROUP BY state")
            }

    def latest(self) -> datetime | None:
        """When the last record was written; ``None`` if there is none, or it cannot be read."""
        with self._guard():
            row = self._db.execute("SELECT record FROM records ORDER BY seq DESC LIMIT 1").fetchone()
        return None if row is None else time_of(content_of(row[0]))
