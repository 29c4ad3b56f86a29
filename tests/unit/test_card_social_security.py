"""The card application over a whole chip in process: every read form, every refusal, and the password."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from drivers.api import Card, CardWasReset, MuteCard, PulledEarly, Response
from drivers.card import apdu
from drivers.card.apdu import (
    APPLICATION_LOCKED,
    CHANGE_PIN,
    EXTERNAL_AUTHENTICATE,
    GET_CHALLENGE,
    PIN_RESET,
    READ_RECORD,
    SECURITY_NOT_SATISFIED,
    SELECT,
    VERIFY,
    WRONG_LENGTH,
)
from drivers.card.authority import Algorithm, ChipIdentity
from drivers.card.chip import Chip, ChipTraits
from drivers.card.mock import MockCardReader, MockCardSlot
from drivers.card.social_security import (
    EF05,
    ApplicationLocked,
    AuthenticationFailed,
    CardLayout,
    MalformedRecord,
    MissingRecord,
    NotSocialSecurityCard,
    PinBlocked,
    PinNotProved,
    ReadForm,
    ReadKeyRequired,
    SocialSecurityCard,
    UnexpectedStatus,
    UnknownAlgorithm,
    WrongPin,
)
from drivers.faults import Fault
from kiosk.insurer.hsm import Hsm
from tests.helpers.cards import LI, LOCKED_AWAY, LONG_NAME, RARE_NAME, SM4, chip, pin

BOTH = pytest.mark.parametrize("profile", [LI, SM4], ids=["3des", "sm4"])


async def opened(inserted: Chip, layout: CardLayout | None = None) -> tuple[SocialSecurityCard, MockCardSlot]:
    reader = MockCardReader()
    reader.slot.insert(inserted)
    return await SocialSecurityCard.select(await reader.card(), layout), reader.slot


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "version", "in_two", "p1"),
    list(itertools.product(ReadForm, ["1.00", "2.00", "3.00"], [False, True], [0x00, 0x02])),
)
async def test_every_kind_of_card_is_read(form: ReadForm, version: str, in_two: bool, p1: int) -> None:
    traits = ChipTraits(frozenset((form,)), select_ef_p1=frozenset((p1,)), answers_in_two=in_two)
    profile = replace(LI, version=version, name=RARE_NAME if version == "1.00" else LONG_NAME)
    card, _ = await opened(chip(profile, traits))
    assert await card.identity() == profile.identity
    face = await card.public()
    holder = await card.holder()
    assert (face.region, face.card_id, face.category, face.version) == ("410100", LI.card_id, "3", version)
    assert (face.organisation, face.issued, face.expires) == (LI.organisation, LI.issued, LI.expires)
    assert face.number == LI.number
    assert (holder.id_number, holder.name) == (LI.id_number, profile.name)
    assert (holder.sex, holder.nation, holder.birthplace, holder.born) == ("female", "01", "410105", "19850307")


async def test_all_at_once_saves_commands() -> None:
    card, slot = await opened(chip())
    await card.public()
    await card.holder()
    assert slot.apdus == ["00A40400", "00A40000", "00B20105", "00A40000", "00B20105"]


async def test_what_works_is_remembered() -> None:
    card, slot = await opened(chip(traits=ChipTraits(frozenset((ReadForm.SFI,)))))
    await card.public()
    slot.apdus.clear()
    await card.public()
    assert [apdu[4:] for apdu in slot.apdus] == [f"{number:02X}2C" for number in range(1, 8)]


async def test_holder_first_reads_a_card_of_version_1_too() -> None:
    card, _ = await opened(chip(replace(LI, version="1.00"), ChipTraits(frozenset((ReadForm.RECORD,)))))
    assert (await card.holder()).name == LI.name


async def test_years_in_ascii() -> None:
    card, _ = await opened(chip(replace(LI, dates_in_ascii=True)))
    face = await card.public()
    assert (face.issued, face.expires) == ("2019", "2029")


async def test_a_character_across_the_border_of_two_records() -> None:
    split = chip(LI)
    name = "王".encode("gb18030") * 14 + b"x" + "龘".encode("gb18030")
    split.files[0xEF06][1] = b"\x09\x1e" + name[:30]
    split.files[0xEF06][2] = b"\x4e\x14" + name[30:].ljust(20, b"\0")
    card, _ = await opened(split)
    assert (await card.holder()).name == "王" * 14 + "x龘"


@pytest.mark.parametrize("in_two", [False, True])
async def test_the_read_key_is_asked_for_and_used(in_two: bool) -> None:
    card, slot = await opened(chip(LOCKED_AWAY, ChipTraits(answers_in_two=in_two)))
    with pytest.raises(ReadKeyRequired):
        await card.public()
    with pytest.raises(ReadKeyRequired):
        await card.holder()
    assert (await card.identity()) == LOCKED_AWAY.identity
    card.read_with(Hsm())
    assert (await card.holder()).id_number == LI.id_number
    assert (await card.public()).number == LI.number
    assert sum(apdu.startswith("0082") for apdu in slot.apdus) == 1


async def test_a_wrong_read_key_is_refused() -> None:
    card, _ = await opened(chip(LOCKED_AWAY))
    card.read_with(Hsm(label="elsewhere"))
    with pytest.raises(AuthenticationFailed):
        await card.public()


async def test_a_bank_card() -> None:
    with pytest.raises(NotSocialSecurityCard):
        await opened(chip(traits=ChipTraits(has_application=False)))


async def test_a_locked_application() -> None:
    with pytest.raises(ApplicationLocked):
        await opened(chip(traits=ChipTraits(application_locked=True)))


@pytest.mark.parametrize(
    ("file", "place", "record"),
    [
        (0xEF05, 0, b"\x01\x04\x41\x01\x00\x00"),
        (0xEF05, 0, b"\x01\x10\x4a" + bytes(15)),
        (0xEF05, 4, b"\x05\x04\x20\x19\x13\x01"),
        (0xEF05, 6, b"\x07\x20A1234"),
        (0xEF06, 1, b"\x09\x02\xff\x30"),
        (0xEF06, 3, b"\x0a\x01X"),
        (0xEF06, 4, b"\x0b\x01\x1c"),
    ],
)
async def test_what_breaks_the_rules_is_refused_by_name(file: int, place: int, record: bytes) -> None:
    damaged = chip()
    damaged.files[file][place] = record
    card, _ = await opened(damaged)
    with pytest.raises(MalformedRecord) as refusal:
        await (card.public() if file == 0xEF05 else card.holder())
    assert (refusal.value.file, refusal.value.tag) == (file, record[0])


async def test_a_missing_record_is_named() -> None:
    poor = chip()
    del poor.files[0xEF05][6]
    card, _ = await opened(poor)
    with pytest.raises(MissingRecord) as refusal:
        await card.public()
    assert (refusal.value.file, refusal.value.tag) == (0xEF05, 0x07)


async def test_an_unknown_status_is_not_read_around() -> None:
    card, slot = await opened(chip())
    slot.faults.fail_next("apdu:B2", Fault.ERROR)
    with pytest.raises(UnexpectedStatus) as refusal:
        await card.public()
    assert (refusal.value.ins, refusal.value.sw) == (0xB2, 0x6F00)


class Says:
    """A card that has an answer of its own to the first command of a kind, or to the one ``after`` some others."""

    def __init__(self, card: Card, ins: int, answer: Response, after: int) -> None:
        self.atr = card.atr
        self._card = card
        self._ins = ins
        self._answer = answer
        self._left = after

    async def transmit(self, apdu: bytes) -> Response:
        if apdu[1] == self._ins:
            self._left -= 1
            if self._left == -1:
                return self._answer
        return await self._card.transmit(apdu)

    async def removed(self) -> None:
        await self._card.removed()

    async def release(self) -> None:
        await self._card.release()


async def card_that_says(
    ins: int, answer: Response, inserted: Chip | None = None, layout: CardLayout | None = None, after: int = 0
) -> SocialSecurityCard:
    reader = MockCardReader()
    reader.slot.insert(inserted if inserted is not None else chip())
    return await SocialSecurityCard.select(Says(await reader.card(), ins, answer, after), layout)


async def test_a_card_that_selects_in_a_way_that_nobody_knows_is_not_gone_on_with() -> None:
    with pytest.raises(UnexpectedStatus) as refusal:
        await card_that_says(SELECT, Response(b"", 0x6F00))
    assert (refusal.value.ins, refusal.value.sw) == (SELECT, 0x6F00)


async def test_a_card_that_wants_another_length_is_asked_once_more() -> None:
    card = await card_that_says(READ_RECORD, Response(b"", WRONG_LENGTH), layout=CardLayout(forms=(ReadForm.SFI,)))
    assert (await card.public()).number == LI.number


async def test_a_record_shorter_than_what_was_asked_for_is_a_record() -> None:
    inserted = chip()
    shorter = Response(inserted.files[EF05][0], 0x6282)
    card = await card_that_says(READ_RECORD, shorter, inserted, CardLayout(forms=(ReadForm.SFI,)))
    assert (await card.public()).card_id == LI.card_id


async def test_a_file_that_asks_for_the_read_key_is_told_as_such() -> None:
    wants = Response(b"", SECURITY_NOT_SATISFIED)
    card = await card_that_says(SELECT, wants, layout=CardLayout(forms=(ReadForm.TAG,)), after=1)
    with pytest.raises(ReadKeyRequired):
        await card.public()


async def test_an_application_that_locks_between_two_commands_is_told_as_locked() -> None:
    card = await card_that_says(READ_RECORD, Response(b"", APPLICATION_LOCKED))
    with pytest.raises(ApplicationLocked):
        await card.public()


@pytest.mark.parametrize(
    ("fci", "algorithm"),
    [
        (b"\x6f", Algorithm.TDES),  # illegible
        (bytes.fromhex("9f0c03860101"), Algorithm.TDES),
        (bytes.fromhex("9f0c03860103"), Algorithm.SM4),
        (bytes.fromhex("9f0c03860105"), None),
    ],
)
async def test_the_marker_says_the_algorithm_and_none_is_guessed(fci: bytes, algorithm: Algorithm | None) -> None:
    card = await card_that_says(SELECT, Response(fci, 0x9000))
    if algorithm is None:
        with pytest.raises(UnknownAlgorithm):
            _ = card.algorithm
    else:
        assert card.algorithm is algorithm


async def test_nothing_personal_in_repr() -> None:
    card, _ = await opened(chip())
    shown = f"{await card.public()!r} {await card.holder()!r} {card!r}"
    for secret in (LI.number, LI.id_number, LI.name, LI.born, LI.card_id.hex()):
        assert secret not in shown


@pytest.mark.parametrize(
    ("traits", "algorithm"),
    [(ChipTraits(), Algorithm.SM4), (ChipTraits(tells_algorithm=False), Algorithm.TDES)],
)
async def test_algorithm_marker(traits: ChipTraits, algorithm: Algorithm) -> None:
    card, _ = await opened(chip(SM4, traits))
    assert card.algorithm is algorithm


# --- password --------------------------------------------------------------------------------------------------------


async def test_the_right_password() -> None:
    card, slot = await opened(chip())
    await card.verify(pin("123456"))
    assert slot.chip is not None
    assert slot.chip.verifies == 1


async def test_tries_are_counted_by_the_card_and_end() -> None:
    inserted = chip(replace(LI, tries=3, tries_left=3))
    card, _ = await opened(inserted)
    for left in (2, 1):
        assert await card.tries_left() == left + 1
        with pytest.raises(WrongPin) as wrong:
            await card.verify(pin("000000"))
        assert wrong.value.left == left
    for _ in range(2):
        with pytest.raises(PinBlocked):
            await card.verify(pin("000000"))
    assert await card.tries_left() == 0
    with pytest.raises(PinBlocked):
        await card.verify(pin("123456"))
    assert inserted.verifies == 5


@pytest.mark.parametrize(
    ("ins", "act"),
    [
        (VERIFY, lambda card: card.verify(pin("123456"))),
        (CHANGE_PIN, lambda card: card.change_pin(pin("123456"), pin("778899"))),
        (EXTERNAL_AUTHENTICATE, lambda card: card.reset_pin(Hsm(), pin("778899"))),
        (PIN_RESET, lambda card: card.reset_pin(Hsm(), pin("778899"))),
    ],
)
async def test_a_status_that_nobody_knows_is_not_taken_for_one_that_we_know(
    ins: int, act: Callable[[SocialSecurityCard], Awaitable[None]]
) -> None:
    card, slot = await opened(chip())
    slot.faults.fail_next(f"apdu:{ins:02X}", Fault.ERROR)
    with pytest.raises(UnexpectedStatus) as refusal:
        await act(card)
    assert (refusal.value.ins, refusal.value.sw) == (ins, 0x6F00)


async def test_asking_for_the_tries_costs_none() -> None:
    inserted = chip()
    card, slot = await opened(inserted)
    for _ in range(10):
        assert await card.tries_left() == 6
    assert inserted.verifies == 0
    silent, slot = await opened(chip(traits=ChipTraits(tells_tries=False)))
    assert await silent.tries_left() is None
    careful, slot = await opened(chip(), CardLayout(ask_tries_with_empty_verify=False))
    slot.apdus.clear()
    assert await careful.tries_left() is None
    assert slot.apdus == []


async def test_security_state_ends_with_the_power_and_the_counter_does_not() -> None:
    inserted = chip()
    card, slot = await opened(inserted)
    with pytest.raises(WrongPin):
        await card.verify(pin("000000"))
    slot.pull()
    card, _ = await opened(inserted)
    assert await card.tries_left() == 5


async def test_changing_is_proved() -> None:
    inserted = chip()
    card, slot = await opened(inserted)
    slot.apdus.clear()
    await card.change_pin(pin("123456"), pin("778899"))
    assert slot.apdus == ["805E0100", "00200000"]
    assert inserted.pin_matches(b"778899")


async def test_changing_with_a_wrong_old_password() -> None:
    inserted = chip()
    card, _ = await opened(inserted)
    with pytest.raises(WrongPin) as wrong:
        await card.change_pin(pin("000000"), pin("778899"))
    assert wrong.value.left == 5
    assert inserted.pin_matches(b"123456")
    assert inserted.verifies == 0


@BOTH
@pytest.mark.parametrize("in_two", [False, True])
async def test_reset(profile: object, in_two: bool) -> None:
    inserted = chip(profile, ChipTraits(answers_in_two=in_two))  # type: ignore[arg-type]
    inserted.tries_left = 0
    card, _ = await opened(inserted)
    await card.reset_pin(Hsm(), pin("778899"))
    assert inserted.pin_matches(b"778899")
    assert inserted.tries_left == 6
    assert inserted.verifies == 1


class Meddler(Hsm):
    """An authority whose last answer was damaged on its way."""

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        protected = await super().protect_pin(chip, challenge, header, pin)
        return protected[:-1] + bytes((protected[-1] ^ 1,))


@BOTH
async def test_a_wrong_mac_changes_nothing(profile: object) -> None:
    inserted = chip(profile)  # type: ignore[arg-type]
    inserted.tries_left = 2
    card, _ = await opened(inserted)
    with pytest.raises(AuthenticationFailed) as refusal:
        await card.reset_pin(Meddler(), pin("778899"))
    assert refusal.value.sw == 0x6988
    assert inserted.pin_matches(b"123456")
    assert inserted.tries_left == 2


class Short(Hsm):
    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        return b"\0" * 4


async def test_an_answer_of_the_wrong_length_is_not_sent() -> None:
    card, slot = await opened(chip())
    with pytest.raises(AuthenticationFailed):
        await card.reset_pin(Short(), pin("778899"))
    assert "84240001" not in slot.apdus


async def steps_of_a_reset() -> int:
    card, slot = await opened(chip())
    slot.apdus.clear()
    await card.reset_pin(Hsm(), pin("778899"))
    return len(slot.apdus)


@pytest.mark.parametrize("op", ["apdu", "answer"])
@pytest.mark.parametrize("fault", [Fault.PULL, Fault.DROP, Fault.GARBLE, Fault.ERROR])
async def test_trouble_at_any_command_of_a_reset_is_never_success(op: str, fault: Fault) -> None:
    for step in range(await steps_of_a_reset()):
        inserted = chip()
        reader = MockCardReader(deadline_s=0.001)
        reader.slot.insert(inserted)
        card = await SocialSecurityCard.select(await reader.card())
        reader.slot.faults.fail_next(op, fault, after=step)
        reader.slot.apdus.clear()
        with pytest.raises(Exception) as trouble:  # noqa: PT011 - any but silence
            await card.reset_pin(Hsm(), pin("778899"))
        assert reader.slot.faults.fired, "the test was blind"
        assert inserted.verifies <= 1
        if not inserted.pin_matches(b"123456"):
            # The chip took it: then nobody may say that nothing happened.
            assert isinstance(trouble.value, PinNotProved | AuthenticationFailed | UnexpectedStatus)


async def test_nothing_is_authenticated_with_a_challenge_that_is_none() -> None:
    inserted = chip()
    with pytest.raises(UnexpectedStatus) as refusal:
        await (await card_that_says(GET_CHALLENGE, Response(b"", 0x6F00), inserted)).reset_pin(Hsm(), pin("778899"))
    assert refusal.value.ins == GET_CHALLENGE
    with pytest.raises(AuthenticationFailed, match="a challenge of 3 bytes"):
        await (await card_that_says(GET_CHALLENGE, Response(b"abc", 0x9000), inserted)).reset_pin(Hsm(), pin("778899"))
    assert inserted.pin_matches(b"123456")


async def test_a_failure_of_the_memory_leaves_the_change_open() -> None:
    card = await card_that_says(PIN_RESET, Response(b"", 0x6581))
    with pytest.raises(PinNotProved):
        await card.reset_pin(Hsm(), pin("778899"))


async def test_an_unproved_change_says_so() -> None:
    inserted = chip()
    card, slot = await opened(inserted)
    slot.faults.fail_next("answer:24", Fault.PULL)
    with pytest.raises(PinNotProved) as unknown:
        await card.reset_pin(Hsm(), pin("778899"))
    assert isinstance(unknown.value.__cause__, PulledEarly)
    assert inserted.pin_matches(b"778899")


class Stumbling:
    """A card of somebody else's driver, which lets an error of its own out once the card has answered."""

    def __init__(self, card: Card, ins: int) -> None:
        self.atr = card.atr
        self._card = card
        self._ins = ins

    async def transmit(self, apdu: bytes) -> Response:
        answer = await self._card.transmit(apdu)
        if apdu[1] == self._ins and len(apdu) > 5:
            raise OSError("something in the driver")
        return answer

    async def removed(self) -> None:
        await self._card.removed()

    async def release(self) -> None:
        await self._card.release()


@pytest.mark.parametrize("stumbles_at", [PIN_RESET, VERIFY])
async def test_a_driver_that_fails_in_its_own_way_after_the_change_leaves_it_open(stumbles_at: int) -> None:
    inserted = chip()
    reader = MockCardReader()
    reader.slot.insert(inserted)
    card = await SocialSecurityCard.select(Stumbling(await reader.card(), stumbles_at))
    with pytest.raises(PinNotProved) as unknown:
        await card.reset_pin(Hsm(), pin("778899"))
    assert isinstance(unknown.value.__cause__, OSError)
    assert inserted.pin_matches(b"778899")


class TalkativeChip(Chip):
    """Says after a change of its password that an answer waits (``61xx``: done, ISO 7816-4), and then has none."""

    def process(self, command: bytes | bytearray) -> bytes:
        answer = super().process(command)
        return b"\x61\x08" if command[1] in (apdu.CHANGE_PIN, apdu.PIN_RESET) and answer == b"\x90\x00" else answer


@pytest.mark.parametrize("ins", [apdu.CHANGE_PIN, apdu.PIN_RESET])
async def test_a_change_that_is_done_is_not_undone_by_an_answer_that_nobody_needs(ins: int) -> None:
    inserted = TalkativeChip(LI, Hsm().personalise(LI))
    card, _ = await opened(inserted)
    if ins == apdu.CHANGE_PIN:
        await card.change_pin(pin("123456"), pin("778899"))
    else:
        await card.reset_pin(Hsm(), pin("778899"))
    assert inserted.pin_matches(b"778899")
    assert inserted.verifies == 1


async def test_the_password_is_wiped_from_what_was_sent() -> None:
    card, _ = await opened(chip())
    sent: list[bytes] = []
    transmit = card._card.transmit

    class Listening:
        atr = card._card.atr

        async def transmit(self, apdu: bytes) -> object:
            sent.append(apdu)
            return await transmit(apdu)

    card._card = Listening()  # type: ignore[assignment]
    await card.verify(pin("123456"))
    await card.change_pin(pin("123456"), pin("778899"))
    assert len(sent) == 3
    assert all(set(apdu) == {0} for apdu in sent)


async def test_a_card_that_was_reset_meanwhile() -> None:
    card, slot = await opened(chip())
    slot.reset()
    with pytest.raises(CardWasReset):
        await card.public()


async def test_a_mute_card_stays_mute() -> None:
    reader = MockCardReader(deadline_s=0.001)
    reader.slot.insert(chip())
    card = await SocialSecurityCard.select(await reader.card())
    reader.slot.faults.fail_next("apdu", Fault.MUTE)
    for _ in range(2):
        with pytest.raises(MuteCard):
            await card.public()
