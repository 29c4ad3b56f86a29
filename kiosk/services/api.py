"""What a service is: its tile, what it needs, and one coroutine that reads like the leaflet at the counter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum

from drivers.frozen import dataclass
from kiosk.screens import Availability, ServiceTile
from kiosk.visit import Visit


class Need(StrEnum):
    """What a service cannot do without."""

    CARD = "card"
    IDENTITY = "identity"
    """The ID reader, or the camera: the service takes the e-credential too."""
    ID_CARD = "id_card"
    """The ID reader and nothing else."""
    INSURER = "insurer"
    OFFICE_RESET = "office_reset"
    """The office's leave to reset passwords at a terminal."""


@dataclass(frozen=True, slots=True)
class Service:
    """One thing that citizens come for. ``id`` is its name in answers, journal and catalogue; ``run`` ends when all is
    told, and raises what ends it otherwise (``kiosk.endings``) and whatever fails in it."""

    id: str
    icon: str
    needs: frozenset[Need]
    run: Callable[[Visit], Awaitable[None]]
    wholly: frozenset[Need] = frozenset()
    """What it cannot do all of its work without, beside its needs."""

    def tile(self, available: Availability = Availability.YES, *, partly: bool = False) -> ServiceTile:
        return ServiceTile(self.id, self.icon, available, partly)
