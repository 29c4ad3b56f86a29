"""JSON as it crosses the line to the platform: written in one way only, and read without trusting whoever wrote it.

Owns exact amounts (a number of yuan is a Decimal, never a float) and the strict reading of fields: a missing, overlong
or wrongly typed field is NotUnderstood, which names the field and never its value. It knows nothing of what is said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from kiosk.money import Fen

_AMOUNT = re.compile(r"-?\d{1,14}(\.\d{1,2})?")
"""(16,2): sixteen digits, two of them after the point (docs/protocols.md section 3.2)."""
_LARGEST = Decimal(10) ** 14


class NotUnderstood(ValueError):
    """What came is not what was agreed. ``where`` is the field; the value is nobody's business."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


def write(value: object) -> str:
    """Compact JSON. A Decimal becomes a number with exactly its digits; a float is refused (ValueError)."""
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            return str(int(value))
        case Decimal():
            return format(value, "f")
        case Mapping():
            return (
                "{" + ",".join(f"{json.dumps(str(k), ensure_ascii=False)}:{write(v)}" for k, v in value.items()) + "}"
            )
        case Sequence():
            return "[" + ",".join(map(write, value)) + "]"
    raise ValueError(f"a {type(value).__name__} does not cross the line")


def read(text: bytes) -> object:
    """One JSON document in UTF-8. Raises NotUnderstood, also for a name that stands twice."""
    try:
        return json.loads(
            text.decode("utf-8"), parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_each_once
        )
    except (ValueError, RecursionError, InvalidOperation) as error:
        # Without the cause: a JSON error carries the whole document, and that is a citizen's.
        problem = error.problem if isinstance(error, NotUnderstood) else "is not JSON"
        raise NotUnderstood("message", problem) from None


def _no_number(_name: str) -> object:
    raise NotUnderstood("message", "holds a number that is none")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise NotUnderstood("message", "holds a name twice")
    return table


def yuan(amount: Fen) -> Decimal:
    """Fen as the platform writes money: yuan with two places."""
    return Decimal(int(amount)).scaleb(-2)


class Fields:
    """The fields of one JSON object, taken one by one. Every method raises NotUnderstood."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise NotUnderstood(where, "is not an object")
        self._table: dict[str, Any] = value
        self._where = where

    def __contains__(self, name: str) -> bool:
        return self._table.get(name) is not None

    def wrong(self, name: str, problem: str) -> NotUnderstood:
        return NotUnderstood(f"{self._where}.{name}", problem)

    def text(self, name: str, longest: int, *, optional: bool = False) -> str:
        """A text of at most ``longest`` characters; optional ones are empty when missing or null."""
        value = self._table.get(name)
        if value is None and optional:
            return ""
        if not isinstance(value, str):
            raise self.wrong(name, "is not a text" if name in self._table else "is missing")
        if not value and not optional:
            raise self.wrong(name, "is empty")
        if len(value) > longest:
            raise self.wrong(name, f"is longer than {longest}")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self.wrong(name, "is not Unicode")
        return value

    def matching(self, name: str, pattern: re.Pattern[str]) -> str:
        """A text that is ``pattern`` from end to end."""
        value = self._table.get(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self.wrong(name, f"is not {pattern.pattern}")
        return value

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number; digits in a text count too, for sources disagree (docs/protocols.md section 3.1)."""
        value = self._table.get(name)
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(name, f"is not a whole number from {least} to {most}")
        return value

    def yes(self, name: str) -> bool:
        value = self._table.get(name)
        if not isinstance(value, bool):
            raise self.wrong(name, "is neither true nor false")
        return value

    def amount(self, name: str) -> Fen:
        """Yuan, exactly to the fen: a number or the same digits in a text."""
        value = self._table.get(name)
        if isinstance(value, str) and _AMOUNT.fullmatch(value):
            value = Decimal(value)
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not -_LARGEST < value < _LARGEST:
            raise self.wrong(name, "is not an amount of money (16,2)")
        fen = Decimal(value) * 100
        if fen != fen.to_integral_value():
            raise self.wrong(name, "has less than a fen in it")
        return Fen(int(fen))

    def day(self, name: str) -> date:
        try:
            return date.fromisoformat(self.matching(name, _DAY))
        except ValueError as error:
            raise self.wrong(name, "is not a day") from error

    def moment(self, name: str) -> datetime:
        """ISO 8601 with its offset."""
        try:
            moment = datetime.fromisoformat(self.text(name, 40))
        except NotUnderstood:
            raise
        except ValueError as error:
            raise self.wrong(name, "is not a moment") from error
        if moment.tzinfo is None:
            raise self.wrong(name, "has no time zone")
        return moment

    def octets(self, name: str, least: int, most: int) -> bytes:
        """Bytes as hexadecimal digits."""
        value = self.matching(name, _HEX)
        if not 2 * least <= len(value) <= 2 * most:
            raise self.wrong(name, f"is not {least} to {most} bytes")
        return bytes.fromhex(value)

    def part(self, name: str) -> Fields:
        """The object in this field."""
        return Fields(self._table.get(name), f"{self._where}.{name}")

    def rows(self, name: str) -> list[Fields]:
        """The objects of the list in this field; a missing list is empty."""
        value = self._table.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(name, "is not a list")
        return [Fields(row, f"{self._where}.{name}[{number}]") for number, row in enumerate(value)]


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HEX = re.compile(r"([0-9A-Fa-f]{2})*")
