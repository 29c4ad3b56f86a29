"""What a scanned text is, by its shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanner.codes import CodeKind, classify, clean

HENAN = "424" + "1234567890123456789" + "41" + "0000"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (HENAN, CodeKind.MEDICAL_INSURANCE),
        (HENAN + "\r\n", CodeKind.MEDICAL_INSURANCE),
        ("\x02" + HENAN + "\x03", CodeKind.MEDICAL_INSURANCE),
        (HENAN[:-1], CodeKind.UNKNOWN),
        (HENAN + "0", CodeKind.UNKNOWN),
        ("425" + HENAN[3:], CodeKind.UNKNOWN),
        ("opc0123abc", CodeKind.MEDICAL_INSURANCE_OPEN),
        ("opc", CodeKind.UNKNOWN),
        ("134567890123456789", CodeKind.WECHAT_PAY),
        ("164567890123456789", CodeKind.UNKNOWN),
        ("13456789012345678", CodeKind.UNKNOWN),
        ("2812345678901234", CodeKind.ALIPAY),
        ("301234567890123456789012", CodeKind.ALIPAY),
        ("3112345678901234", CodeKind.UNKNOWN),
        ("28123456789012345678901234", CodeKind.UNKNOWN),
        ("6212345678901234567", CodeKind.UNIONPAY),
        ("https://example.org/", CodeKind.UNKNOWN),
        ("", CodeKind.UNKNOWN),
        ("４２４" + HENAN[3:], CodeKind.UNKNOWN),
    ],
)
def test_shapes(text: str, kind: CodeKind) -> None:
    assert classify(text) is kind


def test_what_a_kind_can_be_used_for() -> None:
    assert CodeKind.WECHAT_PAY.is_payment
    assert not CodeKind.MEDICAL_INSURANCE.is_payment
    assert not CodeKind.UNKNOWN.is_payment


digits = st.text("0123456789", max_size=40)


@given(st.text() | digits | digits.map("424{}".format) | digits.map("62{}".format))
def test_any_text_has_one_kind_and_cleaning_does_not_change_it(text: str) -> None:
    kind = classify(text)
    assert classify(clean(text)) is kind
    assert clean(clean(text)) == clean(text)
    if kind is CodeKind.MEDICAL_INSURANCE:
        assert len(clean(text)) == 28


@given(st.text("0123456789", min_size=19, max_size=19), st.sampled_from(["11", "41", "65"]))
def test_every_credential_is_told_from_payment_codes(unique: str, place: str) -> None:
    text = f"424{unique}{place}0000"
    assert classify(text) is CodeKind.MEDICAL_INSURANCE


@given(st.sampled_from(["\r", "\n", "\r\n", "\t", "\0", "\x1d", " "]), digits)
def test_terminators_do_not_matter(terminator: str, text: str) -> None:
    assert classify(text + terminator) is classify(text)
