"""What the journal forgets: records that are older than they have to be kept, or more than there may be.

Owns which records go in one small step, and what has to be written down so that the proof holds without them. It
commits nothing: the ledger does, in one transaction with the records that it is given here. What is still open is
carried over, never dropped; damage that was noted stays noted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from drivers.frozen import dataclass
from kiosk.journal.chain import End, chained, content_of, noted_damage, time_of
from kiosk.journal.tables import used_bytes
from kiosk.journal.values import OPEN_STATES, Damage, Retention

STEP = 200
"""Records looked at in one step: a few milliseconds, between two looks of the attract screen."""
SLACK = timedelta(days=1)
"""A cut begins when the oldest record is older than allowed by this, so that one checkpoint serves a day's records."""
SETTLED_IN = timedelta(days=7)
"""A clock that jumped ahead must not empty the journal: it counts only once the journal holds a record that old which
is not too old."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The records up to this one go; these come to the end of the chain instead."""

    seq: int
    hash: bytes
    dropped: int
    settled: tuple[str, ...]
    """Keys of operations that came to their end and are forgotten with their intent."""
    carried: tuple[Mapping[str, object], ...]
    """Contents of ``carried`` and ``damage`` records, to be written before the checkpoint."""
    checkpoint: Mapping[str, object]


class Forgetting:
    """Remembers how old the oldest record is, so that looking whether something is due costs nothing."""

    def __init__(self, retention: Retention) -> None:
        self._retention = retention
        self._oldest: tuple[int, datetime | None] | None = None
        self._weighed_at = 0
        self._heavy = False
        self._stuck_at = -1

    def due(self, db: sqlite3.Connection, start: End, head: End, now: datetime) -> str:
        """Why something must go: ``age``, ``records`` or ``bytes``; empty if nothing must. Raises sqlite3.Error."""
        if head.seq - start.seq <= 2 or head.seq < self._stuck_at:
            return ""
        if head.seq - start.seq > self._retention.most_records:
            return "records"
        if self._is_heavy(db, head):
            return "bytes"
        if self._oldest is None or self._oldest[0] != start.seq:
            row = db.execute("SELECT record FROM records ORDER BY seq LIMIT 1").fetchone()
            self._oldest = start.seq, time_of(content_of(row[0])) if row else None
        at = self._oldest[1]
        # A record whose time cannot be read goes with its neighbours, when they are due.
        if at is None:
            at = next((time for _, _, time in _times(db, start.seq) if time is not None), now)
        if now - at <= self._retention.keep + SLACK or not self._clock_is_believed(db, start, head, now):
            return ""
        return "age"

    def cut(self, db: sqlite3.Connection, start: End, why: str, now: datetime) -> Cut | None:
        """The next step; ``None`` if nothing would be won by it. Raises sqlite3.Error."""
        rows = db.execute("SELECT seq, record, hash FROM records ORDER BY seq LIMIT ?", (STEP,)).fetchall()
        rows = rows[:-1] if len(rows) < STEP else rows  # the head itself always stays
        damage = None if start.sealed else Damage.SEAL_BROKEN
        carried: list[Mapping[str, object]] = []
        settled: list[str] = []
        seq, before, last = start.seq, start.hash, None
        for found, record, digest in rows:
            content = content_of(record)
            at = time_of(content)
            if why == "age" and at is not None and now - at <= self._retention.keep:
                break
            if damage is None and (found != seq + 1 or chained(before, record) != digest):
                damage = Damage.MISSING if found != seq + 1 else Damage.ALTERED
            _sort(db, content, carried, settled)
            seq, before, last = found, digest, at or last
        dropped = sum(1 for row in rows if row[0] <= seq)
        if damage is not None:
            carried.append({"what": "damage", "damage": damage.value, "expected": seq})
        if dropped <= len(carried) + 1:
            self._stuck_at = start.seq + len(rows) + STEP
            return None
        checkpoint = {
            "what": "checkpoint",
            "cut": seq,
            "hash": before.hex(),
            "dropped": dropped,
            "until": None if last is None else last.isoformat(),
            "why": why,
        }
        return Cut(seq, before, dropped, tuple(settled), tuple(carried), checkpoint)

    def _is_heavy(self, db: sqlite3.Connection, head: End) -> bool:
        if self._heavy or head.seq - self._weighed_at >= STEP or head.seq < self._weighed_at:
            self._weighed_at, self._heavy = head.seq, used_bytes(db) > self._retention.most_bytes
        return self._heavy

    def _clock_is_believed(self, db: sqlite3.Connection, start: End, head: End, now: datetime) -> bool:
        """Whether there is a record from between the age of forgetting and a week ago."""
        low, high = start.seq, head.seq  # times grow, but for a clock that was set: near enough for this
        while high - low > 1:
            middle = (low + high) // 2
            at = next((time for _, _, time in _times(db, middle) if time is not None), now)
            low, high = (middle, high) if now - at > self._retention.keep else (low, middle)
        ages = [now - time for _, _, time in _times(db, low) if time is not None]
        return any(min(SETTLED_IN, self._retention.keep / 2) <= age <= self._retention.keep for age in ages)


def _times(db: sqlite3.Connection, after: int) -> list[tuple[int, Mapping[str, Any], datetime | None]]:
    rows = db.execute("SELECT seq, record FROM records WHERE seq > ? ORDER BY seq LIMIT 20", (after,)).fetchall()
    contents = [(seq, content_of(record)) for seq, record in rows]
    return [(seq, content, time_of(content)) for seq, content in contents]


def _sort(
    db: sqlite3.Connection, content: Mapping[str, Any], carried: list[Mapping[str, object]], settled: list[str]
) -> None:
    """What must be said again at the end of the chain, if this record goes."""
    match content.get("what"):
        case "intent" | "carried":
            key = str(content.get("key"))
            row = db.execute("SELECT kind, subject, state, since, number FROM items WHERE key = ?", (key,)).fetchone()
            if row is None:
                return
            if row[2] in OPEN_STATES:
                names = ("kind", "subject", "state", "since", "number")
                carried.append({"what": "carried", "key": key, **dict(zip(names, row, strict=True))})
            else:
                settled.append(key)
        case "damage":
            damage = noted_damage(content).value
            if not any(other.get("damage") == damage for other in carried):
                carried.append({"what": "damage", "damage": damage, "expected": content.get("expected")})
