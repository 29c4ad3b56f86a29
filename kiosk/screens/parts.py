"""Values that several screens show: services to choose, whose card it is, what became of the paper. No screen."""

from __future__ import annotations

from enum import StrEnum

from drivers.frozen import dataclass


class Availability(StrEnum):
    """Can this be finished here, now? Told before the citizen begins."""

    YES = "yes"
    WITHOUT_PAPER = "without_paper"
    NO = "no"


@dataclass(frozen=True, slots=True)
class ServiceTile:
    """One service to choose. Its words stand in the catalogue under ``common.service.<id>``."""

    id: str
    icon: str
    available: Availability = Availability.YES
    partly: bool = False
    """Only a part of it can be done here now; which, stands under ``common.service.<id>.partly``."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose card it is, masked: first character of the name, last four of the card."""

    name: str
    card_tail: str
    id_number: str = ""


class Slip(StrEnum):
    """What became of the paper."""

    PRINTED = "printed"
    ON_SCREEN = "on_screen"
    """The printer could not: number and QR stand on the screen instead."""
    NOT_ASKED = "not_asked"
