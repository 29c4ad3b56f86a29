"""The loop whose clock jumps: order, cancellation, and the error when nothing will ever happen."""

from __future__ import annotations

import asyncio
import threading

import pytest

from kiosk.simulation.virtual_time import NothingWillHappen, run


def test_what_is_due_at_the_same_moment_runs_in_the_order_it_was_asked_for() -> None:
    async def main() -> list[int]:
        loop, seen = asyncio.get_running_loop(), list[int]()
        for number in range(50):
            loop.call_at(5.0, seen.append, number)
        await asyncio.sleep(6.0)
        return seen

    assert run(main()) == list(range(50))


def test_the_clock_stands_at_what_was_waited_for() -> None:
    async def main() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(3600.0)
        hour = loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.Event().wait()
        return hour, loop.time()

    assert run(main()) == (3600.0, 3600.5)


def test_a_cancelled_timer_does_not_run_and_does_not_move_the_clock() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        loop.call_later(100.0, pytest.fail, "it was cancelled").cancel()
        await asyncio.sleep(1.0)
        return loop.time()

    assert run(main()) == 1.0


def test_a_failing_callback_is_told_and_harms_nobody() -> None:
    async def main() -> list[str]:
        loop, told = asyncio.get_running_loop(), list[str]()
        loop.set_exception_handler(lambda _, context: told.append(str(context["exception"])))
        loop.call_soon(lambda: [][1])
        await asyncio.sleep(1.0)
        return told

    assert run(main()) == ["list index out of range"]


def test_waiting_for_ever_is_an_error() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingWillHappen):
        run(main())


def test_another_thread_can_call_in() -> None:
    async def main() -> str:
        loop = asyncio.get_running_loop()
        called: asyncio.Future[str] = loop.create_future()
        thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(called.set_result, "heard"))
        thread.start()
        thread.join()
        return await called

    assert run(main()) == "heard"
