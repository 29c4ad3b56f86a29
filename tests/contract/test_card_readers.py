"""The manners of a card reader, asked of every driver: in process, and over the real PC/SC stack."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.api import CardError, CardReader, Condition, DeviceLost, MuteCard, PulledEarly
from drivers.card.mock import CardSlot, MockCardReader
from drivers.card.pcsc import PcscCardReader
from drivers.card.pcscd import PcscdUnavailable, PrivatePcscd
from drivers.card.social_security import PinNotProved, SocialSecurityCard
from drivers.card.virtual import VirtualCardSlot
from drivers.faults import Fault
from kiosk.insurer.hsm import Hsm
from tests.helpers.cards import LI, SM4, chip, pin

DEADLINE_S = 1.0
"""For one command; more than the 0.6 s that PC/SC may need to know that a card has left."""


@dataclass
class Bench:
    """A reader and the hand at its slot."""

    reader: CardReader
    slot: CardSlot
    kind: str


@pytest.fixture(params=["mock", "virtual"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    if request.param == "mock":
        mock = MockCardReader(deadline_s=DEADLINE_S)
        yield Bench(mock, mock.slot, "mock")
        await mock.close()
        return
    service = PrivatePcscd()
    try:
        await service.start()
    except PcscdUnavailable as error:
        pytest.skip(f"no private pcscd here: {error}")
    async with service, VirtualCardSlot(service.port) as slot:
        reader = PcscCardReader(service.reader_name, socket=service.socket, apdu_deadline_s=DEADLINE_S)
        yield Bench(reader, slot, "virtual")
        await reader.close()


async def _eventually(fact: Callable[[], bool], within_s: float = 2.0) -> None:
    async with asyncio.timeout(within_s):
        while not fact():
            await asyncio.sleep(0.01)


async def test_an_empty_reader_is_online(bench: Bench) -> None:
    health = await bench.reader.health()
    assert health.condition is Condition.ONLINE
    assert health.model


async def test_a_card_that_comes(bench: Bench) -> None:
    waiting = asyncio.create_task(bench.reader.card())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    inserted = chip()
    bench.slot.insert(inserted)
    card = await asyncio.wait_for(waiting, 5)
    assert card.atr == inserted.atr
    assert not bench.slot.released
    assert (await card.transmit(b"\x00\xa4\x00\x00\x02\xef\x05")).sw == 0x6A82
    await card.release()
    await card.release()
    await _eventually(lambda: bench.slot.released)  # power-off crosses the wire without an answer
    gone = asyncio.create_task(card.removed())
    await asyncio.sleep(0.05)
    assert not gone.done()
    bench.slot.pull()
    await asyncio.wait_for(gone, 5)
    await card.removed()


async def test_a_card_that_is_in_already(bench: Bench) -> None:
    bench.slot.insert(chip())
    card = await asyncio.wait_for(bench.reader.card(), 5)
    await card.release()
    again = await asyncio.wait_for(bench.reader.card(), 5)
    assert (await SocialSecurityCard.select(again)).algorithm


async def test_the_dialogue_is_the_same_everywhere(bench: Bench) -> None:
    inserted = chip(SM4)
    bench.slot.insert(inserted)
    card = await SocialSecurityCard.select(await asyncio.wait_for(bench.reader.card(), 5))
    assert (await card.public()).number == LI.number
    assert (await card.holder()).name == LI.name
    assert await card.tries_left() == 6
    await card.reset_pin(Hsm(), pin("778899"))
    assert inserted.pin_matches(b"778899")


async def test_a_held_card_must_be_released_first(bench: Bench) -> None:
    bench.slot.insert(chip())
    await asyncio.wait_for(bench.reader.card(), 5)
    with pytest.raises(RuntimeError):
        await bench.reader.card()


async def test_a_card_that_leaves_while_it_is_held(bench: Bench) -> None:
    bench.slot.insert(chip())
    card = await asyncio.wait_for(bench.reader.card(), 5)
    gone = asyncio.create_task(card.removed())
    bench.slot.pull()
    await asyncio.wait_for(gone, 5)
    with pytest.raises(PulledEarly):
        await card.transmit(b"\x00\xa4\x00\x00")
    second = chip()
    bench.slot.insert(second)
    card = await asyncio.wait_for(bench.reader.card(), 5)
    assert (await card.transmit(b"\x00\xa4\x00\x00")).ok
    await card.release()


async def test_pulled_at_each_command_of_a_reset(bench: Bench) -> None:
    steps = 8  # challenge, authenticate, challenge, reset, verify, and before them: select, select file, read
    for step in range(steps):
        inserted = chip()
        bench.slot.faults.fail_next("apdu" if step % 2 else "answer", Fault.PULL, after=step)
        bench.slot.insert(inserted)
        held = await asyncio.wait_for(bench.reader.card(), 5)
        with pytest.raises((PulledEarly, PinNotProved)):
            await (await SocialSecurityCard.select(held)).reset_pin(Hsm(), pin("778899"))
        await asyncio.wait_for(held.removed(), 5)
        assert inserted.verifies <= 1
    fired = bench.slot.faults.fired
    assert fired["apdu", Fault.PULL] + fired["answer", Fault.PULL] == steps


async def test_a_card_the_wrong_way_round(bench: Bench) -> None:
    loop = asyncio.get_running_loop()
    waiting = asyncio.create_task(bench.reader.card())
    await asyncio.sleep(0.05)
    started = loop.time()
    bench.slot.insert_wrong_way()
    with pytest.raises(MuteCard):
        await asyncio.wait_for(waiting, 5)
    assert loop.time() - started < 2.0
    assert (await bench.reader.health()).condition is Condition.USER_ERROR
    waiting = asyncio.create_task(bench.reader.card())
    await asyncio.sleep(0.1)
    assert not waiting.done(), "told once is enough"
    bench.slot.pull()
    bench.slot.insert(chip())
    await asyncio.wait_for(waiting, 5)


@pytest.mark.parametrize("fault", [Fault.MUTE, Fault.DROP])
async def test_a_card_that_falls_silent(bench: Bench, fault: Fault) -> None:
    bench.slot.insert(chip())
    card = await asyncio.wait_for(bench.reader.card(), 5)
    bench.slot.faults.fail_next("apdu", fault)
    with pytest.raises(MuteCard):
        await asyncio.wait_for(card.transmit(b"\x00\xa4\x00\x00"), 5)
    with pytest.raises(MuteCard):
        await card.transmit(b"\x00\xa4\x00\x00")
    await card.release()
    gone = asyncio.create_task(card.removed())
    await asyncio.sleep(0.05)
    assert not gone.done(), "it is still in the slot"
    bench.slot.pull()
    await asyncio.wait_for(gone, 5)
    bench.slot.insert(chip())
    card = await asyncio.wait_for(bench.reader.card(), 5)
    assert (await card.transmit(b"\x00\xa4\x00\x00")).ok


async def test_a_late_answer_is_an_answer(bench: Bench) -> None:
    bench.slot.insert(chip())
    card = await asyncio.wait_for(bench.reader.card(), 5)
    bench.slot.faults.delay("apdu", 0.3)
    assert (await card.transmit(b"\x00\xa4\x00\x00")).ok


async def test_cancelled_waits_leave_no_trace(bench: Bench) -> None:
    for _ in range(3):
        waiting = asyncio.create_task(bench.reader.card())
        await asyncio.sleep(0.02)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    bench.slot.insert(chip())
    card = await asyncio.wait_for(bench.reader.card(), 5)
    gone = asyncio.create_task(card.removed())
    await asyncio.sleep(0)
    gone.cancel()
    assert (await card.transmit(b"\x00\xa4\x00\x00")).ok


async def test_cancelled_while_a_card_is_being_powered(bench: Bench) -> None:
    """Whatever moment the wait is cancelled in, the card is free afterwards and can be had."""
    inserted = chip()
    for step in range(6):
        bench.slot.insert(inserted)
        waiting = asyncio.create_task(bench.reader.card())
        await asyncio.sleep(0.07 * step)
        waiting.cancel()
        done = (await asyncio.gather(waiting, return_exceptions=True))[0]
        if not isinstance(done, BaseException):
            await done.release()
        card = await asyncio.wait_for(bench.reader.card(), 5)
        assert (await card.transmit(b"\x00\xa4\x00\x00")).ok
        await card.release()


async def test_two_may_not_wait(bench: Bench) -> None:
    first = asyncio.create_task(bench.reader.card())
    await asyncio.sleep(0.02)
    with pytest.raises(RuntimeError):
        await bench.reader.card()
    first.cancel()
    await asyncio.wait([first])


async def test_a_damaged_answer_is_not_success(bench: Bench) -> None:
    bench.slot.insert(chip())
    card = await asyncio.wait_for(bench.reader.card(), 5)
    bench.slot.faults.fail_next("answer", Fault.GARBLE)
    with pytest.raises(CardError):
        await SocialSecurityCard.select(card)


async def test_closing_leaves_no_process_and_no_descriptor(bench: Bench) -> None:
    await bench.reader.close()
    gc.collect()
    if bench.kind == "virtual":
        reader = bench.reader
        assert isinstance(reader, PcscCardReader)
        assert reader.pid is None
        with pytest.raises(DeviceLost):
            await reader.card()
    assert (await bench.reader.health()).condition in (Condition.OFFLINE, Condition.ONLINE)


async def test_open_and_close_many_times(bench: Bench) -> None:
    if bench.kind == "mock":
        readers: list[CardReader] = [MockCardReader() for _ in range(3)]
    else:
        assert isinstance(bench.reader, PcscCardReader)
        socket = bench.reader._host._env["PCSCLITE_CSOCK_NAME"]
        readers = [PcscCardReader("Kiosk", socket=socket) for _ in range(3)]
    gc.collect()
    before = _descriptors()
    children = _children()
    for reader in readers:
        waiting = asyncio.create_task(reader.card())
        assert (await reader.health()).usable
        waiting.cancel()
        await asyncio.wait([waiting])
        await reader.close()
        await reader.close()
    assert _descriptors() == before
    assert _children() == children


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _children() -> set[str]:
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())
