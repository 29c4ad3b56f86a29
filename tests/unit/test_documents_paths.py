"""The pages lead somewhere: every file and folder that they name, and every link between them, exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.rules import ROOT

PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "docs/adr").glob("*.md"), *ROOT.glob("packaging/*.md")]
)
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_PATH = re.compile(r"(?:[\w.-]+/)+[\w.*-]*|[\w-]+\.(?:py|qml|toml|md|story)")
_OURS = ("drivers/", "kiosk/", "ui/", "tests/", "assets/", "docs/", "packaging/")


def named_paths(page: str) -> set[str]:
    """Files and folders of this project that stand between single backticks, each whole."""
    spans = _SPAN.findall(_FENCE.sub("", page))
    return {span for span in spans if _PATH.fullmatch(span) and span.startswith(_OURS)}


def lost_paths(page: str, root: Path) -> list[str]:
    """Named paths that lead nowhere; ``*`` must match something."""
    return sorted(path for path in named_paths(page) if not any(root.glob(path.rstrip("/"))))


def lost_links(page: Path) -> list[str]:
    """Relative links of a page that lead nowhere."""
    targets = _LINK.findall(_FENCE.sub("", page.read_text("utf-8")))
    return sorted(target for target in targets if "://" not in target and not (page.parent / target).exists())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    past = {"kiosk/screens.py"} if page.name.startswith("0012-") else set()  # a decision tells what was before
    lost = [path for path in lost_paths(page.read_text("utf-8"), ROOT) if path not in past]
    assert not lost, f"{page.relative_to(ROOT)} names what is not there: {lost}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    lost = lost_links(page)
    assert not lost, f"{page.relative_to(ROOT)} links to what is not there: {lost}"


def test_a_lost_path_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk/visit.py").touch()
    page = "`kiosk/visit.py`, `kiosk/gone.py`, `kiosk/*.py`, `kiosk/*.qml`, `other/x.py`\n```\n`kiosk/fenced.py`\n```\n"
    assert lost_paths(page, tmp_path) == ["kiosk/*.qml", "kiosk/gone.py"]


def test_a_lost_link_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[here](page.md#part) [there](gone.md) [far](https://example.org/x)", "utf-8")
    assert lost_links(page) == ["gone.md"]
