"""The dock: what is pressed is done in the hall, on the core's thread; what is shown is what the hall says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage

from tests.helpers.lit import Lit
from ui.core_thread import CoreThread
from ui.dock.desk import ACTS, Desk, open_dock
from ui.finger import Finger

DEVICES = len(ACTS) - 1
"""Every group of acts is a device's, but for the one that heals them all."""
ALWAYS_THERE = DEVICES - 1
"""Not every hall has a PIN pad."""


@dataclass(frozen=True)
class Passer:
    slug: str
    name: str
    description_zh: str
    description_en: str
    state: str


class Impossible(Exception):
    pass


class PlayedHall:
    """A hall of its own mind: it notes what is done, from where, and obeys its own rules."""

    def __init__(self, slip: Path) -> None:
        self.done: list[str] = []
        self.threads: set[str] = set()
        self.seen: dict[str, Any] = {
            "person": "",
            "slip": "",
            "really": {
                "card": {"service": "running", "card": "out", "lamp": "off", "mute_next": False, "mute": False},
                "idcard": {
                    "plugged": True,
                    "document": "",
                    "unreadable": False,
                    "lifted_next": False,
                    "sam_broken": False,
                },
                "scanner": {"plugged": True, "code": "", "frozen": False},
                "pinpad": {"plugged": True, "lit": False, "count": 0, "tampered": False},
                "printer": {
                    "plugged": True,
                    "paper": "ok",
                    "cover_open": False,
                    "jammed": False,
                    "broken": False,
                    "slip_waiting": False,
                },
                "insurer": {"network": "up", "reply": ""},
            },
            "health": {"printer": {"condition": "online", "remedy": "none", "detail": ""}},
        }
        self._slip = slip

    def people(self) -> list[Passer]:
        return [
            Passer("issued", "段文清", "新卡，没有激活", "New card, not activated", "issued"),
            Passer("lost", "阿依古丽", "卡挂失了", "Card reported lost", "lost"),
        ]

    def state(self) -> dict[str, Any]:
        return self.seen

    def see(self, device: str, **seen: object) -> None:
        really = self.seen["really"]
        self.seen = self.seen | {"really": really | {device: really[device] | seen}}

    def choose(self, slug: str) -> None:
        self._note(f"choose {slug}")
        self.seen = self.seen | {"person": slug}

    def swap_card(self, slug: str) -> None:
        self._note(f"swap_card {slug}")

    def press_key(self, key: str) -> None:
        self._note(f"press_key {key}")
        self.see("pinpad", lit=True, count=1)

    def insert_card(self) -> None:
        self._note("insert_card")
        if self.seen["really"]["card"]["card"] != "out":
            raise Impossible("a card is in")
        self.see("card", card="in", lamp="blinking")

    def jam_printer(self) -> None:
        self._note("jam_printer")
        ill = {"printer": {"condition": "user_error", "remedy": "clear", "detail": "cutter"}}
        self.seen = self.seen | {"slip": str(self._slip), "health": ill}
        self.see("printer", jammed=True)

    def __getattr__(self, name: str) -> Any:
        if not any(name in acts for acts in ACTS.values()):
            raise AttributeError(name)
        return lambda: self._note(name)

    def _note(self, act: str) -> None:
        self.done.append(act)
        self.threads.add(threading.current_thread().name)


class Docked:
    def __init__(self, slip: Path) -> None:
        self.lit = Lit(simulated=True)
        self.hall = PlayedHall(slip)
        self.core = CoreThread(lambda error: None)
        begun = threading.Event()

        async def main() -> None:
            begun.set()
            await asyncio.Event().wait()

        self.core.start(main)
        assert begun.wait(5)
        self.desk: Desk
        self.desk, self.window = open_dock(self.lit.engine, self.hall, self.core, self.lit.stage)
        self.finger = Finger(self.window)
        self._frames = 0
        self.window.frameSwapped.connect(self._painted)
        self.lit.until(lambda: self.desk.property("people"))
        self.settle()

    def settle(self) -> None:
        self.lit.turn()
        painted = self._frames
        self.window.update()
        self.lit.until(lambda: self._frames > painted)

    def _painted(self) -> None:
        self._frames += 1

    def press(self, name: str, *effect: str) -> None:
        """Press a button where it stands and wait for what it does in the hall."""
        self.settle()  # rows may just have come or gone
        known = len(self.hall.done)
        self.finger.tap(name)
        self.lit.until(lambda: self.hall.done[known:] == list(effect))

    def reads(self, name: str) -> str:
        self.settle()
        return str(next(item for item in self.finger.seen() if item.objectName() == name).property("text"))

    def said(self) -> str:
        self.settle()
        return "\n".join(self.finger.texts())


@pytest.fixture(scope="module")
def docked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docked]:
    slip = tmp_path_factory.mktemp("slips") / "1.png"
    picture = QImage(384, 600, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    assert picture.save(str(slip))
    docked = Docked(slip)
    yield docked
    assert docked.core.stop(5)
    docked.window.deleteLater()
    docked.lit.put_out()


def test_every_act_has_a_button_that_does_it_on_the_cores_thread(docked: Docked) -> None:
    docked.window.resize(1400, 1600)
    docked.press("person:issued", "choose issued")
    docked.lit.until(lambda: docked.desk.property("state")["person"] == "issued")
    for act in (name for acts in ACTS.values() for name in acts):
        docked.press(f"act:{act}", "swap_card lost" if act == "swap_card" else act)
    assert docked.hall.threads == {"core"}


def test_it_shows_what_the_hall_says(docked: Docked) -> None:
    docked.hall.see("card", card="foreign")
    docked.hall.see("idcard", document="lost")
    docked.hall.see("printer", paper="low")
    docked.hall.see("scanner", code="expired")
    docked.lit.until(lambda: docked.desk.property("state")["really"]["scanner"]["code"] == "expired")
    said = docked.said()
    for words in ("里面是别的卡", "阿依古丽", "过期的码", "纸不多了"):
        assert words in said


def test_a_state_the_hall_does_not_tell_is_unknown_and_never_guessed(docked: Docked) -> None:
    former = docked.hall.seen
    docked.hall.seen = {}
    docked.lit.until(lambda: docked.desk.property("state") == {})
    said = docked.said()
    assert said.count("不知道") == 2 * ALWAYS_THERE, "neither what it does nor what is believed of it"
    docked.hall.seen = {"really": {device: {} for device in former["really"]}, "health": {}}
    docked.lit.until(lambda: docked.desk.property("state"))
    assert docked.said().count("不知道") > 2 * DEVICES
    docked.hall.seen = former
    docked.lit.until(
        lambda: docked.desk.property("state") == former | {"slip": docked.desk.property("state").get("slip")}
    )


def test_what_is_impossible_is_said_and_changes_nothing(docked: Docked) -> None:
    docked.hall.see("card", card="in")
    docked.press("act:insert_card", "insert_card")
    docked.lit.until(lambda: docked.desk.property("refused"))
    assert "a card is in" in docked.said()
    docked.press("act:pull_card", "pull_card")
    assert docked.desk.property("refused") == ""


def test_the_last_slip_and_the_belief_of_the_terminal_are_to_be_seen(docked: Docked) -> None:
    docked.press("act:jam_printer", "jam_printer")
    docked.lit.until(lambda: docked.desk.property("state")["slip"])
    assert "卡纸" in docked.reads("really:printer").split(" · ")
    assert docked.reads("believes:printer") == "要人处理 · 要现场处理"
    assert docked.reads("detail:printer") == "cutter"
    slip = next(item for item in docked.finger.seen() if item.objectName() == "slip")
    assert slip.height() > slip.width() > 100


def test_people_are_found_by_name_and_case(docked: Docked) -> None:
    search = next(item for item in docked.finger.seen() if item.objectName() == "search")
    search.setProperty("text", "挂失")
    docked.settle()
    assert [name for name in docked.finger.controls() if name.startswith("person:")] == ["person:lost"]
    search.setProperty("text", "nobody")
    assert "没有这样的人" in docked.said()
    search.setProperty("text", "")
    docked.settle()
    assert len([name for name in docked.finger.controls() if name.startswith("person:")]) == 2


def test_it_speaks_both_languages_by_itself(docked: Docked) -> None:
    docked.finger.tap("language")
    assert "Insert card" in docked.said()
    assert "Card reported lost" in docked.said()
    assert docked.lit.stage.property("preferences")["language"] == "zh", "the terminal keeps the citizen's language"
    docked.finger.tap("language")
    assert "插卡" in docked.said()


def test_what_is_no_act_is_not_done(docked: Docked, caplog: pytest.LogCaptureFixture) -> None:
    done = len(docked.hall.done)
    docked.desk.act("__init__", "")
    docked.desk.act("state", "")
    docked.lit.turn()
    assert docked.hall.done[done:] == []
    assert "nothing in the hall is called" in caplog.text


def test_a_hall_that_fails_is_said_and_does_not_end_the_core(docked: Docked, caplog: pytest.LogCaptureFixture) -> None:
    former = docked.hall.seen
    docked.hall.seen = None  # type: ignore[assignment]  # as broken as can be
    docked.lit.until(lambda: docked.desk.property("state") == {})
    assert docked.core.running
    docked.hall.seen = former
    docked.lit.until(lambda: docked.desk.property("state"))
    assert "could not be looked at" in caplog.text


def test_a_key_of_the_pin_pad_is_pressed_and_counted(docked: Docked) -> None:
    docked.press("key:enter", "press_key enter")
    docked.press("key:7", "press_key 7")
    docked.lit.until(lambda: docked.reads("really:pinpad").endswith("1"))
