"""The benchmarks' table: who is in it, how it is judged, told and filtered. What is slow is not run here."""

from __future__ import annotations

import argparse
import json

import pytest

from kiosk import bench
from kiosk.bench import Benchmark, Measurement, Unmeasured, median, p95
from kiosk.commands.bench import add_arguments, run
from kiosk.commands.failure import Failure


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_every_file_of_the_package_is_found() -> None:
    found = list(bench.benchmarks())
    assert {"scanner-read", "scanner-empty", "slip", "journal", "card", "visits"} <= {b.name for b in found}
    assert len({b.name for b in found}) == len(found)


def test_ratio_and_p95() -> None:
    assert Measurement("a", 3.0, 2.0, True).ratio == 1.5
    assert Measurement("a", 3.0, None, True).ratio is None
    assert p95([float(n) for n in range(100)]) == 95.0
    assert p95([1.0]) == median([1.0]) == 1.0


def test_a_real_one_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    run(arguments("--json", "--only", "journal"))
    (line,) = capsys.readouterr().out.splitlines()
    facts = json.loads(line)
    assert facts["name"] == "journal"
    assert facts["measured"] > 0
    assert facts["ratio"] == pytest.approx(facts["measured"] / facts["reference"], rel=0.05)
    assert facts["met"] is (facts["measured"] <= 2 * facts["reference"])


def test_what_is_missed_and_what_cannot_be_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unmeasured() -> list[Measurement]:
        raise Unmeasured("no such service")

    made = [
        Benchmark("good", "w", "-", "<= 2 ms", "ms", lambda: [Measurement("c", 1.0, None, True, 1.5)]),
        Benchmark("bad", "w", "ref", "<= 2 x", "ms", lambda: [Measurement("c", 9.0, 3.0, False)]),
        Benchmark("absent", "w", "-", "<= 2 ms", "ms", unmeasured),
        Benchmark("info", "w", "-", "<= 2 ms", "ms", lambda: [Measurement("c", 1.0, None, None)]),
    ]
    monkeypatch.setattr(bench, "benchmarks", lambda: iter(made))
    assert run(arguments()) == 1
    _, good, bad, absent, info = capsys.readouterr().out.splitlines()
    assert good.split()[-1] == "yes"
    assert bad.split()[-1] == "no"
    assert "3.00" in bad
    assert absent.endswith("not measured: no such service")
    assert info.split()[-1] == "-"
    assert run(arguments("--only", "good", "absent", "info")) == 0
    made.append(Benchmark("good-too", "w", "-", "<= 2 ms", "ms", unmeasured))
    capsys.readouterr()
    run(arguments("--only", "good"))
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["good", "good-too"]
    with pytest.raises(Failure, match="nobody"):
        run(arguments("--only", "nobody"))
