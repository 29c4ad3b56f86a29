"""Waiting for the first of several things, and for work that has a time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any

import pytest

from kiosk.simulation import virtual_time
from kiosk.simulation.virtual_time import VirtualLoop
from kiosk.waiting import TookTooLong, any_of, within


class TimedLoop(VirtualLoop):
    """Keeps the timers that were set."""

    def __init__(self) -> None:
        self.timers: list[asyncio.TimerHandle] = []
        super().__init__()

    def call_at(
        self, when: float, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        self.timers.append(super().call_at(when, callback, *args, context=context))
        return self.timers[-1]

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        self.timers.append(super().call_later(delay, callback, *args, context=context))
        return self.timers[-1]


class Watched(asyncio.Future[None]):
    """Counts who waits for it."""

    waiting = 0

    def add_done_callback(self, *args: Any, **context: Any) -> None:
        self.waiting += 1
        super().add_done_callback(*args, **context)

    def remove_done_callback(self, *args: Any) -> int:
        removed = super().remove_done_callback(*args)
        self.waiting -= removed
        return removed


def run_on(loop: TimedLoop, main: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main)


def test_the_first_one_that_is_done_ends_it() -> None:
    async def play() -> float:
        loop = asyncio.get_running_loop()
        quick, slow = loop.create_future(), loop.create_future()
        loop.call_later(2.0, quick.set_result, None)
        await any_of(quick, slow, seconds=9.0)
        assert quick.done()
        assert not slow.done()
        return loop.time()

    assert virtual_time.run(play()) == 2.0


def test_what_is_done_already_ends_it_at_once() -> None:
    async def play() -> float:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        done.set_exception(ValueError("for whoever asks"))
        await any_of(done, seconds=9.0)
        assert isinstance(done.exception(), ValueError)
        return loop.time()

    assert virtual_time.run(play()) == 0.0


def test_time_that_is_up_ends_it_and_touches_nothing() -> None:
    async def play() -> float:
        loop = asyncio.get_running_loop()
        never = loop.create_future()
        await any_of(never, seconds=3.0)
        assert not never.done()
        return loop.time()

    assert virtual_time.run(play()) == 3.0


def test_two_at_the_same_moment_wake_it_once() -> None:
    wrong: list[object] = []

    async def play() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: wrong.append(context))
        one, other = loop.create_future(), loop.create_future()
        loop.call_later(1.0, one.set_result, None)
        loop.call_later(1.0, other.set_result, None)
        await any_of(one, other, seconds=1.0)
        await asyncio.sleep(1.0)

    virtual_time.run(play())
    assert not wrong


@pytest.mark.parametrize("ends", ["answer", "time", "cancel"])
def test_it_leaves_nothing_behind(ends: str) -> None:
    loop = TimedLoop()

    async def play() -> None:
        never, answer = Watched(), Watched()
        waiting = asyncio.ensure_future(any_of(never, answer, seconds=2.0))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert never.waiting == 1
        if ends == "answer":
            answer.set_result(None)
        elif ends == "cancel":
            waiting.cancel()
        await asyncio.wait({waiting})
        assert waiting.cancelled() == (ends == "cancel")
        assert never.waiting == 0
        assert not never.done()
        assert ends == "time" or loop.timers[0].cancelled()

    run_on(loop, play())


async def _answers(value: str) -> str:
    return value


async def _late(seconds: float, value: str) -> str:
    await asyncio.sleep(0)
    await asyncio.sleep(seconds)
    return value


def test_work_that_never_waits_sets_no_timer() -> None:
    async def play() -> str:
        return await within(5.0, _answers("well"))

    loop = TimedLoop()
    assert run_on(loop, play()) == "well"
    assert not loop.timers


def test_work_that_waits_is_waited_for() -> None:
    async def play() -> tuple[str, float]:
        return await within(5.0, _late(4.0, "well")), asyncio.get_running_loop().time()

    assert virtual_time.run(play()) == ("well", 4.0)


def test_work_that_takes_too_long_is_cancelled_and_tidies_up() -> None:
    tidied: list[float] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60.0)
        finally:
            await asyncio.sleep(1.0)
            tidied.append(asyncio.get_running_loop().time())

    async def play() -> float:
        with pytest.raises(TookTooLong, match="5 s"):
            await within(5.0, work())
        return asyncio.get_running_loop().time()

    assert virtual_time.run(play()) == 6.0
    assert tidied == [6.0]


@pytest.mark.parametrize("waits", [False, True])
def test_a_time_limit_of_the_work_itself_is_not_ours(waits: bool) -> None:
    async def work() -> None:
        async with asyncio.timeout(2.0 if waits else None):
            if waits:
                await asyncio.sleep(60.0)
            raise TimeoutError("its own")

    async def play() -> float:
        with pytest.raises(TimeoutError) as caught:
            await within(5.0, work())
        assert not isinstance(caught.value, TookTooLong)
        return asyncio.get_running_loop().time()

    assert virtual_time.run(play()) == (2.0 if waits else 0.0)


def test_both_limits_at_the_same_moment_are_ours() -> None:
    async def work() -> None:
        async with asyncio.timeout(5.0):
            await asyncio.sleep(60.0)

    async def play() -> None:
        with pytest.raises(TimeoutError):
            await within(5.0, work())
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0

    virtual_time.run(play())


def test_errors_come_through_from_the_first_step_and_from_later_ones() -> None:
    async def work(seconds: float) -> None:
        if seconds:
            await asyncio.sleep(seconds)
        raise LookupError("broken")

    async def play() -> None:
        for seconds in (0.0, 1.0):
            with pytest.raises(LookupError):
                await within(5.0, work(seconds))

    virtual_time.run(play())


def test_a_cancel_from_outside_reaches_the_work_and_is_no_time_out() -> None:
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60.0)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def play() -> float:
        asking = asyncio.ensure_future(within(5.0, work()))
        await asyncio.sleep(1.0)
        asking.cancel()
        await asyncio.wait({asking})
        assert asking.cancelled()
        return asyncio.get_running_loop().time()

    assert virtual_time.run(play()) == 1.0
    assert seen == ["cancelled"]
