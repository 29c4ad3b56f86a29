"""``kiosk simulate``: many days of a terminal in virtual time, with everything that can go wrong."""

from __future__ import annotations

import argparse
import json

from kiosk.commands.failure import Failure
from kiosk.simulation.day import coverage
from kiosk.simulation.day.simulator import Run, simulate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=int, required=True, metavar="N", help="how many days; each seed is one")
    parser.add_argument("--from", type=int, default=0, dest="first", metavar="S", help="the first seed (0)")
    parser.add_argument("--jobs", type=int, default=1, metavar="J", help="processes that share the work (1)")
    parser.add_argument("--trace", action="store_true", help="print what happened on each day")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """0 if every day was as it must be, else 1."""
    if arguments.seeds < 1 or arguments.jobs < 1 or arguments.first < 0:
        raise Failure("--seeds and --jobs are 1 or more, --from is 0 or more", 2)
    trace = arguments.trace and not arguments.json
    found = simulate(arguments.seeds, arguments.first, jobs=arguments.jobs, traces=trace)
    if arguments.json:
        print(json.dumps(facts(found), ensure_ascii=False))
    else:
        tell(found)
    return 1 if found.violations else 0


def facts(found: Run) -> dict[str, object]:
    """The run as the JSON object that scripts rely on."""
    return {
        "seeds": found.seeds,
        "visits": found.visits,
        "virtual_hours": round(found.virtual_s / 3600, 2),
        "seconds": round(found.seconds, 2),
        "violations": found.violations,
        "coverage": coverage.told(found.coverage),
        "trace_hash": found.trace_hash,
    }


def tell(found: Run) -> None:
    """In a few lines for a person: how much, what was never met, and each violation with the way to its trace."""
    for line in found.traces:
        print(line)
    rate = found.visits / found.seconds if found.seconds else 0.0
    print(
        f"{found.seeds} days, {found.visits} visits, {found.virtual_s / 3600:.1f} virtual hours"
        f" in {found.seconds:.1f} s ({rate:.0f} visits/s)"
    )
    missed = coverage.never(found.coverage)
    print(f"{len(coverage.SOMETIMES) - len(missed)} of {len(coverage.SOMETIMES)} rare states and faults met")
    if missed:
        print(f"never met: {', '.join(missed)}")
    for violation in found.violations:
        print(f"seed {violation['seed']}: {violation['invariant']}")
        print(f"  {violation['trace'][-1]}" if violation["trace"] else "")
        print(f"  its trace: kiosk simulate --seeds 1 --from {violation['seed']} --trace")
    print(f"trace hash {found.trace_hash}")
    print(f"{len(found.violations)} violations" if found.violations else "no violation")
