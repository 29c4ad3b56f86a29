"""Insurers on a stage: each behind its line, with a clock that a test turns and the citizen's telephone."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from drivers.faults import FaultPlan
from kiosk.insurer.api import Insurer, Person, Proof, ProofKind
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.line import InsurerLine
from kiosk.insurer.patience import PatientInsurer
from kiosk.insurer.people import SamplePerson, named, population
from kiosk.insurer.postgres import PostgresInsurer
from tests.helpers.postgres import cluster, why_no_postgres
from tests.helpers.standing_server import elsewhere, standing_server

CHINA = timezone(timedelta(hours=8))
Telephone = Callable[[Person], Awaitable[str]]
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
    show_credential: Telephone
    """What the person's telephone shows now."""

    def someone(self, slug: str) -> SamplePerson:
        return named(slug, MORNING.date())

    def everybody(self) -> tuple[SamplePerson, ...]:
        return population(MORNING.date())


StageFactory = Callable[[Path], AbstractAsyncContextManager[Stage]]


def proof_of(sample: SamplePerson, kind: ProofKind = ProofKind.ID_CARD) -> Proof:
    """The holder proves who they are."""
    return Proof(kind, sample.person)


@asynccontextmanager
async def on_sqlite(path: Path | str, clock: TurnedClock) -> AsyncIterator[tuple[Insurer, Telephone]]:
    insurer = EmbeddedInsurer(path, clock=clock, digits=Dice())

    async def telephone(person: Person) -> str:
        return insurer.issue_credential(person)

    try:
        yield insurer, telephone
    finally:
        await insurer.close()


def _skip_without_postgres() -> None:
    missing = why_no_postgres()
    if missing:
        pytest.skip(missing)


@asynccontextmanager
async def on_postgres(clock: TurnedClock) -> AsyncIterator[tuple[Insurer, Telephone]]:
    _skip_without_postgres()
    async with cluster().seeded_database(clock) as address:
        insurer = await PostgresInsurer.open(address, clock=clock, digits=Dice())
        try:
            yield insurer, insurer.issue_credential
        finally:
            await insurer.close()


@asynccontextmanager
async def _behind_a_line(
    place: AbstractAsyncContextManager[tuple[Insurer, Telephone]], clock: TurnedClock, patience: bool = False
) -> AsyncIterator[Stage]:
    async with place as (insurer, telephone):
        line = InsurerLine(insurer)
        yield Stage(PatientInsurer(line) if patience else line, line.faults, clock, telephone)


def embedded_in_memory(_place: Path) -> AbstractAsyncContextManager[Stage]:
    clock = TurnedClock()
    return _behind_a_line(on_sqlite(":memory:", clock), clock)


def embedded_in_a_file(place: Path) -> AbstractAsyncContextManager[Stage]:
    clock = TurnedClock()
    return _behind_a_line(on_sqlite(place / "insurer.sqlite", clock), clock)


def embedded_with_patience(_place: Path) -> AbstractAsyncContextManager[Stage]:
    clock = TurnedClock()
    return _behind_a_line(on_sqlite(":memory:", clock), clock, patience=True)


def postgres(_place: Path) -> AbstractAsyncContextManager[Stage]:
    clock = TurnedClock()
    return _behind_a_line(on_postgres(clock), clock)


@asynccontextmanager
async def _over_tls(
    place: AbstractAsyncContextManager[tuple[Insurer, Telephone]], clock: TurnedClock
) -> AsyncIterator[Stage]:
    """The platform's client on this side of a real network, the reference insurer in a loop of its own on the other."""
    server = standing_server()
    async with elsewhere(server, lambda stack: stack.enter_async_context(place)) as (insurer, telephone):

        async def over_there(person: Person) -> str:
            return await server.do(_shown(telephone, person))

        async with server.serving(insurer, clock) as terminal:
            line = InsurerLine(terminal)
            yield Stage(line, line.faults, clock, over_there)


async def _shown(telephone: Telephone, person: Person) -> str:
    return await telephone(person)


def served_sqlite(place: Path) -> AbstractAsyncContextManager[Stage]:
    clock = TurnedClock()
    return _over_tls(on_sqlite(place / "insurer.sqlite", clock), clock)


def served_postgres(_place: Path) -> AbstractAsyncContextManager[Stage]:
    _skip_without_postgres()
    clock = TurnedClock()
    return _over_tls(on_postgres(clock), clock)


INSURERS: dict[str, StageFactory] = {
    "embedded-memory": embedded_in_memory,
    "embedded-file": embedded_in_a_file,
    "embedded-patience": embedded_with_patience,
    "postgres": postgres,
    "served-sqlite": served_sqlite,
    "served-postgres": served_postgres,
}
"""Every insurer that must keep the contract. Another one adds one line here."""
