"""After a visit the terminal remembers nobody: no card, no person, no PIN is reachable from it."""

from __future__ import annotations

import asyncio
import gc
import os
from pathlib import Path

import pytest

from kiosk import compose
from kiosk.held_card import HeldCard
from kiosk.insurer.api import Account, CardRecord, Proof
from kiosk.journal import Journal
from kiosk.pin import Pin
from kiosk.screens import Finish, Pick, Prefer, Preferences, Size
from kiosk.visit import Visit
from tests.helpers.citizen import ERRANDS, Citizen, Errand, Hand
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

OF_A_VISIT = (Visit, HeldCard, Proof, CardRecord, Account, Pin)


@pytest.mark.parametrize("errand", ERRANDS, ids=lambda errand: errand.name)
def test_nothing_of_a_visit_is_kept(errand: Errand) -> None:
    async def main() -> None:
        former = {
            id(thing): thing for thing in gc.get_objects() if isinstance(thing, OF_A_VISIT)
        }  # constants of others
        stage = Stage()
        stage.hall.choose(errand.person)
        running = asyncio.ensure_future(stage.terminal.run())
        await asyncio.sleep(0)
        await Citizen(stage, errand, Hand()).live()
        await asyncio.sleep(1.0)
        gc.collect()
        kept = [thing for thing in gc.get_objects() if isinstance(thing, OF_A_VISIT) and id(thing) not in former]
        alive = [type(thing).__name__ for thing in kept]
        assert alive == [], "still alive after the visit"
        stage.terminal.stop()
        await running
        await stage.close()

    run(main())


def test_nothing_of_a_visit_outlives_its_terminal() -> None:
    """Told to stop while the card is to be taken; whoever holds the glass with that screen on it holds nobody."""

    async def main() -> None:
        former = {id(thing) for thing in gc.get_objects() if isinstance(thing, Visit | HeldCard)}
        stage = Stage()
        stage.hall.choose("active")
        running = asyncio.ensure_future(stage.terminal.run())
        await stage.see("Attract")
        stage.hall.insert_card()
        await stage.see("Menu")
        stage.answer(Finish())
        await stage.see("TakeCard")
        stage.terminal.stop()
        await running
        glass = stage.glass
        await stage.close()
        del stage, running
        gc.collect()
        kept = [thing for thing in gc.get_objects() if isinstance(thing, Visit | HeldCard) and id(thing) not in former]
        assert [type(thing).__name__ for thing in kept] == []
        assert glass.scene is not None

    run(main())


def test_what_one_citizen_preferred_is_forgotten() -> None:
    async def main() -> None:
        stage = Stage()
        running = asyncio.ensure_future(stage.terminal.run())
        await stage.see("Attract")
        stage.answer(Prefer("size", "large"))
        await asyncio.sleep(0.1)
        stage.answer(Pick("balance"))
        assert (await stage.see("InsertCard")).preferences.size is Size.LARGE
        stage.answer(Finish())
        await stage.see("Goodbye")
        assert (await stage.see("Attract")).preferences == Preferences()
        assert stage.terminal._arrival.preferences == Preferences()
        stage.terminal.stop()
        await running
        await stage.close()

    run(main())


def test_the_journals_secret_is_whole_or_not_there(tmp_path: Path) -> None:
    secret = compose._journal_secret(tmp_path)
    assert len(secret) == 32
    assert compose._journal_secret(tmp_path) == secret
    assert [path.name for path in tmp_path.iterdir()] == ["journal.key"]
    assert (tmp_path / "journal.key").stat().st_mode & 0o777 == 0o600
    Journal(tmp_path / "journal.db", compose.clock, secret).shut()


def test_what_a_crash_left_of_a_secret_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f".journal.key.{os.getpid()}").write_bytes(b"ab")
    assert len(compose._journal_secret(tmp_path)) == 32
