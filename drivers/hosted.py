"""The child's side of ``drivers/host.py``: frames on a socket, calls in, answers and events out.

It runs in a fresh interpreter next to vendor code, so it imports next to nothing (no asyncio, no socket module): a
child is ready some 40 ms after it was asked for. It knows no device and decides nothing. How to write a hosted driver
is told in ``drivers/host.py``.
"""

from __future__ import annotations

import os
import select
import struct
import sys
import threading
import time
from importlib import import_module

from drivers.discretion import keep_to_itself

HEADER = struct.Struct("<IBI")
"""Length of the body, kind, number (of a call, or code of an event)."""

CALL, ANSWER, FAILURE, EVENT, OFFER, TAKEN, READY = range(1, 8)

MAX_CALL = 65_000
"""A call's name and payload together, in bytes. Answers, events and offers have no limit."""

_BUFFER = 65_536
_LISTEN_S = 0.000_2
"""How long the child keeps looking for the next call before it sleeps: commands to a card come in bursts, and waking a
sleeping process costs as much as a whole command on a virtual card. At most this much processor time per call."""
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_SIGKILL = 9


class Failed(Exception):
    """Raised by a hosted driver to tell its parent what went wrong: a short code, never personal data."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Parent:
    """The way from the hosted driver back to its parent. Every method may be called from any thread."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.Lock()
        self._under_way: set[int] = set()
        self._newest: dict[int, bytes] = {}

    def emit(self, code: int, payload: bytes = b"") -> None:
        """Tell the parent that something happened; every event arrives, in order."""
        with self._lock:
            self._send(EVENT, code, payload)

    def offer(self, code: int, payload: bytes) -> None:
        """Show the parent something large of which only the newest matters, such as a picture.

        At most one offer per code is on its way; while it is, a newer one replaces the one that waits.
        """
        with self._lock:
            if code in self._under_way:
                self._newest[code] = payload
                return
            self._under_way.add(code)
            self._send(OFFER, code, payload)

    def taken(self, code: int) -> None:
        """The parent has the last offer of this code: the next may follow."""
        with self._lock:
            newest = self._newest.pop(code, None)
            if newest is None:
                self._under_way.discard(code)
            else:
                self._send(OFFER, code, newest)

    def reply(self, kind: int, number: int, payload: bytes) -> None:
        with self._lock:
            self._send(kind, number, payload)

    def _send(self, kind: int, number: int, payload: bytes) -> None:
        rest = memoryview(HEADER.pack(len(payload), kind, number) + payload)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError:
            # The parent is gone: there is nobody left to work for, and atexit handlers of vendor code may hang.
            os._exit(0)


def serve(fd: int, parent_pid: int, entry: str, args: list[str]) -> None:
    """Build the driver named ``module:Class`` and answer its parent's calls until the parent hangs up."""
    _die_with(parent_pid)
    keep_to_itself()
    parent = Parent(fd)
    try:
        module, _, name = entry.partition(":")
        driver = getattr(import_module(module), name)(parent, *args)
    except Exception as error:  # noqa: BLE001 - whatever vendor code raises, the parent is told
        _report(error)
        parent.reply(FAILURE, 0, _code(error))
        os._exit(1)
    parent.reply(READY, 0, b"")
    buffer = bytearray(_BUFFER)
    view = memoryview(buffer)
    have = 0
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    awake = 0.0
    while True:
        while time.monotonic() < awake and not poll.poll(0):
            pass
        try:
            got = os.readv(fd, [view[have:]])
        except OSError:
            got = 0
        if not got:
            os._exit(0)
        have += got
        position = 0
        while have - position >= HEADER.size:
            length, kind, number = HEADER.unpack_from(buffer, position)
            end = position + HEADER.size + length
            if end > have:
                break
            if kind == CALL:
                _answer(parent, driver, number, view[position + HEADER.size : end])
                awake = time.monotonic() + _LISTEN_S
            elif kind == TAKEN:
                parent.taken(number)
            buffer[position:end] = bytes(end - position)  # a call may have carried a PIN
            position = end
        if position:
            buffer[: have - position] = buffer[position:have]
            buffer[have - position : have] = bytes(position)
            have -= position


def _answer(parent: Parent, driver: object, number: int, body: memoryview) -> None:
    split = 1 + body[0]
    name = str(body[1:split], "ascii")
    try:
        if name.startswith("_"):
            raise Failed("no-such-call")
        answer = getattr(driver, name)(body[split:])
    except Exception as error:  # noqa: BLE001 - whatever vendor code raises, the parent is told
        _report(error)
        parent.reply(FAILURE, number, _code(error))
    else:
        parent.reply(ANSWER, number, answer if answer is not None else b"")


def _code(error: Exception) -> bytes:
    # The text of a foreign exception may hold what the vendor's library was given: its type has to do.
    if isinstance(error, Failed):
        return error.code.encode()
    # Which module is missing is no secret, and tells what to install.
    missing = f":{error.name}" if isinstance(error, ModuleNotFoundError) and error.name else ""
    return f"exception:{type(error).__name__}{missing}".encode()


def _report(error: Exception) -> None:
    """Where it failed, for the operator's log; without the message, which may be personal."""
    if isinstance(error, Failed):
        return
    import traceback

    traceback.print_tb(error.__traceback__)
    print(f"hosted driver: {type(error).__name__}", file=sys.stderr)  # noqa: T201 - stderr is the child's log


def _die_with(parent_pid: int) -> None:
    """Ask the kernel to kill us when the parent ends, however it ends and wherever vendor code is stuck then."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(0)
