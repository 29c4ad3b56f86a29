"""Parts that do something wrong, each as a programmer might have written it, and the simulation that must notice.

``python -m tests.simulation.deliberate_bugs`` looks for each of them from seed 0 on, and says how many days it took.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from drivers.api import (
    Card,
    CardReader,
    Condition,
    Health,
    IdCardReader,
    IdDocument,
    Page,
    Printer,
    PrinterStatus,
    Response,
)
from drivers.card.authority import ChipAuthority, ChipIdentity, ExternalAuthentication
from kiosk.insurer.api import CardRef, Done, InsurerUnreachable, Operation, Outcome, Proof, Refused
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.patience import PatientInsurer
from kiosk.journal import Ending, Journal
from kiosk.lifecycle import Event
from kiosk.reception import Arrival, Reception
from kiosk.recovery import Recovery
from kiosk.screens import Cause, Preferences, Screen
from kiosk.simulation.day.devices import PlayedJournal
from kiosk.simulation.day.parts import Parts
from kiosk.simulation.day.simulator import play_days
from kiosk.simulation.day.weather import FAULTS, Odds
from kiosk.simulation.day.witness import Invariant
from kiosk.terminal import Terminal

MOST = 2000
"""Days within which each must be found."""
_VERIFY, _CHANGE, _RESET, _READ = 0x20, 0x5E, 0x5E, 0xB2


# --- the journal -----------------------------------------------------------------------------------------------------


class LateJournal(PlayedJournal):
    """Saves time: an intent goes to the disk together with its ending, after the request was sent."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._late: list[Callable[[], None]] = []

    def intend(self, key: str, kind: str, subject: str, detail: Any = None) -> None:
        self._late.append(lambda: Journal.intend(self, key, kind, subject, detail))
        self.power.intended(key, kind)

    def sent(self, key: str) -> None:
        self._late.append(lambda: Journal.sent(self, key))

    def close(self, key: str, outcome: Ending, number: str = "") -> None:
        late, self._late = self._late, []
        for write in late:
            write()
        super().close(key, outcome, number)


class ForgetfulJournal(PlayedJournal):
    """Takes an operation whose outcome nobody knows for one that failed."""

    def close(self, key: str, outcome: Ending, number: str = "") -> None:
        super().close(key, "failed" if outcome == "unknown" else outcome, number)


# --- the insurer's client --------------------------------------------------------------------------------------------


class RetriesWithNewKey(PatientInsurer):
    """An answer was lost: try again, as if it were another operation."""

    async def perform(self, key: str, operation: Operation) -> Outcome:
        try:
            return await super().perform(key, operation)
        except InsurerUnreachable as error:
            if not error.sent:
                raise
            return await super().perform(f"{key}R", operation)


class SendsTwice(PatientInsurer):
    """To be on the safe side, and each time under a key of its own."""

    async def perform(self, key: str, operation: Operation) -> Outcome:
        outcome = await super().perform(key, operation)
        await super().perform(f"{key}B", operation)
        return outcome


class LostIsFailed(PatientInsurer):
    """No answer, so nothing was done."""

    async def perform(self, key: str, operation: Operation) -> Outcome:
        try:
            return await super().perform(key, operation)
        except InsurerUnreachable as error:
            raise InsurerUnreachable(sent=False) from error


class LostIsDone(PatientInsurer):
    """No answer will be fine."""

    async def perform(self, key: str, operation: Operation) -> Outcome:
        try:
            return await super().perform(key, operation)
        except InsurerUnreachable as error:
            if not error.sent:
                raise
            return await self._done(key)

    async def _done(self, key: str) -> Outcome:
        from datetime import UTC, datetime

        return Done(key, datetime.now(UTC))


class RefusedIsDone(PatientInsurer):
    """Any answer is a good answer."""

    async def perform(self, key: str, operation: Operation) -> Outcome:
        outcome = await super().perform(key, operation)
        if isinstance(outcome, Refused):
            from datetime import UTC, datetime

            return Done(key, datetime.now(UTC))
        return outcome


class CopiesThePin(PatientInsurer):
    """Sends a copy of the PIN and leaves it lying."""

    def authority(self, card: CardRef, proof: Proof) -> ChipAuthority:
        return _Copying(super().authority(card, proof))


class _Copying:
    def __init__(self, authority: ChipAuthority) -> None:
        self._authority = authority

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        return await self._authority.authenticate(chip, key_id, challenge)

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        return await self._authority.protect_pin(chip, challenge, header, bytearray(pin))


class TakesLateRequests(EmbeddedInsurer):
    """An insurer that says that a request never came, and takes it when it comes after all."""

    def __init__(self, *parts: Any, **more: Any) -> None:
        super().__init__(*parts, **more)
        self._came: set[str] = set()

    async def perform(self, key: str, operation: Operation) -> Outcome:
        self._came.add(key)
        return await super().perform(key, operation)

    async def outcome(self, key: str) -> Outcome | None:
        return await super().outcome(key) if key in self._came else None


# --- the card --------------------------------------------------------------------------------------------------------


class _Reader:
    def __init__(self, reader: CardReader, wrap: Callable[[Card], Card]) -> None:
        self._reader = reader
        self._wrap = wrap

    async def card(self) -> Card:
        return self._wrap(await self._reader.card())

    async def health(self) -> Health:
        return await self._reader.health()

    async def close(self) -> None:
        await self._reader.close()


class _Card:
    def __init__(self, card: Card) -> None:
        self._card = card

    @property
    def atr(self) -> bytes:
        return self._card.atr

    async def transmit(self, apdu: bytes) -> Response:
        return await self._card.transmit(apdu)

    async def removed(self) -> None:
        await self._card.removed()

    async def release(self) -> None:
        await self._card.release()


class VerifiesTwice(_Card):
    """Perhaps it was only a bad contact."""

    async def transmit(self, apdu: bytes) -> Response:
        again: Any = bytearray(apdu)
        response = await super().transmit(apdu)
        if again[1] == _VERIFY and len(again) > 5 and response.sw & 0xFFF0 == 0x63C0:
            response = await super().transmit(again)
            again[:] = bytes(len(again))
        return response


class KeepsTheCard(_Card):
    """Forgets to let it go."""

    async def release(self) -> None:
        pass


class RemembersTheCard(_Card):
    """Reading is slow: what was read once is not read again."""

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self._read: dict[bytes, Response] = {}

    async def transmit(self, apdu: bytes) -> Response:
        if apdu[1] != _READ:
            return await super().transmit(apdu)
        if bytes(apdu) not in self._read:
            self._read[bytes(apdu)] = await super().transmit(apdu)
        return self._read[bytes(apdu)]


class SaysItIsWritten(_Card):
    """Swallows the change of the PIN, and what would have proved it."""

    _swallowed = False

    async def transmit(self, apdu: bytes) -> Response:
        if apdu[0] in (0x80, 0x84) and apdu[1] == _CHANGE:
            self._swallowed = True
            return Response(b"", 0x9000)
        if self._swallowed and apdu[1] == _VERIFY and len(apdu) > 5:
            return Response(b"", 0x9000)
        return await super().transmit(apdu)


# --- the printer -----------------------------------------------------------------------------------------------------


class PrintsTheLastOne:
    """A page that did not come out is kept, and comes out with the next one."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._kept: list[Page] = []

    async def print(self, page: Page) -> None:
        self._kept.append(page)
        while self._kept:
            await self._printer.print(self._kept[0])
            del self._kept[0]

    async def status(self) -> PrinterStatus:
        return await self._printer.status()

    async def health(self) -> Health:
        return await self._printer.health()

    async def close(self) -> None:
        await self._printer.close()


class SaysItIsPrinted(PrintsTheLastOne):
    """Does not wait for the paper."""

    async def print(self, page: Page) -> None:
        if (await self._printer.health()).condition is Condition.ONLINE:
            await self._printer.print(page)


# --- the ID card -----------------------------------------------------------------------------------------------------


class SkipsTheLastDay:
    """Its last day of validity stands in a field that this driver does not read."""

    def __init__(self, id_reader: IdCardReader) -> None:
        self._id_reader = id_reader

    async def document(self) -> IdDocument:
        return replace(await self._id_reader.document(), valid_to=None)

    async def health(self) -> Health:
        return await self._id_reader.health()

    async def close(self) -> None:
        await self._id_reader.close()


# --- the terminal ----------------------------------------------------------------------------------------------------


class _TellsUnknownAsFailure(Reception):
    async def _tell_unknown(self, number: str) -> None:
        await self._tell_refusal(Cause.INSURER_DOWN, "N01", None)


class UnknownIsFailure(Terminal):
    """Says that it did not work when nobody knows."""

    def _receive(self, arrival: Arrival) -> Reception:
        return _TellsUnknownAsFailure(
            self.station, self.glass, arrival, self.watch, self._availabilities, self.tally, self.uncaught
        )


class KeepsTheVisit(Terminal):
    """The last citizen may come back."""

    async def _farewell(self) -> Event:
        visit = self._visit
        event = await super()._farewell()
        self._visit = visit
        return event


class CountsItsVisits(Terminal):
    """Keeps them all, to count them."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._visits: list[Reception | None] = []

    async def _farewell(self) -> Event:
        self._visits.append(self._visit)
        return await super()._farewell()


class KeepsTheWishes(Terminal):
    """The next citizen will like what the last one liked."""

    _wishes: Preferences | None = None

    async def _farewell(self) -> Event:
        assert self._visit is not None
        self._wishes = self._visit.visit.preferences
        return await super()._farewell()

    def _show(self, screen: Screen[Any], preferences: Preferences | None = None) -> None:
        super()._show(screen, self._wishes or preferences)


class _NeverAsks(Recovery):
    async def run(self) -> None:
        import asyncio

        await asyncio.get_running_loop().create_future()


class NeverAsksAgain(Terminal):
    """What is unknown stays so."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._recovery = _NeverAsks(self.station)


class GivesUp(Terminal):
    """Once out of order, always out of order."""

    async def _reader_usable(self) -> bool:
        usable = await super()._reader_usable()
        self._was_lost = getattr(self, "_was_lost", False) or not usable
        return usable and not self._was_lost


@dataclass(frozen=True, slots=True)
class Bug:
    name: str
    parts: Parts
    breaks: frozenset[Invariant]
    """By which of the invariants it may be found."""
    often: float = 1.0
    climate: str = ""
    """The fault that brings it to light, where that is a rare one."""

    @property
    def faults(self) -> tuple[Odds, ...]:
        """All that can happen; or that one fault alone, often."""
        return tuple(replace(odds, most=self.often) for odds in FAULTS if odds.name == self.climate) or FAULTS


def _bug(name: str, *breaks: Invariant, climate: str = "", often: float = 1.0, **parts: Any) -> Bug:
    return Bug(name, Parts(**parts), frozenset(breaks), often, climate)


def _cards(kind: Callable[[Card], Card]) -> Callable[[CardReader], CardReader]:
    return lambda reader: _Reader(reader, kind)


I = Invariant  # noqa: E741
BUGS = (
    _bug("send before sync", I.INTENT_FIRST, climate="power cut when a change was done", journal=LateJournal),
    _bug("unknown noted as failed", I.JOURNAL_TRUE, I.FAILURE_IS_NOT, I.NO_ERROR, journal=ForgetfulJournal),
    _bug("new key on retry", I.ONE_EFFECT, I.FAILURE_IS_NOT, I.JOURNAL_TRUE, I.TOLD, insurer=RetriesWithNewKey),
    _bug("double send", I.ONE_EFFECT, I.JOURNAL_TRUE, I.INTENT_FIRST, insurer=SendsTwice),
    _bug("lost answer told as failure", I.FAILURE_IS_NOT, I.JOURNAL_TRUE, insurer=LostIsFailed),
    _bug("lost answer told as success", I.SUCCESS_IS_DONE, I.JOURNAL_TRUE, insurer=LostIsDone),
    _bug(
        "success shown on refusal",
        *(I.SUCCESS_IS_DONE, I.JOURNAL_TRUE),
        climate="another terminal is quicker",
        insurer=RefusedIsDone,
    ),
    _bug("PIN kept", I.PIN_WIPED, insurer=CopiesThePin),
    _bug(
        "late request takes effect",
        I.FAILURE_IS_NOT,
        I.JOURNAL_TRUE,
        office=lambda clock, digits: TakesLateRequests(":memory:", clock=clock, digits=digits),
    ),
    _bug("VERIFY retried", I.VERIFY, reader=_cards(VerifiesTwice)),
    _bug("card not released", I.CARD_FREE, I.NO_ERROR, reader=_cards(KeepsTheCard)),
    _bug(
        "effect on another card",
        *(I.CHIP_AGREES, I.ONE_EFFECT, I.TOLD),
        climate="card swapped between two screens",
        often=0.3,
        reader=_cards(RemembersTheCard),
    ),
    _bug("PIN told and not written", I.CHIP_AGREES, I.JOURNAL_TRUE, I.ONE_EFFECT, reader=_cards(SaysItIsWritten)),
    _bug("expired ID card taken", I.KNOWN, id_reader=SkipsTheLastDay),
    _bug("slip for the wrong visit", I.SLIP_OF_VISIT, printer=PrintsTheLastOne),
    _bug("slip told and not printed", I.SLIP_OF_VISIT, printer=SaysItIsPrinted),
    _bug("unknown shown as failure", I.FAILURE_IS_NOT, climate="outcome not to be had", terminal=UnknownIsFailure),
    _bug("visit kept", I.NOTHING_PERSONAL, terminal=KeepsTheVisit),
    _bug("visits remembered", I.NOTHING_PERSONAL, terminal=CountsItsVisits),
    _bug("wishes kept", I.NOTHING_PERSONAL, terminal=KeepsTheWishes),
    _bug("unknown not resolved", I.UNKNOWN_RESOLVED, climate="outcome not to be had", terminal=NeverAsksAgain),
    _bug("out of order for ever", I.ATTRACT_RETURNS, terminal=GivesUp),
)


def found_at(bug: Bug, days: int = MOST, faults: tuple[Odds, ...] = FAULTS) -> tuple[int, Invariant] | None:
    """Seed of the first day on which something is wrong, and by which invariant."""
    for played in play_days(range(days), bug.parts, faults):
        if played.violation is not None:
            return played.seed, Invariant(played.violation.invariant)
    return None


def main() -> int:
    """One line a bug; 1 if one of them was not found."""
    missed = 0
    for bug in BUGS:
        begun = time.perf_counter()
        found = found_at(bug)
        wrong = found is None or found[1] not in bug.breaks
        missed += wrong
        where = "not found" if found is None else f"seed {found[0]}: {found[1]}"
        print(
            f"{'MISSED' if wrong else 'found':7} {bug.name:32} {where}  ({time.perf_counter() - begun:.1f} s)",
            flush=True,
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
