"""The report on dead ends is whole and tells the truth: every place that visits reach stands in it, and what is played
anew here leads where it says. The whole of it is played by ``tests.helpers.matrix_report``.
"""

from __future__ import annotations

import random

import pytest

from drivers.faults import Fault
from kiosk.screens import ALL, Attract, LayIdCard, TakeCard, Working
from kiosk.terminal import Terminal
from tests.helpers.matrix import DeadEnd, failures_at, play, what_can_be_done
from tests.helpers.matrix_acts import FAILURES, NOTHING, Failure
from tests.helpers.matrix_journeys import places
from tests.helpers.matrix_places import Journey, Place
from tests.helpers.matrix_report import REPORT, headings, play_place, rows, without_seconds
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

SAMPLE = 200
"""Cells drawn from the whole and played again, beside the whole places below."""
WHOLE = ("LayIdCard or credential", "Working activating", "Refusal device down, slip on screen")


@pytest.fixture(scope="module")
def found() -> dict[str, Place]:
    return {place.label: place for place in places()}


def test_every_screen_of_a_citizen_is_a_place(found: dict[str, Place]) -> None:
    reached = {label.split(" ")[0] for label in found}
    of_citizens = {screen.__name__ for screen in ALL if screen.__module__ != "kiosk.screens.staff"}
    assert reached == of_citizens


def test_every_place_stands_in_the_report_and_no_other(found: dict[str, Place]) -> None:
    assert headings(REPORT.read_text("utf-8")) == set(found), "make it anew: tests/helpers/matrix_report.py says how"


def test_every_failure_stands_in_the_report() -> None:
    told = REPORT.read_text("utf-8")
    assert [failure.name for failure in FAILURES if f"| {failure.name} | " not in told] == []


@pytest.mark.parametrize("label", WHOLE)
def test_what_the_report_says_of_a_place_is_so(found: dict[str, Place], label: str) -> None:
    played = play_place(found[label])
    assert played.dead_ends == ()
    table = without_seconds("\n".join(rows(played)))
    assert table in without_seconds(REPORT.read_text("utf-8")), "make it anew: tests/helpers/matrix_report.py says how"


def test_no_dead_end_in_a_sample(found: dict[str, Place]) -> None:
    chance = random.Random(20261121)
    wrong: list[str] = []
    for _ in range(SAMPLE):
        place = chance.choice(list(found.values()))
        act = chance.choice(run(what_can_be_done(place)))
        try:
            run(play(place, chance.choice(failures_at(place)), act))
        except DeadEnd as dead:
            wrong.append(str(dead))
    assert not wrong, "\n".join(wrong)


# --- the judge is not blind -------------------------------------------------------------------------------------------


def _place(found: dict[str, Place], kind: type) -> Place:
    return next(place for place in found.values() if isinstance(place.screen, kind))


def test_a_wait_without_end_is_a_dead_end(found: dict[str, Place], monkeypatch: pytest.MonkeyPatch) -> None:
    """An insurer who says nothing, and a terminal with no limit for that."""
    monkeypatch.setattr("kiosk.insurer.patience.ANSWER_S", 100_000.0)
    silent = Failure("n", lambda stage: stage.hall.line.faults.fail_always("link", Fault.DELAY, seconds=90_000.0))
    with pytest.raises(DeadEnd, match="no way on"):
        run(play(_place(found, Working), silent, NOTHING.name))


def test_a_card_that_is_kept_is_a_dead_end(found: dict[str, Place]) -> None:
    def keeps(stage: Stage) -> None:
        slot = stage.hall.slot
        type(slot).released = property(lambda self: False)  # type: ignore[assignment, method-assign]

    from drivers.card.mock import MockCardSlot

    before = MockCardSlot.__dict__["released"]
    try:
        with pytest.raises(DeadEnd, match=r"no way on|not free"):
            run(play(_place(found, LayIdCard), Failure("keeps", keeps), "ends the visit"))
    finally:
        MockCardSlot.released = before  # type: ignore[method-assign]


def test_a_terminal_that_does_not_come_back_is_a_dead_end(found: dict[str, Place]) -> None:
    def breaks(stage: Stage) -> None:
        async def never(self: Terminal) -> bool:
            return False

        stage.terminal._reader_usable = never.__get__(stage.terminal)  # type: ignore[method-assign]
        stage.hall.stop_card_service()

    with pytest.raises(DeadEnd, match="mended"):
        run(play(_place(found, Attract), Failure("never back", breaks), NOTHING.name))


def test_a_journey_that_misses_its_place_says_so(found: dict[str, Place]) -> None:
    take = _place(found, TakeCard)
    short = Place(
        take.label, Journey(take.journey.errand, prepare=lambda stage: stage.hall.stop_card_service()), take.screen
    )
    with pytest.raises(TimeoutError):
        run(play(short, FAILURES[0], NOTHING.name))
