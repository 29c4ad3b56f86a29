"""The embedded insurer: the whole port on one SQLite file, seeded with invented people, for demo and tests.

Owns the rules of an honest counterpart: state and holder are checked in the same transaction that changes them, a
key has one effect for ever, and a key that was asked for before it came can never come later. It answers as the HSM
would, with test keys. It refuses to hold real people, and it knows nothing of lines that break: see ``line``.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from drivers.card.authority import AuthorityRefused, ChipAuthority, ChipIdentity, ExternalAuthentication
from kiosk.insurer import schema
from kiosk.insurer.api import (
    Account,
    Activate,
    CardRecord,
    CardRef,
    CardState,
    CredentialRefused,
    Done,
    InsuranceStatus,
    InsurerUnreachable,
    MonthLedger,
    Movement,
    MovementKind,
    Operation,
    Outcome,
    Person,
    PinEvent,
    Proof,
    ProofKind,
    Reason,
    Refused,
)
from kiosk.insurer.hsm import READ_KEY, Hsm
from kiosk.insurer.people import HOME_REGION, SamplePerson, credential_text, name_on_document, population
from kiosk.money import Fen

CREDENTIAL_LIFE = timedelta(seconds=60)
"""An e-credential is refreshed about every minute (docs/protocols.md section 4)."""
_CREDENTIAL_KEPT = timedelta(days=1)
"""So long an expired credential can still be told from one that never was."""
_LOCK_WAIT_S = 2.0
_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅．.", "·"))


def _random_digits(count: int) -> str:
    return "".join(str(secrets.randbelow(10)) for _ in range(count))


class EmbeddedInsurer:
    """An insurer in one file (or ``":memory:"``). Implements :class:`kiosk.insurer.api.Insurer`.

    The file is made and seeded on first use, in one transaction. SQLite is called directly in the loop: a reading
    takes some ten microseconds and a change one durable commit, and runs stay reproducible. Several instances, also
    in other processes, may share a file; one instance belongs to one thread at a time.

    ``clock`` returns an aware datetime; ``digits(n)`` n random decimal digits. ``people`` replaces the population of
    ``seed``. ``region`` is the division whose cards this insurer answers for.
    Raises sqlite3.Error if the file cannot be used at all, schema.WrongVersion if it is another's.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        clock: Callable[[], datetime],
        digits: Callable[[int], str] = _random_digits,
        people: Sequence[SamplePerson] | None = None,
        seed: int = 1,
        region: str = HOME_REGION,
    ) -> None:
        self._clock = clock
        self._digits = digits
        self._region = region
        # Opened in one thread and used in another (the core's): the instance has one user at a time.
        self._db = sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None, check_same_thread=False)
        try:
            self._open(str(path) == ":memory:", people, seed)
        except BaseException:
            self._db.close()
            raise

    def _open(self, in_memory: bool, people: Sequence[SamplePerson] | None, seed: int) -> None:
        today = self._clock().date()
        if in_memory and people is None:
            self._db.deserialize(_seeded_image(today, seed))
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        if schema.is_empty(self._db):
            with self._transaction():
                if schema.is_empty(self._db):  # nobody else was quicker
                    schema.create(self._db, population(today, seed) if people is None else people)

    # --- reading ------------------------------------------------------------------------------------------

    async def card(self, card: CardRef) -> CardRecord:
        with self._reading():
            return self._record(card)

    async def person(self, credential: str) -> Person:
        with self._reading():
            row = self._db.execute(
                "SELECT id_number, name, born, issued_at FROM credentials JOIN people ON id_number = holder"
                " WHERE code = ?",
                (credential,),
            ).fetchone()
        if row is None:
            raise CredentialRefused(expired=False)
        if self._clock() - datetime.fromisoformat(row[3]) > CREDENTIAL_LIFE:
            raise CredentialRefused(expired=True)
        return _person(row)

    async def accounts(self, person: Person) -> tuple[Account, ...]:
        with self._reading():
            rows = self._db.execute(
                "SELECT a.insurance, a.status, a.opening + coalesce(sum(m.amount), 0)"
                " FROM accounts a LEFT JOIN movements m ON m.holder = a.holder AND m.insurance = a.insurance"
                " WHERE a.holder = ? GROUP BY a.insurance ORDER BY a.rank",
                (person.id_number,),
            ).fetchall()
        now = self._clock()
        return tuple(Account(row[0], InsuranceStatus(row[1]), Fen(row[2]), now) for row in rows)

    async def ledger(self, person: Person, insurance: str, year: int, month: int) -> MonthLedger:
        """One month of one account; a month without movements closes as it opened.

        Raises LookupError if the person has no such account, ValueError for a month that does not exist.
        """
        first = date(year, month, 1).isoformat()
        last = date(year, month, 1) + timedelta(days=31)
        beyond = last.replace(day=1).isoformat()
        of_account = (person.id_number, insurance)
        with self._reading():
            row = self._db.execute(
                "SELECT opening + (SELECT coalesce(sum(amount), 0) FROM movements"
                " WHERE holder = ?1 AND insurance = ?2 AND on_day < ?3)"
                " FROM accounts WHERE holder = ?1 AND insurance = ?2",
                (*of_account, first),
            ).fetchone()
            if row is None:
                raise LookupError("the person has no such account")
            movements = tuple(
                Movement(date.fromisoformat(on), MovementKind(kind), place, Fen(amount))
                for on, kind, place, amount in self._db.execute(
                    "SELECT on_day, kind, place, amount FROM movements"
                    " WHERE holder = ? AND insurance = ? AND on_day >= ? AND on_day < ? ORDER BY on_day, nr",
                    (*of_account, first, beyond),
                )
            )
        opening = Fen(row[0])
        return MonthLedger(year, month, opening, movements, opening + sum(m.amount for m in movements))

    async def reachable(self) -> bool:
        try:
            self._db.execute("SELECT 1").fetchone()
        except sqlite3.Error:
            return False
        return True

    # --- changing -----------------------------------------------------------------------------------------

    async def perform(self, key: str, operation: Operation) -> Outcome:
        """Do it once. A refusal is an outcome too and is kept like one.

        A key that :meth:`outcome` has already answered with ``None`` comes too late: ``NOT_ALLOWED``, no effect.
        """
        digest = _digest(operation)
        with self._transaction():
            row = self._operation(key)
            if row is not None:
                if row[1] == "never_arrived":
                    return Refused(Reason.NOT_ALLOWED)
                return _outcome(row) if row[0] == digest else Refused(Reason.KEY_REUSED)
            now = self._clock()
            reason = self._objection(operation)
            seq: int = self._db.execute("SELECT coalesce(max(seq), 0) + 1 FROM operations").fetchone()[0]
            number = None if reason else f"{self._region}-{now:%Y%m%d}-{seq:06d}"
            self._db.execute(
                "INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?)",
                (seq, key, digest, "refused" if reason else "done", number, now.isoformat(), reason),
            )
            if reason is None:
                self._apply(operation, seq, now)
            row = self._operation(key)
        return _outcome(row)

    async def outcome(self, key: str) -> Outcome | None:
        """What became of the operation; ``None`` if it never arrived.

        Asking closes the question: a key that is not known is marked, in the same transaction, as never arrived, so
        that a request still under way cannot take effect after the terminal was told that it did not.
        """
        with self._transaction():
            row = self._operation(key)
            if row is None:
                self._db.execute(
                    "INSERT INTO operations (key, digest, ended, at) VALUES (?, x'', 'never_arrived', ?)",
                    (key, self._clock().isoformat()),
                )
        return None if row is None or row[1] == "never_arrived" else _outcome(row)

    # --- the chip -----------------------------------------------------------------------------------------

    def authority(self, card: CardRef, proof: Proof) -> ChipAuthority:
        """Every key of this one chip, while its card is issued or active and the proof is its holder's."""

        def allow(chip: ChipIdentity) -> str | None:
            if chip.card_id.hex().upper() != card.card_id.upper():
                return "another_chip"
            record = self._record(card)
            if record.state not in (CardState.ISSUED, CardState.ACTIVE):
                return Reason.WRONG_STATE
            if proof.kind is ProofKind.PIN:
                return Reason.NOT_ALLOWED  # who knows the PIN needs no reset
            return None if _is_holder(proof.person, record.holder) else Reason.NOT_THE_HOLDER

        def answer(chip: ChipIdentity) -> str | None:
            with self._reading():
                return allow(chip)

        return Hsm(allow=answer)

    def reading_authority(self) -> ChipAuthority:
        """The read key alone, for every chip of our region: whether the card is known is asked once it can be read."""
        return _ReadKeyOnly(Hsm(allow=lambda chip: None if chip.region == self._region else "another_region"))

    # --- the citizen's telephone --------------------------------------------------------------------------

    def issue_credential(self, person: Person, *, age_s: float = 0.0) -> str:
        """What the person's telephone would show now: a new 28-digit e-credential. For the dock and for tests.

        ``age_s`` is for how long it has stood there already. Raises KeyError for somebody whom the insurer does not
        know.
        """
        now = self._clock() - timedelta(seconds=age_s)
        code = credential_text(self._digits)
        with self._transaction():
            known = self._db.execute("SELECT 1 FROM people WHERE id_number = ?", (person.id_number,))
            if known.fetchone() is None:
                raise KeyError("not a person of this insurer")
            self._db.execute("DELETE FROM credentials WHERE issued_at < ?", ((now - _CREDENTIAL_KEPT).isoformat(),))
            self._db.execute("INSERT INTO credentials VALUES (?, ?, ?)", (code, person.id_number, now.isoformat()))
        return code

    async def close(self) -> None:
        self._db.close()

    # --- inside -------------------------------------------------------------------------------------------

    def _record(self, card: CardRef) -> CardRecord:
        row = self._db.execute(
            "SELECT id_number, name, born, state, bank, since FROM cards JOIN people ON id_number = holder"
            " WHERE card_id = ? AND number = ?",
            (card.card_id.upper(), card.number),
        ).fetchone()
        if row is None:
            return CardRecord(CardState.UNKNOWN, None, "")
        since = date.fromisoformat(row[5]) if row[5] else None
        return CardRecord(CardState(row[3]), _person(row), row[4], since)

    def _objection(self, operation: Operation) -> Reason | None:
        """Why this cannot be done now, or nothing. Runs inside the transaction that would do it."""
        if operation.card.region != self._region:
            return Reason.NOT_ISSUED_HERE
        record = self._record(operation.card)
        if record.holder is not None and not _is_holder(operation.proof.person, record.holder):
            return Reason.NOT_THE_HOLDER
        known_pin = operation.proof.kind is ProofKind.PIN
        if isinstance(operation, Activate):
            if known_pin:
                return Reason.NOT_ALLOWED  # a PIN that everybody can look up proves nobody
            return None if record.state is CardState.ISSUED else Reason.WRONG_STATE
        if known_pin and operation.event is not PinEvent.CHANGED:
            return Reason.NOT_ALLOWED
        return None if record.state is CardState.ACTIVE else Reason.WRONG_STATE

    def _apply(self, operation: Operation, seq: int, now: datetime) -> None:
        card_id = operation.card.card_id.upper()
        if isinstance(operation, Activate):
            self._db.execute(
                "UPDATE cards SET state = ?, since = ? WHERE card_id = ?",
                (CardState.ACTIVE.value, now.date().isoformat(), card_id),
            )
        else:
            self._db.execute(
                "INSERT INTO pin_events VALUES (?, ?, ?, ?)",
                (seq, card_id, operation.event.value, operation.proof.kind.value),
            )

    def _operation(self, key: str) -> tuple[bytes, str, str | None, str, str | None] | None:
        row: tuple[bytes, str, str | None, str, str | None] | None = self._db.execute(
            "SELECT digest, ended, number, at, reason FROM operations WHERE key = ?", (key,)
        ).fetchone()
        return row

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise InsurerUnreachable(sent=False) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, durable when it ends. Only a failing commit leaves it open which of the two."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
        except BaseException as error:
            self._roll_back()
            if isinstance(error, sqlite3.Error):
                raise InsurerUnreachable(sent=False) from error
            raise
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise InsurerUnreachable(sent=True) from error

    def _roll_back(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error:
            pass  # SQLite rolled back by itself, or the file is gone: either way nothing was kept


class _ReadKeyOnly:
    """An authority that opens a chip for reading and does nothing else."""

    def __init__(self, hsm: ChipAuthority) -> None:
        self._hsm = hsm

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        if key_id != READ_KEY:
            raise AuthorityRefused(Reason.NOT_ALLOWED)
        return await self._hsm.authenticate(chip, key_id, challenge)

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        del chip, challenge, header, pin
        raise AuthorityRefused(Reason.NOT_ALLOWED)

    async def protect_unblock(self, chip: ChipIdentity, challenge: bytes, header: bytes) -> bytes:
        del chip, challenge, header
        raise AuthorityRefused(Reason.NOT_ALLOWED)


@lru_cache(maxsize=4)
def _seeded_image(today: date, seed: int) -> bytes:
    """A freshly seeded database as bytes: a simulation opens thousands of insurers in memory."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        db.execute("BEGIN")
        schema.create(db, population(today, seed))
        db.execute("COMMIT")
        return db.serialize()
    finally:
        db.close()


def _digest(operation: Operation) -> bytes:
    """Of the whole content, in one canonical form: the same key must come with the same."""
    content = {"operation": type(operation).__name__, **asdict(operation)}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).digest()


def _outcome(row: tuple[bytes, str, str | None, str, str | None] | None) -> Outcome:
    assert row is not None
    _, _, number, at, reason = row
    if reason is not None:
        return Refused(Reason(reason))
    assert number is not None
    return Done(number, datetime.fromisoformat(at))


def _person(row: Sequence[str]) -> Person:
    return Person(row[1], row[0], date.fromisoformat(row[2]))


def _is_holder(person: Person, holder: Person | None) -> bool:
    """Number and name agree. A document cuts a long name short, and systems differ in the middle dot."""
    return (
        holder is not None
        and person.id_number.upper() == holder.id_number
        and name_on_document(person.name.translate(_MIDDLE_DOTS))
        == name_on_document(holder.name.translate(_MIDDLE_DOTS))
    )
