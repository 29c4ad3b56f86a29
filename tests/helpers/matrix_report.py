"""``docs/no-dead-end.md``: the whole matrix of ``tests.helpers.matrix`` as a report that a hall can read.

    .venv/bin/python -m tests.helpers.matrix_report [processes]

plays every cell (some six minutes of one core) and writes it anew. Where there is a dead end it writes nothing and
names each.
"""

from __future__ import annotations

import logging
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.matrix import (
    ALONE_S,
    ASKED_S,
    SERVES_S,
    Cell,
    DeadEnd,
    failures_at,
    play,
    what_can_be_done,
)
from tests.helpers.matrix_acts import FAILURES, NOBODY_CAN_SAY, NONE, NOTHING
from tests.helpers.matrix_journeys import places
from tests.helpers.matrix_places import Place
from tests.helpers.virtual_time import run

REPORT = Path(__file__).resolve().parents[2] / "docs" / "no-dead-end.md"

_SILENT_ALREADY = "confirming"
"""Of this screen, on the glass because an answer was lost and nobody can say, only that failure's times are its own."""

Table = dict[tuple[str, str], Cell]
"""By failure and act."""


@dataclass(frozen=True)
class Played:
    label: str
    acts: tuple[str, ...]
    table: Table
    dead_ends: tuple[str, ...]


def play_place(place: Place) -> Played:
    """Every cell of one place."""
    acts = tuple(run(what_can_be_done(place)))
    table: Table = {}
    dead_ends: list[str] = []
    for failure in failures_at(place):
        for act in acts:
            try:
                table[failure.name, act] = run(play(place, failure, act))
            except DeadEnd as dead:
                dead_ends.append(str(dead))
    return Played(place.label, acts, table, tuple(dead_ends))


_places: list[Place] = []


def _begin() -> None:
    """In every process: the terminal's log is not wanted, and what a journey does cannot be sent between them."""
    logging.disable(logging.CRITICAL)
    _places[:] = places()


def _play_number(number: int) -> Played:
    return play_place(_places[number])


# --- the words --------------------------------------------------------------------------------------------------------


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 0.95 else ""


def _cell(label: str, act: str, cell: Cell) -> str:
    if act == NOTHING.name and cell.leads_to == label:
        if cell.free_s < 1 and cell.ends_at == label:
            return "stays"
        return f"{cell.ends_at} {_seconds(cell.free_s)}".rstrip()
    leads_to = "stays" if cell.leads_to == label else cell.leads_to
    return f"{leads_to} {_seconds(cell.after_s)}".rstrip()


def rows(played: Played) -> list[str]:
    """One table: failures that make no difference stand together in the first row."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for failure in dict.fromkeys(name for name, _ in played.table):
        cells = tuple(_cell(played.label, act, played.table[failure, act]) for act in played.acts)
        groups[cells].append(failure)
    lines = ["| when | " + " | ".join(played.acts) + " |", "|---" * (len(played.acts) + 1) + "|"]
    for cells, failures in groups.items():
        when = "nothing fails, or anything not named below" if NONE.name in failures else "; ".join(failures)
        lines.append(f"| {when} | " + " | ".join(cells) + " |")
    return lines


def without_seconds(text: str) -> str:
    """The report without its times: those change with every constant, the ways do not."""
    return re.sub(r" \d+ s\b", "", text)


_HEAD = """# No dead end

From every screen that a citizen can be brought to, whatever fails there and whatever the citizen does, there is a way
on, and the card is never kept. This report is the proof, played on simulated devices and a clock that jumps:
**{places} places × up to {failures} failures × everything a citizen can do there = {cells} visits**, each to its
end. It is made by `.venv/bin/python -m tests.helpers.matrix_report`, which writes nothing when one visit has no way on;
`tests/simulation/test_no_dead_end.py` plays part of it again with every test run, and fails if a place is missing here.

What is asked of every visit, after the failure and the act came together at that place:

1. A screen with a way on stands within {asked:g} s. Where something is silent, each question has a limit, and the
   longest of them are listed below.
2. If nobody does anything more, the card is free to take within {alone:g} s: warning after the idle time, then the end.
   A result or a refusal stays 30 s, one with a code to photograph two minutes.
3. Once what failed is mended and the card is taken, the terminal serves again within {serves:g} s.

## How to read it

Each table is one place, or several that behave alike: a row for what fails at that very moment, a column for what the
citizen does at that very moment. A cell names the screen that comes and the seconds until it stands, where it takes a
second or more; *stays* is the same screen, which still has its way on. Under *does nothing* stands how the visit ends
when nobody touches anything, and after how long. Failures that change nothing are not named one by one: they are
the first row. A screen's name is that of its file in `ui/qml/screens/`; what follows it tells its states apart.

## The longest waits

| what fails | longest until a way on | at | longest until the card is free, left alone |
|---|---|---|---|
"""

_NOT_PLAYED = """
## What is not played here

Screens for staff (they need the operator's key). Two failures at one moment, a failure at every single command to the
chip and a full disk at every single record are played by `tests/simulation/test_every_moment.py`; whole days of chance
by `kiosk simulate`.
"""


def report(played: list[Played]) -> str:
    """The whole file."""
    cells = sum(len(one.table) for one in played)
    head = _HEAD.format(
        places=len(played),
        failures=len(FAILURES),
        cells=f"{cells:,}".replace(",", " "),
        asked=ASKED_S,
        alone=ALONE_S,
        serves=SERVES_S,
    )
    lines = [head.rstrip("\n"), *_longest(played)]
    screens: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in played:
        screens[one.label.split(" ")[0]]["\n".join(rows(one))].append(one.label)
    for screen, tables in screens.items():
        lines += ["", f"## {screen}"]
        for table, labels in tables.items():
            lines += ["", *_headings(labels), "", table]
    return "\n".join(lines) + "\n" + _NOT_PLAYED


def _headings(labels: Iterable[str]) -> list[str]:
    return [f"- **{label}**" for label in labels]


def _longest(played: list[Played]) -> list[str]:
    lines = []
    for failure in FAILURES:
        found = [
            (cell, one.label)
            for one in played
            for (name, _), cell in one.table.items()
            if name == failure.name and (name == NOBODY_CAN_SAY or _SILENT_ALREADY not in one.label)
        ]
        slowest, at = max(found, key=lambda pair: pair[0].after_s)
        free_s = max(cell.free_s for cell, _ in found)
        lines.append(f"| {failure.name} | {slowest.after_s:.0f} s | {at} | {free_s:.0f} s |")
    return lines


def headings(text: str) -> set[str]:
    """The places that a report tells of."""
    return set(re.findall(r"^- \*\*(.+)\*\*$", text, re.MULTILINE))


def main(arguments: list[str]) -> int:
    _begin()
    played = []
    with ProcessPoolExecutor(int(arguments[0]) if arguments else 1, initializer=_begin) as pool:
        for one in pool.map(_play_number, range(len(_places))):
            played.append(one)
            sys.stderr.write(f"{len(played)} of {len(_places)}: {one.label}\n")
    dead_ends = [dead for one in played for dead in one.dead_ends]
    if dead_ends:
        sys.stderr.write("\n".join([*dead_ends, f"{len(dead_ends)} dead ends\n"]))
        return 1
    REPORT.write_text(report(played), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
