"""The operator's guide lists every code that can stand on the screen, with the words of the program itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def test_rows_are_told_from_other_tables() -> None:
    page = "| code | what |\n|---|---|\n| C01 | x |\n| `C02` | y |\n| 0 | genuine |\nC03 in a sentence\n| R07 | a | b |"
    assert list(rows(page)) == ["| C01 | x |", "| R07 | a | b |"]
