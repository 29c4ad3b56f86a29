"""What a manner says about time and errors: it ends soon, it goes on waiting, it refuses, nothing is left behind.

Every observation ends by itself and leaves no task of its own, also when the driver under examination misbehaves.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from drivers.api import Condition, Device
from drivers.contract.manners import Bench, Broken

T = TypeVar("T")
D = TypeVar("D")
H = TypeVar("H")
E = TypeVar("E", bound=Exception)
Dev = TypeVar("Dev", bound=Device)

CANCEL_S = 1.0
"""A wait that is cancelled is over within this time."""


def expect(fact: bool, otherwise: str) -> None:
    """Raises Broken with ``otherwise`` unless the fact is so."""
    if not fact:
        raise Broken(otherwise)


@asynccontextmanager
async def started(work: Awaitable[T]) -> AsyncIterator[asyncio.Task[T]]:
    """Run ``work`` meanwhile; whatever is still running at the end of the block is cancelled."""
    task: asyncio.Task[T] = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=CANCEL_S)
        if task.done() and not task.cancelled():
            task.exception()  # seen


async def within(seconds: float, work: Awaitable[T], what: str) -> T:
    """The result of ``work``, or its exception. Raises Broken when it is not over in time."""
    async with started(work) as task:
        await asyncio.wait([task], timeout=seconds)
        if not task.done():
            raise Broken(f"{what}: not over within {seconds:g} s")
        if task.cancelled():
            raise Broken(f"{what}: ended as cancelled although nobody cancelled it")
        return task.result()


async def refused(seconds: float, work: Awaitable[object], *errors: type[E], what: str) -> E:
    """The error with which ``work`` ends. Raises Broken if it succeeds or ends with another error."""
    named = " or ".join(error.__name__ for error in errors)
    try:
        await within(seconds, work, what)
    except errors as error:
        return error
    except Broken:
        raise
    except Exception as error:
        raise Broken(f"{what}: {type(error).__name__} instead of {named}") from error
    raise Broken(f"{what}: succeeded instead of raising {named}")


async def waits(task: asyncio.Task[Any], seconds: float, what: str) -> None:
    """Raises Broken if the task ends although nothing has happened."""
    await asyncio.wait([task], timeout=seconds)
    if task.done():
        failed = task.cancelled() or task.exception() is not None
        how = "ended as cancelled" if task.cancelled() else type(task.exception()).__name__ if failed else "returned"
        raise Broken(f"{what}: {how} although nothing had happened")


async def happens(bench: Bench[D, H], what: str, task: asyncio.Task[Any], seconds: float | None = None) -> None:
    """What the hands just did has to end the task soon, well or badly; how long it took is evidence."""
    limit_s = bench.patience.soon_s if seconds is None else seconds
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await asyncio.wait([task], timeout=limit_s)
    bench.timings[what] = loop.time() - begun
    expect(task.done(), f"{what}: not within {limit_s:g} s")


async def cancels(task: asyncio.Task[Any], what: str) -> None:
    """Cancel a wait; it has to end as cancelled, soon."""
    task.cancel()
    await asyncio.wait([task], timeout=CANCEL_S)
    if not task.done():
        raise Broken(f"{what}: cannot be cancelled")
    if not task.cancelled():
        task.exception()
        raise Broken(f"{what}: cancelled, but ended otherwise")


async def eventually(fact: Callable[[], bool], seconds: float, otherwise: str) -> None:
    """Raises Broken with ``otherwise`` if the fact is not so within this time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not fact():
        if loop.time() > deadline:
            raise Broken(otherwise)
        await asyncio.sleep(0.01)  # a fact of the operating system: it tells nobody


@dataclass(frozen=True)
class Held:
    """What this process holds: descriptors, child processes, tasks of the running loop."""

    descriptors: frozenset[str]
    children: frozenset[str]
    tasks: frozenset[asyncio.Task[Any]]

    @classmethod
    def now(cls) -> Held:
        gc.collect()  # what only a cycle keeps alive is not held
        children: set[str] = set()
        for table in Path("/proc/self/task").glob("*/children"):
            children.update(table.read_text("ascii").split())
        return cls(
            frozenset(entry.name for entry in Path("/proc/self/fd").iterdir()),
            frozenset(children),
            frozenset(task for task in asyncio.all_tasks() if not task.done()),
        )

    def beyond(self, before: Held) -> str:
        """In words, what is held more than before; empty if nothing."""
        more = {
            "descriptors": self.descriptors - before.descriptors,
            "child processes": self.children - before.children,
            "tasks": self.tasks - before.tasks,
        }
        return ", ".join(f"{len(held)} {kind}" for kind, held in more.items() if held)


async def given_back(before: Held, seconds: float) -> None:
    """Raises Broken if more than before is still held after so long."""
    left = ""

    def nothing_left() -> bool:
        nonlocal left
        left = Held.now().beyond(before)
        return not left

    try:
        await eventually(nothing_left, seconds, "")
    except Broken:
        raise Broken(f"close() leaves {left} behind") from None


async def opened_and_closed(bench: Bench[Dev, H]) -> None:
    """Open and close three more drivers of the same device. Raises Broken if one is not well or anything stays held."""
    before = Held.now()
    for _ in range(3):
        driver = bench.another()
        health = await within(bench.patience.soon_s, driver.health(), "health()")
        expect(health.usable or health.condition is Condition.UNKNOWN, f"condition {health.condition}")
        await within(bench.patience.soon_s, driver.close(), "close()")
    await given_back(before, min(2.0, bench.patience.soon_s))
