"""How a refusal is told: the cause, and the slip with which the citizen goes to the counter and repeats nothing there.

Owns which causes print that slip at once, which only offer it, and which need none; and its facts. Why something is
refused is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from kiosk.handover import can_print, hand_over, sealed_only
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.screens import Cause, Holder, Pick, Proceed, Refusal, ServiceTile, Slip, Task, Working
from kiosk.visit import Visit

SLIP = "slip"
"""Choice of a citizen who wants the slip that is offered."""


class Way(Enum):
    """How the slip for the counter comes."""

    AT_ONCE = auto()
    """Only the counter can go on: printed without a question."""
    OFFERED = auto()
    """The counter is one way of several: waiting, another terminal, another place."""
    NONE = auto()
    """The citizen mends it here, at once."""


_WAYS = {
    Cause.IN_MAKING: Way.OFFERED,
    Cause.NOT_ACTIVE: Way.OFFERED,
    Cause.ALREADY_ACTIVE: Way.NONE,
    Cause.TEMPORARILY_LOST: Way.AT_ONCE,
    Cause.LOST: Way.AT_ONCE,
    Cause.CANCELLED: Way.AT_ONCE,
    Cause.SEALED: Way.AT_ONCE,
    Cause.UNKNOWN_CARD: Way.AT_ONCE,
    Cause.OTHER_REGION: Way.OFFERED,
    Cause.MINOR: Way.AT_ONCE,
    Cause.NOT_THE_HOLDER: Way.OFFERED,
    Cause.ID_EXPIRED: Way.OFFERED,
    Cause.PIN_LOCKED: Way.OFFERED,
    Cause.RESET_AT_COUNTER: Way.AT_ONCE,
    Cause.AUTHORITY_REFUSED: Way.AT_ONCE,
    Cause.NOT_INSURED: Way.AT_ONCE,
    Cause.BEING_CHECKED: Way.OFFERED,
    Cause.INSURER_DOWN: Way.OFFERED,
    Cause.DEVICE_DOWN: Way.OFFERED,
    Cause.NOT_CHANGED: Way.NONE,
    Cause.INSURER_REFUSED: Way.AT_ONCE,
    Cause.CARD_UNREADABLE: Way.OFFERED,
    Cause.JOURNAL: Way.OFFERED,
    Cause.FAULT: Way.OFFERED,
    Cause.CARD_LOCKED: Way.AT_ONCE,
}


ADVISE_A_PASSWORD = frozenset({Cause.ALREADY_ACTIVE, Cause.PIN_LOCKED})
"""Causes that end in the advice to set one; where, is the office's affair."""


def way_of(cause: Cause, offer: ServiceTile | None = None) -> Way:
    """How the slip comes; a better service that is offered here needs none."""
    return Way.NONE if offer is not None else _WAYS[cause]


async def tell_refusal(visit: Visit, refusal: Refusal, service: str = "") -> Proceed | Pick | None:
    """The refusal, with the slip or its code; returns what the citizen answers to it, nothing if they do not.

    ``service`` is what the citizen came for. Wherever there is a slip, the card is free from here on.
    """
    told_s = visit.station.settings.told_s
    way = way_of(refusal.cause, refusal.offer)
    if way is Way.NONE:
        return await visit.tell(refusal, told_s)
    facts = _facts(visit, refusal, service)
    if way is Way.OFFERED:
        if await can_print(visit.station.printer):
            answer = await visit.tell(replace(refusal, slip_offered=True), told_s)
            if not isinstance(answer, Pick) or answer.choice != SLIP:
                return answer
        else:
            return await _tell_with_slip(visit, refusal, *sealed_only(visit, facts))
    return await _tell_with_slip(visit, refusal, *await hand_over(visit, facts, Working(Task.HANDING_OVER)))


async def _tell_with_slip(visit: Visit, refusal: Refusal, slip: Slip, sealed: str) -> Proceed | Pick | None:
    """A code is to be photographed: that takes longer than reading."""
    seconds = visit.station.settings.told_s * (4 if slip is Slip.ON_SCREEN else 1)
    return await visit.tell(replace(refusal, slip=slip, qr=sealed), seconds)


def _facts(visit: Visit, refusal: Refusal, service: str) -> SlipFacts:
    return SlipFacts(
        SlipKind.HAND_OVER,
        refusal.number,
        visit.now(),
        visit.holder or Holder("", ""),
        refused=refusal,
        service=service,
        identity_proved=visit.identity_proved,
    )
