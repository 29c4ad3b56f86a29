"""One life of a child process that runs a hosted driver: its socket, its calls and their deadlines, its end.

It is started once and ends once, and says why. Whether another one follows, and what a driver hears of it, is the
host's affair (``drivers.host``).
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from drivers.api import DeviceError, DeviceLost, DeviceTimeout
from drivers.discretion import environment_of_child
from drivers.hosted import ANSWER, CALL, EVENT, FAILURE, HEADER, MAX_CALL, OFFER, READY, TAKEN

_START_DEADLINE_S = 10.0
"""From spawning to the child's "ready"; measured about 0.1 s for pyscard on an idle machine."""
_RECEIVE = 262_144
_LAST_WORDS = 16
"""How often the socket of a dead child is still read, for the reason it may have given."""

_BOOT = (
    "import sys; sys.path[:] = sys.argv[4].split(chr(10)); "
    "from drivers.hosted import serve; serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[5:])"
)


class CallFailed(DeviceError):
    """The hosted driver refused a call. ``code`` is what it raised ``Failed`` with, or ``exception:Type``
    (of a module that is missing, with its name)."""

    def __init__(self, call: str, code: str) -> None:
        super().__init__(f"{call}: {code}")
        self.code = code


class Host(Protocol):
    """What a child tells the one who started it, on the loop."""

    def heard(self, code: int, payload: bytes) -> None: ...

    def lost(self, child: Child, reason: str, lived_s: float) -> None: ...


class Child:
    """One life of the child process."""

    def __init__(self, host: Host, entry: str, args: tuple[str, ...], env: Mapping[str, str]) -> None:
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._born = self._loop.time()
        self._waiting: dict[int, tuple[str, asyncio.Future[bytes], float]] = {}
        self._watchdog: asyncio.TimerHandle | None = None
        self._number = 0
        self._unsent = bytearray()
        self._received = bytearray()
        self._large: memoryview | None = None
        self._filled = 0
        self._alive = True
        self.was_ready = False
        """Whether its driver was ever built."""
        self.overdue = False
        """Whether it was killed because a call missed its deadline."""
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self.reaped: asyncio.Future[None] = self._loop.create_future()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._socket = ours
        # Our own root as well: an editable install finds us by an import hook, which the child does not have.
        root = str(Path(__file__).resolve().parent.parent)
        path = "\n".join(dict.fromkeys([*(place or str(Path.cwd()) for place in sys.path), root]))
        try:
            # No site, no PYTHON* surprises, a fast start: the parent's own path is handed over instead.
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                [
                    sys.executable,
                    "-s",
                    "-P",
                    "-S",
                    "-c",
                    _BOOT,
                    *map(str, (theirs.fileno(), os.getpid())),
                    entry,
                    path,
                    *args,
                ],
                stdin=subprocess.DEVNULL,
                stdout=2,  # a vendor library that prints must not spoil our own output
                pass_fds=[theirs.fileno()],
                env=environment_of_child(env),
            )
        except OSError as error:
            ours.close()
            raise DeviceLost(f"cannot start a process: {error.strerror}") from error
        finally:
            theirs.close()
        self._pidfd = os.pidfd_open(self.process.pid)
        self._loop.add_reader(self._pidfd, self._reap)
        self._loop.add_reader(ours, self._readable)
        self._start_timer = self._loop.call_later(
            _START_DEADLINE_S, self.kill, f"not ready within {_START_DEADLINE_S:g} s"
        )

    async def call(self, name: str, payload: bytes | bytearray, deadline_s: float) -> bytes:
        if not self._alive:
            raise DeviceLost("the driver's process ended")
        number = self.post(name, payload)
        future: asyncio.Future[bytes] = self._loop.create_future()
        deadline = self._loop.time() + deadline_s
        self._waiting[number] = name, future, deadline
        # One timer for all calls, left running when a call is answered: a timer per call would cost more than a call.
        if self._watchdog is None or self._watchdog.when() > deadline:
            self._watch(deadline)
        try:
            return await future
        finally:
            self._waiting.pop(number, None)

    def post(self, name: str, payload: bytes | bytearray) -> int:
        encoded = name.encode("ascii")
        body = 1 + len(encoded) + len(payload)
        if body > MAX_CALL:
            raise ValueError(f"a call carries at most {MAX_CALL} bytes")
        self._number = (self._number + 1) & 0xFFFFFFFF
        frame = bytearray(HEADER.pack(body, CALL, self._number))
        frame.append(len(encoded))
        frame += encoded
        frame += payload
        self._send(frame)
        frame[:] = bytes(len(frame))  # it may have carried a PIN
        return self._number

    def kill(self, reason: str) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self._end(DeviceLost(reason))

    def _watch(self, until: float) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
        self._watchdog = self._loop.call_at(until, self._look_at_deadlines)

    def _look_at_deadlines(self) -> None:
        self._watchdog = None
        if not self._waiting:
            return
        name, future, deadline = min(self._waiting.values(), key=lambda waiting: waiting[2])
        if deadline > self._loop.time():
            self._watch(deadline)
            return
        if not future.done():
            future.set_exception(DeviceTimeout(f"{name}: not answered within its deadline"))
        self.overdue = True
        self.kill(f"{name}: not answered within its deadline")

    def _send(self, frame: bytearray) -> None:
        if self._unsent:
            self._unsent += frame
            return
        try:
            sent = self._socket.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # the child is gone: the reader's end of file or the pidfd says so in a moment
        if sent < len(frame):
            self._unsent += memoryview(frame)[sent:]
            self._loop.add_writer(self._socket, self._writable)

    def _writable(self) -> None:
        try:
            sent = self._socket.send(self._unsent)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self._unsent)
        self._unsent[:sent] = bytes(sent)
        del self._unsent[:sent]
        if not self._unsent:
            self._loop.remove_writer(self._socket)

    def _readable(self) -> None:
        try:
            if self._large is not None:
                got = self._socket.recv_into(self._large[self._filled :])
                data = b""
            else:
                data = self._socket.recv(_RECEIVE)
                got = len(data)
        except BlockingIOError:
            return
        except OSError:
            got = 0
        if not got:
            self.kill("the driver's process ended")
        elif self._large is not None:
            self._filled += got
            if self._filled == len(self._large):
                whole, self._large = self._large, None
                self._whole_frames(whole.obj)  # type: ignore[arg-type]
        elif self._received:
            self._received += data
            self._whole_frames(self._received)
        else:
            self._whole_frames(data)

    def _whole_frames(self, data: bytes | bytearray) -> None:
        position = 0
        while len(data) - position >= HEADER.size and self._alive:
            length, kind, number = HEADER.unpack_from(data, position)
            end = position + HEADER.size + length
            if end > len(data):
                if length > _RECEIVE:
                    # Room for the whole of it at once, so that a picture is copied no more than needed.
                    large = bytearray(HEADER.size + length)
                    large[: len(data) - position] = memoryview(data)[position:]
                    self._large, self._filled = memoryview(large), len(data) - position
                    position = len(data)
                break
            self._frame(kind, number, bytes(memoryview(data)[position + HEADER.size : end]))
            position = end
        self._received = bytearray(memoryview(data)[position:])

    def _frame(self, kind: int, number: int, body: bytes) -> None:
        if kind == ANSWER and number in self._waiting:
            _, future, _ = self._waiting.pop(number)
            if not future.done():
                future.set_result(body)
        elif kind == EVENT:
            self._host.heard(number, body)
        elif kind == OFFER:
            self._send(bytearray(HEADER.pack(0, TAKEN, number)))
            self._host.heard(number, body)
        elif kind == READY:
            self._start_timer.cancel()
            self.was_ready = True
            if not self.ready.done():
                self.ready.set_result(None)
        elif kind == FAILURE and number == 0:
            self.kill(f"the driver could not start: {body.decode(errors='replace')}")
        elif kind == FAILURE and number in self._waiting:
            name, future, _ = self._waiting.pop(number)
            if not future.done():
                future.set_exception(CallFailed(name, body.decode(errors="replace")))

    def _end(self, error: DeviceLost) -> None:
        if not self._alive:
            return
        self._alive = False
        self._start_timer.cancel()
        if self._watchdog is not None:
            self._watchdog.cancel()
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        self._unsent[:] = bytes(len(self._unsent))
        if not self.ready.done():
            self.ready.set_exception(error)
            self.ready.exception()  # nobody may be waiting
        waiting, self._waiting = self._waiting, {}
        for _, future, _ in waiting.values():
            if not future.done():
                future.set_exception(DeviceLost(str(error)))
        self._host.lost(self, str(error), self._loop.time() - self._born)

    def _reap(self) -> None:
        status = self.process.poll()
        if status is None:
            return
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        for _ in range(_LAST_WORDS):
            if self._alive:
                self._readable()
        self.reaped.set_result(None)
        self._end(DeviceLost(f"the driver's process ended with status {status}"))
