"""What a slip says, without a word about paper: the facts, already masked."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum

from drivers.frozen import dataclass
from kiosk.insurer.api import MonthLedger
from kiosk.money import Fen
from kiosk.screens import AccountLine, Holder, Refusal


class SlipKind(StrEnum):
    """Which slip; the catalogue has its words under ``slip.<kind>``."""

    ACTIVATED = "activated"
    ACTIVATED_WITHOUT_PIN = "activated_without_pin"
    ACTIVATED_PIN_UNPROVED = "activated_pin_unproved"
    PIN_RESET = "pin_reset"
    PIN_CHANGED = "pin_changed"
    PIN_SET_UNRECORDED = "pin_set_unrecorded"
    PIN_UNPROVED = "pin_unproved"
    BEING_CHECKED = "being_checked"
    BALANCE = "balance"
    HAND_OVER = "hand_over"
    """Nothing done: with this the citizen goes to the counter."""


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """From these a slip is laid out (``kiosk.receipts.layout``) and its code sealed (``kiosk.handover``). Fields that
    its kind has no use for keep their defaults."""

    kind: SlipKind
    number: str
    """Operation number: the insurer's, or the terminal's own where the insurer gave none."""
    at: datetime
    holder: Holder
    bank: str = ""
    next_day: bool = False
    accounts: tuple[AccountLine, ...] = field(default=(), repr=False)
    as_of: datetime | None = None
    ledger: MonthLedger | None = field(default=None, repr=False)
    """A month of one of the accounts."""
    ledger_of: str = ""
    """Of which one: its ``insutype``."""
    refused: Refusal | None = None
    """What a hand-over slip is about."""
    service: str = ""
    """What was wanted, where nothing came of it or nobody knows."""
    identity_proved: bool = False
    can_reset: bool = True
    """Whether a password can be set at this terminal; else the slip sends to the counter for it."""

    @property
    def total(self) -> Fen:
        return Fen(sum(a.balance for a in self.accounts if a.balance is not None))
