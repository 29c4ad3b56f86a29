"""What the insurer's books promise across versions and databases: digests that never change, statements that agree."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.insurer import schema
from kiosk.insurer.api import (
    Activate,
    CardRef,
    Done,
    InsurerUnreachable,
    Operation,
    Person,
    PinEvent,
    Proof,
    ProofKind,
    RecordPin,
)
from kiosk.insurer.books import digest_of, random_digits
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.people import named, population
from tests.helpers.insurers import MORNING, TurnedClock, proof_of

ISSUED = named("issued", MORNING.date())

words = st.text(max_size=20)
cards = st.builds(CardRef, words, words, words)
proofs = st.builds(Proof, st.sampled_from(ProofKind), st.builds(Person, words, words, st.dates()))
operations = st.one_of(
    st.builds(Activate, cards, proofs), st.builds(RecordPin, cards, proofs, st.sampled_from(PinEvent))
)


def _as_first_written(operation: Operation) -> bytes:
    """How the first version reckoned it: files of that time hold these digests."""
    content = {"operation": type(operation).__name__, **asdict(operation)}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).digest()


@given(operations)
def test_a_digest_is_what_it_always_was(operation: Operation) -> None:
    assert digest_of(operation) == _as_first_written(operation)


def test_a_digest_is_pinned() -> None:
    person = Person("王玉兰", "410105195001019007", date(1950, 1, 1))
    note = RecordPin(CardRef("410100", "41" * 16, "A00000001"), Proof(ProofKind.ID_CARD, person), PinEvent.SET)
    assert digest_of(note).hex() == "482f3d12c9b1c973aff80ac904c26cd2fc7a017ba16bab6cb3176ac0bed685d2"


@given(operations, operations)
def test_two_operations_share_a_digest_only_if_they_are_the_same(one: Operation, other: Operation) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)


@pytest.mark.parametrize("count", [1, 2, 17])
def test_random_digits_are_digits(count: int) -> None:
    found = {random_digits(count) for _ in range(200)}
    assert all(re.fullmatch(r"[0-9]+", digits) and len(digits) == count for digits in found)
    assert len(found) > 5


def test_both_dialects_make_the_same_tables() -> None:
    def shape(say: schema.Dialect) -> list[list[str]]:
        return [re.findall(r"^\s*(\w+) ", statement, re.MULTILINE) for statement in schema.tables(say)]

    assert shape(schema.SQLITE) == shape(schema.POSTGRES)
    assert {table for table, _ in schema.contents(population(MORNING.date()))} <= {
        statement.split()[2] for statement in schema.tables(schema.SQLITE)
    }


async def test_a_file_of_the_first_version_is_still_served(tmp_path: Path) -> None:
    """It has no index on the events of a card, and counts its operations itself."""
    path = tmp_path / "insurer.sqlite"
    insurer = EmbeddedInsurer(path, clock=TurnedClock())
    done = await insurer.perform("k1", Activate(ISSUED.card, proof_of(ISSUED)))
    await insurer.close()
    db = sqlite3.connect(path)
    db.execute("DROP INDEX pin_events_of_card")
    db.close()
    insurer = EmbeddedInsurer(path, clock=TurnedClock(MORNING + timedelta(days=1)))
    assert await insurer.perform("k1", Activate(ISSUED.card, proof_of(ISSUED))) == done
    note = RecordPin(ISSUED.card, proof_of(ISSUED), PinEvent.SET)
    noted = await insurer.perform("k2", note)
    assert isinstance(noted, Done)
    assert noted.number.endswith("-000002")
    await insurer.close()


async def test_a_locked_file_is_out_of_reach_and_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "insurer.sqlite"
    insurer = EmbeddedInsurer(path, clock=TurnedClock())
    other = sqlite3.connect(path, isolation_level=None)
    insurer._db.execute("PRAGMA busy_timeout = 1")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(InsurerUnreachable) as busy:
        await insurer.perform("k1", Activate(ISSUED.card, proof_of(ISSUED)))
    assert not busy.value.sent
    other.execute("ROLLBACK")
    other.close()
    assert await insurer.outcome("k1") is None
    await insurer.close()
