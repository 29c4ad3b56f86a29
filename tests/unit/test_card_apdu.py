"""What every chip card speaks: parsers are strict, never crash, and never repeat data in an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import Response
from drivers.card import apdu


class ScriptedCard:
    """A card that gives the answers it was told to, in order, and remembers what it was asked."""

    atr = b"\x3b\x00"

    def __init__(self, *answers: str) -> None:
        self.answers = [bytes.fromhex(answer) for answer in answers]
        self.sent: list[str] = []

    async def transmit(self, command: bytes) -> Response:
        self.sent.append(bytes(command).hex().upper())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Response(answer[:-2], int.from_bytes(answer[-2:], "big"))

    async def removed(self) -> None:
        return

    async def release(self) -> None:
        return


async def test_get_response_is_asked_for_until_all_is_there() -> None:
    card = ScriptedCard("6103", "AABB6101", "CC9000")
    response = await apdu.exchange(card, apdu.command(0, 0xA4, 4, 0, b"\x01"))
    assert (response.data.hex(), response.sw) == ("aabbcc", 0x9000)
    assert card.sent == ["00A404000101", "00C0000003", "00C0000001"]


@pytest.mark.parametrize(
    ("sent", "again"),
    [("00B2010400", "00B2010412"), ("00B20104", "00B2010412"), ("00A40400017F00", "00A40400017F12")],
)
async def test_a_read_is_repeated_with_the_right_length(sent: str, again: str) -> None:
    card = ScriptedCard("6C12", "9000")
    assert (await apdu.exchange(card, bytes.fromhex(sent))).ok
    assert card.sent == [sent, again]


@pytest.mark.parametrize("header", ["0020000003123456", "805E010003123456", "8424000004AABBCCDD", "0082000A01AA"])
async def test_what_changes_the_card_is_never_repeated(header: str) -> None:
    card = ScriptedCard("6C03")
    assert (await apdu.exchange(card, bytes.fromhex(header))).sw == 0x6C03
    assert card.sent == [header]


async def test_an_endless_answer_ends() -> None:
    with pytest.raises(apdu.EndlessAnswer):
        await apdu.exchange(ScriptedCard("AA6101"), b"\x00\xb2\x01\x04\x00")


def test_records_one_or_several() -> None:
    assert apdu.records(bytes.fromhex("0201330304322E3030")) == {2: b"3", 3: b"2.00"}
    assert apdu.records(b"") == {}


@pytest.mark.parametrize("data", ["02", "020233", "020133020134"])
def test_broken_records_are_refused(data: str) -> None:
    with pytest.raises(apdu.Malformed):
        apdu.records(bytes.fromhex(data))


def test_fci_of_the_field() -> None:
    fci = bytes.fromhex("6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103")
    assert apdu.find(fci, 0x88) == b"\x1e"
    assert apdu.find(apdu.find(fci, 0x9F0C) or b"", 0x86) == b"\x03"
    assert apdu.find(fci, 0x99) is None


@pytest.mark.parametrize(
    ("data", "written"),
    [("20190315", "20190315"), ("32303139", "2019"), ("FFFFFFFF", ""), ("00000000", ""), ("20240229", "20240229")],
)
def test_dates(data: str, written: str) -> None:
    assert apdu.written_date(bytes.fromhex(data)) == written


@pytest.mark.parametrize("data", ["20190231", "2019FFFF", "20191A01", "201903", "20230229"])
def test_days_that_do_not_exist_are_refused(data: str) -> None:
    with pytest.raises(apdu.Malformed):
        apdu.written_date(bytes.fromhex(data))


@pytest.mark.parametrize(("digits", "packed"), [("123456", "123456"), ("12345", "12345f"), ("1234", "1234")])
def test_pin_digits(digits: str, packed: str) -> None:
    assert apdu.pin_digits(bytearray(digits, "ascii")).hex() == packed


@pytest.mark.parametrize("digits", ["123", "1234567890123", "12345a", ""])
def test_what_is_not_a_pin_is_refused_without_repeating_it(digits: str) -> None:
    with pytest.raises(ValueError, match="4 to 12 digits") as refusal:
        apdu.pin_digits(bytearray(digits, "ascii"))
    assert not digits or digits not in str(refusal.value)


def test_atr() -> None:
    plain = apdu.parse_atr(bytes.fromhex("3B6A000080388654100000000001"))
    assert plain.historical.hex() == "80388654100000000001"
    assert plain.key_factor.hex() == "8654100000000001"
    assert plain.protocols == (0,)
    both = apdu.parse_atr(bytes.fromhex("3B80800101"))
    assert both.protocols == (0, 1)
    with pytest.raises(apdu.Malformed):
        _ = both.key_factor


@pytest.mark.parametrize("atr", ["", "3B", "3D00", "3B05AA", "3B00FF", "3B80800102", "3B80"])
def test_broken_atrs_are_refused(atr: str) -> None:
    with pytest.raises(apdu.Malformed):
        apdu.parse_atr(bytes.fromhex(atr))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zs"], exclude_characters="\0"), max_size=12))
def test_every_name_survives_the_card(name: str) -> None:
    assert apdu.text(name.encode("gb18030").ljust(60, b"\0")) == name


@given(st.text(alphabet="0123456789", max_size=8))
def test_every_number_survives_the_card(number: str) -> None:
    assert apdu.digits(apdu.pack(number, 4)) == number


@given(st.dictionaries(st.integers(0, 255), st.binary(max_size=60), max_size=8))
def test_every_set_of_records_survives(records: dict[int, bytes]) -> None:
    wire = b"".join(bytes((tag, len(value))) + value for tag, value in records.items())
    assert apdu.records(wire) == records


@pytest.mark.parametrize(
    "parse",
    [apdu.records, apdu.ber, apdu.text, apdu.digits, apdu.written_date, apdu.parse_atr, lambda d: apdu.find(d, 0x9F0C)],
)
@given(data=st.binary(max_size=80))
def test_parsers_answer_or_say_malformed(parse: Callable[[bytes], object], data: bytes) -> None:
    try:
        parse(data)
    except apdu.Malformed:
        pass


@given(st.integers(0, 0xFFFF))
def test_every_status_word_has_a_name(sw: int) -> None:
    assert apdu.describe(sw).startswith(f"{sw:04X} ")
