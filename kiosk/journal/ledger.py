"""The journal in service: every record made durable before its call returns.

Owns the states an item can come into, and when some of it is forgotten. How a record comes onto the disk is the
storage's affair, what the records tell of the past that of ``past``. It asks nobody and shows nothing.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from kiosk.impersonal import Fact, impersonal, is_operation_number
from kiosk.journal import tables
from kiosk.journal.chain import End
from kiosk.journal.errors import JournalError, WrongState, damage_by
from kiosk.journal.past import Past
from kiosk.journal.retention import Forgetting
from kiosk.journal.storage import ChainFile
from kiosk.journal.values import KIND, SUBJECT, Ending, Finding, Item, Retention
from kiosk.journal.verification import judged

log = logging.getLogger(__name__)

_SUBJECT_BYTES = 16
_OPEN = "('intent', 'sent', 'unknown')"
# From which states an item may come into which: intent -> sent -> done | refused | unknown -> resolved. A
# request whose "sent" was lost in a crash ends like one that was sent; "failed" surely had no effect.
# The unary plus keeps SQLite from walking the index of open items where the key alone finds the row.
_SENT = "UPDATE items SET state = 'sent' WHERE key = ? AND +state = 'intent'"
_CLOSING: Mapping[str, str] = {
    outcome: f"UPDATE items SET state = ?, number = ? WHERE key = ? AND +state IN {before}"  # noqa: S608
    for outcome, before in (
        *((ending, "('intent', 'sent')") for ending in ("done", "refused", "unknown", "failed")),
        *((ending, _OPEN) for ending in ("resolved_done", "resolved_refused", "resolved_by_chip")),
    )
}


class Journal(ChainFile, Past):
    """One file in SQLite (WAL, every commit synchronised) and its witness beside it.

    ``clock`` returns an aware datetime; ``secret`` is this terminal's own, at least 16 bytes. Calls block for one
    commit and are meant for the loop: nothing may go on before they return. Reading by another process is welcome
    at any time; one instance belongs to one thread at a time.

    ``in_service`` is for the terminal itself, which must stand to say what is wrong: then a file that cannot be opened
    is told by the first call instead of here, and :meth:`probe` begins a new journal where the old one is beyond
    reading. Every method raises JournalFull and JournalBroken.
    """

    def __init__(
        self,
        path: Path | str,
        clock: Callable[[], datetime],
        secret: bytes,
        retention: Retention = Retention(),  # noqa: B008  frozen
        *,
        in_service: bool = False,
    ) -> None:
        self._not_begun: set[str] = set()
        """Keys whose intent or sending could not be made durable: whatever the disk holds of them, none was begun."""
        self._forgetting = Forgetting(retention)
        super().__init__(path, clock, secret, in_service=in_service)

    def subject(self, card_id: str) -> str:
        """The name under which a card stands in the journal: 32 hexadecimal digits, useless without the secret."""
        return self._seals.keyed("subject", card_id.upper().encode())[:_SUBJECT_BYTES].hex()

    # --- operations ---------------------------------------------------------------------------------------

    def intend(self, key: str, kind: str, subject: str, detail: Mapping[str, Fact] | None = None) -> None:
        """Record that ``kind`` is about to be done under ``key``. On the disk when this returns, or it raises.

        Raises WrongState for a key that was used before, ValueError for a detail that looks personal.
        """
        facts = impersonal(detail) if detail else {}
        if not SUBJECT.fullmatch(subject):
            raise ValueError("a card stands in the journal only by its subject()")
        if not is_operation_number(key) or not KIND.fullmatch(kind):
            raise ValueError("not the key or the kind of an operation")
        try:
            with self._transaction:
                at = self._append("intent", {"key": key, "kind": kind, "subject": subject, "detail": facts})
                try:
                    self._db.execute("INSERT INTO items VALUES (?, ?, ?, 'intent', ?, '')", (key, kind, subject, at))
                except sqlite3.IntegrityError as error:
                    raise WrongState("this key was used before") from error
        except JournalError:
            self._not_begun.add(key)
            raise

    def sent(self, key: str) -> None:
        """Record that the request is leaving now. Without this mark it counts as possibly sent all the same."""
        try:
            with self._transaction:
                self._append("sent", {"key": key})
                if self._db.execute(_SENT, (key,)).rowcount != 1:
                    raise WrongState("only an intent can be sent")
        except JournalError:
            self._not_begun.add(key)
            raise

    def close(self, key: str, outcome: Ending, number: str = "") -> None:
        """Record how it ended. ``unknown`` keeps the item open; ``number`` is the insurer's own for it."""
        if not is_operation_number(number):
            raise ValueError("not the number of an operation")
        with self._transaction:
            self._append("ended", {"key": key, "outcome": outcome, "number": number})
            if self._db.execute(_CLOSING[outcome], (outcome, number, key)).rowcount != 1:
                row = self._db.execute("SELECT state FROM items WHERE key = ?", (key,)).fetchone()
                raise WrongState(f"an item that is {row[0] if row else 'not recorded'} cannot end as {outcome}")

    def open_items(self) -> list[Item]:
        """What has not come to its end, oldest first: after a crash this is what must be asked about."""
        with self._guard():
            return [
                Item(key, kind, subject, state, datetime.fromisoformat(since))
                for key, kind, subject, state, since in self._db.execute(
                    f"SELECT key, kind, subject, state, since FROM items WHERE state IN {_OPEN} ORDER BY since, key"  # noqa: S608
                )
            ]

    def unknown_for(self, subject: str, kind: str) -> str | None:
        """Key of such an operation on this card whose end nobody knows: the same must not be begun again."""
        with self._guard():
            row = self._db.execute(
                f"SELECT key FROM items WHERE subject = ? AND kind = ? AND state IN {_OPEN}"  # noqa: S608
                " ORDER BY since, key LIMIT 1",
                (subject, kind),
            ).fetchone()
        return None if row is None else str(row[0])

    def event(self, kind: str, **facts: Fact) -> None:
        """Record what happened to the terminal: a device, a lifecycle step. ValueError if it looks personal."""
        checked = impersonal(facts)
        with self._transaction:
            self._append("event", {"kind": kind, "facts": checked})

    # --- when the disk has failed, and when it is full of the past -----------------------------------------

    def probe(self) -> None:
        """Find out whether it can be written, by writing; opened anew first if it had failed.

        After a failed fdatasync the kernel may drop the page and report success the next time, so that nothing is ever
        tried again on the same descriptor: the files are closed, read again from the disk, and opened. A file that is
        no sound journal is set aside under a dated name, its open operations are carried over, and a new one begun.
        """
        if self._broken:
            self.reopen()
        self.event("probe")

    def reopen(self) -> None:
        """Read again what is truly on the disk. Raises JournalError if that is no journal that can be written."""
        reason = self._broken or "asked"
        super().reopen()
        self.event("journal_reopened", after=reason[:80])
        self._close_what_was_not_begun()

    def _close_what_was_not_begun(self) -> None:
        """A record that could not be synchronised may be on the disk all the same."""
        for item in self.open_items():
            if item.key in self._not_begun and item.state in ("intent", "sent"):
                self.close(item.key, "failed")
        self._not_begun.clear()

    def tidy(self) -> bool:
        """Drop some of what need not be kept any more: one small step. True if there may be more to drop.

        Not for the time of a visit: it is a commit that no citizen waits for.
        """
        with self._guard():
            start, head = self._ends_now()
            why = self._forgetting.due(self._db, start, head, self._clock())
        if not why:
            return False
        with self._transaction:
            start = tables.end_of(self._db, self._seals, "start")
            cut = self._forgetting.cut(self._db, start, why, self._clock())
            if cut is None:
                return False
            for content in cut.carried:
                self._append(str(content["what"]), content)
            self._append("checkpoint", cut.checkpoint)
            self._db.execute("DELETE FROM records WHERE seq <= ?", (cut.seq,))
            self._db.executemany("DELETE FROM items WHERE key = ?", [(key,) for key in cut.settled])
            self._db.execute(
                "UPDATE ends SET seq = ?, hash = ?, seal = ? WHERE name = 'start'",
                (cut.seq, cut.hash, self._seals.seal("start", cut.seq, cut.hash)),
            )
        self._start = End(cut.seq, cut.hash, sealed=True)
        log.info("%d records of the journal were dropped (%s)", cut.dropped, why)
        return True

    # --- looking back -------------------------------------------------------------------------------------

    def verify(self) -> list[Finding]:
        """Walk the whole chain. An empty list means that everything since the start is as it was written."""
        try:
            # The witness first: whatever it has seen was committed before, so it is in the snapshot that follows,
            # even if the terminal goes on writing meanwhile.
            witness = self._witness.read() if self._witness else None
            self._db.execute("BEGIN")
            try:
                return judged(self._db, self._seals, witness)
            finally:
                self._db.execute("ROLLBACK")
        except (AttributeError, OSError, sqlite3.Error) as error:
            log.error("the journal cannot be read: %s", type(error).__name__)
            return [Finding(damage_by(self._not_opened or error), 0)]
