"""The manners of every scanner: the mock, the camera driver before a camera on a connection, and the drivers of
barcode modules on a pty and on a stream of key events."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.api import Condition, DeviceLost, Scan, Scanner
from drivers.faults import Fault
from drivers.scanner.camera import CameraScanner
from drivers.scanner.hid import EventLine, HidScanner
from drivers.scanner.mock import Lens, MockScanner
from drivers.scanner.serial import SerialScanner
from drivers.scanner.virtual import VirtualCamera
from drivers.scanner.virtual_modules import VirtualKeyboardModule, VirtualModule, VirtualSerialModule

ONE = "4241234567890123456789410000"
OTHER = "4249876543210987654321410000"
LATENCY_S = 1.0


@dataclass
class Bench:
    scanner: Scanner
    lens: Lens
    looked: Callable[[], Awaitable[None]]
    """Return when the device has seen what is before it now."""
    symbology: str = "QRCode"


async def some_pictures(scanner: Scanner) -> None:
    async with aclosing(scanner.preview()) as pictures:
        for _ in range(3):
            await anext(pictures)


async def some_readings(module: VirtualModule) -> None:
    """Of the code that is held there; where there is none, long enough for one."""
    until = module.sent + 2
    for _ in range(30):
        if module.sent >= until or module.text is None:
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.05)


@asynccontextmanager
async def mock() -> AsyncIterator[Bench]:
    scanner = MockScanner(frame_s=0.01, stall_s=0.3)
    yield Bench(scanner, scanner.lens, lambda: some_pictures(scanner))
    await scanner.close()


@asynccontextmanager
async def virtual() -> AsyncIterator[Bench]:
    async with VirtualCamera() as lens:
        scanner = CameraScanner(lens.url, stall_s=1.0)
        try:
            yield Bench(scanner, lens, lambda: some_pictures(scanner))
        finally:
            await scanner.close()


@asynccontextmanager
async def serial() -> AsyncIterator[Bench]:
    async with VirtualSerialModule() as module:
        scanner = SerialScanner(module.path)
        try:
            yield Bench(scanner, module, lambda: some_readings(module), symbology="")
        finally:
            await scanner.close()


@asynccontextmanager
async def keyboard() -> AsyncIterator[Bench]:
    async with VirtualKeyboardModule() as module:
        scanner = HidScanner(module.path, open_line=EventLine)
        try:
            yield Bench(scanner, module, lambda: some_readings(module), symbology="")
        finally:
            await scanner.close()


CAMERAS: dict[str, Callable[[], AbstractAsyncContextManager[Bench]]] = {"mock": mock, "virtual": virtual}
MODULES: dict[str, Callable[[], AbstractAsyncContextManager[Bench]]] = {"serial": serial, "keyboard": keyboard}
FACTORIES = CAMERAS | MODULES

cameras_only = pytest.mark.parametrize("bench", CAMERAS, indirect=True)
"""Pictures, and the silence that tells a frozen camera: a module has the one never, the other most of the time."""
modules_only = pytest.mark.parametrize("bench", MODULES, indirect=True)


@pytest.fixture(params=FACTORIES)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with asyncio.timeout(20):
        async with FACTORIES[request.param]() as made:
            yield made


async def still_waiting(task: asyncio.Task[Scan], seconds: float = 0.3) -> bool:
    done, _ = await asyncio.wait([task], timeout=seconds)
    return not done


async def test_healthy(bench: Bench) -> None:
    health = await bench.scanner.health()
    assert health.condition is Condition.ONLINE
    assert health.model


async def test_a_code_that_is_shown_later(bench: Bench) -> None:
    assert (await bench.scanner.health()).usable
    waiting = asyncio.create_task(bench.scanner.scan())
    assert await still_waiting(waiting)
    shown_at = asyncio.get_running_loop().time()
    bench.lens.show(ONE)
    scan = await waiting
    assert asyncio.get_running_loop().time() - shown_at < LATENCY_S
    assert (scan.text, scan.symbology) == (ONE, bench.symbology)
    assert ONE not in repr(scan)


async def test_a_code_that_is_still_in_view_counts(bench: Bench) -> None:
    bench.lens.show(ONE)
    assert (await bench.scanner.scan()).text == ONE


async def test_a_code_seen_before_the_call_does_not_count(bench: Bench) -> None:
    assert (await bench.scanner.health()).usable
    bench.lens.show(ONE)
    await bench.looked()
    bench.lens.clear()
    await bench.looked()
    waiting = asyncio.create_task(bench.scanner.scan())
    assert await still_waiting(waiting)
    bench.lens.show(OTHER)
    assert (await waiting).text == OTHER


async def test_the_next_code_is_another_one(bench: Bench) -> None:
    bench.lens.show(ONE)
    assert (await bench.scanner.scan()).text == ONE
    again = asyncio.create_task(bench.scanner.scan())
    assert await still_waiting(again)
    bench.lens.show(OTHER)
    assert (await again).text == OTHER


async def test_the_same_code_counts_again_after_it_left(bench: Bench) -> None:
    bench.lens.show(ONE)
    assert (await bench.scanner.scan()).text == ONE
    bench.lens.clear()
    again = asyncio.create_task(bench.scanner.scan())
    assert await still_waiting(again, 0.8)
    bench.lens.show(ONE)
    loop = asyncio.get_running_loop()
    shown_at = loop.time()
    assert (await again).text == ONE
    assert loop.time() - shown_at < LATENCY_S


async def test_cancelled_waiting_costs_nothing(bench: Bench) -> None:
    for _ in range(3):
        waiting = asyncio.create_task(bench.scanner.scan())
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    bench.lens.show(ONE)
    assert (await bench.scanner.scan()).text == ONE


async def test_a_second_waiter_is_refused(bench: Bench) -> None:
    first = asyncio.create_task(bench.scanner.scan())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        await bench.scanner.scan()
    bench.lens.show(ONE)
    assert (await first).text == ONE


@cameras_only
async def test_health_and_preview_while_waiting(bench: Bench) -> None:
    waiting = asyncio.create_task(bench.scanner.scan())
    async with aclosing(bench.scanner.preview()) as pictures:
        empty = await anext(pictures)
        assert (empty.width, empty.height) == (320, 180)
        assert len(empty.grey) == 320 * 180
        assert (await bench.scanner.health()).condition is Condition.ONLINE
        bench.lens.show(ONE)
        await waiting
        for _ in range(3):
            held = await anext(pictures)
    # A bright screen before a grey wall.
    assert sum(held.grey) > sum(empty.grey)


async def test_a_spoiled_frame_is_only_one_frame(bench: Bench) -> None:
    bench.lens.faults.fail_next("frame", Fault.GARBLE)
    bench.lens.faults.drop("frame")
    bench.lens.show(ONE)
    assert (await bench.scanner.scan()).text == ONE


async def test_unplugged_while_waiting_and_plugged_again(bench: Bench) -> None:
    waiting = asyncio.create_task(bench.scanner.scan())
    assert await still_waiting(waiting)
    bench.lens.unplug()
    with pytest.raises(DeviceLost):
        await waiting
    assert not (await bench.scanner.health()).usable
    with pytest.raises(DeviceLost):
        await bench.scanner.scan()
    bench.lens.plug()
    bench.lens.show(ONE)
    assert (await bench.scanner.scan()).text == ONE
    assert (await bench.scanner.health()).condition is Condition.ONLINE


@cameras_only
async def test_the_preview_of_a_lost_camera_ends(bench: Bench) -> None:
    seen = 0
    async with aclosing(bench.scanner.preview()) as pictures:
        async for _ in pictures:
            seen += 1
            bench.lens.unplug()
    assert seen >= 1
    async with aclosing(bench.scanner.preview()) as pictures:
        assert [picture async for picture in pictures] == []


@cameras_only
async def test_a_frozen_camera_is_lost(bench: Bench) -> None:
    assert (await bench.scanner.health()).usable
    bench.lens.faults.fail_always("frame", Fault.MUTE)
    bench.lens.show(ONE)
    with pytest.raises(DeviceLost):
        await bench.scanner.scan()
    bench.lens.faults.heal()
    bench.lens.unplug()
    bench.lens.plug()
    async with asyncio.timeout(5):
        assert (await bench.scanner.scan()).text == ONE


@modules_only
async def test_a_module_has_no_pictures(bench: Bench) -> None:
    async with aclosing(bench.scanner.preview()) as pictures:
        assert [picture async for picture in pictures] == []
    bench.lens.show(ONE)
    assert (await bench.scanner.scan()).text == ONE


@modules_only
async def test_lost_and_back_again_and_again(bench: Bench) -> None:
    for _ in range(3):  # each takes the second after which a citizen's attempt is made again
        bench.lens.show(ONE)
        assert (await bench.scanner.scan()).text == ONE
        waiting = asyncio.create_task(bench.scanner.scan())
        bench.lens.clear()
        await asyncio.sleep(0)
        bench.lens.unplug()
        with pytest.raises(DeviceLost):
            await waiting
        assert (await bench.scanner.health()).condition is Condition.NO_DEVICE
        bench.lens.plug()
        bench.lens.show(OTHER)
        assert (await bench.scanner.scan()).text == OTHER


@pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)
async def test_close_gives_everything_back(
    factory: Callable[[], AbstractAsyncContextManager[Bench]],
) -> None:
    gc.collect()
    before, children = open_descriptors(), child_processes()
    async with asyncio.timeout(10), factory() as bench:
        waiting = asyncio.create_task(bench.scanner.scan())
        await bench.looked()
        assert (await bench.scanner.health()).usable
        await bench.scanner.close()
        await bench.scanner.close()
        with pytest.raises(DeviceLost):
            await waiting
        assert not (await bench.scanner.health()).usable
        with pytest.raises(DeviceLost):
            await bench.scanner.scan()
    assert open_descriptors() - before == set()
    assert child_processes() - children == set()


def open_descriptors() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


def child_processes() -> set[str]:
    return set(Path("/proc/thread-self/children").read_text().split())
