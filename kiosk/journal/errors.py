"""How writing or reading the journal can fail, and what SQLite and the disk call it.

Owns the translation into the few errors that the terminal tells apart. It repairs nothing.
"""

from __future__ import annotations

import errno
import sqlite3


class JournalError(Exception):
    """The journal could not be written: what it was to record must not be done."""


class JournalFull(JournalError):
    """There is no room on the disk. Nothing was recorded; it may be tried again when there is."""


class JournalBroken(JournalError):
    """The disk failed, or the file is not a sound journal. Nothing more is written until it is opened anew."""


class JournalDamaged(JournalBroken):
    """The file is there, but it is no sound journal: opening it again will not help."""


class OutOfOrder(ValueError):
    """A call that does not fit the item's state: an error of this program, not of the disk."""


_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def translated(error: sqlite3.Error | OSError) -> JournalError:
    """What it means for the journal. The error's own text is left out: it may quote what a record holds."""
    if isinstance(error, OSError):
        text = error.strerror or type(error).__name__
        return JournalFull(text) if error.errno in _NO_ROOM else JournalBroken(text)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    primary = primary_code(error)
    if primary == sqlite3.SQLITE_FULL:
        return JournalFull(name)
    return JournalDamaged(name) if primary in _DAMAGED else JournalBroken(name)


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without its extension."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF
