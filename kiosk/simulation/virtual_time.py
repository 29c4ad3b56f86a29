"""An asyncio loop whose clock jumps to the next timer as soon as nothing else is to be done.

Waiting costs nothing and happens in the same order every time. A loop that would wait for ever, because nothing is
scheduled, is an error and says so.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class NothingWillHappen(AssertionError):
    """Everybody waits and no timer is set."""


BUSY_TURNS = 16
"""So many turns of a busy loop without a look at the files: the look is a system call, and simulations have no files
but the loop's own."""


class _JumpingSelector(selectors.SelectSelector):
    now = 0.0
    _busy = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._busy = self._busy + 1 if timeout == 0 else 0
        if self._busy % BUSY_TURNS:
            return []
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            raise NothingWillHappen
        self.now += max(0.0, timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` on a fresh virtual loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
