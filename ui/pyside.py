"""PySide6, imported first of all without two things that nobody asks for here and a start would wait for (ADR 0016).

Its parser of signatures compiles three large patterns, which only the text of a wrong call's error needs: they are
compiled when they are used. And it puts a hook into Python's ``import`` that reads the source of every module that is
imported from then on, and keeps it, to find ``from __feature__``: the hook is taken out again. If another release does
neither, nothing happens here.
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Pattern:
    """A pattern that is compiled when it is used. A method of it that is merely taken, as modules do when they are
    imported, is no use of it."""

    def __init__(self, *asked: Any) -> None:
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        if not callable(getattr(re.Pattern, name)):  # raises, too, where no pattern has it
            return getattr(re.compile(*self._asked), name)

        def method(*arguments: Any, **named: Any) -> Any:
            return getattr(re.compile(*self._asked), name)(*arguments, **named)

        return method


@contextmanager
def patterns_when_used(package: str) -> Iterator[None]:
    """Meanwhile, what ``package`` compiles is compiled when it is used. For one thread, as long as it imports."""
    at_once = re.compile

    def when_used(pattern: Any, flags: Any = 0) -> Any:
        importer = sys._getframe(1).f_globals["__name__"]
        return Pattern(pattern, flags) if importer.startswith(package) else at_once(pattern, flags)

    re.compile = when_used
    try:
        yield
    finally:
        re.compile = at_once


@contextmanager
def import_left_alone() -> Iterator[None]:
    """Whatever is put into the place of Python's ``import`` meanwhile is gone again afterwards."""
    own = builtins.__import__
    try:
        yield
    finally:
        builtins.__import__ = own


with patterns_when_used("shibokensupport"), import_left_alone():
    import PySide6.QtCore  # noqa: F401
