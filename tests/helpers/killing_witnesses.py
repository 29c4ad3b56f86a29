"""What the witnesses of a killed terminal say afterwards, and where they contradict each other: the insurer's database,
the chips and the journals. What stood on the glass is held against them at once, in ``tests.helpers.killing``.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from drivers.card import apdu
from drivers.card.chip import Chip
from kiosk.compose import JOURNAL
from kiosk.operations import CHIP_WRITES

OPEN = ("intent", "sent", "unknown")


def sets_password(command: bytes | bytearray) -> bool:
    """Whether the chip, if it takes this, has another password afterwards."""
    ins = command[1] if len(command) > 5 else 0
    return ins == apdu.CHANGE_PIN or (ins == apdu.PIN_RESET and bool(command[3]))


class TellingChip(Chip):
    """Counts what it has taken."""

    taken = 0

    def process(self, command: bytes | bytearray) -> bytes:
        answer = super().process(command)
        self.taken += answer == b"\x90\x00" and sets_password(command)
        return answer


@dataclass(frozen=True, slots=True)
class Known:
    """What the insurer holds of one card."""

    state: str
    pin_events: int


@dataclass
class Guest:
    """Somebody with an errand, who comes back after every kill until it is done."""

    index: int
    chip: TellingChip
    card_id: str
    errand: str
    was_issued: bool
    old: str
    new: str = ""
    attempts: int = 0
    submitted: int = 0
    at_start: tuple[int, Known | None] = (0, None)
    left_open: bool = False
    """Was before the terminal when it was killed with something under way."""
    over: bool = False


@dataclass
class Report:
    """What came of it. ``wrong`` is what must be empty."""

    kills: int = 0
    moments: Counter[str] = field(default_factory=Counter)
    """How each was chosen: drawn over the whole life, aimed at a screen, held in the card."""
    insurer_kills: int = 0
    seconds: float = 0.0
    visits: int = 0
    told: Counter[str] = field(default_factory=Counter)
    open_at_death: Counter[str] = field(default_factory=Counter)
    """Kind and state of what stood open in the journal when the terminal was killed."""
    became: Counter[str] = field(default_factory=Counter)
    """Of these, those of the insurer's: how each was resolved under its old key."""
    operations: int = 0
    records: int = 0
    gave_up: int = 0
    wrong: list[str] = field(default_factory=list)

    def as_json(self) -> str:
        return json.dumps(vars(self), indent=1, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Item:
    kind: str
    subject: str
    state: str
    number: str


@dataclass(frozen=True, slots=True)
class LaneLeft:
    """One terminal, after its last life."""

    items: Mapping[str, Item]
    open_at_death: Mapping[str, str]
    """Kind of each operation that stood open at some death, by its key."""
    guests: Mapping[str, Guest]
    """By the name of their card in the journal."""


def items_in(data: Path) -> Mapping[str, Item]:
    """Every operation in the journal of the terminal whose folder this is, by its key."""
    with reading(data / JOURNAL) as db:
        rows = db.execute("SELECT key, kind, subject, state, number FROM items").fetchall()
    return {key: Item(*values) for key, *values in rows}


def known(database: Path, guest: Guest) -> Known:
    with reading(database) as db:
        (state,) = db.execute("SELECT state FROM cards WHERE card_id = ?", (guest.card_id,)).fetchone()
        (events,) = db.execute("SELECT count(*) FROM pin_events WHERE card_id = ?", (guest.card_id,)).fetchone()
    return Known(state, events)


def contradictions(database: Path, lanes: Sequence[LaneLeft], report: Report) -> Iterator[str]:
    """Each in a line; fills in what the report counts of the operations."""
    with reading(database) as db:
        rows = db.execute("SELECT key, ended, coalesce(number, ''), coalesce(reason, '') FROM operations")
        at_insurer = {key: (ended, number, reason) for key, ended, number, reason in rows}
    report.operations = len(at_insurer)
    items = {key: item for lane in lanes for key, item in lane.items.items()}
    for key in at_insurer.keys() - items.keys():
        yield f"{key}: the insurer has heard of it and no journal has"
    counts: dict[str, Counter[str]] = {"Activate": Counter(), "RecordPin": Counter(), "written": Counter()}
    for key, item in items.items():
        ended, number, reason = at_insurer.get(key, ("", "", ""))
        if item.kind in CHIP_WRITES:
            counts["written"][item.subject] += item.state == "done"
            continue
        yield from _disagreement(key, item, ended, number)
        if reason:
            yield f"{key}: {item.kind} was refused as {reason}, so it was asked for twice"
        counts[item.kind][item.subject] += ended == "done"
    for lane in lanes:
        for key, kind in lane.open_at_death.items():
            if kind in CHIP_WRITES:
                continue
            ended = at_insurer.get(key, ("never asked", "", ""))[0]
            report.became[f"{kind} {ended}"] += 1
            if ended == "never asked" and items[key].state != "failed":
                yield f"{key}: {kind} was open when the terminal was killed, and nobody asked under its key"
        for subject, guest in lane.guests.items():
            yield from _of_card(guest, known(database, guest), {what: count[subject] for what, count in counts.items()})


def _disagreement(key: str, item: Item, ended: str, number: str) -> Iterator[str]:
    done = item.state in ("done", "resolved_done")
    if item.state in OPEN:
        yield f"{key}: {item.kind} is still {item.state} at the end"
    elif done != (ended == "done"):
        yield f"{key}: {item.kind} is {item.state} in the journal and {ended or 'nothing'} at the insurer"
    elif done and item.number != number:
        yield f"{key}: {item.kind} has two numbers"


def _of_card(guest: Guest, now: Known, done: Mapping[str, int]) -> Iterator[str]:
    if done["Activate"] != (guest.was_issued and now.state == "active"):
        yield f"{guest.card_id}: {done['Activate']} activations, the card is {now.state}"
    if done["RecordPin"] != now.pin_events or done["RecordPin"] > guest.chip.taken:
        yield f"{guest.card_id}: {done['RecordPin']} notes of {guest.chip.taken} passwords taken"
    if done["written"] > guest.chip.taken:
        yield f"{guest.card_id}: {done['written']} writes done, {guest.chip.taken} taken"
    # Each change is proved once by a VERIFY of its own; a kill may come before it.
    if guest.chip.verifies > guest.submitted + guest.chip.taken:
        yield f"{guest.card_id}: {guest.chip.verifies} VERIFY for {guest.submitted} submitted"


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5.0)
    try:
        yield db
    finally:
        db.close()
