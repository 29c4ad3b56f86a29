"""What is said of every screen there is, and when the narrator keeps quiet."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from drivers.faults import Fault
from drivers.voice.mock import Ear, MockVoice
from kiosk.glass import Glass
from kiosk.screens import (
    AccountLine,
    Attract,
    Balance,
    EnterPin,
    Finish,
    InsertCard,
    Listen,
    Menu,
    MovementLine,
    Movements,
    PinProblem,
    PinPurpose,
    Prefer,
    Preferences,
    Rate,
    Review,
    Scene,
    Screen,
    Size,
    Speech,
    TakeCard,
    Touched,
    Volume,
)
from kiosk.settings import Settings
from kiosk.simulation import virtual_time
from kiosk.text import catalogues, placeholders
from kiosk.voice.lines import Kind, lines
from kiosk.voice.narrator import Narrator
from kiosk.voice.speech import money, one_by_one, spoken
from ui.gallery.states import HOLDER, LONG_HOLDER, MANY_ACCOUNTS, NOW, TILES, samples

WORDS = catalogues()
SAMPLES = samples()
EVERY = [pytest.param(screen, id=name) for name, screen in SAMPLES]
LOUD = Preferences(speech=Speech.ON)


# --- what ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("screen", EVERY)
def test_every_screen_can_be_heard(screen: Screen[Any], language: str) -> None:
    said = lines(screen, WORDS[language])
    title = spoken(WORDS[language].wording(screen).get("title", ""), language)
    private = Kind.PRIVATE in {line.kind for line in said if line.text == title}
    assert title in [line.text for line in said] or not title
    assert not private
    for line in said:
        assert not re.search(r"[0-9*•{}]", line.text), line.text
        if line.name:
            template = WORDS[language].texts[line.name]
            assert not placeholders(template), "a recording cannot say what is filled in"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("screen", EVERY)
def test_nothing_private_is_said_unasked(screen: Screen[Any], language: str) -> None:
    """Names, tails of cards, amounts and places of movements stand in private lines only."""
    aloud = "\n".join(line.text for line in lines(screen, WORDS[language]) if line.kind is not Kind.PRIVATE)
    secrets = [spoken(holder.name, language) for holder in (HOLDER, LONG_HOLDER)]
    secrets += [one_by_one(holder.card_tail, language) for holder in (HOLDER, LONG_HOLDER)]
    if isinstance(screen, Balance):
        secrets += [money(a.balance, language) for a in screen.accounts if a.balance is not None]
    if isinstance(screen, Movements):
        secrets += [money(v, language) for v in (screen.opening, screen.closing, screen.money_in, screen.money_out)]
        secrets += [line.place for line in screen.lines if line.place]
    assert not [secret for secret in secrets if secret in aloud]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_pin_is_never_said(language: str) -> None:
    """However many digits there are, whatever they were: not a word is different."""
    for purpose in PinPurpose:
        heard = {tuple(lines(EnterPin(purpose, filled), WORDS[language])) for filled in range(7)}
        assert len(heard) == 1


def test_a_screen_without_digits_has_none_to_say() -> None:
    """No screen has a field in which a PIN could be."""
    assert {name for name in EnterPin.__slots__ if "pin" in name or "digit" in name} == set()


def test_what_is_private_can_be_had() -> None:
    balance = Balance(HOLDER, MANY_ACCOUNTS, hidden=False, as_of=NOW)
    mine = "\n".join(line.text for line in lines(balance, WORDS["zh"]) if line.kind is Kind.PRIVATE)
    first = MANY_ACCOUNTS[0]
    assert first.balance is not None
    assert money(first.balance, "zh") in mine
    assert "职工基本医疗保险" in mine
    assert "二零二六年十一月二十一日" in mine
    hidden = Balance(HOLDER, (AccountLine("310", "1", None),), hidden=True, as_of=NOW)
    assert not [line for line in lines(hidden, WORDS["zh"]) if "元" in line.text]


def test_movements_say_which_way_the_money_went() -> None:
    month = next(screen for name, screen in SAMPLES if isinstance(screen, Movements) and screen.lines)
    assert isinstance(month, Movements)
    mine = [line.text for line in lines(month, WORDS["en"]) if line.kind is Kind.PRIVATE]
    out = next(line for line in month.lines if line.amount < 0)
    assert isinstance(out, MovementLine)
    assert any(f"paid out {money(abs(out.amount), 'en')}" in line for line in mine)


def test_the_problem_comes_first_and_the_help_not_again() -> None:
    said = [line.text for line in lines(EnterPin(PinPurpose.NEW, problem=PinProblem.DATE), WORDS["zh"])]
    assert said[0] == "像日期的数字太好猜，换一个吧。"
    assert not any("看病买药" in line for line in said)


def test_the_ear_has_words_of_its_own() -> None:
    said = {line.name: line.text for line in lines(InsertCard(), WORDS["zh"])}
    assert said["InsertCard.help"] == WORDS["zh"].texts["voice.InsertCard.help"]
    assert said["InsertCard.title"] == WORDS["zh"].texts["InsertCard.title"]


def test_own_words_stand_in_place_of_something() -> None:
    """A key below ``voice`` that replaces nothing is misspelt, or one that the ear alone needs."""
    extra = {key for key in WORDS["zh"].texts if key.startswith("voice.")}
    extra = {key for key in extra if key.removeprefix("voice.") not in WORDS["zh"]}
    needed = {"press", "also", "services", "EnterPin.keys", "Movements.in", "Movements.out"}
    assert extra == {f"voice.{key}" for key in needed}


# --- when ------------------------------------------------------------------------------------------------------------


class Hall:
    def __init__(self, *, usable: bool = True) -> None:
        self.ear = Ear()
        self.voice = MockVoice(self.ear)
        self.usable = usable
        self.drawn: list[Scene] = []
        self.narrator = Narrator(self.voice, WORDS, lambda: self.usable)
        self.glass = Glass(self.drawn.append, speaker=self.narrator)

    def show(self, screen: Screen[Any], preferences: Preferences = LOUD) -> None:
        self.glass.show(Scene(0, screen, preferences))


def in_a_hall(play: Callable[[Hall], Awaitable[None]], *, usable: bool = True) -> None:
    async def main() -> None:
        hall = Hall(usable=usable)
        await play(hall)
        await hall.narrator.close()
        assert not hall.voice.talking

    virtual_time.run(main())


def test_the_next_screen_cuts_off_the_one_before() -> None:
    async def play(hall: Hall) -> None:
        hall.show(InsertCard())
        await asyncio.sleep(0.5)
        assert not hall.ear.heard[-1].whole
        hall.show(TakeCard())
        await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        assert hall.ear.phrases()[-1] == "请取走您的卡"
        await asyncio.sleep(20)
        assert [heard.whole for heard in hall.ear.heard[-2:]] == [True, True]
        assert not any(heard.whole for heard in hall.ear.heard[:-2])

    in_a_hall(play)


def test_one_question_seen_otherwise_is_not_heard_twice() -> None:
    async def play(hall: Hall) -> None:
        hall.show(InsertCard())
        await asyncio.sleep(20)
        count = len(hall.ear.heard)
        hall.show(InsertCard(), replace(LOUD, size=Size.LARGE))
        await asyncio.sleep(20)
        assert len(hall.ear.heard) == count
        hall.show(InsertCard(), replace(LOUD, language="en"))
        await asyncio.sleep(20)
        assert len(hall.ear.heard) > count

    in_a_hall(play)


def test_a_reminder_is_said_each_time() -> None:
    async def play(hall: Hall) -> None:
        for reminder in range(3):
            hall.show(TakeCard(reminder))
            await asyncio.sleep(10)
        assert hall.ear.phrases().count("请取走您的卡") == 3
        assert hall.ear.sounds() == ["warning", "warning"]

    in_a_hall(play)


def test_a_problem_on_the_standing_screen_is_said_alone() -> None:
    async def play(hall: Hall) -> None:
        hall.show(EnterPin(PinPurpose.NEW))
        await asyncio.sleep(60)
        hall.ear.forget()
        for filled in range(1, 4):
            hall.glass.update(EnterPin(PinPurpose.NEW, filled))
            await asyncio.sleep(0.3)
        assert (hall.ear.sounds(), hall.ear.phrases()) == (["key"] * 3, [])
        hall.glass.update(EnterPin(PinPurpose.NEW, problem=PinProblem.RUN))
        await asyncio.sleep(20)
        assert hall.ear.sounds()[-1] == "warning"
        assert hall.ear.phrases() == ["连着的数字太好猜，换一个吧。"]

    in_a_hall(play)


def test_sounds_come_also_where_nothing_is_said() -> None:
    async def play(hall: Hall) -> None:
        hall.show(EnterPin(PinPurpose.NEW), Preferences())
        hall.glass.update(EnterPin(PinPurpose.NEW, 1))
        await asyncio.sleep(1)
        assert (hall.ear.sounds(), hall.ear.phrases()) == (["key"], [])

    in_a_hall(play)


def test_volume_and_rate_are_heard_at_once() -> None:
    async def play(hall: Hall) -> None:
        settings = Settings()
        now = LOUD
        hall.show(InsertCard(), now)
        for wish in (Prefer("volume", "full"), Prefer("rate", "slow")):
            now = settings.prefer(now, wish)
            hall.show(InsertCard(), now)
            await asyncio.sleep(60)
        assert (now.volume, now.rate) == (Volume.FULL, Rate.SLOW)
        assert (hall.ear.heard[-1].volume, hall.ear.heard[-1].rate) == (1.0, 0.75)
        for nonsense in (Prefer("volume", "11"), Prefer("rate", ""), Prefer("speech", "maybe")):
            assert settings.prefer(now, nonsense) == now

    in_a_hall(play)


def test_what_is_private_waits_for_the_wish() -> None:
    async def play(hall: Hall) -> None:
        hall.show(Menu(HOLDER, TILES))
        assert hall.drawn[-1].can_read_out
        await asyncio.sleep(60)
        assert not any("段" in phrase for phrase in hall.ear.phrases())
        hall.glass.receive(Listen("private"), hall.drawn[-1].serial - 1)
        await asyncio.sleep(20)
        assert not any("段" in phrase for phrase in hall.ear.phrases()), "the wish was for another screen"
        hall.glass.receive(Listen("private"), hall.drawn[-1].serial)
        await asyncio.sleep(20)
        assert any("段" in phrase for phrase in hall.ear.phrases())

    in_a_hall(play)


def test_whoever_did_not_turn_it_on_cannot_be_told_private_things() -> None:
    async def play(hall: Hall) -> None:
        hall.show(Review("activate", HOLDER, ""), Preferences())
        hall.glass.receive(Listen("private"), hall.drawn[-1].serial)
        hall.glass.receive(Listen("again"), hall.drawn[-1].serial)
        await asyncio.sleep(20)
        assert hall.ear.phrases() == []

    in_a_hall(play)


@pytest.mark.parametrize("answer", [Touched(), Finish(), Prefer("size", "large")])
def test_whoever_acts_has_heard_enough(answer: Touched | Finish | Prefer) -> None:
    async def play(hall: Hall) -> None:
        hall.show(InsertCard())
        await asyncio.sleep(0.5)
        assert hall.voice.talking
        hall.glass.receive(answer, hall.drawn[-1].serial)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not hall.voice.talking

    in_a_hall(play)


def test_the_next_visit_begins_in_silence() -> None:
    async def play(hall: Hall) -> None:
        hall.show(InsertCard())
        await asyncio.sleep(0.5)
        hall.show(Attract(TILES), Settings().defaults)
        await asyncio.sleep(0.01)
        assert not hall.voice.talking
        assert hall.drawn[-1].preferences.speech is Speech.OFF

    in_a_hall(play)


def test_without_a_voice_nothing_is_offered() -> None:
    async def play(hall: Hall) -> None:
        hall.show(Menu(HOLDER, TILES))
        await asyncio.sleep(20)
        assert (hall.drawn[-1].can_speak, hall.drawn[-1].can_read_out) == (False, False)
        assert hall.ear.heard == []

    in_a_hall(play, usable=False)


def test_a_voice_that_fails_reaches_nobody() -> None:
    async def play(hall: Hall) -> None:
        for fault in (Fault.MUTE, Fault.ERROR):
            hall.ear.faults.fail_next("say", fault)
            hall.show(InsertCard() if fault is Fault.MUTE else TakeCard())
            await asyncio.sleep(20)
        hall.show(InsertCard())
        await asyncio.sleep(5)
        assert "请插入社保卡" in hall.ear.phrases()

    in_a_hall(play)
