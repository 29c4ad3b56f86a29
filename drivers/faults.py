"""A plan of what goes wrong: the one way in which every mock and every virtual device is made to fail.

A plan knows *operations*, which a device names itself ("card", "apdu", "apdu:20", "print"), and for each a
queue of faults. The device asks at the start of every operation; the plan answers with the fault that is due, or
nothing. A plan never acts: what ``PULL`` or ``GARBLE`` means is the device's own knowledge, and a device ignores
the faults that cannot happen to it.

How a device uses it (``meet`` waits out a delay on the running loop, so it also works on a virtual clock)::

    fault = await self.faults.meet("apdu:20", "apdu")     # most particular name first
    if fault is Fault.PULL:
        ...

How a test uses it::

    slot.faults.fail_next("apdu", Fault.PULL, after=3)    # the fourth APDU from now
    slot.faults.delay("apdu", 2.0)                        # the next one is late
    printer.faults.fail_always("print", Fault.ERROR); ...; printer.faults.heal()
    link.faults.chance("send", Fault.DROP, 0.1)           # from the plan's own seed
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """The ways in which an operation can go wrong, as whoever asked for it meets them."""

    PULL = "pull"
    """The card, document or paper leaves in the middle of the operation."""
    MUTE = "mute"
    """The peer stays silent from now on until it is taken out or restarted."""
    GARBLE = "garble"
    """The answer arrives, but damaged."""
    DROP = "drop"
    """This one answer never arrives."""
    ERROR = "error"
    """The peer answers with its own error."""
    DELAY = "delay"
    """The answer arrives late; nothing else is wrong."""
    LOSE = "lose"
    """The device itself goes away (unplugged, link down)."""


@dataclass(slots=True)
class _Planned:
    fault: Fault
    seconds: float
    skip: int


@dataclass(frozen=True, slots=True)
class _Standing:
    fault: Fault
    seconds: float
    probability: float


class FaultPlan:
    """Faults by operation. Deterministic: the same seed and the same calls give the same faults."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 - replayable chance, not a secret
        self._queues: dict[str, list[_Planned]] = {}
        self._standing: dict[str, list[_Standing]] = {}
        self.calls: Counter[str] = Counter()
        """How often each operation was asked about."""
        self.fired: Counter[tuple[str, Fault]] = Counter()
        """How often each fault really happened: a test can prove that it was not blind."""

    def fail_next(self, op: str, fault: Fault, *, seconds: float = 0.0, after: int = 0) -> None:
        """Let ``fault`` happen on the (after+1)-th coming call of ``op``, ``seconds`` late.

        Faults due on the same call queue up: the first one fires, the next one on the call after.
        """
        if after < 0 or seconds < 0:
            raise ValueError("after and seconds cannot be negative")
        self._queues.setdefault(op, []).append(_Planned(fault, seconds, after))

    def delay(self, op: str, seconds: float, *, after: int = 0) -> None:
        """Let the (after+1)-th coming call of ``op`` take ``seconds`` longer."""
        self.fail_next(op, Fault.DELAY, seconds=seconds, after=after)

    def drop(self, op: str, *, after: int = 0) -> None:
        """Let the answer of the (after+1)-th coming call of ``op`` never arrive."""
        self.fail_next(op, Fault.DROP, after=after)

    def fail_always(self, op: str, fault: Fault, *, seconds: float = 0.0) -> None:
        """Let ``fault`` happen on every call of ``op`` until :meth:`heal`."""
        self._standing.setdefault(op, []).append(_Standing(fault, seconds, 1.0))

    def chance(self, op: str, fault: Fault, probability: float, *, seconds: float = 0.0) -> None:
        """Let ``fault`` happen on each call of ``op`` with this probability, drawn from the plan's seed."""
        if not 0.0 <= probability <= 1.0:
            raise ValueError("a probability lies between 0 and 1")
        self._standing.setdefault(op, []).append(_Standing(fault, seconds, probability))

    def heal(self, op: str | None = None) -> None:
        """Forget everything planned for ``op``, or for all operations."""
        for plans in (self._queues, self._standing):
            if op is None:
                plans.clear()
            else:
                plans.pop(op, None)

    def draw(self, *ops: str) -> tuple[Fault | None, float]:
        """Count one call of the operation known by these names; return the due fault and its delay in seconds.

        The names of one operation go from particular to general ("apdu:20", "apdu"); the first due fault wins
        and the others stay queued.
        """
        found: tuple[Fault, float] | None = None
        for op in ops:
            self.calls[op] += 1
            due = self._due(op, take=found is None)
            if found is None and due is not None:
                found = due
                self.fired[op, due[0]] += 1
        return found if found is not None else (None, 0.0)

    def take(self, *ops: str) -> Fault | None:
        """As :meth:`draw` for a device that cannot be late: the fault alone (``DELAY`` included)."""
        return self.draw(*ops)[0]

    async def meet(self, *ops: str) -> Fault | None:
        """As :meth:`draw`, and wait out the delay here; a mere delay ends as ``None``."""
        fault, seconds = self.draw(*ops)
        if fault is None:
            return None
        if seconds > 0:
            await asyncio.sleep(seconds)
        return None if fault is Fault.DELAY else fault

    def _due(self, op: str, *, take: bool) -> tuple[Fault, float] | None:
        due: _Planned | None = None
        for planned in self._queues.get(op, ()):
            if planned.skip > 0:
                planned.skip -= 1
            elif due is None and take:
                due = planned
        if due is not None:
            self._queues[op].remove(due)
            return due.fault, due.seconds
        for standing in self._standing.get(op, ()) if take else ():
            if standing.probability >= 1.0 or self._random.random() < standing.probability:
                return standing.fault, standing.seconds
        return None
