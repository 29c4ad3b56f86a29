"""What a manner is, what evidence is, and how a driver is judged by one.

A manner is one promise of ``drivers/api.py``, played over a bench: a driver, and the hands of whoever puts cards in
and takes paper away. This module runs a manner within a limit and says kept, broken or not tried, with the reason;
it knows no device and repeats no exception's text, for a vendor's text may hold personal data.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

D = TypeVar("D")
H = TypeVar("H")
Run = TypeVar("Run", bound=Callable[..., Coroutine[Any, Any, None]])

_ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 30.0
PAGE_S = 25.0
"""More than any page takes, its own deadline of 20 s included."""
QUEUED_PAGE_S = 65.0
"""The same of a page in a CUPS queue, whose deadline is 60 s."""
_END_S = 2.0
"""A manner that is over its limit is cancelled and gets so long to end."""


class Broken(Exception):
    """The driver did not keep a promise. The text is ours, in English, and free of personal data."""


class NotTried(Exception):
    """These hands or this machine cannot play the manner; the text says why."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one waits at a bench, in seconds."""

    still_s: float = 0.3
    """So long must nothing happen before it counts as "it waits"."""
    soon_s: float = 5.0
    """What has to happen, happens within this time."""
    limit_s: float = LIMIT_S
    """The whole manner."""
    page_s: float = PAGE_S
    """A printer's page, out or given up."""


@dataclass
class Bench(Generic[D, H]):
    """A driver that nobody has used yet, and the hands at its device."""

    driver: D
    hands: H
    another: Callable[[], D]
    """One more driver for the same device, for manners that open and close it several times."""
    patience: Patience = Patience()
    timings: dict[str, float] = field(default_factory=dict)
    """What a manner measured, in seconds: part of the evidence."""


OpenBench = Callable[[], AbstractAsyncContextManager[Bench[D, H]]]


@dataclass(frozen=True, slots=True)
class Manner(Generic[D, H]):
    """One promise. ``run`` returns if it is kept, raises NotTried, or raises anything else if it is broken."""

    name: str
    promise: str
    """One English sentence, for the report."""
    run: Callable[[Bench[D, H]], Awaitable[None]] = field(repr=False)
    alone: bool = False
    """It counts what this process holds: nothing else may be examined meanwhile."""


class Verdict(StrEnum):
    """What is said of a manner; the value stands in the report."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How one manner went."""

    manner: str
    promise: str
    verdict: Verdict
    seconds: float
    why: str = ""
    """Of a broken manner what was missed and the outline of the exception; of one that was not tried, why."""
    timings: dict[str, float] = field(default_factory=dict)


def manner(among: list[Manner[D, H]], promise: str, *, alone: bool = False) -> Callable[[Run], Run]:
    """Make the decorated coroutine function a manner with the function's name, and put it into the list."""

    def enlist(run: Run) -> Run:
        among.append(Manner(run.__name__.strip("_").replace("_", "-"), promise, run, alone))
        return run

    return enlist


async def judge(manner: Manner[D, H], open_bench: OpenBench[D, H], *, limit_s: float = LIMIT_S + 10.0) -> Evidence:
    """Play the manner on a bench of its own. Never raises for anything that the driver does; a driver whose wait
    cannot be cancelled is left behind in its task.
    """
    loop = asyncio.get_running_loop()
    timings: dict[str, float] = {}

    async def play() -> None:
        async with open_bench() as bench:
            bench.timings = timings
            await _limited(manner.run(bench), bench.patience.limit_s)

    started = loop.time()
    verdict, why = Verdict.KEPT, ""
    try:
        await _limited(play(), limit_s)
    except NotTried as reason:
        verdict, why = Verdict.NOT_TRIED, str(reason)
    except Exception as error:  # noqa: BLE001 - whatever a driver raises is evidence against it
        verdict, why = Verdict.BROKEN, _account(error)
    return Evidence(manner.name, manner.promise, verdict, loop.time() - started, why, timings)


async def _limited(work: Awaitable[None], limit_s: float) -> None:
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task], timeout=limit_s)
    finally:
        late = not task.done()
        if late:
            task.cancel()
            await asyncio.wait([task], timeout=_END_S)
    if late:
        if task.done() and not task.cancelled():
            task.exception()  # seen; that it was late says more
        raise Broken(f"not over within {limit_s:g} s")
    if task.cancelled():
        raise Broken("ended as cancelled although nobody cancelled it")
    task.result()


def _account(error: BaseException) -> str:
    said = f"{error}; " if isinstance(error, Broken) else ""
    return said + outline(error)


def outline(error: BaseException) -> str:
    """An exception chain without its texts: types, each with the places it came through, innermost first,
    and without the judge's own.
    """
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(parts) < 8:
        frames = [f for f in traceback.extract_tb(cause.__traceback__) if f.filename != __file__]
        places = [f"{_short(f.filename)}:{f.lineno} in {f.name}" for f in frames]
        parts.append(" < ".join([type(cause).__qualname__, *reversed(places)]))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "; from ".join(parts)


def _short(path: str) -> str:
    """Paths below the project or the library, not of the machine: the report is filed elsewhere."""
    for root in (str(_ROOT), str(Path(asyncio.__file__).parents[1])):
        if path.startswith(root):
            return path[len(root) + 1 :]
    return Path(path).name
