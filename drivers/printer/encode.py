"""A page as the bytes of ESC/POS, built with python-escpos; the only module that loads that library.

Owns which command stands for which block, and the rule that a line with a character beyond the printer's font
is drawn as dots instead. It neither opens a link nor asks a printer anything.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drivers.api import Align, Page, Qr, Rule, Space
from drivers.printer.layout import Line, Row, clean, rows
from drivers.printer.raster import draw_line, pitch
from drivers.printer.traits import PrinterTraits

if TYPE_CHECKING:
    from PIL import Image

CHINESE_ON = b"\x1c&"
"""FS & (docs/protocols.md section 6.1)."""
FEED_DOTS = b"\x1bJ"
"""ESC J n: print and feed n units (Epson ESC/POS reference, "ESC J")."""
QUADRUPLE = b"\x1cW"
"""FS W n: double width and height of Chinese characters (docs/protocols.md section 6.1)."""

RULE_DOTS = 2
RULE_ABOVE_DOTS = 8
RULE_BELOW_DOTS = 14

QR_AIM_DOTS = 264
"""Wanted width of a QR code: 33 mm, large enough for an old telephone, small enough to leave the paper
calm."""
QR_QUIET_MODULES = 4
"""ISO/IEC 18004, 9.1; above and below, the sides of the paper being empty."""
QR_LEAST_MODULE, QR_MOST_MODULE = 3, 8
"""Dots a module: 0.375 mm is what telephones still read from thermal paper; more than 1 mm looks coarse."""

FEED_WITHOUT_CUTTER = 6
"""Lines that bring the last line beyond the tear bar, as python-escpos feeds before its cut."""

_RASTER_ROWS = 960
"""Rows of one raster command; some printers refuse more than 2303 (docs/protocols.md section 6.1)."""


def encode(page: Page, traits: PrinterTraits | None = None) -> bytes:
    """The whole page, from ESC @ to the cut. Raises ValueError for a QR text that no QR code can hold."""
    return b"".join(encode_rows(page, traits))


def encode_rows(page: Page, traits: PrinterTraits | None = None) -> list[bytes]:
    """The page in pieces that end where a command ends: set-up, each row, the cut."""
    traits = traits or PrinterTraits()
    writer = _Writer(traits)
    pieces = [writer.begin()]
    pieces.extend(writer.row(row) for row in rows(page, traits.columns))
    pieces.append(writer.cut())
    return pieces


class _Writer:
    """Turns rows into bytes and remembers the printer's state, so that no setting is sent twice."""

    def __init__(self, traits: PrinterTraits) -> None:
        self._traits = traits
        self._out = _library().Dummy()
        self._codec = "gb18030" if traits.charset == "gb18030" else traits.charset
        self._style: tuple[Align, int, bool] | None = None

    def begin(self) -> bytes:
        self._out.hw("INIT")
        self._out._raw(CHINESE_ON)
        return self._taken()

    def row(self, row: Row) -> bytes:
        match row:
            case Line():
                self._line(row)
            case Rule():
                self._feed(RULE_ABOVE_DOTS)
                self._picture(_rule(self._traits.columns * 12))
                self._feed(RULE_BELOW_DOTS)
            case Space():
                self._feed(round(row.mm / self._traits.dot_feed_mm))
            case Qr():
                self._code(row)
        return self._taken()

    def cut(self) -> bytes:
        if self._traits.cutter:
            # GS V 66 0: feed to the cutter, then cut and leave one point, so that the slip does not fall.
            self._out.cut(feed=False)
        else:
            self._out.print_and_feed(FEED_WITHOUT_CUTTER)
        return self._taken()

    def _line(self, line: Line) -> None:
        if not line.text.strip():
            self._feed(pitch(line.scale))
        elif all(self._traits.has(char) for char in line.text):
            self._set(line.align, line.scale, line.bold)
            self._out._raw(line.text.encode(self._codec) + b"\n")
        else:
            self._picture(draw_line(line, self._traits.columns * 12))

    def _set(self, align: Align, scale: int, bold: bool) -> None:
        if self._style == (align, scale, bold):
            return
        before = self._style or (None, None, None)
        if align != before[0]:
            self._out.set(align="center" if align is Align.CENTRE else align.value)
        if scale != before[1]:
            self._out.set(custom_size=True, width=scale, height=scale)
            if self._traits.fs_w:
                self._out._raw(QUADRUPLE + bytes([scale - 1]))
            self._out.line_spacing(pitch(scale))
        if bold != before[2]:
            self._out.set(bold=bold)
        self._style = (align, scale, bold)

    def _feed(self, units: int) -> None:
        while units > 0:
            step = min(units, 255)
            self._out._raw(FEED_DOTS + bytes([step]))
            units -= step

    def _picture(self, picture: Image.Image) -> None:
        align, scale, bold = self._style or (Align.LEFT, 1, False)
        if align is not Align.LEFT or self._style is None:
            self._set(Align.LEFT, scale, bold)
        self._out.image(_defused(picture), fragment_height=_RASTER_ROWS)

    def _code(self, code: Qr) -> None:
        data = clean(code.data)
        symbol = _symbol(data)
        dots = QR_AIM_DOTS // symbol.modules_count
        dots = max(QR_LEAST_MODULE, min(QR_MOST_MODULE, dots))
        if symbol.modules_count * dots > self._traits.dots:
            raise ValueError("the text does not fit a QR code of the paper's width")
        self._feed(QR_QUIET_MODULES * dots)
        if self._traits.native_qr:
            _, scale, bold = self._style or (Align.LEFT, 1, False)
            self._set(Align.CENTRE, scale, bold)
            self._out.qr(data, ec=1, size=dots, native=True)  # level M, as the symbol that was measured
        else:
            self._picture(_centred(symbol.get_matrix(), dots, self._traits.columns * 12))
        self._feed(QR_QUIET_MODULES * dots)

    def _taken(self) -> bytes:
        data: bytes = self._out.output
        self._out.clear()
        return data


def _symbol(data: str) -> Any:
    import qrcode

    symbol = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    symbol.add_data(data)
    symbol.make(fit=True)
    return symbol


def _centred(matrix: list[list[bool]], module: int, dots: int) -> Image.Image:
    from PIL import Image

    size = len(matrix)
    flat = bytes(0 if dark else 255 for row in matrix for dark in row)
    code = Image.frombytes("L", (size, size), flat)
    code = code.resize((size * module, size * module), Image.Resampling.NEAREST)
    picture = Image.new("L", (dots, size * module), 255)
    picture.paste(code, ((dots - code.width) // 2, 0))
    return picture.convert("1")


def _rule(dots: int) -> Image.Image:
    from PIL import Image

    return Image.new("1", (dots, RULE_DOTS), 0)


def defuse(ink: bytes) -> bytes:
    """Dots in which no printer can find a real-time command, at the price of one dot more.

    Printers look for DLE EOT, DLE ENQ and DLE DC4 in everything they receive, pictures included (Epson
    ESC/POS reference, notes on real-time commands): a picture could ask for a status, or clear the buffer.
    """
    data = bytearray(ink)
    for at in range(len(data) - 1):
        if data[at] == 0x10 and data[at + 1] in (0x04, 0x05, 0x14):
            data[at] = 0x18
    return bytes(data)


def _defused(picture: Image.Image) -> Image.Image:
    from PIL import Image, ImageChops

    ink = ImageChops.invert(picture.convert("L")).convert("1", dither=Image.Dither.NONE)
    safe = Image.frombytes("1", ink.size, defuse(ink.tobytes()))
    return ImageChops.invert(safe.convert("L")).convert("1", dither=Image.Dither.NONE)


@cache
def _library() -> Any:
    """``escpos.printer``, loaded with the first page.

    WORKAROUND: on import python-escpos 3.1 parses 96 KB of printer profiles with a slow YAML reader (0.2 s),
    leaves an empty directory behind in the temporary directory, pickles its profiles into it, and calls
    ``logging.basicConfig``. It gets a profile of our own in a directory that goes again, and the log is left
    alone.
    """
    names = ("ESCPOS_CAPABILITIES_FILE", "ESCPOS_CAPABILITIES_PICKLE_DIR")
    environment = {name: os.environ.get(name) for name in names}
    temporary = tempfile.tempdir
    root = logging.getLogger()
    handlers = list(root.handlers)
    with tempfile.TemporaryDirectory(prefix="escpos-") as directory:
        profile = Path(directory, "profile.json")
        profile.write_text(json.dumps(_PROFILE), encoding="ascii")
        try:
            os.environ.update(zip(names, (str(profile), directory), strict=True))
            tempfile.tempdir = directory
            return importlib.import_module("escpos.printer")
        finally:
            tempfile.tempdir = temporary
            for name, value in environment.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
            for handler in set(root.handlers) - set(handlers):
                root.removeHandler(handler)


_PROFILE = {
    "profiles": {
        "default": {
            "name": "80 mm",
            "vendor": "",
            "notes": "",
            "codePages": {"0": "CP437"},
            "colors": {"0": "black"},
            "features": {"paperFullCut": True, "paperPartCut": True, "bitImageRaster": True, "qrCode": True},
            "fonts": {"0": {"name": "Font A", "columns": 48}},
            # Wider than any printer: the width is the traits' business.
            "media": {"width": {"mm": 112, "pixels": 1024}},
        }
    },
    "encodings": {"CP437": {"name": "CP437", "python_encode": "cp437"}},
}
