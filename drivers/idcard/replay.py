"""A resident-ID reader on a pty that plays a recording: the real serial driver talks to it.

Each command gets the next recorded answer to that command, the last one again when there is no further; a recorded
silence is a silence, and a damaged frame comes damaged. Time is not replayed.
"""

from __future__ import annotations

from collections import defaultdict, deque
from pathlib import Path

from drivers.idcard.frames import PREAMBLE, Command, Reply, Sw3, encode_reply
from drivers.idcard.virtual import VirtualIdReader
from drivers.recording import tape
from drivers.recording.idcard import frame_of
from drivers.recording.tape import Event, octets

_DAMAGED = PREAMBLE + b"\x00\x04\x00\x00\x90\x00"
"""Its checksum would be 94."""


class ReplayIdReader(VirtualIdReader):
    """Start it, give :attr:`port` to the driver; documents come and go as they did in the recording."""

    def __init__(self, file: Path) -> None:
        """Raises BadTape, OSError."""
        super().__init__()
        self._answers = _answers(tape.read(file, "idcard").events)
        self._last: dict[int, bytes] = {}
        self.unknown = 0
        """Commands that the recording has no answer to at all."""

    async def _answer(self, number: int) -> None:
        if self._answers[number]:
            self._last[number] = self._answers[number].popleft()
        frame = self._last.get(number)
        if frame is None:
            self.unknown += 1
            missing = Sw3.FIND_FAILED if number == Command.FIND else Sw3.BAD_COMMAND
            frame = encode_reply(Reply(missing))
        self._send(frame)


def _answers(events: list[Event]) -> defaultdict[int, deque[bytes]]:
    """By command, the frames that came after it; empty for silence."""
    found: defaultdict[int, deque[bytes]] = defaultdict(deque)
    asked: int | None = None
    heard = b""
    for event in [*events, {"event": "command", "content": "", "at": 0.0}]:
        if event["event"] == "command":
            if asked is not None:
                found[asked].append(heard)
            asked, heard = int.from_bytes(octets(event, "content")[:2], "big"), b""
        elif event["event"] == "reply":
            heard += frame_of(event)
        elif event["event"] == "damaged" and not event.get("to_device"):
            heard += _DAMAGED
    return found
