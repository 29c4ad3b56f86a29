"""How a terminal is at one moment, as values.

Owns what is told and which of it is trouble. It asks nobody and keeps no history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, fields, is_dataclass
from datetime import datetime
from typing import Any

from drivers.frozen import dataclass

FRAME_TOO_OLD_S = 10.0
"""A glass that has painted nothing for so long stands still; systemd's patience is the same."""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What a device last answered to the watch over it, as codes; ``starting`` before it has answered."""

    condition: str
    """Of ``drivers.api.Condition``."""
    remedy: str
    """Of ``drivers.api.Remedy``."""

    @property
    def well(self) -> bool:
        """Working, or a link that is only written and cannot tell."""
        return self.condition in ("online", "busy") or (self.condition == "unknown" and self.remedy == "none")


@dataclass(frozen=True, slots=True)
class Visits:
    """How visits went."""

    outcomes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By service, then by outcome: ``done``, how else it ended, or the code of what failed."""
    refusals: Mapping[str, int] = field(default_factory=dict)
    """By cause; a visit that was refused something may still have ended well."""
    causes: Mapping[str, int] = field(default_factory=dict)
    """Visits that did not bring what they were for, by the one code that says why (``kiosk.causes``)."""

    @property
    def total(self) -> int:
        return sum(count for outcomes in self.outcomes.values() for count in outcomes.values())


@dataclass(frozen=True, slots=True)
class Times:
    """How long visits took, in seconds. Percentiles are of the latest, the others of all since the start."""

    p50: float | None = None
    p95: float | None = None
    count: int = 0
    total: float = 0.0
    at_most: tuple[tuple[float, int], ...] = ()
    """How many took no longer than each of these limits."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is told of a terminal."""

    terminal: str
    version: str
    at: datetime
    started: datetime
    state: str
    """Of ``kiosk.lifecycle.State``."""
    code: str
    """What the out-of-order screen shows staff; empty while the terminal serves."""
    simulated: bool
    devices: Mapping[str, DeviceState]
    paper: str
    """Of ``drivers.api.Paper``."""
    since_start: Visits
    today: Visits
    visit_s: Times
    operations: Mapping[str, int]
    """Operations that have not come to their end, by state: ``intent``, ``sent``, ``unknown``. Empty where the
    journal cannot be read."""
    journal_readable: bool
    frame_age_s: float | None
    """Since the last painted frame; ``None`` before the first."""
    step_age_s: float
    """Since the core's last step."""
    uncaught: Mapping[str, int]
    """Errors that nobody caught, by where they were."""
    memory_bytes: int
    """Resident memory of the terminal's process, without its children."""

    @property
    def uptime_s(self) -> float:
        return max(0.0, (self.at - self.started).total_seconds())

    @property
    def unknown(self) -> int:
        """Operations whose end nobody knows."""
        return self.operations.get("unknown", 0)

    def troubles(self) -> Iterator[str]:
        """What somebody should see to, as ``subject: what`` in codes."""
        if self.state == "out_of_order":
            yield f"terminal: out_of_order {self.code}"
        elif self.state not in ("attract", "visit", "farewell"):
            yield f"terminal: {self.state}"
        for name, device in self.devices.items():
            if not device.well and device.condition != "starting":
                yield f"{name}: {device.condition}, remedy {device.remedy}"
        if self.paper in ("low", "out"):
            yield f"paper: {self.paper}"
        if not self.journal_readable:
            yield "journal: cannot be read"
        if self.unknown:
            yield f"operations: {self.unknown} unknown"
        if self.frame_age_s is not None and self.frame_age_s > FRAME_TOO_OLD_S:
            yield f"glass: nothing painted for {self.frame_age_s:.0f} s"

    @property
    def line(self) -> str:
        """One line for ``systemctl status``."""
        return "; ".join([f"{self.state}, {self.today.total} visits today", *self.troubles()])


def as_values(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as plain values for JSON, with what is reckoned from them."""
    found = {each.name: _plain(getattr(snapshot, each.name)) for each in fields(snapshot)}
    return found | {"uptime_s": snapshot.uptime_s, "troubles": list(snapshot.troubles())}


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
