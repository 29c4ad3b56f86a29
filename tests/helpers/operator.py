"""A terminal on mocks with a back room, and the hands of staff."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from kiosk.config import Config
from kiosk.journal import Journal
from kiosk.maintenance.back_room import BackRoom
from kiosk.maintenance.credentials import Cost, Role, StaffFile
from kiosk.maintenance.kept import Kept
from kiosk.pin import Pin
from kiosk.screens import Answer, Back, Key, Pick, Proceed, Scene, Screen, StaffMenu, StaffPage, Summon
from kiosk.terminal import Terminal
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

CHEAP = Cost(passes=1, kib=8, lanes=1)
"""The least that argon2 takes: what is tried here is not how long it takes."""
OPERATOR, ENGINEER = "802613", "907264"
PASSPHRASE = "an engineer's long phrase"
SECRET = b"a secret for tests only"
T = TypeVar("T")


def a_pin(digits: str) -> Pin:
    pin = Pin()
    pin.take(bytearray(digits, "ascii"))
    return pin


def staffed(folder: Path) -> StaffFile:
    """A file with 01, an operator, and 02, an engineer; made once for a folder."""
    staff = StaffFile(folder / "staff.json", CHEAP)
    if not staff.members():
        staff.add("Li", Role.OPERATOR, a_pin(OPERATOR))
        staff.add("Wang", Role.ENGINEER, a_pin(ENGINEER), passphrase=PASSPHRASE)
    return staff


async def at_once(work: Callable[[], T]) -> T:
    return work()


class Hall(Stage):
    """One terminal with its data in ``folder``; another on the same folder is the same terminal after a restart."""

    def __init__(self, folder: Path, *, pin_pad: bool = False, voice: bool = False, **room: Any) -> None:
        def journal(clock: Callable[[], datetime], secret: bytes) -> Journal:
            return Journal(folder / "journal.db", clock, secret)

        super().__init__(journal=journal, pin_pad=pin_pad, voice=voice)
        self.room = BackRoom(
            config=Config(data=folder, settings=self.station.settings),
            staff=staffed(folder),
            kept=Kept(folder / "operator.json"),
            journal=folder / "journal.db",
            journal_secret=SECRET,
            beside=at_once,
            mounted=Path.is_dir,
            **room,
        )
        self.station = dataclasses.replace(self.station, back_room=self.room)
        self.terminal = Terminal(self.station, self.glass)

    async def tap(self, answer: Answer) -> Scene:
        """Answer what is shown; what stands there afterwards."""
        self.answer(answer)
        await asyncio.sleep(1.0)  # the work of a screen is shown for 0.7 s
        assert self.glass.scene is not None
        return self.glass.scene

    async def pick(self, *choices: str) -> Screen[Any]:
        """One choice after the other, each on the screen that the last one brought."""
        for choice in choices:
            await self.tap(Back() if choice == "back" else Pick(choice))
        return self.screen

    @property
    def screen(self) -> Screen[Any]:
        assert self.glass.scene is not None
        return self.glass.scene.screen

    async def type(self, digits: str) -> None:
        for digit in digits:
            self.answer(Key(10 if digit == "0" else int(digit) - 1))
            await asyncio.sleep(0.1)

    async def enter(self, number: str = "01", pin: str = OPERATOR) -> Screen[Any]:
        """From a screen between visits into operator mode."""
        await self.tap(Summon())
        await self.type(number)
        await self.tap(Proceed())
        await self.type(pin)
        await self.tap(Proceed())
        return self.screen

    def noted(self) -> list[tuple[str, dict[str, Any]]]:
        """What staff did, as the journal has it."""
        return [(str(event.facts["act"]), dict(event.facts)) for event in self.journal.events("staff")]

    def acts(self) -> list[str]:
        return [act for act, _ in self.noted()]


def played(folder: Path, story: Callable[[Hall], Awaitable[None]], **room: Any) -> None:
    """Let a terminal run in virtual time while the story is told."""

    async def main() -> None:
        hall = Hall(folder, **room)
        running = asyncio.ensure_future(hall.terminal.run())
        await asyncio.sleep(0.5)
        try:
            await story(hall)
        finally:
            hall.terminal.stop()
            hall.hall.pull_card()
            await asyncio.wait_for(running, 120.0)
            await hall.close()

    run(main())


def page(hall: Hall) -> StaffPage:
    assert isinstance(hall.screen, StaffPage), hall.trace()
    return hall.screen


def menu(hall: Hall) -> StaffMenu:
    assert isinstance(hall.screen, StaffMenu), hall.trace()
    return hall.screen


def values(hall: Hall) -> str:
    return "\n".join(f"{row.label}: {row.value}" for row in page(hall).rows)
