"""What the keys of a barcode module mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanner import keys
from drivers.scanner.keys import KeyDecoder
from drivers.scanner.virtual_modules import press, type_text

TYPED = "".join(sorted({char for pair in keys.KEYS.values() for char in pair}))
ENTER = press(keys.ENTER)


def event(kind: int, code: int, value: int) -> bytes:
    return keys.EVENT.pack(1, 2, kind, code, value)


def test_the_structure_of_the_kernel() -> None:
    assert keys.EVENT.size == 24
    assert "".join(chr(code) for code in range(32, 127)) == TYPED


def test_everything_that_can_be_typed() -> None:
    assert KeyDecoder().feed(type_text(TYPED) + ENTER) == [TYPED]


def test_both_enters_and_no_empty_code() -> None:
    decoder = KeyDecoder()
    assert decoder.feed(ENTER + type_text("a") + press(keys.KEYPAD_ENTER) + ENTER) == ["a"]
    assert decoder.dropped == 0


def test_caps_lock_and_shift() -> None:
    caps = press(keys.CAPS_LOCK)
    assert KeyDecoder().feed(caps + type_text("aB1!") + caps + type_text("aB") + ENTER) == ["Ab1!aB"]


@pytest.mark.parametrize("command", sorted(keys.COMMANDS))
def test_commands_are_not_text(command: int) -> None:
    wire = type_text("a") + press(keys.CAPS_LOCK - 57 + 30, command) + press(62, command) + type_text("b") + ENTER
    assert KeyDecoder().feed(wire) == ["ab"]


def test_a_key_that_repeats_itself_counts_once() -> None:
    held = event(keys.EV_KEY, 2, keys.DOWN) + event(keys.EV_KEY, 2, 2) * 5 + event(keys.EV_KEY, 2, keys.UP)
    assert KeyDecoder().feed(held + ENTER) == ["1"]


def test_what_the_kernel_lost_spoils_one_code_only() -> None:
    decoder = KeyDecoder()
    lost = event(keys.EV_SYN, keys.SYN_DROPPED, 0) + event(keys.EV_KEY, 3, keys.DOWN)
    wire = type_text("12") + lost + event(keys.EV_SYN, keys.SYN_REPORT, 0) + type_text("34") + ENTER
    assert decoder.feed(wire) == []
    assert decoder.dropped == 1
    assert decoder.feed(type_text("ok") + ENTER) == ["ok"]


def test_a_shift_whose_release_was_lost_is_not_held_for_ever() -> None:
    decoder = KeyDecoder()
    decoder.feed(event(keys.EV_KEY, 42, keys.DOWN) + event(keys.EV_SYN, keys.SYN_DROPPED, 0))
    decoder.feed(event(keys.EV_SYN, keys.SYN_REPORT, 0) + ENTER)
    assert decoder.feed(type_text("a1") + ENTER) == ["a1"]


def test_a_pause_drops_what_was_begun_and_too_long_is_dropped_whole() -> None:
    decoder = KeyDecoder(max_chars=5)
    decoder.feed(type_text("12"))
    assert decoder.pending
    assert decoder.pause() == []
    assert not decoder.pending
    assert decoder.feed(type_text("123456") + ENTER + type_text("12345") + ENTER) == ["12345"]
    assert decoder.dropped == 2


@given(st.lists(st.text(TYPED, min_size=1, max_size=40), max_size=20), st.integers(1, 500))
def test_codes_come_out_exactly_however_the_events_are_cut(texts: list[str], step: int) -> None:
    wire = b"".join(type_text(text) + ENTER for text in texts)
    decoder = KeyDecoder()
    found = [text for start in range(0, len(wire), step) for text in decoder.feed(wire[start : start + step])]
    assert found == texts


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 800), st.integers(-1, 3))),
    st.lists(st.binary(max_size=100), max_size=5),
)
def test_any_events_and_any_bytes_are_survived(events: list[tuple[int, int, int]], chunks: list[bytes]) -> None:
    decoder = KeyDecoder(max_chars=9)
    found = decoder.feed(b"".join(event(*one) for one in events))
    for chunk in chunks:
        found += decoder.feed(chunk)
    for text in found:
        assert 0 < len(text) <= 9
        assert text.isprintable()
