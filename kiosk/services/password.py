"""The card's password: change it (knowing the old one) or reset it (with the ID card)."""

from __future__ import annotations

import logging

from drivers.card.authority import AuthorityRefused
from drivers.card.social_security import PinNotProved
from kiosk.endings import OutcomeUnknown, Refusing
from kiosk.handover import tell_result
from kiosk.held_card import HeldCard
from kiosk.identity import card_record, choose_pin, masked, prove_identity, prove_pin, refuse_unless
from kiosk.insurer.api import CardRecord, CardState, Person, PinEvent, Proof, ProofKind, RecordPin
from kiosk.outline import outline
from kiosk.pin import spent
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.screens import Cause, KnowsPin, PartialResult, Result, Review, Slip, Task, Working
from kiosk.services import offers
from kiosk.services.api import Need, Service
from kiosk.visit import Visit

log = logging.getLogger(__name__)


async def password(visit: Visit) -> None:
    """Change for whoever knows the old one, else reset; a locked card can only be reset."""
    visit.begin("password", steps=4)
    visit.at_step(1)
    card = await visit.card()
    record, holder = await _active_card(visit, card)
    locked = await visit.busy(Working(Task.CHECKING), card.chip.tries_left()) == 0
    can_reset = visit.can_offer(offers.RESET)
    choice = await visit.ask(KnowsPin(locked, visit.left_open_on_chip(card), can_reset))
    if choice.choice == "change" and not locked:
        await _change(visit, card, holder)
    else:
        await _reset(visit, card, record, holder, instead_of=None if locked else SERVICE.id)


async def reset(visit: Visit) -> None:
    """Straight to the reset, where another service offered it."""
    visit.begin("password", steps=4)
    visit.at_step(1)
    card = await visit.card()
    record, holder = await _active_card(visit, card)
    await _reset(visit, card, record, holder, instead_of=visit.instead_of)


async def _active_card(visit: Visit, card: HeldCard) -> tuple[CardRecord, Person]:
    record = await card_record(visit, card)
    return record, refuse_unless(record, CardState.ACTIVE, Cause.NOT_ACTIVE, offer=offers.ACTIVATE)


async def _change(visit: Visit, card: HeldCard, holder: Person) -> None:
    visit.at_step(2)
    with await prove_pin(visit, card, offers.RESET) as old:
        visit.at_step(3)
        with await choose_pin(visit, holder, card, old) as new:
            visit.at_step(4)
            proof = Proof(ProofKind.PIN, holder)
            try:
                await visit.write_chip(
                    "ChangePin",
                    lambda held: spent(held.chip.change_pin(old.digits, new.digits), old, new),
                    Working(Task.WRITING_PIN),
                )
            except PinNotProved:
                await _tell_unproved(visit, card, holder)
                return
    await _record_and_tell(visit, card, proof, PinEvent.CHANGED)


async def _reset(visit: Visit, card: HeldCard, record: CardRecord, holder: Person, *, instead_of: str | None) -> None:
    missing = visit.missing(offers.RESET)
    if missing is not None:
        raise Refusing(missing)
    if holder.age_on(visit.now().date()) < visit.station.policy.adult_age:
        raise Refusing(Cause.MINOR)

    visit.at_step(2)
    proof = await prove_identity(visit, holder, or_credential=False, instead_of=instead_of)
    await visit.ask(Review("reset", masked(holder, card, with_id=True), record.bank))

    visit.at_step(3)
    with await choose_pin(visit, holder, card) as new:
        visit.at_step(4)
        authority = visit.station.insurer.authority(card.ref, proof)
        try:
            await visit.write_chip(
                "ResetPin",
                lambda held: spent(held.chip.reset_pin(authority, new.digits), new),
                Working(Task.WRITING_PIN),
            )
        except AuthorityRefused as refused:
            raise Refusing(Cause.AUTHORITY_REFUSED) from refused
        except PinNotProved:
            await _tell_unproved(visit, card, holder)
            return
    await _record_and_tell(visit, card, proof, PinEvent.RESET)


async def _record_and_tell(visit: Visit, card: HeldCard, proof: Proof, event: PinEvent) -> None:
    """The chip has proved its new PIN; now the insurer notes it, and both are told as they are."""
    shown = masked(proof.person, card)
    task, kind = {
        PinEvent.RESET: ("pin_reset", SlipKind.PIN_RESET),
        PinEvent.CHANGED: ("pin_changed", SlipKind.PIN_CHANGED),
    }[event]
    try:
        done = await visit.record(RecordPin(card.ref, proof, event), Working(Task.WRITING_PIN))
    except Exception as error:  # noqa: BLE001  whatever it was: the chip has done its part, and that is what counts
        log.warning("PIN set, but not recorded: %s", outline(error))
        number = error.number if isinstance(error, OutcomeUnknown) else visit.station.new_key()
        facts = SlipFacts(SlipKind.PIN_SET_UNRECORDED, number, visit.now(), shown)
        partial = PartialResult("pin_set_unrecorded", shown, number, Slip.NOT_ASKED)
        await tell_result(visit, partial, facts)
        return
    facts = SlipFacts(kind, done.number, visit.now(), shown)
    await tell_result(visit, Result(task, shown, done.number, Slip.NOT_ASKED), facts)


async def _tell_unproved(visit: Visit, card: HeldCard, holder: Person) -> None:
    shown, number = masked(holder, card), visit.station.new_key()
    can_reset = visit.can_offer(offers.RESET)
    facts = SlipFacts(SlipKind.PIN_UNPROVED, number, visit.now(), shown, can_reset=can_reset)
    partial = PartialResult("pin_unproved", shown, number, Slip.NOT_ASKED, can_reset=can_reset)
    await tell_result(visit, partial, facts)


SERVICE = Service(
    id="password",
    icon="password",
    needs=frozenset({Need.CARD, Need.INSURER}),
    run=password,
    wholly=frozenset({Need.ID_CARD, Need.OFFICE_RESET}),
)

RESET_SERVICE = Service(
    id="reset",
    icon="password",
    needs=frozenset({Need.CARD, Need.ID_CARD, Need.INSURER, Need.OFFICE_RESET}),
    run=reset,
)
