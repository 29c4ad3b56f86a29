"""A place: a screen in one of its states, by the label that tells it from others, and how a citizen gets there. From
there ``tests.helpers.matrix`` lets something fail and somebody act. Which journeys there are stands in
``tests.helpers.matrix_journeys``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from kiosk.screens import (
    EnterPin,
    Scene,
    Screen,
    ServiceTile,
    StillThere,
    TakeCard,
)
from tests.helpers.citizen import Citizen, Errand
from tests.helpers.moments import FillingJournal, Moments
from tests.helpers.storyboard import Stage

LONGEST_S = 900.0
"""Virtual seconds within which a journey has shown whatever it shows."""


# --- what a screen is called ------------------------------------------------------------------------------------------

_UNTOLD = {"holder", "number", "qr", "bank", "preview", "as_of", "seconds", "filled", "tries_left", "reminder"}
"""Fields whose value changes nothing of what can be done."""
_USUAL = {"glass", "not_asked"}
"""Values that go without saying."""


def label(scene: Scene, over: str = "") -> str:
    """``EnterPin new, problem wrong``: the screen and whatever of it decides what can happen next."""
    screen = scene.screen
    told = [screen.variant.replace(".", " ")] if screen.variant else []
    for entry in fields(screen):  # type: ignore[arg-type]  # every screen is a dataclass
        value = getattr(screen, entry.name)
        if entry.name in _UNTOLD or str(value) in (*told, *_USUAL):
            continue
        if entry.name in (screen.variant or ""):
            continue
        name = entry.name.replace("_", " ")
        if entry.name == "services":
            told += _tiles(value)
        elif isinstance(value, ServiceTile):
            told.append(f"offers {value.id}")
        elif isinstance(value, bool):
            usual = entry.name in ("can_print", "has_older", "can_reset")
            if value is not usual:
                told.append(f"not {name}" if usual else name)
        elif isinstance(value, StrEnum) and entry.name not in ("task", "cause", "purpose"):
            told.append(f"{name} {value.replace('_', ' ')}")
        elif entry.name == "code" and screen.name == "OutOfOrder":
            told.append(str(value))
    if isinstance(screen, EnterPin) and screen.filled:
        told.append("all typed" if screen.filled == screen.length else "partly typed")
    if isinstance(screen, TakeCard) and screen.reminder:
        told.append("reminded")
    if isinstance(screen, StillThere):
        told.append(f"over {over}")
    return f"{screen.name} {', '.join(told)}".replace("_", " ").strip()


def _tiles(tiles: tuple[ServiceTile, ...]) -> list[str]:
    """What is not offered as usual."""
    limited = {tile.id: tile.available.replace("_", " ") for tile in tiles if tile.available != "yes"}
    if len(limited) == len(tiles) and len(set(limited.values())) == 1:
        return [f"all {limited.popitem()[1]}"]
    return [f"{service}: {available}" for service, available in limited.items()]


# --- how to get there -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Detour:
    """What this citizen does once instead of what they would do, where the label begins so."""

    at: str
    act: Callable[[Citizen], None]


@dataclass(frozen=True)
class Journey:
    errand: Errand
    detours: tuple[Detour, ...] = ()
    prepare: Callable[[Stage], None] = lambda stage: None
    reset_at_terminal: bool = True
    named: str = ""

    @property
    def name(self) -> str:
        return self.named or f"{self.errand.name}" + "".join(f"; {detour.at}" for detour in self.detours)

    def stage(self) -> Stage:
        stage = Stage(
            journal=FillingJournal,
            faults=Moments,
            pin_pad=self.errand.on_pad,
            reset_at_terminal=self.reset_at_terminal,
        )
        stage.hall.choose(self.errand.person)
        self.prepare(stage)
        return stage


@dataclass
class Traveller(Citizen):
    detours: list[Detour] = field(default_factory=list)

    def act(self, scene: Scene) -> None:
        here = label(scene)
        for detour in self.detours:
            if here.startswith(detour.at):
                self.detours.remove(detour)
                detour.act(self)
                return
        super().act(scene)


class Labels:
    """Hears every scene that is drawn, and knows over which question a warning stands."""

    def __init__(self, stage: Stage, hear: Callable[[Scene, str], None]) -> None:
        self._draw, self._hear, self.now, self._over = stage.glass.draw, hear, "", ""
        stage.glass.draw = self._heard

    def _heard(self, scene: Scene) -> None:
        if not isinstance(scene.screen, StillThere):
            self._over = scene.screen.name
        self.now = label(scene, self._over)
        self._draw(scene)
        self._hear(scene, self.now)


async def labels_of(journey: Journey) -> dict[str, Screen[Any]]:
    """Every label that a journey comes by, with the screen as it was when it was first seen."""
    stage = journey.stage()
    found: dict[str, Screen[Any]] = {}

    def hear(scene: Scene, text: str) -> None:
        found.setdefault(text, scene.screen)

    Labels(stage, hear)
    citizen = Traveller(stage, journey.errand, detours=list(journey.detours))
    running = asyncio.ensure_future(stage.terminal.run())
    await asyncio.sleep(0)
    living = asyncio.ensure_future(citizen.live())
    await asyncio.wait({living}, timeout=LONGEST_S)
    living.cancel()
    stage.terminal.stop()
    stage.hall.pull_card()
    await asyncio.wait({running, living})
    await stage.close()
    return found


@dataclass(frozen=True)
class Place:
    label: str
    journey: Journey
    screen: Screen[Any]
    """As it was when it was first seen: what it offers."""
