"""Every Han character of GB 18030-2022 as part of a name: drawn where a font has it, a box that names it where not."""

from __future__ import annotations

import logging
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import Page, Pair
from drivers.printer import fonts
from drivers.printer.encode import encode
from drivers.printer.fonts import BLOCKS, Coverage, characters, coverage, elsewhere, missing, missing_by_block
from drivers.printer.layout import Line, clean, width_of
from drivers.printer.raster import GLYPH, draw_line
from drivers.printer.traits import PrinterTraits

PACKAGES = {
    "fonts-noto-cjk": "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "fonts-hanazono": "/usr/share/fonts/truetype/hanazono/HanaMinB.ttf",
}
"""The font packages that ./dev installs, by a file of each."""

MISSING_AT_MOST = {
    "Unified Ideographs": 16,
    "Extension A": 10,
    "Extension B": 9,
    "Extension C": 5,
    "Extension G": 4935,
    "Extension H": 4192,
    "Extension I": 622,
}
"""With Debian 12's packages; none in the other blocks. All of these came with Amendment 1 (docs/adr/0013)."""

ADDED_BY_AMENDMENT_1 = [
    *map(chr, (*range(0x9FF0, 0xA000), *range(0x4DB6, 0x4DC0), *range(0x2A6D7, 0x2A6E0), *range(0x2B735, 0x2B73A))),
    *(char for block in ("Extension G", "Extension H", "Extension I") for char in characters(block)),
]

A_ROW = 48
# The frame of a box: one dot from each edge of the cell, first row first, leftmost dot highest.
_EDGE, _INSIDE = (1 << GLYPH) - 2 & ~(1 << GLYPH - 1), (1 << 1) | (1 << GLYPH - 2)
_FRAME = 0
for _row in range(GLYPH):
    _dots = _EDGE if _row in (1, GLYPH - 2) else _INSIDE if 1 < _row < GLYPH - 2 else 0
    _FRAME = _FRAME << GLYPH | _dots


def drawn(chars: list[str]) -> Iterator[tuple[str, int]]:
    """Each character with its 24 x 24 dots on paper as bits, 1 for black; empty cells stand between them."""
    for at in range(0, len(chars), A_ROW):
        row = chars[at : at + A_ROW]
        picture = draw_line(Line("\u3000".join(row)), GLYPH * 2 * A_ROW)
        for place, char in enumerate(row):
            left = place * 2 * GLYPH
            white = picture.crop((left, 0, left + GLYPH, GLYPH)).tobytes()
            yield char, ~int.from_bytes(white) & (1 << GLYPH * GLYPH) - 1


def is_box(ink: int) -> bool:
    return ink & _FRAME == _FRAME


@pytest.fixture
def _packages() -> None:
    absent = [name for name, file in PACKAGES.items() if not Path(file).is_file()]
    if absent:
        pytest.skip(f"{' and '.join(absent)} not installed here; ./dev setup installs what the numbers are for")


def test_the_list_has_the_published_totals() -> None:
    every = [char for block in BLOCKS for char in characters(block)]
    assert len(set(every)) == len(every) == 88_115 + 9_793
    assert len(ADDED_BY_AMENDMENT_1) == 9_793
    assert set(ADDED_BY_AMENDMENT_1) <= set(every)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_character_stays_itself_and_two_columns_wide(block: str) -> None:
    chars = list(characters(block))
    assert clean("".join(chars)) == "".join(chars)
    assert width_of("".join(chars)) == 2 * len(chars)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_character_is_drawn_or_a_box_that_names_it(block: str) -> None:
    chars = list(characters(block))
    absent = set(missing(chars))
    boxes: dict[int, str] = {}
    for char, ink in drawn(chars):
        name = f"U+{ord(char):04X}"
        assert ink, f"{name} is blank paper"
        assert is_box(ink) is (char in absent), f"{name} is {'a box' if is_box(ink) else 'drawn'}"
        if char in absent:
            assert ink not in boxes, f"the boxes of {name} and U+{ord(boxes[ink]):04X} are the same"
            boxes[ink] = char


@pytest.mark.usefixtures("_packages")
def test_no_more_are_missing_than_recorded() -> None:
    found = {block: len(chars) for block, chars in missing_by_block().items()}
    assert found.keys() == BLOCKS.keys()
    assert {block: count for block, count in found.items() if count > MISSING_AT_MOST.get(block, 0)} == {}


@pytest.mark.usefixtures("_packages")
@pytest.mark.parametrize("char", ["\U00020010", "\U0002a700", "\U0002b820", "\U0002ceb0"])
def test_the_hairlines_of_a_ming_face_are_printed(char: str) -> None:
    ((_, ink),) = drawn([char])
    rows = [f"{ink >> GLYPH * row & (1 << GLYPH) - 1:b}" for row in range(GLYPH)]
    assert max(len(run) for row in rows for run in row.split("0")) >= 12


@pytest.mark.usefixtures("_packages")
def test_all_of_the_standard_before_its_amendment_is_drawn() -> None:
    absent = {char for chars in missing_by_block().values() for char in chars}
    assert absent <= set(ADDED_BY_AMENDMENT_1)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_name_beyond_the_printers_set_goes_to_it_as_dots(block: str) -> None:
    traits = PrinterTraits()
    rare = [char for char in characters(block) if not traits.has(char)]
    for char in rare[:: max(1, len(rare) // 4)]:
        data = encode(Page((Pair("姓名", f"赵{char}"),)), traits)
        assert b"\x1dv0\x00\x48\x00\x20\x00" in data
        assert char.encode("gb18030") not in data


def test_a_character_that_no_font_has_is_missing() -> None:
    assert missing("中\U0010fffd") == ["\U0010fffd"]


# --- character maps --------------------------------------------------------------------------------------------------


def table_4(segments: list[tuple[int, int, int, list[int]]]) -> bytes:
    """Format 4 from (first, last, delta, glyphs); with glyphs, the segment points to them instead of the delta."""
    segments = [*segments, (0xFFFF, 0xFFFF, 1, [])]
    glyphs: list[int] = []
    distances = []
    for at, (_, _, _, own) in enumerate(segments):
        distances.append(2 * (len(segments) - at + len(glyphs)) if own else 0)
        glyphs += own
    count = len(segments)
    words = [
        *(last for _, last, _, _ in segments), 0, *(first for first, _, _, _ in segments),
        *(delta & 0xFFFF for _, _, delta, _ in segments), *distances, *glyphs,
    ]  # fmt: skip
    return struct.pack(f">7H{len(words)}H", 4, 14 + 2 * len(words), 0, 2 * count, 0, 0, 0, *words)


def table_12(groups: list[tuple[int, int, int]]) -> bytes:
    packed = b"".join(struct.pack(">LLL", *group) for group in groups)
    return struct.pack(">HHLLL", 12, 0, 16 + len(packed), 0, len(groups)) + packed


def font(*subtables: tuple[int, int, bytes], at: int = 0) -> bytes:
    """A font file of nothing but a character map, to stand at this offset in its file."""
    head, body = struct.pack(">HH", 0, len(subtables)), b""
    for platform, encoding, table in subtables:
        head += struct.pack(">HHL", platform, encoding, 4 + 8 * len(subtables) + len(body))
        body += table
    cmap = head + body
    return struct.pack(">LHHHH4sLLL", 0x10000, 1, 16, 0, 0, b"cmap", 0, at + 28, len(cmap)) + cmap


Written = Callable[[bytes], str]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(data: bytes) -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.ttf"
        path.write_bytes(data)
        return str(path)

    return write


def test_both_formats_are_read(written: Written) -> None:
    of_4 = table_4([(0x41, 0x45, -0x40, []), (0x4E00, 0x4E02, 0, [7, 0, 9])])
    of_12 = table_12([(0x20000, 0x20002, 0), (0x2A6D0, 0x2A6D6, 50)])
    found = coverage(written(font((3, 1, of_4), (3, 10, of_12))), 0)
    assert found.firsts == (0x41, 0x4E00, 0x4E02, 0x20001, 0x2A6D0)
    assert found.lasts == (0x45, 0x4E00, 0x4E02, 0x20002, 0x2A6D6)
    assert "E" in found
    assert "F" not in found
    assert "\u4e01" not in found
    assert "@" not in found


def test_a_map_that_is_not_unicode_does_not_count(written: Written) -> None:
    assert coverage(written(font((1, 0, table_4([(0x41, 0x45, 0, [])])))), 0) == Coverage()


def test_each_face_of_a_collection_has_its_own_map(written: Written) -> None:
    header = struct.pack(">4sLLLL", b"ttcf", 0x10000, 2, 20, 0)
    first = font((0, 4, table_12([(0x41, 0x41, 1)])), at=20)
    second = font((0, 4, table_12([(0x42, 0x42, 1)])), at=20 + len(first))
    path = written(header[:16] + struct.pack(">L", 20 + len(first)) + first + second)
    assert (coverage(path, 0).firsts, coverage(path, 1).firsts) == ((0x41,), (0x42,))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ttcf",
        b"\0\1\0\0" + bytes(20),
        font((3, 10, table_12([(5, 4, 1)]))),
        font((3, 10, table_12([(0, 0x110000, 1)]))),
        font((3, 10, table_12([(1, 2, 1), (3, 4, 5)])))[:-5],
    ],
)
def test_what_is_no_font_covers_nothing_and_is_said(
    written: Written, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert coverage(written(data), 0) == Coverage()
    assert "cannot be read" in caplog.text


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 40)).map(lambda pair: (pair[0], sum(pair)))))
def test_a_coverage_holds_exactly_its_stretches(stretches: list[tuple[int, int]]) -> None:
    held = {code for first, last in stretches for code in range(first, last + 1)}
    found = Coverage.of(stretches)
    assert {code for code in range(400) if chr(code) in found} == held


@pytest.mark.parametrize("entry", fonts.installed(), ids=lambda entry: Path(entry[0]).stem)
def test_fontconfig_reads_the_same_of_the_installed_fonts(entry: tuple[str, int]) -> None:
    program = shutil.which("fc-query")
    if program is None:
        pytest.skip("fc-query is not installed: there is nothing to compare with")
    path, face = entry
    answer = subprocess.run(
        [program, "--format=%{charset}", f"--index={face}", path], capture_output=True, text=True, check=True
    ).stdout
    words = [word.partition("-") for word in answer.split()]
    theirs = Coverage.of((int(first, 16), int(last or first, 16)) for first, _, last in words)
    ours = coverage(path, face)
    for block in BLOCKS:
        assert [char for char in characters(block) if (char in ours) is not (char in theirs)] == []


# --- fontconfig ------------------------------------------------------------------------------------------------------


def played_fc_list(folder: Path, lines: str) -> None:
    program = folder / "fc-list"
    program.write_text(f"#!/bin/sh\n{lines}\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("lines", "firsts", "said"),
    [
        ("echo '20-7e 4e00 '; echo '4e01-4e05'", (0x20, 0x4E00), ""),
        ("echo 20-zz", (), "fc-list does not answer: ValueError"),
        ("exit 3", (), "fc-list does not answer: CalledProcessError"),
        (None, (), ""),
    ],
)
def test_fontconfig_is_asked_and_may_fail(
    lines: str | None,
    firsts: tuple[int, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if lines is not None:
        played_fc_list(tmp_path, lines)
    monkeypatch.setenv("PATH", str(tmp_path))
    with caplog.at_level(logging.WARNING):
        assert elsewhere.__wrapped__().firsts == firsts
    assert said in caplog.text
