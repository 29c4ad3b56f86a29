"""The 256-byte text block, for all four kinds of document, in both directions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import DocumentKind, DocumentUnreadable, IdDocument
from drivers.idcard.text import DocumentGarbled, decode, encode
from tests.helpers.documents import ALL, FOREIGNER_2017, FOREIGNER_2023, OTHER, PERMIT, RESIDENT


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.kind.name)
def test_every_kind_comes_back_as_written(document: IdDocument) -> None:
    block = encode(document)
    assert len(block) == 256
    assert decode(block, document.photo) == document


def at(block: bytes, start: int, length: int) -> str:
    return block[start : start + length].decode("utf-16-le")


def test_offsets_of_a_resident_card() -> None:
    block = encode(RESIDENT)
    assert at(block, 0, 30) == "周样例".ljust(15)
    assert at(block, 30, 2) == "2"
    assert at(block, 32, 4) == "01"
    assert at(block, 36, 16) == "19910704"
    assert at(block, 122, 36) == "410102199107040025"
    assert at(block, 158, 30).rstrip() == "郑州市公安局中原分局"
    assert at(block, 188, 16) == "20160801"
    assert at(block, 204, 16) == "20360801"
    assert at(encode(OTHER), 204, 16) == "长期".ljust(8)
    assert at(block, 220, 36) == " " * 18


def test_offsets_of_the_variants() -> None:
    assert at(encode(PERMIT), 248, 2) == "J"
    older = encode(FOREIGNER_2017)
    assert at(older, 0, 120).rstrip() == FOREIGNER_2017.name_latin
    assert (at(older, 120, 2), at(older, 122, 30), at(older, 152, 6)) == ("1", "XXX310082020202", "XXX")
    assert (at(older, 220, 16), at(older, 240, 8), at(older, 248, 2)) == ("19820202", "1500", "I")
    newer = encode(FOREIGNER_2023)
    assert at(newer, 52, 70) + at(newer, 220, 22) == FOREIGNER_2023.name_latin
    assert (at(newer, 242, 6), at(newer, 248, 2)) == ("XXX", "Y")


def patched(block: bytes, start: int, text: str) -> bytes:
    raw = text.encode("utf-16-le", "surrogatepass")
    return block[:start] + raw + block[start + len(raw) :]


@pytest.mark.parametrize(
    ("start", "text", "field"),
    [
        (36, "19990230", "born"),
        (36, "1999023a", "born"),
        (36, "１９９００１０１", "born"),
        (188, "2012030 ", "valid_from"),
        (204, "长长期  ", "valid_to"),
        (30, "x", "sex"),
        (0, "\ud800王", "name"),
        (0, "王\n", "name"),
        (52, "路\0号", "address"),
        (52, "\uffff", "address"),
    ],
)
def test_nonsense_is_an_error_that_names_the_field_only(start: int, text: str, field: str) -> None:
    with pytest.raises(DocumentGarbled) as garbled:
        decode(patched(encode(RESIDENT), start, text))
    assert garbled.value.field == field
    assert str(garbled.value) == f"field {field} is garbled"
    assert isinstance(garbled.value, DocumentUnreadable)
    assert garbled.value.status == 0x90
    assert garbled.value.__cause__ is None


def test_blank_dates_and_nul_padding() -> None:
    document = replace(RESIDENT, valid_from=None, valid_to=None, long_term=False, photo=b"")
    assert decode(encode(document)) == document
    assert decode(patched(encode(RESIDENT), 0, "王秀兰" + "\0" * 12)).name == "王秀兰"


def test_unknown_type_letter_is_a_resident_card() -> None:
    assert decode(patched(encode(RESIDENT), 248, "Q")).kind is DocumentKind.RESIDENT


def test_undetermined_sex() -> None:
    for letter in "09 ":
        assert decode(patched(encode(RESIDENT), 30, letter)).sex == "unknown"


@pytest.mark.parametrize(
    "document",
    [
        replace(RESIDENT, name="王" * 16),
        replace(RESIDENT, name_latin="WANG"),
        replace(RESIDENT, sex="other"),
        replace(FOREIGNER_2023, name_latin="A" * 47),
        replace(FOREIGNER_2023, address="somewhere"),
    ],
)
def test_what_does_not_fit_is_not_written(document: IdDocument) -> None:
    with pytest.raises(ValueError, match=r"name|sex|address"):
        encode(document)


@given(st.binary(min_size=256, max_size=256))
def test_any_block_is_read_or_refused(block: bytes) -> None:
    try:
        document = decode(block)
    except DocumentGarbled:
        return
    assert isinstance(document, IdDocument)


def test_a_block_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(DocumentGarbled):
        decode(bytes(255))


# Whatever can be on a card: no controls, no lone surrogates, no spaces at the ends.
printable = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp"))


@given(
    name=st.text(printable, max_size=7),
    address=st.text(printable, max_size=17),
    born=st.dates(min_value=date(1000, 1, 1)),
    valid_to=st.one_of(st.none(), st.dates(min_value=date(1000, 1, 1))),
    sex=st.sampled_from(["male", "female", "unknown"]),
)
def test_round_trip(name: str, address: str, born: date, valid_to: date | None, sex: str) -> None:
    document = replace(
        RESIDENT,
        name=name,
        address=address,
        born=born,
        valid_to=valid_to,
        long_term=valid_to is None,
        sex=sex,
        photo=b"",
    )
    assert decode(encode(document)) == document
