"""How long the glass stands still while a card has gone mute: ``python -m ui.stall`` prints it as one JSON object.

For ``kiosk bench``, which may not import the glass: a terminal with every device on the wire, its real QML painted off
screen, and a card that does not answer the VERIFY of a citizen. From the touch on "proceed" until the citizen is told,
the GUI's event loop is asked once a millisecond whether it is still there, and every painted frame is noted; and so it
is before, while the card answers, for a busy machine lets both wait.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtQuick import QQuickWindow

from drivers.card.virtual import VirtualCardSlot
from drivers.faults import Fault
from kiosk import compose
from kiosk.config import Config, Panel
from kiosk.glass import Glass
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.screens import Answer
from kiosk.simulation.wire import on_the_wire
from kiosk.terminal import Terminal
from ui.headless import HeadlessGlass
from ui.stage import Surroundings

NO_SERVICE = 3
"""Exit status where there can be no private PC/SC service: a card in this process cannot block as a real one does."""
PULSE_MS = 1
TOLD_S = 20.0
STOP_S = 1.0


class Pulse(QObject):
    """Lives on the GUI thread and notes when it had its turn, and when a frame was painted."""

    def __init__(self, window: QQuickWindow) -> None:
        super().__init__()
        self.turns: list[float] = []
        self.frames: list[float] = []
        self._window = window
        self._timer = QTimer(self, interval=PULSE_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)

    def begin(self) -> None:
        self._window.frameSwapped.connect(self._painted)
        self._turn()
        self._timer.start()

    def end(self) -> None:
        self._timer.stop()
        self._turn()
        self._window.frameSwapped.disconnect(self._painted)
        self.deleteLater()

    @Slot()
    def _turn(self) -> None:
        self.turns.append(time.perf_counter())

    @Slot()
    def _painted(self) -> None:
        self.frames.append(time.perf_counter())


def gaps(moments: list[float]) -> list[float]:
    """Seconds from each moment to the next."""
    return [later - earlier for earlier, later in itertools.pairwise(moments)]


def measure() -> dict[str, float] | None:
    """Seconds; ``None`` where there is no private PC/SC service."""
    heard: list[Glass] = []

    def answer(answer: Answer, serial: int) -> None:
        if heard:
            heard[0].receive(answer, serial)

    panel = Panel()
    glass = HeadlessGlass(Surroundings(panel.width_mm, panel.height_mm, simulated=True), answer)

    async def play() -> dict[str, float] | None:
        with tempfile.TemporaryDirectory(prefix="kiosk-stall-") as folder:
            office = EmbeddedInsurer(":memory:", clock=compose.clock)
            hall = await on_the_wire(compose.clock, office, Path(folder) / "slips")
            try:
                if not isinstance(hall.slot, VirtualCardSlot):
                    return None
                station = compose.simulated_station(Config(panel=panel, data=Path(folder) / "data"), hall)
                heard.append(Glass(glass.show))
                terminal = Terminal(station, heard[0])
                living = asyncio.ensure_future(terminal.run())
                try:
                    hall.choose("active")
                    return await _visit(glass, hall.slot, hall.person.chip.pin, hall.insert_card)
                finally:
                    terminal.stop()
                    hall.pull_card()
                    await asyncio.wait({living}, timeout=STOP_S)
                    living.cancel()
                    await asyncio.wait({living})
                    station.journal.shut()
            finally:
                await hall.aclose()

    return glass.run(play)


async def _visit(
    glass: HeadlessGlass, slot: VirtualCardSlot, pin: str, insert: Callable[[], object]
) -> dict[str, float]:
    await glass.wait_for("Attract", timeout=TOLD_S)
    answering = await _begun(glass)
    await glass.tap("pick:balance")
    await glass.wait_for("InsertCard")
    insert()
    await glass.wait_for("EnterPin", timeout=TOLD_S)
    await glass.on_gui(answering.end)
    for digit in pin:
        await glass.tap(f"key:{10 if digit == '0' else int(digit) - 1}")
    await glass.settle()
    slot.faults.fail_next("apdu:20", Fault.MUTE)
    pulse = await _begun(glass)
    touched = time.perf_counter()
    await glass.tap("proceed")
    await glass.wait_for("Refusal", timeout=TOLD_S)
    told = time.perf_counter()
    await glass.on_gui(pulse.end)
    return {
        "turn": max(gaps(pulse.turns)),
        "turn_answering": max(gaps(answering.turns)),
        "frame": max(gaps(pulse.frames)),
        "told": told - touched,
    }


async def _begun(glass: HeadlessGlass) -> Pulse:
    pulse = await glass.on_gui(lambda: Pulse(glass.window))
    await glass.on_gui(pulse.begin)
    return pulse


if __name__ == "__main__":
    found = measure()
    if found is None:
        sys.exit(NO_SERVICE)
    sys.stdout.write(json.dumps(found) + "\n")
