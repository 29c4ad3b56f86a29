"""A process that plays one card behind a private pcscd's slot until its input ends: ``python -m … PORT``.

For measurements in which the card must not share a process with whoever talks to it.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import date

from drivers.card.chip import Chip
from drivers.card.virtual import VirtualCardSlot
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.people import named


async def play(port: int) -> None:
    """Hold the card in the slot until the standard input ends."""
    profile = named("issued", date(2026, 11, 20)).chip
    async with VirtualCardSlot(port) as slot:
        slot.insert(Chip(profile, Hsm().personalise(profile)))
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(play(int(sys.argv[1])))
