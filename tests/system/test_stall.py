"""The measurement behind ``kiosk bench --only stall`` plays what it says. How long it took is the bench's affair."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from tests.helpers.wire import ROOT

pytestmark = pytest.mark.system

NO_SERVICE = 3
TOLD_S = 10.0


async def test_the_glass_is_watched_while_a_card_is_mute() -> None:
    played = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ui.stall", cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await played.communicate()
    if played.returncode == NO_SERVICE:
        pytest.skip("no private pcscd here")
    assert played.returncode == 0, err.decode()
    found = json.loads(out)
    print(f"\n{found}")
    assert 5.0 < found["told"] < TOLD_S, "the card's deadline, and then the citizen is told"
    assert 0 < found["turn"] < found["told"], "the loop was asked, and had its turns meanwhile"
    assert 0 < found["frame"] < found["told"]
