"""One record's text, the hash that chains it, the seals that only this terminal can make, and what records amount to.

Pure functions of bytes: no file, no clock. A record that cannot be read is an empty mapping here; that it cannot is
found by its hash.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from drivers.frozen import dataclass
from kiosk.journal.values import Damage, Happened

SHORTEST = 16
"""Bytes of a terminal's secret; fewer could be guessed."""
START = bytes(32)
"""The hash before the first record."""

canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
"""The one text of a record: keys in order, no spaces, ASCII."""


def chained(before: bytes, record: str) -> bytes:
    """Hash of a record: SHA-256 of the hash before it and its text, 32 bytes."""
    return hashlib.sha256(before + record.encode()).digest()


@dataclass(frozen=True, slots=True)
class End:
    """Where the chain starts or ends, and whether this terminal has sealed that."""

    seq: int
    hash: bytes
    sealed: bool


class Seals:
    """What needs the terminal's secret. It has no readable ``repr``."""

    __slots__ = ("_keyed",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SHORTEST:
            raise ValueError(f"the journal's secret needs {SHORTEST} bytes or more")
        self._keyed = hmac.new(secret, digestmod="sha256")

    def seal(self, name: str, seq: int, digest: bytes) -> bytes:
        return self.keyed(f"seal {name}", seq.to_bytes(8, "big", signed=True) + digest)

    def end(self, name: str, seq: int, digest: bytes, seal: bytes) -> End:
        return End(seq, digest, hmac.compare_digest(seal, self.seal(name, seq, digest)))

    def keyed(self, purpose: str, data: bytes) -> bytes:
        mac = self._keyed.copy()
        mac.update(purpose.encode() + b"\0" + data)
        return mac.digest()


def content_of(record: str) -> dict[str, Any]:
    """What the text of a record says; empty where it is no JSON object."""
    try:
        content = json.loads(record)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def time_of(content: Mapping[str, Any]) -> datetime | None:
    """When the record was written; ``None`` where it says no time, or one without a zone."""
    try:
        at = datetime.fromisoformat(str(content.get("at")))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def happened(content: Mapping[str, Any]) -> Happened | None:
    """The event that the record tells of; ``None`` for any other record, and where it cannot be read."""
    at, facts = time_of(content), content.get("facts")
    if content.get("what") != "event" or at is None or not isinstance(facts, dict):
        return None
    return Happened(at, str(content.get("kind")), facts)


def noted_damage(content: Mapping[str, Any]) -> Damage:
    """What a ``damage`` record names; a name that nobody knows is damage all the same."""
    try:
        return Damage(str(content.get("damage")))
    except ValueError:
        return Damage.ALTERED


def replay(items: dict[str, list[str]], content: Mapping[str, Any]) -> None:
    """What the list of items must be after this record, which may be a damaged one."""
    what, key = content.get("what"), str(content.get("key"))
    if what == "intent":
        items[key] = [str(content.get(part)) for part in ("kind", "subject", "what", "at")] + [""]
    elif what == "carried":
        items[key] = [str(content.get(part)) for part in ("kind", "subject", "state", "since", "number")]
    elif what == "sent" and key in items:
        items[key][2] = "sent"
    elif what == "ended" and key in items:
        items[key][2], items[key][4] = str(content.get("outcome")), str(content.get("number"))
