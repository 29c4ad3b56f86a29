"""The manners of a scanner: what ``drivers.api.Scanner`` promises, one by one.

A scanner without pictures (a barcode module) keeps the promise of its preview by ending it at once. Codes are
credentials: none enters the evidence.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from drivers.api import Condition, DeviceLost, Frame, Scanner
from drivers.contract.manners import Bench, Manner, NotTried, manner
from drivers.contract.observe import Held, cancels, expect, given_back, happens, refused, started, waits, within
from drivers.contract.samples import CODE, OTHER_CODE
from drivers.faults import Fault, FaultPlan

READ_S = 1.0
"""From a clear code before the camera to its text."""


class ScannerHands(Protocol):
    """Whoever holds codes before the scanner. What these hands cannot do raises NotTried."""

    @property
    def simulated(self) -> bool: ...

    @property
    def faults(self) -> FaultPlan:
        """Trouble with single frames, which only a simulated camera can make."""
        ...

    async def show(self, text: str) -> None:
        """Hold this code before the scanner, or one of one's own that stands for it."""
        ...

    async def clear(self) -> None: ...

    def recognise(self, shown: str, read: str) -> bool: ...

    async def unplug(self) -> None: ...

    async def plug(self) -> None: ...


ScannerBench = Bench[Scanner, ScannerHands]
MANNERS: list[Manner[Scanner, ScannerHands]] = []


def _pictures(bench: ScannerBench) -> aclosing[AsyncGenerator[Frame, None]]:
    return aclosing(bench.driver.preview())


async def _looked(bench: ScannerBench, pictures: AsyncGenerator[Frame, None]) -> None:
    """Give the scanner the time to see what is before it now: three pictures, or as long as it takes without any."""
    try:
        for _ in range(3):
            await within(bench.patience.soon_s, _next(pictures), "the next picture")
    except _NoPicture:
        await asyncio.sleep(bench.patience.still_s)


async def _next_picture(bench: ScannerBench, pictures: AsyncGenerator[Frame, None]) -> Frame:
    try:
        return await within(bench.patience.soon_s, _next(pictures), "the next picture")
    except _NoPicture:
        raise NotTried("this scanner has no pictures") from None


class _NoPicture(Exception):
    """The preview has ended."""


async def _next(pictures: AsyncGenerator[Frame, None]) -> Frame:
    try:
        return await anext(pictures)
    except StopAsyncIteration:
        raise _NoPicture from None  # a task cannot carry a StopAsyncIteration out as it is


async def _scanned(bench: ScannerBench, shown: str) -> None:
    scan = await within(bench.patience.soon_s, bench.driver.scan(), "scan() with a code before it")
    expect(bench.hands.recognise(shown, scan.text), "another text than the code's")


@manner(MANNERS, "A scanner in order says that it is online, and which model it is.")
async def healthy(bench: ScannerBench) -> None:
    health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
    expect(health.condition is Condition.ONLINE, f"condition {health.condition} instead of online")
    expect(bool(health.model), "no model")


@manner(MANNERS, "scan() waits for a code that is shown later, reads it soon, and keeps it out of repr.")
async def code_shown_later(bench: ScannerBench) -> None:
    health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
    expect(health.usable, f"condition {health.condition}")
    async with started(bench.driver.scan()) as waiting:
        await waits(waiting, bench.patience.still_s, "scan() before nothing")
        await bench.hands.show(CODE)
        await happens(bench, "shown to scan()", waiting, READ_S)
        scan = waiting.result()
    expect(bench.hands.recognise(CODE, scan.text), "another text than the code's")
    expect(not bench.hands.simulated or scan.symbology in ("QRCode", ""), "another symbology than the code's")
    expect(scan.text not in repr(scan), "repr() shows the code")


@manner(MANNERS, "A code that is still in view when scan() is called counts.")
async def code_still_in_view(bench: ScannerBench) -> None:
    await bench.hands.show(CODE)
    await _scanned(bench, CODE)


@manner(MANNERS, "A code that came and went before the call does not count.")
async def code_seen_before_the_call(bench: ScannerBench) -> None:
    async with _pictures(bench) as pictures:
        await bench.hands.show(CODE)
        await _looked(bench, pictures)
        await bench.hands.clear()
        await _looked(bench, pictures)
        async with started(bench.driver.scan()) as waiting:
            await waits(waiting, bench.patience.still_s, "scan() after a code was taken away")
            await bench.hands.show(OTHER_CODE)
            await happens(bench, "shown to scan()", waiting)
            expect(bench.hands.recognise(OTHER_CODE, waiting.result().text), "another text than the code's")


@manner(MANNERS, "A code left in view is not read twice; another one is.")
async def next_code_is_another_one(bench: ScannerBench) -> None:
    await bench.hands.show(CODE)
    await _scanned(bench, CODE)
    async with started(bench.driver.scan()) as again:
        await waits(again, bench.patience.still_s, "scan() with the old code in view")
        await bench.hands.show(OTHER_CODE)
        await happens(bench, "shown to scan()", again)
        expect(bench.hands.recognise(OTHER_CODE, again.result().text), "another text than the code's")


@manner(MANNERS, "The same code counts again after it has left.")
async def same_code_again(bench: ScannerBench) -> None:
    await bench.hands.show(CODE)
    await _scanned(bench, CODE)
    await bench.hands.clear()
    async with started(bench.driver.scan()) as again:
        await waits(again, max(0.8, bench.patience.still_s), "scan() after the code was taken away")
        await bench.hands.show(CODE)
        await happens(bench, "shown again to scan()", again, READ_S)
        expect(bench.hands.recognise(CODE, again.result().text), "another text than the code's")


@manner(MANNERS, "Every wait can be cancelled, and costs nothing.")
async def cancelled_waiting_costs_nothing(bench: ScannerBench) -> None:
    for _ in range(3):
        async with started(bench.driver.scan()) as waiting:
            await asyncio.sleep(0.01)
            await cancels(waiting, "scan()")
    await bench.hands.show(CODE)
    await _scanned(bench, CODE)


@manner(MANNERS, "A second one who waits for a code is refused, and the first one is served.")
async def two_may_not_wait(bench: ScannerBench) -> None:
    async with started(bench.driver.scan()) as first:
        await asyncio.sleep(0)
        await refused(bench.patience.soon_s, bench.driver.scan(), RuntimeError, what="a second scan()")
        await bench.hands.show(CODE)
        await happens(bench, "shown to scan()", first)
        expect(bench.hands.recognise(CODE, first.result().text), "another text than the code's")


@manner(MANNERS, "While somebody waits, health answers and the preview shows what the camera sees.")
async def health_and_preview_while_waiting(bench: ScannerBench) -> None:
    async with started(bench.driver.scan()) as waiting, _pictures(bench) as pictures:
        empty = await _next_picture(bench, pictures)
        expect(len(empty.grey) == empty.width * empty.height > 0, "a picture of another size than it says")
        health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
        expect(health.condition is Condition.ONLINE, f"condition {health.condition} instead of online")
        await bench.hands.show(CODE)
        await happens(bench, "shown to scan()", waiting)
        for _ in range(3):
            held = await _next_picture(bench, pictures)
        # A bright screen before a grey wall; what hangs behind a real camera nobody knows.
        brighter = sum(held.grey) > sum(empty.grey)
        expect(brighter or not bench.hands.simulated, "the preview does not show the telephone")


@manner(MANNERS, "A spoiled frame is only one frame.")
async def spoiled_frame(bench: ScannerBench) -> None:
    bench.hands.faults.fail_next("frame", Fault.GARBLE)
    bench.hands.faults.drop("frame")
    await bench.hands.show(CODE)
    await _scanned(bench, CODE)


@manner(MANNERS, "Unplugged, the wait ends with DeviceLost and health says so; plugged in again, it scans.")
async def unplugged_while_waiting(bench: ScannerBench) -> None:
    soon_s = bench.patience.soon_s
    async with started(bench.driver.scan()) as waiting:
        await waits(waiting, bench.patience.still_s, "scan() before nothing")
        await bench.hands.unplug()
        await refused(soon_s, waiting, DeviceLost, what="scan() of an unplugged scanner")
    health = await within(soon_s, bench.driver.health(), "health() of an unplugged scanner")
    expect(not health.usable, f"condition {health.condition} of an unplugged scanner")
    await refused(soon_s, bench.driver.scan(), DeviceLost, what="scan() of an unplugged scanner")
    await bench.hands.plug()
    await bench.hands.show(CODE)
    await _scanned(bench, CODE)
    health = await within(soon_s, bench.driver.health(), "health()")
    expect(health.condition is Condition.ONLINE, f"condition {health.condition} instead of online")


@manner(MANNERS, "Unplugged while nobody waits, health says so, too; plugged in again, it scans.")
async def unplugged_while_nobody_waits(bench: ScannerBench) -> None:
    soon_s = bench.patience.soon_s
    await bench.hands.show(CODE)
    await _scanned(bench, CODE)
    health = await within(soon_s, bench.driver.health(), "health()")
    expect(health.usable, f"condition {health.condition}")
    await bench.hands.unplug()
    loop = asyncio.get_running_loop()
    until = loop.time() + soon_s
    while (await within(soon_s, bench.driver.health(), "health() of an unplugged scanner")).usable:
        expect(loop.time() < until, f"an unplugged scanner is well for more than {soon_s:g} s")
        await asyncio.sleep(0.05)
    await bench.hands.plug()
    await bench.hands.show(OTHER_CODE)
    await _scanned(bench, OTHER_CODE)


@manner(MANNERS, "The preview of a camera that is lost ends.")
async def preview_of_a_lost_camera_ends(bench: ScannerBench) -> None:
    async with _pictures(bench) as pictures:
        await _next_picture(bench, pictures)
        await bench.hands.unplug()
        await within(bench.patience.soon_s, _drained(pictures), "the preview of an unplugged camera")
    async with _pictures(bench) as pictures:
        seen = await within(bench.patience.soon_s, _drained(pictures), "the preview of an unplugged camera")
        expect(seen == 0, "an unplugged camera shows pictures")


async def _drained(pictures: AsyncGenerator[Frame, None]) -> int:
    return len([picture async for picture in pictures])


@manner(MANNERS, "A camera whose picture freezes is told as lost, and works again once it was plugged in anew.")
async def frozen_camera_is_lost(bench: ScannerBench) -> None:
    faults = bench.hands.faults
    health = await within(bench.patience.soon_s, bench.driver.health(), "health()")
    expect(health.usable, f"condition {health.condition}")
    async with _pictures(bench) as pictures:
        await _next_picture(bench, pictures)  # without pictures silence is what an idle scanner is like
    faults.fail_always("frame", Fault.MUTE)
    await bench.hands.show(CODE)
    await refused(bench.patience.soon_s, bench.driver.scan(), DeviceLost, what="scan() of a frozen camera")
    faults.heal()
    await bench.hands.unplug()
    await bench.hands.plug()
    await _scanned(bench, CODE)


@manner(MANNERS, "close() ends the wait and the preview, may be called twice, and gives everything back.", alone=True)
async def close_gives_everything_back(bench: ScannerBench) -> None:
    before = Held.now()
    soon_s = bench.patience.soon_s
    async with started(bench.driver.scan()) as waiting:
        async with _pictures(bench) as pictures:
            await within(soon_s, _drained_one(pictures), "the next picture")
        await within(soon_s, bench.driver.close(), "close()")
        await within(soon_s, bench.driver.close(), "close() again")
        await refused(soon_s, waiting, DeviceLost, what="scan() of a scanner that was closed")
    health = await within(soon_s, bench.driver.health(), "health() after close()")
    expect(not health.usable, f"condition {health.condition} after close()")
    await refused(soon_s, bench.driver.scan(), DeviceLost, what="scan() after close()")
    del waiting, pictures
    await given_back(before, 3.0)


async def _drained_one(pictures: AsyncGenerator[Frame, None]) -> None:
    async for _ in pictures:
        return
