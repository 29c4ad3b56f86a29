"""The terminal is killed at moments drawn from a seed, and its insurer now and then: afterwards no acknowledged
operation is lost, none was done twice, every unknown is resolved under its old key, each chip holds what was told of
it, and every journal verifies. Short here; ``tests/system/kill_a_thousand_times.py`` is the whole run.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from kiosk.compose import JOURNAL
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.people import INITIAL_PIN
from kiosk.operations import CHIP_WRITES
from tests.helpers.canaries import Whole, WholeTerminal, canary, whole
from tests.helpers.killing import NEW_PINS as PINS
from tests.helpers.killing import Killer
from tests.helpers.killing_witnesses import OPEN, Guest, LaneLeft, Report, TellingChip, contradictions, items_in
from tests.helpers.wire import kiosk

pytestmark = pytest.mark.system

KILLS = 18
SEED = 20261121


async def test_killed_again_and_again(tmp_path: Path) -> None:
    report = await Killer(tmp_path, SEED).run(KILLS)
    assert report.wrong == []
    assert report.kills == KILLS
    assert report.visits > KILLS // 2, "it was killed before anybody could do anything"
    assert report.moments["held"] > 0, "none came while a card held a command"
    assert sum(report.open_at_death.values()) > 0, "no kill met anything under way"
    assert sum(report.told.values()) > 0, "nobody was told anything"


@pytest.mark.skipif(
    "KIOSK_SOAK" not in os.environ, reason="half a minute, and a busy machine misses the moment: KIOSK_SOAK=1"
)
async def test_the_whole_program_is_killed(tmp_path: Path) -> None:
    """With its window, drivers and their processes, on the wire: while it activates, while it writes a password, and
    after that while it notes it. Each time the citizen comes back and is told the truth."""
    async with whole(tmp_path, [canary(0, "issued", INITIAL_PIN)]) as place:
        person = place.step_up(0)
        chip = TellingChip(person.chip, Hsm().personalise(person.chip))
        place.place.hall.chips[person.slug] = chip
        left_open: dict[str, str] = {}
        deadly = "Working.activating", "Working.writing_pin", "Working.writing_pin"
        for number, moment in enumerate(deadly):
            async with WholeTerminal(place) as far:
                await (_come_back if number else _activate)(place, far, PINS[number])
                await far.citizen.see(moment)
                await asyncio.sleep(0.03 * number)
                await far.kill()
                assert not far.citizen.ever("Result", "PartialResult"), "it was killed too late"
            left_open |= {key: item.kind for key, item in items_in(place.place.data).items() if item.state in OPEN}
            place.place.hall.pull_card()
            place.place.hall.lift_id()
            await asyncio.sleep(1.0)  # pcscd looks for cards every 0.4 s
        async with WholeTerminal(place) as far:
            await _come_back(place, far, PINS[3])
            told = str(await far.citizen.see("Result", "PartialResult", "Refusal"))
            assert told in ("Result.pin_reset", "Result.activated")
            assert chip.pin_matches(PINS[3].encode())
            place.place.hall.pull_card()
            place.place.hall.lift_id()
            far.citizen.touch("proceed")
            await far.citizen.see("Attract")
            async with asyncio.timeout(20):
                while any(i.state in OPEN and i.kind not in CHIP_WRITES for i in items_in(place.place.data).values()):
                    await asyncio.sleep(0.1)
        guest = Guest(0, chip, person.card.card_id, "", was_issued=True, old="")
        (subject,) = {item.subject for item in items_in(place.place.data).values()}
        lane = LaneLeft(items_in(place.place.data), left_open, {subject: guest})
        assert list(contradictions(place.place.insurer, [lane], Report())) == []
        assert left_open, "nothing was under way when it was killed"
        verified = await kiosk("journal", "verify", str(place.place.data / JOURNAL))
        assert verified.status == 0, verified.out


async def _activate(place: Whole, far: WholeTerminal, pin: str) -> None:
    await far.citizen.tap("pick:activate", "InsertCard")
    place.place.hall.insert_card()
    await far.citizen.see("LayIdCard")
    await _prove_and_choose(place, far, pin)


async def _come_back(place: Whole, far: WholeTerminal, pin: str) -> None:
    """Nobody knows whether the card was activated: whoever is told that it was has only the password to set."""
    await far.citizen.tap("pick:activate", "InsertCard")
    place.place.hall.insert_card()
    if (await far.citizen.see("LayIdCard", "Refusal")).name == "Refusal":
        await far.citizen.tap("proceed", "TakeCard")
        place.place.hall.pull_card()
        await far.citizen.see("Attract")
        await far.citizen.tap("pick:password", "InsertCard")
        place.place.hall.insert_card()
        await far.citizen.see("KnowsPin")
        await far.citizen.tap("pick:reset", "LayIdCard")
    await _prove_and_choose(place, far, pin)


async def _prove_and_choose(place: Whole, far: WholeTerminal, pin: str) -> None:
    place.lay_id()
    await far.citizen.see("Review")
    await far.citizen.tap("proceed", "EnterPin.new")
    await far.citizen.choose_pin(pin)
