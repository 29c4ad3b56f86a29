"""The manners of every resident-ID reader: the mock, and the serial driver against a reader on a pty."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.api import (
    Condition,
    DeviceLost,
    DeviceTimeout,
    DocumentLifted,
    DocumentUnreadable,
    IdCardReader,
    IdDocument,
    Remedy,
    SecurityModuleFault,
)
from drivers.faults import Fault
from drivers.idcard.mock import IdPad, MockIdCardReader
from drivers.idcard.sdt import SdtIdCardReader
from drivers.idcard.virtual import VirtualIdReader
from tests.helpers.documents import ALL, PERMIT, RESIDENT

TIMEOUT_S = 0.5
POLL_S = 0.01


@dataclass
class Bench:
    reader: IdCardReader
    pad: IdPad


@asynccontextmanager
async def mock() -> AsyncIterator[Bench]:
    reader = MockIdCardReader(read_s=0.01, timeout_s=TIMEOUT_S)
    yield Bench(reader, reader.pad)
    await reader.close()


@asynccontextmanager
async def virtual(*, forgets_read: bool) -> AsyncIterator[Bench]:
    async with VirtualIdReader(forgets_read=forgets_read) as pad:
        reader = SdtIdCardReader(pad.port, timeout_s=TIMEOUT_S, poll_s=POLL_S)
        try:
            yield Bench(reader, pad)
        finally:
            await reader.close()


FACTORIES: dict[str, Callable[[], AbstractAsyncContextManager[Bench]]] = {
    "mock": mock,
    "virtual": lambda: virtual(forgets_read=True),
    "virtual-finds-again": lambda: virtual(forgets_read=False),
}


@pytest.fixture(params=FACTORIES)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with asyncio.timeout(10):
        async with FACTORIES[request.param]() as made:
            yield made


def open_descriptors() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


async def still_waiting(task: asyncio.Task[IdDocument]) -> bool:
    """Whether nothing happens for several polls."""
    done, _ = await asyncio.wait([task], timeout=10 * POLL_S)
    return not done


async def taken_off(bench: Bench) -> None:
    """Lift the document and leave the reader the time to notice."""
    bench.pad.lift()
    await asyncio.sleep(15 * POLL_S)


async def test_healthy(bench: Bench) -> None:
    health = await bench.reader.health()
    assert health.condition is Condition.ONLINE
    assert health.usable
    assert health.model


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.kind.name)
async def test_reads_a_document_that_is_laid_down_later(bench: Bench, document: IdDocument) -> None:
    waiting = asyncio.create_task(bench.reader.document())
    assert await still_waiting(waiting)
    bench.pad.lay(document)
    assert await waiting == document


async def test_reads_a_document_that_lies_there_already(bench: Bench) -> None:
    bench.pad.lay(RESIDENT)
    assert await bench.reader.document() == RESIDENT


async def test_left_lying_it_is_not_read_twice(bench: Bench) -> None:
    bench.pad.lay(RESIDENT)
    await bench.reader.document()
    again = asyncio.create_task(bench.reader.document())
    assert await still_waiting(again)
    await taken_off(bench)
    assert not again.done()
    bench.pad.lay(RESIDENT)
    assert await again == RESIDENT


async def test_lifted_and_laid_down_while_nobody_asks_it_is_new(bench: Bench) -> None:
    bench.pad.lay(RESIDENT)
    await bench.reader.document()
    await taken_off(bench)
    bench.pad.lay(PERMIT)
    assert await bench.reader.document() == PERMIT


async def test_cancelled_waiting_costs_nothing(bench: Bench) -> None:
    for _ in range(3):
        waiting = asyncio.create_task(bench.reader.document())
        await asyncio.sleep(POLL_S)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    bench.pad.lay(RESIDENT)
    assert await bench.reader.document() == RESIDENT


async def test_a_second_waiter_is_refused(bench: Bench) -> None:
    first = asyncio.create_task(bench.reader.document())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        await bench.reader.document()
    bench.pad.lay(RESIDENT)
    assert await first == RESIDENT


async def test_health_may_be_asked_while_waiting(bench: Bench) -> None:
    waiting = asyncio.create_task(bench.reader.document())
    await asyncio.sleep(POLL_S)
    assert (await bench.reader.health()).condition is Condition.ONLINE
    bench.pad.lay(RESIDENT)
    assert await waiting == RESIDENT


async def test_lifted_while_it_is_read(bench: Bench) -> None:
    bench.pad.faults.fail_next("read", Fault.PULL)
    bench.pad.lay(RESIDENT)
    with pytest.raises(DocumentLifted):
        await bench.reader.document()
    bench.pad.lay(RESIDENT)
    assert await bench.reader.document() == RESIDENT


async def test_lifted_by_hand_while_a_slow_reading_runs(bench: Bench) -> None:
    bench.pad.faults.delay("read", 0.1)
    bench.pad.lay(RESIDENT)
    waiting = asyncio.create_task(bench.reader.document())
    while not bench.pad.faults.calls["read"]:
        await asyncio.sleep(0.001)
    bench.pad.lift()
    with pytest.raises(DocumentLifted):
        await waiting


async def test_an_unreadable_document_is_reported_once(bench: Bench) -> None:
    bench.pad.faults.fail_next("read", Fault.ERROR)
    bench.pad.lay(RESIDENT)
    with pytest.raises(DocumentUnreadable) as unreadable:
        await bench.reader.document()
    assert unreadable.value.status == 0x33
    again = asyncio.create_task(bench.reader.document())
    assert await still_waiting(again)
    await taken_off(bench)
    bench.pad.lay(RESIDENT)
    assert await again == RESIDENT


async def test_a_broken_security_module(bench: Bench) -> None:
    bench.pad.faults.fail_always("sam", Fault.ERROR)
    bench.pad.lay(RESIDENT)
    with pytest.raises(SecurityModuleFault):
        await bench.reader.document()
    health = await bench.reader.health()
    assert (health.condition, health.remedy) == (Condition.HARDWARE_ERROR, Remedy.MAINTENANCE)
    bench.pad.faults.heal()
    assert await bench.reader.document() == RESIDENT


async def test_a_lost_answer_ends_in_time(bench: Bench) -> None:
    bench.pad.faults.drop("read")
    bench.pad.lay(RESIDENT)
    with pytest.raises(DeviceTimeout):
        await bench.reader.document()
    assert await bench.reader.document() == RESIDENT


async def test_a_mute_module_stays_mute_until_it_is_plugged_again(bench: Bench) -> None:
    bench.pad.faults.fail_next("find", Fault.MUTE)
    for _ in range(2):
        with pytest.raises(DeviceTimeout):
            await bench.reader.document()
    assert (await bench.reader.health()).condition is Condition.OFFLINE
    bench.pad.unplug()
    assert not (await bench.reader.health()).usable
    bench.pad.plug()
    bench.pad.lay(RESIDENT)
    assert await bench.reader.document() == RESIDENT


async def test_unplugged_while_waiting_and_plugged_again(bench: Bench) -> None:
    waiting = asyncio.create_task(bench.reader.document())
    assert await still_waiting(waiting)
    bench.pad.unplug()
    with pytest.raises(DeviceLost):
        await waiting
    health = await bench.reader.health()
    assert health.condition is Condition.NO_DEVICE
    with pytest.raises(DeviceLost):
        await bench.reader.document()
    bench.pad.plug()
    bench.pad.lay(RESIDENT)
    assert await bench.reader.document() == RESIDENT
    assert (await bench.reader.health()).condition is Condition.ONLINE


async def test_lost_in_the_middle_of_a_reading(bench: Bench) -> None:
    bench.pad.faults.fail_next("read", Fault.LOSE)
    bench.pad.lay(RESIDENT)
    with pytest.raises(DeviceLost):
        await bench.reader.document()


@pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)
async def test_close_gives_everything_back(factory: Callable[[], AbstractAsyncContextManager[Bench]]) -> None:
    before = open_descriptors()
    tasks = asyncio.all_tasks()
    async with asyncio.timeout(5), factory() as bench:
        waiting = asyncio.create_task(bench.reader.document())
        await asyncio.sleep(3 * POLL_S)
        await bench.reader.close()
        await bench.reader.close()
        with pytest.raises(DeviceLost):
            await waiting
        assert not (await bench.reader.health()).usable
        with pytest.raises(DeviceLost):
            await bench.reader.document()
    await asyncio.sleep(0)
    assert open_descriptors() - before == set()
    assert asyncio.all_tasks() == tasks


async def test_the_document_stays_out_of_repr(bench: Bench) -> None:
    bench.pad.lay(RESIDENT)
    shown = repr(await bench.reader.document())
    assert RESIDENT.name not in shown
    assert RESIDENT.number not in shown
