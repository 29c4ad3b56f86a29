"""Screens that show money: balances by insurance and the movements of a month. Whole fen, hidden until asked for."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from drivers.frozen import dataclass
from kiosk.money import Fen
from kiosk.screens.answers import Answer, Back, Pick
from kiosk.screens.parts import Holder
from kiosk.screens.screen import Screen


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One insurance and what is in its personal account, on the screen and on the slip."""

    insurance: str
    """``insutype``; its name stands under ``common.insurance.<code>``."""
    status: str
    balance: Fen | None
    """``None`` while hidden."""


@dataclass(frozen=True, slots=True)
class MovementLine:
    """One movement of the month that is shown. ``kind`` is a value of ``kiosk.insurer.api.MovementKind``; a negative
    amount went out of the account."""

    on: date
    kind: str
    place: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class Balance(Screen[Pick]):
    """Balances by insurance. Choices: ``show``, ``hide``, ``movements``, ``print``."""

    holder: Holder
    accounts: tuple[AccountLine, ...]
    hidden: bool
    as_of: datetime
    can_print: bool = True
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick,)
    private: ClassVar[frozenset[str]] = frozenset({"holder", "accounts", "as_of"})

    @property
    def variant(self) -> str | None:
        return "hidden" if self.hidden else None


@dataclass(frozen=True, slots=True)
class WhichAccount(Screen["Pick | Back"]):
    """Whose movements, where there are several insurances? Choice: its ``insutype``; Back to the balance."""

    insurances: tuple[str, ...]
    not_found: bool = False
    """The insurer knows no movements of the one that was chosen."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick, Back)

    @property
    def variant(self) -> str | None:
        return "not_found" if self.not_found else None


@dataclass(frozen=True, slots=True)
class Movements(Screen["Pick | Back"]):
    """One month of an account. Choices: ``older``, ``newer``, ``print``; Back to where it was chosen."""

    year: int
    month: int
    opening: Fen
    lines: tuple[MovementLine, ...]
    money_in: Fen
    money_out: Fen
    closing: Fen
    """At the end of the month, or now while the month is running."""
    running: bool
    has_older: bool
    has_newer: bool
    can_print: bool = True
    insurance: str | None = None
    """Whose month it is, where there are several; the code is spelt out by the catalogue."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick, Back)
    private: ClassVar[frozenset[str]] = frozenset({"opening", "lines", "money_in", "money_out", "closing"})
