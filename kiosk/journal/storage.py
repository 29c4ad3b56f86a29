"""The journal's files while they are open for writing: each record chained, sealed, witnessed and on the disk.

Owns the connection, the transaction and what becomes of both when the disk has failed. It knows records and ends of
the chain; what an operation or an event is, the ledger knows.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType

from kiosk.journal import anew, tables
from kiosk.journal.chain import End, Seals, canonical, chained
from kiosk.journal.errors import JournalBroken, JournalDamaged, JournalError, primary_code, translated
from kiosk.journal.values import Damage
from kiosk.journal.witness import Witness
from kiosk.on_disk import synchronise_folder

log = logging.getLogger(__name__)


class ChainFile:
    """See :class:`kiosk.journal.Journal`, which is one."""

    def __init__(
        self,
        path: Path | str,
        clock: Callable[[], datetime],
        secret: bytes,
        *,
        in_service: bool = False,
    ) -> None:
        self._seals = Seals(secret)
        self._clock = clock
        self._path = None if str(path) == tables.MEMORY else Path(path)
        self._in_service = in_service
        self._broken = ""
        """Why nothing more is written; empty while all is well."""
        self._not_opened: JournalError | None = None
        """Why there is nothing to look at; ``None`` once it was opened."""
        self._guarding = _Guard(self)
        self._transaction = _Transaction(self)
        self._witness: Witness | None = None
        self._forget_what_was_seen()
        try:
            with self._guard():
                self._open()
        except JournalError as error:
            self.shut()
            if not in_service:
                raise
            log.critical("the journal cannot be opened: %s", error)
            self._broken, self._not_opened = str(error), error

    def _forget_what_was_seen(self) -> None:
        self._looked_back = False
        self._head: End | None = None
        self._start: End | None = None
        self._head_version = -1
        self._directory_synchronised = self._path is None

    def _open(self) -> None:
        if self._path is not None and anew.note_of(self._path).exists():
            raise JournalDamaged("it was being set aside when the power went")
        self._db = tables.open_to_write(self._path or tables.MEMORY)
        if tables.version_of(self._db) == 0:
            with self._transaction:
                if tables.version_of(self._db) == 0:  # else another process was quicker
                    tables.create(self._db, self._seals)
        tables.require_tables(self._db)
        self._open_witness()
        self._not_opened = None

    def _open_witness(self, *, of_a_new_one: bool = False) -> None:
        if self._path is None:
            return
        self._witness = Witness(self._path.with_name(f"{self._path.name}-head"), self._seals)
        head = tables.end_of(self._db, self._seals, "head")
        if self._witness.blank and (of_a_new_one or not head.seq):
            # Of a journal that has only just begun: from now on a lack of it is damage.
            self._witness.state(head.seq, head.hash)

    def reopen(self) -> None:
        """Read again what is truly on the disk. Raises JournalError if that is no journal that can be written."""
        if self._path is None:
            self._broken = ""  # nothing in memory can be read again, and nothing of it was on a disk
            return
        self.shut()
        self._forget_what_was_seen()
        _drop_cached(self._path)
        self._broken = ""
        try:
            with self._guard():
                self._open()
                problem = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
                if problem != "ok":
                    raise JournalDamaged("SQLITE_CORRUPT")
        except JournalDamaged as error:
            self.shut()
            self._broken = str(error)
            if not self._in_service:
                raise
            self._set_aside(self._path)
        except JournalError as error:
            self.shut()
            self._broken = str(error)
            raise

    def _set_aside(self, path: Path) -> None:
        try:
            with _Guard(self, broken_too=True):
                anew.begin(path, self._clock())
                self._begin_anew(path)
        except JournalError as error:
            self.shut()
            self._broken = str(error)
            raise
        self._broken = ""

    def _begin_anew(self, path: Path) -> None:
        """Go on from wherever an earlier try was interrupted."""
        aside = anew.move(path)
        items = anew.readable_items(aside)
        self._forget_what_was_seen()
        self._broken = ""
        self._db = tables.open_to_write(path)
        with self._transaction:
            if tables.version_of(self._db) == 0:
                tables.create(self._db, self._seals)
                self._looked_back = True
                self._append("begun_anew", {"aside": aside.name, "carried": len(items)})
                for key, (kind, subject, state, since, number) in items.items():
                    item = {"kind": kind, "subject": subject, "state": state, "since": since, "number": number}
                    self._append("carried", {"key": key, **item})
                    self._db.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?)", (key, *item.values()))
        self._open_witness(of_a_new_one=True)
        self._not_opened = None
        anew.finish(path)

    def shut(self) -> None:
        """Give the files back. Safe to call twice."""
        db: sqlite3.Connection | None = getattr(self, "_db", None)
        if db is not None:
            _close(db, self._path if self._broken else None)
        if self._witness is not None:
            self._witness.shut()
            self._witness = None

    # --- inside -------------------------------------------------------------------------------------------

    def _ends_now(self) -> tuple[End, End]:
        """Start and head, as this object last wrote or read them."""
        if self._head is None or self._start is None:
            return tables.end_of(self._db, self._seals, "start"), tables.end_of(self._db, self._seals, "head")
        return self._start, self._head

    def _append(self, what: str, content: Mapping[str, object]) -> str:
        """Chain one more record, inside the caller's transaction, and return its time."""
        head = self._known_head()
        if not self._looked_back or not head.sealed:
            head = self._look_back(head)
        return self._chain(head, what, content)

    def _known_head(self) -> End:
        """As this object last wrote it, unless another connection has changed the database since."""
        if self._path is None and self._head is not None:
            return self._head
        version: int = self._db.execute("PRAGMA data_version").fetchone()[0]
        if self._head is None or version != self._head_version:
            self._head, self._head_version = tables.end_of(self._db, self._seals, "head"), version
            self._start = tables.end_of(self._db, self._seals, "start")
        return self._head

    def _chain(self, head: End, what: str, content: Mapping[str, object]) -> str:
        seq, at = head.seq + 1, self._clock().isoformat()
        record = canonical({**content, "seq": seq, "at": at, "what": what})
        digest = chained(head.hash, record)
        self._db.execute("INSERT INTO records VALUES (?, ?, ?)", (seq, record, digest))
        self._db.execute(
            "UPDATE ends SET seq = ?, hash = ?, seal = ? WHERE name = 'head'",
            (seq, digest, self._seals.seal("head", seq, digest)),
        )
        self._head = End(seq, digest, sealed=True)
        return at

    def _look_back(self, head: End) -> End:
        """Before writing on, note in the chain what has happened to its end: our next seal would cover it up."""
        self._looked_back = True
        witness = self._witness.read() if self._witness else None
        damage: Damage | None = None
        if not head.sealed:
            damage = Damage.SEAL_BROKEN
        elif witness is not None and not witness.sealed:
            damage = Damage.WITNESS_UNREADABLE if head.seq else None
        elif witness is not None and witness.seq > head.seq:
            damage = Damage.TAIL_MISSING
        if damage is None:
            return head
        log.error("the end of the journal is damaged: %s", damage)
        self._chain(head, "damage", {"damage": damage.value, "expected": witness.seq if witness else 0})
        assert self._head is not None
        return self._head

    def _bear_witness(self) -> None:
        if self._witness is not None and self._head is not None:
            self._witness.state(self._head.seq, self._head.hash)

    def _synchronise_directory(self) -> None:
        """Once, after the first commit has made the log file: its name must be as durable as what is in it.

        SQLite does this too, but goes on if it fails.
        """
        assert self._path is not None
        try:
            synchronise_folder(self._path.resolve().parent)
        except OSError as error:
            self._broken = error.strerror or type(error).__name__
            raise
        self._directory_synchronised = True

    def _roll_back(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error:
            pass  # SQLite rolled back by itself, or the file is gone: either way the first error counts
        self._head = None
        self._looked_back = False  # what was noted of the past, if anything, was undone with the rest

    def _refuse_if_broken(self) -> None:
        if self._broken:
            # After a failed fdatasync the kernel may drop the page and report success next time: never try again.
            raise JournalBroken(f"{self._broken}: the disk failed before; open the journal anew")

    def _failed(self, error: sqlite3.Error | OSError) -> JournalError:
        meant = translated(error)
        if isinstance(error, sqlite3.Error) and primary_code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL):
            self._broken = str(meant)
        return meant

    def _guard(self) -> _Guard:
        return self._guarding


class _Guard:
    """``with journal._guard()``: what the disk does becomes JournalFull or JournalBroken. Made once, for it is entered
    at every look."""

    __slots__ = ("_broken_too", "_journal")

    def __init__(self, journal: ChainFile, *, broken_too: bool = False) -> None:
        self._journal = journal
        self._broken_too = broken_too

    def __enter__(self) -> None:
        if not self._broken_too:
            self._journal._refuse_if_broken()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, (sqlite3.Error, OSError)):
            raise self._journal._failed(error) from error


class _Transaction:
    """``with journal._transaction``: all of it on the disk, or none of it. Made once, for it is entered for each
    record."""

    __slots__ = ("_journal",)

    def __init__(self, journal: ChainFile) -> None:
        self._journal = journal

    def __enter__(self) -> None:
        self._journal._refuse_if_broken()
        try:
            self._journal._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise self._journal._failed(error) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        journal = self._journal
        try:
            if error is not None:
                raise error
            journal._db.execute("COMMIT")
            if not journal._directory_synchronised:
                journal._synchronise_directory()
        except (sqlite3.Error, OSError) as failure:
            journal._roll_back()
            raise journal._failed(failure) from failure
        except BaseException:
            journal._roll_back()
            raise
        journal._bear_witness()


def _close(db: sqlite3.Connection, path: Path | None) -> None:
    """Close it; of a database on a failed disk (``path``) without letting SQLite copy its log into the database, which
    the last connection does when it closes: what the log holds there is not sure."""
    bystander: sqlite3.Connection | None = None
    if path is not None:
        with suppress(sqlite3.Error, OSError):
            bystander = tables.open_to_read(path)
            bystander.execute("SELECT count(*) FROM sqlite_master").fetchone()
    with suppress(sqlite3.Error):
        db.close()
    if bystander is not None:
        with suppress(sqlite3.Error):
            bystander.close()


def _drop_cached(path: Path) -> None:
    """Let the kernel forget its copy of the files: after a failed write-back it may hold what the disk does not."""
    for end in ("", "-wal"):
        with suppress(OSError):
            descriptor = os.open(path.with_name(path.name + end), os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)
