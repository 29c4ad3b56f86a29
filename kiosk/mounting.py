"""How the panel is mounted: the keys of ``[screen]`` that are not the terminal's to obey but the session's, which turns
picture and touch before the terminal starts. Here they are only checked, so that a mistake in them is told like any
other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

ROTATIONS = (0, 90, 180, 270)
"""Degrees clockwise that a compositor can turn a picture by."""
_USB_ID = re.compile(r"[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}")

KEYS: Mapping[str, tuple[type[Any], Any]] = {
    "rotation": (int, 0),
    "touch_matrix": (list, [1, 0, 0, 0, 1, 0]),
    "inputs": (list, []),
}
"""Key, type, default."""


def mistake(key: str, value: Any) -> str:
    """What is wrong with one of :data:`KEYS`, as a remedy; empty if nothing is."""
    if key == "rotation" and value not in ROTATIONS:
        return "must be 0, 90, 180 or 270: degrees by which the picture is turned clockwise"
    if key == "touch_matrix" and not (len(value) == 6 and all(map(_finite, value))):
        return "must be six numbers, as libinput's LIBINPUT_CALIBRATION_MATRIX"
    if key == "inputs" and not all(isinstance(one, str) and _USB_ID.fullmatch(one) for one in value):
        return 'must be a list of USB devices by vendor and product, as in ["046d:c31c"]'
    return ""


def _finite(value: Any) -> bool:
    return type(value) in (int, float) and -math.inf < value < math.inf
