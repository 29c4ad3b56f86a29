"""The steps that services share: whose card is it, are you that person, what is the PIN."""

from __future__ import annotations

import asyncio
import logging
from datetime import date

from drivers import idnumber
from drivers.api import DeviceError, DocumentKind, DocumentLifted, DocumentUnreadable, IdDocument, Scan, Scanner
from drivers.card.social_security import PinBlocked, WrongPin
from drivers.scanner.codes import classify, clean
from kiosk.endings import Instead, Refusing
from kiosk.held_card import HeldCard
from kiosk.insurer.api import (
    Activate,
    CardRecord,
    CardState,
    CredentialRefused,
    InsurerUnreachable,
    Person,
    Proof,
    ProofKind,
)
from kiosk.pin import Pin, weakness
from kiosk.pin_entry import enter_pin
from kiosk.screens import (
    Back,
    Cause,
    CodeProblem,
    Holder,
    IdProblem,
    LastTry,
    LayIdCard,
    Pick,
    PinProblem,
    PinPurpose,
    ServiceTile,
    ShowCode,
    Task,
    Working,
)
from kiosk.text import card_tail, mask_id_number, mask_name
from kiosk.visit import Visit

log = logging.getLogger(__name__)

# --- whose card ------------------------------------------------------------------------------------------------------


async def card_record(visit: Visit, card: HeldCard) -> CardRecord:
    """What the insurer says of the card. Refuses a card of another region before asking anybody."""
    visit.holder = Holder("", card_tail(card.ref.number))
    if not visit.station.policy.serves(card.ref.region):
        raise Refusing(Cause.OTHER_REGION)
    try:
        record = await visit.busy(Working(Task.CHECKING), visit.station.insurer.card(card.ref))
    except InsurerUnreachable as error:
        if visit.left_open_at_insurer(card, Activate):
            # "Nothing has changed" would sound like an answer to what nobody knows yet.
            raise Refusing(Cause.BEING_CHECKED) from error
        raise
    if record.holder is not None:
        visit.holder = masked(record.holder, card)
    return record


_NEXT_STEP = {
    CardState.IN_MAKING: Cause.IN_MAKING,
    CardState.TEMPORARILY_LOST: Cause.TEMPORARILY_LOST,
    CardState.LOST: Cause.LOST,
    CardState.CANCELLED: Cause.CANCELLED,
    CardState.SEALED: Cause.SEALED,
    CardState.UNKNOWN: Cause.UNKNOWN_CARD,
}


def refuse_unless(record: CardRecord, state: CardState, otherwise: Cause, offer: ServiceTile) -> Person:
    """Go on only with a card in this state, and return its holder; each other state has its one right next step."""
    if record.state is state and record.holder is not None:
        return record.holder
    if record.state in _NEXT_STEP:
        raise Refusing(_NEXT_STEP[record.state])
    if record.holder is None:
        raise Refusing(Cause.UNKNOWN_CARD)
    if record.state not in (CardState.ISSUED, CardState.ACTIVE):
        raise Refusing(Cause.INSURER_REFUSED)  # a state that nobody here knows is not called one that we know
    raise Refusing(otherwise, offer)


def masked(person: Person, card: HeldCard | None, *, with_id: bool = False) -> Holder:
    """The holder as screens and slips may show them."""
    return Holder(
        name=mask_name(person.name),
        card_tail=card_tail(card.ref.number) if card is not None else "",
        id_number=mask_id_number(person.id_number) if with_id else "",
    )


# --- are you that person ---------------------------------------------------------------------------------------------


async def prove_identity(visit: Visit, holder: Person, *, or_credential: bool, instead_of: str | None = None) -> Proof:
    """ID card on the reader or, where it is enough, the e-credential before the camera. Each stands in for the other
    when its device fails; when there is no way left, the device's error is raised. ``instead_of`` is the service that
    asked for the password before; raises Instead if the citizen rather goes back to that."""
    problem: IdProblem | None = None
    while True:
        question = LayIdCard(problem, or_credential=or_credential, way_back=instead_of is not None)
        visit.id_card_asked = True
        try:
            picked, document = await visit.either(question, visit.station.id_reader.document())
        except DocumentLifted:
            problem = IdProblem.LIFTED
            continue
        except DocumentUnreadable:
            visit.id_card_used = True
            problem = IdProblem.UNREADABLE
            continue
        except DeviceError as error:
            if not or_credential:
                raise
            log.warning("no ID reader, the e-credential stands in: %s", type(error).__name__)
            await _prove_by_credential(visit, holder, CodeProblem.NO_ID_READER, or_id_card=False)
            visit.identity_proved = True
            return Proof(ProofKind.CREDENTIAL, holder)
        if document is None:
            if isinstance(picked, Back) and instead_of is not None:
                raise Instead(instead_of)
            problem = None
            if not isinstance(picked, Pick) or not or_credential:
                continue
            try:
                if await _prove_by_credential(visit, holder, or_id_card=True):
                    visit.identity_proved = True
                    return Proof(ProofKind.CREDENTIAL, holder)
            except DeviceError as error:
                log.warning("no camera, the ID card stands in: %s", type(error).__name__)
                or_credential, problem = False, IdProblem.NO_CAMERA
            continue
        visit.id_card_used = True
        before = problem
        problem = id_problem(document, holder, visit.now().date())
        if problem is None:
            visit.may_need_large = visit.station.settings.offers_large(document.born, visit.now().date())
            visit.identity_proved = True
            return Proof(ProofKind.ID_CARD, holder)
        if problem is IdProblem.EXPIRED and (before is IdProblem.EXPIRED or not or_credential):
            # No valid one is at hand, and there is no other way: say where to get one.
            raise Refusing(Cause.ID_EXPIRED)
        if problem is before is IdProblem.NUMBER_DIFFERS:
            # Whoever came for somebody else has no other to lay down: say who must come, and what the counter wants.
            raise Refusing(Cause.NOT_THE_HOLDER)


def id_problem(document: IdDocument, holder: Person, today: date) -> IdProblem | None:
    """What keeps this document from proving that its bearer is the holder. Names the field, never its content."""
    if not idnumber.same(document.number, holder.id_number):
        return IdProblem.NUMBER_DIFFERS
    if not (_same_name(document.name, holder.name) or _same_latin_name(document, holder.name)):
        return IdProblem.NAME_DIFFERS
    if document.expired_on(today):
        return IdProblem.EXPIRED
    return None


_DOCUMENT_NAME = 15
"""Characters (UTF-16) that the name field of an ID card holds; a longer name is cut there (docs/protocols.md 2.2)."""


def _same_name(on_document: str, of_holder: str) -> bool:
    if not on_document:
        return False
    if len(on_document.encode("utf-16-le")) // 2 >= _DOCUMENT_NAME:
        return _plain(of_holder).startswith(_plain(on_document))
    return _plain(on_document) == _plain(of_holder)


_LATIN_NAME = {DocumentKind.FOREIGNER_2017: 60, DocumentKind.FOREIGNER_2023: 46}
"""The same of the Latin name on a foreigner's card (ibid.), which may have no Chinese name beside it."""


def _same_latin_name(document: IdDocument, of_holder: str) -> bool:
    """Letter by letter: commas, hyphens and spaces stand where the office that wrote the record put them."""
    on_document, holder = _letters(document.name_latin), _letters(of_holder)
    if not on_document:
        return False
    cut = len(document.name_latin) >= _LATIN_NAME.get(document.kind, 60)
    return holder.startswith(on_document) if cut else holder == on_document


def _letters(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalpha())


_DOTS = str.maketrans(dict.fromkeys("•・･‧∙.．", "·"))


def _plain(name: str) -> str:
    """Names are compared without spaces and with one kind of dot: documents write 买买提·艾力 in several ways."""
    return "".join(name.split()).translate(_DOTS)


async def _prove_by_credential(
    visit: Visit, holder: Person, problem: CodeProblem | None = None, *, or_id_card: bool
) -> bool:
    """False if the citizen rather goes back to the ID card. ``problem``: why it is asked for all the same."""
    while True:
        person, problem = await scan_credential(visit, ShowCode(problem, or_id_card=or_id_card))
        if person is None and problem is None and or_id_card:
            return False
        if person is not None:
            if idnumber.same(person.id_number, holder.id_number):
                return True
            problem = CodeProblem.OTHER_PERSON


REFUSED_S = 2.0
"""A code that was refused may lie before the camera still, or two of them take turns: so long its answer can be read,
and Finish be pressed, before the next one counts."""


async def scan_credential(visit: Visit, question: ShowCode) -> tuple[Person | None, CodeProblem | None]:
    """One code before the camera: whose it is, or what is wrong with it; neither if the citizen chose another way."""
    station = visit.station
    refused = question.problem not in (None, CodeProblem.NO_ID_READER)
    scanning = _scan(station.scanner, after_s=REFUSED_S if refused else 0.0)
    _, scan = await visit.either(question, scanning, station.scanner.preview)
    if scan is None:
        return None, None
    if classify(scan.text).is_payment:
        return None, CodeProblem.PAYMENT_CODE
    try:
        return await visit.busy(Working(Task.CHECKING), station.insurer.person(clean(scan.text))), None
    except CredentialRefused as refused:
        return None, CodeProblem.EXPIRED if refused.expired else CodeProblem.NOT_A_CREDENTIAL


async def _scan(scanner: Scanner, *, after_s: float) -> Scan:
    await asyncio.sleep(after_s)
    return await scanner.scan()


# --- the PIN ---------------------------------------------------------------------------------------------------------


async def choose_pin(visit: Visit, holder: Person, card: HeldCard, old: Pin | None = None) -> Pin:
    """A new PIN, entered twice, weak ones refused with the reason. The caller wipes it."""
    problem: PinProblem | None = None
    initial = visit.station.policy.initial_pins(holder.id_number)
    while True:
        new = await enter_pin(visit, PinPurpose.NEW, problem)
        try:
            problem = weakness(new, initial=initial, personal=(holder.id_number, card.ref.number), old=old)
            if problem is None:
                with await enter_pin(visit, PinPurpose.REPEAT) as repeated:
                    if new.same_as(repeated):
                        return new
                problem = PinProblem.DIFFERENT
        except BaseException:
            new.wipe()
            raise
        new.wipe()


async def open_card(visit: Visit, card: HeldCard, reset: ServiceTile) -> None:
    """The holder stands here with the PIN: proved now, or earlier in this visit with this card, in the slot ever since.

    Raises as :meth:`prove_pin`, PulledEarly, CardSwapped.
    """
    if visit.pin_proved:
        await visit.busy(Working(Task.CHECKING), visit.same_card())
    else:
        (await prove_pin(visit, card, reset)).wipe()


async def prove_pin(visit: Visit, card: HeldCard, reset: ServiceTile) -> Pin:
    """The PIN that opens the card; returned for those who change it, wiped by the caller.

    VERIFY is sent exactly as often as the citizen submits. Before the last try the citizen is asked whether to go on;
    ``reset`` is what a locked card is offered instead, and whoever has forgotten the PIN at any time.
    """
    left = await visit.busy(Working(Task.CHECKING), card.chip.tries_left())
    problem: PinProblem | None = None
    while True:
        if left == 0:
            raise Refusing(Cause.PIN_LOCKED, reset)
        if left == 1 and isinstance(await visit.ask(LastTry(visit.can_offer(reset))), Pick):
            raise Instead(reset.id, of=visit.service)
        few = left if left is not None and (problem is not None or left <= 2) else None
        forgotten = reset if visit.can_offer(reset) else None
        pin = await enter_pin(visit, PinPurpose.CURRENT, problem, few, reset=forgotten)
        try:
            await visit.busy(Working(Task.CHECKING), card.chip.verify(pin.digits))
            visit.chip_answered(card)
            return pin
        except WrongPin as wrong:
            left, problem = wrong.left, PinProblem.WRONG
        except PinBlocked:
            left = 0
        except BaseException:
            pin.wipe()
            raise
        pin.wipe()
