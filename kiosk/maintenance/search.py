"""Search in the journal: by part of an operation's number, by day, by kind; the newest first.

Owns what matches and how a record reads. It looks at the file beside the terminal that writes it, and shows what the
records hold: codes, counts and keyed hashes, nothing of a citizen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from drivers.frozen import dataclass
from kiosk.china import CHINA
from kiosk.journal.chain import content_of, time_of
from kiosk.journal.reading import JournalFile
from kiosk.maintenance.reports import cause_words
from kiosk.screens import StaffRow
from kiosk.text import Catalogue

MOST = 200
"""Records that are shown: whoever wants more exports the journal."""
LEAST_TYPED = 4
"""Characters of a number: with fewer almost everything is found."""

KINDS = ("operation", "visit", "device", "staff")
_OPERATION = ("intent", "sent", "ended", "carried")
_VISITS = ("visit", "refused", "slip_not_printed", "card_left_behind")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a record must be to be shown: all that is given must fit. Days are inclusive, and those by which the records
    are dated; ``None`` sets no limit."""

    number: str = ""
    """Part of an operation's number, or of the insurer's."""
    first: date | None = None
    last: date | None = None
    kind: str = ""
    """One of :data:`KINDS`; empty for all."""


def kind_of(content: Mapping[str, Any]) -> str:
    """Under which kind a record is searched."""
    if content.get("what") in _OPERATION:
        return "operation"
    kind = str(content.get("kind"))
    if content.get("what") != "event":
        return "other"
    return "visit" if kind in _VISITS else kind if kind in ("device", "staff") else "other"


def search(journal: Path, secret: bytes, wanted: Wanted) -> list[tuple[datetime, Mapping[str, Any]]]:
    """The newest :data:`MOST` records that match. Raises JournalError."""
    found: deque[tuple[datetime, Mapping[str, Any]]] = deque(maxlen=MOST)
    number = wanted.number.upper()
    with JournalFile(journal, secret) as file:
        for _, text, _ in file.rows():
            if number and number not in text.upper():
                continue
            content = content_of(text)
            at = time_of(content)
            if at is not None and _matches(content, at, wanted, number):
                found.append((at, content))
    return list(reversed(found))


def _matches(content: Mapping[str, Any], at: datetime, wanted: Wanted, number: str) -> bool:
    if wanted.first is not None and at.date() < wanted.first:
        return False
    if wanted.last is not None and at.date() > wanted.last:
        return False
    if wanted.kind and kind_of(content) != wanted.kind:
        return False
    facts = content.get("facts")
    numbers = [content.get("key"), content.get("number")]
    if isinstance(facts, dict):
        numbers += [facts.get("number"), facts.get("operation")]
    return not number or any(number in str(each).upper() for each in numbers if each)


def row_of(at: datetime, content: Mapping[str, Any], words: Catalogue) -> StaffRow:
    """One record as a row: when and what kind, then its codes."""
    kind = words.say(f"journal_kind.{kind_of(content)}")
    return StaffRow(f"{at.astimezone(CHINA):%m-%d %H:%M:%S}  {kind}", " · ".join(_parts(content, words)))


def _parts(content: Mapping[str, Any], words: Catalogue) -> list[str]:
    what = str(content.get("what"))
    facts = content.get("facts")
    if what == "event" and isinstance(facts, dict):
        parts = [str(content.get("kind"))]
        for name, value in sorted(facts.items()):
            if value not in ("", None):
                parts.append(cause_words(str(value), words) if name in ("cause", "code") else f"{name}={value}")
        return parts
    return [what, *(str(content[name]) for name in ("kind", "outcome", "key", "number") if content.get(name))]
