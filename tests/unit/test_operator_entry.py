"""Operator mode on mocks and a virtual clock: who gets in, who does not, and how long they wait."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kiosk.lifecycle import State
from kiosk.maintenance.credentials import Member, Role
from kiosk.maintenance.desk import IDLE_S
from kiosk.screens import (
    Attract,
    EntryProblem,
    Finish,
    Proceed,
    StaffEntry,
    StaffMenu,
    StillThere,
    Summon,
    Touched,
)
from tests.helpers.citizen import ERRANDS
from tests.helpers.operator import OPERATOR, Hall, a_pin, page, played

BALANCE = ERRANDS[-1]


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
        assert [facts["tries"] for _, facts in hall.noted()] == [1, 2, 3]
        assert all((facts["who"], facts["member"]) == ("nobody", "01") for _, facts in hall.noted())
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
        assert not hall.room.kept.failures

    played(tmp_path, story)


def test_the_wait_outlives_a_restart(tmp_path: Path) -> None:
    async def fail(hall: Hall) -> None:
        await hall.enter("99", "111222")
        hall.room.kept.failed("99", 5, hall.station.clock())

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
        ((_, noted),) = hall.noted()
        assert "member" not in noted, "what was typed may have been anything"

    played(tmp_path, story)


def test_whoever_has_a_pin_cannot_try_out_anothers_for_longer(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        for wrong in ("111222", "111223", "111224"):
            assert isinstance(await hall.enter("02", wrong), StaffEntry)
            await hall.tap(Finish())
            if wrong != "111224":
                assert isinstance(await hall.enter(), StaffMenu)
                await hall.tap(Finish())
        await hall.enter()
        assert isinstance(hall.screen, StaffEntry)
        assert hall.screen.problem is EntryProblem.WAIT
        wrongs = [facts for act, facts in hall.noted() if act == "wrong_credential"]
        assert [(facts["member"], facts["tries"]) for facts in wrongs] == [("02", 1), ("02", 2), ("02", 3)]

    played(tmp_path, story)


def test_a_staff_card_saves_the_number_and_not_the_pin(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        member = with_a_staff_card(hall, "730185")
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


def with_a_staff_card(hall: Hall, pin: str) -> Member:
    """The card of whoever stands there is a member's."""
    card_id = b"chip" + bytes.fromhex(hall.hall.person.card.card_id)
    return hall.room.staff.add("Zhao", Role.OPERATOR, a_pin(pin), card_id=card_id)


async def takes_the_card_and_is_in(hall: Hall) -> None:
    assert page(hall).topic == "take_card"
    hall.hall.pull_card()
    await asyncio.sleep(1.0)
    assert isinstance(hall.screen, StaffMenu)
    assert not hall.terminal.uncaught


def test_a_wrong_pin_with_the_staff_card_in_asks_again(tmp_path: Path) -> None:
    """The number does while the card stays in; the card put in once more does as well."""

    async def story(hall: Hall) -> None:
        with_a_staff_card(hall, "730185")
        await hall.tap(Summon())
        hall.hall.insert_card()
        await asyncio.sleep(1.0)
        await hall.type("730186")
        await hall.tap(Proceed())
        assert isinstance(hall.screen, StaffEntry), hall.trace()
        assert (hall.screen.variant, hall.screen.problem) == ("number", EntryProblem.WRONG)
        await hall.type("03")
        await hall.tap(Proceed())
        await hall.type("730186")
        await hall.tap(Proceed())
        hall.hall.pull_card()
        await asyncio.sleep(1.0)
        hall.hall.insert_card()
        await asyncio.sleep(1.0)
        assert isinstance(hall.screen, StaffEntry)
        assert hall.screen.variant == "pin"
        await hall.type("730185")
        await hall.tap(Proceed())
        await takes_the_card_and_is_in(hall)

    played(tmp_path, story)


def test_a_digit_while_a_card_is_read_counts_as_a_digit(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.tap(Summon())
        hall.hall.fail_next_apdu()  # silent for as long as the reader waits
        hall.hall.insert_card()
        await asyncio.sleep(1.0)
        await hall.type("01")
        assert isinstance(hall.screen, StaffEntry), hall.trace()
        assert (hall.screen.digits, hall.screen.problem) == ("01", None)
        await hall.tap(Proceed())
        await hall.type(OPERATOR)
        await hall.tap(Proceed())
        await takes_the_card_and_is_in(hall)

    played(tmp_path, story)


def test_a_staff_card_of_the_third_generation_needs_no_key(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        hall.hall.choose("sm4_card")
        with_a_staff_card(hall, "730185")
        await hall.tap(Summon())
        hall.hall.insert_card()
        await asyncio.sleep(1.0)
        assert isinstance(hall.screen, StaffEntry)
        assert (hall.screen.variant, hall.screen.problem) == ("pin", None)

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
