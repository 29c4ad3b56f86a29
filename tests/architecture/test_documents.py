"""The pages agree with the code and with each other: commands, dependencies, sections, decisions."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kiosk.screens import Cause
from tests.architecture.rules import ROOT, files

_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_COMMAND = re.compile(r"(?:(\./dev)|(?<![\w/-])(?:\.venv/bin/)?(kiosk)) +([a-z][a-z-]*)")


def commands(page: str) -> set[str]:
    """``./dev test``, ``kiosk doctor``: every command with its verb that the code parts of a page name."""
    return {f"{dev or kiosk} {verb}" for code in _CODE.findall(page) for dev, kiosk, verb in _COMMAND.findall(code)}


def differing_commands(one: str, other: str) -> str:
    """Why two pages do not name the same commands; empty if they do."""
    missing, extra = commands(one) - commands(other), commands(other) - commands(one)
    return "; ".join(
        f"only {where}: {', '.join(sorted(names))}"
        for where, names in (("the first", missing), ("the second", extra))
        if names
    )


def test_both_readmes_name_the_same_commands() -> None:
    pages = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
    texts = [page.read_text("utf-8") if page.exists() else "" for page in pages]
    difference = differing_commands(*texts)
    assert not difference, f"README.md and README.zh-CN.md tell different commands: {difference}"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Run `./dev test`.", "运行 `./dev test`。", True),
        ("```sh\n./dev demo --headless\n.venv/bin/kiosk doctor\n```", "`kiosk doctor`, `./dev demo`", True),
        ("Run `./dev test`.", "运行 `./dev check`。", False),
        ("`kiosk doctor`", "kiosk doctor", False),
        ("The kiosk waits.", "", True),
    ],
)
def test_a_missing_command_is_noticed(one: str, other: str, same: bool) -> None:
    assert (differing_commands(one, other) == "") is same


# --- dependencies ----------------------------------------------------------------------------------------------------


def undocumented(project: str, page: str) -> list[str]:
    """Names and ranges of pyproject.toml that the page on dependencies lacks."""
    table = tomllib.loads(project)["project"]
    wanted = list(table.get("dependencies", []))
    for extra in table.get("optional-dependencies", {}).values():
        wanted += extra
    lines = page.splitlines()
    lacking = []
    for requirement in wanted:
        match = re.match(r"[A-Za-z0-9_.-]+", requirement)
        assert match is not None, requirement
        limits = requirement[match.end() :].strip()
        if not any(f"`{match.group()}`" in line and f"`{limits}`" in line for line in lines):
            lacking.append(requirement)
    return lacking


def test_every_dependency_has_its_line() -> None:
    page = (ROOT / "docs/adr/0005-dependencies.md").read_text("utf-8")
    lacking = undocumented((ROOT / "pyproject.toml").read_text("utf-8"), page)
    assert not lacking, f"docs/adr/0005-dependencies.md lacks a line with the name and this range: {lacking}"


def test_a_new_dependency_or_range_is_noticed() -> None:
    project = '[project]\ndependencies = ["a>=1,<2", "b>=3"]\noptional-dependencies.dev = ["c"]'
    assert undocumented(project, "| `a` | `>=1,<2` |\n| `b` | `>=2` |") == ["b>=3", "c"]


# --- sections and decisions ------------------------------------------------------------------------------------------

_NUMBER = r"\d(?:\.\d+)?"
_REFERENCE = re.compile(rf"docs/protocols\.md[,;]?\s+sections?\s+({_NUMBER}(?:(?:,|\s+and)\s+{_NUMBER})*)")


def dangling_sections(sources: list[tuple[str, str]], page: str) -> list[str]:
    """Which sections of docs/protocols.md the sources lean on although it does not have them."""
    there = set(re.findall(r"^#{2,3} (\d(?:\.\d+)?)\b", page, re.MULTILINE))
    return [
        f"{path}: section {number}"
        for path, text in sources
        for numbers in _REFERENCE.findall(text)
        for number in re.findall(_NUMBER, numbers)
        if number not in there
    ]


def test_every_section_that_the_code_leans_on_exists() -> None:
    sources = [(path.name, path.read_text("utf-8")) for path in files(ROOT, ".py", within=("drivers", "kiosk", "ui"))]
    dangling = dangling_sections(sources, (ROOT / "docs/protocols.md").read_text("utf-8"))
    assert not dangling, f"docs/protocols.md has no such section: {dangling}"


def test_a_dangling_section_is_noticed() -> None:
    page = "## 1. Card\n### 1.4 PIN\n"
    sources = [("a.py", "docs/protocols.md section 1.4"), ("b.py", "docs/protocols.md, sections 1.4 and 9.1")]
    assert dangling_sections(sources, page) == ["b.py: section 9.1"]


def misnumbered(folder: Path) -> list[str]:
    """Decisions whose number is taken twice, skipped, or differs between file name and heading."""
    wrong = []
    for expected, page in enumerate(sorted(folder.glob("*.md")), 1):
        number = f"{expected:04d}"
        heading = page.read_text("utf-8").partition("\n")[0]
        if not page.name.startswith(f"{number}-") or not heading.startswith(f"# {number} "):
            wrong.append(page.name)
    return wrong


def test_decisions_are_numbered_without_gaps() -> None:
    wrong = misnumbered(ROOT / "docs/adr")
    assert not wrong, f"docs/adr: file name and heading must carry the next free number: {wrong}"


def test_a_gap_between_decisions_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "0001-a.md").write_text("# 0001 A\n", "utf-8")
    (tmp_path / "0003-b.md").write_text("# 0003 B\n", "utf-8")
    assert misnumbered(tmp_path) == ["0003-b.md"]


# --- city data -------------------------------------------------------------------------------------------------------


def unsourced(pack: dict[str, Any]) -> list[str]:
    """Figures of a policy pack that do not say where they come from, since when, and whether they are confirmed."""
    wrong: list[str] = []

    def look(table: dict[str, Any], path: str) -> None:
        if {"value", "source"} & table.keys():
            complete = isinstance(table.get("noted"), date) and isinstance(table.get("confirmed"), bool)
            if not complete or table.get("source") not in pack["sources"]:
                wrong.append(path)
        for key, value in table.items():
            if isinstance(value, dict):
                look(value, f"{path}.{key}".removeprefix("."))

    look({key: value for key, value in pack.items() if key != "sources"}, "")
    return wrong


@pytest.mark.parametrize("pack", sorted((ROOT / "assets/policy").glob("*.toml")), ids=lambda path: path.stem)
def test_every_figure_of_a_city_says_where_it_comes_from(pack: Path) -> None:
    wrong = unsourced(tomllib.loads(pack.read_text("utf-8")))
    assert not wrong, f"{pack.name}: source, noted and confirmed are needed at: {wrong}"


def strangers(pack: dict[str, Any], banks: set[str], causes: set[str]) -> list[str]:
    """Banks and causes on which a pack and the terminal's words do not agree."""
    return sorted(set(pack["bank"]) ^ banks) + sorted((set(pack["bring"]) - {"source", "noted", "confirmed"}) ^ causes)


@pytest.mark.parametrize("pack", sorted((ROOT / "assets/policy").glob("*.toml")), ids=lambda path: path.stem)
def test_banks_and_causes_are_those_that_have_words(pack: Path) -> None:
    common = tomllib.loads((ROOT / "assets/i18n/zh/common.toml").read_text("utf-8"))["common"]
    causes = {str(cause) for cause in Cause}
    wrong = strangers(tomllib.loads(pack.read_text("utf-8")), set(common["bank"]), causes)
    assert not wrong, f"{pack.name}, assets/i18n (common.bank) and kiosk.screens.Cause do not agree on: {wrong}"


def test_a_bank_without_words_is_noticed() -> None:
    pack = {"bank": {"a": {}, "b": {}}, "bring": {"source": "x", "lost": [], "gone": []}}
    assert strangers(pack, {"a"}, {"lost", "minor"}) == ["b", "gone", "minor"]


def test_a_figure_out_of_the_air_is_noticed() -> None:
    pack = """
        [sources]
        law = "a law"
        [fee]
        good = { value = 1, source = "law", noted = 2026-01-01, confirmed = false }
        undated = { value = 1, source = "law", confirmed = false }
        rumour = { value = 1, source = "hearsay", noted = 2026-01-01, confirmed = false }
    """
    assert unsourced(tomllib.loads(pack)) == ["fee.undated", "fee.rumour"]
