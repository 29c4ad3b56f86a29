"""A hall to play with: invented people, their cards, ID cards and phones, and the devices they touch.

Two kinds of the same hall. *In process* the devices are mocks on the running loop: quick, exact, also on a virtual
clock. *On the wire* the terminal's real drivers run, against a card behind a private pcscd, an ID reader on a pty, a
camera over HTTP and a printer on TCP. Whoever plays the hall (dock, demo, tests) cannot tell them apart.

All of it belongs to the core's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drivers.api import CardReader, Device, Health, IdCardReader, Paper, PinPad, Printer, Scanner
from drivers.card.chip import Chip, ChipTraits
from drivers.card.mock import CardSlot, MockCardReader, MockCardSlot
from drivers.faults import Fault
from drivers.idcard.mock import IdPad, MockIdCardReader
from drivers.pinpad.mock import Keys, MockPinPad
from drivers.printer.mechanism import Mechanism
from drivers.printer.mock import MockPrinter
from drivers.scanner.mock import Lens, MockScanner
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.people import SamplePerson, population
from kiosk.simulation.card_service import ServiceSwitch
from kiosk.simulation.traps import HeardLine, Trap
from kiosk.watch import ask

PAYMENT_CODE = "134567890123456789"
"""Looks like a WeChat payment code (docs/protocols.md section 4); an invented number."""

NEIGHBOUR = "resident"
"""Whose ID card is laid down, and whose code is shown, when it should be somebody else's."""

LONG_EXPIRED = timedelta(days=5 * 365)
"""Longer than any clock of a terminal is wrong."""

SLOW_S = 4.0
"""How late every answer of a slow insurer comes: longer than a citizen likes, shorter than anybody gives up."""

LOOK_S = 1.0
"""So long one device may keep the others waiting for the next look."""


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
    """Everything in the hall, and the hands that play it. The terminal works with ``reader``, ``id_reader``,
    ``scanner`` and ``printer``; ``slot``, ``pad``, ``lens`` and ``mechanism`` are the other side of the same four."""

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
    frozen: bool = False
    """The camera delivers no more pictures."""
    sam_broken: bool = False
    unreadable: bool = False
    """The ID card that lies there is damaged."""
    network: str = "up"
    """``up``, ``down`` or ``slow``: what lasts. What awaits the next reply is a trap."""
    health: dict[str, Health] = field(default_factory=dict)
    """What each driver last answered about its device."""
    service: ServiceSwitch | None = None
    """The PC/SC service on the wire; without one, the reader in this process is unplugged in its place."""
    keys: Keys | None = None
    """The keys of the PIN pad, where there is one. It is played in this process: no real pad's protocol is public."""
    pin_pad: PinPad | None = None

    def __post_init__(self) -> None:
        self.line = HeardLine(self.office)
        self._silent_apdu = Trap(self.slot, "apdu", Fault.MUTE)
        self._early_lift = Trap(self.pad, "read", Fault.PULL)
        self._lost_reply = Trap(self.line, "perform", Fault.DROP)
        self._garbled_reply = Trap(self.line, "perform", Fault.GARBLE)
        self._looks: dict[str, asyncio.Task[None]] = {}
        self._hsm = Hsm()
        self._stack = AsyncExitStack()
        self._people: dict[str, SamplePerson] = {p.slug: p for p in population(self.clock().date())}
        self.person = self._people["issued"]

    async def aclose(self) -> None:
        """Close the drivers, then their peers."""
        for look in [*self._looks.values()]:
            look.cancel()
            await asyncio.wait({look})
        if self.service is not None:
            await self.service.aclose()
        for device in self.devices().values():
            await device.close()
        await self.office.close()
        await self._stack.aclose()

    def closes_with(self, close: Callable[[], Awaitable[None]]) -> None:
        self._stack.push_async_callback(close)

    def devices(self) -> Mapping[str, Device]:
        devices: dict[str, Device] = {
            "card": self.reader,
            "idcard": self.id_reader,
            "scanner": self.scanner,
            "printer": self.printer,
        }
        return devices if self.pin_pad is None else devices | {"pinpad": self.pin_pad}

    def put_pin_pad(self) -> None:
        """Put a PIN pad beside the glass, before the terminal is put together."""
        self.keys = Keys()
        self.pin_pad = MockPinPad(self.keys)

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
        self.pull_card()
        self.card_in = "in"
        self.slot.insert(self.chip(self.person.slug))

    def insert_card_wrong_way(self) -> None:
        self.pull_card()
        self.card_in = "wrong_way"
        self.slot.insert_wrong_way()

    def insert_foreign_card(self) -> None:
        """A chip card that is no social-security card: a bank's, say."""
        self.pull_card()
        self.card_in = "foreign"
        profile = replace(self.person.chip, card_id=bytes(16))
        self.slot.insert(Chip(profile, self._hsm.personalise(profile), ChipTraits(has_application=False)))

    def pull_card(self) -> None:
        self.card_in = "out"
        self.slot.pull()
        if self._silent_apdu.sprung:  # the silence left with the card
            self._silent_apdu.lift()

    def swap_card(self, slug: str) -> None:
        """Exchange the card too quickly for the reader to notice."""
        self.pull_card()
        self.card_in = "in"
        self.slot.insert(self.chip(slug))

    def fail_next_apdu(self) -> None:
        """The card falls silent at the next command."""
        self._silent_apdu.set()

    def stop_card_service(self) -> None:
        """Kill the PC/SC service as a crash would; a card that is in stays in. In process: the reader is unplugged."""
        if self.service is not None:
            self.service.stop()
        else:
            self.card_in = "out"  # the mock's card leaves with its reader
            self._mock_slot().unplug()

    def start_card_service(self) -> None:
        """Start it again; it answers after a moment."""
        if self.service is not None:
            self.service.start()
        else:
            self._mock_slot().plug()

    @property
    def card_service(self) -> str:
        """``running``, ``stopped``, ``starting`` or ``failed``."""
        if self.service is not None:
            return self.service.state
        return "running" if self._mock_slot().plugged else "stopped"

    def _mock_slot(self) -> MockCardSlot:
        assert isinstance(self.slot, MockCardSlot), "a card on the wire has its service"
        return self.slot

    # --- ID card and phone -----------------------------------------------------------------------------------------

    def lay_id(self) -> None:
        self._lay(self.person.slug)

    def lay_other_id(self) -> None:
        self._lay(NEIGHBOUR)

    def lay_expired_id(self) -> None:
        """This person's ID card of years ago, kept in the drawer."""
        document = self.person.document
        years_ago = self.clock().date() - LONG_EXPIRED
        self._lay(self.person.slug)
        self.pad.lay(replace(document, valid_to=years_ago, long_term=False))

    def lay_unreadable_id(self) -> None:
        """This person's ID card, damaged: the reader finds it and cannot read it."""
        self._lay(self.person.slug)
        self.unreadable = True
        self.pad.faults.fail_always("read", Fault.ERROR)

    def lift_id_early(self) -> None:
        """The ID card that is read next is taken away meanwhile."""
        self._early_lift.set()

    def lift_id(self) -> None:
        self.id_laid = ""
        self._make_readable()
        self.pad.lift()

    def _lay(self, slug: str) -> None:
        self.id_laid = slug
        self._make_readable()
        self.pad.lay(self._people[slug].document)

    def _make_readable(self) -> None:
        if self.unreadable:
            self.unreadable = False
            self.pad.faults.heal("read")

    def break_sam(self) -> None:
        """The ID reader's security module is no longer authorised."""
        self.mend_sam()
        self.sam_broken = True
        self.pad.faults.fail_always("sam", Fault.ERROR)

    def mend_sam(self) -> None:
        self.sam_broken = False
        self.pad.faults.heal("sam")

    def unplug_id_reader(self) -> None:
        self.pad.unplug()

    def plug_id_reader(self) -> None:
        self.pad.plug()

    def show_code(self) -> None:
        """A fresh e-credential on this person's phone."""
        self.code_shown = "valid"
        self.lens.show(self.office.issue_credential(self.person.person))

    def show_other_code(self) -> None:
        self.code_shown = "other"
        self.lens.show(self.office.issue_credential(self._people[NEIGHBOUR].person))

    def show_expired_code(self) -> None:
        self.code_shown = "expired"
        self.lens.show(self.office.issue_credential(self.person.person, age_s=120.0))

    def show_payment_code(self) -> None:
        self.code_shown = "payment"
        self.lens.show(PAYMENT_CODE)

    def hide_code(self) -> None:
        self.code_shown = ""
        self.lens.clear()

    def freeze_camera(self) -> None:
        """The camera stays plugged and delivers no more pictures."""
        if not self.frozen:
            self.frozen = True
            self.lens.faults.fail_next("frame", Fault.MUTE)

    def thaw_camera(self) -> None:
        """Plug a frozen camera out and in, which is what thaws one."""
        if self.frozen:
            self.unplug_camera()
            self.plug_camera()

    def unplug_camera(self) -> None:
        self.lens.unplug()

    def plug_camera(self) -> None:
        """Freshly started: not frozen any more if it was unplugged."""
        if self.frozen and not self.lens.plugged:
            self.frozen = False
            self.lens.faults.heal("frame")
        self.lens.plug()

    # --- the PIN pad -----------------------------------------------------------------------------------------------

    def press_key(self, key: str) -> None:
        """``0`` to ``9``, ``clear``, ``enter`` or ``cancel``."""
        self._pad_keys().press(key)

    def unplug_pin_pad(self) -> None:
        self._pad_keys().unplug()

    def plug_pin_pad(self) -> None:
        self._pad_keys().plug()

    def tamper_pin_pad(self) -> None:
        """Open its case."""
        self._pad_keys().tamper()

    def _pad_keys(self) -> Keys:
        if self.keys is None:
            raise ValueError("there is no PIN pad in this hall")
        return self.keys

    # --- the printer -----------------------------------------------------------------------------------------------

    def take_slip(self) -> None:
        """The citizen takes the slip that hangs in the mouth."""
        self.mechanism.take_paper_away()

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

    def open_cover(self) -> None:
        self.mechanism.open_cover()

    def close_cover(self) -> None:
        self.mechanism.close_cover()

    def break_printer(self) -> None:
        """An error that no hand at the counter can clear."""
        self.mechanism.break_down()

    def repair_printer(self) -> None:
        self.mechanism.repair()

    def unplug_printer(self) -> None:
        self.mechanism.unplug()

    def plug_printer(self) -> None:
        self.mechanism.plug()

    # --- the network -----------------------------------------------------------------------------------------------

    def cut_network(self) -> None:
        self.restore_network()
        self.network = "down"
        self.line.faults.fail_always("link", Fault.LOSE)

    def slow_insurer(self) -> None:
        """Every answer comes :data:`SLOW_S` late."""
        self.restore_network()
        self.network = "slow"
        self.line.faults.fail_always("link", Fault.DELAY, seconds=SLOW_S)

    def drop_next_reply(self) -> None:
        """The next change is done, and nobody hears of it."""
        self._lost_reply.set()

    def garble_next_reply(self) -> None:
        """The next change is done, and its answer arrives damaged."""
        self._garbled_reply.set()

    def restore_network(self) -> None:
        self.network = "up"
        self.line.faults.heal()
        self._lost_reply.lift()
        self._garbled_reply.lift()

    # --- everything ------------------------------------------------------------------------------------------------

    def heal_everything(self) -> None:
        """Put every device right: nothing is unplugged, broken or waiting to fail. What was laid, shown or put in
        stays where it is."""
        self.start_card_service()
        self._silent_apdu.lift()
        self._early_lift.lift()
        self._make_readable()
        self.mend_sam()
        self.plug_id_reader()
        self.thaw_camera()
        self.plug_camera()
        if self.keys is not None:
            self.keys.plug()
            self.keys.is_tampered = False  # a new one from its supplier
        self.plug_printer()
        self.repair_printer()
        self.clear_printer()
        if self.mechanism.paper is not Paper.OK:
            self.refill_paper()
        self.close_cover()
        self.restore_network()

    # --- what is to be seen ----------------------------------------------------------------------------------------

    async def look(self) -> None:
        """Ask every driver how its device is: what the terminal believes.

        Returns when each has answered once; after that a slow one is given :data:`LOOK_S`, and what it says late
        still counts.
        """
        for name, device in self.devices().items():
            if name not in self._looks:
                self._looks[name] = asyncio.get_running_loop().create_task(self._look_at(name, device))
        first = [look for name, look in self._looks.items() if name not in self.health]
        await asyncio.wait(set(self._looks.values()), timeout=LOOK_S)
        if first:
            await asyncio.wait(first)

    async def _look_at(self, name: str, device: Device) -> None:
        try:
            self.health[name] = await ask(device)
        finally:
            del self._looks[name]

    def state(self) -> dict[str, Any]:
        """Everything that whoever stands in the hall can see, as plain values (keys: ``ui/dock/hall.py``)."""
        slip = self.last_slip()
        return {
            "person": self.person.slug,
            "slip": "" if slip is None else str(slip),
            "really": self._really(),
            "health": {
                name: {"condition": h.condition.value, "remedy": h.remedy.value, "detail": h.detail}
                for name, h in (self.health | {"insurer": self.line.last}).items()
            },
        }

    def _really(self) -> dict[str, dict[str, Any]]:
        # A fault plan pulls cards and lifts documents by itself: what is there counts, not what was put there.
        gone = self.card_in in ("in", "foreign") and self.slot.chip is None
        card = "out" if gone else self.card_in
        paper = self.mechanism.status_now()
        pad: dict[str, dict[str, Any]] = {}
        if self.keys is not None:
            keys = self.keys
            pad["pinpad"] = {
                "plugged": keys.is_plugged,
                "lit": keys.lit,
                "count": keys.count,
                "tampered": keys.is_tampered,
            }
        return pad | {
            "card": {
                "service": self.card_service,
                "card": card,
                "lamp": "off" if card == "out" else "on" if self.slot.released else "blinking",
                "mute_next": self._silent_apdu.due,
                "mute": card != "out" and self._silent_apdu.sprung,
            },
            "idcard": {
                "plugged": self.pad.plugged,
                "document": self.id_laid if self.pad.document is not None else "",
                "unreadable": self.unreadable,
                "lifted_next": self._early_lift.due,
                "sam_broken": self.sam_broken,
            },
            "scanner": {"plugged": self.lens.plugged, "code": self.code_shown, "frozen": self.frozen},
            "printer": {
                "plugged": self.mechanism.is_plugged,
                "paper": paper.paper.value,
                "cover_open": bool(paper.cover_open),
                "jammed": bool(paper.cutter_error),
                "broken": bool(paper.fault),
                "slip_waiting": self.mechanism.slip_waiting,
            },
            "insurer": {
                "network": self.network,
                "reply": "lost" if self._lost_reply.due else "garbled" if self._garbled_reply.due else "",
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
