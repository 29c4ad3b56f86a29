"""The ways in which a service does not go on, each as one exception with the facts that its screen needs.

They say why, never in words for a citizen: ``kiosk.reception`` and the table of faults turn them into screens.
"""

from __future__ import annotations

from enum import StrEnum

from drivers.api import CardError
from kiosk.insurer.api import Refused
from kiosk.screens import Cause, ServiceTile


class Ending(StrEnum):
    """What ends a visit from outside its service; the value is the visit's outcome in the journal. ``FINISHED``: the
    citizen wants to end, or takes the card once what was asked for is on the glass. ``CLOSING``: the terminal stops, or
    its glass failed."""

    FINISHED = "finished"
    IDLE = "idle"
    CARD_GONE = "card_gone"
    CLOSING = "closing"


class VisitOver(Exception):
    """The visit ends here, for a reason that lies outside the service."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.value)
        self.ending = ending


class Refusing(Exception):
    """The service cannot be done: why, and what to offer instead."""

    def __init__(self, cause: Cause, offer: ServiceTile | None = None) -> None:
        super().__init__(cause.value)
        self.cause = cause
        self.offer = offer


class Instead(Exception):
    """The citizen rather wants another service, in the same visit and with the same card. ``of``: what they had begun
    and may go back to."""

    def __init__(self, service: str, of: str | None = None) -> None:
        super().__init__(service)
        self.service = service
        self.of = of


class CardSwapped(CardError):
    """The card in the reader is not the one this visit began with."""


class OutcomeUnknown(Exception):
    """The insurer may have the request and nobody could say what became of it. ``number`` finds it again."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class InsurerRefused(Exception):
    """The insurer has answered an operation with a refusal, for ``reason``: it is certainly not done."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason.value)
        self.reason = refused.reason


class DoneEarlier(Exception):
    """An earlier operation of this kind on this card, whose end nobody knew, turns out to be done."""
