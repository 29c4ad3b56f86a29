"""Pictures of the demonstration: each screen once, in each wording, when it stands still.

It only looks: what is on the glass, and where its picture lies.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol

from kiosk.screens import BeingChecked, PartialResult, Reading, Refusal, Result, Scene, Working

DRAWN_S = 0.8
"""How long the sign on a result takes to draw itself."""


class Pictured(Protocol):
    """A glass that can be photographed."""

    @property
    def scene(self) -> Scene | None: ...

    async def screenshot(self, path: Path) -> Path: ...


class Album:
    """Takes pictures of ``glass`` into ``folder``, numbered as they were taken."""

    def __init__(self, glass: Pictured, folder: Path) -> None:
        self._glass = glass
        self._folder = folder
        self._pictured: set[tuple[str, str | None]] = set()
        self._shooting: set[asyncio.Task[None]] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def passes(self, scene: Scene) -> None:
        """Hear of every scene, on the core's loop: screens that tell of work are pictured in passing."""
        screen = scene.screen
        if isinstance(screen, Working | Reading) and (screen.name, screen.variant) not in self._pictured:
            task = asyncio.ensure_future(self._picture_in_passing(scene))
            self._shooting.add(task)
            task.add_done_callback(self._shooting.discard)

    async def complete(self) -> None:
        """Wait for the pictures that are still being taken."""
        await asyncio.gather(*self._shooting)

    async def filled(self) -> None:
        """The pad with all its digits in, once."""
        if ("EnterPin", "filled") not in self._pictured and self._glass.scene is not None:
            self._pictured.add(("EnterPin", "filled"))
            await self.shoot("EnterPin-filled")

    async def picture(self, scene: Scene) -> None:
        key = (scene.screen.name, scene.screen.variant)
        if key not in self._pictured:
            self._pictured.add(key)
            if isinstance(scene.screen, Result | PartialResult | BeingChecked | Refusal):
                await asyncio.sleep(DRAWN_S)
            await self.shoot("-".join(filter(None, key)))

    async def _picture_in_passing(self, scene: Scene) -> None:
        """Once the transition is over, if the screen is still there."""
        await asyncio.sleep(0.45)
        seen = self._glass.scene
        if seen is not None and seen.serial == scene.serial:
            await self.picture(seen)

    async def shoot(self, name: str) -> None:
        number = len(list(self._folder.glob("*.png"))) + 1
        await self._glass.screenshot(self._folder / f"{number:02d}-{name}.png")
