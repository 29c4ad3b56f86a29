"""The watch over the devices: one event and one line per change, and nothing that a citizen could notice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest

from drivers.api import Condition, Health, Remedy
from drivers.card.mock import MockCardSlot
from drivers.printer.mock import MockPrinter
from kiosk.availability import PROBE_S, may_print
from kiosk.screens import Attract, Availability, OutOfOrder
from kiosk.watch import ANSWER_S, EVENT, FAULTS, Watch, ask
from tests.helpers.moments import FillingJournal
from tests.helpers.storyboard import MORNING, Stage, visited
from tests.helpers.virtual_time import run


def noted(stage: Stage) -> list[tuple[object, ...]]:
    return [
        tuple(event.facts[fact] for fact in ("name", "condition", "remedy")) for event in stage.journal.events(EVENT)
    ]


def printer(stage: Stage) -> MockPrinter:
    assert isinstance(stage.hall.printer, MockPrinter)
    return stage.hall.printer


def test_a_start_with_everything_in_order_writes_nothing() -> None:
    async def story(stage: Stage) -> None:
        await asyncio.sleep(10 * PROBE_S)
        assert noted(stage) == []
        assert set(stage.terminal.watch.health) == {"card", "idcard", "scanner", "printer"}
        assert all(health.usable for health in stage.terminal.watch.health.values())

    visited("active", story)


def test_of_a_device_that_is_lost_from_the_start_nobody_says_that_it_was_well(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        stage = Stage()
        printer(stage).unplug()
        with caplog.at_level(logging.INFO, "kiosk.watch"):
            await Watch(stage.station).look()
        assert noted(stage) == [("printer", "offline", "configuration")]

    run(story())
    (line,) = [record.getMessage() for record in caplog.records if record.name == "kiosk.watch"]
    assert line.startswith("printer: offline; remedy: configuration; ")


def test_every_change_is_one_event_and_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async def story(stage: Stage) -> None:
        with caplog.at_level(logging.INFO, "kiosk.watch"):
            stage.hall.take_paper()
            await asyncio.sleep(5 * PROBE_S)
            stage.hall.refill_paper()
            await asyncio.sleep(5 * PROBE_S)
            printer(stage).unplug()
            await asyncio.sleep(5 * PROBE_S)

    expected = [
        ("printer", "user_error", "clear"),
        ("printer", "online", "none"),
        ("printer", "offline", "configuration"),
    ]

    async def story_and_look(stage: Stage) -> None:
        await story(stage)
        assert noted(stage) == expected

    visited("active", story_and_look)
    lines = [record.getMessage() for record in caplog.records if record.name == "kiosk.watch"]
    assert len(lines) == len(expected)
    assert "printer: user_error, was online; remedy: clear; no paper" in lines[0]


def test_the_tiles_come_from_the_same_readings() -> None:
    async def story(stage: Stage) -> None:
        asked = 0
        health = printer(stage).health

        async def counting() -> Health:
            nonlocal asked
            asked += 1
            return await health()

        printer(stage).health = counting  # type: ignore[method-assign]
        stage.hall.take_paper()
        await asyncio.sleep(4 * PROBE_S)
        assert 4 <= asked <= 6
        assert not printer(stage).faults.calls["status"], "the printer was asked twice"
        assert stage.glass.scene is not None
        screen = stage.glass.scene.screen
        assert isinstance(screen, Attract)
        assert Availability.WITHOUT_PAPER in {tile.available for tile in screen.services}

    visited("active", story)


def test_a_reader_that_was_gone_for_a_moment_was_gone() -> None:
    async def story(stage: Stage) -> None:
        slot = stage.hall.slot
        assert isinstance(slot, MockCardSlot)
        slot.unplug()
        assert (await stage.see("OutOfOrder")).screen == OutOfOrder("D01")
        await asyncio.sleep(0.1)
        slot.plug()
        await stage.see("Attract")
        assert noted(stage) == [("card", "no_device", "maintenance"), ("card", "online", "none")]

    visited("active", story)


def test_a_reader_that_is_back_after_a_night_is_noticed_within_5_s() -> None:
    async def story(stage: Stage) -> None:
        slot = stage.hall.slot
        assert isinstance(slot, MockCardSlot)
        slot.unplug()
        await stage.see("OutOfOrder")
        await asyncio.sleep(12 * 3600.0)
        slot.plug()
        plugged = asyncio.get_running_loop().time()
        await stage.see("Attract")
        assert asyncio.get_running_loop().time() - plugged < 5.0
        assert sum(1 for _ in stage.journal.events("probe")) == 1, "a night of looks fills no journal"

    visited("active", story)


def test_a_full_disk_keeps_no_device_from_being_watched() -> None:
    async def story(stage: Stage) -> None:
        assert isinstance(stage.journal, FillingJournal)
        stage.journal.full_from, stage.journal.misses = 0, 1
        stage.hall.take_paper()
        await asyncio.sleep(3 * PROBE_S)
        assert stage.terminal.watch.health["printer"].condition is Condition.USER_ERROR

    visited("active", story, lambda: Stage(journal=FillingJournal))


class Device:
    """Somebody else's driver."""

    def __init__(self, answer: Callable[[], Coroutine[Any, Any, Health]]) -> None:
        self.health = answer

    async def close(self) -> None:
        pass


def test_a_driver_that_never_says_how_it_is() -> None:
    async def silent() -> Health:
        await asyncio.Event().wait()
        return Health(Condition.ONLINE)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        health = await ask(Device(silent))
        assert health.condition is Condition.OFFLINE
        assert health.remedy is Remedy.RESET
        assert loop.time() - begun == pytest.approx(ANSWER_S)

    run(main())


def test_a_driver_that_raises_where_it_must_not() -> None:
    async def failing() -> Health:
        raise ZeroDivisionError

    health = asyncio.run(ask(Device(failing)))
    assert health.condition is Condition.UNKNOWN
    assert health.remedy is Remedy.MAINTENANCE


ODD = (None, "online", Health("online"), Health(Condition.ONLINE, "none"))  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", ODD)
def test_an_answer_that_is_no_health_says_nothing(answer: Any) -> None:
    async def odd() -> Health:
        return answer  # type: ignore[no-any-return]

    health = asyncio.run(ask(Device(odd)))
    assert health.condition is Condition.UNKNOWN
    assert health.remedy is Remedy.MAINTENANCE


def test_being_at_work_and_starting_are_no_changes() -> None:
    async def main() -> None:
        stage = Stage()
        answers = [Condition.STARTING, Condition.BUSY, Condition.ONLINE, Condition.BUSY]

        async def answer() -> Health:
            return Health(answers.pop(0))

        stage.hall.printer.health = answer  # type: ignore[method-assign]
        watch = Watch(stage.station)
        while answers:
            await watch.look()
        assert noted(stage) == []
        await stage.close()

    run(main())


@pytest.mark.parametrize("condition", Condition)
def test_paper_is_promised_unless_something_is_known_to_be_wrong(condition: Condition) -> None:
    assert may_print(Health(condition)) is (condition not in FAULTS)


def test_events_are_found_again_by_kind_and_time() -> None:
    async def main() -> None:
        stage = Stage()
        for number in range(1203):
            stage.journal.event("visit" if number % 2 else "other", outcome="done", number=number)
        stage.journal.event("other", kind_of="visit")
        visits = list(stage.journal.events("visit"))
        assert [visit.facts["number"] for visit in visits] == list(range(1, 1203, 2))
        assert all(visit.at == MORNING for visit in visits)
        assert list(stage.journal.events("visit", MORNING + timedelta(seconds=1))) == []
        assert stage.journal.latest() == MORNING
        assert stage.journal.tally() == {}
        await stage.close()

    run(main())
