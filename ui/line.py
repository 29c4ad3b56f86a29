"""The core's end of the line to the glass, on its loop."""

from __future__ import annotations

import asyncio
import pickle
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress

from ui.two_processes import LENGTH, packed


class Line:
    """Nobody waits for what is sent; what came is overwritten once it is understood."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end
        self._out: deque[bytes] = deque()
        self._more = asyncio.Event()

    def send(self, value: object) -> None:
        self._out.append(packed(value))
        self._more.set()

    async def keep_sending(self) -> None:
        """Until cancelled, or the other end is gone."""
        loop = asyncio.get_running_loop()
        with suppress(ConnectionError):
            while True:
                await self._more.wait()
                self._more.clear()
                while self._out:
                    await loop.sock_sendall(self._end, self._out.popleft())

    async def values(self) -> AsyncIterator[object]:
        """What the other end sends, until it is gone."""
        while (head := await self._exactly(LENGTH.size)) is not None:
            content = await self._exactly(*LENGTH.unpack(head))
            if content is None:
                return
            value = pickle.loads(content)  # noqa: S301 - from our own other half
            content[:] = bytes(len(content))
            yield value

    async def _exactly(self, size: int) -> bytearray | None:
        loop = asyncio.get_running_loop()
        content, got = bytearray(size), 0
        with memoryview(content) as room:
            while got < size:
                try:
                    count = await loop.sock_recv_into(self._end, room[got:])
                except ConnectionError:
                    return None
                if count == 0:
                    return None
                got += count
        return content

    def hang_up(self) -> None:
        """The other end gets no more, and hears so; it may still say something."""
        with suppress(OSError):  # it is gone already
            self._end.shutdown(socket.SHUT_WR)
