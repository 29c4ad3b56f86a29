"""Printers for tests: sample slips of invented people, and one bench for the mock and the virtual printer."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from drivers.api import Align, Condition, Page, Pair, Printer, Qr, Rule, Space, Text
from drivers.printer.escpos import EscposPrinter
from drivers.printer.mechanism import Mechanism
from drivers.printer.mock import MockPrinter
from drivers.printer.traits import PrinterTraits
from drivers.printer.virtual import VirtualPrinter

DEADLINE_S = 2.0
ANSWER_S = 0.3
SECONDS_PER_PAGE = 0.04

SLIP = Page(
    (
        Text("社会保障卡", Align.CENTRE, scale=2, bold=True),
        Text("自助服务终端业务凭条", Align.CENTRE),
        Space(2),
        Rule(),
        Pair("办理事项", "社保卡启用"),
        Pair("办理结果", "已完成", bold=True),
        Pair("个人账户余额", "¥ 12,345.67"),
        Rule(),
        Text("社保功能已启用，金融功能（银行账户）请持本人有效身份证件到发卡银行网点激活。如需咨询，请拨打12333。"),
        Qr("YB1.MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZPI"),
        Text("扫码可核验本凭条", Align.CENTRE),
    )
)
SLIP_ENGLISH = Page(
    (
        Text("Social Security Card", Align.CENTRE, scale=2, bold=True),
        Rule(),
        Pair("Service", "Card activation"),
        Pair("Institution where you are insured", "Jinshui District Information Technology"),
        Text("The bank’s function of the card is activated at a branch of the bank that issued it; bring your ID."),
    )
)
RARE_NAME = "赵𬭎㛃"
"""An invented name with characters that only the four-byte area of GB 18030 has."""


def page(*texts: str) -> Page:
    return Page(tuple(Text(text) for text in texts))


@dataclass
class Bench:
    """A printer as its user sees it, the hands at it, and what lies in the tray."""

    printer: Printer
    hands: Mechanism
    texts: Callable[[], list[str]]
    """Every slip that came out whole."""
    settle: Callable[[], AbstractAsyncContextManager[None]]
    """Time for anything late to come out: leave the block once nothing moves any more."""
    at_rest: Condition = Condition.ONLINE
    """What health says of a good printer that does nothing."""


@asynccontextmanager
async def mock_bench(deadline_s: float = DEADLINE_S) -> AsyncIterator[Bench]:
    printer = MockPrinter(seconds_per_page=SECONDS_PER_PAGE, deadline_s=deadline_s)

    @asynccontextmanager
    async def settle() -> AsyncIterator[None]:
        yield

    yield Bench(printer, printer, lambda: [printer.text_of(page) for page in printer.pages], settle)
    await printer.close()


@asynccontextmanager
async def virtual_bench(
    deadline_s: float = DEADLINE_S,
    traits: PrinterTraits | None = None,
    *,
    serial: bool = False,
    knows_clear: bool = True,
    knows_enq: bool = True,
) -> AsyncIterator[Bench]:
    virtual = VirtualPrinter(seconds_per_page=SECONDS_PER_PAGE, knows_clear=knows_clear, knows_enq=knows_enq)
    await virtual.start()
    try:
        if serial:
            async with (
                serial_cable(virtual.url) as device,
                _bench(virtual, f"serial://{device}?baud=115200", traits, deadline_s) as bench,
            ):
                yield bench
        else:
            async with _bench(virtual, virtual.url, traits, deadline_s) as bench:
                yield bench
    finally:
        await virtual.aclose()


@asynccontextmanager
async def _bench(
    virtual: VirtualPrinter, url: str, traits: PrinterTraits | None, deadline_s: float
) -> AsyncIterator[Bench]:
    printer = EscposPrinter(url, traits, deadline_s=deadline_s, answer_s=ANSWER_S)

    @asynccontextmanager
    async def settle() -> AsyncIterator[None]:
        yield
        await quiet(virtual)

    try:
        yield Bench(printer, virtual, lambda: [slip.text for slip in virtual.receipts], settle)
        assert not virtual.complaints
    finally:
        await printer.close()


async def quiet(virtual: VirtualPrinter) -> None:
    """Return once the printer has worked off, or cannot work off, what it holds."""
    while True:
        before = (virtual.unprinted, len(virtual.receipts), len(virtual.hanging.marks))
        await asyncio.sleep(4 * SECONDS_PER_PAGE)
        if before == (virtual.unprinted, len(virtual.receipts), len(virtual.hanging.marks)):
            return


@asynccontextmanager
async def serial_cable(url: str) -> AsyncIterator[str]:
    """A pseudo terminal whose other end is plugged into a TCP peer: the path of the device."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    loop = asyncio.get_running_loop()

    def from_device() -> None:
        writer.write(os.read(ours, 4096))

    async def to_device() -> None:
        while data := await reader.read(4096):
            os.write(ours, data)

    loop.add_reader(ours, from_device)
    pump = asyncio.create_task(to_device())
    try:
        yield os.ttyname(theirs)
    finally:
        loop.remove_reader(ours)
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)
        writer.transport.abort()
        os.close(ours)
        os.close(theirs)
