"""What one model of ESC/POS printer can do: everything that public sources leave open, as configuration.

Owns no behaviour; docs/protocols.md section 7 (point 7) lists why each of these is not a constant.
"""

from __future__ import annotations

from drivers.frozen import dataclass

CHARSETS = ("gb2312", "gbk", "gb18030")


@dataclass(frozen=True, slots=True)
class PrinterTraits:
    """The defaults suit an 80 mm, 203 dpi printer that follows Epson's command reference."""

    columns: int = 48
    """Half-width columns of 12 dots; NCR's own font has 44."""
    dots: int = 576
    charset: str = "gb18030"
    """One of ``CHARSETS``. Characters beyond it are drawn as dots."""
    four_byte: bool = False
    """The font holds the four-byte area of GB18030. Without it only what GBK has is trusted to the printer's
    font."""
    native_qr: bool = True
    """False: QR codes are drawn as dots."""
    cutter: bool = True
    fs_w: bool = True
    """Send FS W besides GS !: some models double Chinese characters only with it."""
    dot_feed_mm: float = 0.125
    """Paper feed of one unit of ESC J and ESC 3."""
    answers: bool = True
    """The printer answers status requests. False: nothing is asked, nothing is known, nothing is proven."""
    confirms_clear: bool = True
    """The printer answers DLE DC4 8 (clear buffers). True: after a broken page nothing is printed before that
    answer came, so a page can never come out late. False: the clearing commands are sent and trusted; use it
    together with ``line_by_line``, which leaves at most one line in the printer."""
    line_by_line: bool = False
    """Wait for the printer after every line instead of after the page."""

    def __post_init__(self) -> None:
        if self.charset not in CHARSETS:
            raise ValueError(f"charset is one of {', '.join(CHARSETS)}")
        if self.columns * 12 > self.dots or self.columns < 16 or self.dots % 8:
            raise ValueError("columns of 12 dots must fit the dots, which are a multiple of 8")
        if self.dot_feed_mm <= 0:
            raise ValueError("dot_feed_mm is a positive length")

    def has(self, char: str) -> bool:
        """Whether the printer's own font can be trusted with this character."""
        if char < "\x7f":
            return char >= " "
        charset = "gbk" if self.charset == "gb18030" and not self.four_byte else self.charset
        try:
            char.encode(charset)
        except UnicodeEncodeError:
            return False
        return True
