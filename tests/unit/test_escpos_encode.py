"""Which bytes stand for which block."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageChops

from drivers.api import Align, Page, Pair, Qr, Rule, Space, Text
from drivers.printer.encode import defuse, encode, encode_rows
from drivers.printer.layout import Line
from drivers.printer.raster import draw_line, font_for
from drivers.printer.traits import PrinterTraits
from tests.helpers.printers import RARE_NAME, SLIP

INIT = b"\x1b@\x1c&"
NORMAL = b"\x1ba\x00\x1d!\x00\x1cW\x00\x1b3\x20\x1bE\x00"
CUT = b"\x1dVB\x00"


def test_a_line_of_chinese_is_gb18030_between_set_up_and_cut() -> None:
    assert encode(Page((Text("中文 ok"),))) == INIT + NORMAL + b"\xd6\xd0\xce\xc4 ok\n" + CUT


def test_only_what_changes_is_sent() -> None:
    pieces = encode_rows(Page((Text("a"), Text("b"), Text("c", Align.CENTRE, bold=True))))
    assert pieces[2:4] == [b"b\n", b"\x1ba\x01\x1bE\x01c\n"]


def test_double_size_is_said_in_both_ways() -> None:
    assert encode_rows(Page((Text("题", scale=2),)))[1] == b"\x1ba\x00\x1d!\x11\x1cW\x01\x1b3\x3c\x1bE\x00\xcc\xe2\n"
    without = encode_rows(Page((Text("题", scale=2),)), PrinterTraits(fs_w=False))[1]
    assert b"\x1cW" not in without


def test_a_rule_is_two_rows_of_dots() -> None:
    rule = encode_rows(Page((Rule(),)))[1]
    assert b"\x1dv0\x00\x48\x00\x02\x00" + b"\xff" * 144 in rule


def test_space_is_fed_in_dots_of_an_eighth_millimetre() -> None:
    assert encode_rows(Page((Space(40),)))[1] == b"\x1bJ\xff\x1bJ\x41"


def test_a_native_code_is_stored_and_printed() -> None:
    code = encode_rows(Page((Qr("YB1.ABC"),)))[1]
    for part in (
        b"\x1d(k\x04\x001A2\x00",
        b"\x1d(k\x03\x001C\x08",
        b"\x1d(k\x03\x001E1",
        b"\x1d(k\x0a\x001P0YB1.ABC",
        b"\x1d(k\x03\x001Q0",
    ):
        assert part in code


def test_a_printer_without_codes_gets_dots() -> None:
    code = encode_rows(Page((Qr("YB1.ABC"),)), PrinterTraits(native_qr=False))[1]
    assert b"\x1d(k" not in code
    assert b"\x1dv0\x00\x48\x00" in code


def test_a_printer_without_cutter_is_fed_beyond_the_tear_bar() -> None:
    assert encode(Page((Text("a"),)), PrinterTraits(cutter=False)).endswith(b"a\n\x1bd\x06")


@pytest.mark.parametrize(
    ("name", "traits", "drawn"),
    [
        ("李", PrinterTraits(charset="gb2312"), False),
        ("镕", PrinterTraits(charset="gb2312"), True),  # in GBK only
        ("镕", PrinterTraits(charset="gbk"), False),
        ("䶮", PrinterTraits(), True),  # two bytes of GB18030 that GBK leaves open
        ("𬭎", PrinterTraits(), True),
        ("𬭎", PrinterTraits(four_byte=True), False),
    ],
)
def test_a_line_beyond_the_printers_font_is_drawn(name: str, traits: PrinterTraits, drawn: bool) -> None:
    data = encode(Page((Pair("姓名", name),)), traits)
    assert (b"\x1dv0\x00\x48\x00\x20\x00" in data) is drawn
    assert (name.encode("gb18030") in data) is not drawn


def test_a_rare_name_is_really_drawn() -> None:
    blank = draw_line(Line("  "), 576)
    known, other = draw_line(Line(RARE_NAME), 576), draw_line(Line("赵王王"), 576)
    assert len({picture.tobytes() for picture in (blank, known, other)}) == 3
    assert known.size == (576, 32)
    assert draw_line(Line(RARE_NAME, scale=2), 576).size == (576, 60)


def test_what_no_font_has_is_a_visible_box_and_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    font_for.cache_clear()
    with caplog.at_level(logging.WARNING, "drivers.printer.raster"):
        box, other = draw_line(Line("\U0010fffd"), 576), draw_line(Line("\U0010fffc"), 576)
    assert "U+10FFFD" in caplog.text
    assert box.tobytes() != other.tobytes()
    assert box.convert("L").getextrema() == (0, 255)


@given(st.binary(max_size=400))
def test_dots_never_hold_a_real_time_command(ink: bytes) -> None:
    safe = defuse(ink)
    assert len(safe) == len(ink)
    assert not any(bytes((0x10, second)) in safe for second in (0x04, 0x05, 0x14))
    assert all(new & old == old for new, old in zip(safe, ink, strict=True))


def test_no_drawn_character_hides_a_real_time_command() -> None:
    lines = ["".join(chr(code) for code in range(start, start + 24)) for start in range(0x3400, 0x3A00, 24)]
    drawn = b"".join(
        ImageChops.invert(draw_line(Line(line), 576).convert("L")).convert("1").tobytes() for line in lines
    )
    assert any(bytes((0x10, second)) in drawn for second in (0x04, 0x05, 0x14))  # there is something to defuse
    data = encode(Page(tuple(Text(line) for line in lines)))
    assert not any(bytes((0x10, second)) in data for second in (0x04, 0x05, 0x14))


def test_loading_the_library_leaves_no_trace() -> None:
    before = {path for path in Path(tempfile.gettempdir()).iterdir() if path.name.startswith("escpos-")}
    handlers = list(logging.getLogger().handlers)
    encode(SLIP)
    assert logging.getLogger().handlers == handlers
    after = {path for path in Path(tempfile.gettempdir()).iterdir() if path.name.startswith("escpos-")}
    assert after <= before


@pytest.mark.parametrize("traits", [{"charset": "utf-8"}, {"columns": 49}, {"dots": 580}, {"dot_feed_mm": 0}])
def test_impossible_traits_are_refused(traits: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"charset|columns|dot_feed_mm"):
        PrinterTraits(**traits)  # type: ignore[arg-type]
