"""What stands on a slip, and what does not stand there twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from drivers.api import Pair, Text
from kiosk.insurer.api import MonthLedger, Movement, MovementKind
from kiosk.money import Fen
from kiosk.receipts.layout import lay_out
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.screens import AccountLine, Cause, Holder, Refusal
from kiosk.settings import Settings
from kiosk.text import catalogues

AT = datetime(2026, 11, 20, 9, 41, tzinfo=timezone(timedelta(hours=8)))
HOLDER = Holder("段**", "7365")
ACCOUNTS = (AccountLine("310", "1", Fen(348260)),)
LANGUAGES = ("zh", "en")


def facts_of(kind: SlipKind, *, cause: Cause = Cause.UNKNOWN_CARD, service: str = "") -> SlipFacts:
    refused = Refusal(cause, "R01") if kind is SlipKind.HAND_OVER else None
    return SlipFacts(kind, "K000001", AT, HOLDER, accounts=ACCOUNTS, refused=refused, service=service)


def lines(facts: SlipFacts, language: str) -> list[str]:
    page = lay_out(facts, "YB1.X", catalogues()[language], Settings())
    return [
        block.text if isinstance(block, Text) else f"{block.label}: {block.value}"
        for block in page.blocks
        if isinstance(block, Text | Pair)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("service", ["", "activate"])
@pytest.mark.parametrize("kind", SlipKind)
def test_the_number_to_call_stands_there_once(kind: SlipKind, service: str, language: str) -> None:
    assert "".join(lines(facts_of(kind, service=service), language)).count("12333") == 1


def month(*amounts: int) -> SlipFacts:
    moved = tuple(Movement(date(2026, 10, 3), MovementKind.PHARMACY, "", Fen(amount)) for amount in amounts)
    ledger = MonthLedger(2026, 10, Fen(500000), moved, Fen(500000 + sum(amounts)))
    return SlipFacts(SlipKind.BALANCE, "K000001", AT, HOLDER, accounts=ACCOUNTS, as_of=AT, ledger=ledger)


@pytest.mark.parametrize(
    ("language", "heading", "unit", "empty"),
    [
        ("zh", "2026 年 10 月收支（元）", "元", "没有收支"),
        ("en", "Transactions, October 2026 (yuan)", "yuan", "Nothing in or out"),
    ],
)
def test_a_month_names_its_unit_once_so_that_its_amounts_stand_in_one_column(
    language: str, heading: str, unit: str, empty: str
) -> None:
    told = lines(month(-8640, 198000), language)
    of_month = told[told.index(heading) + 1 :]
    amounts = [line for line in of_month if line.endswith(("5,000.00", "−86.40", "+1,980.00", "6,893.60"))]
    assert len(amounts) == 6  # beginning, two movements, in, out, end
    assert not any(unit in line for line in of_month)
    assert not any(empty in line for line in told)
    assert any(empty in line for line in lines(month(), language))


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("zh", ("职工基本医疗保险", "公务员医疗补助")),
        ("en", ("Employee basic medical insurance", "Civil servants' medical supplement")),
    ],
)
def test_a_month_of_one_of_several_accounts_says_of_which(language: str, names: tuple[str, str]) -> None:
    alone = month(-8640)
    both = replace(alone, accounts=(*ACCOUNTS, AccountLine("320", "1", Fen(1000))))
    for code, name in zip(("310", "320"), names, strict=True):
        assert name in lines(replace(both, ledger_of=code), language)
        assert name not in lines(replace(alone, ledger_of=code), language)


_SAME = [
    ("slip.number_label", "Result.number_label"),
    ("slip.number_label", "PartialResult.number_label"),
    ("slip.number_label", "BeingChecked.number_label"),
    ("slip.hand_over.number_label", "Refusal.number_label"),
    ("slip.name_label", "Review.name_label"),
    ("slip.card_label", "Review.card_label"),
    ("slip.balance.as_of", "Balance.as_of_label"),
    ("slip.activated.effect_now", "Result.variant.activated.effect_now"),
    ("slip.activated.effect_next_day", "Result.variant.activated.effect_next_day"),
    ("slip.activated.bank", "Result.variant.activated.bank_note"),
    ("slip.activated.bank_unknown", "Result.variant.activated.bank_note_unknown"),
    ("slip.activated_without_pin.outcome", "PartialResult.variant.activated_without_pin.open"),
    ("slip.activated_without_pin.detail", "PartialResult.variant.activated_without_pin.done"),
    ("slip.activated_pin_unproved.outcome", "PartialResult.variant.activated_pin_unproved.open"),
    ("slip.pin_unproved.outcome", "PartialResult.variant.pin_unproved.open"),
    ("slip.pin_set_unrecorded.detail", "PartialResult.variant.pin_set_unrecorded.open"),
    ("slip.pin_set_unrecorded.next", "PartialResult.variant.pin_set_unrecorded.next"),
]
"""What says the same on paper and on the glass."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("paper", "glass"), _SAME)
def test_paper_and_glass_call_the_same_thing_by_the_same_words(paper: str, glass: str, language: str) -> None:
    facts = {"at": "", "bank": "B", "bank_name": "B"}
    words = catalogues()[language]
    said = [words.say(key, **facts).strip().rstrip(".。") for key in (paper, glass)]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("language", "name", "shown"), [("zh", "个人账户", "个人账户余额"), ("en", "personal account", "Your balance")]
)
def test_the_account_has_one_name_wherever_it_is_named(language: str, name: str, shown: str) -> None:
    """That of the rules on basic medical insurance; on the screen there is room for it in Chinese only."""
    say = catalogues()[language].say
    for key in ("slip.balance.heading", "Refusal.variant.not_insured.title"):
        assert name in say(key).lower(), key
    assert say("Balance.title") == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_month_on_paper_has_the_names_of_the_month_on_the_glass(language: str) -> None:
    told = lines(month(-8640, 198000), language)
    for slot in ("opening", "money_in", "money_out", "closing"):
        assert [line for line in told if line.startswith(catalogues()[language].say(f"Movements.{slot}") + ": ")]
