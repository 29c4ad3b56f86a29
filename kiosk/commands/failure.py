"""A command that cannot do its work: one clear line and an exit status, never a traceback."""

from __future__ import annotations

IN_USE = "stop that program first; a terminal that runs is one"
"""What to do where a device is held (``drivers.api.DeviceInUse``)."""


class Failure(Exception):
    """Ends a command. ``status`` is its exit status."""

    def __init__(self, line: str, status: int = 1) -> None:
        super().__init__(line)
        self.status = status
