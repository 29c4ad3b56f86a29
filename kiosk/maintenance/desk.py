"""Between operator mode and the glass: show, ask, wait for a fact, and end when nobody is there.

Owns the quiet time of operator mode: five minutes, a warning, and it is over. It knows no act and writes nothing down.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from drivers.api import Card, CardReader, Frame, MuteCard
from kiosk.glass import Glass
from kiosk.held_card import Inside, MuteInside, free
from kiosk.screens import Answer, Finish, Preferences, Scene, Screen, StaffPage, StillThere, Touched
from kiosk.visit import BUSY_SHOWN_S, LIFTED_S
from kiosk.waiting import any_of, at_least, ended

T = TypeVar("T")

IDLE_S = 300.0
"""Five minutes: changing a roll takes less, and a terminal that was left open is closed before the next citizen."""
WARNING_S = 30
ENTRY_IDLE_S = 45.0
"""While it is asked who it is nothing is open yet, and citizens wait."""


class Why(StrEnum):
    """Why somebody has left; journaled if they had entered. ``FINISHED`` also where a try could not be counted."""

    FINISHED = "finished"
    IDLE = "idle"


class Left(Exception):
    """Whoever was there has left operator mode."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Desk:
    """One session's. ``preferences`` may be changed while it lasts."""

    def __init__(self, glass: Glass, preferences: Preferences, clock: Callable[[], datetime]) -> None:
        self.preferences = preferences
        self.idle_s = ENTRY_IDLE_S
        self.warning_s = 0
        self.card: Inside | None = None
        """A card that was put in meanwhile and may still be in."""
        self._glass = glass
        self._clock = clock
        self._quiet_since = asyncio.get_running_loop().time()

    def opened(self) -> None:
        """It is known who it is: from here on the long quiet time counts, with a warning."""
        self.idle_s, self.warning_s = IDLE_S, WARNING_S

    def show(self, screen: Screen[Any], *, counting: bool = False) -> None:
        self._glass.show(
            Scene(
                0,
                screen,
                self.preferences,
                service="staff",
                idle_s=self.idle_s if counting else None,
                now=self._clock(),
            )
        )

    def renew(self, screen: Screen[Any]) -> None:
        """New values on the screen that stands."""
        self._glass.update(screen)

    async def ask(self, screen: Screen[Any], *, again: bool = False) -> Answer:
        """What is answered to it. ``again``: the same screen with new values. Raises Left."""
        answer, _ = await self.either(screen, None, again=again)
        assert answer is not None
        return answer

    async def either(
        self,
        screen: Screen[Any],
        fact: Coroutine[Any, Any, T] | None,
        *,
        again: bool = False,
        pictures: Callable[[], AsyncGenerator[Frame, None]] | None = None,
    ) -> tuple[Answer | None, T | None]:
        """An answer or the fact, whichever comes first; the fact's errors are raised. Raises Left."""
        loop = asyncio.get_running_loop()
        awaited = None if fact is None else asyncio.ensure_future(fact)
        showing = None if pictures is None else asyncio.ensure_future(self._show_pictures(screen, pictures()))
        try:
            if again and self._glass.scene is not None and type(self._glass.scene.screen) is type(screen):
                self._glass.update(screen)
            else:
                self.show(screen, counting=True)
                self._quiet_since = loop.time()
            while True:
                ends = () if awaited is None else (awaited,)
                answer = await self._glass.answer_before(self._quiet_since + self.idle_s - loop.time(), *ends)
                if awaited is not None and awaited.done():
                    return None, awaited.result()
                if answer is None:
                    if not await self._still_there():
                        raise Left(Why.IDLE)
                    self.show(screen, counting=True)
                    self._quiet_since = loop.time()
                    continue
                self._quiet_since = loop.time()
                if isinstance(answer, Finish):
                    raise Left(Why.FINISHED)
                if isinstance(answer, screen.answers):
                    return answer, None
        finally:
            await ended(showing)
            await ended(awaited)

    async def busy(self, screen: Screen[Any], work: Awaitable[T]) -> T:
        """Show what is being done and do it to its end."""
        self.show(screen)
        try:
            return await at_least(BUSY_SHOWN_S, work)
        finally:
            self._quiet_since = asyncio.get_running_loop().time()

    async def _still_there(self) -> bool:
        """Warn and count down; true if somebody came in time."""
        if not self.warning_s:
            return False
        self.show(StillThere(self.warning_s, card_in=False))
        for left in range(self.warning_s - 1, -1, -1):
            answer = await self._glass.answer_before(1.0)
            if isinstance(answer, Touched):  # the finger is down: what it answers comes when it is lifted
                answer = await self._glass.answer_before(LIFTED_S) or answer
            if isinstance(answer, Finish):
                raise Left(Why.FINISHED)
            if answer is not None:
                return True
            self._glass.update(StillThere(left, card_in=False))
        return False

    async def _show_pictures(self, screen: Screen[Any], pictures: AsyncGenerator[Frame, None]) -> None:
        async with aclosing(pictures):
            async for frame in pictures:
                shown = self._glass.scene
                if shown is not None and shown.screen == screen and isinstance(screen, StaffPage):
                    screen = replace(screen, preview=frame)
                    self._glass.update(screen)

    async def next_card(self, reader: CardReader) -> Card:
        """Wait for a card. It is asked for at the end, also one that does not answer. Raises MuteCard, DeviceError."""
        try:
            self.card = card = await reader.card()
        except MuteCard:
            self.card = MuteInside(reader)
            raise
        return card

    async def until_card_out(self, seconds: float) -> None:
        """Let go of the card and wait until it is taken, so long at most."""
        card, self.card = self.card, None
        if card is None:
            return
        is_free = await free(card)
        removal = asyncio.ensure_future(card.removed())
        await any_of(removal, seconds=0.05)
        if not removal.done() and seconds:
            self.show(StaffPage("take_card") if is_free else StaffPage("card_stuck", good=False))
            await any_of(removal, seconds=seconds)
        await ended(removal)
