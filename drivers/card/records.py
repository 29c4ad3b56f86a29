"""What stands in a record of the social-security card, as values: bytes of a fixed length, text, digits, dates.

Every failure names file and tag, never what the record holds.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers.card import apdu
from drivers.card.social_security_values import MalformedRecord, MissingRecord


def parsed(file: int, tag: int, data: bytes) -> dict[int, bytes]:
    """All records in an answer, by tag. Raises MalformedRecord; it names the tag that was asked for."""
    try:
        return apdu.records(data)
    except apdu.Malformed as error:
        raise MalformedRecord(file, tag, str(error)) from error


def value(found: Mapping[int, bytes], file: int, tag: int) -> bytes:
    """The value of one record, padding included. Raises MissingRecord."""
    try:
        return found[tag]
    except KeyError:
        raise MissingRecord(file, tag) from None


def exactly(found: Mapping[int, bytes], file: int, tag: int, size: int) -> bytes:
    """As :func:`value`, of exactly ``size`` bytes. Raises MissingRecord, MalformedRecord."""
    exact = value(found, file, tag)
    if len(exact) != size:
        raise MalformedRecord(file, tag, f"{len(exact)} bytes instead of {size}")
    return exact


def text(found: Mapping[int, bytes], file: int, tag: int) -> str:
    """A record of type AN, unpadded (docs/protocols.md section 1.2). Raises MissingRecord, MalformedRecord."""
    try:
        return apdu.text(value(found, file, tag))
    except apdu.Malformed as error:
        raise MalformedRecord(file, tag, str(error)) from error


def digits(found: Mapping[int, bytes], file: int, tag: int) -> str:
    """A record of type CN, unpadded (docs/protocols.md section 1.2). Raises MissingRecord, MalformedRecord."""
    try:
        return apdu.digits(value(found, file, tag))
    except apdu.Malformed as error:
        raise MalformedRecord(file, tag, str(error)) from error


def date(found: Mapping[int, bytes], file: int, tag: int) -> str:
    """``YYYYMMDD``, ``YYYY`` where the card holds the year alone, or empty. Raises MissingRecord, MalformedRecord."""
    try:
        return apdu.written_date(value(found, file, tag))
    except apdu.Malformed as error:
        raise MalformedRecord(file, tag, str(error)) from error
