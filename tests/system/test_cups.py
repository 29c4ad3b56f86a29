"""The driver for CUPS against a real cupsd of the test's own: to the job's true end, and nothing late."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.api import Condition, DeviceLost, DeviceTimeout, NoPaper, Paper, PrinterFault, Remedy
from drivers.printer.cups import USER, CupsPrinter
from drivers.printer.ipp import Attribute, Message, Tag
from drivers.printer.spooler import Spooler
from drivers.registry import PRINTERS, UnknownDriver, build
from tests.helpers.cups import (
    PDF_QUEUE,
    QUEUE,
    Cupsd,
    KnownPages,
    PdfCupsd,
    PlayedHands,
    cups_directory,
    quiet,
    running_cupsd,
    why_no_cups,
    why_no_cups_pdf,
)
from tests.helpers.printers import SLIP, page

pytestmark = [pytest.mark.system, pytest.mark.skipif(bool(why_no_cups()), reason=why_no_cups())]


@pytest.fixture
async def cupsd() -> AsyncIterator[PdfCupsd]:
    async with running_cupsd() as running:
        yield running


@pytest.fixture
async def printer(cupsd: Cupsd) -> AsyncIterator[KnownPages]:
    made = KnownPages(cupsd.socket, deadline_s=5)
    yield made
    await made.close()


async def at_work(cupsd: Cupsd) -> None:
    async with asyncio.timeout(5):
        while not cupsd.working():
            await asyncio.sleep(0.01)


async def test_a_printed_page_leaves_nothing_in_the_spool(cupsd: Cupsd, printer: KnownPages) -> None:
    PlayedHands(cupsd)
    await printer.print(SLIP)
    assert len(cupsd.printed()) == 1
    spool = [path.name for path in (cupsd.root / "spool").iterdir() if path.is_file()]
    assert spool == [], "neither the document nor the job's own file may stay"
    assert "12,345" not in cupsd.log()


class BreaksOffAtTheEnd(Spooler):
    """The way to this CUPS, lost whenever a job is to be purged."""

    broken = True

    async def ask(self, path: str, request: Message, document: bytes = b"") -> Message:
        if self.broken and Attribute("purge-job", Tag.BOOLEAN, (True,)) in request.groups[0][1]:
            raise DeviceLost("CUPS broke off")
        return await super().ask(path, request, document)


async def test_a_page_that_is_out_is_printed_and_forgotten_later_if_cups_is_lost_just_then(
    cupsd: Cupsd, printer: KnownPages
) -> None:
    PlayedHands(cupsd)
    printer._spooler = way = BreaksOffAtTheEnd(cupsd.socket)
    await printer.print(SLIP)
    assert len(cupsd.printed()) == 1
    way.broken = False
    async with asyncio.timeout(5):
        while any(path.is_file() for path in (cupsd.root / "spool").iterdir()):
            await asyncio.sleep(0.01)
    assert (await printer.health()).condition is Condition.UNKNOWN
    assert len(cupsd.printed()) == 1


@pytest.mark.skipif(bool(why_no_cups_pdf()), reason=why_no_cups_pdf())
async def test_through_filters_and_cups_pdf_the_slip_is_one_page_of_a4_with_a_code_that_reads(cupsd: PdfCupsd) -> None:
    import cv2
    import zxingcpp

    printer = CupsPrinter(PDF_QUEUE, cupsd.socket, deadline_s=20)
    await printer.print(SLIP)
    (pdf,) = cupsd.pdfs()
    picture = cupsd.root / "page.png"
    shown = subprocess.run(  # noqa: ASYNC221 - there is nothing else to do meanwhile
        ["gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pnggray", "-r150", f"-sOutputFile={picture}", str(pdf)],
        timeout=20,
        capture_output=True,
    )
    assert shown.returncode == 0
    grey = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    height, width = grey.shape
    assert (round(width / 150 * 25.4), round(height / 150 * 25.4)) == (210, 297)
    assert [code.text for code in zxingcpp.read_barcodes(grey)] == ["YB1.MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZPI"]
    assert (grey < 128).mean() > 0.005, "text as well as the code"


async def test_paper_out_and_refilled_prints_no_former_citizens_page(cupsd: Cupsd, printer: KnownPages) -> None:
    hands = PlayedHands(cupsd)
    hands.out_of_paper()
    with pytest.raises(NoPaper):
        await printer.print(page("先来的人"))
    assert cupsd.spooled() == []
    hands.refill()
    await quiet(cupsd)
    assert cupsd.printed() == []
    health = await printer.health()
    assert health.condition is Condition.UNKNOWN
    assert "media-empty" in health.detail, "the operator learns what happened last"
    assert (await printer.status()).paper is Paper.UNKNOWN, "nobody knows whether it was refilled"
    await printer.print(page("后来的人"))
    assert [printer.text_of(pdf) for pdf in cupsd.printed()] == ["后来的人"]


async def test_status_tells_what_cups_hears_while_a_page_is_printed(cupsd: Cupsd, printer: KnownPages) -> None:
    hands = PlayedHands(cupsd)
    hands.say(seconds=1.0)
    hands.paper_low()
    job = asyncio.create_task(printer.print(page("一页")))
    async with asyncio.timeout(3):
        while (await printer.status()).paper is not Paper.LOW:
            await asyncio.sleep(0.02)
    await job


async def test_a_stopped_queue_is_refused_before_anything_is_sent(cupsd: Cupsd, printer: KnownPages) -> None:
    PlayedHands(cupsd)
    cupsd.command("cupsdisable", QUEUE)
    health = await printer.health()
    assert (health.condition, health.remedy) == (Condition.OFFLINE, Remedy.RESET)
    assert not (await printer.status()).can_print
    with pytest.raises(PrinterFault):
        await printer.print(page("停用"))
    cupsd.command("cupsenable", QUEUE)
    await quiet(cupsd)
    assert cupsd.printed() == []
    cupsd.command("cupsreject", QUEUE)
    health = await printer.health()
    assert (health.condition, health.remedy) == (Condition.OFFLINE, Remedy.CONFIGURATION)
    cupsd.command("cupsaccept", QUEUE)
    await printer.print(page("启用"))
    assert len(cupsd.printed()) == 1


async def test_a_back_end_that_fails_stops_the_queue_but_keeps_no_page(cupsd: Cupsd, printer: KnownPages) -> None:
    hands = PlayedHands(cupsd)
    hands.say(fail=1)  # and the queue's policy is to stop and to try again later
    with pytest.raises(PrinterFault):
        await printer.print(page("坏页"))
    assert cupsd.spooled() == []
    assert (await printer.health()).condition is Condition.OFFLINE
    hands.say(fail=0)
    cupsd.command("cupsenable", QUEUE)
    await quiet(cupsd)
    assert cupsd.printed() == []
    await printer.print(page("好页"))
    assert len(cupsd.printed()) == 1


async def test_a_page_that_does_not_come_out_in_time_never_does(cupsd: Cupsd) -> None:
    hands = PlayedHands(cupsd)
    hands.say(silent=True)  # a back end that does not tell why
    hands.out_of_paper()
    printer = KnownPages(cupsd.socket, deadline_s=0.6)
    with pytest.raises(DeviceTimeout):
        await printer.print(page("太迟"))
    assert cupsd.taken_back(), "the back end could still take the page back from the printer"
    hands.refill()
    await quiet(cupsd)
    assert cupsd.printed() == []
    assert cupsd.spooled() == []
    await printer.close()


async def test_a_back_end_deaf_to_the_cancellation_blocks_the_next_page_until_it_is_gone(cupsd: Cupsd) -> None:
    hands = PlayedHands(cupsd)
    hands.say(silent=True, deaf=True)
    hands.out_of_paper()
    printer = KnownPages(cupsd.socket, deadline_s=0.6)
    with pytest.raises(DeviceTimeout):
        await printer.print(page("卡住"))
    health = await printer.health()
    assert (health.condition, health.remedy) == (Condition.HARDWARE_ERROR, Remedy.RESET)
    with pytest.raises(PrinterFault):
        await printer.print(page("中间"))
    async with asyncio.timeout(20):
        while (await printer.health()).condition is not Condition.UNKNOWN:
            await asyncio.sleep(0.1)
    assert not cupsd.working(), "cupsd killed it after JobKillDelay"
    assert not cupsd.taken_back()
    hands.say(silent=False, deaf=False)
    hands.refill()
    await printer.print(page("之后"))
    assert [printer.text_of(pdf) for pdf in cupsd.printed()] == ["之后"]
    await printer.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_cupsd_that_dies_and_comes_back_does_not_begin_the_page_again(
    cupsd: Cupsd, printer: KnownPages, how: signal.Signals
) -> None:
    hands = PlayedHands(cupsd)
    hands.say(seconds=2.0)
    job = asyncio.create_task(printer.print(page("先前")))
    await at_work(cupsd)
    cupsd.stop(how)
    with pytest.raises(DeviceLost):
        await job
    assert (await printer.health()).condition is Condition.NO_DEVICE
    with pytest.raises(DeviceLost):
        await printer.status()
    assert cupsd.spooled() != [], "cupsd would print this when it is back"
    await cupsd.start()
    async with asyncio.timeout(5):
        while cupsd.spooled():  # nobody asks the driver for anything meanwhile
            await asyncio.sleep(0.02)
    await quiet(cupsd)
    assert cupsd.printed() == []
    hands.say(seconds=0.05)
    await printer.print(page("之后"))
    assert [printer.text_of(pdf) for pdf in cupsd.printed()] == ["之后"]


async def test_what_an_earlier_run_left_goes_and_what_others_sent_stays(cupsd: Cupsd, tmp_path: Path) -> None:
    hands = PlayedHands(cupsd)
    hands.out_of_paper()
    left = tmp_path / "left.pdf"
    left.write_bytes(b"%PDF-1.4 left")
    cupsd.command("lp", "-d", QUEUE, "-U", USER, "-t", "slip", str(left))
    cupsd.command("lp", "-d", QUEUE, "-U", "clerk", "-t", "list", str(left))
    assert len(cupsd.spooled()) == 2
    printer = KnownPages(cupsd.socket, deadline_s=5)
    async with asyncio.timeout(5):
        await printer.health()
        while len(cupsd.spooled()) > 1:
            await printer.health()
    hands.refill()
    await quiet(cupsd)
    assert cupsd.printed() == [b"%PDF-1.4 left"], "the clerk's"
    await printer.close()


async def test_a_page_that_hall_staff_cancel_is_not_taken_for_printed(cupsd: Cupsd, printer: KnownPages) -> None:
    hands = PlayedHands(cupsd)
    hands.say(seconds=5.0)
    job = asyncio.create_task(printer.print(page("撤销")))
    await at_work(cupsd)
    cupsd.command("cancel", "-a", QUEUE)
    with pytest.raises(PrinterFault):
        await job
    assert cupsd.printed() == []


async def test_a_roll_is_as_long_as_the_page(cupsd: Cupsd) -> None:
    PlayedHands(cupsd)
    printer = KnownPages(cupsd.socket, deadline_s=5, sheet="roll80")
    await printer.print(SLIP)
    (pdf,) = cupsd.printed()
    assert b"/MediaBox [0 0 226.772 " in pdf
    await printer.close()


async def test_without_cups_or_queue_the_operator_is_told() -> None:
    with cups_directory() as root:
        printer = CupsPrinter(QUEUE, str(root / "nothing"))
        health = await printer.health()
        assert (health.condition, health.remedy) == (Condition.NO_DEVICE, Remedy.CONFIGURATION)
        with pytest.raises(DeviceLost):
            await printer.print(page("无处可印"))
        await printer.close()
        await printer.close()
    async with running_cupsd() as cupsd:
        printer = CupsPrinter("nowhere", cupsd.socket)
        health = await printer.health()
        assert (health.condition, health.remedy) == (Condition.NO_DEVICE, Remedy.CONFIGURATION)
        assert "nowhere" in health.detail
        with pytest.raises(DeviceLost):
            await printer.status()


def test_the_registry_knows_queues_servers_and_paper() -> None:
    assert isinstance(build(PRINTERS, "cups:office"), CupsPrinter)
    assert isinstance(build(PRINTERS, "cups:office@localhost:6631?paper=roll80"), CupsPrinter)
    assert isinstance(build(PRINTERS, "cups:office@/run/other.sock"), CupsPrinter)
    for wrong in (
        "cups:",
        "cups:a b",
        "cups:office?paper=a3",
        "cups:office@print.example.com",
        "cups:office@localhost:x",
    ):
        with pytest.raises(UnknownDriver):
            build(PRINTERS, wrong)
