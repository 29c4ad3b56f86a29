"""On which line of a TOML file a key stands, for errors that name it; ``tomli`` reads values and forgets places.

Knows as much of TOML as a configuration written by hand uses: tables, bare, quoted and dotted keys, strings and
arrays over several lines. It reads no value, and where it finds nothing it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Keys = tuple[str, ...]

_PART = r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""
_KEY = rf"(?:{_PART})(?:[ \t]*\.[ \t]*(?:{_PART}))*"
_STEP = re.compile(
    rf"""[ \t]*(?P<comment>\#[^\n]*)?
     (?:\[\[?[ \t]*(?P<table>{_KEY})[ \t]*\]\]?|(?P<key>{_KEY})[ \t]*=)?""",
    re.VERBOSE,
)
_VALUE = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*|[\[{]|[\]}]|\n|.''', re.DOTALL
)


def lines_of(text: str) -> Mapping[Keys, int]:
    """The line, counted from 1, of every table and key: ``("screen", "width_mm")``. Of one that stands twice the
    first."""
    places: dict[Keys, int] = {}
    for path, line in _keys(text):
        for depth in range(1, len(path) + 1):
            places.setdefault(path[:depth], line)
    return places


def _keys(text: str) -> Iterator[tuple[Keys, int]]:
    table: Keys = ()
    at, line = 0, 1
    while at < len(text):
        step = _STEP.match(text, at)
        assert step is not None, "every part of the pattern may be missing"
        if step["table"]:
            table = _parts(step["table"])
            yield table, line
        elif step["key"]:
            yield table + _parts(step["key"]), line
        at = step.end()
        end = _end_of_value(text, at)
        line += text.count("\n", at, end)
        at = end


def _end_of_value(text: str, at: int) -> int:
    """Behind the line's end that ends what begins here: not one inside of brackets or of a string."""
    open_brackets = 0
    for token in _VALUE.finditer(text, at):
        if token[0] in ("[", "{"):
            open_brackets += 1
        elif token[0] in ("]", "}"):
            open_brackets -= 1
        elif token[0] == "\n" and open_brackets <= 0:
            return token.end()
    return len(text)


def _parts(key: str) -> Keys:
    return tuple(part.strip("\"'") for part in re.findall(_PART, key))
