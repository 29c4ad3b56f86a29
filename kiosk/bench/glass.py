"""From a touch to the next screen, and the longest wait of the GUI, while camera, card, printer and insurer all work.

The glass is measured where it lives (``ui.busy``), in a process of its own, and this only asks: nothing in ``kiosk``
imports it. The devices are peers in this process.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drivers.discretion import WIPING
from kiosk.bench import Benchmark, Measurement, Unequipped, Unmeasured, median
from kiosk.simulation.peers import peers

TOUCH_MS = 50.0
GAP_MS = 33.0
ROUNDS = 16
"""Through all screens; eleven touches each."""
_GLASS = "ui.busy"
_LONGEST_S = 240.0


def _run() -> Sequence[Measurement]:
    found = asyncio.run(_played())
    touches, turns, longest = ([1000 * seconds for seconds in found[w]] for w in ("answered", "turns", "longest"))
    done = ", ".join(f"{count} {what}" for what, count in sorted(found["done"].items()))
    return [
        Measurement(f"p99 of {len(touches)} touches to the next screen", p99(touches), None, p99(touches) <= TOUCH_MS),
        Measurement("the same, median", median(touches), None, None),
        Measurement("longest wait for the GUI's event loop", max(turns), None, max(turns) <= GAP_MS),
        Measurement(f"the longest of a round, median of {len(longest)}", median(longest), None, None),
        Measurement("every wait, p99.9", p99(turns, 0.999), None, None),
        Measurement(f"the same, median; {done}", median(turns), None, None),
    ]


def p99(values: Sequence[float], share: float = 0.99) -> float:
    """The value that this share of them do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def _played(rounds: int = ROUNDS) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as folder:
        async with peers(Path(folder), card=True) as devices:
            if not devices.reader:
                raise Unequipped("no private pcscd, and a card in the same process is no work")
            glass = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", _GLASS, str(devices.config), str(rounds)),
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, **WIPING, **devices.environment},
            )
            try:
                async with asyncio.timeout(_LONGEST_S):
                    told, _ = await glass.communicate()
            except TimeoutError as late:
                glass.kill()
                await glass.wait()
                raise Unmeasured(f"the glass did not come to its end within {_LONGEST_S:g} s") from late
    if glass.returncode:
        raise Unmeasured(f"the glass could not be lit here (exit {glass.returncode})")
    found: dict[str, Any] = json.loads(told)
    return found


BENCHMARKS = (
    Benchmark(
        "glass",
        "the glass while every device works",
        "-",
        f"<= {TOUCH_MS:g} ms, {GAP_MS:g} ms",
        "ms",
        _run,
    ),
)
