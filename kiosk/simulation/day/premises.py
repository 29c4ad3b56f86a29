"""The hall on such a day: devices that fail as the weather has it, hands that repair them, and chips that tell.

Owns what a fault means beyond the device's own plan: that whoever pulls a card does it while a command is under way,
that another card is in the slot in its place, that somebody brings back what is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import cache
from random import Random

from drivers.card.chip_profile import ChipProfile
from drivers.card.keys import ChipKeys
from drivers.card.mock import MockCardReader, MockCardSlot
from drivers.faults import Fault
from drivers.idcard.mock import IdPad, MockIdCardReader
from drivers.scanner.mock import Lens, MockScanner
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.people import SamplePerson
from kiosk.simulation import hall as halls
from kiosk.simulation.day.devices import ToldChip, ToldPrinter
from kiosk.simulation.day.weather import Odds, Weather, WeatheredPlan
from kiosk.simulation.day.witness import Invariant, Witness

REPAIR_S = (3.0, 90.0)
"""After so long somebody repairs what failed, or brings it back."""
_OTHERS = ("initial_pin", "active", "issued", "resident")
"""Whose card it is that is there instead."""


@cache
def _keys_of(profile: ChipProfile) -> ChipKeys:
    return Hsm().personalise(profile)


class Premises:
    """``about_to`` is called with the name of each operation of a device before it begins, ``wrong`` when a PIN is set
    for somebody who has not been shown to stand there."""

    def __init__(
        self,
        office: EmbeddedInsurer,
        people: dict[str, SamplePerson],
        weather: Weather,
        witness: Witness,
        chance: Random,
        *,
        clock: Callable[[], datetime],
        saw: Callable[[str], None],
        about_to: Callable[[str], None],
        wrong: Callable[[Invariant, str], None],
    ) -> None:
        self._people = people
        self._weather = weather
        self._witness = witness
        self._chance = chance
        self._saw = saw
        self._about_to = about_to
        self._wrong = wrong
        self._known: set[str] = set()
        """Slugs of those whose valid ID card or code was shown since somebody came."""
        self._loop = asyncio.get_running_loop()
        self.printer = ToldPrinter(witness.printed, self.plan("printer"))
        self.slot = MockCardSlot(self.plan("card"))
        pad, lens = IdPad(self.plan("idcard")), Lens(self.plan("scanner"))
        self.hall = halls.Hall(
            reader=MockCardReader(self.slot),
            slot=self.slot,
            id_reader=MockIdCardReader(pad),
            pad=pad,
            scanner=MockScanner(lens),
            lens=lens,
            printer=self.printer,
            mechanism=self.printer,
            office=office,
            clock=clock,
        )

    def plan(self, device: str) -> WeatheredPlan:
        """How this device fails today."""
        return WeatheredPlan(self._weather, device, self._struck, self._about_to)

    def new_drivers(self) -> None:
        """Another life of the terminal begins: its drivers are new, what they drive is as it was."""
        hall = self.hall
        hall.reader = MockCardReader(self.slot)
        hall.id_reader, hall.scanner = MockIdCardReader(hall.pad), MockScanner(hall.lens)

    def lose_power(self) -> None:
        if self.slot.chip is not None:
            self.slot.chip.power_off()

    @property
    def card_is_kept(self) -> bool:
        """Whether there is a card that nobody could take now."""
        return self.slot.chip is not None and not self.slot.released

    def verifies(self) -> int:
        """VERIFY commands that have reached any chip."""
        return sum(chip.verifies for chip in self.hall.chips.values())

    def make_whole(self) -> None:
        """Everything is repaired, and nothing lies about."""
        self.hall.pull_card()
        self.hall.lift_id()
        self.hall.hide_code()
        self.slot.plug()
        self._repair_id_reader()
        self._repair_camera()
        self._repair_printer()

    def may_swap(self) -> None:
        """Between two screens, too."""
        if self.slot.chip is not None and self._weather.strikes("hand", "swap") is not None:
            self._saw("weather: card swapped between two screens")
            self._witness.disturbed()
            self._swap_unnoticed()

    def _struck(self, odds: Odds, seconds: float) -> None:
        """A fault is about to happen to a device: what else belongs to it."""
        self._saw(f"weather: {odds.name}")
        repairs, hall = self._chance, self.hall
        match odds.device:
            case "card":
                self._witness.disturbed()
                if odds.name in ("card pulled during a command", "card pulled during the answer"):
                    self._loop.call_later(seconds * repairs.uniform(0.1, 0.9), hall.pull_card)
                elif odds.name == "card reset by another program":
                    self.slot.reset()
                elif odds.name == "card swapped":
                    hall.swap_card(self._somebody_else())
                elif odds.name == "card swapped unnoticed":
                    self._swap_unnoticed()
                elif odds.fault is Fault.LOSE:
                    self._loop.call_later(repairs.uniform(*REPAIR_S), self.slot.plug)
            case "idcard":
                self._loop.call_later(repairs.uniform(*REPAIR_S), self._repair_id_reader)
            case "scanner":
                self._loop.call_later(repairs.uniform(*REPAIR_S), self._repair_camera)
            case "printer":
                self._loop.call_later(repairs.uniform(*REPAIR_S), self._repair_printer)

    def _repair_id_reader(self) -> None:
        if self.hall.pad.plugged:
            self.hall.pad.unplug()
        self.hall.pad.plug()

    def _repair_camera(self) -> None:
        if self.hall.lens.plugged:
            self.hall.lens.unplug()
        self.hall.lens.plug()

    def _repair_printer(self) -> None:
        self.printer.plug()
        self.printer.repair()
        self.printer.refill()

    def _swap_unnoticed(self) -> None:
        """Another card, so quickly that the reader raises no event (docs/protocols.md section 5.5)."""
        if self.slot.chip is None or self.slot.released:
            return
        other = self.chip_of(self._somebody_else())
        if other is not self.slot.chip:
            self.slot.swap_unnoticed(other)

    def _somebody_else(self) -> str:
        slug = self._chance.choice(_OTHERS)
        self.chip_of(slug)
        return slug

    def chip_of(self, slug: str) -> ToldChip:
        """This person's card, and its owner counts as one who has been here."""
        person = self._people[slug]
        self._witness.steps_up(person)
        chip = self.hall.chips.get(slug)
        if not isinstance(chip, ToldChip):
            chip = ToldChip(
                person.chip,
                _keys_of(person.chip),
                took=lambda: self._witness.pin_written(slug),
                reset=lambda: self._pin_reset(slug),
                lent=self._witness.lent,
            )
            self.hall.chips[slug] = chip
        return chip

    # --- who stands there ----------------------------------------------------------------------------------------

    def somebody_comes(self) -> None:
        """Nobody knows yet who it is."""
        self._known.clear()

    def shows(self, slug: str) -> None:
        """A fresh code of this person."""
        self._known.add(slug)

    def lays(self, slug: str) -> None:
        """The ID card that this person has with them, which is not always their own."""
        number = self._people[slug].document.number
        self._known.update(other for other, one in self._people.items() if one.person.id_number == number)

    def _pin_reset(self, slug: str) -> None:
        if slug not in self._known:
            self._wrong(Invariant.KNOWN, f"the PIN of {slug} was set, and nobody had shown to be that person")
