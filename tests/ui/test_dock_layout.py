"""The dock as it is drawn: both languages, every device well or ailing, nothing cut off in a window of its first size;
and a real hall behind it, whose acts are felt by the devices and told by them."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtQuick import QQuickItem, QQuickWindow

from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.simulation.hall import Hall, in_process
from tests.helpers.lit import Lit
from ui.core_thread import CoreThread
from ui.dock.desk import ACTS, Desk, open_dock
from ui.finger import Finger
from ui.gallery.measure import SLACK, clip_of, is_text, on_glass, visible_items

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LOOK_S = 0.02
SIZE = (1240, 920)
MAY_BE_ELIDED = ("detail:",)
"""What an integrator reads in full in the log: it may hold the path of a temporary folder."""


class RealDock:
    """A dock before a hall of mocks, on a loop of its own."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._former = qInstallMessageHandler(self._said)
        self.lit = Lit(simulated=True)
        self.core = CoreThread(lambda error: None)
        self.hall: Hall
        begun = threading.Event()

        async def main() -> None:
            self.hall = in_process(lambda: NOW, EmbeddedInsurer(":memory:", clock=lambda: NOW))
            self.hall.put_pin_pad()
            begun.set()
            try:
                while True:
                    await self.hall.look()
                    await asyncio.sleep(LOOK_S)
            finally:
                await self.hall.aclose()

        self.core.start(main)
        assert begun.wait(5)
        self.desk: Desk
        self.window: QQuickWindow
        self.desk, self.window = open_dock(self.lit.engine, self.hall, self.core, self.lit.stage)
        self.finger = Finger(self.window)
        self._frames = 0
        self.window.frameSwapped.connect(self._painted)
        self.lit.until(lambda: len(self.desk.property("state").get("health", {})) == len(ACTS) - 1)
        self.settle()

    def _painted(self) -> None:
        self._frames += 1

    def _said(self, kind: QtMsgType, _: object, message: str) -> None:
        if kind is not QtMsgType.QtDebugMsg:
            self.warnings.append(message)

    def settle(self) -> None:
        self.lit.turn()
        painted = self._frames
        self.window.update()
        self.lit.until(lambda: self._frames > painted)

    def speak(self, language: str) -> None:
        self.desk.speak(language)
        self.settle()

    def press(self, act: str) -> None:
        self.finger.tap(f"act:{act}")
        self.settle()

    def told(self, device: str) -> dict[str, Any]:
        state = self.desk.property("state")
        return {"really": state["really"][device], "believes": state["health"][device]["condition"]}

    def put_out(self) -> None:
        assert self.core.stop(5)
        self.window.deleteLater()
        self.lit.put_out()
        qInstallMessageHandler(self._former)


@pytest.fixture(scope="module")
def dock() -> Iterator[RealDock]:
    dock = RealDock()
    yield dock
    dock.put_out()


@pytest.fixture
def healed(dock: RealDock) -> Iterator[RealDock]:
    dock.warnings.clear()
    yield dock
    dock.press("heal_everything")
    dock.press("pull_card")
    dock.press("lift_id")
    dock.speak("zh")
    devices = dock.desk.property("state")["really"]
    dock.lit.until(lambda: all(dock.told(device)["believes"] in ("online", "unknown") for device in devices))


def findings(window: QQuickWindow) -> Iterator[str]:
    """What is cut off, outside or over something else. The list of people is one to be scrolled."""
    glass = on_glass(window.contentItem()).adjusted(-SLACK, -SLACK, SLACK, SLACK)
    people = next(item for item in visible_items(window) if item.objectName() == "people")
    listed = set(map(id, visible_items(people)))
    items = [item for item in visible_items(window) if id(item) not in listed]
    shown = [item for item in items if is_text(item) or _is_button(item)]
    for item in shown:
        name, area = str(item.property("text")), on_glass(item)
        if item.property("truncated") and not item.objectName().startswith(MAY_BE_ELIDED):
            yield f"{name} is truncated"
        if is_text(item) and item.property("contentWidth") > item.width() + SLACK:
            yield f"{name} is wider than its place"
        if not glass.contains(area):
            yield f"{name} lies outside the glass"
        clip = clip_of(item)
        if clip is not None and not clip.adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(area):
            yield f"{name} is cut off"
    for kind in (is_text, _is_button):
        for one, other in itertools.combinations([item for item in shown if kind(item)], 2):
            common = on_glass(one).intersected(on_glass(other))
            if common.width() > SLACK and common.height() > SLACK:
                yield f"{one.property('text')} lies over {other.property('text')}"


def _is_button(item: QQuickItem) -> bool:
    return item.objectName().startswith("act:")


ALL_AT_ONCE = (
    "stop_card_service",
    "fail_next_apdu",
    "lay_unreadable_id",
    "lift_id_early",
    "break_sam",
    "unplug_id_reader",
    "show_expired_code",
    "freeze_camera",
    "unplug_camera",
    "take_paper",
    "jam_printer",
    "cut_network",
    "drop_next_reply",
)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("ailing", [False, True])
def test_nothing_is_cut_off_and_qt_has_nothing_to_say(healed: RealDock, language: str, ailing: bool) -> None:
    healed.speak(language)
    assert (healed.window.width(), healed.window.height()) == SIZE
    places = {name: on_glass(item) for name, item in healed.finger.controls().items() if name.startswith("act:")}
    assert len(places) == sum(map(len, ACTS.values()))
    for act in ALL_AT_ONCE if ailing else ():
        healed.press(act)
    if ailing:
        healed.lit.until(lambda: healed.told("printer")["believes"] == "hardware_error")
        healed.lit.until(lambda: healed.told("idcard")["believes"] == "no_device")
        healed.settle()
    assert list(findings(healed.window)) == []
    assert healed.warnings == []
    now = {name: on_glass(item) for name, item in healed.finger.controls().items() if name.startswith("act:")}
    assert now == places, "no button moves under the finger"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_has_a_translation(healed: RealDock, language: str) -> None:
    healed.speak(language)
    other = "en" if language == "zh" else "zh"
    mine = set(healed.desk.property("words"))
    healed.speak(other)
    assert mine == set(healed.desk.property("words"))
    assert {f"act.{act}" for acts in ACTS.values() for act in acts} <= mine
    assert {f"device.{device}" for device in ACTS if device != "hall"} <= mine


def test_what_is_pressed_is_felt_by_the_device_and_told_by_it(healed: RealDock) -> None:
    """The two columns: first the device changes, then the terminal learns of it."""
    for act, device, key, value, believed in (
        ("unplug_id_reader", "idcard", "plugged", False, "no_device"),
        ("plug_id_reader", "idcard", "plugged", True, "online"),
        ("open_cover", "printer", "cover_open", True, "user_error"),
        ("close_cover", "printer", "cover_open", False, "online"),
        ("unplug_camera", "scanner", "plugged", False, "no_device"),
        ("plug_camera", "scanner", "plugged", True, "online"),
        ("stop_card_service", "card", "service", "stopped", "no_device"),
        ("start_card_service", "card", "service", "running", "online"),
    ):
        healed.press(act)
        wanted = (value, believed)
        healed.lit.until(
            lambda: (healed.told(device)["really"][key], healed.told(device)["believes"]) == wanted  # noqa: B023
        )


def test_the_health_of_everything_has_a_word_beside_its_colour(healed: RealDock) -> None:
    healed.speak("en")
    healed.press("break_printer")
    healed.lit.until(lambda: healed.told("printer")["believes"] == "hardware_error")
    healed.settle()
    said = {item.objectName(): str(item.property("text")) for item in healed.finger.seen() if item.objectName()}
    assert said["really:printer"] == "broken · paper in"
    assert said["believes:printer"] == "broken · call maintenance"
    assert all(said[f"{line}:{device}"] for line in ("really", "believes") for device in ACTS if device != "hall")
