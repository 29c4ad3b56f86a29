"""A device that the system keeps from the terminal's user: told as that, with the group, not as a loose cable."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.api import CardReader, Condition, IdCardReader, Printer, Remedy, Scanner
from drivers.idcard.sdt import SdtIdCardReader
from drivers.permission import kept_from
from drivers.printer.escpos import EscposPrinter
from drivers.scanner.camera import CameraScanner
from drivers.scanner.hid import HidScanner
from drivers.scanner.serial import SerialScanner
from tests.helpers.other_users import they_come_here

NOBODY = 65534


@pytest.fixture
def forbidden() -> Iterator[Path]:
    """A file that its user, who is not root while this lasts, may look at and not open."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    path = folder / "device"
    path.touch()
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield path
    finally:
        os.seteuid(user)
        shutil.rmtree(folder)


def camera(path: str) -> Scanner:
    return CameraScanner(path)


@they_come_here  # as whom drivers are loaded that were not yet
@pytest.mark.parametrize(
    ("make", "group"),
    [
        (SdtIdCardReader, "dialout"),
        (SerialScanner, "dialout"),
        (HidScanner, "input"),
        (camera, "video"),
        (lambda path: EscposPrinter(f"serial://{path}"), "dialout"),
        (lambda path: EscposPrinter(f"file://{path}"), "lp"),
    ],
)
async def test_staff_hear_of_the_group_and_not_of_the_cable(
    make: Callable[[str], CardReader | IdCardReader | Scanner | Printer], group: str, forbidden: Path
) -> None:
    device = make(str(forbidden))
    try:
        for _ in range(2):  # the second is a failure repeated, not one met
            health = await device.health()
            assert (health.condition, health.remedy) == (Condition.OFFLINE, Remedy.CONFIGURATION)
            assert health.detail.endswith(f"no permission; the terminal's user must be in the group {group}")
    finally:
        await device.close()


def test_what_may_be_opened_or_is_not_there_is_another_matter(tmp_path: Path) -> None:
    assert kept_from(str(tmp_path), "lp") == ""
    assert kept_from(str(tmp_path / "none"), "lp") == ""
