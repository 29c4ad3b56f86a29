"""The terminal under a supervisor that plays systemd: whatever stands still, it comes back by itself.

The short watchdog of the daily run proves the same as the long one of the unit; ``KIOSK_SOAK=1`` in the environment
plays the unit's own 10 s, and fifty crashes in a row.
"""

from __future__ import annotations

import asyncio
import configparser
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.helpers import stuck_printer
from tests.helpers.stuck_glass import SECRET
from tests.helpers.supervisor import Supervisor
from tests.helpers.wire import ROOT, kiosk

pytestmark = pytest.mark.system

SOAK = "KIOSK_SOAK" in os.environ
WATCHDOG_S = 10.0 if SOAK else 3.0
CRASHES = 50 if SOAK else 2
START_S = 60.0
"""On a machine with much else to do; what is promised is measured and printed."""
UNIT = ROOT / "packaging/root/lib/systemd/system/yibao-kiosk.service"


class Stand:
    """A folder with a terminal in it whose card service is away, and whose printer can block the core."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blocked = folder / "blocked"
        self.config = folder / "kiosk.toml"
        stuck_printer.install(folder / "plugins")
        self.config.write_text(
            f'[terminal]\nid = "ZZ-0001"\n[devices]\ncard = "pcsc:"\nidcard = "sdt:{folder}/none"\n'
            f'scanner = "serial:{folder}/none"\nprinter = "stuck:{self.blocked}"\n'
            f'[insurer]\npath = "{folder}/insurer.db"\n[data]\ndir = "{folder}/data"\n'
        )

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "QT_QUICK_BACKEND": "software",
            "PCSCLITE_CSOCK_NAME": str(self.folder / "no-pcscd"),
            "PYTHONPATH": os.pathsep.join((str(self.folder / "plugins"), str(ROOT))),
        }

    def supervisor(self) -> Supervisor:
        words = (sys.executable, "-m", "tests.helpers.stuck_glass", "run", "--config", str(self.config), "--window")
        return Supervisor(words, WATCHDOG_S, folder=self.folder, cwd=ROOT, env=self.env)

    async def status(self) -> dict[str, object]:
        ended = await kiosk("status", "--json", "--config", str(self.config))
        found: dict[str, object] = json.loads(ended.out)
        return found | {"status": ended.status}


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


async def test_a_terminal_that_lives_says_so(stand: Stand) -> None:
    assert await stand.status() == {"running": False, "status": 2}
    async with stand.supervisor() as systemd:
        life = await systemd.ready(1, START_S)
        await systemd.until(lambda: len(life.signs) >= 6, START_S, "signs of life")
        assert life.killed is None
        told = await stand.status()
        assert told["state"] == "out_of_order"
        assert told["status"] == 1
        expected = "STATUS=out_of_order, 0 visits today; terminal: out_of_order D01; card: offline"
        await systemd.until(lambda: any(line.startswith(expected) for line in life.said), START_S, "its line")
    assert "STOPPING=1" in life.said
    assert life.strangers == 0, "a child has the supervisor's address"
    assert (await stand.status())["running"] is False


async def back_after(systemd: Supervisor, stuck_at: float) -> None:
    """Killed because it said nothing, started again, and at its first screen."""
    again = await systemd.ready(2, START_S)
    before = systemd.lives[0]
    assert before.killed is not None, "it ended by itself"
    assert again.ready is not None
    print(f"\nstuck: restarted after {again.began - stuck_at:.1f} s, first screen after {again.ready - stuck_at:.1f} s")
    # What the watchdog waits, and one distance between two signs; the rest is this machine's.
    assert before.killed - stuck_at < WATCHDOG_S * 1.4 + 1.0


async def a_stopped_process(folder: Path) -> None:
    async with Stand(folder).supervisor() as systemd:
        await systemd.ready(1, START_S)
        systemd.signal(signal.SIGSTOP)
        await back_after(systemd, asyncio.get_running_loop().time())


async def a_glass_that_computes_for_ever(folder: Path) -> None:
    async with Stand(folder).supervisor() as systemd:
        await systemd.ready(1, START_S)
        systemd.signal(signal.SIGUSR1)
        await back_after(systemd, asyncio.get_running_loop().time())


async def a_core_that_is_blocked(folder: Path) -> None:
    """While the glass paints on: its frames alone are no sign of life."""
    stand = Stand(folder)
    stand.blocked.touch()
    async with stand.supervisor() as systemd:
        life = await systemd.ready(1, START_S)
        await systemd.until(lambda: life.killed is not None, START_S, "the watchdog")
        stuck_at = float(stand.blocked.with_suffix(".since").read_text())  # the clock of this loop too
        stand.blocked.unlink()
        await back_after(systemd, stuck_at)


async def test_whatever_stands_still_comes_back(tmp_path: Path) -> None:
    """Side by side, for most of it is waiting."""
    await asyncio.gather(
        *(stuck(tmp_path / stuck.__name__) for stuck in (a_stopped_process, a_glass_that_computes_for_ever)),
        a_core_that_is_blocked(tmp_path / "core"),
    )


async def test_crash_after_crash_it_comes_back(stand: Stand) -> None:
    async with stand.supervisor() as systemd:
        for number in range(1, CRASHES + 1):
            await systemd.ready(number, START_S)
            systemd.signal(signal.SIGKILL)
        last = await systemd.ready(CRASHES + 1, START_S)
        assert last.ready is not None
        times = sorted((life.ready or 0) - life.began for life in systemd.lives)
        median, longest = times[len(times) // 2], times[-1]
        print(f"\n{CRASHES} crashes: to the first screen median {median:.1f} s, longest {longest:.1f} s")


async def test_an_error_that_nobody_caught_is_counted_and_quotes_nothing(stand: Stand) -> None:
    async with stand.supervisor() as systemd:
        life = await systemd.ready(1, START_S)
        systemd.signal(signal.SIGUSR2)
        told: dict[str, object] = {}
        async with asyncio.timeout(START_S):
            while not told.get("uncaught"):
                told = await stand.status()
        assert told["uncaught"] == {"glass": 1}
        assert life.ended is None, "it goes on"
        log = (stand.folder / "stderr").read_text()
    assert "KeyError" in log
    assert SECRET not in log
    assert all(json.loads(line)["level"] for line in log.splitlines()), "every line is JSON"


def test_the_unit_asks_for_it() -> None:
    """StartLimitIntervalSec belongs to [Unit]; elsewhere systemd ignores it."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(UNIT.read_text("utf-8"))
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["NotifyAccess"] == "main"
    assert service["WatchdogSec"] == "10"
    assert service["WatchdogSignal"] == "SIGKILL", "an abort would leave a citizen's data in a core dump"
    assert service["Restart"] == "always"
