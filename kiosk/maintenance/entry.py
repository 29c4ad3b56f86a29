"""Who is it? The number on the glass or a staff card, then the PIN.

Owns the dialogue and what of it is journaled: each entry, with the member's keyed hash and role, and each wrong try,
with the number it was made at if a member has it.
The PIN lies in one buffer that is wiped whatever becomes of it.
"""

from __future__ import annotations

import asyncio
import logging

from drivers.api import DeviceError
from drivers.frozen import dataclass
from kiosk.journal import JournalError
from kiosk.maintenance import lockout
from kiosk.maintenance.back_room import BackRoom
from kiosk.maintenance.credentials import NUMBER_DIGITS, Member
from kiosk.maintenance.desk import Desk, Left, Why
from kiosk.maintenance.staff_card import identity
from kiosk.maintenance.whole_file import FileUnusable
from kiosk.pin import CLEAR, DELETE, ZERO, Pin
from kiosk.screens import EntryAsks, EntryProblem, Key, Proceed, StaffEntry, StaffWorking
from kiosk.station import Station

log = logging.getLogger(__name__)

EVENT = "staff"
"""Kind of the journal's events: ``act``, ``who``, ``role`` and what belongs to the act."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Who acts, for the journal."""

    station: Station
    who: str
    role: str

    def note(self, act: str, **facts: str | int | bool) -> None:
        """Write it down. Staff can go on although the journal fails, for it may be what they came to mend."""
        try:
            self.station.journal.event(EVENT, act=act, who=self.who, role=self.role, **facts)
        except JournalError as error:
            log.critical("not noted: %s (%s)", act, type(error).__name__)


def doing(station: Station, member: Member | None) -> Doing:
    """``member`` nobody: a try by whoever it was."""
    if member is None:
        return Doing(station, "nobody", "none")
    try:
        who = station.journal.subject(f"staff {member.number}")[:12]
    except JournalError:
        who = "unknown"
    return Doing(station, who, member.role.value)


async def enter(station: Station, room: BackRoom, desk: Desk) -> Member:
    """Whoever has shown to be a member. Raises Left."""
    problem: EntryProblem | None = None
    try:
        if not room.staff.members():
            problem = EntryProblem.NOBODY
    except FileUnusable as error:
        log.error("%s", error)
        problem = EntryProblem.UNUSABLE
    while True:
        number = await _number(station, room, desk, problem)
        try:
            member = await _pin(station, room, desk, number)
        except FileUnusable as error:
            log.error("%s", error)
            problem = EntryProblem.UNUSABLE
            continue
        if member is not None:
            desk.opened()
            doing(station, member).note("entered")
            return member
        problem = EntryProblem.WRONG


async def _number(station: Station, room: BackRoom, desk: Desk, problem: EntryProblem | None) -> str:
    digits, watching, again = "", True, False
    while True:
        screen = StaffEntry(EntryAsks.NUMBER, len(digits), NUMBER_DIGITS, digits, problem)
        try:
            answer, member = await desk.either(screen, _card(room, station, desk) if watching else None, again=again)
        except DeviceError:
            watching = False  # a reader that is gone, or a card that does not answer: the number does as well
            continue
        again = True
        if member is not None:
            return member
        if answer is None:
            problem, watching = EntryProblem.CARD_UNKNOWN, False
        elif isinstance(answer, Key):
            digits, problem = _typed(digits, answer.position), None
        elif isinstance(answer, Proceed) and len(digits) == NUMBER_DIGITS:
            return digits


def _typed(digits: str, position: int) -> str:
    if position == CLEAR:
        return ""
    if position == DELETE:
        return digits[:-1]
    if len(digits) == NUMBER_DIGITS:
        return digits
    return digits + ("0" if position == ZERO else str(position + 1))


async def _card(room: BackRoom, station: Station, desk: Desk) -> str | None:
    """The number of the member whose card is put in; ``None`` for another card. One that was in before leaves first."""
    if desk.card is not None:
        await desk.card.removed()
        desk.card = None
    card = await desk.next_card(station.reader)
    try:
        member = room.staff.of_card(await identity(card))
    except FileUnusable:
        return None
    return None if member is None else member.number


async def _pin(station: Station, room: BackRoom, desk: Desk, number: str) -> Member | None:
    """The member, or nobody. Raises Left, FileUnusable."""
    loop = asyncio.get_running_loop()
    with Pin() as pin:
        again = False
        while True:
            wait_s = lockout.wait_s(room.kept, station.clock())
            problem = EntryProblem.WAIT if wait_s else None
            screen = StaffEntry(EntryAsks.PIN, len(pin), problem=problem, wait_s=wait_s or None)
            tick = asyncio.sleep(1.0, result=True) if wait_s else None
            answer, _ = await desk.either(screen, tick, again=again)
            again = True
            if isinstance(answer, Key):
                pin.press(answer.position)
            if not (isinstance(answer, Proceed) and pin.complete) or lockout.wait_s(room.kept, station.clock()):
                continue
            try:
                lockout.begin_try(room.kept, number, station.clock())
            except OSError as error:
                log.critical("a try cannot be counted, so none is made (%s)", type(error).__name__)
                raise Left(Why.FINISHED) from error
            begun = loop.time()
            member = await desk.busy(StaffWorking("checking"), room.beside(lambda: room.staff.check(number, pin)))
            log.info("a PIN of staff was checked in %.0f ms", (loop.time() - begun) * 1000)
            if member is None:
                whose = {"member": number} if _is_known(room, number) else {}
                doing(station, None).note("wrong_credential", tries=lockout.tries(room.kept, number), **whose)
                return None
            _forgive(room, number)
            return member


def _is_known(room: BackRoom, number: str) -> bool:
    """Whether it is a member's. What else was typed there, a part of a PIN perhaps, is not noted."""
    try:
        return any(member.number == number for member in room.staff.members())
    except FileUnusable:
        return False


def _forgive(room: BackRoom, number: str) -> None:
    try:
        lockout.was_right(room.kept, number)
    except OSError as error:
        log.error("the count of wrong PINs stays: %s", type(error).__name__)
