"""What does not change while the terminal runs. It knows no Qt, so that the core's process can tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from drivers.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the terminal stands and what its panel is."""

    width_mm: float
    """Width of the lit panel as it is mounted; every size on the glass is reckoned in millimetres from it."""
    height_mm: float
    place: Mapping[str, str] = field(default_factory=dict)
    """Name of the hall by language; the reference language stands in for one that is missing."""
    simulated: bool = False
    """At least one device or the insurer is played: the terminal says so, always."""
    reduced_motion: bool = False
    languages: tuple[str, ...] = ("zh", "en")
    """Languages to choose from, in the order in which the language key goes round."""
    lower_edge_mm: float = 850.0
    """Height of the picture's lower edge above the floor."""
