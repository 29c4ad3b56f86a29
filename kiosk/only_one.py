"""One terminal to a folder: two would write one journal and pull at the same devices."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from kiosk.config import ConfigError

LOCK = "lock"
ENDS_S = 3.0
"""How long one that is being killed may still hold it: it dies a moment after the process that the supervisor knows."""
_AGAIN_S = 0.05


def claim(folder: Path) -> int:
    """Take ``folder`` for this process until it ends; returns the descriptor that holds it. The kernel gives it back,
    however the process ends. Raises ConfigError if another terminal has it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + ENDS_S
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                os.close(held)
                raise ConfigError(f"another terminal runs with {folder}; see kiosk status") from error
            time.sleep(_AGAIN_S)
        else:
            return held
