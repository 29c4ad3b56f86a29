"""Operator mode on mocks and a virtual clock: devices tested, paper changed, the terminal opened and closed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kiosk.core import Core
from kiosk.journal import JournalFull
from kiosk.lifecycle import State
from kiosk.maintenance.kept import Reason
from kiosk.maintenance.session import CLEANING_S
from kiosk.recovery import ASKED_S
from kiosk.screens import (
    Attract,
    Back,
    Closed,
    Finish,
    Pick,
    Prefer,
    Proceed,
    StaffCleaning,
    Summon,
    Touched,
)
from kiosk.terminal import PROBE_LONGEST_S
from tests.helpers.citizen import ERRANDS
from tests.helpers.operator import Hall, menu, page, played, values
from tests.helpers.virtual_time import run

BALANCE = ERRANDS[-1]


# --- devices ----------------------------------------------------------------------------------------------------------


def test_every_device_one_by_one(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("tests")
        assert [item.id for item in menu(hall).items] == [
            "card", "idcard", "scanner", "printer", "insurer", "pinpad",
        ]  # fmt: skip
        await hall.pick("card")
        hall.hall.insert_card()
        await asyncio.sleep(2.0)
        assert page(hall).topic == "test_done"
        assert "*****" in values(hall)
        assert hall.hall.person.person.name not in values(hall)
        await hall.pick("back")
        assert page(hall).topic == "take_card"
        hall.hall.pull_card()
        await asyncio.sleep(1.0)
        await hall.pick("idcard")
        hall.hall.lay_id()
        await asyncio.sleep(2.0)
        assert page(hall).topic == "test_done"
        assert hall.hall.person.person.name not in values(hall)
        await hall.pick("back", "scanner")
        hall.hall.show_code()
        await asyncio.sleep(2.0)
        assert "28" in values(hall), "how long the code is, and not the code"
        await hall.pick("back", "printer")
        assert page(hall).topic == "test_printed"
        await hall.pick("yes")
        assert page(hall).topic == "test_done"
        await hall.pick("back", "insurer")
        assert page(hall).topic == "test_done"
        await hall.pick("back", "pinpad")
        for key in ("1", "2", "3", "4", "5", "6", "enter"):
            hall.hall.press_key(key)
            await asyncio.sleep(0.2)
        await asyncio.sleep(1.0)
        assert page(hall).topic == "test_done"
        results = [(facts["device"], facts["result"]) for act, facts in hall.noted() if act == "test"]
        assert results == [(item, "passed") for item in ("card", "idcard", "scanner", "printer", "insurer", "pinpad")]

    played(tmp_path, story, pin_pad=True)


@pytest.mark.parametrize(
    ("region", "topic", "says"),
    [("410100", "test_done", "*****"), ("320100", "test_failed", "N03")],
    ids=["of here", "of elsewhere"],
)
def test_a_third_generation_card_is_read_with_the_centres_key(
    tmp_path: Path, region: str, topic: str, says: str
) -> None:
    async def story(hall: Hall) -> None:
        hall.hall.choose("sm4_card")
        hall.office._region = region  # whose cards the centre gives its read key for
        await hall.enter()
        await hall.pick("tests", "card")
        hall.hall.insert_card()
        await asyncio.sleep(2.0)
        assert page(hall).topic == topic
        assert says in values(hall)

    played(tmp_path, story)


@pytest.mark.parametrize(
    ("device", "breaks", "says"),
    [
        ("card", lambda hall: hall.slot.unplug(), "D01"),
        ("idcard", lambda hall: hall.unplug_id_reader(), "D01"),
        ("scanner", lambda hall: hall.unplug_camera(), "D01"),
        ("printer", lambda hall: hall.take_paper(), "D03"),
        ("insurer", lambda hall: hall.cut_network(), "N01"),
    ],
)
def test_a_device_that_fails_its_test_says_what_to_do(tmp_path: Path, device: str, breaks: Any, says: str) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("tests")
        breaks(hall.hall)
        await hall.pick(device)
        await asyncio.sleep(15.0)
        assert page(hall).topic == "test_failed"
        assert says in values(hall)
        assert len(page(hall).rows) >= 2
        assert hall.noted()[-1][1]["result"] == "failed"

    played(tmp_path, story)


def test_paper_that_a_driver_believes_in_and_nobody_sees_has_not_passed(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("tests", "printer", "no")
        assert page(hall).topic == "test_failed"
        assert hall.noted()[-1][1]["result"] == "failed"
        await hall.pick("again")
        assert page(hall).topic == "test_printed"

    played(tmp_path, story)


def test_a_voice_is_heard_by_whoever_stands_there(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("tests", "voice")
        await asyncio.sleep(20.0)
        assert page(hall).topic == "test_said"
        await hall.pick("not_heard")
        assert page(hall).topic == "test_failed"
        await hall.pick("back", "back", "hall", "volume", "full")
        assert {item.id: item.value for item in menu(hall).items}["volume"] == "最大"
        await hall.tap(Finish())
        assert hall.glass.scene is not None
        assert hall.glass.scene.preferences.volume == "full"

    played(tmp_path, story, voice=True)


def test_a_test_that_is_given_up(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("tests", "idcard", "back")
        assert menu(hall).topic == "tests"
        assert hall.noted()[-1][1]["result"] == "stopped"

    played(tmp_path, story)


def test_new_paper_step_by_step(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        hall.hall.take_paper()
        await hall.enter()
        await hall.pick("paper")
        assert page(hall).topic == "paper_open"
        hall.hall.open_cover()
        await asyncio.sleep(1.0)
        assert page(hall).topic == "paper_load"
        hall.hall.mechanism.refill()  # also closes the cover
        hall.hall.open_cover()
        await asyncio.sleep(1.0)
        assert page(hall).topic == "paper_close"
        hall.hall.close_cover()
        await asyncio.sleep(2.0)
        assert page(hall).topic == "test_printed"
        await hall.pick("yes", "back")
        assert menu(hall).topic == "main"
        assert hall.noted()[-1] == ("paper", hall.noted()[-1][1] | {"result": "passed"})

    played(tmp_path, story)


def test_while_it_is_cleaned_no_touch_counts_and_it_ends_by_itself(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("cleaning")
        assert isinstance(hall.screen, StaffCleaning)
        assert hall.glass.scene is not None
        for answer in (Pick("tests"), Proceed(), Back(), Finish(), Summon(), Touched(), Prefer("language", "en")) * 3:
            hall.glass.receive(answer, hall.glass.scene.serial)
            await asyncio.sleep(1.0)
            assert isinstance(hall.screen, StaffCleaning)
        assert 30 < hall.screen.seconds < CLEANING_S
        await asyncio.sleep(CLEANING_S)
        assert menu(hall).topic == "main"

    played(tmp_path, story)


# --- open and closed --------------------------------------------------------------------------------------------------


def test_a_pause_says_why_and_outlives_a_restart(tmp_path: Path) -> None:
    async def close(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("service", "pause", "paper_reason")
        await hall.tap(Finish())
        assert hall.screen == Closed("paper")
        assert "换纸" in hall.words()
        hall.hall.insert_card()
        await asyncio.sleep(5.0)
        assert isinstance(hall.screen, Closed), "nobody is served meanwhile"
        hall.hall.pull_card()

    async def reopen(hall: Hall) -> None:
        assert hall.screen == Closed("paper")
        await hall.enter()
        await hall.pick("service", "reopen")
        await hall.tap(Finish())
        assert isinstance(hall.screen, Attract)

    async def still_open(hall: Hall) -> None:
        assert isinstance(hall.screen, Attract)
        assert [act for act in hall.acts() if act in ("closed", "reopened")] == ["closed", "reopened"]

    for story in (close, reopen, still_open):
        played(tmp_path, story)


def test_out_of_service_with_a_reader_that_is_gone_stays_closed(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        hall.hall.slot.unplug()  # type: ignore[attr-defined]
        await asyncio.sleep(2.0)
        assert hall.terminal.state is State.OUT_OF_ORDER
        await hall.enter()
        await hall.pick("service", "out_of_service", "repair")
        await hall.tap(Finish())
        assert hall.screen == Closed("repair")
        assert hall.noted()[-2][1] == hall.noted()[-2][1] | {"how": "out_of_service", "reason": "repair"}

    played(tmp_path, story)


def test_touches_on_a_terminal_that_is_out_of_order_ask_for_nothing(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        hall.hall.slot.unplug()  # type: ignore[attr-defined]
        await asyncio.sleep(2.0)
        asked = 0

        async def counted(name: str) -> Any:
            nonlocal asked
            asked += 1
            return await ask(name)

        ask = hall.terminal.watch.ask
        hall.terminal.watch.ask = counted  # type: ignore[method-assign]
        for _ in range(100):
            hall.glass.receive(Touched(), 0)
            await asyncio.sleep(0.1)
        assert asked < 10

    played(tmp_path, story)


def test_a_restart_is_asked_for_and_told_to_the_supervisor(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("service", "restart")
        assert page(hall).topic == "restart_ask"
        hall.answer(Pick("restart"))
        await asyncio.sleep(1.0)
        assert hall.terminal.restart
        assert hall.terminal.state is State.STOPPING
        assert hall.acts()[-1] == "restart"

    played(tmp_path, story)


def test_the_program_ends_so_that_it_is_started_anew(tmp_path: Path) -> None:
    async def main() -> None:
        hall, core = Hall(tmp_path), Core()
        living = asyncio.ensure_future(core.live(hall.station.reader, lambda: hall.station, hall._draw))
        await asyncio.sleep(0.5)
        assert core.glass is not None
        hall.glass = core.glass
        await hall.enter()
        await hall.pick("service", "restart")
        assert not core.restart()
        hall.answer(Pick("restart"))
        await asyncio.wait_for(living, 30.0)
        assert core.restart()

    run(main())


def test_what_stayed_unknown_is_settled_while_it_is_closed(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("service", "pause", "back_soon")
        hall.journal.intend("K9", "Activate", hall.journal.subject("41" * 16))
        hall.journal.close("K9", "unknown")
        await hall.tap(Finish())
        await asyncio.sleep(ASKED_S[0] + 10.0)
        assert isinstance(hall.screen, Closed)
        assert hall.journal.open_items() == []

    played(tmp_path, story)


@pytest.mark.parametrize("reader", ["there", "gone"])
def test_what_is_closed_stays_closed_when_its_disk_was_full_at_the_start(tmp_path: Path, reader: str) -> None:
    async def main() -> None:
        hall = Hall(tmp_path)
        hall.room.kept.close(Reason.REPAIR)
        if reader == "gone":
            hall.hall.slot.unplug()  # type: ignore[attr-defined]
        event = hall.journal.event
        hall.journal.event = full  # type: ignore[method-assign]
        running = asyncio.ensure_future(hall.terminal.run())
        await asyncio.sleep(3.0)
        assert hall.terminal.code == "J01"
        hall.journal.event = event  # type: ignore[method-assign]
        await asyncio.sleep(PROBE_LONGEST_S)
        assert hall.screen == Closed("repair"), hall.trace()
        assert hall.terminal.state is State.CLOSED
        hall.terminal.stop()
        await asyncio.wait_for(running, 60.0)
        await hall.close()

    run(main())


def full(*_: object, **__: object) -> None:
    raise JournalFull("SQLITE_FULL")


def test_a_disk_that_is_full_while_it_is_closed_is_told_and_settling_goes_on_afterwards(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("service", "pause", "back_soon")
        hall.journal.intend("K9", "Activate", hall.journal.subject("41" * 16))
        hall.journal.close("K9", "unknown")
        tidy, event = hall.journal.tidy, hall.journal.event
        await hall.tap(Finish())
        hall.journal.tidy = hall.journal.event = full  # type: ignore[method-assign, assignment]
        await asyncio.sleep(10.0)
        assert hall.terminal.code == "J01", hall.trace()
        hall.journal.tidy, hall.journal.event = tidy, event  # type: ignore[method-assign]
        await asyncio.sleep(ASKED_S[0] + PROBE_LONGEST_S)
        assert hall.screen == Closed("back_soon"), hall.trace()
        assert hall.journal.open_items() == []

    played(tmp_path, story)
