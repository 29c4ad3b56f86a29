"""Who is believed at the gateway: the national signature, our own over body and reply, and nothing twice."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.china import CHINA
from kiosk.insurer.gateway import WINDOW_S, Gateway, Seen, SignatureRefused

NOW = datetime(2026, 7, 15, 9, 30, tzinfo=CHINA)
NONCE = "0123456789abcdef0123456789abcdef"
TOKEN = b"a-token-for-tests-only"
GATEWAY = Gateway("kiosk", TOKEN)
BODY = '{"input":{"psn_name":"𬭎"}}'.encode()


def test_the_national_header_is_as_it_is_printed() -> None:
    headers = GATEWAY.sign_request(NOW, NONCE, BODY)
    seconds = str(int(NOW.timestamp()))
    printed = hashlib.sha256(f"{seconds}{TOKEN.decode()}{NONCE}{seconds}".encode()).hexdigest()
    assert headers["x-tif-signature"] == printed
    assert (headers["x-tif-paasid"], headers["x-tif-timestamp"], headers["x-tif-nonce"]) == ("kiosk", seconds, NONCE)


def test_a_gateway_of_the_nation_alone_has_no_header_of_ours() -> None:
    national = replace(GATEWAY, signs_bodies=False)
    headers = national.sign_request(NOW, NONCE, BODY)
    assert not [name for name in headers if name.startswith("x-kiosk")]
    assert national.check_request(headers, NOW, b"another body") == NONCE
    assert national.sign_reply(NOW, NONCE, BODY) == {}
    national.check_reply({}, NONCE, BODY)


@given(st.binary(max_size=200), st.text("0123456789abcdef", min_size=32, max_size=32), st.binary(min_size=16))
def test_what_was_signed_is_believed(body: bytes, nonce: str, token: bytes) -> None:
    gateway = Gateway("kiosk", token)
    assert gateway.check_request(gateway.sign_request(NOW, nonce, body), NOW, body) == nonce
    gateway.check_reply(gateway.sign_reply(NOW, nonce, body), nonce, body)


@given(st.data())
def test_a_request_changed_anywhere_is_not(data: st.DataObject) -> None:
    headers, body = GATEWAY.sign_request(NOW, NONCE, BODY), bytearray(BODY)
    where = data.draw(st.sampled_from(["body", *sorted(headers)]))
    if where == "body":
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] ^= data.draw(st.integers(1, 255))
    else:
        other = data.draw(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=70))
        if other == headers[where]:
            return
        headers[where] = other
    with pytest.raises(SignatureRefused):
        GATEWAY.check_request(headers, NOW, bytes(body))


@given(st.data())
def test_a_reply_changed_anywhere_is_not_believed(data: st.DataObject) -> None:
    headers, body, nonce = GATEWAY.sign_reply(NOW, NONCE, BODY), bytearray(BODY), NONCE
    where = data.draw(st.sampled_from(["body", "nonce", *sorted(headers)]))
    if where == "body":
        body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    elif where == "nonce":
        nonce = data.draw(st.text("0123456789abcdef", min_size=32, max_size=32).filter(lambda other: other != NONCE))
    else:
        headers[where] = data.draw(st.text(max_size=70).filter(lambda other: other != headers[where]))
    with pytest.raises(SignatureRefused):
        GATEWAY.check_reply(headers, nonce, bytes(body))


def test_a_request_is_no_reply_and_a_reply_no_request() -> None:
    signed = GATEWAY.sign_request(NOW, NONCE, BODY)
    turned = {"x-kiosk-timestamp": signed["x-tif-timestamp"], "x-kiosk-signature": signed["x-kiosk-signature"]}
    with pytest.raises(SignatureRefused):
        GATEWAY.check_reply(turned, NONCE, BODY)


@pytest.mark.parametrize("missing", ["x-tif-paasid", "x-tif-timestamp", "x-tif-nonce", "x-tif-signature"])
def test_a_header_that_is_missing_is_noticed(missing: str) -> None:
    headers = GATEWAY.sign_request(NOW, NONCE, BODY)
    del headers[missing]
    with pytest.raises(SignatureRefused):
        GATEWAY.check_request(headers, NOW, BODY)


@pytest.mark.parametrize(("seconds", "good"), [(WINDOW_S, True), (-WINDOW_S, True), (301, False), (-301, False)])
def test_clocks_may_differ_by_five_minutes(seconds: int, good: bool) -> None:
    headers = GATEWAY.sign_request(NOW, NONCE, BODY)
    there = NOW + timedelta(seconds=seconds)
    if good:
        assert GATEWAY.check_request(headers, there, BODY) == NONCE
    else:
        with pytest.raises(SignatureRefused, match="time"):
            GATEWAY.check_request(headers, there, BODY)


def test_the_same_comes_once_for_as_long_as_it_could_be_believed() -> None:
    seen = Seen()
    seen.first_time("a", NOW)
    for later in (0, 1, WINDOW_S, 2 * WINDOW_S):
        with pytest.raises(SignatureRefused, match="replayed"):
            seen.first_time("a", NOW + timedelta(seconds=later))
    seen.first_time("b", NOW)
    seen.first_time("a", NOW + timedelta(seconds=2 * WINDOW_S + 1))


def test_the_token_is_in_no_repr() -> None:
    assert TOKEN.decode() not in repr(GATEWAY)
