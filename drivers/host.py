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
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from drivers.api import DeviceLost
from drivers.backoff import Backoff
from drivers.host_child import CallFailed, Child

__all__ = ["CallFailed", "HostProcess", "Newest"]

_log = logging.getLogger(__name__)

_SETTLED_S = 10.0
"""A child that lived this long was well: the next one comes at once."""

T = TypeVar("T")


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
    dying, after the pauses of :mod:`drivers.backoff`, which no call cuts short. A child that we killed because a call
    missed its deadline was no failure of its own: a device that does not answer has taken its time already.
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
        self._child: Child | None = None
        self._dying: set[Child] = set()
        self._respawn: asyncio.TimerHandle | None = None
        self._backoff = Backoff()
        self._reason = ""
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
        """Start the child if there is none, without waiting for it; one that keeps dying starts when its pause is
        over."""
        if self._closed:
            raise DeviceLost("closed")
        if self._respawn is not None and self._backoff.left_s(asyncio.get_running_loop().time()) > 0:
            return
        if self._child is None:
            if self._respawn is not None:
                self._respawn.cancel()
                self._respawn = None
            self._child = Child(self, self._entry, self._args, self._env)

    async def start(self) -> None:
        """Return when the child is ready. Raises DeviceLost if it cannot be started."""
        self.spawn()
        child = self._child
        if child is None:
            raise DeviceLost(f"its process keeps ending: {self._reason}")
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
            self._reason = str(error)
            self._respawn_after(self._backoff.failed(asyncio.get_running_loop().time()))

    def _respawn_after(self, pause_s: float) -> None:
        self._respawn = asyncio.get_running_loop().call_later(pause_s, self._spawn_again)

    def heard(self, code: int, payload: bytes) -> None:
        if self._on_event is not None:
            self._on_event(code, payload)

    def lost(self, child: Child, reason: str, lived_s: float) -> None:
        self._child = None
        self._dying.add(child)
        child.reaped.add_done_callback(lambda _: self._dying.discard(child))
        if self._closed:
            return
        _log.warning("%s: process lost: %s", self._entry, reason)
        if self._keep_alive:
            self._reason = reason
            if child.overdue or (child.was_ready and lived_s > _SETTLED_S):
                self._backoff.succeeded()
                self._respawn_after(0.0)
            else:
                self._respawn_after(self._backoff.failed(asyncio.get_running_loop().time()))
        if self._on_lost is not None:
            self._on_lost(reason)
