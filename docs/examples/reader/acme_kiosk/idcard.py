"""The Acme ID reader behind the hardware seam; its library runs in a child process (``hosted.py``).

Owns when a document counts as new, and what the library's codes mean. It keeps nothing of a document.
"""

from __future__ import annotations

import asyncio
import contextlib

from acme_kiosk.hosted import GONE

from drivers.api import (
    Condition,
    DeviceError,
    DeviceLost,
    DeviceTimeout,
    DocumentLifted,
    DocumentUnreadable,
    Health,
    IdDocument,
    Remedy,
    SecurityModuleFault,
)
from drivers.host import CallFailed, HostProcess
from drivers.idcard import text

POLL_S = 0.3
"""Between two questions whether a document lies there."""
CALL_S = 5.0
"""A call that takes longer never ends: the child is killed."""
TEXT_BYTES = 256
"""The block of text, as every security module delivers it; the photograph follows (docs/protocols.md section 2.2)."""
SAM_FAULTS = (0x60, 0x66)
"""Self-test failed, not authorised (docs/protocols.md section 2.1)."""


class AcmeIdReader:
    """``drivers.api.IdCardReader`` at ``acme:/dev/ttyUSB0``. Building it touches nothing."""

    def __init__(self, port: str, *, poll_s: float = POLL_S, call_s: float = CALL_S) -> None:
        if not port:
            raise ValueError("an Acme reader needs its port, as in acme:/dev/ttyUSB0")
        self._host = HostProcess("acme_kiosk.hosted:Acme", port)
        self._port = port
        self._poll_s = poll_s
        self._call_s = call_s
        self._waiting = False
        self._must_lift = False
        self._watch: asyncio.Task[None] | None = None

    async def document(self) -> IdDocument:
        if self._waiting:
            raise RuntimeError("someone already waits for a document")
        self._waiting = True
        self._stop_watch()
        try:
            while True:
                if await self._found() and not self._must_lift:
                    return await self._read()
                await asyncio.sleep(self._poll_s)
        finally:
            self._waiting = False
            if self._must_lift:
                self._watch = asyncio.create_task(self._watch_lift())

    async def health(self) -> Health:
        try:
            firmware = (await self._call("firmware")).decode()
        except SecurityModuleFault as fault:
            return Health(Condition.HARDWARE_ERROR, Remedy.MAINTENANCE, str(fault), "Acme ID-7")
        except DeviceTimeout:
            return Health(Condition.OFFLINE, Remedy.MAINTENANCE, f"{self._port}: no answer", "Acme ID-7")
        except DeviceError as error:
            return Health(Condition.NO_DEVICE, Remedy.MAINTENANCE, str(error), "Acme ID-7")
        return Health(Condition.ONLINE, detail=self._port, model="Acme ID-7", firmware=firmware)

    async def close(self) -> None:
        self._stop_watch()
        self._must_lift = False
        await self._host.close()

    async def _found(self) -> bool:
        found = bool(await self._call("find"))
        if not found:
            self._must_lift = False
        return found

    async def _read(self) -> IdDocument:
        try:
            raw = await self._call("read")
        except DocumentUnreadable as unreadable:
            if not await self._found():
                raise DocumentLifted("the document left while it was read") from unreadable
            self._must_lift = True
            raise
        self._must_lift = True
        return text.decode(raw[:TEXT_BYTES], raw[TEXT_BYTES:])

    async def _watch_lift(self) -> None:
        """Notice that the document is lifted while nobody waits: what is laid down afterwards counts as new."""
        with contextlib.suppress(DeviceError):  # whoever asks next meets the same trouble
            while self._must_lift:
                await asyncio.sleep(self._poll_s)
                await self._found()

    def _stop_watch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    async def _call(self, name: str) -> bytes:
        """Raises DeviceLost, DeviceTimeout, SecurityModuleFault, DocumentUnreadable."""
        try:
            return await self._host.call(name, deadline_s=self._call_s)
        except CallFailed as failed:
            if failed.code == GONE:
                raise DeviceLost(f"{self._port} is gone") from failed
            try:
                status = int(failed.code, 16)
            except ValueError:  # the child's half itself failed
                raise DeviceLost(f"{self._port}: {failed.code}") from failed
            if status in SAM_FAULTS:
                raise SecurityModuleFault(f"SW3={status:02X}") from failed
            raise DocumentUnreadable(status) from failed
