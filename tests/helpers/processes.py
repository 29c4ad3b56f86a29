"""Looking at other processes from a test."""

from __future__ import annotations

import asyncio
from pathlib import Path


def alive(pid: int) -> bool:
    """False for a zombie too: where nobody reaps orphans it stays one for ever."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until_dead(pid: int) -> None:
    while alive(pid):
        await asyncio.sleep(0.01)
