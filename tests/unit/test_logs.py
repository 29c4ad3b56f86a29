"""The log: whatever goes in, nothing that points at a person comes out, and every record is one line."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import DeviceError
from drivers.idnumber import check_digit, is_valid
from kiosk import logs

Sink = Callable[[Callable[[logging.Logger], object]], str]


def written(form: logging.Formatter, write: Callable[[logging.Logger], object]) -> str:
    """What one call leaves in the log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(form)
    logger = logging.Logger("kiosk.test")
    logger.addHandler(handler)
    write(logger)
    return stream.getvalue()


FORMS = (logs.JsonLines(), logs.Plain())

DIGITS = "0123456789"
id_numbers = st.text(DIGITS, min_size=17, max_size=17).map(lambda first: first + check_digit(first))
card_numbers = st.tuples(st.sampled_from("ABCDEFGHJKZabz"), st.text(DIGITS, min_size=8, max_size=8)).map("".join)
phones = st.text(DIGITS, min_size=9, max_size=9).map(lambda rest: f"13{rest}")
credentials = st.text(DIGITS, min_size=28, max_size=28)
names = st.text("张王李赵欧阳娜伟㛃䶮𠅤", min_size=2, max_size=4)
personal = st.one_of(id_numbers, card_numbers, phones, credentials, names)
around = st.text(st.characters(codec="utf-8"), max_size=20)


def fail(words: str) -> None:
    raise ValueError(words)


def in_message(secret: str, before: str, after: str) -> Callable[[logging.Logger], object]:
    return lambda log: log.error((before + secret + after).replace("%", "%%"))


def in_argument(secret: str, before: str, after: str) -> Callable[[logging.Logger], object]:
    return lambda log: log.error("of %s and %r", before + secret + after, {"x": [secret]})


def in_argument_too_many(secret: str, before: str, after: str) -> Callable[[logging.Logger], object]:
    return lambda log: log.error("of nothing", before + secret + after)


def in_mapping(secret: str, before: str, after: str) -> Callable[[logging.Logger], object]:
    return lambda log: log.error("of %(whom)s", {"whom": before + secret + after})


def in_extra(secret: str, before: str, after: str) -> Callable[[logging.Logger], object]:
    return lambda log: log.error("x", extra={"code": before + secret + after, "holder": secret, "list": [secret]})


def in_exception(secret: str, before: str, after: str) -> Callable[[logging.Logger], object]:
    def write(log: logging.Logger) -> None:
        try:
            try:
                fail(before + secret + after)
            except ValueError as error:
                raise DeviceError(secret) from error
        except DeviceError as error:
            log.exception("it failed: %s; %s", error, error.__cause__, stack_info=True)

    return write


def in_bytes(secret: str, before: str, after: str) -> Callable[[logging.Logger], object]:
    return lambda log: log.error("sent %s and %r", secret.encode(), bytearray((before + secret).encode()))


WAYS = (in_message, in_argument, in_argument_too_many, in_mapping, in_extra, in_exception, in_bytes)


def in_disguise(said: str) -> str:
    """Without what sets figures apart, so that nothing hides behind a space."""
    return re.sub(r"[ _-]", "", said)


@pytest.mark.parametrize("way", WAYS)
@given(secret=personal, before=around, after=around)
def test_nothing_personal_comes_out(way: Any, secret: str, before: str, after: str) -> None:
    for form in FORMS:
        line = written(form, way(secret, before, after))
        assert secret not in line
        assert secret not in in_disguise(line)
        assert line.count("\n") == 1
        assert line.endswith("\n")
        if isinstance(form, logs.JsonLines):
            said = json.loads(line)
            assert {"ts", "level", "logger", "msg"} <= said.keys()
            assert secret not in " ".join(map(str, said.values()))


@given(text=st.text(st.characters(codec="utf-8"), max_size=300))
def test_no_valid_id_number_is_ever_left(text: str) -> None:
    left = logs.redacted(text)
    assert not [found for found in re.findall(r"(?=([0-9]{17}[0-9Xx]))", left) if is_valid(found.upper())]


@given(secret=id_numbers, gap=st.sampled_from([" ", "-", "  ", "_"]), places=st.sets(st.integers(1, 17), max_size=5))
def test_set_apart_it_is_the_same_number(secret: str, gap: str, places: set[int]) -> None:
    apart = "".join(gap + figure if place in places else figure for place, figure in enumerate(secret))
    left = in_disguise(logs.redacted(f"of {apart} today"))
    assert secret[:11] not in left
    assert secret[6:] not in left


@pytest.mark.parametrize(
    "said",
    [
        "PIN 135790",
        "pin: 135790",
        "new pin is '135790'",
        "password=135790",
        "Pin(135790)",
        "pin was 1 3 5 7 9 0",
        "the PIN of 135790",
        "00 20 00 81 06 31 33 35 37 39 30",
        "0020008106313335373930",
        "b'\\x00 \\x00\\x81\\x06135790'",
        "１３８００１３８０００",
        "410105-19900307-1234",
        "Holder(name='Zhang San', tail='1234')",
        'psn_name: "Zhang San"',
        "name=张三",
        "\u200b4101\u200b0519900307123X",
    ],
)
def test_shapes_that_are_taken_out(said: str) -> None:
    left = logs.redacted(said)
    for piece in (
        "135790",
        "1 3 5 7",
        "31 33 35",
        "3133353",
        "Zhang",
        "San",
        "张",
        "410105",
        "19900307",
        "13800",
        "１３",
    ):
        assert piece not in left


@pytest.mark.parametrize("dialogue", ["00 A4 04 00 0F DE AD BE EF", "00a404000fdeadbeef", "DE:AD:BE:EF:DE:AD:BE:EF"])
def test_a_dialogue_with_a_chip_is_taken_out(dialogue: str) -> None:
    assert logs.redacted(f"sent {dialogue} and") == "sent [hex] and"


@pytest.mark.parametrize("said", [f"{'张三'.encode()!r}", "b'it\\'s he'", 'b"it\'s he"', "bytearray(b'\\xe5\\xbc')"])
def test_bytes_as_python_writes_them_are_taken_out(said: str) -> None:
    assert logs.redacted(f"got {said} now") == "got [bytes] now"


@pytest.mark.parametrize(
    "said",
    [
        "card: offline, was online; remedy: suspend; pcscd does not answer",
        "Attract painted 412 ms after the process began",
        "the core did not end within 10.0 s",
        "2026-07-15 08:00:00 visit ended with D01",
        "operation 20260715-4K7P-9QXR-22MD",
        "192.168.100.104 port 9100",
        "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0",
        "DeviceLost < drivers/card/pcsc.py:217 in _asked",
    ],
)
def test_what_staff_need_stays(said: str) -> None:
    assert logs.redacted(said) == said


def test_our_own_errors_keep_their_words_and_others_do_not() -> None:
    line = written(logs.Plain(), lambda log: log.error("%s; %s", DeviceError("cover open"), KeyError("who knows")))
    assert "DeviceError: cover open" in line
    assert "KeyError" in line
    assert "who knows" not in line


def test_what_comes_beside_a_record_stands_in_its_line() -> None:
    def write(log: logging.Logger) -> None:
        log.warning("it is so", extra={"code": "D01", "count": 3, "well": True, "id_number": 7, "msg_": "x"})

    said = json.loads(written(logs.JsonLines(), write))
    assert said["msg"] == "it is so"
    assert (said["level"], said["logger"]) == ("warning", "kiosk.test")
    assert (said["code"], said["count"], said["well"]) == ("D01", 3, True)
    assert said["id_number"] == "[withheld]"


def test_a_machine_reads_json_and_a_person_does_not() -> None:
    class Window(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert logs.chosen({}, Window()) == "plain"
    assert logs.chosen({"INVOCATION_ID": "1"}, Window()) == "json"
    assert logs.chosen({"JOURNAL_STREAM": "8:1"}, Window()) == "json"
    assert logs.chosen({}, io.StringIO()) == "json"


def test_a_sink_that_fails_quotes_nothing() -> None:
    class Full(io.StringIO):
        def __init__(self) -> None:
            super().__init__()
            self.tries = 0

        def write(self, text: str) -> int:
            self.tries += 1
            if self.tries == 1:
                raise OSError("no space")
            return super().write(text)

    stream = Full()
    sink = logs.Sink(stream)
    sink.setFormatter(logs.JsonLines())
    logger = logging.Logger("kiosk.test")
    logger.addHandler(sink)
    logger.error("of %s", "410105199003071234")
    assert stream.getvalue() == "a record of kiosk.test was lost: OSError\n"
