"""Signs of life: given only while both loops prove that they go on, and to nobody where nobody listens."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.watchdog import ASKED_OFTEN, FRAME_S, STEP_S, Notifier, Vitals, Watchdog


class Listening:
    """Where systemd would listen."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)

    def heard(self) -> list[str]:
        found = []
        while True:
            try:
                found.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["abstract", "path"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listening]:
    name = f"@kiosk-{os.getpid()}" if request.param == "abstract" else f"{tmp_path}/n"
    listening = Listening(name)
    yield listening
    listening.close()


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def watched(systemd: Listening, time: Callable[[], float], interval_s: float = 10.0) -> Watchdog:
    return Watchdog(Vitals(time), Notifier(systemd.address), interval_s)


def test_the_core_may_read_the_errors_while_the_glass_counts_its_first_one() -> None:
    vitals = Vitals(Time())
    reading = iter(vitals.uncaught.items())
    next(reading)
    vitals.uncaught["glass"] += 1
    vitals.uncaught["core"] += 1
    assert len(list(reading)) + 1 == len(vitals.uncaught)
    assert dict(vitals.uncaught + vitals.uncaught) == {"glass": 2, "core": 2}


def test_ready_is_said_once_and_not_while_starting(systemd: Listening) -> None:
    watchdog = watched(systemd, Time())
    watchdog.painted("Starting")
    assert systemd.heard() == []
    watchdog.painted("Attract")
    ready, sign = systemd.heard()
    assert ready.startswith("READY=1\nSTATUS=")
    assert sign == "WATCHDOG=1"
    watchdog.painted("Menu")
    assert systemd.heard() == []


def test_a_frame_is_a_sign_only_while_the_core_goes_on(systemd: Listening) -> None:
    time = Time()
    watchdog = watched(systemd, time)
    watchdog.painted("Attract")
    systemd.heard()
    for _ in range(3):
        time.now += watchdog.every_s
        watchdog.vitals.stepped()
        watchdog.painted("Attract")
        assert systemd.heard() == ["WATCHDOG=1"]
    for _ in range(20):
        time.now += watchdog.every_s
        watchdog.painted("Attract")
    late = systemd.heard()
    assert len(late) <= 1, "a core that does nothing"
    watchdog.vitals.stepped()
    watchdog.painted("Attract")
    assert systemd.heard() == ["WATCHDOG=1"], "and is back"


def test_frames_sixty_times_a_second_are_not_as_many_messages(systemd: Listening) -> None:
    time = Time()
    watchdog = watched(systemd, time)
    watchdog.painted("Attract")
    systemd.heard()
    for _ in range(600):
        time.now += 1 / 60
        watchdog.vitals.stepped()
        watchdog.painted("Attract")
    assert ASKED_OFTEN <= len(systemd.heard()) <= 2 * 10 / watchdog.every_s + 1


def test_a_core_that_has_ended_is_not_asked_for(systemd: Listening) -> None:
    time = Time()
    watchdog = watched(systemd, time)
    watchdog.painted("Attract")
    watchdog.vitals.core_over()
    systemd.heard()
    time.now += 60
    watchdog.painted("OutOfOrder")
    assert systemd.heard() == ["WATCHDOG=1"], "the glass has its last word"


def test_the_line_of_status_is_told_when_it_changes(systemd: Listening) -> None:
    watchdog = watched(systemd, Time())
    watchdog.status("starting")
    watchdog.painted("Attract")
    assert systemd.heard()[0] == "READY=1\nSTATUS=starting"
    watchdog.status("attract")
    watchdog.status("attract")
    watchdog.stopping()
    assert systemd.heard() == ["STATUS=attract", "STOPPING=1\nSTATUS=stopping"]


def test_what_the_environment_says_is_taken_out_of_it(systemd: Listening) -> None:
    environment = {"NOTIFY_SOCKET": systemd.address, "WATCHDOG_USEC": "4000000", "WATCHDOG_PID": str(os.getpid())}
    watchdog = Watchdog.of_environment(Vitals(), environment)
    assert environment == {}
    assert watchdog.every_s == 1.0
    watchdog.painted("Attract")
    assert systemd.heard()[1:] == ["WATCHDOG=1"]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"NOTIFY_SOCKET": ""},
        {"NOTIFY_SOCKET": "relative"},
        {"NOTIFY_SOCKET": "@"},
        {"NOTIFY_SOCKET": "/nobody/listens", "WATCHDOG_USEC": "10000000"},
        {"NOTIFY_SOCKET": "@nobody-listens-here", "WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "-1"},
    ],
)
def test_where_nobody_listens_nothing_fails(environment: dict[str, str]) -> None:
    watchdog = Watchdog.of_environment(Vitals(), environment)
    watchdog.painted("Attract")
    watchdog.status("x")
    watchdog.stopping()
    assert watchdog.vitals.frame_age_s is not None
    assert 0 < watchdog.every_s <= FRAME_S


def test_a_watchdog_that_is_meant_for_another_process_is_not_ours(systemd: Listening) -> None:
    environment = {"NOTIFY_SOCKET": systemd.address, "WATCHDOG_USEC": "4000000", "WATCHDOG_PID": "1"}
    watchdog = Watchdog.of_environment(Vitals(), environment)
    watchdog.painted("Attract")
    (ready,) = systemd.heard()
    assert ready.startswith("READY=1")


async def test_the_core_steps_while_its_loop_runs() -> None:
    vitals = Vitals(asyncio.get_running_loop().time)
    stepping = asyncio.ensure_future(vitals.keep_stepping())
    await asyncio.sleep(3 * STEP_S)
    assert vitals.step_age_s <= STEP_S + 0.4
    stepping.cancel()
