"""The virtual printer: its parser, its paper, and its bad habits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.api import Align, Block, Page, Pair, Qr, Rule, Space, Text
from drivers.faults import Fault
from drivers.printer.encode import encode
from drivers.printer.layout import transcript
from drivers.printer.paper import PrintedReceipt, Strip
from drivers.printer.parser import UNPARSED, Command, Parser
from drivers.printer.traits import PrinterTraits
from drivers.printer.virtual import VirtualPrinter
from tests.helpers.printers import RARE_NAME, SLIP, SLIP_ENGLISH, quiet

printable = st.text(st.sampled_from("社会保障卡，。（）abc XYZ 0123:*-¥"), max_size=90)
blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Text, printable, st.sampled_from(Align), st.sampled_from([1, 2]), st.booleans()),
    st.builds(Pair, printable, printable, st.booleans()),
    st.just(Rule()),
    st.builds(Space, st.floats(0, 60)),
    st.builds(Qr, st.from_regex(r"YB1\.[A-Z2-7]{1,60}", fullmatch=True)),
)
pages = st.builds(Page, st.lists(blocks, max_size=12).map(tuple))


def commands(*pieces: bytes) -> list[Command]:
    parser = Parser()
    found = []
    for piece in pieces:
        parser.feed(piece)
        while (command := parser.take()) is not None:
            found.append(command)
    return found


def printed(data: bytes) -> tuple[PrintedReceipt, list[str]]:
    strip = Strip()
    complaints = [command.name for command in commands(data) if not strip.execute(command)[0]]
    return strip.tear(), complaints


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_bytes_make_the_parser_fail_or_lose_any(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    found = commands(*pieces)
    assert data.startswith(b"".join(command.raw for command in found))
    strip = Strip()
    for command in found:
        strip.execute(command)
    assert isinstance(strip.tear().text, str)


escape = st.tuples(st.sampled_from([b"\x10", b"\x1b", b"\x1c", b"\x1d", b"\x1d(k", b"\x1dv0"]), st.binary(max_size=9))


@given(st.lists(escape.map(b"".join), max_size=20).map(b"".join))
def test_neither_do_commands_with_any_parameters(data: bytes) -> None:
    strip = Strip()
    for command in commands(data):
        strip.execute(command)


@given(pages, st.integers(1, 700))
@settings(max_examples=60, deadline=None)
def test_a_page_arrives_as_it_was_set_however_it_is_cut_up(page: Page, size: int) -> None:
    data = encode(page)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert [c.raw for c in commands(*pieces) if c.name != "text"] == [c.raw for c in commands(data) if c.name != "text"]
    receipt, complaints = printed(data)
    assert not complaints
    assert receipt.text == transcript(page)
    assert receipt.raw == data


def test_what_it_does_not_know_is_a_complaint() -> None:
    for data in (b"\x1bZ", b"\x1d!\x35", b"\x1dv1\x00\x01\x00\x01\x00\x00", b"\x1dVQ", b"\x07", b"\x1ba\x07"):
        assert printed(data)[1], data.hex()
    assert commands(b"\x1c.\x81A")[1].name == UNPARSED  # Chinese while Chinese mode is off


@pytest.mark.parametrize("native", [True, False])
def test_the_code_on_the_paper_can_be_scanned(native: bool) -> None:
    seal = "YB1." + "MFRGGZDF" * 30
    receipt, _ = printed(encode(Page((Text("扫码核验"), Qr(seal))), PrinterTraits(native_qr=native)))
    found = zxingcpp.read_barcodes(receipt.image().convert("L"))
    assert [code.text for code in found] == [seal]
    assert receipt.qr_texts == ((seal,) if native else ())


def test_the_paper_is_eighty_millimetres_wide_and_has_ink() -> None:
    for page in (SLIP, SLIP_ENGLISH, Page((Text(RARE_NAME),))):
        image = printed(encode(page))[0].image()
        assert image.width == 640
        dark = image.convert("L").histogram()
        assert sum(dark[:100]) > 100


@pytest.fixture
async def virtual() -> AsyncIterator[VirtualPrinter]:
    made = await VirtualPrinter(seconds_per_page=0.01).start()
    yield made
    await made.aclose()
    await made.aclose()


async def connect(virtual: VirtualPrinter) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(virtual.url)
    return await asyncio.open_connection(address.hostname, address.port)


async def test_it_answers_in_real_time_and_in_turn(virtual: VirtualPrinter) -> None:
    reader, writer = await connect(virtual)
    for request in (b"\x10", b"\x04", b"\x01"):  # one request in three packets
        writer.write(request)
        await writer.drain()
        await asyncio.sleep(0)
    assert await reader.readexactly(1) == b"\x12"
    virtual.out_of_paper()
    writer.write(b"\x1b@\x1dr\x01\x10\x04\x01\x10\x04\x04")
    assert await reader.readexactly(2) == b"\x1a\x7e"  # GS r waits, as there is no paper
    virtual.refill()
    assert await reader.readexactly(1) == b"\x00"
    writer.close()


async def test_it_reports_changes_by_itself_when_asked_to(virtual: VirtualPrinter) -> None:
    reader, writer = await connect(virtual)
    writer.write(b"\x1da\x0f")
    assert await reader.readexactly(4) == b"\x10\x00\x00\x00"
    virtual.open_cover()
    assert await reader.readexactly(4) == b"\x38\x00\x00\x00"
    writer.close()


async def test_it_finds_commands_in_pictures_as_real_printers_do(virtual: VirtualPrinter) -> None:
    reader, writer = await connect(virtual)
    writer.write(b"\x1b@\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01")
    assert await reader.readexactly(1) == b"\x12"
    writer.close()


async def test_what_is_in_its_buffer_outlives_the_connection_and_comes_out_after_refill(
    virtual: VirtualPrinter,
) -> None:
    virtual.out_of_paper()
    reader, writer = await connect(virtual)
    writer.write(encode(SLIP) + b"\x10\x04\x01")
    await reader.readexactly(1)
    writer.close()
    assert virtual.unprinted
    waiting = asyncio.create_task(virtual.next_receipt())
    await asyncio.sleep(0)
    virtual.refill()
    assert (await waiting).text == transcript(SLIP)


async def test_a_torn_piece_is_kept_apart(virtual: VirtualPrinter) -> None:
    reader, writer = await connect(virtual)
    virtual.out_of_paper_after(2)
    writer.write(encode(SLIP))
    await quiet(virtual)
    assert not virtual.runs
    writer.write(bytes.fromhex("10140801031401060208"))
    assert await reader.readexactly(3) == b"\x37\x25\x00"
    virtual.refill()
    assert [piece.text.split()[0] for piece in virtual.torn] == ["社会保障卡"]
    assert virtual.receipts == []
    assert not virtual.unprinted
    writer.close()


async def test_planned_faults_happen(virtual: VirtualPrinter) -> None:
    virtual.faults.fail_next("connect", Fault.LOSE)
    reader, writer = await connect(virtual)
    assert await reader.read() == b""
    writer.close()
    reader, writer = await connect(virtual)
    virtual.faults.fail_next("print", Fault.PULL)
    writer.write(encode(SLIP))
    await quiet(virtual)
    assert not virtual.runs
    assert virtual.status_now().can_print is False
    assert virtual.faults.fired["print", Fault.PULL] == 1
    writer.close()
