"""What every insurer must keep to, whatever stands behind it: answers, exactly one effect, and honest not-knowing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card.authority import AuthorityRefused
from drivers.faults import Fault
from kiosk.insurer.api import (
    Activate,
    CardState,
    CredentialRefused,
    Done,
    InsuranceStatus,
    InsurerUnreachable,
    Person,
    PinEvent,
    Proof,
    ProofKind,
    Reason,
    RecordPin,
    Refused,
)
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.hsm import PIN_KEY, READ_KEY
from kiosk.insurer.people import SamplePerson, population
from kiosk.insurer.schema import WrongVersion
from tests.helpers.insurers import INSURERS, MORNING, Dice, Stage, TurnedClock, proof_of

CHALLENGE = bytes(range(8))


@pytest.fixture(params=INSURERS)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    async with INSURERS[request.param](tmp_path) as stage:
        yield stage


def activation(sample: SamplePerson) -> Activate:
    return Activate(sample.card, proof_of(sample))


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "state"),
    [
        ("in_making", CardState.IN_MAKING),
        ("issued", CardState.ISSUED),
        ("active", CardState.ACTIVE),
        ("temporarily_lost", CardState.TEMPORARILY_LOST),
        ("lost", CardState.LOST),
        ("cancelled", CardState.CANCELLED),
        ("sealed", CardState.SEALED),
    ],
)
async def test_a_card_is_known_with_its_state_and_holder(stage: Stage, slug: str, state: CardState) -> None:
    someone = stage.someone(slug)
    record = await stage.insurer.card(someone.card)
    assert (record.state, record.holder, record.bank) == (state, someone.person, someone.bank)
    assert record.since == someone.since


@pytest.mark.parametrize("slug", ["unknown", "other_region"])
async def test_a_card_that_nobody_knows_is_an_answer(stage: Stage, slug: str) -> None:
    record = await stage.insurer.card(stage.someone(slug).card)
    assert record.state is CardState.UNKNOWN
    assert record.holder is None


async def test_a_card_with_another_cards_number_is_not_known(stage: Stage) -> None:
    card = replace(stage.someone("active").card, number=stage.someone("lost").card.number)
    assert (await stage.insurer.card(card)).state is CardState.UNKNOWN


async def test_names_of_every_script_come_back_whole(stage: Stage) -> None:
    for slug in ("rare_name", "minority_name", "long_name", "four_character_name"):
        someone = stage.someone(slug)
        record = await stage.insurer.card(someone.card)
        assert record.holder == someone.person


async def test_accounts_come_with_the_main_one_first(stage: Stage) -> None:
    accounts = await stage.insurer.accounts(stage.someone("two_insurances").person)
    assert [account.insurance for account in accounts] == ["310", "320"]
    assert all(account.balance > 0 for account in accounts)
    assert all(account.as_of == stage.clock.now for account in accounts)


async def test_accounts_tell_suspension_emptiness_and_absence_apart(stage: Stage) -> None:
    suspended = await stage.insurer.accounts(stage.someone("suspended_insurance").person)
    assert [account.status for account in suspended] == [InsuranceStatus.SUSPENDED]
    empty = await stage.insurer.accounts(stage.someone("empty_account").person)
    assert [account.balance for account in empty] == [0]
    assert await stage.insurer.accounts(stage.someone("not_insured").person) == ()


async def test_the_ledger_adds_up_to_the_balance_month_after_month(stage: Stage) -> None:
    for sample in stage.everybody()[:24]:
        for account in await stage.insurer.accounts(sample.person):
            closing = None
            for back in range(14, -1, -1):
                index = MORNING.year * 12 + MORNING.month - 1 - back
                month = await stage.insurer.ledger(sample.person, account.insurance, index // 12, index % 12 + 1)
                assert closing in (None, month.opening)
                assert all((m.on.year, m.on.month) == (month.year, month.month) for m in month.movements)
                closing = month.closing
            assert closing == account.balance


@pytest.mark.parametrize("text", ["", "4" * 600], ids=["empty", "long"])
async def test_what_can_be_no_credential_is_refused(stage: Stage, text: str) -> None:
    with pytest.raises(CredentialRefused) as refused:
        await stage.insurer.person(text)
    assert not refused.value.expired


async def test_a_month_that_is_none_has_no_ledger(stage: Stage) -> None:
    with pytest.raises(ValueError, match="month"):
        await stage.insurer.ledger(stage.someone("active").person, "310", 2026, 13)


async def test_the_ledger_of_an_account_that_is_not_there_is_not_invented(stage: Stage) -> None:
    with pytest.raises(LookupError):
        await stage.insurer.ledger(stage.someone("active").person, "390", 2026, 6)


async def test_it_says_that_it_is_there(stage: Stage) -> None:
    assert await stage.insurer.reachable()


# --- e-credentials ---------------------------------------------------------------------------------------------------


async def test_a_credential_stands_for_its_person_for_a_minute(stage: Stage) -> None:
    someone = stage.someone("issued_ecredential")
    code = await stage.show_credential(someone.person)
    assert len(code) == 28
    assert code.startswith("424")
    assert code[22:24] == "41"
    stage.clock.turn(59)
    assert await stage.insurer.person(code) == someone.person


async def test_an_expired_credential_is_told_from_an_unknown_one(stage: Stage) -> None:
    code = await stage.show_credential(stage.someone("active").person)
    stage.clock.turn(61)
    with pytest.raises(CredentialRefused) as expired:
        await stage.insurer.person(code)
    assert expired.value.expired
    with pytest.raises(CredentialRefused) as unknown:
        await stage.insurer.person("424" + "0" * 25)
    assert not unknown.value.expired


async def test_two_credentials_of_one_person_differ_and_both_hold(stage: Stage) -> None:
    person = stage.someone("active").person
    first, second = await stage.show_credential(person), await stage.show_credential(person)
    assert first != second
    assert await stage.insurer.person(first) == await stage.insurer.person(second) == person


# --- operations ------------------------------------------------------------------------------------------------------


async def test_an_activation_takes_effect_today(stage: Stage) -> None:
    someone = stage.someone("issued")
    done = await stage.insurer.perform("k1", activation(someone))
    assert isinstance(done, Done)
    assert done.number
    assert done.at == stage.clock.now
    record = await stage.insurer.card(someone.card)
    assert (record.state, record.since) == (CardState.ACTIVE, MORNING.date())


async def test_the_same_key_gives_the_same_result_and_one_effect(stage: Stage) -> None:
    operation = activation(stage.someone("issued"))
    first = await stage.insurer.perform("k1", operation)
    stage.clock.turn(3600)
    assert await stage.insurer.perform("k1", operation) == first
    assert await stage.insurer.outcome("k1") == first
    assert await stage.insurer.perform("k2", operation) == Refused(Reason.WRONG_STATE)


async def test_a_refusal_is_kept_for_its_key_as_well(stage: Stage) -> None:
    operation = activation(stage.someone("lost"))
    assert await stage.insurer.perform("k1", operation) == Refused(Reason.WRONG_STATE)
    assert await stage.insurer.outcome("k1") == Refused(Reason.WRONG_STATE)
    assert await stage.insurer.perform("k1", operation) == Refused(Reason.WRONG_STATE)


async def test_the_same_key_with_other_content_is_refused_without_effect(stage: Stage) -> None:
    first, other = stage.someone("issued"), stage.someone("rare_name")
    done = await stage.insurer.perform("k1", activation(first))
    assert await stage.insurer.perform("k1", activation(other)) == Refused(Reason.KEY_REUSED)
    assert (await stage.insurer.card(other.card)).state is CardState.ISSUED
    assert await stage.insurer.outcome("k1") == done


async def test_many_at_once_with_the_same_key_have_one_effect(stage: Stage) -> None:
    operation = activation(stage.someone("issued"))
    results = await asyncio.gather(*(stage.insurer.perform("k1", operation) for _ in range(20)))
    assert isinstance(results[0], Done)
    assert len(set(results)) == 1


async def test_many_at_once_with_different_keys_have_one_effect(stage: Stage) -> None:
    operation = activation(stage.someone("issued"))
    results = await asyncio.gather(*(stage.insurer.perform(f"k{n}", operation) for n in range(20)))
    assert sum(isinstance(result, Done) for result in results) == 1


@pytest.mark.parametrize("slug", ["active", "in_making", "temporarily_lost", "lost", "cancelled", "sealed", "unknown"])
async def test_only_an_issued_card_is_activated(stage: Stage, slug: str) -> None:
    someone = stage.someone(slug)
    assert await stage.insurer.perform("k1", activation(someone)) == Refused(Reason.WRONG_STATE)
    assert (await stage.insurer.card(someone.card)).state is someone.state


async def test_a_card_of_another_region_is_not_activated_here(stage: Stage) -> None:
    refused = await stage.insurer.perform("k1", activation(stage.someone("other_region")))
    assert refused == Refused(Reason.NOT_ISSUED_HERE)


async def test_somebody_else_activates_nothing(stage: Stage) -> None:
    someone = stage.someone("issued")
    neighbour = Activate(someone.card, proof_of(stage.someone("active")))
    assert await stage.insurer.perform("k1", neighbour) == Refused(Reason.NOT_THE_HOLDER)
    named_otherwise = Proof(ProofKind.ID_CARD, replace(someone.person, name="王玉兰"))
    wrong_name = await stage.insurer.perform("k2", Activate(someone.card, named_otherwise))
    assert wrong_name == Refused(Reason.NOT_THE_HOLDER)
    assert (await stage.insurer.card(someone.card)).state is CardState.ISSUED


async def test_a_long_name_as_the_id_card_cuts_it_is_still_the_holder(stage: Stage) -> None:
    someone = stage.someone("long_name")
    assert someone.document.name != someone.person.name
    as_read = replace(someone.person, name=someone.document.name.replace("·", "•"))
    done = await stage.insurer.perform("k1", Activate(someone.card, Proof(ProofKind.ID_CARD, as_read)))
    assert isinstance(done, Done)


async def test_a_known_pin_neither_activates_nor_resets(stage: Stage) -> None:
    new, used = stage.someone("issued"), stage.someone("active")
    by_pin = Activate(new.card, proof_of(new, ProofKind.PIN))
    assert await stage.insurer.perform("k1", by_pin) == Refused(Reason.NOT_ALLOWED)
    reset = RecordPin(used.card, proof_of(used, ProofKind.PIN), PinEvent.RESET)
    assert await stage.insurer.perform("k2", reset) == Refused(Reason.NOT_ALLOWED)
    changed = RecordPin(used.card, proof_of(used, ProofKind.PIN), PinEvent.CHANGED)
    assert isinstance(await stage.insurer.perform("k3", changed), Done)


async def test_a_pin_is_noted_only_on_an_active_card(stage: Stage) -> None:
    someone = stage.someone("issued")
    note = RecordPin(someone.card, proof_of(someone), PinEvent.SET)
    assert await stage.insurer.perform("k1", note) == Refused(Reason.WRONG_STATE)
    await stage.insurer.perform("k2", activation(someone))
    assert isinstance(await stage.insurer.perform("k3", note), Done)


async def test_a_card_has_one_first_pin_and_many_later_ones(stage: Stage) -> None:
    someone = stage.someone("issued")
    await stage.insurer.perform("k1", activation(someone))
    first = RecordPin(someone.card, proof_of(someone), PinEvent.SET)
    done = await stage.insurer.perform("k2", first)
    assert isinstance(done, Done)
    # The same again from another terminal, which did not hear of it; and from this one, which asks with its old key.
    assert await stage.insurer.perform("k3", first) == Refused(Reason.WRONG_STATE)
    assert await stage.insurer.perform("k2", first) == done
    for key, event in (("k4", PinEvent.RESET), ("k5", PinEvent.CHANGED), ("k6", PinEvent.RESET)):
        assert isinstance(await stage.insurer.perform(key, RecordPin(someone.card, proof_of(someone), event)), Done)


async def test_asked_for_while_it_comes_an_operation_is_done_or_never_will_be(stage: Stage) -> None:
    someone = stage.someone("issued")
    asked, *performed = await asyncio.gather(
        stage.insurer.outcome("k1"), *(stage.insurer.perform("k1", activation(someone)) for _ in range(5))
    )
    state = (await stage.insurer.card(someone.card)).state
    if asked is None:
        assert set(performed) == {Refused(Reason.NOT_ALLOWED)}
        assert state is CardState.ISSUED
    else:
        assert {asked} == set(performed)
        assert state is CardState.ACTIVE


# --- not knowing -----------------------------------------------------------------------------------------------------


async def test_a_dropped_reply_leaves_an_effect_that_its_key_finds(stage: Stage) -> None:
    someone = stage.someone("issued")
    stage.faults.drop("perform")
    with pytest.raises(InsurerUnreachable) as lost:
        await stage.insurer.perform("k1", activation(someone))
    assert lost.value.sent
    outcome = await stage.insurer.outcome("k1")
    assert isinstance(outcome, Done)
    assert await stage.insurer.perform("k1", activation(someone)) == outcome


async def test_a_request_lost_on_its_way_never_arrived_and_never_will(stage: Stage) -> None:
    someone = stage.someone("issued")
    stage.faults.fail_next("perform", Fault.ERROR)
    with pytest.raises(InsurerUnreachable) as lost:
        await stage.insurer.perform("k1", activation(someone))
    assert lost.value.sent
    assert await stage.insurer.outcome("k1") is None
    # The request was only slow, and arrives after the terminal was told that it never had.
    assert await stage.insurer.perform("k1", activation(someone)) == Refused(Reason.NOT_ALLOWED)
    assert await stage.insurer.outcome("k1") is None
    assert (await stage.insurer.card(someone.card)).state is CardState.ISSUED
    assert isinstance(await stage.insurer.perform("k2", activation(someone)), Done)


async def test_an_unplugged_line_sends_nothing(stage: Stage) -> None:
    someone = stage.someone("issued")
    stage.faults.fail_always("link", Fault.LOSE)
    assert not await stage.insurer.reachable()
    with pytest.raises(InsurerUnreachable) as unplugged:
        await stage.insurer.perform("k1", activation(someone))
    assert not unplugged.value.sent
    with pytest.raises(InsurerUnreachable):
        await stage.insurer.accounts(someone.person)
    stage.faults.heal()
    assert await stage.insurer.reachable()
    assert (await stage.insurer.card(someone.card)).state is CardState.ISSUED


async def test_who_gives_up_on_a_slow_answer_leaves_an_effect(stage: Stage) -> None:
    someone = stage.someone("issued")
    stage.faults.delay("perform", 3600)
    performing = asyncio.create_task(stage.insurer.perform("k1", activation(someone)))
    async with asyncio.timeout(10):
        while (await stage.insurer.card(someone.card)).state is CardState.ISSUED:
            await asyncio.sleep(0)
    performing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await performing
    assert isinstance(await stage.insurer.outcome("k1"), Done)


# --- the chip's keys -------------------------------------------------------------------------------------------------


async def test_the_authority_answers_for_the_holder_of_an_active_card(stage: Stage) -> None:
    someone = stage.someone("active")
    authority = stage.insurer.authority(someone.card, proof_of(someone))
    answer = await authority.authenticate(someone.chip.identity, PIN_KEY, CHALLENGE)
    assert len(answer.cipher) == len(answer.source) == 8
    pin = bytearray(b"729416")
    assert await authority.protect_pin(someone.chip.identity, CHALLENGE, bytes.fromhex("8424000114"), pin)


@pytest.mark.parametrize("slug", ["lost", "temporarily_lost", "cancelled", "sealed", "in_making", "unknown"])
async def test_the_authority_refuses_a_card_out_of_use(stage: Stage, slug: str) -> None:
    someone = stage.someone(slug)
    authority = stage.insurer.authority(someone.card, proof_of(someone))
    with pytest.raises(AuthorityRefused) as refused:
        await authority.authenticate(someone.chip.identity, PIN_KEY, CHALLENGE)
    assert refused.value.reason == Reason.WRONG_STATE


async def test_the_authority_refuses_another_person_and_another_chip(stage: Stage) -> None:
    someone, other = stage.someone("active"), stage.someone("active_retired")
    for_another = stage.insurer.authority(someone.card, proof_of(other))
    with pytest.raises(AuthorityRefused) as refused:
        await for_another.protect_pin(someone.chip.identity, CHALLENGE, bytes(5), bytearray(b"729416"))
    assert refused.value.reason == Reason.NOT_THE_HOLDER
    with pytest.raises(AuthorityRefused) as refused:
        await stage.insurer.authority(someone.card, proof_of(someone)).authenticate(
            other.chip.identity, PIN_KEY, CHALLENGE
        )
    assert refused.value.reason == "another_chip"


async def test_the_authority_notices_a_card_that_goes_out_of_reach(stage: Stage) -> None:
    someone = stage.someone("active")
    authority = stage.insurer.authority(someone.card, proof_of(someone))
    stage.faults.fail_next("authority", Fault.DROP)
    with pytest.raises(InsurerUnreachable):
        await authority.authenticate(someone.chip.identity, PIN_KEY, CHALLENGE)


async def test_the_reading_authority_opens_our_cards_and_does_nothing_more(stage: Stage) -> None:
    chip = stage.someone("sm4_card").chip.identity
    authority = stage.insurer.reading_authority()
    assert (await authority.authenticate(chip, READ_KEY, CHALLENGE)).cipher
    for_the_unknown = await authority.authenticate(stage.someone("unknown").chip.identity, READ_KEY, CHALLENGE)
    assert for_the_unknown.cipher
    with pytest.raises(AuthorityRefused):
        await authority.authenticate(chip, PIN_KEY, CHALLENGE)
    with pytest.raises(AuthorityRefused):
        await authority.protect_pin(chip, CHALLENGE, bytes(5), bytearray(b"729416"))
    with pytest.raises(AuthorityRefused):
        await authority.authenticate(stage.someone("other_region").chip.identity, READ_KEY, CHALLENGE)
    stage.faults.fail_always("link", Fault.LOSE)
    with pytest.raises(InsurerUnreachable):
        await authority.authenticate(chip, READ_KEY, CHALLENGE)


# --- the embedded one alone ------------------------------------------------------------------------------------------


def embedded(path: Path | str = ":memory:", clock: TurnedClock | None = None) -> EmbeddedInsurer:
    return EmbeddedInsurer(path, clock=clock or TurnedClock(), digits=Dice())


async def test_what_was_done_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "insurer.sqlite"
    someone = population(MORNING.date())[0]
    insurer = embedded(path)
    done = await insurer.perform("k1", activation(someone))
    await insurer.close()
    later = TurnedClock(MORNING + timedelta(days=90))
    reopened = embedded(path, later)
    assert await reopened.outcome("k1") == done
    assert (await reopened.card(someone.card)).state is CardState.ACTIVE
    month = await reopened.ledger(someone.person, "310", 2026, 9)
    assert month.movements == ()
    assert month.opening == month.closing == (await reopened.accounts(someone.person))[0].balance
    await reopened.close()


async def test_two_insurers_on_one_file_have_one_effect(tmp_path: Path) -> None:
    path = tmp_path / "insurer.sqlite"
    insurers = [embedded(path), embedded(path)]
    operation = activation(population(MORNING.date())[0])

    def perform(insurer: EmbeddedInsurer) -> object:
        return asyncio.run(insurer.perform("k1", operation))

    results = await asyncio.gather(*(asyncio.to_thread(perform, insurer) for insurer in insurers))
    assert isinstance(results[0], Done)
    assert results[0] == results[1]
    for insurer in insurers:
        await insurer.close()


async def test_a_telephone_of_nobody_shows_nothing() -> None:
    insurer = embedded()
    with pytest.raises(KeyError):
        insurer.issue_credential(Person("王玉兰", "410105195001019007", MORNING.date()))
    await insurer.close()


async def test_a_closed_insurer_is_out_of_reach() -> None:
    insurer = embedded()
    await insurer.close()
    assert not await insurer.reachable()
    with pytest.raises(InsurerUnreachable):
        await insurer.card(population(MORNING.date())[0].card)


def test_another_programs_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE something (a)")
    db.close()
    with pytest.raises(WrongVersion):
        embedded(path)


@given(
    slug=st.sampled_from(["active", "active_retired", "two_insurances", "busy_month", "suspended_insurance"]),
    back=st.integers(0, 40),
)
def test_any_month_of_any_account_follows_the_one_before(slug: str, back: int) -> None:
    async def look() -> None:
        insurer = embedded()
        person = next(sample.person for sample in population(MORNING.date()) if sample.slug == slug)
        index = MORNING.year * 12 + MORNING.month - 1 - back
        for account in await insurer.accounts(person):
            month = await insurer.ledger(person, account.insurance, index // 12, index % 12 + 1)
            before = await insurer.ledger(person, account.insurance, (index - 1) // 12, (index - 1) % 12 + 1)
            assert before.closing == month.opening
            assert month.closing >= 0
        await insurer.close()

    asyncio.run(look())
