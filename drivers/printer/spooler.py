"""The way to the CUPS server of this machine: one IPP request over HTTP, one answer.

Owns the connection and how it fails. It speaks over the server's Unix socket or a loopback port and nowhere else:
a slip is personal and this way is not encrypted; a printer on the network is the business of a queue of the local
CUPS, which does speak ``ipps``. It repeats nothing, for only its caller knows what may be asked twice.
"""

from __future__ import annotations

import asyncio
import ipaddress
from pathlib import Path

from drivers.api import DeviceError, DeviceLost, DeviceTimeout
from drivers.printer.ipp import MalformedMessage, Message, decode, encode

SOCKET = "/run/cups/cups.sock"
"""Where Debian's cupsd listens (cups-daemon, cups.socket)."""
PORT = 631
ANSWER_S = 3.0
"""cupsd answers within milliseconds; it is one process that may be busy starting filters."""

_MOST = 1 << 20
"""No answer to what is asked here comes near a megabyte."""


class SpoolerRefused(DeviceError):
    """The server understood and refuses. ``status`` is the status of IPP (from 0x0400 on) or of HTTP (below 600)."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(f"CUPS refuses {what}: {status if status < 600 else f'0x{status:04X}'}")
        self.status = status


class Spooler:
    """CUPS at a Unix socket's path or ``host:port``. Raises ValueError for another machine."""

    def __init__(self, server: str | None = None, *, answer_s: float = ANSWER_S) -> None:
        self._answer_s = answer_s
        self.name = server or SOCKET
        self._host, self._port = "", PORT
        if not self.name.startswith("/"):
            self._host, _, port = self.name.rpartition(":") if ":" in self.name else (self.name, "", "")
            if port and not port.isdigit():
                raise ValueError(f"{self.name!r} is neither the path of a socket nor host:port")
            self._port = int(port or PORT)
            if not _is_here(self._host):
                raise ValueError(
                    f"CUPS at {self._host!r} is another machine: set up a queue in this machine's CUPS that forwards"
                )

    async def ask(self, path: str, request: Message, document: bytes = b"") -> Message:
        """Raises DeviceLost (no server, or it hung up), DeviceTimeout, SpoolerRefused for an HTTP error."""
        try:
            async with asyncio.timeout(self._answer_s):
                status, body = await self._exchange(path, encode(request) + document)
        except TimeoutError as error:
            raise DeviceTimeout(f"CUPS at {self.name} does not answer") from error
        except (FileNotFoundError, PermissionError, ConnectionRefusedError) as error:
            raise DeviceLost(f"no CUPS at {self.name}: {error.strerror}") from error
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
            raise DeviceLost(f"CUPS at {self.name} broke off") from error
        if status != 200:
            raise SpoolerRefused("the request", status)
        try:
            answer = decode(body)
        except MalformedMessage as error:
            raise DeviceLost(f"what is at {self.name} does not speak IPP") from error
        if answer.number != request.number:
            raise DeviceLost(f"CUPS at {self.name} answered another question")
        return answer

    async def _exchange(self, path: str, body: bytes) -> tuple[int, bytes]:
        if self._host:
            reader, writer = await asyncio.open_connection(self._host, self._port, limit=_MOST)
        else:
            reader, writer = await asyncio.open_unix_connection(Path(self.name), limit=_MOST)
        try:
            # RFC 8010 section 4: HTTP/1.1, POST, application/ipp. CUPS insists on a Host that means itself.
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode("ascii") + body)
            await writer.drain()
            return await _answer(reader)
        finally:
            writer.transport.abort()


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    while True:
        line, *fields = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        protocol, _, rest = line.partition(" ")
        if not protocol.startswith("HTTP/1."):
            raise ValueError("no HTTP")
        status = int(rest[:3])
        if status >= 200:
            break
    headers = {name.strip().lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return status, await _chunks(reader)
    if "content-length" in headers:
        length = int(headers["content-length"])
        if not 0 <= length <= _MOST:
            raise ValueError("an answer of this size is none")
        return status, await reader.readexactly(length)
    body = bytearray()
    while piece := await reader.read(_MOST):
        body += piece
        if len(body) > _MOST:
            raise ValueError("an answer of this size is none")
    return status, bytes(body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        if size < 0 or len(body) + size > _MOST:
            raise ValueError("an answer of this size is none")
        body += await reader.readexactly(size)
        await reader.readuntil(b"\r\n")
    return bytes(body)
