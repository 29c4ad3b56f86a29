"""Where the sound goes: the sound card through ``aplay``, or a folder of WAV files.

Owns the playing of one piece of sound and what can be known beforehand about it. Chooses neither words nor volume.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from drivers.api import Condition, DeviceLost, Health, Remedy
from drivers.voice import program
from drivers.voice.wav import Samples

PLAYER = "aplay"
OVERDUE_S = 3.0
"""How much longer than the sound lasts its playing may take: opening a card takes under 1 s, what is left in its buffer
half a second more (ALSA's default)."""
CARDS = Path("/dev/snd")
"""Where ALSA's devices are; ``controlC0`` is the first card. Not /proc/asound: a service may not see that."""
NOT_A_CARD = ("null", "file:", "pulse", "pipewire")
"""ALSA devices that need no sound card of this machine."""


class Outlet(Protocol):
    """What a voice plays into, one piece after the other, each already as loud as it is to be heard."""

    def trouble(self) -> Health | None:
        """Why nothing could be heard now; ``None`` if nothing is known against it."""
        ...

    async def play(self, samples: Samples) -> None:
        """Return when it was heard; cancelling silences it. Raises DeviceLost, DeviceTimeout."""
        ...


class SoundCard:
    """An ALSA device by its name, as ``aplay -L`` lists them."""

    def __init__(self, device: str = "default", player: str = PLAYER) -> None:
        self._device = device
        self._player = player

    def trouble(self) -> Health | None:
        if not program.installed(self._player):
            return Health(Condition.NO_DEVICE, Remedy.CONFIGURATION, f"{self._player} is not installed (alsa-utils)")
        if not self._device.startswith(NOT_A_CARD) and not _has_cards():
            return Health(Condition.NO_DEVICE, Remedy.MAINTENANCE, "this machine has no sound card")
        return None

    async def play(self, samples: Samples) -> None:
        arguments = (self._player, "-q", "-D", self._device, "-t", "wav", "-")
        await program.run(arguments, samples.to_bytes(), samples.seconds + OVERDUE_S)


class Folder:
    """Every sound as a file, numbered, at once: for tests, and to listen to later what a terminal says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def trouble(self) -> Health | None:
        if self._folder.is_dir():
            return None
        return Health(Condition.NO_DEVICE, Remedy.CONFIGURATION, f"{self._folder} is no folder")

    async def play(self, samples: Samples) -> None:
        self._count += 1
        try:
            (self._folder / f"{self._count:04}.wav").write_bytes(samples.to_bytes())
        except OSError as error:
            raise DeviceLost("the sound could not be written") from error


def outlet(address: str) -> Outlet:
    """``file://FOLDER``, or the name of an ALSA device; empty for the machine's default."""
    if address.startswith("file://"):
        return Folder(Path(address.removeprefix("file://")))
    return SoundCard(address or "default")


def _has_cards() -> bool:
    return any(CARDS.glob("controlC*"))
