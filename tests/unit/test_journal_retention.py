"""What the journal forgets, and that the proof holds without it: a year of work, crashes, wrong clocks."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.journal import Damage, Journal, JournalFull, Retention
from kiosk.journal.retention import STEP
from kiosk.recovery import Recovery
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

SECRET = bytes(range(32))
KEEP = timedelta(days=180)


class Calendar:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def tidied(journal: Journal, steps: int = 10_000) -> int:
    done = 0
    while done < steps and journal.tidy():
        done += 1
    return done


def records(path: Path) -> list[dict[str, object]]:
    with closing(sqlite3.connect(path)) as db:
        return [json.loads(row[0]) for row in db.execute("SELECT record FROM records ORDER BY seq")]


def day_of_work(journal: Journal, day: int, visits: int) -> None:
    for visit in range(visits):
        key = f"{day:03d}-{visit:03d}"
        journal.intend(key, "Activate", journal.subject(key))
        journal.sent(key)
        journal.close(key, "done", f"410100-{key}")
        journal.event("visit", service="activate", outcome="done")


def test_a_year_of_operation_leaves_half_a_year_and_everything_that_is_open(tmp_path: Path) -> None:
    path, calendar = tmp_path / "journal.db", Calendar()
    journal = Journal(":memory:", calendar, SECRET, Retention(KEEP))
    journal.intend("open-intent", "Activate", journal.subject("AA"))
    journal.intend("open-unknown", "RecordPin", journal.subject("BB"), {"try": 1})
    journal.sent("open-unknown")
    journal.close("open-unknown", "unknown", "410100-7")
    before = journal.open_items()
    most, checkpoints = 0, 0
    for day in range(366):
        day_of_work(journal, day, 5)
        checkpoints += tidied(journal)
        calendar.now += timedelta(days=1)
        most = max(most, journal._db.execute("SELECT count(*) FROM records").fetchone()[0])
    assert journal.verify() == []
    assert journal.open_items() == before, "what is open is kept as it was, whatever its age"
    assert journal.unknown_for(journal.subject("BB"), "RecordPin") == "open-unknown"
    with closing(sqlite3.connect(path)) as copy:
        journal._db.backup(copy)
    kept = records(path)
    ages = [calendar.now - datetime.fromisoformat(str(record["at"])) for record in kept]
    assert max(ages) <= KEEP + timedelta(days=2)
    assert sum(record["what"] == "intent" for record in kept) >= 5 * 180
    assert most <= 182 * 21 + 10
    assert 80 < checkpoints <= 366
    dropped = [key for key in (f"{day:03d}-000" for day in range(366)) if (key,) not in _keys(journal)]
    assert dropped == [f"{day:03d}-000" for day in range(len(dropped))]
    assert len(dropped) in (184, 185, 186)
    journal.close("open-intent", "resolved_refused")
    journal.close("open-unknown", "resolved_done", "410100-8")
    assert journal.open_items() == []
    assert journal.verify() == []
    journal.shut()


def _keys(journal: Journal) -> set[tuple[str]]:
    return set(journal._db.execute("SELECT key FROM items").fetchall())


def old_journal(path: Path, days: int = 3, visits: int = 30) -> Calendar:
    """Some old days, a gap, and a fortnight of now; one operation of the first day is open."""
    calendar = Calendar()
    journal = Journal(path, calendar, SECRET)
    journal._db.execute("PRAGMA synchronous = OFF")
    journal.intend("open", "Activate", journal.subject("AA"))
    for day in range(days):
        day_of_work(journal, day, visits)
        calendar.now += timedelta(days=1)
    calendar.now += KEEP
    for day in range(100, 114):
        day_of_work(journal, day, 1)
        calendar.now += timedelta(days=1)
    journal.shut()
    return calendar


def test_records_go_in_small_steps_and_a_checkpoint_tells_what_went(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    calendar = old_journal(path)
    journal = Journal(path, calendar, SECRET)
    count = len(records(path))
    assert journal.tidy()
    kept = records(path)
    carried, checkpoint = kept[-2:]
    assert (carried["what"], carried["key"], carried["state"]) == ("carried", "open", "intent")
    assert checkpoint["what"] == "checkpoint"
    assert (checkpoint["dropped"], checkpoint["cut"], checkpoint["why"]) == (STEP, STEP, "age")
    assert len(kept) == count - STEP + 2
    assert journal.verify() == []
    assert tidied(journal) == 1
    assert len(records(path)) == 14 * 4 + 3
    assert journal.verify() == []
    journal.shut()


def test_the_cap_cuts_the_oldest_settled_and_says_that_it_was_the_cap(tmp_path: Path) -> None:
    path, calendar = tmp_path / "journal.db", Calendar()
    journal = Journal(path, calendar, SECRET, Retention(KEEP, most_records=300))
    journal._db.execute("PRAGMA synchronous = OFF")
    journal.intend("open", "Activate", journal.subject("AA"))
    for number in range(1000):
        calendar.now += timedelta(seconds=40)
        journal.event("visit", service="balance", outcome="done")
        if number % 50 == 0:
            tidied(journal)
    assert len(records(path)) <= 300 + 50
    assert {record["why"] for record in records(path) if record["what"] == "checkpoint"} == {"records"}
    assert [item.key for item in journal.open_items()] == ["open"]
    assert journal.verify() == []
    journal.shut()


def test_the_size_is_bounded_too(tmp_path: Path) -> None:
    path, calendar = tmp_path / "journal.db", Calendar()
    journal = Journal(path, calendar, SECRET, Retention(KEEP, most_bytes=200_000))
    journal._db.execute("PRAGMA synchronous = OFF")
    for number in range(3000):
        calendar.now += timedelta(seconds=40)
        journal.event("visit", service="balance", outcome="done")
        if number % 100 == 0:
            tidied(journal)
    assert {record["why"] for record in records(path) if record["what"] == "checkpoint"} == {"bytes"}
    assert journal.verify() == []
    journal.shut()
    assert path.stat().st_size < 300_000


def test_nothing_turns_for_ever_when_everything_is_open(tmp_path: Path) -> None:
    calendar = Calendar()
    journal = Journal(":memory:", calendar, SECRET, Retention(KEEP, most_records=100))
    for number in range(400):
        journal.intend(f"open-{number}", "Activate", journal.subject(f"{number}"))
    assert tidied(journal) == 0
    assert len(journal.open_items()) == 400
    assert journal.verify() == []
    journal.shut()


def test_a_clock_that_jumps_ahead_empties_nothing(tmp_path: Path) -> None:
    path, calendar = tmp_path / "journal.db", Calendar()
    journal = Journal(path, calendar, SECRET)
    journal._db.execute("PRAGMA synchronous = OFF")
    for day in range(30):
        day_of_work(journal, day, 2)
        calendar.now += timedelta(days=1)
    calendar.now += timedelta(days=3650)
    journal.event("terminal_started", open=0)
    assert tidied(journal) == 0
    calendar.now += timedelta(days=8)  # it stays so: it was the truth
    assert tidied(journal) > 0
    assert journal.verify() == []
    journal.shut()


def test_what_was_damaged_is_not_forgotten_with_the_damaged_records(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    calendar = old_journal(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE records SET record = replace(record, 'done', 'refused') WHERE seq = 8")
    journal = Journal(path, calendar, SECRET)
    assert Damage.ALTERED in {finding.damage for finding in journal.verify()}
    assert tidied(journal) == 2
    assert {finding.damage for finding in journal.verify()} == {Damage.ALTERED}
    calendar.now += 2 * KEEP
    day_of_work(journal, 500, 10)
    calendar.now += timedelta(days=10)
    assert tidied(journal) > 0
    assert {finding.damage for finding in journal.verify()} == {Damage.ALTERED}
    journal.shut()


class Crash(BaseException):
    """The power is gone."""


def test_a_crash_at_any_point_of_a_step_leaves_a_whole_journal(tmp_path: Path) -> None:
    """The process stops before and after every statement of the step; the files are what a restart would find."""
    base = tmp_path / "base"
    base.mkdir()
    calendar = old_journal(base / "journal.db", visits=4)
    open_before = _open_of(base / "journal.db", calendar)
    number, finished = 0, False
    while not finished:
        number += 1
        there = tmp_path / f"at-{number}"
        shutil.copytree(base, there)
        journal = Journal(there / "journal.db", calendar, SECRET)
        statements = 0

        def power_cut_at(statement: str, at: int = number, there: Path = there) -> None:
            nonlocal statements
            statements += 1
            if statements == at:
                found = there / "found"
                found.mkdir()
                for file in list(there.iterdir()):
                    if file.is_file() and "-shm" not in file.name:
                        shutil.copyfile(file, found / file.name)

        journal._db.set_trace_callback(power_cut_at)
        finished = not journal.tidy() or statements < number
        journal._db.set_trace_callback(None)
        journal.shut()
        if (there / "found").exists():
            again = Journal(there / "found" / "journal.db", calendar, SECRET)
            assert again.verify() == []
            assert _open_of(there / "found" / "journal.db", calendar) == open_before
            while again.tidy():
                pass
            assert again.verify() == []
            assert [item.key for item in again.open_items()] == open_before
            again.shut()
    assert number > 8, "it was stopped between the statements of the step"


def _open_of(path: Path, calendar: Calendar) -> list[str]:
    journal = Journal(path, calendar, SECRET)
    try:
        return [item.key for item in journal.open_items()]
    finally:
        journal.shut()


def test_a_disk_without_room_for_a_step_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    calendar = old_journal(path)
    journal = Journal(path, calendar, SECRET)
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        for number in range(10_000):
            journal.event("visit", number=number)

    with pytest.raises(JournalFull):
        fill()
    count = len(records(path))
    try:
        journal.tidy()
    except JournalFull:
        assert len(records(path)) == count
    assert journal.verify() == []
    journal.shut()


def test_it_is_done_on_the_attract_screen_between_two_looks() -> None:
    async def main() -> None:
        import asyncio

        def make(clock: Callable[[], datetime], secret: bytes) -> Journal:
            return Journal(":memory:", clock, secret, Retention(KEEP, most_records=400))

        stage = Stage(journal=make)
        for number in range(1000):
            stage.journal.event("visit", number=number)
        tidying = asyncio.ensure_future(Recovery(stage.station).run())
        await asyncio.sleep(60.0)
        tidying.cancel()
        await asyncio.wait({tidying})
        assert stage.journal._db.execute("SELECT count(*) FROM records").fetchone()[0] <= 400
        assert stage.journal.verify() == []
        await stage.close()

    run(main())
