"""The terminal's window to the outside: it stands beside the terminal while that lives, and tells how it is.

Owns the snapshot's making and the ways out that the configuration names. It never holds the terminal up: what cannot be
opened or asked is logged and left out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, time

from drivers.api import DeviceError, Paper
from kiosk import __version__
from kiosk.config import Config
from kiosk.journal import JournalError
from kiosk.lifecycle import State
from kiosk.outline import outline
from kiosk.status.snapshot import DeviceState, Snapshot
from kiosk.terminal import Terminal
from kiosk.watchdog import Watchdog, resident_bytes

log = logging.getLogger(__name__)

SOCKET = "status.socket"
"""Name in the terminal's folder."""
PAPER_S = 30.0
"""How often the printer is asked for its paper while nobody is served."""
PAPER_ANSWER_S = 10.0
STATUS_S = 5.0
RECALLED_AT_ONCE = 100
"""Events of earlier this day that are counted in one turn of the loop."""


class Outlook:
    """One terminal's. Its methods are for the core's loop."""

    def __init__(self, terminal: Terminal, watchdog: Watchdog) -> None:
        self._terminal = terminal
        self._watchdog = watchdog
        self._started = terminal.station.clock()
        self._paper = Paper.UNKNOWN

    def snapshot(self) -> Snapshot:
        """How the terminal is now. Cheap: it asks no device."""
        terminal, station, vitals = self._terminal, self._terminal.station, self._watchdog.vitals
        now = station.clock()
        operations: dict[str, int] | None
        try:
            operations = dict(Counter(item.state for item in station.journal.open_items()))
        except JournalError:
            operations = None
        return Snapshot(
            terminal=station.settings.terminal,
            version=__version__,
            at=now,
            started=self._started,
            state=terminal.state.value,
            code=terminal.code,
            simulated=station.settings.simulated,
            devices={
                name: DeviceState(health.condition.value, health.remedy.value)
                for name, health in terminal.watch.health.items()
            },
            paper=self._paper.value,
            since_start=terminal.tally.since_start(),
            today=terminal.tally.today(now),
            visit_s=terminal.tally.times(),
            operations=operations or {},
            journal_readable=operations is not None,
            frame_age_s=vitals.frame_age_s,
            step_age_s=vitals.step_age_s,
            uncaught=dict(vitals.uncaught + terminal.uncaught),
            memory_bytes=resident_bytes() + vitals.elsewhere_bytes,
        )

    async def keep_asking_for_paper(self) -> None:
        """Until cancelled. A write-only link answers that it does not know."""
        while True:
            if self._terminal.state in (State.ATTRACT, State.OUT_OF_ORDER):
                try:
                    async with asyncio.timeout(PAPER_ANSWER_S):
                        self._paper = (await self._terminal.station.printer.status()).paper
                except (DeviceError, TimeoutError):
                    self._paper = Paper.UNKNOWN
                except Exception as error:  # noqa: BLE001  a driver of somebody else's: the terminal goes on
                    self._paper = Paper.UNKNOWN
                    log.error("the printer could not be asked for its paper: %s", outline(error))
            await asyncio.sleep(PAPER_S)

    async def keep_status(self) -> None:
        """The line for ``systemctl status``, until cancelled."""
        while True:
            self._watchdog.status(self.snapshot().line)
            await asyncio.sleep(STATUS_S)

    async def recall_today(self) -> None:
        """Count what the journal has of this day from before the start."""
        journal, tally = self._terminal.station.journal, self._terminal.tally
        midnight = datetime.combine(self._started.date(), time(), self._started.tzinfo)
        try:
            for kind in ("visit", "refused"):
                for number, event in enumerate(journal.events(kind, midnight), 1):
                    if event.at >= self._started:
                        break
                    tally.recall(kind, event.facts, event.at.astimezone(self._started.tzinfo))
                    if number % RECALLED_AT_ONCE == 0:
                        await asyncio.sleep(0)
        except JournalError as error:
            log.warning("earlier visits of this day are not counted: %s", type(error).__name__)


@asynccontextmanager
async def beside(terminal: Terminal, config: Config, watchdog: Watchdog) -> AsyncIterator[Outlook]:
    """Tell how the terminal is, in every way that is configured, while the block runs."""
    from kiosk.status import socket

    outlook = Outlook(terminal, watchdog)
    servers: list[asyncio.Server] = []
    try:
        servers.append(await socket.serve(config.data / SOCKET, outlook.snapshot))
    except OSError as error:
        log.error("kiosk status cannot be answered: %s", error.strerror or type(error).__name__)
    if config.metrics is not None:
        from kiosk.status import metrics  # the library is loaded only where somebody reads it

        try:
            servers.append(await metrics.serve(*config.metrics, outlook.snapshot))
        except OSError as error:
            log.error("no metrics on %s port %d: %s", *config.metrics, error.strerror or type(error).__name__)
    tasks = [
        asyncio.ensure_future(work)
        for work in (
            watchdog.vitals.keep_stepping(),
            outlook.keep_asking_for_paper(),
            outlook.keep_status(),
            outlook.recall_today(),
        )
    ]
    for task in tasks:
        task.add_done_callback(_ended)
    try:
        yield outlook
    finally:
        for server in servers:
            server.close()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        (config.data / SOCKET).unlink(missing_ok=True)


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("the outlook failed: %s", outline(error))
