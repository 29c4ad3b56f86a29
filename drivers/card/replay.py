"""A card reader that plays a recording: what a device did in a hall once, it does again for the code of today.

Commands are matched with the recorded ones in order; where a command carries a cryptogram, whose bytes are not in the
recording, its header and length are. A command that was never sent then ends the replay with ReplayDiverged: a
recording knows no other answers. Time is not replayed.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from drivers import api
from drivers.api import Card, CardError, Condition, DeviceError, DeviceLost, Health, PulledEarly, Response
from drivers.card import apdu
from drivers.recording import tape
from drivers.recording.tape import BadTape, Event, octets

_HIDDEN = frozenset((apdu.EXTERNAL_AUTHENTICATE, apdu.PIN_RESET))
"""Commands whose data a recording holds as its length alone (docs/protocols.md section 1.4)."""
_ASKING = frozenset((apdu.SELECT, apdu.READ_BINARY, apdu.READ_RECORD, apdu.GET_CHALLENGE, apdu.GET_DATA))
"""Commands that change nothing: asked more often than in the recording, they are answered as the last time."""


class ReplayDiverged(CardError):
    """The terminal sent something that the recorded one did not. Tells the header alone."""


class ReplayCardReader:
    """A ``drivers.api.CardReader`` from a file. After the last recorded card, the slot stays empty."""

    def __init__(self, file: Path) -> None:
        """Raises BadTape, OSError."""
        self._visits = _visits(tape.read(file, "card").events)
        self._waiting = False
        self._held: _ReplayCard | None = None
        self._closed = asyncio.Event()

    async def health(self) -> Health:
        if self._closed.is_set():
            return Health(Condition.OFFLINE, detail="closed", model="recording")
        return Health(Condition.ONLINE, model="recording")

    async def close(self) -> None:
        self._closed.set()

    async def card(self) -> Card:
        if self._waiting:
            raise RuntimeError("somebody is waiting for a card already")
        if self._held is not None and not self._held.over:
            raise RuntimeError("the last card has not been released")
        if self._visits and not self._closed.is_set():
            opening, *dialogue = self._visits.pop(0)
            if "error" in opening:
                raise _error(opening)
            self._held = _ReplayCard(octets(opening, "atr"), dialogue, self._closed)
            return self._held
        self._waiting = True
        try:
            await self._closed.wait()
        finally:
            self._waiting = False
        raise DeviceLost("closed")


class _ReplayCard:
    def __init__(self, atr: bytes, events: list[Event], closed: asyncio.Event) -> None:
        self._atr = atr
        self._events = events
        self._next = 0
        self._released = False
        self._gone = asyncio.Event()
        self._closed = closed
        self._move_on()

    @property
    def atr(self) -> bytes:
        return self._atr

    @property
    def over(self) -> bool:
        return self._released or self._gone.is_set()

    async def transmit(self, apdu: bytes) -> Response:
        sent = bytes(apdu)
        if self._released:
            raise RuntimeError("the card has been released")
        place = self._match(sent)
        if place is None:
            if self._gone.is_set():
                raise PulledEarly
            raise ReplayDiverged(f"{sent[:4].hex().upper()} with {len(sent)} bytes was not sent in the recording")
        event = self._events[place]
        if place >= self._next:
            self._next = place + 1
            self._move_on()
        if "error" in event:
            error = _error(event)
            if isinstance(error, PulledEarly | DeviceLost):
                self._gone.set()
            raise error
        try:
            return Response(octets(event, "got"), int(event["sw"], 16))
        except (KeyError, TypeError, ValueError):
            raise BadTape("an exchange without a status word") from None

    async def removed(self) -> None:
        ends = [asyncio.ensure_future(end.wait()) for end in (self._gone, self._closed)]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()

    async def release(self) -> None:
        self._released = True
        self._move_on()

    def _match(self, sent: bytes) -> int | None:
        """The next recorded exchange with this command, or an earlier one if it may be asked again."""
        later = range(self._next, len(self._events))
        earlier = range(self._next - 1, -1, -1) if sent[1:2] and sent[1] in _ASKING else ()
        for places in (later, earlier):
            for place in places:
                event = self._events[place]
                if event["event"] == "apdu" and _same(octets(event, "sent"), sent):
                    return place
        return None

    def _move_on(self) -> None:
        """The card leaves where it left in the recording: when what came before has been replayed."""
        while self._next < len(self._events):
            event = self._events[self._next]["event"]
            if event == "apdu" and not self._released:
                return
            if event == "removed":
                self._gone.set()
            self._next += 1


def _same(recorded: bytes, sent: bytes) -> bool:
    if len(sent) > 4 and sent[1] in _HIDDEN:
        return len(recorded) == len(sent) and recorded[:5] == sent[:5]
    return recorded == sent


def _error(event: Event) -> DeviceError:
    found = getattr(api, str(event["error"]), None)
    if isinstance(found, type) and issubclass(found, DeviceError):
        return found("as recorded")
    return CardError(f"{event['error']}, as recorded")


def _visits(events: list[Event]) -> list[list[Event]]:
    """The events from each insertion to the next."""
    found: list[list[Event]] = []
    for event in events:
        if event["event"] == "card":
            found.append([])
        elif not found:
            raise BadTape("the recording begins in the middle of a dialogue")
        found[-1].append(event)
    return found
