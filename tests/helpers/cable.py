"""A network cable that a test can cut, hold and listen to, and a peer that writes down what it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Cable:
    """Carries bytes between a terminal and a server on this machine, and can be hurt in the ways a network can."""

    to_port: int
    port: int = 0
    held: bool = False
    """Nothing passes any more, and nobody is told."""
    eats_answers: bool = False
    """The next thing that the server says ends the connection instead of arriving."""
    dead: set[int] = field(default_factory=set)
    """Connections (by their number) that break as soon as the terminal says something, without passing it on."""
    connections: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Every connection ends now."""
        for writer in self._writers:
            writer.transport.abort()

    def let_die(self) -> None:
        """The connections that there are look well and break at the next word."""
        self.dead = set(range(self.connections))

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = self.connections
        self.connections += 1
        self._writers.add(writer)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(back)
        ways = [
            asyncio.create_task(self._one_way(reader, back, lambda: number in self.dead)),
            asyncio.create_task(self._one_way(there, writer, lambda: self.eats_answers)),
        ]
        self._tasks.update(ways)
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.wait(ways)
            self._tasks.difference_update(ways)
            for end in (writer, back):
                self._writers.discard(end)
                end.transport.abort()

    async def _one_way(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, breaks: Callable[[], bool]
    ) -> None:
        try:
            while data := await reader.read(65536):
                if breaks():
                    return
                if not self.held:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass  # one end is gone: so is the other


@asynccontextmanager
async def cable_to(port: int) -> AsyncIterator[Cable]:
    cable = Cable(port)
    server = await asyncio.start_server(cable.carry, "127.0.0.1", 0)
    cable.port = server.sockets[0].getsockname()[1]
    try:
        yield cable
    finally:
        server.close()
        cable.cut()
        await server.wait_closed()
        while cable._tasks:
            await asyncio.sleep(0)


@dataclass
class Listener:
    """A TLS server that keeps every byte it is told and answers each request with the same bytes."""

    heard: bytearray = field(default_factory=bytearray)
    port: int = 0
    reached: int = 0
    """Connections on which TLS was agreed on."""


@asynccontextmanager
async def listener(context: ssl.SSLContext, answer: bytes = b"") -> AsyncIterator[Listener]:
    kept = Listener()
    talking: set[asyncio.Task[None]] = set()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talking.add(task)
        kept.reached += 1
        try:
            while data := await reader.read(65536):
                kept.heard += data
                if answer:
                    writer.write(answer)
        except OSError:
            pass  # the terminal went away, as it should
        finally:
            talking.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=context)
    kept.port = server.sockets[0].getsockname()[1]
    try:
        yield kept
    finally:
        server.close()
        for task in talking:
            task.cancel()
        await server.wait_closed()
        while talking:
            await asyncio.sleep(0)
