"""Faults that wait for their moment, and what the terminal heard of the insurer: how a hand in the hall sets them and
how it sees, without guessing, whether they are still to come. They plan and listen; what a fault does is the device's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from drivers.api import Condition, Health, Remedy
from drivers.faults import Fault, FaultPlan
from kiosk.insurer.api import InsurerUnreachable
from kiosk.insurer.line import InsurerLine

_Answer = TypeVar("_Answer")


class Faulty(Protocol):
    """Whatever fails by a plan. The plan may be replaced by another."""

    faults: FaultPlan


class Trap:
    """A fault that waits for the next call of one operation; tells whether it still waits."""

    def __init__(self, faulty: Faulty, op: str, fault: Fault) -> None:
        self._faulty, self._op, self._fault = faulty, op, fault
        self._before = -1

    def set(self) -> None:
        """Let it happen on the next call. A trap that is set already stays one trap."""
        if not self.due:
            self._before = self._fired
            self._faulty.faults.fail_next(self._op, self._fault)

    def lift(self) -> None:
        """Forget it, and everything else that was planned for the operation."""
        if self.due:
            self._faulty.faults.heal(self._op)
        self._before = -1

    @property
    def due(self) -> bool:
        return self._before >= 0 and not self.sprung

    @property
    def sprung(self) -> bool:
        """It has happened since it was set."""
        return self._before >= 0 and self._fired > self._before

    @property
    def _fired(self) -> int:
        return self._faulty.faults.fired[self._op, self._fault]


class HeardLine(InsurerLine):
    """The line to the insurer; it remembers how the last request ended, which is all that a terminal can know."""

    last = Health(Condition.UNKNOWN, detail="nothing was asked yet")

    async def carry(self, ask: Callable[[], Awaitable[_Answer]], *ops: str) -> _Answer:
        self.last = Health(Condition.BUSY, detail="waits for an answer")
        try:
            return await super().carry(ask, *ops)
        except InsurerUnreachable as error:
            self.last = Health(Condition.OFFLINE, Remedy.SUSPEND, str(error))
            raise
        except asyncio.CancelledError:
            self.last = Health(Condition.OFFLINE, Remedy.SUSPEND, "gave up waiting for an answer")
            raise
        finally:
            if self.last.condition is Condition.BUSY:  # also a refusal is an answer
                self.last = Health(Condition.ONLINE)
