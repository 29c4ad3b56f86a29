"""Proof of insurance: whose card it is, who you are, and the slip that says what you are insured for (参保证明)."""

from __future__ import annotations

from kiosk.endings import Refusing
from kiosk.handover import tell_result
from kiosk.identity import card_record, masked, prove_identity, refuse_unless
from kiosk.insurer.api import CardState
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.screens import AccountLine, Cause, Result, Slip, Task, Working
from kiosk.services import offers
from kiosk.services.api import Need, Service
from kiosk.visit import Visit


async def insured(visit: Visit) -> None:
    visit.begin("insured", steps=3)

    visit.at_step(1)
    card = await visit.card()
    record = await card_record(visit, card)
    holder = refuse_unless(record, CardState.ACTIVE, Cause.NOT_ACTIVE, offer=offers.ACTIVATE)

    visit.at_step(2)
    await prove_identity(visit, holder, or_credential=True)

    visit.at_step(3)
    accounts = await visit.busy(Working(Task.CHECKING), visit.station.insurer.accounts(holder))
    if not accounts:
        raise Refusing(Cause.NOT_INSURED)
    shown, number = masked(holder, card), visit.station.new_key()
    facts = SlipFacts(
        SlipKind.INSURED,
        number,
        visit.now(),
        shown,
        # Whether, not how much: this slip is shown to others.
        accounts=tuple(AccountLine(a.insurance, a.status.value, None) for a in accounts),
        as_of=accounts[0].as_of,
    )
    await tell_result(visit, Result("insured", shown, number, Slip.NOT_ASKED), facts)


SERVICE = Service(
    id="insured",
    icon="list",
    needs=frozenset({Need.CARD, Need.IDENTITY, Need.INSURER}),
    run=insured,
)
