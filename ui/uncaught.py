"""Errors that nobody caught: each is handed to whoever runs the process, and the interpreter prints none of them with
its words and its variables, for they may be a citizen's.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType


class Uncaught:
    """For the length of a block ``heard`` gets each of them, from whichever thread."""

    def __init__(self, heard: Callable[[BaseException], None]) -> None:
        self._heard = heard

    def __enter__(self) -> None:
        self._hook = sys.excepthook
        self._thread_hook = threading.excepthook
        sys.excepthook = self._raised
        threading.excepthook = self._raised_in_thread

    def __exit__(self, *_: object) -> None:
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook

    def _raised(self, _kind: type[BaseException], error: BaseException, _places: TracebackType | None) -> None:
        # The interpreter keeps the last exception with all its frames, and they may hold a citizen's data.
        sys.last_value = sys.last_traceback = None
        self._heard(error)

    def _raised_in_thread(self, what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None:
            self._heard(what.exc_value)
