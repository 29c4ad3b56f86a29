"""An insurer behind the real network: over mutual TLS on a free port, and the terminal's side connected to it."""

from __future__ import annotations

import asyncio
import atexit
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from kiosk.insurer import staging
from kiosk.insurer.agreement import Agreement
from kiosk.insurer.api import Insurer
from kiosk.insurer.dialogue import Limits
from kiosk.insurer.gateway import Gateway
from kiosk.insurer.platform import PlatformInsurer, connect
from kiosk.insurer.sealed_pin import PinOpener
from kiosk.insurer.server import PATH, Receive, ReferenceInsurer, Scope, Send
from kiosk.insurer.serving import InsurerServer
from kiosk.insurer.tls import read_token, server_context

TERMINAL = "ZZ-0001"
INSTITUTION = "STAGING00001"
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@lru_cache(maxsize=1)
def papers() -> staging.Folder:
    """A CA, a server for 127.0.0.1 and localhost, and the terminal ``TERMINAL``: made once in a test process."""
    place = Path(tempfile.mkdtemp(prefix="kiosk-papers-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return staging.make(place, ["127.0.0.1", "localhost"], [TERMINAL])


def agreement(port: int, host: str = "127.0.0.1") -> Agreement:
    return Agreement(
        url=f"https://{host}:{port}{PATH}",
        institution=INSTITUTION,
        institution_name="样本政务大厅",
        division="410100",
        terminal=TERMINAL,
    )


@dataclass
class Served:
    """An insurer on the network. ``stop`` and ``start`` are its restart, on the same port."""

    insurer: Insurer
    clock: Callable[[], datetime]
    folder: staging.Folder
    around: Callable[[Application], Application] = lambda application: application
    """What a test puts between the network and the insurer, for instance to spoil a reply."""
    port: int = 0
    _server: InsurerServer | None = None
    _running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        application: Application = ReferenceInsurer(
            self.insurer,
            Gateway("kiosk", read_token(self.folder.token)),
            PinOpener.load(self.folder.hsm_key),
            self.clock,
        )
        context = server_context(self.folder.ca, *self.folder.server)
        self._server = InsurerServer(self.around(application), context, "127.0.0.1", self.port)
        self.port = self._server.port
        self._running = asyncio.create_task(self._server.run_until_stopped())

    async def stop(self) -> None:
        """Messages under way get their answer, connections are closed, the port is free."""
        server, running = self._server, self._running
        self._server = self._running = None
        if server is not None and running is not None:
            server.stop()
            await running

    def terminal(self, numbers: Path, limits: Limits | None = None) -> PlatformInsurer:
        """A terminal of its own for this server; the caller closes it."""
        return connect(agreement(self.port), self.folder.papers(TERMINAL), numbers, self.clock, limits)


@asynccontextmanager
async def serving(
    insurer: Insurer,
    clock: Callable[[], datetime],
    around: Callable[[Application], Application] = lambda application: application,
) -> AsyncIterator[Served]:
    """``insurer`` on the network; it stays the caller's to close."""
    served = Served(insurer, clock, papers(), around)
    await served.start()
    try:
        yield served
    finally:
        await served.stop()


@asynccontextmanager
async def served(
    insurer: Insurer, clock: Callable[[], datetime], *, limits: Limits | None = None
) -> AsyncIterator[PlatformInsurer]:
    """``insurer`` as a terminal sees it over the network."""
    with tempfile.TemporaryDirectory(prefix="kiosk-numbers-") as folder:
        async with serving(insurer, clock) as server:
            terminal = server.terminal(Path(folder) / "messages", limits)
            try:
                yield terminal
            finally:
                await terminal.close()


_LISTENING = re.compile(rb"listening on https://[^:]+:(\d+)/")


@dataclass
class ServerProcess:
    """``kiosk insurer serve`` as a process of its own, on an SQLite file that outlives it."""

    process: asyncio.subprocess.Process
    port: int

    async def kill(self) -> None:
        """As a power cut ends it."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """As its supervisor ends it; the exit status."""
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()


async def start_process(database: Path | str, folder: staging.Folder | None = None, port: int = 0) -> ServerProcess:
    """Start it and wait until it listens. ``port`` is the earlier one for a restart."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kiosk", "insurer", "serve", "--port", str(port)),
        *("--database", str(database), "--certificates", str((folder or papers()).path)),
        stdout=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            found = _LISTENING.search(await process.stdout.readline())
        assert found, "the server did not say where it listens"
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return ServerProcess(process, int(found[1]))
