"""A small file that is there whole or not at all, also after a power cut.

Owns how it is written: beside its place, synchronised, then put there. It refuses to read what others may change.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk.on_disk import synchronise_folder


class FileUnusable(Exception):
    """A file of operator mode that must not or cannot be used; the text names the remedy."""


def write(path: Path, table: Mapping[str, Any]) -> None:
    """Put the table there as JSON, readable by its owner alone. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(json.dumps(table, ensure_ascii=False, indent=1).encode() + b"\n")
            file.flush()
            if os.geteuid() == 0:  # made by an administrator for the terminal's user, whose folder it is
                folder = path.parent.stat()
                os.fchown(file.fileno(), folder.st_uid, folder.st_gid)
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    synchronise_folder(path.parent)


def read(path: Path, *, secret: bool = False) -> dict[str, Any]:
    """The table; empty if there is no file. ``secret`` asks that nobody but its owner can read it.

    Raises FileUnusable.
    """
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            if state.st_uid not in (0, os.geteuid()):
                raise FileUnusable(f"{path}: belongs to another user; chown it to the terminal's user")
            if state.st_mode & (0o077 if secret else 0o022):
                raise FileUnusable(f"{path}: others may {'read' if secret else 'write'} it; chmod 600 {path}")
            table = json.load(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FileUnusable(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise FileUnusable(f"{path}: is damaged; restore it from the backup or remove it") from error
    if not isinstance(table, dict):
        raise FileUnusable(f"{path}: is damaged; restore it from the backup or remove it")
    return table
