"""A whole day of one terminal in virtual time: it starts, people come, things fail, the power goes and comes back.

Owns the order in which all of this happens and every chance in it, drawn from one seed. What must be true is the
witness's affair; how people act, the visitors'.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from drivers.faults import Fault
from kiosk.held_card import HeldCard
from kiosk.insurer.people import CROWD, INITIAL_PIN, SAMPLE_PIN, SamplePerson, population
from kiosk.pin import Pin
from kiosk.screens import Scene
from kiosk.settings import Settings
from kiosk.simulation import hall as halls
from kiosk.simulation.day.disk import Disk
from kiosk.simulation.day.lives import Lives
from kiosk.simulation.day.parts import SHIPPED, Parts
from kiosk.simulation.day.power import Mains, PowerCut
from kiosk.simulation.day.premises import Premises
from kiosk.simulation.day.visitor import Visitor, draw_manner
from kiosk.simulation.day.weather import FAULTS, Odds, Weather
from kiosk.simulation.day.witness import Invariant, Witness
from kiosk.visit import Visit

MORNING = datetime(2026, 11, 20, 9, 41, tzinfo=timezone(timedelta(hours=8)))
VISITORS = (10, 30)
"""How many people come on one day, at least and at most."""
LONGEST_VISIT_S = 3600.0
"""After so long somebody who is still being served waits for ever."""
ATTRACT_S = 400.0
"""So long at most until the terminal waits for the next citizen, once nothing keeps it from doing so."""
SETTLES_S = 2000.0
"""So long it may take until what is unknown is settled once the line is up: a little more than the longest pause
between two questions about it."""
LOOK_S = 10.0
LEFTOVERS_EVERY = 8
"""On one day of so many the whole memory is searched in the evening, which takes as long as a visit or two."""
NIGHT_S = 3700.0
"""Longer than all pauses between the six questions about one operation."""
COMMON = ("issued", "issued_ecredential", "active", "active_retired", "two_insurances", "sm4_issued", "sm4_card")
"""Half of all visitors are of these; the others are one of the named cases, or anybody at all."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What was not as it must be: the sentence of the ``Invariant``, and what was seen. The first one ends its day."""

    invariant: str
    what: str


@dataclass
class Played:
    """What a day came to."""

    seed: int
    violation: Violation | None = None
    visits: int = 0
    virtual_s: float = 0.0
    coverage: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)

    @property
    def digest(self) -> bytes:
        return hashlib.sha256("\n".join(self.trace).encode()).digest()


class _Over(Exception):
    """Something was not right: the day ends here."""


@cache
def _by_slug() -> dict[str, SamplePerson]:
    return {one.slug: one for one in population(MORNING.date())}


class Day:
    """One day; :meth:`live` plays it, on a virtual loop. ``scratch`` is a folder for the journal's files, used only on
    days on which the power can go."""

    def __init__(
        self, seed: int, parts: Parts = SHIPPED, scratch: Path | None = None, faults: Iterable[Odds] = FAULTS
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.played = Played(seed)
        self._chance = {
            purpose: Random(f"{purpose} of day {seed}")  # noqa: S311 - replayable chance, not a secret
            for purpose in ("weather", "people", "repairs", "keys")
        }
        self._parts = parts
        self.weather = Weather(self._chance["weather"], faults)
        self._morning = MORNING  # by the terminal's clock, which can jump
        self._office = parts.office(self._true_time, self._digits)
        self._disk: Disk | None = None
        if self.weather.power_unsafe:
            assert scratch is not None, "a day without safe power needs a disk"
            self._disk = Disk(scratch, self._chance["repairs"])
        self.witness = Witness(
            self.wrong,
            self.saw,
            defaults=Settings().defaults,
            card_kept=lambda: self._premises.card_is_kept,
            verifies=lambda: self._premises.verifies(),
            chip=lambda slug: self._premises.hall.chip(slug),
        )
        self._mains = Mains(
            self.weather,
            self.witness,
            self._disk,
            self._chance["repairs"],
            saw=self.saw,
            goes=lambda: self._premises.lose_power(),
            told_to_stop=lambda: self._lives.tell_to_stop(),
        )
        self._premises = Premises(
            self._office,
            _by_slug(),
            self.weather,
            self.witness,
            self._chance["repairs"],
            clock=self._true_time,
            saw=self.saw,
            about_to=self._mains.about_to,
            wrong=self.wrong,
        )
        self._hall = self._premises.hall
        self._everybody = tuple(_by_slug().values())
        self._pins: dict[str, list[str]] = {}
        self._over = asyncio.Event()
        self._visitor: Visitor | None = None
        self._lives = Lives(
            parts,
            self._office,
            self._premises,
            self._mains,
            self.weather,
            self.witness,
            self._disk,
            repairs=self._chance["repairs"],
            keys=self._chance["keys"],
            clock=self._terminal_time,
            saw=self.saw,
            wrong=self.wrong,
            shown=self._shown,
            ended=self._dark,
            counted=self.played.coverage,
        )

    # --- what everybody can see ----------------------------------------------------------------------------------

    def saw(self, what: str) -> None:
        """One line of the day's trace."""
        self.played.trace.append(f"{self._loop.time():.3f} {what}")

    def wrong(self, invariant: Invariant, what: str) -> None:
        """Something is not as it must be. Only the first counts: what follows may follow from it."""
        if self.played.violation is None:
            self.saw(f"WRONG: {invariant}: {what}")
            self.played.violation = Violation(invariant.value, what)
            self._over.set()

    def logged(self, record: logging.LogRecord) -> None:
        """The terminal has written a line into its log."""
        if self._mains.dark.done():
            return
        line = record.getMessage()
        if (
            record.levelno >= logging.CRITICAL
            and (" X99" in line or "failed while" in line or "broke off" in line or "understood" in line)
        ) or line.startswith("a wait failed"):
            self.wrong(Invariant.NO_ERROR, line)
        datum = self.witness.of_somebody(line)
        if datum:
            self.wrong(Invariant.NOTHING_PERSONAL, f"{datum} in the log")

    # --- clock and chance ----------------------------------------------------------------------------------------

    def _true_time(self) -> datetime:
        return MORNING + timedelta(seconds=self._loop.time())

    def _terminal_time(self) -> datetime:
        return self._morning + timedelta(seconds=self._loop.time())

    def _digits(self, count: int) -> str:
        return f"{self._chance['keys'].randrange(10**count):0{count}d}"

    def _shown(self, scene: Scene) -> None:
        if self._visitor is not None:
            self._visitor.sees(scene)

    def _dark(self) -> None:
        if self._visitor is not None:
            self._visitor.goes_dark()

    # --- the people ----------------------------------------------------------------------------------------------

    async def live(self) -> Played:
        self._loop.set_exception_handler(self._forgotten)
        me = asyncio.current_task()
        assert me is not None
        self._lives.own.add(me)
        living = asyncio.ensure_future(self._lives.live())
        self._lives.own.add(living)
        peopled = asyncio.ensure_future(self._people_come())
        self._lives.own.add(peopled)
        over = asyncio.ensure_future(self._over.wait())
        self._lives.own.add(over)
        try:
            await asyncio.wait({peopled, over}, return_when=asyncio.FIRST_COMPLETED)
            if peopled.done() and not peopled.cancelled():
                with suppress(_Over):
                    peopled.result()
        finally:
            for task in (over, peopled, living):
                task.cancel()
            self._mains.go()
            await asyncio.wait({over, peopled, living})
            self._lives.own.intersection_update({me})
            await self._lives.end_of_life()
            if self._lives.journal is not None:
                self._lives.journal.shut()
            await self._office.close()
        self.played.visits = self.witness.visits
        self.played.virtual_s = self._loop.time()
        self.played.coverage.update(self.witness.seen)
        self.played.coverage.update({f"weather: {name}": times for name, times in self.weather.struck.items()})
        return self.played

    def _forgotten(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, PowerCut) and not self._mains.dark.done():
            self.wrong(Invariant.NO_ERROR, f"an error that nobody took: {error or context.get('message')}")

    async def _people_come(self) -> None:
        people = self._chance["people"]
        before: SamplePerson | None = None
        for _ in range(people.randint(*VISITORS)):
            await self._until_attract()
            if before is not None and people.random() < 0.35:
                person = before
                self.played.coverage["comes back"] += 1
            else:
                person = self._anybody(people)
            before = person
            await self._visit(person)
            if self.weather.strikes("terminal", "clock") is not None:
                jump = people.choice((-1, 1)) * people.choice((30.0, 3600.0, 86400.0, 40 * 86400.0))
                self._morning += timedelta(seconds=jump * people.random())
            await asyncio.sleep(people.choice((0.5, 1.0, 2.0, 20.0)))
        await self._evening()

    def _anybody(self, people: Random) -> SamplePerson:
        roll = people.random()
        if roll < 0.5:
            return _by_slug()[people.choice(COMMON)]
        return people.choice(self._everybody[:-CROWD] if roll < 0.8 else self._everybody)

    async def _visit(self, person: SamplePerson) -> None:
        people = self._chance["people"]
        gone = asyncio.Event()
        self._hall.choose(person.slug)
        self._premises.chip_of(person.slug)
        first = INITIAL_PIN if person.chip.pin == INITIAL_PIN else SAMPLE_PIN
        pins = self._pins.setdefault(person.slug, [first])
        self._premises.chip_of(halls.NEIGHBOUR)
        self._premises.somebody_comes()
        visitor = Visitor(
            self._hall,
            people,
            draw_manner(people),
            pins,
            submitted=self.witness.submitted,
            disturbed=self.witness.disturbed,
            chose=self._chose,
            did=self._did,
            lays=self._premises.lays,
            shows=self._premises.shows,
            gone=gone.set,
        )
        self._visitor = visitor
        self.saw(f"comes {person.slug}")
        if self.weather.strikes("line", "outage") is not None:
            self._line_goes_down()
        if self._lives.glass is not None:
            visitor.stands_before(self._lives.glass)
        else:
            visitor.goes_dark()
        try:
            async with asyncio.timeout(LONGEST_VISIT_S):
                await gone.wait()
        except TimeoutError:
            self.wrong(Invariant.NOTHING_WAITS, "the visit never ended")
        finally:
            self._visitor = None
        self.saw("is gone")

    def _chose(self, digits: str) -> None:
        self.witness.chosen = digits

    def _did(self, what: str) -> None:
        self.saw(f"citizen: {what}")
        self.played.coverage[f"citizen: {what}"] += 1

    def _line_goes_down(self) -> None:
        plan = self._lives.line_plan
        plan.fail_always("link", Fault.LOSE)
        self.saw("weather: line down for a while")
        self._loop.call_later(self._chance["repairs"].uniform(5.0, 120.0), plan.heal)

    async def _until_attract(self, seconds: float = LONGEST_VISIT_S) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._lives.attract.wait()
                while self._lives.stopping or self._mains.dark.done():
                    await asyncio.sleep(1.0)
                    await self._lives.attract.wait()
        except TimeoutError:
            self.wrong(Invariant.ATTRACT_RETURNS, f"the terminal is {self._lives.state}")
            raise _Over from None

    async def _evening(self) -> None:
        """Everybody has gone and everything is whole again: now all must come to its end."""
        await self._until_attract()
        silent = self._has_open() and self.weather.strikes("line", "night") is not None
        self.weather.calm = True
        self._premises.make_whole()
        self._lives.line_plan.heal()
        self._mains.full_until = -1.0
        await self._until_attract(ATTRACT_S)
        if silent:
            await self._night()
        await self._settled()
        journal = self._lives.journal
        assert journal is not None
        open_items = journal.open_items()
        with_staff = {str(event.facts.get("operation")) for event in journal.events("left_for_staff")}
        for _ in with_staff:
            self.played.coverage["left for staff"] += 1
        self.witness.all_settled(((item.key, item.kind) for item in open_items), with_staff)
        self.witness.journal_knows(item.key for item in open_items)
        if findings := journal.verify():
            self.wrong(Invariant.JOURNAL_SOUND, f"{findings[0].damage} at {findings[0].seq}")
        if self.played.seed % LEFTOVERS_EVERY == 0:
            self._look_for_leftovers()

    def _look_for_leftovers(self) -> None:
        """Whatever of a visit is still alive in this process once everything unreachable has been collected."""
        gc.collect()
        for thing in gc.get_objects():
            match thing:
                case Pin() if len(thing):
                    self.wrong(Invariant.PIN_WIPED, "a PIN is still in the memory")
                case Visit() | HeldCard():
                    self.wrong(Invariant.NOTHING_PERSONAL, f"a {type(thing).__name__} is still in the memory")

    def _has_open(self) -> bool:
        journal = self._lives.journal
        return journal is not None and any(item.kind in ("Activate", "RecordPin") for item in journal.open_items())

    async def _night(self) -> None:
        """The insurer says nothing for so long that the questions are exhausted, and staff must see to it. If the
        terminal is then started anew, it asks once more."""
        self._lives.line_plan.fail_always("outcome", Fault.ERROR)
        await asyncio.sleep(NIGHT_S)
        self._lives.line_plan.heal()
        if self._disk is not None and self._lives.terminal is not None:
            self._lives.tell_to_stop()
            await self._until_attract(ATTRACT_S)
            if not await self._settled():
                self.wrong(Invariant.UNKNOWN_RESOLVED, "a start does not settle what was left for staff")

    async def _settled(self) -> bool:
        """Nothing is open at the insurer, within the time that it may take."""
        for _ in range(int(SETTLES_S / LOOK_S)):
            if not self._has_open():
                return True
            await asyncio.sleep(LOOK_S)
        return False
