"""Days of the simulator: repeatable to the byte, right in all that must hold, and wide enough to prove something.

A few hundred days are played here; ``kiosk simulate --seeds 10000 --jobs 2`` plays as many as one likes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

import pytest

from kiosk.commands.simulate import facts
from kiosk.simulation.day import coverage
from kiosk.simulation.day.simulator import Run, play_days, simulate

DAYS = 120

OFTEN = (
    "Result.activated",
    "Result.pin_reset",
    "Result.pin_changed",
    "Result.printed",
    "BeingChecked.activate",
    "Refusal.not_changed",
    "Refusal.insurer_down",
    "Refusal.card_unreadable",
    "PartialResult.activated_without_pin",
    "Working.confirming",
    "StillThere",
    "OutOfOrder",
    "slip as a code on the screen",
    "journal: Activate resolved_done",
    "journal: RecordPin unknown",
    "power cut",
    "stopped",
)
"""What even so few days meet."""


@cache
def played() -> Run:
    return simulate(DAYS)


def test_every_day_is_as_it_must_be() -> None:
    assert played().seeds == DAYS
    assert not played().violations, json.dumps(played().violations, ensure_ascii=False, indent=1)[:4000]


def test_the_days_are_not_blind() -> None:
    run = played()
    assert run.visits > 3 * DAYS
    assert [name for name in OFTEN if not run.coverage[name]] == []
    struck = [name for name in coverage.SOMETIMES if name.startswith("weather: ") and run.coverage[name]]
    assert len(struck) > 30


def test_the_list_of_rare_states_has_no_doubles() -> None:
    assert len(set(coverage.SOMETIMES)) == len(coverage.SOMETIMES)
    assert coverage.never({}) == list(coverage.SOMETIMES)
    assert coverage.told({"Attract": 3})["BeingChecked.activate"] == 0


def test_a_seed_is_one_day() -> None:
    one, other, again = play_days([7, 8, 7])
    assert one.trace == again.trace
    assert one.digest == again.digest != other.digest


def test_the_same_in_another_process_and_in_several() -> None:
    """Whatever order sets have there, and however many share the work."""
    seeds, first = 12, 40
    mine = simulate(seeds, first)
    for hash_seed, jobs in (("1", "1"), ("2", "2")):
        told = subprocess.run(
            [
                *(sys.executable, "-m", "kiosk", "simulate", "--json", "--seeds", str(seeds)),
                *("--from", str(first), "--jobs", jobs),
            ],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        )
        theirs = json.loads(told.stdout)
        assert theirs["trace_hash"] == mine.trace_hash
        assert {**theirs, "seconds": 0} == {**json.loads(json.dumps(facts(mine))), "seconds": 0}


def test_the_object_that_scripts_rely_on() -> None:
    told = facts(simulate(1))
    assert list(told) == ["seeds", "visits", "virtual_hours", "seconds", "violations", "coverage", "trace_hash"]


def test_a_trace_is_told_for_one_day(capsys: pytest.CaptureFixture[str]) -> None:
    from kiosk.__main__ import main

    assert main(["simulate", "--seeds", "1", "--from", "3", "--trace"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("--- seed 3\n0.000 shows Starting\n")
    assert "no violation" in told


def test_nonsense_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    from kiosk.__main__ import main

    assert main(["simulate", "--seeds", "0"]) == 2
    assert "--seeds" in capsys.readouterr().err


def test_whoever_lays_a_neighbours_id_card_counts_as_the_neighbour() -> None:
    """On this day that very neighbour's card comes into the slot instead, and the terminal is right to serve it."""
    assert not simulate(1, first=705_899).violations
