"""The driver on links and printers that are less than perfect."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from drivers.api import Condition, DeviceLost, DeviceTimeout, NoPaper, Paper, PrinterFault, Remedy
from drivers.faults import Fault
from drivers.printer.encode import encode
from drivers.printer.escpos import EscposPrinter
from drivers.printer.link import LinkAddress
from drivers.printer.status import REQUESTS
from drivers.printer.traits import PrinterTraits
from tests.helpers.printers import SLIP, page, virtual_bench


@pytest.mark.parametrize(
    "url",
    ["", "tcp://", "tcp://host:x", "tcp://host/path", "serial://ttyS0", "file:relative", "usb:///dev/x", "tcp://h?baud=1"
     , "serial:///dev/ttyS0?flow=maybe", "serial:///dev/ttyS0?speed=9600"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_what_would_be_one(url: str) -> None:
    if url == "tcp://h?baud=1":
        assert LinkAddress(url).scheme == "tcp"  # a baud rate does no harm
        return
    with pytest.raises(ValueError, match=r"tcp://host:9100|numbers"):
        LinkAddress(url)


async def test_nobody_at_the_address_is_a_matter_of_configuration() -> None:
    async with virtual_bench() as bench:
        bench.hands.unplug()
        health = await bench.printer.health()
        assert (health.condition, health.remedy) == (Condition.OFFLINE, Remedy.CONFIGURATION)
    missing = EscposPrinter("serial:///dev/there-is-none")
    assert (await missing.health()).condition is Condition.NO_DEVICE
    with pytest.raises(DeviceLost):
        await missing.print(SLIP)


async def test_a_file_takes_the_bytes_and_proves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lp0"
    printer = EscposPrinter(f"file://{path}")
    assert (await printer.health()).condition is Condition.NO_DEVICE
    with pytest.raises(DeviceLost):
        await printer.status()
    assert not path.exists()
    path.touch()
    status = await printer.status()
    assert (status.online, status.paper) == (None, Paper.UNKNOWN)
    assert (await printer.health()).condition is Condition.UNKNOWN
    await printer.print(SLIP)
    assert path.read_bytes() == encode(SLIP)
    await printer.close()


async def test_a_file_that_takes_nothing_runs_into_the_deadline(tmp_path: Path) -> None:
    path = tmp_path / "lp0"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        printer = EscposPrinter(f"file://{path}", deadline_s=0.1)
        await printer.print(SLIP)
        os.set_blocking(fill := os.open(path, os.O_WRONLY), False)
        with pytest.raises(BlockingIOError):
            os.write(fill, bytes(os.write(fill, bytes(1 << 22))))
        os.close(fill)
        with pytest.raises(DeviceTimeout):
            await printer.print(SLIP)
        await printer.close()
    finally:
        os.close(reader)


async def test_a_mute_printer_is_unknown_and_is_not_printed_on() -> None:
    async with virtual_bench(deadline_s=5) as bench:
        bench.hands.faults.fail_always("status", Fault.DROP)
        status = await bench.printer.status()
        assert (status.online, status.paper) == (None, Paper.UNKNOWN)
        with pytest.raises(DeviceTimeout):
            await bench.printer.print(SLIP)
        assert bench.texts() == []


async def test_garbage_is_no_answer() -> None:
    async with virtual_bench(deadline_s=5) as bench:
        bench.hands.faults.fail_always("status", Fault.GARBLE)
        assert (await bench.printer.status()).online is None


async def test_a_connection_that_died_unnoticed_is_made_anew() -> None:
    async with virtual_bench() as bench:
        await bench.printer.status()
        bench.hands.unplug()
        bench.hands.plug()
        await bench.printer.print(page("之后"))
        assert bench.texts() == ["之后"]


async def test_without_proof_there_is_no_success() -> None:
    async with virtual_bench(deadline_s=0.8) as bench:
        bench.hands.faults.fail_always("proof", Fault.DROP)
        with pytest.raises(DeviceTimeout):
            await bench.printer.print(page("有纸"))


async def test_a_page_that_is_proven_to_be_out_is_printed_whatever_becomes_of_the_link() -> None:
    async with virtual_bench() as bench:
        bench.hands.faults.fail_next("status", Fault.LOSE, after=len(REQUESTS))  # the last look, when the page is out
        await bench.printer.print(page("已出"))
        assert bench.hands.faults.fired["status", Fault.LOSE] == 1
        bench.hands.plug()
        await bench.printer.print(page("之后"))
        assert bench.texts() == ["已出", "之后"]


async def test_nothing_is_printed_until_the_printer_confirmed_that_it_forgot() -> None:
    async with virtual_bench(deadline_s=5, knows_clear=False, knows_enq=False) as bench:
        bench.hands.out_of_paper_after(3)
        with pytest.raises(NoPaper):
            await bench.printer.print(SLIP)
        bench.hands.refill()
        health = await bench.printer.health()
        assert (health.condition, health.remedy) == (Condition.HARDWARE_ERROR, Remedy.RESET)
        with pytest.raises(PrinterFault):
            await bench.printer.print(page("之后"))
        async with bench.settle():
            pass
        assert not any("之后" in text for text in bench.texts())


async def test_the_virtual_printer_does_print_late_when_it_is_not_told() -> None:
    """That the tests above can fail: a printer without any clearing command does what cheap printers do."""
    traits = PrinterTraits(confirms_clear=False)
    async with virtual_bench(traits=traits, knows_clear=False, knows_enq=False) as bench:
        bench.hands.out_of_paper_after(3)
        with pytest.raises(NoPaper):
            await bench.printer.print(SLIP)
        async with bench.settle():
            bench.hands.refill()
        assert ["扫码" in text for text in bench.texts()] == [True]


@pytest.mark.parametrize("knows_enq", [True, False])
async def test_line_by_line_leaves_nothing_to_print_late(knows_enq: bool) -> None:
    traits = PrinterTraits(confirms_clear=False, line_by_line=True)
    async with virtual_bench(traits=traits, knows_clear=False, knows_enq=knows_enq) as bench:
        bench.hands.out_of_paper_after(3)
        with pytest.raises(NoPaper):
            await bench.printer.print(SLIP)
        async with bench.settle():
            bench.hands.refill()
        assert bench.texts() == []
        await bench.printer.print(page("之后"))
        assert len(bench.texts()) == 1
        assert "扫码" not in bench.texts()[0]


async def test_a_second_break_while_clearing_is_remembered() -> None:
    async with virtual_bench(deadline_s=5) as bench:
        bench.hands.out_of_paper_after(3)
        bench.hands.faults.fail_next("clear", Fault.DROP)
        with pytest.raises(NoPaper):
            await bench.printer.print(SLIP)
        async with bench.settle():
            # The driver meets the printer again before the paper does: the next contact clears it.
            assert (await bench.printer.status()).paper is Paper.OUT
            bench.hands.refill()
        assert bench.texts() == []
        await bench.printer.print(page("之后"))
        assert len(bench.texts()) == 1


async def test_a_cancelled_question_does_not_confuse_the_next_one() -> None:
    async with virtual_bench() as bench:
        bench.hands.faults.delay("status", 0.2)
        asking = asyncio.create_task(bench.printer.status())
        await asyncio.sleep(0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        bench.hands.open_cover()
        assert (await bench.printer.status()).cover_open is True
