"""Runs blocking vendor code in a child process, with an asyncio face on the caller's loop.

Vendor libraries block for ever on a mute card, hold the interpreter, and crash; here each lives in a process of its
own. A call has a hard deadline, after which the child is killed; the next call (or, with ``keep_alive``, the host
itself) starts a new one. No thread is used on this side: a socket pair is read by the loop, a pidfd tells the end.
The host decides nothing about a device and never repeats a call: what was lost is reported as lost.

A hosted driver has two halves. The child's half is a class in a module *without heavy imports that it does not need*
(no asyncio); each public method is a call, taking a memoryview that is wiped afterwards and returning bytes::

    # drivers/scanner/capture.py                    -- runs in the child
    class Capture:
        def __init__(self, parent: Parent, device: str) -> None:
            import cv2
            self._parent = parent                     # slow vendor import: here, not in the parent
            threading.Thread(target=self._grab, daemon=True).start()

        def open(self, payload: memoryview) -> bytes:
            if not self._camera.open(...):
                raise Failed("no-camera")             # -> CallFailed(code="no-camera") in the parent
            return b"..."

        def _grab(self) -> None:
            while True:                               # long waits live in threads of the child and speak up:
                self._parent.offer(PICTURE, grey)     # large, newest wins: a slow parent never delays the child
                self._parent.emit(LOST)               # small, every one arrives, in order

The parent's half is a plain object on the loop::

    host = HostProcess("drivers.scanner.capture:Capture", "/dev/video0", on_event=self._event, on_lost=self._lost)
    answer = await host.call("open", b"", deadline_s=3.0)    # starts the child if need be
    ...
    await host.close()

``on_event(code, payload)`` and ``on_lost(reason)`` run on the loop and must not block. To wait for something that
the child will say, let the driver await an ``asyncio.Event`` or a :class:`Newest` that ``on_event`` fills: then
cancelling the wait costs nothing and never touches the child. Calls are answered one after the other; a call that
waits behind another one uses up its own deadline.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from drivers.api import DeviceError, DeviceLost, DeviceTimeout
from drivers.hosted import ANSWER, CALL, EVENT, FAILURE, HEADER, MAX_CALL, OFFER, READY, TAKEN

_log = logging.getLogger(__name__)

_START_DEADLINE_S = 10.0
"""From spawning to the child's "ready"; measured about 0.1 s for pyscard on an idle machine."""
_RESPAWN_MIN_S, _RESPAWN_MAX_S = 0.05, 5.0
_SETTLED_S = 10.0
"""A child that lived this long was well: the next respawn comes at once again."""
_RECEIVE = 262_144
_LAST_WORDS = 16
"""How often the socket of a dead child is still read, for the reason it may have given."""

_BOOT = (
    "import sys; sys.path[:] = sys.argv[4].split(chr(10)); "
    "from drivers.hosted import serve; serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[5:])"
)

T = TypeVar("T")


class CallFailed(DeviceError):
    """The hosted driver refused a call. ``code`` is what it raised ``Failed`` with, or ``exception:Type``."""

    def __init__(self, call: str, code: str) -> None:
        super().__init__(f"{call}: {code}")
        self.code = code


class Newest(Generic[T]):
    """A place for one thing of which only the newest matters. One reader, one writer, both on the loop."""

    def __init__(self) -> None:
        self._fresh = asyncio.Event()
        self._value: T | None = None

    def put(self, value: T) -> None:
        self._value = value
        self._fresh.set()

    async def get(self) -> T:
        """Wait for something newer than what was taken last."""
        await self._fresh.wait()
        self._fresh.clear()
        value, self._value = self._value, None
        assert value is not None
        return value


class HostProcess:
    """One child process with one hosted driver, started when first needed.

    ``entry`` is ``module:Class``; ``args`` are handed to its constructor after the Parent; ``env`` is added to our
    own environment. With ``keep_alive`` a child that died is started again by itself, at once or, when it keeps
    dying, with growing pauses up to 5 s.
    """

    def __init__(
        self,
        entry: str,
        *args: str,
        env: Mapping[str, str] | None = None,
        on_event: Callable[[int, bytes], None] | None = None,
        on_lost: Callable[[str], None] | None = None,
        keep_alive: bool = False,
    ) -> None:
        self._entry = entry
        self._args = args
        self._env = dict(env or {})
        self._on_event = on_event
        self._on_lost = on_lost
        self._keep_alive = keep_alive
        self._child: _Child | None = None
        self._dying: set[_Child] = set()
        self._respawn: asyncio.TimerHandle | None = None
        self._pause_s = 0.0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id; ``None`` while there is none."""
        return self._child.process.pid if self._child is not None else None

    @property
    def ready(self) -> bool:
        """True while a child runs whose driver has been built."""
        return self._child is not None and self._child.ready.done()

    def spawn(self) -> None:
        """Start the child if there is none, without waiting for it."""
        if self._closed:
            raise DeviceLost("closed")
        if self._child is None:
            if self._respawn is not None:
                self._respawn.cancel()
                self._respawn = None
            self._child = _Child(self, self._entry, self._args, self._env)

    async def start(self) -> None:
        """Return when the child is ready. Raises DeviceLost if it cannot be started."""
        self.spawn()
        child = self._child
        assert child is not None
        await asyncio.shield(child.ready)

    async def call(self, name: str, payload: bytes | bytearray = b"", *, deadline_s: float) -> bytes:
        """Have the hosted driver do ``name(payload)``; starts the child if need be.

        Raises CallFailed with the driver's own code; DeviceTimeout after ``deadline_s`` (the child is then dead);
        DeviceLost when the child dies meanwhile. A cancelled call is still carried out by the child, unheard.
        """
        child = self._child
        if child is None or not child.ready.done():
            await self.start()
            child = self._child
            if child is None:
                raise DeviceLost("the driver's process ended")
        return await child.call(name, payload, deadline_s)

    def post(self, name: str, payload: bytes | bytearray = b"") -> None:
        """As :meth:`call` without waiting for the answer; nothing happens if there is no child."""
        if self.ready:
            assert self._child is not None
            self._child.post(name, payload)

    def kill(self, reason: str) -> None:
        """End the child now, wherever it is stuck."""
        if self._child is not None:
            self._child.kill(reason)

    async def close(self) -> None:
        """End the child and give back every descriptor. Safe to call twice."""
        self._closed = True
        if self._respawn is not None:
            self._respawn.cancel()
            self._respawn = None
        if self._child is not None:
            self._child.kill("closed")
        if self._dying:
            await asyncio.wait([child.reaped for child in self._dying], timeout=2.0)

    def _spawn_again(self) -> None:
        self._respawn = None
        try:
            self.spawn()
        except DeviceLost as error:
            _log.warning("%s: %s", self._entry, error)
            self._respawn = asyncio.get_running_loop().call_later(_RESPAWN_MAX_S, self._spawn_again)

    def _event(self, code: int, payload: bytes) -> None:
        if self._on_event is not None:
            self._on_event(code, payload)

    def _lost(self, child: _Child, reason: str, lived_s: float) -> None:
        self._child = None
        self._dying.add(child)
        child.reaped.add_done_callback(lambda _: self._dying.discard(child))
        if self._closed:
            return
        _log.warning("%s: process lost: %s", self._entry, reason)
        if self._keep_alive:
            again = max(self._pause_s * 2, _RESPAWN_MIN_S)
            self._pause_s = 0.0 if lived_s > _SETTLED_S else min(again, _RESPAWN_MAX_S)
            self._respawn = asyncio.get_running_loop().call_later(self._pause_s, self._spawn_again)
        if self._on_lost is not None:
            self._on_lost(reason)


class _Child:
    """One life of the child process."""

    def __init__(self, host: HostProcess, entry: str, args: tuple[str, ...], env: Mapping[str, str]) -> None:
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
                    "-I",
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
                env={**os.environ, **env},
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
            self._host._event(number, body)
        elif kind == OFFER:
            self._send(bytearray(HEADER.pack(0, TAKEN, number)))
            self._host._event(number, body)
        elif kind == READY:
            self._start_timer.cancel()
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
        self._host._lost(self, str(error), self._loop.time() - self._born)

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
