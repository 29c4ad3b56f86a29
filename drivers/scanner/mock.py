"""A camera scanner without a camera, and the lens before which a test, the dock or the simulation holds
codes.

The mock stands in for the driver in the same process and sleeps only on the running loop, so that it works in
virtual time. It draws no codes: its preview is a plain sketch. :mod:`drivers.scanner.virtual` has real
pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import cache

from drivers.api import Condition, DeviceLost, Frame, Health, Remedy, Scan
from drivers.faults import Fault, FaultPlan
from drivers.scanner.camera import AGAIN_S

_WIDTH, _HEIGHT = 320, 180
_PICTURE_PAUSE_S = 0.1


class Lens:
    """What is before a camera. Call it on the loop on which the camera runs.

    The one operation known to :attr:`faults` is ``frame``: ``LOSE`` unplugs the camera, ``MUTE`` freezes it
    until it is plugged again, ``DROP`` and ``GARBLE`` spoil one frame.
    """

    def __init__(self, faults: FaultPlan | None = None) -> None:
        self.faults = faults or FaultPlan()
        self.text: str | None = None
        self.symbology = "QRCode"
        self.shown = 0
        """How many codes were shown so far; tells one showing from the next."""
        self.plugged = True
        self.starts = 1
        """How often the camera was started."""
        self._changed = asyncio.Event()

    def show(self, text: str, symbology: str = "QRCode") -> None:
        """Hold a code before the camera, in place of the one there."""
        if text != self.text:
            self.shown += 1
        self.text, self.symbology = text, symbology
        self._tell()

    def clear(self) -> None:
        """Take the code away."""
        self.text = None
        self._tell()

    def unplug(self) -> None:
        self.plugged = False
        self._tell()

    def plug(self) -> None:
        """Bring the camera back, freshly started."""
        if not self.plugged:
            self.plugged = True
            self.starts += 1
        self._tell()

    async def change(self) -> None:
        """Return at the next hand's move."""
        await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed.clear()  # for whoever waits from here on


_MODEL = "mock camera"
_WELL = Health(Condition.ONLINE, model=_MODEL)


class MockScanner:
    """A :class:`drivers.api.Scanner` over a :class:`Lens`."""

    def __init__(self, lens: Lens | None = None, *, frame_s: float = 0.1, stall_s: float = 5.0) -> None:
        """``frame_s``: from a code before the camera to its text; ``stall_s``: until a frozen camera is
        lost."""
        self.lens = lens or Lens()
        self._frame_s = frame_s
        self._stall_s = stall_s
        self._reported = 0
        self._reported_at_s = 0.0
        self._frozen_start = 0
        self._scanning = False
        self._closed = False

    async def health(self) -> Health:
        model = _MODEL
        if self._closed:
            return Health(Condition.OFFLINE, detail="closed", model=model)
        if not self.lens.plugged:
            return Health(Condition.NO_DEVICE, Remedy.MAINTENANCE, "unplugged", model)
        if self._frozen_start == self.lens.starts:
            return Health(Condition.OFFLINE, Remedy.MAINTENANCE, "no picture", model)
        return _WELL

    async def scan(self) -> Scan:
        """See :class:`drivers.api.Scanner`; RuntimeError for a second caller."""
        if self._scanning:
            raise RuntimeError("someone already waits for a code")
        self._scanning = True
        try:
            return await self._next_code()
        finally:
            self._scanning = False

    async def preview(self) -> AsyncGenerator[Frame, None]:
        """About ten sketches a second; ends when the camera is lost."""
        while self.lens.plugged and not self._closed and self._frozen_start != self.lens.starts:
            yield _sketch(self.lens.text is not None)
            await asyncio.sleep(_PICTURE_PAUSE_S)

    async def close(self) -> None:
        self._closed = True
        self.lens._tell()

    async def _next_code(self) -> Scan:
        lens = self.lens
        loop = asyncio.get_running_loop()
        while True:
            self._still_there()
            text, shown = lens.text, lens.shown
            if text is None:
                await lens.change()
                continue
            again_in_s = self._reported_at_s + AGAIN_S - loop.time()
            if shown == self._reported and again_in_s > 0:
                await self._change_within(again_in_s)
                continue
            await asyncio.sleep(self._frame_s)
            fault = await lens.faults.meet("frame")
            if fault is Fault.LOSE:
                lens.unplug()
            elif fault is Fault.MUTE:
                self._frozen_start = lens.starts
            self._still_there()
            if self._frozen_start == lens.starts:
                await asyncio.sleep(self._stall_s)
                raise DeviceLost("no picture")
            if fault is None and lens.text is not None and lens.shown == shown:
                self._reported, self._reported_at_s = shown, loop.time()
                return Scan(text, lens.symbology)

    async def _change_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.lens.change()
        except TimeoutError:
            pass  # the same code may count again now

    def _still_there(self) -> None:
        if self._closed:
            raise DeviceLost("closed")
        if not self.lens.plugged:
            raise DeviceLost("unplugged")


@cache
def _sketch(code: bool) -> Frame:
    """A grey wall, and a bright phone before it while a code is shown."""
    wall = bytes((96,)) * _WIDTH
    phone = bytes((96,)) * 110 + bytes((225,)) * 100 + bytes((96,)) * 110
    rows = [phone if code and 20 <= row < 160 else wall for row in range(_HEIGHT)]
    return Frame(_WIDTH, _HEIGHT, b"".join(rows))
