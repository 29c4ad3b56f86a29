"""The terminal that ``tests.system.hammer`` strikes, as a process of its own: the real window on the whole screen, the
real core on simulated devices, and hands that put cards in and take them out while somebody strikes the glass.

    python -m tests.helpers.hammered SEED

It prints one line of JSON for every screen that comes and for every state of the terminal's life.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import sys
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QEvent, QObject

from kiosk.screens import Answer, Scene
from kiosk.simulation.hall import Hall
from kiosk.terminal import Terminal
from tests.helpers.storyboard import Stage
from ui.app import Show, run_terminal
from ui.stage import Surroundings

IDLE_S, WARNING_S, TOLD_S = 6.0, 3, 4.0
"""Short, so that every end of a visit comes up between the strokes."""
HANDS_S = 0.7
"""Between two things that the hands do."""


def tell(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


class Complaints(logging.Handler):
    """What the terminal calls an error of its own."""

    def emit(self, record: logging.LogRecord) -> None:
        tell(complaint=f"{record.name}: {record.getMessage()}")


class Wrong(QObject):
    """What a test wants to be found (environment ``HAMMERED_GOES_WRONG``): at the first stroke, and not before whoever
    strikes has seen how it was."""

    def __init__(self, does: str) -> None:
        super().__init__()
        self._does = does
        self._kept: dict[str, object] = {}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        if self._does and event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress):
            does, self._does = self._does, ""
            exec(does, self._kept)
        return False


class Core:
    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._stage: Stage | None = None

    def answer(self, answer: Answer, serial: int) -> None:
        if self._stage is not None:
            self._stage.glass.receive(answer, serial)

    async def live(self, show: Show) -> None:
        stage = self._stage = Stage()
        quick = replace(
            stage.station.settings, idle_normal_s=IDLE_S, idle_large_s=IDLE_S, warning_s=WARNING_S, told_s=TOLD_S
        )
        stage.station = replace(stage.station, settings=quick)
        stage.terminal = Terminal(stage.station, stage.glass)

        def draw(scene: Scene) -> None:
            show(scene)
            tell(screen=scene.screen.name, state=stage.terminal.state.value)

        stage.glass.draw = draw
        playing = asyncio.ensure_future(self._hands(stage.hall))
        try:
            await stage.terminal.run()
        finally:
            playing.cancel()
            await stage.close()

    async def _hands(self, hall: Hall) -> None:
        """Somebody with a card, an ID card and a phone, who cannot leave anything where it is."""
        people = [passer.slug for passer in hall.people()]
        while True:
            await asyncio.sleep(HANDS_S * self._chance.uniform(0.2, 2.0))
            match self._chance.randrange(12):
                case 0:
                    hall.choose(self._chance.choice(people[:31]))
                case 1 | 2 | 3:
                    hall.insert_card()
                case 4:
                    hall.pull_card()
                case 5 | 6:
                    hall.lay_id()
                case 7:
                    hall.lift_id()
                case 8 | 9:
                    hall.show_code()
                case 10:
                    hall.hide_code()
                case _:
                    hall.mechanism.take_paper_away()


def main() -> int:
    logging.getLogger().addHandler(Complaints(logging.ERROR))
    core = Core(int(sys.argv[1]))
    does = os.environ.get("HAMMERED_GOES_WRONG", "")
    wrong = Wrong(does)

    def painted(name: str, _seconds: float) -> None:
        application = QCoreApplication.instance()
        if does and application is not None and name == "Attract":
            application.installEventFilter(wrong)  # the same one again and again is one

    return run_terminal(
        core.live,
        Surroundings(336, 597, {"zh": "大厅"}, simulated=True),
        answer=core.answer,
        painted=painted,
        fullscreen=True,
        software=True,
        last_words_s=1.0,
    )


if __name__ == "__main__":
    sys.exit(main())
