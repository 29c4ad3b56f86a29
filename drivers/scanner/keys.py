"""From the key events of a barcode module that plays a keyboard to codes.

Owns the kernel's event structure and the keys of a US keyboard, which is what such modules play unless told otherwise
(docs/protocols.md section 4: text by USB-HID keyboard, usually with Enter at the end). Keys pressed together with
Ctrl, Alt or Meta are commands and never text. Pure: it opens nothing.
"""

from __future__ import annotations

import struct

from drivers.scanner.framing import MAX_BYTES, disarm

EVENT = struct.Struct("@llHHi")
"""struct input_event (linux/input.h): two words of time, type, code, value; 24 bytes on 64-bit machines."""

EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
"""linux/input-event-codes.h; dropped: the kernel's queue was full, and what it lost nobody knows."""
UP, DOWN = 0, 1
"""Values of a key event; 2 is the kernel's own repetition of a key that is held, which no module means."""

ENTER, KEYPAD_ENTER, CAPS_LOCK = 28, 96, 58
SHIFTS = frozenset((42, 54))
COMMANDS = frozenset((29, 97, 56, 100, 125, 126))
"""Ctrl, Alt and Meta, left and right."""

# linux/input-event-codes.h: codes run along the rows of the keyboard.
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
    (71, "789-456+1230.", "789-456+1230."),
    (55, "*", "*"),
    (98, "/", "/"),
)
KEYS = {first + i: (plain[i], shifted[i]) for first, plain, shifted in _ROWS for i in range(len(plain))}
"""What a key types, alone and with Shift."""


class KeyDecoder:
    """Key events in, texts out; a code ends with Enter. :meth:`pause` drops what was begun."""

    def __init__(self, max_chars: int = MAX_BYTES) -> None:
        self._max_chars = max_chars
        self._rest = b""
        self._text: list[str] = []
        self._broken = False
        self._resync = False
        self._held: set[int] = set()
        self._caps = False
        self.dropped = 0
        """Codes that were not handed on: too long, broken off, or with events that the kernel lost."""

    @property
    def pending(self) -> bool:
        return bool(self._text or self._broken)

    def feed(self, data: bytes) -> list[str]:
        """The codes that are complete now, in order."""
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        found: list[str] = []
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if kind == EV_SYN and code == SYN_DROPPED:
                # Keys may have gone up or down unseen, and the rest of this report is stale.
                self._broken = self._resync = True
                self._held.clear()
                self._text.clear()
            elif kind == EV_SYN and code == SYN_REPORT:
                self._resync = False
            elif kind == EV_KEY and not self._resync:
                self._key(code, value, found)
        return found

    def pause(self) -> list[str]:
        if self.pending:
            self.dropped += 1
        self._text.clear()
        self._broken = False
        return []

    def clear(self) -> None:
        """Forget everything: another device speaks from now on."""
        self._rest = b""
        self._text.clear()
        self._held.clear()
        self._broken = self._resync = self._caps = False

    def _key(self, code: int, value: int, found: list[str]) -> None:
        if code in SHIFTS or code in COMMANDS:
            (self._held.add if value else self._held.discard)(code)
            return
        if value != DOWN:
            return
        if code in (ENTER, KEYPAD_ENTER):
            self._end(found)
        elif code == CAPS_LOCK:
            self._caps = not self._caps
        elif code in KEYS and not self._held & COMMANDS:
            plain, shifted = KEYS[code]
            shift = bool(self._held & SHIFTS) != (self._caps and plain.isalpha())
            if len(self._text) < self._max_chars:
                self._text.append(shifted if shift else plain)
            else:
                self._broken = True

    def _end(self, found: list[str]) -> None:
        text, broken = disarm("".join(self._text)), self._broken
        self._text.clear()
        self._broken = False
        if text and not broken:
            found.append(text)
        elif text or broken:
            self.dropped += 1
