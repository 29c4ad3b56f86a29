"""From a name in the configuration to a driver: ``pcsc:ACR39U``, ``sdt:/dev/ttyUSB0``, ``camera:0``, ``escpos:tcp://…``.

A new driver is one file and one line here. Nothing is imported before it is asked for, and building a driver neither
blocks nor touches the device.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from drivers.api import CardReader, IdCardReader, Printer, Scanner

D = TypeVar("D")


class UnknownDriver(Exception):
    """No driver has this name; the text lists those there are."""


def _pcsc(address: str) -> CardReader:
    from drivers.card.pcsc import PcscCardReader

    return PcscCardReader(address or None)


def _sdt(address: str) -> IdCardReader:
    from drivers.idcard.sdt import SdtIdCardReader

    port, _, baud = address.partition("?baud=")
    return SdtIdCardReader(port, int(baud or 115200))


def _camera(address: str) -> Scanner:
    from drivers.scanner.camera import CameraScanner

    return CameraScanner(int(address) if address.isdigit() else address)


def _escpos(address: str) -> Printer:
    from drivers.printer.escpos import EscposPrinter

    return EscposPrinter(address if "://" in address else f"file://{address}")


CARD_READERS: Mapping[str, Callable[[str], CardReader]] = {"pcsc": _pcsc}
ID_READERS: Mapping[str, Callable[[str], IdCardReader]] = {"sdt": _sdt}
SCANNERS: Mapping[str, Callable[[str], Scanner]] = {"camera": _camera}
PRINTERS: Mapping[str, Callable[[str], Printer]] = {"escpos": _escpos}


def build(drivers: Mapping[str, Callable[[str], D]], name: str) -> D:
    """The driver for ``driver:address``. Raises UnknownDriver."""
    driver, colon, address = name.partition(":")
    if not colon or driver not in drivers:
        known = ", ".join(f"{known}:" for known in drivers)
        raise UnknownDriver(f"{name!r} names no driver; write driver:address with one of {known}")
    try:
        return drivers[driver](address)
    except ValueError as error:
        raise UnknownDriver(f"{name!r}: {error}") from error
