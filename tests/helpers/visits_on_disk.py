"""Whole visits with the journal on the disk, in a process of their own: ``python -m tests.helpers.visits_on_disk FOLDER
[ERRAND…]``.

The terminal stands on mocks and virtual time. Whatever leaves it (a request to the insurer, a command to the chip) and
every screen is written to standard output in one call each, so that somebody who watches the system calls sees the
order of these and of the journal's. It ends when the attract screen is back.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from drivers.faults import Fault, FaultPlan
from kiosk.journal import Journal
from kiosk.screens import Attract, OutOfOrder, Scene
from tests.helpers.citizen import ERRANDS, Citizen, Errand
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

LONGEST_S = 900.0


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


class Spoken(FaultPlan):
    """No fault, but says every operation before it happens."""

    def draw(self, *ops: str) -> tuple[Fault | None, float]:
        say(f"leaves {ops[0]}")
        return super().draw(*ops)


async def play(errand: Errand, folder: Path, *, carried_on: bool) -> None:
    """``carried_on``: one journal for all errands, as it stays when a terminal is started again and again."""
    name = "journal.db" if carried_on else f"{errand.name.replace(' ', '-')}.db"
    stage = Stage(journal=lambda clock, secret: Journal(folder / name, clock, secret, in_service=True), faults=Spoken)
    draw = stage.glass.draw

    def told(scene: Scene) -> None:
        # "Leaves" as well: what a screen says of a change must be on the disk as surely as what the insurer hears.
        variant = getattr(scene.screen, "variant", "")
        code = getattr(scene.screen, "code", "")
        say(f"screen {scene.screen.name}{'.' + variant if variant else ''} {code}")
        if type(scene.screen).__name__ in ("Refusal", "OutOfOrder"):
            say(f"words {' '.join(stage.station.catalogues['zh'].wording(scene.screen).values())}")
        draw(scene)

    stage.glass.draw = told
    stage.hall.choose(errand.person)
    citizen = Citizen(stage, errand)
    say(f"errand {errand.name}")
    running = asyncio.ensure_future(stage.terminal.run())
    await asyncio.sleep(0)
    living = asyncio.ensure_future(citizen.live())
    try:
        await asyncio.wait({running, living}, timeout=LONGEST_S, return_when=asyncio.FIRST_COMPLETED)
        stage.hall.pull_card()
        async with asyncio.timeout(LONGEST_S):
            while not isinstance(stage.glass.scene and stage.glass.scene.screen, Attract):
                if isinstance(stage.glass.scene and stage.glass.scene.screen, OutOfOrder):
                    say("waits")
                await asyncio.sleep(5.0)
        await asyncio.sleep(60.0)  # what stayed open is settled
        say(f"over open={len(stage.journal.open_items())} findings={len(stage.journal.verify())}")
    finally:
        living.cancel()
        stage.terminal.stop()
        await asyncio.wait({running, living})
        await stage.close()


def main(folder: Path, names: list[str]) -> None:
    for errand in ERRANDS:
        if not names or errand.name in names:
            run(play(errand, folder, carried_on=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
