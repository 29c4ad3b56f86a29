"""Where a serial module's code ends, and that nothing dangerous comes out of one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanner.framing import End, Framer, Framing, as_text, disarm

CODE = "4241234567890123456789410000"


@pytest.mark.parametrize(
    ("end", "wire", "texts"),
    [
        (End.ANY, b"one\rtwo\nthree\r\nfour", ["one", "two", "three"]),
        (End.ANY, b"\r\n\r\n\n", []),
        (End.CR, b"one\rtwo\n\rthree", ["one", "two"]),
        (End.LF, b"one\ntwo\r\nthree\r", ["one", "two"]),
        (End.CRLF, b"one\r\ntwo\rmore\r\n", ["one", "twomore"]),
        (End.IDLE, b"one\r\n", []),
    ],
)
def test_terminators(end: End, wire: bytes, texts: list[str]) -> None:
    assert Framer(Framing(end)).feed(wire) == texts


def test_a_pause_ends_a_code_only_where_nothing_else_does() -> None:
    idle = Framer(Framing(End.IDLE))
    assert idle.feed(b"4241") == []
    assert idle.feed(b"2345") == []
    assert idle.pending
    assert idle.pause() == ["42412345"]
    assert idle.pause() == []
    ended = Framer()
    assert ended.feed(b"half a co") == []
    assert ended.pause() == []
    assert ended.dropped == 1
    assert ended.feed(b"whole\r") == ["whole"]


def test_prefix_and_suffix_belong_to_the_module() -> None:
    framer = Framer(Framing(End.CR, prefix=b"\x02", suffix=b"\x03"))
    assert framer.feed(b"\x02one\x03\rtwo\x03\r\x02three\r\x02\r\x02\x03\r\x02four\x03\r") == ["one", "four"]
    assert framer.dropped == 4


def test_too_long_is_dropped_whole_and_the_next_is_read() -> None:
    framer = Framer(Framing(max_bytes=10))
    assert framer.feed(b"0123456789\r") == ["0123456789"]
    assert framer.feed(b"01234567890\r") == []
    for _ in range(100):
        assert framer.feed(b"x" * 50) == []
    assert framer.feed(b"tail\rgood\r") == ["good"]
    assert framer.dropped == 2
    idle = Framer(Framing(End.IDLE, max_bytes=4))
    idle.feed(b"12345" * 3)
    assert idle.pause() == []
    idle.feed(b"1234")
    assert idle.pause() == ["1234"]


@pytest.mark.parametrize(
    "attack",
    [
        "\x1b[2J{}",  # clear the screen
        "{}\x1b[31m",
        "424123\x1b[6n4567890123456789410000",  # have the terminal answer
        "\x1b]0;title\x07{}",
        "\x1b]52;c;cm0gLXJm\x1b\\{}",  # fill the clipboard
        "\x1bP1$r0m\x1b\\{}",
        "\x9b31m{}",
        "{}\x1b",
        "{}\x1b[",
        "{}\x1b]8;;http://evil.example/",  # never closed
        "\x00\x08\x7f{}\u202e",
    ],
)
def test_escape_sequences_are_not_part_of_a_code(attack: str) -> None:
    assert disarm(attack.format(CODE)) == CODE
    assert Framer().feed(attack.format(CODE).encode() + b"\r") == [CODE]


def test_chinese_modules_speak_gb_18030() -> None:
    assert as_text("社保卡".encode()) == as_text("社保卡".encode("gb18030")) == "社保卡"
    assert as_text(b"\xff\xff") is None
    framer = Framer()
    assert framer.feed(b"\xff\xff\r") == []
    assert framer.dropped == 1


codes = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1, max_size=60
)


@given(st.lists(codes, max_size=100), st.data())
def test_codes_come_out_exactly_however_the_bytes_are_cut(texts: list[str], data: st.DataObject) -> None:
    wire = b"".join(text.encode() + b"\r\n" for text in texts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=12)))
    framer = Framer()
    found: list[str] = []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        found += framer.feed(wire[start:end])
    assert found == texts
    assert framer.dropped == 0


@given(st.lists(st.binary(max_size=80)), st.sampled_from(End), st.integers(1, 40))
def test_no_bytes_at_all_bring_anything_dangerous_or_long(chunks: list[bytes], end: End, longest: int) -> None:
    framer = Framer(Framing(end, max_bytes=longest))
    found: list[str] = []
    for chunk in chunks:
        found += framer.feed(chunk)
    found += framer.pause()
    assert not framer.pending
    for text in found:
        assert 0 < len(text) <= longest
        assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in text)


@given(st.text())
def test_disarming_twice_changes_nothing(text: str) -> None:
    assert disarm(disarm(text)) == disarm(text)
