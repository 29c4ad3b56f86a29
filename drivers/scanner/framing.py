"""From the bytes of a barcode module to codes: where one ends, and what of it is text.

Owns the framing of serial modules (terminator or pause, prefix and suffix, length) and the cleaning of what a code
says. What a citizen holds before a scanner may have been made to attack whoever shows it: no control character and no
escape sequence leaves this file. Pure: it has no clock and no port.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from drivers.frozen import dataclass

MAX_BYTES = 7089
"""Digits in the largest QR code (ISO/IEC 18004, version 40-L); no code has more bytes than that."""

# ECMA-48: control sequences (CSI), strings (OSC, DCS, SOS, PM, APC) up to their end or that of the text, other escapes.
_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]?"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f]).*?(?:\x07|\x1b\\\\|\x9c|$)"
    "|\x1b[ -/]*[0-~]?",
    re.DOTALL,
)
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories without a place in a code: controls, direction marks, lone surrogates, line separators."""


class End(StrEnum):
    """What ends a code."""

    ANY = "any"
    """CR, LF or both."""
    CR = "cr"
    LF = "lf"
    CRLF = "crlf"
    IDLE = "idle"
    """Nothing but a pause: for modules that are set to no terminator."""


_TERMINATORS = {
    End.ANY: re.compile(rb"[\r\n]"),
    End.CR: re.compile(rb"\r"),
    End.LF: re.compile(rb"\n"),
    End.CRLF: re.compile(rb"\r\n"),
}


@dataclass(frozen=True, slots=True)
class Framing:
    """How a module is set. Prefix and suffix are part of every code, or it is not from this module."""

    end: End = End.ANY
    prefix: bytes = b""
    suffix: bytes = b""
    max_bytes: int = MAX_BYTES

    def __post_init__(self) -> None:
        if self.max_bytes < 1:
            raise ValueError("a code needs at least one byte")


class Framer:
    """Bytes in, texts out. :meth:`pause` says that nothing came for as long as a module never pauses in a code."""

    def __init__(self, framing: Framing | None = None) -> None:
        self._framing = framing or Framing()
        self._limit = self._framing.max_bytes + len(self._framing.prefix) + len(self._framing.suffix)
        self._buffer = bytearray()
        self._too_long = False
        self.dropped = 0
        """Codes that were not handed on: too long, broken off, without prefix or suffix, or no text at all."""

    @property
    def pending(self) -> bool:
        """Whether there is the beginning of a code."""
        return bool(self._buffer) or self._too_long

    def feed(self, data: bytes) -> list[str]:
        """The codes that are complete now, cleaned, in order."""
        self._buffer += data
        found: list[str] = []
        if self._framing.end is not End.IDLE:
            terminator = _TERMINATORS[self._framing.end]
            start = 0
            for match in terminator.finditer(self._buffer):
                self._complete(bytes(memoryview(self._buffer)[start : match.start()]), found)
                start = match.end()
            self._wipe(start)
        # One byte more: the first half of a terminator may be among them.
        if len(self._buffer) > self._limit + 1:
            self._too_long = True
            last = self._buffer[-1:]
            self._wipe(len(self._buffer))
            if self._framing.end is End.CRLF and last == b"\r":
                self._buffer += last
        return found

    def pause(self) -> list[str]:
        """Nothing came for a while: the code that ends so, or nothing, and what was begun is forgotten."""
        found: list[str] = []
        if self._framing.end is End.IDLE:
            if self.pending:
                self._complete(bytes(self._buffer), found)
        elif self.pending:
            self.dropped += 1
        self.clear()
        return found

    def clear(self) -> None:
        self._wipe(len(self._buffer))
        self._too_long = False

    def _wipe(self, count: int) -> None:
        self._buffer[:count] = bytes(count)
        del self._buffer[:count]

    def _complete(self, raw: bytes, found: list[str]) -> None:
        framing = self._framing
        too_long, self._too_long = self._too_long, False
        if not raw and not too_long:
            return  # the second half of CR LF, or an empty line
        inner = raw[len(framing.prefix) : len(raw) - len(framing.suffix)]
        text = None
        if not too_long and raw == framing.prefix + inner + framing.suffix and len(inner) <= framing.max_bytes:
            text = as_text(inner)
        if text:
            found.append(text)
        else:
            self.dropped += 1


def as_text(raw: bytes) -> str | None:
    """What a module sent as text: UTF-8, else GB 18030 as Chinese modules send it; ``None`` if it is neither."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return disarm(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return None


def disarm(text: str) -> str:
    """The text without escape sequences, control characters and other characters that are not seen."""
    visible = _ESCAPES.sub("", text)
    return "".join(c for c in visible if unicodedata.category(c) not in _INVISIBLE)
