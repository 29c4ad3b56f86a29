"""The terminal between the visits and when something of its own fails: out of order, stopping, unknowns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from drivers.api import Card, MuteCard
from drivers.card.mock import MockCardReader, MockCardSlot
from drivers.faults import Fault
from kiosk.insurer.api import CardRecord, CardRef, Done, Outcome
from kiosk.journal import Item, Journal, JournalBroken
from kiosk.lifecycle import State
from kiosk.screens import (
    Attract,
    Cause,
    Finish,
    InsertCard,
    LayIdCard,
    Menu,
    OutOfOrder,
    Pick,
    Prefer,
    Proceed,
    Refusal,
    Result,
    Scene,
    Screen,
    TakeCard,
)
from kiosk.terminal import Terminal
from tests.helpers.citizen import ERRANDS, Citizen, Hand
from tests.helpers.moments import FillingJournal
from tests.helpers.storyboard import MORNING, Stage, visited
from tests.helpers.virtual_time import run

ACTIVATION, BALANCE = ERRANDS[0], ERRANDS[-1]


def played(story: Callable[[Stage], Awaitable[None]], stage: Callable[[], Stage] = Stage) -> None:
    """Let the terminal run while the story is told."""

    async def main() -> None:
        on = stage()
        running = asyncio.ensure_future(on.terminal.run())
        await asyncio.sleep(0)
        try:
            await story(on)
        finally:
            on.terminal.stop()
            on.hall.pull_card()
            await asyncio.wait_for(running, 60.0)
            await on.close()

    run(main())


def test_a_full_disk_at_the_start_is_said_and_waited_out() -> None:
    def full() -> Stage:
        stage = Stage(journal=FillingJournal)
        assert isinstance(stage.journal, FillingJournal)
        stage.journal.full_from, stage.journal.misses = 0, 4
        return stage

    async def story(stage: Stage) -> None:
        scene = await stage.see("OutOfOrder")
        assert scene.screen == OutOfOrder("J01")
        await stage.see("Attract")

    played(story, full)


class DyingJournal(Journal):
    """Its disk dies while the terminal waits."""

    dead = False

    def __init__(self, clock: Callable[[], datetime], secret: bytes) -> None:
        super().__init__(":memory:", clock, secret)

    def open_items(self) -> list[Item]:
        if self.dead:
            raise JournalBroken("SQLITE_IOERR")
        return super().open_items()


def test_a_disk_that_dies_while_nobody_is_there_is_noticed() -> None:
    async def story(stage: Stage) -> None:
        await stage.see("Attract")
        assert isinstance(stage.journal, DyingJournal)
        stage.journal.dead = True
        assert (await stage.see("OutOfOrder")).screen == OutOfOrder("J01")
        stage.journal.dead = False
        await stage.see("Attract")

    played(story, lambda: Stage(journal=DyingJournal))


async def card_in_before_it_fails(stage: Stage) -> FillingJournal:
    """The next end goes wrong, and the card stays in; the disk may fill."""
    assert isinstance(stage.journal, FillingJournal)
    fails_at(stage, TakeCard)
    stage.hall.insert_card()
    await stage.come(Menu)
    return stage.journal


def fails_at(stage: Stage, *screens: type[Screen[Any]]) -> None:
    draw = stage.glass.draw

    def fails(scene: Scene) -> None:
        if isinstance(scene.screen, screens):
            raise ZeroDivisionError
        draw(scene)

    stage.glass.draw = fails


def test_a_visit_that_an_error_of_ours_ends_is_counted_timed_and_noted_with_its_code() -> None:
    async def story(stage: Stage) -> None:
        async def fails(card: CardRef) -> CardRecord:
            raise ZeroDivisionError

        stage.office.card = fails  # type: ignore[method-assign]
        await stage.see("Attract")
        stage.answer(Pick("balance"))
        await stage.see("InsertCard")
        stage.hall.insert_card()
        assert (await stage.see("Refusal")).screen.code == "X99"  # type: ignore[attr-defined]
        assert stage.terminal.uncaught["visit"] == 1
        stage.hall.pull_card()
        await stage.see("Goodbye")
        (event,) = stage.journal.events("visit")
        assert event.facts == {"service": "balance", "outcome": "X99", "cause": "X99"}
        assert stage.terminal.tally.times().count == 1
        counted = stage.terminal.tally.since_start()
        assert counted.outcomes == {"balance": {"X99": 1}}
        assert (counted.refusals, counted.causes) == ({"fault": 1}, {"X99": 1})

    played(story)


def test_a_visit_that_its_citizen_ends_is_noted_as_that() -> None:
    async def story(stage: Stage) -> None:
        await stage.see("Attract")
        stage.answer(Pick("balance"))
        await stage.see("InsertCard")
        stage.answer(Finish())
        await stage.see("Goodbye")
        (event,) = stage.journal.events("visit")
        assert event.facts == {"service": "balance", "outcome": "finished", "cause": "V01"}

    played(story)


@pytest.mark.parametrize(("person", "has_slip"), [("active", False), ("lost", True)])
def test_only_a_refusal_with_a_slip_for_the_counter_has_a_number(person: str, has_slip: bool) -> None:
    async def story(stage: Stage) -> None:
        stage.hall.choose(person)
        await stage.see("Attract")
        stage.answer(Pick("activate"))
        await stage.see("InsertCard")
        stage.hall.insert_card()
        await stage.see("Refusal")
        (event,) = stage.journal.events("refused")
        assert bool(event.facts["number"]) is has_slip

    played(story)


def test_a_visit_that_ends_in_a_refusal_is_noted_with_that() -> None:
    async def story(stage: Stage) -> None:
        stage.hall.choose("lost")
        await stage.see("Attract")
        stage.answer(Pick("activate"))
        await stage.see("InsertCard")
        stage.hall.insert_card()
        code = (await stage.see("Refusal")).screen.code  # type: ignore[attr-defined]
        stage.answer(Finish())
        await stage.see("TakeCard")
        (event,) = stage.journal.events("visit")
        assert event.facts == {"service": "activate", "outcome": "done", "cause": code}

    played(story)


def test_whoever_looked_at_their_balance_and_went_away_had_what_they_came_for() -> None:
    async def story(stage: Stage) -> None:
        stage.hall.choose("active_retired")
        await stage.see("Attract")
        stage.answer(Pick("balance"))
        await stage.see("InsertCard")
        stage.answer(Pick("credential"))
        await stage.see("ShowCode")
        stage.hall.show_code()
        await stage.see("Balance")
        await stage.see("StillThere")
        await stage.see("Goodbye")
        (event,) = stage.journal.events("visit")
        assert event.facts == {"service": "balance", "outcome": "idle", "cause": ""}

    played(story)


def test_a_reader_that_is_lost_without_a_card_holds_none() -> None:
    async def story(stage: Stage) -> None:
        slot = stage.hall.slot
        assert isinstance(slot, MockCardSlot)
        await stage.see("Attract")
        stage.answer(Pick("balance"))
        await stage.see("InsertCard")
        slot.unplug()
        await stage.see("Refusal")
        stage.answer(Proceed())
        await stage.see("Goodbye")
        await stage.see("Attract")
        assert (await stage.see("OutOfOrder")).screen == OutOfOrder("D01", card_in=False)
        slot.plug()
        await stage.see("Attract")

    played(story)


def test_a_core_that_fails_with_a_card_in_asks_for_it_to_be_taken_before_anything_else() -> None:
    async def story(stage: Stage) -> None:
        fails_at(stage, TakeCard)
        await stage.see("Attract")
        stage.answer(Pick("activate"))
        await stage.see("InsertCard")
        stage.hall.insert_card()
        await stage.see("LayIdCard")
        stage.answer(Finish())
        assert (await stage.see("OutOfOrder")).screen == OutOfOrder("X99", card_in=True)
        assert stage.hall.slot.released
        await asyncio.sleep(300.0)
        assert stage.terminal.state is State.OUT_OF_ORDER
        stage.hall.pull_card()
        await asyncio.sleep(0.1)
        await stage.see("Attract")

    played(story)


def test_a_core_that_cannot_even_tell_what_failed_still_gives_the_card_back() -> None:
    async def story(stage: Stage) -> None:
        fails_at(stage, LayIdCard, Refusal)
        await stage.see("Attract")
        stage.answer(Pick("activate"))
        await stage.see("InsertCard")
        stage.hall.insert_card()
        assert (await stage.see("OutOfOrder")).screen == OutOfOrder("X99", card_in=True)
        assert stage.hall.slot.released
        stage.hall.pull_card()
        await asyncio.sleep(0.1)
        await stage.see("Attract")

    played(story)


def test_a_card_that_is_left_in_for_hours_fills_no_journal() -> None:
    async def story(stage: Stage) -> None:
        fails_at(stage, TakeCard)
        stage.hall.insert_card()
        await stage.come(Menu)
        stage.answer(Finish())
        await stage.see("OutOfOrder")
        await asyncio.sleep(12 * 3600.0)
        assert stage.terminal.code == "X99"
        assert sum(1 for _ in stage.journal.events("probe")) == 1
        stage.hall.pull_card()
        await stage.come(Attract)

    played(story)


def test_a_card_that_is_left_in_does_not_change_what_staff_are_told() -> None:
    """The first cause's code stands until the terminal serves again, although that cause is over before."""

    async def story(stage: Stage) -> None:
        journal = await card_in_before_it_fails(stage)
        journal.full_from, journal.misses = journal.writes, 5
        stage.answer(Finish())
        for _ in range(600):
            await asyncio.sleep(1.0)
            assert stage.terminal.state is State.OUT_OF_ORDER
            assert stage.terminal.code == "J01"
        assert journal.writes > journal.full_from + journal.misses, "it takes writes again"
        assert sum(1 for _ in journal.events("probe")) == 1
        stage.hall.pull_card()
        await stage.come(Attract)
        # Nothing of it is left for the next visit.
        stage.glass.draw = stage._draw
        stage.hall.insert_card()
        await stage.come(Menu)
        stage.answer(Finish())
        await stage.see("TakeCard")
        stage.hall.pull_card()
        await stage.see("Attract")

    played(story, lambda: Stage(journal=FillingJournal))


def test_a_disk_that_fills_while_it_is_out_of_order_for_something_else_lets_nobody_put_a_card_in() -> None:
    """That it could be written hours ago says nothing of now: a citizen would come as far as the activation."""

    async def story(stage: Stage) -> None:
        journal = await card_in_before_it_fails(stage)
        stage.answer(Finish())
        await stage.see("OutOfOrder")
        await asyncio.sleep(3600.0)
        journal.full_from, journal.misses = journal.writes, 1_000_000
        seen = len(stage.scenes)
        stage.hall.pull_card()
        await asyncio.sleep(600.0)
        assert {scene.screen.name for scene in stage.scenes[seen:]} <= {"OutOfOrder"}
        assert stage.terminal.code == "J01"
        journal.misses = 0
        await stage.come(Attract)

    played(story, lambda: Stage(journal=FillingJournal))


def test_a_card_the_wrong_way_at_the_start_is_no_fault_of_the_reader() -> None:
    def put_in() -> Stage:
        stage = Stage()
        stage.hall.insert_card_wrong_way()
        return stage

    async def story(stage: Stage) -> None:
        await stage.see("Attract")
        screen = (await stage.see("InsertCard")).screen
        assert isinstance(screen, InsertCard)
        assert screen.variant == "wrong_way"

    played(story, put_in)


def test_a_terminal_that_closes_asks_for_a_card_the_wrong_way_round_too() -> None:
    async def story(stage: Stage) -> None:
        await stage.see("Attract")
        stage.hall.insert_card_wrong_way()
        await stage.come(InsertCard)
        stage.terminal.stop()
        while stage.terminal.state is not State.STOPPING:
            await asyncio.sleep(0.1)
        assert stage.glass.scene is not None
        assert isinstance(stage.glass.scene.screen, TakeCard)

    played(story)


@pytest.mark.parametrize("tick", range(12))
def test_one_card_after_the_other_that_does_not_answer(tick: int) -> None:
    async def story(stage: Stage) -> None:
        await stage.see("Attract")
        stage.hall.insert_card_wrong_way()
        await asyncio.sleep(tick / 10)  # also just when the reader is asked whether the first is still in
        stage.hall.slot.faults.fail_next("card", Fault.MUTE)
        stage.hall.insert_card()
        await stage.come(InsertCard)
        await asyncio.sleep(2.0)
        assert stage.glass.scene is not None
        assert stage.glass.scene.card_in
        stage.answer(Finish())
        await stage.come(TakeCard)
        stage.hall.pull_card()
        await stage.come(Attract)

    played(story)


def test_a_card_that_comes_in_the_moment_of_the_stop_is_free() -> None:
    async def story(stage: Stage) -> None:
        await stage.see("Attract")
        await asyncio.sleep(1.0)
        stage.hall.insert_card()
        stage.terminal.stop()
        while stage.terminal.state is not State.STOPPING:
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)
        assert stage.hall.slot.released

    played(story)


class HasToldOfIt(MockCardReader):
    """Of the card that is in the wrong way round: once, as it must, and to somebody who did nothing about it."""

    async def card(self) -> Card:
        while True:
            with suppress(MuteCard):
                return await super().card()


def test_nobody_is_asked_to_put_a_card_into_an_occupied_slot() -> None:
    def built() -> Stage:
        stage = Stage()
        assert isinstance(stage.hall.reader, MockCardReader)
        stage.station = replace(stage.station, reader=HasToldOfIt(stage.hall.reader.slot))
        stage.terminal = Terminal(stage.station, stage.glass)
        return stage

    async def story(stage: Stage) -> None:
        await stage.see("Attract")
        stage.hall.insert_card_wrong_way()
        stage.answer(Pick("activate"))
        screen = (await stage.see("InsertCard")).screen
        assert isinstance(screen, InsertCard)
        assert screen.variant == "wrong_way"
        stage.hall.insert_card()
        await stage.see("LayIdCard")

    played(story, built)


def test_a_stopping_terminal_lets_the_result_be_read_and_no_longer() -> None:
    async def story(stage: Stage) -> None:
        loop = asyncio.get_running_loop()
        stage.hall.take_paper()  # a code on the screen stays longest
        living = asyncio.ensure_future(Citizen(stage, ACTIVATION, Hand()).live())
        await stage.come(Result)
        living.cancel()
        begun = loop.time()
        stage.terminal.stop()
        stage.hall.pull_card()
        while stage.terminal.state is not State.STOPPING:
            await asyncio.sleep(0.1)
        assert 4.9 < loop.time() - begun < 6.0

    played(story)


def test_another_language_at_the_result() -> None:
    async def story(stage: Stage) -> None:
        living = asyncio.ensure_future(Citizen(stage, BALANCE, Hand()).live())
        await stage.come(Result)
        living.cancel()
        stage.answer(Prefer("language", "en"))
        await asyncio.sleep(0.1)
        assert "Your slip is printed" in stage.words()
        stage.answer(Proceed())
        await stage.see("Goodbye")

    played(story)


def test_an_unknown_that_turns_out_to_be_done_is_not_done_again() -> None:
    async def story(stage: Stage) -> None:
        journal, card = stage.journal, stage.hall.person.card

        async def outcome(key: str) -> Outcome:
            return Done("410100-20261120-000001", MORNING)

        stage.hall.line.faults.fail_next("outcome", Fault.LOSE)  # the look while nobody is there
        stage.office.outcome = outcome  # type: ignore[method-assign]
        journal.intend("K0", "Activate", journal.subject(card.card_id))
        journal.close("K0", "unknown")
        await stage.see("Attract")
        await asyncio.sleep(1.0)
        stage.answer(Pick("activate"))
        await stage.see("InsertCard")
        stage.hall.insert_card()
        screen = (await stage.see("Refusal")).screen
        assert isinstance(screen, Refusal)
        assert screen.cause is Cause.ALREADY_ACTIVE
        assert screen.offer is not None
        assert screen.offer.id == "reset", "the password is what is still to be set"
        assert journal.open_items() == []

    played(story)


def test_a_reader_that_comes_and_goes_costs_nobody_a_visit() -> None:
    async def story(stage: Stage) -> None:
        slot = stage.hall.slot
        assert isinstance(slot, MockCardSlot)
        await stage.see("Attract")
        for _ in range(3):
            slot.unplug()
            assert (await stage.see("OutOfOrder")).screen == OutOfOrder("D01")
            slot.plug()
            await stage.see("Attract")
        stage.hall.insert_card()
        await stage.see("Menu")

    played(story)


@pytest.mark.parametrize(
    ("wish", "stays"), [(None, False), (Prefer("size", "large"), True), (Prefer("speech", "on"), True)]
)
def test_whoever_reads_large_letters_or_listens_has_twice_the_time_for_what_is_told(
    wish: Prefer | None, stays: bool
) -> None:
    async def story(stage: Stage) -> None:
        if wish is not None:
            stage.answer(wish)
            await asyncio.sleep(0.1)
        stage.hall.insert_card()
        await stage.come(Menu)
        stage.answer(Pick("activate"))
        await stage.see("Refusal")
        await asyncio.sleep(45.0)
        assert stage.glass.scene is not None
        assert isinstance(stage.glass.scene.screen, Refusal) == stays
        await asyncio.sleep(25.0)
        assert not isinstance(stage.glass.scene.screen, Refusal)

    visited("active", story)
