"""Balance and movements, by card and PIN or by e-credential and no card; printed or not, as the citizen likes."""

from __future__ import annotations

import logging

from drivers.api import DeviceError
from kiosk.endings import Refusing
from kiosk.handover import can_print, tell_result
from kiosk.held_card import HeldCard
from kiosk.identity import card_record, masked, open_card, refuse_unless, scan_credential
from kiosk.insurer.api import Account, CardState, MonthLedger, Person
from kiosk.money import Fen
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.screens import (
    AccountLine,
    Back,
    Balance,
    CardProblem,
    Cause,
    CodeProblem,
    Holder,
    MovementLine,
    Movements,
    Result,
    ShowCode,
    Slip,
    Task,
    WhichAccount,
    Working,
)
from kiosk.services import offers
from kiosk.services.api import Need, Service
from kiosk.visit import Visit

log = logging.getLogger(__name__)

MONTHS_BACK = 12
"""How far back the months can be turned."""


async def balance(visit: Visit) -> None:
    """By card and password, or by e-credential. Amounts stay hidden until they are asked for; as soon as they are
    there, taking the card counts as having finished."""
    visit.begin("balance", steps=3)
    visit.at_step(1)
    visit.wanted = offers.BALANCE  # a card that is not active yet, or whose password is forgotten, is seen to first
    person, card = await _who(visit)
    visit.wanted = None

    visit.at_step(3)
    accounts = await visit.busy(Working(Task.ASKING_BALANCE), visit.station.insurer.accounts(person))
    if not accounts:
        raise Refusing(Cause.NOT_INSURED)
    visit.taking_the_card_finishes()
    printable = await can_print(visit.station.printer)
    holder = masked(person, card)
    hidden = True
    while True:
        screen = Balance(holder, _lines(accounts, hidden=hidden), hidden, accounts[0].as_of, printable)
        choice = (await visit.ask(screen)).choice
        if choice in ("show", "hide"):
            hidden = choice == "hide"
        elif choice == "print":
            return await _print(visit, holder, accounts)
        elif choice == "movements":
            chosen = await _month(visit, person, accounts, printable=printable)
            if chosen is not None:
                return await _print(visit, holder, accounts, *chosen)


async def _who(visit: Visit) -> tuple[Person, HeldCard | None]:
    problem: CodeProblem | None = None
    camera_lost: CardProblem | None = None
    while True:
        card = await visit.card_or_choice(camera_lost, without_card=camera_lost is None)
        if card is not None:
            record = await card_record(visit, card)
            holder = refuse_unless(record, CardState.ACTIVE, Cause.NOT_ACTIVE, offer=offers.ACTIVATE)
            visit.at_step(2)
            await open_card(visit, card, offers.RESET)
            return holder, card
        visit.at_step(2)
        while True:
            try:
                person, problem = await scan_credential(visit, ShowCode(problem, or_card=True))
            except DeviceError as error:
                log.warning("no camera, the card stands in: %s", type(error).__name__)
                camera_lost = CardProblem.NO_CAMERA
                break
            if person is not None:
                return person, None
            if problem is None:
                break  # the citizen rather puts the card in
        visit.at_step(1)


class _NoMovements(Exception):
    """A balance without an account that movements could be asked of."""


async def _month(
    visit: Visit, person: Person, accounts: tuple[Account, ...], *, printable: bool
) -> tuple[Account, MonthLedger] | None:
    """The month to be printed and whose it is; ``None`` when the citizen goes back to the balance. Several accounts:
    one question first, to which they come back for the next one."""
    several, account, not_found = len(accounts) > 1, accounts[0], False
    while True:
        if several:
            answer = await visit.ask(WhichAccount(tuple(one.insurance for one in accounts), not_found))
            if isinstance(answer, Back):
                return None
            account = next((one for one in accounts if one.insurance == answer.choice), account)
        try:
            month = await _movements(visit, person, account, printable=printable, several=several)
        except _NoMovements as error:
            if not several:
                raise Refusing(Cause.INSURER_REFUSED) from error
            not_found = True
            continue
        if month is not None:
            return account, month
        if not several:
            return None
        not_found = False


async def _movements(
    visit: Visit, person: Person, account: Account, *, printable: bool, several: bool
) -> MonthLedger | None:
    """Turn the months of one account; returns the one to be printed, or ``None`` when the citizen goes back. One of
    several is named. Raises _NoMovements."""
    today = visit.now().date()
    newest = today.year * 12 + today.month - 1
    shown = newest
    while True:
        year, month = divmod(shown, 12)
        asking = visit.station.insurer.ledger(person, account.insurance, year, month + 1)
        try:
            ledger = await visit.busy(Working(Task.ASKING_BALANCE), asking)
        except LookupError as error:
            raise _NoMovements from error
        answer = await visit.ask(
            Movements(
                year=ledger.year,
                month=ledger.month,
                opening=ledger.opening,
                lines=tuple(MovementLine(m.on, m.kind.value, m.place, m.amount) for m in ledger.movements),
                money_in=Fen(sum(m.amount for m in ledger.movements if m.amount > 0)),
                money_out=Fen(sum(m.amount for m in ledger.movements if m.amount < 0)),
                closing=ledger.closing,
                running=shown == newest,
                has_older=shown > newest - MONTHS_BACK,
                has_newer=shown < newest,
                can_print=printable,
                insurance=account.insurance if several else None,
            )
        )
        if isinstance(answer, Back):
            return None
        if answer.choice == "print":
            return ledger
        if answer.choice == "older":
            shown = max(shown - 1, newest - MONTHS_BACK)
        elif answer.choice == "newer":
            shown = min(shown + 1, newest)


async def _print(
    visit: Visit,
    holder: Holder,
    accounts: tuple[Account, ...],
    account: Account | None = None,
    month: MonthLedger | None = None,
) -> None:
    number = visit.station.new_key()
    facts = SlipFacts(
        SlipKind.BALANCE,
        number,
        visit.now(),
        holder,
        accounts=_lines(accounts, hidden=False),
        as_of=accounts[0].as_of,
        ledger=month,
        ledger_of="" if account is None else account.insurance,
    )
    await tell_result(visit, Result("printed", holder, number, Slip.NOT_ASKED), facts)


def _lines(accounts: tuple[Account, ...], *, hidden: bool) -> tuple[AccountLine, ...]:
    return tuple(AccountLine(a.insurance, a.status.value, None if hidden else a.balance) for a in accounts)


SERVICE = Service(
    id="balance",
    icon="balance",
    needs=frozenset({Need.INSURER}),
    run=balance,
)
