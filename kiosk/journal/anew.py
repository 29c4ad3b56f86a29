"""A journal beyond reading: set aside under a dated name, never deleted, and what can be read of its open items.

Owns the order of the renames, so that a power cut at any point neither loses a file nor lets SQLite join the log of
one database to another. It decides nothing about when: the ledger does, on a look of a terminal that is out of order.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from kiosk.impersonal import is_operation_number
from kiosk.journal.chain import content_of, replay
from kiosk.journal.tables import open_to_read
from kiosk.journal.values import KIND, OPEN_STATES, SUBJECT
from kiosk.on_disk import synchronise_folder

log = logging.getLogger(__name__)

_BESIDE = ("-wal", "-shm", "-head", "")
"""The database's own name comes last: once it is gone, everything that belonged to it is."""
_PAGE = 100


def note_of(path: Path) -> Path:
    """Names the place to which the files are being moved. While it is there, the move is not over."""
    return path.with_name(f"{path.name}-aside")


def begin(path: Path, now: datetime) -> None:
    """Decide on the name. Nothing is moved before that is on the disk. Raises OSError."""
    if note_of(path).exists():
        return
    # Written so that the filter of the log lets it through: ``d-20261122`` has the shape of a card's number.
    name = base = f"{path.name}.damaged-{now:%Y.%m.%dT%H%M%S}"
    number = 1
    while any(path.with_name(name + end).exists() for end in _BESIDE):
        number += 1
        name = f"{base}.{number}"
    draft = path.with_name(f"{path.name}-aside-draft")
    with draft.open("w", encoding="ascii") as file:
        file.write(name)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(note_of(path))
    synchronise_folder(path.parent)


def move(path: Path) -> Path:
    """Move what is not yet moved, and return where the database is now. Raises OSError."""
    aside = path.with_name(note_of(path).read_text("ascii"))
    if not aside.exists():
        for end in _BESIDE:
            part = path.with_name(path.name + end)
            if part.exists():
                part.rename(aside.with_name(aside.name + end))
        synchronise_folder(path.parent)
        log.error("the damaged journal was set aside as %s", aside.name)
    return aside


def finish(path: Path) -> None:
    """The new journal stands. Raises OSError."""
    note_of(path).unlink()
    synchronise_folder(path.parent)


def readable_items(aside: Path) -> dict[str, list[str]]:
    """What is still open in a damaged journal: kind, subject, state, since and number by key.

    Both the list of items and the records are read as far as they can be; what looks open in one of them is open:
    asking about an operation that is settled does no harm. Raises nothing of what the file does.
    """
    listed: dict[str, list[str]] = {}
    replayed: dict[str, list[str]] = {}
    try:
        with closing(open_to_read(aside)) as db:
            db.text_factory = lambda text: text.decode("utf-8", "replace")
            for key, *rest in _rows(db, "items", "key", "key, kind, subject, state, since, number", ""):
                listed[str(key)] = [str(part) for part in rest]
            records = {int(str(seq)): str(record) for seq, record in _rows(db, "records", "seq", "seq, record", -1)}
            for _, record in sorted(records.items()):
                replay(replayed, content_of(record))
    except sqlite3.Error as error:
        log.error("the damaged journal cannot be opened: %s", type(error).__name__)
    return {key: item for key, item in sorted({**replayed, **listed}.items()) if _is_open_item(key, item)}


def _rows(db: sqlite3.Connection, table: str, column: str, columns: str, first: object) -> Iterator[tuple[object, ...]]:
    """From both ends towards the damage, for the pages between cannot be passed."""
    for order, compare in (("ASC", ">"), ("DESC", "<")):
        last, beyond = first, "" if order == "ASC" else None
        try:
            while True:
                where = f"WHERE {column} {compare} ?" if beyond is not None else ""
                rows = db.execute(
                    f"SELECT {columns} FROM {table} {where} ORDER BY {column} {order} LIMIT {_PAGE}",  # noqa: S608
                    (last,) if where else (),
                ).fetchall()
                yield from rows
                if len(rows) < _PAGE:
                    return
                last, beyond = rows[-1][0], ""
        except (sqlite3.Error, OverflowError) as error:
            log.error("the damaged journal's %s end at damage: %s", table, type(error).__name__)


def _is_open_item(key: str, item: list[str]) -> bool:
    """Of a form that the journal itself would have written; a damaged page can say anything."""
    kind, subject, state, since, number = item
    try:
        dated = datetime.fromisoformat(since).tzinfo is not None
    except ValueError:
        return False
    return (
        dated
        and state in OPEN_STATES
        and key != ""
        and is_operation_number(key)
        and is_operation_number(number)
        and KIND.fullmatch(kind) is not None
        and SUBJECT.fullmatch(subject) is not None
    )
