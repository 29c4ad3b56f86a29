"""The identity number's check digit and contents."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.idnumber import BadIdNumber, birth_date, check_digit, is_valid, same, sex

# The standard's own sample (docs/protocols.md 2.4) and two published specimens of the foreigner's card (2.2).
PUBLISHED = ("11010519491231002X", "932682198501010017", "911124198108030024")


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_specimens_are_valid(number: str) -> None:
    assert is_valid(number)
    assert check_digit(number[:17]) == number[17]


def test_what_the_number_says() -> None:
    assert birth_date("11010519491231002X") == date(1949, 12, 31)
    assert sex("11010519491231002X") == "female"
    assert sex("932682198501010017") == "male"


@pytest.mark.parametrize(
    "text", ["", "1" * 17, "1" * 19, "11010519491231002x", "1101051949123100２X", "11010519490231002X"]
)
def test_malformed_numbers_are_not_valid(text: str) -> None:
    assert not is_valid(text)


def test_errors_do_not_repeat_the_number() -> None:
    with pytest.raises(BadIdNumber) as refused:
        birth_date("11010519490231002X")
    assert "0231" not in str(refused.value)
    assert refused.value.__cause__ is None
    with pytest.raises(BadIdNumber):
        check_digit("1234")


@given(
    st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
    st.dates(),
    st.integers(0, 999),
    st.data(),
)
def test_one_wrong_digit_is_always_noticed(place: str, born: date, serial: int, data: st.DataObject) -> None:
    first = f"{place}{born:%Y%m%d}".replace(" ", "0") if born.year >= 1000 else f"{place}19600101"
    first += f"{serial:03d}"
    number = first + check_digit(first)
    assert is_valid(number)
    at = data.draw(st.integers(0, 16))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[at]]))
    assert not is_valid(number[:at] + other + number[at + 1 :])


def test_the_last_letter_may_be_written_small() -> None:
    assert same("11010519491231002X", "11010519491231002x")
    assert same("11010519491231002x", "11010519491231002X")
    assert not same("11010519491231002X", "110105194912310021")
