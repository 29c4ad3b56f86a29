"""The invented people: valid, various, the same every time, and nobody's."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import DocumentKind
from drivers.card.authority import Algorithm
from drivers.idnumber import birth_date, is_valid, sex
from kiosk.insurer.api import CardState, InsuranceStatus, MovementKind
from kiosk.insurer.people import (
    HOME_REGION,
    SamplePerson,
    _population,
    credential_text,
    name_on_document,
    named,
    population,
)
from kiosk.insurer.sample_ledger import Income, history, monthly_base
from kiosk.insurer.sample_names import DISTRICTS
from kiosk.money import Fen

TODAY = date(2026, 7, 15)
PEOPLE = population(TODAY)


def test_there_are_some_hundreds_and_no_two_are_alike() -> None:
    assert len(PEOPLE) >= 300
    for identity in (
        [sample.slug for sample in PEOPLE],
        [sample.person.id_number for sample in PEOPLE],
        [sample.chip.card_id for sample in PEOPLE],
        [sample.chip.number for sample in PEOPLE],
        [sample.chip.historical for sample in PEOPLE],
    ):
        assert len(set(identity)) == len(PEOPLE)


def test_every_number_is_valid_and_agrees_with_the_chip() -> None:
    for sample in PEOPLE:
        number = sample.person.id_number
        assert is_valid(number)
        assert birth_date(number) == sample.person.born
        assert 900 <= int(number[14:17]) <= 995
        chip = sample.chip
        assert (chip.id_number, chip.name, chip.sex) == (number, sample.person.name, sex(number))
        assert chip.born == f"{sample.person.born:%Y%m%d}"
        assert len(chip.card_id) == 16
        assert len(chip.organisation) == 12
        assert len(chip.historical) == 8
        assert len(chip.number) == 9


def test_most_live_in_zhengzhou_and_some_elsewhere() -> None:
    divisions = Counter(sample.person.id_number[:6] for sample in PEOPLE)
    assert set(DISTRICTS) < set(divisions)
    at_home = sum(divisions[division] for division in DISTRICTS)
    assert 0.75 * len(PEOPLE) < at_home < len(PEOPLE)


def test_every_state_of_a_card_is_met_by_name_and_in_the_crowd() -> None:
    cases = [sample for sample in PEOPLE if not sample.slug.startswith("citizen")]
    assert {sample.state for sample in cases} == set(CardState)
    assert {sample.state for sample in PEOPLE[len(cases) :]} == set(CardState)
    for sample in PEOPLE:
        assert (sample.since is None) == (sample.state is CardState.UNKNOWN)


def test_every_name_survives_the_chips_and_the_documents_encoding() -> None:
    longest = 30 + 20  # 姓名 and 姓名扩展, docs/protocols.md section 1.2
    four_bytes = extended = dotted = 0
    for sample in PEOPLE:
        name = sample.person.name
        stored = name.encode("gb18030")
        assert stored.decode("gb18030") == name
        assert len(stored) <= longest
        assert len(sample.document.name.encode("utf-16-le")) <= 30
        four_bytes += any(len(character.encode("gb18030")) == 4 for character in name)
        extended += any(ord(character) > 0xFFFF for character in name)
        dotted += "·" in name
    assert min(four_bytes, extended, dotted) >= 5


def test_the_long_name_needs_its_extension_and_is_cut_on_the_document() -> None:
    sample = named("long_name", TODAY)
    assert 30 < len(sample.person.name.encode("gb18030")) <= 50
    assert sample.document.name == sample.person.name[:15]


@given(st.text(alphabet="王㛃𠅤·", max_size=40))
def test_a_name_on_a_document_is_cut_between_characters(name: str) -> None:
    kept = name_on_document(name)
    assert name.startswith(kept)
    assert len(kept.encode("utf-16-le")) <= 30
    assert kept == name or len(name[: len(kept) + 1].encode("utf-16-le")) > 30


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    _population.cache_clear()
    other = population(TODAY, 2)
    again = population(TODAY, 1)
    assert again == PEOPLE
    assert again is not PEOPLE
    assert {s.person for s in other} & {s.person for s in PEOPLE if s.slug.startswith("citizen")} == set()


def test_who_a_person_is_does_not_depend_on_the_day() -> None:
    later = population(TODAY + timedelta(days=500))
    for sample, same in zip(PEOPLE, later, strict=True):
        assert (sample.slug, sample.person, sample.card) == (same.slug, same.person, same.card)
        assert sample.chip.identity == same.chip.identity


@pytest.mark.parametrize("today", [TODAY, date(2028, 2, 29), date(2027, 1, 1), date(2026, 12, 31)])
def test_documents_are_valid_today_except_the_one_that_is_not(today: date) -> None:
    for sample in population(today):
        document = sample.document
        assert document.expired_on(today) == (sample.slug == "expired_id")
        assert document.valid_from is not None
        assert document.valid_from <= today
        assert document.long_term == (document.valid_to is None)
        assert (document.number == sample.person.id_number) == (sample.slug != "id_mismatch")


def test_the_ledgers_are_honest() -> None:
    for sample in PEOPLE:
        for account in sample.accounts:
            balance = int(account.opening)
            days = [movement.on for movement in account.movements]
            assert days == sorted(days)
            assert all(day <= TODAY for day in days)
            for movement in account.movements:
                assert movement.amount != 0
                balance += movement.amount
                assert balance >= 0
            assert balance == account.balance


def test_the_main_accounts_tell_a_year_with_interest_and_contributions() -> None:
    for slug in ("active", "active_retired"):
        (account,) = named(slug, TODAY).accounts
        kinds = Counter(movement.kind for movement in account.movements)
        assert kinds[MovementKind.CONTRIBUTION] >= 12
        assert kinds[MovementKind.INTEREST] >= 1
        assert all(m.on.month == 1 for m in account.movements if m.kind is MovementKind.INTEREST)
        assert len({(m.on.year, m.on.month) for m in account.movements}) >= 6
    assert {m.kind for s in PEOPLE for a in s.accounts for m in a.movements} == set(MovementKind)


def test_contributions_follow_the_years_base() -> None:
    (account,) = named("active", TODAY).accounts
    of_year = {m.on.year: m.amount for m in account.movements if m.kind is MovementKind.CONTRIBUTION}
    assert of_year[2026] > of_year[2025]
    assert monthly_base(Fen(500_000), 2024) == 500_000
    assert monthly_base(Fen(500_000), 2025) == 520_000


@given(
    seed=st.integers(0, 10_000),
    today=st.dates(date(2024, 1, 1), date(2035, 12, 31)),
    income=st.sampled_from(Income),
    opening=st.integers(0, 10**7),
    outings=st.integers(0, 12),
)
def test_any_history_stays_above_zero_and_before_tomorrow(
    seed: int, today: date, income: Income, opening: int, outings: int
) -> None:
    account = history(random.Random(seed), today, income=income, opening=opening, outings=outings)
    balance = opening
    for movement in account.movements:
        balance += movement.amount
        assert balance >= 0
        assert movement.on <= today
    assert balance == account.balance


def test_the_named_cases_are_what_they_say() -> None:
    def case(slug: str) -> SamplePerson:
        return named(slug, TODAY)

    assert case("issued").state is CardState.ISSUED
    assert case("issued").person.age_on(TODAY) == 78
    assert case("issued").chip.sex == "female"
    assert case("locked_pin").chip.tries_left == 0
    assert case("one_try_left").chip.tries_left == 1
    assert case("minor").person.age_on(TODAY) < 16
    assert case("number_with_x").person.id_number.endswith("X")
    assert case("permit_holder").document.kind is DocumentKind.PERMIT
    assert case("permit_holder").person.id_number.startswith("830000")
    assert case("other_region").card.region == "410300" != HOME_REGION
    assert case("version_1_ascii_dates").chip.version == "1.00"
    assert case("version_1_ascii_dates").chip.dates_in_ascii
    for slug in ("sm4_card", "sm4_issued"):
        chip = case(slug).chip
        assert (chip.algorithm, chip.version, chip.read_key_required) == (Algorithm.SM4, "3.00", True)
    assert case("id_mismatch").document.number == case("active").person.id_number
    assert case("suspended_insurance").accounts[0].status is InsuranceStatus.SUSPENDED
    busiest = Counter((m.on.year, m.on.month) for m in case("busy_month").accounts[0].movements)
    assert max(busiest.values()) > 30
    with pytest.raises(KeyError):
        case("nobody")


def test_every_case_has_its_line_for_the_dock() -> None:
    for sample in PEOPLE:
        assert sample.english.isascii()
        assert sample.chinese
        assert "\n" not in sample.english + sample.chinese


def test_nothing_personal_shows_in_a_repr() -> None:
    for sample in PEOPLE[:40]:
        shown = repr(sample)
        assert sample.person.id_number not in shown
        assert sample.person.name not in shown
        assert sample.chip.number not in shown


def test_a_credential_has_the_shape_of_the_national_one() -> None:
    assert credential_text(lambda count: "7" * count) == "424" + "7" * 19 + "41" + "0000"
