"""A TCP door of loopback, behind which a virtual device stands: the same port for as long as that device is played."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable


class Door:
    """``let_in`` gets each connection, and closes it. Lives on the loop it is used from."""

    def __init__(self, let_in: Callable[[socket.socket], None]) -> None:
        self.port = 0
        """0 until it was held for the first time."""
        self._let_in = let_in
        self._door: socket.socket | None = None

    @property
    def held(self) -> bool:
        """Whether nobody else can take the port."""
        return self._door is not None

    def hold(self) -> None:
        """Take the port and let nobody in."""
        self._door = socket.socket()
        self._door.setblocking(False)
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._door.bind(("127.0.0.1", self.port))
        self.port = self._door.getsockname()[1]

    def open(self) -> None:
        """Let in whoever comes; it must be held."""
        assert self._door is not None
        self._door.listen()
        asyncio.get_running_loop().add_reader(self._door, self._knock)

    def shut(self) -> None:
        """Give the port back. Whoever came in already is not touched. Safe to call twice."""
        if self._door is not None:
            asyncio.get_running_loop().remove_reader(self._door)
            self._door.close()
            self._door = None

    def _knock(self) -> None:
        assert self._door is not None
        try:
            connection, _ = self._door.accept()
        except OSError:  # it left before it was let in
            return
        self._let_in(connection)
