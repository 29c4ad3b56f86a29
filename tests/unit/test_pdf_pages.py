"""Pages as PDF: where things fall, what the document holds and what it must not hold."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from drivers.api import Page, Qr, Rule, Text
from drivers.printer.pdf import MM, SHEETS, Drawing, document
from tests.helpers.printers import RARE_NAME, SLIP, page


def sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Every page's width and height in millimetres."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(width) / MM, 1), round(float(height) / MM, 1)) for width, height in boxes]


def test_a4_and_a_roll() -> None:
    assert sizes(document(SLIP).pdf) == [(210, 297)]
    assert document(SLIP).media == "iso_a4_210x297mm"
    roll = document(SLIP, SHEETS["roll80"])
    ((width, height),) = sizes(roll.pdf)
    assert width == 80
    assert roll.media == f"custom_roll_80x{height:.0f}mm"
    ((_, shorter),) = sizes(document(page("一行"), SHEETS["roll80"]).pdf)
    assert shorter < height


def test_a_long_page_goes_on_upon_the_next_sheet_but_a_roll_is_one() -> None:
    long = page(*(f"第{number}行" for number in range(100)))
    assert sizes(document(long).pdf) == [(210, 297)] * 3
    assert len(sizes(document(long, SHEETS["roll80"]).pdf)) == 1


def test_the_same_page_gives_the_same_bytes_and_says_nothing_about_itself() -> None:
    pdf = document(SLIP).pdf
    assert pdf == document(SLIP).pdf
    assert pdf != document(page("别的")).pdf
    for word in (b"Date", b"Producer", b"Title", b"Author", b"Info"):
        assert word not in pdf


def test_no_text_can_be_read_out_of_the_document() -> None:
    pdf = document(Page((Text("Li Xiaoming 8712"), Text("李某某")))).pdf
    streams = re.findall(rb"/Length \d+ >>\nstream\n(.*?)\nendstream", pdf, re.DOTALL)
    assert streams
    plain = pdf + b"".join(zlib.decompress(stream) for stream in streams)
    for word in ("Xiaoming", "8712", "李某某"):
        for codec in ("utf-8", "gb18030", "utf-16-be"):
            assert word.encode(codec) not in plain


def test_a_line_that_comes_twice_is_drawn_once() -> None:
    assert document(page("同样", "同样", "同样")).pdf.count(b"/Subtype /Image") == 1


def test_drawing_goes_line_by_line() -> None:
    assert sum(1 for _ in Drawing(page(*"一二三四五"), SHEETS["a4"]).steps()) == 5


def test_a_code_that_no_code_can_hold() -> None:
    with pytest.raises(ValueError, match=r"version|data|too"):
        document(Page((Qr("x" * 5000),)))


@pytest.mark.skipif(shutil.which("gs") is None, reason="Ghostscript is missing: apt-get install ghostscript")
@pytest.mark.parametrize("sheet", SHEETS)
def test_another_program_sees_the_page(tmp_path: Path, sheet: str) -> None:
    import cv2
    import zxingcpp

    shown = Page((*SLIP.blocks, Text(RARE_NAME), Rule()))
    (tmp_path / "page.pdf").write_bytes(document(shown, SHEETS[sheet]).pdf)
    told = subprocess.run(
        ["gs", "-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", "-sDEVICE=pnggray", "-r200",
         f"-sOutputFile={tmp_path / 'page.png'}", str(tmp_path / "page.pdf")],
        timeout=30, capture_output=True, text=True,
    )  # fmt: skip
    assert (told.returncode, told.stdout, told.stderr) == (0, "", ""), "not even a warning"
    grey = cv2.imread(str(tmp_path / "page.png"), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    assert [code.text for code in zxingcpp.read_barcodes(grey)] == ["YB1.MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZPI"]
    inked = np.flatnonzero((grey < 128).any(axis=0))
    left, right = inked[0] / 200 * 25.4, (grey.shape[1] - inked[-1]) / 200 * 25.4
    assert left == pytest.approx(right, abs=0.6), "in the middle of the sheet"
    assert left >= 3.5
