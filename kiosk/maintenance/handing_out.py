"""Files handed out on a USB stick: whole or not at all, on the medium when it is said so, never over another.

Owns the writing to a medium that may be full, pulled, or FAT (which knows no hard links). It mounts nothing: the
system does, where the configuration says.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.journal.exported import Heading, export
from kiosk.journal.reading import JournalFile
from kiosk.maintenance import whole_file

Write = Callable[[int, bytes], int]
_CHUNK = 1 << 18


def file_name(what: str, terminal: str, at: datetime, suffix: str) -> str:
    """``journal-ZZ-0001-20261121-094100.jsonl``: sorts by time, and FAT takes it."""
    return f"{what}-{terminal}-{at:%Y%m%d-%H%M%S}.{suffix}"


def put(content: bytes, path: Path, write: Write = os.write) -> None:
    """Write the file, synchronised with its folder, and read it back. Raises OSError; then nothing is there."""
    if path.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    draft = path.with_name(f".{path.name}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            left = memoryview(content)
            while left:
                left = left[write(descriptor, bytes(left[:_CHUNK])) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if draft.read_bytes() != content:
            raise OSError(errno.EIO, "the medium does not hold what was written", str(draft))
        draft.rename(path)
        whole_file.synchronise(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def hand_out_journal(
    journal: Path,
    secret: bytes,
    key: Ed25519PrivateKey,
    terminal: str,
    now: datetime,
    folder: Path,
    write: Write = os.write,
) -> tuple[Path, Heading]:
    """A signed export of the whole journal into ``folder``. Raises OSError, JournalError.

    It is made beside the journal first: what goes onto the stick is complete.
    """
    path = folder / file_name("journal", terminal, now, "jsonl")
    with TemporaryDirectory(prefix=".export-", dir=journal.parent) as place, JournalFile(journal, secret) as source:
        made = Path(place) / path.name
        heading = export(source, made, key, terminal, now)
        put(made.read_bytes(), path, write)
    return path, heading
