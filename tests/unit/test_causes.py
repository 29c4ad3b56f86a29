"""The cause ledger: every visit that did not bring what it was for has one code, and every code its words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kiosk.causes import OTHER_PARTIAL, OWN, cause_of
from kiosk.endings import Ending
from kiosk.screens import Balance, BeingChecked, Cause, Holder, PartialResult, Refusal, Result, Screen, Slip
from kiosk.text import catalogues

NOW = datetime(2026, 11, 20, 9, 41, tzinfo=UTC)
HOLDER = Holder("段**", "7365")


@pytest.mark.parametrize(
    ("outcome", "told", "cause"),
    [
        ("done", Result("activated", HOLDER, "1", Slip.PRINTED), ""),
        ("done", PartialResult("activated_without_pin", HOLDER, "1", Slip.PRINTED), "P01"),
        ("done", PartialResult("pin_set_unrecorded", HOLDER, "1", Slip.PRINTED), OTHER_PARTIAL),
        ("done", BeingChecked("1", Slip.PRINTED), "U01"),
        ("done", Refusal(Cause.LOST, "R05"), "R05"),
        ("card_gone", Refusal(Cause.NOT_CHANGED, "C01"), "C01"),
        ("D01", Refusal(Cause.DEVICE_DOWN, "D01"), "D01"),
        ("finished", Balance(HOLDER, (), True, NOW), ""),
        ("idle", Balance(HOLDER, (), True, NOW), ""),
        ("finished", None, "V01"),
        ("idle", None, "V02"),
        ("closing", Balance(HOLDER, (), True, NOW), "V03"),
        ("closing", Refusal(Cause.LOST, "R05"), "V03"),
    ],
)
def test_each_failure_has_one_cause(outcome: str, told: Screen[Any] | None, cause: str) -> None:
    assert cause_of(outcome, told) == cause


def test_no_ending_is_without_a_code_and_no_code_without_words() -> None:
    for ending in Ending:
        assert cause_of(ending.value, None)
    for language in catalogues().values():
        assert [code for code in OWN if f"cause.{code}" not in language] == []
