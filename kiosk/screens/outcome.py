"""Screens of the work and of what became of it: done, done in part, being checked, refused. Exactly one tells of
each operation.
"""

from __future__ import annotations

from dataclasses import field, replace
from enum import StrEnum
from typing import ClassVar

from drivers.frozen import dataclass
from kiosk.screens.answers import Answer, Nothing, Pick, Proceed
from kiosk.screens.parts import Holder, ServiceTile, Slip
from kiosk.screens.screen import Screen


class Task(StrEnum):
    """What the terminal is at work on; whoever begins the work says so."""

    CHECKING = "checking"
    ACTIVATING = "activating"
    WRITING_PIN = "writing_pin"
    ASKING_BALANCE = "asking_balance"
    PRINTING = "printing"
    HANDING_OVER = "handing_over"
    """The slip for the counter is being printed."""
    CONFIRMING = "confirming"
    """The answer was lost; asking what became of it."""


@dataclass(frozen=True, slots=True)
class Working(Screen[Nothing]):
    """The terminal works: nothing is asked, quiet does not count, and there is no key to finish."""

    task: Task
    can_finish: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return str(self.task)


@dataclass(frozen=True, slots=True)
class Result(Screen["Proceed | Pick"]):
    """Done, whole and proved; sometimes with what the citizen had come for before this had to be done."""

    task: str
    """``activated``, ``pin_reset``, ``pin_changed``, ``printed``, or ``shown``: it was to be printed and was not."""
    holder: Holder
    number: str
    slip: Slip
    qr: str = field(default="", repr=False)
    """Sealed text of the slip when it stands on the screen."""
    next_day: bool = False
    bank: str = ""
    go_on: ServiceTile | None = None
    """Choice: the tile's id."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed, Pick)
    private: ClassVar[frozenset[str]] = frozenset({"holder"})

    @property
    def variant(self) -> str | None:
        return self.task

    def without_more(self) -> Result:
        return replace(self, go_on=None)


@dataclass(frozen=True, slots=True)
class PartialResult(Screen[Proceed]):
    """One part is done and one is not; both are said."""

    task: str
    """``activated_without_pin``, ``activated_pin_unproved``, ``pin_set_unrecorded`` or ``pin_unproved``."""
    holder: Holder
    number: str
    slip: Slip
    qr: str = field(default="", repr=False)
    card_in: bool = True
    can_reset: bool = True
    """Whether a password can be set at this terminal; else what is advised is the counter."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed,)
    private: ClassVar[frozenset[str]] = frozenset({"holder"})

    @property
    def variant(self) -> str | None:
        return self.task if self.can_reset else f"{self.task}.at_counter"


@dataclass(frozen=True, slots=True)
class BeingChecked(Screen[Proceed]):
    """The outcome is unknown: neither success nor failure. The number finds it again."""

    number: str
    slip: Slip
    qr: str = field(default="", repr=False)
    service: str = ""
    """Whose outcome it is. A service that certainly left something undone says so in words of its own."""
    can_reset: bool = True
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed,)

    @property
    def variant(self) -> str | None:
        return f"{self.service}.at_counter" if self.service and not self.can_reset else self.service or None


class Cause(StrEnum):
    """Why this cannot be done here and now; each has its one right next step in the catalogue."""

    IN_MAKING = "in_making"
    NOT_ACTIVE = "not_active"
    """The service wants an active card and this one is not activated yet. Offers activation."""
    ALREADY_ACTIVE = "already_active"
    """Offers the balance."""
    TEMPORARILY_LOST = "temporarily_lost"
    LOST = "lost"
    CANCELLED = "cancelled"
    SEALED = "sealed"
    UNKNOWN_CARD = "unknown_card"
    OTHER_REGION = "other_region"
    MINOR = "minor"
    NOT_THE_HOLDER = "not_the_holder"
    ID_EXPIRED = "id_expired"
    PIN_LOCKED = "pin_locked"
    """Offers the reset."""
    RESET_AT_COUNTER = "reset_at_counter"
    AUTHORITY_REFUSED = "authority_refused"
    NOT_INSURED = "not_insured"
    BEING_CHECKED = "being_checked"
    """An earlier operation on this card is still unknown."""
    INSURER_DOWN = "insurer_down"
    DEVICE_DOWN = "device_down"
    NOT_CHANGED = "not_changed"
    """The card left before anything was changed: nothing happened."""
    INSURER_REFUSED = "insurer_refused"
    CARD_UNREADABLE = "card_unreadable"
    """The chip answers no more or answers nonsense."""
    JOURNAL = "journal"
    """The terminal cannot note what it does, so it does nothing."""
    FAULT = "fault"
    CARD_LOCKED = "card_locked"
    """The card's application is locked for good: no other try helps, only another card."""


@dataclass(frozen=True, slots=True)
class Refusal(Screen["Proceed | Pick"]):
    """It cannot be done: the cause, where to go and what to bring, and sometimes a better service to offer."""

    cause: Cause
    code: str
    """For staff: the operator's code of the cause."""
    offer: ServiceTile | None = None
    """Choice: the tile's id."""
    slip_offered: bool = False
    """Choice ``slip``: a slip for the counter, so that nothing need be told twice."""
    number: str = ""
    """Finds this refusal again; stands on the slip."""
    slip: Slip = Slip.NOT_ASKED
    qr: str = field(default="", repr=False)
    way_back: bool = False
    """Proceed leads back to the services: nothing has begun yet."""
    at_counter: bool = False
    """What is advised is a password, and this office sets them at the counter only."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Proceed, Pick)

    @property
    def variant(self) -> str | None:
        if self.at_counter:
            return f"{self.cause}.at_counter"
        elsewhere = self.offer is None and self.cause in (Cause.NOT_ACTIVE, Cause.PIN_LOCKED)
        return f"{self.cause}_elsewhere" if elsewhere else str(self.cause)

    def without_more(self) -> Refusal:
        return replace(self, offer=None)
