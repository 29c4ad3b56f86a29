"""Many days, one after the other or on several cores, and what they came to together.

Each seed is one day on a virtual loop of its own. A run is whole days in the order of their seeds, so its trace hash
does not depend on how many worked at it. Beside the days nothing is kept but counts, and the traces of days on which
something was wrong.
"""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from kiosk.simulation import virtual_time
from kiosk.simulation.day.day import Day, Played
from kiosk.simulation.day.parts import SHIPPED, Parts
from kiosk.simulation.day.weather import FAULTS, Odds

_MEMORY = Path("/dev/shm")  # noqa: S108 - scratch of a simulation: nothing personal is in it
BATCH = 50
"""Days that a worker plays before it reports."""
_LOGGERS = ("kiosk", "drivers", "asyncio")


@dataclass
class Run:
    """What many days came to."""

    seeds: int = 0
    visits: int = 0
    virtual_s: float = 0.0
    seconds: float = 0.0
    violations: list[dict[str, Any]] = field(default_factory=list)
    coverage: Counter[str] = field(default_factory=Counter)
    digests: list[bytes] = field(default_factory=list, repr=False)
    traces: list[str] = field(default_factory=list, repr=False)
    """What happened on each day, where that was asked for."""

    @property
    def trace_hash(self) -> str:
        return hashlib.sha256(b"".join(self.digests)).hexdigest()

    def add(self, played: Played) -> None:
        self.seeds += 1
        self.visits += played.visits
        self.virtual_s += played.virtual_s
        self.coverage.update(played.coverage)
        self.digests.append(played.digest)
        if played.violation is not None:
            self.violations.append(
                {
                    "seed": played.seed,
                    "invariant": played.violation.invariant,
                    "trace": played.trace,
                }
            )

    def join(self, other: Run) -> None:
        """Days that came after these."""
        self.seeds += other.seeds
        self.visits += other.visits
        self.virtual_s += other.virtual_s
        self.violations += other.violations
        self.coverage.update(other.coverage)
        self.digests += other.digests
        self.traces += other.traces


class _Ear(logging.Handler):
    """Hears what the terminal of the day logs."""

    day: Day | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self.day is not None:
            self.day.logged(record)


@contextmanager
def _listening() -> Iterator[_Ear]:
    """The terminal's log goes to the day, and nowhere else, until it is over."""
    ear = _Ear(logging.INFO)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger, logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.addHandler(ear)
        logger.propagate = False
        logger.setLevel(logging.INFO)
    try:
        yield ear
    finally:
        for logger, propagate, level in before:
            logger.removeHandler(ear)
            logger.propagate = propagate
            logger.setLevel(level)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """What is loaded stays loaded: the collector need not look through it again and again, nor at each visit."""
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def play_days(seeds: Iterable[int], parts: Parts = SHIPPED, faults: Sequence[Odds] = FAULTS) -> Iterator[Played]:
    """The days of these seeds, one after the other; ``faults`` are those that can happen at all."""
    base = _MEMORY if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) else None
    with (
        tempfile.TemporaryDirectory(prefix="kiosk-days-", dir=base) as folder,
        _listening() as ear,
        _collecting_seldom(),
    ):
        for days, seed in enumerate(seeds):
            if days == 1:
                gc.collect()
                gc.freeze()  # what all days share (people, words, rules) is made on the first one
            scratch = Path(folder) / str(seed)

            async def play(seed: int = seed, scratch: Path = scratch) -> Played:
                ear.day = Day(seed, parts, scratch, faults)
                return await ear.day.live()

            try:
                yield virtual_time.run(play())
            finally:
                ear.day = None
                if scratch.exists():  # most days need none
                    shutil.rmtree(scratch, ignore_errors=True)


def simulate(seeds: int, first: int = 0, *, jobs: int = 1, parts: Parts = SHIPPED, traces: bool = False) -> Run:
    """Play ``seeds`` days from the seed ``first`` on, with ``jobs`` processes. Other parts than the shipped ones are
    played in this process."""
    begun = time.perf_counter()
    run = Run()
    if jobs <= 1 or parts is not SHIPPED:
        for played in play_days(range(first, first + seeds), parts):
            run.add(played)
            if traces:
                run.traces += [f"--- seed {played.seed}", *played.trace]
    else:
        starts = range(first, first + seeds, BATCH)
        counts = [min(BATCH, first + seeds - at) for at in starts]
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            for part in pool.map(_play_batch, starts, counts, [traces] * len(counts)):
                run.join(part)
    run.seconds = time.perf_counter() - begun
    return run


def _play_batch(first: int, count: int, traces: bool) -> Run:
    return simulate(count, first, traces=traces)
