"""One screen with what stands around it, as it goes down to the glass: language, size, step bar, quiet time."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum

from drivers.frozen import dataclass
from kiosk.screens.answers import Answer
from kiosk.screens.screen import Screen


class Size(StrEnum):
    """How large words and keys are, as the citizen wishes it; millimetres stand in ``ui/qml/style/``."""

    NORMAL = "normal"
    LARGE = "large"
    XLARGE = "xlarge"


class Contrast(StrEnum):
    """Whether the citizen wishes for the strongest colours: words at 10:1 or more to their ground (VVSG 2.0 7.1-C), and
    nothing that moves."""

    NORMAL = "normal"
    HIGH = "high"


class Reach(StrEnum):
    """How high the controls stand."""

    FULL = "full"
    LOW = "low"
    """Whoever sits reaches every one of them: 380-1220 mm above the floor (EN 301 549 8.3)."""


class Hand(StrEnum):
    """On which side the hand comes that does the work."""

    BOTH = "both"
    LEFT = "left"
    RIGHT = "right"


class Speech(StrEnum):
    """Whether what stands on the glass is said as well."""

    OFF = "off"
    ON = "on"


class Volume(StrEnum):
    """How loudly is spoken: as the hall has it until the citizen wishes otherwise; the steps stand in
    ``kiosk.voice.narrator``."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    FULL = "full"


class Rate(StrEnum):
    """How quickly is spoken."""

    SLOW = "slow"
    NORMAL = "normal"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How this citizen wants it; back to the hall's settings after each visit."""

    language: str = "zh"
    size: Size = Size.NORMAL
    contrast: Contrast = Contrast.NORMAL
    reach: Reach = Reach.FULL
    hand: Hand = Hand.BOTH
    speech: Speech = Speech.OFF
    volume: Volume = Volume.NORMAL
    rate: Rate = Rate.NORMAL
    veil: float = 0.0
    """How much of the light is kept back, 0 to 1: the hall's brightness where the panel has no backlight to turn."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One screen with what stands around it: all that the UI is told."""

    serial: int
    """Counts scenes. An answer carries the serial of the scene it answers; a late one is dropped."""
    screen: Screen[Answer]
    preferences: Preferences = Preferences()
    service: str | None = None
    """Whose name stands in the top line: ``common.service.<id>``."""
    step: int = 0
    steps: int = 0
    """Step bar: ``step`` of ``steps`` (from 1); 0 = no bar."""
    idle_s: float | None = None
    """Seconds of quiet after which the warning comes; ``None`` when time does not count (work, farewell)."""
    card_in: bool = False
    """A card is in the reader: ending the visit means taking it."""
    offers_large: bool = False
    """Ask beside the screen, quietly, whether larger letters are wanted. An answer is a Prefer of ``size``."""
    another_waits: bool = False
    """Somebody has put a card in while this end, whose code must be photographed, still stands: Proceed makes room for
    them, and ``idle_s`` is what is left, whatever is touched."""
    can_speak: bool = False
    """There is a voice, and it works."""
    can_read_out: bool = False
    """There is something private that is said only when it is asked for (:class:`kiosk.screens.Listen`)."""
    slip: tuple[str, ...] = field(default=(), repr=False)
    """What stands on the slip, line by line, on a screen that tells of one: for whoever wants to hear it."""
    now: datetime | None = None
    """Wall-clock time of the terminal when the scene was shown."""

    def showing(self, screen: Screen[Answer]) -> Scene:
        """The same with new values on its screen: each digit, picture and second of a count-down comes this way, and
        ``dataclasses.replace`` would take three times as long."""
        return Scene(
            self.serial,
            screen,
            self.preferences,
            self.service,
            self.step,
            self.steps,
            self.idle_s,
            self.card_in,
            self.offers_large,
            self.another_waits,
            self.can_speak,
            self.can_read_out,
            self.slip,
            self.now,
        )
