"""The terminal's disk under its journal, as a power cut finds it: what was synchronised is there, the rest may not be.

The journal writes into real files of a scratch folder. SQLite in WAL mode with FULL synchronises its log at each
commit, so when a call of the journal has returned, what it wrote stays. While one is under way its pages may be there,
in part, torn, or not at all; and the witness file, which is never synchronised, may be older than it was. Each life of
the terminal gets a folder of its own, so that a process that is dead can write no more.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from pathlib import Path
from random import Random

_BASE, _LOG, _WITNESS = "journal.db", "journal.db-wal", "journal.db-head"
SECTOR = 512
"""Bytes that a disk writes whole or not at all."""

Image = dict[str, bytes]


class Disk:
    """``folder`` is scratch, made here and the caller's to remove; ``chance`` decides what of an unfinished write
    survives."""

    def __init__(self, folder: Path, chance: Random) -> None:
        self._folder = folder
        self._chance = chance
        self._lives = 0
        self._survived: Image = {}
        self._witness_file = folder / _WITNESS
        self._witnesses: deque[bytes] = deque(maxlen=4)

    def mount(self) -> Path:
        """Where the journal lies in this life of the terminal, with what has survived the one before."""
        self._lives += 1
        life = self._folder / str(self._lives)
        life.mkdir(parents=True)
        for name, content in self._survived.items():
            (life / name).write_bytes(content)
        self._witness_file = life / _WITNESS
        self._witnesses.clear()
        return life / _BASE

    def image(self) -> Image:
        """What is written now, synchronised or not."""
        life = self._folder / str(self._lives)
        return {name: path.read_bytes() for name in (_BASE, _LOG, _WITNESS) if (path := life / name).exists()}

    def written(self) -> None:
        """A call of the journal has returned: remember the witness as it is now."""
        with suppress(FileNotFoundError), self._witness_file.open("rb") as file:
            self._witnesses.append(file.read())

    def cut(self) -> None:
        """The power goes between two writes: all that was committed stays."""
        self._keep(self.image())

    def cut_during(self, before: Image, after: Image) -> None:
        """The power goes in the middle of a commit that would have led from ``before`` to ``after``."""
        if before.get(_BASE) != after.get(_BASE):  # a checkpoint lies between: one or the other
            self._keep(self._chance.choice((before, after)))
            return
        log, whole = before.get(_LOG, b""), after.get(_LOG, b"")
        # What this commit did not write is as it was; the torn end of an earlier one may be written over.
        start = 0
        while start < len(log) and log[start : start + SECTOR] == whole[start : start + SECTOR]:
            start += SECTOR
        start = min(start, len(log))
        survives = self._chance.choice((0.5, 0.97, 1.0))
        kept = bytearray(whole[:start])
        for sector in range(start, len(whole), SECTOR):
            came, was = whole[sector : sector + SECTOR], log[sector : sector + SECTOR]
            kept += came if self._chance.random() < survives else was.ljust(len(came), b"\0")
        if self._chance.random() < 0.5:
            del kept[self._chance.randint(len(log), len(kept)) :]  # a file does not become shorter
        self._keep(after | {_LOG: bytes(kept), _WITNESS: before.get(_WITNESS, b"")})

    def shut(self) -> None:
        """The terminal has ended by itself: everything is written."""
        self._survived = self.image()

    def _keep(self, image: Image) -> None:
        if self._witnesses and self._chance.random() < 0.5:
            image = image | {_WITNESS: self._chance.choice(self._witnesses)}
        self._survived = image
