"""A production terminal that would play devices: it says so, lives, and begins when an engineer has allowed it."""

from __future__ import annotations

from kiosk.core import LOOK_AGAIN_S, serve_nobody
from kiosk.maintenance.permission import NOT_FOR_CITIZENS
from kiosk.screens import OutOfOrder, Scene
from kiosk.simulation import virtual_time
from kiosk.watchdog import Vitals


def test_it_is_out_of_order_until_it_is_allowed() -> None:
    shown: list[Scene] = []
    asked: list[bool] = []
    steps: list[float] = []

    class Counted(Vitals):
        def stepped(self) -> None:
            steps.append(1.0)

    def allowed() -> bool:
        asked.append(len(asked) == 2)
        return asked[-1]

    virtual_time.run(serve_nobody(shown.append, NOT_FOR_CITIZENS, Counted(), until=allowed))
    assert [scene.screen for scene in shown] == [OutOfOrder("S10")]
    assert asked == [False, False, True]
    assert len(steps) > 2 * LOOK_AGAIN_S, "the watchdog hears of a core that goes on"
