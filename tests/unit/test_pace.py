"""The slow are given time, the quick change nothing, and the terminal's own time never counts."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.faults import Fault
from kiosk.pace import MOST, TIMES, USUAL_S, Pace
from kiosk.screens import (
    Attract,
    EnterPin,
    InsertCard,
    Key,
    LayIdCard,
    Pick,
    Prefer,
    Proceed,
    Review,
    Scene,
    StillThere,
    Working,
)
from kiosk.settings import Settings
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

CONFIGURED_S = 60.0


def paced(*pauses: float) -> Pace:
    """A citizen who let so many seconds pass at each question."""
    pace, now = Pace(), 0.0
    for pause in pauses:
        pace.asked(now)
        now += pause
        pace.hand(now)
        pace.rests()
        now += 1000.0  # the terminal works
    pace.asked(now)
    return pace


def test_the_quick_and_the_unknown_get_what_is_configured() -> None:
    assert TIMES * USUAL_S < CONFIGURED_S
    assert Pace().idle_s(CONFIGURED_S) == CONFIGURED_S
    assert paced(0.3, 2, 5, 9, 14).idle_s(CONFIGURED_S) == CONFIGURED_S


def test_the_slow_get_more_and_at_most_three_times_as_much() -> None:
    assert paced(30, 30, 30).idle_s(CONFIGURED_S) > 90
    assert paced(55, 55, 55, 55, 55).idle_s(CONFIGURED_S) == MOST * CONFIGURED_S == 180


def test_whoever_becomes_quick_is_quick_again() -> None:
    assert paced(50, 3).idle_s(CONFIGURED_S) > CONFIGURED_S
    assert paced(50, 3, 3, 3, 3, 3).idle_s(CONFIGURED_S) == CONFIGURED_S


@given(st.lists(st.floats(0, 1e6), max_size=20), st.floats(1, 1e4))
def test_never_less_than_configured_and_never_beyond_the_most(pauses: list[float], configured_s: float) -> None:
    assert configured_s <= paced(*pauses).idle_s(configured_s) <= MOST * configured_s


def test_the_longest_pause_within_a_question_is_what_counts() -> None:
    typed, read = Pace(), Pace()
    for pace, pauses in ((typed, (40, 1, 1, 1, 1, 1)), (read, (40,))):
        pace.asked(0.0)
        now = 0.0
        for pause in pauses:
            now += pause
            pace.hand(now)
            pace.asked(now, again=True)
        pace.asked(now)
    assert typed.idle_s(CONFIGURED_S) == read.idle_s(CONFIGURED_S) > CONFIGURED_S


def test_a_question_that_nobody_touched_says_nothing() -> None:
    pace = Pace()
    pace.asked(0.0)
    pace.rests()
    pace.asked(500.0)
    assert pace.idle_s(CONFIGURED_S) == CONFIGURED_S


# --- in a visit -------------------------------------------------------------------------------------------------------


async def _to_review(stage: Stage, thinks_s: float) -> Scene:
    """As far as the last look, somebody who needs so long before each touch."""
    await stage.see("Attract")
    stage.answer(Pick("activate"))
    await stage.see("InsertCard")
    await asyncio.sleep(thinks_s)
    stage.answer(Prefer("language", "zh"))
    await asyncio.sleep(0.1)
    stage.hall.insert_card()
    await stage.come(LayIdCard)
    await asyncio.sleep(thinks_s)
    stage.answer(Prefer("language", "zh"))
    await asyncio.sleep(0.1)
    stage.hall.lay_id()
    await stage.come(Review)
    assert stage.glass.scene is not None
    return stage.glass.scene


async def _visit(stage: Stage, thinks_s: float) -> float | None:
    running = asyncio.ensure_future(stage.terminal.run())
    try:
        return (await _to_review(stage, thinks_s)).idle_s
    finally:
        stage.terminal.stop()
        stage.hall.pull_card()
        await running
        await stage.close()


@pytest.mark.parametrize(("thinks_s", "at_least", "at_most"), [(2.0, 60, 60), (35.0, 90, 180), (58.0, 150, 180)])
def test_the_scene_says_how_long_this_citizen_has(thinks_s: float, at_least: float, at_most: float) -> None:
    async def main() -> None:
        idle_s = await _visit(Stage(), thinks_s)
        assert idle_s is not None
        assert at_least <= idle_s <= at_most

    run(main())


@pytest.mark.parametrize("slow", ["insurer", "chip", "printer"])
def test_time_of_chip_printer_and_network_is_nobodys_pace(slow: str) -> None:
    """The same visit beside devices that take very long: the quiet that is allowed stays the configured one, and no
    warning comes while they work."""

    async def main() -> None:
        stage = Stage()
        stage.hall.line.faults.fail_always("link", Fault.DELAY, seconds=19.0 if slow == "insurer" else 0.0)
        for late in range(12 if slow == "chip" else 0):
            stage.hall.slot.faults.delay("apdu", 4.0, after=late)
        if slow == "printer":
            stage.hall.mechanism.faults.delay("print", 19.0)
        running = asyncio.ensure_future(stage.terminal.run())
        assert (await _to_review(stage, 8.0)).idle_s == Settings().idle_normal_s
        stage.answer(Proceed())
        for _ in range(2):
            await stage.come(EnterPin)
            await asyncio.sleep(1.0)
            for digit in "580274":
                stage.answer(Key(10 if digit == "0" else int(digit) - 1))
            stage.answer(Proceed())
            await asyncio.sleep(0.1)
        await stage.see("Result")
        for scene in stage.shown():
            assert not isinstance(scene.screen, StillThere)
            if isinstance(scene.screen, Working):
                assert scene.idle_s is None
            elif isinstance(scene.screen, InsertCard | LayIdCard | Review | EnterPin):
                assert scene.idle_s == Settings().idle_normal_s
        stage.terminal.stop()
        stage.hall.pull_card()
        await running
        await stage.close()

    run(main())


def test_who_had_to_say_that_they_are_there_has_more_time_at_once_and_the_next_citizen_has_not() -> None:
    async def main() -> None:
        stage = Stage()
        running = asyncio.ensure_future(stage.terminal.run())
        await stage.see("Attract")
        stage.answer(Pick("activate"))
        first = await stage.see("InsertCard")
        await stage.come(StillThere)
        stage.answer(Proceed())
        await stage.come(InsertCard)
        assert stage.glass.scene is not None
        assert first.idle_s is not None
        assert stage.glass.scene.idle_s is not None
        assert stage.glass.scene.idle_s > 2 * first.idle_s
        await stage.come(Attract)
        stage.answer(Pick("activate"))
        assert (await stage.see("InsertCard")).idle_s == first.idle_s
        stage.terminal.stop()
        await running
        await stage.close()

    run(main())


@pytest.mark.parametrize("wish", [Prefer("size", "large"), Prefer("size", "xlarge"), Prefer("speech", "on")])
def test_large_letters_and_the_voice_give_more_before_anything_is_measured(wish: Prefer) -> None:
    async def main() -> None:
        stage = Stage()
        running = asyncio.ensure_future(stage.terminal.run())
        await stage.see("Attract")
        stage.answer(Pick("activate"))
        plain = (await stage.see("InsertCard")).idle_s
        stage.answer(wish)
        await asyncio.sleep(0.1)
        assert stage.glass.scene is not None
        assert plain is not None
        assert stage.glass.scene.idle_s == Settings().idle_large_s == 2 * plain
        stage.terminal.stop()
        await running
        await stage.close()

    run(main())
    assert paced(80, 80, 80, 80).idle_s(Settings().idle_large_s) > Settings().idle_large_s
