"""IPP messages there and back, the way to a CUPS that misbehaves, and what a queue's words mean."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from drivers.printer.cups import CupsPrinter
from drivers.printer.cups_state import QueueReading
from drivers.printer.ipp import (
    Attribute,
    Group,
    JobState,
    MalformedMessage,
    Message,
    Operation,
    PrinterState,
    Tag,
    decode,
    encode,
)
from drivers.printer.spooler import Spooler, SpoolerRefused
from drivers.printer.status import obstacle

REQUEST = Message(
    Operation.GET_PRINTER_ATTRIBUTES,
    7,
    (
        (
            Group.OPERATION,
            (
                Attribute("attributes-charset", Tag.CHARSET, ("utf-8",)),
                Attribute("requested-attributes", Tag.KEYWORD, ("printer-state", "printer-state-reasons")),
            ),
        ),
    ),
)

# --- messages ---------------------------------------------------------------------------------------------------------


def test_a_request_as_the_standard_writes_it() -> None:
    # RFC 8010 section 3.1 and the layout of its appendix A examples.
    assert encode(REQUEST) == (
        b"\x02\x00\x00\x0b\x00\x00\x00\x07\x01"
        b"\x47\x00\x12attributes-charset\x00\x05utf-8"
        b"\x44\x00\x14requested-attributes\x00\x0dprinter-state"
        b"\x44\x00\x00\x00\x15printer-state-reasons"
        b"\x03"
    )


def test_an_answer_with_everything_that_may_stand_in_it() -> None:
    data = (
        b"\x01\x01\x00\x00\x00\x00\x00\x07"
        b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8"
        b"\x04\x23\x00\x0dprinter-state\x00\x04\x00\x00\x00\x03"
        b"\x22\x00\x19printer-is-accepting-jobs\x00\x01\x01"
        b"\x34\x00\x0dmedia-col-def\x00\x00"  # a collection with one inside
        b"\x4a\x00\x00\x00\x0amedia-size\x34\x00\x00\x00\x00"
        b"\x4a\x00\x00\x00\x0bx-dimension\x21\x00\x00\x00\x04\x00\x00\x52\x08\x37\x00\x00\x00\x00\x37\x00\x00\x00\x00"
        b"\x35\x00\x0cprinter-info\x00\x0a\x00\x02en\x00\x04desk"
        b"\x13\x00\x04none\x00\x00"
        b"\x33\x00\x05range\x00\x08\x00\x00\x00\x01\x00\x00\x00\x63"
        b"\x03and a document"
    )
    answer = decode(data)
    assert answer.ok
    assert answer.first(Group.PRINTER) == {
        "printer-state": (3,),
        "printer-is-accepting-jobs": (True,),
        "media-col-def": (None,),
        "printer-info": ("desk",),
        "none": (None,),
        "range": (b"\x00\x00\x00\x01\x00\x00\x00\x63",),
    }


_NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,30}", fullmatch=True)
_VALUES = st.one_of(
    st.tuples(st.just(Tag.INTEGER), st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=4)),
    st.tuples(st.just(Tag.ENUM), st.lists(st.integers(0, 50), min_size=1, max_size=4)),
    st.tuples(st.just(Tag.BOOLEAN), st.lists(st.booleans(), min_size=1, max_size=2)),
    st.tuples(
        st.sampled_from((Tag.TEXT, Tag.NAME, Tag.KEYWORD, Tag.URI)),
        st.lists(
            st.text(max_size=40).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)), min_size=1
        ),
    ),
    st.tuples(st.just(0x30), st.lists(st.binary(max_size=40), min_size=1, max_size=3)),
    st.tuples(st.just(0x13), st.just([None])),
)
_ATTRIBUTES = st.builds(lambda name, value: Attribute(name, value[0], tuple(value[1])), _NAMES, _VALUES)
_GROUPS = st.lists(
    st.tuples(
        st.sampled_from((Group.OPERATION, Group.JOB, Group.PRINTER)), st.lists(_ATTRIBUTES, max_size=5).map(tuple)
    ),
    max_size=4,
).map(tuple)


@given(code=st.integers(0, 0xFFFF), number=st.integers(1, 2**31 - 1), groups=_GROUPS, rest=st.binary(max_size=9))
def test_there_and_back(
    code: int, number: int, groups: tuple[tuple[int, tuple[Attribute, ...]], ...], rest: bytes
) -> None:
    message = Message(code, number, groups)
    assert decode(encode(message) + rest) == message


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        decode(data)
    except MalformedMessage:
        pass


@given(data=st.data())
def test_a_message_cut_short_is_refused(data: st.DataObject) -> None:
    whole = encode(REQUEST)
    with pytest.raises(MalformedMessage):
        decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize(
    "data",
    [
        b"\x07\x00\x00\x0b\x00\x00\x00\x07\x03",  # another version
        b"\x02\x00\x00\x0b\x00\x00\x00\x07\x44\x00\x01a\x00\x01b\x03",  # outside of a group
        b"\x02\x00\x00\x0b\x00\x00\x00\x07\x01\x44\x00\x00\x00\x01b\x03",  # a further value without a first
        b"\x02\x00\x00\x0b\x00\x00\x00\x07\x01\x21\x00\x01a\x00\x02\x00\x01\x03",  # an integer of two bytes
        b"\x02\x00\x00\x0b\x00\x00\x00\x07\x01\x22\x00\x01a\x00\x02\x00\x01\x03",  # a boolean of two bytes
        b"\x02\x00\x00\x0b\x00\x00\x00\x07\x01\x44\xff\xffa\x00\x01b\x03",  # a negative length
        b"\x02\x00\x00\x0b\x00\x00\x00\x07\x01\x44\x00\x01\xe4\x00\x01b\x03",  # a name beyond ASCII
        b"\x02\x00\x00\x0b\x00\x00\x00\x07\x01\x34\x00\x01a\x00\x00\x03",  # a collection without an end
    ],
)
def test_what_breaks_the_rules_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode(data)


def test_job_states() -> None:
    assert [state.name for state in JobState if state.ended] == ["CANCELED", "ABORTED", "COMPLETED"]


# --- a CUPS that misbehaves -------------------------------------------------------------------------------------------

ANSWER = encode(Message(0, 7, ((Group.PRINTER, (Attribute("printer-state", Tag.ENUM, (3,)),)),)))


@asynccontextmanager
async def server(place: Path, *pieces: bytes, silent: bool = False) -> AsyncIterator[str]:
    """Answers everybody with these pieces and hangs up."""
    leaving = asyncio.Event()
    guests: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guests.add(asyncio.current_task())
        try:
            await reader.read(65536)
            if silent:
                await leaving.wait()
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.005)
        except OSError:
            pass  # the peer has given up
        finally:
            writer.transport.abort()

    path = place / "sock"
    running = await asyncio.start_unix_server(serve, path)
    try:
        yield str(path)
    finally:
        leaving.set()
        running.close()
        await asyncio.gather(*(guest for guest in guests if guest))


def http(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: application/ipp", *fields])
    return head.encode() + b"\r\n\r\n" + body


GOOD: dict[str, tuple[bytes, ...]] = {
    "length": (http(ANSWER, f"Content-Length: {len(ANSWER)}"),),
    "pieces": tuple(bytes([byte]) for byte in http(ANSWER, f"content-length: {len(ANSWER)}")),
    "chunks": (http(b"5;x=y\r\n" + ANSWER[:5] + b"\r\n%x\r\n" % len(ANSWER[5:]) + ANSWER[5:] + b"\r\n0\r\n\r\n",
                    "Transfer-Encoding: chunked"),),
    "to the end": (http(ANSWER),),
    "continue": (b"HTTP/1.1 100 Continue\r\n\r\n", http(ANSWER, f"Content-Length: {len(ANSWER)}")),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
async def test_ways_in_which_an_answer_may_come(tmp_path: Path, name: str) -> None:
    async with server(tmp_path, *GOOD[name]) as path:
        answer = await Spooler(path).ask("/printers/office", REQUEST)
    assert answer.first(Group.PRINTER) == {"printer-state": (3,)}


BAD: dict[str, tuple[bytes, ...]] = {
    "nothing": (),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n",),
    "half a head": (b"HTTP/1.1 200",),
    "half a body": (http(ANSWER[:9], f"Content-Length: {len(ANSWER)}"),),
    "no IPP": (http(b"<html>", "Content-Length: 6"),),
    "another question's": (http(encode(Message(0, 8)), f"Content-Length: {len(encode(Message(0, 8)))}"),),
    "an endless body": (http(b"", "Content-Length: 99999999999"),),
    "a negative length": (http(b"", "Content-Length: -1"),),
    "an endless chunk": (http(b"fffffff\r\n", "Transfer-Encoding: chunked"),),
    "no chunk": (http(b"zz\r\n", "Transfer-Encoding: chunked"),),
    "an endless head": (b"HTTP/1.1 200 OK\r\n", b"x" * (1 << 20), b"y" * 4096),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_server_that_is_none_is_a_lost_device(tmp_path: Path, name: str) -> None:
    async with server(tmp_path, *BAD[name]) as path:
        with pytest.raises(DeviceLost):
            await Spooler(path).ask("/", REQUEST)
        printer = CupsPrinter("office", path)
        assert (await printer.health()).condition is Condition.NO_DEVICE


async def test_a_silent_server_has_a_deadline(tmp_path: Path) -> None:
    async with server(tmp_path, silent=True) as path:
        with pytest.raises(DeviceTimeout):
            await Spooler(path, answer_s=0.05).ask("/", REQUEST)
        health = await CupsPrinter("office", path, answer_s=0.05).health()
        assert (health.condition, health.remedy) == (Condition.NO_DEVICE, Remedy.CONFIGURATION)


async def test_a_refusal_is_a_matter_of_configuration(tmp_path: Path) -> None:
    async with server(tmp_path, http(b"", "Content-Length: 0", status="401 Unauthorized")) as path:
        with pytest.raises(SpoolerRefused) as told:
            await Spooler(path).ask("/", REQUEST)
        assert told.value.status == 401
        health = await CupsPrinter("office", path).health()
        assert (health.condition, health.remedy) == (Condition.OFFLINE, Remedy.CONFIGURATION)


@pytest.mark.parametrize("host", ["print.example.com", "192.0.2.7:631", "0.0.0.0", "[2001:db8::1]:631"])
def test_another_machine_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="another machine"):
        Spooler(host)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8631", "[::1]:631", "/run/cups/cups.sock"])
def test_this_machine_is_not(host: str) -> None:
    assert Spooler(host).name == host


# --- what a queue says ------------------------------------------------------------------------------------------------


def reading(*reasons: str, state: PrinterState = PrinterState.PROCESSING, accepting: bool = True) -> QueueReading:
    attributes = (
        Attribute("printer-state", Tag.ENUM, (state,)),
        Attribute("printer-state-reasons", Tag.KEYWORD, reasons or ("none",)),
        Attribute("printer-is-accepting-jobs", Tag.BOOLEAN, (accepting,)),
        Attribute("printer-make-and-model", Tag.TEXT, ("Played",)),
    )
    return QueueReading.of(decode(encode(Message(0, 1, ((Group.PRINTER, attributes),)))))


REASONS: dict[str, tuple[type[PrinterError] | None, Condition, Remedy]] = {
    "none": (None, Condition.UNKNOWN, Remedy.NONE),
    "connecting-to-device": (None, Condition.UNKNOWN, Remedy.NONE),
    "media-empty-error": (NoPaper, Condition.USER_ERROR, Remedy.CLEAR),
    "media-empty": (NoPaper, Condition.USER_ERROR, Remedy.CLEAR),
    "media-needed": (NoPaper, Condition.USER_ERROR, Remedy.CLEAR),
    "media-empty-warning": (None, Condition.ONLINE, Remedy.NONE),
    "media-low-warning": (None, Condition.ONLINE, Remedy.NONE),
    "cover-open": (CoverOpen, Condition.USER_ERROR, Remedy.CLEAR),
    "door-open-error": (CoverOpen, Condition.USER_ERROR, Remedy.CLEAR),
    "door-open-report": (None, Condition.ONLINE, Remedy.NONE),
    "trimmer-jam-error": (CutterJammed, Condition.HARDWARE_ERROR, Remedy.CLEAR),
    "media-jam": (PrinterFault, Condition.HARDWARE_ERROR, Remedy.CLEAR),
    "toner-empty-error": (PrinterFault, Condition.HARDWARE_ERROR, Remedy.CLEAR),
    "marker-supply-empty": (PrinterFault, Condition.HARDWARE_ERROR, Remedy.CLEAR),
    "toner-low-warning": (None, Condition.ONLINE, Remedy.NONE),
    "marker-supply-low-report": (None, Condition.ONLINE, Remedy.NONE),
    "fuser-over-temp-error": (PrinterFault, Condition.HARDWARE_ERROR, Remedy.MAINTENANCE),
    "com.example-odd-error": (PrinterFault, Condition.HARDWARE_ERROR, Remedy.MAINTENANCE),
    "offline-report": (PrinterFault, Condition.OFFLINE, Remedy.CLEAR),
    "timed-out": (PrinterFault, Condition.OFFLINE, Remedy.CLEAR),
    "paused": (PrinterFault, Condition.OFFLINE, Remedy.RESET),
    "cups-missing-filter-warning": (None, Condition.HARDWARE_ERROR, Remedy.CONFIGURATION),
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_while_a_page_is_printed(reason: str) -> None:
    error, condition, remedy = REASONS[reason]
    found = reading(reason)
    kept = obstacle(found.status())
    assert (type(kept) if kept else None) is error
    assert (found.health("x").condition, found.health("x").remedy) == (condition, remedy)


@pytest.mark.parametrize("reason", ["media-empty-error", "cover-open", "media-jam", "offline-report", "toner-empty"])
def test_at_rest_a_reason_is_history(reason: str) -> None:
    found = reading(reason, state=PrinterState.IDLE).at_rest()
    assert obstacle(found.status()) is None
    assert found.status().paper is Paper.UNKNOWN
    assert found.health("x").condition is Condition.UNKNOWN


def test_nothing_is_known_without_a_reason() -> None:
    status = reading().status()
    assert (status.online, status.paper, status.cover_open, status.cutter_error, status.fault) == (
        None, Paper.UNKNOWN, None, None, None,
    )  # fmt: skip


def test_the_queue_itself_is_known_also_at_rest() -> None:
    stopped = reading("paused", state=PrinterState.STOPPED).at_rest()
    assert isinstance(obstacle(stopped.status()), PrinterFault)
    assert stopped.health("x").remedy is Remedy.RESET
    rejecting = reading(accepting=False).at_rest()
    assert isinstance(obstacle(rejecting.status()), PrinterFault)
    assert rejecting.health("x").remedy is Remedy.CONFIGURATION
    assert reading().health("CUPS office").model == "CUPS office Played"


# --- queues that cannot be --------------------------------------------------------------------------------------------

WRONG: list[Callable[[], CupsPrinter]] = [
    lambda: CupsPrinter(""),
    lambda: CupsPrinter("a b"),
    lambda: CupsPrinter("a/b"),
    lambda: CupsPrinter("打印机"),
    lambda: CupsPrinter("office", sheet="letter"),
    lambda: CupsPrinter("office", "elsewhere"),
]


@pytest.mark.parametrize("make", WRONG)
def test_a_printer_that_cannot_be(make: Callable[[], CupsPrinter]) -> None:
    with pytest.raises(ValueError, match=r"queue|paper|machine"):
        make()
