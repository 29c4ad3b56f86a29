"""Members of staff, the wait after wrong PINs, what is kept, and leave for simulated devices."""

from __future__ import annotations

import errno
import io
import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.config import Config, ConfigError, Devices
from kiosk.maintenance import lockout, permission
from kiosk.maintenance.credentials import Role, StaffFile, hash_pin, pin_is
from kiosk.maintenance.handing_out import put
from kiosk.maintenance.kept import Kept, Reason
from kiosk.maintenance.light import Backlight
from kiosk.maintenance.whole_file import FileUnusable
from kiosk.screens import EntryProblem, Volume
from kiosk.text import catalogues
from tests.helpers.operator import CHEAP, ENGINEER, OPERATOR, PASSPHRASE, a_pin, staffed

NOW = datetime(2026, 11, 20, 9, 41, tzinfo=UTC)


def test_a_pin_is_known_again_and_another_is_not() -> None:
    hashed = hash_pin(a_pin(OPERATOR), CHEAP)
    assert hashed.startswith("$argon2id$v=19$")
    assert pin_is(a_pin(OPERATOR), hashed)
    assert not pin_is(a_pin(ENGINEER), hashed)
    assert hashed != hash_pin(a_pin(OPERATOR), CHEAP), "each has its own salt"


def test_the_file_holds_no_pin_and_is_its_owners_alone(tmp_path: Path) -> None:
    staff = staffed(tmp_path)
    text = staff.path.read_text()
    assert staff.path.stat().st_mode & 0o777 == 0o600
    for secret in (OPERATOR, ENGINEER, PASSPHRASE):
        assert secret not in text
    assert "Li" not in repr(staff.members())


def test_numbers_are_given_out_and_given_again(tmp_path: Path) -> None:
    staff = staffed(tmp_path)
    assert [member.number for member in staff.members()] == ["01", "02"]
    staff.remove("01")
    assert staff.add("Sun", Role.OPERATOR, a_pin("730185")).number == "01"
    with pytest.raises(KeyError):
        staff.remove("77")


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"version": 1}', '{"version": 9, "members": []}', '{"version":1,"members":[{}]}']
)
def test_a_damaged_list_is_no_list(tmp_path: Path, content: str) -> None:
    staff = staffed(tmp_path)
    staff.path.write_text(content)
    with pytest.raises(FileUnusable, match=r"restore|add the members anew"):
        staff.members()


def test_the_wait_doubles_and_ends(tmp_path: Path) -> None:
    kept, now = Kept(tmp_path / "operator.json"), NOW
    waits = []
    for _ in range(9):
        lockout.begin_try(kept, "01", now)
        waits.append(lockout.wait_s(kept, now))
        now += timedelta(seconds=waits[-1])
        assert lockout.wait_s(kept, now) == 0
    assert waits == [0, 0, 30, 60, 120, 240, 480, 900, 900]
    lockout.was_right(kept, "01")
    assert lockout.wait_s(kept, now) == 0


def test_neither_a_restart_nor_the_clock_nor_damage_shortens_the_wait(tmp_path: Path) -> None:
    path = tmp_path / "operator.json"
    kept = Kept(path)
    for _ in range(4):
        lockout.begin_try(kept, "01", NOW)
    assert lockout.wait_s(Kept(path), NOW + timedelta(seconds=1)) == 59
    assert lockout.wait_s(Kept(path), NOW - timedelta(days=1)) == 60
    path.write_text("{")
    damaged = Kept(path)
    assert lockout.wait_s(damaged, NOW) == 900
    assert lockout.wait_s(damaged, NOW + timedelta(seconds=899)) == 1
    assert lockout.wait_s(damaged, NOW + timedelta(seconds=900)) == 0
    lockout.begin_try(damaged, "01", NOW + timedelta(seconds=900))
    assert lockout.wait_s(damaged, NOW + timedelta(seconds=900)) == 900, "nothing was gained by the damage"


def test_a_right_pin_forgives_only_the_wrong_ones_at_its_own_number(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "operator.json")
    for number in ("02", "02", "01"):
        lockout.begin_try(kept, number, NOW)
    assert lockout.wait_s(kept, NOW) == 0
    lockout.was_right(kept, "01")
    assert {number: failures.count for number, failures in kept.failures.items()} == {"02": 2}
    lockout.begin_try(kept, "02", NOW)
    lockout.begin_try(kept, "01", NOW)
    assert lockout.wait_s(Kept(tmp_path / "operator.json"), NOW) == 30, "everybody waits, as long as the longest says"
    lockout.was_right(kept, "02")
    assert lockout.wait_s(kept, NOW) == 0


def test_what_staff_set_is_there_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "operator.json")
    kept.close(Reason.REPAIR)
    kept.speak("en")
    kept.shine(60)
    kept.sound(Volume.HIGH)
    again = Kept(tmp_path / "operator.json")
    assert (again.closed, again.language, again.brightness, again.volume) == (Reason.REPAIR, "en", 60, Volume.HIGH)
    again.reopen()
    assert Kept(tmp_path / "operator.json").closed is None


def test_the_backlight_is_turned_where_there_is_one(tmp_path: Path) -> None:
    assert not Backlight(tmp_path / "none").shine(60)
    (tmp_path / "max_brightness").write_text("937\n")
    (tmp_path / "brightness").write_text("937\n")
    assert Backlight(tmp_path).shine(60)
    assert (tmp_path / "brightness").read_text() == "562"


# --- handing out -----------------------------------------------------------------------------------------------------


def test_a_full_stick_keeps_no_half_file(tmp_path: Path) -> None:
    written = 0

    def full(descriptor: int, data: bytes) -> int:
        nonlocal written
        if written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = os.write(descriptor, data[:1000])
        return written

    with pytest.raises(OSError, match="No space"):
        put(b"x" * 5000, tmp_path / "journal.jsonl", full)
    assert list(tmp_path.iterdir()) == []


def test_a_stick_that_loses_bytes_is_noticed(tmp_path: Path) -> None:
    def loses(descriptor: int, data: bytes) -> int:
        os.write(descriptor, bytes(len(data)))
        return len(data)

    with pytest.raises(OSError, match="does not hold"):
        put(b"x" * 5000, tmp_path / "journal.jsonl", loses)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        put(b"yours", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"mine"


def test_what_lies_ready_on_a_stick_leads_nowhere_else(tmp_path: Path) -> None:
    stick, key = tmp_path / "stick", tmp_path / "seal.pem"
    stick.mkdir()
    key.write_bytes(b"the terminal's key")
    target = stick / "journal.jsonl"
    (stick / f".{target.name}.part").symlink_to(key)
    put(b"an export", target)
    assert key.read_bytes() == b"the terminal's key"
    assert not target.is_symlink()
    assert target.read_bytes() == b"an export"
    (stick / "other.jsonl").symlink_to(tmp_path / "nothing")
    with pytest.raises(FileExistsError):
        put(b"an export", stick / "other.jsonl")
    assert sorted(path.name for path in stick.iterdir()) == ["journal.jsonl", "other.jsonl"]


# --- simulated devices -----------------------------------------------------------------------------------------------


def production(config: Config, staff: StaffFile, now: datetime = NOW) -> None:
    permission.require(config, staff, now, production=True)


def test_production_plays_nothing_unless_an_engineer_allows_it(tmp_path: Path) -> None:
    config, staff = Config(data=tmp_path), staffed(tmp_path)
    with pytest.raises(ConfigError, match=r"\[insurer\] kind: simulated"):
        production(config, staff)
    key = staff.engineer("02", PASSPHRASE)
    assert key is not None
    permission.allow(tmp_path, "ZZ-0000", "02", key, NOW + timedelta(days=1))
    production(config, staff)
    with pytest.raises(ConfigError):
        production(config, staff, NOW + timedelta(days=2))
    table = json.loads(permission.path_in(tmp_path).read_text())
    permission.path_in(tmp_path).write_text(json.dumps(table | {"until": "2036-01-01T00:00:00+00:00"}))
    with pytest.raises(ConfigError):
        production(config, staff)
    permission.path_in(tmp_path).write_text(json.dumps(table))
    production(config, staff)
    staff.remove("02")
    with pytest.raises(ConfigError):
        production(config, staff)


def test_a_permission_is_one_terminals(tmp_path: Path) -> None:
    config, staff = Config(data=tmp_path), staffed(tmp_path)
    key = staff.engineer("02", PASSPHRASE)
    assert key is not None
    permission.allow(tmp_path, "ZZ-0009", "02", key, NOW + timedelta(days=1))
    with pytest.raises(ConfigError):
        production(config, staff)


def test_a_checkout_is_no_production_and_real_devices_need_no_leave(tmp_path: Path) -> None:
    staff = staffed(tmp_path)
    permission.require(Config(data=tmp_path), staff, NOW)
    assert Config(insurer="platform").simulated == []
    played = Config(insurer="platform", devices=Devices(pinpad="mock:")).simulated
    assert played == ["[devices] pinpad"]
    marker = tmp_path / "production"
    marker.touch()
    assert permission.is_production(marker, tmp_path / "lib" / "assets")
    assert not permission.is_production(marker)


# --- the command -----------------------------------------------------------------------------------------------------


def configured(folder: Path) -> list[str]:
    file = folder / "k.toml"
    file.write_text(f'[data]\ndir = "{folder}"\n')
    return ["--config", str(file)]


def test_the_command_enrols_lists_allows_and_forgets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = configured(tmp_path)

    def staff(*words: str, said: str = "") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        return main(["staff", *words, *at])

    assert staff("list") == 0
    assert "nobody is enrolled" in capsys.readouterr().err
    assert staff("add", "Li", "--role", "operator", "--stdin", said=f"{OPERATOR}\n") == 0
    assert staff("add", "Wang", "--role", "engineer", "--stdin", said=f"{ENGINEER}\n{PASSPHRASE}\n") == 0
    assert staff("list", "--json") == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()[2:]]
    assert [(one["number"], one["role"]) for one in listed] == [("01", "operator"), ("02", "engineer")]
    assert staff("allow-simulated", "--engineer", "02", "--stdin", said="a wrong passphrase\n") == 1
    assert staff("allow-simulated", "--engineer", "01", "--stdin", said=f"{PASSPHRASE}\n") == 1
    assert "kiosk staff add NAME --role engineer" in capsys.readouterr().err
    assert staff("allow-simulated", "--engineer", "02", "--stdin", said=f"{PASSPHRASE}\n") == 0
    assert staff("forbid-simulated") == 0
    assert staff("remove", "01") == 0
    assert staff("remove", "01") == 2
    told = capsys.readouterr()
    for secret in (OPERATOR, ENGINEER, PASSPHRASE):
        assert secret not in told.out + told.err


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("12345\n", "6 digits"),
        ("123456\n", "guessed"),
        ("80261x\n", "6 digits"),
        (f"{ENGINEER}\nshort\n", "12 characters"),
    ],
)
def test_what_is_too_easy_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, said: str, says: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(said))
    assert main(["staff", "add", "Wang", "--role", "engineer", "--stdin", *configured(tmp_path)]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "staff.json").exists()


# --- words -----------------------------------------------------------------------------------------------------------


def test_every_topic_act_and_row_that_is_used_has_words() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in Path(lockout.__file__).parent.glob("*.py"))
    topics = {
        screen: set(re.findall(screen + r'\(\s*"(\w+)"', sources))
        for screen in ("StaffPage", "StaffMenu", "StaffWorking")
    }
    assert min(len(found) for found in topics.values()) > 4
    keys = {f"{screen}.variant.{topic}.title" for screen, found in topics.items() for topic in found}
    acts = re.findall(r'(?:acts=|rows, |row,\), )\(((?:"\w+",? ?)+)\)', sources)
    keys |= {f"StaffPage.act_{act}" for found in acts for act in re.findall(r"\w+", found)}
    keys |= {f"staff.{label}" for label in re.findall(r'_row\("(\w+)"', sources)}
    keys |= {f"Closed.variant.{reason}.title" for reason in Reason}
    keys |= {f"StaffEntry.problem_{problem}" for problem in EntryProblem}
    assert len(keys) > 60
    for words in catalogues().values():
        assert sorted(key for key in keys if not (key in words and words.texts[key])) == [], words.language
