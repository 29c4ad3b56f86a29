"""How a page falls into lines on paper of so many columns: widths, line breaks, label and value on one line.

Owns the arithmetic that the encoder, the mock and the virtual paper share, so that what a test reads is what
the paper shows. It knows no printer command and draws nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from functools import lru_cache

from drivers.api import Align, Page, Pair, Qr, Rule, Space, Text
from drivers.frozen import dataclass

COLUMNS = 48
"""Half-width columns of 12 dots on 80 mm paper (docs/protocols.md section 6.1)."""

PAIR_GAP = 2
"""Columns left free at least between a label and its value."""

_SHORT = 4
"""A last line of less than this part of the paper looks as if it had been forgotten."""

BLANK_LINE_MM = 2.0
"""Empty paper from this height on counts as an empty line in a transcript."""

_CLOSING = frozenset("。，、；：？！）》」』】〕〉”’%‰℃…—·,.;:?!)]}>")
"""May not begin a line (GB/T 15834, JLREQ)."""
_OPENING = frozenset("（《「『【〔〈“‘([{<￥$￡")
"""May not end a line."""

_HALF_WIDTH_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text that fits the paper."""

    text: str = field(repr=False)
    align: Align = Align.LEFT
    scale: int = 1
    bold: bool = False


Row = Line | Rule | Space | Qr


@dataclass(frozen=True, slots=True)
class Cell:
    """A character with the marks that stand on it, and the columns it takes."""

    text: str = field(repr=False)
    width: int


def clean(text: str) -> str:
    """The text without what could act as a command or cannot stand on paper; line breaks stay.

    Control and format characters go (a name from a remote system must not reach the printer as ESC). Yen
    becomes the full-width sign that Chinese printers have. In text without any Chinese, typographic quotes
    and dashes become plain ones: the printer would set them two columns wide.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    text = text.replace("\u00a5", "￥").replace("\u00a0", " ")
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if char == "\n" or category not in ("Cc", "Cf", "Zl", "Zp", "Cs"):
            # Variation selectors choose a glyph form that neither printer nor font offers here.
            if not ("\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"):
                kept.append(char)
        elif category == "Cs":
            kept.append("\ufffd")
        elif category in ("Zl", "Zp"):
            kept.append("\n")
    text = "".join(kept)
    if not any(unicodedata.east_asian_width(char) in "WF" for char in text):
        text = text.translate(_HALF_WIDTH_QUOTES)
    return text


@lru_cache(maxsize=4096)  # of single characters: no text of a slip stays here
def char_width(char: str) -> int:
    """Columns of one character: 1 for ASCII, 2 for whatever a Chinese printer holds as two bytes, 0 for
    marks."""
    if char < "\x7f":
        return 1
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    try:
        char.encode("gbk")
    except UnicodeEncodeError:
        return 2 if unicodedata.east_asian_width(char) in "WFA" else 1
    return 2


def cells(text: str) -> list[Cell]:
    """The text as cells; a mark without a base stands on a space."""
    found: list[Cell] = []
    for char in text:
        width = char_width(char)
        if width:
            found.append(Cell(char, width))
        elif found:
            found[-1] = replace(found[-1], text=found[-1].text + char)
        else:
            found.append(Cell(" " + char, 1))
    return found


def width_of(text: str) -> int:
    """Columns of the text, as :func:`cells` counts them."""
    bare_mark = bool(text) and char_width(text[0]) == 0
    return sum(map(char_width, text)) + bare_mark


def wrap(text: str, columns: int) -> list[str]:
    """Break one paragraph into lines of at most ``columns``.

    Chinese breaks between any two characters, Latin words and numbers stay whole while they fit on a line. No
    line begins with closing punctuation or ends with an opening bracket, unless that alone is wider than the
    paper.
    """
    if columns < 2:
        raise ValueError("paper has at least two columns")
    if text and not text[0].isspace() and char_width(text[0]) and width_of(text) <= columns:
        return [text.rstrip()]  # most paragraphs fit, and the rest of this says the same more slowly
    lines: list[str] = []
    current = ""
    used = 0
    for unit in _units(text):
        width = width_of(unit)
        if unit.isspace():
            if current and used + width <= columns:
                current += unit
                used += width
            continue
        if used + width > columns and current:
            lines.append(current.rstrip())
            current, used = "", 0
        if width > columns:
            *whole, unit = _split(unit, columns)
            lines.extend(whole)
            width = width_of(unit)
        current += unit
        used += width
    if current.rstrip() or not lines:
        lines.append(current.rstrip())
    return lines


def even(text: str, columns: int, *, centred: bool = False) -> list[str]:
    """As :func:`wrap`, in no more lines, without a last one of a character or a short word: the end of a text stays
    together. Lines that are centred are about as long as one another."""
    lines = as_they_fall = wrap(text, columns)
    for narrower in range(columns, 1, -1):
        if not centred and width_of(lines[-1]) >= columns // _SHORT:
            return lines
        tried = wrap(text, narrower)
        if len(tried) > len(lines) or len(lines) == 1:
            break
        lines = tried
    return lines if centred else as_they_fall


def _units(text: str) -> Iterator[str]:
    """What may not be broken: words, single Chinese characters with their punctuation, runs of spaces."""
    pending = ""
    for cell in cells(text):
        char = cell.text
        if not pending:
            pending = char
        elif pending.isspace() != char.isspace():
            yield pending
            pending = char
        elif (
            pending.isspace()
            or char[0] in _CLOSING
            or pending[-1] in _OPENING
            or (cell.width == 1 and width_of(pending[-1]) == 1)
        ):
            pending += char
        else:
            yield pending
            pending = char
    if pending:
        yield pending


def _split(unit: str, columns: int) -> list[str]:
    pieces = [""]
    used = 0
    for cell in cells(unit):
        if used + cell.width > columns:
            pieces.append("")
            used = 0
        pieces[-1] += cell.text
        used += cell.width
    return pieces


def rows(page: Page, columns: int = COLUMNS) -> list[Row]:
    """The page, line by line. Every text is clean and fits."""
    found: list[Row] = []
    for block in page.blocks:
        match block:
            case Text():
                found.extend(_paragraphs(block, columns))
            case Pair():
                found.extend(_pair(block, columns))
            case Rule() | Space() | Qr():
                found.append(block)
    return found


def _paragraphs(block: Text, columns: int) -> Iterator[Line]:
    if block.scale not in (1, 2):
        raise ValueError("scale is 1 or 2")
    for paragraph in clean(block.text).split("\n"):
        for line in even(paragraph, columns // block.scale, centred=block.align is Align.CENTRE):
            yield Line(line, block.align, block.scale, block.bold)


def _pair(block: Pair, columns: int) -> Iterator[Line]:
    label = clean(block.label).replace("\n", " ").strip()
    value = clean(block.value).replace("\n", " ").strip()
    gap = columns - width_of(label) - width_of(value)
    if gap >= PAIR_GAP:
        yield Line(label + " " * gap + value, bold=block.bold)
        return
    for line in even(label, columns):
        yield Line(line, bold=block.bold)
    if width_of(value) <= columns:
        yield Line(value, Align.RIGHT, bold=block.bold)
        return
    # Several lines are read more easily from a straight left edge.
    for line in wrap(value, columns - PAIR_GAP):
        yield Line(" " * PAIR_GAP + line, bold=block.bold)


def transcript(page: Page, columns: int = COLUMNS) -> str:
    """The page as plain text, line by line as it falls on the paper, for storyboards and logs of tests."""
    return as_text(rows(page, columns), columns)


def as_text(found: Iterable[Row], columns: int = COLUMNS) -> str:
    """Rows as plain text of ``columns`` half-width columns, without trailing spaces."""
    lines: list[str] = []
    for row in found:
        match row:
            case Line():
                free = max(0, columns - width_of(row.text) * row.scale)
                indent = {Align.LEFT: 0, Align.CENTRE: free // 2, Align.RIGHT: free}[row.align]
                lines.append((" " * indent + row.text).rstrip())
            case Rule():
                lines.append("-" * columns)
            case Space():
                if row.mm >= BLANK_LINE_MM:
                    lines.append("")
            case Qr():
                lines.extend(("", f"[QR {row.data}]", ""))
    # Empty paper is empty paper: how much of it there is, is no matter for a reader.
    kept = [line for above, line in zip(["", *lines], lines, strict=False) if line or above]
    return "\n".join(kept).rstrip("\n")
