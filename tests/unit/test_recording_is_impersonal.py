"""Whoever was recorded cannot be found in the recording, in any coding, whatever they are called."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.api import DocumentKind, IdDocument, Page, Pair, Qr, Text
from drivers.card.chip import ChipTraits
from drivers.card.chip_profile import ChipProfile
from drivers.card.mock import MockCardReader
from drivers.card.social_security import ReadForm, SocialSecurityCard
from drivers.idcard import text as id_text
from drivers.idcard.frames import Command, Reply, Sw3, encode_command, encode_reply, pack_base
from drivers.idnumber import check_digit
from drivers.printer.encode import encode
from drivers.recording.card import RecordingCardReader
from drivers.recording.disguise import Disguise
from drivers.recording.idcard import IdRecorder
from drivers.recording.printer import PrinterRecorder
from drivers.recording.tape import Tape
from kiosk.insurer.hsm import Hsm
from tests.helpers.cards import LI, chip, pin

HAN = st.sampled_from("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗晓明秀兰伟芳娜敏静丽强磊军洋勇艳杰娟涛超样例㛃𬸦𠮷")
NAMES = st.text(HAN, min_size=2, max_size=7)
DAYS = st.dates(date(1935, 1, 1), date(2009, 12, 31))
PINS = st.from_regex(r"[0-9]{6}", fullmatch=True).filter(lambda digits: digits.strip("0") != "")


@st.composite
def people(draw: st.DrawFn) -> ChipProfile:
    born = f"{draw(DAYS):%Y%m%d}"
    region = draw(st.sampled_from(("410102", "110105", "659001", "130826")))
    first = f"{region}{born}{draw(st.integers(1, 999)):03d}"
    return replace(
        LI,
        name=draw(NAMES),
        born=born,
        id_number=first + check_digit(first),
        number=draw(st.from_regex(r"[A-Z][0-9]{8}", fullmatch=True)),
        card_id=bytes.fromhex("410100D156000005") + draw(st.binary(min_size=8, max_size=8).filter(_says_something)),
        historical=draw(st.binary(min_size=8, max_size=8).filter(_says_something)),
        birthplace=region,
        pin=draw(PINS),
    )


def _says_something(data: bytes) -> bool:
    return len(set(data)) > 3


def codings(*texts: str) -> Iterator[str]:
    """Each text as it would show up in a file of JSON lines with bytes in hex."""
    for text in texts:
        yield text
        for coding in ("gb18030", "utf-16-le", "utf-16-be", "utf-8"):
            yield text.encode(coding).hex()


def survivors(tape: Tape, canaries: list[str]) -> list[str]:
    text = tape.text().lower()
    unescaped = json.dumps([json.loads(line) for line in text.splitlines()], ensure_ascii=False)
    return [canary for canary in canaries if canary.lower() in text or canary.lower() in unescaped]


TRAITS = st.builds(
    ChipTraits,
    forms=st.sampled_from([frozenset(ReadForm), *(frozenset((form,)) for form in ReadForm)]),
    answers_in_two=st.booleans(),
)


@settings(max_examples=40)
@given(people(), PINS, PINS, TRAITS)
def test_nobody_is_left_in_a_card_recording(person: ChipProfile, wrong: str, new: str, traits: ChipTraits) -> None:
    async def dialogue() -> Tape:
        mock = MockCardReader()
        reader = RecordingCardReader(mock)
        mock.slot.insert(chip(person, traits))
        card = await reader.card()
        app = await SocialSecurityCard.select(card)
        await app.public()
        assert (await app.holder()).id_number == person.id_number
        if wrong != person.pin:
            with pytest.raises(Exception, match="tries left"):
                await app.verify(pin(wrong))
        await app.change_pin(pin(person.pin), pin(new))
        await app.reset_pin(Hsm(), pin(wrong))
        await card.transmit(bytes.fromhex("00B0000000"))
        await card.transmit(b"\x00\xdc\x01\x00\x06" + person.name.encode("gb18030")[:6])
        return reader.tape("mock:")

    tape = asyncio.run(dialogue())
    canaries = [
        *codings(person.name, person.id_number, person.number, person.born),
        person.card_id[8:].hex(),
        person.historical.hex(),
        *(digits for digits in (person.pin, wrong, new)),
    ]
    assert survivors(tape, canaries) == []
    assert sum(event["event"] == "apdu" for event in tape.events) > 10


@st.composite
def documents(draw: st.DrawFn) -> IdDocument:
    born = draw(DAYS)
    kind = draw(st.sampled_from(DocumentKind))
    first = f"{draw(st.sampled_from(('410102', '810000', '932682')))}{born:%Y%m%d}{draw(st.integers(1, 999)):03d}"
    latin = draw(st.text(st.sampled_from("ABCDEFGHIJ, -"), min_size=6, max_size=40)).strip(" ,-")
    chinese = kind is not DocumentKind.FOREIGNER_2023
    addressed = kind in (DocumentKind.RESIDENT, DocumentKind.PERMIT)
    valid_from = draw(st.dates(date(2012, 1, 1), date(2024, 1, 1)))
    return IdDocument(
        kind=kind,
        name=draw(NAMES) if chinese else "",
        number=f"ABC{draw(st.integers(10**11, 10**12 - 1))}"
        if kind is DocumentKind.FOREIGNER_2017
        else first + check_digit(first),
        sex="male",
        born=born,
        valid_from=valid_from,
        valid_to=valid_from + timedelta(days=3652),
        nation="01" if kind is DocumentKind.RESIDENT else "" if addressed else "ABC",
        name_latin="" if addressed else latin,
        address="河南省郑州市" + draw(st.text(HAN, min_size=4, max_size=20)) if addressed else "",
        issuer=draw(st.text(HAN, min_size=4, max_size=12)) if addressed else "",
        photo=draw(st.binary(min_size=16, max_size=16)) * 64,
    )


@settings(max_examples=60)
@given(st.lists(documents(), min_size=1, max_size=3))
def test_nobody_is_left_in_a_recording_of_an_id_reader(laid: list[IdDocument]) -> None:
    async def line() -> Tape:
        recorder = IdRecorder()
        for document in laid:
            recorder.hear(encode_command(Command.FIND), True)
            recorder.hear(encode_reply(Reply(Sw3.FOUND, document.photo[:4])), False)
            recorder.hear(encode_command(Command.READ_BASE), True)
            base = encode_reply(Reply(Sw3.OK, pack_base(id_text.encode(document), document.photo)))
            recorder.hear(base[:100], False)
            recorder.hear(base[100:], False)
            damaged = bytearray(base)
            damaged[-1] ^= 0x55
            recorder.hear(bytes(damaged), False)
            recorder.hear(encode_command(Command.READ_EXTRA_ADDRESS), True)
            recorder.hear(encode_reply(Reply(Sw3.OK, document.address.ljust(35).encode("utf-16-le"))), False)
            recorder.hear(encode_command(Command.READ_FINGERS), True)
            recorder.hear(encode_reply(Reply(Sw3.OK, document.photo)), False)
        return recorder.tape("sdt:")

    tape = asyncio.run(line())
    canaries: list[str] = []
    for document in laid:
        texts = [document.number, document.name, document.address, document.issuer, document.name_latin]
        assert document.born is not None
        canaries += codings(*(text for text in texts if len(text) > 1), f"{document.born:%Y%m%d}")
        if any(document.photo):
            canaries.append(document.photo.hex())
    assert survivors(tape, canaries) == []


# Zeros are what a white picture looks like in hex: a canary of zeros would be found everywhere.
NUMBERS = st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True).filter(lambda number: len(set(number)) > 3)
CODES = st.from_regex(r"[A-Z0-9]{12,24}", fullmatch=True).filter(lambda code: len(set(code)) > 3)


@settings(max_examples=40)
@given(NAMES, NUMBERS, CODES)
def test_nobody_is_left_in_a_recording_of_a_printer(name: str, number: str, code: str) -> None:
    slip = Page((Text(f"{name} 您好", scale=2), Pair("证件号码", number), Text(f"{name}，{number}。"), Qr(code)))

    async def wire() -> Tape:
        recorder = PrinterRecorder()
        data = encode(slip)
        for start in range(0, len(data), 97):
            recorder.hear(data[start : start + 97], True)
        recorder.hear(b"\xff" + name.encode("gb18030") + b"\x01\x1b\x70" + name.encode("gb18030"), True)
        recorder.hear(b"\x12\x12", False)
        return recorder.tape("escpos:")

    tape = asyncio.run(wire())
    assert survivors(tape, list(codings(name, number, code))) == []


@given(st.text(min_size=0, max_size=30).filter(lambda text: not any(0xD800 <= ord(c) <= 0xDFFF for c in text)))
def test_words_keep_their_length_in_every_coding(text: str) -> None:
    told = Disguise().words(text)
    assert len(told) == len(text)
    for coding in ("gb18030", "utf-16-le"):
        assert len(told.encode(coding)) == len(text.encode(coding))


@given(st.text(st.characters(codec="ascii"), max_size=20), st.text(st.characters(codec="ascii"), max_size=8))
def test_anything_can_be_disguised(number: str, day: str) -> None:
    disguise = Disguise()
    assert len(disguise.id_number(number)) == len(number)
    assert len(disguise.day(day)) == len(day)
    assert disguise.id_number(number) == disguise.id_number(number)
