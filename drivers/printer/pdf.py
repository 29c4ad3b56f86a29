"""A page as a PDF document for printers that are reached through CUPS: A4, or a roll of 80 mm.

Owns where a line falls on the sheet and the handful of PDF objects that say so (PDF 32000-1). Lines of text are
pictures of black dots: no font of a printer is sure to hold a rare name, and to embed one would need a font library.
Rules and QR codes are shapes, sharp at any resolution. The same page always gives the same bytes, without date, title
or author, and without text that a program could read out of a spool file. It neither sends nor keeps anything.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator

from drivers.api import Align, Page, Qr, Rule, Space
from drivers.frozen import dataclass
from drivers.printer.layout import COLUMNS, Line, Row, clean, rows, width_of
from drivers.printer.raster import COLUMN, GLYPH, draw_text

MM = 72 / 25.4
"""Points in a millimetre."""

ZOOM = 4
"""Dots drawn for one dot of a receipt printer: with letters of 5 mm 488 dots an inch, which no eye tells from more."""
_INK_FROM = 112
"""As in raster.py: a little under half keeps thin strokes whole."""

_LEADING = 4 / 3
"""Line pitch in letter heights, as on a slip (raster.pitch)."""
_RULE_MM = 0.25
_QR_AIM_MM = 33.0
"""As on a slip (encode.QR_AIM_DOTS): for an old telephone."""
_QR_QUIET_MODULES = 4
"""ISO/IEC 18004, 9.1."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper. Both kinds carry the 48 columns of a slip, so that a page falls into the same lines everywhere."""

    media: str
    """PWG 5101.1 self-describing name; ``{height}`` stands for the height of a roll in millimetres."""
    width_mm: float
    height_mm: float | None
    """None: as long as the page, cut from a roll."""
    em_mm: float
    """Height and width of a Chinese letter."""
    margin_mm: float
    """Above and below; the sides follow from the width of the columns."""

    @property
    def left_mm(self) -> float:
        return (self.width_mm - COLUMNS * self.em_mm / 2) / 2


SHEETS = {
    "a4": Sheet("iso_a4_210x297mm", 210, 297, 5.0, 25.0),
    "roll80": Sheet("custom_roll_80x{height}mm", 80, None, 3.0, 3.0),
}
"""By their names in the configuration. 5 mm letters (14 points) are what 关怀版 asks of print; 3 mm are a slip's."""


@dataclass(frozen=True, slots=True)
class Document:
    """A finished PDF and the name of the paper it is for."""

    pdf: bytes
    media: str


class Drawing:
    """A page being drawn. :meth:`steps` works through it line by line, so that a loop may turn between two lines."""

    def __init__(self, page: Page, sheet: Sheet) -> None:
        self._sheet = sheet
        self._rows = rows(page, COLUMNS)
        self._pictures: dict[bytes, int] = {}
        self._pages: list[tuple[list[str], list[int], float]] = []
        self._y = 0.0
        self._begin()

    def steps(self) -> Iterator[None]:
        """Draw; raises ValueError for a QR text that no QR code can hold."""
        for row in self._rows:
            self._draw(row)
            yield

    def finish(self) -> Document:
        sheet = self._sheet
        height = sheet.height_mm or float(math.ceil(self._y + sheet.margin_mm))  # the name of a paper is in whole ones
        if sheet.height_mm is None:
            self._pages = [(self._pages[0][0], self._pages[0][1], height)]
        return Document(self._written(), sheet.media.format(height=f"{height:.0f}"))

    # --- rows -------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._pages.append(([], [], self._sheet.height_mm or 0.0))
        self._y = self._sheet.margin_mm

    def _room(self, mm: float) -> float:
        """Take so much height; where it begins, from the top, on a new page if this one is full."""
        limit = self._sheet.height_mm
        if limit is not None and self._y + mm > limit - self._sheet.margin_mm and self._pages[-1][0]:
            self._begin()
        top, self._y = self._y, self._y + mm
        return top

    def _draw(self, row: Row) -> None:
        em = self._sheet.em_mm
        match row:
            case Line():
                top = self._room(em * row.scale * _LEADING)
                if row.text.strip():
                    self._line(row, top)
            case Rule():
                top = self._room(em) + em / 2
                self._box(self._sheet.left_mm, top, COLUMNS * em / 2, _RULE_MM)
            case Space():
                # On a slip millimetres are millimetres of small print: they grow with the letters.
                self._room(row.mm * em / 3)
            case Qr():
                self._code(row)

    def _line(self, line: Line, top: float) -> None:
        from PIL import Image, ImageDraw, ImageFilter

        unit = self._sheet.em_mm / (GLYPH * ZOOM)
        columns = width_of(line.text)
        picture = Image.new("L", (columns * COLUMN * ZOOM * line.scale, round(GLYPH * 7 / 6) * ZOOM * line.scale), 0)
        draw_text(ImageDraw.Draw(picture), 0, 0, line.text, ZOOM * line.scale)
        if line.bold:
            picture = picture.filter(ImageFilter.MaxFilter(2 * line.scale + 1))  # strokes grow to each side
        dots = picture.point([255 if value >= _INK_FROM else 0 for value in range(256)], "1")
        width, height = dots.width * unit, dots.height * unit
        free = COLUMNS * self._sheet.em_mm / 2 - width
        left = self._sheet.left_mm + {Align.LEFT: 0.0, Align.CENTRE: free / 2, Align.RIGHT: free}[line.align]
        self._place(self._stencil(dots.width, dots.height, dots.tobytes()), left, top, width, height)

    def _code(self, code: Qr) -> None:
        import qrcode

        symbol = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
        symbol.add_data(clean(code.data))
        symbol.make(fit=True)
        matrix = symbol.get_matrix()
        module = min(_QR_AIM_MM / len(matrix), 1.0)
        side, quiet = len(matrix) * module, _QR_QUIET_MODULES * module
        top = self._room(side + 2 * quiet) + quiet
        left = (self._sheet.width_mm - side) / 2
        boxes = []
        for y, row in enumerate(matrix):
            x = 0
            while x < len(row):
                run = x
                while run < len(row) and row[run]:
                    run += 1
                if run > x:  # modules side by side are one box: no hairline between them
                    boxes.append((left + x * module, top + y * module, (run - x) * module, module))
                x = run + 1
        # One shape for all, so that a printer does not smooth the edge between two rows of modules.
        self._boxes(boxes)

    # --- PDF --------------------------------------------------------------------------------------------------

    def _box(self, left: float, top: float, width: float, height: float) -> None:
        self._boxes([(left, top, width, height)])

    def _boxes(self, boxes: list[tuple[float, float, float, float]]) -> None:
        path = " ".join(
            f"{left * MM:.3f} {-(top + height) * MM:.3f} {width * MM:.3f} {height * MM:.3f} re"
            for left, top, width, height in boxes
        )
        self._pages[-1][0].append(f"{path} f")

    def _place(self, picture: int, left: float, top: float, width: float, height: float) -> None:
        content, used, _ = self._pages[-1]
        content.append(
            f"q {width * MM:.3f} 0 0 {height * MM:.3f} {left * MM:.3f} {-(top + height) * MM:.3f} cm /P{picture} Do Q"
        )
        used.append(picture)

    def _stencil(self, width: int, height: int, dots: bytes) -> int:
        """A picture of black dots on nothing; the same line twice is one object (PDF 32000-1, 8.9.6.2)."""
        data = zlib.compress(dots, 6)
        head = (
            f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ImageMask true /BitsPerComponent 1"
            " /Decode [1 0] /Filter /FlateDecode"
        )
        whole = _stream(head, data)
        if whole not in self._pictures:
            self._pictures[whole] = len(self._pictures)
        return self._pictures[whole]

    def _written(self) -> bytes:
        # Objects: 1 catalogue, 2 list of pages, then the pictures, then two a page.
        first_page = 3 + len(self._pictures)
        objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", *self._pictures]
        kids: list[str] = []
        for content, used, height in self._pages:
            number = first_page + 2 * len(kids)
            kids.append(f"{number} 0 R")
            names = " ".join(f"/P{picture} {3 + picture} 0 R" for picture in sorted(set(used)))
            size = f"{self._sheet.width_mm * MM:.3f} {height * MM:.3f}"
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents {number + 1} 0 R"
                f" /Resources << /XObject << {names} >> >> >>".encode("ascii")
            )
            # PDF counts from the bottom; everything above is told from the top.
            drawn = f"1 0 0 1 0 {height * MM:.3f} cm\n" + "\n".join(content)
            objects.append(_stream("/Filter /FlateDecode", zlib.compress(drawn.encode("ascii"))))
        objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode("ascii")
        out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, body in enumerate(objects, 1):
            places.append(len(out))
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
        return bytes(out)


def document(page: Page, sheet: Sheet = SHEETS["a4"]) -> Document:
    """The whole page at once. Raises ValueError for a QR text that no QR code can hold."""
    drawing = Drawing(page, sheet)
    for _ in drawing.steps():
        pass
    return drawing.finish()


def _stream(head: str, data: bytes) -> bytes:
    return f"<< {head} /Length {len(data)} >>\nstream\n".encode("ascii") + data + b"\nendstream"
