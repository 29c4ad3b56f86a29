"""The tables of the embedded insurer and how they are filled on first use.

Owns the layout and its version, and refuses a file of another version rather than guess. Money is an integer number
of fen; a balance is never stored, it is the sum of what moved, so that the two cannot disagree.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from kiosk.insurer.api import CardState
from kiosk.insurer.people import SamplePerson

VERSION = 1

_TABLES = """
CREATE TABLE people (
    id_number TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    born      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE cards (
    card_id TEXT PRIMARY KEY,
    number  TEXT NOT NULL UNIQUE,
    holder  TEXT NOT NULL REFERENCES people,
    bank    TEXT NOT NULL,
    state   TEXT NOT NULL CHECK (state IN
            ('in_making', 'issued', 'active', 'temporarily_lost', 'lost', 'cancelled', 'sealed')),
    since   TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE accounts (
    holder    TEXT NOT NULL REFERENCES people,
    insurance TEXT NOT NULL,
    rank      INTEGER NOT NULL,
    status    TEXT NOT NULL CHECK (status IN ('0', '1', '2', '4')),
    opening   INTEGER NOT NULL,
    PRIMARY KEY (holder, insurance)
) STRICT, WITHOUT ROWID;
CREATE TABLE movements (
    holder    TEXT NOT NULL,
    insurance TEXT NOT NULL,
    on_day    TEXT NOT NULL,
    nr        INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    place     TEXT NOT NULL,
    amount    INTEGER NOT NULL,
    PRIMARY KEY (holder, insurance, on_day, nr),
    FOREIGN KEY (holder, insurance) REFERENCES accounts
) STRICT, WITHOUT ROWID;
CREATE TABLE operations (
    seq    INTEGER PRIMARY KEY,
    key    TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL,
    ended  TEXT NOT NULL CHECK (ended IN ('done', 'refused', 'never_arrived')),
    number TEXT,
    at     TEXT NOT NULL,
    reason TEXT
) STRICT;
CREATE TABLE pin_events (
    operation INTEGER NOT NULL UNIQUE REFERENCES operations,
    card_id   TEXT NOT NULL REFERENCES cards,
    event     TEXT NOT NULL CHECK (event IN ('set', 'reset', 'changed')),
    proof     TEXT NOT NULL
) STRICT;
CREATE TABLE credentials (
    code      TEXT PRIMARY KEY,
    holder    TEXT NOT NULL REFERENCES people,
    issued_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


class WrongVersion(Exception):
    """The file was written by another version of this program (or is not the insurer's file)."""

    def __init__(self, found: int) -> None:
        super().__init__(f"the insurer's file has version {found}, this program knows {VERSION}")
        self.found = found


def is_empty(db: sqlite3.Connection) -> bool:
    """Whether nothing was ever put into this file. Raises WrongVersion if something else was."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version == VERSION:
        return False
    if version or db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise WrongVersion(version)
    return True


def create(db: sqlite3.Connection, people: Iterable[SamplePerson]) -> None:
    """Make the tables and seed them. The caller holds the transaction: all of it appears, or nothing."""
    for statement in _TABLES.split(";"):
        if statement.strip():
            db.execute(statement)
    people = tuple(people)
    db.executemany(
        "INSERT INTO people VALUES (?, ?, ?)",
        [(p.person.id_number, p.person.name, p.person.born.isoformat()) for p in people],
    )
    db.executemany(
        "INSERT INTO cards VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                *(p.card.card_id, p.card.number, p.person.id_number, p.bank, p.state.value),
                p.since.isoformat() if p.since else None,
            )
            for p in people
            if p.state is not CardState.UNKNOWN
        ],
    )
    db.executemany(
        "INSERT INTO accounts VALUES (?, ?, ?, ?, ?)",
        [
            (p.person.id_number, account.insurance, rank, account.status.value, int(account.opening))
            for p in people
            for rank, account in enumerate(p.accounts)
        ],
    )
    db.executemany(
        "INSERT INTO movements VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(p.person.id_number, account.insurance, movement.on.isoformat(), nr),
                *(movement.kind.value, movement.place, int(movement.amount)),
            )
            for p in people
            for account in p.accounts
            for nr, movement in enumerate(account.movements)
        ],
    )
    db.execute(f"PRAGMA user_version = {VERSION}")
