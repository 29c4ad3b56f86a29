"""Recording a card reader: every APDU that passes, and what is left of it once nobody can be found in it.

``RecordingCardReader`` stands between a driver and its user and keeps the dialogue in memory; nothing is written
before :func:`disguised` has replaced everything personal. What is not understood is not kept: its bytes become zeros
and only their number remains, as with challenges and cryptograms (docs/protocols.md sections 1.2 and 1.4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from drivers.api import Card, CardReader, DeviceError, Health, Response
from drivers.card import apdu
from drivers.recording.disguise import Chance, Disguise
from drivers.recording.tape import Event, Tape, octets

REPLACED = [
    "names, ID numbers, card numbers and dates of birth in records: invented ones, the same for the same",
    "card ids (after the region) and the card's part of the answer to reset: invented ones",
    "place of birth: 410100",
    "passwords in VERIFY and CHANGE PIN: invented digits, the same for the same",
    "challenges, cryptograms and MACs: zeros, as many bytes",
    "records and answers that are not understood: zeros, as many bytes",
]

_READ_FILE_KINDS = frozenset((0x02, 0x03, 0x04, 0x05, 0x06, 0x0A, 0x0B))
"""Category, version, organisation, day of issue and of expiry, sex, nation: of no person in particular."""
_APPLICATION_ID = bytes.fromhex("D156000005")
"""Follows the region in many card ids, the same on all of them (section 1.2)."""
_FCI_KEPT = frozenset((0x84, 0x88, 0x86, 0x50))
"""Name of the application, SFI, algorithm marker, label (sections 1.1 and 1.3)."""


class RecordingCardReader:
    """A ``CardReader`` that does what ``inner`` does, and remembers it."""

    def __init__(self, inner: CardReader) -> None:
        self._inner = inner
        self._begun = asyncio.get_running_loop().time()
        self._events: list[Event] = []

    async def health(self) -> Health:
        return await self._inner.health()

    async def close(self) -> None:
        await self._inner.close()

    async def card(self) -> Card:
        try:
            card = await self._inner.card()
        except DeviceError as error:
            self.note("card", error=type(error).__name__)
            raise
        self.note("card", atr=card.atr.hex())
        return _RecordingCard(self, card)

    def note(self, event: str, **facts: str) -> None:
        at = round(asyncio.get_running_loop().time() - self._begun, 3)
        self._events.append({"at": at, "event": event, **facts})

    def tape(self, driver: str, chance: Chance | None = None) -> Tape:
        """All that happened so far, disguised."""
        return disguised(Tape("card", driver, REPLACED, self._events), chance)


class _RecordingCard:
    def __init__(self, reader: RecordingCardReader, inner: Card) -> None:
        self._note = reader.note
        self._inner = inner

    @property
    def atr(self) -> bytes:
        return self._inner.atr

    async def transmit(self, apdu: bytes) -> Response:
        sent = bytes(apdu).hex()  # now: the caller may wipe the buffer
        try:
            response = await self._inner.transmit(apdu)
        except DeviceError as error:
            self._note("apdu", sent=sent, error=type(error).__name__)
            raise
        self._note("apdu", sent=sent, got=response.data.hex(), sw=f"{response.sw:04X}")
        return response

    async def removed(self) -> None:
        await self._inner.removed()
        self._note("removed")

    async def release(self) -> None:
        await self._inner.release()
        self._note("released")


# --- the disguise ----------------------------------------------------------------------------------------------------


def disguised(tape: Tape, chance: Chance | None = None) -> Tape:
    """The recording with invented people. Twice: first to learn which characters no invention may hold."""
    first = Disguise(chance)
    _card_events(tape.events, first)
    second = Disguise(chance, frozenset(first.characters))
    events = _card_events(tape.events, second)
    found = Tape(tape.device, tape.driver, tape.replaced, events)
    blank_leftovers(found, second, ("sent", "got", "atr"))
    return found


def blank_leftovers(tape: Tape, disguise: Disguise, names: tuple[str, ...]) -> None:
    """Search every event for real values in any coding; where one is left (a coincidence, or a field that nobody
    knew of) all bytes of the event become zeros.
    """
    left = list(disguise.leftovers())
    for event in tape.events:
        for name in names:
            if any(value in event.get(name, "") for value in left):
                event[name] = "00" * (len(event[name]) // 2)
                event["blanked"] = True


def _card_events(events: list[Event], disguise: Disguise) -> list[Event]:
    changed = [dict(event) for event in events]
    for event in changed:
        if event["event"] == "card" and "atr" in event:
            event["atr"] = _atr(octets(event, "atr"), disguise).hex()
    for exchanges in _answers(changed):
        sent = octets(exchanges[0], "sent")
        whole = b"".join(octets(exchange, "got") for exchange in exchanges if "got" in exchange)
        replaced = _answer(sent, whole, disguise)
        for exchange in exchanges:
            if "got" in exchange:
                length = len(exchange["got"]) // 2
                exchange["got"], replaced = replaced[:length].hex(), replaced[length:]
            exchange["sent"] = _command(octets(exchange, "sent"), disguise).hex()
    return changed


def _answers(events: list[Event]) -> Iterator[list[Event]]:
    """The exchanges of one answer each: those after ``61xx`` are collected with GET RESPONSE."""
    group: list[Event] = []
    for event in events:
        if event["event"] != "apdu":
            continue
        collects = event["sent"][2:4] == f"{apdu.GET_RESPONSE:02x}"
        if group and not (collects and group[-1].get("sw", "")[:2] in ("61", "6C")):
            yield group
            group = []
        group.append(event)
    if group:
        yield group


def _atr(atr: bytes, disguise: Disguise) -> bytes:
    try:
        parsed = apdu.parse_atr(atr)
        factor = parsed.key_factor
    except apdu.Malformed:
        return bytes(len(atr))
    end = len(atr) - any(protocol != 0 for protocol in parsed.protocols)
    body = atr[: end - 8] + disguise.bytes(factor)
    if end == len(atr):
        return body
    check = 0
    for byte in body[1:]:
        check ^= byte
    return body + bytes((check,))


def _command(sent: bytes, disguise: Disguise) -> bytes:
    """The command with its data replaced; Lc and Le stay."""
    if len(sent) < 5 or sent[1] == apdu.SELECT:
        return sent
    count = sent[4] if len(sent) > 5 else 0
    if count == 0:
        return sent
    data, rest = sent[5 : 5 + count], sent[5 + count :]
    return sent[:5] + _command_data(sent[1], sent[2], data, disguise) + bytes(rest[:1]) + bytes(len(rest[1:]))


def _command_data(ins: int, p1: int, data: bytes, disguise: Disguise) -> bytes:
    if ins == apdu.VERIFY:
        return _password(data, disguise)
    if ins == apdu.CHANGE_PIN:
        if p1 == 0x01:
            old, separator, new = data.partition(b"\xff")
            return _password(old, disguise) + separator + _password(new, disguise)
        return _password(data[:-4], disguise) + bytes(len(data[-4:]))  # RELOAD PIN: password, MAC
    return bytes(len(data))


def _password(packed: bytes, disguise: Disguise) -> bytes:
    text = packed.hex()
    number = text[:-1] if text.endswith("f") else text
    if not number.isdecimal():
        return bytes(len(packed))
    return bytes.fromhex(disguise.digits(number) + text[len(number) :])


def _answer(sent: bytes, data: bytes, disguise: Disguise) -> bytes:
    ins = sent[1] if len(sent) > 1 else 0
    if ins == apdu.SELECT:
        return _fci(data)
    return _records(data, disguise) if ins == apdu.READ_RECORD else bytes(len(data))


def _fci(data: bytes) -> bytes:
    """What an application says of itself: known objects stay, others become zeros in their place."""
    try:
        objects = apdu.ber(data)
    except apdu.Malformed:
        return bytes(len(data))
    found, position = bytearray(data), 0
    for tag, value in objects:
        start = data.index(value, position) if value else position
        first = tag >> 8 or tag
        if first & 0x20 or tag == 0x9F0C:  # 9F0C holds objects although its tag does not say so
            found[start : start + len(value)] = _fci(value)
        elif tag not in _FCI_KEPT:
            found[start : start + len(value)] = bytes(len(value))
        position = start + len(value)
    return bytes(found)


def _records(data: bytes, disguise: Disguise) -> bytes:
    """Records as far as they follow the rules; the rest, if it is more than padding, becomes zeros."""
    found = bytearray()
    name: list[int] = []
    position = 0
    while position + 2 <= len(data) and position + 2 + data[position + 1] <= len(data):
        tag, length = data[position], data[position + 1]
        if tag in (0x00, 0xFF):
            break
        value = data[position + 2 : position + 2 + length]
        if tag == 0x4E and name:  # 姓名扩展 behind 姓名: a character may lie across the border
            start, end = name
            written = apdu.unpadded(bytes(data[start:end]))
            both = _text(written + apdu.unpadded(value), disguise)
            found[start : start + len(written)] = both[: len(written)]
            replaced = both[len(written) :].ljust(length, b"\0")
        else:
            replaced = _value(tag, value, disguise)
        if tag == 0x09:
            name = [position + 2, position + 2 + length]
        found += bytes((tag, length)) + replaced
        position += 2 + length
    rest = data[position:]
    return bytes(found) + (rest if not rest.strip(b"\0") or not rest.strip(b"\xff") else bytes(len(rest)))


def _value(tag: int, value: bytes, disguise: Disguise) -> bytes:
    if tag in _READ_FILE_KINDS:
        return value
    written = apdu.unpadded(value)
    padding = value[len(written) :]
    if tag == 0x01 and len(value) == 16:
        kept = 8 if value[3:8] == _APPLICATION_ID else 3
        return value[:kept] + disguise.bytes(value[kept:])
    if tag in (0x07, 0x08) and written.isascii() and written.isalnum():
        text = written.decode("ascii")
        return (disguise.id_number(text) if tag == 0x08 else disguise.number(text)).encode("ascii") + padding
    if tag in (0x09, 0x4E):
        return _text(written, disguise) + padding
    if tag == 0x0C and len(value) == 3:
        return bytes.fromhex("410100")
    if tag == 0x0D and value.hex().isdecimal() and len(value) == 4:
        if value.isdigit():  # the year alone, in ASCII
            return disguise.number(value.decode("ascii")).encode("ascii")
        return bytes.fromhex(disguise.day(value.hex())) if value.strip(b"\0") else value
    return bytes(len(value))


def _text(written: bytes, disguise: Disguise) -> bytes:
    """GB 18030 of the same length; what is not text stays wrong, but says nothing."""
    try:
        good, bad = written.decode("gb18030"), b""
    except UnicodeDecodeError as error:
        good, bad = written[: error.start].decode("gb18030"), written[error.start :]
    return disguise.words(good).encode("gb18030") + b"\x80" * len(bad)
