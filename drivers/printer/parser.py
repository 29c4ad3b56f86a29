"""ESC/POS read strictly: bytes in, whole commands out, for the virtual printer.

Owns the lengths of the commands that we and python-escpos emit. Everything else comes out as ``unparsed`` and
is never guessed; no bytes at all make it fail. It neither draws nor answers.
"""

from __future__ import annotations

from dataclasses import field

from drivers.frozen import dataclass

UNPARSED = "unparsed"
TEXT = "text"

# Prefix -> (name, bytes of parameters). Names as in Epson's command reference.
_FIXED: dict[bytes, tuple[str, int]] = {
    b"\x0a": ("LF", 0),
    b"\x0d": ("CR", 0),
    b"\x18": ("CAN", 0),
    b"\x10\x04": ("DLE EOT", 1),
    b"\x10\x05": ("DLE ENQ", 1),
    b"\x1b@": ("ESC @", 0),
    b"\x1b2": ("ESC 2", 0),
    b"\x1b3": ("ESC 3", 1),
    b"\x1bE": ("ESC E", 1),
    b"\x1bJ": ("ESC J", 1),
    b"\x1bM": ("ESC M", 1),
    b"\x1ba": ("ESC a", 1),
    b"\x1bd": ("ESC d", 1),
    b"\x1bt": ("ESC t", 1),
    b"\x1b-": ("ESC -", 1),
    b"\x1c&": ("FS &", 0),
    b"\x1c.": ("FS .", 0),
    b"\x1cW": ("FS W", 1),
    b"\x1c-": ("FS -", 1),
    b"\x1d!": ("GS !", 1),
    b"\x1dB": ("GS B", 1),
    b"\x1dI": ("GS I", 1),
    b"\x1da": ("GS a", 1),
    b"\x1dr": ("GS r", 1),
}
_CUT_AT_ONCE = frozenset((0, 1, 48, 49))
_FEED_AND_CUT = frozenset((65, 66))
_LEADS = frozenset((0x10, 0x1B, 0x1C, 0x1D))
_RASTER_LIMIT = 2303
"""Rows of one picture that every printer takes (docs/protocols.md section 6.1)."""


@dataclass(frozen=True, slots=True)
class Command:
    """One whole command, or the characters between two; ``raw`` is every byte of it, ``data`` included."""

    name: str
    data: bytes = field(repr=False)
    """The parameters; of ``text`` the characters, of ``unparsed`` the bytes themselves."""
    raw: bytes = field(repr=False)


class Parser:
    """A receive buffer that gives out one command after the other, however the bytes were cut up on their
    way."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._chinese = True  # printers wake up in Chinese mode (docs/protocols.md section 6.1)

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def clear(self) -> None:
        self._buffer.clear()

    @property
    def pending(self) -> int:
        """Bytes that have not come out as commands yet."""
        return len(self._buffer)

    def take(self) -> Command | None:
        """The next whole command, or None until more bytes come."""
        if not self._buffer:
            return None
        first = self._buffer[0]
        if first >= 0x20:
            return self._text()
        if first in _LEADS:
            return self._command()
        return self._fixed(bytes((first,)))

    def _command(self) -> Command | None:
        if len(self._buffer) < 2:
            return None
        prefix = bytes(self._buffer[:2])
        if prefix == b"\x1dV":
            return self._cut()
        if prefix == b"\x1dv":
            return self._picture()
        if prefix == b"\x1d(":
            return self._sized()
        if prefix == b"\x10\x14":
            if len(self._buffer) < 3:
                return None
            return self._out("DLE DC4", 2, {1: 3, 2: 3, 8: 8}.get(self._buffer[2], 1))
        return self._fixed(prefix)

    def _fixed(self, prefix: bytes) -> Command | None:
        known = _FIXED.get(prefix)
        if known is None:
            return self._out(UNPARSED, 0, len(prefix))
        command = self._out(known[0], len(prefix), known[1])
        if command is not None and command.name in ("FS &", "FS .", "ESC @"):
            self._chinese = command.name != "FS ."
        return command

    def _out(self, name: str, head: int, length: int) -> Command | None:
        if len(self._buffer) < head + length:
            return None
        raw = bytes(self._buffer[: head + length])
        del self._buffer[: head + length]
        return Command(name, raw[head:], raw)

    def _cut(self) -> Command | None:
        if len(self._buffer) < 3:
            return None
        how = self._buffer[2]
        if how in _CUT_AT_ONCE:
            return self._out("GS V", 2, 1)
        return self._out("GS V", 2, 2) if how in _FEED_AND_CUT else self._out(UNPARSED, 0, 3)

    def _picture(self) -> Command | None:
        if len(self._buffer) < 8:
            return None
        kind, mode, x_low, x_high, y_low, y_high = self._buffer[2:8]
        across, down = x_low + 256 * x_high, y_low + 256 * y_high
        if kind != 0x30 or mode > 3 or not across or not 0 < down <= _RASTER_LIMIT:
            return self._out(UNPARSED, 0, 8)
        return self._out("GS v 0", 3, 5 + across * down)

    def _sized(self) -> Command | None:
        if len(self._buffer) < 5:
            return None
        length = self._buffer[3] + 256 * self._buffer[4]
        known = self._buffer[2] == ord("k")
        return self._out("GS ( k", 5, length) if known else self._out(UNPARSED, 0, 5 + length)

    def _text(self) -> Command | None:
        at = 0
        while at < len(self._buffer) and self._buffer[at] >= 0x20:
            width = self._character_at(at)
            if width is None:
                break  # the rest of this character is still on its way
            if width == 0:
                return self._out(TEXT, 0, at) if at else self._out(UNPARSED, 0, 1)
            at += width
        return self._out(TEXT, 0, at) if at else None

    def _character_at(self, at: int) -> int | None:
        """Bytes of the character, None while it is incomplete, 0 if there can be none."""
        lead = self._buffer[at]
        if lead < 0x7F:
            return 1
        if not self._chinese or not 0x81 <= lead <= 0xFE:
            return 0
        rest = self._buffer[at + 1 : at + 4]
        if not rest:
            return None
        if 0x40 <= rest[0] <= 0xFE and rest[0] != 0x7F:
            return 2
        if not 0x30 <= rest[0] <= 0x39:
            return 0
        if len(rest) < 3:
            return None
        return 4 if 0x81 <= rest[1] <= 0xFE and 0x30 <= rest[2] <= 0x39 else 0
