"""How long operator mode waits for a device. One that is silent for longer is told like one that says itself that it
took too long, and whoever stands there goes on.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from drivers.api import DeviceTimeout
from kiosk.waiting import TookTooLong, within

T = TypeVar("T")

READ_S = 30.0
"""A card that is tested: three commands, each of which our drivers give up after 8 s."""
SAY_S = 60.0
"""A sentence of a few seconds, slowly spoken."""


async def answered(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """What the device answers, or raises. DeviceTimeout when it is silent for so long."""
    try:
        return await within(seconds, work)
    except TookTooLong as error:
        raise DeviceTimeout(str(error)) from error
