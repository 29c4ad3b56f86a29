"""The snapshot over a Unix socket in the terminal's own folder: one line of JSON to whoever connects.

Owns both ends. Who may read is said by the folder (mode 0700) and the socket (0600): the terminal's user and root. It
takes no orders: nothing that is sent to it is read.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kiosk.status.snapshot import Snapshot, as_values

ANSWER_S = 5.0
_MOST_BYTES = 1 << 20


class NotRunning(Exception):
    """Nobody listens."""


class NoAnswer(Exception):
    """Somebody listens, but does not answer in time, or not as this program does."""


async def serve(path: Path, snapshot: Callable[[], Snapshot]) -> asyncio.Server:
    """Answer on ``path`` until the server is closed. What a former run left there is replaced. Raises OSError."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(json.dumps(as_values(snapshot()), ensure_ascii=False).encode() + b"\n")
            async with asyncio.timeout(ANSWER_S):
                await writer.drain()
        except (OSError, TimeoutError):
            pass  # whoever asked has gone, or does not read
        finally:
            writer.close()

    return await asyncio.start_unix_server(answer, sock=_bound(path))


def _bound(path: Path) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise OSError(errno.ENOTSUP, "this system has no such sockets")
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as name:
            if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
                path.unlink()
            bound.bind(name)
        path.chmod(0o600)
    except BaseException:
        bound.close()
        raise
    return bound


def ask(path: Path) -> dict[str, Any]:
    """The snapshot's values, as the terminal tells them now. Raises NotRunning, NoAnswer, PermissionError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(ANSWER_S)
        try:
            with _short(path) as name:
                asking.connect(name)
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as error:
            raise NotRunning from error
        except (BlockingIOError, TimeoutError) as error:
            raise NoAnswer from error
        said = bytearray()
        try:
            while len(said) <= _MOST_BYTES and (part := asking.recv(65536)):
                said += part
            found = json.loads(said)
        except (OSError, ValueError) as error:
            raise NoAnswer from error
    if not isinstance(found, dict):
        raise NoAnswer
    return found


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name for the socket that fits its address (108 bytes, unix(7)), however long the path is."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
