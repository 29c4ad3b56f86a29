"""Waiting for the first of several things, and for work that mostly never waits: both without what it would cost.

A visit waits a hundred times, and devices and the insurer are asked all day long. Owns nothing of what is waited for,
and cancels nothing but work whose time is up or that nobody waits for any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


class TookTooLong(TimeoutError):
    """Time was up, by :func:`within`'s own clock and not by one that the work keeps."""


async def any_of(*futures: asyncio.Future[Any], seconds: float | None = None) -> None:
    """Until one of them is done, or so many seconds are over; which of the two, the futures tell.

    As asyncio.wait, which also takes other things and sorts them.
    """
    loop = futures[0].get_loop()
    waiter = loop.create_future()

    def wake(_: object = None) -> None:
        if not waiter.done():
            waiter.set_result(None)

    timer = None if seconds is None else loop.call_later(seconds, wake)
    for future in futures:
        future.add_done_callback(wake)
    try:
        await waiter
    finally:
        if timer is not None:
            timer.cancel()
        for future in futures:
            future.remove_done_callback(wake)


async def ended(task: asyncio.Future[Any] | None) -> None:
    """Cancel what still runs and see it end; its result or error, if it has one, was taken or is of no interest."""
    if task is None:
        return
    if not task.done():
        task.cancel()
        await any_of(task)
    if not task.cancelled():
        task.exception()


async def at_least(seconds: float, work: Awaitable[T]) -> T:
    """What the work answers, or raises, and not sooner."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        return await work
    finally:
        await asyncio.sleep(max(0.0, begun + seconds - loop.time()))


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """What the work answers, or raises. TookTooLong when it is cancelled because so many seconds are over.

    It begins at once, and only work that has to wait for something sets a timer.
    """
    try:
        waits_for = work.send(None)
    except StopIteration as end:
        answer: T = end.value
        return answer
    try:
        async with asyncio.timeout(seconds) as deadline:
            return await _Rest(work, waits_for)
    except TimeoutError as error:
        if not deadline.expired():
            raise
        raise TookTooLong(f"no answer within {seconds:g} s") from error


class _Rest(Generator[Any, Any, T]):
    """Work that has begun and waits, to be awaited from there on."""

    def __init__(self, work: Coroutine[Any, Any, T], waits_for: Any) -> None:
        self._work = work
        self._waits_for = waits_for
        self._told = False

    def __await__(self) -> Generator[Any, Any, T]:
        return self

    def send(self, value: Any) -> Any:
        if not self._told:
            self._told = True
            return self._waits_for
        return self._work.send(value)

    def throw(self, kind: Any, value: Any = None, _: Any = None) -> Any:
        return self._work.throw(kind if value is None else value)

    def close(self) -> None:
        self._work.close()
