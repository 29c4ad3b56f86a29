"""A resident-ID reader without hardware, and the pad on which a hand (or a test) lays documents.

The mock stands in for the driver in the same process; it sleeps only on the running loop, so that it works in
virtual time. It speaks no protocol: :mod:`drivers.idcard.virtual` does.
"""

from __future__ import annotations

import asyncio

from drivers.api import (
    Condition,
    DeviceLost,
    DeviceTimeout,
    DocumentLifted,
    DocumentUnreadable,
    Health,
    IdDocument,
    Remedy,
    SecurityModuleFault,
)
from drivers.faults import Fault, FaultPlan
from drivers.idcard.frames import Sw3


class IdPad:
    """The outside of a reader: where a hand lays a document. Call it on the loop on which the reader runs.

    Operations known to :attr:`faults`: ``find``, ``read``, ``status`` and ``sam`` (drawn with each of them;
    ``ERROR`` is a broken security module). ``PULL`` lifts the document, ``LOSE`` unplugs the reader.
    """

    def __init__(self, faults: FaultPlan | None = None) -> None:
        self.faults = faults or FaultPlan()
        self.document: IdDocument | None = None
        """What lies on the pad."""
        self.laid = 0
        """How many documents were laid down so far; tells one laying from the next."""
        self.plugged = True
        self.starts = 1
        """How often the reader was started, which ends whatever ailed it."""
        self._changed = asyncio.Event()

    def lay(self, document: IdDocument) -> None:
        """Lay ``document`` on the pad, in place of what lies there."""
        self.document = document
        self.laid += 1
        self._tell()

    def lift(self) -> None:
        """Take away what lies there, if anything."""
        self.document = None
        self._tell()

    def unplug(self) -> None:
        """Let the reader vanish from the computer."""
        self.plugged = False
        self._tell()

    def plug(self) -> None:
        """Bring the reader back, freshly started."""
        if not self.plugged:
            self.plugged = True
            self.starts += 1
        self._tell()

    def holds(self, laying: int) -> bool:
        """Whether the document of that laying still lies there."""
        return self.document is not None and self.laid == laying

    async def change(self) -> None:
        """Return at the next hand's move."""
        await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed.clear()  # for whoever waits from here on


_MODEL = "mock resident-ID reader"
_WELL = Health(Condition.ONLINE, model=_MODEL)


class MockIdCardReader:
    """An :class:`drivers.api.IdCardReader` over an :class:`IdPad`."""

    def __init__(self, pad: IdPad | None = None, *, read_s: float = 0.4, timeout_s: float = 5.0) -> None:
        """``read_s``: how long a reading takes; ``timeout_s``: deadline when the module stays silent."""
        self.pad = pad or IdPad()
        self._read_s = read_s
        self._timeout_s = timeout_s
        self._seen = 0
        self._mute_start = 0
        self._waiting = False
        self._closed = asyncio.Event()

    async def health(self) -> Health:
        model = _MODEL
        if self._closed.is_set():
            return Health(Condition.OFFLINE, detail="closed", model=model)
        fault = await self.pad.faults.meet("status")
        if fault is Fault.LOSE:
            self.pad.unplug()
        if not self.pad.plugged:
            return Health(Condition.NO_DEVICE, Remedy.MAINTENANCE, "unplugged", model)
        if fault in (Fault.MUTE, Fault.DROP) or self._mute_start == self.pad.starts:
            return Health(Condition.OFFLINE, Remedy.MAINTENANCE, "no answer", model)
        if fault is Fault.ERROR or await self.pad.faults.meet("sam") is Fault.ERROR:
            return Health(Condition.HARDWARE_ERROR, Remedy.MAINTENANCE, "security module", model)
        return _WELL

    async def document(self) -> IdDocument:
        """See :class:`drivers.api.IdCardReader`; RuntimeError for a second caller."""
        if self._waiting:
            raise RuntimeError("someone already waits for a document")
        self._waiting = True
        try:
            return await self._next_document()
        finally:
            self._waiting = False

    async def close(self) -> None:
        self._closed.set()
        self.pad._tell()

    async def _next_document(self) -> IdDocument:
        pad = self.pad
        while True:
            self._still_there()
            await self._meet("find")
            if pad.document is not None and pad.laid != self._seen:
                return await self._read(pad.document, pad.laid)
            await pad.change()

    async def _read(self, document: IdDocument, laying: int) -> IdDocument:
        fault = await self._meet("read")
        if self._read_s:
            await asyncio.sleep(self._read_s)
        self._still_there()
        if fault is Fault.PULL:
            self.pad.lift()
        if not self.pad.holds(laying) or fault is Fault.GARBLE:
            raise DocumentLifted("the document left the pad while it was read")
        self._seen = laying
        if fault is Fault.ERROR:
            raise DocumentUnreadable(Sw3.INFORMATION_CHECK)
        return document

    async def _meet(self, op: str) -> Fault | None:
        """The fault due for ``op``; raises those that mean the same for every operation."""
        fault = await self.pad.faults.meet(op)
        if fault is Fault.LOSE:
            self.pad.unplug()
        self._still_there()
        if fault is Fault.MUTE:
            self._mute_start = self.pad.starts
        if fault is Fault.DROP or self._mute_start == self.pad.starts:
            await asyncio.sleep(self._timeout_s)
            raise DeviceTimeout("no answer")
        if await self.pad.faults.meet("sam") is Fault.ERROR:
            raise SecurityModuleFault("SW3=66")
        return fault

    def _still_there(self) -> None:
        if self._closed.is_set():
            raise DeviceLost("closed")
        if not self.pad.plugged:
            raise DeviceLost("unplugged")
