"""Which characters the installed fonts hold, and which Han characters of GB 18030-2022 none of them holds.

Owns the order in which fonts are tried, the reading of a font's character map, and the list of the Han characters
that a Chinese name may be written with. It draws nothing and loads no library: raster.py does the drawing, and
whoever reports the state of a terminal can ask here without Pillow.
"""

from __future__ import annotations

import logging
import shutil
import struct
import subprocess
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from drivers.frozen import dataclass

log = logging.getLogger(__name__)

_NOTO = "NotoSansCJK-Regular.ttc"
_MONO_SC = 7
"""Face "Noto Sans Mono CJK SC" in the collection: its Latin is exactly half as wide as its Chinese."""
KNOWN_FONTS: tuple[tuple[str, int], ...] = (
    (f"/usr/share/fonts/opentype/noto/{_NOTO}", _MONO_SC),
    (f"/usr/share/fonts/noto-cjk/{_NOTO}", _MONO_SC),
    (f"/usr/share/fonts/google-noto-cjk/{_NOTO}", _MONO_SC),
    (f"/usr/share/fonts/google-noto-sans-cjk-fonts/{_NOTO}", _MONO_SC),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/truetype/plangothic/PlangothicP1-Regular.ttf", 0),
    ("/usr/share/fonts/truetype/plangothic/PlangothicP2-Regular.ttf", 0),
    ("/usr/share/fonts/truetype/babelstone/BabelStoneHan.ttf", 0),
    ("/usr/share/fonts/truetype/hanazono/HanaMinA.ttf", 0),
    ("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf", 0),
)
"""File and face, the first that has a character draws it: sans before serif, mainland forms before Japanese ones."""

BLOCKS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "Radicals Supplement": tuple(
        (code, code)
        for code in (
            0x2E81, 0x2E84, 0x2E88, 0x2E8B, 0x2E8C, 0x2E97, 0x2EA7,
            0x2EAA, 0x2EAE, 0x2EB3, 0x2EB6, 0x2EB7, 0x2EBB, 0x2ECA,
        )
    ),
    "Kangxi Radicals": ((0x2F00, 0x2FD5),),
    "Unified Ideographs": ((0x4E00, 0x9FFF),),
    "Compatibility, unified": (
        (0xFA0E, 0xFA0F), (0xFA11, 0xFA11), (0xFA13, 0xFA14), (0xFA1F, 0xFA1F),
        (0xFA21, 0xFA21), (0xFA23, 0xFA24), (0xFA27, 0xFA29),
    ),
    "Extension A": ((0x3400, 0x4DBF),),
    "Extension B": ((0x20000, 0x2A6DF),),
    "Extension C": ((0x2A700, 0x2B739),),
    "Extension D": ((0x2B740, 0x2B81D),),
    "Extension E": ((0x2B820, 0x2CEA1),),
    "Extension F": ((0x2CEB0, 0x2EBE0),),
    "Extension G": ((0x30000, 0x3134A),),
    "Extension H": ((0x31350, 0x323AF),),
    "Extension I": ((0x2EBF0, 0x2EE5D),),
}  # fmt: skip
"""The Han characters of GB 18030-2022 level 3 with Amendment 1, first and last code point of each stretch.

The standard's own table is not in the project. The list is derived from the assigned code points of the Unicode
blocks (Unicode 15.1, Blocks.txt and chapter 18; Python 3.11 knows Unicode 14 and neither H nor I), and the published
totals agree with it: 88 115 for the standard (87 887 characters, the twelve unified ones among the compatibility
ideographs included, and 228 radicals) and 9 793 for Amendment 1 (G, H, I and forty stragglers at the ends of the
older blocks).
"""

_FORMAT_LIMIT = 0x110000
_MAP_LIMIT = 1 << 24
"""Bytes of a character map beyond which a file is not believed; the largest known are under one MiB."""


def characters(block: str) -> Iterator[str]:
    """The Han characters of one of :data:`BLOCKS`, in the order of their code points. Raises KeyError."""
    for first, last in BLOCKS[block]:
        yield from map(chr, range(first, last + 1))


@dataclass(frozen=True, slots=True)
class Coverage:
    """A set of code points, kept as stretches: a font of 40 000 characters takes a few kilobytes."""

    firsts: tuple[int, ...] = field(default=(), repr=False)
    lasts: tuple[int, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, stretches: Iterable[tuple[int, int]]) -> Coverage:
        """From first and last code points in any order, overlapping or not."""
        merged: list[list[int]] = []
        for first, last in sorted(stretches):
            if merged and first <= merged[-1][1] + 1:
                merged[-1][1] = max(merged[-1][1], last)
            else:
                merged.append([first, last])
        return cls(tuple(first for first, _ in merged), tuple(last for _, last in merged))

    def __contains__(self, char: str) -> bool:
        code = ord(char)
        at = bisect_right(self.firsts, code) - 1
        return at >= 0 and code <= self.lasts[at]


def installed() -> tuple[tuple[str, int], ...]:
    """Those of :data:`KNOWN_FONTS` that are on this machine."""
    return tuple(entry for entry in KNOWN_FONTS if Path(entry[0]).is_file())


def missing(chars: Iterable[str]) -> list[str]:
    """Those of the characters that no font on this machine has, known by path or by fontconfig; a slip shows boxes."""
    fonts = [coverage(*entry) for entry in installed()]
    return [char for char in chars if not any(char in font for font in fonts) and char not in elsewhere()]


def missing_by_block() -> dict[str, list[str]]:
    """For each of :data:`BLOCKS` what :func:`missing` finds; well under a second for all of them."""
    return {block: missing(characters(block)) for block in BLOCKS}


@lru_cache(maxsize=1)
def elsewhere() -> Coverage:
    """What fontconfig knows of in any scalable font; empty on a machine without it. Asked once: 30 ms."""
    program = shutil.which("fc-list")
    if program is None:
        return Coverage()
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed program and fixed arguments
            [program, "--format=%{charset} ", ":scalable=true"], capture_output=True, text=True, timeout=5, check=True
        ).stdout
        stretches = (word.partition("-") for word in answer.split())
        return Coverage.of((int(first, 16), int(last or first, 16)) for first, _, last in set(stretches))
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        log.warning("fc-list does not answer: %s", type(error).__name__)
        return Coverage()


@lru_cache(maxsize=64)
def coverage(path: str, face: int) -> Coverage:
    """What the font maps to a glyph; empty, with a warning in the log, for a file that is no usable font."""
    try:
        with Path(path).open("rb") as file:
            return Coverage.of(_mapped(_character_map(file, face)))
    except (OSError, ValueError, struct.error) as error:
        log.warning("the character map of font %s cannot be read: %s", path, error)
        return Coverage()


def _character_map(file: BinaryIO, face: int) -> bytes:
    """The table "cmap" of one face (OpenType 1.9, "Organization of an OpenType Font")."""
    start = 0
    if file.read(4) == b"ttcf":
        file.seek(12 + 4 * face)
        (start,) = struct.unpack(">L", file.read(4))
    file.seek(start + 4)
    (tables,) = struct.unpack(">H6x", file.read(8))
    for _ in range(tables):
        tag, offset, length = struct.unpack(">4s4xLL", file.read(16))
        if tag == b"cmap":
            if length > _MAP_LIMIT:
                raise ValueError(f"a character map of {length} bytes")
            file.seek(offset)
            return file.read(length)
    raise ValueError("no character map")


def _mapped(table: bytes) -> Iterator[tuple[int, int]]:
    """Stretches of code points with a glyph, of all Unicode subtables (OpenType 1.9, "cmap", formats 4 and 12)."""
    (count,) = struct.unpack_from(">2xH", table)
    for at in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", table, 4 + 8 * at)
        if platform == 0 or (platform == 3 and encoding in (1, 10)):  # Unicode; Windows, its plane 0 and all planes
            (kind,) = struct.unpack_from(">H", table, offset)
            if kind == 4:
                yield from _format_4(table, offset)
            elif kind == 12:
                yield from _format_12(table, offset)


def _format_4(table: bytes, offset: int) -> Iterator[tuple[int, int]]:
    (doubled,) = struct.unpack_from(">H", table, offset + 6)
    segments = doubled // 2
    shape = f">{segments}H"
    ends = struct.unpack_from(shape, table, offset + 14)
    starts = struct.unpack_from(shape, table, offset + 16 + doubled)
    deltas = struct.unpack_from(shape, table, offset + 16 + 2 * doubled)
    ranges_at = offset + 16 + 3 * doubled
    ranges = struct.unpack_from(shape, table, ranges_at)
    for at, (first, last, delta, distance) in enumerate(zip(starts, ends, deltas, ranges, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            if distance == 0:
                glyph = (code + delta) & 0xFFFF
            else:  # counted in bytes from the place of the distance itself
                (glyph,) = struct.unpack_from(">H", table, ranges_at + 2 * at + distance + 2 * (code - first))
            if glyph:
                yield code, code


def _format_12(table: bytes, offset: int) -> Iterator[tuple[int, int]]:
    (groups,) = struct.unpack_from(">L", table, offset + 12)
    for at in range(groups):
        first, last, glyph = struct.unpack_from(">LLL", table, offset + 16 + 12 * at)
        if not first <= last < _FORMAT_LIMIT:
            raise ValueError("a group of characters beyond Unicode")
        if glyph == 0:  # the first of the group is the font's sign for "missing"
            first += 1
        if first <= last:
            yield first, last
