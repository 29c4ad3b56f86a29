"""Recordings in place of the engine, phrase by phrase: what lies in the folder is played, the rest is still spoken.

``FOLDER/<language>/<name>.wav``, the name as it stands in the catalogue: ``zh/InsertCard.title.wav``. A folder may be
filled while the terminal runs. What is never twice the same (amounts, numbers) has no name and is always spoken.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from drivers.address import split
from drivers.api import Health, Phrase
from drivers.voice.espeak import ENGINE, EspeakVoice
from drivers.voice.outlets import Outlet
from drivers.voice.wav import NotAWav, Samples, read

LARGEST = 8 * 2**20
"""Bytes. A minute and a half of the best recording; anything larger is no phrase."""

_NAME = re.compile(r"[A-Za-z0-9_.]+")


class ClipVoice(EspeakVoice):
    """``folder``: where the recordings lie."""

    def __init__(self, folder: Path, address: str = "", *, engine: str = ENGINE, to: Outlet | None = None) -> None:
        super().__init__(address, engine=engine, to=to)
        self._folder = folder
        self.refused: set[str] = set()
        """Recordings that cannot be played, by their place in the folder: spoken in their stead."""

    @classmethod
    def at(cls, address: str) -> ClipVoice:
        """``FOLDER`` or ``FOLDER?out=OUTLET``. Raises ValueError."""
        if not address.partition("?")[0]:
            raise ValueError("the folder of the recordings is missing")
        folder, settings = split(address, ("out",))
        return cls(Path(folder), settings.get("out", ""))

    async def health(self) -> Health:
        health = await super().health()
        if not health.usable or not self.refused:
            return health
        return Health(health.condition, detail=f"no 16-bit WAV: {', '.join(sorted(self.refused))}", model=health.model)

    async def samples(self, phrase: Phrase, rate: float = 1.0) -> Samples:
        return await asyncio.to_thread(self._recorded, phrase) or await super().samples(phrase, rate)

    def _recorded(self, phrase: Phrase) -> Samples | None:
        if not _NAME.fullmatch(phrase.name) or not _NAME.fullmatch(phrase.language):
            return None
        place = f"{phrase.language}/{phrase.name}.wav"
        try:
            with (self._folder / place).open("rb") as file:
                samples = read(file.read(LARGEST + 1)[:LARGEST])
        except FileNotFoundError:
            return None
        except (OSError, NotAWav):
            self.refused.add(place)
            return None
        self.refused.discard(place)
        return samples
