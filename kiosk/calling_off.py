"""Waits that nobody needs any more: called off, and seen to their end.

One that failed meanwhile for a reason that nobody foresaw is told to the log: no one else takes its error. What a
device or the journal does wrong is told where it is noticed.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from drivers.api import DeviceError
from kiosk.journal import JournalError
from kiosk.outline import outline
from kiosk.waiting import any_of

log = logging.getLogger(__name__)


async def called_off(*waits: asyncio.Future[Any]) -> None:
    """Return once every one of them has ended. Raises nothing of theirs."""
    for wait in waits:
        wait.cancel()
    for wait in waits:
        if not wait.done():
            await any_of(wait)
        if not wait.cancelled() and (error := wait.exception()) and not isinstance(error, DeviceError | JournalError):
            log.error("a wait failed: %s", outline(error))
