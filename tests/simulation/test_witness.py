"""The witness of simulated days: where one visit ends and the next begins."""

from __future__ import annotations

from typing import Any

from kiosk.screens import Goodbye, InsertCard, Preferences, Reading, Scene, Size, TakeCard
from kiosk.simulation.day.witness import Invariant, Witness


def witness(wrongs: list[tuple[Invariant, str]]) -> Witness:
    def nothing(_: Any) -> Any:
        raise AssertionError("no chip is asked for")

    return Witness(
        lambda invariant, what: wrongs.append((invariant, what)),
        lambda _: None,
        defaults=Preferences(),
        card_kept=lambda: False,
        verifies=lambda: 0,
        chip=nothing,
    )


def test_whoever_is_served_without_the_first_screen_has_a_visit_of_their_own() -> None:
    wrongs: list[tuple[Invariant, str]] = []
    watching = witness(wrongs)
    watching.shown(Scene(1, InsertCard()))
    assert watching._visit is not None
    watching._visit.pages.append(None)  # type: ignore[arg-type]  # a slip, for the visit that is over
    reading = Scene(2, Reading())
    watching.next_one(reading)
    watching.shown(reading)
    watching.shown(Scene(3, TakeCard()))
    watching.shown(Scene(4, Goodbye()))
    assert wrongs == []
    assert watching.visits == 2


def test_without_that_the_slip_would_be_missed_at_the_farewell() -> None:
    wrongs: list[tuple[Invariant, str]] = []
    watching = witness(wrongs)
    watching.shown(Scene(1, InsertCard()))
    assert watching._visit is not None
    watching._visit.pages.append(None)  # type: ignore[arg-type]
    watching.shown(Scene(2, TakeCard()))
    assert [invariant for invariant, _ in wrongs] == [Invariant.SLIP_OF_VISIT]


def test_they_find_nothing_of_the_one_before() -> None:
    wrongs: list[tuple[Invariant, str]] = []
    watching = witness(wrongs)
    large = Preferences(size=Size.LARGE)
    watching.shown(Scene(1, InsertCard(), large))
    watching.next_one(Scene(2, Reading(), large))
    assert [invariant for invariant, _ in wrongs] == [Invariant.NOTHING_PERSONAL]
