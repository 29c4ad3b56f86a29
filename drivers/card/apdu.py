"""The language of chip cards: commands, status words, TLV, and how text, digits and dates are written on a card.

It knows ISO 7816-4 and the padding rules of docs/protocols.md sections 1.2 and 5.3, and no card application. Parsers
are strict: what does not follow the rules raises :class:`Malformed`, whose text never repeats the data, for that may
be personal.
"""

from __future__ import annotations

from datetime import date
from typing import cast

from drivers.api import Card, CardError, Response
from drivers.frozen import dataclass

OK = 0x9000
WRONG_TRIES_LEFT = 0x63C0  # 63Cx
MEMORY_FAILURE = 0x6581
WRONG_LENGTH = 0x6700
WRONG_FILE_TYPE = 0x6981
SECURITY_NOT_SATISFIED = 0x6982
BLOCKED = 0x6983
CHALLENGE_UNUSABLE = 0x6984
CONDITIONS_NOT_SATISFIED = 0x6985
NO_CURRENT_EF = 0x6986
SECURE_MESSAGING_WRONG = 0x6988
BAD_DATA = 0x6A80
NOT_SUPPORTED = 0x6A81
FILE_NOT_FOUND = 0x6A82
RECORD_NOT_FOUND = 0x6A83
BAD_P1P2 = 0x6A86
KEY_NOT_FOUND = 0x6A88
P1P2_OUT_OF_RANGE = 0x6B00
BAD_INS = 0x6D00
BAD_CLA = 0x6E00
MAC_INVALID = 0x9302
APPLICATION_LOCKED = 0x9303
KEY_VERSION = 0x9403
MAC_UNAVAILABLE = 0x9406

_NAMES = {
    OK: "ok",
    MEMORY_FAILURE: "memory failure",
    WRONG_LENGTH: "wrong length",
    WRONG_FILE_TYPE: "wrong file type",
    SECURITY_NOT_SATISFIED: "security status not satisfied",
    BLOCKED: "authentication method blocked",
    CHALLENGE_UNUSABLE: "challenge unusable",
    CONDITIONS_NOT_SATISFIED: "conditions not satisfied",
    NO_CURRENT_EF: "no current EF",
    SECURE_MESSAGING_WRONG: "secure-messaging object wrong",
    BAD_DATA: "bad data",
    NOT_SUPPORTED: "function not supported",
    FILE_NOT_FOUND: "file not found",
    RECORD_NOT_FOUND: "record not found",
    BAD_P1P2: "bad P1 or P2",
    KEY_NOT_FOUND: "key not found",
    P1P2_OUT_OF_RANGE: "P1 or P2 out of range",
    BAD_INS: "instruction not known",
    BAD_CLA: "class not known",
    MAC_INVALID: "MAC invalid",
    APPLICATION_LOCKED: "application permanently locked",
    KEY_VERSION: "key version not known",
    MAC_UNAVAILABLE: "MAC unavailable",
}

SELECT, READ_BINARY, READ_RECORD, GET_RESPONSE, GET_CHALLENGE, GET_DATA = 0xA4, 0xB0, 0xB2, 0xC0, 0x84, 0xCA
VERIFY, EXTERNAL_AUTHENTICATE, CHANGE_PIN, PIN_RESET = 0x20, 0x82, 0x5E, 0x24

_HARMLESS = frozenset((SELECT, READ_BINARY, READ_RECORD, GET_RESPONSE, GET_CHALLENGE, GET_DATA))
"""Commands that change nothing on the card: the only ones that may be sent twice."""

_MAX_CHAIN = 64
"""No answer read here is longer than 64 blocks of 256 bytes; a card that goes on for ever is broken."""


class Malformed(ValueError):
    """Bytes from a card that break the rules. The text says which rule, never the bytes."""


class EndlessAnswer(CardError):
    """The card answers ``61xx`` without end."""


def describe(sw: int) -> str:
    """A status word for the operator, e.g. ``6A82 file not found`` (docs/protocols.md section 1.5)."""
    if sw & 0xFFF0 == WRONG_TRIES_LEFT:
        return f"{sw:04X} wrong, {sw & 0xF} tries left"
    if sw >> 8 == 0x61:
        return f"{sw:04X} {sw & 0xFF or 256} bytes waiting"
    if sw >> 8 == 0x6C:
        return f"{sw:04X} wrong Le"
    return f"{sw:04X} {_NAMES.get(sw, 'not known')}"


def tries_left(sw: int) -> int | None:
    """The x of ``63Cx``; ``None`` for every other status word."""
    return sw & 0xF if sw & 0xFFF0 == WRONG_TRIES_LEFT else None


def command(cla: int, ins: int, p1: int, p2: int, data: bytes | bytearray = b"", le: int | None = None) -> bytearray:
    """A short command APDU in one new buffer that the caller can wipe. ``le`` 0 or 256 asks for up to 256."""
    if len(data) > 255:
        raise ValueError("a short APDU carries at most 255 bytes")
    apdu = bytearray((cla, ins, p1, p2))
    if data:
        apdu.append(len(data))
        apdu += data
    if le is not None:
        apdu.append(le & 0xFF)
    return apdu


def wipe(buffer: bytearray) -> None:
    """Overwrite a buffer that held a secret."""
    buffer[:] = bytes(len(buffer))


async def transmit(card: Card, apdu: bytes | bytearray) -> Response:
    """Send one APDU, exactly once. A bytearray goes down as it is, so that wiping it wipes the only copy."""
    return await card.transmit(cast("bytes", apdu))


async def exchange(card: Card, apdu: bytes | bytearray) -> Response:
    """Send an APDU and collect the whole answer: follow ``61xx`` with GET RESPONSE, ``6Cxx`` with the right Le.

    Only a command that changes nothing on the card is sent again after ``6Cxx``; for all others that status word
    is the answer.
    """
    response = await transmit(card, apdu)
    if response.sw >> 8 == 0x6C and apdu[1] in _HARMLESS:
        response = await transmit(card, with_le(apdu, response.sw & 0xFF))
    if response.sw >> 8 != 0x61:
        return response
    data = bytearray(response.data)
    for _ in range(_MAX_CHAIN):
        get = command(0x00, GET_RESPONSE, 0, 0, le=response.sw & 0xFF)
        response = await transmit(card, get)
        if response.sw >> 8 == 0x6C:
            response = await transmit(card, with_le(get, response.sw & 0xFF))
        data += response.data
        if response.sw >> 8 != 0x61:
            return Response(bytes(data), response.sw)
    raise EndlessAnswer


def with_le(apdu: bytes | bytearray, le: int) -> bytearray:
    """The same command, asking for ``le`` bytes."""
    has_data = len(apdu) > 5
    return bytearray(apdu[: 5 + apdu[4]] if has_data else apdu[:4]) + bytes((le,))


# --- TLV ---------------------------------------------------------------------------------------------------------


def records(data: bytes) -> dict[int, bytes]:
    """Records of a social-security card: tag (1) · length (1) · value, one or several (section 1.2)."""
    found: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        if position + 2 > len(data):
            raise Malformed("a record ends within its head")
        tag, length = data[position], data[position + 1]
        position += 2
        if position + length > len(data):
            raise Malformed(f"record {tag:02X} is shorter than it says")
        if tag in found:
            raise Malformed(f"record {tag:02X} is there twice")
        found[tag] = data[position : position + length]
        position += length
    return found


def ber(data: bytes) -> list[tuple[int, bytes]]:
    """One level of BER-TLV (ISO 7816-4 annex): tags of 1 or 2 bytes, lengths of 1 to 3 bytes."""
    found: list[tuple[int, bytes]] = []
    position = 0
    while position < len(data):
        if data[position] in (0x00, 0xFF):  # filler between objects
            position += 1
            continue
        tag = data[position]
        position += 1
        if tag & 0x1F == 0x1F:
            if position >= len(data) or data[position] & 0x80:
                raise Malformed("an object's tag is not one of two bytes")
            tag = tag << 8 | data[position]
            position += 1
        if position >= len(data):
            raise Malformed(f"object {tag:02X} has no length")
        length = data[position]
        position += 1
        if length in (0x81, 0x82):
            size = length & 0x0F
            if position + size > len(data):
                raise Malformed(f"object {tag:02X} ends within its length")
            length = int.from_bytes(data[position : position + size], "big")
            position += size
        elif length >= 0x80:
            raise Malformed(f"object {tag:02X} has a length that cards do not use")
        if position + length > len(data):
            raise Malformed(f"object {tag:02X} is shorter than it says")
        found.append((tag, data[position : position + length]))
        position += length
    return found


def find(data: bytes, tag: int) -> bytes | None:
    """The first object with this tag, at any depth of constructed objects."""
    for found, value in ber(data):
        if found == tag:
            return value
        first = found >> 8 or found
        if first & 0x20:
            inner = find(value, tag)
            if inner is not None:
                return inner
    return None


# --- digits, text, dates ------------------------------------------------------------------------------------------


def digits(data: bytes) -> str:
    """CN: packed decimal digits, padded on the right with nibbles F."""
    text = data.hex().rstrip("f")
    if not text.isdecimal() and text:
        raise Malformed("not packed decimal digits")
    return text


def pack(text: str, size: int) -> bytes:
    """CN of ``size`` bytes: the inverse of :func:`digits`."""
    if len(text) > size * 2 or (text and not (text.isascii() and text.isdecimal())):
        raise ValueError(f"not up to {size * 2} decimal digits")
    return bytes.fromhex(text.ljust(size * 2, "f"))


def unpadded(data: bytes) -> bytes:
    """AN without its padding of ``00`` (or of ``FF``, memory never written)."""
    return data.rstrip(b"\x00\xff")


def text(data: bytes) -> str:
    """AN: text in GB 18030 (which holds GBK and ASCII), padded on the right with ``00``."""
    try:
        return unpadded(data).decode("gb18030").rstrip(" ")
    except UnicodeDecodeError:
        raise Malformed("not text in GB 18030") from None


def written_date(data: bytes) -> str:
    """A date of 4 bytes: ``YYYYMMDD`` from packed digits, ``YYYY`` from four ASCII digits, empty if not written.

    The two cannot be mistaken for one another: ASCII digits read as packed ones would be month 30 to 39.
    """
    if len(data) != 4:
        raise Malformed("a date is not 4 bytes long")
    if data in (b"\x00" * 4, b"\xff" * 4):
        return ""
    if data.isdigit():
        return data.decode("ascii")
    packed = digits(data)
    try:
        date(int(packed[:4]), int(packed[4:6]), int(packed[6:8]))
    except ValueError:
        raise Malformed("not a day of the calendar") from None
    return packed


def pin_digits(pin: bytearray) -> bytearray:
    """A PIN of ASCII digits as packed digits, an odd count padded with F; a new buffer, to be wiped by the caller.

    Raises ValueError for anything but 4 to 12 digits (ISO 9564-1).
    """
    if not 4 <= len(pin) <= 12 or any(not 0x30 <= digit <= 0x39 for digit in pin):
        raise ValueError("a PIN is 4 to 12 digits")
    packed = bytearray((len(pin) + 1) // 2)
    for place, digit in enumerate(pin):
        packed[place // 2] |= (digit & 0x0F) << (0 if place % 2 else 4)
    if len(pin) % 2:
        packed[-1] |= 0x0F
    return packed


# --- answer to reset ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Atr:
    """What an answer to reset says (ISO 7816-3; docs/protocols.md section 5.3)."""

    protocols: tuple[int, ...]
    historical: bytes

    @property
    def key_factor(self) -> bytes:
        """The last 8 historical bytes: the card's part of the key diversification (section 1.4)."""
        if len(self.historical) < 8:
            raise Malformed("the ATR has fewer than 8 historical bytes")
        return self.historical[-8:]


def parse_atr(atr: bytes) -> Atr:
    """Raises Malformed; a wrong check byte is refused too."""
    if len(atr) < 2 or atr[0] not in (0x3B, 0x3F):
        raise Malformed("the ATR does not begin like one")
    count, present = atr[1] & 0x0F, atr[1] >> 4
    position = 2
    protocols: list[int] = []
    while True:
        position += (present & 0b0111).bit_count()
        if not present & 0b1000:
            break
        if position >= len(atr):
            raise Malformed("the ATR ends within its interface bytes")
        protocols.append(atr[position] & 0x0F)
        present = atr[position] >> 4
        position += 1
    historical = atr[position : position + count]
    if len(historical) < count:
        raise Malformed("the ATR ends within its historical bytes")
    position += count
    check = any(protocol != 0 for protocol in protocols)
    if len(atr) != position + check:
        raise Malformed("the ATR has the wrong length")
    if check:
        parity = 0
        for byte in atr[1:]:
            parity ^= byte
        if parity:
            raise Malformed("the ATR's check byte is wrong")
    return Atr(tuple(protocols) or (0,), historical)
