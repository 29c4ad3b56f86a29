"""The journal: what this terminal meant to do, did, and met, durable and in an order that cannot be changed unseen.

Owns the promise that an intent is on the disk before a request leaves, and the memory of what is still unknown. It
refuses personal data: a card is a keyed hash, facts are codes and counts. Every record is chained to the one before
(``h = SHA-256(h_before || record)``), and the head of the chain is sealed with the terminal's secret and witnessed in
a second file beside the journal.

What this finds: edited, removed, inserted, swapped records, a cut in the middle, and a cut at the end as long as the
head or the witness file is left behind. What nobody can find without a witness outside this machine: the whole
directory put back to an earlier day, and the work of somebody who holds the secret.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import logging
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from kiosk.impersonal import Fact, impersonal, is_operation_number

log = logging.getLogger(__name__)

Ending = Literal["done", "refused", "unknown", "failed", "resolved_done", "resolved_refused"]

VERSION = 1
_LOCK_WAIT_S = 2.0
_PAGE = 500
"""Records that are looked through between two waits of another process for the file."""
_START = bytes(32)
_SUBJECT_BYTES = 16
_SUBJECT = re.compile(r"[0-9a-f]{32}")
# From which states an item may come into which: intent -> sent -> done | refused | unknown -> resolved. A
# request whose "sent" was lost in a crash ends like one that was sent; "failed" surely had no effect.
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "intent": ("done", "refused", "unknown", "failed", "resolved_done", "resolved_refused"),
    "sent": ("done", "refused", "unknown", "failed", "resolved_done", "resolved_refused"),
    "unknown": ("resolved_done", "resolved_refused"),
}

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


class JournalError(Exception):
    """The journal could not be written: what it was to record must not be done."""


class JournalFull(JournalError):
    """There is no room on the disk. Nothing was recorded; it may be tried again when there is."""


class JournalBroken(JournalError):
    """The disk failed, or the file is not a sound journal. This object writes nothing more."""


class OutOfOrder(ValueError):
    """A call that does not fit the item's state: an error of this program, not of the disk."""


class Damage(StrEnum):
    """What :meth:`Journal.verify` can find."""

    ALTERED = "altered"
    """A record is not what was chained: edited, swapped or inserted."""
    MISSING = "missing"
    """Records are gone before this one."""
    TAIL_MISSING = "tail_missing"
    """The end of the journal is gone: the head or the witness knows of more."""
    SEAL_BROKEN = "seal_broken"
    """The start or head of the chain was not sealed by this terminal."""
    WITNESS_UNREADABLE = "witness_unreadable"
    """The witness file is gone or not sealed by this terminal."""
    ITEMS_DIFFER = "items_differ"
    """The list of items is not what the records say."""
    UNREADABLE = "unreadable"
    """SQLite cannot read the file."""


@dataclass(frozen=True, slots=True)
class Finding:
    damage: Damage
    seq: int
    """Number of the record where it was found; 0 for the journal as a whole."""


@dataclass(frozen=True, slots=True)
class _End:
    """Where the chain starts or ends, and whether this terminal has sealed that."""

    seq: int
    hash: bytes
    sealed: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to the terminal."""

    at: datetime
    kind: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Item:
    """An operation that has not come to its end."""

    key: str
    kind: str
    subject: str
    state: str
    """``intent``, ``sent`` or ``unknown``."""
    since: datetime


class Journal:
    """One file in SQLite (WAL, every commit synchronised) and its witness beside it.

    ``clock`` returns an aware datetime; ``secret`` is this terminal's own, at least 16 bytes. Calls block for one
    commit and are meant for the loop: nothing may go on before they return. Reading by another process is welcome
    at any time; one instance belongs to one thread at a time.
    Every method raises JournalFull and JournalBroken.
    """

    def __init__(self, path: Path | str, clock: Callable[[], datetime], secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("the journal's secret needs 16 bytes or more")
        self._clock = clock
        self._secret = secret
        self._broken = False
        self._looked_back = False
        self._written = 0, _START
        self._witness: int | None = None
        self._directory = None if str(path) == ":memory:" else Path(path).resolve().parent
        with self._guard():
            # Opened in one thread and used in another (the core's): the instance has one user at a time.
            self._db = sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None, check_same_thread=False)
            try:
                self._open()
                if str(path) != ":memory:":
                    self._witness = os.open(f"{path}-head", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                    if not os.fstat(self._witness).st_size and not self._end("head").seq:
                        self._bear_witness()  # of a journal that is still empty: from now on a lack of it is damage
            except BaseException:
                self.shut()
                raise

    def _open(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        # In WAL mode FULL synchronises the log at each commit; NORMAL would lose the latest on a power cut.
        self._db.execute("PRAGMA synchronous = FULL")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise JournalBroken(f"journal of version {version}; this program knows {VERSION}")
        if version == 0:
            with self._transaction():
                if self._db.execute("PRAGMA user_version").fetchone()[0]:
                    return  # another process was quicker
                for statement in _TABLES.split(";"):
                    if statement.strip():
                        self._db.execute(statement)
                self._db.executemany(
                    "INSERT INTO ends VALUES (?, 0, ?, ?)",
                    [(name, _START, self._seal(name, 0, _START)) for name in ("start", "head")],
                )
                self._db.execute(f"PRAGMA user_version = {VERSION}")

    def subject(self, card_id: str) -> str:
        """The name under which a card stands in the journal: 32 hexadecimal digits, useless without the secret."""
        return self._keyed("subject", card_id.upper().encode())[:_SUBJECT_BYTES].hex()

    # --- operations ---------------------------------------------------------------------------------------

    def intend(self, key: str, kind: str, subject: str, detail: Mapping[str, Fact] | None = None) -> None:
        """Record that ``kind`` is about to be done under ``key``. On the disk when this returns, or it raises.

        Raises OutOfOrder for a key that was used before, ValueError for a detail that looks personal.
        """
        facts = impersonal(detail or {})
        if not _SUBJECT.fullmatch(subject):
            raise ValueError("a card stands in the journal only by its subject()")
        with self._transaction():
            if self._state(key) is not None:
                raise OutOfOrder("this key was used before")
            at = self._append("intent", {"key": key, "kind": kind, "subject": subject, "detail": facts})
            self._db.execute("INSERT INTO items VALUES (?, ?, ?, 'intent', ?, '')", (key, kind, subject, at))

    def sent(self, key: str) -> None:
        """Record that the request is leaving now. Without this mark it counts as possibly sent all the same."""
        with self._transaction():
            if self._state(key) != "intent":
                raise OutOfOrder("only an intent can be sent")
            self._append("sent", {"key": key})
            self._db.execute("UPDATE items SET state = 'sent' WHERE key = ?", (key,))

    def close(self, key: str, outcome: Ending, number: str = "") -> None:
        """Record how it ended. ``unknown`` keeps the item open; ``number`` is the insurer's own for it."""
        if not is_operation_number(number):
            raise ValueError("not the number of an operation")
        with self._transaction():
            state = self._state(key)
            if outcome not in _ENDINGS.get(state or "", ()):
                raise OutOfOrder(f"an item that is {state or 'not recorded'} cannot end as {outcome}")
            self._append("ended", {"key": key, "outcome": outcome, "number": number})
            self._db.execute("UPDATE items SET state = ?, number = ? WHERE key = ?", (outcome, number, key))

    def open_items(self) -> list[Item]:
        """What has not come to its end, oldest first: after a crash this is what must be asked about."""
        with self._guard():
            return [
                Item(key, kind, subject, state, datetime.fromisoformat(since))
                for key, kind, subject, state, since in self._db.execute(
                    "SELECT key, kind, subject, state, since FROM items"
                    " WHERE state IN ('intent', 'sent', 'unknown') ORDER BY since, key"
                )
            ]

    def unknown_for(self, subject: str, kind: str) -> str | None:
        """Key of such an operation on this card whose end nobody knows: the same must not be begun again."""
        with self._guard():
            row = self._db.execute(
                "SELECT key FROM items WHERE subject = ? AND kind = ?"
                " AND state IN ('intent', 'sent', 'unknown') ORDER BY since, key LIMIT 1",
                (subject, kind),
            ).fetchone()
        return None if row is None else str(row[0])

    def event(self, kind: str, **facts: Fact) -> None:
        """Record what happened to the terminal: a device, a lifecycle step. ValueError if it looks personal."""
        checked = impersonal(facts)
        with self._transaction():
            self._append("event", {"kind": kind, "facts": checked})

    # --- looking back -------------------------------------------------------------------------------------

    def events(self, kind: str, since: datetime | None = None) -> Iterator[Happened]:
        """What was recorded by :meth:`event` under this kind, oldest first; a record that cannot be read is left out
        (:meth:`verify` finds it). The journal may be written to meanwhile."""
        seq, marker = 0, _canonical({"kind": kind})[1:-1]
        while True:
            with self._guard():
                rows = self._db.execute(
                    "SELECT seq, record FROM records WHERE seq > ? AND instr(record, ?) ORDER BY seq LIMIT ?",
                    (seq, marker, _PAGE),
                ).fetchall()
            for seq, record in rows:  # noqa: B007  the next page begins after it
                event = _happened(_content(record))
                if event is not None and event.kind == kind and (since is None or event.at >= since):
                    yield event
            if len(rows) < _PAGE:
                return

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
        return None if row is None else _time_of(_content(row[0]))

    # --- proof --------------------------------------------------------------------------------------------

    def verify(self) -> list[Finding]:
        """Walk the whole chain. An empty list means that everything since the start is as it was written."""
        try:
            # The witness first: whatever it has seen was committed before, so it is in the snapshot that follows,
            # even if the terminal goes on writing meanwhile.
            witness = self._read_witness()
            self._db.execute("BEGIN")
            try:
                return list(self._findings(witness))
            finally:
                self._db.execute("ROLLBACK")
        except (sqlite3.Error, OSError) as error:
            log.error("the journal cannot be read: %s", type(error).__name__)
            return [Finding(Damage.UNREADABLE, 0)]

    def _findings(self, witness: _End | None) -> Iterator[Finding]:
        if any(row[0] != "ok" for row in self._db.execute("PRAGMA quick_check")):
            yield Finding(Damage.UNREADABLE, 0)
        start, head = self._end("start"), self._end("head")
        for end in (start, head):
            if not end.sealed:
                yield Finding(Damage.SEAL_BROKEN, end.seq)
        seq, before = start.seq, start.hash
        items: dict[str, list[str]] = {}
        for found, record, digest in self._db.execute("SELECT seq, record, hash FROM records ORDER BY seq"):
            content = _content(record)
            if found != seq + 1:
                yield Finding(Damage.MISSING, found)
            elif _chained(before, record) != digest or content.get("seq") != found:
                yield Finding(Damage.ALTERED, found)
            if content.get("what") == "damage":
                yield Finding(_noted(content), found)
            if witness and witness.sealed and witness.seq == found and witness.hash != digest:
                yield Finding(Damage.ALTERED, found)
            _replay(items, content)
            seq, before = found, digest
        if seq < max(head.seq, witness.seq if witness and witness.sealed else 0):
            yield Finding(Damage.TAIL_MISSING, seq)
        elif (seq, before) != (head.seq, head.hash):
            yield Finding(Damage.ALTERED, seq)
        if witness and not witness.sealed and seq > start.seq:
            yield Finding(Damage.WITNESS_UNREADABLE, 0)
        rows = self._db.execute("SELECT key, kind, subject, state, since, number FROM items")
        if {row[0]: list(row[1:]) for row in rows} != items:
            yield Finding(Damage.ITEMS_DIFFER, 0)

    def shut(self) -> None:
        """Give the files back. Safe to call twice."""
        self._db.close()
        if self._witness is not None:
            os.close(self._witness)
            self._witness = None

    # --- inside -------------------------------------------------------------------------------------------

    def _append(self, what: str, content: Mapping[str, object]) -> str:
        """Chain one more record, inside the caller's transaction, and return its time."""
        head = self._end("head")
        if not self._looked_back or not head.sealed:
            head = self._look_back(head)
        return self._chain(head, what, content)

    def _chain(self, head: _End, what: str, content: Mapping[str, object]) -> str:
        seq, at = head.seq + 1, self._clock().isoformat()
        record = _canonical({"seq": seq, "at": at, "what": what, **content})
        digest = _chained(head.hash, record)
        self._db.execute("INSERT INTO records VALUES (?, ?, ?)", (seq, record, digest))
        self._db.execute(
            "UPDATE ends SET seq = ?, hash = ?, seal = ? WHERE name = 'head'",
            (seq, digest, self._seal("head", seq, digest)),
        )
        self._written = seq, digest
        return at

    def _look_back(self, head: _End) -> _End:
        """Before writing on, note in the chain what has happened to its end: our next seal would cover it up."""
        self._looked_back = True
        witness = self._read_witness()
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
        return self._end("head")

    def _state(self, key: str) -> str | None:
        row = self._db.execute("SELECT state FROM items WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _end(self, name: str) -> _End:
        row = self._db.execute("SELECT seq, hash, seal FROM ends WHERE name = ?", (name,)).fetchone()
        seq, digest, seal = row if row is not None else (0, _START, b"")
        return _End(seq, digest, hmac.compare_digest(seal, self._seal(name, seq, digest)))

    def _read_witness(self) -> _End | None:
        """What the witness file says; ``None`` for a journal in memory, which has none."""
        if self._witness is None:
            return None
        statement = os.pread(self._witness, 8 + 32 + 32, 0)
        seq, digest, seal = int.from_bytes(statement[:8], "big", signed=True), statement[8:40], statement[40:]
        return _End(seq, digest, hmac.compare_digest(seal, self._seal("witness", seq, digest)))

    def _bear_witness(self) -> None:
        # Not synchronised: after a power cut it may lag behind the journal, which is harmless; it is written only
        # after the commit, so it can never be ahead of a journal that is whole.
        if self._witness is None:
            return
        seq, digest = self._written
        statement = seq.to_bytes(8, "big", signed=True) + digest + self._seal("witness", seq, digest)
        try:
            os.pwrite(self._witness, statement, 0)
        except OSError as error:
            log.error("the journal's witness was not written: %s", error.strerror)

    def _seal(self, name: str, seq: int, digest: bytes) -> bytes:
        return self._keyed(f"seal {name}", seq.to_bytes(8, "big", signed=True) + digest)

    def _keyed(self, purpose: str, data: bytes) -> bytes:
        return hmac.digest(self._secret, purpose.encode() + b"\0" + data, "sha256")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._guard():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
                self._synchronise_directory()
            except BaseException:
                self._roll_back()
                self._looked_back = False  # what was noted of the past, if anything, was undone with the rest
                raise
        self._bear_witness()

    def _synchronise_directory(self) -> None:
        """Once, after the first commit has made the log file: its name must be as durable as what is in it.

        SQLite does this too, but goes on if it fails.
        """
        if self._directory is None:
            return
        try:
            descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            self._broken = True
            raise
        self._directory = None

    def _roll_back(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error:
            pass  # SQLite rolled back by itself, or the file is gone: either way the first error counts

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn what the disk does into JournalFull or JournalBroken."""
        if self._broken:
            # After a failed fdatasync the kernel may drop the page and report success next time: never try again.
            raise JournalBroken("the disk failed before; open the journal anew")
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", type(error).__name__)
            primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            if primary == sqlite3.SQLITE_FULL:
                raise JournalFull(name) from error
            self._broken = primary != sqlite3.SQLITE_BUSY
            raise JournalBroken(name) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise JournalFull(error.strerror) from error
            raise JournalBroken(error.strerror) from error


def _canonical(content: Mapping[str, object]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _chained(before: bytes, record: str) -> bytes:
    return hashlib.sha256(before + record.encode()).digest()


def _content(record: str) -> dict[str, Any]:
    try:
        content = json.loads(record)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _time_of(content: Mapping[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(content.get("at")))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _happened(content: Mapping[str, Any]) -> Happened | None:
    at, facts = _time_of(content), content.get("facts")
    if content.get("what") != "event" or at is None or not isinstance(facts, dict):
        return None
    return Happened(at, str(content.get("kind")), facts)


def _noted(content: Mapping[str, Any]) -> Damage:
    try:
        return Damage(str(content.get("damage")))
    except ValueError:
        return Damage.ALTERED


def _replay(items: dict[str, list[str]], content: Mapping[str, Any]) -> None:
    """What the list of items must be after this record, which may be a damaged one."""
    what, key = content.get("what"), str(content.get("key"))
    if what == "intent":
        items[key] = [str(content.get(part)) for part in ("kind", "subject", "what", "at")] + [""]
    elif what == "sent" and key in items:
        items[key][2] = "sent"
    elif what == "ended" and key in items:
        items[key][2], items[key][4] = str(content.get("outcome")), str(content.get("number"))
