"""Frames as a proof of life: they come where nothing moves, and do not where the GUI is busy."""

from __future__ import annotations

import time

from kiosk.screens import OutOfOrder
from kiosk.watchdog import Vitals, Watchdog
from tests.helpers.lit import Lit
from ui.heartbeat import Heartbeat


class Told(Watchdog):
    """Remembers what it was told."""

    def __init__(self, every_s: float) -> None:
        super().__init__(Vitals(), None)
        self.every_s = every_s
        self.screens: list[str] = []
        self.stopped = False

    def painted(self, screen: str) -> None:
        super().painted(screen)
        self.screens.append(screen)

    def stopping(self) -> None:
        self.stopped = True


def test_a_still_screen_is_painted_again_and_again() -> None:
    lit = Lit(still=True)
    try:
        lit.show(OutOfOrder("D01"))
        told = Told(0.05)
        heartbeat = Heartbeat(lit.window, lit.stage, told)
        heartbeat.begin()
        lit.until(lambda: len(told.screens) >= 4)
        assert set(told.screens) == {"OutOfOrder"}
        age = told.vitals.frame_age_s
        assert age is not None
        begun = time.monotonic()
        while time.monotonic() - begun < 0.3:  # a slot that does not return
            pass
        assert (told.vitals.frame_age_s or 0.0) >= 0.3, "nothing was painted meanwhile"
        heartbeat.end()
        assert told.stopped
        count = len(told.screens)
        lit.window.update()
        lit.turn()
        assert len(told.screens) == count
    finally:
        lit.put_out()
