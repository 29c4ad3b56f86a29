"""When a device that is gone is tried again: at once, 1 s doubling to 20 s, and sooner for who waits before it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.api import Device, DeviceError
from drivers.backoff import FIRST_S, Backoff
from drivers.contract.samples import RESIDENT, SLIP
from drivers.host import HostProcess
from drivers.idcard.sdt import SdtIdCardReader
from drivers.idcard.virtual import VirtualIdReader
from drivers.printer.cups import CupsPrinter
from drivers.printer.escpos import EscposPrinter
from drivers.printer.virtual import VirtualPrinter
from drivers.scanner.camera import CameraScanner
from drivers.scanner.hid import EventLine, HidScanner
from drivers.scanner.serial import SerialScanner
from drivers.scanner.virtual import VirtualCamera
from drivers.scanner.virtual_modules import VirtualKeyboardModule, VirtualModule, VirtualSerialModule
from tests.helpers.hosted_echo import Echo

TOLERANCE_S = 0.05
SOON_S = 10.0


def attempts(backoff: Backoff, until_s: float, *, urgent: bool = False) -> list[float]:
    """The moments at which a device that never comes back is tried."""
    now, tried = 0.0, []
    while now < until_s:
        now += backoff.left_s(now, urgent=urgent)
        tried.append(now)
        backoff.failed(now)
    return tried


def test_at_once_then_1_s_doubling_to_20_s() -> None:
    assert attempts(Backoff(), 90.0) == [0.0, 1.0, 3.0, 7.0, 15.0, 31.0, 51.0, 71.0, 91.0]


def test_whoever_waits_before_the_device_waits_a_second_at_most() -> None:
    backoff = Backoff()
    attempts(backoff, 60.0)
    assert backoff.left_s(71.0) == 20.0
    assert backoff.left_s(71.0, urgent=True) == FIRST_S
    assert attempts(Backoff(), 3.0, urgent=True) == [0.0, 1.0, 2.0, 3.0]


def test_a_success_begins_anew() -> None:
    backoff = Backoff()
    attempts(backoff, 60.0)
    backoff.succeeded()
    assert backoff.left_s(71.0) == 0.0
    assert backoff.failed(80.0) == 1.0


# --- every driver ----------------------------------------------------------------------------------------------------


@dataclass
class Gone:
    """A device that is not there, its driver, and what a citizen wants of it."""

    driver: Device
    comes: Callable[[], object]
    wanted: Callable[[], Awaitable[object]]


@asynccontextmanager
async def id_reader() -> AsyncIterator[Gone]:
    async with VirtualIdReader() as pad:
        driver = SdtIdCardReader(pad.port, timeout_s=0.5, poll_s=0.01)
        pad.lay(RESIDENT)
        pad.unplug()
        yield Gone(driver, pad.plug, driver.document)


@asynccontextmanager
async def camera() -> AsyncIterator[Gone]:
    async with VirtualCamera() as lens:
        driver = CameraScanner(lens.url)
        lens.unplug()
        lens.show("4240000000000000000417410100")
        yield Gone(driver, lens.plug, driver.scan)


@asynccontextmanager
async def module(there: VirtualModule, make: Callable[[str], SerialScanner | HidScanner]) -> AsyncIterator[Gone]:
    async with there:
        driver = make(there.path)
        there.unplug()
        there.show("4240000000000000000417410100")
        yield Gone(driver, there.plug, driver.scan)


@asynccontextmanager
async def receipt_printer() -> AsyncIterator[Gone]:
    virtual = VirtualPrinter(seconds_per_page=0.01)
    await virtual.start()
    driver = EscposPrinter(virtual.url, answer_s=0.5)
    virtual.unplug()
    try:
        yield Gone(driver, virtual.plug, lambda: driver.print(SLIP))
    finally:
        await virtual.aclose()


DEVICES: dict[str, Callable[[], AbstractAsyncContextManager[Gone]]] = {
    "id-reader": id_reader,
    "camera": camera,
    "serial-module": lambda: module(VirtualSerialModule(), SerialScanner),
    "keyboard-module": lambda: module(VirtualKeyboardModule(), lambda path: HidScanner(path, open_line=EventLine)),
    "receipt-printer": receipt_printer,
}


async def all_of_them(play: Callable[[Gone], Awaitable[None]]) -> None:
    """Side by side, for each of them waits a second."""

    async def one(open_device: Callable[[], AbstractAsyncContextManager[Gone]]) -> None:
        async with open_device() as gone, asyncio.timeout(SOON_S):
            try:
                await play(gone)
            finally:
                await gone.driver.close()

    found = await asyncio.gather(*map(one, DEVICES.values()), return_exceptions=True)
    assert {name: wrong for name, wrong in zip(DEVICES, found, strict=True) if wrong is not None} == {}


async def test_a_look_keeps_the_pause_and_a_citizen_does_not() -> None:
    async def play(gone: Gone) -> None:
        assert not (await gone.driver.health()).usable
        failed = asyncio.get_running_loop().time()
        gone.comes()
        assert not (await gone.driver.health()).usable, "tried again before its pause was over"
        await gone.wanted()
        assert asyncio.get_running_loop().time() - failed > FIRST_S - TOLERANCE_S
        assert (await gone.driver.health()).usable, "a success resets"

    await all_of_them(play)


async def test_a_look_finds_it_again_by_itself() -> None:
    async def play(gone: Gone) -> None:
        assert not (await gone.driver.health()).usable
        failed = asyncio.get_running_loop().time()
        gone.comes()
        while not (await gone.driver.health()).usable:
            await asyncio.sleep(0.05)
        assert asyncio.get_running_loop().time() - failed > FIRST_S - TOLERANCE_S

    await all_of_them(play)


async def test_a_module_that_opens_and_never_answers_is_not_back() -> None:
    ours, theirs = os.openpty()
    driver = SdtIdCardReader(os.ttyname(theirs), timeout_s=0.05, poll_s=0.01)
    try:
        for _ in range(2):  # the second one repeats the first: its pause is not over
            assert not (await driver.health()).usable
        assert driver._backoff.pause_s == FIRST_S
        with pytest.raises(DeviceError):
            await driver.document()
        assert driver._backoff.pause_s == 2 * FIRST_S, "to open a port is no success"
    finally:
        await driver.close()
        os.close(ours)
        os.close(theirs)


async def test_a_queue_without_its_cups_is_left_in_peace(tmp_path: Path) -> None:
    calls = 0

    def called(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        writer.close()

    socket = str(tmp_path / "cups")
    printer = CupsPrinter("office", socket)
    assert not (await printer.health()).usable
    async with await asyncio.start_unix_server(called, socket), asyncio.timeout(SOON_S):
        assert not (await printer.health()).usable
        assert calls == 0, "tried again before its pause was over"
        with pytest.raises(DeviceError):
            await printer.print(SLIP)
        assert calls > 0, "a slip that somebody waits for is tried"
    await printer.close()


async def test_a_process_that_keeps_dying_is_not_beaten() -> None:
    loop = asyncio.get_running_loop()
    deaths: list[float] = []
    third = asyncio.Event()

    def lost(_: str) -> None:
        deaths.append(loop.time())
        if len(deaths) == 3:
            third.set()

    host = HostProcess(f"{Echo.__module__}:Echo", "broken", on_lost=lost, keep_alive=True)
    try:
        host.spawn()
        async with asyncio.timeout(SOON_S):
            while not deaths:
                await asyncio.sleep(0.01)
            host.spawn()
            assert host.pid is None, "asked for too soon"
            with pytest.raises(DeviceError, match="no-such-device"):
                await host.call("echo", deadline_s=1.0)
            await third.wait()
        assert deaths[1] - deaths[0] > 1.0 - TOLERANCE_S
        assert deaths[2] - deaths[1] > 2.0 - TOLERANCE_S
    finally:
        await host.close()


async def test_a_process_killed_for_a_missed_deadline_comes_back_at_once() -> None:
    back = asyncio.Event()
    host = HostProcess(f"{Echo.__module__}:Echo", on_lost=lambda _: back.set(), keep_alive=True)
    try:
        await host.start()
        for _ in range(2):
            with pytest.raises(DeviceError):
                await host.call("sleep", b"5", deadline_s=0.05)
            await back.wait()
            assert host._backoff.pause_s == 0.0
            await host.call("echo", b"x", deadline_s=SOON_S)
    finally:
        await host.close()
