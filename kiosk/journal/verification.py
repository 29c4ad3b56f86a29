"""The proof: the whole chain walked, from what is sealed as its start to what is sealed as its head.

Owns the judgement of a journal's file, given a connection to it. It changes nothing, and says where rather than what.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from kiosk.journal.chain import End, Seals, chained, content_of, noted_damage, replay
from kiosk.journal.errors import damage_by
from kiosk.journal.tables import end_of, expected_schema, schema_of
from kiosk.journal.values import Damage, Finding


def findings(db: sqlite3.Connection, seals: Seals, witness: End | None) -> Iterator[Finding]:
    """Whatever is not as it was written. ``witness`` must have been read before the connection's snapshot was taken.

    Raises sqlite3.Error.
    """
    if any(row[0] != "ok" for row in db.execute("PRAGMA integrity_check")):
        yield Finding(Damage.UNREADABLE, 0)
    if schema_of(db) != expected_schema():
        yield Finding(Damage.TABLES_DIFFER, 0)
    start, head = end_of(db, seals, "start"), end_of(db, seals, "head")
    for end in (start, head):
        if not end.sealed:
            yield Finding(Damage.SEAL_BROKEN, end.seq)
    witnessed = witness is not None and witness.sealed
    seq, before = start.seq, start.hash
    items: dict[str, list[str]] = {}
    cut: tuple[object, object] = 0, ""
    for found, record, digest in db.execute("SELECT seq, record, hash FROM records ORDER BY seq"):
        content = content_of(record)
        if found != seq + 1:
            yield Finding(Damage.MISSING, found)
        elif chained(before, record) != digest or content.get("seq") != found:
            yield Finding(Damage.ALTERED, found)
        match content.get("what"):
            case "damage":
                yield Finding(noted_damage(content), found)
            case "checkpoint":
                cut = content.get("cut"), content.get("hash")
        if witness and witnessed and witness.seq == found and witness.hash != digest:
            yield Finding(Damage.ALTERED, found)
        replay(items, content)
        seq, before = found, digest
    if start.seq and cut != (start.seq, start.hash.hex()):
        yield Finding(Damage.MISSING, start.seq)  # what was dropped is not what the last checkpoint says
    if seq < max(head.seq, witness.seq if witness and witnessed else 0):
        yield Finding(Damage.TAIL_MISSING, seq)
    elif (seq, before) != (head.seq, head.hash):
        yield Finding(Damage.ALTERED, seq)
    if witness and not witnessed and seq > start.seq:
        yield Finding(Damage.WITNESS_UNREADABLE, 0)
    rows = db.execute("SELECT key, kind, subject, state, since, number FROM items")
    if {row[0]: list(row[1:]) for row in rows} != items:
        yield Finding(Damage.ITEMS_DIFFER, 0)


def judged(db: sqlite3.Connection, seals: Seals, witness: End | None) -> list[Finding]:
    """All findings, inside the caller's transaction; whatever SQLite, or a value of the wrong kind, keeps from being
    read is one too."""
    found: list[Finding] = []
    try:
        found.extend(findings(db, seals, witness))
    except (sqlite3.Error, TypeError, ValueError, AttributeError, OverflowError) as error:
        # A byte changed in the file can give a column a value of a kind that its table never takes.
        found.append(Finding(damage_by(error), 0))
    return found
