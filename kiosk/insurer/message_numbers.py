"""Numbers of messages: each one once, also across restarts, clocks that are set back, and two processes at a time.

Owns the last part of ``msgid`` (docs/protocols.md section 3.1): a second, and a sequence of four digits out of a range
that is this terminal's own, because terminals may share an institution. The range is cut into blocks, and a block is
reserved durably before its first number is used. Each reservation bears a later second than the one before, and a
block is used for as many seconds as there are blocks: so when its turn comes again, every second of its use is past.
A second may run ahead of the clock when it must, for the number is a name and not a time.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.china import CHINA
from kiosk.insurer.envelope import stamp
from kiosk.on_disk import synchronise_folder

_KEPT = re.compile(r"([0-9]{14}) ([0-9]{1,4})\n")
_SECOND = timedelta(seconds=1)
_BLOCKS = 100
"""Few enough that a block holds the messages of a visit, so that not every message costs a synchronised write."""


class MessageNumbers:
    """The numbers of one terminal; ``path`` keeps what is reserved, and its folder must be there by then.

    Raises ValueError for a range that is none.
    """

    def __init__(self, path: Path, institution: str, first: int = 0, last: int = 9999) -> None:
        if not 0 <= first <= last <= 9999:
            raise ValueError("a range of numbers lies between 0 and 9999")
        self._path = path
        self._institution = institution
        self._first = first
        self._block = max(1, (last - first + 1) // _BLOCKS)
        self._blocks = (last - first + 1) // self._block
        self._left: list[int] = []
        self._at = self._until = datetime.min.replace(tzinfo=CHINA)

    def next(self, now: datetime) -> str:
        """The next number. Raises OSError if it cannot be reserved."""
        self._at = max(self._at, now.astimezone(CHINA).replace(microsecond=0))
        if not self._left or self._at >= self._until:
            self._reserve()
        return f"{self._institution}{stamp(self._at)}{self._left.pop():04d}"

    def _reserve(self) -> None:
        with self._alone():
            index, at = 0, self._at
            kept = self._kept()
            if kept is not None:
                index, at = (kept[0] + 1) % self._blocks, max(at, kept[1] + _SECOND)
            self._keep(f"{stamp(at)} {index}\n")
        start = self._first + index * self._block
        self._left = list(range(start + self._block - 1, start - 1, -1))
        self._at, self._until = at, at + self._blocks * _SECOND

    def _kept(self) -> tuple[int, datetime] | None:
        try:
            kept = _KEPT.fullmatch(self._path.read_text("ascii"))
            return (int(kept[2]), datetime.strptime(kept[1], "%Y%m%d%H%M%S").replace(tzinfo=CHINA)) if kept else None
        except (FileNotFoundError, ValueError):
            return None

    def _keep(self, line: str) -> None:
        """Whole or not at all, and on the disk when this returns."""
        draft = self._path.with_name(f"{self._path.name}.new")
        with draft.open("w", encoding="ascii") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        synchronise_folder(self._path.parent)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The terminal and a command beside it (``kiosk doctor``) take turns; it is held for one small write."""
        with self._path.with_name(f"{self._path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
