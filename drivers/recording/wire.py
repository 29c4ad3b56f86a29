"""A tap on a wire: the driver is given an address here, and every byte passes on to the device at the real one.

It owns the two ends and tells a listener what passed, in which direction; it knows no protocol and keeps no byte.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from drivers.api import DeviceLost
from drivers.printer.link import Link, LinkAddress

_log = logging.getLogger(__name__)

Heard = Callable[[bytes, bool], None]
"""Called with the bytes, and whether they go to the device."""


@asynccontextmanager
async def serial_tap(port: str, baud: int, heard: Heard) -> AsyncIterator[str]:
    """Path of a pseudo-terminal behind which the serial device at ``port`` stands. Raises DeviceLost."""
    link = await LinkAddress(f"serial://{port}?baud={baud}").open()
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    loop = asyncio.get_running_loop()
    outbound: asyncio.Queue[bytes] = asyncio.Queue()

    def from_driver() -> None:
        try:
            outbound.put_nowait(os.read(ours, 4096))
        except OSError as error:
            _log.debug("tap: %s", error)

    async def to_device() -> None:
        while True:
            data = await outbound.get()
            heard(data, True)
            await link.write(data)

    async def to_driver() -> None:
        while True:
            data = await link.read()
            heard(data, False)
            try:
                os.write(ours, data)
            except BlockingIOError:
                _log.warning("tap: the driver does not read, %d bytes dropped", len(data))

    open_ends = [theirs, ours]

    def hang_up(_: object = None) -> None:
        """The driver sees a lost device as it would without us: its port vanishes."""
        path.unlink(missing_ok=True)
        if open_ends:
            loop.remove_reader(ours)
        while open_ends:
            os.close(open_ends.pop())

    with tempfile.TemporaryDirectory(prefix="kiosk-tap-") as folder:
        path = Path(folder) / "device"
        path.symlink_to(os.ttyname(theirs))
        loop.add_reader(ours, from_driver)
        tasks = [asyncio.create_task(to_device()), asyncio.create_task(to_driver())]
        for task in tasks:
            task.add_done_callback(hang_up)
        try:
            yield str(path)
        finally:
            await _ended(tasks)
            hang_up()
            await link.close()


@asynccontextmanager
async def printer_tap(url: str, heard: Heard) -> AsyncIterator[str]:
    """URL on the loopback address behind which the printer at ``url`` stands (tcp:// or serial://).

    Raises ValueError for another address. The link to the printer is opened and closed as the driver does.
    """
    address = LinkAddress(url)
    if not address.two_way:
        raise ValueError(f"{url}: only a printer on tcp:// or serial:// can be recorded")
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await _join(address, reader, writer, heard)
        except asyncio.CancelledError:
            _log.debug("tap: closed")  # the stream protocol would log a cancelled handler as an error
        except (DeviceLost, OSError) as error:
            _log.info("tap: %s", type(error).__name__)
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await _ended(list(tasks))
        await server.wait_closed()


async def _join(address: LinkAddress, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Heard) -> None:
    link = await address.open()
    answers = asyncio.create_task(_answers(link, writer, heard))
    try:
        while data := await reader.read(4096):
            heard(data, True)
            await link.write(data)
    finally:
        await _ended([answers])
        await link.close()


async def _answers(link: Link, writer: asyncio.StreamWriter, heard: Heard) -> None:
    try:
        while True:
            data = await link.read()
            heard(data, False)
            writer.write(data)
    except DeviceLost:
        writer.transport.abort()


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
