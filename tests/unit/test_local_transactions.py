"""The local transactions: what goes over the line comes back the same, and an answer to something else is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card.authority import Algorithm, ChipIdentity, ExternalAuthentication
from kiosk.insurer import local, national, notation
from kiosk.insurer.api import (
    Account,
    Activate,
    CardRecord,
    CardRef,
    CardState,
    Done,
    InsuranceStatus,
    MonthLedger,
    Movement,
    MovementKind,
    Outcome,
    Person,
    PinEvent,
    Proof,
    ProofKind,
    Reason,
    RecordPin,
    Refused,
)
from kiosk.insurer.notation import Fields, NotUnderstood
from kiosk.money import Fen


def over_the_line(payload: Mapping[str, object]) -> dict[str, Any]:
    """As the other side reads it."""
    read = notation.read(notation.write(payload).encode())
    assert isinstance(read, dict)
    return read


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50)
days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
hexadecimal = st.text("0123456789ABCDEF", min_size=32, max_size=32)
persons = st.builds(Person, names, st.text("0123456789X", min_size=15, max_size=18), days)
cards = st.builds(CardRef, st.text("0123456789", min_size=6, max_size=6), hexadecimal, names)
proofs = st.builds(Proof, st.sampled_from(ProofKind), persons)
keys = st.text("0123456789ABCDEF-", min_size=1, max_size=64)
zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001 - zones are added
chips = st.builds(
    ChipIdentity,
    st.sampled_from(Algorithm),
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=8, max_size=8),
)
outcomes = st.builds(Done, names, moments) | st.builds(Refused, st.sampled_from(Reason))


@given(cards, proofs, keys, st.sampled_from(PinEvent))
def test_a_change_arrives_as_it_was_meant(card: CardRef, proof: Proof, key: str, event: PinEvent) -> None:
    activation, note = Activate(card, proof), RecordPin(card, proof, event)
    assert local.read_activate(local.asked(over_the_line(local.ask_activate(key, activation)))) == (key, activation)
    assert local.read_record_pin(local.asked(over_the_line(local.ask_record_pin(key, note)))) == (key, note)


@given(keys, outcomes | st.none())
def test_an_outcome_comes_back_and_belongs_to_its_key(key: str, outcome: Outcome | None) -> None:
    answer = local.answered(over_the_line(local.outcome_result(key, outcome)))
    assert local.read_outcome(answer, key) == outcome
    with pytest.raises(NotUnderstood, match="oprt_key"):
        local.read_outcome(answer, key + "1")


@given(st.sampled_from(CardState), persons, names, days | st.none())
def test_a_card_record_comes_back(state: CardState, holder: Person, bank: str, since: date | None) -> None:
    record = CardRecord(state, None if state is CardState.UNKNOWN else holder, bank, since)
    assert local.read_record(local.answered(over_the_line(local.record_result(record)))) == record


@given(cards, proofs, chips)
def test_the_hsm_is_asked_for_the_chip_that_was_meant(card: CardRef, proof: Proof, chip: ChipIdentity) -> None:
    asked = local.asked(over_the_line(local.data(**local.authority_fields((card, proof)), **local.chip_fields(chip))))
    assert local.read_authority(asked) == (card, proof)
    assert local.read_chip(asked) == chip
    assert local.read_authority(local.asked(over_the_line(local.data(**local.authority_fields(None))))) is None


@given(st.binary(min_size=8, max_size=32), st.binary(min_size=8, max_size=32))
def test_a_cryptogram_comes_back(cipher: bytes, source: bytes) -> None:
    answer = ExternalAuthentication(cipher, source)
    assert local.read_authentication(local.answered(over_the_line(local.authentication_result(answer)))) == answer


@st.composite
def ledgers(draw: st.DrawFn) -> MonthLedger:
    year, month = draw(st.integers(2000, 2100)), draw(st.integers(1, 12))
    movements = tuple(
        Movement(date(year, month, day), kind, place, Fen(amount))
        for day, kind, place, amount in draw(
            st.lists(
                st.tuples(st.integers(1, 28), st.sampled_from(MovementKind), names, st.integers(-(10**9), 10**9)),
                max_size=8,
            )
        )
    )
    opening = Fen(draw(st.integers(0, 10**12)))
    return MonthLedger(year, month, opening, movements, opening + sum(m.amount for m in movements))


@given(ledgers())
def test_a_month_comes_back_to_the_fen(ledger: MonthLedger) -> None:
    answer = local.answered(over_the_line(local.ledger_result(ledger)))
    assert local.read_ledger(answer, ledger.year, ledger.month) == ledger
    with pytest.raises(NotUnderstood, match="another"):
        local.read_ledger(answer, ledger.year + 1, ledger.month)


def test_a_month_that_does_not_add_up_is_not_believed() -> None:
    ledger = MonthLedger(2026, 6, Fen(100), (Movement(date(2026, 6, 3), MovementKind.REFUND, "", Fen(5)),), Fen(105))
    changes: tuple[dict[str, object], ...] = ({"closing": 1.06}, {"opening": 0}, {"movements": []})
    for change in changes:
        told = json.loads(notation.write(local.ledger_result(ledger)))
        told["result"].update(change)
        read = notation.read(json.dumps(told).encode())
        assert isinstance(read, dict)
        with pytest.raises(NotUnderstood, match="closing"):
            local.read_ledger(local.answered(read), 2026, 6)


@pytest.mark.parametrize(
    "result",
    [
        None,
        [],
        {},
        {"state": "lost in the post", "holder": None},
        {"state": "active", "holder": None},
        {"state": "unknown_to_insurer", "holder": {"psn_name": "x", "certno": "1", "brdy": "2000-01-01"}},
        {"state": "active", "holder": {"psn_name": "x", "certno": "1", "brdy": "2000-02-30"}},
        {"state": "active", "holder": {"psn_name": "x", "certno": 1, "brdy": "2000-01-01"}},
    ],
)
def test_a_record_that_makes_no_sense_is_not_believed(result: object) -> None:
    with pytest.raises(NotUnderstood):
        local.read_record(local.answered({"result": result}))


accounts = st.lists(
    st.builds(
        Account,
        st.sampled_from(["310", "320", "330", "340", "390", "510"]),
        st.sampled_from(InsuranceStatus),
        st.integers(-(10**12), 10**12).map(Fen),
        moments,
    ),
    max_size=4,
    unique_by=lambda account: account.insurance,
)


@given(persons.filter(lambda p: len(p.id_number) == 18), accounts, moments)
def test_balances_come_back_in_their_order(person: Person, held: list[Account], at: datetime) -> None:
    output = over_the_line(national.person_found("1", person, held, "410100"))
    read = national.read_accounts(output, person, at)
    assert [(a.insurance, a.status, a.balance, a.as_of) for a in read] == [
        (a.insurance, a.status, a.balance, at) for a in held
    ]
    somebody = Person(person.name, "1" * 18 if person.id_number != "1" * 18 else "2" * 18, person.born)
    with pytest.raises(NotUnderstood, match="somebody else"):
        national.read_accounts(output, somebody, at)


def test_1101_is_asked_by_number_and_understood_by_card_and_credential_too() -> None:
    person = Person("张样本", "410105199003079019", date(1990, 3, 7))
    assert national.read_asked(over_the_line(national.ask_person(person)), "410100").person == person
    card = {"data": {"mdtrt_cert_type": "03", "mdtrt_cert_no": "A1", "card_sn": "0" * 32}}
    assert national.read_asked(card, "410100").card == CardRef("410100", "0" * 32, "A1")
    assert national.read_asked({"data": {"mdtrt_cert_type": "01", "mdtrt_cert_no": "42"}}, "410100").credential == "42"
    for wrong in ({"mdtrt_cert_type": "00", "mdtrt_cert_no": "1"}, {"mdtrt_cert_type": "02", "mdtrt_cert_no": "1"}):
        with pytest.raises(NotUnderstood):
            national.read_asked({"data": {**wrong, "psn_name": "x"}}, "410100")


def test_signing_in_and_out_are_as_they_are_printed() -> None:
    at = datetime(2026, 7, 15, 1, 30, tzinfo=timezone.utc)  # noqa: UP017 - beside the other zones
    assert national.sign_in("ZZ-0001", "02:00:00:00:00:01", "127.0.0.1") == {
        "signIn": {"opter_no": "ZZ-0001", "mac": "02:00:00:00:00:01", "ip": "127.0.0.1"}
    }
    assert national.signed_in("n", at) == {"signinoutb": {"sign_time": "2026-07-15 09:30:00", "sign_no": "n"}}
    assert national.read_signed_in(national.signed_in("n", at)) == "n"
    assert national.read_sign_out(national.sign_out("ZZ-0001", "n")) == ("n", "ZZ-0001")
    assert national.signed_out(at) == {"signoutoutb": {"sign_time": "2026-07-15 09:30:00"}}
    with pytest.raises(NotUnderstood, match="sign_no"):
        national.read_signed_in({"signinoutb": {"sign_no": "n" * 31}})


@given(st.recursive(st.none() | st.text(max_size=4) | st.integers(), lambda x: st.dictionaries(names, x, max_size=3)))
def test_any_answer_is_understood_or_refused(value: object) -> None:
    readers = (
        local.read_record,
        local.read_person,
        local.read_authentication,
        lambda fields: local.read_outcome(fields, "k"),
        lambda fields: local.read_ledger(fields, 2026, 6),
        local.read_activate,
        local.read_authority,
        local.read_chip,
    )
    for read in readers:
        with pytest.raises(NotUnderstood):
            read(Fields(value, "x"))
