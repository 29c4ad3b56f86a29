"""One TLS server for a whole process of tests, with a loop of its own, and another insurer behind it for each test.

Starting and stopping a server takes longer than most tests. What must be new for each (the insurer, its clock, the
sessions) is the application; the socket stays. Nothing of one test reaches the next.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from kiosk.insurer.api import Insurer
from kiosk.insurer.gateway import Gateway
from kiosk.insurer.platform import PlatformInsurer, connect
from kiosk.insurer.sealed_pin import PinOpener
from kiosk.insurer.server import ReferenceInsurer
from kiosk.insurer.serving import InsurerServer
from kiosk.insurer.tls import read_token, server_context
from tests.helpers.served_insurer import TERMINAL, agreement, papers

_Answer = TypeVar("_Answer")
START_S = 10.0


class StandingServer:
    def __init__(self) -> None:
        self._application: ReferenceInsurer | None = None
        self._loop = asyncio.new_event_loop()
        folder = papers()
        self._gateway = Gateway("kiosk", read_token(folder.token))
        self._hsm = PinOpener.load(folder.hsm_key)
        self._server = InsurerServer(self, server_context(folder.ca, *folder.server), "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    async def do(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        """Let the server's loop do it."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    @asynccontextmanager
    async def serving(self, insurer: Insurer, clock: Callable[[], datetime]) -> AsyncIterator[PlatformInsurer]:
        """``insurer``, which lives in the server's loop, as a terminal in the caller's loop sees it."""
        self._application = ReferenceInsurer(insurer, self._gateway, self._hsm, clock)
        with tempfile.TemporaryDirectory(prefix="kiosk-numbers-") as folder:
            numbers = Path(folder) / "messages"
            terminal = connect(agreement(self._server.port), papers().papers(TERMINAL), numbers, clock, None)
            try:
                yield terminal
            finally:
                await terminal.close()
                self._application = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert self._application is not None, "a message after the end of its test"
        await self._application(scope, receive, send)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._server.run_until_stopped())

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(START_S)


@functools.cache
def standing_server() -> StandingServer:
    """The server of this process, started when it is first asked for and stopped at its end."""
    server = StandingServer()
    atexit.register(server.stop)
    return server


@asynccontextmanager
async def elsewhere(
    server: StandingServer, place: Callable[[AsyncExitStack], Coroutine[Any, Any, _Answer]]
) -> AsyncIterator[_Answer]:
    """What ``place`` enters, entered and left in the server's loop."""
    stack = AsyncExitStack()
    try:
        yield await server.do(place(stack))
    finally:
        await server.do(stack.aclose())
