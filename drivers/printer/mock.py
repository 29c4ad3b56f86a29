"""A receipt printer in memory, in place of the driver: keeps the pages and obeys the same rules.

Owns nothing but pages and time from the running loop, so that it works on a virtual clock and replays
exactly. Operations for its fault plan: ``status`` (LOSE, MUTE, DROP) and ``print`` (LOSE, PULL = the paper
ends, MUTE, DROP = silence until the deadline, ERROR = it breaks down).
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import cache

from drivers.api import (
    Condition,
    DeviceLost,
    DeviceTimeout,
    Health,
    Page,
    PrinterStatus,
    Remedy,
    Rule,
)
from drivers.faults import Fault, FaultPlan
from drivers.printer.layout import COLUMNS, Line, rows, transcript
from drivers.printer.mechanism import Mechanism
from drivers.printer.status import Reading, obstacle, reading_of

SECONDS_PER_PAGE = 0.3
DEADLINE_S = 20.0


class MockPrinter(Mechanism):
    """A printer that keeps its pages. The hands at it are the methods of :class:`Mechanism`."""

    def __init__(
        self,
        *,
        faults: FaultPlan | None = None,
        seconds_per_page: float = SECONDS_PER_PAGE,
        deadline_s: float = DEADLINE_S,
        columns: int = COLUMNS,
    ) -> None:
        super().__init__(faults)
        self.pages: list[Page] = []
        """Pages that came out whole, oldest first."""
        self.spoiled: list[Page] = []
        """Pages that were begun and given up."""
        self._seconds = seconds_per_page
        self._deadline_s = deadline_s
        self._columns = columns
        self._turn = asyncio.Lock()
        self._moved = asyncio.Event()
        self._printing = False
        self._page_until: asyncio.Timeout | None = None
        self._closed = False

    async def status(self) -> PrinterStatus:
        self._check_open()
        fault = await self.faults.meet("status")
        if fault is Fault.LOSE:
            self.unplug()
        if not self.is_plugged:
            raise DeviceLost("unplugged")
        if fault in (Fault.MUTE, Fault.DROP, Fault.GARBLE):
            return Reading().status()
        return self.status_now()

    async def health(self) -> Health:
        if self._closed:
            return Health(Condition.OFFLINE, detail="closed", model="mock printer")
        if not self.is_plugged:
            return Health(Condition.OFFLINE, Remedy.CONFIGURATION, "unplugged", "mock printer")
        if self._printing:
            return Health(Condition.BUSY, detail="a page is coming out", model="mock printer")
        return _health_of(self.status_now())

    async def print(self, page: Page) -> None:
        """As the real driver: one page at a time, a second one waits; raises the same errors."""
        async with self._turn:
            self._check_open()
            self._printing = True
            try:
                async with asyncio.timeout(self._deadline_s) as self._page_until:
                    try:
                        await self._print(page)
                    finally:
                        self._page_until = None
            except TimeoutError as error:
                self._check_open()
                raise DeviceTimeout(f"the page is not out after {self._deadline_s:g} s") from error
            finally:
                self._printing = False

    async def close(self) -> None:
        """Nothing is held; a page that is coming out is given up."""
        self._closed = True
        if self._page_until is not None and not self._page_until.expired():
            self._page_until.reschedule(asyncio.get_running_loop().time())

    def _check_open(self) -> None:
        if self._closed:
            raise DeviceLost("closed")

    def text_of(self, page: Page) -> str:
        """The page as it would fall on the paper."""
        return transcript(page, self._columns)

    async def _print(self, page: Page) -> None:
        self._raise_obstacle()
        fault = await self.faults.meet("print")
        self.spoiled.append(page)  # until it is out
        if fault is Fault.LOSE:
            self.unplug()
        elif fault is Fault.PULL:
            self.out_of_paper()
        elif fault is Fault.ERROR:
            self.break_down()
        elif fault in (Fault.MUTE, Fault.DROP):
            await asyncio.get_running_loop().create_future()
        self._raise_obstacle()
        # Only a paper that ends somewhere needs to know how long the page is.
        lines = 0 if self._lines_left is None else self._lines(page)
        if self._lines_left is not None and self._lines_left <= lines:
            await self._roll(self._seconds * self._lines_left / max(1, lines))
            self._lines_left = None
            self.out_of_paper()
            self._raise_obstacle()
        await self._roll(self._seconds)
        if self._lines_left is not None:
            self._lines_left -= lines
        self.spoiled.remove(page)
        self.pages.append(page)
        self.slip_waiting = True

    def _lines(self, page: Page) -> int:
        return sum(isinstance(row, Line | Rule) for row in rows(page, self._columns))

    async def _roll(self, seconds: float) -> None:
        """Let paper come out for so long, unless something stops it."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            self._raise_obstacle()
            self._moved.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    await self._moved.wait()
                    continue
            return

    def _raise_obstacle(self) -> None:
        if not self.is_plugged:
            raise DeviceLost("unplugged")
        found = obstacle(self.status_now())
        if found is not None:
            raise found

    def _changed(self) -> None:
        self._moved.set()


@cache
def _health_of(status: PrinterStatus) -> Health:
    """What the real driver concludes from a printer in this state. It is asked all day, and there are few states."""
    return reading_of(status).health("mock printer")
