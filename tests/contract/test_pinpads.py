"""The manners of every PIN pad: here the mock as a plain and as an encrypting pad; a real one is added to ``PADS``."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from functools import partial

import pytest

from drivers.api import (
    Condition,
    DeviceLost,
    EncryptedPin,
    PadTampered,
    PinCancelled,
    PinEntry,
    PinFormat,
    PlainPin,
    Remedy,
)
from drivers.faults import Fault
from drivers.pinpad.blocks import open_block
from drivers.pinpad.mock import Keys, MockPinPad

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
ACCOUNT = "6217001234567890"
DIGITS = "802613"

PADS: dict[str, Callable[[], MockPinPad]] = {"plain": MockPinPad}
for form in PinFormat:
    PADS[form.value] = partial(MockPinPad, key=KEY, form=form)


@pytest.fixture(params=PADS)
async def pad(request: pytest.FixtureRequest) -> AsyncIterator[MockPinPad]:
    made = PADS[request.param]()
    yield made
    await made.close()
    assert not made.keys.holds_digits


@pytest.fixture
def keys(pad: MockPinPad) -> Keys:
    return pad.keys


async def entry(pad: MockPinPad, length: int = 6) -> asyncio.Task[PinEntry]:
    """A wait that has begun."""
    task = asyncio.create_task(pad.pin(length, account=ACCOUNT))
    async with asyncio.timeout(2):
        while not pad.keys.lit and not task.done():
            await asyncio.sleep(0)
    return task


def digits_of(found: PinEntry) -> bytes:
    match found:
        case PlainPin():
            return bytes(found.digits)
        case EncryptedPin():
            assert found.key
            return bytes(open_block(found.format, KEY, found.block, ACCOUNT))


async def test_what_was_typed_is_what_comes_out(pad: MockPinPad, keys: Keys) -> None:
    for typed in (DIGITS, "0000", "123456789012"):
        task = await entry(pad, len(typed))
        keys.type(typed)
        found = await task
        assert digits_of(found) == typed.encode()
        assert not keys.holds_digits


async def test_plain_digits_belong_to_the_caller() -> None:
    pad = MockPinPad()
    task = await entry(pad)
    pad.keys.type(DIGITS)
    found = await task
    assert isinstance(found, PlainPin)
    found.digits[:] = bytes(len(found.digits))
    gc.collect()
    assert not any(
        DIGITS.encode() in bytes(kept) for kept in gc.get_objects() if isinstance(kept, bytearray) and len(kept) < 100
    )


async def test_an_encrypted_entry_holds_no_digit() -> None:
    pad = MockPinPad(key=KEY, form=PinFormat.ISO_4)
    task = await entry(pad)
    pad.keys.type(DIGITS)
    found = await task
    assert isinstance(found, EncryptedPin)
    assert DIGITS not in repr(found)
    assert DIGITS.encode() not in found.block


async def test_nothing_personal_is_shown(pad: MockPinPad, keys: Keys) -> None:
    task = await entry(pad)
    keys.type(DIGITS)
    found = await task
    assert DIGITS not in repr(found) + repr(pad) + repr(keys)


async def test_the_green_key_wants_all_digits_and_more_do_not_count(pad: MockPinPad, keys: Keys) -> None:
    task = await entry(pad)
    keys.type("80261")
    await asyncio.sleep(0)
    assert not task.done()
    keys.type("39999")
    assert digits_of(await task) == DIGITS.encode()


async def test_clear_begins_again(pad: MockPinPad, keys: Keys) -> None:
    task = await entry(pad)
    keys.type("1111")
    keys.press("clear")
    assert not keys.holds_digits
    keys.type(DIGITS)
    assert digits_of(await task) == DIGITS.encode()


async def test_keys_pressed_before_the_wait_do_not_count(pad: MockPinPad, keys: Keys) -> None:
    keys.type("999999")
    assert not keys.holds_digits
    task = await entry(pad)
    keys.type(DIGITS)
    assert digits_of(await task) == DIGITS.encode()
    keys.type("999999")
    assert not keys.holds_digits


async def test_the_red_key_ends_the_entry(pad: MockPinPad, keys: Keys) -> None:
    task = await entry(pad)
    keys.press("8")
    keys.press("cancel")
    with pytest.raises(PinCancelled):
        await task
    assert not keys.holds_digits
    assert not keys.lit


async def test_a_cancelled_wait_wipes_and_turns_the_keys_off(pad: MockPinPad, keys: Keys) -> None:
    task = await entry(pad)
    keys.type("8026")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not keys.holds_digits
    assert not keys.lit
    task = await entry(pad)
    keys.type(DIGITS)
    assert digits_of(await task) == DIGITS.encode()


async def test_only_one_may_wait(pad: MockPinPad, keys: Keys) -> None:
    task = await entry(pad)
    with pytest.raises(RuntimeError):
        await pad.pin(6, account=ACCOUNT)
    keys.type(DIGITS)
    assert digits_of(await task) == DIGITS.encode()


async def test_the_screen_learns_counts_and_nothing_else(pad: MockPinPad, keys: Keys) -> None:
    seen: list[int] = []

    async def look() -> None:
        async with aclosing(pad.typed()) as counts:
            async for count in counts:
                seen.append(count)

    looking = asyncio.create_task(look())
    task = await entry(pad)
    for key in ("8", "0", "2", "clear", "6", "1"):
        keys.press(key)
        for _ in range(5):
            await asyncio.sleep(0)
    assert seen == [0, 1, 2, 3, 0, 1, 2]
    keys.press("cancel")
    with pytest.raises(PinCancelled):
        await task
    await pad.close()
    async with asyncio.timeout(1):
        await looking
    assert seen[-1] == 0


@pytest.mark.parametrize("length", [0, 3, 13])
async def test_lengths_that_cannot_be(pad: MockPinPad, length: int) -> None:
    with pytest.raises(ValueError, match="digits"):
        await pad.pin(length, account=ACCOUNT)


async def test_a_lost_pad_is_lost_and_comes_back(pad: MockPinPad, keys: Keys) -> None:
    task = await entry(pad)
    keys.type("8026")
    keys.unplug()
    with pytest.raises(DeviceLost):
        await task
    assert not keys.holds_digits
    assert (await pad.health()).condition is Condition.NO_DEVICE
    with pytest.raises(DeviceLost):
        await pad.pin(6, account=ACCOUNT)
    keys.plug()
    assert (await pad.health()).condition is Condition.ONLINE
    task = await entry(pad)
    keys.type(DIGITS)
    assert digits_of(await task) == DIGITS.encode()


async def test_an_opened_pad_is_never_used_again(pad: MockPinPad, keys: Keys) -> None:
    task = await entry(pad)
    keys.type("8026")
    keys.tamper()
    with pytest.raises(PadTampered):
        await task
    assert not keys.holds_digits
    health = await pad.health()
    assert (health.condition, health.remedy) == (Condition.HARDWARE_ERROR, Remedy.MAINTENANCE)
    with pytest.raises(PadTampered):
        await pad.pin(6, account=ACCOUNT)


async def test_planned_faults(pad: MockPinPad, keys: Keys) -> None:
    keys.faults.drop("key")
    task = await entry(pad)
    keys.press("9")
    keys.type(DIGITS)
    assert digits_of(await task) == DIGITS.encode()
    keys.faults.fail_next("pin", Fault.MUTE)
    task = await entry(pad)
    keys.type(DIGITS)
    await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    keys.faults.fail_next("pin", Fault.LOSE)
    with pytest.raises(DeviceLost):
        await pad.pin(6, account=ACCOUNT)


async def test_close_ends_the_wait_and_may_be_called_twice(pad: MockPinPad) -> None:
    task = await entry(pad)
    await pad.close()
    await pad.close()
    with pytest.raises(DeviceLost):
        await task
    with pytest.raises(DeviceLost):
        await pad.pin(6, account=ACCOUNT)
