"""The simulated chip answers anything, with a status word at least, and keeps its secrets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drivers.card.chip import ChipTraits
from drivers.card.social_security import SSSE
from tests.helpers.cards import LI, LOCKED_AWAY, SM4, chip

INS = (0xA4, 0xB2, 0xC0, 0x84, 0x20, 0x5E, 0x82, 0x24, 0x88)
COMMANDS = st.one_of(
    st.binary(max_size=40),
    st.builds(
        lambda cla, ins, p1, p2, body: bytes((cla, ins, p1, p2)) + body,
        st.sampled_from((0x00, 0x80, 0x84)),
        st.sampled_from(INS),
        st.integers(0, 0x0A),
        st.sampled_from((0x00, 0x01, 0x04, 0x05, 0x06, 0x0A, 0x2C, 0x34)),
        st.one_of(
            st.binary(max_size=1),
            st.binary(min_size=1, max_size=24).map(lambda data: bytes((len(data),)) + data),
        ),
    ),
)


@given(
    profile=st.sampled_from((LI, SM4, LOCKED_AWAY)),
    in_two=st.booleans(),
    commands=st.lists(COMMANDS, max_size=12),
)
def test_any_bytes_get_an_answer(profile: object, in_two: bool, commands: list[bytes]) -> None:
    card = chip(profile, ChipTraits(answers_in_two=in_two))  # type: ignore[arg-type]
    card.power_on()
    card.process(b"\x00\xa4\x04\x00\x0f" + SSSE)
    for command in commands:
        answer = card.process(command)
        assert 2 <= len(answer) <= 258
        assert answer[-2] >> 4 in (6, 9)


def test_no_password_before_the_application_is_selected() -> None:
    card = chip()
    card.power_on()
    assert card.process(bytes.fromhex("0020000003123456")).hex() == "6985"


def test_a_challenge_serves_once() -> None:
    card = chip()
    card.power_on()
    card.process(b"\x00\xa4\x04\x00\x0f" + SSSE)
    assert card.process(bytes.fromhex("0082000610") + bytes(16)).hex() == "6984"
    card.process(bytes.fromhex("0084000008"))
    assert card.process(bytes.fromhex("0082000610") + bytes(16)).hex() == "63ce"
    assert card.process(bytes.fromhex("0082000610") + bytes(16)).hex() == "6984"


def test_reset_without_authentication() -> None:
    card = chip()
    card.power_on()
    card.process(b"\x00\xa4\x04\x00\x0f" + SSSE)
    card.process(bytes.fromhex("0084000008"))
    assert card.process(bytes.fromhex("842400010C") + bytes(12)).hex() == "6982"
