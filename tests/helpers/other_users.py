"""Whether another user than this one comes to the checkout. Below root's home none does, and a test in which root goes
on as somebody else could not even import the program there."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

_HERE = (Path(__file__).resolve(), Path(sys.prefix).resolve(), Path(sys.executable).resolve())


def _open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)


they_come_here = pytest.mark.skipif(
    not all(map(_open_to_all, _HERE)), reason="this checkout, or its Python, lies where no other user may look"
)
