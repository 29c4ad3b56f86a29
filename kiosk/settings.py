"""How this terminal behaves: the values that the core needs, already read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date

from drivers.frozen import dataclass
from kiosk.screens import Contrast, Hand, Prefer, Preferences, Rate, Reach, Size, Speech, Volume


@dataclass(frozen=True, slots=True)
class Settings:
    """One terminal's, as ``kiosk.config`` reads them. ``simulated`` is for ``kiosk.compose`` to say; what staff have
    set comes on top (``BackRoom.dressed``)."""

    terminal: str = "ZZ-0000"
    """Name of this terminal; stands on the slips."""
    place: Mapping[str, str] = field(
        default_factory=lambda: {"zh": "郑州市社会保障服务", "en": "Zhengzhou Social Security"}
    )
    languages: tuple[str, ...] = ("zh", "en")
    defaults: Preferences = Preferences()
    """The hall's language, size and contrast; every visit begins with them."""
    idle_normal_s: float = 60.0
    """Seconds of quiet before the warning."""
    idle_large_s: float = 120.0
    """The same when a larger size or the voice is on: whoever needs it needs time too."""
    large_from_age: int = 65
    """From this age on, as the ID card says, larger letters are offered. The citizen decides."""
    warning_s: int = 30
    """Seconds of warning; WCAG 2.2.1 asks for at least 20."""
    told_s: float = 30.0
    """How long a result or a refusal stays when nobody answers."""
    simulated: bool = False

    def idle_s(self, size: Size, speech: Speech = Speech.OFF) -> float:
        """Before anything is known of this citizen's pace; whoever listens needs the time to listen."""
        plain = size is Size.NORMAL and speech is Speech.OFF
        return self.idle_normal_s if plain else self.idle_large_s

    def offers_large(self, born: date | None, today: date) -> bool:
        """Whether somebody born then is old enough to be asked."""
        if born is None:
            return False
        had_birthday = (today.month, today.day) >= (born.month, born.day)
        return today.year - born.year - (not had_birthday) >= self.large_from_age

    def prefer(self, now: Preferences, wish: Prefer) -> Preferences:
        """The preferences after a wish; what does not exist is ignored."""
        match wish.what:
            case "language" if wish.value in self.languages:
                return replace(now, language=wish.value)
            case "size" if wish.value in set(Size):
                return replace(now, size=Size(wish.value))
            case "contrast" if wish.value in set(Contrast):
                return replace(now, contrast=Contrast(wish.value))
            case "reach" if wish.value in set(Reach):
                return replace(now, reach=Reach(wish.value))
            case "hand" if wish.value in set(Hand):
                return replace(now, hand=Hand(wish.value))
            case "speech" if wish.value in set(Speech):
                return replace(now, speech=Speech(wish.value))
            case "volume" if wish.value in set(Volume):
                return replace(now, volume=Volume(wish.value))
            case "rate" if wish.value in set(Rate):
                return replace(now, rate=Rate(wish.value))
        return now
