"""Operator mode on mocks and a virtual clock: who gets in, every act, what is kept, what is journaled."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from drivers.printer.mock import MockPrinter
from kiosk.__main__ import _Core
from kiosk.journal.exported import check
from kiosk.lifecycle import State
from kiosk.maintenance.desk import IDLE_S
from kiosk.maintenance.kept import Kept, Reason
from kiosk.maintenance.session import CLEANING_S
from kiosk.screens import (
    Attract,
    Back,
    Closed,
    EntryProblem,
    Finish,
    Pick,
    Prefer,
    Proceed,
    StaffCleaning,
    StaffEntry,
    StaffKeyboard,
    StaffMenu,
    StaffPage,
    StillThere,
    Summon,
    Touched,
)
from tests.helpers.citizen import ERRANDS, Citizen, Hand
from tests.helpers.operator import ENGINEER, OPERATOR, Hall, played
from tests.helpers.virtual_time import run

BALANCE = ERRANDS[-1]


def page(hall: Hall) -> StaffPage:
    assert isinstance(hall.screen, StaffPage), hall.trace()
    return hall.screen


def menu(hall: Hall) -> StaffMenu:
    assert isinstance(hall.screen, StaffMenu), hall.trace()
    return hall.screen


def values(hall: Hall) -> str:
    return "\n".join(f"{row.label}: {row.value}" for row in page(hall).rows)


# --- getting in ------------------------------------------------------------------------------------------------------


def test_in_with_number_and_pin_and_out_again(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        assert isinstance(await hall.enter(), StaffMenu)
        assert hall.terminal.state is State.MAINTENANCE
        await hall.tap(Finish())
        assert isinstance(hall.screen, Attract)
        (_, entered), (_, left) = hall.noted()
        assert entered["role"] == "operator"
        assert len(entered["who"]) == 12
        assert (left["who"], left["why"]) == (entered["who"], "finished")

    played(tmp_path, story)


def test_a_citizen_who_summons_nobody_gets_nothing(tmp_path: Path) -> None:
    """Without a credential the gesture leads to a question, and after a while back."""

    async def story(hall: Hall) -> None:
        await hall.tap(Summon())
        assert isinstance(hall.screen, StaffEntry)
        await asyncio.sleep(60.0)
        assert isinstance(hall.screen, Attract)
        assert hall.acts() == []

    played(tmp_path, story)


def test_wrong_credentials_are_journaled_and_waited_out(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        for wrong in range(3):
            if wrong == 0:
                await hall.enter("01", "111222")
            else:
                await hall.type("01")
                await hall.tap(Proceed())
                await hall.type("111222")
                await hall.tap(Proceed())
            assert isinstance(hall.screen, StaffEntry)
            assert hall.screen.problem is EntryProblem.WRONG
        assert hall.acts() == ["wrong_credential"] * 3
        assert all(facts["who"] == "nobody" for _, facts in hall.noted())
        await hall.type("01")
        await hall.tap(Proceed())
        assert isinstance(hall.screen, StaffEntry)
        assert hall.screen.problem is EntryProblem.WAIT
        assert 20 < (hall.screen.wait_s or 0) <= 30
        await hall.type(OPERATOR)
        await hall.tap(Proceed())
        assert hall.acts() == ["wrong_credential"] * 3, "no try is made while it waits"
        await asyncio.sleep(31.0)
        await hall.tap(Proceed())
        assert isinstance(hall.screen, StaffMenu)
        assert hall.room.kept.failures.count == 0

    played(tmp_path, story)


def test_the_wait_outlives_a_restart(tmp_path: Path) -> None:
    async def fail(hall: Hall) -> None:
        await hall.enter("99", "111222")
        for _ in range(4):
            hall.room.kept.failed(hall.room.kept.failures.count + 1, hall.station.clock())

    async def story(hall: Hall) -> None:
        await hall.enter()
        assert isinstance(hall.screen, StaffEntry)
        assert hall.screen.problem is EntryProblem.WAIT

    played(tmp_path, fail)
    played(tmp_path, story)


def test_a_number_that_nobody_has_looks_like_one_that_somebody_has(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter("77", OPERATOR)
        assert isinstance(hall.screen, StaffEntry)
        assert hall.screen.problem is EntryProblem.WRONG

    played(tmp_path, story)


def test_a_staff_card_saves_the_number_and_not_the_pin(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        from kiosk.maintenance.credentials import Role
        from tests.helpers.operator import a_pin

        card_id = b"chip" + bytes.fromhex(hall.hall.person.card.card_id)
        member = hall.room.staff.add("Zhao", Role.OPERATOR, a_pin("730185"), card_id=card_id)
        await hall.tap(Summon())
        hall.hall.insert_card()
        await asyncio.sleep(1.0)
        assert isinstance(hall.screen, StaffEntry)
        assert hall.screen.variant == "pin"
        await hall.type("730185")
        await hall.tap(Proceed())
        assert page(hall).topic == "take_card"
        hall.hall.pull_card()
        await asyncio.sleep(1.0)
        assert isinstance(hall.screen, StaffMenu)
        assert member.number == "03"

    played(tmp_path, story)


def test_a_terminal_that_stops_frees_the_card_and_waits_for_nobody(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        loop = asyncio.get_running_loop()
        await hall.enter()
        await hall.pick("tests", "card")
        hall.hall.insert_card()
        await asyncio.sleep(2.0)
        begun = loop.time()
        hall.terminal.stop()
        while hall.terminal.state is not State.STOPPING:
            await asyncio.sleep(0.05)
        assert loop.time() - begun < 1.0
        assert hall.hall.slot.released

    played(tmp_path, story)


def test_another_card_is_no_staff_card(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.tap(Summon())
        hall.hall.insert_card()
        await asyncio.sleep(1.0)
        assert isinstance(hall.screen, StaffEntry)
        assert hall.screen.problem is EntryProblem.CARD_UNKNOWN

    played(tmp_path, story)


def test_a_list_that_others_can_read_is_refused(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        hall.room.staff.path.chmod(0o644)
        await hall.tap(Summon())
        assert isinstance(hall.screen, StaffEntry)
        assert hall.screen.problem is EntryProblem.UNUSABLE

    played(tmp_path, story)


def test_after_five_quiet_minutes_it_warns_and_leaves(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await asyncio.sleep(IDLE_S)
        assert isinstance(hall.screen, StillThere)
        hall.glass.receive(Touched(), 0)
        await asyncio.sleep(2.0)
        assert isinstance(hall.screen, StaffMenu)
        await asyncio.sleep(IDLE_S + 31.0)
        assert isinstance(hall.screen, Attract)
        assert hall.noted()[-1][1]["why"] == "idle"

    played(tmp_path, story)


# --- devices ---------------------------------------------------------------------------------------------------------


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


# --- open and closed -------------------------------------------------------------------------------------------------


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
        hall, core = Hall(tmp_path), _Core()
        living = asyncio.ensure_future(core.live(hall.station, hall._draw))
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
        await asyncio.sleep(5.0)
        assert isinstance(hall.screen, Closed)
        assert hall.journal.open_items() == []

    played(tmp_path, story)


# --- reports and records ---------------------------------------------------------------------------------------------


def test_the_readiness_report_on_screen_on_paper_and_as_pdf(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("records", "readiness")
        await asyncio.sleep(5.0)
        assert page(hall).topic in ("readiness_ready", "readiness_not")
        assert "读卡器" in values(hall)
        await hall.pick("print")
        assert page(hall).topic == "page_printed"
        printer = hall.hall.printer
        assert isinstance(printer, MockPrinter)
        assert "终端自检报告" in printer.text_of(printer.pages[-1])
        await hall.pick("back", "pdf")
        assert page(hall).topic == "pdf_saved"
        saved = list((tmp_path / "reports").glob("readiness-*.pdf"))
        assert saved[0].read_bytes().startswith(b"%PDF")

    played(tmp_path, story)


def test_todays_counts_have_one_cause_for_each_failure(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await Citizen(hall, BALANCE, Hand()).live()
        await hall.come(Attract)
        hall.answer(Pick("activate"))
        await asyncio.sleep(1.0)
        hall.answer(Finish())
        await hall.come(Attract)
        hall.answer(Pick("activate"))
        await asyncio.sleep(200.0)  # nobody there
        await hall.come(Attract)
        assert [str(e.facts["cause"]) for e in hall.journal.events("visit")] == ["", "V01", "V02"]
        await hall.enter()
        await hall.pick("records", "counts")
        told = values(hall)
        for line in ("来访: 3", "办成: 1", "没办成: 2", "V01", "V02"):
            assert line in told

    played(tmp_path, story)


def test_a_record_is_found_by_part_of_its_number_and_by_day(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        journal = hall.journal
        journal.intend("20261120-AB12-CD34-EF56", "Activate", journal.subject("41" * 16))
        journal.sent("20261120-AB12-CD34-EF56")
        journal.close("20261120-AB12-CD34-EF56", "done", "410100-7")
        await hall.enter()
        await hall.pick("records", "search", "by_number")
        assert isinstance(hall.screen, StaffKeyboard)
        for character in ("E", "F", "5", "7", "erase", "6"):
            await hall.pick(character)
        await hall.tap(Proceed())
        assert page(hall).topic == "found"
        assert len(page(hall).rows) == 3
        assert "20261120-AB12-CD34-EF56" in values(hall)
        await hall.pick("back", "today", "kind_staff")
        assert "entered" in values(hall)
        await hall.pick("back", "yesterday", "kind_all")
        assert page(hall).topic == "found_none"

    played(tmp_path, story)


def test_a_record_is_found_by_the_code_of_its_slip(tmp_path: Path) -> None:
    from kiosk.receipts.seal import Claim, seal

    async def story(hall: Hall) -> None:
        journal = hall.journal
        journal.intend("20261120-AB12-CD34-EF56", "Activate", journal.subject("41" * 16))
        claim = Claim(
            terminal="ZZ-0000",
            operation="20261120-AB12-CD34-EF56",
            service="activate",
            outcome="done",
            at=hall.station.clock(),
            card_tail="7365",
        )
        await hall.enter()
        await hall.pick("records", "search", "by_slip")
        hall.hall.lens.show(seal(claim, hall.seal_key))
        await asyncio.sleep(2.0)
        assert page(hall).topic == "found"
        hall.hall.hide_code()
        await hall.pick("back", "by_slip")
        hall.hall.show_payment_code()
        await asyncio.sleep(2.0)
        assert page(hall).topic == "slip_foreign"

    played(tmp_path, story)


def test_the_export_is_signed_and_whole(tmp_path: Path) -> None:
    stick = tmp_path / "stick"

    async def story(hall: Hall) -> None:
        await hall.enter("02", ENGINEER)
        await hall.pick("records", "export", "export")
        assert page(hall).topic == "export_failed", "no stick is in"
        assert str(stick) in values(hall)
        stick.mkdir()
        await hall.pick("again", "export")
        assert page(hall).topic == "export_done"
        (exported,) = stick.iterdir()
        heading, findings = check(exported, hall.seal_key.public_key())
        assert findings == []
        assert heading.records == 3, "the start, the entry, the try without a stick"
        assert hall.noted()[-1][1]["result"] == "done"

    played(tmp_path, story, usb=stick)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_what_takes_an_engineer(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        for path in (("records", "export"), ("hall", "language")):
            await hall.pick(*path)
            assert page(hall).topic == "not_allowed"
            await hall.pick("back", "back")
        assert [facts["asked"] for act, facts in hall.noted() if act == "not_allowed"] == ["export", "language"]

    played(tmp_path, story, usb=tmp_path)


# --- the hall's settings ---------------------------------------------------------------------------------------------


def test_language_and_brightness_hold_for_every_visit_and_over_a_restart(tmp_path: Path) -> None:
    async def change(hall: Hall) -> None:
        await hall.enter("02", ENGINEER)
        await hall.pick("hall", "language", "lang_en")
        await hall.pick("brightness", "60")
        assert {item.id: item.value for item in menu(hall).items} == {"language": "English", "brightness": "60%"}
        await hall.tap(Finish())
        assert "Insert your card" in hall.words()

    async def still(hall: Hall) -> None:
        assert "Insert your card" in hall.words()
        assert hall.glass.scene is not None
        assert hall.glass.scene.preferences.veil == pytest.approx(0.4)

    played(tmp_path, change)
    played(tmp_path, still)


def test_a_disk_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    class Full(Kept):
        def close(self, reason: Reason) -> None:
            raise OSError(28, "No space left on device")

    async def story(hall: Hall) -> None:
        object.__setattr__(hall.room, "kept", Full(tmp_path / "operator.json"))
        await hall.enter()
        await hall.pick("service", "pause", "back_soon")
        assert page(hall).topic == "not_saved"
        await hall.tap(Finish())
        assert isinstance(hall.screen, Attract)

    played(tmp_path, story)
