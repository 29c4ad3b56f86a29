"""The envelope of the national platform: every field as it is printed, and nothing believed that is not right."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.china import CHINA
from kiosk.insurer import notation
from kiosk.insurer.envelope import PAYLOAD, Reply, Request, inf_time, milliseconds, stamp
from kiosk.insurer.notation import Fields, NotUnderstood, yuan
from kiosk.money import Fen

NOW = datetime(2026, 7, 15, 9, 30, 5, 123456, tzinfo=CHINA)
REQUEST: dict[str, Any] = {
    "infno": "1101",
    "msgid": "STAGING00001202607150930050001",
    "mdtrtarea_admvs": "410100",
    "insuplc_admdvs": "410105",
    "recer_sys_code": "KIOSK",
    "dev_no": "ZZ-0001",
    "dev_safe_info": "",
    "cainfo": "",
    "signtype": "",
    "infver": "V1.0",
    "opter_type": "2",
    "opter": "ZZ-0001",
    "opter_name": "一号机",
    "inf_time": "2026-07-15 09:30:05",
    "fixmedins_code": "STAGING00001",
    "fixmedins_name": "样本政务大厅",
    "sign_no": "5f",
    "input": {"data": "𬭎"},
}
REPLY: dict[str, Any] = {
    "infcode": 0,
    "inf_refmsgid": "410100202607150930050000000001",
    "refmsg_time": "20260715093005123",
    "respond_time": "20260715093005456",
    "err_msg": "",
    "output": {"result": 1},
}


def encoded(table: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({**table, **changes}, ensure_ascii=False).encode()


def without(table: dict[str, Any], name: str) -> bytes:
    return json.dumps({key: value for key, value in table.items() if key != name}).encode()


# --- requests --------------------------------------------------------------------------------------------------------


def test_a_request_has_every_field_in_its_spelling() -> None:
    request = Request.decode(encoded(REQUEST))
    assert json.loads(request.encode()) == REQUEST
    assert request.encode().decode().count("mdtrtarea_admvs") == 1


@pytest.mark.parametrize(
    "name",
    [
        "infno",
        "msgid",
        "mdtrtarea_admvs",
        "recer_sys_code",
        "infver",
        "opter_type",
        "opter",
        "opter_name",
        "inf_time",
        "fixmedins_code",
        "fixmedins_name",
        "input",
    ],
)
def test_a_request_without_a_needed_field_is_refused(name: str) -> None:
    with pytest.raises(NotUnderstood, match=name):
        Request.decode(without(REQUEST, name))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("infno", "11011"),
        ("infno", 1101),
        ("msgid", "STAGING0000120260715093005000"),
        ("msgid", "ANOTHER00001202607150930050001"),
        ("mdtrtarea_admvs", "4101001"),
        ("insuplc_admdvs", "4101001"),
        ("recer_sys_code", "K" * 11),
        ("dev_no", "d" * 101),
        ("dev_safe_info", "d" * 2001),
        ("cainfo", "c" * 1025),
        ("signtype", "s" * 11),
        ("infver", "V2.0"),
        ("opter_type", "2222"),
        ("opter", "o" * 31),
        ("opter_name", "名" * 51),
        ("inf_time", "2026-07-15T09:30:05"),
        ("inf_time", "2026-02-30 09:30:05"),
        ("fixmedins_code", "SHORT"),
        ("fixmedins_name", "名" * 21),
        ("sign_no", "s" * 31),
        ("input", {"data": "x" * PAYLOAD}),
        ("opter_name", "\ud800"),
    ],
)
def test_a_request_with_a_wrong_field_is_refused_in_both_directions(name: str, value: Any) -> None:
    with pytest.raises(NotUnderstood):
        Request.decode(json.dumps({**REQUEST, name: value}).encode())
    with pytest.raises(NotUnderstood):
        Request(**{**REQUEST, name: value}).encode()


def test_a_payload_is_an_object() -> None:
    wrong: tuple[object, ...] = ([], "x", None, 3)
    for payload in wrong:
        with pytest.raises(NotUnderstood, match="input"):
            Request.decode(encoded(REQUEST, input=payload))


def test_an_error_names_the_field_and_never_its_value() -> None:
    with pytest.raises(NotUnderstood) as wrong:
        Request.decode(encoded(REQUEST, opter_name="张秀兰" * 20))
    assert "opter_name" in str(wrong.value)
    assert "张" not in str(wrong.value)
    with pytest.raises(NotUnderstood) as garbled:
        Request.decode(encoded(REQUEST)[:-1])
    assert "𬭎" not in "".join(map(repr, (garbled.value.args, garbled.value.__cause__)))
    assert "𬭎" not in repr(Request.decode(encoded(REQUEST)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"infno":"1101","infno":"1102"}',
        b'{"input":NaN}',
        b'{"input":-Infinity}',
        b"[" * 100_000,
        b'{"a":' + b"9" * 6000 + b"}",
        b'{"a":1e999999999999999999999}',
        b"\xef\xbb\xbf{}",
        b"\xff",
        b" " * 200_000,
    ],
)
def test_what_is_no_message_is_refused_and_nothing_else_happens(body: bytes) -> None:
    for decode in (Request.decode, Reply.decode):
        with pytest.raises(NotUnderstood):
            decode(body)


@pytest.mark.parametrize(("table", "decode"), [(REQUEST, Request.decode), (REPLY, Reply.decode)])
def test_a_name_that_stands_twice_is_refused(table: dict[str, Any], decode: Callable[[bytes], object]) -> None:
    good = encoded(table)
    decode(good)
    again = json.dumps(dict([next(iter(table.items()))])).encode()
    for twice in (good[:-1] + b"," + again[1:], good[:-2] + b',"x":1,"x":1}}'):
        with pytest.raises(NotUnderstood, match="twice"):
            decode(twice)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
payloads = st.recursive(
    texts | st.integers(-(10**15), 10**15) | st.booleans() | st.none() | st.decimals(-(10**9), 10**9, places=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(texts, payloads, max_size=4), texts.filter(bool))
def test_any_payload_comes_back_as_it_went(payload: dict[str, Any], name: str) -> None:
    request = Request(**{**REQUEST, "input": payload, "opter_name": name})
    assert Request.decode(request.encode()) == request
    reply = Reply(infcode=-1, inf_refmsgid="4" * 30, refmsg_time=NOW, respond_time=NOW, err_msg=name, output=payload)
    back = Reply.decode(reply.encode())
    assert (back.output, back.err_msg, back.infcode) == (payload, name, -1)


@given(st.binary(max_size=400) | payloads.map(lambda value: notation.write(value).encode()))
def test_any_bytes_are_a_message_or_refused(body: bytes) -> None:
    for decode in (Request.decode, Reply.decode):
        with pytest.raises(NotUnderstood):
            decode(body)


@given(st.sampled_from(sorted(REPLY)), payloads)
def test_a_reply_with_any_field_spoiled_is_a_reply_or_refused(name: str, value: Any) -> None:
    try:
        reply = Reply.decode(notation.write({**REPLY, name: value}).encode())
    except NotUnderstood:
        return
    assert isinstance(reply.infcode, int)
    assert isinstance(reply.output, dict)


# --- replies ---------------------------------------------------------------------------------------------------------


def test_a_reply_is_read_with_its_times() -> None:
    reply = Reply.decode(encoded(REPLY))
    assert reply.respond_time == datetime(2026, 7, 15, 9, 30, 5, 456000, tzinfo=CHINA)
    assert reply.infcode == 0
    assert json.loads(reply.encode()) == REPLY


@pytest.mark.parametrize("infcode", [0, "0"])
def test_a_success_may_be_a_number_or_a_text(infcode: object) -> None:
    assert Reply.decode(encoded(REPLY, infcode=infcode)).infcode == 0


def test_the_output_may_stand_in_a_list() -> None:
    assert Reply.decode(encoded(REPLY, output=[{"a": 1}])).output == {"a": 1}
    wrong: tuple[object, ...] = ([], [{}, {}], ["x"], "x", 3, None)
    for output in wrong:
        with pytest.raises(NotUnderstood):
            Reply.decode(encoded(REPLY, output=output))


def test_a_failure_needs_no_output() -> None:
    nothing: tuple[object, ...] = (None, "", {})
    for output in nothing:
        assert Reply.decode(encoded(REPLY, infcode="-1", output=output, err_msg="x")).infcode == -1
    assert Reply.decode(without({**REPLY, "infcode": -1}, "output")).output == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("infcode", "ok"),
        ("infcode", True),
        ("infcode", None),
        ("infcode", 0.0),
        ("inf_refmsgid", "1" * 29),
        ("refmsg_time", "2026071509300512"),
        ("respond_time", "20260230093005123"),
        ("respond_time", "２０２６０７１５０９３００５１２３"),
        ("err_msg", "e" * 201),
        ("err_msg", 3),
    ],
)
def test_a_reply_with_a_wrong_field_is_not_believed(name: str, value: object) -> None:
    with pytest.raises(NotUnderstood):
        Reply.decode(encoded(REPLY, **{name: value}))


def test_a_long_reason_is_cut_and_a_long_answer_refused() -> None:
    reply = Reply.decode(encoded(REPLY))
    long = Reply(**{**_fields(reply), "err_msg": "错" * 300})
    assert json.loads(long.encode())["err_msg"] == "错" * 200
    with pytest.raises(NotUnderstood, match="output"):
        Reply(**{**_fields(reply), "output": {"a": "x" * PAYLOAD}}).encode()


def _fields(reply: Reply) -> dict[str, Any]:
    return {name: getattr(reply, name) for name in Reply.__slots__}


def test_times_are_those_of_the_country_whatever_the_machine_says() -> None:
    from datetime import UTC

    utc = NOW.astimezone(UTC)
    assert inf_time(utc) == "2026-07-15 09:30:05"
    assert stamp(utc) == "20260715093005"
    assert milliseconds(utc) == "20260715093005123"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001
def test_any_moment_comes_back_to_the_millisecond(naive: datetime, offset: int) -> None:
    from datetime import timezone

    moment = naive.replace(tzinfo=timezone(timedelta(hours=offset)))
    reply = Reply(infcode=0, inf_refmsgid="4" * 30, refmsg_time=moment, respond_time=moment)
    assert timedelta() <= moment - Reply.decode(reply.encode()).respond_time < timedelta(milliseconds=1)


# --- money -----------------------------------------------------------------------------------------------------------


@given(st.integers(-(10**16) + 1, 10**16 - 1))
def test_every_amount_crosses_the_line_to_the_fen(fen: int) -> None:
    text = notation.write({"balc": yuan(Fen(fen))})
    assert text.partition(".")[2].rstrip("}").isdigit()
    assert len(text.partition(".")[2]) == 3
    assert Fields(notation.read(text.encode()), "x").amount("balc") == fen
    as_text = notation.write({"balc": str(yuan(Fen(fen)))})
    assert Fields(notation.read(as_text.encode()), "x").amount("balc") == fen


@pytest.mark.parametrize(
    ("written", "fen"),
    [("3482.6", 348260), ("3482.60", 348260), ("0", 0), ("-0.01", -1), ("1e2", 10000), ('"12.3"', 1230)],
)
def test_amounts_as_platforms_write_them(written: str, fen: int) -> None:
    assert Fields(notation.read(f'{{"balc":{written}}}'.encode()), "x").amount("balc") == fen


@pytest.mark.parametrize(
    "written", ["0.001", '"0.001"', "1e14", "true", "null", '"1,000.00"', '"1e3"', "[]", '""', "1e999999999"]
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(NotUnderstood):
        Fields(notation.read(f'{{"balc":{written}}}'.encode()), "x").amount("balc")


def test_a_float_never_leaves() -> None:
    with pytest.raises(ValueError, match="float"):
        notation.write({"balc": 0.1})
    assert notation.write(Decimal("0.10")) == "0.10"
