"""What became wrong, in one table: error -> what the citizen is told, the code for staff, what staff should do.

A new failure is one row here. The remedies stand in the catalogue under ``fault.<code>``.
"""

from __future__ import annotations

from drivers.api import (
    CardError,
    CardWasReset,
    DeviceInUse,
    DeviceLost,
    DeviceTimeout,
    MuteCard,
    PrinterError,
    PulledEarly,
    SecurityModuleFault,
)
from drivers.card.authority import AuthorityRefused
from drivers.card.social_security import ApplicationLocked, AuthenticationFailed, PinBlocked
from drivers.frozen import dataclass
from kiosk.endings import CardSwapped, InsurerRefused
from kiosk.insurer.api import InsurerUnreachable
from kiosk.journal import JournalError
from kiosk.screens import Cause


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an error comes to: ``cause`` chooses the refusal that the citizen reads; ``code``, a letter and two digits,
    stands on it for staff."""

    cause: Cause
    code: str


_TABLE: tuple[tuple[type[Exception], Trouble], ...] = (
    # The first row that fits counts: special ones stand before general ones.
    (PulledEarly, Trouble(Cause.NOT_CHANGED, "C01")),
    (CardSwapped, Trouble(Cause.NOT_CHANGED, "C02")),
    (MuteCard, Trouble(Cause.CARD_UNREADABLE, "C03")),
    (CardWasReset, Trouble(Cause.NOT_CHANGED, "C04")),
    (PinBlocked, Trouble(Cause.PIN_LOCKED, "C05")),
    (ApplicationLocked, Trouble(Cause.CARD_LOCKED, "C06")),
    # Not "try again": a card counts how often it refuses its keys, and locks them.
    (AuthenticationFailed, Trouble(Cause.AUTHORITY_REFUSED, "C07")),
    (CardError, Trouble(Cause.CARD_UNREADABLE, "C09")),
    (SecurityModuleFault, Trouble(Cause.DEVICE_DOWN, "D02")),
    (PrinterError, Trouble(Cause.DEVICE_DOWN, "D03")),
    (DeviceTimeout, Trouble(Cause.DEVICE_DOWN, "D04")),
    (DeviceInUse, Trouble(Cause.DEVICE_DOWN, "D05")),
    (DeviceLost, Trouble(Cause.DEVICE_DOWN, "D01")),
    (InsurerUnreachable, Trouble(Cause.INSURER_DOWN, "N01")),
    (InsurerRefused, Trouble(Cause.INSURER_REFUSED, "N02")),
    (AuthorityRefused, Trouble(Cause.AUTHORITY_REFUSED, "N03")),
    (JournalError, Trouble(Cause.JOURNAL, "J01")),
)

UNFORESEEN = Trouble(Cause.FAULT, "X99")
"""Anything that no row names: an error of this program."""

OUT_OF_ORDER_CODES = {"reader": "D01", "held": "D05", "journal": "J01", "core": "X99"}
"""Codes on the out-of-order screen, by what is missing."""

REFUSAL_CODE = "R"
"""Refusals are no faults: their code is this letter and the cause's place in the list."""


def trouble_of(error: BaseException) -> Trouble:
    """The first row whose type the error is, or is a subtype of; :data:`UNFORESEEN` where there is none."""
    for kind, trouble in _TABLE:
        if isinstance(error, kind):
            return trouble
    return UNFORESEEN


def refusal_code(cause: Cause) -> str:
    """``R07``: short enough to be read out on the telephone; what it means stands in the operator's guide."""
    return f"{REFUSAL_CODE}{list(Cause).index(cause) + 1:02d}"


def codes() -> tuple[str, ...]:
    """Every fault code there is."""
    return tuple(sorted({trouble.code for _, trouble in _TABLE} | {UNFORESEEN.code}))
