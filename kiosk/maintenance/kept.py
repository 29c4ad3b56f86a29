"""What staff have set at the terminal and what must outlive a restart: closed or not and why, the hall's language,
brightness and volume, wrong PINs.

Owns one file in the terminal's folder. A file that cannot be read counts as nothing set, except that the wait after
wrong PINs then begins anew: whoever damages it gains nothing. It decides nothing and shows nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from drivers.frozen import dataclass
from kiosk.maintenance import whole_file
from kiosk.maintenance.whole_file import FileUnusable
from kiosk.screens import Volume

log = logging.getLogger(__name__)

BRIGHTNESS = (100, 80, 60, 40)
"""Per cent to choose from: below two fifths words fall under their contrast in a lit hall (our own figure)."""
_LONGEST_WAIT_FAILURES = 99
ANYBODY = ""
"""Number under which wrong PINs stand of which nobody knows any more whose they were."""


class Reason(StrEnum):
    """Why staff have closed the terminal; each has its words for the citizen."""

    BACK_SOON = "back_soon"
    PAPER = "paper"
    CLEANING = "cleaning"
    REPAIR = "repair"
    NETWORK = "network"
    HALL = "hall"


PAUSES = (Reason.BACK_SOON, Reason.PAPER, Reason.CLEANING)
"""Reasons of a pause: it will go on today."""
OUT_OF_SERVICE = (Reason.REPAIR, Reason.NETWORK, Reason.HALL)
"""Reasons to take it out of service: until further notice."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong PINs at one number since the last right one there."""

    count: int = 0
    last: datetime | None = None


class Kept:
    """The file. Every change is on the disk when the call returns; raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.damaged = False
        """The file was there and could not be read."""
        try:
            self._table: dict[str, Any] = whole_file.read(path)
        except FileUnusable as error:
            log.error("%s", error)
            self._table, self.damaged = {}, True

    def _set(self, key: str, value: Any) -> None:
        table = {**self._table, key: value}
        if value is None:
            del table[key]
        whole_file.write(self._path, table)
        self._table, self.damaged = table, False

    @property
    def closed(self) -> Reason | None:
        """Why the terminal is closed, or ``None`` if it is open."""
        reason = self._table.get("closed")
        return Reason(reason) if reason in set(Reason) else None

    def close(self, reason: Reason) -> None:
        self._set("closed", reason.value)

    def reopen(self) -> None:
        if "closed" in self._table:
            self._set("closed", None)

    @property
    def language(self) -> str | None:
        value = self._table.get("language")
        return value if isinstance(value, str) else None

    def speak(self, language: str) -> None:
        """The language every visit begins with."""
        self._set("language", language)

    @property
    def brightness(self) -> int:
        """Per cent."""
        value = self._table.get("brightness")
        return value if value in BRIGHTNESS else BRIGHTNESS[0]

    def shine(self, brightness: int) -> None:
        self._set("brightness", brightness)

    @property
    def volume(self) -> Volume | None:
        """Of the voice, at the beginning of every visit."""
        value = self._table.get("volume")
        return Volume(value) if value in set(Volume) else None

    def sound(self, volume: Volume) -> None:
        self._set("volume", volume.value)

    @property
    def failures(self) -> Mapping[str, Failures]:
        """By the number that was typed, of which there are a hundred; also one that nobody has."""
        entries = self._table.get("failures", {})
        try:
            if not self.damaged:
                return {number: _failures(entry) for number, entry in entries.items()}
        except (AttributeError, KeyError, TypeError, ValueError):
            pass
        return {ANYBODY: Failures(_LONGEST_WAIT_FAILURES, None)}

    def failed(self, number: str, count: int, at: datetime) -> None:
        self._set("failures", self._failures_without(number) | {number: {"count": count, "last": at.isoformat()}})

    def forgive(self, number: str) -> None:
        """Those at this number, and those of which nobody knows whose they were."""
        if "failures" in self._table:
            self._set("failures", self._failures_without(number, ANYBODY) or None)

    def _failures_without(self, *numbers: str) -> dict[str, Any]:
        return {
            number: {"count": failures.count, "last": failures.last.isoformat()}
            for number, failures in self.failures.items()
            if number not in numbers and failures.last is not None
        }


def _failures(entry: Mapping[str, Any]) -> Failures:
    return Failures(int(entry["count"]), datetime.fromisoformat(entry["last"]))
