"""The Bolong BL-58, an invented 58 mm printer: ESC/POS, but narrow, with an old font, and it clears its buffers
without saying so."""

from __future__ import annotations

from drivers.printer.escpos import EscposPrinter
from drivers.printer.traits import PrinterTraits

BL58 = PrinterTraits(
    columns=32,  # 384 dots of 12
    dots=384,
    charset="gb2312",  # whatever is not in it is drawn
    native_qr=False,
    confirms_clear=False,  # it does not know DLE DC4 8 ...
    line_by_line=True,  # ... so at most one line of a broken page is left in it
)


def bl58(address: str) -> EscposPrinter:
    """``bolong:tcp://10.0.0.7:9100`` or ``bolong:/dev/usb/lp0``. Raises ValueError for an address that is none."""
    return EscposPrinter(address if "://" in address else f"file://{address}", BL58)
