"""A terminal in its two processes, as the supervisor and the citizen see it."""

from __future__ import annotations

import asyncio
import socket
from functools import partial

import pytest

from kiosk.screens import Attract, Proceed, Scene
from tests.helpers import runs
from tests.helpers.processes import until_dead
from ui.app import CRASHED, Exit
from ui.line import Line
from ui.two_processes import REFUSED, RESTART, Answered, StatusLine

run = partial(runs.run, "tests.helpers.run_in_two_processes")


def test_the_glass_is_told_to_stop_and_the_core_puts_its_things_in_order() -> None:
    ran = run("stopped")
    assert ran.status == Exit.STOPPED
    assert "painted Attract" in ran.said
    assert "core hears of frames" in ran.said
    assert ran.said.index("core puts its things in order") < ran.said.index("core ended with 0")
    assert "steps heard" in ran.said


def test_what_the_citizen_does_crosses_and_an_error_of_the_glass_ends_the_visit() -> None:
    ran = run("answers")
    assert ran.status == Exit.STOPPED
    assert "answer Touched 1" in ran.said
    assert "answer Pick 1" in ran.said
    assert "visit ends" in ran.said
    assert "KeyError" in ran.logged
    assert "uncaught in the core: 0" in ran.said


def test_an_error_at_an_answer_is_counted_and_the_line_goes_on() -> None:
    ran = run("fails at an answer")
    assert ran.status == Exit.STOPPED
    assert "visit ends" in ran.said, "what came after the answers was heard"
    assert ran.said[-2] != "uncaught in the core: 0"
    assert "KeyError" in ran.logged


def test_a_core_that_asks_for_a_restart_gets_it() -> None:
    ran = run("restarts")
    assert ran.status == Exit.STOPPED
    assert f"core ended with {RESTART}" in ran.said


@pytest.mark.parametrize(("way", "status"), [("crashes", 70), ("killed", -9)])
def test_a_core_that_is_lost_is_told_on_the_glass(way: str, status: int) -> None:
    ran = run(way)
    assert ran.status == Exit.CRASHED
    assert f"core ended with {status}" in ran.said
    assert f"exit status {status}" in ran.logged
    assert CRASHED == "S90"


def test_a_core_that_does_not_end_is_ended() -> None:
    ran = run("does not end")
    assert ran.status == Exit.CRASHED
    assert "core ended with -9" in ran.said


def test_where_the_core_refuses_there_is_no_window() -> None:
    ran = run("refused")
    assert ran.status == REFUSED
    assert ran.said == ["core refuses", "glass was not wanted"]


def test_pictures_cross_as_fast_as_they_come() -> None:
    ran = run("pictures")
    assert ran.status == Exit.STOPPED
    assert "core hears of frames" in ran.said


def test_when_the_glass_is_killed_the_core_dies_with_it() -> None:
    ran = run("left alone")
    assert ran.status == -9
    (core,) = [int(line.removeprefix("core ")) for line in ran.said if line[5:].isdigit()]
    asyncio.run(until_dead(core))


async def test_values_cross_whole_and_in_order_and_an_end_is_heard() -> None:
    one, other = socket.socketpair()
    with one, other:
        here, there = Line(one), Line(other)
        sending = asyncio.ensure_future(here.keep_sending())
        sent: list[object] = [Scene(1, Attract(())), Answered(Proceed(), 1), StatusLine("x" * 1_000_000)]
        for value in sent:
            here.send(value)
        values = there.values()
        assert [await anext(values) for _ in sent] == sent
        here.hang_up()
        assert [value async for value in values] == []
        sending.cancel()


async def test_half_a_value_is_none() -> None:
    one, other = socket.socketpair()
    with other:
        with one:
            one.sendall(b"\x10\x00\x00\x00half")
        assert [value async for value in Line(other).values()] == []
