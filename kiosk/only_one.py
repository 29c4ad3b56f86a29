"""One terminal to a folder: two would write one journal and pull at the same devices."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from kiosk.config import ConfigError

LOCK = "lock"


def claim(folder: Path) -> int:
    """Take ``folder`` for this process until it ends; returns the descriptor that holds it. The kernel gives it back,
    however the process ends. Raises ConfigError if another terminal has it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        raise ConfigError(f"another terminal runs with {folder}; see kiosk status") from error
    return held
