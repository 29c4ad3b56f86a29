"""How a visit ended, told: for how long it stands there, and who else is served before that is over.

Nothing interrupts it, for what was done must be heard; a terminal that closes only shortens it. Owns the wait for the
next citizen's card; what is told, and what follows on an answer, is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from drivers.api import Card, DeviceError, MuteCard
from kiosk.glass import Glass
from kiosk.held_card import CardKeeping, Inside, MuteInside, free
from kiosk.outline import outline
from kiosk.screens import Answer, Finish, Pick, Prefer, Screen, Slip
from kiosk.station import Station
from kiosk.waiting import any_of, ended

log = logging.getLogger(__name__)

A = TypeVar("A", bound=Answer)

READ_S = 4.0
"""So long what is told stays at least, whoever puts a card in: title and help can be read."""

CLOSING_TOLD_S = 5.0
"""How long an outcome stays when the terminal is about to stop: it can be read, and no service manager gets tired."""


class Telling:
    """One visit's ends. ``show`` puts one on the glass for so many seconds, or for those that are left while another
    waits, and says how many this citizen needs; ``heed`` follows a wish; ``closing`` is done when the terminal is about
    to stop."""

    def __init__(
        self,
        station: Station,
        glass: Glass,
        keeping: CardKeeping,
        closing: asyncio.Future[None],
        show: Callable[[Screen[Any], float, float | None], float],
        heed: Callable[[Prefer], None],
    ) -> None:
        self._station = station
        self._glass = glass
        self._keeping = keeping
        self._closing = closing
        self._show = show
        self._heed = heed
        self.newcomer: asyncio.Future[Card] | None = None
        """A card that was put in while an end was still told, be it mute: whoever did that waits to be served. Done."""
        self._until = 0.0
        """When the end that is told makes room, in the loop's time."""

    async def tell(self, screen: Screen[A], seconds: float, *, until_card_taken: bool) -> A | None:
        """``None`` if nobody answered, or the card was taken instead, or the slot was empty and a card put in: whoever
        did that goes on, and nobody takes for theirs what was told another. Only a code on the screen stays, for it is
        all that its citizen gets: it keeps its time, which no touch prolongs any more, and says how to go on."""
        code = getattr(screen, "slip", None) is Slip.ON_SCREEN
        coming = asyncio.ensure_future(asyncio.Future() if code else self._next_card())
        beside = asyncio.create_task(self._beside_code(screen)) if code else None
        try:
            return await self._told(screen, seconds, coming, until_card_taken=until_card_taken)
        finally:
            await ended(beside)
            await ended(coming)
            if not coming.cancelled():
                self.newcomer = coming

    async def _told(
        self, screen: Screen[A], seconds: float, coming: asyncio.Future[Card], *, until_card_taken: bool
    ) -> A | None:
        loop = asyncio.get_running_loop()
        stays_s = self._show(screen, seconds, None)
        self._until = loop.time() + stays_s
        taken = self._keeping.removal if until_card_taken and self._keeping.is_in else None
        hurried = False
        while (left := self._left_s()) > 0:
            if self._closing.done() and not hurried:
                hurried, self._until = True, min(self._until, loop.time() + CLOSING_TOLD_S)
                continue
            ends = [end for end in (taken, None if hurried else self._closing) if end is not None]
            answer = await self._glass.answer_before(left, coming, *ends)
            if coming.done():
                return None
            if answer is None and self._closing.done() and not hurried:
                continue
            if answer is None and taken is not None and taken.done() and not await self._keeping.reader_is_there():
                taken = None  # the card has not left its reader, but both of them the terminal
                continue
            if answer is None or isinstance(answer, Finish):
                return None
            if isinstance(answer, screen.answers) and not (isinstance(answer, Pick) and self.newcomer is not None):
                return answer  # type: ignore[return-value]  # the glass let only this screen's answers through
            if isinstance(answer, Prefer):
                self._heed(answer)
                waits = self.newcomer is not None
                stays_s = self._show(
                    screen.without_more() if waits else screen, seconds, self._left_s() if waits else None
                )
            if self.newcomer is not None:
                self._glass.another_waits(self._left_s())
            elif not hurried:
                self._until = loop.time() + stays_s
        return None

    def _left_s(self) -> float:
        return self._until - asyncio.get_running_loop().time()

    async def _beside_code(self, screen: Screen[A]) -> None:
        """Whoever comes next is seen and waits, unless they take their card away again."""
        try:
            while True:
                card = await self._newcomer_in()
                self._glass.another_waits(self._left_s())
                await card.removed()
                self.newcomer = None
                self._glass.nobody_waits(screen)
                await free(card)
        except Exception as error:  # noqa: BLE001  as below; who is seen to wait is served all the same
            log.critical("nobody is waited for beside a code: %s", outline(error))

    async def _newcomer_in(self) -> Inside:
        coming = asyncio.create_task(self._next_card())
        try:
            await any_of(coming)
        finally:
            await ended(coming)
            if not coming.cancelled():
                self.newcomer = coming
        return MuteInside(self._station.reader) if coming.exception() is not None else coming.result()

    async def _next_card(self) -> Card:
        """A card that comes after this visit's was taken, or that there never was one; not before what is told could be
        read, for one that was exchanged is in already. Raises MuteCard."""
        await asyncio.sleep(READ_S)
        if self._keeping.inside is not None:
            if self._keeping.removal is None:
                await asyncio.Future()  # it is in and was never looked at: its reader would give it again
            else:
                await asyncio.wait({self._keeping.removal})
            if not await self._keeping.reader_is_there():
                await asyncio.Future()  # both of them left the terminal
            await self._keeping.let_go()  # before there is another: a driver may know only one
        try:
            return await self._station.reader.card()
        except MuteCard:
            raise
        except DeviceError:
            pass  # told where it is noticed
        except Exception as error:  # noqa: BLE001  a driver of somebody else's: what it breaks must not end the telling
            log.critical("no card could be waited for: %s", outline(error))
        return await asyncio.Future()
