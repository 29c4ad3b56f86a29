"""Every flow with up, down, left, right, ok and back, and no touch; the focus is always seen and traps nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtQuick import QQuickItem

from kiosk.screens import ALL, Attract, Finish, InsertCard, KnowsPin, Scene, Size, StillThere
from tests.helpers.citizen import ERRANDS, Errand
from tests.helpers.keyed import ARROWS, KeyedCitizen, LitStage, differing, ring_of
from tests.helpers.lit import Lit
from tests.helpers.virtual_time import run
from ui.gallery.states import samples

SMALL = (540, 960)
"""The same panel with fewer pixels: nothing here asks for more."""
VISIT_S = 900.0

REFUSED = Errand("refusal", "lost", "activate")
OFFERED = Errand("refusal with another service offered", "active", "activate")
FLOWS = (*ERRANDS, REFUSED, OFFERED)


@pytest.fixture(scope="module")
def lit() -> Iterator[Lit]:
    terminal = Lit(SMALL)
    yield terminal
    terminal.put_out()


async def _played(
    lit: Lit, errand: Errand, citizen_of: type[KeyedCitizen] = KeyedCitizen
) -> tuple[LitStage, KeyedCitizen]:
    stage = LitStage(lit, pin_pad=errand.on_pad)
    stage.hall.choose(errand.person)
    citizen = citizen_of(stage, errand)
    running = asyncio.ensure_future(stage.terminal.run())
    await asyncio.sleep(0)
    hand, living = asyncio.ensure_future(citizen.press_all()), asyncio.ensure_future(citizen.live())
    try:
        async with asyncio.timeout(VISIT_S):
            done, _ = await asyncio.wait({hand, living}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        return stage, citizen
    finally:
        hand.cancel()
        living.cancel()
        stage.terminal.stop()
        stage.hall.pull_card()
        await asyncio.wait({hand, living, running})
        await stage.close()


@pytest.mark.parametrize("errand", FLOWS, ids=lambda errand: errand.name)
def test_every_flow_without_a_touch(lit: Lit, errand: Errand) -> None:
    stage, citizen = run(_played(lit, errand))
    seen = [scene.screen.name for scene in stage.shown()]
    wanted = "Refusal" if errand in (REFUSED, OFFERED) else "Result"
    assert wanted in seen, stage.trace()
    assert seen[-1] == "Attract"
    assert citizen.presses > 1
    assert citizen.lost == [], "no control had the focus there"
    if wanted == "Result":
        assert stage.slips()


def test_back_ends_a_visit(lit: Lit) -> None:
    class Leaves(KeyedCitizen):
        def act(self, scene: Scene) -> None:
            if isinstance(scene.screen, InsertCard):
                self.answer(Finish())
            else:
                super().act(scene)

    stage, _ = run(_played(lit, ERRANDS[0], Leaves))
    assert stage.trace() == "Starting > Attract > InsertCard > Goodbye > Attract"


def test_one_key_says_that_somebody_is_there(lit: Lit) -> None:
    """Any of the six, the one that ends the visit excepted."""

    async def main() -> None:
        for key in (*ARROWS.values(), Qt.Key.Key_Return):
            stage = LitStage(lit)
            running = asyncio.ensure_future(stage.terminal.run())
            await stage.come(Attract)
            stage.go_to("pick:activate")
            stage.press(Qt.Key.Key_Return)
            await stage.come(StillThere)
            stage.press(key)
            await stage.come(InsertCard)
            stage.terminal.stop()
            await running
            await stage.close()

    run(main())


# --- every state of the gallery --------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[SMALL, SMALL[::-1]], ids=["portrait", "landscape"])
def panel(request: pytest.FixtureRequest) -> Iterator[Lit]:
    terminal = Lit(request.param, simulated=True)
    yield terminal
    terminal.put_out()


def _controls(panel: Lit) -> dict[str, QQuickItem]:
    found = panel.finger.controls()
    return {name: item for name, item in found.items() if name and item.property("isTarget") is True}


@pytest.mark.parametrize("screen", ALL, ids=lambda screen: screen.__name__)
def test_the_focus_is_seen_on_every_control(panel: Lit, screen: type[Any]) -> None:
    """Where it is, the picture is another one than where it is not: the ring lies around the control on the glass."""
    unseen: list[str] = []
    glass = QRectF(0, 0, panel.window.width(), panel.window.height())
    for label, shown in [s for s in samples() if type(s[1]) is screen]:
        panel.show(shown)
        panel.finger.press(Qt.Key.Key_Down)  # from here on the keys are in use
        panel.settle()
        controls = _controls(panel)
        if controls and panel.focus() is None:
            unseen.append(f"{label}: no control has the focus")
        if len(controls) < 2:
            continue
        pictures = {}
        for name, item in controls.items():
            item.forceActiveFocus()
            panel.settle()
            pictures[name] = panel.picture()
        names = list(controls)
        for number, name in enumerate(names):
            ring = ring_of(
                controls[name], glass, max(3.0, 1.8 * panel.window.width() / panel.stage.property("widthMm"))
            )
            other = pictures[names[number - 1]]
            if differing(pictures[name], other, ring) < max(3, len(ring) // 2):
                unseen.append(f"{label}: {name} {differing(pictures[name], other, ring)}/{len(ring)}")
    assert unseen == []


def test_after_a_touch_the_ring_is_gone_and_its_absence_would_be_seen(panel: Lit) -> None:
    """The comparison above is not blind: with no ring drawn the two pictures are the same."""
    glass = QRectF(0, 0, panel.window.width(), panel.window.height())
    panel.show(KnowsPin())
    pictures = []
    for name in ("pick:change", "pick:reset"):
        panel.finger.tap_at(QPoint(3, 3))  # beside everything
        panel.finger.find(name).forceActiveFocus()
        panel.settle()
        pictures.append(panel.picture())
    ring = ring_of(panel.finger.find("pick:change"), glass, 3.0)
    assert ring
    assert differing(pictures[0], pictures[1], ring) == 0


@pytest.mark.parametrize("size", [Size.NORMAL, Size.XLARGE])
@pytest.mark.parametrize("screen", ALL, ids=lambda screen: screen.__name__)
def test_no_control_keeps_the_focus_for_itself(panel: Lit, screen: type[Any], size: Size) -> None:
    """From each control the arrows lead, by whatever way, to each other one."""
    trapped: list[str] = []
    for label, shown in [s for s in samples() if type(s[1]) is screen]:
        panel.show(shown, size=size)
        controls = _controls(panel)
        leads: dict[str, set[str]] = {}
        for name, item in controls.items():
            leads[name] = set()
            for key in ARROWS.values():
                item.forceActiveFocus()
                panel.finger.press(key)
                there = panel.focus()
                assert there is not None, f"{label}: the focus is lost from {name}"
                leads[name].add(there.objectName())
        for name in controls:
            missed = set(controls) - _all_from(name, leads)
            if missed:
                trapped.append(f"{label}: from {name} no way to {sorted(missed)}")
    assert trapped == []


def _all_from(start: str, leads: dict[str, set[str]]) -> set[str]:
    met, waiting = {start}, [start]
    while waiting:
        fresh = leads[waiting.pop()] - met
        met |= fresh
        waiting += fresh
    return met
