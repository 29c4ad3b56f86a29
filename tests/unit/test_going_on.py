"""On with what the citizen came for, once the errand that had to come first is done: when that is offered, what becomes
of the card meanwhile, and what proves who stands there. How it looks to the citizen stands in ``balance.story``.
"""

from __future__ import annotations

import asyncio

import pytest

from drivers.card.mock import MockCardSlot
from kiosk.handover import tell_result
from kiosk.identity import masked
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.screens import Cause, Key, Pick, Preferences, Proceed, Refusal, Result, Slip
from kiosk.services import offers
from kiosk.visit import Visit
from tests.helpers.storyboard import Stage, exchange_card, visited
from tests.helpers.virtual_time import run

CHOSEN = "940275"


def free(stage: Stage) -> bool:
    assert isinstance(stage.hall.slot, MockCardSlot)
    return stage.hall.slot.released


async def done_for_the_balance(stage: Stage, first: str) -> Result:
    """The balance was chosen, and this had to be done before; what the screen says when it is."""
    stage.answer(Pick("balance"))
    await stage.see("InsertCard")
    stage.hall.insert_card()
    await stage.see("Refusal")
    stage.answer(Pick(first))
    await stage.see("LayIdCard")
    stage.hall.lay_id()
    await stage.see("Review")
    stage.answer(Proceed())
    for screen in ("EnterPin.new", "EnterPin.repeat"):
        await stage.see(screen)
        for digit in CHOSEN:
            stage.answer(Key(10 if digit == "0" else int(digit) - 1))
            await asyncio.sleep(0.2)
        stage.answer(Proceed())
    told = (await stage.see("Result")).screen
    assert isinstance(told, Result)
    return told


def test_the_offer_keeps_the_card_until_it_is_answered() -> None:
    async def story(stage: Stage) -> None:
        told = await done_for_the_balance(stage, "reset")
        assert told.go_on == offers.BALANCE
        assert not free(stage)
        stage.answer(Proceed())
        await stage.see("TakeCard")
        assert free(stage)

    visited("locked_pin", story)


def test_an_offer_that_nobody_answers_frees_the_card() -> None:
    async def story(stage: Stage) -> None:
        await done_for_the_balance(stage, "reset")
        await asyncio.sleep(stage.station.settings.told_s + 1.0)
        await stage.see("TakeCard")
        assert free(stage)

    visited("locked_pin", story)


@pytest.mark.parametrize(("bank", "offered"), [("ccb", True), ("psbc", False)])
def test_a_card_that_works_from_tomorrow_on_is_not_asked_for_its_balance_today(bank: str, offered: bool) -> None:
    async def story(stage: Stage) -> None:
        stage.office._db.execute("UPDATE cards SET bank = ?", (bank,))
        told = await done_for_the_balance(stage, "activate")
        assert told.next_day != offered
        assert (told.go_on is not None) == offered
        assert free(stage) != offered

    visited("issued", story)


@pytest.mark.parametrize(("missing", "offered"), [(None, True), (Cause.INSURER_DOWN, False)])
def test_only_what_could_be_finished_now_is_gone_on_with(missing: Cause | None, offered: bool) -> None:
    async def main() -> None:
        stage = Stage()
        stage.hall.choose("active")
        visit = Visit(stage.station, stage.glass, Preferences(), lambda _: missing)
        stage.hall.insert_card()
        card, holder = await visit.card(), stage.hall.person.person
        visit.wanted = offers.BALANCE
        facts = SlipFacts(SlipKind.PIN_RESET, "K1", visit.now(), masked(holder, card))
        await tell_result(visit, Result("pin_reset", facts.holder, "K1", Slip.NOT_ASKED), facts)
        told = stage.scenes[-1].screen
        assert isinstance(told, Result)
        assert (told.go_on is not None) == offered
        assert free(stage) != offered
        await visit.release()
        await stage.close()

    run(main())


def test_a_card_exchanged_behind_the_result_opens_no_balance() -> None:
    """In under 0.4 s, so that nobody saw it leave: the password that was proved is the other card's."""

    async def story(stage: Stage) -> None:
        await done_for_the_balance(stage, "reset")
        exchange_card(stage)
        stage.answer(Pick("balance"))
        told = (await stage.see("Refusal")).screen
        assert isinstance(told, Refusal)
        assert told.cause is Cause.NOT_CHANGED
        assert not [scene for scene in stage.shown() if scene.screen.name == "Balance"]

    visited("locked_pin", story)
