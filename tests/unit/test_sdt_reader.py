"""What only the serial driver can do wrong: the dialogue on the wire."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import AsyncIterator

import pytest

from drivers.api import Condition, DeviceLost, DeviceTimeout, DocumentUnreadable
from drivers.faults import Fault
from drivers.idcard.frames import Reply, Sw3, encode_reply
from drivers.idcard.sdt import SdtIdCardReader
from drivers.idcard.virtual import VirtualIdReader
from tests.helpers.documents import RESIDENT


@pytest.fixture
async def pad() -> AsyncIterator[VirtualIdReader]:
    async with VirtualIdReader() as pad:
        yield pad


@pytest.fixture
async def reader(pad: VirtualIdReader) -> AsyncIterator[SdtIdCardReader]:
    reader = SdtIdCardReader(pad.port, timeout_s=0.3, poll_s=0.01)
    yield reader
    await reader.close()


async def test_health_tells_the_number_of_the_security_module(reader: SdtIdCardReader) -> None:
    health = await reader.health()
    assert health.firmware == "05.01-20260101-0000000001-0000000001"
    assert health.model == "SAM_V"


async def test_a_passing_failure_is_tried_once_more(reader: SdtIdCardReader, pad: VirtualIdReader) -> None:
    pad.faults.fail_next("select", Fault.ERROR)
    pad.lay(RESIDENT)
    assert await reader.document() == RESIDENT
    assert pad.faults.calls["select"] == 2


async def test_but_not_for_ever(reader: SdtIdCardReader, pad: VirtualIdReader) -> None:
    pad.faults.fail_always("select", Fault.ERROR)
    pad.lay(RESIDENT)
    with pytest.raises(DocumentUnreadable) as unreadable:
        await reader.document()
    assert unreadable.value.status == Sw3.SELECT_FAILED
    assert pad.faults.calls["select"] == 2


async def test_a_damaged_answer_is_asked_for_again(reader: SdtIdCardReader, pad: VirtualIdReader) -> None:
    pad.faults.fail_next("find", Fault.GARBLE)
    pad.lay(RESIDENT)
    assert await reader.document() == RESIDENT
    pad.faults.fail_always("status", Fault.GARBLE)
    assert (await reader.health()).condition is Condition.OFFLINE


async def test_a_late_answer_is_not_taken_for_the_next(reader: SdtIdCardReader, pad: VirtualIdReader) -> None:
    pad.faults.delay("find", 0.1)
    pad.lay(RESIDENT)
    waiting = asyncio.create_task(reader.document())
    await asyncio.sleep(0.05)
    waiting.cancel()  # while "find" is under way
    health = await reader.health()
    assert health.condition is Condition.ONLINE


async def test_a_port_that_does_not_exist() -> None:
    reader = SdtIdCardReader("/nonexistent/idreader")
    with pytest.raises(DeviceLost, match="ENOENT") as lost:
        await reader.document()
    assert lost.value.__cause__ is not None
    assert (await reader.health()).condition is Condition.NO_DEVICE
    await reader.close()


async def test_a_port_in_use_is_not_shared(reader: SdtIdCardReader, pad: VirtualIdReader) -> None:
    assert (await reader.health()).condition is Condition.ONLINE
    other = SdtIdCardReader(pad.port)
    assert (await other.health()).condition is Condition.OFFLINE
    await other.close()


async def test_unknown_answers_are_errors_not_documents() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    loop = asyncio.get_running_loop()

    def answer() -> None:
        os.read(master, 4096)
        os.write(master, b"\xaa\xaa noise" + encode_reply(Reply(Sw3.BAD_COMMAND)))

    loop.add_reader(master, answer)
    reader = SdtIdCardReader(os.ttyname(slave), timeout_s=0.3, poll_s=0.01)
    try:
        with pytest.raises(DocumentUnreadable) as unreadable:
            await reader.document()
        assert unreadable.value.status == Sw3.BAD_COMMAND
        health = await reader.health()
        assert health.condition is Condition.HARDWARE_ERROR
        assert "SW3=21" in health.detail
        loop.remove_reader(master)
        with pytest.raises(DeviceTimeout):
            await reader.document()
    finally:
        await reader.close()
        loop.remove_reader(master)
        os.close(slave)
        os.close(master)


@pytest.mark.parametrize("answers", [False, True])
async def test_an_echo_of_the_line_is_no_answer(*, answers: bool) -> None:
    """Two wires that send and hear at once: each command comes back, a whole frame, before what is said to it."""
    master, slave = os.openpty()
    tty.setraw(slave)
    loop = asyncio.get_running_loop()

    def echo() -> None:
        os.write(master, os.read(master, 4096))
        if answers:
            os.write(master, encode_reply(Reply(Sw3.BAD_COMMAND)))

    loop.add_reader(master, echo)
    reader = SdtIdCardReader(os.ttyname(slave), timeout_s=0.2, poll_s=0.01)
    try:
        health = await reader.health()
        assert health.condition is (Condition.HARDWARE_ERROR if answers else Condition.OFFLINE)
        with pytest.raises(DocumentUnreadable if answers else DeviceTimeout):
            await reader.document()
    finally:
        await reader.close()
        loop.remove_reader(master)
        os.close(slave)
        os.close(master)


async def test_closing_while_a_command_is_under_way(reader: SdtIdCardReader, pad: VirtualIdReader) -> None:
    pad.faults.fail_next("status", Fault.DROP)
    asking = asyncio.create_task(reader.health())
    await asyncio.sleep(0.02)
    await reader.close()
    assert (await asking).condition is Condition.OFFLINE  # an answer, not somebody else's cancellation
