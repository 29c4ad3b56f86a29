"""How bright the panel is: the backlight where the kernel has one, else a veil over the picture.

Owns one file of ``/sys/class/backlight`` (kernel documentation, ABI ``stable/sysfs-class-backlight``: ``brightness``
from 0 to ``max_brightness``). A backlight that cannot be set is said once and left alone: nobody's visit depends on it.
"""

from __future__ import annotations

import logging
from pathlib import Path

log = logging.getLogger(__name__)


class Backlight:
    """``folder`` as in ``/sys/class/backlight/intel_backlight``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def shine(self, percent: int) -> bool:
        """Set it; false if it cannot be set."""
        try:
            most = int((self._folder / "max_brightness").read_text("ascii"))
            (self._folder / "brightness").write_text(str(max(1, round(most * percent / 100))), "ascii")
        except (OSError, ValueError) as error:
            log.error("%s: the brightness cannot be set (%s)", self._folder, type(error).__name__)
            return False
        return True
