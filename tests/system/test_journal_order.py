"""Seen from outside, under strace: the journal is on the disk before anything that changes the world leaves.

Whole visits on mocks, every kind of change, every errand. Then with a disk that fails to synchronise or has no room:
nothing leaves, the citizen is told in plain words, and the terminal recovers by itself without ever trying again on
the descriptor that failed. ``python -m tests.system.test_journal_order`` fails each single synchronisation of a visit.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.citizen import ERRANDS

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[2]
ERRAND = "activation with the ID card"
CHANGES = {"perform:Activate", "perform:RecordPin", "apdu:24", "apdu:5E"}
"""What changes something: requests to the insurer, and the chip's commands that set a password."""
KINDS = {"Activate", "RecordPin", "SetPin", "ResetPin", "ChangePin"}


@cache
def can_trace() -> bool:
    strace = shutil.which("strace")
    if strace is None:
        return False
    return subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


needs_strace = pytest.mark.skipif(not can_trace(), reason="strace is missing or may not trace here")


@dataclass
class Watched:
    """What the trace of a process says of the journal's log and of what left meanwhile."""

    changes: list[str] = field(default_factory=list)
    screens: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    syncs: int = 0
    """fdatasync calls so far, of whatever file, as strace counts them."""
    before_change: list[tuple[int, str]] = field(default_factory=list)
    """Number of the last fdatasync of the log before each change."""
    failed: int = 0
    """Synchronisations and writes of the log that failed."""


def watch(trace: Path) -> Watched:
    """Each change must find the log synchronised, with something in it that was written since the last change."""
    seen = Watched()
    files: dict[str, str] = {}
    unsynced, commits, dead, last_log_sync = False, 0, set[str](), 0
    for line in trace.read_text(errors="replace").splitlines():
        call = re.search(r"\b(openat|close|pwrite64|fdatasync|write)\((.*)\)\s+= (-?\d+)", line)
        if call is None:
            continue
        name, arguments, result = call[1], call[2], int(call[3])
        descriptor = arguments.split(",")[0]
        is_log = files.get(descriptor, "").endswith("-wal")
        if name == "openat" and result >= 0:
            opened = re.search(r'"([^"]*)"', arguments)
            files[str(result)] = opened[1] if opened else ""
            dead.discard(str(result))
            if files[str(result)].endswith("-wal") and "O_RDWR" in arguments:
                unsynced = False
        elif name == "close":
            files.pop(descriptor, None)
        elif name == "fdatasync":
            seen.syncs += 1
            if is_log:
                if descriptor in dead:
                    seen.wrong.append("synchronised again on the descriptor that had failed")
                if result == 0:
                    commits, unsynced, last_log_sync = commits + unsynced, False, seen.syncs
                else:
                    seen.failed += 1
                    dead.add(descriptor)
        elif name == "pwrite64" and is_log:
            if descriptor in dead:
                seen.wrong.append("written to the descriptor that had failed")
            unsynced = True
            if result < 0:
                seen.failed += 1
        elif name == "write" and descriptor == "1":
            said = re.search(r'"(\w+) (.*?)(?:\\n)?"', arguments)
            if said is None:
                continue
            if said[1] == "leaves" and said[2] in CHANGES:
                seen.changes.append(said[2])
                seen.before_change.append((last_log_sync, said[2]))
                if unsynced or dead & set(files) or not commits:
                    seen.wrong.append(f"{said[2]} left before the disk had its intent")
                commits = 0
            elif said[1] == "screen":
                seen.screens.append(said[2].strip())
    return seen


def visits(folder: Path, errands: Sequence[str], *options: str) -> Watched:
    trace = folder / "trace"
    there = folder / "data"
    there.mkdir()
    done = subprocess.run(
        [
            *("strace", "-f", "-o", str(trace), "-s", "300", "-e", "trace=openat,close,pwrite64,fdatasync,write"),
            *options,
            *(sys.executable, "-m", "tests.helpers.visits_on_disk", str(there), *errands),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    seen = watch(trace)
    seen.said = done.stdout.splitlines()
    seen.words = [line.removeprefix("words ") for line in seen.said if line.startswith("words ")]
    return seen


@needs_strace
def test_every_change_of_every_errand_finds_its_intent_on_the_disk(tmp_path: Path) -> None:
    seen = visits(tmp_path, [])
    assert seen.wrong == []
    assert set(seen.changes) == CHANGES, "each kind of change was made"
    kinds: set[str] = set()
    for path in (tmp_path / "data").glob("*.db"):
        with closing(sqlite3.connect(path)) as db:
            kinds |= {row[0] for row in db.execute("SELECT kind FROM items")}
    assert kinds == KINDS, "each kind of operation was noted"
    assert [line for line in seen.said if line.startswith("over")] == ["over open=0 findings=0"] * len(ERRANDS)


def failed_visit(folder: Path, *options: str) -> Watched:
    seen = visits(folder, [ERRAND], *options)
    assert seen.failed, "the disk did fail"
    assert seen.wrong == []
    assert next(line for line in seen.said if line.startswith("over")).endswith("findings=0"), "the journal is whole"
    return seen


@cache
def clean_visit() -> tuple[tuple[int, str], ...]:
    with tempfile.TemporaryDirectory() as folder:
        return tuple(visits(Path(folder), [ERRAND]).before_change)


@needs_strace
@pytest.mark.parametrize("change", [0, 1, 2], ids=["activation", "password", "record"])
def test_a_disk_that_fails_to_synchronise_an_intent_lets_nothing_leave(tmp_path: Path, change: int) -> None:
    number, name = clean_visit()[change]
    seen = failed_visit(tmp_path, "-e", f"inject=fdatasync:error=EIO:when={number}")
    assert name not in seen.changes, f"{name} left all the same"
    assert seen.changes == [left for _, left in clean_visit()[:change]]
    ends = [
        screen for screen in seen.screens if screen.startswith(("Refusal", "PartialResult", "Result", "OutOfOrder"))
    ]
    if change == 0:
        assert ends[0] == "Refusal.journal J01"
        assert "这台机器现在不能办理" in seen.words[0]
    elif change == 1:
        assert ends[0].startswith("PartialResult.activated_without_pin"), "active, and certainly no password"
    else:
        assert ends[0].startswith(("Result.activated", "PartialResult")), "what the chip has proved stays true"
    assert "OutOfOrder J01" in seen.screens
    assert seen.screens[-1] == "Attract", "in order again by itself"


@needs_strace
def test_a_disk_that_fails_when_the_password_is_set_does_not_make_that_a_failure(tmp_path: Path) -> None:
    number = clean_visit()[2][0] - 2  # the end of the chip's change: before intent and sending of the record
    seen = failed_visit(tmp_path, "-e", f"inject=fdatasync:error=EIO:when={number}")
    assert seen.changes == ["perform:Activate", "apdu:24"]
    assert not [screen for screen in seen.screens if "without_pin" in screen]
    assert [screen for screen in seen.screens if screen.startswith("Result.activated")]


@needs_strace
def test_a_disk_without_room_lets_nothing_leave_and_the_terminal_comes_back(tmp_path: Path) -> None:
    # From the first write after the terminal stands until some looks later: each failed commit takes one write.
    (folder := tmp_path / "clean").mkdir()
    visits(folder, [ERRAND])
    before = 0
    for line in (folder / "trace").read_text().splitlines():
        if "leaves perform:Activate" in line:
            break
        before += "pwrite64(" in line
    seen = failed_visit(tmp_path, "-e", f"inject=pwrite64:error=ENOSPC:when={before - 8}..{before}")
    assert seen.screens.index("Attract") >= 0
    refused = "Refusal.journal J01" in seen.screens
    assert refused or "OutOfOrder J01" in seen.screens
    assert seen.screens[-1] == "Attract"
    assert not refused or seen.changes == []


def main() -> int:
    """Each synchronisation of the visit fails once, alone."""
    wrong = number = 0
    while True:
        number += 1
        with tempfile.TemporaryDirectory(prefix="journal-order-", dir="/var/tmp") as folder:
            seen = visits(Path(folder), [ERRAND], "-e", f"inject=fdatasync:error=EIO:when={number}")
        over = next((line for line in seen.said if line.startswith("over")), "never over")
        bad = bool(seen.wrong) or not over.endswith("findings=0") or seen.screens[-1] != "Attract"
        wrong += bad
        ends = [screen for screen in seen.screens if screen.startswith(("Refusal", "Partial", "Result", "OutOfOrder"))]
        print(f"fdatasync {number}: {seen.changes} {ends} {over} {seen.wrong}{' WRONG' if bad else ''}", flush=True)
        if seen.syncs < number:
            return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
