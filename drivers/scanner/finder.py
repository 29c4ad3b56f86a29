"""Where in a picture the corners of a QR code may be: its finder patterns, dark 1:1:3:1:1 light, in black and white.

Owns a cheap search that tells a region worth a closer look; it reads nothing and is content with one of the three
patterns, because a lamp mirrored in the glass often hides the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.frozen import dataclass

_EVERY = 2
"""Rows that are looked at: each second one meets the 3 modules of every pattern worth reading."""
_SMALLEST_UNIT, _LARGEST_UNIT = 1.3, 40.0  # pixels a module
_HITS = 2
"""Rows that must agree on one place."""
_CHECKED = 24
"""Places that are looked at in the other direction as well; more are not patterns but noise."""
_NEAREST, _FARTHEST = 9, 80
"""Modules between two patterns of one code: 14 in the smallest one, less where it is tilted; 71 on the diagonal of
version 10."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finder pattern; in pixels."""

    x: float
    y: float
    unit: float
    """Size of a module."""


def finders(binary: NDArray[np.uint8]) -> list[Found]:
    """Finder patterns in a picture of 0 and 255, dark on light or light on dark."""
    rows = np.ascontiguousarray(binary[::_EVERY])
    width = rows.shape[1]
    flat = rows.ravel()
    edges = np.flatnonzero(flat[1:] != flat[:-1]).astype(np.int32)
    if len(edges) < 6:
        return []
    runs = np.diff(edges)
    narrow = runs[:-4], runs[1:-3], runs[3:-1], runs[4:]
    wide = runs[2:-2]
    unit = (wide + narrow[0] + narrow[1] + narrow[2] + narrow[3]) / np.float32(7)
    slack = unit * np.float32(0.35) + np.float32(0.4)
    right = (np.abs(wide - 3 * unit) < 1.5 * slack) & (unit > _SMALLEST_UNIT) & (unit < _LARGEST_UNIT)
    for run in narrow:
        right &= np.abs(run - unit) < slack
    hits = np.flatnonzero(right)
    if not len(hits):
        return []
    start = edges[hits] + 1
    units = unit[hits]
    x = start % width + 3.5 * units
    y = start // width * _EVERY
    # One run over the end of a row is no pattern.
    whole = start % width + 7 * units <= width
    return _agreed(binary, x[whole], y[whole], units[whole])


def _agreed(binary: NDArray[np.uint8], x: Any, y: Any, units: Any) -> list[Found]:
    """Hits of several rows on one place, seen in the column as well."""
    found: list[Found] = []
    left = np.ones(len(x), bool)
    checked = 0
    for index in range(len(x)):
        if not left[index]:
            continue
        unit = units[index]
        near = left & (np.abs(x - x[index]) < 1.5 * unit) & (y - y[index] < 4 * unit) & (y >= y[index])
        left &= ~near
        if near.sum() < _HITS:
            continue
        if checked == _CHECKED:
            break
        checked += 1
        middle = Found(float(x[near].mean()), float(y[near].mean()), float(units[near].mean()))
        if _crosses(binary, middle):
            found.append(middle)
    return found


def _crosses(binary: NDArray[np.uint8], at: Found) -> bool:
    """Whether the column through the centre shows the pattern, too; tilted it may be a half as long again."""
    height, width = binary.shape
    reach = int(at.unit * 6) + 2
    top, bottom = max(0, int(at.y) - reach), min(height, int(at.y) + reach + 1)
    column = binary[top:bottom, min(width - 1, int(at.x))]
    edges = np.flatnonzero(column[1:] != column[:-1])
    middle = int(at.y) - top
    after = int(np.searchsorted(edges, middle))
    # Two changes on each side of the core: core, light ring, dark ring.
    if after < 2 or after + 1 >= len(edges):
        return False
    core = edges[after] - edges[after - 1]
    rings = edges[after + 1] - edges[after], edges[after - 1] - edges[after - 2]
    unit = core / 3
    return 0.5 * at.unit < unit < 2.0 * at.unit and all(abs(ring - unit) < 0.7 * unit + 0.5 for ring in rings)


def region(found: list[Found], size: tuple[int, int], scale: float) -> tuple[slice, slice] | None:
    """The part of the full picture (``size`` is its width and height) that may hold the code of these patterns.

    ``scale``: pixels of the full picture to one of that in which they were found. One pattern alone is no reason to
    look closer: writing and noise look like that, too.
    """
    kin: list[Found] = []
    for one in found:
        group = [one, *(other for other in found if _same_code(one, other))]
        kin = max(kin, group, key=len)
    if len(kin) < 2:
        return None
    across = max(np.hypot(a.x - b.x, a.y - b.y) for a in kin for b in kin)
    margin = 7 * max(one.unit for one in kin)
    # The fourth corner of a turned code lies beyond the three; of two patterns nobody knows on which side the third is.
    reach = margin + (across / 2 if len(kin) > 2 else across)
    width, height = size
    return (
        _stretch([one.y for one in kin], reach, scale, height),
        _stretch([one.x for one in kin], reach, scale, width),
    )


def _same_code(one: Found, other: Found) -> bool:
    distance = np.hypot(one.x - other.x, one.y - other.y) / one.unit
    alike = abs(one.unit - other.unit) < 0.35 * max(one.unit, other.unit)
    return bool(one is not other and alike and _NEAREST < distance < _FARTHEST)


def _stretch(places: list[float], reach: float, scale: float, end: int) -> slice:
    return slice(max(0, int((min(places) - reach) * scale)), min(end, int((max(places) + reach) * scale) + 1))
