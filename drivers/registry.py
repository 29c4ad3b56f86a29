"""From a name in the configuration to a driver: ``pcsc:ACR39U``, ``sdt:/dev/ttyUSB0``, ``camera:0``, ``escpos:tcp://…``.

A new driver is one file and one line here; one that is not ours is found by its entry point, in the group named like
its table below (``yibao_kiosk.card_readers`` …). Ours come first: nothing that is installed can take their names.
Nothing is imported before it is asked for, and building a driver neither blocks nor touches the device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from drivers.api import CardReader, IdCardReader, PinPad, Printer, Scanner, Voice

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

D = TypeVar("D")


class UnknownDriver(Exception):
    """No driver has this name; the text lists those there are."""


def _pcsc(address: str) -> CardReader:
    from drivers.card.pcsc import PcscCardReader

    return PcscCardReader(address or None)


def _sdt(address: str) -> IdCardReader:
    from drivers.address import split, whole
    from drivers.idcard.sdt import BAUD, SdtIdCardReader

    port, settings = split(address, ("baud",))
    return SdtIdCardReader(port, whole(settings, "baud", BAUD))


def _camera(address: str) -> Scanner:
    from drivers.scanner.camera import CameraScanner

    return CameraScanner.at(address)


def _serial_scanner(address: str) -> Scanner:
    from drivers.scanner.serial import SerialScanner

    return SerialScanner.at(address)


def _hid_scanner(address: str) -> Scanner:
    from drivers.scanner.hid import HidScanner

    return HidScanner.at(address)


def _escpos(address: str) -> Printer:
    from drivers.printer.escpos import EscposPrinter

    return EscposPrinter(address if "://" in address else f"file://{address}")


def _cups(address: str) -> Printer:
    """``QUEUE``, ``QUEUE@/run/cups/cups.sock``, ``QUEUE@localhost:631``; with ``?paper=roll80`` for a roll."""
    from drivers.address import split
    from drivers.printer.cups import CupsPrinter

    place, settings = split(address, ("paper",))
    queue, _, server = place.partition("@")
    return CupsPrinter(queue, server or None, sheet=settings.get("paper", "a4"))


def _mock_pin_pad(address: str) -> PinPad:
    """A pad that nobody can touch, to try a configuration with; one that encrypts if a format is named (``iso-4``)."""
    from os import urandom

    from drivers.api import PinFormat
    from drivers.pinpad.mock import MockPinPad

    return MockPinPad(key=urandom(16), form=PinFormat(address)) if address else MockPinPad()


def _espeak(address: str) -> Voice:
    """The machine's sound card; ``plughw:1,0`` another one; ``file:///FOLDER`` a folder of WAV files."""
    from drivers.voice.espeak import EspeakVoice

    return EspeakVoice(address)


def _clips(address: str) -> Voice:
    from drivers.voice.clips import ClipVoice

    return ClipVoice.at(address)


class Drivers(Mapping[str, Callable[[str], D]], Generic[D]):
    """The drivers of one device kind by name: our own, and those of other distributions by entry point.

    An entry point names a callable that takes the address and returns the driver. It is loaded when its driver is
    asked for; raises UnknownDriver if that fails.
    """

    def __init__(self, group: str, ours: Mapping[str, Callable[[str], D]]) -> None:
        self.group = group
        self._ours = ours

    def __getitem__(self, name: str) -> Callable[[str], D]:
        if name in self._ours:
            return self._ours[name]
        point = self._points()[name]
        try:
            make: Callable[[str], D] = point.load()
        except (ImportError, AttributeError) as error:
            raise UnknownDriver(f"{name!r} is installed, but cannot be loaded: {error}") from error
        except Exception as error:  # whatever stands in somebody else's module
            kind = type(error).__name__
            raise UnknownDriver(f"{name!r} is installed, but cannot be loaded ({kind}); ask its maker") from error
        return make

    def __iter__(self) -> Iterator[str]:
        yield from self._ours
        yield from (name for name in self._points() if name not in self._ours)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self._ours or name in self._points()

    def distribution(self, name: str) -> tuple[str, str] | None:
        """Name and version of the distribution that brought the driver; ``None`` for one of ours."""
        if name in self._ours:
            return None
        found = self._points()[name].dist
        return (found.name, found.version) if found is not None else ("", "")

    def _points(self) -> dict[str, EntryPoint]:
        from importlib.metadata import entry_points

        return {point.name: point for point in entry_points(group=self.group)}


CARD_READERS: Drivers[CardReader] = Drivers("yibao_kiosk.card_readers", {"pcsc": _pcsc})
ID_READERS: Drivers[IdCardReader] = Drivers("yibao_kiosk.id_readers", {"sdt": _sdt})
SCANNERS: Drivers[Scanner] = Drivers(
    "yibao_kiosk.scanners", {"camera": _camera, "serial": _serial_scanner, "hid": _hid_scanner}
)
PRINTERS: Drivers[Printer] = Drivers("yibao_kiosk.printers", {"escpos": _escpos, "cups": _cups})
PIN_PADS: Drivers[PinPad] = Drivers("yibao_kiosk.pin_pads", {"mock": _mock_pin_pad})
VOICES: Drivers[Voice] = Drivers("yibao_kiosk.voices", {"espeak": _espeak, "clips": _clips})


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
    except UnknownDriver:
        raise
    except Exception as error:  # whatever somebody else's code raises
        raise UnknownDriver(f"{name!r}: its driver failed ({type(error).__name__}); ask its maker") from error
