"""The driver of barcode modules that play a keyboard, read through evdev.

Owns the device, which it grabs: as long as it is open no key reaches the screen, so that a code made to press keys
(Alt+F4, Ctrl+Alt+Del) presses none. A device that cannot be grabbed is not used. What keys mean is
:mod:`drivers.scanner.keys`', what counts :mod:`drivers.scanner.module`'s.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable

from drivers import permission
from drivers.address import split
from drivers.scanner.keys import EVENT, KeyDecoder
from drivers.scanner.module import PAUSE_S, Line, ModuleScanner

# linux/input.h: _IOW('E', 0x90, int), _IOC(_IOC_READ, 'E', 0x06, len).
_EVIOCGRAB = 0x40044590
_NAME_BYTES = 256
_EVIOCGNAME = 0x80004506 | _NAME_BYTES << 16
_READ = EVENT.size * 64


class HidScanner(ModuleScanner):
    """A :class:`drivers.api.Scanner` on ``/dev/input/by-id/…-event-kbd``. ``open_line`` is for other ways to come by
    the same events.
    """

    _group = permission.KEYS
    _mode = os.R_OK

    def __init__(
        self, device: str, *, open_line: Callable[[str], Line] | None = None, pause_s: float = PAUSE_S
    ) -> None:
        opener = open_line or Keyboard
        super().__init__(device, lambda: opener(device), KeyDecoder(), pause_s=pause_s)

    @classmethod
    def at(cls, address: str) -> HidScanner:
        """From ``/dev/input/by-id/usb-…-event-kbd``; raises ValueError."""
        device, _ = split(address, ())
        return cls(device)


class EventLine:
    """An open file of key events."""

    def __init__(self, path: str) -> None:
        self.model = f"keyboard {path}"
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)

    def fileno(self) -> int:
        return self._descriptor

    def read(self) -> bytes:
        return os.read(self._descriptor, _READ)

    def close(self) -> None:
        os.close(self._descriptor)


class Keyboard(EventLine):
    """A key device, grabbed: its keys come here and nowhere else. Raises OSError, ENOTTY for what is no such device."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        try:
            fcntl.ioctl(self._descriptor, _EVIOCGRAB, 1)
            name = fcntl.ioctl(self._descriptor, _EVIOCGNAME, bytes(_NAME_BYTES))
        except OSError:
            self.close()
            raise
        self.model = name.split(b"\0", 1)[0].decode(errors="replace")
