"""The whole terminal on a real panel, full screen as in a hall, with simulated devices behind it and a citizen who
keeps coming: run by the package's own Python in place of ``kiosk run`` while chords and taps come from outside.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import kiosk.__main__ as program
from kiosk.config import Config
from kiosk.core import Core
from kiosk.screens import Scene
from kiosk.simulation.hall import Hall

STAYS_S, PAUSE_S = 4.0, 1.0


async def _citizens(hall: Hall) -> None:
    """One card after the other goes in and out."""
    while True:
        for person in hall.people():
            hall.choose(person.slug)
            hall.insert_card()
            hall.lay_id()
            await asyncio.sleep(STAYS_S)
            hall.pull_card()
            hall.lift_id()
            hall.take_slip()
            await asyncio.sleep(PAUSE_S)


def main(folder: Path) -> int:
    from ui.app import run_terminal

    config = Config(data=folder / "data")
    core = Core()

    def core_main(show: Callable[[Scene], None]) -> Coroutine[Any, Any, None]:
        async def live() -> None:
            hall, station = await program._open_hall(config, folder / "receipts")
            coming = asyncio.ensure_future(_citizens(hall))
            seen = (folder / "screens").open("w", buffering=1)

            def told(scene: Scene) -> None:
                seen.write(f"{scene.screen.name}\n")
                show(scene)

            try:
                await core.live(station.reader, lambda: station, told)
            finally:
                coming.cancel()
                seen.close()
                await hall.aclose()

        return live()

    surroundings = program._surroundings(config, simulated=True)
    return run_terminal(core_main, surroundings, answer=core.answer, glass_failed=lambda: core.end_visit())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
