"""The file of a recording: JSON lines, the first one says what it is, every other one is an event.

It owns the form alone. What may stand in an event is decided before (``disguise.py`` and the module of each device);
a tape that does not follow the form is refused with the number of its line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

FORMAT = 1
Event = dict[str, Any]
"""``at`` (seconds from the beginning), ``event`` (its name) and what belongs to it; bytes are in hex."""


class BadTape(Exception):
    """The file is no recording, or not of this kind; the text says which line and why, never what stands there."""


@dataclass
class Tape:
    """One recording: its first line and its events. Whoever writes it has disguised it before."""

    device: str
    """``card``, ``idcard`` or ``printer``."""
    driver: str
    replaced: list[str]
    """In words, what was replaced by something invented, or kept as length only."""
    events: list[Event] = field(default_factory=list)

    def text(self) -> str:
        head = {"recording": FORMAT, "device": self.device, "driver": self.driver, "replaced": self.replaced}
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [head, *self.events])

    def write(self, path: Path) -> None:
        """Raises OSError. The file is replaced as a whole or not at all."""
        draft = path.with_name(f".{path.name}.part")
        draft.write_text(self.text(), "utf-8")
        draft.replace(path)


def read(path: Path, device: str) -> Tape:
    """Raises BadTape, OSError."""
    lines = [_object(number, line) for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)]
    if not lines or lines[0].get("recording") != FORMAT:
        raise BadTape(f"{path.name}: line 1 does not say that this is a recording of format {FORMAT}")
    head, *events = lines
    if head.get("device") != device:
        raise BadTape(f"{path.name}: not a recording of a device of kind {device}")
    for number, event in enumerate(events, 2):
        if not isinstance(event.get("event"), str) or not isinstance(event.get("at"), int | float):
            raise BadTape(f"{path.name}: line {number} is no event")
    return Tape(device, str(head.get("driver", "")), [str(what) for what in head.get("replaced", [])], events)


def octets(event: Event, name: str) -> bytes:
    """The bytes in a field of an event. Raises BadTape."""
    try:
        return bytes.fromhex(event[name])
    except (KeyError, TypeError, ValueError):
        raise BadTape(f"an event {event.get('event')!r} without proper bytes in {name!r}") from None


def _object(number: int, line: str) -> Event:
    try:
        found = json.loads(line)
    except ValueError:
        raise BadTape(f"line {number} is not JSON") from None
    if not isinstance(found, dict):
        raise BadTape(f"line {number} is no object")
    return cast(Event, found)
