"""The line to an insurer: who gives up waiting is let go at once, whatever the line would still do to the answer."""

from __future__ import annotations

import asyncio

import pytest

from drivers.faults import Fault
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.line import InsurerLine
from tests.helpers.insurers import TurnedClock


@pytest.mark.parametrize("late_s", [0.0, 3600.0])
async def test_who_gives_up_before_an_answer_is_not_held_back(late_s: float) -> None:
    insurer = EmbeddedInsurer(":memory:", clock=TurnedClock())
    line = InsurerLine(insurer)
    never = asyncio.Event()
    if late_s:
        line.faults.delay("card", late_s)
    else:
        line.faults.fail_next("card", Fault.DROP)
    asking = asyncio.create_task(line.carry(never.wait, "card"))
    await asyncio.sleep(0)
    asking.cancel()
    done, _ = await asyncio.wait({asking}, timeout=1)
    assert done
    assert asking.cancelled()
    await line.close()
