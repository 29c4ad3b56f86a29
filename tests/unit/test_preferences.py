"""How a citizen wants the glass: what may be wished for, whom larger letters are offered, and that nothing stays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from kiosk.config import ConfigError, parse
from kiosk.screens import Attract, Finish, Hand, Menu, Pick, Prefer, Preferences, Proceed, Reach, Scene, Size
from kiosk.settings import Settings
from tests.helpers.storyboard import Stage, visited
from tests.helpers.virtual_time import run

DEFAULT = Preferences()


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        (Prefer("size", "xlarge"), Preferences(size=Size.XLARGE)),
        (Prefer("reach", "low"), Preferences(reach=Reach.LOW)),
        (Prefer("hand", "left"), Preferences(hand=Hand.LEFT)),
        (Prefer("hand", "third"), DEFAULT),
        (Prefer("reach", "high"), DEFAULT),
    ],
)
def test_a_wish_changes_what_it_names(wish: Prefer, wanted: Preferences) -> None:
    assert Settings().prefer(DEFAULT, wish) == wanted


def test_every_larger_size_has_more_time() -> None:
    settings = Settings(idle_normal_s=60, idle_large_s=120)
    assert [settings.idle_s(size) for size in Size] == [60, 120, 120]


@pytest.mark.parametrize(
    ("born", "offered"),
    [
        (date(1961, 11, 21), True),  # 65 today
        (date(1961, 11, 22), False),  # 65 tomorrow
        (date(1930, 1, 1), True),
        (date(2000, 2, 29), False),
        (None, False),
    ],
)
def test_larger_letters_are_offered_from_65_on(born: date | None, offered: bool) -> None:
    assert Settings().offers_large(born, date(2026, 11, 21)) is offered


def test_the_mounting_is_read_and_checked() -> None:
    assert parse({}, "x").panel.lower_edge_mm == 850
    assert parse({"screen": {"lower_edge_mm": 720}}, "x").panel.lower_edge_mm == 720
    with pytest.raises(ConfigError, match="lower_edge_mm"):
        parse({"screen": {"lower_edge_mm": -5}}, "x")


# --- in a visit ------------------------------------------------------------------------------------------------------


OLD, YOUNG = "issued", "sm4_issued"
"""Born in 1948 and in 2000."""


def played(story: Callable[[Stage], Awaitable[None]]) -> None:
    """Let a terminal run while the story is told, and see it back at the beginning with nobody's wishes."""

    async def main() -> None:
        stage = Stage()
        running = asyncio.ensure_future(stage.terminal.run())
        await asyncio.sleep(0)
        try:
            await story(stage)
            stage.answer(Finish())
            await stage.see("TakeCard")
            stage.hall.pull_card()
            stage.hall.lift_id()
            await stage.see("Goodbye")
            assert (await stage.see("Attract")).preferences == DEFAULT
        finally:
            stage.terminal.stop()
            await asyncio.wait_for(running, 60.0)
            await stage.close()

    run(main())


async def _as_far_as_the_review(stage: Stage, slug: str) -> Scene:
    stage.hall.choose(slug)
    await stage.see("Attract")
    stage.answer(Pick("activate"))
    await stage.see("InsertCard")
    stage.hall.insert_card()
    assert not (await stage.see("LayIdCard")).offers_large
    stage.hall.lay_id()
    return await stage.see("Review")


def test_who_is_65_is_asked_and_nothing_of_it_stays() -> None:
    async def story(stage: Stage) -> None:
        assert (await _as_far_as_the_review(stage, OLD)).offers_large
        stage.answer(Prefer("size", "large"))
        scene = await stage.see("Review")
        assert (scene.preferences.size, scene.offers_large) == (Size.LARGE, False)
        stage.answer(Prefer("reach", "low"))
        await stage.see("Review")
        stage.answer(Prefer("hand", "left"))
        scene = await stage.see("Review")
        assert scene.preferences == Preferences(size=Size.LARGE, reach=Reach.LOW, hand=Hand.LEFT)

    played(story)


def test_who_declines_is_not_asked_again() -> None:
    async def story(stage: Stage) -> None:
        await _as_far_as_the_review(stage, OLD)
        stage.answer(Prefer("size", "normal"))
        assert not (await stage.see("Review")).offers_large
        stage.answer(Proceed())
        assert not (await stage.see("EnterPin")).offers_large

    played(story)


def test_who_is_younger_is_not_asked() -> None:
    async def story(stage: Stage) -> None:
        assert not (await _as_far_as_the_review(stage, YOUNG)).offers_large

    played(story)


# --- before a visit --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "stays_s"),
    [
        (Prefer("language", "en"), Settings().idle_normal_s),
        (Prefer("contrast", "high"), Settings().idle_normal_s),
        (Prefer("size", "xlarge"), Settings().idle_large_s),
        (Prefer("speech", "on"), Settings().idle_large_s),
    ],
)
def test_who_wishes_and_goes_away_leaves_nothing_to_the_next(wish: Prefer, stays_s: float) -> None:
    async def story(stage: Stage) -> None:
        wanted = Settings().prefer(DEFAULT, wish)
        assert wanted != DEFAULT
        stage.answer(wish)
        assert (await stage.see("Attract")).preferences == wanted
        await asyncio.sleep(stays_s - 1.0)
        assert stage.scenes[-1].preferences == wanted
        stage.answer(Prefer("hand", "left"))  # somebody is still there
        await asyncio.sleep(stays_s - 1.0)
        assert stage.scenes[-1].preferences == Settings().prefer(wanted, Prefer("hand", "left"))
        await asyncio.sleep(2.0)
        assert isinstance(stage.scenes[-1].screen, Attract)
        assert stage.scenes[-1].preferences == DEFAULT
        shown = len(stage.scenes)
        await asyncio.sleep(600.0)
        assert len(stage.scenes) == shown, "with nobody's wishes it waits for ever"
        stage.hall.insert_card()
        await stage.come(Menu)
        assert stage.scenes[-1].preferences == DEFAULT

    visited(OLD, story)
