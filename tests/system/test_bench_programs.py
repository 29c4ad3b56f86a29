"""What ``kiosk bench`` starts as programs of their own, each for a moment: they run, and devices work meanwhile."""

from __future__ import annotations

import shutil

import pytest

from kiosk.bench import Unequipped
from kiosk.bench.chromium import _Browser, _side_by_side, _Start, _Terminal
from kiosk.bench.glass import _played


async def test_every_device_works_while_the_glass_is_measured() -> None:
    try:
        found = await _played(rounds=1)
    except Unequipped as reason:
        pytest.skip(str(reason))
    assert len(found["answered"]) == 11
    assert set(found["done"]) == {"cards", "questions", "slips", "pictures"}
    assert all(found["done"].values())
    assert 0 < sum(found["answered"]) < sum(found["turns"])


def test_the_terminal_starts_before_its_peers() -> None:
    def once(terminal: _Terminal, _browser: _Browser | None) -> _Start:
        family, start = terminal.start()
        try:
            assert family.memory_mib() > 20
        finally:
            family.end()
        return start

    try:
        start = _side_by_side(once)
    except Unequipped as reason:
        pytest.skip(str(reason))
    assert start.screen == ("Attract" if shutil.which("pcscd") else "OutOfOrder")
    assert start.cpu > 0
    assert start.frame > 0
