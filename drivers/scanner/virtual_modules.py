"""Barcode modules at the other end of a wire, so that the real drivers of such modules have something to read.

One on a pty, one that writes key events into a FIFO. Both are set as a terminal needs them: to read by themselves
and to repeat a code for as long as it is held there. The hand's side is that of
:class:`drivers.scanner.mock.Lens`, with the same operation ``frame``, one reading; ``MUTE`` silences the module until
it is plugged in again, ``GARBLE`` breaks one sending off (or has the kernel lose key events).
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import tty
from abc import ABC, abstractmethod
from pathlib import Path

from drivers.faults import Fault, FaultPlan
from drivers.scanner import keys
from drivers.scanner.mock import Lens

_log = logging.getLogger(__name__)

AGAIN_S = 0.1
"""From one reading of a held code to the next."""


class VirtualModule(Lens, ABC):
    """What both have in common. Start it, give :attr:`path` to the driver, show codes."""

    def __init__(self, faults: FaultPlan | None = None) -> None:
        super().__init__(faults)
        self.sent = 0
        """Codes sent so far."""
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._silent = False
        self._descriptors: tuple[int, ...] = ()

    @property
    def path(self) -> str:
        """For the driver; the same while the module is unplugged and plugged in again."""
        if self._folder is None:
            raise RuntimeError("the virtual module is not started")
        return str(Path(self._folder.name) / "module")

    async def start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="module-")
        self._attach()
        self._reading = asyncio.create_task(self._read(), name="virtual barcode module")

    async def aclose(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            self._reading = None
        self._detach()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    async def __aenter__(self) -> VirtualModule:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def unplug(self) -> None:
        self._detach()
        super().unplug()

    def plug(self) -> None:
        if not self.plugged:
            self._silent = False
            self._attach()
        super().plug()

    def send(self, raw: bytes) -> None:
        """Put bytes on the wire as they are; what does not fit is lost, as in a module's small buffer."""
        if not self._descriptors:
            return
        try:
            os.write(self._descriptors[0], raw)
        except BlockingIOError:
            _log.warning("virtual module: nobody reads the wire, code dropped")

    @abstractmethod
    def encode(self, text: str) -> bytes:
        """What goes over the wire for one code."""

    def broken(self, text: str) -> bytes:
        """The same, spoiled on its way."""
        return self.encode(text)[: len(text) // 2]

    @abstractmethod
    def _open(self) -> tuple[int, ...]:
        """The wire at :attr:`path`; the first descriptor is written to."""

    def _attach(self) -> None:
        self._descriptors = self._open()

    def _detach(self) -> None:
        descriptors, self._descriptors = self._descriptors, ()
        for descriptor in descriptors:
            os.close(descriptor)
        if descriptors:
            Path(self.path).unlink(missing_ok=True)

    async def _read(self) -> None:
        while True:
            if self.text is None or not self.plugged:
                await self.change()
                continue
            fault = await self.faults.meet("frame")
            if fault is Fault.LOSE:
                self.unplug()
            elif fault is Fault.MUTE:
                self._silent = True
            text = self.text
            if text is not None and fault is not Fault.DROP and not self._silent:
                self.send(self.broken(text) if fault is Fault.GARBLE else self.encode(text))
                self.sent += 1
            await asyncio.sleep(AGAIN_S)


class VirtualSerialModule(VirtualModule):
    """On a pty. ``ending`` follows every code."""

    def __init__(self, faults: FaultPlan | None = None, *, ending: bytes = b"\r\n") -> None:
        super().__init__(faults)
        self._ending = ending

    def encode(self, text: str) -> bytes:
        return text.encode() + self._ending

    def _open(self) -> tuple[int, ...]:
        # The slave stays open here too: a master without any slave reports an error for ever.
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        Path(self.path).symlink_to(os.ttyname(slave))
        return master, slave


class VirtualKeyboardModule(VirtualModule):
    """Key events on a FIFO: the same bytes as from evdev, but it cannot be grabbed. Types what KEYS holds."""

    def encode(self, text: str) -> bytes:
        return type_text(text) + press(keys.ENTER)

    def broken(self, text: str) -> bytes:
        half = len(text) // 2
        lost = _event(keys.EV_SYN, keys.SYN_DROPPED, 0) + _event(keys.EV_SYN, keys.SYN_REPORT, 0)
        return type_text(text[:half]) + lost + type_text(text[half:]) + press(keys.ENTER)

    def _open(self) -> tuple[int, ...]:
        os.mkfifo(self.path)
        # Open for both ways: a FIFO without a writer is at its end.
        return (os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC),)


def type_text(text: str) -> bytes:
    """The key events of typing; ValueError for what no key types."""
    codes = {char: (code, shift) for code, pair in reversed(keys.KEYS.items()) for shift, char in enumerate(pair)}
    typed = b""
    for char in text:
        if char not in codes:
            raise ValueError("there is no key for this")
        code, shift = codes[char]
        typed += press(code, 42) if shift and char != " " else press(code)
    return typed


def press(code: int, *held: int) -> bytes:
    """A key down and up, while others are held."""
    done = _event(keys.EV_SYN, keys.SYN_REPORT, 0)
    down = b"".join(_event(keys.EV_KEY, key, keys.DOWN) + done for key in (*held, code))
    up = b"".join(_event(keys.EV_KEY, key, keys.UP) + done for key in (code, *reversed(held)))
    return down + up


def _event(kind: int, code: int, value: int) -> bytes:
    return keys.EVENT.pack(0, 0, kind, code, value)
