"""A card that leaves, is exchanged, or does not answer, at each screen of each errand, in virtual time.

What is on the glass a second after the card was taken holds nothing of its holder; a card exchanged so quickly that the
reader saw nothing is noticed before anything is changed; a mute or a turned card is told in time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import cast

import pytest

from drivers.faults import Fault
from kiosk.screens import (
    AccountLine,
    CardProblem,
    Holder,
    InsertCard,
    MovementLine,
    PartialResult,
    Pick,
    Reading,
    Refusal,
    Result,
    Scene,
    Slip,
    Working,
)
from kiosk.text import catalogues
from tests.helpers.citizen import ERRANDS, Citizen, Errand, Hand
from tests.helpers.moments import Moments
from tests.helpers.storyboard import Stage, exchange_card, visited
from tests.helpers.virtual_time import run

OFF_THE_SCREEN_S = 1.0
WRONG_WAY_TOLD_S = 1.0
MUTE_TOLD_S = 10.0
MOST_SCENES = 60
WITH_CARD = [errand for errand in ERRANDS if not (errand.by_code and errand.service == "balance")]


def personal(value: object) -> Iterator[object]:
    """What a screen shows of somebody."""
    if isinstance(value, Result | PartialResult):
        return  # they carry a holder for the slip and show none: see below
    if isinstance(value, Holder):
        if value.name or value.card_tail or value.id_number:
            yield value
    elif isinstance(value, AccountLine | MovementLine):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from personal(one)
    elif is_dataclass(value):
        for one in fields(value):
            yield from personal(getattr(value, one.name))


@dataclass
class Pulled:
    screen: str = ""
    shown: bool = False
    """Whether anything personal stood there."""
    left: tuple[str, ...] = ()
    """What of it stood there a second later."""
    after: str = ""
    """The screen that stood there then."""


async def pull_at(errand: Errand, k: int) -> Pulled:
    """Play the errand, take the card away at its k-th scene, and look at the glass a second later."""
    found = Pulled()
    loop = asyncio.get_running_loop()
    stage = Stage()
    stage.hall.choose(errand.person)

    def look() -> None:
        assert stage.glass.scene is not None
        screen = stage.glass.scene.screen
        found.left, found.after = tuple(type(value).__name__ for value in personal(screen)), screen.name

    def pull(citizen: Citizen, scene: Scene) -> bool:
        if stage.hall.card_in == "out":
            return False
        found.screen, found.shown = scene.screen.name, any(personal(scene.screen))
        stage.hall.pull_card()
        loop.call_later(OFF_THE_SCREEN_S, look)
        return True

    running = asyncio.ensure_future(stage.terminal.run())
    await asyncio.sleep(0)
    living = asyncio.ensure_future(Citizen(stage, errand, Hand(k, pull)).live())
    await asyncio.wait({living}, timeout=2000.0)
    living.cancel()
    stage.terminal.stop()
    stage.hall.pull_card()
    await asyncio.wait({living, running})
    await stage.close()
    return found


@pytest.mark.parametrize("errand", WITH_CARD, ids=lambda errand: errand.name)
def test_nothing_of_the_holder_stands_there_a_second_after_the_card_was_taken(errand: Errand) -> None:
    shown: set[str] = set()
    for k in range(MOST_SCENES):
        found = run(pull_at(errand, k))
        assert found.left == (), f"a second after the card was taken at {found.screen}"
        if found.shown:
            shown.add(found.screen)
    assert shown & {"Review", "Balance"} or errand.service == "password", f"a test that sees nobody is blind: {shown}"


def test_a_result_makes_room_as_soon_as_the_card_is_taken() -> None:
    pulled = (run(pull_at(WITH_CARD[0], k)) for k in range(MOST_SCENES))
    at_result = next(found for found in pulled if found.screen == "Result")
    assert at_result.after == "Goodbye"


@pytest.mark.parametrize("screen", [Result, PartialResult])
def test_a_result_shows_nobody(screen: type[Result | PartialResult]) -> None:
    """It may stay when the card was taken while the slip came out: what was done must be read."""
    qml = Path(__file__).parents[2] / "ui" / "qml" / "screens" / f"{screen.__name__}.qml"
    assert "holder" not in qml.read_text("utf-8").casefold()
    words = catalogues()["zh"]
    for task in ("activated", "pin_reset", "printed"):
        wording = words.wording(Result(task, Holder("鱻**", "8642"), "K1", Slip.PRINTED)).values()
        assert not [text for text in wording if "鱻" in text or "8642" in text]


# --- exchanged -------------------------------------------------------------------------------------------------------


async def exchange_at(errand: Errand, screen: str) -> Stage:
    stage = Stage()
    stage.hall.choose(errand.person)
    done: list[str] = []

    def watch(citizen: Citizen, scene: Scene) -> None:
        if scene.screen.name == screen and not done and stage.hall.card_in != "out":
            done.append(screen)
            exchange_card(stage)

    draw = stage.glass.draw

    def drawn(scene: Scene) -> None:
        draw(scene)
        watch(citizen, scene)

    stage.glass.draw = drawn
    citizen = Citizen(stage, errand)
    running = asyncio.ensure_future(stage.terminal.run())
    await asyncio.sleep(0)
    living = asyncio.ensure_future(citizen.live())
    await asyncio.wait({living}, timeout=2000.0)
    living.cancel()
    stage.terminal.stop()
    stage.hall.pull_card()
    await asyncio.wait({living, running})
    assert done, f"{screen} never came"
    return stage


CHANGING = [errand for errand in ERRANDS if errand.service != "balance"]


@pytest.mark.parametrize("errand", CHANGING, ids=lambda errand: errand.name)
def test_an_exchanged_card_is_noticed_before_anything_is_changed(errand: Errand) -> None:
    """Exchanged while the new password is chosen: the last screen before the first change, and the one that takes
    longest."""
    stage = run(exchange_at(errand, "EnterPin"))
    refused = [scene.screen for scene in stage.shown() if isinstance(scene.screen, Refusal)]
    assert refused, stage.trace()
    assert not [scene for scene in stage.shown() if scene.screen.name in ("Result", "PartialResult")], stage.trace()
    assert not stage.journal.tally(), "nothing was even meant to be done"
    other = stage.hall.chip("initial_pin")
    assert other.verifies == 0 or errand.choice == "change"
    run(stage.close())


def test_an_exchanged_card_shows_no_balance_of_the_first_as_its_own() -> None:
    """A balance changes nothing; what was asked for with the first card's password may be shown, and is the first's."""
    errand = next(errand for errand in ERRANDS if errand.name == "balance by card")
    stage = run(exchange_at(errand, "Balance"))
    assert not stage.journal.tally()
    run(stage.close())


# --- turned, and mute ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", ["", "activate", "password", "balance"])
def test_a_card_put_in_the_wrong_way_is_told_within_a_second(chosen: str) -> None:
    async def play(stage: Stage) -> None:
        if chosen:
            stage.answer(Pick(chosen))
            await stage.see("InsertCard")
        stage.hall.insert_card_wrong_way()
        put_in = asyncio.get_running_loop().time()
        told = (await stage.see("InsertCard.wrong_way")).screen
        assert isinstance(told, InsertCard)
        assert told.problem is CardProblem.WRONG_WAY
        assert asyncio.get_running_loop().time() - put_in < WRONG_WAY_TOLD_S

    visited("active", play)


async def silent_at(errand: Errand, k: int) -> float | None:
    """The card does not answer the k-th command of the errand; seconds until the citizen reads of something else than
    work. ``None`` if there are fewer commands."""
    loop = asyncio.get_running_loop()
    stage = Stage(faults=Moments)
    stage.hall.choose(errand.person)
    silent: list[float] = []
    told: list[float] = []
    faults = cast(Moments, stage.hall.slot.faults)
    faults.fail_next("apdu", Fault.MUTE, after=k)
    faults.happen("apdu", lambda: silent.append(loop.time()), after=k)
    draw = stage.glass.draw

    def drawn(scene: Scene) -> None:
        draw(scene)
        if silent and not told and not isinstance(scene.screen, Working | Reading):
            told.append(loop.time() - silent[0])

    stage.glass.draw = drawn
    running = asyncio.ensure_future(stage.terminal.run())
    await asyncio.sleep(0)
    living = asyncio.ensure_future(Citizen(stage, errand).live())
    await asyncio.wait({living}, timeout=2000.0)
    living.cancel()
    stage.terminal.stop()
    stage.hall.pull_card()
    await asyncio.wait({living, running})
    await stage.close()
    return told[0] if silent else None


@pytest.mark.parametrize("errand", WITH_CARD, ids=lambda errand: errand.name)
def test_a_card_that_goes_mute_is_told_within_ten_seconds(errand: Errand) -> None:
    told: list[float] = []
    while (seconds := run(silent_at(errand, len(told)))) is not None:
        told.append(seconds)
    assert len(told) > 3
    assert max(told) < MUTE_TOLD_S, told
