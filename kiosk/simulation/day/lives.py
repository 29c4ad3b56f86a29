"""The lives of the terminal on one day: it starts, serves, is stopped or loses its power, and starts again.

Owns what is new in each life (drivers, line, journal opened anew, terminal and glass) and sees to it that nothing of a
life that is over goes on. Who comes, and what must be true, is not decided here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import policy
from kiosk.glass import Glass
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.journal import Journal
from kiosk.screens import Attract, Scene
from kiosk.settings import Settings
from kiosk.simulation.day.disk import Disk
from kiosk.simulation.day.line import WeatheredLine
from kiosk.simulation.day.parts import Parts
from kiosk.simulation.day.power import Mains, PowerCut
from kiosk.simulation.day.premises import Premises
from kiosk.simulation.day.weather import Weather
from kiosk.simulation.day.witness import Invariant, Witness
from kiosk.station import Station
from kiosk.terminal import Terminal
from kiosk.text import catalogues
from kiosk.waiting import any_of

STOPS_S = 90.0
"""A terminal that is told to stop has stopped by then: a service manager waits no longer."""
DARK_S = (2.0, 90.0)
"""So long it takes until it is started again."""


@cache
def _rules() -> policy.Policy:
    return policy.load("zhengzhou")


@cache
def _seal_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Lives:
    """``shown`` is called with each new scene, ``ended`` when a life is over; ``counted`` takes what was met."""

    def __init__(
        self,
        parts: Parts,
        office: EmbeddedInsurer,
        premises: Premises,
        mains: Mains,
        weather: Weather,
        witness: Witness,
        disk: Disk | None,
        *,
        repairs: Random,
        keys: Random,
        clock: Callable[[], datetime],
        saw: Callable[[str], None],
        wrong: Callable[[Invariant, str], None],
        shown: Callable[[Scene], None],
        ended: Callable[[], None],
        counted: Counter[str],
    ) -> None:
        self._parts = parts
        self._office = office
        self._premises = premises
        self._mains = mains
        self._weather = weather
        self._witness = witness
        self._disk = disk
        self._repairs = repairs
        self._keys = keys
        self._clock = clock
        self._saw = saw
        self._wrong = wrong
        self._shown = shown
        self._ended = ended
        self._counted = counted
        self._loop = asyncio.get_running_loop()
        self._secret = keys.randbytes(32)
        self._number = 0
        self._serial = 0, 0
        self._served: object | None = None
        """Whose scene was drawn last."""
        self.own: set[asyncio.Future[Any]] = set()
        """Tasks that belong to the day and not to a life of the terminal: they go on when the power goes."""
        self.attract = asyncio.Event()
        """Set while the terminal waits for a citizen."""
        self.stopping = False
        self.glass: Glass | None = None
        self.terminal: Terminal | None = None
        self.journal: Journal | None = None
        self.line_plan = premises.plan("line")

    @property
    def state(self) -> str:
        return "dark" if self.terminal is None else str(self.terminal.state)

    def _station(self) -> Station:
        parts, hall = self._parts, self._premises.hall
        self._premises.new_drivers()
        self.line_plan = self._premises.plan("line")
        line = WeatheredLine(
            self._office,
            self.line_plan,
            self._weather,
            asked=self._witness.asked,
            performed=self._witness.performed,
            arrived=lambda: self._mains.may_cut("cut change"),
            answered=lambda: self._mains.may_cut("cut reply"),
            on_its_way=self._send_on_its_way,
            lent=self._witness.lent,
            seconds=self._repairs.uniform,
        )
        path = ":memory:" if self._disk is None else self._disk.mount()
        self.journal = parts.journal(path, self._clock, self._secret, self._mains)
        return Station(
            reader=parts.reader(hall.reader),
            id_reader=parts.id_reader(hall.id_reader),
            scanner=parts.scanner(hall.scanner),
            printer=parts.printer(hall.printer),
            insurer=parts.insurer(line),
            journal=self.journal,
            policy=_rules(),
            settings=Settings(simulated=True),
            catalogues=catalogues(),
            seal_key=_seal_key(),
            clock=self._clock,
            new_key=lambda: f"{self._keys.getrandbits(60):015X}",
        )

    def tell_to_stop(self) -> None:
        if self.stopping or self.terminal is None:
            return
        self._saw("told to stop")
        self.stopping = True
        self._witness.disturbed()
        self.terminal.stop()
        life = self._number
        self._loop.call_later(STOPS_S, lambda: self._must_have_stopped(life))

    def _must_have_stopped(self, life: int) -> None:
        if life == self._number and self.terminal is not None and not self._mains.dark.done():
            self._wrong(Invariant.NOTHING_WAITS, "told to stop, and goes on")

    def _send_on_its_way(self, seconds: float, arrive: Callable[[], Awaitable[object]]) -> None:
        async def travel() -> None:
            await asyncio.sleep(seconds)
            await arrive()

        self._keep(asyncio.ensure_future(travel()))

    def _keep(self, task: asyncio.Future[Any]) -> None:
        self.own.add(task)
        task.add_done_callback(self.own.discard)

    async def live(self) -> None:
        """Start the terminal, and start it again whenever it has ended, until the day is over."""
        while True:
            self._number += 1
            self._mains.come_back()
            self.stopping = False
            station = self._station()
            assert self.journal is not None
            if self._number > 1:
                self._counted["started again"] += 1
                if findings := self.journal.verify():
                    self._wrong(Invariant.JOURNAL_SOUND, f"{findings[0].damage} at {findings[0].seq}")
                self._witness.journal_knows(item.key for item in self.journal.open_items())
            life = self._number
            glass = Glass(lambda scene, life=life: self._drawn(scene, life))  # type: ignore[misc]
            self.glass, self.terminal = glass, self._parts.terminal(station, glass)
            running = self._loop.create_task(self.terminal.run())
            await any_of(running, self._mains.dark)
            if self._mains.dark.done():
                self._counted["power cut"] += 1
                await self.end_of_life()
            elif not running.cancelled() and running.exception() is not None:
                self._wrong(Invariant.NO_ERROR, f"the terminal ended with {type(running.exception()).__name__}")
            else:
                self._counted["stopped"] += 1
                if self._disk is not None:
                    self._disk.shut()
            self.terminal = self.glass = self._served = None
            self.attract.clear()
            self._ended()
            self._witness.power_cut()
            if self._disk is not None:
                self.journal.shut()
                await asyncio.sleep(self._repairs.uniform(*DARK_S))
            else:
                return

    async def end_of_life(self) -> None:
        """Nothing of what ran goes on, and nothing of it can have an effect any more."""
        mine = asyncio.current_task()
        running = [task for task in asyncio.all_tasks() if task is not mine and task not in self.own]
        for task in sorted(running, key=_number_of):
            task.cancel()
        if running:
            await asyncio.wait(running)
        for task in running:
            if not task.cancelled():
                task.exception()

    def _drawn(self, scene: Scene, life: int) -> None:
        if self._mains.dark.done() or life != self._number:
            raise PowerCut
        if self._serial == (life, scene.serial):
            return
        self._serial = life, scene.serial
        before, self._served = self._served, None if self.terminal is None else self.terminal.served
        if self._served is not None and before is not None and self._served is not before:
            self._witness.next_one(scene)
        self._witness.shown(scene)
        if isinstance(scene.screen, Attract):
            self.attract.set()
            if self._served is not None:
                self._wrong(Invariant.NOTHING_PERSONAL, "the terminal still holds the visit")
        else:
            self.attract.clear()
        self._shown(scene)
        self._premises.may_swap()
        self._mains.may_cut("cut screen")


def _number_of(task: asyncio.Task[Any]) -> int:
    """Tasks in the order in which they were made, which is the same every time."""
    return int(task.get_name().rpartition("-")[2])
