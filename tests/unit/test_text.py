"""The catalogue: complete, consistent, and honest about what is missing."""

from datetime import date, datetime
from pathlib import Path

import pytest

from kiosk.faults import codes
from kiosk.money import Fen
from kiosk.receipts.slip import SlipKind
from kiosk.screens import (
    ALL,
    CardProblem,
    Cause,
    CodeProblem,
    Hand,
    Holder,
    IdProblem,
    PinProblem,
    PinPurpose,
    Refusal,
    Result,
    Slip,
    Task,
)
from kiosk.services import ALL as SERVICES
from kiosk.text import CatalogueError, card_tail, catalogues, differences, mask_id_number, mask_name

LANGUAGES = sorted(catalogues())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_and_every_variant_has_its_words(language: str) -> None:
    words = catalogues()[language]
    missing = [screen.__name__ for screen in ALL if f"{screen.__name__}.title" not in words]
    for screen, variants in {
        "InsertCard": CardProblem,
        "LayIdCard": IdProblem,
        "ShowCode": CodeProblem,
        "Refusal": Cause,
        "Working": Task,
        "EnterPin": PinPurpose,
    }.items():
        missing += [f"{screen}.{v}" for v in variants if f"{screen}.variant.{v.value}.title" not in words]
    missing += [f"EnterPin.problem_{p.value}" for p in PinProblem if f"EnterPin.problem_{p.value}" not in words]
    missing += [f"slip.{k.value}" for k in SlipKind if f"slip.{k.value}.heading" not in words]
    missing += [f"service.{s.id}" for s in SERVICES if f"common.service.{s.id}.title" not in words]
    missing += [f"fault.{code}" for code in codes() if f"fault.{code}" not in words]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", Cause)
def test_every_refusal_says_where_to_go_and_what_to_bring(language: str, cause: Cause) -> None:
    words = catalogues()[language].wording(Refusal(cause, "R00"))
    assert all(words[slot] for slot in ("title", "help"))
    done = cause is Cause.ALREADY_ACTIVE  # nothing is left to be done
    assert all((words[slot] == "") == done for slot in ("where", "bring"))


@pytest.mark.parametrize(("language", "switch"), [("zh", "改用"), ("en", "To ")])
def test_the_key_for_the_hand_says_that_a_tap_switches_to_it(language: str, switch: str) -> None:
    """Just after a tap, a hand's bare name would read as the one that was chosen; upright little else has changed."""
    for hand in Hand:
        assert catalogues()[language].say(f"common.hand_{hand}").startswith(switch)


def test_a_code_is_spelt_out() -> None:
    result = Result("activated", Holder("段**", "7365"), "1", Slip.PRINTED, bank="ccb")
    assert "建设银行" in catalogues()["zh"].wording(result)["bank_note"]


def test_money_days_and_times_are_shown_as_people_write_them() -> None:
    zh, en = catalogues()["zh"], catalogues()["en"]
    assert zh.present(Fen(-8640)) == {"text": "−86.40", "negative": True, "zero": False}
    assert zh.present(date(2026, 11, 3)) == "2026年11月3日"
    assert en.present(date(2026, 11, 3)) == "3 November 2026"
    assert zh.present(datetime(2026, 11, 3, 9, 5)) == {"date": "2026年11月3日", "time": "09:05"}  # noqa: DTZ001
    assert Fen(348260).yuan() == "3,482.60"


def test_a_text_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CatalogueError, match="nonsense"):
        catalogues()["zh"].say("nonsense")


def test_differences_between_languages_are_named() -> None:
    found = differences({"a": "{x}", "b": "b"}, {"a": "{y}", "c": "c"}, "xx")
    assert found == [
        "xx: a must have the placeholders: x",
        "xx: b is missing",
        "xx: c stands in no other language; remove it",
    ]


def test_a_key_in_two_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "a.toml").write_text('[X]\nt = "1"\n')
    (tmp_path / "zh" / "b.toml").write_text('[X]\nt = "2"\n')
    with pytest.raises(CatalogueError, match="two files"):
        catalogues(tmp_path)


def test_masks_keep_what_is_allowed_and_nothing_more() -> None:
    assert mask_name("欧阳若曦") == "欧**"
    assert mask_id_number("410105194803099028") == "410***********9028"
    assert card_tail("A12345678") == "5678"
    assert mask_name("") == "**"
