"""In which ways the same screen can look: language, size, contrast, orientation, reach and hand. It owns the list of
those that the gallery shows, and no screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import product

from drivers.frozen import dataclass
from kiosk.screens import Contrast, Hand, Preferences, Reach, Size, Speech

PSEUDO = "pseudo"
"""Language of the catalogue that is longer than any language will be (``ui.gallery.tongues``)."""
SAMPLE = "ug"
"""Language of the sample that is written from right to left."""


class Voice(StrEnum):
    """Whether the terminal speaks."""

    NONE = "none"
    """It cannot."""
    OFFERED = "offered"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Look:
    """One way to show a screen."""

    language: str = "zh"
    size: Size = Size.NORMAL
    contrast: Contrast = Contrast.NORMAL
    landscape: bool = False
    reach: Reach = Reach.FULL
    hand: Hand = Hand.BOTH
    voice: Voice = Voice.NONE

    @property
    def name(self) -> str:
        """For file names: ``zh-large-high-portrait-low-left``; what is as usual is left out from the fourth part on."""
        orientation = "landscape" if self.landscape else "portrait"
        parts = [self.language, self.size, self.contrast, orientation]
        parts += [self.reach] if self.reach is not Reach.FULL else []
        parts += [self.hand] if self.hand is not Hand.BOTH else []
        parts += [f"voice-{self.voice}"] if self.voice is not Voice.NONE else []
        return "-".join(str(part) for part in parts)

    @property
    def preferences(self) -> Preferences:
        speech = Speech.ON if self.voice is Voice.ON else Speech.OFF
        return Preferences(self.language, self.size, self.contrast, self.reach, self.hand, speech=speech)

    @property
    def pixels(self) -> tuple[int, int]:
        return (1920, 1080) if self.landscape else (1080, 1920)

    @property
    def millimetres(self) -> tuple[float, float]:
        """Of the panel that the screens were drawn for."""
        return (597.0, 336.0) if self.landscape else (336.0, 597.0)


def every_look(languages: tuple[str, ...] = ("zh", "en")) -> Iterator[Look]:
    """The whole matrix: every language, size, contrast, orientation and reach; each hand, and a
    voice that is offered or speaks, at every size and orientation; the pseudo-language likewise."""
    for landscape in (False, True):
        for size in Size:
            for language, contrast, reach in product(languages, Contrast, Reach):
                yield Look(language, size, contrast, landscape, reach)
            for language, hand in product(languages, (Hand.LEFT, Hand.RIGHT)):
                yield Look(language, size, landscape=landscape, hand=hand)
            for language, voice in product(languages, (Voice.OFFERED, Voice.ON)):
                yield Look(language, size, landscape=landscape, voice=voice)
            yield Look(PSEUDO, size, landscape=landscape)


def demanding_looks() -> Iterator[Look]:
    """Those in which a fault shows first: the longest words in the largest letters, standing and low, on both panels,
    and the plain one."""
    for landscape in (False, True):
        yield Look("en", Size.XLARGE, Contrast.HIGH, landscape, Reach.LOW)
        yield Look("zh", Size.XLARGE, Contrast.NORMAL, landscape)
        yield Look("en", Size.NORMAL, Contrast.NORMAL, landscape)


def sample_looks() -> Iterator[Look]:
    """The proof that the layout can be mirrored."""
    for landscape in (False, True):
        for size in Size:
            yield Look(SAMPLE, size, landscape=landscape)
