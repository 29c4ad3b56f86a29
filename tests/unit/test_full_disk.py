"""A disk without room: told as that, with the file and the remedy, and never as a damaged journal."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.__main__ import _words_of
from kiosk.journal import Damage, JournalBroken, JournalDamaged, JournalFull
from kiosk.journal.errors import damage_by, translated

ROOT = Path(__file__).parents[2]
STORY = """
mount -t tmpfs -o size=256k,mode=700 kiosk-test "$1" || exit 77
fill() { cat /dev/zero > "$1/fill" 2> /dev/null; cat /dev/zero > "$1/fill" 2> /dev/null; }
fill "$1"
"$2" -m kiosk doctor --config "$3"; echo "status $?"
ls -A "$1"; echo "---"
rm "$1/fill"
"$2" -m kiosk doctor --config "$3" > /dev/null 2>&1
fill "$1"
"$2" -m kiosk doctor --config "$3"; echo "---"
"$2" -m kiosk journal verify --config "$3"; echo "status $?"
"$2" -m kiosk journal export --config "$3" --out "$4"; echo "status $?"
"""
INSURER = """
mount -t tmpfs -o size=300k,mode=700 kiosk-test "$1" || exit 77
for left in 290k 130k; do
  head -c $left /dev/zero > "$1/fill"
  "$2" -m kiosk doctor --config "$3" 2>&1
  rm "$1"/*
done
mkdir "$1/data"; sed "s#^dir = .*#dir = '$1/data'#" "$3" > "$1/k.toml"; cat /dev/zero > "$1/fill" 2> /dev/null
echo 802613 | "$2" -m kiosk staff add Li --role operator --stdin --config "$1/k.toml" 2>&1
true
"""


def failed(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("words that may quote a record")
    error.sqlite_errorcode = code
    error.sqlite_errorname = "SQLITE_X"
    return error


def on_a_small_disk(story: str, *words: object) -> str:
    """What it says, on both outputs. Skips the test where nobody may mount one."""
    apart = ["unshare", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], capture_output=True).returncode:
        pytest.skip("needs root and a mount namespace: the disk that is full is a small tmpfs of its own")
    told = subprocess.run(
        [*apart, "sh", "-c", story, "sh", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if told.returncode == 77:
        pytest.skip("needs to mount: the disk that is full is a small tmpfs of its own")
    return told.stdout


@pytest.mark.parametrize(
    ("code", "meant", "damage"),
    [
        (sqlite3.SQLITE_FULL, JournalFull, Damage.NO_ROOM),
        (sqlite3.SQLITE_IOERR_SHMSIZE, JournalFull, Damage.NO_ROOM),
        (sqlite3.SQLITE_IOERR_READ, JournalBroken, Damage.NOT_OPENED),
        (sqlite3.SQLITE_CANTOPEN, JournalBroken, Damage.NOT_OPENED),
        (sqlite3.SQLITE_CORRUPT, JournalDamaged, Damage.UNREADABLE),
        (sqlite3.SQLITE_NOTADB, JournalDamaged, Damage.UNREADABLE),
    ],
)
def test_what_the_disk_refused_is_told_from_damage(code: int, meant: type[Exception], damage: Damage) -> None:
    error = translated(failed(code))
    assert type(error) is meant
    assert damage_by(failed(code)) is damage
    assert damage_by(error) is damage


def test_a_full_disk_under_insurer_or_staff_is_told_as_that(tmp_path: Path) -> None:
    config = tmp_path / "k.toml"
    small = tmp_path / "small"
    small.mkdir()
    config.write_text(f'[data]\ndir = "{tmp_path}/data"\n[insurer]\npath = "{small}/insurer.db"\n')
    *doctors, staff = on_a_small_disk(INSURER, small, sys.executable, config).splitlines()
    for line in doctors:
        assert line.startswith(f"kiosk doctor: {config}:4: [insurer] path: {small}/insurer.db cannot be used (")
        assert line.endswith("; make room on the disk")
    assert len(doctors) == 2
    assert staff == f"kiosk staff: {small}/data: No space left on device; make room on the disk"


def test_a_full_disk_by_its_system_error() -> None:
    assert damage_by(OSError(errno.ENOSPC, "No space left on device")) is Damage.NO_ROOM
    assert damage_by(OSError(errno.EIO, "Input/output error")) is Damage.NOT_OPENED


def test_what_the_system_refused_names_its_file_and_what_to_do() -> None:
    assert _words_of(OSError(errno.ENOSPC, "No space left on device", "/d/journal.key")) == (
        "/d/journal.key: No space left on device; make room on the disk"
    )
    assert _words_of(PermissionError(errno.EACCES, "Permission denied", "/d")) == (
        "/d: Permission denied; give this command as its owner, or as root"
    )
    assert _words_of(OSError(errno.EIO, "Input/output error", "/d")) == "/d: Input/output error"
    assert _words_of(OSError("no number")) == "no number"


def test_a_terminal_on_a_full_disk(tmp_path: Path) -> None:
    """Its first start leaves nothing behind; later neither doctor nor verify calls a whole journal damaged."""
    data, config = tmp_path / "data", tmp_path / "k.toml"
    data.mkdir()
    config.write_text(
        f'[data]\ndir = "{data}"\n[insurer]\npath = "{tmp_path}/i.db"\n'
        '[devices]\nscanner = "hid:/dev/null"\nidcard = "sdt:/dev/none"\nprinter = "escpos:file:///dev/none"\n'
    )
    told = on_a_small_disk(STORY, data, sys.executable, config, tmp_path / "out.jsonl")
    first, doctor, commands = told.split("---\n")
    assert first.splitlines() == [
        f"kiosk doctor: {data}/journal.key: No space left on device; make room on the disk",
        "status 2",
        "fill",
    ]
    assert "no_room at 0" in doctor
    assert "no room on the disk" in doctor
    assert "damaged." not in doctor
    no_room = f"kiosk journal: {data}/journal.db: cannot be opened: no room on the disk; make room and try again"
    assert commands.splitlines() == [no_room, "status 2", no_room, "status 2"]


def test_a_whole_journal_is_still_one_after_that(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as db:
        db.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.Error) as refused:
            db.executescript("CREATE TABLE a (b); CREATE TABLE c (d); CREATE TABLE e (f)")
    assert damage_by(refused.value) is Damage.NO_ROOM
