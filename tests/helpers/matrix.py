"""From every place of ``tests.helpers.matrix_places``: something fails, somebody acts, and what becomes of it.

One cell is one visit on mocks and virtual time. What must hold of each: a screen with a way on comes within its time;
left alone from there the card is free within its time; and once all is mended the terminal serves again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from kiosk.lifecycle import State
from kiosk.screens import (
    Attract,
    Goodbye,
    OutOfOrder,
    Reading,
    Scene,
    Starting,
    TakeCard,
    Working,
)
from tests.helpers.matrix_acts import BACK_S, FAILURES, NOBODY_CAN_SAY, NOTHING, Act, Failure, acts
from tests.helpers.matrix_places import LONGEST_S, Labels, Place, Traveller
from tests.helpers.moments import FillingJournal
from tests.helpers.storyboard import Stage

REACTS_S = 0.3
"""So long after the hand a screen that has not changed counts as the answer: it stays."""
NOTICED_S = 30.0
"""So long a terminal that waits is watched for what it notices by itself."""
ASKED_S = 10.0
"""Longest way from a hand to a screen with a way on while nothing is silent: reading, printing and asking included."""
SILENT_S: dict[str, float] = {
    "insurer silent": 95.0,
    NOBODY_CAN_SAY: 45.0,
    "insurer slow": 40.0,
    "line down": 45.0,
    "answer lost": 25.0,
    "answer damaged": 25.0,
    "line down, back after 10 s": 45.0,
    "printer silent": 75.0,
}
"""The same while this is so: every question has its limit (20 s an answer, 0.5 to 15 s from question to question)."""
ALONE_S = 330.0
"""Longest until the card of somebody who does nothing more is free: quiet and warning, what is told 30 s (a code to be
photographed four times that), and the work between."""
SERVES_S = 45.0
"""Once all is mended and the card is taken, the attract screen is back: the longest pause between two looks of a
terminal that is out of order, and the goodbye."""


# --- one cell ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """What became of one failure and one act at one place."""

    leads_to: str
    """The screen with a way on that came; the place itself where it stays."""
    after_s: float
    free_s: float
    """Left alone from there: until the card was free and the terminal waited for somebody."""
    ends_at: str


class DeadEnd(AssertionError):
    """A pair that leads nowhere in time, or keeps the card."""


def _card_free(stage: Stage) -> bool:
    slot = stage.hall.slot
    return slot.chip is None or slot.released


def _way_on(scene: Scene, stage: Stage) -> bool:
    """Whether the citizen can go on from this screen."""
    match scene.screen:
        case Starting() | Reading() | Working() | Goodbye():
            return False
        case TakeCard() | OutOfOrder():
            return _card_free(stage)
        case screen:
            return screen.can_finish or bool(screen.answers)


def _waits(stage: Stage) -> bool:
    """Nobody's visit: the terminal waits for a card to be taken, or for the next citizen, or for staff."""
    scene = stage.glass.scene
    return scene is not None and isinstance(scene.screen, Attract | OutOfOrder | TakeCard) and _card_free(stage)


async def _until(condition: Callable[[], bool], stage: Stage, longest: float) -> bool:
    until = asyncio.get_running_loop().time() + longest
    while not condition():
        left = until - asyncio.get_running_loop().time()
        if left <= 0:
            return False
        stage.came.clear()
        try:
            async with asyncio.timeout(left):
                await stage.came.wait()
        except TimeoutError:
            return condition()
    return True


@asynccontextmanager
async def _at(place: Place) -> AsyncIterator[tuple[Stage, Labels]]:
    """The terminal with this place on its glass, just drawn; whoever brought it there does nothing more."""
    stage = place.journey.stage()
    there = asyncio.Event()
    labels = Labels(stage, lambda scene, text: there.set() if text == place.label else None)
    running = asyncio.ensure_future(stage.terminal.run())
    citizen = Traveller(stage, place.journey.errand, detours=list(place.journey.detours))
    await asyncio.sleep(0)
    living = asyncio.ensure_future(citizen.live())
    try:
        async with asyncio.timeout(LONGEST_S):
            await there.wait()
        living.cancel()
        yield stage, labels
    finally:
        living.cancel()
        stage.terminal.stop()
        stage.hall.pull_card()
        await asyncio.wait({running, living})
        await stage.close()


async def play(place: Place, failure: Failure, choose: str) -> Cell:
    """One failure and one act at one place. Raises DeadEnd."""
    async with _at(place) as (stage, labels):
        return await _from_there(place, failure, choose, stage, labels)


async def what_can_be_done(place: Place) -> list[str]:
    """Names of the acts at a place."""
    async with _at(place) as (stage, _):
        return [act.name for act in acts_here(place, stage)]


async def _from_there(place: Place, failure: Failure, choose: str, stage: Stage, labels: Labels) -> Cell:
    loop = asyncio.get_running_loop()
    act = next(act for act in acts_here(place, stage) if act.name == choose)
    begun, serial = loop.time(), stage.glass.scene.serial if stage.glass.scene else 0
    failure.come(stage)
    act.do(stage)
    where = f"{place.label}; {failure.name}; {act.name}"

    # 1: a screen with a way on
    limit = longest_s(place, failure)
    if act is NOTHING and not isinstance(place.screen, Working | Reading | Starting | Goodbye):
        leads_to, after_s = place.label, 0.0
    else:
        changed = partial(_shows_other, stage, serial)
        await _until(changed, stage, REACTS_S)
        on_way = lambda: stage.glass.scene is not None and _way_on(stage.glass.scene, stage)  # noqa: E731
        if not await _until(on_way, stage, limit):
            raise DeadEnd(f"{where}: {labels.now} and no way on within {limit:g} s")
        leads_to, after_s = labels.now, round(loop.time() - begun, 1) if changed() else 0.0

    # 2: left alone, the card comes free
    begun = loop.time()
    if not await _until(partial(_waits, stage), stage, ALONE_S):
        raise DeadEnd(f"{where}: left alone, {labels.now} and the card not free within {ALONE_S:g} s")
    waited, ends_at = loop.time() - begun, labels.now
    if act is NOTHING and ends_at == place.label:
        await asyncio.sleep(NOTICED_S)
        ends_at = labels.now
    if stage.kept:
        raise DeadEnd(f"{where}: the card was not free at {stage.kept}")

    # 3: mended, the terminal serves
    stage.hall.heal_everything()
    stage.hall.pad.faults.heal()
    stage.hall.lens.faults.heal()
    stage.hall.slot.faults.heal()
    stage.hall.line.faults.heal()
    stage.hall.mechanism.faults.heal()
    assert isinstance(stage.journal, FillingJournal)
    stage.journal.misses = 0
    await asyncio.sleep(BACK_S)  # what was to come back has come
    until = loop.time() + SERVES_S
    while True:
        stage.hall.pull_card()
        stage.hall.lift_id()
        stage.hall.hide_code()
        if (
            stage.terminal.state is State.ATTRACT
            and stage.glass.scene
            and isinstance(stage.glass.scene.screen, Attract)
        ):
            break
        if loop.time() > until + ALONE_S:
            raise DeadEnd(f"{where}: mended, but the terminal is {stage.terminal.state} at {labels.now}")
        await asyncio.sleep(1.0)
    return Cell(leads_to, after_s, round(waited, 1), ends_at)


def longest_s(place: Place, failure: Failure) -> float:
    """How long a way on may take: what is silent has its own limits, and a question that nobody can answer was silent
    before."""
    limit = max(ASKED_S, SILENT_S.get(failure.name, 0.0))
    return max(limit, SILENT_S[NOBODY_CAN_SAY]) if "confirming" in place.label else limit


def acts_here(place: Place, stage: Stage) -> list[Act]:
    hall = stage.hall
    return acts(place.screen, hall.slot.chip is not None, bool(hall.id_laid) and hall.pad.document is not None)


def _shows_other(stage: Stage, serial: int) -> bool:
    return stage.glass.scene is not None and stage.glass.scene.serial != serial


def failures_at(place: Place) -> list[Failure]:
    return [failure for failure in FAILURES if place.journey.errand.on_pad or not failure.on_pad]
