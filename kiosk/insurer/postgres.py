"""The reference insurer on PostgreSQL, for many terminals at once: connections, transactions, and what their end means.

Owns a few connections that are replaced when the database was away, the deadline of every question, and the line
between "surely not done" and "nobody knows": the first byte of COMMIT. Two terminals with one key, or with one card,
wait for each other at the database, never here. The rules are in ``books``; it refuses a database that holds anything
else than this insurer's tables.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, TypeVar

import asyncpg

from drivers.card.authority import ChipAuthority, ChipIdentity
from kiosk.insurer import schema
from kiosk.insurer.api import (
    Account,
    CardRecord,
    CardRef,
    InsurerUnreachable,
    MonthLedger,
    Operation,
    Outcome,
    Person,
    Proof,
)
from kiosk.insurer.books import Books, Row, Tables, random_digits
from kiosk.insurer.chip_access import GuardedAuthority, ReadKeyOnly
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.people import HOME_REGION, SamplePerson, population
from kiosk.outline import outline

log = logging.getLogger(__name__)

CONNECTIONS = 8
"""Questions that the database works on at the same time; others wait for their turn."""
ANSWER_S = 10.0
"""The longest that one question takes, with waiting for its turn: well within what a terminal waits for its answer."""
_CONNECT_S = 4.0
_SETTINGS = {
    "application_name": "kiosk insurer",
    # Whatever the database's own defaults are: a done operation is on the disk, and a statement sees what is there now.
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    # So long one waits for another operation on the same card or key.
    "lock_timeout": "5s",
    "statement_timeout": "8s",
    # A server that vanished in the middle of a transaction must not hold a card for longer.
    "idle_in_transaction_session_timeout": "15s",
}
_CREATING = 0x79692062616F
"""Number of the lock under which the tables are made (any number does, if everybody takes the same)."""
_KEYS = 0x6B6579
"""Seed of the locks of operation keys, so that they are other numbers than other programs' locks."""
_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    OSError,
)

_Answer = TypeVar("_Answer")


class CannotOpen(Exception):
    """The database cannot be used. The text is one plain line, without address or password."""


class PostgresInsurer:
    """An insurer in one PostgreSQL database. Implements :class:`kiosk.insurer.api.Insurer`; belongs to one loop.

    Make one with :meth:`open`. Several, also on other machines, may share a database.
    """

    def __init__(self, where: str, books: Books, region: str, connections: int, answer_s: float) -> None:
        self._where = where
        self._books = books
        self._region = region
        self._answer_s = answer_s
        self._hsm = Hsm()
        self._turns = asyncio.Semaphore(connections)
        self._idle: list[Any] = []
        self._closed = False

    @classmethod
    async def open(
        cls,
        where: str,
        *,
        clock: Callable[[], datetime],
        digits: Callable[[int], str] = random_digits,
        people: Sequence[SamplePerson] | None = None,
        seed: int = 1,
        region: str = HOME_REGION,
        connections: int = CONNECTIONS,
        answer_s: float = ANSWER_S,
    ) -> PostgresInsurer:
        """The insurer at ``where``, ``postgresql://user@host:port/database?sslmode=verify-full`` as libpq writes it.

        A database without tables is made an insurer's and seeded, in one transaction, however many come at once; a
        password is better kept in ``~/.pgpass`` than here. ``answer_s`` is the longest that one question takes. The
        rest is as in :class:`kiosk.insurer.embedded.EmbeddedInsurer`.
        Raises CannotOpen; schema.WrongVersion if the database is another program's.
        """
        insurer = cls(where, Books(region, clock, digits), region, connections, answer_s)
        try:
            # Seeding may take longer than an answer: COPY is quick, inventing the people is not.
            async with asyncio.timeout(60):
                await insurer._prepare(clock().date(), people, seed)
        except TimeoutError as error:
            raise CannotOpen("the database did not answer in time") from error
        except (ValueError, *_TROUBLE) as error:
            raise CannotOpen(f"the database cannot be used ({type(error).__name__})") from error
        return insurer

    async def _prepare(self, today: Any, people: Sequence[SamplePerson] | None, seed: int) -> None:
        connection = await self._connect()
        try:
            if connection.get_settings().server_encoding != "UTF8":
                raise CannotOpen("the database's encoding is not UTF8: names would not fit in")
            if await _is_empty(connection):
                async with connection.transaction():
                    await connection.execute("SELECT pg_advisory_xact_lock($1)", _CREATING)
                    if await _is_empty(connection):  # nobody else was quicker
                        await _create(connection, population(today, seed) if people is None else people)
        except BaseException:
            connection.terminate()
            raise
        self._idle.append(connection)

    # --- reading ------------------------------------------------------------------------------------------

    async def card(self, card: CardRef) -> CardRecord:
        return await self._ask(lambda tables: self._books.card(tables, card))

    async def person(self, credential: str) -> Person:
        return await self._ask(lambda tables: self._books.person(tables, credential))

    async def accounts(self, person: Person) -> tuple[Account, ...]:
        return await self._ask(lambda tables: self._books.accounts(tables, person))

    async def ledger(self, person: Person, insurance: str, year: int, month: int) -> MonthLedger:
        """See Books.ledger."""
        return await self._ask(lambda tables: self._books.ledger(tables, person, insurance, year, month))

    async def reachable(self) -> bool:
        try:
            await self._ask(lambda tables: tables.row("SELECT 1"))
        except InsurerUnreachable:
            return False
        return True

    # --- changing -----------------------------------------------------------------------------------------

    async def perform(self, key: str, operation: Operation) -> Outcome:
        """See Books.perform. Durable when it returns."""
        return await self._ask(lambda tables: self._books.perform(tables, key, operation), changing=True)

    async def outcome(self, key: str) -> Outcome | None:
        """See Books.outcome: asking closes the question. An operation under way is waited for."""
        return await self._ask(lambda tables: self._books.outcome(tables, key), changing=True)

    # --- the chip -----------------------------------------------------------------------------------------

    def authority(self, card: CardRef, proof: Proof) -> ChipAuthority:
        """Every key of this one chip, while its card is issued or active and the proof is its holder's."""

        async def objection(chip: ChipIdentity) -> str | None:
            return await self._ask(lambda tables: self._books.chip_refusal(tables, card, proof, chip))

        return GuardedAuthority(self._hsm, objection)

    def reading_authority(self) -> ChipAuthority:
        """The read key alone, for every chip of our region: whether the card is known is asked once it can be read."""
        return ReadKeyOnly(self._hsm, self._region)

    # --- the citizen's telephone --------------------------------------------------------------------------

    async def issue_credential(self, person: Person, *, age_s: float = 0.0) -> str:
        """What the person's telephone would show now, or ``age_s`` ago: a new 28-digit e-credential.

        Raises KeyError for somebody whom the insurer does not know, InsurerUnreachable.
        """
        return await self._ask(partial(self._books.issue_credential, person=person, age_s=age_s), changing=True)

    async def close(self) -> None:
        """Nothing is asked any more; what is under way ends by itself. May be called again."""
        self._closed = True
        idle, self._idle = self._idle, []
        for connection in idle:
            try:
                await connection.close(timeout=1.0)
            except _TROUBLE:
                connection.terminate()

    # --- inside -------------------------------------------------------------------------------------------

    async def _ask(self, work: Callable[[Tables], Awaitable[_Answer]], *, changing: bool = False) -> _Answer:
        """Let ``work`` ask the tables, with a transaction around it if it changes something.

        Raises what ``work`` raises (then nothing was changed), InsurerUnreachable with ``sent`` only if the
        transaction was being committed when the answer failed to come.
        """
        errand = _Errand(changing)
        try:
            async with asyncio.timeout(self._answer_s), self._turns:
                if self._closed:
                    raise InsurerUnreachable(sent=False)
                return await self._run(errand, work)
        except _TROUBLE as error:  # a passed deadline is an OSError, too
            log.error("the database did not answer: %s", outline(error))
            raise InsurerUnreachable(sent=errand.committing) from error

    async def _run(self, errand: _Errand, work: Callable[[Tables], Awaitable[_Answer]]) -> _Answer:
        connection = self._take()
        if connection is not None:
            try:
                return await self._attempt(errand, connection, work)
            except _LOST:
                if errand.committing:
                    raise
                # The database was restarted since this connection was used last, and nothing was changed.
        return await self._attempt(errand, await self._connect(), work)

    async def _attempt(self, errand: _Errand, connection: Any, work: Callable[[Tables], Awaitable[_Answer]]) -> _Answer:
        tables = _PostgresTables(connection)
        try:
            if not errand.changing:
                answer = await work(tables)
            else:
                await connection.execute("BEGIN")
                answer = await work(tables)
                errand.committing = True
                await connection.execute("COMMIT")
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, (*_TROUBLE, asyncio.CancelledError)) or errand.changing:
                # In the middle of something: the database rolls back what is not committed when it is left.
                connection.terminate()
            else:
                self._give_back(connection)
            raise
        self._give_back(connection)
        return answer

    def _take(self) -> Any | None:
        """A connection that nobody uses, the latest used first, or nothing."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None

    def _give_back(self, connection: Any) -> None:
        if self._closed:
            connection.terminate()
        else:
            self._idle.append(connection)

    async def _connect(self) -> Any:
        return await asyncpg.connect(self._where, timeout=_CONNECT_S, server_settings=_SETTINGS)


class _Errand:
    """One question: whether it changes something, and whether that is on its way already."""

    def __init__(self, changing: bool) -> None:
        self.changing = changing
        self.committing = False


class _PostgresTables:
    """Implements books.Tables. Rows and keys are held by locks that end with the transaction."""

    hold_card = " FOR UPDATE OF cards"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def hold_key(self, key: str) -> None:
        # Two keys of one hash wait for each other needlessly, and for nothing worse: a transaction holds one key.
        await self._connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, $2))", key, _KEYS)

    async def next_number(self) -> int:
        number: int = await self._connection.fetchval("SELECT nextval(pg_get_serial_sequence('operations', 'seq'))")
        return number

    async def row(self, statement: str, *values: object) -> Row | None:
        found: Row | None = await self._connection.fetchrow(_numbered(statement), *values)
        return found

    async def rows(self, statement: str, *values: object) -> Sequence[Row]:
        found: Sequence[Row] = await self._connection.fetch(_numbered(statement), *values)
        return found

    async def change(self, statement: str, *values: object) -> None:
        await self._connection.execute(_numbered(statement), *values)


@lru_cache(maxsize=64)
def _numbered(statement: str) -> str:
    """``?`` becomes ``$1``, ``$2`` …; no statement of ours holds a question mark for anything else."""
    first, *others = statement.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))


async def _is_empty(connection: Any) -> bool:
    """Whether nothing was ever put into this schema. Raises WrongVersion if something else was."""
    names = {
        row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    }
    if not names:
        return True
    found = await connection.fetchval("SELECT version FROM insurer_version") if "insurer_version" in names else 0
    if found != schema.VERSION:
        raise schema.WrongVersion(found or 0)
    return False


async def _create(connection: Any, people: Sequence[SamplePerson]) -> None:
    """Make the tables and seed them. The caller holds transaction and lock: all of it appears, or nothing."""
    for statement in schema.tables(schema.POSTGRES):
        await connection.execute(statement)
    for table, rows in schema.contents(people):
        await connection.copy_records_to_table(table, records=rows)
    await connection.execute("CREATE TABLE insurer_version (version BIGINT NOT NULL)")
    await connection.execute("INSERT INTO insurer_version VALUES ($1)", schema.VERSION)
