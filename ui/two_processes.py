"""The glass and the core in a process each: nothing that the core does holds up the glass, and at the start both are
loaded at once (docs/adr/0017-the-core-in-a-process.md).

Owns the fork, what crosses afterwards, and how a core's process ends. What crosses are values, over a pair of sockets
that nobody else has: scenes go to the glass and answers to the core, as between the two threads of a demonstration;
signs of life go both ways, for the watchdog and the status. The glass is the parent: the supervisor knows it, and when
it dies the kernel ends the core. Loaded by both before they part, so it loads little.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.frozen import dataclass
from ui.surroundings import Surroundings

if TYPE_CHECKING:
    from kiosk.screens import Answer

REFUSED = 2
"""Exit status of a core that cannot serve with this configuration; it has said why."""
CRASHED = 70
"""Exit status of a core that ended by an error: EX_SOFTWARE of sysexits(3)."""
UNUSABLE = 78
"""Exit status of a core whose own key, journal or folder cannot be used: EX_CONFIG; it has said which."""
RESTART = 75
"""Exit status when staff have asked for a restart: EX_TEMPFAIL of sysexits(3), so that a supervisor starts it anew."""

LENGTH = struct.Struct("<I")
"""Before each value that crosses: how many bytes it takes."""
_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def divided() -> tuple[socket.socket, int]:
    """Fork. Returns this process's end of the line; and the core's process to the glass, 0 to the core. While there is
    one thread, and before anything is open that only one of them may have."""
    glass_end, core_end = socket.socketpair()
    glass = os.getpid()
    core = os.fork()
    mine, other = (glass_end, core_end) if core else (core_end, glass_end)
    other.close()
    if not core:
        end_with(glass)
    return mine, core


def end_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, as both would if they were one. A process that
    becomes another user says it anew: prctl(2), PR_SET_PDEATHSIG."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(CRASHED)


def packed(value: object) -> bytes:
    """As it crosses."""
    content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(content)) + content


# --- what crosses besides scenes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opening:
    """To the glass, first of all: what it must know before there is a window."""

    surroundings: Surroundings
    fullscreen: bool
    data: Path
    """The terminal's folder; its owner is who paints."""
    log_format: str
    words: Mapping[str, Mapping[str, str]]
    """Every text of each language: what one process has read from files need not be read by the other."""


@dataclass(frozen=True, slots=True)
class Answered:
    """To the core: what the citizen did, and on which scene."""

    answer: Answer
    serial: int


@dataclass(frozen=True, slots=True)
class GlassFailed:
    """To the core: the visit must end."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """To the glass: the core's loop had its turn."""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """To the glass, for the supervisor."""

    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """To the core, after each of its steps: how the glass is."""

    frame_age_s: float | None
    uncaught: int
    memory_bytes: int
