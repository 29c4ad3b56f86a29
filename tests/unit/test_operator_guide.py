"""The operator's guide lists every code that can stand on the screen, with the words of the program itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest

from kiosk.config_schema import schema
from kiosk.faults import codes, refusal_code
from kiosk.maintenance.permission import NOT_FOR_CITIZENS
from kiosk.screens import Cause
from kiosk.text import catalogues
from tests.architecture.rules import ROOT
from ui.app import CRASHED

GUIDES = {
    language: (ROOT / "docs" / name).read_text("utf-8")
    for language, name in {"zh": "operator.md", "en": "operator.en.md"}.items()
}


def rows(page: str) -> Iterator[str]:
    """Table rows whose first cell is a code."""
    for line in page.splitlines():
        cell = line.strip("| ").partition(" |")[0]
        if line.startswith("| ") and len(cell) == 3 and cell[0].isupper() and cell[1:].isdigit():
            yield line


def fault_row(code: str, language: str) -> str:
    return f"| {code} | {catalogues()[language].say(f'fault.{code}')} |"


def refusal_row(cause: Cause) -> str:
    zh, en = (catalogues()[language].texts for language in ("zh", "en"))
    words = f"Refusal.variant.{cause}"
    cells = [zh[f"{words}.title"], *(en[f"{words}.{slot}"] for slot in ("title", "where", "bring"))]
    told = " | ".join(cell.replace("\n", "") for cell in cells)
    return f"| {refusal_code(cause)} | `{cause}` | {told} |"


@pytest.mark.parametrize("language", GUIDES)
@pytest.mark.parametrize("code", codes())
def test_every_fault_stands_there_with_its_remedy(code: str, language: str) -> None:
    row = fault_row(code, language)
    assert row in list(rows(GUIDES[language])), f"the operator's guide ({language}) lacks this row:\n{row}"


@pytest.mark.parametrize("language", GUIDES)
@pytest.mark.parametrize("cause", Cause)
def test_every_refusal_stands_there_with_its_words(cause: Cause, language: str) -> None:
    row = refusal_row(cause)
    assert row in list(rows(GUIDES[language])), f"the operator's guide ({language}) lacks this row:\n{row}"


@pytest.mark.parametrize("language", GUIDES)
def test_each_code_stands_there_once_and_no_other(language: str) -> None:
    listed = [row[2:5] for row in rows(GUIDES[language])]
    assert sorted(listed) == sorted([*codes(), CRASHED, NOT_FOR_CITIZENS, *(refusal_code(cause) for cause in Cause)])


def keys_told(page: str) -> set[tuple[str, str]]:
    """Section and key of every row in the table of the configuration."""
    found, section = set[tuple[str, str]](), ""
    for cells in re.findall(r"^\| (`\w+`)? ?\| ([^|]+) \|", page.partition("\n### ")[0], re.M):
        section = cells[0].strip("`") or section
        found |= {(section, name.partition(".")[0]) for name in re.findall(r"`([\w.]+)`", cells[1])}
    return found


@pytest.mark.parametrize("language", GUIDES)
def test_the_table_of_keys_is_the_programs(language: str) -> None:
    keys = {(name, key) for name, section in schema()["properties"].items() for key in section["properties"]}
    assert keys_told(GUIDES[language]) ^ keys == set()


NAME = re.compile(r"`((?:kiosk |--|\[)[ -_a-~]+|[a-z]+(?:_[a-z]+)+)`")
"""What is called the same in every language: commands, options, keys, events."""


@dataclass(frozen=True)
class Section:
    """What a section has, whatever language it is in."""

    level: int
    rows: int
    items: int
    code_lines: int
    paragraphs: int
    names: frozenset[str]


def outline(page: str) -> Iterator[Section]:
    """The page section by section."""
    code = re.compile(r"^```.*?^```$", re.M | re.S)
    begins = [found.start() for found in re.finditer(r"^#+ ", code.sub(lambda c: "x" * len(c[0]), page), re.M)]
    for start, end in pairwise([*begins, len(page)]):
        heading, _, text = page[start:end].partition("\n")
        prose = code.sub("", text)
        blocks = [block.strip() for block in re.split(r"\n\s*\n", prose)]
        yield Section(
            level=len(heading) - len(heading.lstrip("#")),
            rows=len(re.findall(r"^\|", prose, re.M)),
            items=len(re.findall(r"^(?:- |\d+\. )", prose, re.M)),
            code_lines=sum(block.count("\n") for block in code.findall(text)),
            paragraphs=sum(bool(block) and not re.match(r"\||- |\d+\. ", block) for block in blocks),
            names=frozenset(NAME.findall(prose)),
        )


def test_both_guides_tell_the_same() -> None:
    """A section, a row, a step or a command in one that is not in the other is one that half the readers lack."""
    zh, en = (list(outline(GUIDES[language])) for language in ("zh", "en"))
    for number, (chinese, english) in enumerate(zip(zh, en, strict=True), 1):
        assert chinese == english, f"section {number}; named in one only: {sorted(chinese.names ^ english.names)}"


def test_what_one_guide_lacks_is_seen() -> None:
    page = GUIDES["en"]
    for gone in (
        "\n6. `kiosk run",
        "## `kiosk status`",
        "| `hand_over` |",
        "`--json`",
        "genuine\nterminal",
    ):
        assert list(outline(page.replace(gone, "", 1))) != list(outline(page)), gone


@pytest.mark.parametrize(
    ("command", "package"), [("sqlite3", "sqlite3"), ("lpadmin", "cups-client"), ("alsamixer", "alsa-utils")]
)
def test_what_the_guides_call_comes_with_the_package(command: str, package: str) -> None:
    control = (ROOT / "packaging" / "deb" / "control").read_text("utf-8")
    for guide in GUIDES.values():
        assert f"`{command}" in guide or f"$ {command} " in guide
    assert re.search(rf"[ ,]{package},", control)


def test_rows_are_told_from_other_tables() -> None:
    page = "| code | what |\n|---|---|\n| C01 | x |\n| `C02` | y |\n| 0 | genuine |\nC03 in a sentence\n| R07 | a | b |"
    assert list(rows(page)) == ["| C01 | x |", "| R07 | a | b |"]
