"""``kiosk config``: what is wrong in one line, and a schema that knows every key."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.__main__ import main
from kiosk.config import ConfigError, parse
from kiosk.config_schema import schema
from kiosk.insurer.staging import Authority, Folder, make

ROOT = Path(__file__).parents[2]
PLATFORM = """kind = "platform"
url = "https://localhost/"
institution = "P41010000001"
institution_name = "x"
ca = "/nowhere/ca"
certificate = "/nowhere/c"
token = "/nowhere/t"
hsm = "/nowhere/hsm"
key = "/nowhere/k"
"""
SECTIONS: dict[str, dict[str, Any]] = {name: section["properties"] for name, section in schema()["properties"].items()}


@pytest.mark.parametrize("section", SECTIONS)
def test_the_schema_knows_the_keys_that_are_read(section: str) -> None:
    table: dict[str, dict[str, Any]] = {section: {"not_a_key": 1}}
    if section == "insurer":
        names = {"institution": "P41010000001", "institution_name": "x", "url": "https://localhost/"}
        papers = dict.fromkeys(("ca", "certificate", "key", "token", "hsm"), "/x")
        table[section] |= {"kind": "platform"} | names | papers
    with pytest.raises(ConfigError) as refused:
        parse(table, "k")
    known = re.search(r"there are (.*)$", str(refused.value))
    assert known is not None
    assert set(known[1].split(", ")) == set(SECTIONS[section])


def test_the_schema_names_the_sections() -> None:
    with pytest.raises(ConfigError, match="there are " + ", ".join(SECTIONS).replace("[", "")) as refused:
        parse({"no_section": {}}, "k")
    assert set(str(refused.value).rpartition("there are ")[2].split(", ")) == set(SECTIONS)


def test_the_sample_names_every_key() -> None:
    """Written out or commented out: whoever opens the sample sees what there is."""
    sample = (ROOT / "packaging" / "kiosk.toml").read_text("utf-8")
    tomllib.loads(sample)
    for section, keys in SECTIONS.items():
        written = sample.partition(f"\n[{section}]")[2].partition("\n[")[0]
        missing = [key for key in keys if not re.search(rf"^(# )?{key}( =|\.)", written, re.MULTILINE)]
        assert not missing, f"[{section}] {missing}"


def test_a_data_folder_that_is_a_file_is_named_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "k.toml"
    file.write_text(f'[data]\ndir = "{file}"\n')
    assert main(["config", "check", str(file)]) == 1
    assert f"{file}:2: [data] dir: {file} is no folder; move it away" in capsys.readouterr().err


def test_a_stream_keeps_its_own_query(tmp_path: Path) -> None:
    file = tmp_path / "k.toml"
    file.write_text('[devices]\nscanner = "camera:http://192.0.2.1/v?user=a&exposure=-6"\n')
    assert main(["config", "check", str(file)]) == 0


def test_the_file_may_be_named_as_everywhere_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong goes to stderr, as with every command."""
    file = tmp_path / "k.toml"
    file.write_text("[time]\nwarning_s = 1\n")
    assert main(["config", "check", "--config", str(file)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"kiosk config: {file}:2: [time] warning_s")
    assert main(["config", "check", str(file), "--config", str(file)]) == 2
    assert main(["doctor", "--config", str(file)]) == 2


def test_doctor_names_the_line_of_a_device_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "k.toml"
    file.write_text('[devices]\nprinter = "escpos"\n')
    assert main(["doctor", "--config", str(file)]) == 2
    assert capsys.readouterr().err.startswith(f"kiosk doctor: {file}:2: [devices] printer: 'escpos' names no driver")


def test_a_configuration_that_can_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, data = tmp_path / "k.toml", tmp_path / "data"
    data.mkdir(mode=0o755)
    file.write_text(f'[data]\ndir = "{data}"\n[devices]\npinpad = "mock:"\n')
    file.chmod(0o666)
    assert main(["config", "check", str(file)]) == 0
    said = capsys.readouterr().out
    assert "can be used" in said
    for note in (
        f"chmod o-w {file}",
        f"chmod 700 {data}",
        "[insurer] kind",
        "[devices] pinpad: simulated",
        "[terminal] id",
    ):
        assert note in said


def test_verdict_and_notes_are_in_the_language_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence that says what is wrong is the log's, in English, and stands first and alone on its line."""
    file = tmp_path / "k.toml"
    file.write_text(f'[data]\ndir = "{tmp_path}/data"\n')
    assert main(["config", "check", str(file), "--lang", "zh"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{file}：可以用"
    assert any("[terminal] id：没有填" in note for note in said[1:])

    file.write_text("[time]\nwarning_s = 1\n")
    assert main(["config", "check", str(file)]) == 1
    english = capsys.readouterr().err.splitlines()
    assert main(["config", "check", str(file), "--lang", "zh"]) == 1
    chinese = capsys.readouterr().err.splitlines()
    assert chinese[0] == english[0]
    assert english[0].startswith(f"kiosk config: {file}:2: [time] warning_s: ")
    assert (english[1][: len(f"{file}: cannot")], chinese[1][: len(f"{file}：还不能用")]) == (
        f"{file}: cannot",
        f"{file}：还不能用",
    )
    assert main(["config", "check", str(file), "--lang", "de"]) == 2
    assert capsys.readouterr().err == "kiosk config: --lang de: there are en, zh\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[devices]\ncard = "ouija:"\n', "ouija"),
        ('[terminal]\npolicy = "atlantis"\n', "atlantis"),
        ('[terminal]\nregion = "110100"\n', "110100 is not served"),
        ("[time]\nwarning_s = 1\n", "k.toml:2: [time] warning_s"),
        ("[time\n", "k.toml:1: Expected ']' at the end of a table declaration, column 6; look there for a quote"),
        ('[time]\nidle_s = "60\n', "k.toml:2: Illegal character"),
        ("[terminal]\nlanguages = []\n", 'k.toml:2: [terminal] languages: must name one at least, as in ["zh", "en"]'),
        ("[terminal]\nlanguages = [[]]\n", "k.toml:2: [terminal] languages: [] is no folder"),
        ("[time]\nwarning_s = inf\n", "k.toml:2: [time] warning_s: must be a number above 0, and not infinite"),
        ("[time]\nwarning_s = nan\n", "k.toml:2: [time] warning_s: must be a number above 0"),
        ("[time]\nidle_s = inf\n", "k.toml:2: [time] idle_s: must be a number above 0"),
        ("[screen]\nwidth_mm = nan\n", "k.toml:2: [screen] width_mm: must be a number above 0"),
        ("[data]\njournal_days = -inf\n", "k.toml:2: [data] journal_days: must be a number above 0"),
        (f"[data]\njournal_mib = 1{'0' * 400}\n", "k.toml:2: [data] journal_mib: must be a number above 0"),
        ("[screen]\ntouch_matrix = [nan, 0, 0, 0, 1, 0]\n", "k.toml:2: [screen] touch_matrix: must be six numbers"),
        ('[devices]\nprinter = "escpos"\n', "k.toml:2: [devices] printer: 'escpos' names no driver"),
        ('[devices]\nidcard = "sdt:/dev/x?baud=abc"\n', "k.toml:2: [devices] idcard: 'sdt:/dev/x?baud=abc': baud must"),
        ('[devices]\nidcard = "sdt:/dev/x?bad=1"\n', "there is no setting bad; known are baud"),
        ('[devices]\nidcard = "sdt:"\n', "the place of the device is missing"),
        ('[devices]\nscanner = "camera:0?exposur=-6"\n', "there is no setting exposur; known are exposure, roi"),
        ('[devices]\nscanner = "camera:0?exposure=dark"\n', "exposure: 'dark' is no number"),
        ('[devices]\nscanner = "camera:0?roi=a,b,c,d"\n', "roi: 'a' is no number"),
        ('[devices]\nscanner = "serial:/dev/x?end=x"\n', "end must be any, cr, lf, crlf, idle, not 'x'"),
        ('[devices]\nscanner = "serial:/dev/x?baud=0"\n', "baud must be a whole number above 0, not '0'"),
        ('[devices]\nprinter = "cups:Q?papr=roll80"\n', "there is no setting papr"),
        (
            '[devices]\nvoice = "clips:/x?ot=null"\n',
            "k.toml:2: [devices] voice: 'clips:/x?ot=null': there is no setting ot",
        ),
        ('[devices]\npinpad = "mock:iso-4"\n', "k.toml:2: [devices] pinpad: 'mock:iso-4' gives encrypted blocks"),
        ('[terminal]\nid = "A"\nregion = "110100"\n', "k.toml:3: [terminal] region: 110100 is not served"),
        ('[terminal]\npolicy_keys = "/nowhere"\n', "k.toml:2: [terminal] policy_keys: /nowhere: cannot be read"),
        ('[terminal]\npolicy = "atlantis"\n', "k.toml:2: [terminal] policy: "),
        (f"[insurer]\n{PLATFORM}", "k.toml:9: [insurer] hsm: /nowhere/hsm cannot be read (No such file or directory)"),
    ],
)
def test_a_configuration_that_cannot(text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "k.toml"
    file.write_text(text)
    assert main(["config", "check", str(file), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert not said["usable"]
    assert says in said["error"]
    assert "\n" not in said["error"]


def platform(folder: Path, terminal: str) -> Path:
    """A configuration for the staging papers in ``folder``, which are a terminal's named ZZ-0001."""
    papers = Folder(folder).papers("ZZ-0001")
    file = folder / "k.toml"
    file.write_text(
        f'[terminal]\nid = "{terminal}"\n[data]\ndir = "{folder}/data"\n[insurer]\nkind = "platform"\n'
        'url = "https://localhost/"\ninstitution = "P41010000001"\ninstitution_name = "x"\n'
        + "".join(f'{key} = "{getattr(papers, key)}"\n' for key in papers.__slots__)
    )
    return file


def test_a_key_of_the_hsm_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path, ["localhost"], ["ZZ-0001"])
    file = platform(tmp_path, "ZZ-0001")
    Path(Folder(tmp_path).papers("ZZ-0001").hsm).write_bytes(b"no key")
    assert main(["config", "check", str(file)]) == 1
    assert "is not the public key of the HSM (X25519, PEM)" in capsys.readouterr().err


def test_a_certificate_in_another_name_is_told_with_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path, ["localhost"], ["ZZ-0001"])
    assert main(["config", "check", str(platform(tmp_path, "ZZ-0001"))]) == 0
    assert main(["config", "check", str(platform(tmp_path, "ZZ-0002"))]) == 1
    said = capsys.readouterr().err
    assert "k.toml:11: [insurer] certificate: " in said
    assert "was issued for ZZ-0001, and [terminal] id is ZZ-0002; write the id" in said


@pytest.mark.parametrize(
    ("begins", "ends", "status", "says"),
    [
        (-9, -1, 1, "have a new one issued and restart the terminal, or set the clock"),
        (1, 9, 1, "set the clock"),
        (-9, 9, 0, "have a new one issued"),
        (-9, 90, 0, ""),
    ],
)
def test_the_days_of_a_certificate_are_looked_at(
    begins: int, ends: int, status: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, now = make(tmp_path, ["localhost"], []), datetime.now(UTC)
    papers = folder.papers("ZZ-0001")
    validity = now + timedelta(days=begins), now + timedelta(days=ends)
    Authority.load(folder).terminal("ZZ-0001", papers.certificate, papers.key, validity)
    assert main(["config", "check", str(platform(tmp_path, "ZZ-0001"))]) == status
    told = "".join(capsys.readouterr())
    assert says in told
    assert ("[insurer] certificate" in told) == bool(says)


def test_a_certificate_of_another_authority_deserves_a_look(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The insurer would break off without a word. It can be used all the same: the hall may have two authorities."""
    make(tmp_path, ["localhost"], ["ZZ-0001"])
    foreign = make(tmp_path / "foreign", ["localhost"], [])
    shutil.copy(foreign.papers("ZZ-0001").ca, Folder(tmp_path).papers("ZZ-0001").ca)
    assert main(["config", "check", str(platform(tmp_path, "ZZ-0001"))]) == 0
    assert "[insurer] certificate: nobody in " in capsys.readouterr().out


@pytest.mark.system
def test_where_the_words_are_broken_json_is_said_all_the_same(tmp_path: Path) -> None:
    for part in ("kiosk", "drivers", "assets"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    words = tmp_path / "assets" / "i18n" / "en" / "common.toml"
    words.write_text(words.read_text("utf-8") + "\n[", "utf-8")
    file = tmp_path / "k.toml"
    file.write_text("")
    command = [sys.executable, "-m", "kiosk", "config", "check", str(file), "--json"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stderr
    said = json.loads(ended.stdout)
    assert not said["usable"]
    assert "common.toml" in said["error"]


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()
