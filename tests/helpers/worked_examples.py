"""The integrator's guide and its examples: what it shows, a distribution as pip installs it, a house built further."""

from __future__ import annotations

import importlib
import re
import shutil
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "integrator.md"
EXAMPLES = ROOT / "docs" / "examples"

_SHOWN = re.compile(r"^\[(?P<name>[^]]+)\]\((?P<path>examples/[^)]+)\):\n\n```\w*\n(?P<text>.*?)^```$", re.M | re.S)


def shown(guide: str) -> dict[str, str]:
    """What the guide shows as whole files: a link on a line of its own with a colon, then the block."""
    return {found["path"]: found["text"] for found in _SHOWN.finditer(guide)}


def installed(example: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example's distribution beside ours, found by its entry points, until the test ends."""
    folder = EXAMPLES / example
    shutil.copytree(folder, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    info = place / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in named.items())
        for group, named in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(points), "utf-8")
    monkeypatch.syspath_prepend(str(place))
    importlib.invalidate_caches()


class DoesNotFit(Exception):
    """A patch of the guide is not for the house as it stands."""


def apply(patch: str, house: Path) -> None:
    """Make the changes of a patch in unified form. Lines may have moved; what a hunk takes away, and the lines around
    it, must stand there exactly once. Raises DoesNotFit."""
    for part in re.split(r"^--- a/.*\n\+\+\+ b/", patch, flags=re.M)[1:]:
        name, _, hunks = part.partition("\n")
        text = (house / name).read_text("utf-8")
        for hunk in re.split(r"^@@ .* @@.*\n", hunks, flags=re.M)[1:]:
            lines = [(line[:1] or " ", line[1:]) for line in hunk.splitlines()]
            before = "".join(f"{line}\n" for sign, line in lines if sign in " -")
            after = "".join(f"{line}\n" for sign, line in lines if sign in " +")
            if text.count(before) != 1:
                raise DoesNotFit(f"{name}: these lines stand there {text.count(before)} times:\n{before}")
            text = text.replace(before, after)
        (house / name).write_text(text, "utf-8")


def house(place: Path) -> Path:
    """A copy of the house in which an example may change kiosk, assets and stories."""
    leave = shutil.ignore_patterns("__pycache__")
    for name in ("kiosk", "assets"):
        shutil.copytree(ROOT / name, place / name, ignore=leave)
    for name in ("drivers", "ui"):
        (place / name).symlink_to(ROOT / name)
    (place / "tests" / "flow").mkdir(parents=True)
    (place / "tests" / "helpers").symlink_to(ROOT / "tests" / "helpers")
    for name in ("pyproject.toml", "tests/conftest.py", "tests/flow/test_storyboards.py"):
        shutil.copy(ROOT / name, place / name)
    return place
