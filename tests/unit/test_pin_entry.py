"""A PIN pad in the visit, where a storyboard cannot see: what becomes of the digits, and which pads are refused."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.api import Condition, DeviceLost, DeviceTimeout, EncryptedPin, Health, PinEntry, PinFormat, PlainPin
from drivers.pinpad.mock import Keys, MockPinPad
from kiosk import compose
from kiosk.config import Config, ConfigError, Devices, parse
from kiosk.endings import Ending, VisitOver
from kiosk.glass import Glass
from kiosk.pin import Pin
from kiosk.pin_entry import enter_pin
from kiosk.screens import EnterPin, Key, Keypad, Pick, PinPurpose, Preferences, Proceed
from kiosk.station import Station
from kiosk.visit import Visit
from kiosk.watch import devices_of
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

DIGITS = "802613"
KEY = bytes(range(16))


class OddPad:
    """A pad that does what no pad should."""

    def __init__(self, ends: PinEntry | Exception) -> None:
        self._ends = ends
        self.gives: PinFormat | None = None

    async def health(self) -> Health:
        return Health(Condition.ONLINE)

    async def close(self) -> None:
        pass

    async def pin(self, length: int, *, account: str = "") -> PinEntry:
        await asyncio.sleep(1.0)
        if isinstance(self._ends, Exception):
            raise type(self._ends)(
                *self._ends.args
            )  # a fresh one: what is raised keeps the visit that it passed through
        return self._ends

    async def typed(self) -> AsyncGenerator[int, None]:
        yield 0
        raise DeviceLost("does not count")


def visit_of(stage: Stage, station: Station | None = None) -> tuple[Visit, Glass]:
    glass = Glass(lambda scene: None)
    return Visit(station or stage.station, glass, Preferences()), glass


def shown(glass: Glass) -> EnterPin:
    assert glass.scene is not None
    assert isinstance(glass.scene.screen, EnterPin)
    return glass.scene.screen


async def typed_on_glass(glass: Glass) -> None:
    assert glass.scene is not None
    for digit in DIGITS:
        glass.receive(Key(10 if digit == "0" else int(digit) - 1), glass.scene.serial)
    glass.receive(Proceed(), glass.scene.serial)
    await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    "ends",
    [
        DeviceTimeout("no answer"),
        DeviceLost("cable"),
        PlainPin(bytearray(b"80261")),
        PlainPin(bytearray(b"80261x")),
        EncryptedPin(b"\x17" * 8, PinFormat.ISO_0, "key 1"),
    ],
    ids=str,
)
def test_whatever_a_pad_does_the_glass_stands_in(ends: PinEntry | Exception) -> None:
    async def play() -> None:
        stage = Stage()
        visit, glass = visit_of(stage, replace(stage.station, pin_pad=OddPad(ends)))
        entering = asyncio.ensure_future(enter_pin(visit, PinPurpose.CURRENT))
        await asyncio.sleep(0.5)
        assert shown(glass).keypad is Keypad.PAD
        await asyncio.sleep(1.0)
        assert shown(glass).keypad is Keypad.GLASS_INSTEAD
        assert shown(glass).filled == 0
        await typed_on_glass(glass)
        with await entering as pin:
            assert bytes(pin.digits) == DIGITS.encode()
        assert not visit.asks_pad
        if isinstance(ends, PlainPin):
            assert not any(ends.digits), "what the pad gave was not wiped"
        await stage.close()

    run(play())


@pytest.mark.parametrize("form", PinFormat)
def test_an_encrypted_block_is_no_pin_here(form: PinFormat) -> None:
    async def play() -> None:
        stage = Stage()
        keys = Keys()
        pad = MockPinPad(keys, key=KEY, form=form)
        visit, glass = visit_of(stage, replace(stage.station, pin_pad=pad))
        entering = asyncio.ensure_future(enter_pin(visit, PinPurpose.CURRENT))
        await asyncio.sleep(0.1)
        assert shown(glass).keypad is Keypad.GLASS_INSTEAD
        assert not keys.lit
        await typed_on_glass(glass)
        (await entering).wipe()
        await stage.close()

    run(play())


def test_only_the_button_submits() -> None:
    async def play() -> None:
        stage = Stage()
        visit, glass = visit_of(stage)
        entering = asyncio.ensure_future(enter_pin(visit, PinPurpose.CURRENT))
        await asyncio.sleep(0.1)
        assert glass.scene is not None
        for _ in DIGITS:
            glass.receive(Key(1), glass.scene.serial)
        glass.receive(Pick("glass"), glass.scene.serial)
        await asyncio.sleep(0.1)
        assert shown(glass).filled == len(DIGITS)
        assert not entering.done()
        glass.receive(Proceed(), glass.scene.serial)
        (await entering).wipe()
        await stage.close()

    run(play())


def test_digits_lie_in_one_buffer_that_is_wiped() -> None:
    async def play() -> None:
        stage = Stage(pin_pad=True)
        keys = stage.hall.keys
        assert keys is not None
        visit, _ = visit_of(stage)
        entering = asyncio.ensure_future(enter_pin(visit, PinPurpose.CURRENT))
        await asyncio.sleep(0.1)
        keys.type(DIGITS)
        pin = await entering
        held = [kept for kept in _buffers() if bytes(kept) == DIGITS.encode()]
        assert [id(kept) for kept in held] == [id(pin.digits)]
        pin.wipe()
        assert not any(DIGITS.encode() in bytes(kept) for kept in _buffers())
        await stage.close()

    run(play())


def _buffers() -> list[bytearray]:
    gc.collect()
    found: dict[int, bytearray] = {}
    for thing in gc.get_objects():
        for held in (thing, *gc.get_referents(thing)):
            if isinstance(held, bytearray) and len(held) < 100:
                found[id(held)] = held
    return list(found.values())


@pytest.mark.parametrize("typed", [0, 3, 6])
def test_a_visit_that_ends_leaves_nothing_in_pad_or_buffer(typed: int) -> None:
    others = _buffers()  # of whatever else lives in this process, and may begin with the same digits

    async def play() -> None:
        stage = Stage(pin_pad=True)
        keys = stage.hall.keys
        assert keys is not None
        visit, _ = visit_of(stage)
        entering = asyncio.ensure_future(enter_pin(visit, PinPurpose.NEW))
        await asyncio.sleep(0.1)
        for digit in DIGITS[:typed]:
            keys.press(digit)
        if typed == len(DIGITS):
            keys.press("enter")  # and at the same moment:
        visit.interrupt(Ending.CARD_GONE)
        with pytest.raises(VisitOver):
            await entering
        assert not keys.lit
        assert not keys.holds_digits
        ours = [kept for kept in _buffers() if not any(kept is other for other in others)]
        assert not any(DIGITS[:typed].encode() == bytes(kept)[:typed] for kept in ours if typed)
        await stage.close()

    run(play())


def test_what_is_no_pin_is_refused_and_wiped() -> None:
    for wrong in (b"12345", b"1234567", b"12345a", b""):
        given, pin = bytearray(wrong), Pin()
        with pytest.raises(ValueError, match="6 digits"):
            pin.take(given)
        assert not any(given)
        assert len(pin) == 0
    given, pin = bytearray(DIGITS.encode()), Pin()
    pin.take(given)
    assert pin.complete
    assert not any(given)


# --- configuration ---------------------------------------------------------------------------------------------------


def configured(pad: str, tmp_path: Path) -> Config:
    return replace(Config(), devices=replace(Devices(), pinpad=pad), data=tmp_path)


def test_there_is_no_pad_unless_one_is_named(tmp_path: Path) -> None:
    assert parse({}, "x").devices.pinpad == "none"
    assert parse({"devices": {"pinpad": "mock"}}, "x").devices.pinpad == "mock"
    compose.check(configured("none", tmp_path))
    assert compose._pin_pad("none") is None


@pytest.mark.parametrize("name", ["mock", "mock:"])
def test_a_pad_that_gives_plain_digits_is_taken(name: str, tmp_path: Path) -> None:
    compose.check(configured(name, tmp_path))
    pad = compose._pin_pad(name)
    assert pad is not None
    assert pad.gives is None


@pytest.mark.parametrize("form", PinFormat)
def test_a_pad_that_only_encrypts_is_refused_before_anybody_types(form: PinFormat, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"pinpad: 'mock:{form}'.*plain digits.*pinpad = \"none\""):
        compose.check(configured(f"mock:{form}", tmp_path))


@pytest.mark.parametrize("name", ["epp:/dev/ttyS0", "mock:iso-9"])
def test_a_pad_that_there_is_not_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="pinpad"):
        compose.check(configured(name, tmp_path))


def test_the_watch_asks_it_where_there_is_one() -> None:
    async def play() -> None:
        without, with_one = Stage(), Stage(pin_pad=True)
        assert "pinpad" not in devices_of(without.station)
        assert devices_of(with_one.station)["pinpad"] is with_one.hall.pin_pad
        await without.close()
        await with_one.close()

    run(play())
