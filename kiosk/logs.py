"""The log: one line a record, and one net at the sink through which nothing personal goes.

Owns the two forms of a line (JSON for a machine, plain for a person) and the shapes that are taken out of both. Whoever
writes a record chooses facts in the first place; this is the net under that rule. An exception is told by its type and
places (``outline``), never by its words, unless they are our own.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from kiosk.outline import outline

FORMATS = ("json", "plain")
LONGEST = 4000
"""Characters of one value: what is longer is no message, and journald would cut the line."""

# All of them are compiled when the first line is written: no frame waits for that.
# Names and addresses are Chinese, and so is nothing that is logged on purpose (``kiosk.impersonal``).
_FOREIGN = r"(?:[^\W\x00-\x7f]|[̀-ͯ])+"
# The bytes of a dialogue, as Python writes them.
_BYTES = r"(?s)\bb(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|ytearray\(.*?\))"
# Eight bytes and more in hexadecimal: a VERIFY with a PIN has eleven (docs/protocols.md section 1.4).
_HEX = r"[0-9A-Fa-f]{2}(?:[ :]?[0-9A-Fa-f]{2}){7,}"
# Identity number (18), phone (11), bank card (16 to 19), credential (28): eleven digits and more, however they are set
# apart.
_NUMBER = r"[0-9](?:[ _-]{0,2}[0-9]){10,}(?:[ -]?[Xx])?"
# docs/protocols.md section 1.2: a letter and eight digits.
_CARD = r"(?:[A-Za-z]-?|(?<![A-Za-z])[A-Za-z] )[0-9](?:[ -]?[0-9]){7,}"
_AFTER_PIN = (
    r"(?i)(pin|password|passwd|passcode|secret)((?:[^0-9A-Za-z]|\b(?:is|was|of|to|code|new|old)\b){0,24}?)(?<![0-9])"
    r"[0-9](?:[ ,.;'\"-]{0,3}[0-9]){3,11}(?![0-9])"
)
_NAMED = (
    r"(?i)\b((?:psn_?|full_?|holder_?|card_?holder_?|person_?|first_?|last_?|sur)?name|address|addr|holder|citizen)"
    r"([\"']?\s*[:=]\s*)(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s,;)\]}]+)"
)

_PERSONAL_KEY = (
    r"(?i)name$|^name|address|holder|citizen|person|pin$|^pin|password|secret|token|phone|mobile"
    r"|id_?(no|number|card)|card_?(no|number)"
)
"""Of ``extra=``: what such a key holds does not go out, whatever it looks like."""
_KEY = r"[a-z][a-z0-9_]{0,39}"
_OF_EVERY_RECORD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "taskName"}
_OURS = ("kiosk.", "drivers.", "ui.")


def redacted(text: str) -> str:
    """The same without anything that has the shape of a personal datum."""
    text = text[:LONGEST].translate(_PLAIN_DIGITS)
    text = re.sub(_BYTES, "[bytes]", text)
    text = re.sub(_NAMED, r"\1\2[name]", text)
    text = re.sub(_FOREIGN, "[text]", text)
    text = re.sub(_AFTER_PIN, r"\1\2[pin]", text)
    text = re.sub(_CARD, "[card]", text)
    text = re.sub(_NUMBER, "[number]", text)
    return re.sub(_HEX, "[hex]", text)


class _Digits(dict[int, int]):
    """Digits of other scripts are digits all the same, and invisible characters set nothing apart."""

    def __missing__(self, point: int) -> int | None:
        character = chr(point)
        if point < 128:
            found = point
        elif character.isdecimal():
            found = ord(str(int(character)))
        elif not character.isprintable():
            return None
        else:
            found = point
        self[point] = found
        return found


_PLAIN_DIGITS: Mapping[int, int] = _Digits()


def _said(argument: object) -> object:
    """What of a record's argument may be put into its message."""
    if isinstance(argument, BaseException):
        if type(argument).__module__.startswith(_OURS):
            return f"{type(argument).__qualname__}: {argument}"
        return outline(argument)
    if isinstance(argument, bytes | bytearray | memoryview):
        return "[bytes]"
    return argument


def message_of(record: logging.LogRecord) -> str:
    """The record's message, redacted; also where its arguments do not fit."""
    arguments = record.args
    if isinstance(arguments, Mapping):
        arguments = {key: _said(value) for key, value in arguments.items()}
    elif arguments:
        arguments = tuple(map(_said, arguments))
    text = str(_said(record.msg))
    try:
        return redacted(text % arguments if arguments else text)
    except Exception:  # noqa: BLE001  a record that cannot be put together is told all the same
        return redacted(text) + " [arguments do not fit]"


def facts_of(record: logging.LogRecord) -> dict[str, str | int | float | bool | None]:
    """What came with ``extra=``: scalars under plain keys, redacted."""
    facts: dict[str, str | int | float | bool | None] = {}
    for key, value in vars(record).items():
        if key in _OF_EVERY_RECORD or not re.fullmatch(_KEY, key):
            continue
        if re.search(_PERSONAL_KEY, key):
            facts[key] = "[withheld]"
        elif value is None or isinstance(value, bool):
            facts[key] = value
        elif isinstance(value, int | float):
            facts[key] = value if redacted(str(value)) == str(value) else "[number]"
        else:
            facts[key] = redacted(str(_said(value)))
    return facts


def _failure_of(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    return redacted(outline(error)) if error is not None else ""


class JsonLines(logging.Formatter):
    """``{"ts", "level", "logger", "msg"}``, ``"error"`` where there was one, and what came with ``extra=``."""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": redacted(record.name),
            "msg": message_of(record),
        }
        if failure := _failure_of(record):
            line["error"] = failure
        return json.dumps(line | {key: value for key, value in facts.items() if key not in line})


class Plain(logging.Formatter):
    """``2026-07-15 08:00:00,000 WARNING kiosk.watch: …``: one line, the same things taken out."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [f"{self.formatTime(record)} {record.levelname} {redacted(record.name)}: {message_of(record)}"]
        if failure := _failure_of(record):
            parts.append(failure)
        parts += [f"{key}={value}" for key, value in facts_of(record).items()]
        return "; ".join(parts).replace("\r", " ").replace("\n", " ")


def chosen(environment: Mapping[str, str] = os.environ, stream: TextIO | None = None) -> str:
    """The form for this process: JSON where systemd reads, or no person does."""
    if "JOURNAL_STREAM" in environment or "INVOCATION_ID" in environment:
        return "json"
    return "plain" if (stream or sys.stderr).isatty() else "json"


class Sink(logging.StreamHandler[TextIO]):
    """Where all records go. One that cannot be written is told by its type: Python's own report quotes arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        error = sys.exception()
        try:
            self.stream.write(f"a record of {redacted(record.name)} was lost: {type(error).__name__}\n")
        except Exception:  # noqa: BLE001, S110  there is nobody left to tell
            pass


def begin(level: int, form: str = "plain", stream: TextIO | None = None) -> None:
    """Send every record of this process to stderr in this form. May be called again, with another. A program that has
    set up its own logging keeps it."""
    root = logging.getLogger()
    ours = [handler for handler in root.handlers if isinstance(handler, Sink)]
    if len(ours) < len(root.handlers):
        return
    for former in ours:
        root.removeHandler(former)
    sink = Sink(stream or sys.stderr)
    sink.setFormatter(JsonLines() if form == "json" else Plain())
    root.addHandler(sink)
    root.setLevel(level)
    if form == "json":
        sys.excepthook = tell_uncaught


def tell_uncaught(_kind: type[BaseException], error: BaseException, _places: TracebackType | None) -> None:
    """For ``sys.excepthook``: the interpreter would print the exception's words."""
    logging.getLogger("kiosk").critical("not caught: %s", outline(error))
