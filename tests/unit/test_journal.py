"""The journal: states in their order, a chain that shows every change, and nothing personal in it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.impersonal import Fact, impersonal, is_operation_number
from kiosk.insurer.people import population
from kiosk.journal import Damage, Ending, Finding, Journal, JournalBroken, JournalFull, WrongState
from kiosk.journal.reading import JournalFile

SECRET = bytes(range(32))
CARD = "410100D156000005" + "0011223344556677"


class Clock:
    """One second later on every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 7, 15, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path, Clock(), SECRET)
    yield journal
    journal.shut()


def reopened(path: Path) -> Journal:
    return Journal(path, Clock(), SECRET)


def filled(path: Path, count: int = 8) -> None:
    """A journal of 3 records for each operation, and one event."""
    journal = reopened(path)
    journal.event("started", version="0.1.0")
    for number in range(count):
        key = f"key-{number}"
        journal.intend(key, "activate", journal.subject(CARD), {"try": number})
        journal.sent(key)
        journal.close(key, "done", f"410100-20260715-{number:06d}")
    journal.shut()


def tamper(path: Path, *statements: str) -> None:
    db = sqlite3.connect(path)
    with db:
        for statement in statements:
            db.execute(statement)
    db.close()


def damage(path: Path) -> set[Damage]:
    journal = reopened(path)
    try:
        return {finding.damage for finding in journal.verify()}
    finally:
        journal.shut()


# --- states ----------------------------------------------------------------------------------------------------------


def test_an_intent_is_open_until_it_ends(journal: Journal) -> None:
    subject = journal.subject(CARD)
    journal.intend("k", "activate", subject, {"visit": 7})
    (item,) = journal.open_items()
    assert (item.key, item.kind, item.subject, item.state) == ("k", "activate", subject, "intent")
    journal.sent("k")
    assert journal.open_items()[0].state == "sent"
    journal.close("k", "done", "410100-20260715-000001")
    assert journal.open_items() == []
    assert journal.unknown_for(subject, "activate") is None
    assert journal.verify() == []


def test_an_unknown_end_blocks_the_same_operation_on_the_same_card_only(journal: Journal) -> None:
    subject, other = journal.subject(CARD), journal.subject(CARD.replace("7", "8"))
    journal.intend("k", "activate", subject)
    journal.sent("k")
    journal.close("k", "unknown")
    assert journal.unknown_for(subject, "activate") == "k"
    assert journal.unknown_for(subject, "record_pin") is None
    assert journal.unknown_for(other, "activate") is None
    journal.close("k", "resolved_refused")
    assert journal.unknown_for(subject, "activate") is None


def test_what_a_crash_left_open_blocks_and_is_found_after_a_restart(path: Path) -> None:
    first = reopened(path)
    subject = first.subject(CARD)
    first.intend("a", "activate", subject)
    first.intend("b", "record_pin", subject)
    first.sent("b")
    first.shut()
    second = reopened(path)
    assert [(item.key, item.state) for item in second.open_items()] == [("a", "intent"), ("b", "sent")]
    assert second.unknown_for(subject, "activate") == "a"
    second.close("a", "resolved_refused")
    second.close("b", "resolved_done", "410100-20260715-000009")
    assert second.open_items() == []
    assert second.verify() == []
    second.shut()


ALLOWED = {
    "intent": {"done", "refused", "unknown", "failed", "resolved_done", "resolved_refused", "resolved_by_chip"},
    "sent": {"done", "refused", "unknown", "failed", "resolved_done", "resolved_refused", "resolved_by_chip"},
    "unknown": {"resolved_done", "resolved_refused", "resolved_by_chip"},
}
ENDINGS: tuple[Ending, ...] = (
    "done",
    "refused",
    "unknown",
    "failed",
    "resolved_done",
    "resolved_refused",
    "resolved_by_chip",
)


@given(steps=st.lists(st.sampled_from(("intend", "sent", *ENDINGS)), max_size=7))
def test_states_follow_one_another_in_order_whatever_is_called(steps: list[str]) -> None:
    journal = Journal(":memory:", Clock(), SECRET)
    subject, state = journal.subject(CARD), ""
    for step in steps:
        if step == "intend":
            fits = state == ""
        elif step == "sent":
            fits = state == "intent"
        else:
            fits = step in ALLOWED.get(state, ())
        try:
            if step == "intend":
                journal.intend("k", "activate", subject)
            elif step == "sent":
                journal.sent("k")
            else:
                journal.close("k", step)  # type: ignore[arg-type]
        except WrongState:
            assert not fits
        else:
            assert fits
            state = {"intend": "intent"}.get(step, step)
        open_now = [item.state for item in journal.open_items()]
        assert open_now == ([state] if state in ALLOWED else [])
        assert journal.verify() == []
    journal.shut()


def test_a_key_is_used_once(journal: Journal) -> None:
    journal.intend("k", "activate", journal.subject(CARD))
    journal.close("k", "failed")
    with pytest.raises(WrongState):
        journal.intend("k", "activate", journal.subject(CARD))


# --- privacy ---------------------------------------------------------------------------------------------------------


def test_a_card_is_the_same_to_this_terminal_and_nothing_to_another(journal: Journal) -> None:
    other = Journal(":memory:", Clock(), bytes(32))
    assert journal.subject(CARD) == journal.subject(CARD.lower())
    assert journal.subject(CARD) != other.subject(CARD)
    assert len(journal.subject(CARD)) == 32
    assert CARD not in journal.subject(CARD)
    other.shut()


@pytest.mark.parametrize(
    "value",
    [
        "王秀英",
        "410105194803099027",
        "no 41010519511230935x.",
        "B70574516",
        "424" + "1" * 25,
        410105194803099027,
        "x" * 121,
    ],
)
def test_what_looks_personal_is_refused_without_repeating_it(journal: Journal, value: str | int) -> None:
    with pytest.raises(ValueError, match="not a code or a count") as refused:
        journal.event("device", detail=value)
    assert str(value) not in str(refused.value)
    with pytest.raises(ValueError, match="not a code"):
        journal.intend("k", "activate", journal.subject(CARD), {"detail": value})
    assert journal.open_items() == []


def test_no_sample_person_can_be_written_down() -> None:
    for sample in population(datetime(2026, 7, 15, tzinfo=UTC).date()):
        for datum in (sample.person.name, sample.person.id_number, sample.chip.number, sample.document.address):
            facts: dict[str, Fact] = {"fact": datum}
            with pytest.raises(ValueError, match="fact"):
                impersonal(facts)
        assert not is_operation_number(sample.person.id_number)
        assert not is_operation_number(sample.card.number)
    assert not is_operation_number("424" + "1" * 25), "an e-credential"


def test_codes_and_counts_pass() -> None:
    facts: dict[str, Fact] = {
        "device": "pcsc:ACR39U",
        "sw": "63C2",
        "ms": 31,
        "ok": True,
        "why": None,
        "version": "0.1.0",
    }
    assert impersonal(facts) == facts


def test_a_key_and_a_kind_are_no_place_for_a_datum(journal: Journal) -> None:
    for key, kind in (("B70574516", "Activate"), ("410105194803099027", "Activate"), ("K1", "张三"), ("K1", "a b")):
        with pytest.raises(ValueError, match="key or the kind"):
            journal.intend(key, kind, journal.subject(CARD))
    assert journal.open_items() == []


def test_the_insurers_number_is_no_place_for_a_datum_either(journal: Journal) -> None:
    journal.intend("K1", "Activate", journal.subject(CARD))
    with pytest.raises(ValueError, match="number of an operation"):
        journal.close("K1", "done", "410105194803099027")
    assert [item.key for item in journal.open_items()] == ["K1"]


def test_a_bare_card_number_is_not_a_subject(journal: Journal) -> None:
    with pytest.raises(ValueError, match="subject"):
        journal.intend("k", "activate", "B70574516")


def test_a_short_secret_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Journal(path, Clock(), b"short")


# --- the chain -------------------------------------------------------------------------------------------------------


def test_a_whole_journal_verifies(path: Path) -> None:
    filled(path)
    assert damage(path) == set()


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE records SET record = replace(record, 'done', 'refused') WHERE seq = 4"], Damage.ALTERED),
        (["UPDATE records SET hash = zeroblob(32) WHERE seq = 4"], Damage.ALTERED),
        (["UPDATE records SET record = 'not json' WHERE seq = 4"], Damage.ALTERED),
        (["DELETE FROM records WHERE seq = 4"], Damage.MISSING),
        (["DELETE FROM records WHERE seq BETWEEN 5 AND 12"], Damage.MISSING),
        (["DELETE FROM records WHERE seq = 1"], Damage.MISSING),
        (["DELETE FROM records WHERE seq > 20"], Damage.TAIL_MISSING),
        (["DELETE FROM records"], Damage.TAIL_MISSING),
        (
            [
                "UPDATE records SET seq = 100 WHERE seq = 3",
                "UPDATE records SET seq = 3 WHERE seq = 4",
                "UPDATE records SET seq = 4 WHERE seq = 100",
            ],
            Damage.ALTERED,
        ),
        (["INSERT INTO records SELECT 26, record, hash FROM records WHERE seq = 25"], Damage.ALTERED),
        (["UPDATE items SET state = 'refused' WHERE key = 'key-3'"], Damage.ITEMS_DIFFER),
        (["DELETE FROM items WHERE key = 'key-3'"], Damage.ITEMS_DIFFER),
        (["UPDATE ends SET seq = 20 WHERE name = 'head'"], Damage.SEAL_BROKEN),
        (["DELETE FROM ends WHERE name = 'head'"], Damage.SEAL_BROKEN),
        (
            ["UPDATE ends SET seq = 3, hash = (SELECT hash FROM records WHERE seq = 3) WHERE name = 'start'"],
            Damage.SEAL_BROKEN,
        ),
    ],
)
def test_tampering_is_found_and_named(path: Path, statements: list[str], expected: Damage) -> None:
    filled(path)
    tamper(path, *statements)
    assert expected in damage(path)


@given(seq=st.integers(1, 25), position=st.integers(0, 400), bit=st.integers(0, 7))
def test_no_single_bit_of_any_record_can_change_unseen(
    tmp_path_factory: pytest.TempPathFactory, seq: int, position: int, bit: int
) -> None:
    path = tmp_path_factory.mktemp("bit") / "journal.sqlite"
    filled(path)
    db = sqlite3.connect(path)
    record = bytearray(db.execute("SELECT record FROM records WHERE seq = ?", (seq,)).fetchone()[0].encode())
    record[position % len(record)] ^= 1 << bit
    changed = record.decode("utf-8", "replace")
    with db:
        db.execute("UPDATE records SET record = ? WHERE seq = ?", (changed, seq))
    db.close()
    journal = reopened(path)
    assert Finding(Damage.ALTERED, seq) in journal.verify()
    journal.shut()


@pytest.mark.parametrize(
    "record", ["[]", "7", '{"seq":26,"what":"damage"}', '{"seq":26,"what":"ended","key":["k"]}', '{"what":"intent"}']
)
def test_an_appended_record_of_any_shape_is_found(path: Path, record: str) -> None:
    filled(path)
    db = sqlite3.connect(path)
    with db:
        before = db.execute("SELECT hash FROM records WHERE seq = 25").fetchone()[0]
        digest = hashlib.sha256(before + record.encode()).digest()
        db.execute("INSERT INTO records VALUES (26, ?, ?)", (record, digest))
        db.execute("UPDATE ends SET seq = -1 WHERE name = 'start'")
    db.close()
    assert {Damage.ALTERED, Damage.SEAL_BROKEN} <= damage(path)


def test_a_chain_computed_anew_without_the_secret_is_found(path: Path) -> None:
    """Somebody changes a record, chains everything after it correctly and moves the head along."""
    filled(path)
    db = sqlite3.connect(path)
    before = bytes(32)
    with db:
        for seq, record in db.execute("SELECT seq, record FROM records ORDER BY seq").fetchall():
            if seq == 4:
                record = record.replace("done", "refused")
            before = hashlib.sha256(before + record.encode()).digest()
            db.execute("UPDATE records SET record = ?, hash = ? WHERE seq = ?", (record, before, seq))
        db.execute("UPDATE ends SET hash = ? WHERE name = 'head'", (before,))
    db.close()
    assert {Damage.SEAL_BROKEN, Damage.ALTERED} <= damage(path)


def test_a_tail_cut_together_with_its_head_is_found_by_the_witness(path: Path) -> None:
    filled(path, 4)
    saved = path.read_bytes()
    filled_more = reopened(path)
    filled_more.event("card_in")
    filled_more.event("card_out")
    filled_more.shut()
    assert damage(path) == set()
    path.write_bytes(saved)
    for leftover in ("-wal", "-shm"):
        path.with_name(path.name + leftover).unlink(missing_ok=True)
    assert damage(path) == {Damage.TAIL_MISSING}


def test_writing_on_does_not_cover_up_a_cut_tail(path: Path) -> None:
    filled(path, 4)
    saved = path.read_bytes()
    journal = reopened(path)
    for _ in range(3):
        journal.event("card_in")
    journal.shut()
    path.write_bytes(saved)
    journal = reopened(path)
    for _ in range(9):
        journal.event("card_in")
    assert Damage.TAIL_MISSING in {finding.damage for finding in journal.verify()}
    journal.shut()


def test_writing_on_does_not_seal_a_forged_head(path: Path) -> None:
    filled(path, 4)
    tamper(path, "UPDATE ends SET seal = zeroblob(32) WHERE name = 'head'")
    journal = reopened(path)
    journal.event("card_in")
    journal.event("card_out")
    assert Damage.SEAL_BROKEN in {finding.damage for finding in journal.verify()}
    journal.shut()


def test_writing_on_does_not_seal_a_head_that_is_forged_meanwhile(path: Path) -> None:
    journal = reopened(path)
    journal.event("card_in")
    tamper(path, "UPDATE ends SET hash = zeroblob(32) WHERE name = 'head'")
    journal.event("card_out")
    journal.event("card_in")
    assert Damage.SEAL_BROKEN in {finding.damage for finding in journal.verify()}
    journal.shut()


def test_a_journal_made_anew_beside_an_old_witness_is_found(path: Path) -> None:
    filled(path, 4)
    path.unlink()
    journal = reopened(path)
    journal.event("started")
    assert Damage.TAIL_MISSING in {finding.damage for finding in journal.verify()}
    journal.shut()


def test_a_missing_witness_is_found(path: Path) -> None:
    filled(path, 2)
    path.with_name(path.name + "-head").unlink()
    assert damage(path) == {Damage.WITNESS_UNREADABLE}


def test_a_new_journal_has_its_witness_from_the_start(path: Path) -> None:
    reopened(path).shut()
    assert damage(path) == set()
    path.with_name(path.name + "-head").write_bytes(b"")
    filled(path, 1)
    assert damage(path) == set()


def test_a_witness_that_lags_behind_is_no_damage(path: Path) -> None:
    """After a power cut: the journal was synchronised, the witness not yet."""
    filled(path, 2)
    witness = path.with_name(path.name + "-head")
    earlier = witness.read_bytes()
    journal = reopened(path)
    journal.event("card_in")
    journal.shut()
    witness.write_bytes(earlier)
    assert damage(path) == set()


def test_the_wrong_secret_verifies_nothing(path: Path) -> None:
    filled(path, 2)
    journal = Journal(path, Clock(), bytes(32))
    assert Damage.SEAL_BROKEN in {finding.damage for finding in journal.verify()}
    journal.shut()


def test_it_can_be_verified_while_another_writes(path: Path) -> None:
    writer = reopened(path)
    reader = reopened(path)
    for _ in range(20):
        writer.event("card_in")
        assert reader.verify() == []
    reader.shut()
    writer.shut()


def test_every_record_carries_its_number_time_and_kind(path: Path) -> None:
    filled(path, 1)
    db = sqlite3.connect(path)
    records = [json.loads(row[0]) for row in db.execute("SELECT record FROM records ORDER BY seq")]
    db.close()
    assert [record["seq"] for record in records] == [1, 2, 3, 4]
    assert [record["what"] for record in records] == ["event", "intent", "sent", "ended"]
    assert [record["at"] for record in records] == sorted(record["at"] for record in records)


# --- the disk --------------------------------------------------------------------------------------------------------


def test_no_room_is_told_from_a_broken_disk_and_passes(path: Path) -> None:
    journal = reopened(path)
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")

    def intend_without_end() -> None:
        for number in range(1000):
            journal.intend(f"key-{number}", "activate", journal.subject(CARD))

    with pytest.raises(JournalFull):
        intend_without_end()
    written = len(journal.open_items())
    assert 0 < written < 1000
    journal._db.execute("PRAGMA max_page_count = 100000")
    journal.intend("later", "activate", journal.subject(CARD))
    assert len(journal.open_items()) == written + 1
    assert journal.verify() == []
    journal.shut()


@pytest.mark.parametrize("content", [b"this is no database, but long enough to be one" * 100, b"SQLite format 3\0"])
def test_a_file_that_is_no_journal_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalBroken):
        reopened(path)


def test_a_journal_of_another_version_is_refused(path: Path) -> None:
    tamper(path, "PRAGMA user_version = 9")
    with pytest.raises(JournalBroken, match="version 9"):
        reopened(path)


def test_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalBroken):
        Journal(tmp_path / "nowhere" / "journal.sqlite", Clock(), SECRET)


def test_a_broken_journal_writes_nothing_more(path: Path) -> None:
    filled(path)
    journal = reopened(path)
    tamper(path, "DROP TABLE records")
    with pytest.raises(JournalBroken):
        journal.event("card_in")
    with pytest.raises(JournalBroken, match="open the journal anew"):
        journal.event("card_in")
    assert journal.verify() == [Finding(Damage.TABLES_DIFFER, 0), Finding(Damage.UNREADABLE, 0)]
    journal.shut()
    journal.shut()


# --- looking while it is open ----------------------------------------------------------------------------------------

ANOTHER_PROCESS = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(db.execute("SELECT count(*) FROM records").fetchone()[0])
db.close()
"""


def test_a_look_from_the_same_process_keeps_the_locks(path: Path) -> None:
    """Else whoever opens the file next, a backup perhaps, takes itself for the last one and removes the log."""
    journal = Journal(path, Clock(), SECRET)
    for records in range(1, 4):
        journal.event("probe")
        with JournalFile(path, SECRET) as file:
            assert (file.findings(), file.records()) == ([], records)
        said = subprocess.check_output([sys.executable, "-c", ANOTHER_PROCESS, str(path)], text=True)
        assert int(said) == records
    assert journal.verify() == []
    journal.shut()


def test_a_file_that_cannot_be_looked_at_says_why(path: Path) -> None:
    with pytest.raises(JournalBroken, match="No such file"):
        JournalFile(path, SECRET)
    with pytest.raises(JournalBroken, match="Is a directory"):
        JournalFile(path.parent, SECRET)


def test_what_happened_today_is_found_without_reading_half_a_year() -> None:
    clock = Clock()
    journal = Journal(":memory:", clock, SECRET)
    for _ in range(12_000):
        journal.event("visit", outcome="done")
    midnight = clock.now + timedelta(hours=1)
    clock.now = midnight
    journal.event("visit", outcome="first")
    clock.now -= timedelta(days=1)  # for a moment it was wrong
    for _ in range(700):
        journal.event("visit", outcome="misdated")
    clock.now = midnight + timedelta(hours=1)
    journal.event("visit", outcome="last")
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    def outcomes(since: datetime | None) -> tuple[list[object], int]:
        before = steps
        return [event.facts["outcome"] for event in journal.events("visit", since)], steps - before

    journal._db.set_progress_handler(step, 10)
    today, few = outcomes(midnight)
    all_of_them, many = outcomes(None)
    assert today == ["first", "last"]
    assert len(all_of_them) == 12_702
    assert few < many / 4
    assert outcomes(clock.now + timedelta(hours=1))[0] == []
    journal.shut()
