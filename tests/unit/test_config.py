"""Configuration and policy: every error says where and what to do."""

import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import config, mounting, policy
from kiosk.config import Config, ConfigError, parse
from kiosk.config_schema import schema
from kiosk.screens import Contrast, Prefer, Preferences, Size
from kiosk.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_sample_is_valid() -> None:
    loaded = config.load(ROOT / "packaging" / "kiosk.toml")
    assert loaded.settings.terminal == "ZZ-0001"
    assert loaded.devices.card == "pcsc:"


def test_nothing_written_means_the_defaults() -> None:
    assert parse({}, "x") == Config()


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"screens": {}}, r"\[screens\] is not a section"),
        ({"screen": {"widht_mm": 3}}, r"\[screen\] widht_mm: is not known here"),
        ({"screen": {"width_mm": "wide"}}, r"\[screen\] width_mm: must be a number"),
        ({"screen": {"orientation": "sideways"}}, "portrait"),
        ({"time": {"warning_s": 5}}, "20 or more"),
        ({"time": {"idle_s": 0}}, "above 0"),
        ({"terminal": {"languages": ["xx"]}}, "no folder"),
        ({"terminal": {"place": {"zh": "x"}}}, r"place\.en"),
        ({"insurer": {"kind": "magic"}}, "embedded"),
        ({"devices": {"card": 3}}, r"\[devices\] card: must be of type str"),
        ({"terminal": 3}, "must be a section"),
    ],
)
def test_an_error_names_key_and_remedy(table: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        parse(table, "kiosk.toml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[terminal]\nid = "Z"\n\n[screen]\nwidht_mm = 3\n', r"k\.toml:5: \[screen\] widht_mm: is not known"),
        ("[time]\n# patience\nwarning_s = 5\n", r"k\.toml:3: \[time\] warning_s: must be 20"),
        ('[terminal]\nplace.zh = "x"\n', r"k\.toml:2: \[terminal\] place: place\.en must name"),
        ("[terminal]\n\n[screens]\n", r"k\.toml:3: \[screens\] is not a section"),
        ('[insurer]\nkind = "platform"\n', r"k\.toml:1: \[insurer\] \w+: is needed"),
        ("terminal = 3\n", r"k\.toml:1: terminal must be a section"),
        ('[terminal]\nid = "Z\n', r":2: Illegal character"),
        ('[data]\ndir = ""\n', r"k\.toml:2: \[data\] dir: must be a whole path"),
        ('[data]\ndir = "data"\n', r"k\.toml:2: \[data\] dir: must be a whole path"),
        ("[data]\njournal_days = 1e12\n", r"k\.toml:2: \[data\] journal_days: .*up to 36500"),
        ("[data]\njournal_mib = 1e30\n", r"k\.toml:2: \[data\] journal_mib: .*up to 1048576"),
        ('[terminal]\nplace = { zh = "", en = "x" }\n', r"k\.toml:2: \[terminal\] place: place\.zh must name"),
        ('[terminal]\nplace = { zh = "x", en = "  " }\n', r"k\.toml:2: \[terminal\] place: place\.en must name"),
        ('[terminal]\nid = ""\n', r"k\.toml:2: \[terminal\] id: must be 1 to 30 letters"),
        ('[terminal]\nid = "A 1"\n', r"k\.toml:2: \[terminal\] id: must be"),
        ('[terminal]\nid = "\\u90d1"\n', r"k\.toml:2: \[terminal\] id: must be"),
        ('[terminal]\nid = "A\\n"\n', r"k\.toml:2: \[terminal\] id: must be"),
        (f'[terminal]\nid = "{"A" * 31}"\n', r"k\.toml:2: \[terminal\] id: must be"),
        ('[terminal]\nregion = "4101"\n', r"k\.toml:2: \[terminal\] region: must be the six digits"),
        ('[terminal]\nlanguages = [["zh"]]\n', r"k\.toml:2: \[terminal\] languages: \['zh'\] is no folder"),
        ("a = " + "[" * 3000, r"k\.toml: brackets within brackets"),
    ],
)
def test_an_error_in_a_file_names_its_line(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "k.toml").write_text(text)
    with pytest.raises(ConfigError, match=says):
        config.load(tmp_path / "k.toml")


def test_a_file_that_this_user_may_not_read() -> None:
    user = os.geteuid()
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    file = folder / "k.toml"
    file.touch(0o000)
    if user == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(ConfigError, match=r"this user may not read it; .* chmod 640"):
            config.load(file)
    finally:
        os.seteuid(user)
        shutil.rmtree(folder)


def test_a_file_of_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "k.toml").write_bytes('[terminal]\nplace.zh = "郑州"\n'.encode("gbk"))
    with pytest.raises(ConfigError, match=r"k\.toml:2: is not UTF-8; save it anew as UTF-8"):
        config.load(tmp_path / "k.toml")


def test_a_file_saved_by_another_system_is_read(tmp_path: Path) -> None:
    """Notepad puts a byte order mark before the first line."""
    (tmp_path / "k.toml").write_bytes(b'\xef\xbb\xbf[terminal]\r\nid = "A-1"\r\n')
    assert config.load(tmp_path / "k.toml").settings.terminal == "A-1"


def test_schema_and_loader_ask_for_the_same() -> None:
    keys = {name: section["properties"] for name, section in schema()["properties"].items()}
    usb = re.compile(keys["screen"]["inputs"]["items"]["pattern"])
    for one in ("046d:c31c", "046D:C31C", "46d:c31c"):
        assert bool(usb.search(one)) == (not mounting.mistake("inputs", [one]))
    names = re.compile(keys["terminal"]["id"]["pattern"])
    for one in ("A-1", "", "A 1", "A" * 30, "A" * 31):
        try:
            taken = parse({"terminal": {"id": one}}, "x").settings.terminal == one
        except ConfigError:
            taken = False
        assert bool(names.search(one)) == taken
    assert not re.search(keys["data"]["dir"]["pattern"], "data")


def test_a_landscape_panel_has_its_measures_turned() -> None:
    panel = parse({"screen": {"width_mm": 336, "height_mm": 597, "orientation": "landscape"}}, "x").panel
    assert (panel.width_mm, panel.height_mm, panel.portrait) == (597, 336, False)


def test_a_file_that_is_not_there_or_not_toml(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[terminal\n")
    with pytest.raises(ConfigError, match=r"bad\.toml"):
        config.load(tmp_path / "bad.toml")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(["terminal", "devices", "insurer", "screen", "time", "data"]),
        st.dictionaries(st.sampled_from(["id", "place", "width_mm", "card", "idle_s", "dir", "x"]), values) | values,
    )
)
def test_nonsense_is_a_config_error_or_fine(table: dict[str, Any]) -> None:
    with suppress(ConfigError):
        parse(table, "x")


def test_the_city_is_read() -> None:
    zhengzhou = policy.load("zhengzhou")
    assert zhengzhou.serves("410105")
    assert not zhengzhou.serves("410300")
    assert zhengzhou.next_day("psbc")
    assert not zhengzhou.next_day("ccb")
    assert zhengzhou.initial_pins("41010519480309902X") == ("123456", "111111", "309902")


def test_a_city_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(policy.PolicyError, match="atlantis"):
        policy.load("atlantis")
    with pytest.raises(policy.PolicyError, match="cannot be read"):
        policy.load(str(tmp_path / "p.toml"))


def test_wishes_that_do_not_exist_change_nothing() -> None:
    settings, now = Settings(), Preferences()
    assert settings.prefer(now, Prefer("language", "xx")) == now
    assert settings.prefer(now, Prefer("size", "huge")) == now
    assert settings.prefer(now, Prefer("colour", "pink")) == now
    assert settings.prefer(now, Prefer("size", "large")).size is Size.LARGE
    assert settings.prefer(now, Prefer("contrast", "high")).contrast is Contrast.HIGH
    assert settings.idle_s(Size.LARGE) == 2 * settings.idle_s(Size.NORMAL)
