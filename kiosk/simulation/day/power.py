"""The terminal's power and the room on its disk: the moments at which one of them can go, and what is left then.

When the power goes, that life of the terminal is over: whatever of it is still to run meets :class:`PowerCut` at its
next step, and what its journal had not made durable may be gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

from kiosk.simulation.day.disk import Disk
from kiosk.simulation.day.weather import Weather
from kiosk.simulation.day.witness import Witness

_CUT_AT = {"apdu": "cut apdu", "answer": "cut answer", "link": "cut request", "print": "cut print"}


class PowerCut(BaseException):
    """The power is gone: nothing of this life of the terminal goes on. No ``except Exception`` can outlive it."""


class Mains:
    """``disk`` is there on days on which the power can go. ``goes`` is called when it does, ``told_to_stop`` when
    somebody ends the terminal in good order."""

    def __init__(
        self,
        weather: Weather,
        witness: Witness,
        disk: Disk | None,
        chance: Random,
        *,
        saw: Callable[[str], None],
        goes: Callable[[], None],
        told_to_stop: Callable[[], None],
    ) -> None:
        self._weather = weather
        self._witness = witness
        self._disk = disk
        self._chance = chance
        self._saw = saw
        self._goes = goes
        self._told_to_stop = told_to_stop
        self._loop = asyncio.get_running_loop()
        self.dark: asyncio.Future[None] = self._loop.create_future()
        """Done once the power has gone."""
        self.full_until = -1.0
        """Moment until which there is no room on the disk."""

    def go(self) -> None:
        """No power from here on."""
        if not self.dark.done():
            self.dark.set_result(None)

    def come_back(self) -> None:
        self.dark = self._loop.create_future()

    def about_to(self, op: str) -> None:
        """A device or the line begins one of its operations."""
        cut = None if self._disk is None else _CUT_AT.get(op)
        if cut is not None:
            self.may_cut(cut)
        elif self.dark.done():
            raise PowerCut

    def may_cut(self, op: str) -> None:
        """One of the moments at which the power can go."""
        if self.dark.done():
            raise PowerCut
        if self._disk is None:
            return
        odds = self._weather.strikes("terminal", op)
        if odds is not None:
            self._disk.cut()
            self._cut(odds.name)
        if self._weather.strikes("terminal", "stop") is not None:
            self._told_to_stop()

    def _cut(self, when: str) -> None:
        self._saw(f"weather: {when}")
        self.go()
        self._goes()
        raise PowerCut

    def room(self) -> bool:
        """See ``Power``."""
        if self.dark.done():
            raise PowerCut
        now = self._loop.time()
        if self._weather.strikes("terminal", "disk") is not None:
            self.full_until = now + self._chance.uniform(0.5, 60.0)
            self._saw("weather: journal full for a while")
        return now >= self.full_until

    def writing(self, write: Callable[[], None], key: str) -> None:
        """See ``Power``."""
        odds = None if self._disk is None else self._weather.strikes("terminal", "cut journal")
        if odds is None:
            write()
            if self._disk is not None:
                self._disk.written()
            return
        assert self._disk is not None
        before = self._disk.image()
        write()
        self._disk.cut_during(before, self._disk.image())
        if key:
            self._witness.may_have_ended(key)
        self._cut(odds.name)

    def intended(self, key: str, kind: str) -> None:
        """See ``Power``."""
        self._witness.intended(key, kind)

    def closed(self, key: str, ending: str) -> None:
        """See ``Power``."""
        self._witness.closed(key, ending)
