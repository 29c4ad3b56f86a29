"""``kiosk bench``: how fast the terminal is on this machine, beside its references."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from kiosk import bench
from kiosk.bench import Benchmark, Measurement, Unmeasured
from kiosk.commands.failure import Failure

_COLUMNS = "{:16}{:42}{:>10}{:>10}{:>11}{:>8}  {:24}{}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    names = ", ".join(benchmark.name for benchmark in bench.benchmarks())
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help=f"some of: {names}")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    """0 if every target is met that could be measured, else 1."""
    found = list(bench.benchmarks())
    unknown = {name for name in arguments.only if not any(_named(benchmark, [name]) for benchmark in found)}
    if unknown:
        raise Failure(f"no benchmark is called {', '.join(sorted(unknown))}; see kiosk bench --help", 2)
    missed = 0
    if not arguments.json:
        print(_COLUMNS.format("benchmark", "case", "measured", "p95", "reference", "ratio", "target", "met"))
    for benchmark in found:
        if arguments.only and not _named(benchmark, arguments.only):
            continue
        try:
            measurements = benchmark.run()
        except Unmeasured as reason:
            _tell_unmeasured(benchmark, str(reason), as_json=arguments.json)
            continue
        for measurement in measurements:
            missed += measurement.met is False
            _tell(benchmark, measurement, as_json=arguments.json)
    return 1 if missed else 0


def _named(benchmark: Benchmark, names: Sequence[str]) -> bool:
    """``scanner`` names all whose names begin so."""
    return any(benchmark.name == name or benchmark.name.startswith(f"{name}-") for name in names)


def _tell(benchmark: Benchmark, found: Measurement, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_facts(benchmark, found), ensure_ascii=False), flush=True)
        return
    met = {True: "yes", False: "no", None: "-"}[found.met]
    target = "-" if found.met is None else benchmark.target
    figures = (found.measured, found.p95, found.reference)
    shown = [_figure(figure, benchmark.unit) for figure in figures]
    ratio = "" if found.ratio is None else f"{found.ratio:.2f}"
    print(_COLUMNS.format(benchmark.name, found.case, *shown, ratio, target, met), flush=True)


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.2f} {unit}" if unit == "ms" else f"{value:.1f} {unit}"


def _facts(benchmark: Benchmark, found: Measurement) -> dict[str, Any]:
    return {
        "name": benchmark.name,
        "what": benchmark.what,
        "case": found.case,
        "unit": benchmark.unit,
        "measured": round(found.measured, 4),
        "p95": None if found.p95 is None else round(found.p95, 4),
        "against": benchmark.reference,
        "reference": None if found.reference is None else round(found.reference, 4),
        "reference_p95": None if found.reference_p95 is None else round(found.reference_p95, 4),
        "ratio": None if found.ratio is None else round(found.ratio, 3),
        "target": benchmark.target,
        "met": found.met,
    }


def _tell_unmeasured(benchmark: Benchmark, reason: str, *, as_json: bool) -> None:
    if as_json:
        facts = {"name": benchmark.name, "what": benchmark.what, "target": benchmark.target, "unmeasured": reason}
        print(json.dumps(facts, ensure_ascii=False), flush=True)
    else:
        print(f"{benchmark.name:16}not measured: {reason}", flush=True)
