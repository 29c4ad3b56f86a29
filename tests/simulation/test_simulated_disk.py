"""The disk under a simulated journal: what was synchronised stays, what was under way may be torn, and no power cut
breaks the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

from kiosk.journal import Journal
from kiosk.simulation.day.disk import Disk

SECRET = b"a secret for tests only"


def _clock() -> datetime:
    return datetime(2026, 11, 20, tzinfo=UTC)


def _open(disk: Disk) -> Journal:
    return Journal(disk.mount(), _clock, SECRET)


def test_what_was_written_stays(tmp_path: Path) -> None:
    disk = Disk(tmp_path, Random(1))
    journal = _open(disk)
    journal.intend("K1", "Activate", journal.subject("A"))
    disk.written()
    disk.cut()
    journal.event("too_late")  # by a process that is dead: into a folder that nobody reads again
    journal.shut()
    again = _open(disk)
    assert [item.key for item in again.open_items()] == ["K1"]
    assert list(again.events("too_late")) == []
    assert again.verify() == []
    again.shut()


def test_a_commit_that_is_cut_is_there_or_not_and_harms_nothing(tmp_path: Path) -> None:
    """Many lives, each ending in the middle of a commit."""
    disk = Disk(tmp_path, Random(2))
    sure: list[str] = []
    outcomes = set()
    for life in range(60):
        journal = _open(disk)
        assert journal.verify() == [], f"after {life} cuts"
        found = {item.key for item in journal.open_items()}
        assert set(sure) <= found
        outcomes.add(f"T{life - 1}" in found)
        journal.intend(f"S{life}", "Activate", journal.subject("A"))
        disk.written()
        sure = sorted({*found, f"S{life}"})
        before = disk.image()
        journal.intend(f"T{life}", "Activate", journal.subject("A"))
        disk.cut_during(before, disk.image())
        journal.shut()
    assert outcomes == {True, False}, "every cut came out the same: this test is blind"
