"""Visits a second in virtual time: days of ``kiosk simulate``, and a scripted activation from card to attract screen.

The whole core is in both (screens, insurer, journal, slip, chip), nothing of the glass and no hardware. The days are
all kinds of visits with all kinds of faults, watched at every step; the activation is one of the longest visits there
are, and nothing else. What is measured is what long simulations cost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import TYPE_CHECKING

from kiosk.bench import Benchmark, Measurement, median, p95

if TYPE_CHECKING:
    from kiosk.policy import Policy

TARGET = 500.0
_VISITS = 150
_DAYS = 40
"""Days in one of several measurements, of which the median counts."""
_TIMES = 5
_ADDITIONS = 60_000
"""As many as an undisturbed core of the machine in the README does in the time of half a visit: the reference tells how
quick the core is at the moment, for a shared one changes by half from minute to minute."""
_ADDING_TIMES = 20
_PIN = "580274"
_MORNING = datetime(2026, 11, 20, 9, 41, tzinfo=timezone(timedelta(hours=8)))
_LONGEST_S = 600.0
"""Virtual seconds after which a visit is stuck, which is a fault of this script."""


async def _visit(rules: Policy) -> tuple[float, float]:
    """Seconds of this machine that the hall took to build, and the visit to live."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from kiosk.glass import Glass
    from kiosk.insurer.embedded import EmbeddedInsurer
    from kiosk.insurer.patience import PatientInsurer
    from kiosk.journal import Journal
    from kiosk.screens import Answer, EnterPin, Key, Pick, Proceed, Scene
    from kiosk.settings import Settings
    from kiosk.simulation import hall as halls
    from kiosk.station import Station
    from kiosk.terminal import Terminal
    from kiosk.text import catalogues

    begun = time.perf_counter()
    loop = asyncio.get_running_loop()
    started = loop.time()

    def clock() -> datetime:
        return _MORNING + timedelta(seconds=loop.time() - started)

    numbers = count(1)
    hall = halls.in_process(clock, EmbeddedInsurer(":memory:", clock=clock))
    station = Station(
        reader=hall.reader,
        id_reader=hall.id_reader,
        scanner=hall.scanner,
        printer=hall.printer,
        insurer=PatientInsurer(hall.line),
        journal=Journal(":memory:", clock, b"only for this benchmark"),
        policy=rules,
        settings=Settings(simulated=True),
        catalogues=catalogues(),
        seal_key=Ed25519PrivateKey.from_private_bytes(bytes(32)),
        clock=clock,
        new_key=lambda: f"K{next(numbers):06d}",
    )
    hall.choose("issued")
    at_attract, done = asyncio.Event(), asyncio.Event()
    seen: list[str] = []

    acts: dict[str, Callable[[], None]] = {
        "InsertCard": hall.insert_card,
        "LayIdCard": hall.lay_id,
        "Goodbye": lambda: None,
        "TakeCard": hall.pull_card,
    }

    def answers(scene: Scene) -> list[Answer]:
        if isinstance(scene.screen, EnterPin):
            return [*(Key(10 if digit == "0" else int(digit) - 1) for digit in _PIN), Proceed()]
        return [Proceed()] if scene.screen.name in ("Review", "Result") else []

    def draw(scene: Scene) -> None:
        step = f"{scene.screen.name}.{scene.screen.variant}"
        if seen and seen[-1] == step:
            return
        seen.append(step)
        name = scene.screen.name
        if name == "Attract":
            (done if "Result.activated" in seen else at_attract).set()
        elif name in acts:
            loop.call_later(0.5, acts[name])
        for index, answer in enumerate(answers(scene)):
            loop.call_later(0.5 + 0.2 * index, say, answer)

    def say(answer: Answer) -> None:
        assert glass.scene is not None
        glass.receive(answer, glass.scene.serial)

    glass = Glass(draw)
    terminal = Terminal(station, glass)
    running = asyncio.ensure_future(terminal.run())
    async with asyncio.timeout(_LONGEST_S):
        await at_attract.wait()
        built = time.perf_counter()
        say(Pick("activate"))
        await done.wait()
    lived = time.perf_counter()
    terminal.stop()
    await running
    await hall.aclose()
    station.journal.shut()
    return built - begun, lived - built


async def _visits() -> list[tuple[float, float]]:
    from kiosk import policy

    rules = policy.load("zhengzhou")
    await _visit(rules)  # imports and catalogues
    return [await _visit(rules) for _ in range(_VISITS)]


def _additions() -> float:
    """How many times a second this core does _ADDITIONS additions in a loop of Python."""
    begun = time.perf_counter()
    total = 0
    for number in range(_ADDITIONS * _ADDING_TIMES):
        total += number & 3
    return _ADDING_TIMES / (time.perf_counter() - begun)


def _run() -> Sequence[Measurement]:
    from kiosk.simulation.day.simulator import Run, simulate
    from kiosk.simulation.virtual_time import run

    simulate(5)  # imports
    days: list[Run] = []
    bare: list[float] = []
    for _ in range(_TIMES):
        bare.append(_additions())
        days.append(simulate(_DAYS))
    rates = [day.visits / day.seconds for day in days]
    took = run(_visits())
    visits = [visit for _, visit in took]
    rate = 1 / median(visits)
    with_hall = 1 / median([hall + visit for hall, visit in took])
    return [
        Measurement("all kinds, in days with faults", median(rates), median(bare), median(rates) >= TARGET, min(rates)),
        Measurement("activation alone, one of the longest", rate, None, rate >= TARGET, 1 / p95(visits)),
        Measurement("the same, in a hall built for it", with_hall, None, None),
    ]


BENCHMARKS = (
    Benchmark(
        "visits", "simulated visits a second, one core", f"{_ADDITIONS} additions", f">= {TARGET:g} /s", "/s", _run
    ),
)
