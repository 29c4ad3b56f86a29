"""The embedded insurer: the whole port on one SQLite file, seeded with invented people, for demo and tests.

Owns the file, its transactions, and what their failing means: only a commit that fails leaves it open what became of
it. The rules are in ``books``; the HSM's answers come from test keys. It refuses to hold real people, and it knows
nothing of lines that break: see ``line``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

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
from kiosk.insurer.books import Books, Row, random_digits
from kiosk.insurer.chip_access import GuardedAuthority, ReadKeyOnly
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.people import HOME_REGION, SamplePerson, population

_LOCK_WAIT_S = 2.0

_Answer = TypeVar("_Answer")


class EmbeddedInsurer:
    """An insurer in one file (or ``":memory:"``). Implements :class:`kiosk.insurer.api.Insurer`.

    The file is made and seeded on first use, in one transaction. SQLite is called directly in the loop: a reading
    takes some ten microseconds and a change one durable commit, and runs stay reproducible. Several instances, also
    in other processes, may share a file; one instance belongs to one thread at a time.

    ``clock`` returns an aware datetime; ``digits(n)`` n random decimal digits. ``people`` replaces the population of
    ``seed``. ``region`` is the division whose cards this insurer answers for.
    Raises sqlite3.Error if the file cannot be used at all, schema.WrongVersion if it is another's.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        clock: Callable[[], datetime],
        digits: Callable[[int], str] = random_digits,
        people: Sequence[SamplePerson] | None = None,
        seed: int = 1,
        region: str = HOME_REGION,
    ) -> None:
        self._books = Books(region, clock, digits)
        self._region = region
        self._hsm = Hsm()
        # Opened in one thread and used in another (the core's): the instance has one user at a time.
        self._db = sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None, check_same_thread=False)
        self._tables = _SqliteTables(self._db)
        try:
            self._open(str(path) == ":memory:", clock().date(), people, seed)
        except BaseException:
            self._db.close()
            raise

    def _open(self, in_memory: bool, today: date, people: Sequence[SamplePerson] | None, seed: int) -> None:
        self._db.execute("PRAGMA foreign_keys = ON")
        if in_memory and people is None:
            self._db.deserialize(_seeded_image(today, seed))
            return
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        if _is_empty(self._db):
            with self._transaction():
                if _is_empty(self._db):  # nobody else was quicker
                    _create(self._db, population(today, seed) if people is None else people)

    # --- reading ------------------------------------------------------------------------------------------

    async def card(self, card: CardRef) -> CardRecord:
        with _reading():
            return await self._books.card(self._tables, card)

    async def person(self, credential: str) -> Person:
        with _reading():
            return await self._books.person(self._tables, credential)

    async def accounts(self, person: Person) -> tuple[Account, ...]:
        with _reading():
            return await self._books.accounts(self._tables, person)

    async def ledger(self, person: Person, insurance: str, year: int, month: int) -> MonthLedger:
        """See Books.ledger."""
        with _reading():
            return await self._books.ledger(self._tables, person, insurance, year, month)

    async def reachable(self) -> bool:
        try:
            self._db.execute("SELECT 1").fetchone()
        except sqlite3.Error:
            return False
        return True

    # --- changing -----------------------------------------------------------------------------------------

    async def perform(self, key: str, operation: Operation) -> Outcome:
        """See Books.perform. Durable when it returns."""
        with self._transaction():
            return await self._books.perform(self._tables, key, operation)

    async def outcome(self, key: str) -> Outcome | None:
        """See Books.outcome: asking closes the question."""
        with self._transaction():
            return await self._books.outcome(self._tables, key)

    # --- the chip -----------------------------------------------------------------------------------------

    def authority(self, card: CardRef, proof: Proof) -> ChipAuthority:
        """Every key of this one chip, while its card is issued or active and the proof is its holder's."""

        async def objection(chip: ChipIdentity) -> str | None:
            with _reading():
                return await self._books.chip_refusal(self._tables, card, proof, chip)

        return GuardedAuthority(self._hsm, objection)

    def reading_authority(self) -> ChipAuthority:
        """The read key alone, for every chip of our region: whether the card is known is asked once it can be read."""
        return ReadKeyOnly(self._hsm, self._region)

    # --- the citizen's telephone --------------------------------------------------------------------------

    def issue_credential(self, person: Person, *, age_s: float = 0.0) -> str:
        """What the person's telephone would show now: a new 28-digit e-credential. For the dock and for tests.

        ``age_s`` is for how long it has stood there already. Raises KeyError for somebody whom the insurer does not
        know.
        """
        with self._transaction():
            return _at_once(self._books.issue_credential(self._tables, person, age_s))

    async def close(self) -> None:
        self._db.close()

    # --- inside -------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, durable when it ends. Only a failing commit leaves it open which of the two."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
        except BaseException as error:
            self._roll_back()
            if isinstance(error, sqlite3.Error):
                raise InsurerUnreachable(sent=False) from error
            raise
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise InsurerUnreachable(sent=True) from error

    def _roll_back(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error:
            pass  # SQLite rolled back by itself, or the file is gone: either way nothing was kept


class _SqliteTables:
    """Implements books.Tables. Nothing in it ever waits, so that a transaction is one step of the loop.

    A transaction that writes excludes every other one from its first statement (``BEGIN IMMEDIATE``): there is
    nothing more to hold on to.
    """

    hold_card = ""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._execute = db.execute

    async def hold_key(self, key: str) -> None:
        pass

    async def next_number(self) -> int:
        number: int = self._execute("SELECT coalesce(max(seq), 0) + 1 FROM operations").fetchone()[0]
        return number

    async def row(self, statement: str, *values: Any) -> Row | None:
        found: Row | None = self._execute(statement, values).fetchone()
        return found

    async def rows(self, statement: str, *values: Any) -> Sequence[Row]:
        return self._execute(statement, values).fetchall()

    async def change(self, statement: str, *values: Any) -> None:
        self._execute(statement, values)


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise InsurerUnreachable(sent=False) from error


def _at_once(work: Coroutine[Any, Any, _Answer]) -> _Answer:
    """What the work answers; it never waits, for its tables do not."""
    try:
        work.send(None)
    except StopIteration as end:
        answer: _Answer = end.value
        return answer
    work.close()
    raise AssertionError("work on SQLite waited for something")


def _is_empty(db: sqlite3.Connection) -> bool:
    """Whether nothing was ever put into this file. Raises WrongVersion if something else was."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version == schema.VERSION:
        return False
    if version or db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise schema.WrongVersion(version)
    return True


def _create(db: sqlite3.Connection, people: Sequence[SamplePerson]) -> None:
    """Make the tables and seed them. The caller holds the transaction: all of it appears, or nothing."""
    for statement in schema.tables(schema.SQLITE):
        db.execute(statement)
    for table, rows in schema.contents(people):
        if rows:
            db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608 - our own
    db.execute(f"PRAGMA user_version = {schema.VERSION}")


@lru_cache(maxsize=4)
def _seeded_image(today: date, seed: int) -> bytes:
    """A freshly seeded database as bytes: a simulation opens thousands of insurers in memory."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        db.execute("BEGIN")
        _create(db, population(today, seed))
        db.execute("COMMIT")
        return db.serialize()
    finally:
        db.close()
