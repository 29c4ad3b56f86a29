"""The journal's file seen by somebody who only looks, also while the terminal writes.

Owns one snapshot of a file that another process may have open. It writes nothing: no record, no witness.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from kiosk.journal import tables
from kiosk.journal.chain import START, End, Seals, content_of, time_of
from kiosk.journal.errors import JournalBroken, JournalDamaged, translated
from kiosk.journal.past import Past
from kiosk.journal.values import Damage, Finding
from kiosk.journal.verification import judged
from kiosk.journal.witness import Witness, parse


class JournalFile(Past):
    """``with JournalFile(path, secret) as file``. Raises JournalBroken if the file cannot be opened at all,
    JournalDamaged if it is no database."""

    def __init__(self, path: Path, secret: bytes) -> None:
        self._path = path
        self._seals = Seals(secret)
        try:
            _refuse_unreadable(path)
            # The witness first: whatever it has seen was committed before, so it is in the snapshot that follows.
            self._witnessed = self._read_witness()
            self._db = tables.open_to_read(path)
        except (sqlite3.Error, OSError) as error:
            raise translated(error) from error
        try:
            self._db.execute("BEGIN")
            if tables.version_of(self._db) == 0:
                raise JournalDamaged("the file holds no journal")
        except BaseException as error:
            self._db.close()
            if isinstance(error, sqlite3.Error):
                raise translated(error) from error
            raise

    def _read_witness(self) -> End:
        try:
            witness = Witness(self._path.with_name(f"{self._path.name}-head"), self._seals, only_read=True)
        except FileNotFoundError:
            return parse(b"", self._seals)
        try:
            return witness.read()
        finally:
            witness.shut()

    def __enter__(self) -> JournalFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def findings(self) -> list[Finding]:
        """As ``Journal.verify``: empty if everything since the start is as it was written."""
        return judged(self._db, self._seals, self._witnessed)

    def records(self) -> int:
        """How many there are. Raises JournalBroken."""
        with self._guard():
            return int(self._db.execute("SELECT count(*) FROM records").fetchone()[0])

    def span(self, first_day: str, last_day: str) -> tuple[int, int, bytes]:
        """Numbers of the first and last record of these days (``2026-07-15``, as the records themselves are dated;
        empty for no limit), and the hash before the first. Nothing between them is left out, whatever its date: the
        chain must hold. ``(1, 0, …)`` if there is none. Raises JournalBroken."""
        try:
            before = tables.end_of(self._db, self._seals, "start").hash
        except sqlite3.Error as error:
            raise translated(error) from error
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise JournalDamaged("the start of the chain is no such thing") from error
        first, last, hash_before = 0, 0, START
        for seq, text, digest in self.rows():
            at = time_of(content_of(text))
            day = at.date().isoformat() if at is not None else ""
            if day and (not first_day or day >= first_day) and (not last_day or day <= last_day):
                if not first:
                    first, hash_before = seq, before
                last = seq
            before = digest
        return (first, last, hash_before) if first else (1, 0, before)

    def rows(self, first: int | None = None, last: int | None = None) -> Iterator[tuple[int, str, bytes]]:
        """Number, text and hash of each record, as they stand there. Raises JournalBroken."""
        low = -(2**63) if first is None else first
        high = 2**63 - 1 if last is None else last
        with self._guard():
            for seq, record, digest in self._db.execute(
                "SELECT seq, record, hash FROM records WHERE seq BETWEEN ? AND ? ORDER BY seq", (low, high)
            ):
                if not isinstance(record, str) or not isinstance(digest, bytes):
                    raise JournalDamaged("a record is no text")
                yield seq, record, digest

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise translated(error) from error


def _refuse_unreadable(path: Path) -> None:
    """Raises OSError, which says why, where SQLite only says that it cannot.

    Never opened for that: to close any descriptor of the file drops all locks that this process has on it (fcntl(2)),
    those of the terminal's own connection among them, and the next to close the file elsewhere would remove its log.
    """
    if stat.S_ISDIR(path.stat().st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(path, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def judge(path: Path, secret: bytes) -> tuple[list[Finding], int]:
    """What is wrong with this file, and how many records it holds. Raises JournalBroken if it cannot be opened."""
    try:
        with JournalFile(path, secret) as file:
            findings = file.findings()
            records = 0
            with suppress(JournalBroken):
                records = file.records()
            return findings, records
    except JournalDamaged:
        return [Finding(Damage.UNREADABLE, 0)], 0
