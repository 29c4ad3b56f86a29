"""What is not Python comes along in the wheel: a kind of file that nobody named stays behind without a word."""

from __future__ import annotations

import fnmatch
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("assets", "drivers", "kiosk", "ui")


def test_every_file_of_the_packages_is_named() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]["*"]
    there = [file for package in PACKAGES for file in (ROOT / package).rglob("*") if file.is_file()]
    files = [file for file in there if file.suffix not in (".py", ".pyc")]
    assert files
    assert [str(file) for file in files if not any(fnmatch.fnmatch(file.name, pattern) for pattern in named)] == []
