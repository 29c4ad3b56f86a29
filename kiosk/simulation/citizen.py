"""Somebody in front of the glass: sees the screen, taps, types, chooses a PIN.

Knows only what a citizen knows; what a visit must come to, and what lies on the devices, is not known here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from kiosk.screens import Scene
from kiosk.simulation.album import Album, Pictured

NEW_PIN = "580274"
"""What the demonstration's citizens choose; no rule refuses it."""
KEY_PAUSE_S = 0.15
"""A quick hand. A key stays lit for less, so that no picture shows what was typed."""


class PlayedGlass(Pictured, Protocol):
    """A glass with somebody in front of it."""

    async def wait_for(self, *screen_names: str, timeout: float = ...) -> Scene: ...

    async def tap(self, name: str, timeout: float = ...) -> None: ...


class VisitWentWrong(AssertionError):
    """A visit did not end as it should; says what was expected."""


class Citizen:
    """``glass`` is what is seen and touched; ``album`` keeps what was seen."""

    def __init__(self, glass: PlayedGlass, album: Album) -> None:
        self._glass = glass
        self._album = album

    async def see(self, name: str) -> Scene:
        scene = await self._glass.wait_for(name, timeout=30.0)
        await self._album.picture(scene)
        return scene

    async def until(self, wanted: Callable[[Scene], bool]) -> None:
        """Wait for a scene that is as wanted."""
        loop = asyncio.get_running_loop()
        until = loop.time() + 20.0
        while self._glass.scene is None or not wanted(self._glass.scene):
            if loop.time() > until:
                raise VisitWentWrong(f"{self._glass.scene and self._glass.scene.screen} is on the glass")
            await asyncio.sleep(0.02)

    async def tap(self, control: str, then: str, **scene: Any) -> None:
        before = self._glass.scene.serial if self._glass.scene else 0
        name = control if ":" in control or control in ("proceed", "back", "finish") else f"pick:{control}"
        await self._glass.tap(name, timeout=20.0)
        await self.until(lambda seen: seen.serial > before)
        if "variant" in scene:
            await self.until(lambda seen: seen.screen.variant == scene["variant"])
        await self.see(then)

    async def proceed(self, then: str) -> None:
        await self.tap("proceed", then)

    async def submit(self) -> None:
        before = self._glass.scene.serial if self._glass.scene else 0
        await self._glass.tap("proceed", timeout=20.0)
        await self.until(lambda seen: seen.serial > before)

    async def type(self, digits: str) -> None:
        await self.see("EnterPin")
        for digit in digits:
            await self._glass.tap(f"key:{10 if digit == '0' else int(digit) - 1}", timeout=20.0)
            await asyncio.sleep(KEY_PAUSE_S)
        await self.until(lambda scene: getattr(scene.screen, "filled", 0) == len(digits))
        await self._album.filled()

    async def choose_pin(self, *, weak_first: str = "") -> None:
        if weak_first:
            await self.type(weak_first)
            await self.submit()
            await self.until(lambda scene: getattr(scene.screen, "problem", None) is not None)
            await self.see("EnterPin")
            await self._album.shoot("EnterPin-weak")
        await self.type(NEW_PIN)
        await self.submit()
        await self.until(lambda scene: scene.screen.variant == "repeat")
        await self.type(NEW_PIN)
        await self.submit()

    async def see_wrong_pin(self) -> None:
        await self.until(lambda scene: getattr(scene.screen, "problem", None) is not None)
        await self.see("EnterPin")
        await self._album.shoot("EnterPin-wrong")
