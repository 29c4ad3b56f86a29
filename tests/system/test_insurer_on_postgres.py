"""The reference insurer on a real PostgreSQL: many terminals at once; a database that restarts, freezes, breaks off."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from kiosk.insurer.api import (
    Activate,
    CardState,
    Done,
    InsurerUnreachable,
    Outcome,
    PinEvent,
    Reason,
    RecordPin,
    Refused,
)
from kiosk.insurer.people import SamplePerson, named, population
from kiosk.insurer.platform import connect
from kiosk.insurer.postgres import CannotOpen, PostgresInsurer
from kiosk.insurer.schema import VERSION, WrongVersion
from tests.helpers.insurers import MORNING, TurnedClock, proof_of
from tests.helpers.postgres import Cluster, cluster, why_no_postgres
from tests.helpers.served_insurer import TERMINAL, agreement, papers, start_process

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(bool(why_no_postgres()), reason=why_no_postgres()),
]

ISSUED = named("issued", MORNING.date())
OTHER = named("rare_name", MORNING.date())
ACTIVE = named("active", MORNING.date())
WITHIN_S = 10.0


@pytest.fixture
def server() -> Cluster:
    return cluster()


@pytest.fixture
async def database(server: Cluster) -> AsyncIterator[str]:
    async with server.seeded_database(TurnedClock()) as address:
        yield address


@asynccontextmanager
async def insurer_at(address: str, **settings: Any) -> AsyncIterator[PostgresInsurer]:
    insurer = await PostgresInsurer.open(address, clock=TurnedClock(), **settings)
    try:
        yield insurer
    finally:
        await insurer.close()


@asynccontextmanager
async def insurers_at(address: str, count: int, **settings: Any) -> AsyncIterator[list[PostgresInsurer]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(insurer_at(address, **settings)) for _ in range(count)]


@asynccontextmanager
async def asking(address: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(address)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def somebody_busy_with(address: str, sample: SamplePerson) -> AsyncIterator[None]:
    """Another operation on this card is under way, until this ends."""
    async with asking(address) as connection, connection.transaction():
        assert await connection.fetchrow("SELECT 1 FROM cards WHERE card_id = $1 FOR UPDATE", sample.card.card_id)
        yield


async def waiting(address: str, count: int) -> None:
    """Until so many statements wait for a lock."""
    question = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asking(address) as connection, asyncio.timeout(WITHIN_S):
        while await connection.fetchval(question) < count:
            await asyncio.sleep(0.01)


def activation(sample: SamplePerson = ISSUED) -> Activate:
    return Activate(sample.card, proof_of(sample))


async def effects(address: str) -> int:
    async with asking(address) as connection:
        found: int = await connection.fetchval("SELECT count(*) FROM operations WHERE ended = 'done'")
        return found


# --- at once ---------------------------------------------------------------------------------------------------------


async def test_one_key_from_many_terminals_has_one_effect(database: str) -> None:
    async with insurers_at(database, 3) as insurers:
        answers = await asyncio.gather(*(insurers[n % 3].perform("k1", activation()) for n in range(30)))
    assert isinstance(answers[0], Done)
    assert len(set(answers)) == 1
    assert await effects(database) == 1


async def test_one_card_from_many_terminals_is_activated_once(database: str) -> None:
    async with insurers_at(database, 3) as insurers:
        answers = await asyncio.gather(*(insurers[n % 3].perform(f"k{n}", activation()) for n in range(30)))
    done = [answer for answer in answers if isinstance(answer, Done)]
    assert len(done) == 1
    assert answers.count(Refused(Reason.WRONG_STATE)) == 29
    assert await effects(database) == 1


async def test_one_key_with_two_contents_at_once_has_one_effect(database: str) -> None:
    async with insurers_at(database, 2) as insurers:
        answers = await asyncio.gather(
            *(insurers[n % 2].perform("k1", activation((ISSUED, OTHER)[n % 2])) for n in range(10))
        )
    assert sum(isinstance(answer, Done) for answer in answers) == 5
    assert answers.count(Refused(Reason.KEY_REUSED)) == 5
    assert await effects(database) == 1


async def test_a_second_operation_on_a_card_waits_for_the_first(database: str) -> None:
    note = RecordPin(ISSUED.card, proof_of(ISSUED), PinEvent.SET)
    async with insurers_at(database, 2) as (here, there):
        async with somebody_busy_with(database, ISSUED):
            first = asyncio.create_task(here.perform("k1", activation()))
            await waiting(database, 1)
            second = asyncio.create_task(there.perform("k2", activation()))
            third = asyncio.create_task(there.perform("k3", note))
            await waiting(database, 3)
            assert not any(task.done() for task in (first, second, third))
        answers = await asyncio.gather(first, second)
        assert sorted(type(answer).__name__ for answer in answers) == ["Done", "Refused"]
        # The PIN's note came either after the activation or before it, and is answered as fits.
        assert isinstance(await third, Done) or await third == Refused(Reason.WRONG_STATE)
    assert await effects(database) == 1 + isinstance(await third, Done)


async def test_asking_for_an_operation_under_way_waits_for_its_end(database: str) -> None:
    async with insurers_at(database, 2) as (here, there):
        async with somebody_busy_with(database, ISSUED):
            performing = asyncio.create_task(here.perform("k1", activation()))
            await waiting(database, 1)
            asked = asyncio.create_task(there.outcome("k1"))
            await waiting(database, 2)
        assert isinstance(await performing, Done)
        assert await asked == await performing


async def test_other_cards_do_not_wait(database: str) -> None:
    async with insurer_at(database) as insurer, somebody_busy_with(database, ISSUED):
        assert isinstance(await insurer.perform("k1", activation(OTHER)), Done)
        assert (await insurer.card(ISSUED.card)).state is CardState.ISSUED


async def test_who_waits_too_long_for_a_card_has_changed_nothing(database: str) -> None:
    async with insurer_at(database, answer_s=0.2) as insurer:
        async with somebody_busy_with(database, ISSUED):
            with pytest.raises(InsurerUnreachable) as late:
                await insurer.perform("k1", activation())
        assert not late.value.sent
        assert await insurer.outcome("k1") is None
        assert isinstance(await insurer.perform("k2", activation()), Done)


async def test_who_gives_up_waiting_holds_nothing_back(database: str) -> None:
    async with insurer_at(database, connections=1) as insurer:
        async with somebody_busy_with(database, ISSUED):
            given_up = asyncio.create_task(insurer.perform("k1", activation()))
            await waiting(database, 1)
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up
            assert isinstance(await insurer.perform("k2", activation(OTHER)), Done)
        assert await insurer.outcome("k1") is None


async def test_no_more_connections_than_allowed(database: str) -> None:
    async with insurer_at(database, connections=3) as insurer:
        records = await asyncio.gather(*(insurer.card(ISSUED.card) for _ in range(40)))
        assert {record.state for record in records} == {CardState.ISSUED}
        async with asking(database) as connection:
            assert await connection.fetchval(
                "SELECT count(*) <= 3 FROM pg_stat_activity WHERE application_name = 'kiosk insurer'"
                " AND datname = current_database()"
            )


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_comes_at_once_no_answer_contradicts_another(database: str, seed: int) -> None:
    rng = random.Random(seed)
    people = (ISSUED, OTHER)
    whose = {f"k{n}": rng.choice(people) for n in range(8)}
    answers: dict[str, set[Outcome | None]] = {key: set() for key in whose}

    async def deal(insurer: PostgresInsurer) -> None:
        key = rng.choice(list(whose))
        if rng.random() < 0.3:
            answers[key].add(await insurer.outcome(key))
        else:
            answer = await insurer.perform(key, activation(whose[key]))
            answers[key].add(None if answer == Refused(Reason.NOT_ALLOWED) else answer)

    async with insurers_at(database, 3) as insurers:
        await asyncio.gather(*(deal(rng.choice(insurers)) for _ in range(60)))
    assert all(len(given) <= 1 for given in answers.values())
    for person in people:
        done = [
            key for key, given in answers.items() if whose[key] is person and any(isinstance(a, Done) for a in given)
        ]
        assert len(done) <= 1


# --- a database that goes away ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
async def test_a_restart_of_the_database_is_survived(server: Cluster, database: str, how: signal.Signals) -> None:
    async with insurer_at(database) as insurer:
        done = await insurer.perform("k1", activation())
        await asyncio.gather(*(insurer.card(ISSUED.card) for _ in range(8)))  # connections that lie idle
        server.stop(how)
        try:
            assert not await insurer.reachable()
            with pytest.raises(InsurerUnreachable) as away:
                await insurer.perform("k2", activation(OTHER))
            assert not away.value.sent
        finally:
            server.start()
        answers = await asyncio.gather(*(insurer.outcome("k1") for _ in range(8)))
        assert set(answers) == {done}
        assert isinstance(await insurer.perform("k2", activation(OTHER)), Done)


async def test_a_restart_that_nobody_noticed_costs_no_question(server: Cluster, database: str) -> None:
    async with insurer_at(database) as insurer:
        await asyncio.gather(*(insurer.card(ISSUED.card) for _ in range(4)))
        # Both calls block the loop: it has heard nothing of the end of its connections.
        server.stop()
        server.start()
        assert isinstance(await insurer.perform("k1", activation()), Done)
        assert await insurer.reachable()


async def test_a_frozen_database_is_given_up_on(server: Cluster, database: str) -> None:
    async with insurer_at(database, answer_s=0.3) as insurer:
        await insurer.card(ISSUED.card)
        server.pause()
        try:
            with pytest.raises(InsurerUnreachable) as frozen:
                await insurer.perform("k1", activation())
            assert not frozen.value.sent
        finally:
            server.resume()
        assert await insurer.outcome("k1") is None


class BreaksAtCommit:
    """A line to the database that breaks when COMMIT comes: before it is passed on, or instead of the answer to it."""

    def __init__(self, address: str, *, pass_on: bool) -> None:
        parts = urlsplit(address)
        assert parts.port is not None
        self._address, self._port, self._pass_on = address, parts.port, pass_on
        self.commits = 0

    async def __aenter__(self) -> BreaksAtCommit:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.address = self._address.replace(f":{self._port}/", f":{port}/")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_base, to_base = await asyncio.open_connection("127.0.0.1", self._port)
        committing = asyncio.Event()

        async def down() -> None:
            while data := await from_base.read(65536):
                if committing.is_set():
                    break  # the answer to COMMIT
                writer.write(data)
            writer.transport.abort()

        answers = asyncio.create_task(down())
        while data := await reader.read(65536):
            if b"COMMIT" in data:
                committing.set()
                self.commits += 1
                if not self._pass_on:
                    break
            to_base.write(data)
            if committing.is_set():
                break
        if committing.is_set() and self._pass_on:
            await answers
        answers.cancel()
        writer.transport.abort()
        to_base.transport.abort()


@pytest.mark.parametrize("arrived", [True, False])
async def test_only_a_broken_commit_leaves_the_end_open(database: str, arrived: bool) -> None:
    async with BreaksAtCommit(database, pass_on=arrived) as line, insurer_at(line.address) as insurer:
        with pytest.raises(InsurerUnreachable) as lost:
            await insurer.perform("k1", activation())
        assert lost.value.sent
        assert line.commits == 1  # what may have been done is not done again by itself
    async with insurer_at(database) as insurer:
        outcome = await insurer.outcome("k1")
        assert isinstance(outcome, Done) if arrived else outcome is None
        state = (await insurer.card(ISSUED.card)).state
        assert state is (CardState.ACTIVE if arrived else CardState.ISSUED)


async def test_a_closed_insurer_is_out_of_reach(database: str) -> None:
    async with insurer_at(database) as insurer:
        await insurer.close()
        assert not await insurer.reachable()
        with pytest.raises(InsurerUnreachable) as closed:
            await insurer.perform("k1", activation())
        assert not closed.value.sent


# --- whose database --------------------------------------------------------------------------------------------------


async def test_many_that_open_an_empty_database_seed_it_once(server: Cluster) -> None:
    address = await server.empty_database()
    insurers = await asyncio.gather(*(PostgresInsurer.open(address, clock=TurnedClock()) for _ in range(4)))
    async with asking(address) as connection:
        assert await connection.fetchval("SELECT count(*) FROM people") == len(population(MORNING.date()))
    for insurer in insurers:
        assert (await insurer.card(ISSUED.card)).state is CardState.ISSUED
        await insurer.close()


async def test_seeding_that_breaks_off_leaves_nothing(server: Cluster) -> None:
    address = await server.empty_database()
    with pytest.raises(CannotOpen):
        await PostgresInsurer.open(address, clock=TurnedClock(), people=[ISSUED, ISSUED])
    async with insurer_at(address, people=[ACTIVE]) as insurer:
        assert (await insurer.card(ACTIVE.card)).state is CardState.ACTIVE
        assert (await insurer.card(ISSUED.card)).state is CardState.UNKNOWN


async def test_another_programs_database_is_refused(server: Cluster) -> None:
    address = await server.empty_database()
    async with asking(address) as connection:
        await connection.execute("CREATE TABLE something (a INTEGER)")
    with pytest.raises(WrongVersion):
        await PostgresInsurer.open(address, clock=TurnedClock())


async def test_another_versions_database_is_refused(server: Cluster) -> None:
    address = await server.empty_database()
    async with insurer_at(address, people=[ACTIVE]), asking(address) as connection:
        await connection.execute("UPDATE insurer_version SET version = $1", VERSION + 1)
    with pytest.raises(WrongVersion) as wrong:
        await PostgresInsurer.open(address, clock=TurnedClock())
    assert wrong.value.found == VERSION + 1


async def test_what_cannot_be_opened_is_said_in_one_line_without_the_password(server: Cluster) -> None:
    address = server.address("nowhere")
    secret = urlsplit(address).password
    assert secret is not None
    for impossible in (address, address.replace(secret, f"{secret}x"), "postgresql://h:not-a-port/x", "http://x/y"):
        with pytest.raises(CannotOpen) as refused:
            await PostgresInsurer.open(impossible, clock=TurnedClock())
        assert secret not in str(refused.value)
        assert "\n" not in str(refused.value)


async def test_a_database_that_cannot_hold_every_name_is_refused(server: Cluster) -> None:
    async with server.admin() as admin:
        await admin.execute("CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(CannotOpen, match="UTF8"):
        await PostgresInsurer.open(server.address("narrow"), clock=TurnedClock())


# --- the whole way ---------------------------------------------------------------------------------------------------


async def test_two_servers_on_one_database_do_once_what_both_are_asked(server: Cluster, tmp_path: Path) -> None:
    """Two `kiosk insurer serve`, a terminal at each, one key: as after a switch to the other server. Then one dies."""
    address = await server.empty_database()
    processes = [await start_process(address), await start_process(address)]

    def now() -> datetime:
        return datetime.now(UTC)

    terminals = [
        connect(agreement(process.port), papers().papers(TERMINAL), tmp_path / f"messages{n}", now, None)
        for n, process in enumerate(processes)
    ]
    someone = named("issued", datetime.now(UTC).date())
    try:
        first, second = await asyncio.gather(*(t.perform("k1", activation(someone)) for t in terminals))
        assert isinstance(first, Done)
        assert first == second
        assert await effects(address) == 1
        await processes[0].kill()
        assert await terminals[1].outcome("k1") == first
        assert await terminals[1].perform("k2", activation(someone)) == Refused(Reason.WRONG_STATE)
    finally:
        for terminal in terminals:
            await terminal.close()
        for process in processes:
            await process.kill()
