"""What root does with a terminal's data leaves them to the terminal's user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.other_users import they_come_here

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder to another user"),
    they_come_here,
]
ROOT = Path(__file__).parents[2]
OWNER = "nobody"


@pytest.fixture
def data() -> Iterator[Path]:
    """A terminal's folder as the package makes it, where its owner can come to it."""
    place = Path(tempfile.mkdtemp(prefix="kiosk-owner-"))
    try:
        place.chmod(0o755)
        folder = place / "data"
        folder.mkdir(mode=0o700)
        shutil.chown(folder, OWNER)
        yield folder
    finally:
        shutil.rmtree(place)


@pytest.fixture
def settings(data: Path, tmp_path: Path) -> Path:
    """A file that only root can read."""
    file = tmp_path / "kiosk.toml"
    file.write_text(
        '[devices]\nidcard = "sdt:/dev/null"\nscanner = "serial:/dev/null"\nprinter = "escpos:file:///dev/null"\n'
        f'[insurer]\npath = "{data}/insurer.db"\n[data]\ndir = "{data}"\n'
    )
    file.chmod(0o600)
    return file


def kiosk(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The command as root gives it."""
    command = [sys.executable, "-m", "kiosk", *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=ROOT, check=False)


def owners(data: Path) -> dict[str, str]:
    return {path.name: path.owner() for path in data.rglob("*")}


def test_what_doctor_makes_for_root_the_terminal_can_read(data: Path, settings: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    examined = kiosk("doctor", "--config", str(settings), "--page", str(page))
    assert examined.returncode in (0, 1), examined.stderr
    assert "clock" in examined.stdout
    assert page.read_text("utf-8").strip(), "the page is written where root may write"
    made = owners(data)
    assert {"journal.db", "journal.key", "seal.pem", "insurer.db"} <= set(made)
    assert set(made.values()) == {OWNER}, made


def test_a_folder_that_is_to_be_made_is_its_surroundings_owners(data: Path, settings: Path) -> None:
    inner = data / "terminal"
    settings.write_text(settings.read_text().replace(f'dir = "{data}"', f'dir = "{inner}"'))
    kiosk("doctor", "--config", str(settings))
    assert inner.owner() == OWNER
    assert set(owners(data).values()) == {OWNER}


def test_staff_are_enrolled_by_root_one_after_the_other(data: Path, settings: Path) -> None:
    for name in ("Li", "Wang"):
        words = ("staff", "add", name, "--role", "operator", "--stdin", "--config", str(settings))
        enrolled = kiosk(*words, stdin="802613\n")
        assert enrolled.returncode == 0, enrolled.stderr
    assert len(kiosk("staff", "list", "--config", str(settings)).stdout.splitlines()) == 2
    assert owners(data) == {"staff.json": OWNER}


def test_root_may_prove_and_export_the_journal_to_a_folder_of_its_own(
    data: Path, settings: Path, tmp_path: Path
) -> None:
    kiosk("doctor", "--config", str(settings))
    out = tmp_path / "export.jsonl"
    assert kiosk("journal", "export", "--config", str(settings), "--out", str(out)).returncode == 0
    assert kiosk("journal", "verify", "--config", str(settings)).returncode == 0
    assert kiosk("journal", "key", "--config", str(settings)).returncode == 0
    assert out.exists()
    assert set(owners(data).values()) == {OWNER}


def test_an_owner_whom_nobody_knows_is_told_in_one_line(data: Path, settings: Path) -> None:
    os.chown(data, 54321, 54321)
    refused = kiosk("doctor", "--config", str(settings))
    assert refused.returncode == 2
    assert refused.stderr.strip().count("\n") == 0
    assert f"{data}: belongs to user 54321" in refused.stderr
    assert not list(data.iterdir())


def test_what_an_earlier_doctor_of_root_left_is_found_with_the_command_that_mends_it(
    data: Path, settings: Path
) -> None:
    kiosk("doctor", "--config", str(settings))
    for name in ("journal.key", "seal.pem"):
        shutil.chown(data / name, "root")
    (data / "lost+found").mkdir()
    refused = kiosk("doctor", "--config", str(settings))
    assert refused.returncode == 1
    command = f"chown -R {OWNER}: {data}"
    assert f"{data}/journal.key and 1 more: not the terminal's own; once, as root: {command}" in refused.stderr
    subprocess.run(command.split(), check=True)
    assert "clock" in kiosk("doctor", "--config", str(settings)).stdout


def test_a_program_where_only_root_may_look_is_told_as_that(data: Path, settings: Path) -> None:
    closed = Path(tempfile.mkdtemp(prefix="kiosk-closed-"))
    try:
        for package in ("kiosk", "drivers", "assets"):
            shutil.copytree(ROOT / package, closed / package)
        examined = subprocess.run(
            [sys.executable, "-m", "kiosk", "doctor", "--config", str(settings)],
            capture_output=True,
            text=True,
            cwd=closed,
            env=os.environ | {"PYTHONPATH": str(closed)},
            check=False,
        )
    finally:
        shutil.rmtree(closed)
    assert examined.returncode == 2
    assert examined.stderr.startswith(f"kiosk doctor: {closed}: lies where {OWNER}, whose {data} is,"), examined.stderr
    assert examined.stderr.count("\n") == 1
    assert owners(data) == {}
