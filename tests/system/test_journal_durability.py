"""The journal's promise on the real disk: durable before anything leaves, through kill -9 and failing disks."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from kiosk.journal import Journal

pytestmark = pytest.mark.system

SECRET = bytes(range(32))
ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 20

# Writes intents for ever and says each key on standard output only when intend() has returned.
WRITER = """
import os, sys
from datetime import UTC, datetime
from kiosk.journal import Journal, JournalError

journal = Journal(sys.argv[1], lambda: datetime.now(UTC), bytes(range(32)))
os.write(1, b"open\\n")
for number in range(int(sys.argv[3])):
    key = f"{sys.argv[2]}-{number}"
    try:
        journal.intend(key, "activate", journal.subject(key))
    except JournalError as error:
        os.write(1, f"! {type(error).__name__}\\n".encode())
        sys.exit(3)
    os.write(1, f"{key}\\n".encode())
"""


def writer(path: Path, name: str, count: int) -> list[str]:
    return [sys.executable, "-c", WRITER, str(path), name, str(count)]


@cache
def can_trace() -> bool:
    strace = shutil.which("strace")
    if strace is None:
        return False
    traced = subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True, check=False)
    return traced.returncode == 0


needs_strace = pytest.mark.skipif(not can_trace(), reason="strace is missing or may not trace here")


def run_traced(trace: Path, options: Sequence[str], command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["strace", "-f", "-o", str(trace), *options, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def keys_in(path: Path) -> set[str]:
    journal = Journal(path, lambda: datetime.now(UTC), SECRET)
    try:
        assert journal.verify() == []
        return {item.key for item in journal.open_items()}
    finally:
        journal.shut()


@needs_strace
def test_the_disk_has_the_intent_before_anything_leaves(tmp_path: Path) -> None:
    path, trace = tmp_path / "journal.sqlite", tmp_path / "trace"
    done = run_traced(trace, ["-e", "trace=fdatasync,fsync,write", "-s", "64"], writer(path, "k", 10))
    assert done.returncode == 0, done.stderr
    synced = False
    announced = []
    for line in trace.read_text().splitlines():
        if re.search(r"\b(fdatasync|fsync)\(\d+\)\s+= 0", line):
            synced = True
        said = re.search(r'write\(1, "(k-\d+)', line)
        if said:
            assert synced, f"{said[1]} left before the disk had it"
            announced.append(said[1])
            synced = False
    assert announced == [f"k-{number}" for number in range(10)]


# The second fdatasync is SQLite's of the directory, whose failure it ignores; the journal's own fsync stands for it.
@needs_strace
@pytest.mark.parametrize(("call", "when"), [("fdatasync", n) for n in (1, 3, 4, 5, 8)] + [("fsync", 1)])
def test_a_disk_that_fails_to_synchronise_lets_nothing_leave(tmp_path: Path, call: str, when: int) -> None:
    path, trace = tmp_path / "journal.sqlite", tmp_path / "trace"
    Journal(path, lambda: datetime.now(UTC), SECRET).shut()
    failing = ["-e", f"trace={call}", "-e", f"inject={call}:error=EIO:when={when}"]
    done = run_traced(trace, failing, writer(path, "k", 30))
    assert done.returncode == 3, done.stderr
    *said, last = done.stdout.split("\n")[1:-1]
    assert last == "! JournalBroken"
    # What was announced is there; the one that failed may be, for it may have reached the disk all the same.
    assert set(said) <= keys_in(path) <= {*said, f"k-{len(said)}"}


@needs_strace
def test_a_full_disk_lets_nothing_leave(tmp_path: Path) -> None:
    path, trace = tmp_path / "journal.sqlite", tmp_path / "trace"
    Journal(path, lambda: datetime.now(UTC), SECRET).shut()
    failing = ["-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=40+"]
    done = run_traced(trace, failing, writer(path, "k", 200))
    assert done.returncode == 3, done.stderr
    *said, last = done.stdout.split("\n")[1:-1]
    assert last == "! JournalFull"
    assert set(said) <= keys_in(path) <= {*said, f"k-{len(said)}"}


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    rng = random.Random(9)
    acknowledged: set[str] = set()
    for number in range(ROUNDS):
        process = subprocess.Popen(writer(path, f"r{number}", 10_000), cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        heard = [process.stdout.readline() for _ in range(rng.randint(2, 30))]
        os.kill(process.pid, signal.SIGKILL)
        heard += process.stdout.readlines()
        process.stdout.close()
        process.wait()
        acknowledged |= {line.decode().strip() for line in heard if line.startswith(b"r") and line.endswith(b"\n")}
    there = keys_in(path)
    assert len(acknowledged) >= ROUNDS
    assert acknowledged <= there
    assert len(there - acknowledged) <= ROUNDS


# The same, but it also writes what need not be kept, and drops it again beyond 60 records.
FORGETTING_WRITER = """
import os, sys
from datetime import UTC, datetime
from kiosk.journal import Journal, Retention

journal = Journal(sys.argv[1], lambda: datetime.now(UTC), bytes(range(32)), Retention(most_records=60))
os.write(1, b"open\\n")
for number in range(10_000):
    key = f"{sys.argv[2]}-{number}"
    journal.intend(key, "activate", journal.subject(key))
    os.write(1, f"{key}\\n".encode())
    for _ in range(20):
        journal.event("visit", service="balance", outcome="done")
    for _ in range(3):
        journal.tidy()
"""


def test_kill_9_while_it_forgets_leaves_it_whole_and_keeps_what_is_open(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    rng = random.Random(7)
    acknowledged: set[str] = set()
    for number in range(8):
        command = [sys.executable, "-c", FORGETTING_WRITER, str(path), f"r{number}"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        heard = [process.stdout.readline() for _ in range(rng.randint(4, 12))]
        os.kill(process.pid, signal.SIGKILL)
        heard += process.stdout.readlines()
        process.stdout.close()
        process.wait()
        acknowledged |= {line.decode().strip() for line in heard if line.startswith(b"r") and line.endswith(b"\n")}
    assert acknowledged <= keys_in(path)
    with closing(sqlite3.connect(path)) as db:
        first = db.execute("SELECT min(seq) FROM records").fetchone()[0]
    assert first > 100, "it did forget"


# Fills its file up to what the kernel lets it, says what it was told, and goes on when it is let.
LIMITED = """
import os, resource, sys
from datetime import UTC, datetime
from kiosk.journal import Journal, JournalError

journal = Journal(sys.argv[1], lambda: datetime.now(UTC), bytes(range(32)), in_service=True)
before = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, before[1]))
number = 0
try:
    while True:
        journal.intend(f"k-{number}", "activate", journal.subject(f"{number}"))
        os.write(1, f"k-{number}\\n".encode())
        number += 1
except JournalError as error:
    os.write(1, f"! {type(error).__name__}\\n".encode())
for _ in range(3):
    try:
        journal.probe()
        os.write(1, b"? it went on without room\\n")
    except JournalError as error:
        os.write(1, b"! still\\n")
resource.setrlimit(resource.RLIMIT_FSIZE, before)
journal.probe()
journal.intend("after", "activate", journal.subject("after"))
os.write(1, b"after\\n")
journal.shut()
"""


def test_a_file_that_may_not_grow_stops_everything_and_going_on_needs_no_restart(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    command = [sys.executable, "-c", LIMITED, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = done.stdout.split()
    assert "?" not in said
    assert said[-1] == "after"
    there = keys_in(path)
    assert {key for key in said if key.startswith("k-")} | {"after"} == there
    assert len(there) > 5


PROBER = """
import sys
from datetime import UTC, datetime
from kiosk.journal import Journal

journal = Journal(sys.argv[1], lambda: datetime.now(UTC), bytes(range(32)), in_service=True)
journal.probe()
journal.event("visit", outcome="done")
journal.shut()
"""


@needs_strace
@pytest.mark.parametrize(
    ("call", "when"),
    [("rename", n) for n in (1, 2, 3)]
    + [("fsync", n) for n in (1, 2, 3, 4)]
    + [("fdatasync", n) for n in (1, 4, 5, 7)],
)
def test_a_kill_while_a_damaged_journal_is_set_aside_loses_nothing(tmp_path: Path, call: str, when: int) -> None:
    path, trace = tmp_path / "journal.sqlite", tmp_path / "trace"
    journal = Journal(path, lambda: datetime.now(UTC), SECRET)
    journal.intend("open", "activate", journal.subject("AA"))
    for number in range(30):
        journal.event("visit", number=number)
    journal.shut()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE ends")
    damaged, witness = path.read_bytes(), path.with_name(f"{path.name}-head").read_bytes()
    killed = ["-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={when}"]
    done = run_traced(trace, killed, [sys.executable, "-c", PROBER, str(path)])
    assert "KILL" in trace.read_text(), f"there is no {call} {when}: {done.stderr}"
    again = Journal(path, lambda: datetime.now(UTC), SECRET, in_service=True)
    again.probe()
    assert again.verify() == []
    assert [item.key for item in again.open_items()] == ["open"]
    again.shut()
    aside = [p for p in tmp_path.iterdir() if ".damaged-" in p.name and not p.name.endswith(("-wal", "-shm", "-head"))]
    assert [file.read_bytes() for file in aside] == [damaged]
    assert aside[0].with_name(f"{aside[0].name}-head").read_bytes() == witness, "its witness went with it"
