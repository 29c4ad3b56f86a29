"""The rules of the reference insurer, once, over whatever database keeps its tables.

Owns what an honest counterpart promises: state and holder are checked in the same transaction that changes them, a
key has one effect for ever, two operations on one card come one after the other, and a key that was asked for before
it came can never come later. It opens no database and no transaction: see ``embedded`` and ``postgres``.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from drivers import idnumber
from drivers.card.authority import ChipIdentity
from kiosk.insurer.api import (
    Account,
    Activate,
    CardRecord,
    CardRef,
    CardState,
    CredentialRefused,
    Done,
    InsuranceStatus,
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
from kiosk.insurer.people import credential_text, name_on_document
from kiosk.money import Fen

CREDENTIAL_LIFE = timedelta(seconds=60)
"""An e-credential is refreshed about every minute (docs/protocols.md section 4)."""
_CREDENTIAL_KEPT = timedelta(days=1)
"""So long an expired credential can still be told from one that never was."""
_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅．.", "·"))

_CARD = (
    "SELECT id_number, name, born, state, bank, since FROM cards JOIN people ON id_number = holder"
    " WHERE card_id = ? AND number = ?"
)

Row = Sequence[Any]


def random_digits(count: int) -> str:
    """So many decimal digits that nobody can foresee."""
    return f"{secrets.randbelow(10**count):0{count}d}"


class Tables(Protocol):
    """The tables of ``schema`` on one connection. Statements hold ``?`` for each value, and mean the same everywhere.

    What differs between databases is here: what a transaction must hold on to so that others wait for it. Errors are
    the database's own; whoever opened the transaction knows what they mean.
    """

    @property
    def hold_card(self) -> str:
        """What to add to a question for a card, so that nobody else changes the card before this transaction ends."""
        ...

    async def hold_key(self, key: str) -> None:
        """From here to the end of the transaction nobody else deals with an operation of this key."""
        ...

    async def next_number(self) -> int:
        """A number for an operation that no other one has."""
        ...

    async def row(self, statement: str, *values: object) -> Row | None: ...

    async def rows(self, statement: str, *values: object) -> Sequence[Row]: ...

    async def change(self, statement: str, *values: object) -> None: ...


class Books:
    """The insurer's rules. Every method asks ``tables``; those that change something want a transaction around them.

    ``region`` is the division whose cards this insurer answers for; ``clock`` returns an aware datetime, ``digits(n)``
    n random decimal digits.
    """

    def __init__(self, region: str, clock: Callable[[], datetime], digits: Callable[[int], str]) -> None:
        self._region = region
        self._clock = clock
        self._digits = digits

    # --- reading --------------------------------------------------------------------------------------------

    async def card(self, tables: Tables, card: CardRef, *, hold: bool = False) -> CardRecord:
        """See the port. ``hold`` keeps the card as it is until the transaction ends."""
        statement = _CARD + tables.hold_card if hold else _CARD
        row = await tables.row(statement, card.card_id.upper(), card.number)
        if row is None:
            return CardRecord(CardState.UNKNOWN, None, "")
        since = date.fromisoformat(row[5]) if row[5] else None
        return CardRecord(CardState(row[3]), _person(row), row[4], since)

    async def person(self, tables: Tables, credential: str) -> Person:
        """See the port. Raises CredentialRefused."""
        row = await tables.row(
            "SELECT id_number, name, born, issued_at FROM credentials JOIN people ON id_number = holder WHERE code = ?",
            credential,
        )
        if row is None:
            raise CredentialRefused(expired=False)
        if self._clock() - datetime.fromisoformat(row[3]) > CREDENTIAL_LIFE:
            raise CredentialRefused(expired=True)
        return _person(row)

    async def accounts(self, tables: Tables, person: Person) -> tuple[Account, ...]:
        """See the port."""
        rows = await tables.rows(
            # A sum of 64-bit integers is a wider kind of number in some databases; money never needs it.
            "SELECT a.insurance, a.status, CAST(a.opening + coalesce(sum(m.amount), 0) AS BIGINT)"
            " FROM accounts a LEFT JOIN movements m ON m.holder = a.holder AND m.insurance = a.insurance"
            " WHERE a.holder = ? GROUP BY a.holder, a.insurance ORDER BY a.rank",
            person.id_number,
        )
        now = self._clock()
        return tuple(Account(row[0], InsuranceStatus(row[1]), Fen(row[2]), now) for row in rows)

    async def ledger(self, tables: Tables, person: Person, insurance: str, year: int, month: int) -> MonthLedger:
        """One month of one account; a month without movements closes as it opened.

        Raises LookupError if the person has no such account, ValueError for a month that does not exist.
        """
        first = date(year, month, 1)
        beyond = (first + timedelta(days=31)).replace(day=1)
        of_account = (person.id_number, insurance)
        row = await tables.row(
            "SELECT CAST(a.opening + coalesce((SELECT sum(m.amount) FROM movements m"
            " WHERE m.holder = a.holder AND m.insurance = a.insurance AND m.on_day < ?), 0) AS BIGINT)"
            " FROM accounts a WHERE a.holder = ? AND a.insurance = ?",
            first.isoformat(),
            *of_account,
        )
        if row is None:
            raise LookupError("the person has no such account")
        movements = tuple(
            Movement(date.fromisoformat(on), MovementKind(kind), place, Fen(amount))
            for on, kind, place, amount in await tables.rows(
                "SELECT on_day, kind, place, amount FROM movements"
                " WHERE holder = ? AND insurance = ? AND on_day >= ? AND on_day < ? ORDER BY on_day, nr",
                *of_account,
                first.isoformat(),
                beyond.isoformat(),
            )
        )
        opening = Fen(row[0])
        return MonthLedger(year, month, opening, movements, opening + sum(m.amount for m in movements))

    # --- changing -------------------------------------------------------------------------------------------

    async def perform(self, tables: Tables, key: str, operation: Operation) -> Outcome:
        """Do it once. A refusal is an outcome too and is kept like one.

        A key that :meth:`outcome` has already answered with ``None`` comes too late: ``NOT_ALLOWED``, no effect.
        """
        digest = digest_of(operation)
        await tables.hold_key(key)
        row = await _operation(tables, key)
        if row is not None:
            if row[1] == "never_arrived":
                return Refused(Reason.NOT_ALLOWED)
            return _outcome(row) if row[0] == digest else Refused(Reason.KEY_REUSED)
        now = self._clock()
        reason = await self._objection(tables, operation)
        seq = await tables.next_number()
        number = None if reason else f"{self._region}-{now:%Y%m%d}-{seq:06d}"
        await tables.change(
            "INSERT INTO operations (seq, key, digest, ended, number, at, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(seq, key, digest, "refused" if reason else "done", number, now.isoformat(), reason),
        )
        if number is None:
            assert reason is not None
            return Refused(reason)
        await _apply(tables, operation, seq, now)
        return Done(number, now)

    async def outcome(self, tables: Tables, key: str) -> Outcome | None:
        """What became of the operation; ``None`` if it never arrived.

        Asking closes the question: a key that is not known is marked, in the same transaction, as never arrived, so
        that a request still under way cannot take effect after the terminal was told that it did not.
        """
        await tables.hold_key(key)
        row = await _operation(tables, key)
        if row is None:
            await tables.change(
                "INSERT INTO operations (seq, key, digest, ended, at) VALUES (?, ?, ?, 'never_arrived', ?)",
                *(await tables.next_number(), key, b"", self._clock().isoformat()),
            )
        return None if row is None or row[1] == "never_arrived" else _outcome(row)

    async def _objection(self, tables: Tables, operation: Operation) -> Reason | None:
        """Why this cannot be done now, or nothing. The card stays as it was found until the transaction ends."""
        if operation.card.region != self._region:
            return Reason.NOT_ISSUED_HERE
        record = await self.card(tables, operation.card, hold=True)
        if record.holder is not None and not _is_holder(operation.proof.person, record.holder):
            return Reason.NOT_THE_HOLDER
        known_pin = operation.proof.kind is ProofKind.PIN
        if isinstance(operation, Activate):
            if known_pin:
                return Reason.NOT_ALLOWED  # a PIN that everybody can look up proves nobody
            return None if record.state is CardState.ISSUED else Reason.WRONG_STATE
        if known_pin and operation.event is not PinEvent.CHANGED:
            return Reason.NOT_ALLOWED
        if record.state is not CardState.ACTIVE:
            return Reason.WRONG_STATE
        # A card has one first PIN. Later ones may follow each other as often as the chip has proved them.
        if operation.event is PinEvent.SET and await _has_first_pin(tables, operation.card):
            return Reason.WRONG_STATE
        return None

    # --- the chip -------------------------------------------------------------------------------------------

    async def chip_refusal(self, tables: Tables, card: CardRef, proof: Proof, chip: ChipIdentity) -> str | None:
        """Why the keys of this chip are not used for this card and proof, or nothing."""
        if chip.card_id.hex().upper() != card.card_id.upper():
            return "another_chip"
        record = await self.card(tables, card)
        if record.state not in (CardState.ISSUED, CardState.ACTIVE):
            return Reason.WRONG_STATE
        if proof.kind is ProofKind.PIN:
            return Reason.NOT_ALLOWED  # who knows the PIN needs no reset
        return None if _is_holder(proof.person, record.holder) else Reason.NOT_THE_HOLDER

    # --- the citizen's telephone ----------------------------------------------------------------------------

    async def issue_credential(self, tables: Tables, person: Person, age_s: float = 0.0) -> str:
        """What the person's telephone would show now, or ``age_s`` ago: a new 28-digit e-credential.

        Raises KeyError for somebody whom the insurer does not know.
        """
        now = self._clock() - timedelta(seconds=age_s)
        code = credential_text(self._digits)
        if await tables.row("SELECT 1 FROM people WHERE id_number = ?", person.id_number) is None:
            raise KeyError("not a person of this insurer")
        await tables.change("DELETE FROM credentials WHERE issued_at < ?", (now - _CREDENTIAL_KEPT).isoformat())
        await tables.change("INSERT INTO credentials VALUES (?, ?, ?)", code, person.id_number, now.isoformat())
        return code


def digest_of(operation: Operation) -> bytes:
    """SHA-256 of the whole content in one canonical form: the same key must come with the same.

    The form is kept in the files of insurers: JSON, keys sorted, no spaces, dates in ISO 8601. It never changes.
    """
    card, proof = operation.card, operation.proof
    content = {
        "operation": type(operation).__name__,
        "card": {"region": card.region, "card_id": card.card_id, "number": card.number},
        "proof": {
            "kind": proof.kind,
            "person": {
                "name": proof.person.name,
                "id_number": proof.person.id_number,
                "born": proof.person.born.isoformat(),
            },
        },
    }
    if not isinstance(operation, Activate):
        content["event"] = operation.event
    return hashlib.sha256(_CANONICAL.encode(content).encode()).digest()


_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


async def _apply(tables: Tables, operation: Operation, seq: int, now: datetime) -> None:
    card_id = operation.card.card_id.upper()
    if isinstance(operation, Activate):
        await tables.change(
            "UPDATE cards SET state = ?, since = ? WHERE card_id = ?",
            *(CardState.ACTIVE.value, now.date().isoformat(), card_id),
        )
    else:
        await tables.change(
            "INSERT INTO pin_events VALUES (?, ?, ?, ?)",
            *(seq, card_id, operation.event.value, operation.proof.kind.value),
        )


async def _operation(tables: Tables, key: str) -> Row | None:
    return await tables.row("SELECT digest, ended, number, at, reason FROM operations WHERE key = ?", key)


async def _has_first_pin(tables: Tables, card: CardRef) -> bool:
    statement = "SELECT 1 FROM pin_events WHERE card_id = ? AND event = 'set'"
    return await tables.row(statement, card.card_id.upper()) is not None


def _outcome(row: Row) -> Outcome:
    _, _, number, at, reason = row
    if reason is not None:
        return Refused(Reason(reason))
    return Done(number, datetime.fromisoformat(at))


def _person(row: Row) -> Person:
    return Person(row[1], row[0], date.fromisoformat(row[2]))


def _is_holder(person: Person, holder: Person | None) -> bool:
    """Number and name agree. A document cuts a long name short, and systems differ in the middle dot."""
    return (
        holder is not None
        and idnumber.same(person.id_number, holder.id_number)
        and name_on_document(person.name.translate(_MIDDLE_DOTS))
        == name_on_document(holder.name.translate(_MIDDLE_DOTS))
    )
