"""Real touches and real keys on the real screens: what a citizen does arrives as the typed answer that it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtQuick import QQuickItem

from kiosk.screens import (
    ALL,
    Answer,
    Attract,
    Availability,
    Back,
    Balance,
    Cause,
    EnterPin,
    Finish,
    InsertCard,
    Key,
    Keypad,
    KnowsPin,
    LastTry,
    LayIdCard,
    Menu,
    Pick,
    PinPurpose,
    Prefer,
    Preferences,
    Proceed,
    Refusal,
    Result,
    ServiceTile,
    ShowCode,
    Size,
    Slip,
    Touched,
    WhichAccount,
)
from kiosk.text import catalogues
from tests.helpers.lit import LANDSCAPE, PORTRAIT, Lit
from ui.finger import Finger, NoControl, spoken
from ui.gallery.states import HOLDER, NOW, NUMBER, ONE_ACCOUNT, TILES, TILES_SHORT, month, samples, scene

ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)


@pytest.fixture(scope="module", params=[PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def lit(request: pytest.FixtureRequest) -> Iterator[Lit]:
    terminal = Lit(request.param, simulated=True)
    yield terminal
    terminal.put_out()


@pytest.fixture(scope="module")
def moving() -> Iterator[Lit]:
    """A terminal whose screens glide."""
    terminal = Lit(still=False)
    yield terminal
    terminal.put_out()


@pytest.fixture(autouse=True)
def nothing_said_yet(request: pytest.FixtureRequest) -> None:
    for name in {"lit", "moving"} & set(request.fixturenames):
        request.getfixturevalue(name).answers.clear()


TAPS: list[tuple[Any, str, Answer]] = [
    (Attract(TILES), "pick:activate", Pick("activate")),
    (Attract(TILES), "pick:balance", Pick("balance")),
    (Attract(TILES), "prefer:language", Prefer("language", "en")),
    (Attract(TILES), "prefer:size", Prefer("size", "large")),
    (Menu(HOLDER, TILES), "pick:password", Pick("password")),
    (Menu(HOLDER, TILES), "finish", Finish()),
    (InsertCard(without_card=True), "pick:credential", Pick("credential")),
    (KnowsPin(), "pick:change", Pick("change")),
    (KnowsPin(), "pick:reset", Pick("reset")),
    (LayIdCard(or_credential=True), "pick:credential", Pick("credential")),
    (LayIdCard(way_back=True), "back", Back()),
    (ShowCode(or_id_card=True), "pick:id_card", Pick("id_card")),
    (ShowCode(or_card=True), "pick:card", Pick("card")),
    (EnterPin(PinPurpose.NEW, filled=6), "proceed", Proceed()),
    (LastTry(), "proceed", Proceed()),
    (LastTry(), "pick:reset", Pick("reset")),
    (Refusal(Cause.LOST, "K07"), "proceed", Proceed()),
    (Refusal(Cause.INSURER_DOWN, "K07", slip_offered=True), "pick:slip", Pick("slip")),
    (Refusal(Cause.INSURER_DOWN, "K07", slip_offered=True), "proceed", Proceed()),
    (Refusal(Cause.DEVICE_DOWN, "K07", way_back=True), "proceed", Proceed()),
    (EnterPin(PinPurpose.NEW, keypad=Keypad.PAD), "pick:glass", Pick("glass")),
    (EnterPin(PinPurpose.CURRENT, or_reset=True), "pick:reset", Pick("reset")),
    (EnterPin(PinPurpose.CURRENT, keypad=Keypad.PAD, or_reset=True), "pick:reset", Pick("reset")),
    (EnterPin(PinPurpose.NEW, filled=6, keypad=Keypad.GLASS_INSTEAD), "proceed", Proceed()),
    (Refusal(Cause.ALREADY_ACTIVE, "K07", TILES[2]), "pick:balance", Pick("balance")),
    (Balance(HOLDER, ONE_ACCOUNT, False, NOW), "pick:hide", Pick("hide")),
    (Balance(HOLDER, ONE_ACCOUNT, True, NOW), "pick:show", Pick("show")),
    (Balance(HOLDER, ONE_ACCOUNT, False, NOW), "pick:movements", Pick("movements")),
    (WhichAccount(("310", "320")), "pick:320", Pick("320")),
    (WhichAccount(("310", "320")), "back", Back()),
    (Balance(HOLDER, ONE_ACCOUNT, False, NOW), "pick:print", Pick("print")),
    (month(20), "pick:older", Pick("older")),
    (month(20), "pick:newer", Pick("newer")),
    (month(20), "pick:print", Pick("print")),
    (month(4), "back", Back()),
    (Result("activated", HOLDER, NUMBER, Slip.PRINTED), "proceed", Proceed()),
    (Result("activated", HOLDER, NUMBER, Slip.PRINTED, go_on=TILES[2]), "pick:balance", Pick("balance")),
    (Result("pin_reset", HOLDER, NUMBER, Slip.ON_SCREEN, go_on=TILES[2]), "proceed", Proceed()),
]


@pytest.mark.parametrize(
    ("screen", "control", "answer"), TAPS, ids=[f"{screen.name}-{control}" for screen, control, _ in TAPS]
)
def test_a_touch_gives_the_answer_once(lit: Lit, screen: Any, control: str, answer: Answer) -> None:
    shown = lit.show(screen)
    lit.finger.tap(control)
    lit.turn()
    assert lit.said() == [answer]
    assert {serial for _, serial in lit.answers} == {shown.serial}
    assert (Touched(), shown.serial) in lit.answers


@pytest.mark.parametrize("can_speak", [False, True])
def test_each_wish_is_said_by_one_touch_and_by_the_next_one_it_is_taken_back(lit: Lit, can_speak: bool) -> None:
    pairs = [("contrast", "high", "normal"), *([("speech", "on", "off")] if can_speak else [])]
    pairs += [("reach", "low", "full")] if "prefer:reach" in _wishes(lit) else []
    for what, there, back in pairs:
        for value in (there, back):
            shown = scene(Attract(TILES), lit.stage.scene.serial + 1)
            before = replace(
                Preferences(), **{what: type(getattr(Preferences(), what))(back if value == there else there)}
            )
            lit.put(replace(shown, preferences=before, can_speak=can_speak))
            lit.answers.clear()
            lit.finger.tap(f"prefer:{what}")
            lit.turn()
            assert lit.said() == [Prefer(what, value)]


def _wishes(lit: Lit) -> set[str]:
    lit.show(Attract(TILES))
    return {name for name in lit.finger.controls() if name.startswith("prefer:")}


@pytest.mark.parametrize(
    ("what", "values"), [("size", ["large", "xlarge", "normal"]), ("hand", ["left", "right", "both"])]
)
def test_a_wish_with_more_than_two_ways_goes_round_them(lit: Lit, what: str, values: list[str]) -> None:
    wishes = Preferences()
    for value in values:
        shown = scene(Attract(TILES), lit.stage.scene.serial + 1)
        lit.put(replace(shown, preferences=wishes))
        lit.answers.clear()
        lit.finger.tap(f"prefer:{what}")
        lit.turn()
        assert lit.said() == [Prefer(what, value)]
        wishes = replace(wishes, **{what: type(getattr(wishes, what))(value)})


def test_a_wish_pressed_by_key_keeps_the_focus(lit: Lit) -> None:
    """Whoever goes on asking for larger letters, or turns the voice off again, need not look for the key."""
    for what, value in (("contrast", "high"), ("size", "xlarge"), ("speech", "on")):
        shown = scene(Attract(TILES), lit.stage.scene.serial + 1)
        lit.put(replace(shown, can_speak=True))
        lit.finger.find(f"prefer:{what}").forceActiveFocus()
        wishes = replace(Preferences(), **{what: type(getattr(Preferences(), what))(value)})
        lit.put(replace(shown, serial=shown.serial + 1, can_speak=True, preferences=wishes))
        focus = lit.focus()
        assert focus is not None
        assert focus.objectName() == f"prefer:{what}"


def test_every_key_of_the_pad_says_its_position_and_no_more(lit: Lit) -> None:
    lit.show(EnterPin(PinPurpose.NEW))
    for position in range(12):
        lit.finger.tap(f"key:{position}")
    lit.turn()
    assert lit.said() == [Key(position) for position in range(12)]


def test_the_pad_lies_as_its_positions_say(lit: Lit) -> None:
    """Three in a row from top left, so that the core may know which digit stands where."""
    lit.show(EnterPin(PinPurpose.NEW))
    where = [lit.finger.find(f"key:{p}").mapToScene(QPointF(0, 0)) for p in range(12)]
    assert where == sorted(where, key=lambda point: (round(point.y()), point.x()))
    assert len({round(point.y()) for point in where}) == 4


def test_a_pin_is_not_submitted_before_it_is_whole(lit: Lit) -> None:
    lit.show(EnterPin(PinPurpose.NEW, filled=5))
    with pytest.raises(NoControl):
        lit.finger.tap("proceed")


def test_with_the_pad_there_are_no_keys_on_the_glass(lit: Lit) -> None:
    lit.show(EnterPin(PinPurpose.NEW, filled=3, keypad=Keypad.PAD))
    assert not [name for name in lit.finger.controls() if name.startswith("key:")]
    with pytest.raises(NoControl):
        lit.finger.tap("proceed")


def test_a_service_that_is_not_available_answers_too_and_says_why(lit: Lit) -> None:
    lit.show(Attract(TILES_SHORT))
    assert [tile.available for tile in TILES_SHORT] == [Availability.NO, Availability.YES, Availability.WITHOUT_PAPER]
    lit.finger.tap("pick:activate")
    lit.turn()
    assert lit.said() == [Pick("activate")]


def test_a_touch_beside_everything_is_only_a_touch(lit: Lit) -> None:
    lit.show(LastTry())
    lit.finger.tap_at(QPoint(3, lit.window.height() // 2))
    lit.turn()
    assert {type(answer) for answer, _ in lit.answers} == {Touched}


def test_a_control_is_found_by_what_is_read_aloud(lit: Lit) -> None:
    lit.show(LastTry(), language="en")
    lit.finger.tap(catalogues()["en"].say("LastTry.reset"))
    lit.turn()
    assert lit.said() == [Pick("reset")]


def test_the_language_changes_under_the_finger(lit: Lit) -> None:
    """The choice and the headline are in the other language; the screen that stands is the same one."""
    zh = lit.show(Attract(TILES))
    lit.finger.tap("prefer:language")
    lit.turn()
    answer = lit.said()[-1]
    assert isinstance(answer, Prefer)
    before = lit.finger.texts()
    lit.put(replace(zh, serial=zh.serial + 1, preferences=Preferences(answer.value)))
    after = lit.finger.texts()
    assert catalogues()["zh"].say("Attract.title") in before
    assert catalogues()["en"].say("common.service.activate.title") in after
    chinese = {text for text in after if any("\u4e00" <= letter <= "\u9fff" for letter in text)}
    assert chinese == {catalogues()["zh"].say("common.own_name")}


# --- while a screen gives way to another -----------------------------------------------------------------------------


def test_a_touch_while_screens_glide_answers_neither(moving: Lit) -> None:
    moving.show(LastTry())
    at = moving.finger.find("proceed")
    middle = at.mapToScene(QPointF(at.width() / 2, at.height() / 2)).toPoint()
    following = scene(Result("activated", HOLDER, NUMBER, Slip.PRINTED), moving.stage.scene.serial + 1)
    moving.stage.show(following)
    moving.until(lambda: moving.finger.settled() is False)
    moving.finger.tap_at(middle)
    moving.settle()
    assert moving.said() == []
    moving.finger.tap("proceed")
    moving.turn()
    assert moving.answers[-1] == (Proceed(), following.serial)


def test_no_frame_holds_two_pages_and_they_move_by_whole_pixels(moving: Lit) -> None:
    moving.show(LastTry())
    pages = moving.window.findChildren(QQuickItem, "page")
    frames: list[list[float]] = []
    shifts: set[float] = set()

    def painted() -> None:
        frames.append([page.opacity() if page.childItems() else 0.0 for page in pages])
        shifts.update(page.x() for page in pages)

    moving.window.afterAnimating.connect(painted)
    moving.stage.show(scene(Result("activated", HOLDER, NUMBER, Slip.PRINTED), moving.stage.scene.serial + 1))
    moving.until(lambda: moving.finger.settled() is False)
    moving.settle()
    moving.window.afterAnimating.disconnect(painted)
    assert len(pages) == 2
    assert all(min(frame) == 0 for frame in frames)
    assert len(shifts) > 1
    assert all(shift.is_integer() for shift in shifts)


def test_new_values_on_a_screen_do_not_make_it_glide(moving: Lit) -> None:
    pin = moving.show(EnterPin(PinPurpose.NEW))
    for filled in range(1, 7):
        moving.stage.show(replace(pin, screen=EnterPin(PinPurpose.NEW, filled=filled)))
        moving.turn()
        assert moving.finger.settled() is True
    moving.finger.tap("proceed")
    moving.turn()
    assert moving.said() == [Proceed()]


# --- six keys --------------------------------------------------------------------------------------------------------


def _reachable(lit: Lit) -> set[str]:
    """Object names of all controls that the four arrows can come to from where the focus stands first."""
    start = lit.focus()
    if start is None:
        lit.finger.press(Qt.Key.Key_Down)
        start = lit.focus()
    if start is None:
        return set()
    met = {start.objectName()}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for key in ARROWS:
            here.forceActiveFocus()
            lit.finger.press(key)
            there = lit.focus()
            if there is not None and there.objectName() not in met:
                met.add(there.objectName())
                waiting.append(there)
    return met


@pytest.mark.parametrize("screen", ALL, ids=lambda screen: screen.__name__)
def test_the_arrows_come_to_every_control(lit: Lit, screen: type[Any]) -> None:
    for label, shown in [s for s in samples() if type(s[1]) is screen]:
        lit.show(shown, size=Size.LARGE)
        controls = {name for name, item in lit.finger.controls().items() if item.property("isTarget") is True and name}
        assert _reachable(lit) == controls, label


@pytest.mark.parametrize(
    ("screen", "answer"),
    [
        (LastTry(can_reset=False), Proceed()),
        (Refusal(Cause.LOST, "K07"), Proceed()),
        (Result("activated", HOLDER, NUMBER, Slip.PRINTED), Proceed()),
        (Attract((ServiceTile("activate", "activate"),)), Pick("activate")),
    ],
)
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_does_what_a_screen_is_there_for(lit: Lit, screen: Any, answer: Answer, key: Qt.Key) -> None:
    lit.show(screen)
    lit.finger.press(key)
    lit.turn()
    assert lit.said() == [answer]


def test_escape_goes_back_where_there_is_a_back_and_ends_the_visit_elsewhere(lit: Lit) -> None:
    lit.show(month(4))
    lit.finger.press(Qt.Key.Key_Escape)
    lit.show(LastTry())
    lit.finger.press(Qt.Key.Key_Escape)
    lit.turn()
    assert lit.said() == [Back(), Finish()]


def test_every_control_says_what_it_is(lit: Lit) -> None:
    nameless: list[str] = []
    for label, shown in samples():
        lit.show(shown)
        nameless += [
            f"{label}: {name}"
            for name, item in lit.finger.controls().items()
            if item.property("isTarget") is True and not spoken(item)
        ]
    assert nameless == []


def test_every_control_has_a_name_of_its_own(lit: Lit) -> None:
    """Else neither the demonstration nor a test could tell them apart."""
    wrong: list[str] = []
    for label, shown in samples():
        lit.show(shown)
        targets = [item for item in _targets(lit.finger) if item.isEnabled()]
        names = [item.objectName() for item in targets]
        wrong += [f"{label}: {spoken(item)} has no name" for item in targets if not item.objectName()]
        wrong += [f"{label}: {name} twice" for name in set(names) if name and names.count(name) > 1]
    assert wrong == []


def _targets(finger: Finger) -> list[Any]:
    return [item for item in finger.seen() if item.property("isTarget") is True]
