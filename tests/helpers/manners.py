"""Manners as test cases: kept or the test fails, not tried or it is skipped.

Most of an examination is waiting for clocks of hardware, so manners are played side by side, each on a bench of its
own; those that count what the process holds are played alone afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import pytest

from drivers.contract.manners import Bench, Evidence, Manner, Verdict, judge

AnyManner = Manner[Any, Any]
AnyBench = Callable[[], AbstractAsyncContextManager[Bench[Any, Any]]]
Played = dict[tuple[str, str], Evidence]


def named(manner: AnyManner) -> str:
    return manner.name


def examine(request: pytest.FixtureRequest, benches: Mapping[str, AnyBench], side_by_side: int) -> Played:
    """Play those manners of the requesting module that this run of pytest has selected."""
    ours = [item for item in request.session.items if item.path == request.path]
    cases = [item.callspec.params for item in ours if isinstance(item, pytest.Function) and hasattr(item, "callspec")]
    wanted = [
        (cast(str, case["bench"]), cast(AnyManner, case["manner"])) for case in cases if {"bench", "manner"} <= {*case}
    ]

    async def all_of_them() -> Played:
        found: Played = {}
        places = asyncio.Semaphore(side_by_side)

        async def play(bench: str, manner: AnyManner) -> None:
            async with places:
                found[bench, manner.name] = await judge(manner, benches[bench])

        await asyncio.gather(*(play(bench, manner) for bench, manner in wanted if not manner.alone))
        for bench, manner in wanted:
            if manner.alone:
                await play(bench, manner)
        return found

    return asyncio.run(all_of_them())


def check(evidence: Evidence) -> None:
    if evidence.verdict is Verdict.NOT_TRIED:
        pytest.skip(evidence.why)
    assert evidence.verdict is Verdict.KEPT, f"{evidence.promise}\n{evidence.why}"
