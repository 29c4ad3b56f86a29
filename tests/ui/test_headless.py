"""The glass that is played by code: what a script awaits is what was on the glass, and its touches are real."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from kiosk.screens import Answer, Attract, EnterPin, Finish, Key, LastTry, Pick, PinPurpose, Proceed, Reading, Touched
from kiosk.text import catalogues
from tests.helpers.lit import HALL
from ui.finger import NoControl
from ui.gallery.states import TILES, scene
from ui.headless import HeadlessGlass, NotSeen
from ui.stage import Surroundings

Script = Callable[["Played"], Coroutine[Any, Any, Any]]


class Played:
    """A headless glass and the answers that came from it, to be awaited one by one."""

    def __init__(self, *, still: bool = True) -> None:
        self.answers: asyncio.Queue[Answer] = asyncio.Queue()
        self.glass = HeadlessGlass(
            Surroundings(336, 597, HALL, reduced_motion=still), self._answered, width=540, height=960
        )

    def _answered(self, answer: Answer, serial: int) -> None:
        if not isinstance(answer, Touched):
            self.answers.put_nowait(answer)

    def run(self, script: Script) -> Any:
        async def play() -> Any:
            async with asyncio.timeout(20):
                return await script(self)

        return self.glass.run(play)


@pytest.fixture
def played() -> Played:
    return Played()


def test_a_script_sees_touches_and_reads(played: Played) -> None:
    async def script(played: Played) -> str:
        glass = played.glass
        glass.show(scene(Attract(TILES), 1))
        seen = await glass.wait_for("Menu", "Attract")
        assert seen.serial == 1
        assert catalogues()["zh"].say("Attract.title") in await glass.texts()
        assert "pick:activate" in await glass.controls()
        await glass.tap("pick:activate")
        assert await played.answers.get() == Pick("activate")
        glass.show(scene(LastTry(), 2))
        await glass.wait_for("LastTry")
        await glass.press(Qt.Key.Key_Escape)
        assert await played.answers.get() == Finish()
        return "played"

    assert played.run(script) == "played"
    assert played.glass.screens_seen == ["Attract", "LastTry"]


def test_a_tap_waits_until_screens_stand_still() -> None:
    async def script(played: Played) -> None:
        for serial in range(1, 4):
            played.glass.show(scene(Reading(), 2 * serial))
            played.glass.show(scene(LastTry(), 2 * serial + 1))
            await played.glass.tap("proceed")
            assert await played.answers.get() == Proceed()

    Played(still=False).run(script)


def test_a_pin_is_typed_as_fast_as_the_script_can(played: Played) -> None:
    async def script(played: Played) -> list[Answer]:
        pin = scene(EnterPin(PinPurpose.NEW), 1)
        played.glass.show(pin)
        keys: list[Answer] = []
        for filled, position in enumerate((0, 1, 2, 10, 11, 9), 1):
            await played.glass.tap(f"key:{position}")
            keys.append(await played.answers.get())
            played.glass.show(replace(pin, screen=EnterPin(PinPurpose.NEW, filled=filled)))
        await played.glass.tap("proceed")
        keys.append(await played.answers.get())
        return keys

    assert played.run(script) == [Key(0), Key(1), Key(2), Key(10), Key(11), Key(9), Proceed()]
    assert played.glass.screens_seen == ["EnterPin"]
    assert played.glass.answered_s, "several keys may fall into one frame, but not all into none"
    assert max(played.glass.answered_s) < 5


def test_a_picture_is_what_is_on_the_glass(played: Played, tmp_path: Path) -> None:
    async def script(played: Played) -> None:
        for serial, screen in enumerate((Attract(TILES), LastTry()), 1):
            played.glass.show(scene(screen, serial))
            await played.glass.wait_for(screen.name)
            await played.glass.screenshot(tmp_path / f"{screen.name}.png")
        with pytest.raises(OSError, match="could not be written"):
            await played.glass.screenshot(tmp_path / "nowhere" / "x.png")

    played.run(script)
    one, other = QImage(str(tmp_path / "Attract.png")), QImage(str(tmp_path / "LastTry.png"))
    assert (one.width(), one.height()) == (540, 960)
    assert one != other
    assert len({one.pixel(x, y) for x in range(0, 540, 4) for y in range(0, 960, 4)}) > 20


def test_what_does_not_come_is_told_with_what_is_there(played: Played) -> None:
    async def script(played: Played) -> None:
        with pytest.raises(NotSeen, match="nothing is on the glass"):
            await played.glass.wait_for("Balance", timeout=0.05)
        played.glass.show(scene(LastTry(), 1))
        await played.glass.wait_for("LastTry")
        with pytest.raises(NotSeen, match="LastTry"):
            await played.glass.wait_for("Balance", timeout=0.05)
        with pytest.raises(NoControl, match="pick:reset"):
            await played.glass.tap("pick:nobody", timeout=0.05)

    played.run(script)


def test_what_the_script_raises_comes_out_and_the_glass_can_be_lit_again(played: Played) -> None:
    async def fails(_: Played) -> None:
        raise LookupError("as written")

    async def goes_on(played: Played) -> list[str]:
        played.glass.show(scene(Reading(), 1))
        await played.glass.wait_for("Reading")
        return played.glass.screens_seen

    with pytest.raises(LookupError, match="as written"):
        played.run(fails)
    assert played.run(goes_on) == ["Reading"]


def test_a_screen_without_words_ends_the_run(played: Played) -> None:
    """An exception in the GUI would else leave the script waiting for a screen that never comes."""

    async def script(played: Played) -> None:
        played.glass.show(replace(scene(Reading(), 1), screen=_Broken()))
        await played.glass.wait_for("Broken")

    with pytest.raises(ValueError, match="no words"):
        played.run(script)


class _Broken(Reading):
    @property
    def name(self) -> str:
        raise ValueError("no words")
