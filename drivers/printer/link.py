"""The way to a printer: TCP, a serial line, or a file that can only be written. Bytes, without their meaning.

Owns addresses, opening, and turning every way a link can break into DeviceLost. It knows no printer command.
"""

from __future__ import annotations

import asyncio
import os
import stat
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from drivers import in_use, permission
from drivers.api import DeviceInUse, DeviceLost, DeviceTimeout

TCP_PORT = 9100
CONNECT_S = 3.0
SERIAL_BAUD = 115200


class Link(Protocol):
    """An open way to a printer. Every member raises DeviceLost once the other end is gone."""

    @property
    def two_way(self) -> bool: ...

    async def write(self, data: bytes) -> None:
        """Hand all bytes to the operating system."""
        ...

    async def read(self) -> bytes:
        """Wait for the next bytes."""
        ...

    def unread(self) -> bytes:
        """Bytes that arrived without being asked for, now; waits for nothing."""
        ...

    async def close(self) -> None: ...


class LinkAddress:
    """``tcp://host[:9100]``, ``serial:///dev/ttyS0?baud=115200&flow=none|rtscts|xonxoff`` or
    ``file:///dev/usb/lp0``."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        options = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.url = url
        self._path = unquote(parts.path)
        self._host = parts.hostname or ""
        try:
            self._port = parts.port or TCP_PORT
            self._baud = int(options.pop("baud", SERIAL_BAUD))
        except ValueError as error:
            raise ValueError(f"{url}: port and baud are numbers") from error
        self._flow = options.pop("flow", "none")
        self.scheme = parts.scheme
        if self.scheme == "tcp":
            valid = bool(self._host) and self._path in ("", "/")
        else:
            valid = self.scheme in ("serial", "file") and self._path.startswith("/") and not parts.netloc
        if not valid or self._flow not in ("none", "rtscts", "xonxoff") or options:
            raise ValueError(
                f"{url}: a printer is tcp://host:9100, serial:///dev/ttyS0?baud=115200&flow=none or file:///dev/usb/lp0"
            )

    @property
    def two_way(self) -> bool:
        return self.scheme != "file"

    def kept_from(self) -> str:
        """What to tell staff if the device is there and must not be opened; else empty. Blocks for a moment."""
        if self.scheme == "file":
            return permission.kept_from(self._path, permission.PRINTER, os.W_OK)
        return permission.kept_from(self._path, permission.SERIAL) if self.scheme == "serial" else ""

    async def open(self) -> Link:
        """Raises DeviceLost if nothing is there, DeviceInUse if another program has it."""
        try:
            async with asyncio.timeout(CONNECT_S):
                return await (_open_file(self._path) if self.scheme == "file" else self._open_stream())
        except TimeoutError as error:
            raise DeviceLost(f"{self.url} does not open within {CONNECT_S:g} s") from error
        except ConnectionRefusedError as error:
            raise DeviceLost(f"{self.url} does not open: nobody listens there") from error
        except (
            OSError,
            ValueError,
        ) as error:  # pyserial raises both for a port that is not there or not a port
            if self.scheme != "tcp" and in_use.held(error):
                raise DeviceInUse(f"{self.url}: {in_use.HELD}") from error
            raise DeviceLost(f"{self.url} does not open: {error}") from error

    async def _open_stream(self) -> StreamLink:
        loop = asyncio.get_running_loop()
        link = StreamLink()
        if self.scheme == "tcp":
            await loop.create_connection(lambda: link, self._host, self._port)
        else:
            import serial_asyncio_fast

            transport, _ = await serial_asyncio_fast.create_serial_connection(
                loop,
                lambda: link,
                self._path,
                baudrate=self._baud,
                rtscts=self._flow == "rtscts",
                xonxoff=self._flow == "xonxoff",
                exclusive=True,
            )
            link.connection_made(transport)  # the library itself tells the protocol only with the loop's next turn
        return link


class StreamLink(asyncio.Protocol):
    """A link that can answer: a TCP connection or a serial line."""

    two_way = True

    def __init__(self) -> None:
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._cause: Exception | None = None
        self._changed = asyncio.Event()
        self._flowing = asyncio.Event()
        self._lost = asyncio.Event()
        self._flowing.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # a stream's transport is a Transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._changed.set()

    def eof_received(self) -> bool:
        return False  # a printer that closes its side is gone: close ours too

    def connection_lost(self, exc: Exception | None) -> None:
        self._cause = exc
        for event in (self._lost, self._changed, self._flowing):
            event.set()

    def pause_writing(self) -> None:
        self._flowing.clear()

    def resume_writing(self) -> None:
        self._flowing.set()

    async def write(self, data: bytes) -> None:
        self._check()
        assert self._transport is not None
        self._transport.write(data)
        await self._flowing.wait()
        self._check()

    async def read(self) -> bytes:
        while not self._received:
            self._check()
            self._changed.clear()
            await self._changed.wait()
        return self.unread()

    def unread(self) -> bytes:
        found = bytes(self._received)
        self._received.clear()
        return found

    async def close(self) -> None:
        if self._transport is None or self._lost.is_set():
            return
        self._transport.close()
        try:
            async with asyncio.timeout(1.0):
                await self._lost.wait()
        except TimeoutError:
            # The peer reads no more: what is still unsent must not reach it later.
            self._transport.abort()

    def _check(self) -> None:
        if self._lost.is_set() or self._transport is None or self._transport.is_closing():
            raise DeviceLost("the printer closed the link") from self._cause


class FileLink:
    """A link that is only written: the printer class device of USB, or a file. It can say nothing."""

    two_way = False

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    async def write(self, data: bytes) -> None:
        if self._descriptor is None:
            raise DeviceLost("the link is closed")
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                await _writable(self._descriptor)
            except OSError as error:
                raise DeviceLost("the printer's file cannot be written") from error

    async def read(self) -> bytes:
        raise DeviceTimeout("this link cannot answer")

    def unread(self) -> bytes:
        return b""

    async def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


async def _open_file(path: str) -> FileLink:
    # No O_CREAT: a wrong name must be an error, not a file that collects slips.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise IsADirectoryError(path)
    return FileLink(descriptor)


async def _writable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_writer(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(descriptor)
