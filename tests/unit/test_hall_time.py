"""The hall is in China, wherever the machine thinks it stands."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk import compose
from kiosk.config import Config
from kiosk.maintenance.search import row_of
from kiosk.readiness import Subject, clock_finding, examine
from kiosk.text import catalogues
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Shanghai"])
def machine(request: pytest.FixtureRequest) -> Iterator[str]:
    """A machine left on this zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_the_clock_is_the_halls(machine: str) -> None:
    begun = datetime.now(UTC)
    now = compose.clock()
    assert now.utcoffset() == timedelta(hours=8), machine
    assert begun <= now <= datetime.now(UTC)
    key = compose.new_key()
    assert key[:8] in (f"{now:%Y%m%d}", f"{compose.clock():%Y%m%d}")


def test_doctor_tells_the_halls_time(machine: str, tmp_path: Path) -> None:
    assert clock_finding(compose.clock(), None).detail.endswith(" +0800"), machine

    async def look() -> None:
        stage = Stage()
        report = await examine(stage.station, Config(data=tmp_path))
        (clock,) = (finding for finding in report.findings if finding.subject is Subject.CLOCK)
        assert clock.detail.endswith(" +0800")
        await stage.close()

    run(look())


def test_staff_find_records_at_the_halls_time(machine: str) -> None:
    at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    row = row_of(at, {"what": "event", "kind": "visit", "facts": {}}, catalogues()["en"])
    assert row.label.startswith("11-21 07:30:00"), machine
