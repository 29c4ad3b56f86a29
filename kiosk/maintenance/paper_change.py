"""A new roll, step by step: cover open, paper in, cover closed, test page. The printer's own status leads on.

Owns the order of the steps. A printer that cannot say how its cover is gets a button instead. It mends no printer.
"""

from __future__ import annotations

import asyncio
import logging

from drivers.api import Paper, PrinterStatus
from kiosk.handover import STATUS_S
from kiosk.maintenance.deadlines import answered
from kiosk.maintenance.desk import Desk
from kiosk.maintenance.device_tests import DeviceTests
from kiosk.maintenance.entry import Doing
from kiosk.outline import outline
from kiosk.screens import Answer, Back, StaffPage, StaffRow, Tone
from kiosk.station import Station
from kiosk.text import Catalogue

log = logging.getLogger(__name__)

LOOK_S = 0.5
"""From one look at the printer to the next, while somebody works at it."""


class PaperChange:
    """One change of the roll. A step is over when the printer says so, or "continue" is pressed; Back gives the change
    up."""

    def __init__(self, station: Station, desk: Desk, who: Doing, words: Catalogue, tests: DeviceTests) -> None:
        self._station = station
        self._desk = desk
        self._who = who
        self._words = words
        self._tests = tests

    async def run(self) -> bool:
        """True when a page came out of the new roll. Raises Left."""
        for topic, done in (
            ("paper_open", lambda status: status.cover_open is True),
            ("paper_load", lambda status: status.paper in (Paper.OK, Paper.LOW) or status.cover_open is False),
            ("paper_close", lambda status: status.cover_open is False and status.paper is not Paper.OUT),
        ):
            if isinstance(await self._step(topic, done), Back):
                self._who.note("paper", result="stopped")
                return False
        result = await self._tests.run("printer")
        self._who.note("paper", result=result)
        return result == "passed"

    async def _step(self, topic: str, done: object) -> Answer | None:
        """Until the printer says that it is so, or a hand on the glass says so."""
        assert callable(done)
        again, status = False, await self._status()
        while status is None or not done(status):
            page = StaffPage(topic, self._rows(status), ("continue",))
            answer, status = await self._desk.either(page, self._next_status(), again=again)
            if answer is not None:
                return answer
            again = True
        return None

    async def _next_status(self) -> PrinterStatus | None:
        await asyncio.sleep(LOOK_S)
        return await self._status()

    async def _status(self) -> PrinterStatus | None:
        try:
            return await answered(STATUS_S, self._station.printer.status())
        except Exception as error:  # noqa: BLE001  whatever the driver raises: hands and eyes do as well
            log.info("the printer does not say how it is: %s", outline(error))
            return None

    def _rows(self, status: PrinterStatus | None) -> tuple[StaffRow, ...]:
        say = self._words.say
        if status is None:
            return (StaffRow(say("staff.status"), say("staff.not_answered"), Tone.TURN),)
        paper = say("staff.unknown" if status.paper is Paper.UNKNOWN else f"staff.paper_{status.paper}")
        cover = say({True: "staff.open", False: "staff.shut", None: "staff.unknown"}[status.cover_open])
        rows = [StaffRow(say("staff.paper"), paper), StaffRow(say("staff.cover"), cover)]
        if status.cutter_error:
            rows.append(StaffRow(say("staff.cutter"), say("staff.jammed"), Tone.TURN))
        return tuple(rows)
