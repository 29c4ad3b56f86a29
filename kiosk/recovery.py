"""What is still unknown, from an earlier visit or an earlier run: ask the insurer until it is known, or staff must.
Between two looks the journal forgets a little of what it need not keep any more.

It asks only while nobody stands at the terminal, because an operation under way must not be asked about: the insurer
takes the question as the end of it. A write to a chip is not its affair: the chip itself answers when the card is
inserted again.
"""

from __future__ import annotations

import asyncio
import logging

from kiosk.insurer.api import Activate, InsurerUnreachable, RecordPin
from kiosk.journal import Item
from kiosk.operations import close_resolved
from kiosk.outline import outline
from kiosk.station import Station

log = logging.getLogger(__name__)

AT_INSURER = frozenset({Activate.__name__, RecordPin.__name__})

PAUSES_S = (0.0, 30.0, 60.0, 300.0, 900.0, 1800.0)
"""Before each of the six questions about one item. Then it stays for staff (the habit of card payments: at most six
repeats of a reversal, growing pauses); the next start, or the card itself when it comes back, asks once more."""
LOOK_S = 5.0
"""How often it looks whether something is due."""


class Recovery:
    """Lives as long as the terminal; :meth:`run` may be cancelled and begun again at any time."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._asked: dict[str, int] = {}
        self._due: dict[str, float] = {}

    async def run(self) -> None:
        """Settle what is due, and tidy the journal a step at a time, for ever. Raises JournalError."""
        while True:
            for item in self._station.journal.open_items():
                if item.kind in AT_INSURER and self._is_due(item.key):
                    await self._ask(item)
            self._station.journal.tidy()
            await asyncio.sleep(LOOK_S)

    def _is_due(self, key: str) -> bool:
        if self._asked.setdefault(key, 0) == len(PAUSES_S):
            return False
        return self._due.setdefault(key, _now() + PAUSES_S[0]) <= _now()

    async def _ask(self, item: Item) -> None:
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

    def _put_off(self, item: Item, *, was_asked: bool) -> None:
        """A question that never left is no question: the item keeps its tries while the line is down."""
        if was_asked:
            self._asked[item.key] += 1
        asked = self._asked[item.key]
        if asked < len(PAUSES_S):
            self._due[item.key] = _now() + PAUSES_S[max(1, asked)]
        else:
            log.error("operation %s is still unknown and stays for staff", item.key)
            self._station.journal.event("left_for_staff", operation=item.key)


def _now() -> float:
    return asyncio.get_running_loop().time()
