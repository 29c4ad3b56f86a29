"""Numbers of messages: each one once, whatever the clock, the power and a second process do."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.china import CHINA
from kiosk.insurer.message_numbers import MessageNumbers

NOW = datetime(2026, 7, 15, 9, 30, tzinfo=CHINA)
CODE = "STAGING00001"


def test_a_number_is_institution_second_and_sequence(tmp_path: Path) -> None:
    numbers = MessageNumbers(tmp_path / "messages", CODE)
    assert numbers.next(NOW) == "STAGING00001202607150930000000"
    assert numbers.next(NOW) == "STAGING00001202607150930000001"
    assert numbers.next(NOW + timedelta(seconds=3)) == "STAGING00001202607150930030002"


def test_a_busy_second_gives_no_number_twice(tmp_path: Path) -> None:
    numbers = MessageNumbers(tmp_path / "messages", CODE, 0, 49)
    drawn = [numbers.next(NOW) for _ in range(120)]
    assert len(set(drawn)) == 120


def test_a_terminal_keeps_to_its_range(tmp_path: Path) -> None:
    numbers = MessageNumbers(tmp_path / "messages", CODE, 2500, 4999)
    sequences = [int(numbers.next(NOW)[-4:]) for _ in range(200)]
    assert 2500 <= min(sequences) <= max(sequences) <= 4999


@pytest.mark.parametrize(("first", "last"), [(-1, 5), (5, 4), (0, 10_000)])
def test_a_range_that_is_none_is_refused(tmp_path: Path, first: int, last: int) -> None:
    with pytest.raises(ValueError, match="between"):
        MessageNumbers(tmp_path / "messages", CODE, first, last)


@settings(max_examples=10)  # each reservation is a synchronised write
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from([0, 0, 1, 1, 2, -1, 99, -3600]), st.integers(1, 8), st.booleans()),
        max_size=12,
    ),
    st.integers(0, 320),
)
def test_no_number_comes_twice_through_restarts_clock_jumps_and_two_processes(
    steps: list[tuple[int, int, int, bool]], span: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "messages"
        processes = [MessageNumbers(path, CODE, 100, 100 + span) for _ in range(2)]
        drawn, now = [], NOW
        for which, seconds, count, dies in steps:
            now += timedelta(seconds=seconds)
            drawn += [processes[which].next(now) for _ in range(count)]
            if dies:
                processes[which] = MessageNumbers(path, CODE, 100, 100 + span)
        assert len(set(drawn)) == len(drawn)
        assert all(number.startswith(CODE) and len(number) == 30 for number in drawn)


def test_a_block_that_is_left_over_is_not_used_when_its_turn_has_come_again(tmp_path: Path) -> None:
    path = tmp_path / "messages"
    slow, busy = (MessageNumbers(path, CODE, 0, 199) for _ in range(2))
    drawn = [slow.next(NOW), *(busy.next(NOW) for _ in range(202))]
    later = NOW + timedelta(seconds=100)
    drawn += [slow.next(later), *(busy.next(later) for _ in range(2))]
    assert len(set(drawn)) == len(drawn)


def test_two_at_a_time_take_blocks_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "messages"
    one, other = (MessageNumbers(path, CODE, 0, 999) for _ in range(2))
    drawn = [one.next(NOW), other.next(NOW)]
    for second in (1, 2, 3):
        later = NOW + timedelta(seconds=second)
        drawn += [one.next(later), other.next(later)]
    assert len(set(drawn)) == len(drawn)


def test_a_file_that_is_damaged_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "messages").write_bytes(b"\xff\x00 nonsense")
    assert MessageNumbers(tmp_path / "messages", CODE).next(NOW).endswith("0000")


def test_where_nothing_can_be_kept_there_is_no_number(tmp_path: Path) -> None:
    numbers = MessageNumbers(tmp_path / "no such folder" / "messages", CODE)
    with pytest.raises(OSError, match="No such file"):
        numbers.next(NOW)
