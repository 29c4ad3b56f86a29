"""What a folder holds, on the disk: a file that was synchronised is lost all the same if its name was not.

Files are written and synchronised by whoever owns them; this is only the step after it, the same for all of them.
"""

from __future__ import annotations

import os
from pathlib import Path


def synchronise_folder(folder: Path) -> None:
    """Names that were put into the folder, changed in it or taken out of it are on the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
