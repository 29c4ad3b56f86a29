"""A program that speaks or plays, for as long as one call: bytes in, bytes out, killed when it hangs or nobody listens
any more. What the program is for its callers know.

What is spoken goes in through a pipe and never as an argument: every user of the machine may read those.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence

from drivers.api import DeviceLost, DeviceTimeout


def installed(name: str) -> bool:
    """Whether there is a program of this name on ``PATH``, or at this path."""
    return shutil.which(name) is not None


async def run(arguments: Sequence[str], given: bytes, deadline_s: float) -> bytes:
    """What the program wrote, after it ended well.

    Cancelled or too late, it is killed and waited for before this ends. Raises DeviceLost, DeviceTimeout.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        raise DeviceLost(f"{arguments[0]} cannot be started") from error
    try:
        async with asyncio.timeout(deadline_s):
            written, _ = await process.communicate(given)
    except TimeoutError as error:
        raise DeviceTimeout(f"{arguments[0]} said nothing for {deadline_s:g} s and was killed") from error
    finally:
        if process.returncode is None:
            try:
                process.kill()
            except ProcessLookupError:
                pass  # it ended in this very moment
            await asyncio.shield(process.wait())
    if process.returncode:
        raise DeviceLost(f"{arguments[0]} ended with {process.returncode}")
    return written
