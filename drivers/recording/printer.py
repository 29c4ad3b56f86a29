"""Recording a receipt printer: every command that passes and every answer, with nobody's words on the paper.

It stands on the wire. Text keeps its layout (each character becomes another one of the same width and coding), codes
keep their length, pictures their size; commands and answers stay as they are, and bytes that are no known command
become zeros. Nothing is written before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.printer.parser import TEXT, UNPARSED, Command, Parser
from drivers.recording.card import blank_leftovers
from drivers.recording.disguise import Chance, Disguise
from drivers.recording.tape import Event, Tape, octets
from drivers.recording.wire import printer_tap

REPLACED = [
    "all text: other characters of the same width and coding, the same for the same",
    "QR codes: other letters and digits, as many",
    "pictures: white, of the same size",
    "bytes that are no known command: zeros, as many",
]

_PICTURE_HEAD = 8
"""GS v 0 m xL xH yL yH, then the dots (docs/protocols.md section 6.1)."""
_CODE_HEAD = 8
"""GS ( k pL pH cn fn m, then the text of the code."""
_STORE_CODE = 0x50


class PrinterRecorder:
    """Hears both directions. ``async with recorder.tap(url) as url:`` gives the address for the driver."""

    def __init__(self) -> None:
        self._begun = asyncio.get_running_loop().time()
        self._parser = Parser()
        self._events: list[Event] = []

    @asynccontextmanager
    async def tap(self, url: str) -> AsyncIterator[str]:
        """Raises ValueError for an address that cannot be recorded."""
        async with printer_tap(url, self.hear) as ours:
            yield ours

    def hear(self, data: bytes, to_device: bool) -> None:
        at = round(asyncio.get_running_loop().time() - self._begun, 3)
        if not to_device:
            self._events.append({"at": at, "event": "answer", "bytes": data.hex()})
            return
        self._parser.feed(data)
        while (command := self._parser.take()) is not None:
            self._events.append({"at": at, "event": "command", "name": command.name, "bytes": command.raw.hex()})

    def tape(self, driver: str, chance: Chance | None = None) -> Tape:
        """All that passed so far, disguised; of a command that is still incomplete nothing."""
        return disguised(Tape("printer", driver, REPLACED, self._events), chance)


def disguised(tape: Tape, chance: Chance | None = None) -> Tape:
    """The recording with other words on the paper."""
    first = Disguise(chance)
    _commands(tape.events, first)
    second = Disguise(chance, frozenset(first.characters))
    found = Tape(tape.device, tape.driver, tape.replaced, _commands(tape.events, second))
    blank_leftovers(found, second, ("bytes",))
    return found


def _commands(events: list[Event], disguise: Disguise) -> list[Event]:
    changed = []
    for event in events:
        if event["event"] == "command":
            raw = octets(event, "bytes")
            event = {**event, "bytes": _command(Command(event["name"], b"", raw), disguise).hex()}
        changed.append(dict(event))
    return changed


def _command(command: Command, disguise: Disguise) -> bytes:
    raw = command.raw
    match command.name:
        case name if name == TEXT:
            return _words(raw, disguise)
        case name if name == UNPARSED:
            return bytes(len(raw))
        case "GS v 0":
            return raw[:_PICTURE_HEAD] + bytes(len(raw) - _PICTURE_HEAD)
        case "GS ( k" if len(raw) > _CODE_HEAD and raw[6] == _STORE_CODE:
            return raw[:_CODE_HEAD] + _words(raw[_CODE_HEAD:], disguise)
    return raw


def _words(raw: bytes, disguise: Disguise) -> bytes:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return b"?" * len(raw)
    return disguise.words(text).encode("gb18030")
