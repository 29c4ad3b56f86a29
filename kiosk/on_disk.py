"""What a folder holds, on the disk: a file that was synchronised is lost all the same if its name was not.

Files that change are written and synchronised by whoever owns them, and this is only the step after it, the same for
all of them; a secret that is made once and never changed is put there whole.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def synchronise_folder(folder: Path) -> None:
    """Names that were put into the folder, changed in it or taken out of it are on the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_once(path: Path, content: bytes) -> None:
    """Put a file there that its owner alone can read: whole and on the disk, or not at all. One that another process
    has just put there stays. Raises OSError that names ``path``."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)  # of a process that a power cut has ended
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)  # fails where the name is taken
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error  # writing names no file
    finally:
        with suppress(OSError):
            draft.unlink()
    synchronise_folder(path.parent)
