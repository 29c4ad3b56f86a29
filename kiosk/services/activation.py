"""Activation of a new card: insert it, show who you are, choose a PIN, take the slip."""

from __future__ import annotations

import logging

from drivers.card.authority import AuthorityRefused
from drivers.card.social_security import AuthenticationFailed, PinNotProved
from kiosk.endings import DoneEarlier, Refusing
from kiosk.handover import tell_result
from kiosk.held_card import HeldCard
from kiosk.identity import card_record, choose_pin, masked, prove_identity, refuse_unless
from kiosk.insurer.api import Activate, CardState, PinEvent, Proof, RecordPin
from kiosk.outline import outline
from kiosk.pin import Pin, spent
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.screens import Cause, PartialResult, Result, Review, Slip, Task, Working
from kiosk.services import offers
from kiosk.services.api import Need, Service
from kiosk.visit import Visit

log = logging.getLogger(__name__)


async def activate(visit: Visit) -> None:
    """The insurer activates before the chip gets its first PIN: a card whose PIN was not set stays active and is told
    so."""
    visit.begin("activate", steps=5)
    policy = visit.station.policy

    visit.at_step(1)
    card = await visit.card()
    record = await card_record(visit, card)
    # An activation that ended unknown has set no password: that is what is still to be done.
    unfinished = visit.left_open_at_insurer(card, Activate)
    better = offers.RESET if unfinished else offers.BALANCE
    holder = refuse_unless(record, CardState.ISSUED, Cause.ALREADY_ACTIVE, offer=better)
    if holder.age_on(visit.now().date()) < policy.adult_age:
        raise Refusing(Cause.MINOR)
    try:
        await visit.settle_earlier(card, Activate)
    except DoneEarlier as earlier:
        raise Refusing(Cause.ALREADY_ACTIVE, offers.RESET) from earlier

    visit.at_step(2)
    proof = await prove_identity(visit, holder, or_credential=True)

    visit.at_step(3)
    next_day = policy.next_day(record.bank)
    await visit.ask(Review("activate", masked(holder, card, with_id=True), record.bank, next_day))

    visit.at_step(4)
    with await choose_pin(visit, holder, card) as pin:
        visit.at_step(5)
        done = await visit.commit(Activate(card.ref, proof), Working(Task.ACTIVATING))
        without_pin, can_reset = await _set_first_pin(visit, card, proof, pin)

    shown = masked(holder, card)
    kind = without_pin or SlipKind.ACTIVATED
    facts = SlipFacts(kind, done.number, visit.now(), shown, record.bank, next_day, can_reset=can_reset)
    if without_pin is None:
        result = Result("activated", shown, done.number, Slip.NOT_ASKED, next_day=next_day, bank=record.bank)
        await tell_result(visit, result, facts)
    else:
        partial = PartialResult(kind.value, shown, done.number, Slip.NOT_ASKED, can_reset=can_reset)
        await tell_result(visit, partial, facts)


async def _set_first_pin(visit: Visit, card: HeldCard, proof: Proof, pin: Pin) -> tuple[SlipKind | None, bool]:
    """Nothing, or what must be told about the PIN; and whether to set it here again may be advised. The card is active
    already: whatever happens here, that stays true and is what the citizen hears."""
    try:
        authority = visit.station.insurer.authority(card.ref, proof)
        await visit.write_chip(
            "SetPin", lambda held: spent(held.chip.reset_pin(authority, pin.digits), pin), Working(Task.WRITING_PIN)
        )
    except PinNotProved:
        log.warning("activated, but the PIN was not proved")
        return SlipKind.ACTIVATED_PIN_UNPROVED, visit.can_offer(offers.RESET)
    except (AuthorityRefused, AuthenticationFailed) as error:
        # Centre and card would say the same to a reset, and the card counts how often it does.
        log.warning("activated, but the keys for the PIN were refused: %s", outline(error))
        return SlipKind.ACTIVATED_WITHOUT_PIN, False
    except Exception as error:  # noqa: BLE001  as the docstring says
        log.warning("activated, but the PIN was not set: %s", outline(error))
        return SlipKind.ACTIVATED_WITHOUT_PIN, visit.can_offer(offers.RESET)
    try:
        await visit.record(RecordPin(card.ref, proof, PinEvent.SET), Working(Task.WRITING_PIN))
    except Exception as error:  # noqa: BLE001  whatever it was:
        # The chip proved the PIN; the insurer's note of it is bookkeeping that the citizen need not worry about.
        log.warning("PIN set, but not recorded: %s", outline(error))
    return None, visit.can_offer(offers.RESET)


SERVICE = Service(
    id="activate",
    icon="activate",
    needs=frozenset({Need.CARD, Need.IDENTITY, Need.INSURER}),
    run=activate,
)
