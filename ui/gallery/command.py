"""``kiosk gallery``: the style guide as pictures and a page, and what is wrong in it. It owns the arguments and what is
said at the end.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.failure import Failure

if TYPE_CHECKING:
    from ui.gallery.run import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``kiosk gallery``; ``kiosk.__main__`` calls it."""
    parser.description = (
        "Shows every screen and every control in every state, language, size, contrast and orientation, writes a\n"
        "picture of each and one page to browse them (index.html), and measures all of them."
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where pictures and page go")
    parser.add_argument("--quick", action="store_true", help="one state a screen, in the most demanding looks")
    parser.add_argument("--only", nargs="+", default=[], metavar="PREFIX", help="states or screens that begin so")
    parser.add_argument("--json", action="store_true", help="every finding as one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    """0 if nothing is wrong in what was shown, else 1."""
    from ui.gallery.run import chosen_states, run

    prefixes: list[str] = arguments.only
    if not chosen_states(prefixes, quick=False) and not any("controls".startswith(p.lower()) for p in prefixes):
        raise Failure(f"no screen or state begins with {' or '.join(prefixes)}", 2)
    report = run(arguments.out, prefixes=prefixes, quick=arguments.quick)
    return conclude(report, arguments.out, as_json=arguments.json)


def conclude(report: Report, out: Path, *, as_json: bool) -> int:
    """Say what was found; the exit status."""
    rules: Counter[str] = Counter()
    for one in report.shown:
        for finding in one.findings:
            rules[finding.rule] += 1
            if as_json:
                facts = {"look": one.look, "state": one.label, "picture": one.picture, **asdict(finding)}
                _say(json.dumps(facts, ensure_ascii=False))
            else:
                _say(f"{one.look}  {one.label}  {finding.rule}: {finding}")
    if not as_json:
        for note in report.notes:
            _say(note)
        told = ", ".join(f"{count} {rule}" for rule, count in rules.most_common()) or "nothing to find fault with"
        _say(f"{len(report.shown)} pictures in {report.seconds:.0f} s: {told}; {out / 'index.html'}")
    return 1 if report.wrong else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
