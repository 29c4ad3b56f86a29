"""What stands in a record of the social-security card, as values: bytes of a fixed length, text, digits, dates.

Every failure names file and tag, never what the record holds.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers.card import apdu
from drivers.card.social_security_values import MalformedRecord, MissingRecord


def parsed(file: int, tag: int, data: bytes) -> dict[int, bytes]:
    try:
        return apdu.records(data)
    except apdu.Malformed as error:
        raise MalformedRecord(file, tag, str(error)) from error


def value(found: Mapping[int, bytes], file: int, tag: int) -> bytes:
    try:
        return found[tag]
    except KeyError:
        raise MissingRecord(file, tag) from None


def exactly(found: Mapping[int, bytes], file: int, tag: int, size: int) -> bytes:
    exact = value(found, file, tag)
    if len(exact) != size:
        raise MalformedRecord(file, tag, f"{len(exact)} bytes instead of {size}")
    return exact


def text(found: Mapping[int, bytes], file: int, tag: int) -> str:
    try:
        return apdu.text(value(found, file, tag))
    except apdu.Malformed as error:
        raise MalformedRecord(file, tag, str(error)) from error


def digits(found: Mapping[int, bytes], file: int, tag: int) -> str:
    try:
        return apdu.digits(value(found, file, tag))
    except apdu.Malformed as error:
        raise MalformedRecord(file, tag, str(error)) from error


def date(found: Mapping[int, bytes], file: int, tag: int) -> str:
    try:
        return apdu.written_date(value(found, file, tag))
    except apdu.Malformed as error:
        raise MalformedRecord(file, tag, str(error)) from error
