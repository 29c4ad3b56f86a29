"""What operator mode needs beside the devices: who may enter, what was set, where things lie and can be put.

Owns no act. A terminal without a back room has no operator mode (storyboards of citizens, simulations).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import field, replace
from pathlib import Path
from typing import TypeVar

from drivers.frozen import dataclass
from kiosk.config import Config
from kiosk.maintenance.credentials import StaffFile
from kiosk.maintenance.kept import Kept
from kiosk.maintenance.light import Backlight
from kiosk.screens import Preferences
from kiosk.settings import Settings

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Files that take long, beside the loop."""
    return await asyncio.to_thread(work)


@dataclass(frozen=True, slots=True)
class BackRoom:
    """What operator mode works with, the journal's secret among it. Made by ``kiosk.compose.back_room``; a terminal
    whose station has none does not answer the gesture of staff."""

    config: Config
    staff: StaffFile
    kept: Kept
    journal: Path
    """The journal's file."""
    journal_secret: bytes = field(repr=False)
    usb: Path | None = None
    """Where a USB stick is mounted when it is in."""
    backlight: Backlight | None = None
    beside: Callable[[Callable[[], T]], Awaitable[T]] = in_thread
    """How files that take long are written and read; must not touch what the loop has open."""

    mounted: Callable[[Path], bool] = Path.is_mount

    def dressed(self, settings: Settings) -> Settings:
        """The settings with what staff have set; the backlight is turned on the way."""
        kept = self.kept
        language = kept.language if kept.language in settings.languages else settings.defaults.language
        turned = self.backlight is not None and self.backlight.shine(kept.brightness)
        veil = 0.0 if turned else 1 - kept.brightness / 100
        volume = kept.volume or settings.defaults.volume
        return replace(settings, defaults=replace(settings.defaults, language=language, volume=volume, veil=veil))

    def usb_there(self) -> bool:
        """Whether something is mounted there: the empty folder below must not be written into."""
        return self.usb is not None and self.mounted(self.usb)


def preferences_of(settings: Settings, language: str) -> Preferences:
    """Of an operator's session: the language that stood on the glass, all else as the hall has it."""
    return replace(settings.defaults, language=language)
