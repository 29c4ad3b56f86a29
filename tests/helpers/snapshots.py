"""A snapshot of a terminal in which something of everything has happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from kiosk.status import DeviceState, Snapshot, Times, Visits

AT = datetime(2026, 7, 15, 17, 0, tzinfo=UTC)

WELL = Snapshot(
    terminal="ZZ-0001",
    version="0.1.0",
    at=AT,
    started=datetime(2026, 7, 15, 8, 0, tzinfo=UTC),
    state="attract",
    code="",
    simulated=False,
    devices={name: DeviceState("online", "none") for name in ("card", "idcard", "scanner", "printer")},
    paper="ok",
    since_start=Visits(
        {"balance": {"done": 7, "idle": 1}, "activate": {"done": 2, "C01": 1}}, {"minor": 1}, {"C01": 1, "V02": 1}
    ),
    today=Visits({"balance": {"done": 9}}),
    visit_s=Times(21.0, 95.0, 11, 400.0, ((10.0, 0), (30.0, 7), (120.0, 11))),
    operations={},
    journal_readable=True,
    frame_age_s=0.4,
    step_age_s=0.1,
    uncaught={},
    memory_bytes=150 * 2**20,
)


def snapshot(**changed: Any) -> Snapshot:
    """A terminal where all is well, but for this."""
    return replace(WELL, **changed)
