"""Codes read from frames of phones, and the cost of a frame without a code, beside zxing-cpp alone.

The frames are drawn from a seed (``drivers/scanner/specimens.py``); the photograph sets that others publish figures for
are not part of this project. Decoding is measured where it belongs, in ``drivers/scanner/measure.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.bench import Benchmark, Measurement, median, p95

FRAMES = 200
"""Of each mix and size."""
EMPTY_TARGET_MS = 3.0
"""Median of a 1280x720 frame in a stream."""


def _read() -> Sequence[Measurement]:
    from drivers.scanner.measure import reading

    return [
        Measurement(case, 100 * ours / FRAMES, 100 * alone / FRAMES, ours > alone)
        for case, ours, alone in reading(FRAMES)
    ]


def _empty() -> Sequence[Measurement]:
    from drivers.scanner.measure import empty_frames

    found = []
    for case, ours, alone in empty_frames(FRAMES):
        judged = median(ours) <= EMPTY_TARGET_MS if case == "in a stream" else None
        found.append(Measurement(case, median(ours), median(alone), judged, p95(ours), p95(alone)))
    return found


BENCHMARKS = (
    Benchmark("scanner-read", "codes read", "zxing-cpp alone, QR only", "more than the reference", "%", _read),
    Benchmark(
        "scanner-empty", "empty 1280x720 frame", "zxing-cpp alone, QR only", f"<= {EMPTY_TARGET_MS:g} ms", "ms", _empty
    ),
)
