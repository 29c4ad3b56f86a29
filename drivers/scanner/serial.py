"""The driver of barcode modules on a serial port or USB virtual COM port.

Owns the port and its settings (docs/protocols.md section 4: terminator and prefix are configurable per module); framing
is :mod:`drivers.scanner.framing`'s, what counts :mod:`drivers.scanner.module`'s. It sends nothing: commands differ by
maker, and a module triggers itself. Set it to continuous or presentation mode.
"""

from __future__ import annotations

import errno
import os
import termios
from typing import Any

from drivers.address import plain_bytes, split, whole
from drivers.scanner.framing import End, Framer, Framing
from drivers.scanner.module import PAUSE_S, ModuleScanner

BAUD = 9600
"""What most modules are delivered with; a virtual COM port takes any."""
_READ = 4096


class SerialScanner(ModuleScanner):
    """A :class:`drivers.api.Scanner` on a serial port (8N1). ``pause_s`` without a byte ends a code, or breaks it off
    where a terminator is due.
    """

    def __init__(
        self, port: str, baud: int = BAUD, *, framing: Framing | None = None, pause_s: float = PAUSE_S
    ) -> None:
        super().__init__(port, lambda: SerialLine(port, baud), Framer(framing), pause_s=pause_s)

    @classmethod
    def at(cls, address: str) -> SerialScanner:
        """From ``/dev/ttyACM0?baud=9600&end=cr&prefix=%02&suffix=%03&max=512``; raises ValueError.

        ``end`` is any (the default), cr, lf, crlf or idle.
        """
        port, settings = split(address, ("baud", "end", "prefix", "suffix", "max"))
        default = Framing()
        end = settings.get("end", default.end)
        if end not in set(End):
            raise ValueError(f"end must be {', '.join(End)}, not {end!r}")
        framing = Framing(
            End(end),
            plain_bytes(settings.get("prefix", "")),
            plain_bytes(settings.get("suffix", "")),
            whole(settings, "max", default.max_bytes),
        )
        return cls(port, whole(settings, "baud", BAUD), framing=framing)


class SerialLine:
    """An open port, raw, ours alone, with nothing left over in it. Raises OSError."""

    def __init__(self, port: str, baud: int) -> None:
        import serial

        self.model = f"serial {port}"
        try:
            self._port: Any = serial.Serial(port, baud, timeout=0, exclusive=True)
            self._port.reset_input_buffer()
            # The library asks the kernel for reads that return nothing where nothing is there: nothing means hung up.
            settings = termios.tcgetattr(self._port.fileno())
            settings[6][termios.VMIN] = 1
            termios.tcsetattr(self._port.fileno(), termios.TCSANOW, settings)
        except termios.error as error:
            self._port.close()
            raise OSError(error.args[0], "the port cannot be set") from error
        except ValueError as error:  # a baud rate that the port does not know
            raise OSError(errno.EINVAL, "the port does not take these settings") from error

    def fileno(self) -> int:
        return int(self._port.fileno())

    def read(self) -> bytes:
        return os.read(self.fileno(), _READ)

    def close(self) -> None:
        self._port.close()
