"""``kiosk record``: a device's traffic in a file without personal data, so that an incident can become a test.

The card or document is read as the terminal does it, the printer prints the test page; what passes on the wire is
kept in memory, and written only after everything personal has been replaced.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from drivers import registry
from drivers.api import CardReader, DeviceError, DeviceLost, IdCardReader, Printer
from drivers.card.social_security import SocialSecurityCard
from drivers.contract.samples import SLIP
from drivers.recording.card import RecordingCardReader
from drivers.recording.idcard import IdRecorder
from drivers.recording.printer import PrinterRecorder
from drivers.recording.tape import Tape
from kiosk.commands.failure import Failure

NOTHING = 4
"""Exit status when nothing happened in the time given."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", required=True, choices=("card", "idcard", "printer"))
    parser.add_argument("--driver", required=True, metavar="NAME", help="as in the configuration, e.g. pcsc:ACR39U")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")
    parser.add_argument("--count", type=int, default=1, metavar="N", help="so many cards, documents or pages")
    parser.add_argument(
        "--seconds", type=float, default=120.0, metavar="S", help="stop after this time; so does Ctrl-C"
    )


def run(arguments: argparse.Namespace) -> int:
    tape = asyncio.run(_record(arguments))
    print(f"{len(tape.events)} events in {arguments.out}")
    for what in tape.replaced:
        print(f"replaced: {what}")
    return 0


async def _record(arguments: argparse.Namespace) -> Tape:
    """Raises Failure, UnknownDriver, OSError."""
    _see_room_for(arguments.out)
    work = {"card": _card, "idcard": _idcard, "printer": _printer}[arguments.device]
    tell = _until(arguments.seconds)
    try:
        tape = await work(arguments.driver, arguments.count, tell)
    except DeviceLost as error:
        raise Failure(f"no device: {error}; see kiosk doctor") from error
    except ValueError as error:
        raise Failure(f"{arguments.driver}: {error}", 2) from error
    if not tape.events:
        raise Failure(f"nothing happened within {arguments.seconds:g} s", NOTHING)
    tape.write(arguments.out)
    return tape


def _see_room_for(out: Path) -> None:
    """Told before a card is asked for: what went wrong once does not come back to be recorded again. Raises Failure."""
    if out.exists():
        raise Failure(f"{out} is there already; name another file with --out", 2)
    if not os.access(out.absolute().parent, os.W_OK | os.X_OK):
        raise Failure(f"{out.absolute().parent} is no folder that you may write to; name another with --out", 2)


Limited = Callable[[Awaitable[None]], Awaitable[None]]


def _until(seconds: float) -> Limited:
    """Ends the work when its time is over or Ctrl-C is pressed; what was recorded by then is kept."""

    async def limited(work: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(seconds):
                await work
        except TimeoutError:
            print("the time is over", file=sys.stderr)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
            print("stopped", file=sys.stderr)

    return limited


async def _card(driver: str, count: int, limited: Limited) -> Tape:
    reader = RecordingCardReader(registry.build(registry.CARD_READERS, driver))
    try:
        await limited(_read_cards(reader, count))
    finally:
        await reader.close()
    return reader.tape(driver)


async def _read_cards(reader: CardReader, count: int) -> None:
    for number in range(1, count + 1):
        print(f"card {number} of {count}: put it in", file=sys.stderr)
        try:
            card = await reader.card()
        except DeviceLost:
            raise
        except DeviceError as error:
            print(f"card {number}: {type(error).__name__}", file=sys.stderr)
            continue
        try:
            chip = await SocialSecurityCard.select(card)
            await chip.public()
            await chip.holder()
            await chip.tries_left()
        except DeviceError as error:
            print(f"card {number}: {type(error).__name__}", file=sys.stderr)  # that is why it is recorded
        await card.release()
        print(f"card {number}: take it out", file=sys.stderr)
        await card.removed()


async def _idcard(driver: str, count: int, limited: Limited) -> Tape:
    name, _, address = driver.partition(":")
    port, _, baud = address.partition("?baud=")
    if name in registry.ID_READERS and not port.startswith("/"):
        raise ValueError("only a reader on a serial port can be recorded, as in sdt:/dev/ttyUSB0")
    recorder = IdRecorder()
    async with recorder.tap(port, int(baud or 115200)) as tapped:
        reader = registry.build(registry.ID_READERS, f"{name}:{tapped}{f'?baud={baud}' if baud else ''}")
        try:
            await limited(_read_documents(reader, count))
        finally:
            await reader.close()
    return recorder.tape(driver)


async def _read_documents(reader: IdCardReader, count: int) -> None:
    await reader.health()
    for number in range(1, count + 1):
        print(f"document {number} of {count}: lay it down", file=sys.stderr)
        try:
            await reader.document()
        except DeviceLost:
            raise
        except DeviceError as error:
            print(f"document {number}: {type(error).__name__}", file=sys.stderr)


async def _printer(driver: str, count: int, limited: Limited) -> Tape:
    name, _, address = driver.partition(":")
    recorder = PrinterRecorder()
    async with recorder.tap(address) as tapped:
        printer = registry.build(registry.PRINTERS, f"{name}:{tapped}")
        try:
            await limited(_print_pages(printer, count))
        finally:
            await printer.close()
    return recorder.tape(driver)


async def _print_pages(printer: Printer, count: int) -> None:
    for number in range(1, count + 1):
        try:
            await printer.print(SLIP)
        except DeviceLost:
            raise
        except DeviceError as error:
            print(f"page {number}: {type(error).__name__}", file=sys.stderr)
