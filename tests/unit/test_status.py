"""The terminal seen from outside: the snapshot, what is trouble in it, and the socket it is told over."""

from __future__ import annotations

import asyncio
import json
import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import Condition, Paper
from kiosk import compose
from kiosk.commands.status import lines, refused
from kiosk.config import Config
from kiosk.glass import Glass
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.lifecycle import State
from kiosk.simulation.hall import in_process
from kiosk.status import DeviceState, Snapshot, Tally
from kiosk.status import socket as status_socket
from kiosk.status.outlook import SOCKET, beside
from kiosk.status.snapshot import as_values
from kiosk.status.tally import DAYS, LATEST, OTHER
from kiosk.terminal import Terminal
from kiosk.watchdog import Vitals, Watchdog
from tests.helpers.snapshots import AT, WELL, snapshot
from tests.helpers.wire import Ended, kiosk


@pytest.mark.parametrize(
    ("changed", "trouble"),
    [
        ({"state": "out_of_order", "code": "D01"}, "terminal: out_of_order D01"),
        ({"state": "starting"}, "terminal: starting"),
        ({"devices": {"card": DeviceState("offline", "reset")}}, "card: offline, remedy reset"),
        ({"paper": "low"}, "paper: low"),
        ({"paper": "out"}, "paper: out"),
        ({"journal_readable": False}, "journal: cannot be read"),
        ({"operations": {"unknown": 2, "sent": 1}}, "operations: 2 unknown"),
        ({"frame_age_s": 12.0}, "glass: nothing painted for 12 s"),
    ],
)
def test_trouble_is_named(changed: dict[str, Any], trouble: str) -> None:
    assert list(snapshot(**changed).troubles()) == [trouble]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"state": "visit"},
        {"devices": {"printer": DeviceState("unknown", "none")}},
        {"devices": {"card": DeviceState("starting", "none")}},
        {"operations": {"intent": 1, "sent": 1}},
        {"uncaught": {"visit": 1}},
        {"frame_age_s": None},
    ],
)
def test_what_is_no_trouble(changed: dict[str, Any]) -> None:
    assert list(snapshot(**changed).troubles()) == []


def test_every_value_reaches_json() -> None:
    told = json.loads(json.dumps(as_values(WELL)))
    assert told["started"] == "2026-07-15T08:00:00+00:00"
    assert told["uptime_s"] == 9 * 3600
    assert told["since_start"]["outcomes"]["balance"] == {"done": 7, "idle": 1}
    assert told["devices"]["card"] == {"condition": "online", "remedy": "none"}
    assert told["troubles"] == []


# --- counting --------------------------------------------------------------------------------------------------------


def test_visits_are_counted_by_service_and_outcome() -> None:
    tally = Tally()
    for outcome in ("done", "done", "C01"):
        cause = "" if outcome == "done" else outcome
        tally.note("visit", {"service": "balance", "outcome": outcome, "cause": cause}, AT)
    tally.note("refused", {"cause": "minor", "code": "R10", "number": "20260715-ABCD"}, AT)
    tally.note("card_left_behind", {}, AT)
    assert tally.since_start().outcomes == {"balance": {"done": 2, "C01": 1}}
    assert tally.since_start().refusals == {"minor": 1}
    assert tally.since_start().causes == {"C01": 1}
    assert tally.today(AT).total == 3


def test_at_midnight_the_day_begins_anew_and_the_rest_goes_on() -> None:
    tally = Tally()
    tally.note("visit", {"service": "balance", "outcome": "done"}, AT)
    assert tally.today(AT + timedelta(days=1)).total == 0
    assert tally.since_start().total == 1


def test_a_clock_that_jumps_and_is_put_right_loses_no_visit_of_the_day() -> None:
    tally = Tally()
    tally.note("visit", {"service": "balance", "outcome": "done"}, AT)
    for days in (1, -40, 1, 3650, 400):
        assert tally.today(AT + timedelta(days=days)).total == 0
        assert tally.today(AT).total == 1
    tally.note("visit", {"service": "balance", "outcome": "done"}, AT)
    assert tally.today(AT).total == 2


def test_days_that_are_over_are_not_kept_for_ever() -> None:
    tally = Tally()
    for day in range(1000):
        tally.note("visit", {"service": "balance", "outcome": "done"}, AT + timedelta(days=day))
    assert len(tally._days) <= DAYS


def test_what_was_before_the_start_counts_for_this_day_only() -> None:
    tally = Tally()
    assert tally.today(AT).total == 0
    tally.recall("visit", {"service": "balance", "outcome": "done"}, AT - timedelta(hours=3))
    tally.recall("visit", {"service": "balance", "outcome": "done"}, AT - timedelta(days=1))
    assert (tally.today(AT).total, tally.since_start().total) == (1, 0)


@given(st.lists(st.text(max_size=20), max_size=200))
def test_labels_stay_few_and_are_codes(words: list[str]) -> None:
    tally = Tally()
    for word in words:
        tally.note("visit", {"service": word, "outcome": word}, AT)
        tally.note("refused", {"cause": word}, AT)
    told = tally.since_start()
    for labels in (told.outcomes, told.refusals, *told.outcomes.values()):
        assert len(labels) <= 65
        assert all(label.isascii() and label.isidentifier() for label in labels)
    assert told.total == len(words)


def test_a_name_that_is_no_code_is_counted_as_other() -> None:
    tally = Tally()
    tally.note("visit", {"service": "张三", "outcome": "410105199003071234"}, AT)
    assert tally.since_start().outcomes == {OTHER: {OTHER: 1}}


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=2 * LATEST))
def test_percentiles_are_of_the_latest(seconds: list[float]) -> None:
    tally = Tally()
    for each in seconds:
        tally.lasted(each)
    times, latest = tally.times(), seconds[-LATEST:]
    for share, value in ((0.5, times.p50), (0.95, times.p95)):
        assert value is not None
        assert sum(each <= value for each in latest) >= share * len(latest) - 1e-9
        assert sum(each < value for each in latest) < share * len(latest) + 1e-9
    assert times.count == len(seconds)
    assert [count for _, count in times.at_most] == [sum(s <= limit for s in seconds) for limit, _ in times.at_most]


# --- the socket ------------------------------------------------------------------------------------------------------


def test_before_the_first_visit_nothing_is_said_of_how_long_one_takes() -> None:
    told = as_values(snapshot(visit_s=Tally().times()))
    assert [line for line in lines(told) if line.startswith("a visit ")] == ["a visit      none yet"]


async def test_the_terminal_answers_on_its_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("a-long-name-" * 9)  # more than the address of a socket can hold
    folder.mkdir()
    path = folder / SOCKET
    with pytest.raises(status_socket.NotRunning):
        status_socket.ask(path)
    for _ in range(2):  # and again over what a killed one left
        server = await status_socket.serve(path, lambda: WELL)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        told = await asyncio.to_thread(status_socket.ask, path)
        assert told["terminal"] == "ZZ-0001"
        server.close()
    with pytest.raises(status_socket.NotRunning):
        status_socket.ask(path)


async def test_a_file_that_is_no_socket_stays(tmp_path: Path) -> None:
    path = tmp_path / SOCKET
    path.write_text("somebody's")
    with pytest.raises(OSError, match="in use"):
        await status_socket.serve(path, lambda: WELL)
    assert path.read_text() == "somebody's"


async def asked(folder: Path, *words: str) -> Ended:
    config = folder / "k.toml"
    config.write_text(f'[data]\ndir = "{folder}"\n')
    return await kiosk("status", "--config", str(config), *words)


@pytest.mark.parametrize(("shown", "status"), [(WELL, 0), (snapshot(paper="out"), 1)])
async def test_the_exit_status_says_whether_somebody_is_needed(shown: Snapshot, status: int, tmp_path: Path) -> None:
    server = await status_socket.serve(tmp_path / SOCKET, lambda: shown)
    try:
        told, said = await asyncio.gather(asked(tmp_path, "--json"), asked(tmp_path))
    finally:
        server.close()
    assert (told.status, said.status) == (status, status)
    assert json.loads(told.out)["running"] is True
    assert "half within 21 s, 95 % within 95 s" in said.out
    assert (
        "activate C01 1, activate done 2, balance done 7, balance idle 1; refused: minor 1; causes: C01 1, V02 1"
        in said.out
    )
    assert f"paper        {shown.paper}" in said.out


async def test_a_terminal_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    ended = await asked(tmp_path, "--json")
    assert ended.status == 2
    assert json.loads(ended.out) == {"running": False}
    assert "not running" in ended.complaint


def test_a_production_terminal_that_may_not_simulate_is_told_with_the_remedy(tmp_path: Path) -> None:
    """Its program runs, shows S10 and answers nobody."""
    config = Config(data=tmp_path, source="/etc/k.toml")
    assert refused(config, production=False) == ""
    assert "[insurer] kind" in (told := refused(config, production=True))
    assert "kiosk staff allow-simulated --engineer NUMBER --config /etc/k.toml" in told


# --- beside a real terminal ------------------------------------------------------------------------------------------


async def test_beside_a_terminal_it_tells_what_that_does(tmp_path: Path) -> None:
    hall = in_process(compose.clock, EmbeddedInsurer(":memory:", clock=compose.clock))
    config = Config(data=tmp_path / "data")
    station = compose.simulated_station(config, hall)
    station.journal.event("visit", service="balance", outcome="done")
    terminal = Terminal(station, Glass(lambda _: None))
    watchdog = Watchdog(Vitals(), None)
    async with beside(terminal, config, watchdog) as outlook:
        running = asyncio.ensure_future(terminal.run())
        async with asyncio.timeout(10):
            while terminal.state is not State.ATTRACT or outlook.snapshot().devices["printer"].condition == "starting":
                await asyncio.sleep(0.01)
            while outlook.snapshot().today.total == 0:
                await asyncio.sleep(0.01)
        now = outlook.snapshot()
        assert now.since_start.total == 0, "that was before the start"
        assert now.simulated
        assert {state.condition for state in now.devices.values()} == {Condition.ONLINE.value}
        assert now.paper in {each.value for each in Paper}
        assert now.frame_age_s is None
        assert 0 <= now.step_age_s < 5
        assert now.memory_bytes > 2**20
        told = await asyncio.to_thread(status_socket.ask, config.data / SOCKET)
        assert told["state"] == "attract"
        terminal.stop()
        await running
    assert not (config.data / SOCKET).exists()
    await compose.close(station)
    await hall.aclose()


def test_the_vitals_are_told_by_their_ages() -> None:
    now = 100.0
    vitals = Vitals(lambda: now)
    unpainted = vitals.frame_age_s
    assert unpainted is None
    vitals.painted()
    now = 103.0
    assert (vitals.frame_age_s, vitals.step_age_s) == (3.0, 3.0)
    thread = threading.Thread(target=vitals.stepped)
    thread.start()
    thread.join()
    assert vitals.step_age_s == 0.0
    now = 200.0
    vitals.core_over()
    assert vitals.step_age_s == 0.0
