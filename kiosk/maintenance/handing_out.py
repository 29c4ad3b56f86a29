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
from typing import TYPE_CHECKING

from kiosk.on_disk import synchronise_folder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from kiosk.journal.exported import Heading

Write = Callable[[int, bytes], int]
_CHUNK = 1 << 18
_UNFINISHED = ".export-"


class NotMade(OSError):
    """The terminal's own disk does not take the copy; the stick was not touched."""


def file_name(what: str, terminal: str, at: datetime, suffix: str) -> str:
    """``journal-ZZ-0001-20261121-094100.jsonl``: sorts by time, and FAT takes it."""
    return f"{what}-{terminal}-{at:%Y%m%d-%H%M%S}.{suffix}"


def put(content: bytes, path: Path, write: Write = os.write) -> None:
    """Write the file, synchronised with its folder, and read it back. Raises OSError; then nothing is there."""
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)  # not followed: whoever prepared the stick does not choose what is written
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
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
        synchronise_folder(path.parent)
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
    """A signed export of the whole journal into ``folder``. Raises NotMade, OSError of the stick, JournalError.

    It is made beside the journal first: what goes onto the stick is complete.
    """
    from tempfile import TemporaryDirectory  # none of these at each start, where only what is left over is looked for

    from kiosk.journal.exported import export
    from kiosk.journal.reading import JournalFile

    path = folder / file_name("journal", terminal, now, "jsonl")
    try:
        with TemporaryDirectory(prefix=_UNFINISHED, dir=journal.parent) as place:
            made = Path(place) / path.name
            with JournalFile(journal, secret) as source:
                heading = export(source, made, key, terminal, now)
            content = made.read_bytes()
    except OSError as error:
        raise NotMade(error.errno, error.strerror) from error
    put(content, path, write)
    return path, heading


def remove_unfinished(journal: Path) -> None:
    """What a power cut left of copies beside the journal. For when none is being made."""
    for place in journal.parent.glob(f"{_UNFINISHED}*"):
        import shutil  # only where there is something

        shutil.rmtree(place, ignore_errors=True)
