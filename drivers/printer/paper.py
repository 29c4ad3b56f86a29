"""The paper of the virtual printer: what the commands leave on it, as a picture, as text and as the bytes
they were.

Owns the printer's print mode (size, weight, place, line spacing, stored QR code) and the drawing of 80 mm
paper at 203 dpi. It moves no bytes over any wire and knows no time.
"""

from __future__ import annotations

from dataclasses import field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.api import Align, Qr, Rule, Space
from drivers.frozen import dataclass
from drivers.printer.layout import COLUMNS, Line, Row, as_text, width_of
from drivers.printer.parser import UNPARSED, Command
from drivers.printer.raster import COLUMN, GLYPH, draw_text

if TYPE_CHECKING:
    from PIL import Image

DOTS = 576
"""Print width (docs/protocols.md section 6.1)."""
DOTS_PER_MM = 8
PAPER_DOTS = 640
"""80 mm."""
SPACING = 30
"""Dots from line to line after ESC 2: 1/6 inch at 180 dpi, the common default."""
CUTTER_DOTS = 96
"""From the print head to the cutter: 12 mm of paper that every slip begins with."""

PAPER_COLOUR = (252, 250, 244)
INK_COLOUR = (44, 42, 48)
_BLEED = 0.6
"""Dots by which heat spreads in the paper: without it pictures look harsher than they come out."""
_TOOTH = 8
"""Dots of a tooth of the cut edge."""


@dataclass(frozen=True, slots=True)
class TextMark:
    """A printed line, in the print mode that held at its end."""

    text: str = field(repr=False)
    align: Align
    scale: int
    bold: bool
    height: int
    """Dots to the next line."""


@dataclass(frozen=True, slots=True)
class PictureMark:
    """A raster picture: one bit for a dot, 1 is ink, the left dot the high bit (docs/protocols.md section 6.1)."""

    across: int
    """Bytes of a row."""
    ink: bytes = field(repr=False)
    align: Align

    @property
    def height(self) -> int:
        return len(self.ink) // self.across


@dataclass(frozen=True, slots=True)
class CodeMark:
    """A QR code drawn by the printer: ``module`` dots to a module, ``level`` 0 to 3 for L, M, Q, H (section 6.1)."""

    text: str = field(repr=False)
    module: int
    level: int
    align: Align

    @property
    def height(self) -> int:
        return len(_modules(self.text, self.level)) * self.module


@dataclass(frozen=True, slots=True)
class FeedMark:
    """Paper that moved without a mark; ``height`` in dots."""

    height: int


Mark = TextMark | PictureMark | CodeMark | FeedMark


@dataclass(frozen=True, slots=True)
class PrintedReceipt:
    """A piece of paper that left the printer, or still hangs in it."""

    marks: tuple[Mark, ...]
    raw: bytes = field(repr=False)
    """The bytes that made it."""

    @property
    def text(self) -> str:
        """What can be read on it; pictures other than rules as their size."""
        return as_text(_rows(self.marks), COLUMNS)

    @property
    def qr_texts(self) -> tuple[str, ...]:
        """Texts of the codes that the printer drew itself."""
        return tuple(mark.text for mark in self.marks if isinstance(mark, CodeMark))

    @property
    def blank(self) -> bool:
        return all(isinstance(mark, FeedMark) for mark in self.marks)

    def image(self) -> Image.Image:
        """The paper, 640 dots wide, mode RGBA; transparent beyond the cut edge."""
        from PIL import Image

        ink = self._ink()
        height = CUTTER_DOTS + ink.height + CUTTER_DOTS // 2
        paper = Image.new("RGBA", (PAPER_DOTS, height), (*PAPER_COLOUR, 255))
        paper.paste((*INK_COLOUR, 255), ((PAPER_DOTS - DOTS) // 2, CUTTER_DOTS), ink)
        paper.putalpha(_cut_edge(height))
        return paper

    def save(self, path: Path) -> None:
        """Write the picture as PNG."""
        self.image().save(path, "PNG")

    def _ink(self) -> Image.Image:
        from PIL import Image

        ink = Image.new("L", (DOTS, max(1, sum(mark.height for mark in self.marks))), 0)
        top = 0
        for mark in self.marks:
            picture = _draw(mark)
            if picture is not None:
                ink.paste(picture, (_left(mark, picture.width), top))
            top += mark.height
        return ink


def _left(mark: Mark, width: int) -> int:
    align = Align.LEFT if isinstance(mark, FeedMark) else mark.align
    return {Align.LEFT: 0, Align.CENTRE: (DOTS - width) // 2, Align.RIGHT: DOTS - width}[align]


def _draw(mark: Mark) -> Image.Image | None:
    from PIL import Image, ImageDraw, ImageFilter

    match mark:
        case TextMark():
            size = (max(1, width_of(mark.text) * COLUMN * mark.scale), max(mark.height, GLYPH * mark.scale))
            picture = Image.new("L", size, 0)
            draw_text(ImageDraw.Draw(picture), 0, 0, mark.text, mark.scale, bold=mark.bold)
            return picture
        case PictureMark():
            dots = Image.frombytes("1", (mark.across * 8, mark.height), mark.ink).convert("L")
            return dots.filter(ImageFilter.GaussianBlur(_BLEED))
        case CodeMark():
            modules = _modules(mark.text, mark.level)
            flat = bytes(255 if dark else 0 for row in modules for dark in row)
            code = Image.frombytes("L", (len(modules), len(modules)), flat)
            size = (code.width * mark.module, code.height * mark.module)
            return code.resize(size, Image.Resampling.NEAREST)
        case FeedMark():
            return None


def _cut_edge(height: int) -> Image.Image:
    from PIL import Image, ImageDraw

    mask = Image.new("L", (PAPER_DOTS, height), 255)
    draw = ImageDraw.Draw(mask)
    for left in range(0, PAPER_DOTS, _TOOTH):
        middle = left + _TOOTH // 2
        draw.polygon(((left, 0), (left + _TOOTH, 0), (middle, _TOOTH // 2)), fill=0)
        base = height - 1
        draw.polygon(((left, base), (left + _TOOTH, base), (middle, base - _TOOTH // 2)), fill=0)
    return mask


@lru_cache(maxsize=64)
def _modules(text: str, level: int) -> tuple[tuple[bool, ...], ...]:
    import qrcode

    levels = (
        qrcode.constants.ERROR_CORRECT_L,
        qrcode.constants.ERROR_CORRECT_M,
        qrcode.constants.ERROR_CORRECT_Q,
        qrcode.constants.ERROR_CORRECT_H,
    )
    symbol = qrcode.QRCode(border=0, error_correction=levels[level])
    symbol.add_data(text)
    symbol.make(fit=True)
    return tuple(tuple(row) for row in symbol.get_matrix())


def _rows(marks: tuple[Mark, ...]) -> list[Row]:
    found: list[Row] = []
    for before, mark in pairwise((FeedMark(0), *marks)):
        match mark:
            case TextMark():
                found.append(Line(mark.text, mark.align, mark.scale, mark.bold))
            case PictureMark():
                rule = mark.height <= 4 and set(mark.ink) == {0xFF}
                found.append(Rule() if rule else Line(f"[picture {mark.across * 8} x {mark.height}]"))
            case CodeMark():
                found.append(Qr(mark.text))
            case FeedMark():
                # One command feeds at most 255 dots: what follows such a feed belongs to it.
                if not (isinstance(before, FeedMark) and before.height == 255):
                    found.append(Space(mark.height / DOTS_PER_MM))
    return found


class Strip:
    """The paper under the print head: commands put marks on it until it is cut."""

    def __init__(self) -> None:
        self._marks: list[Mark] = []
        self._raw = bytearray()
        self._reset()

    @property
    def hanging(self) -> PrintedReceipt:
        """What is printed and not cut yet."""
        return PrintedReceipt(tuple(self._marks), bytes(self._raw))

    def tear(self) -> PrintedReceipt:
        """The piece up to here; the strip begins anew."""
        piece = self.hanging
        self._marks.clear()
        self._raw.clear()
        return piece

    def forget(self) -> None:
        """Lose the unprinted line and the print mode, as after ESC @ or a power cut."""
        self._reset()

    def execute(self, command: Command) -> tuple[bool, int]:
        """Do what the command says; return whether the printer understood it, and the dots that paper
        moved."""
        self._raw += command.raw
        before = len(self._marks)
        understood = self._do(command.name, command.data)
        return understood, sum(mark.height for mark in self._marks[before:])

    def _reset(self) -> None:
        self._line = ""
        self._align = Align.LEFT
        self._scale = 1
        self._bold = False
        self._spacing = SPACING
        self._code_text = ""
        self._code_module = 3
        self._code_level = 0

    def _do(self, name: str, data: bytes) -> bool:
        value = data[0] if data else 0
        match name:
            case "text":
                self._line += data.decode("gb18030", "replace")
            case "LF":
                self._end_line()
            case "ESC @":
                self._reset()
            case "ESC E":
                self._bold = bool(value & 1)
            case "ESC a":
                aligns = {0: Align.LEFT, 1: Align.CENTRE, 2: Align.RIGHT}
                if value & 0xCF > 2:  # 0..2 or the digits '0'..'2'
                    return False
                self._align = aligns[value & 0x0F]
            case "ESC 2":
                self._spacing = SPACING
            case "ESC 3":
                self._spacing = value
            case "ESC J" | "ESC d":
                self._end_line(empty=False)
                dots = value if name == "ESC J" else value * self._spacing
                self._marks.append(FeedMark(dots))
            case "GS !":
                if value not in (0x00, 0x11):
                    return False  # widths and heights that no page of ours has
                self._scale = 2 if value else 1
            case "FS W":
                self._scale = 2 if value & 1 else 1
            case "GS v 0":
                self._end_line(empty=False)
                across = data[1] + 256 * data[2]
                if data[0] != 0 or across * 8 > DOTS:
                    return False
                self._marks.append(PictureMark(across, data[5:], self._align))
            case "GS ( k":
                return self._code(data)
            case "GS V":
                self._end_line(empty=False)
            case _:
                return name != UNPARSED
        return True

    def _end_line(self, *, empty: bool = True) -> None:
        if self._line:
            height = max(self._spacing, GLYPH * self._scale)
            self._marks.append(TextMark(self._line, self._align, self._scale, self._bold, height))
            self._line = ""
        elif empty:
            self._marks.append(FeedMark(self._spacing))

    def _code(self, data: bytes) -> bool:
        if len(data) < 3 or data[0] != 0x31:
            return False
        function, values = data[1], data[2:]
        match function:
            case 0x41:
                return values[:1] in (b"1", b"2")
            case 0x43 if 1 <= values[0] <= 16:
                self._code_module = values[0]
            case 0x45 if 0x30 <= values[0] <= 0x33:
                self._code_level = values[0] - 0x30
            case 0x50 if values[0] == 0x30:
                self._code_text = values[1:].decode("utf-8", "replace")
            case 0x51 if values[0] == 0x30 and self._code_text:
                return self._print_code()
            case _:
                return False
        return True

    def _print_code(self) -> bool:
        self._end_line(empty=False)
        mark = CodeMark(self._code_text, self._code_module, self._code_level, self._align)
        try:
            fits = mark.height <= DOTS
        except ValueError:  # more text than the largest code holds
            return False
        if fits:
            self._marks.append(mark)
        return fits
