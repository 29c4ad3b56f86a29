"""How writing or reading the journal can fail, and what SQLite and the disk call it.

Owns the translation into the few errors that the terminal tells apart. It repairs nothing.
"""

from __future__ import annotations

import errno
import sqlite3

from kiosk.journal.values import Damage


class JournalError(Exception):
    """The journal could not be written: what it was to record must not be done."""


class JournalFull(JournalError):
    """There is no room on the disk. Nothing was recorded; it may be tried again when there is."""


class JournalBroken(JournalError):
    """The disk failed, or the file is not a sound journal. Nothing more is written until it is opened anew."""


class JournalDamaged(JournalBroken):
    """The file is there, but it is no sound journal: opening it again will not help."""


class WrongState(ValueError):
    """A call that does not fit the item's state: an error of this program, not of the disk."""


_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_KEPT_BACK = frozenset(
    {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY}
)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def translated(error: sqlite3.Error | OSError) -> JournalError:
    """What it means for the journal. The error's own text is left out: it may quote what a record holds."""
    if isinstance(error, OSError):
        text = error.strerror or type(error).__name__
        return JournalFull(text) if error.errno in _NO_ROOM else JournalBroken(text)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    primary = primary_code(error)
    # What readers and writers share of the log needs room, too, and SQLite calls a lack of it by another name.
    if primary == sqlite3.SQLITE_FULL or extended_code(error) == sqlite3.SQLITE_IOERR_SHMSIZE:
        return JournalFull(name)
    return JournalDamaged(name) if primary in _DAMAGED else JournalBroken(name)


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without its extension."""
    return extended_code(error) & 0xFF


def extended_code(error: sqlite3.Error) -> int:
    """SQLite's result code, with what it says beyond the primary one."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code


def damage_by(error: Exception) -> Damage:
    """What a journal that could not be read to its end has: a disk that gave nothing says nothing of what is on it."""
    meant = translated(error) if isinstance(error, sqlite3.Error | OSError) else error
    if isinstance(meant, JournalFull):
        return Damage.NO_ROOM
    if isinstance(error, sqlite3.Error):
        return Damage.NOT_OPENED if primary_code(error) in _KEPT_BACK else Damage.UNREADABLE
    kept_back = isinstance(meant, JournalBroken) and not isinstance(meant, JournalDamaged)
    return Damage.NOT_OPENED if kept_back else Damage.UNREADABLE
