"""Recording a resident-ID reader: every frame that passes on its serial line, with invented holders.

It stands on the wire, so any driver that speaks SDT can be recorded. Of what a document says, every field gets an
invented value of the same length; the photograph, finger data and whatever is not understood become zeros
(docs/protocols.md sections 2.1 and 2.2). Nothing is written before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.idcard.frames import (
    TEXT_BYTES,
    BadFrame,
    Command,
    FrameParser,
    Sw3,
    pack,
    unpack_base,
)
from drivers.idcard.text import FIELDS, kind_of
from drivers.recording.card import blank_leftovers
from drivers.recording.disguise import Chance, Disguise
from drivers.recording.tape import Event, Tape, octets
from drivers.recording.wire import serial_tap

REPLACED = [
    "names, addresses, issuing offices: invented characters, as many, the same for the same",
    "ID numbers and dates of birth: invented ones, the same for the same",
    "photographs, finger data, and what is not understood: zeros, as many bytes",
    "damaged frames: their number of bytes alone",
]

_KEPT = frozenset(("sex", "nation", "valid_from", "valid_to"))
_SILENT = frozenset((Command.RESET, Command.SAM_STATUS, Command.SAM_ID, Command.RF_BLOCK_SIZE))
"""Their answers speak of the reader, not of a document."""


class IdRecorder:
    """Hears both directions of a line. ``async with recorder.tap(port, baud) as path:`` gives the driver's port."""

    def __init__(self) -> None:
        self._begun = asyncio.get_running_loop().time()
        self._parsers = {True: FrameParser(), False: FrameParser()}
        self._events: list[Event] = []

    @asynccontextmanager
    async def tap(self, port: str, baud: int = 115200) -> AsyncIterator[str]:
        """Raises DeviceLost."""
        async with serial_tap(port, baud, self.hear) as path:
            yield path

    def hear(self, data: bytes, to_device: bool) -> None:
        at = round(asyncio.get_running_loop().time() - self._begun, 3)
        parser = self._parsers[to_device]
        damaged = parser.damaged
        for content in parser.feed(data):
            name = "command" if to_device else "reply"
            self._events.append({"at": at, "event": name, "content": content.hex()})
        if parser.damaged > damaged:
            self._events.append({"at": at, "event": "damaged", "to_device": to_device, "bytes": len(data)})

    def tape(self, driver: str, chance: Chance | None = None) -> Tape:
        """All that passed so far, disguised."""
        return disguised(Tape("idcard", driver, REPLACED, self._events), chance)


def disguised(tape: Tape, chance: Chance | None = None) -> Tape:
    """The recording with invented holders."""
    first = Disguise(chance)
    _frames(tape.events, first)
    second = Disguise(chance, frozenset(first.characters))
    found = Tape(tape.device, tape.driver, tape.replaced, _frames(tape.events, second))
    blank_leftovers(found, second, ("content",))
    return found


def frame_of(event: Event) -> bytes:
    """The frame as it goes over the line."""
    return pack(octets(event, "content"))


def _frames(events: list[Event], disguise: Disguise) -> list[Event]:
    changed: list[Event] = []
    asked = 0
    for event in events:
        if event["event"] == "command":
            content = octets(event, "content")
            asked = int.from_bytes(content[:2], "big")
            # Commands that we know carry no data; what another driver sends with one is not kept.
            changed.append({**event, "content": (content[:2] + bytes(len(content) - 2)).hex()})
        elif event["event"] == "reply":
            changed.append({**event, "content": _reply(asked, octets(event, "content"), disguise).hex()})
        else:
            changed.append(dict(event))
    return changed


def _reply(asked: int, content: bytes, disguise: Disguise) -> bytes:
    head, data = content[:3], content[3:]
    if asked in _SILENT:
        return content
    if asked == Command.READ_BASE and head[2:3] == bytes((Sw3.OK,)):
        try:
            block, photo = unpack_base(data)
            return head + data[:4] + _block(block, disguise) + bytes(len(photo))
        except BadFrame:
            return head + bytes(len(data))
    if asked == Command.READ_EXTRA_ADDRESS and len(data) % 2 == 0:
        return head + _field("address", data, disguise)
    return head + bytes(len(data))


def _block(block: bytes, disguise: Disguise) -> bytes:
    """A text block with only what is understood in it; all the rest is blank, as on a document without it."""
    kind = kind_of(block)
    found = bytearray(" ".encode("utf-16-le") * (TEXT_BYTES // 2))
    found[248:250] = block[248:250]  # the letter that tells the kind (section 2.2)
    for name, (start, length) in FIELDS[kind].items():
        raw = block[start : start + length]
        found[start : start + length] = raw if name in _KEPT else _field(name, raw, disguise)
    return bytes(found)


def _field(name: str, raw: bytes, disguise: Disguise) -> bytes:
    try:
        text = raw.decode("utf-16-le")
    except UnicodeDecodeError:
        return b"\x00\xd8" * (len(raw) // 2)  # half a character each: still not text
    written = text.rstrip(" \0")
    match name:
        case "number":
            replaced = disguise.id_number(written)
        case "born":
            replaced = disguise.day(written) if len(written) == 8 and written.isdecimal() else disguise.words(written)
        case _:
            replaced = disguise.words(written)
    return (replaced + text[len(written) :]).encode("utf-16-le")
