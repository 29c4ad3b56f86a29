"""Plays systemd for one program: starts it with ``NOTIFY_SOCKET`` and ``WATCHDOG_USEC``, listens, kills it when it
gives no sign of life for that long, and starts it again whenever it ends (``Restart=always``, no start limit).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

_CREDENTIALS = struct.Struct("3i")


@dataclass
class Life:
    """One start of the program, with the moments of the loop's clock."""

    pid: int
    began: float
    ready: float | None = None
    signs: list[float] = field(default_factory=list)
    """When it said WATCHDOG=1."""
    said: list[str] = field(default_factory=list)
    strangers: int = 0
    """Messages that came from another process: ``NotifyAccess=main`` would not hear them."""
    killed: float | None = None
    """When the watchdog had waited long enough."""
    ended: float | None = None
    status: int | None = None
    logged: str = ""


class Supervisor:
    """``async with Supervisor(words, watchdog_s)``: kept alive until the block ends, then told to stop."""

    def __init__(
        self, words: Sequence[str], watchdog_s: float, *, folder: Path, cwd: Path, env: Mapping[str, str]
    ) -> None:
        self.lives: list[Life] = []
        self._words, self._watchdog_s, self._folder, self._cwd, self._env = words, watchdog_s, folder, cwd, env
        self._changed, self._changed_too = asyncio.Event(), asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def life(self) -> Life:
        return self.lives[-1]

    async def __aenter__(self) -> Supervisor:
        # An abstract name: the folder of a test may be too deep for a path (unix(7)).
        self._name = f"@kiosk-test-{os.getpid()}-{id(self)}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind("\0" + self._name[1:])
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket, self._heard)
        self._keeping = asyncio.ensure_future(self._keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keeping.cancel()
        await asyncio.wait({self._keeping})
        if self._process is not None and self._process.returncode is None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), 20)
            except TimeoutError:
                self.signal(signal.SIGKILL)
                await self._process.wait()
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _tell(self) -> None:
        """Both whoever waits outside and the keeper."""
        self._changed.set()
        self._changed_too.set()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def until(self, wanted: Callable[[], bool], within: float, what: str) -> None:
        try:
            async with asyncio.timeout(within):
                while not wanted():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited {within:g} s for {what}: {self.lives}; {self._log()[-2000:]}") from None

    async def ready(self, life: int, within: float) -> Life:
        """The ``life``-th start (from 1), seen at its first screen."""
        wanted = f"READY=1 of start {life}"
        await self.until(lambda: len(self.lives) >= life and self.lives[life - 1].ready is not None, within, wanted)
        return self.lives[life - 1]

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        env = {
            **self._env,
            "NOTIFY_SOCKET": self._name,
            "WATCHDOG_USEC": str(int(self._watchdog_s * 1e6)),
        }
        while True:
            with self._errors().open("wb") as errors:
                self._process = await asyncio.create_subprocess_exec(
                    *self._words, cwd=self._cwd, env=env, stdin=asyncio.subprocess.DEVNULL, stderr=errors
                )
            life = Life(self._process.pid, loop.time())
            self.lives.append(life)
            self._tell()
            ending = asyncio.ensure_future(self._process.wait())
            try:
                while not ending.done():
                    self._changed_too.clear()
                    changing = asyncio.ensure_future(self._changed_too.wait())
                    patience = self._patience(life, loop.time())
                    await asyncio.wait({ending, changing}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                    changing.cancel()
                    if not ending.done() and self._patience(life, loop.time()) == 0.0:
                        life.killed = loop.time()
                        self._tell()
                        self.signal(signal.SIGKILL)
            finally:
                ending.cancel()
            life.ended, life.status, life.logged = loop.time(), self._process.returncode, self._log()
            self._tell()

    def _patience(self, life: Life, now: float) -> float | None:
        """How long it may still say nothing; the watchdog begins with READY=1."""
        if life.ready is None or life.killed is not None:
            return None
        return max(0.0, (life.signs[-1] if life.signs else life.ready) + self._watchdog_s - now)

    def _errors(self) -> Path:
        return self._folder / "stderr"

    def _log(self) -> str:
        return self._errors().read_text("utf-8", "replace")

    def _heard(self) -> None:
        data, ancillary, _, _ = self._socket.recvmsg(4096, socket.CMSG_SPACE(_CREDENTIALS.size))
        sender = next(
            (_CREDENTIALS.unpack(found)[0] for _, kind, found in ancillary if kind == socket.SCM_CREDENTIALS), 0
        )
        life = next((life for life in self.lives if life.pid == sender), None)
        if life is None:
            if self.lives:
                self.life.strangers += 1
            return
        now = asyncio.get_running_loop().time()
        for line in data.decode().splitlines():
            if line == "WATCHDOG=1":
                life.signs.append(now)
            else:
                life.said.append(line)
            if line == "READY=1":
                life.ready = now
        self._tell()
