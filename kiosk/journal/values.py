"""What the journal says to others: items, events, findings, and how long it keeps what.

Plain values; nothing here reads or writes a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from drivers.frozen import dataclass
from kiosk.impersonal import Fact

Ending = Literal["done", "refused", "unknown", "failed", "resolved_done", "resolved_refused", "resolved_by_chip"]

KIND = re.compile(r"[A-Za-z][A-Za-z_]{0,39}")
SUBJECT = re.compile(r"[0-9a-f]{32}")
"""The forms of an item's kind, and of the name under which a card stands in the journal."""

OPEN_STATES = ("intent", "sent", "unknown")
"""States of an item that has not come to its end."""


class Damage(StrEnum):
    """What :meth:`Journal.verify` can find."""

    ALTERED = "altered"
    """A record is not what was chained: edited, swapped or inserted."""
    MISSING = "missing"
    """Records are gone before this one."""
    TAIL_MISSING = "tail_missing"
    """The end of the journal is gone: the head or the witness knows of more."""
    SEAL_BROKEN = "seal_broken"
    """The start or head of the chain was not sealed by this terminal."""
    WITNESS_UNREADABLE = "witness_unreadable"
    """The witness file is gone or not sealed by this terminal."""
    ITEMS_DIFFER = "items_differ"
    """The list of items is not what the records say."""
    TABLES_DIFFER = "tables_differ"
    """The file holds other tables or indexes than a journal has."""
    UNREADABLE = "unreadable"
    """SQLite cannot read the file."""
    NO_ROOM = "no_room"
    """The file could not be opened, for the disk is full; nothing says that it is damaged."""
    NOT_OPENED = "not_opened"
    """The disk, or its permissions, did not let it be opened or read; nothing says that it is damaged."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a journal or an export of it."""

    damage: Damage
    seq: int
    """Number of the record where it was found; 0 for the journal as a whole."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to the terminal."""

    at: datetime
    kind: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Item:
    """An operation that has not come to its end."""

    key: str
    kind: str
    subject: str
    state: str
    """``intent``, ``sent`` or ``unknown``."""
    since: datetime


@dataclass(frozen=True, slots=True)
class Retention:
    """How long records are kept, and how much of them at most. What is still open is kept whatever its age."""

    keep: timedelta = timedelta(days=180)
    """Records that are older are dropped within a day."""
    most_records: int = 1_000_000
    most_bytes: int = 256 * 2**20
    """Of the database. A visit writes about ten records of 300 bytes: 180 days of 400 visits make about 220 MB."""
