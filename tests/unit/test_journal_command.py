"""``kiosk journal``: verify, export and key, each with its exit status and one line when it cannot."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk import compose
from kiosk.__main__ import main
from kiosk.config import ConfigError, parse
from kiosk.journal import Journal, Retention
from kiosk.receipts.seal import load_or_create_key

SECRET = bytes(range(32))


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Path]:
    """A terminal's folder with a journal of five days that is still open, and its configuration."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / compose.JOURNAL_KEY).write_bytes(SECRET)
    load_or_create_key(data / "seal.pem")
    config = tmp_path / "kiosk.toml"
    config.write_text(f'[terminal]\nid = "ZZ-0042"\n[data]\ndir = "{data}"\n', "utf-8")
    now = datetime.fromisoformat("2026-07-15T09:00:00+08:00")

    def clock() -> datetime:
        nonlocal now
        now += timedelta(hours=8)
        return now

    journal = Journal(data / compose.JOURNAL, clock, SECRET)
    for number in range(5):
        journal.intend(f"key-{number}", "Activate", journal.subject("00"))
        journal.sent(f"key-{number}")
        journal.close(f"key-{number}", "done", f"410100-{number}")
    yield config
    journal.shut()


def journal_of(config: Path) -> Path:
    return config.parent / "data" / compose.JOURNAL


def said(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    status = main(["journal", *map(str, words)])
    out, err = capsys.readouterr()
    return status, out, err


def key_of(capsys: pytest.CaptureFixture[str], config: Path) -> str:
    status, out, _ = said(capsys, "key", "--config", config)
    assert status == 0
    return out.split()[0]


def test_a_whole_journal_is_proved_while_the_terminal_writes(
    terminal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = said(capsys, "verify", "--config", terminal)
    assert (status, err) == (0, "")
    assert out == f"{journal_of(terminal)}: 15 records, whole\n"
    status, out, _ = said(capsys, "verify", journal_of(terminal), "--json")
    assert (status, json.loads(out)["whole"], json.loads(out)["findings"]) == (0, True, [])


def test_looking_leaves_nothing_behind(terminal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in journal_of(terminal).parent.iterdir() if "-shm" not in path.name}
    assert said(capsys, "verify", "--config", terminal)[0] == 0
    after = {path.name: path.read_bytes() for path in journal_of(terminal).parent.iterdir() if "-shm" not in path.name}
    assert after == before


def test_damage_is_named_and_the_status_is_1(terminal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (journal_of(terminal).parent / f"{compose.JOURNAL}-head").unlink()
    status, out, _ = said(capsys, "verify", "--config", terminal)
    assert status == 1
    assert "damaged" in out
    assert "witness_unreadable at record 0" in out
    status, out, _ = said(capsys, "verify", "--config", terminal, "--json")
    assert json.loads(out)["findings"] == [{"damage": "witness_unreadable", "record": 0}]


def test_a_copy_is_whole_with_the_witness_that_was_copied_before_it(
    terminal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the operator's guide says to do it, while the terminal writes."""
    path = journal_of(terminal)
    shutil.copy(f"{path}-head", path.with_name("copy.db-head"))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(path.with_name("copy.db"))) as copy:
        source.backup(copy)
    status, out, _ = said(capsys, "verify", path.with_name("copy.db"))
    assert (status, out) == (0, f"{path.with_name('copy.db')}: 15 records, whole\n")


def test_an_export_is_proved_without_the_secret(
    terminal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "july.jsonl"
    status, told, _ = said(capsys, "export", "--config", terminal, "--out", out)
    assert (status, told) == (0, f"15 records (1 to 15) in {out}\n")
    assert out.stat().st_mode & 0o777 == 0o600
    key = key_of(capsys, terminal)
    public = tmp_path / "keys"
    public.write_text(f"{key}  # the hall\n", "ascii")
    for way in (key, public):
        status, told, _ = said(capsys, "verify", out, "--key", str(way), "--json")
        assert (status, json.loads(told)["whole"], json.loads(told)["terminal"]) == (0, True, "ZZ-0042")
    changed = tmp_path / "changed.jsonl"
    changed.write_text(out.read_text("ascii").replace("410100-3", "410100-4"), "ascii")
    status, told, _ = said(capsys, "verify", changed, "--key", key)
    assert status == 1
    assert told.startswith(f"{changed}: 15 records, not as the terminal wrote it: keep it, and export anew")
    assert "seal_broken" in told
    assert "altered at record 12" in told


def test_some_days_only(terminal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "days.jsonl"
    said(capsys, "export", "--config", terminal, "--out", out, "--from", "2026-07-16", "--to", "2026-07-17", "--json")
    days = {json.loads(json.loads(line)["record"])["at"][:10] for line in out.read_text("ascii").splitlines()[1:-1]}
    assert days == {"2026-07-16", "2026-07-17"}
    assert said(capsys, "verify", out, "--key", key_of(capsys, terminal))[0] == 0
    empty = tmp_path / "empty.jsonl"
    status, told, _ = said(capsys, "export", "--config", terminal, "--out", empty, "--from", "2030-01-01")
    assert (status, told.split()[0]) == (0, "0")
    assert said(capsys, "verify", empty, "--key", key_of(capsys, terminal))[0] == 0


def test_an_export_of_a_damaged_journal_says_so_for_ever(
    terminal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (journal_of(terminal).parent / f"{compose.JOURNAL}-head").unlink()
    out = tmp_path / "damaged.jsonl"
    assert said(capsys, "export", "--config", terminal, "--out", out)[0] == 1
    status, told, _ = said(capsys, "verify", out, "--key", key_of(capsys, terminal))
    assert (status, "witness_unreadable" in told) == (1, True)
    assert told.startswith(f"{out}: 15 records, of a journal that was damaged already: keep both")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("verify", "nowhere.db"), "name the journal, or the terminal's --config"),
        (("verify", "EXPORT"), "name that terminal's public key with --key"),
        (("verify", "EXPORT", "--key", "nothing.pub"), "print it with: kiosk journal key"),
        (("verify", "EXPORT", "--key", "OTHER"), "names another key"),
        (("verify", "ELSEWHERE"), "a journal is proved with its terminal's secret beside it"),
        (("export", "--out", "EXPORT", "--config", "CONFIG"), "name another file"),
        (("export", "--out", "nowhere/x", "--config", "CONFIG"), "nowhere/x: No such file or directory; nothing"),
        (("verify", "EXPORT", "--config", "CONFIG"), "either files or --config"),
        (("export", "--out", "x", "--config", "CONFIG", "--from", "2026-08-01", "--to", "2026-07-01"), "after --to"),
        (("key", "--config", "none.toml"), "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_a_remedy_and_status_2(
    terminal: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    export, elsewhere = tmp_path / "export.jsonl", tmp_path / "elsewhere.db"
    said(capsys, "export", "--config", terminal, "--out", export)
    elsewhere.write_bytes(journal_of(terminal).read_bytes())
    other = load_or_create_key(tmp_path / "other.pem")
    from kiosk.receipts.seal import public_key_text

    named = {
        "EXPORT": str(export),
        "OTHER": public_key_text(other),
        "ELSEWHERE": str(elsewhere),
        "CONFIG": str(terminal),
    }
    status, out, err = said(capsys, *(named.get(word, word) for word in words))
    assert (status, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_a_file_that_is_no_database_is_damaged(terminal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoilt = journal_of(terminal).parent / "spoilt.db"
    spoilt.write_bytes(b"no database, but long enough to be one" * 100)
    status, out, _ = said(capsys, "verify", spoilt)
    assert (status, "unreadable" in out) == (1, True)


@pytest.mark.parametrize("seed", range(5))
def test_a_journal_that_cannot_be_read_through_is_no_traceback(
    seed: int, terminal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Random bytes over part of the file: the export tells what to do with it, and leaves nothing half done."""
    path = journal_of(terminal)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = bytearray(path.read_bytes())
    at = 100 + seed * 4000 if seed else 0
    whole[at : at + 3000] = random.Random(seed).randbytes(3000)
    spoilt = tmp_path / "spoilt"
    spoilt.mkdir()
    for name in (compose.JOURNAL_KEY, "seal.pem", f"{compose.JOURNAL}-head"):
        shutil.copy(path.parent / name, spoilt / name)
    (spoilt / compose.JOURNAL).write_bytes(whole)
    terminal.write_text(f'[data]\ndir = "{spoilt}"\n', "utf-8")
    out = tmp_path / "out.jsonl"
    status, told, err = said(capsys, "export", "--config", terminal, "--out", out)
    assert status in (1, 2)
    if status == 2:
        assert told == ""
        assert err.count("\n") == 1
        assert f"cannot be read; copy the whole folder {spoilt} for maintenance" in err
        assert not out.exists()
    status, told, _ = said(capsys, "verify", "--config", terminal)
    assert status == 1
    if "unreadable" in told:
        assert f"copy the whole folder {spoilt} for maintenance" in told


def test_a_row_of_another_kind_is_damage(terminal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(journal_of(terminal))) as db:
        db.executescript(
            "ALTER TABLE records RENAME TO former; CREATE TABLE records (seq INTEGER PRIMARY KEY, record, hash);"
            "INSERT INTO records SELECT seq, CAST(record AS BLOB), 3 FROM former;"
        )
    status, _, err = said(capsys, "export", "--config", terminal, "--out", tmp_path / "x")
    assert (status, "cannot be read; copy the whole folder" in err) == (2, True)


@pytest.mark.parametrize("secret", [b"", b"short"])
def test_a_secret_that_is_none_stops_the_start_in_one_line(
    secret: bytes, terminal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A disk that was full, or a backup cut short; what the journal was sealed with must not be made anew unasked."""
    path = journal_of(terminal).parent / compose.JOURNAL_KEY
    path.write_bytes(secret)
    with terminal.open("a", encoding="utf-8") as file:
        file.write(f'[insurer]\npath = "{terminal.parent}/insurer.db"\n')
    assert main(["doctor", "--config", str(terminal)]) == 2
    told = capsys.readouterr().err
    assert told == (
        f"kiosk doctor: {path} is no secret of a terminal; restore it from the backup,"
        " or move it and journal.db away to begin a new journal\n"
    )
    assert path.read_bytes() == secret


def test_how_long_and_how_much_is_kept_is_configured() -> None:
    retention = compose._retention(parse({"data": {"journal_days": 30, "journal_mib": 1.5}}, "x"))
    assert retention == Retention(timedelta(days=30), most_bytes=1_572_864)
    assert compose._retention(parse({}, "x")) == Retention()
    with pytest.raises(ConfigError, match="journal_days"):
        parse({"data": {"journal_days": 0}}, "x")
