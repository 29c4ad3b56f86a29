"""The demonstration: eight visits that play themselves on the real glass, through real drivers, and what came of them.

Whoever plays (``kiosk.simulation.citizen``) knows only the screen and the hands. What each visit must end in is written
beside it and checked against the insurer, the chip and the paper.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from drivers.faults import Fault
from drivers.printer.virtual import VirtualPrinter
from kiosk import __version__
from kiosk.insurer.api import CardState
from kiosk.screens import Preferences, Scene, Size
from kiosk.simulation.album import Album
from kiosk.simulation.citizen import NEW_PIN, Citizen, PlayedGlass, VisitWentWrong
from kiosk.simulation.hall import Hall

log = logging.getLogger(__name__)


@dataclass
class Visited:
    """What came of one visit, as ``summary.json`` tells it. ``slip`` is the picture's path below the folder of the
    demonstration, ``None`` where no paper came out; ``problem`` is empty if all was as it must be."""

    name: str
    service: str
    outcome: str = "not finished"
    seconds: float = 0.0
    screens: list[str] = field(default_factory=list)
    slip: str | None = None
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "name": self.name,
            "service": self.service,
            "outcome": self.outcome,
            "seconds": round(self.seconds, 2),
            "screens": self.screens,
            "slip": self.slip,
        }
        return told | {"problem": self.problem} if self.problem else told


class Demonstration:
    """Plays all visits one after the other. ``out`` takes pictures and slips."""

    def __init__(self, hall: Hall, glass: PlayedGlass, out: Path, preferences: Preferences) -> None:
        self._hall = hall
        self._glass = glass
        self._out = out
        self._preferences = preferences
        self._album = Album(glass, out / "screens")
        self._citizen = Citizen(glass, self._album)
        self._visit = Visited("", "")
        self._slips = 0
        (out / "receipts").mkdir(parents=True, exist_ok=True)

    async def run(self) -> dict[str, Any]:
        """Play; returns the summary. No exception of a visit leaves here: it stands in the summary."""
        visits = []
        for play in (
            self._activation_by_id_card,
            self._activation_by_credential,
            self._reset_of_a_locked_card,
            self._password_change,
            self._balance_with_print,
            self._card_reported_lost,
            self._card_pulled_in_the_middle,
            self._paper_runs_out,
        ):
            visits.append(await self._play(play))
        await self._album.complete()
        await self._hall.look()
        return {
            "visits": [visit.as_json() for visit in visits],
            "devices": {
                name: {"condition": h.condition.value, "model": h.model} for name, h in self._hall.health.items()
            }
            | {"wires": self._hall.wires},
            "version": __version__,
        }

    def shown(self, scene: Scene) -> None:
        """Hear of every scene, on the core's loop."""
        name = scene.screen.name
        if not self._visit.screens or self._visit.screens[-1] != name:
            self._visit.screens.append(name)
        self._album.passes(scene)

    # --- the visits ------------------------------------------------------------------------------------------------

    async def _activation_by_id_card(self) -> None:
        await self._begin("activation by ID card", "activate", "issued")
        await self._citizen.tap("activate", "InsertCard")
        self._hall.insert_card()
        await self._citizen.see("LayIdCard")
        self._hall.lay_id()
        await self._citizen.see("Review")
        self._hall.lift_id()
        await self._citizen.proceed("EnterPin")
        await self._citizen.choose_pin(weak_first="123456")
        await self._citizen.see("Result")
        await self._expect_slip()
        await self._expect(state=CardState.ACTIVE, pin=NEW_PIN)
        await self._citizen.proceed("TakeCard")
        await self._leave("activated")

    async def _activation_by_credential(self) -> None:
        await self._begin("activation by e-credential", "activate", "issued_ecredential")
        self._hall.insert_card()
        await self._citizen.see("Menu")
        await self._citizen.tap("pick:activate", "LayIdCard")
        await self._citizen.tap("pick:credential", "ShowCode")
        self._hall.show_code()
        await self._citizen.see("Review")
        self._hall.hide_code()
        await self._citizen.proceed("EnterPin")
        await self._citizen.choose_pin()
        await self._citizen.see("Result")
        await self._expect_slip()
        await self._expect(state=CardState.ACTIVE, pin=NEW_PIN)
        await self._citizen.proceed("TakeCard")
        await self._leave("activated")

    async def _reset_of_a_locked_card(self) -> None:
        await self._begin("password reset of a locked card", "password", "locked_pin")
        await self._citizen.tap("password", "InsertCard")
        self._hall.insert_card()
        await self._citizen.see("KnowsPin")
        await self._citizen.tap("pick:reset", "LayIdCard")
        self._hall.lay_id()
        await self._citizen.see("Review")
        self._hall.lift_id()
        await self._citizen.proceed("EnterPin")
        await self._citizen.choose_pin()
        await self._citizen.see("Result")
        await self._expect_slip()
        await self._expect(pin=NEW_PIN)
        await self._citizen.proceed("TakeCard")
        await self._leave("pin_reset")

    async def _password_change(self) -> None:
        await self._begin("password change", "password", "active")
        old = self._hall.person.chip.pin
        await self._citizen.tap("password", "InsertCard")
        self._hall.insert_card()
        await self._citizen.see("KnowsPin")
        await self._citizen.tap("pick:change", "EnterPin")
        await self._citizen.type("111119")
        await self._citizen.submit()
        await self._citizen.see_wrong_pin()
        await self._citizen.type(old)
        await self._citizen.submit()
        await self._citizen.until(lambda scene: scene.screen.variant == "new")
        await self._citizen.choose_pin()
        await self._citizen.see("Result")
        await self._expect_slip()
        await self._expect(pin=NEW_PIN)
        await self._citizen.proceed("TakeCard")
        await self._leave("pin_changed")

    async def _balance_with_print(self) -> None:
        await self._begin("balance with print", "balance", "two_insurances")
        await self._citizen.tap("balance", "InsertCard")
        self._hall.insert_card()
        await self._citizen.see("EnterPin")
        await self._citizen.type(self._hall.person.chip.pin)
        await self._citizen.submit()
        await self._citizen.see("Balance")
        await self._citizen.tap("pick:show", "Balance", variant=None)
        await self._citizen.tap("pick:movements", "WhichAccount")
        await self._citizen.tap("pick:310", "Movements")
        await self._citizen.tap("pick:older", "Movements")
        await self._citizen.tap("pick:print", "Result")
        await self._expect_slip()
        await self._citizen.proceed("TakeCard")
        await self._leave("printed")

    async def _card_reported_lost(self) -> None:
        await self._begin("card reported lost", "activate", "lost")
        await self._citizen.tap("activate", "InsertCard")
        self._hall.insert_card()
        await self._citizen.see("Refusal")
        await self._expect_slip()  # the one for the counter
        await self._expect(state=CardState.LOST)
        await self._citizen.proceed("TakeCard")
        await self._leave("refused: lost")

    async def _card_pulled_in_the_middle(self) -> None:
        await self._begin("card pulled in the middle", "activate", "number_with_x")
        await self._citizen.tap("activate", "InsertCard")
        self._hall.insert_card()
        await self._citizen.see("LayIdCard")
        self._hall.lay_id()
        await self._citizen.see("Review")
        self._hall.lift_id()
        await self._citizen.proceed("EnterPin")
        # Out it goes after the insurer has activated, before the chip gets its password.
        self._hall.slot.faults.fail_next("apdu:82", Fault.PULL)
        await self._citizen.choose_pin()
        self._hall.card_in = "out"
        await self._citizen.see("PartialResult")
        await self._expect_slip()
        await self._expect(state=CardState.ACTIVE, pin_is_not=NEW_PIN)
        await self._citizen.tap("proceed", "Goodbye")
        await self._leave("activated, password not set")

    async def _paper_runs_out(self) -> None:
        await self._begin("paper running out", "balance", "active_retired")
        await self._citizen.tap("balance", "InsertCard")
        await self._citizen.tap("pick:credential", "ShowCode")
        self._hall.show_code()
        await self._citizen.see("Balance")
        self._hall.hide_code()
        self._hall.mechanism.out_of_paper_after(6)
        await self._citizen.tap("pick:print", "Result")
        if self._new_slips():
            raise VisitWentWrong("a slip came out without paper")
        await self._citizen.tap("proceed", "Goodbye")
        self._hall.refill_paper()
        await self._leave("printed on the screen: no paper")
        if self._new_slips():
            raise VisitWentWrong("a slip was printed late, after the paper was refilled")

    # --- from one visit to the next --------------------------------------------------------------------------------

    async def _play(self, play: Callable[[], Awaitable[None]]) -> Visited:
        begun = asyncio.get_running_loop().time()
        try:
            await play()
        except Exception as error:
            log.exception("a visit of the demonstration went wrong")
            self._visit.problem = f"{type(error).__name__}: {error}"
            with suppress(OSError):
                await self._glass.screenshot(self._out / f"went-wrong-{self._visit.service}.png")
            await self._clear_the_hall()
        self._visit.seconds = asyncio.get_running_loop().time() - begun
        return self._visit

    async def _begin(self, name: str, service: str, person: str) -> None:
        self._visit = Visited(name, service)
        self._hall.choose(person)
        await self._glass.wait_for("Attract", timeout=30.0)
        self._visit.screens[:] = ["Attract"]
        plain = Preferences()
        if self._preferences.language != plain.language:
            await self._glass.tap("prefer:language", timeout=20.0)
            await self._citizen.until(lambda scene: scene.preferences.language == self._preferences.language)
        sizes = list(Size)  # the key goes round them in this order
        for size in sizes[sizes.index(plain.size) + 1 : sizes.index(self._preferences.size) + 1]:
            await self._glass.tap("prefer:size", timeout=20.0)
            await self._citizen.until(partial(_has_size, size))
        await self._citizen.see("Attract")

    async def _leave(self, outcome: str) -> None:
        """Take what is one's own and go."""
        await self._clear_the_hall()
        self._visit.outcome = outcome

    async def _clear_the_hall(self) -> None:
        if self._hall.card_in != "out":
            self._hall.pull_card()
        self._hall.lift_id()
        self._hall.hide_code()
        await self._glass.wait_for("Attract", timeout=30.0)

    # --- what came of it -------------------------------------------------------------------------------------------

    def _printer(self) -> VirtualPrinter:
        assert isinstance(self._hall.mechanism, VirtualPrinter)
        return self._hall.mechanism

    def _new_slips(self) -> int:
        return len(self._printer().receipts) - self._slips

    async def _expect_slip(self) -> None:
        """Exactly one slip came out in this visit; keep its picture, its words and its bytes."""
        if self._new_slips() != 1:
            raise VisitWentWrong(f"{self._new_slips()} slips came out instead of one")
        receipt = self._printer().receipts[-1]
        self._slips += 1
        stem = self._out / "receipts" / f"{self._slips:02d}-{self._visit.name.replace(' ', '-')}"
        receipt.save(stem.with_suffix(".png"))
        stem.with_suffix(".txt").write_text(receipt.text, "utf-8")
        stem.with_suffix(".bin").write_bytes(receipt.raw)
        self._visit.slip = str(stem.with_suffix(".png").relative_to(self._out))

    async def _expect(self, *, state: CardState | None = None, pin: str = "", pin_is_not: str = "") -> None:
        person = self._hall.person
        record = await self._hall.office.card(person.card)
        if state is not None and record.state is not state:
            raise VisitWentWrong(f"the insurer says {record.state} instead of {state}")
        chip = self._hall.chip(person.slug)
        if pin and not chip.pin_matches(pin.encode()):
            raise VisitWentWrong("the chip does not have the new password")
        if pin_is_not and chip.pin_matches(pin_is_not.encode()):
            raise VisitWentWrong("the chip has the new password")


def _has_size(size: Size, scene: Scene) -> bool:
    return scene.preferences.size == size
