"""Text drawn as dots, for the characters that a printer's own font does not have.

Owns the drawing of one line at the size of the printer's glyphs (24 dots for a full-width character), each
character from the first font that has it (fonts.py). A character that no installed font has is drawn as a box
with its code point, never as blank paper: a missing character in a name must be seen. Pillow and the fonts are
loaded with the first line that needs them.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.api import Align
from drivers.printer.fonts import coverage, elsewhere, installed
from drivers.printer.layout import Line, cells, width_of

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

log = logging.getLogger(__name__)

GLYPH = 24
"""Dots of a full-width character at scale 1 (docs/protocols.md section 6.1)."""
COLUMN = GLYPH // 2
LEADING = {1: 8, 2: 12}
"""Empty dots under a line, by scale: 4 mm from line to line at scale 1."""

_BASELINE = 0.88
"""The baseline's place in the em square of the Noto CJK family, whose ascent is 880 of 1000."""
_INK_FROM = 112
"""Grey value from which a drawn dot is printed; a little under half keeps thin strokes whole."""

_EVEN_STROKES = ("NotoSans", "wqy-", "Plangothic", "DroidSans", "DejaVuSans")
"""File names of sans faces begin so. Any other face may be a Ming, whose horizontals are hairlines of half a dot."""

_NO_CHARACTER = "\U0010fffd"
"""A private code point that no font fills: what it draws is the font's sign for "missing"."""

# Hexadecimal digits of 3 x 5 dots, one row of bits after the other.
_TINY = dict(
    zip(
        "0123456789ABCDEF",
        (
            (7, 5, 5, 5, 7), (2, 6, 2, 2, 7), (7, 1, 7, 4, 7), (7, 1, 3, 1, 7),
            (5, 5, 7, 1, 1), (7, 4, 7, 1, 7), (7, 4, 7, 5, 7), (7, 1, 2, 2, 2),
            (7, 5, 7, 5, 7), (7, 5, 7, 1, 7), (2, 5, 7, 5, 5), (6, 5, 6, 5, 6),
            (3, 4, 4, 4, 3), (6, 5, 5, 5, 6), (7, 4, 6, 4, 7), (7, 4, 6, 4, 4),
        ),
        strict=True,
    )
)  # fmt: skip


def pitch(scale: int) -> int:
    """Dots from one line to the next."""
    return GLYPH * scale + LEADING[scale]


def draw_line(line: Line, dots: int) -> Image.Image:
    """The line as a picture of ``dots`` by :func:`pitch`, mode "1", black on white."""
    from PIL import Image, ImageDraw

    picture = Image.new("L", (dots, pitch(line.scale)), 0)
    width = width_of(line.text) * COLUMN * line.scale
    free = max(0, dots - width)
    x = {Align.LEFT: 0, Align.CENTRE: free // 2, Align.RIGHT: free}[line.align]
    draw_text(ImageDraw.Draw(picture), x, 0, line.text, line.scale, bold=line.bold)
    return picture.point([255 if value < _INK_FROM else 0 for value in range(256)], "1")


def draw_text(draw: ImageDraw.ImageDraw, x: int, y: int, text: str, scale: int = 1, *, bold: bool = False) -> None:
    """Draw white ink into a black picture of mode "L", each character in the columns the layout gave it."""
    for cell in cells(text):
        box = cell.width * COLUMN * scale
        if not cell.text.isspace():
            _draw_cell(draw, x, y, cell.text, box, scale, bold)
        x += box


def _draw_cell(draw: ImageDraw.ImageDraw, x: int, y: int, text: str, box: int, scale: int, bold: bool) -> None:
    font = font_for(text[0], GLYPH * scale)
    if font is None:
        _draw_code_point(draw, x, y, ord(text[0]), box, scale)
        return
    # A font that is not monospaced leaves its glyph narrower than the cell: centre it.
    left = x + max(0.0, (box - font.getlength(text)) / 2)
    baseline = y + round(GLYPH * scale * _BASELINE)
    # Hairlines would fall under the grey from which a dot is printed, and another character be read: struck twice
    # in the same place, a horizontal of half a dot is printed.
    strikes = 1 if Path(str(font.path)).name.startswith(_EVEN_STROKES) else 2
    for shift in range(2 if bold else 1):  # a thermal printer makes bold by striking twice, one dot apart
        for _ in range(strikes):
            draw.text((left + shift, baseline), text, fill=255, font=font, anchor="ls")


def _draw_code_point(draw: ImageDraw.ImageDraw, x: int, y: int, code_point: int, box: int, scale: int) -> None:
    draw.rectangle((x + scale, y + scale, x + box - 1 - scale, y + GLYPH * scale - 1 - scale), outline=255)
    digits = f"{code_point:04X}"
    per_row = max(1, (box // scale - 6) // 6) if box // scale < GLYPH else 3
    for at, digit in enumerate(digits):
        left = x + (4 + 6 * (at % per_row)) * scale
        top = y + (5 + 8 * (at // per_row)) * scale
        for row, bits in enumerate(_TINY[digit]):
            for column in range(3):
                if bits >> (2 - column) & 1:
                    dot = (left + column * scale, top + row * scale)
                    draw.rectangle((*dot, dot[0] + scale - 1, dot[1] + scale - 1), fill=255)


@lru_cache(maxsize=16384)
def font_for(char: str, size: int) -> ImageFont.FreeTypeFont | None:
    """A font that has this character, or None (logged once per character, as a code point)."""
    for path, face in _tried_first():
        if char in coverage(path, face):
            font = _face(path, face, size)
            if font is not None and _has(font, char):
                return font
    found = _ask_fontconfig(f":charset={ord(char):x}") if char in elsewhere() else None
    if found is not None:
        font = _face(*found, size)
        if font is not None and _has(font, char):
            return font
    log.warning("no installed font has U+%04X: a box is printed; install a font that covers it", ord(char))
    return None


@lru_cache(maxsize=1)
def _tried_first() -> tuple[tuple[str, int], ...]:
    present = installed()
    if present:
        return present
    found = _ask_fontconfig(":lang=zh-cn:spacing=100") or _ask_fontconfig(":lang=zh-cn")
    return (found,) if found else ()


def _ask_fontconfig(pattern: str) -> tuple[str, int] | None:
    program = shutil.which("fc-match")
    if program is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed program; the pattern holds digits only
            [program, "--format=%{file}\t%{index}", pattern],
            capture_output=True,
            text=True,
            timeout=2,
            check=True,
        ).stdout
    except (subprocess.SubprocessError, OSError) as error:
        log.warning("fc-match does not answer: %s", type(error).__name__)
        return None
    path, _, index = answer.partition("\t")
    # The upper 16 bits of an index name a variant of a variable font.
    return (path, int(index) & 0xFFFF) if path and index.isdigit() else None


@lru_cache(maxsize=64)
def _face(path: str, face: int, size: int) -> ImageFont.FreeTypeFont | None:
    from PIL import ImageFont

    try:
        return ImageFont.truetype(path, size, index=face, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        log.warning("font %s cannot be used: %s", path, error)
        return None


def _has(font: ImageFont.FreeTypeFont, char: str) -> bool:
    """Whether the font really draws it: a map may lead to an empty glyph or to the sign for "missing"."""
    mask = font.getmask(char)
    return mask.getbbox() is not None and (mask.size, bytes(mask)) != _sign_for_missing(font)


@lru_cache(maxsize=64)
def _sign_for_missing(font: ImageFont.FreeTypeFont) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(_NO_CHARACTER)
    return mask.size, bytes(mask)
