"""PySide6, imported first of all without three things that nobody asks for here and a start would wait for (ADR 0016).

Its parser of signatures compiles three large patterns, which only the text of a wrong call's error needs: they are
compiled when they are used. It imports what unpacks its own sources from an archive, where they lie beside it as files:
imported when used. And it puts a hook into Python's ``import`` that reads the source of every module that is imported
from then on, and keeps it, to find ``from __feature__``: the hook is taken out again. If another release does none of
this, nothing happens here.
"""

from __future__ import annotations

import builtins
import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
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


class Module(ModuleType):
    """A module that is imported when something of it is used. (The standard library's ``LazyLoader`` imports it at the
    second ``import``.) Whoever asks for a name like ``__wrapped__`` looks at modules, and uses none."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def modules_when_used(*names: str) -> Iterator[None]:
    """Meanwhile, these are imported when they are used, where nobody has imported them yet."""
    waiting = [Module(name) for name in names if name not in sys.modules]
    sys.modules.update({module.__name__: module for module in waiting})
    try:
        yield
    finally:
        for module in waiting:
            if sys.modules.get(module.__name__) is module:
                del sys.modules[module.__name__]


@contextmanager
def import_left_alone() -> Iterator[None]:
    """Whatever is put into the place of Python's ``import`` meanwhile is gone again afterwards."""
    own = builtins.__import__
    try:
        yield
    finally:
        builtins.__import__ = own


with patterns_when_used("shibokensupport"), modules_when_used("tempfile", "zipfile"), import_left_alone():
    import PySide6.QtCore  # noqa: F401
