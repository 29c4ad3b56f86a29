"""The stage by itself: a scene becomes properties, an answer a typed value, and what was not asked is dropped."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from drivers.api import Frame
from kiosk.screens import (
    ALL,
    Answer,
    Attract,
    Back,
    Balance,
    Cause,
    Closed,
    Contrast,
    EnterPin,
    Finish,
    Goodbye,
    InsertCard,
    Key,
    LastTry,
    Movements,
    OutOfOrder,
    Pick,
    PinPurpose,
    Prefer,
    Preferences,
    Proceed,
    Reading,
    Refusal,
    Result,
    Scene,
    ShowCode,
    Size,
    Slip,
    Starting,
    Summon,
    Touched,
)
from kiosk.text import catalogues
from tests.helpers.lit import HALL
from ui.application import application
from ui.gallery.states import HOLDER, MANY_ACCOUNTS, NOW, QR, TILES, samples, scene
from ui.stage import Stage, Surroundings

ZH, EN = catalogues()["zh"], catalogues()["en"]


class Listening:
    """A stage with what it sent and signalled, on a clock that stands until it is moved."""

    def __init__(self) -> None:
        application(software=True, offscreen=True)
        self.sent: list[tuple[Answer, int]] = []
        self.seconds = 0.0
        self.put_right = 0.0
        """By how much the system's clock was set since the start."""
        self.stage = Stage(
            lambda answer, serial: self.sent.append((answer, serial)),
            Surroundings(336, 597, HALL, simulated=True),
            clock=lambda: self.seconds,
            wall=lambda: self.seconds + self.put_right,
        )
        self.signalled: list[str] = []
        for name in _properties(self.stage):
            signal = getattr(self.stage, f"{name}Changed", None)
            if signal is not None:
                signal.connect(_Named(self.stage, name, self.signalled).note)

    def put(self, wanted: Scene) -> None:
        self.stage.show(wanted)
        for _ in range(2):
            QCoreApplication.processEvents()
        assert self.stage.scene is wanted

    def __getitem__(self, name: str) -> Any:
        return self.stage.property(name)


class _Named(QObject):
    def __init__(self, stage: Stage, name: str, into: list[str]) -> None:
        super().__init__(stage)
        self._name = name
        self._into = into

    def note(self) -> None:
        self._into.append(self._name)


def _properties(stage: Stage) -> list[str]:
    meta = stage.metaObject()
    return [str(meta.property(i).name()) for i in range(meta.propertyOffset(), meta.propertyCount())]


@pytest.fixture
def stage() -> Iterator[Listening]:
    listening = Listening()
    yield listening
    listening.stage.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


# --- down ------------------------------------------------------------------------------------------------------------


def test_before_the_first_scene_it_is_starting(stage: Listening) -> None:
    assert stage["screenName"] == "Starting"
    assert stage["words"]["title"] == ZH.say("Starting.title")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_number_to_call_is_said_once_and_where_it_helps(stage: Listening, language: str) -> None:
    """In the footer, unless the screen itself says when to call it."""
    preferences = Preferences(language)
    for serial, screen in enumerate(
        (Starting(), OutOfOrder("D01"), Closed("repair"), Goodbye(), Refusal(Cause.FAULT, "X99")), 1
    ):
        stage.put(Scene(serial, screen, preferences))
        assert "".join(stage["words"].values()).count("12333") == 1, screen


def test_a_scene_becomes_properties(stage: Listening) -> None:
    balance = Balance(HOLDER, MANY_ACCOUNTS, False, NOW)
    stage.put(
        Scene(7, balance, Preferences("en", Size.LARGE, Contrast.HIGH), "balance", 2, 4, 60.0, card_in=True, now=NOW)
    )
    assert stage["screenName"] == "Balance"
    assert stage["serial"] == 7
    assert stage["preferences"] == {
        "language": "en",
        "size": "large",
        "contrast": "high",
        "reach": "full",
        "hand": "both",
        "speech": "off",
        "volume": "normal",
        "rate": "normal",
        "veil": 0.0,
    }
    assert stage["serviceTitle"] == EN.say("common.service.balance.title")
    assert (stage["step"], stage["steps"]) == (2, 4)
    assert stage["words"]["step_of"] == EN.say("common.step_of", step=2, steps=4)
    assert stage["idleSeconds"] == 60.0
    assert stage["canFinish"] is True
    assert stage["cardIn"] is True
    assert stage["place"] == HALL["en"]
    assert stage["otherLanguage"] == "zh"
    assert (stage["clockDate"], stage["clockTime"], stage["weekday"]) == (
        "Saturday, 21 November 2026",
        "09:41",
        "Saturday",
    )
    assert stage["screen"]["accounts"][3]["balance"] == {"text": "−12.50", "negative": True, "zero": False}
    assert (stage["simulated"], stage["widthMm"], stage["heightMm"]) == (True, 336.0, 597.0)


def test_every_state_of_every_screen_can_be_shown_in_every_language(stage: Listening) -> None:
    for serial, (_, screen) in enumerate(samples(), 1):
        for language in ("zh", "en"):
            stage.put(replace(scene(screen, serial), preferences=Preferences(language)))
            assert stage["screenName"] == screen.name


def test_all_values_are_there_before_the_first_is_signalled(stage: Listening) -> None:
    seen: list[tuple[str, int, str]] = []
    stage.stage.screenNameChanged.connect(
        lambda: seen.append((stage["screenName"], stage["serial"], stage["screen"]["purpose"]))
    )
    stage.put(Scene(3, EnterPin(PinPurpose.NEW)))
    assert seen == [("EnterPin", 3, "new")]


def test_only_what_changed_is_signalled(stage: Listening) -> None:
    pin = scene(EnterPin(PinPurpose.NEW), 3)
    stage.put(pin)
    stage.signalled.clear()
    stage.put(replace(pin, screen=EnterPin(PinPurpose.NEW, filled=1)))
    assert stage.signalled == ["screen"]


def test_the_language_changes_on_the_screen_that_stands(stage: Listening) -> None:
    pin = scene(EnterPin(PinPurpose.NEW), 3)
    stage.put(pin)
    stage.signalled.clear()
    stage.put(replace(pin, serial=4, preferences=Preferences("en")))
    assert "screenName" not in stage.signalled
    assert "words" in stage.signalled
    assert stage["words"]["title"] == EN.say("EnterPin.variant.new.title")


def test_a_language_without_words_falls_back(stage: Listening) -> None:
    stage.put(Scene(1, Reading(), Preferences("eo")))
    assert stage["preferences"]["language"] == "zh"
    assert stage["words"]["title"] == ZH.say("Reading.title")


def test_the_clock_goes_on_while_a_scene_stands(stage: Listening) -> None:
    wanted = replace(scene(Attract(TILES)), now=datetime(2026, 11, 21, 23, 59, 59))  # noqa: DTZ001  # wall-clock time
    stage.put(wanted)
    stage.seconds += 1
    stage.stage._tick()  # what the timer does at the full minute
    assert (stage["clockTime"], stage["clockDate"], stage["weekday"]) == ("00:00", "2026年11月22日  星期日", "星期日")


def test_the_clock_follows_the_systems_when_that_is_put_right(stage: Listening) -> None:
    stage.put(scene(Attract(TILES)))
    assert stage["clockTime"] == "09:41"
    stage.put_right = 26 * 3600 + 120  # the first answer of a time server, hours after the start
    assert stage.stage._minute.remainingTime() < 61_000
    stage.stage._tick()
    assert (stage["clockTime"], stage["clockDate"], stage["weekday"]) == ("11:43", "2026年11月22日  星期日", "星期日")


def test_new_values_on_a_screen_do_not_turn_the_clock_back(stage: Listening) -> None:
    showing = scene(ShowCode())
    stage.put(showing)
    stage.seconds += 120
    stage.put(replace(showing, screen=ShowCode(preview=Frame(2, 1, b"\x00\xff"))))
    assert stage["clockTime"] == "09:43"


def test_pictures_have_a_new_source_each_and_none_when_they_go(stage: Listening) -> None:
    sources: list[str] = []
    for grey in (b"\x00\xff", b"\xff\x00"):
        stage.put(scene(ShowCode(preview=Frame(2, 1, grey))))
        sources.append(stage["previewSource"])
    assert len(set(sources)) == 2
    stage.put(scene(Result("activated", HOLDER, "1", Slip.ON_SCREEN, QR)))
    assert (stage["previewSource"], stage["qrSource"] != "") == ("", True)
    stage.put(scene(Attract(TILES)))
    assert (stage["previewSource"], stage["qrSource"]) == ("", "")
    assert (stage.stage.pictures.frame, stage.stage.pictures.code) == (None, "")


def test_while_another_waits_the_key_says_so(stage: Listening) -> None:
    showing = scene(Result("activated", HOLDER, "1", Slip.ON_SCREEN, QR))
    stage.put(showing)
    assert (stage["anotherWaits"], stage["words"]["proceed"]) == (False, "好了")
    stage.put(replace(showing, another_waits=True, idle_s=80.0))
    assert (stage["anotherWaits"], stage["words"]["proceed"]) == (True, "拍好了，下一位")
    assert stage["idleSeconds"] == 80.0
    stage.put(showing)
    assert stage["words"]["proceed"] == "好了"


def test_a_scene_from_another_thread_arrives_in_this_one(stage: Listening) -> None:
    wanted = scene(Reading(), 9)
    threads: list[threading.Thread] = []
    stage.stage.screenNameChanged.connect(lambda: threads.append(threading.current_thread()))
    other = threading.Thread(target=lambda: stage.stage.show(wanted))
    other.start()
    other.join()
    assert stage["screenName"] == "Starting"
    QCoreApplication.processEvents()
    assert stage["screenName"] == "Reading"
    assert threads == [threading.current_thread()]


# --- up --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("screen", "kind", "value", "answer"),
    [
        (LastTry(), "proceed", None, Proceed()),
        (samples()[0][1], "prefer", "language:en", Prefer("language", "en")),
        (LastTry(), "prefer", "size:large", Prefer("size", "large")),
        (LastTry(), "prefer", "contrast:high", Prefer("contrast", "high")),
        (Attract(TILES), "prefer", "reach:low", Prefer("reach", "low")),
        (Attract(TILES), "prefer", "hand:left", Prefer("hand", "left")),
        (LastTry(), "pick", "reset", Pick("reset")),
        (LastTry(), "finish", None, Finish()),
        (EnterPin(PinPurpose.NEW), "key", 11, Key(11)),
        (EnterPin(PinPurpose.NEW), "key", 0.0, Key(0)),
        (next(s for _, s in samples() if isinstance(s, Movements)), "back", None, Back()),
    ],
)
def test_an_answer_goes_up_typed(stage: Listening, screen: Any, kind: str, value: object, answer: Answer) -> None:
    stage.put(scene(screen, 5))
    stage.stage.answer(kind, value, 5)
    assert stage.sent == [(answer, 5)]


@pytest.mark.parametrize(
    ("screen", "kind", "value"),
    [
        (Attract(TILES), "proceed", None),
        (Attract(TILES), "finish", None),
        (Attract(TILES), "key", 3),
        (Reading(), "finish", None),
        (InsertCard(), "back", None),
        (InsertCard(), "pick", ""),
        (InsertCard(), "pick", None),
        (EnterPin(PinPurpose.NEW), "key", 12),
        (EnterPin(PinPurpose.NEW), "key", -1),
        (EnterPin(PinPurpose.NEW), "key", 1.5),
        (EnterPin(PinPurpose.NEW), "key", "1"),
        (Reading(), "pick", "reset"),
        (LastTry(), "prefer", "language:xx"),
        (LastTry(), "prefer", "size"),
        (LastTry(), "prefer", "colour:red"),
        (LastTry(), "open sesame", None),
    ],
)
def test_what_was_not_asked_is_dropped(stage: Listening, screen: Any, kind: str, value: object) -> None:
    stage.put(scene(screen, 5))
    stage.stage.answer(kind, value, 5)
    assert stage.sent == []


@pytest.mark.parametrize("serial", [4, 6])
def test_an_answer_to_another_scene_is_dropped(stage: Listening, serial: int) -> None:
    stage.put(scene(LastTry(), 5))
    stage.stage.answer("proceed", None, serial)
    assert stage.sent == []


@pytest.mark.parametrize("screen", ALL, ids=lambda screen: screen.__name__)
def test_each_screen_takes_exactly_what_it_says(stage: Listening, screen: type[Any]) -> None:
    shown = next(s for _, s in samples() if type(s) is screen)
    stage.put(scene(shown, 5))
    for kind, value in [("proceed", None), ("back", None), ("finish", None), ("pick", "x"), ("key", 1)]:
        stage.stage.answer(kind, value, 5)
    taken = {type(answer) for answer, _ in stage.sent}
    own_way = {Summon}  # comes of the gesture of operator mode, not of a control
    assert taken == {*screen.answers} - own_way | ({Finish} if screen.can_finish else set())


def test_a_touch_is_taken_everywhere(stage: Listening) -> None:
    stage.put(scene(Reading(), 5))
    stage.stage.touched()
    assert stage.sent == [(Touched(), 5)]


def test_no_key_position_is_logged_or_shown(stage: Listening, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stage.put(scene(EnterPin(PinPurpose.NEW), 5))
    for position in (7, 77):
        stage.stage.answer("key", position, 5)
        stage.stage.answer("key", position, 4)
    assert not [message for message in caplog.messages if "7" in message]
    assert "7" not in repr(stage.sent[0][0])
