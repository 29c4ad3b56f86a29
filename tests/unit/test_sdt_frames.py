"""SDT frames: byte-exact commands, and a parser that survives anything."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drivers.idcard.frames import (
    PREAMBLE,
    REPLY_BYTES,
    BadFrame,
    Command,
    FrameParser,
    Reply,
    Sw3,
    decode_command,
    decode_reply,
    encode_command,
    encode_reply,
    pack,
    pack_base,
    sam_number,
    unpack_base,
)


@pytest.mark.parametrize(
    ("command", "data", "frame"),
    [
        (Command.RESET, "", "AAAAAA9669000310FFEC"),
        (Command.SAM_STATUS, "", "AAAAAA9669000311FFED"),
        (Command.SAM_ID, "", "AAAAAA9669000312FFEE"),
        (Command.FIND, "", "AAAAAA96690003200122"),
        (Command.SELECT, "", "AAAAAA96690003200221"),
        (Command.READ_BASE, "", "AAAAAA96690003300132"),
        (Command.READ_FINGERS, "", "AAAAAA96690003301023"),
        (Command.READ_EXTRA_ADDRESS, "", "AAAAAA96690003300330"),
        (Command.RF_BLOCK_SIZE, "50", "AAAAAA9669000461FF50CA"),
    ],
)
def test_commands_byte_for_byte(command: Command, data: str, frame: str) -> None:
    assert encode_command(command, bytes.fromhex(data)).hex().upper() == frame


@pytest.mark.parametrize(
    ("reply", "frame"),
    [
        (Reply(Sw3.OK), "AAAAAA9669000400009094"),
        (Reply(Sw3.FOUND, bytes(4)), "AAAAAA9669000800009F0000000097"),
        (Reply(Sw3.FIND_FAILED), "AAAAAA9669000400008084"),
        (Reply(Sw3.OK, bytes(8)), "AAAAAA9669000C00009000000000000000009C"),
        (Reply(Sw3.SELECT_FAILED), "AAAAAA9669000400008185"),
        (Reply(Sw3.READ_FAILED), "AAAAAA9669000400004145"),
    ],
)
def test_replies_byte_for_byte(reply: Reply, frame: str) -> None:
    assert encode_reply(reply).hex().upper() == frame
    assert [decode_reply(content) for content in FrameParser().feed(bytes.fromhex(frame))] == [reply]


def test_a_whole_reading_has_1295_bytes() -> None:
    assert len(encode_reply(Reply(Sw3.OK, pack_base(bytes(256), bytes(1024))))) == 1295


def test_sam_number_as_printed() -> None:
    raw = bytes.fromhex("0500 0100 4D25 3501 0100 0000 FFFF FFFF".replace(" ", ""))
    assert sam_number(raw) == "05.01-20260173-0000000001-4294967295"
    with pytest.raises(BadFrame):
        sam_number(raw[:-1])


def test_base_data_must_fit_its_lengths() -> None:
    good = pack_base(bytes(256), b"photo")
    assert unpack_base(good) == (bytes(256), b"photo".ljust(1024, b"\0"))
    for bad in (b"", good[:-1], good + b"\0", b"\xff" + good[1:]):
        with pytest.raises(BadFrame):
            unpack_base(bad)


def test_short_contents_are_refused() -> None:
    with pytest.raises(BadFrame):
        decode_command(b"\x20")
    with pytest.raises(BadFrame):
        decode_reply(b"\0\0")


def test_personal_data_stays_out_of_repr() -> None:
    assert "secret" not in repr(Reply(Sw3.OK, b"secret"))


contents = st.lists(st.binary(min_size=3, max_size=60), max_size=5)
noise = st.binary(max_size=20).filter(lambda junk: 0xAA not in junk)


def in_pieces(data: st.DataObject, stream: bytes) -> list[bytes]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    return [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


@given(contents, noise, st.data())
def test_frames_come_back_however_the_line_cuts_them(expected: list[bytes], junk: bytes, data: st.DataObject) -> None:
    stream = junk + junk.join(
        encode_reply(Reply(sw1=item[0], sw2=item[1], sw3=item[2], data=item[3:])) for item in expected
    )
    parser = FrameParser()
    assert [found for piece in in_pieces(data, stream) for found in parser.feed(piece)] == expected
    assert parser.damaged == 0


@given(st.lists(st.one_of(st.binary(max_size=40), st.just(PREAMBLE), st.just(b"\xaa")), max_size=12))
@example([PREAMBLE, b"\x00\x03"])
def test_the_parser_never_raises_and_never_hoards(pieces: list[bytes]) -> None:
    parser = FrameParser()
    for piece in pieces:
        parser.feed(piece)
    parser.clear()
    assert parser.feed(encode_reply(Reply(Sw3.OK))) == [bytes((0, 0, 0x90))]


@given(st.lists(st.one_of(st.binary(max_size=40), st.binary(max_size=5).map(pack)), max_size=8))
@example([encode_command(Command.FIND)])  # a line that echoes
def test_whatever_is_found_among_replies_is_one(pieces: list[bytes]) -> None:
    for content in FrameParser(REPLY_BYTES).feed(b"".join(pieces)):
        decode_reply(content)


@given(st.lists(st.binary(max_size=2).map(pack), max_size=4))
def test_a_reply_is_found_behind_frames_that_are_too_short_for_one(short: list[bytes]) -> None:
    parser = FrameParser(REPLY_BYTES)
    assert parser.feed(b"".join([*short, encode_reply(Reply(Sw3.FOUND))])) == [bytes((0, 0, 0x9F))]
    assert parser.damaged == 0


@given(st.binary(min_size=3, max_size=40), st.integers(0, 300))
def test_a_damaged_frame_is_never_believed_and_the_next_one_is_found(content: bytes, bit: int) -> None:
    frame = bytearray(encode_reply(Reply(sw1=content[0], sw2=content[1], sw3=content[2], data=content[3:])))
    at = 7 + bit // 8 % (len(frame) - 7)  # anywhere behind the length
    frame[at] ^= 1 << bit % 8
    parser = FrameParser()
    good = encode_reply(Reply(Sw3.FOUND, bytes(4)))
    assert parser.feed(bytes(frame) + good) == [bytes((0, 0, 0x9F, 0, 0, 0, 0))]
    assert parser.damaged >= 1
