"""How quickly the glass answers while every device works: ``python -m ui.busy CONFIG ROUNDS`` prints it as JSON.

For ``kiosk bench``, which may not import the glass. A card is read, slips are printed, the camera looks for a code and
gives its picture, the insurer is asked: each again and again and all at once, through the drivers of a configuration,
while a citizen goes round and round through the screens. The real QML is painted off screen, and the app itself notes
for each touch when the first frame came that shows the next screen, and for how long its event loop ever waited.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from drivers.card.social_security import SocialSecurityCard
from drivers.contract.samples import SLIP
from kiosk import compose, config
from kiosk.glass import Glass
from kiosk.insurer.api import CardRef
from kiosk.screens import Answer, EnterPin, Key, LayIdCard, ShowCode, Touched
from kiosk.station import Station
from ui.gallery.states import samples, scene
from ui.headless import LOOK_AGAIN_S, HeadlessGlass
from ui.stage import Surroundings
from ui.stall import Pulse, gaps

ROUND = (
    ("Attract", ("pick:activate",)),
    ("ShowCode", ("pick:id_card",)),
    ("LayIdCard", ("pick:credential",)),
    ("Review", ("proceed",)),
    ("EnterPin", ("key:0", "key:4", "key:8", "finish")),
    ("Balance", ("pick:movements",)),
    ("Movements", ("back",)),
    ("Result", ("proceed",)),
)
"""Screens in the order in which they come, and what is touched on each; the last touch leads on."""
LOOKS_S = 0.5
"""How long the citizen looks at the camera's picture of their phone."""
WARMS_UP_S = 3.0
"""Until every child process stands and all screens are compiled."""
PAUSE_S = 0.05
"""Between two readings of the card and two questions to the insurer: a chip with contacts is slower (9600 to 115200
bit/s), and no visit asks so often."""


async def measure_on(
    glass: HeadlessGlass, core: Glass, station: Station, rounds: int
) -> dict[str, list[float] | dict[str, int]]:
    """Seconds, ``longest`` of each round; what the devices did meanwhile is counted, so that idle ones are noticed."""
    done: Counter[str] = Counter()
    async with _at_work(station, done):
        await asyncio.sleep(WARMS_UP_S)
        await _round(glass, core, station, done)  # each screen once, before it counts
        done.clear()
        glass.answered_s.clear()
        pulse = await glass.on_gui(lambda: Pulse(glass.window))
        await glass.on_gui(pulse.begin)
        longest: list[float] = []
        for _ in range(rounds):
            begun = len(pulse.turns) - 1
            await _round(glass, core, station, done)
            longest.append(max(gaps(pulse.turns[begun:])))
        await glass.on_gui(pulse.end)
    turns = gaps(pulse.turns)
    return {"answered": list(glass.answered_s), "turns": turns, "longest": longest, "done": dict(done)}


async def _round(glass: HeadlessGlass, core: Glass, station: Station, done: Counter[str]) -> None:
    shown = {screen.name: screen for _, screen in reversed(samples())}
    shown |= {"ShowCode": ShowCode(or_id_card=True), "LayIdCard": LayIdCard(or_credential=True)}
    for name, touches in ROUND:
        core.show(scene(shown[name]))
        await glass.wait_for(name)
        if isinstance(shown[name], ShowCode):
            await _look(core, station, done)
        for touch in touches:
            await glass.tap(touch)
            while isinstance(answer := await core.answer(), Touched):
                pass
            assert core.scene is not None
            if isinstance(core.scene.screen, EnterPin) and isinstance(answer, Key):
                painted = len(glass.answered_s)
                core.update(replace(core.scene.screen, filled=core.scene.screen.filled + 1))
                while len(glass.answered_s) == painted:  # noqa: ASYNC110  the GUI thread appends to it
                    await asyncio.sleep(LOOK_AGAIN_S)


async def _look(core: Glass, station: Station, done: Counter[str]) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + LOOKS_S
    async with aclosing(station.scanner.preview()) as frames:
        async for frame in frames:
            done["pictures"] += 1
            assert core.scene is not None
            assert isinstance(core.scene.screen, ShowCode)
            core.update(replace(core.scene.screen, preview=frame))
            if loop.time() > until:
                return


# --- what goes on beside it ------------------------------------------------------------------------------------------


@asynccontextmanager
async def _at_work(station: Station, done: Counter[str]) -> AsyncIterator[None]:
    """Every device, as long as the body lasts; a device that fails ends the body."""
    async with asyncio.TaskGroup() as group:
        devices = _card(station, done), _printer(station, done), _camera(station, done)
        work = [group.create_task(device) for device in devices]
        try:
            yield
        finally:
            for task in work:
                task.cancel()


async def _card(station: Station, done: Counter[str]) -> None:
    """The card is read, and its insurer asked about it."""
    card = await station.reader.card()
    try:
        while True:
            face = await (await SocialSecurityCard.select(card)).public()
            done["cards"] += 1
            await station.insurer.card(CardRef(face.region, face.card_id.hex().upper(), face.number))
            done["questions"] += 1
            await asyncio.sleep(PAUSE_S)
    finally:
        await card.release()


async def _printer(station: Station, done: Counter[str]) -> None:
    while True:
        await station.printer.print(SLIP)
        done["slips"] += 1


async def _camera(station: Station, done: Counter[str]) -> None:
    """Its child decodes as long as somebody waits for a code; none is ever shown."""
    await station.scanner.scan()
    done["codes"] += 1


def measure(file: Path, rounds: int) -> dict[str, list[float] | dict[str, int]]:
    """Play so many rounds on a glass of its own, with the devices of this configuration; returns what
    :func:`measure_on` found. Blocks; for the main thread."""
    configuration = config.load(file)
    heard: list[Glass] = []

    def answer(answer: Answer, serial: int) -> None:
        if heard:
            heard[0].receive(answer, serial)

    panel = configuration.panel
    glass = HeadlessGlass(Surroundings(panel.width_mm, panel.height_mm, simulated=True), answer)

    async def play() -> dict[str, list[float] | dict[str, int]]:
        station = compose.real_station(configuration)
        try:
            heard.append(Glass(glass.show))
            return await measure_on(glass, heard[0], station, rounds)
        finally:
            await compose.close(station)

    return glass.run(play)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))) + "\n")
