"""The hall by hand: every act of the dock is there, does what its name says, and is to be seen as it is; the terminal
learns of it from the devices alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from drivers.api import (
    Condition,
    DeviceLost,
    DocumentLifted,
    DocumentUnreadable,
    Health,
    MuteCard,
    Page,
    Remedy,
    SecurityModuleFault,
    Text,
)
from drivers.faults import Fault, FaultPlan
from drivers.idcard.mock import IdPad
from kiosk.insurer.api import Activate, Done, InsurerUnreachable, Proof, ProofKind
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.simulation.card_service import ServiceSwitch
from kiosk.simulation.hall import SLOW_S, Hall, in_process
from kiosk.simulation.traps import Trap
from tests.helpers.virtual_time import run
from ui.dock.desk import ACTS
from ui.dock.hall import SimulatedHall

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
CHANNEL = bytes.fromhex("00A40400")
"""Any command at all: the header of a SELECT."""


def played(play: Callable[[Hall], Awaitable[None]]) -> None:
    """Open a hall of mocks on a virtual clock, play, close it."""

    async def main() -> None:
        hall = in_process(lambda: NOW, EmbeddedInsurer(":memory:", clock=lambda: NOW))
        hall.put_pin_pad()
        try:
            await play(hall)
        finally:
            await hall.aclose()

    run(main())


def do(hall: SimulatedHall, act: str) -> None:
    """As the dock does it."""
    name, _, slug = act.partition(" ")
    getattr(hall, name)(*([slug] if slug else []))


def really(hall: Hall, device: str) -> Mapping[str, Any]:
    there: Mapping[str, Any] = hall.state()["really"][device]
    return there


class Seen(NamedTuple):
    """What an act changes, and only that; ``first`` makes it a change at all."""

    device: str
    changed: Mapping[str, object]
    first: str = ""


SEEN = {
    "insert_card": Seen("card", {"card": "in", "lamp": "on"}),
    "insert_card_wrong_way": Seen("card", {"card": "wrong_way", "lamp": "blinking"}),
    "insert_foreign_card": Seen("card", {"card": "foreign", "lamp": "on"}),
    "pull_card": Seen("card", {"card": "out", "lamp": "off"}, "insert_card"),
    "swap_card resident": Seen("card", {"card": "in", "lamp": "on"}, "insert_card_wrong_way"),
    "fail_next_apdu": Seen("card", {"mute_next": True}),
    "stop_card_service": Seen("card", {"service": "stopped", "card": "out", "lamp": "off"}, "insert_card"),
    "start_card_service": Seen("card", {"service": "running"}, "stop_card_service"),
    "lay_id": Seen("idcard", {"document": "issued"}),
    "lay_other_id": Seen("idcard", {"document": "resident"}),
    "lay_unreadable_id": Seen("idcard", {"document": "issued", "unreadable": True}),
    "lift_id": Seen("idcard", {"document": "", "unreadable": False}, "lay_unreadable_id"),
    "lift_id_early": Seen("idcard", {"lifted_next": True}),
    "break_sam": Seen("idcard", {"sam_broken": True}),
    "mend_sam": Seen("idcard", {"sam_broken": False}, "break_sam"),
    "unplug_id_reader": Seen("idcard", {"plugged": False}),
    "plug_id_reader": Seen("idcard", {"plugged": True}, "unplug_id_reader"),
    "show_code": Seen("scanner", {"code": "valid"}),
    "show_expired_code": Seen("scanner", {"code": "expired"}),
    "show_payment_code": Seen("scanner", {"code": "payment"}),
    "hide_code": Seen("scanner", {"code": ""}, "show_code"),
    "freeze_camera": Seen("scanner", {"frozen": True}),
    "thaw_camera": Seen("scanner", {"frozen": False}, "freeze_camera"),
    "unplug_camera": Seen("scanner", {"plugged": False}),
    "plug_camera": Seen("scanner", {"plugged": True}, "unplug_camera"),
    "unplug_pin_pad": Seen("pinpad", {"plugged": False}),
    "plug_pin_pad": Seen("pinpad", {"plugged": True}, "unplug_pin_pad"),
    "tamper_pin_pad": Seen("pinpad", {"tampered": True}),
    "take_paper": Seen("printer", {"paper": "out"}),
    "paper_low": Seen("printer", {"paper": "low"}),
    "refill_paper": Seen("printer", {"paper": "ok"}, "take_paper"),
    "jam_printer": Seen("printer", {"jammed": True}),
    "clear_printer": Seen("printer", {"jammed": False}, "jam_printer"),
    "open_cover": Seen("printer", {"cover_open": True}),
    "close_cover": Seen("printer", {"cover_open": False}, "open_cover"),
    "break_printer": Seen("printer", {"broken": True}),
    "repair_printer": Seen("printer", {"broken": False}, "break_printer"),
    "unplug_printer": Seen("printer", {"plugged": False}),
    "plug_printer": Seen("printer", {"plugged": True}, "unplug_printer"),
    "cut_network": Seen("insurer", {"network": "down"}),
    "slow_insurer": Seen("insurer", {"network": "slow"}),
    "drop_next_reply": Seen("insurer", {"reply": "lost"}),
    "garble_next_reply": Seen("insurer", {"reply": "garbled"}),
    "restore_network": Seen("insurer", {"network": "up"}, "cut_network"),
}
ELSEWHERE = {"take_slip", "heal_everything"}
"""Acts with a test of their own, below."""


def test_every_act_of_the_dock_is_tried() -> None:
    assert {act.partition(" ")[0] for act in SEEN} | ELSEWHERE == {act for acts in ACTS.values() for act in acts}


@pytest.mark.parametrize("act", SEEN)
def test_an_act_is_seen_and_nothing_else_changes(act: str) -> None:
    async def play(hall: Hall) -> None:
        device, changed, first = SEEN[act]
        if first:
            do(hall, first)
        before = hall.state()["really"]
        do(hall, act)
        assert before[device] != before[device] | changed, "it was so before"
        assert hall.state()["really"] == before | {device: before[device] | changed}

    played(play)


BELIEVED = {
    "stop_card_service": ("card", Condition.NO_DEVICE),
    "insert_card_wrong_way": ("card", Condition.USER_ERROR),
    "unplug_id_reader": ("idcard", Condition.NO_DEVICE),
    "break_sam": ("idcard", Condition.HARDWARE_ERROR),
    "unplug_camera": ("scanner", Condition.NO_DEVICE),
    "unplug_pin_pad": ("pinpad", Condition.NO_DEVICE),
    "tamper_pin_pad": ("pinpad", Condition.HARDWARE_ERROR),
    "take_paper": ("printer", Condition.USER_ERROR),
    "open_cover": ("printer", Condition.USER_ERROR),
    "jam_printer": ("printer", Condition.HARDWARE_ERROR),
    "break_printer": ("printer", Condition.HARDWARE_ERROR),
    "unplug_printer": ("printer", Condition.OFFLINE),
}


@pytest.mark.parametrize("act", BELIEVED)
def test_the_terminal_learns_of_it_from_the_device_and_of_its_end_too(act: str) -> None:
    async def play(hall: Hall) -> None:
        device, condition = BELIEVED[act]
        await hall.look()
        assert hall.state()["health"][device]["condition"] == "online"
        do(hall, act)
        assert hall.state()["health"][device]["condition"] == "online", "nobody has told it yet"
        await hall.look()
        believed = hall.state()["health"][device]
        assert believed["condition"] == condition
        assert believed["remedy"] != "none"
        hall.heal_everything()
        hall.pull_card()
        await hall.look()
        assert hall.state()["health"][device]["condition"] == "online"

    played(play)


def test_healed_is_everything_and_what_was_put_there_stays() -> None:
    async def play(hall: Hall) -> None:
        hall.lay_id()
        hall.show_code()
        healthy = hall.state()["really"]
        harmless = {"lay_other_id", "lay_id", "lift_id", "choose", "hide_code"}
        for act in SEEN:
            if act not in harmless and "show" not in act and not act.startswith(("insert", "swap", "pull")):
                do(hall, act)
        for act in ("cut_network", "stop_card_service", "unplug_camera", "unplug_printer", "unplug_id_reader"):
            do(hall, act)
        hall.heal_everything()
        assert hall.state()["really"] == healthy
        assert await (await hall_card(hall)).transmit(CHANNEL)
        assert (await hall.id_reader.document()).name
        assert (await hall.scanner.scan()).text
        await hall.printer.print(SLIP)
        assert isinstance(await activate(hall, "K1"), Done)

    played(play)


SLIP = Page((Text("slip"),))


async def hall_card(hall: Hall) -> Any:
    hall.insert_card()
    return await hall.reader.card()


async def activate(hall: Hall, key: str) -> object:
    person = hall.person
    return await hall.line.perform(key, Activate(person.card, Proof(ProofKind.ID_CARD, person.person)))


def test_the_slip_waits_until_it_is_taken() -> None:
    async def play(hall: Hall) -> None:
        await hall.printer.print(SLIP)
        assert really(hall, "printer")["slip_waiting"] is True
        hall.take_slip()
        assert really(hall, "printer")["slip_waiting"] is False

    played(play)


def test_a_card_that_falls_silent_is_mute_until_it_is_pulled() -> None:
    async def play(hall: Hall) -> None:
        card = await hall_card(hall)
        hall.fail_next_apdu()
        hall.fail_next_apdu()
        assert really(hall, "card")["mute_next"] is True
        with pytest.raises(MuteCard):
            await card.transmit(CHANNEL)
        there = really(hall, "card")
        assert (there["mute_next"], there["mute"]) == (False, True)
        hall.pull_card()
        assert really(hall, "card")["mute"] is False
        assert await (await hall_card(hall)).transmit(CHANNEL), "one trap, however often it is set"

    played(play)


def test_a_card_that_a_plan_pulls_is_out() -> None:
    async def play(hall: Hall) -> None:
        hall.slot.faults.fail_next("apdu", Fault.PULL)
        card = await hall_card(hall)
        with pytest.raises(Exception):  # noqa: B017, PT011  whichever way: it is gone
            await card.transmit(CHANNEL)
        assert (really(hall, "card")["card"], really(hall, "card")["lamp"]) == ("out", "off")

    played(play)


def test_an_id_card_is_read_as_it_lies() -> None:
    async def play(hall: Hall) -> None:
        hall.lay_unreadable_id()
        with pytest.raises(DocumentUnreadable):
            await hall.id_reader.document()
        hall.lay_id()
        assert await hall.id_reader.document() == hall.person.document
        hall.lift_id_early()
        hall.lay_id()
        with pytest.raises(DocumentLifted):
            await hall.id_reader.document()
        assert really(hall, "idcard")["document"] == ""
        assert really(hall, "idcard")["lifted_next"] is False
        hall.break_sam()
        hall.lay_id()
        with pytest.raises(SecurityModuleFault):
            await hall.id_reader.document()

    played(play)


def test_a_frozen_camera_thaws_when_it_is_plugged_again_and_not_before() -> None:
    async def play(hall: Hall) -> None:
        hall.show_code()
        hall.freeze_camera()
        hall.plug_camera()
        assert really(hall, "scanner")["frozen"] is True, "it was plugged all the time"
        with pytest.raises(DeviceLost):
            await hall.scanner.scan()
        await hall.look()
        assert hall.health["scanner"].condition is Condition.OFFLINE
        hall.unplug_camera()
        assert really(hall, "scanner")["frozen"] is True
        hall.plug_camera()
        assert really(hall, "scanner")["frozen"] is False
        assert (await hall.scanner.scan()).text

    played(play)


@pytest.mark.parametrize("act", ["drop_next_reply", "garble_next_reply"])
def test_a_reply_that_is_lost_is_lost_once_and_the_change_is_done(act: str) -> None:
    async def play(hall: Hall) -> None:
        do(hall, act)
        with pytest.raises(InsurerUnreachable) as lost:
            await activate(hall, "K1")
        assert lost.value.sent
        assert really(hall, "insurer")["reply"] == "", "it is behind us"
        assert hall.state()["health"]["insurer"] == {
            "condition": "offline",
            "remedy": "suspend",
            "detail": "request sent, no answer",
        }
        assert isinstance(await hall.line.outcome("K1"), Done)
        assert hall.state()["health"]["insurer"]["condition"] == "online"

    played(play)


def test_what_the_terminal_believes_of_the_insurer_is_its_last_request() -> None:
    async def play(hall: Hall) -> None:
        loop = asyncio.get_running_loop()
        assert hall.state()["health"]["insurer"]["condition"] == "unknown"
        hall.cut_network()
        assert not await hall.line.reachable()
        assert hall.line.last == Health(Condition.OFFLINE, Remedy.SUSPEND, "request not sent")
        hall.slow_insurer()
        begun = loop.time()
        asking = asyncio.ensure_future(hall.line.reachable())
        await asyncio.sleep(SLOW_S / 2)
        assert hall.state()["health"]["insurer"]["condition"] == "busy"
        assert await asking
        assert loop.time() - begun == pytest.approx(SLOW_S)
        assert hall.state()["health"]["insurer"]["condition"] == "online"
        asking = asyncio.ensure_future(hall.line.reachable())
        await asyncio.sleep(SLOW_S / 2)
        asking.cancel()
        await asyncio.wait({asking})
        assert hall.line.last.condition is Condition.OFFLINE, "whoever gives up has no answer"

    played(play)


class PlayedService:
    """A PC/SC service that takes a second to start, and may fail to."""

    def __init__(self) -> None:
        self.pid: int | None = 1
        self.starts = 0
        self.works = True

    def kill(self) -> None:
        self.pid = None

    async def restart(self) -> None:
        self.starts += 1
        await asyncio.sleep(1.0)
        if not self.works:
            raise OSError("no such program")
        self.pid = 1 + self.starts


def test_a_service_on_the_wire_is_shot_and_started_and_the_card_stays_in() -> None:
    async def play(hall: Hall) -> None:
        def service() -> str:
            return str(really(hall, "card")["service"])

        played_service = PlayedService()
        hall.service = ServiceSwitch(played_service)
        hall.insert_card()
        hall.start_card_service()
        assert (service(), played_service.starts) == ("running", 0), "it runs already"
        hall.stop_card_service()
        assert (service(), really(hall, "card")["card"]) == ("stopped", "in")
        hall.start_card_service()
        hall.start_card_service()
        assert service() == "starting"
        await asyncio.sleep(1.5)
        assert (service(), played_service.starts) == ("running", 1)
        hall.stop_card_service()
        hall.start_card_service()
        await asyncio.sleep(0.5)
        hall.stop_card_service()
        assert service() == "stopped", "shot while it was starting"
        hall.start_card_service()
        await asyncio.sleep(1.5)
        assert service() == "running"
        played_service.works = False
        hall.stop_card_service()
        hall.start_card_service()
        await asyncio.sleep(1.5)
        assert service() == "failed"
        played_service.works = True
        hall.heal_everything()
        assert service() == "starting", "and closing the hall now leaves nothing behind"

    played(play)


class Dawdler:
    """A device that says quickly how it is, and the second time slowly."""

    def __init__(self) -> None:
        self.asked = 0

    async def health(self) -> Health:
        self.asked += 1
        await asyncio.sleep(8.0 if self.asked > 1 else 2.0)
        return Health(Condition.ONLINE, detail=f"answer {self.asked}")

    async def close(self) -> None:
        pass


def test_a_slow_device_keeps_no_other_waiting() -> None:
    async def play(hall: Hall) -> None:
        loop = asyncio.get_running_loop()
        dawdler = Dawdler()
        hall.scanner = dawdler  # type: ignore[assignment]  # it is only asked how it is
        await hall.look()
        assert loop.time() == pytest.approx(2.0), "the first answer of each is waited for"
        for _ in range(3):
            hall.take_paper()
            await hall.look()
            assert hall.health["printer"].condition is Condition.USER_ERROR
            hall.refill_paper()
        assert loop.time() == pytest.approx(5.0)
        assert dawdler.asked == 2, "it is not asked twice at a time"
        await asyncio.sleep(6.0)
        assert hall.health["scanner"].detail == "answer 2"
        await hall.look()

    played(play)


async def test_a_trap_waits_for_one_call_and_can_be_lifted() -> None:
    plan = FaultPlan()
    trap = Trap(IdPad(plan), "read", Fault.PULL)
    assert not trap.due
    trap.set()
    trap.lift()
    assert plan.take("read") is None
    trap.set()
    assert trap.due
    assert plan.take("read") is Fault.PULL
    assert (trap.due, trap.sprung) == (False, True)
    trap.set()
    assert (trap.due, trap.sprung) == (True, False)
