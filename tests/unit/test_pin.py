"""The PIN: its buffer and its rules."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.assets import ASSETS
from kiosk.pin import CLEAR, DELETE, LENGTH, ZERO, Pin, weakness
from kiosk.screens import PinProblem


def pin_of(digits: str) -> Pin:
    pin = Pin()
    for digit in digits:
        pin.press(ZERO if digit == "0" else int(digit) - 1)
    return pin


def test_digits_come_from_positions() -> None:
    assert pin_of("190472").digits == bytearray(b"190472")


@given(st.lists(st.integers(-3, 15), max_size=40))
def test_any_sequence_of_keys_keeps_the_buffer_sound(keys: list[int]) -> None:
    pin, expected = Pin(), ""
    for key in keys:
        pin.press(key)
        if key == CLEAR:
            expected = ""
        elif key == DELETE:
            expected = expected[:-1]
        elif 0 <= key < 9 or key == ZERO:
            expected = (expected + ("0" if key == ZERO else str(key + 1)))[:LENGTH]
        assert len(pin) == len(expected)
    assert bytes(pin._digits).rstrip(b"\0") == expected.encode()


def test_leaving_wipes_it_also_after_an_error() -> None:
    pin = pin_of("190472")
    buffer = pin.digits
    with pytest.raises(RuntimeError), pin:
        raise RuntimeError
    assert buffer == bytearray(LENGTH)
    assert not pin.complete


def test_it_shows_itself_to_nobody() -> None:
    assert "190472" not in repr(pin_of("190472"))


def test_an_unfinished_one_lends_nothing() -> None:
    with pytest.raises(ValueError, match="not complete"):
        _ = pin_of("19047").digits


@pytest.mark.parametrize(
    ("digits", "problem"),
    [
        ("123456", PinProblem.INITIAL),
        ("000000", PinProblem.REPEATS),
        ("121212", PinProblem.REPEATS),
        ("477774", PinProblem.REPEATS),
        ("345678", PinProblem.RUN),
        ("987654", PinProblem.RUN),
        ("890123", PinProblem.RUN),
        ("385385", PinProblem.PATTERN),
        ("227744", PinProblem.PATTERN),
        ("147963", PinProblem.PATTERN),
        ("159357", PinProblem.PATTERN),
        ("480303", PinProblem.PERSONAL),  # the birth date in the ID number
        ("039024", PinProblem.PERSONAL),  # its last six with the check digit
        ("303902", PinProblem.PERSONAL),  # and without
        ("850612", PinProblem.DATE),
        ("061285", PinProblem.DATE),
        ("198506", PinProblem.DATE),
        ("168518", PinProblem.COMMON),
        ("580274", None),
    ],
)
def test_weak_ones_are_refused_with_the_reason(digits: str, problem: PinProblem | None) -> None:
    found = weakness(pin_of(digits), initial=("123456",), personal=("410105194803039024",))
    assert found is problem


def weak_ones() -> Iterator[str]:
    """The whole corpus: the list, and every one of the forms that are refused by rule."""
    lines = (ASSETS / "policy" / "common_pins.txt").read_text("ascii").splitlines()
    yield from (line.strip() for line in lines if line.strip() and not line.startswith("#"))
    for number in range(1000):
        a, b, c = tuple(f"{number:03d}")
        yield from (a * 6, (a + b) * 3, (a + b + c) * 2, a * 2 + b * 2 + c * 2)
    for first in range(10):
        yield "".join(str((first + step) % 10) for step in range(6))
        yield "".join(str((first - step) % 10) for step in range(6))
    lines_on_pad = ("123", "456", "789", "147", "258", "369", "159", "357")
    both_ways = [*lines_on_pad, *(line[::-1] for line in lines_on_pad)]
    yield from (one + other for one in both_ways for other in both_ways)
    day = date(1930, 1, 1)
    while day.year <= 2030:
        yield from (f"{day:%y%m%d}", f"{day:%m%d%y}", f"{day:%Y%m}")
        day += timedelta(days=1)


def test_the_whole_corpus_of_weak_ones_is_refused() -> None:
    accepted = {digits for digits in set(weak_ones()) if weakness(pin_of(digits)) is None}
    assert accepted == set()


def test_the_old_one_is_refused() -> None:
    assert weakness(pin_of("580274"), old=pin_of("580274")) is PinProblem.OLD


def test_random_ones_pass_often_enough() -> None:
    """At least 89 of 100, counted over a fixed sample of the whole space."""
    draw = random.Random(1)
    passed = sum(
        weakness(pin_of(f"{draw.randrange(10**6):06d}"), initial=("123456", "111111"), personal=("410105194803039024",))
        is None
        for _ in range(20_000)
    )
    assert 0.89 <= passed / 20_000 <= 0.93
