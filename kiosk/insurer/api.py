"""The insurer as the terminal sees it: one port, the values that cross it, and the ways an answer can be missing.

Reading asks and forgets. Changing is an *operation*: it carries an idempotency key that the terminal made and stored
durably before sending. The same key answers with the same result; the same key with other content is refused.
An operation ends as done, refused, or unknown, and unknown is neither.
"""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from drivers.card.authority import ChipAuthority
from drivers.frozen import dataclass
from kiosk.money import Fen


class CardState(StrEnum):
    """What the insurer says of a card; each has its one right next step."""

    IN_MAKING = "in_making"
    ISSUED = "issued"
    """Made and handed out, not yet activated."""
    ACTIVE = "active"
    TEMPORARILY_LOST = "temporarily_lost"
    LOST = "lost"
    CANCELLED = "cancelled"
    SEALED = "sealed"
    """封存: kept without effect, for instance after moving away."""
    UNKNOWN = "unknown_to_insurer"


@dataclass(frozen=True, slots=True)
class CardRef:
    """Which card: the public facts of EF05."""

    region: str
    """Six-digit division code of the issuer."""
    card_id: str = field(repr=False)
    """卡识别码 as 32 hexadecimal digits."""
    number: str = field(repr=False)
    """卡号."""


@dataclass(frozen=True, slots=True)
class Person:
    """An insured person. Personal: stays out of ``repr``."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    born: date = field(repr=False)

    def age_on(self, today: date) -> int:
        return today.year - self.born.year - ((today.month, today.day) < (self.born.month, self.born.day))


@dataclass(frozen=True, slots=True)
class CardRecord:
    """What the insurer says of one card at the moment it is asked; nothing of it is kept beyond the visit."""

    state: CardState
    holder: Person | None
    """Nobody for a card that the insurer does not know."""
    bank: str
    """Code of the issuing bank in the policy pack (``ccb``); empty if not known."""
    since: date | None = None
    """When the card came into this state."""


class ProofKind(StrEnum):
    """By what somebody proved to be the holder. To the insurer a PIN is proof enough for its own change and for nothing
    else (``kiosk.insurer.books``)."""

    ID_CARD = "id_card"
    CREDENTIAL = "credential"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Proof:
    """How the citizen proved who they are, at this terminal, in this visit."""

    kind: ProofKind
    person: Person = field(repr=False)


class InsuranceStatus(StrEnum):
    """``psn_insu_stas`` of the national platform (docs/protocols.md section 3.2)."""

    NOT_INSURED = "0"
    NORMAL = "1"
    SUSPENDED = "2"
    TERMINATED = "4"


@dataclass(frozen=True, slots=True)
class Account:
    """One insurance of one person, with its personal account. ``insurance`` is ``insutype``, e.g. ``310``."""

    insurance: str
    status: InsuranceStatus
    balance: Fen = field(repr=False)
    as_of: datetime


class MovementKind(StrEnum):
    """What a movement was for, as the insurer says; its words stand under ``common.movement.<value>``."""

    CONTRIBUTION = "contribution"
    INTEREST = "interest"
    PHARMACY = "pharmacy"
    OUTPATIENT = "outpatient"
    INPATIENT = "inpatient"
    FAMILY = "family"
    """Family sharing 家庭共济."""
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Movement:
    """One booking on a personal account. ``place`` is where it was made, and may be empty."""

    on: date
    kind: MovementKind
    place: str = field(repr=False)
    amount: Fen = field(repr=False)
    """Positive into the account, negative out of it."""


@dataclass(frozen=True, slots=True)
class MonthLedger:
    """One month of one account. ``opening + sum(movements) == closing``, always."""

    year: int
    month: int
    opening: Fen = field(repr=False)
    movements: tuple[Movement, ...] = field(repr=False)
    closing: Fen = field(repr=False)

    def __post_init__(self) -> None:
        if self.opening + sum(m.amount for m in self.movements) != self.closing:
            raise ValueError(f"the ledger of {self.year}-{self.month:02d} does not add up")


# --- operations ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Activate:
    """An issued card becomes active. Its first PIN is no part of this: the chip gets it afterwards
    (:class:`RecordPin`)."""

    card: CardRef
    proof: Proof


class PinEvent(StrEnum):
    """In which way the chip came to its new PIN; the service that wrote it says so."""

    SET = "set"
    """The first PIN, at activation."""
    RESET = "reset"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class RecordPin:
    """The chip has a new PIN, proved by the chip itself: note it. The PIN is not part of this."""

    card: CardRef
    proof: Proof
    event: PinEvent


Operation = Activate | RecordPin


@dataclass(frozen=True, slots=True)
class Done:
    """The operation has taken effect, now or when its key came for the first time."""

    number: str
    """The insurer's own number of the operation; stands on the slip."""
    at: datetime


class Reason(StrEnum):
    """Why the insurer refuses."""

    WRONG_STATE = "wrong_state"
    NOT_THE_HOLDER = "not_the_holder"
    NOT_ISSUED_HERE = "not_issued_here"
    KEY_REUSED = "key_reused"
    """The same key came before with other content."""
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, slots=True)
class Refused:
    """The insurer will not do it, and has changed nothing for it. The same request brings the same answer again."""

    reason: Reason


Outcome = Done | Refused


class InsurerUnreachable(Exception):
    """No answer. ``sent`` tells whether the request may have arrived: if it may, nobody knows what became of it."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__("request sent, no answer" if sent else "request not sent")
        self.sent = sent


class CredentialRefused(Exception):
    """The e-credential does not stand for anybody now. ``expired`` if it was a good one that ran out."""

    def __init__(self, *, expired: bool) -> None:
        super().__init__("expired" if expired else "unknown")
        self.expired = expired


class Insurer(Protocol):
    """The port. An answer may take any time: ``kiosk.insurer.patience`` sets the limit around it. Every method that
    asks raises InsurerUnreachable, but for :meth:`reachable`, which then answers false."""

    async def card(self, card: CardRef) -> CardRecord:
        """State and holder of a card. A card nobody knows is an answer (``UNKNOWN``), not an error."""
        ...

    async def person(self, credential: str) -> Person:
        """Whose e-credential (the 28-digit text of the QR code) this is. Raises CredentialRefused."""
        ...

    async def accounts(self, person: Person) -> tuple[Account, ...]:
        """The person's insurances with their balances, the main one first; empty if there is none."""
        ...

    async def ledger(self, person: Person, insurance: str, year: int, month: int) -> MonthLedger:
        """One month of one account. Raises LookupError if the person has no such account, ValueError for a month that
        does not exist."""
        ...

    async def perform(self, key: str, operation: Operation) -> Outcome:
        """Do it, exactly once for each key."""
        ...

    async def outcome(self, key: str) -> Outcome | None:
        """What became of the operation with this key; ``None`` if it never arrived (and now never will)."""
        ...

    def authority(self, card: CardRef, proof: Proof) -> ChipAuthority:
        """The HSM's answers for this chip. Its methods raise AuthorityRefused and InsurerUnreachable."""
        ...

    def reading_authority(self) -> ChipAuthority:
        """The read key alone, for a chip that will not say whose it is without it (version 3.00). There is no proof
        yet when a card has only just been put in, so this one answers without. Raises as :meth:`authority`."""
        ...

    async def reachable(self) -> bool:
        """A cheap probe, for the operator and for "can I finish here?"."""
        ...

    async def close(self) -> None: ...
