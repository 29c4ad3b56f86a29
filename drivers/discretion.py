"""What a process does so that nothing of a citizen is left in its memory, or comes out of it.

Freed memory keeps its content until somebody else needs it: a name that no variable holds any more can still be read
an hour later. So processes that handle citizens' data run with an allocator that overwrites what is freed at once
(:data:`WIPING`, ADR 0015), give no core dump, and let no other process of their user look in
(:func:`keep_to_itself`). It wipes nothing that is still held: to let go is each owner's affair.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Mapping

WIPING: Mapping[str, str] = {
    # Every object of Python's through the C library's allocator, which can overwrite what is freed; its own cannot.
    "PYTHONMALLOC": "malloc",
    # perturb: the byte's complement fills what is freed (and the byte what is handed out). tcache_count: no cache per
    # thread, for what is freed into one is not overwritten. glibc manual, 39.2 Memory Allocation Tunables.
    "GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0",
}
"""Environment of a process whose freed memory is overwritten at once. Read at its start, before any code of ours."""

_PR_SET_DUMPABLE = 4  # <sys/prctl.h>


def wipes(environment: Mapping[str, str]) -> bool:
    """Whether this process, started with this environment, overwrites what it frees."""
    return not sys.flags.ignore_environment and all(environment.get(name) == value for name, value in WIPING.items())


def keep_to_itself() -> None:
    """No core dump, whatever the system's settings say, and no debugger but root's."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def environment_of_child(more: Mapping[str, str]) -> Mapping[str, str]:
    """For an interpreter below us: ours without what steers Python, with ``more``, and wiping."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**ours, **more, **WIPING}
