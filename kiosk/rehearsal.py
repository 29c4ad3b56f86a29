"""Before a terminal that is out of order shows its first screen again, what that screen lives by is tried behind it.

A reader that says it is well and gives no card, or a journal that takes records and cannot drop any, would else bring
the two screens in turn for as long as the trouble lasts. It shows nothing and decides nothing; a card that comes
meanwhile is kept for the first screen.
"""

from __future__ import annotations

import asyncio
from typing import Any

from drivers.api import Card, MuteCard
from kiosk.held_card import free
from kiosk.recovery import Recovery
from kiosk.station import Station
from kiosk.waiting import any_of, ended

LASTS_S = 1.0
"""A reader that is gone, or a card that is mute, is told within so long (``drivers.api``)."""


class Rehearsal:
    """One terminal's."""

    def __init__(self, station: Station, recovery: Recovery) -> None:
        self._station = station
        self._recovery = recovery
        self._arriving: asyncio.Future[Card] | None = None

    async def trouble(self, *ends: asyncio.Future[Any], serving: bool) -> Exception | None:
        """What fails, or nothing, by the time that it lasts or one of the ends is there. ``serving``: a card is waited
        for as well, and :meth:`arriving` goes on with that wait."""
        settling = asyncio.ensure_future(self._recovery.run())
        tried: list[asyncio.Future[Any]] = [settling]
        if serving:
            self._arriving = asyncio.ensure_future(self._station.reader.card())
            tried.append(self._arriving)
        try:
            await any_of(*tried, *ends, seconds=LASTS_S)
            return next((error for error in map(_error_of, tried) if error is not None), None)
        finally:
            await ended(settling)

    def keep(self, card: asyncio.Future[Card] | None) -> None:
        """One that came while another visit came to its end."""
        self._arriving = card

    @property
    def has_card(self) -> bool:
        """Whether one has come, be it mute, and waits to be served."""
        return self._arriving is not None and self._arriving.done()

    def arriving(self) -> asyncio.Future[Card]:
        """The wait for a card: the one that has begun already, or a new one."""
        begun, self._arriving = self._arriving, None
        return begun if begun is not None else asyncio.ensure_future(self._station.reader.card())

    async def given_up(self) -> Card | None:
        """Nobody goes on with the wait. A card that has come is freed, and returned: it is in."""
        arriving, self._arriving = self._arriving, None
        await ended(arriving)
        if arriving is None or arriving.cancelled() or arriving.exception() is not None:
            return None
        card = arriving.result()
        await free(card)
        return card


def _error_of(task: asyncio.Future[Any]) -> Exception | None:
    """Of a task that has failed; a mute card is for the visit to explain."""
    error = task.exception() if task.done() else None
    return error if isinstance(error, Exception) and not isinstance(error, MuteCard) else None
