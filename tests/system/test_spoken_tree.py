"""What a screen reader is told, read over AT-SPI from outside: every control is there, named as the catalogue names it,
can be pressed, and nothing says a digit of a PIN.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.assets import ASSETS
from tests.system.hammer import x_server

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = Path("/usr/libexec/at-spi-bus-launcher")
MISSING = [name for name in ("Xvfb", "dbus-run-session") if shutil.which(name) is None]
MISSING += [] if LAUNCHER.exists() else ["at-spi2-core"]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {', '.join(MISSING)}")

STATES = (
    "attract",
    "insert card, or code",
    "menu",
    "lay id card, or code",
    "review activation",
    "pin, new, three",
    "balance",
    "movements, four",
    "refused, not_active",
    "refused, slip on screen",
    "activated, printed",
    "still there",
)
READ_S = 120.0


@pytest.fixture(scope="module")
def told() -> dict[tuple[str, str], dict[str, Any]]:
    """Of each state and language: the controls on the glass and the nodes on the bus."""
    with x_server() as display:
        played = subprocess.run(
            ["dbus-run-session", "--", sys.executable, "-m", "tests.helpers.spoken_tree", *STATES],
            cwd=ROOT,
            env=os.environ
            | {
                "DISPLAY": display,
                "QT_QPA_PLATFORM": "xcb",
                "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
                "LC_ALL": "C.UTF-8",
            },
            capture_output=True,
            text=True,
            timeout=READ_S,
            check=False,
        )
    assert played.returncode == 0, played.stderr
    lines = [json.loads(line) for line in played.stdout.splitlines() if line.startswith("{")]
    return {(line["label"], line["language"]): line for line in lines}


EACH = [(label, language) for label in STATES for language in ("zh", "en")]


def _shown(node: dict[str, Any]) -> bool:
    return bool(node["showing"])


def _buttons(line: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in line["nodes"] if "button" in node["role"] and _shown(node)]


@pytest.mark.parametrize("state", EACH, ids=" ".join)
def test_every_control_is_told_by_its_name_and_can_be_pressed(
    told: dict[tuple[str, str], dict[str, Any]], state: tuple[str, str]
) -> None:
    line = told[state]
    names = sorted(node["name"] for node in _buttons(line) if node["usable"])  # not: Next, before six digits are there
    assert names == sorted(line["controls"].values())
    assert all(names), "a control without a name"
    for node in [button for button in _buttons(line) if button["usable"]]:
        assert "Press" in node["actions"], node["name"]
        assert node["focusable"], node["name"]


@pytest.mark.parametrize("state", EACH, ids=" ".join)
def test_the_screen_begins_with_its_headline(
    told: dict[tuple[str, str], dict[str, Any]], state: tuple[str, str]
) -> None:
    line = told[state]
    headings = [node["name"] for node in line["nodes"] if node["role"] == "heading" and _shown(node)]
    assert [_letters(heading) for heading in headings] == [_letters(line["words"]["title"])]


@pytest.mark.parametrize("state", EACH, ids=" ".join)
def test_names_are_the_catalogues_words(told: dict[tuple[str, str], dict[str, Any]], state: tuple[str, str]) -> None:
    """In the language that the citizen chose; the name of the other language stands in that one, and digits are
    digits."""
    line, (_, language) = told[state], state
    own, other = _phrases(language), _phrases("en" if language == "zh" else "zh")
    for name in line["controls"].values():
        known = any(phrase.match(name) for phrase in own)
        assert known or name.isdigit() or any(phrase.fullmatch(name) for phrase in other), name


def test_nothing_tells_a_digit_that_was_typed(told: dict[tuple[str, str], dict[str, Any]]) -> None:
    """That three are typed may be said, as a word; the keys say what is printed on them, and nothing more does."""
    for language in ("zh", "en"):
        line = told["pin, new, three", language]
        keys = [node["name"] for node in _buttons(line) if node["name"].isdigit()]
        assert sorted(keys) == [str(digit) for digit in range(10)]
        others = [node["name"] for node in line["nodes"] if "button" not in node["role"] and node["name"].isdigit()]
        assert others == []


def _letters(text: str) -> str:
    return "".join(text.split())


def _phrases(language: str) -> list[re.Pattern[str]]:
    """Every sentence of the catalogue as a pattern: what stands in braces may be anything."""
    found = []
    for file in sorted((ASSETS / "i18n" / language).glob("*.toml")):
        for text in _texts(tomllib.loads(file.read_text("utf-8"))):
            parts = re.split(r"\{[^{}]*\}", text)
            if any(part.strip() for part in parts):
                found.append(re.compile(".+?".join(re.escape(part) for part in parts), re.DOTALL))
    return found


def _texts(table: Any) -> Iterator[str]:
    if isinstance(table, str):
        yield table
    elif isinstance(table, dict):
        for value in table.values():
            yield from _texts(value)
