"""Insurers on a stage: each behind its line, with a clock that a test turns and the citizen's telephone."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from drivers.faults import FaultPlan
from kiosk.insurer.api import Insurer, Person, Proof, ProofKind
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.line import InsurerLine
from kiosk.insurer.people import SamplePerson, named, population

CHINA = timezone(timedelta(hours=8))
MORNING = datetime(2026, 7, 15, 9, 30, tzinfo=CHINA)


@dataclass
class TurnedClock:
    """Stands still until a test turns it."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Dice:
    """Random digits that are the same on every run."""

    rng: random.Random = field(default_factory=lambda: random.Random(5))

    def __call__(self, count: int) -> str:
        return "".join(self.rng.choices("0123456789", k=count))


@dataclass
class Stage:
    """One insurer under test. ``insurer`` is what the terminal sees; the rest is the test's."""

    insurer: Insurer
    faults: FaultPlan
    clock: TurnedClock
    show_credential: Callable[[Person], str]
    """What the person's telephone shows now."""

    def someone(self, slug: str) -> SamplePerson:
        return named(slug, MORNING.date())

    def everybody(self) -> tuple[SamplePerson, ...]:
        return population(MORNING.date())


StageFactory = Callable[[Path], AbstractAsyncContextManager[Stage]]


def proof_of(sample: SamplePerson, kind: ProofKind = ProofKind.ID_CARD) -> Proof:
    """The holder proves who they are."""
    return Proof(kind, sample.person)


async def _embedded(path: Path | str) -> AsyncIterator[Stage]:
    clock = TurnedClock()
    insurer = EmbeddedInsurer(path, clock=clock, digits=Dice())
    line = InsurerLine(insurer)
    try:
        yield Stage(line, line.faults, clock, insurer.issue_credential)
    finally:
        await line.close()


@asynccontextmanager
async def embedded_in_memory(_place: Path) -> AsyncIterator[Stage]:
    async for stage in _embedded(":memory:"):
        yield stage


@asynccontextmanager
async def embedded_in_a_file(place: Path) -> AsyncIterator[Stage]:
    async for stage in _embedded(place / "insurer.sqlite"):
        yield stage


INSURERS: dict[str, StageFactory] = {
    "embedded-memory": embedded_in_memory,
    "embedded-file": embedded_in_a_file,
}
"""Every insurer that must keep the contract. A network insurer adds one line here."""
