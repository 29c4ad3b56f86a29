"""The witness: a second small file that knows how far the journal had come.

Owns one sealed statement, written over and over after a commit. It is not synchronised: after a power cut it may lag
behind the journal, which is harmless, and since it is written after the commit it is never ahead of a whole journal.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from kiosk.journal.chain import End, Seals

log = logging.getLogger(__name__)

_LENGTH = 8 + 32 + 32


class Witness:
    """Raises OSError if it cannot be opened."""

    def __init__(self, path: Path, seals: Seals, *, only_read: bool = False) -> None:
        self._seals = seals
        flags = os.O_RDONLY if only_read else os.O_RDWR | os.O_CREAT
        self._file: int | None = os.open(path, flags | os.O_CLOEXEC, 0o600)

    @property
    def blank(self) -> bool:
        """Nothing was ever stated."""
        return self._file is not None and os.fstat(self._file).st_size == 0

    def read(self) -> End:
        """What it says. Raises OSError."""
        assert self._file is not None
        return parse(os.pread(self._file, _LENGTH + 1, 0), self._seals)

    def state(self, seq: int, digest: bytes) -> None:
        if self._file is None:
            return
        statement = seq.to_bytes(8, "big", signed=True) + digest + self._seals.seal("witness", seq, digest)
        try:
            os.pwrite(self._file, statement, 0)
        except OSError as error:
            log.error("the journal's witness was not written: %s", error.strerror)

    def shut(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def parse(statement: bytes, seals: Seals) -> End:
    """A statement of any length; what is longer or shorter than one is not sealed."""
    seq, digest, seal = int.from_bytes(statement[:8], "big", signed=True), statement[8:40], statement[40:]
    return seals.end("witness", seq, digest, seal)
