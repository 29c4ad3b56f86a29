"""A run of the terminal from the first frame to the exit status, as the supervisor sees it: a process of its own."""

from __future__ import annotations

from functools import partial

import pytest

from kiosk.text import catalogues
from tests.helpers import runs
from ui.app import CRASHED, Exit, since_process_start

run = partial(runs.run, "tests.helpers.run_of_terminal")


def test_sigterm_ends_the_core_and_then_the_process() -> None:
    ran = run("terminated")
    assert ran.status == Exit.STOPPED
    assert ran.said == [
        "core begins",
        *(line for line in ("painted Starting",) if line in ran.said),
        "painted Attract",
        "cursor hidden",
        "core ends",
        "threads 1",
    ]
    assert "SIGTERM" in ran.logged
    assert "painted" in ran.logged


def test_a_core_that_is_done_ends_the_run() -> None:
    ran = run("returns")
    assert ran.status == Exit.STOPPED
    assert ran.said[-1] == "threads 1"


def test_a_core_that_is_over_before_there_is_a_window_ends_the_run_as_well() -> None:
    ran = run("over at once")
    assert ran.status == Exit.STOPPED
    assert ran.said == ["threads 1"]


def test_a_core_that_crashes_ends_in_a_status_for_the_supervisor() -> None:
    ran = run("crashes")
    assert ran.status == Exit.CRASHED
    assert "ValueError" in ran.logged
    (glass,) = [line for line in ran.said if line.startswith("on the glass")]
    assert catalogues()["zh"].say("OutOfOrder.variant.card_in.title") in glass, "the card must be taken out first"
    assert CRASHED in glass


@pytest.mark.parametrize("way", ["fails", "fails in a thread"])
def test_an_exception_nobody_caught_ends_the_visit_and_not_the_terminal(way: str) -> None:
    ran = run(way)
    assert ran.status == Exit.STOPPED
    assert "visit ends in core" in ran.said
    assert "KeyError" in ran.logged


def test_a_glass_that_fails_again_and_again_is_begun_anew() -> None:
    ran = run("fails often")
    assert ran.status == Exit.CRASHED
    assert ran.logged.count("KeyError") >= 4
    assert "core ends" in ran.said


def test_a_terminal_that_cannot_paint_says_what_to_do() -> None:
    ran = run("loses its graphics")
    assert ran.status == Exit.NO_WINDOW
    assert "QT_QUICK_BACKEND=software" in ran.logged
    assert "core ends" in ran.said


def test_a_window_on_the_panel_does_not_close() -> None:
    ran = run("closed")
    assert "closed False" in ran.said
    assert ran.status == Exit.STOPPED
    assert "SIGTERM" in ran.logged


def test_a_window_on_a_desktop_closes_and_that_is_the_end() -> None:
    ran = run("closed on a desktop")
    assert "cursor shown" in ran.said
    assert "closed True" in ran.said
    assert ran.status == Exit.STOPPED
    assert "SIGTERM" not in ran.logged


def test_the_age_of_this_process_is_known() -> None:
    assert 0 < since_process_start() < 3600
