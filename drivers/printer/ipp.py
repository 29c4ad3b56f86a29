"""Messages of the Internet Printing Protocol as bytes and back.

Owns the encoding of RFC 8010 section 3 and the numbers of RFC 8011 that a terminal needs. It opens no connection and
knows nothing of printing. What it cannot read it refuses with :class:`MalformedMessage`; a collection is read over,
because nothing here asks for one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import field
from enum import IntEnum

from drivers.frozen import dataclass

VERSION = (2, 0)
"""IPP/2.0 (PWG 5100.12), which CUPS and the printers of the last fifteen years speak."""


class Group(IntEnum):
    """Delimiter tags (RFC 8010 section 3.5.1)."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class Tag(IntEnum):
    """Value tags that are written here (RFC 8010 section 3.5.2)."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49


class Operation(IntEnum):
    """RFC 8011 section 5.4.15."""

    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B


class JobState(IntEnum):
    """RFC 8011 section 5.3.7."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9

    @property
    def ended(self) -> bool:
        return self >= JobState.CANCELED


class PrinterState(IntEnum):
    """RFC 8011 section 5.4.11."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5


NOT_POSSIBLE, NOT_FOUND, GONE = 0x0404, 0x0406, 0x0407
"""client-error-not-possible, -not-found, -gone (RFC 8011 appendix B.1.4)."""

_INTEGERS = frozenset((Tag.INTEGER, Tag.ENUM))
_BEGIN_COLLECTION, _END_COLLECTION = 0x34, 0x37
_WITH_LANGUAGE = frozenset((0x35, 0x36))
_OUT_OF_BAND = range(0x10, 0x20)
_STRINGS = range(0x40, 0x60)

Value = int | bool | str | bytes | None
"""``None`` stands for unknown, unsupported and no-value; octets, dates and ranges stay bytes."""


class MalformedMessage(ValueError):
    """These bytes are no IPP message. They are not repeated."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute with its values, all of one tag."""

    name: str
    tag: int
    values: tuple[Value, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A request (``code`` is the operation) or a response (``code`` is the status)."""

    code: int
    number: int
    groups: tuple[tuple[int, tuple[Attribute, ...]], ...] = ()

    @property
    def ok(self) -> bool:
        """The successful class: RFC 8011 appendix B.1."""
        return self.code < 0x0100

    def each(self, group: Group) -> Iterator[dict[str, tuple[Value, ...]]]:
        """Every group of this kind, by attribute name: a list of jobs has one group a job."""
        for kind, attributes in self.groups:
            if kind == group:
                yield {attribute.name: attribute.values for attribute in attributes}

    def first(self, group: Group) -> dict[str, tuple[Value, ...]]:
        return next(self.each(group), {})


def encode(message: Message) -> bytes:
    """The message as bytes; a document follows right behind them."""
    out = bytearray(struct.pack(">BBHi", *VERSION, message.code, message.number))
    for group, attributes in message.groups:
        out.append(group)
        for attribute in attributes:
            name = attribute.name.encode("ascii")
            for value in attribute.values:
                data = _written(attribute.tag, value)
                out += struct.pack(">BH", attribute.tag, len(name)) + name
                out += struct.pack(">H", len(data)) + data
                name = b""  # a further value of the same attribute has no name (RFC 8010 section 3.1.5)
    out.append(Group.END)
    return bytes(out)


def _written(tag: int, value: Value) -> bytes:
    match value:
        case bool():
            return bytes((value,))
        case int():
            return struct.pack(">i", value)
        case str():
            return value.encode("utf-8")
        case bytes():
            return value
        case None if tag in _OUT_OF_BAND:
            return b""
    raise ValueError(f"no value of tag {tag:02X}")


def decode(data: bytes) -> Message:
    """Raises MalformedMessage. Bytes behind the message (a document) are left alone."""
    reader = _Reader(data)
    major, _minor, code, number = struct.unpack(">BBHi", reader.take(8))
    if major not in (1, 2):
        raise MalformedMessage("unknown version")
    groups: list[tuple[int, tuple[Attribute, ...]]] = []
    attributes: list[Attribute] = []
    group: int | None = None
    while True:
        tag = reader.take(1)[0]
        if tag < 0x10:
            if group is not None:
                groups.append((group, tuple(attributes)))
            if tag == Group.END:
                return Message(code, number, tuple(groups))
            group, attributes = tag, []
            continue
        if group is None:
            raise MalformedMessage("an attribute outside of a group")
        name, value = reader.name(), reader.value(tag)
        if name:
            attributes.append(Attribute(name, tag, (value,)))
        elif attributes:
            last = attributes[-1]
            attributes[-1] = Attribute(last.name, last.tag, (*last.values, value))
        else:
            raise MalformedMessage("a further value without a first")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, length: int) -> bytes:
        piece = self._data[self._at : self._at + length]
        if len(piece) != length:
            raise MalformedMessage("cut short")
        self._at += length
        return piece

    def _field(self) -> bytes:
        (length,) = struct.unpack(">h", self.take(2))
        if length < 0:
            raise MalformedMessage("a negative length")
        return self.take(length)

    def name(self) -> str:
        try:
            return self._field().decode("ascii")
        except UnicodeDecodeError as error:
            raise MalformedMessage("a name beyond ASCII") from error

    def value(self, tag: int) -> Value:
        data = self._field()
        if tag == _BEGIN_COLLECTION:
            self._skip_collection()
            return None
        if tag in _OUT_OF_BAND:
            return None
        if tag in _INTEGERS:
            if len(data) != 4:
                raise MalformedMessage("an integer has four bytes")
            return int.from_bytes(data, "big", signed=True)
        if tag == Tag.BOOLEAN:
            if len(data) != 1:
                raise MalformedMessage("a boolean has one byte")
            return data != b"\x00"
        if tag in _WITH_LANGUAGE:
            return _without_language(data)
        if tag in _STRINGS:
            return data.decode("utf-8", "replace")  # for the operator's eyes, or compared with a keyword
        return data

    def _skip_collection(self) -> None:
        depth = 1
        while depth:
            tag = self.take(1)[0]
            if tag < 0x10:
                raise MalformedMessage("a collection without an end")
            self._field()
            self._field()
            depth += (tag == _BEGIN_COLLECTION) - (tag == _END_COLLECTION)


def _without_language(data: bytes) -> str:
    """The text of a textWithLanguage or nameWithLanguage (RFC 8010 section 3.9)."""
    reader = _Reader(data)
    reader._field()
    return reader._field().decode("utf-8", "replace")
