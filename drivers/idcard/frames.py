"""Frames of the SDT / SAM_V protocol that resident-ID readers speak (docs/protocols.md sections 2.1 and 2.2).

Owns the bytes of a frame in both directions and an incremental parser that finds its way back after noise.
It knows no serial port and nothing of what a document says.
"""

from __future__ import annotations

import struct
from dataclasses import field
from enum import IntEnum

from drivers.frozen import dataclass

PREAMBLE = bytes.fromhex("AAAAAA9669")
"""Every frame begins with it (section 2.1)."""

COMMAND_BYTES = 2
"""Shortest content of a command: CMD, PARA."""
REPLY_BYTES = 3
"""Shortest content of a reply: SW1, SW2, SW3."""
TEXT_BYTES = 256
PHOTO_BYTES = 1024
MAX_LENGTH = 4096
"""Longest believed value of the length field. The longest real frame (two fingers) has 2314; more is
noise.
"""


class Command(IntEnum):
    """CMD and PARA as one number (section 2.1, table of frames)."""

    RESET = 0x10FF
    SAM_STATUS = 0x11FF
    SAM_ID = 0x12FF
    FIND = 0x2001
    SELECT = 0x2002
    READ_BASE = 0x3001
    READ_FINGERS = 0x3010
    READ_EXTRA_ADDRESS = 0x3003
    RF_BLOCK_SIZE = 0x61FF


class Sw3(IntEnum):
    """Third status byte of a reply (section 2.1)."""

    OK = 0x90
    FOUND = 0x9F
    BAD_CHECKSUM = 0x10
    BAD_LENGTH = 0x11
    BAD_COMMAND = 0x21
    UNKNOWN = 0x24
    SAM_REFUSED_CARD = 0x31
    CARD_REFUSED_SAM = 0x32
    INFORMATION_CHECK = 0x33
    WRONG_CARD_TYPE = 0x40
    READ_FAILED = 0x41
    NO_RANDOM = 0x47
    SELF_TEST_FAILED = 0x60
    NOT_AUTHORISED = 0x66
    FIND_FAILED = 0x80
    SELECT_FAILED = 0x81
    NO_CONTENT = 0x91


class BadFrame(ValueError):
    """The bytes inside a frame are not laid out as section 2 says. Holds no content."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the reader answered. ``data`` may be personal and stays out of ``repr``."""

    sw3: int
    data: bytes = field(default=b"", repr=False)
    sw1: int = 0
    sw2: int = 0


def checksum(body: bytes) -> int:
    """XOR of all bytes from the length field to the last data byte."""
    value = 0
    for byte in body:
        value ^= byte
    return value


def pack(content: bytes) -> bytes:
    """A whole frame around ``content`` (CMD PARA DATA, or SW1 SW2 SW3 DATA)."""
    if len(content) + 1 > MAX_LENGTH:
        raise BadFrame(f"{len(content)} bytes are too many for a frame")
    body = struct.pack(">H", len(content) + 1) + content
    return PREAMBLE + body + bytes((checksum(body),))


def encode_command(command: Command, data: bytes = b"") -> bytes:
    """The whole frame of a request (section 2.1). Raises BadFrame for more data than a frame holds."""
    return pack(struct.pack(">H", command) + data)


def encode_reply(reply: Reply) -> bytes:
    """The whole frame of an answer, as the reader sends it. Raises BadFrame as :func:`encode_command`."""
    return pack(bytes((reply.sw1, reply.sw2, reply.sw3)) + reply.data)


def decode_command(content: bytes) -> tuple[int, bytes]:
    """CMD‖PARA and data of a frame's content. Raises BadFrame."""
    if len(content) < COMMAND_BYTES:
        raise BadFrame("a command has at least two bytes")
    return int.from_bytes(content[:2], "big"), content[2:]


def decode_reply(content: bytes) -> Reply:
    """Raises BadFrame."""
    if len(content) < REPLY_BYTES:
        raise BadFrame("a reply has at least three bytes")
    return Reply(sw1=content[0], sw2=content[1], sw3=content[2], data=content[3:])


def pack_base(text: bytes, photo: bytes) -> bytes:
    """Data of the reply to "read base": two lengths, text, photo (section 2.2)."""
    if len(text) != TEXT_BYTES or len(photo) > PHOTO_BYTES:
        raise BadFrame("the text has 256 bytes and the photo at most 1024")
    return struct.pack(">HH", TEXT_BYTES, PHOTO_BYTES) + text + photo.ljust(PHOTO_BYTES, b"\0")


def unpack_base(data: bytes) -> tuple[bytes, bytes]:
    """Text block and photo from the reply to "read base". Raises BadFrame."""
    if len(data) < 4:
        raise BadFrame("the two lengths are missing")
    text_length, photo_length = struct.unpack_from(">HH", data)
    if text_length != TEXT_BYTES or len(data) != 4 + text_length + photo_length:
        raise BadFrame("lengths inside the reply do not fit its size")
    return data[4 : 4 + text_length], data[4 + text_length :]


def sam_number(data: bytes) -> str:
    """The security module's number as printed on readers, ``XX.XX-YYYYMMDD-nnnnnnnnnn-nnnnnnnnnn`` (section
    2.1).

    Raises BadFrame.
    """
    if len(data) != 16:
        raise BadFrame("a SAM id has 16 bytes")
    major, minor, made, serial, check = struct.unpack("<HHIII", data)
    return f"{major:02d}.{minor:02d}-{made:08d}-{serial:010d}-{check:010d}"


class FrameParser:
    """Turns a stream of bytes into frame contents, skipping whatever is not a frame.

    A frame whose checksum is wrong is counted in :attr:`damaged` and only its first byte is skipped, so
    that a true frame that begins inside a false one is still found. Content shorter than ``shortest`` is
    none either: where replies are expected, that skips a command which the line echoes.
    """

    def __init__(self, shortest: int = COMMAND_BYTES) -> None:
        self._shortest = shortest
        self._buffer = bytearray()
        self.damaged = 0
        """How many frames with a wrong checksum were skipped so far."""

    def clear(self) -> None:
        """Forget a frame that has begun."""
        self._buffer.clear()

    def feed(self, data: bytes) -> list[bytes]:
        """Contents (between length and checksum) of the frames that ``data`` completes."""
        self._buffer += data
        found = []
        while (content := self._next()) is not None:
            found.append(content)
        return found

    def _next(self) -> bytes | None:
        buffer = self._buffer
        while True:
            start = buffer.find(PREAMBLE)
            if start < 0:
                # Keep what may be the beginning of a preamble.
                del buffer[: max(0, len(buffer) - len(PREAMBLE) + 1)]
                return None
            del buffer[:start]
            if len(buffer) < len(PREAMBLE) + 2:
                return None
            length = int.from_bytes(buffer[5:7], "big")
            if not self._shortest + 1 <= length <= MAX_LENGTH:
                del buffer[0]
                continue
            if len(buffer) < 7 + length:
                return None
            body = bytes(buffer[5 : 7 + length])
            if checksum(body):  # XOR over body and its own checksum is 0 when right
                self.damaged += 1
                del buffer[0]
                continue
            del buffer[: 7 + length]
            return body[2:-1]
