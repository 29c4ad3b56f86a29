"""How long the glass stands still while a card is mute: the real terminal off screen, in a process of its own.

The glass is measured where it lives (``ui.stall``) and this only asks: nothing in ``kiosk`` imports it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

from kiosk.bench import Benchmark, Measurement, Unequipped, Unmeasured

STALL_MS = 100.0
TOLD_MS = 10_000.0
_GLASS = "ui.stall"
_NO_SERVICE = 3
_LONGEST_S = 120.0


def _run() -> Sequence[Measurement]:
    played = subprocess.run(  # noqa: S603 - our own interpreter, our own module
        [sys.executable, "-m", _GLASS], capture_output=True, text=True, timeout=_LONGEST_S, check=False
    )
    if played.returncode == _NO_SERVICE:
        raise Unequipped("no private pcscd, and a card in the same process cannot block")
    if played.returncode:
        raise Unmeasured(f"the glass could not be lit here (exit {played.returncode})")
    found = json.loads(played.stdout)
    turn, answering, frame, told = (1000 * found[what] for what in ("turn", "turn_answering", "frame", "told"))
    return [
        Measurement("longest wait for the GUI's event loop", turn, answering, turn < STALL_MS),
        Measurement("longest time from frame to frame", frame, None, None),
        Measurement("from the touch until the citizen is told", told, None, told < TOLD_MS),
    ]


BENCHMARKS = (
    Benchmark(
        "stall",
        "the glass while a card is mute",
        "the same while it answers",
        f"< {STALL_MS:g} ms, told < 10 s",
        "ms",
        _run,
    ),
)
