"""A journal whose disk or file fails: the terminal says so, keeps what is there, and goes on when it can."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk import logs
from kiosk.journal import Damage, Journal, JournalBroken, JournalDamaged, anew
from kiosk.screens import OutOfOrder
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

SECRET = b"a secret for tests only"
NAME = "journal.db"


def clock() -> datetime:
    return datetime(2026, 7, 15, 9, 0, tzinfo=UTC)


def begun(path: Path, items: int = 3) -> None:
    """A journal with open operations, one that ended, and enough events for some pages."""
    journal = Journal(path, clock, SECRET)
    journal._db.execute("PRAGMA synchronous = OFF")
    for number in range(items):
        journal.intend(f"open-{number}", "Activate", journal.subject(f"{number}"))
    journal.sent("open-1")
    journal.intend("settled", "Activate", journal.subject("AA"))
    journal.close("settled", "done", "410100-1")
    for number in range(200):
        journal.event("visit", number=number)
    journal.shut()


def records(path: Path) -> list[dict[str, object]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return [json.loads(row[0]) for row in db.execute("SELECT record FROM records ORDER BY seq")]


def spoil_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"nothing of a database")


def spoil_records(path: Path) -> None:
    """The pages of the records are gone, those of the items can be read."""
    with closing(sqlite3.connect(path)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'records'").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)


def drop_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE ends")


def asides(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if ".damaged-" in path.name)


def on_stage(path: Path, story: Callable[[Stage], Awaitable[None]]) -> None:
    """The story is told on a terminal in service whose journal is this file."""

    async def main() -> None:
        stage = Stage(journal=lambda clock, secret: Journal(path, clock, secret, in_service=True))
        running = asyncio.ensure_future(stage.terminal.run())
        try:
            await story(stage)
        finally:
            stage.terminal.stop()
            await asyncio.wait_for(running, 60.0)
            await stage.close()

    run(main())


async def out_of_order_and_back(stage: Stage) -> None:
    assert (await stage.see("OutOfOrder")).screen == OutOfOrder("J01")
    await stage.see("Attract")


@pytest.mark.parametrize(("spoil", "carried"), [(spoil_header, 0), (spoil_records, 3), (drop_a_table, 3)])
def test_a_damaged_journal_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, spoil: Callable[[Path], None], carried: int
) -> None:
    path = tmp_path / NAME
    begun(path)
    spoil(path)
    damaged = path.read_bytes()

    async def story(stage: Stage) -> None:
        await out_of_order_and_back(stage)
        keys = [item.key for item in stage.journal.open_items()]
        assert stage.journal.verify() == []
        # Nothing of it reached the insurer, as the insurer says as soon as it is asked.
        assert keys == [] or {"open-0", "open-1", "open-2"} >= set(keys)

    on_stage(path, story)
    aside, *rest = asides(tmp_path)
    assert aside.read_bytes() == damaged, "what is there is kept as it is"
    assert logs.redacted(aside.name) == aside.name, "the log names the file whole"
    assert [part.name for part in rest if part.name.endswith("-head")] == [f"{aside.name}-head"]
    first, *more = records(path)
    assert (first["seq"], first["what"], first["aside"], first["carried"]) == (1, "begun_anew", aside.name, carried)
    items = [record for record in more if record["what"] == "carried"]
    assert [item["key"] for item in items] == [f"open-{number}" for number in range(carried)]
    assert [item["state"] for item in items] == ["intent", "sent", "intent"][:carried]
    assert not (tmp_path / f"{NAME}-aside").exists()


def test_what_is_carried_over_is_settled_by_the_insurer(tmp_path: Path) -> None:
    path = tmp_path / NAME
    begun(path)
    spoil_records(path)

    async def story(stage: Stage) -> None:
        await out_of_order_and_back(stage)
        await asyncio.sleep(10.0)
        assert stage.journal.open_items() == []
        assert stage.journal.verify() == []

    on_stage(path, story)


def test_damage_that_comes_while_the_terminal_serves(tmp_path: Path) -> None:
    path = tmp_path / NAME

    async def story(stage: Stage) -> None:
        await stage.see("Attract")
        drop_a_table(path)
        with pytest.raises(JournalBroken):
            stage.journal.event("visit", outcome="done")
        await out_of_order_and_back(stage)
        assert stage.journal.verify() == []

    on_stage(path, story)
    assert len([part for part in asides(tmp_path) if not part.name.endswith(("-wal", "-shm", "-head"))]) == 1


def test_a_second_damage_gets_a_name_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / NAME
    for _ in range(2):
        if not path.exists():
            begun(path)
        spoil_header(path)
        journal = Journal(path, clock, SECRET, in_service=True)
        journal.probe()
        assert journal.verify() == []
        journal.shut()
    assert len([part for part in asides(tmp_path) if not part.name.endswith(("-wal", "-shm", "-head"))]) == 2


def test_a_place_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "disk" / NAME

    async def story(stage: Stage) -> None:
        assert (await stage.see("OutOfOrder")).screen == OutOfOrder("J01")
        await asyncio.sleep(300.0)
        path.parent.mkdir()
        await stage.see("Attract")
        assert stage.journal.verify() == []

    on_stage(path, story)
    assert not asides(path.parent)


def test_a_journal_of_a_newer_program_is_never_set_aside(tmp_path: Path) -> None:
    path = tmp_path / NAME
    begun(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 9")

    async def story(stage: Stage) -> None:
        assert (await stage.see("OutOfOrder")).screen == OutOfOrder("J01")
        await asyncio.sleep(300.0)
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA user_version = 1")
        await stage.see("Attract")

    on_stage(path, story)
    assert not asides(tmp_path)


def test_a_program_that_only_looks_sets_nothing_aside(tmp_path: Path) -> None:
    path = tmp_path / NAME
    begun(path)
    spoil_header(path)
    with pytest.raises(JournalDamaged):
        Journal(path, clock, SECRET)
    journal = Journal(path, clock, SECRET, in_service=True)
    assert {finding.damage for finding in journal.verify()} == {Damage.UNREADABLE}
    with pytest.raises(JournalBroken):
        journal.tally()
    journal.shut()
    assert not asides(tmp_path)


def test_after_a_failure_the_files_are_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / NAME
    journal = Journal(path, clock, SECRET, in_service=True)
    journal.intend("open", "Activate", journal.subject("AA"))
    journal._broken = "SQLITE_IOERR_FSYNC"
    with pytest.raises(JournalBroken, match="open the journal anew"):
        journal.event("visit")
    before = journal._db
    journal.probe()
    assert journal._db is not before
    assert [item.key for item in journal.open_items()] == ["open"]
    assert [happened.facts for happened in journal.events("journal_reopened")] == [{"after": "SQLITE_IOERR_FSYNC"}]
    assert journal.verify() == []
    journal.shut()


def test_an_interrupted_setting_aside_is_finished_at_the_next_start(tmp_path: Path) -> None:
    """From each state of the folder between two renames; the log of the old database must never meet the new one."""
    whole = tmp_path / "whole"
    whole.mkdir()
    begun(whole / NAME)
    spoil_records(whole / NAME)
    (whole / f"{NAME}-wal").write_bytes(b"what the old log held")
    aside = f"{NAME}.damaged-2026.07.15T090000"
    parts = ("-wal", "-head", "")
    for moved in range(len(parts) + 1):
        there = tmp_path / f"moved-{moved}"
        shutil.copytree(whole, there)
        (there / f"{NAME}-aside").write_text(aside, "ascii")
        for part in parts[:moved]:
            (there / f"{NAME}{part}").rename(there / f"{aside}{part}")
        journal = Journal(there / NAME, clock, SECRET, in_service=True)
        journal.probe()
        assert journal.verify() == []
        assert [item.key for item in journal.open_items()] == ["open-0", "open-1", "open-2"]
        journal.shut()
        assert (there / f"{aside}-wal").read_bytes() == b"what the old log held"
        assert (there / f"{aside}-head").exists()
        assert not (there / f"{NAME}-aside").exists()


def test_what_was_refused_for_want_of_a_disk_is_closed_when_the_disk_is_back(tmp_path: Path) -> None:
    """Its intent may be on the disk all the same; but nobody acted on it, as this process knows."""
    path = tmp_path / NAME
    journal = Journal(path, clock, SECRET, in_service=True)
    for key in ("refused", "begun"):
        journal.intend(key, "SetPin", journal.subject("AA"))
    journal._broken = "SQLITE_IOERR_FSYNC"
    with pytest.raises(JournalBroken):
        journal.sent("refused")
    journal.probe()
    assert [item.key for item in journal.open_items()] == ["begun"]
    assert journal.tally() == {"failed": 1, "intent": 1}
    journal.shut()


def test_the_log_names_every_file_that_is_set_aside(tmp_path: Path) -> None:
    """Its filter takes what has the shape of a card's number out of a line, and a name must not have one."""
    path = tmp_path / NAME
    for number in range(1, 13):
        path.write_bytes(b"damage")
        anew.begin(path, datetime.fromisoformat("2026-11-22T05:11:57+00:00"))
        aside = anew.move(path)
        anew.finish(path)
        assert (number == 1) == aside.name.endswith("T051157")
        assert logs.redacted(f"set aside as {aside.name}") == f"set aside as {aside.name}"
