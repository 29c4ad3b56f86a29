"""A program with all its processes: what they have cost, what they hold, and their end. Shared by benchmarks that start
programs. It reads ``/proc`` and so is for Linux only; it measures nothing by itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from kiosk.bench import Unequipped

_PROC = Path("/proc")
_ENDS_S = 15.0


class Family:
    """A program that was started here, and whatever it started: its descendants, and all of its session."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], *, heard: bool = False) -> None:
        self.began = time.time()
        self._first = subprocess.Popen(  # noqa: S603 - our own interpreter, or the machine's Chromium
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if heard else subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    @property
    def stderr(self) -> IO[str]:
        assert self._first.stderr is not None, "started without heard=True"
        return self._first.stderr

    def cpu_s(self) -> float:
        """Seconds of processor that it has used, all together; proc(5), ``stat`` fields 14 to 17."""
        ticks = sum(sum(map(int, _stat(pid)[11:15])) for pid in self._members())
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> float:
        """Proportional set size: what is shared counts by shares. Raises Unequipped where this user may not look."""
        kib = 0
        for pid in self._members():
            try:
                rollup = (_PROC / str(pid) / "smaps_rollup").read_text("ascii")
            except PermissionError as error:
                raise Unequipped("the terminal lets no other process look into it; run as root") from error
            except OSError:  # ended meanwhile
                continue
            kib += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        return kib / 1024

    def end(self) -> None:
        """Ask it to end, then insist; none of its processes is left."""
        members = self._members()
        self._first.terminate()
        try:
            self._first.communicate(timeout=_ENDS_S)
        except subprocess.TimeoutExpired:
            self._first.kill()
            self._first.communicate()
        for pid in members & set(_of_session(self._first.pid)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def _members(self) -> set[int]:
        relations = {pid: (int(stat[1]), int(stat[3])) for pid in _all() if (stat := _stat(pid))[0] != "?"}
        members = {pid for pid, (_, session) in relations.items() if session == self._first.pid}
        while more := {pid for pid, (parent, _) in relations.items() if parent in members} - members:
            members |= more
        return members


def _all() -> list[int]:
    return [int(path.name) for path in _PROC.iterdir() if path.name.isdigit()]


def _of_session(session: int) -> list[int]:
    return [pid for pid in _all() if int(_stat(pid)[3]) == session]


def _stat(pid: int) -> list[str]:
    """Fields of ``stat`` from the state on; a process that is gone has used nothing and belongs to nobody."""
    try:
        return (_PROC / str(pid) / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return ["?", *["0"] * 20]
