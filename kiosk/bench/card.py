"""Reading a card through the terminal's reader, beside the same commands in a bare PC/SC loop.

Both over the same private pcscd and the same virtual card, which a third process plays so that neither shares its time.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from kiosk.bench import Benchmark, Measurement, Unequipped, median, p95

TARGET = 2.0


def _run() -> Sequence[Measurement]:
    from drivers.card.measure import NoService, compare

    try:
        found = asyncio.run(compare([sys.executable, "-m", "kiosk.simulation.lone_card"]))
    except NoService as error:
        raise Unequipped(f"no private pcscd: {error}") from error
    bare = median(found.bare), p95(found.bare)
    lines = (
        (f"{found.commands} commands through the reader", found.sent, median(found.sent) <= TARGET * bare[0]),
        ("the same, and what they say understood", found.whole, None),
    )
    return [Measurement(case, median(times), bare[0], judged, p95(times), bare[1]) for case, times, judged in lines]


BENCHMARKS = (
    Benchmark(
        "card",
        "public and personal files of a card",
        "the same commands in a bare loop",
        f"<= {TARGET:g} x",
        "ms",
        _run,
    ),
)
