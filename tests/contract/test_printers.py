"""The manners of every printer: the mock, the ESC/POS driver over TCP and over a serial line, the driver for CUPS.

A CUPS queue at rest does not know how its printer is: what a printer says before it prints is asked of the others only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest

from drivers.api import (
    Condition,
    CoverOpen,
    CutterJammed,
    DeviceLost,
    DeviceTimeout,
    NoPaper,
    Paper,
    PrinterError,
    PrinterFault,
    Remedy,
)
from drivers.faults import Fault
from drivers.printer.layout import transcript
from drivers.printer.mechanism import Mechanism
from tests.helpers.cups import cups_bench, why_no_cups
from tests.helpers.printers import SLIP, Bench, mock_bench, page, virtual_bench

BENCHES: dict[str, Callable[[], AbstractAsyncContextManager[Bench]]] = {
    "mock": mock_bench,
    "tcp": virtual_bench,
    "serial": partial(virtual_bench, serial=True),
    "cups": cups_bench,
}
CUPS = pytest.param("cups", marks=[pytest.mark.system, pytest.mark.skipif(bool(why_no_cups()), reason=why_no_cups())])


@pytest.fixture(params=["mock", "tcp", "serial"])
async def frank(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """Printers that tell at rest how they are."""
    async with BENCHES[request.param]() as made:
        yield made


@pytest.fixture(params=["mock", "tcp", "serial", CUPS])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with BENCHES[request.param]() as made:
        yield made


@pytest.fixture(params=["mock", "tcp"])
async def pluggable(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """Printers whose link goes when their mains plug is pulled; a serial port stays where it is."""
    async with BENCHES[request.param]() as made:
        yield made


async def test_prints_and_returns_when_the_paper_is_out(bench: Bench) -> None:
    await bench.printer.print(SLIP)
    assert bench.texts() == [transcript(SLIP)]
    assert bench.hands.slip_waiting
    bench.hands.take_paper_away()
    assert not bench.hands.slip_waiting


async def test_a_good_printer_says_so(frank: Bench) -> None:
    status = await frank.printer.status()
    assert status.can_print
    assert (status.online, status.paper, status.cover_open) == (True, Paper.OK, False)
    assert (await frank.printer.health()).condition is Condition.ONLINE


async def test_low_paper_is_told_but_prints(frank: Bench) -> None:
    frank.hands.paper_low()
    assert (await frank.printer.status()).paper is Paper.LOW
    health = await frank.printer.health()
    assert health.condition is Condition.ONLINE
    assert "paper" in health.detail
    await frank.printer.print(SLIP)
    assert len(frank.texts()) == 1


OBSTACLES = {
    "paper": (Mechanism.out_of_paper, Mechanism.refill, NoPaper, Remedy.CLEAR),
    "cover": (Mechanism.open_cover, Mechanism.close_cover, CoverOpen, Remedy.CLEAR),
    "cutter": (Mechanism.jam_cutter, Mechanism.clear_jam, CutterJammed, Remedy.CLEAR),
    "broken": (Mechanism.break_down, Mechanism.repair, PrinterFault, Remedy.MAINTENANCE),
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
async def test_an_obstacle_is_refused_before_anything_is_sent(frank: Bench, obstacle: str) -> None:
    happen, mend, error, remedy = OBSTACLES[obstacle]
    happen(frank.hands)
    assert not (await frank.printer.status()).can_print
    health = await frank.printer.health()
    assert not health.usable
    assert health.remedy is remedy
    with pytest.raises(error):
        await frank.printer.print(page("未打印"))
    async with frank.settle():
        mend(frank.hands)
    assert frank.texts() == []
    await frank.printer.print(page("之后"))
    assert frank.texts() == ["之后"]


@pytest.mark.parametrize("obstacle", OBSTACLES)
async def test_nothing_of_a_broken_page_is_printed_later(bench: Bench, obstacle: str) -> None:
    happen, mend, error, _ = OBSTACLES[obstacle]
    if obstacle == "paper":
        bench.hands.out_of_paper_after(3)
    else:
        asyncio.get_running_loop().call_later(0.01, happen, bench.hands)
    with pytest.raises(error):
        await bench.printer.print(SLIP)
    async with bench.settle():
        mend(bench.hands)
    assert bench.texts() == []
    assert (await bench.printer.health()).condition is bench.at_rest
    await bench.printer.print(page("之后"))
    assert [text.splitlines()[-1] for text in bench.texts()] == ["之后"]
    assert all("扫码" not in text for text in bench.texts())


async def test_a_lost_printer_is_lost_and_comes_back(pluggable: Bench) -> None:
    await pluggable.printer.print(page("之前"))
    pluggable.hands.unplug()
    with pytest.raises(DeviceLost):
        await pluggable.printer.status()
    with pytest.raises(DeviceLost):
        await pluggable.printer.print(SLIP)
    health = await pluggable.printer.health()
    assert (health.condition, health.remedy) == (Condition.OFFLINE, Remedy.CONFIGURATION)
    async with pluggable.settle():
        pluggable.hands.plug()
    await pluggable.printer.print(page("之后"))
    assert pluggable.texts() == ["之前", "之后"]


async def test_unplugged_in_the_middle(pluggable: Bench) -> None:
    pluggable.hands.faults.fail_next("print", Fault.LOSE)
    with pytest.raises(DeviceLost):
        await pluggable.printer.print(SLIP)
    async with pluggable.settle():
        pluggable.hands.plug()
    await pluggable.printer.print(page("之后"))
    assert pluggable.texts() == ["之后"]


@pytest.mark.parametrize("name", ["mock", "tcp"])
async def test_a_page_has_a_deadline(name: str) -> None:
    make = {"mock": mock_bench, "tcp": virtual_bench}[name]
    async with make(deadline_s=0.4) as bench:
        bench.hands.faults.fail_next("print", Fault.MUTE)
        with pytest.raises((DeviceTimeout, PrinterFault)):
            await bench.printer.print(SLIP)


async def test_a_second_page_waits_its_turn(bench: Bench) -> None:
    await asyncio.gather(bench.printer.print(page("第一")), bench.printer.print(page("第二")))
    assert bench.texts() == ["第一", "第二"]


async def test_while_a_page_comes_out_the_printer_is_busy(bench: Bench) -> None:
    job = asyncio.create_task(bench.printer.print(SLIP))
    await asyncio.sleep(0)
    assert (await bench.printer.health()).condition is Condition.BUSY
    await job
    assert (await bench.printer.health()).condition is bench.at_rest


async def test_a_cancelled_page_is_not_printed_later(bench: Bench) -> None:
    job = asyncio.create_task(bench.printer.print(SLIP))
    await asyncio.sleep(0.02)
    async with bench.settle():
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
    assert bench.texts() == []
    await bench.printer.print(page("之后"))
    assert [text.splitlines()[-1] for text in bench.texts()] == ["之后"]


async def test_closing_twice_leaves_nothing(bench: Bench) -> None:
    await bench.printer.status()
    await bench.printer.close()
    await bench.printer.close()


async def test_a_page_under_way_when_the_printer_is_closed_is_lost_and_not_printed_later(bench: Bench) -> None:
    job, second = (asyncio.create_task(bench.printer.print(SLIP)) for _ in range(2))
    await asyncio.sleep(0.02)
    async with bench.settle():
        await bench.printer.close()
        for page_ in (job, second):
            with pytest.raises(DeviceLost):
                await page_
    assert bench.texts() == []


async def test_errors_hold_nothing_personal(bench: Bench) -> None:
    bench.hands.out_of_paper()
    with pytest.raises(PrinterError) as caught:
        await bench.printer.print(page("张某某 8712"))
    assert "8712" not in repr(caught.value)
    assert "8712" not in repr(page("张某某 8712"))
