"""A place for the hall that is not open yet, so that its dock can be drawn meanwhile.

On the way to the first frame: it imports nothing of what the hall is made of, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kiosk.simulation.hall import Hall, Passer


class HallToCome:
    """Stands for a hall that is still being opened on the core's loop, so that the dock can be drawn meanwhile."""

    def __init__(self) -> None:
        self.hall: Hall | None = None

    def people(self) -> Sequence[Passer]:
        return [] if self.hall is None else self.hall.people()

    def state(self) -> dict[str, Any]:
        return {} if self.hall is None else self.hall.state()

    def __getattr__(self, act: str) -> Any:
        if self.hall is None:
            raise AttributeError(f"{act}: the hall is not open yet")
        return getattr(self.hall, act)
