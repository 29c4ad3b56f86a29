"""A device file that is there and that the terminal's user must not open: no cable helps, a group does.

Owns the question and its words for staff. Which group a kind of device has is Debian's choice.
"""

from __future__ import annotations

import os
from pathlib import Path

SERIAL, PRINTER, CAMERA, KEYS = "dialout", "lp", "video", "input"


def kept_from(path: str, group: str, mode: int = os.R_OK | os.W_OK) -> str:
    """What to tell of a file that could not be opened; empty if its permissions were not why. Blocks for a moment."""
    try:
        Path(path).stat()
    except OSError:
        return ""  # not there, as far as anybody can see
    if os.access(path, mode, effective_ids=True):
        return ""
    return f"{path}: no permission; the terminal's user must be in the group {group}"
