"""The journal's tables in SQLite, how the file is opened, and how its settled numbers are read.

Owns the schema and the settings on which durability rests. It knows no states and no chain.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path
from urllib.parse import quote

from kiosk.journal.chain import START, End, Seals
from kiosk.journal.errors import JournalBroken, JournalDamaged

VERSION = 1
MEMORY = ":memory:"
LOCK_WAIT_S = 2.0
_KEPT_LOG_BYTES = 8 * 2**20
"""To which the write-ahead log is cut back after it once had to grow."""

_TABLES = """
CREATE TABLE records (seq INTEGER PRIMARY KEY, record TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TABLE ends (
    name TEXT PRIMARY KEY CHECK (name IN ('start', 'head')),
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL,
    seal BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE items (
    key     TEXT PRIMARY KEY,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    state   TEXT NOT NULL,
    since   TEXT NOT NULL,
    number  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX open_items ON items (subject, kind) WHERE state IN ('intent', 'sent', 'unknown');
"""


def open_to_write(path: Path | str) -> sqlite3.Connection:
    """A connection on which each commit is on the disk when it returns. Raises sqlite3.Error."""
    # Opened in one thread and used in another (the core's): the instance has one user at a time.
    db = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None, check_same_thread=False)
    try:
        # SQLite stays with the old mode, and says so rather than fail, if the disk failed meanwhile.
        if db.execute("PRAGMA journal_mode = WAL").fetchone()[0] not in ("wal", "memory"):
            raise sqlite3.OperationalError("no write-ahead log")
        # In WAL mode FULL synchronises the log at each commit; NORMAL would lose the latest on a power cut.
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA journal_size_limit = {_KEPT_LOG_BYTES}")
    except BaseException:
        db.close()
        raise
    return db


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing in the database, also while the terminal writes. Raises sqlite3.Error."""
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=LOCK_WAIT_S, isolation_level=None, check_same_thread=False)


def version_of(db: sqlite3.Connection) -> int:
    """0 for a file in which no journal was begun. Raises JournalBroken for one that this program does not know."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version not in (0, VERSION):
        raise JournalBroken(f"journal of version {version}; this program knows {VERSION}")
    return version


def create(db: sqlite3.Connection, seals: Seals) -> None:
    """The empty tables, inside the caller's transaction."""
    for statement in _TABLES.split(";"):
        if statement.strip():
            db.execute(statement)
    db.executemany(
        "INSERT INTO ends VALUES (?, 0, ?, ?)",
        [(name, START, seals.seal(name, 0, START)) for name in ("start", "head")],
    )
    db.execute(f"PRAGMA user_version = {VERSION}")


def require_tables(db: sqlite3.Connection) -> None:
    """Raises JournalDamaged if one of them is gone or is another."""
    if not expected_schema() <= schema_of(db):
        raise JournalDamaged("the tables of a journal are missing")


def schema_of(db: sqlite3.Connection) -> frozenset[tuple[str, ...]]:
    """Each table and index of a database: type, name, table, and the SQL that made it."""
    rows = db.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master")
    return frozenset(tuple(str(part) for part in row) for row in rows)


@cache
def expected_schema() -> frozenset[tuple[str, ...]]:
    """The same of a journal that is as this program makes it."""
    db = sqlite3.connect(MEMORY)
    try:
        db.executescript(_TABLES)
        return schema_of(db)
    finally:
        db.close()


def end_of(db: sqlite3.Connection, seals: Seals, name: str) -> End:
    """The ``start`` or ``head`` of the chain; not sealed if its row is gone. Raises sqlite3.Error."""
    row = db.execute("SELECT seq, hash, seal FROM ends WHERE name = ?", (name,)).fetchone()
    return seals.end(name, *row) if row is not None else End(0, START, sealed=False)


def used_bytes(db: sqlite3.Connection) -> int:
    """Of the database's pages, those that hold something."""
    pages, free, size = (db.execute(f"PRAGMA {p}").fetchone()[0] for p in ("page_count", "freelist_count", "page_size"))
    return int((pages - free) * size)
