"""An asyncio loop whose clock jumps to the next timer as soon as nothing else is to be done.

Waiting costs nothing and happens in the same order every time: what is due at the same moment runs in the order in
which it was asked for. A loop that would wait for ever, because nothing is scheduled, is an error and says so.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, copy_context
from itertools import count
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class NothingWillHappen(AssertionError):
    """Everybody waits and no timer is set."""


MOMENTS = 64
"""So many moments without a look at the files: the look is a system call, and simulations have no files but the loop's
own. Before it gives up it looks once more."""


class _Turn(asyncio.TimerHandle):
    """A callback for this loop, at once or at a moment. Of asyncio's own it has what tasks and time-outs use; the rest
    serves a debug mode that nobody asks for here. The loop fills it in, three times the same: there is one for every
    step of everything, and a call for it, be it ``__init__``, would be the dearest part."""

    __slots__ = ()
    _when: float

    def cancel(self) -> None:
        self._callback = self._args = None  # type: ignore[assignment]  # as the base does: nothing is kept alive

    def cancelled(self) -> bool:
        return self._callback is None

    def __repr__(self) -> str:
        return f"<turn of {self._callback!r}>"


_blank = object.__new__


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop's own turns are written anew: of asyncio's, half are checks of a clock that stands still here, and
    simulations live thousands of hours."""

    def __init__(self) -> None:
        self._now = 0.0
        self._due: list[tuple[float, int, _Turn]] = []
        self._order = count()
        self._moments = count(1)
        self._ready: deque[Any]
        self._stopping: bool
        super().__init__()

    def time(self) -> float:
        return self._now

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        turn: Any = _blank(_Turn)
        turn._callback, turn._args = callback, args
        turn._context = copy_context() if context is None else context
        self._ready.append(turn)
        return turn  # type: ignore[no-any-return]

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        turn: Any = _blank(_Turn)
        turn._callback, turn._args, turn._when = callback, args, when
        turn._context = copy_context() if context is None else context
        heapq.heappush(self._due, (when, next(self._order), turn))
        return turn  # type: ignore[no-any-return]

    def call_later(
        self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        turn: Any = _blank(_Turn)
        turn._callback, turn._args = callback, args
        turn._when = when = self._now + delay
        turn._context = copy_context() if context is None else context
        heapq.heappush(self._due, (when, next(self._order), turn))
        return turn  # type: ignore[no-any-return]

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: object = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        return asyncio.Task(coro, loop=self, name=None if name is None else str(name), context=context)

    def _run_once(self) -> None:
        ready = self._ready
        while True:  # turn after turn: asyncio's loop around this one only asks whether it is to stop
            if not ready:
                self._come_to_the_next_moment()
            turn = ready.popleft()
            callback = turn._callback
            if callback is not None:
                try:
                    turn._context.run(callback, *turn._args)  # as Handle._run, without a call for each
                except (SystemExit, KeyboardInterrupt):
                    raise
                except BaseException as error:  # noqa: BLE001  asyncio tells it to whoever asked, and so does this
                    self.call_exception_handler({"message": f"Exception in {turn}", "exception": error, "handle": turn})
            if self._stopping:
                return

    def _come_to_the_next_moment(self) -> None:
        """Everything of this one is done: make ready what is due at the next."""
        ready, due = self._ready, self._due
        while due and due[0][2]._callback is None:
            heapq.heappop(due)
        if not due or next(self._moments) % MOMENTS == 0:
            self._look_at_files()
            if not (ready or due):
                raise NothingWillHappen
        if due:
            self._now = now = max(self._now, due[0][0])
            while due and due[0][0] <= now:
                ready.append(heapq.heappop(due)[2])

    def _look_at_files(self) -> None:
        events = self._selector.select(0)  # type: ignore[attr-defined]
        self._process_events(events)  # type: ignore[attr-defined]


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` on a fresh virtual loop.

    The runner ends it; its way with Ctrl-C, which would only cancel ``main``, costs a hundredth of a simulated day."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.get_loop().run_until_complete(main)
