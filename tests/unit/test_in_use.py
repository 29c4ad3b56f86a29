"""A device that another program of this machine holds: told as that, not as a loose cable."""

from __future__ import annotations

import errno
import os
import tty
from collections.abc import Awaitable, Callable

import pytest

from drivers.api import Condition, Device, DeviceInUse, DeviceLost, Remedy
from drivers.idcard.sdt import SdtIdCardReader
from drivers.in_use import held
from drivers.printer.escpos import EscposPrinter
from drivers.scanner.serial import SerialScanner
from kiosk.__main__ import main
from kiosk.faults import trouble_of


@pytest.mark.parametrize(
    ("driver", "work"),
    [
        (SerialScanner, SerialScanner.scan),
        (SdtIdCardReader, SdtIdCardReader.document),
        (lambda port: EscposPrinter(f"serial://{port}"), EscposPrinter.status),
    ],
    ids=["barcode module", "ID reader", "printer"],
)
async def test_a_serial_port_that_is_taken(
    driver: Callable[[str], Device], work: Callable[[Device], Awaitable[object]]
) -> None:
    import serial

    master, slave = os.openpty()
    tty.setraw(slave)
    port = os.ttyname(slave)
    other_program = serial.Serial(port, exclusive=True)
    device = driver(port)
    try:
        for _ in range(2):  # the second time it is told from memory
            health = await device.health()
            assert (health.condition, health.remedy) == (Condition.OFFLINE, Remedy.CONFIGURATION)
            assert health.detail.endswith("another program holds it")
        with pytest.raises(DeviceInUse):
            await work(device)
    finally:
        await device.close()
        other_program.close()
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize(
    "words", [("idcard", "--port", "{}"), ("print-test", "--printer", "escpos:serial://{}")], ids=["ID card", "slip"]
)
def test_a_command_says_what_to_stop(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    import serial

    master, slave = os.openpty()
    port = os.ttyname(slave)
    other_program = serial.Serial(port, exclusive=True)
    try:
        assert main([word.format(port) for word in words]) > 0
        assert "another program holds it; stop that program first" in capsys.readouterr().err
    finally:
        other_program.close()
        os.close(master)
        os.close(slave)


def test_what_counts() -> None:
    assert held(OSError(errno.EBUSY, "busy"))
    assert not held(OSError(errno.ENOENT, "gone"))
    assert not held(ValueError())
    assert issubclass(DeviceInUse, DeviceLost)
    assert trouble_of(DeviceInUse()).code == "D05"
