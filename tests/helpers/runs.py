"""A run of a terminal in a process of its own, as the supervisor sees it: exit status, what it said, what it logged."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECRET = "410105199003071234"
"""What a run is given that must stand nowhere afterwards."""


@dataclass
class Ran:
    status: int
    said: list[str]
    logged: str


def run(module: str, way: str) -> Ran:
    """One run of ``python -m module way`` without a display. One that hangs is killed and fails the test, as does one
    that shows a traceback or the secret."""
    done = subprocess.run(
        [sys.executable, "-m", module, way],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert SECRET not in done.stderr + done.stdout
    return Ran(done.returncode, done.stdout.splitlines(), done.stderr)
