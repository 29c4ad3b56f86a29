"""The drivers of barcode modules on their wires: bursts, attacks, broken codes, ports that are not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers import registry
from drivers.api import Condition, DeviceLost
from drivers.scanner.framing import End, Framing
from drivers.scanner.hid import EventLine, HidScanner
from drivers.scanner.module import BURST_S, ModuleScanner
from drivers.scanner.serial import SerialScanner
from drivers.scanner.virtual_modules import VirtualKeyboardModule, VirtualModule, VirtualSerialModule

CODE = "4241234567890123456789410000"
BURST = [f"424{number:019d}410000" for number in range(100)]


@pytest.fixture(params=["serial", "keyboard"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[tuple[VirtualModule, ModuleScanner]]:
    module = VirtualSerialModule() if request.param == "serial" else VirtualKeyboardModule()
    async with module:
        scanner: ModuleScanner
        if request.param == "serial":
            scanner = SerialScanner(module.path)
        else:
            scanner = HidScanner(module.path, open_line=EventLine)
        yield module, scanner
        await scanner.close()


Wire = tuple[VirtualModule, ModuleScanner]


async def waiting(scanner: ModuleScanner) -> asyncio.Task[str]:
    """Somebody waits for a code, and the line is open."""

    async def text() -> str:
        return (await scanner.scan()).text

    assert (await scanner.health()).usable
    task = asyncio.create_task(text())
    await asyncio.sleep(0.02)
    return task


async def test_a_burst_of_a_hundred_codes_is_read_exactly(wire: Wire) -> None:
    module, scanner = wire
    async with asyncio.timeout(10):
        first = await waiting(scanner)
        found = []
        for start in range(0, 100, 10):
            module.send(b"".join(module.encode(code) for code in BURST[start : start + 10]))
            found += [await first] if start == 0 else [(await scanner.scan()).text]
            found += [(await scanner.scan()).text for _ in range(9)]
    assert found == BURST


async def test_a_hundred_codes_in_one_go_over_the_serial_line() -> None:
    async with VirtualSerialModule() as module, asyncio.timeout(10):
        scanner = SerialScanner(module.path)
        first = await waiting(scanner)
        module.send(b"".join(module.encode(code) for code in BURST))
        assert [await first, *[(await scanner.scan()).text for _ in range(99)]] == BURST
        await scanner.close()


async def test_a_burst_at_once_and_nothing_of_it_later(wire: Wire) -> None:
    module, scanner = wire
    async with asyncio.timeout(10):
        first = await waiting(scanner)
        module.send(b"".join(module.encode(code) for code in BURST[:10]))
        assert await first == BURST[0]
        assert (await scanner.scan()).text == BURST[1]
        await asyncio.sleep(BURST_S * 1.5)
        late = await waiting(scanner)
        module.send(module.encode(CODE))
        assert await late == CODE


async def test_a_broken_code_is_not_joined_with_the_next(wire: Wire) -> None:
    module, scanner = wire
    async with asyncio.timeout(10):
        task = await waiting(scanner)
        module.send(module.broken(CODE))
        await asyncio.sleep(0.15)
        module.send(module.encode(BURST[7]))
        assert await task == BURST[7]


async def test_a_second_waiter_and_a_cancelled_one(wire: Wire) -> None:
    module, scanner = wire
    task = await waiting(scanner)
    with pytest.raises(RuntimeError):
        await scanner.scan()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        again = await waiting(scanner)
        module.send(module.encode(CODE))
        assert await again == CODE


async def test_an_attack_over_the_wire_is_plain_text_in_the_end() -> None:
    async with VirtualSerialModule(ending=b"\r") as module, asyncio.timeout(5):
        scanner = SerialScanner(module.path)
        task = await waiting(scanner)
        module.send(b"\x1b]0;owned\x07\x1b[2J" + CODE.encode() + b"\x1b[201~\r")
        assert await task == CODE
        await scanner.close()


async def test_a_module_without_a_terminator() -> None:
    async with VirtualSerialModule(ending=b"") as module, asyncio.timeout(5):
        scanner = SerialScanner(module.path, framing=Framing(End.IDLE))
        task = await waiting(scanner)
        module.send(CODE[:10].encode())
        module.send(CODE[10:].encode())
        assert await task == CODE
        await scanner.close()


@pytest.mark.parametrize("name", ["serial:{}/none?baud=9600", "hid:{}/none"])
async def test_what_is_not_there(name: str, tmp_path: Path) -> None:
    scanner = registry.build(registry.SCANNERS, name.format(tmp_path))
    health = await scanner.health()
    assert health.condition is Condition.NO_DEVICE
    assert "ENOENT" in health.detail
    with pytest.raises(DeviceLost) as lost:
        await scanner.scan()
    assert isinstance(lost.value.__cause__, OSError)
    await scanner.close()


async def test_a_missing_device_is_not_beaten_and_health_and_close_do_not_wait_for_it(tmp_path: Path) -> None:
    scanner = SerialScanner(str(tmp_path / "none"))
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(3):
        with pytest.raises(DeviceLost):
            await scanner.scan()
    assert loop.time() - begun >= 0.6
    patient = asyncio.create_task(scanner.scan())
    await asyncio.sleep(0.01)
    begun = loop.time()
    assert not (await scanner.health()).usable
    await scanner.close()
    with pytest.raises(DeviceLost):
        await patient
    assert loop.time() - begun < 0.6, "it waited for the next attempt"


async def test_a_device_that_cannot_be_grabbed_is_not_used() -> None:
    async with VirtualKeyboardModule() as module:
        scanner = HidScanner(module.path)
        health = await scanner.health()
        assert not health.usable
        assert "ENOTTY" in health.detail
        await scanner.close()


@pytest.mark.parametrize(
    "name",
    [
        "serial:",
        "serial:/dev/ttyACM0?speed=9600",
        "serial:/dev/ttyACM0?baud=fast",
        "serial:/dev/ttyACM0?end=never",
        "serial:/dev/ttyACM0?max=0",
        "hid:/dev/input/event3?grab=no",
        "camera:",
        "camera:zero",
        "camera:0?roi=0.5,0,0.6,1",
        "camera:0?roi=0,0,1",
        "camera:0?roi=0,0,nan,1",
        "camera:0?exposure=nan",
        "camera:0?exposure=1&exposure=2",
    ],
)
async def test_addresses_that_are_wrong_say_so(name: str) -> None:
    with pytest.raises(registry.UnknownDriver):
        registry.build(registry.SCANNERS, name)


async def test_settings_of_a_serial_module(tmp_path: Path) -> None:
    async with VirtualSerialModule(ending=b"\x03\r") as module, asyncio.timeout(5):
        name = f"serial:{module.path}?baud=115200&end=cr&prefix=%02&suffix=%03&max=64"
        scanner = registry.build(registry.SCANNERS, name)
        assert isinstance(scanner, SerialScanner)
        task = await waiting(scanner)
        module.send(b"no prefix\x03\r\x02" + CODE.encode() + b"\x03\r")
        assert await task == CODE
        await scanner.close()
