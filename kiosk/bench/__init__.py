"""What the terminal's speed is measured by: every benchmark beside its reference, in one run on one machine.

A benchmark is one file in this package with a ``BENCHMARKS`` tuple; nothing else knows of it, and a file without one
is what others share. Owns how results are judged and told. It imports no driver and no vendor library: what touches
those is measured in ``drivers/``. Figures are medians over repetitions in which ours and the reference take turns,
because the machine does other things as well.
"""

from __future__ import annotations

import importlib
import pkgutil
import statistics
from collections.abc import Callable, Iterator, Sequence

from drivers.frozen import dataclass


class Unmeasured(Exception):
    """The benchmark came to no number; the text says in plain words why."""


class Unequipped(Unmeasured):
    """This machine lacks what the benchmark needs: nothing is wrong with the terminal."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line of the table."""

    case: str
    measured: float
    reference: float | None
    """What the reference took or did in the same run; ``None`` where the target is a plain figure."""
    met: bool | None
    """Whether the target is met; ``None`` for a line that only informs."""
    p95: float | None = None
    reference_p95: float | None = None

    @property
    def ratio(self) -> float | None:
        """Measured to reference."""
        return self.measured / self.reference if self.reference else None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What ``kiosk bench`` runs under one name: one or more lines of its table, all in the same ``unit``. ``target``
    only says in words what ``run`` judges."""

    name: str
    what: str
    reference: str
    """What is measured beside it; a dash if nothing is."""
    target: str
    unit: str
    run: Callable[[], Sequence[Measurement]]
    """Blocking; raises Unmeasured."""


def benchmarks() -> Iterator[Benchmark]:
    """All there are, in the order of their files' names."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        yield from getattr(importlib.import_module(f"{__name__}.{module.name}"), "BENCHMARKS", ())


def median(values: Sequence[float]) -> float:
    """The middle value: a repetition that the machine disturbed does not count."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]
