"""Activation of a new card: insert it, show who you are, choose a PIN, take the slip."""

from __future__ import annotations

import logging

from drivers.api import CardError, DeviceLost, DeviceTimeout
from drivers.card.authority import AuthorityRefused
from kiosk.handover import tell_result
from kiosk.identity import card_record, choose_pin, masked, prove_identity, refuse_unless
from kiosk.insurer.api import Activate, CardState, InsurerUnreachable, PinEvent, Proof, RecordPin
from kiosk.journal import JournalError
from kiosk.pin import Pin
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.screens import Cause, PartialResult, Result, Review, Slip, Task, Working
from kiosk.services import offers
from kiosk.services.api import Need, Service
from kiosk.visit import NOT_RECORDED, HeldCard, Refusing, Visit

log = logging.getLogger(__name__)


async def activate(visit: Visit) -> None:
    visit.begin("activate", steps=5)
    policy = visit.station.policy

    visit.at_step(1)
    card = await visit.card()
    record = await card_record(visit, card)
    holder = refuse_unless(record, CardState.ISSUED, Cause.ALREADY_ACTIVE, offer=offers.BALANCE)
    if holder.age_on(visit.now().date()) < policy.adult_age:
        raise Refusing(Cause.MINOR)

    visit.at_step(2)
    proof = await prove_identity(visit, holder, or_credential=True)

    visit.at_step(3)
    next_day = policy.next_day(record.bank)
    await visit.ask(Review("activate", masked(holder, card, with_id=True), record.bank, next_day))

    visit.at_step(4)
    with await choose_pin(visit, holder, card) as pin:
        visit.at_step(5)
        done = await visit.commit(Activate(card.ref, proof), Working(Task.ACTIVATING))
        pin_set = await _set_first_pin(visit, card, proof, pin)

    shown = masked(holder, card)
    if pin_set:
        facts = SlipFacts(SlipKind.ACTIVATED, done.number, visit.now(), shown, record.bank, next_day)
        result = Result("activated", shown, done.number, Slip.NOT_ASKED, next_day=next_day, bank=record.bank)
        await tell_result(visit, result, facts)
    else:
        facts = SlipFacts(SlipKind.ACTIVATED_WITHOUT_PIN, done.number, visit.now(), shown, record.bank, next_day)
        partial = PartialResult("activated_without_pin", shown, done.number, Slip.NOT_ASKED, card_in=visit.card_in)
        await tell_result(visit, partial, facts)


async def _set_first_pin(visit: Visit, card: HeldCard, proof: Proof, pin: Pin) -> bool:
    """The card is active already: whatever happens to the PIN, that stays true and is what the citizen hears."""
    authority = visit.station.insurer.authority(card.ref, proof)
    try:
        await visit.write_chip(
            "SetPin", lambda held: held.chip.reset_pin(authority, pin.digits), Working(Task.WRITING_PIN)
        )
    except (CardError, DeviceLost, DeviceTimeout, AuthorityRefused, InsurerUnreachable, JournalError) as error:
        log.warning("activated, but the PIN was not set: %s", type(error).__name__)
        return False
    try:
        await visit.commit(RecordPin(card.ref, proof, PinEvent.SET), Working(Task.WRITING_PIN))
    except NOT_RECORDED as error:
        # The chip proved the PIN; the insurer's note of it is bookkeeping that the citizen need not worry about.
        log.warning("PIN set, but not recorded: %s", type(error).__name__)
    return True


SERVICE = Service(
    id="activate",
    icon="activate",
    minutes=2,
    needs=frozenset({Need.CARD, Need.IDENTITY, Need.INSURER}),
    run=activate,
)
