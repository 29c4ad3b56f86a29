"""Screens between visits: starting, waiting for a citizen, out of order."""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar

from drivers.frozen import dataclass
from kiosk.screens.answers import Answer, Nothing, Pick, Summon
from kiosk.screens.parts import ServiceTile
from kiosk.screens.screen import Screen


@dataclass(frozen=True, slots=True)
class Starting(Screen[Nothing]):
    """From the first frame until it is known whether the terminal can serve; nothing can be touched."""

    can_finish: ClassVar[bool] = False
    heeded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Attract(Screen["Pick | Summon"]):
    """The screen that waits for a citizen: put the card in, or choose first."""

    services: tuple[ServiceTile, ...]
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick, Summon)
    can_finish: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class OutOfOrder(Screen[Summon]):
    """Nobody can be served. The terminal itself looks whether it can go on; only the gesture of staff is answered."""

    code: str
    """Short code for staff; what it means stands in the operator's guide."""
    card_in: bool = False
    qr: str = field(default="", repr=False, compare=False)
    """How the terminal is, signed (``kiosk.status.summary``), for a phone of staff."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Summon,)
    can_finish: ClassVar[bool] = False
    heeded: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return "card_in" if self.card_in else None
