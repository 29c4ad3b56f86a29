"""What is still unknown, from an earlier visit or an earlier run: ask the insurer until it is known, or staff must.
Between two looks the journal forgets a little of what it need not keep any more.

It asks only while nobody stands at the terminal, because an operation under way must not be asked about: the insurer
takes the question as the end of it. A write to a chip is not its affair: the chip itself answers when the card is
inserted again.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque

from kiosk.insurer.api import Activate, InsurerUnreachable, RecordPin
from kiosk.journal import Item
from kiosk.operations import close_resolved
from kiosk.outline import outline
from kiosk.station import Station

log = logging.getLogger(__name__)

AT_INSURER = frozenset({Activate.__name__, RecordPin.__name__})

NEVER_ASKED_S = (0.0, 30.0, 60.0, 300.0, 900.0, 1800.0)
"""Pauses before each of the six questions about an item that nobody has asked about yet, for the power failed while it
was under way. Then it stays for staff (the habit of card payments: at most six repeats of a reversal, growing pauses),
until the next start or until its card comes back; from then on it counts as unknown."""
ASKED_S = (60.0, 1800.0)
"""The same for one whose answer was lost in a visit: that has asked four times (``kiosk.operations``), so two are left.
After a restart these two are asked again, the first at once."""
LINE_DOWN_S = 30.0
"""From a question that could not leave to the next try; it does not count."""
LOOK_S = 5.0
"""How often it looks whether something is due."""


class Recovery:
    """Lives as long as the terminal; :meth:`run` may be cancelled and begun again at any time."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._pauses: dict[str, deque[float]] = {}
        """Before each question that is left for an item, the next one excepted."""
        self._due: dict[str, float] = {}
        self._at_start = True

    async def run(self) -> None:
        """Settle what is due, and tidy the journal a step at a time, for ever. Raises JournalError."""
        # Read once: nothing becomes unknown while nobody is served.
        unsettled = [item for item in self._station.journal.open_items() if item.kind in AT_INSURER]
        for item in unsettled:
            self._take_up(item)
        self._at_start = False  # before any question: a citizen may come while it is on its way
        while True:
            for item in tuple(unsettled):
                if self._due[item.key] <= _now() and await self._settle(item):
                    unsettled.remove(item)
            self._station.journal.tidy()
            await asyncio.sleep(LOOK_S)

    def _take_up(self, item: Item) -> None:
        """Say when it is asked about for the first time, if that is not said yet."""
        if item.key in self._due:
            return
        asked = item.state == "unknown"
        pauses = self._pauses[item.key] = deque(ASKED_S if asked else NEVER_ASKED_S)
        first_s = pauses.popleft()
        self._due[item.key] = _now() + (0.0 if self._at_start else first_s)

    async def _settle(self, item: Item) -> bool:
        """Ask once; whether it is settled now."""
        try:
            outcome = await self._station.insurer.outcome(item.key)
        except InsurerUnreachable as error:
            self._put_off(item, was_asked=error.sent)
        except Exception as error:  # noqa: BLE001  an error of ours must not keep the others from being settled
            log.critical("an outcome could not be understood: %s", outline(error))
            self._put_off(item, was_asked=True)
        else:
            close_resolved(self._station.journal, item.key, outcome)
            log.info("operation %s is settled", item.key)
            return True
        return False

    def _put_off(self, item: Item, *, was_asked: bool) -> None:
        pauses = self._pauses[item.key]
        if not was_asked:
            self._due[item.key] = _now() + LINE_DOWN_S
        elif pauses:
            self._due[item.key] = _now() + pauses.popleft()
        else:
            self._due[item.key] = math.inf
            log.error("operation %s is still unknown and stays for staff", item.key)
            if item.state != "unknown":
                self._station.journal.close(item.key, "unknown")  # what status, metrics and the alert count
            self._station.journal.event("left_for_staff", operation=item.key)


def _now() -> float:
    return asyncio.get_running_loop().time()
