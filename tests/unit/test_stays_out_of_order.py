"""Trouble that comes back each time the terminal tries again: it is said once, looked at ever more rarely, and over by
itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import pytest

from drivers.api import Card, DeviceInUse, DeviceLost, Remedy
from drivers.card.mock import MockCardReader, MockCardSlot
from kiosk.journal import Journal, JournalFull
from kiosk.lifecycle import State
from kiosk.rehearsal import LASTS_S
from kiosk.screens import Attract, Menu, OutOfOrder, Pick, Proceed, Refusal, Scene
from kiosk.terminal import PROBE_LONGEST_S, PROBE_S, RELAPSE_LONGEST_S, Terminal
from kiosk.watch import EVENT
from tests.helpers.storyboard import Stage, visited

HOUR_S = 3600.0


class Refuses(MockCardReader):
    """A reader that says it is well while somebody else holds the card that is in."""

    error: Exception | None = None
    after_s = 0.05

    async def card(self) -> Card:
        if self.error is None:
            return await super().card()
        await asyncio.sleep(self.after_s)
        raise type(self.error)(*self.error.args)


class CannotForget(Journal):
    """Takes every record, and fails when it shall drop some."""

    def __init__(self, clock: Callable[[], datetime], secret: bytes) -> None:
        super().__init__(":memory:", clock, secret)
        self.error: Exception | None = None
        self.tidied = 0
        self.well_at_first = 0

    def tidy(self) -> bool:
        self.tidied += 1
        if self.error is not None and self.tidied > self.well_at_first:
            raise type(self.error)(*self.error.args)
        return False


def played(story: Callable[[Stage, Refuses, CannotForget], Awaitable[None]]) -> None:
    def build() -> Stage:
        stage = Stage(journal=CannotForget)
        assert isinstance(stage.hall.reader, MockCardReader)
        stage.hall.reader = Refuses(stage.hall.reader.slot)
        stage.station = replace(stage.station, reader=stage.hall.reader)
        stage.terminal = Terminal(stage.station, stage.glass)
        return stage

    async def told(stage: Stage) -> None:
        assert isinstance(stage.hall.reader, Refuses)
        assert isinstance(stage.journal, CannotForget)
        await story(stage, stage.hall.reader, stage.journal)

    visited("active", told, build)


def since(stage: Stage, serial: int) -> set[str]:
    """Every screen that came after this one."""
    return {scene.screen.name for scene in stage.scenes if scene.serial > serial}


def serial(stage: Stage) -> int:
    assert stage.glass.scene is not None
    return stage.glass.scene.serial


def records(stage: Stage) -> int:
    return sum(sum(1 for _ in stage.journal.events(kind)) for kind in (EVENT, "probe"))


async def until_reader_fails(stage: Stage, reader: Refuses, error: Exception) -> None:
    """With the next card that somebody puts in."""
    reader.error = error
    stage.answer(Pick("activate"))
    await stage.come(Refusal)
    stage.answer(Proceed())
    await stage.come(OutOfOrder)


def test_a_reader_that_says_it_is_well_and_gives_no_card(caplog: pytest.LogCaptureFixture) -> None:
    async def story(stage: Stage, reader: Refuses, journal: CannotForget) -> None:
        await until_reader_fails(stage, reader, DeviceLost("connecting: busy"))
        assert isinstance(shown := stage.glass.scene.screen if stage.glass.scene else None, OutOfOrder)
        assert shown.card_in, "there is one in, most likely, that it cannot give"
        begun = serial(stage)
        await asyncio.sleep(HOUR_S)
        assert stage.terminal.code == "D01"
        assert since(stage, begun) <= {"OutOfOrder"}
        assert serial(stage) - begun < 5
        assert [event.facts["condition"] for event in journal.events(EVENT)] == ["offline"]
        assert records(stage) == 2
        reader.error = None
        await asyncio.sleep(PROBE_LONGEST_S + LASTS_S + 0.5)
        assert stage.terminal.state is State.ATTRACT
        await asyncio.sleep(PROBE_S + 5.0)
        assert [event.facts["condition"] for event in journal.events(EVENT)] == ["offline", "online"]

    with caplog.at_level(logging.WARNING):
        played(story)
    tellers = ("kiosk.watch", "kiosk.terminal", "kiosk.reception")
    lines = [record.getMessage() for record in caplog.records if record.name in tellers]
    assert [line.partition(":")[0] for line in lines] == [
        "a visit ended with D01",
        "the card reader is gone",
        "card",
        "card",
    ]


def test_a_card_that_another_program_holds(caplog: pytest.LogCaptureFixture) -> None:
    async def story(stage: Stage, reader: Refuses, journal: CannotForget) -> None:
        await until_reader_fails(stage, reader, DeviceInUse("another program holds the card"))
        assert isinstance(shown := stage.glass.scene.screen if stage.glass.scene else None, OutOfOrder)
        assert shown.card_in, "the citizen can take it, whoever holds it"
        assert stage.terminal.code == shown.code == "D05"
        told = stage.terminal.watch.health["card"]
        assert (told.remedy, told.detail) == (Remedy.CONFIGURATION, "another program holds the card")
        reader.error = None
        await asyncio.sleep(PROBE_LONGEST_S + LASTS_S + 0.5)
        assert stage.terminal.state is State.ATTRACT

    with caplog.at_level(logging.WARNING):
        played(story)
    lines = [
        record.getMessage()
        for record in caplog.records
        if record.name in ("kiosk.watch", "kiosk.reception", "kiosk.terminal")
    ]
    assert lines[0].startswith("a visit ended with D05")
    assert any("another program holds the card" in line for line in lines)


def test_a_reader_that_raises_what_it_must_not() -> None:
    async def story(stage: Stage, reader: Refuses, journal: CannotForget) -> None:
        await until_reader_fails(stage, reader, RuntimeError("vendor"))
        begun = serial(stage)
        await asyncio.sleep(HOUR_S)
        assert since(stage, begun) <= {"OutOfOrder"}
        assert stage.terminal.code == "X99"
        assert stage.terminal.uncaught["core"] == 1
        reader.error = None
        await stage.come(Attract)

    played(story)


@pytest.mark.parametrize(("error", "code"), [(JournalFull("SQLITE_FULL"), "J01"), (ValueError("?"), "X99")])
@pytest.mark.parametrize("well_at_first", [0, 1])
def test_what_fails_each_time_while_nobody_is_there(error: Exception, code: str, well_at_first: int) -> None:
    """``well_at_first``: so many times it works, and the trouble shows only on the first screen."""

    async def story(stage: Stage, reader: Refuses, journal: CannotForget) -> None:
        journal.error, journal.well_at_first = error, well_at_first
        await stage.come(OutOfOrder)
        begun = serial(stage)
        assert stage.terminal.code == code
        for _ in range(int(HOUR_S)):
            await asyncio.sleep(1.0)
            if well_at_first and stage.terminal.state is State.OUT_OF_ORDER:
                journal.tidied = -1
        if not well_at_first:
            assert since(stage, begun) <= {"OutOfOrder"}
        assert serial(stage) - begun < 2 * HOUR_S / RELAPSE_LONGEST_S + 20
        assert records(stage) < HOUR_S / PROBE_LONGEST_S + 20
        journal.error = None
        await asyncio.sleep(RELAPSE_LONGEST_S + 10.0)
        assert stage.terminal.state is State.ATTRACT
        stage.hall.insert_card()
        await stage.come(Menu)

    played(story)


def test_a_card_that_comes_during_the_rehearsal_is_served() -> None:
    async def story(stage: Stage, reader: Refuses, journal: CannotForget) -> None:
        slot = stage.hall.slot
        assert isinstance(slot, MockCardSlot)
        slot.unplug()
        await stage.see("OutOfOrder")
        slot.plug()
        await asyncio.sleep(PROBE_S + LASTS_S / 2)
        assert stage.terminal.state is State.OUT_OF_ORDER
        begun = serial(stage)
        stage.hall.insert_card()
        await stage.come(Menu)
        assert "Attract" not in since(stage, begun)
        assert not stage.kept

    played(story)


def test_a_terminal_whose_out_of_order_screen_fails_keeps_nothing_else_waiting() -> None:
    async def story(stage: Stage, reader: Refuses, journal: CannotForget) -> None:
        draw = stage.glass.draw

        def fails(scene: Scene) -> None:
            if isinstance(scene.screen, OutOfOrder):
                raise ZeroDivisionError
            draw(scene)

        stage.glass.draw = fails
        slot = stage.hall.slot
        assert isinstance(slot, MockCardSlot)
        slot.unplug()
        await asyncio.sleep(HOUR_S)
        assert stage.terminal.uncaught["core"] < HOUR_S / RELAPSE_LONGEST_S + 20
        stage.glass.draw = draw
        slot.plug()
        await stage.come(Attract)

    played(story)


def test_it_can_be_stopped_although_being_out_of_order_fails() -> None:
    async def story(stage: Stage, reader: Refuses, journal: CannotForget) -> None:
        def fails(scene: Scene) -> None:
            raise ZeroDivisionError

        stage.glass.draw = fails
        slot = stage.hall.slot
        assert isinstance(slot, MockCardSlot)
        slot.unplug()
        await asyncio.sleep(60.0)
        stage.terminal.stop()
        await asyncio.sleep(0.1)
        assert stage.terminal.state is State.STOPPING

    played(story)
