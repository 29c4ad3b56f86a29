"""A hall to play with: invented people, their cards, ID cards and phones, and the devices they touch.

Two kinds of the same hall. *In process* the devices are mocks on the running loop: quick, exact, also on a virtual
clock. *On the wire* the terminal's real drivers run, against a card behind a private pcscd, an ID reader on a pty, a
camera over HTTP and a printer on TCP. Whoever plays the hall (dock, demo, tests) cannot tell them apart.

All of it belongs to the core's loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from drivers.api import CardReader, Device, Health, IdCardReader, Printer, Scanner
from drivers.card.chip import Chip, ChipTraits
from drivers.card.mock import CardSlot, MockCardReader, MockCardSlot
from drivers.faults import Fault
from drivers.idcard.mock import IdPad, MockIdCardReader
from drivers.printer.mechanism import Mechanism
from drivers.printer.mock import MockPrinter
from drivers.scanner.mock import Lens, MockScanner
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.line import InsurerLine
from kiosk.insurer.people import SamplePerson, population

PAYMENT_CODE = "134567890123456789"
"""Looks like a WeChat payment code (docs/protocols.md section 4); an invented number."""

NEIGHBOUR = "resident"
"""Whose ID card is laid down when it should be somebody else's."""


@dataclass(frozen=True, slots=True)
class Passer:
    """One line of the dock's list of people."""

    slug: str
    name: str
    description_zh: str
    description_en: str
    state: str


@dataclass
class Hall:
    reader: CardReader
    slot: CardSlot
    id_reader: IdCardReader
    pad: IdPad
    scanner: Scanner
    lens: Lens
    printer: Printer
    mechanism: Mechanism
    office: EmbeddedInsurer
    clock: Callable[[], datetime]
    last_slip: Callable[[], Path | None] = lambda: None
    """Picture of the slip that came out last, where the printer can draw one."""
    wires: str = "mocks in this process"
    """How the devices are played, for whoever wants to know."""
    chips: dict[str, Chip] = field(default_factory=dict)
    """The plastic: it keeps its PIN and counters from one insertion to the next."""
    card_in: str = "out"
    code_shown: str = ""
    id_laid: str = ""
    network: str = "up"
    health: dict[str, Health] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.line = InsurerLine(self.office)
        self._hsm = Hsm()
        self._stack = AsyncExitStack()
        self._people: dict[str, SamplePerson] = {p.slug: p for p in population(self.clock().date())}
        self.person = self._people["issued"]

    async def aclose(self) -> None:
        """Close the drivers, then their peers."""
        for device in self.devices().values():
            await device.close()
        await self.office.close()
        await self._stack.aclose()

    def closes_with(self, close: Callable[[], Awaitable[None]]) -> None:
        self._stack.push_async_callback(close)

    def devices(self) -> Mapping[str, Device]:
        return {"card": self.reader, "idcard": self.id_reader, "scanner": self.scanner, "printer": self.printer}

    # --- people ----------------------------------------------------------------------------------------------------

    def people(self) -> Sequence[Passer]:
        return [Passer(p.slug, p.person.name, p.chinese, p.english, p.state.value) for p in self._people.values()]

    def choose(self, slug: str) -> None:
        """Somebody else steps up; what the one before left lying is taken away. Raises KeyError."""
        self.person = self._people[slug]
        self.pull_card()
        self.lift_id()
        self.hide_code()

    def chip(self, slug: str) -> Chip:
        """This person's card, made when it is first needed."""
        if slug not in self.chips:
            profile = self._people[slug].chip
            self.chips[slug] = Chip(profile, self._hsm.personalise(profile))
        return self.chips[slug]

    # --- the card --------------------------------------------------------------------------------------------------

    def insert_card(self) -> None:
        self.card_in = "in"
        self.slot.insert(self.chip(self.person.slug))

    def insert_card_wrong_way(self) -> None:
        self.card_in = "wrong_way"
        self.slot.insert_wrong_way()

    def insert_foreign_card(self) -> None:
        """A chip card that is no social-security card: a bank's, say."""
        self.card_in = "foreign"
        profile = replace(self.person.chip, card_id=bytes(16))
        self.slot.insert(Chip(profile, self._hsm.personalise(profile), ChipTraits(has_application=False)))

    def pull_card(self) -> None:
        self.card_in = "out"
        self.slot.pull()

    def swap_card(self, slug: str) -> None:
        """Exchange the card too quickly for the reader to notice."""
        self.card_in = "in"
        self.slot.insert(self.chip(slug))

    def fail_next_apdu(self) -> None:
        """The card falls silent at the next command."""
        self.slot.faults.fail_next("apdu", Fault.MUTE)

    # --- ID card and phone -----------------------------------------------------------------------------------------

    def lay_id(self) -> None:
        self.id_laid = self.person.slug
        self.pad.lay(self.person.document)

    def lay_other_id(self) -> None:
        self.id_laid = NEIGHBOUR
        self.pad.lay(self._people[NEIGHBOUR].document)

    def lift_id(self) -> None:
        self.id_laid = ""
        self.pad.lift()

    def show_code(self) -> None:
        """A fresh e-credential on this person's phone."""
        self.code_shown = "valid"
        self.lens.show(self.office.issue_credential(self.person.person))

    def show_expired_code(self) -> None:
        self.code_shown = "expired"
        self.lens.show(self.office.issue_credential(self.person.person, age_s=120.0))

    def show_payment_code(self) -> None:
        self.code_shown = "payment"
        self.lens.show(PAYMENT_CODE)

    def hide_code(self) -> None:
        self.code_shown = ""
        self.lens.clear()

    # --- the printer -----------------------------------------------------------------------------------------------

    def take_paper(self) -> None:
        self.mechanism.out_of_paper()

    def refill_paper(self) -> None:
        self.mechanism.refill()

    def paper_low(self) -> None:
        self.mechanism.paper_low()

    def jam_printer(self) -> None:
        self.mechanism.jam_cutter()

    def clear_printer(self) -> None:
        self.mechanism.clear_jam()

    # --- the network -----------------------------------------------------------------------------------------------

    def cut_network(self) -> None:
        self.network = "down"
        self.line.faults.heal()
        self.line.faults.fail_always("link", Fault.LOSE)

    def drop_next_reply(self) -> None:
        """The next change is done, and nobody hears of it."""
        self.network = "dropping"
        self.line.faults.fail_next("perform", Fault.DROP)

    def restore_network(self) -> None:
        self.network = "up"
        self.line.faults.heal()

    # --- what is to be seen ----------------------------------------------------------------------------------------

    async def look(self) -> None:
        """Ask every device how it is: what the terminal believes."""
        for name, device in self.devices().items():
            self.health[name] = await device.health()

    def state(self) -> dict[str, Any]:
        """Everything that whoever stands in the hall can see, as plain values."""
        status = self.mechanism.status_now()
        slip = self.last_slip()
        return {
            "person": self.person.slug,
            "card": self.card_in,
            "lamp": "off" if self.card_in == "out" else "on" if self.slot.released else "blinking",
            "id": self.id_laid,
            "code": self.code_shown,
            "paper": status.paper.value,
            "jammed": bool(status.cutter_error),
            "network": self.network,
            "slip": "" if slip is None else str(slip),
            "slip_waiting": self.mechanism.slip_waiting,
            "health": {
                name: {"condition": h.condition.value, "remedy": h.remedy.value, "detail": h.detail}
                for name, h in self.health.items()
            },
        }


def in_process(clock: Callable[[], datetime], office: EmbeddedInsurer) -> Hall:
    """A hall of mocks."""
    slot, pad, lens, printer = MockCardSlot(), IdPad(), Lens(), MockPrinter()
    return Hall(
        reader=MockCardReader(slot),
        slot=slot,
        id_reader=MockIdCardReader(pad),
        pad=pad,
        scanner=MockScanner(lens),
        lens=lens,
        printer=printer,
        mechanism=printer,
        office=office,
        clock=clock,
    )


class HallToCome:
    """Stands for a hall that is still being opened on the core's loop, so that the dock can be drawn meanwhile."""

    def __init__(self) -> None:
        self.hall: Hall | None = None

    def people(self) -> Sequence[Passer]:
        return [] if self.hall is None else self.hall.people()

    def state(self) -> dict[str, Any]:
        return {} if self.hall is None else self.hall.state()

    def __getattr__(self, act: str) -> Any:
        if self.hall is None:
            raise AttributeError(f"{act}: the hall is not open yet")
        return getattr(self.hall, act)
