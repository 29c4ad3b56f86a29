"""One citizen received: what they came for, the services that it leads to, how it ended, the card back, the goodbye.

Every visit comes to an end here that is told, noted and counted, whatever fails in it. When the terminal does this, and
what it does with what a visit leaves behind, is decided in ``kiosk.terminal``.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from drivers.api import Card, Condition, DeviceLost, PulledEarly
from drivers.frozen import dataclass
from kiosk.availability import Availabilities
from kiosk.calling_off import called_off
from kiosk.causes import cause_of
from kiosk.endings import Ending, Instead, OutcomeUnknown, Refusing, VisitOver
from kiosk.faults import UNFORESEEN, refusal_code, trouble_of
from kiosk.glass import Glass
from kiosk.handover import tell_result
from kiosk.held_card import Inside
from kiosk.identity import card_record, masked
from kiosk.insurer.api import CardState
from kiosk.journal import JournalError
from kiosk.outline import outline
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.refusals import ADVISE_A_PASSWORD, Way, tell_refusal, way_of
from kiosk.screens import (
    BeingChecked,
    Cause,
    Goodbye,
    Holder,
    Menu,
    Pick,
    Preferences,
    Proceed,
    Refusal,
    ServiceTile,
    Slip,
    StillThere,
    TakeCard,
)
from kiosk.services import ALL, BY_ID, offers
from kiosk.station import Station
from kiosk.status.tally import Tally
from kiosk.telling import CLOSING_TOLD_S
from kiosk.visit import Visit
from kiosk.waiting import any_of
from kiosk.watch import AT_WORK, Watch, reader_serves

log = logging.getLogger(__name__)

REMIND_S = 5.0
"""Seconds between reminders of a card left in the reader."""
ALARM_REMINDERS = 6
"""After 30 s staff are told: where banks keep a card, their terminals remind for 30 to 45 s first."""
GOODBYE_S = 3.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """Why a visit begins: a service was chosen, or a card was put in (``mute`` if it does not answer)."""

    preferences: Preferences
    service: str | None = None
    card: Card | None = None
    mute: bool = False


class Reception:
    """One citizen's: :meth:`serve`, then :meth:`farewell`. Belongs to the core's loop."""

    def __init__(
        self,
        station: Station,
        glass: Glass,
        arrival: Arrival,
        watch: Watch,
        availabilities: Availabilities,
        tally: Tally,
        uncaught: Counter[str],
    ) -> None:
        self.visit = Visit(station, glass, arrival.preferences, self._missing)
        self.left_in: Inside | None = None
        """The card, if the visit is over and it is still in."""
        self.lost_with_card = False
        """The reader was lost with the card in it."""
        self.broken = ""
        """What puts the terminal out of order once the visit is over, as in ``OUT_OF_ORDER_CODES``."""
        self._glass = glass
        self._arrival = arrival
        self._watch = watch
        self._availabilities = availabilities
        self._tally = tally
        self._uncaught = uncaught

    def close(self) -> None:
        """The terminal stops, or its glass failed: what must not be interrupted ends, the citizen is told, and the card
        is given back."""
        self.visit.interrupt(Ending.CLOSING)

    async def give_up(self) -> Inside | None:
        """Whatever failed: nothing of the visit is kept, and its card is free; returned if that is still in."""
        return await self.visit.release()

    @property
    def newcomer(self) -> asyncio.Future[Card] | None:
        """A card that was put in while the end was still told, be it mute."""
        return self.visit.newcomer

    # --- from what brought them to how it ended --------------------------------------------------------------------

    async def serve(self) -> None:
        """The visit, to an end that was told; its card is free afterwards, and :attr:`left_in` unless it was taken."""
        visit, arrival = self.visit, self._arrival
        visit.adopt(arrival.card, mute=arrival.mute or (arrival.card is None and await self._mute_card_in()))
        outcome, begun = "done", asyncio.get_running_loop().time()
        try:
            await self._run_services(arrival.service)
        except VisitOver as over:
            outcome = over.ending.value
            if over.ending is Ending.CARD_GONE:
                await self._tell_trouble(PulledEarly())
        except Exception as error:  # noqa: BLE001  whatever it was, the citizen gets an honest end and the card back
            outcome = await self._tell_trouble(error)
        self._record_visit(outcome)
        self._tally.lasted(asyncio.get_running_loop().time() - begun)
        had_card = visit.had_card
        self.left_in = await visit.release()
        if (had_card or visit.card_was_taken) and self.left_in is None:
            await self._lost_with_its_reader()

    async def _mute_card_in(self) -> bool:
        """Whether a card is in that does not answer: the reader tells of it once, and somebody may have left it in."""
        return (await self._watch.ask("card")).condition is Condition.USER_ERROR

    async def _run_services(self, service: str | None) -> None:
        """The chosen service, and any other that it hands over to."""
        visit = self.visit
        while True:
            try:
                if service is None:
                    service = await self._choose()
                missing = self._availabilities.missing(BY_ID[service])
                if missing is not None:
                    raise Refusing(missing)
                await BY_ID[service].run(visit)
                return
            except Instead as instead:
                service, visit.instead_of = instead.service, instead.of
            except Refusing as refusing:
                code = refusal_code(refusing.cause)
                offer = refusing.offer
                if offer is not None and self._missing(offer) is not None:
                    offer = None
                answer = await self._tell_refusal(refusing.cause, code, offer, service)
                if not isinstance(answer, Pick) or offer is None:
                    return
                service, visit.instead_of = offer.id, None
            except OutcomeUnknown as unknown:
                await self._tell_unknown(unknown.number)
                return

    async def _choose(self) -> str:
        """The card came first: greet its holder and ask what it shall be."""
        card = await self.visit.card()
        record = await card_record(self.visit, card)
        if record.holder is None or record.state is CardState.UNKNOWN:
            raise Refusing(Cause.UNKNOWN_CARD)
        while True:
            choice = (await self.visit.ask(Menu(masked(record.holder, card), self._availabilities.tiles(ALL)))).choice
            missing = self._availabilities.missing(BY_ID[choice]) if choice in BY_ID else None
            if missing is not None:
                # Nothing has begun: why not, where to go instead, and back to what can be done.
                await self.visit.ask(Refusal(missing, refusal_code(missing), way_back=True))
            elif choice in BY_ID:
                return choice

    def _missing(self, offered: ServiceTile) -> Cause | None:
        return self._availabilities.missing(BY_ID[offered.id])

    # --- how it ended, told and noted ------------------------------------------------------------------------------

    async def _tell_refusal(
        self, cause: Cause, code: str, offer: ServiceTile | None, service: str | None = None
    ) -> Proceed | Pick | None:
        """From here on the card may be taken, also out of a reader that locks. Only an offer that would go on with it
        keeps it in dialogue until it is answered; whoever takes the card and then the offer is asked for it again."""
        if offer is None:
            await self.visit.free_card()
        else:
            self.visit.card_no_longer_needed()
        number = self.visit.station.new_key() if way_of(cause, offer) is not Way.NONE else ""
        self._try_event("refused", cause=cause.value, code=code, number=number)
        at_counter = cause in ADVISE_A_PASSWORD and not self.visit.station.policy.reset_at_terminal
        refusal = Refusal(cause, code, offer, number=number, at_counter=at_counter)
        return await tell_refusal(self.visit, refusal, service or self.visit.service or "")

    async def _tell_unknown(self, number: str) -> None:
        service, holder = self.visit.service or "", self.visit.holder or Holder("", "")
        can_reset = self.visit.can_offer(offers.RESET)
        facts = SlipFacts(
            SlipKind.BEING_CHECKED, number, self.visit.now(), holder, service=service, can_reset=can_reset
        )
        result = BeingChecked(number, Slip.NOT_ASKED, service=service, can_reset=can_reset)
        await tell_result(self.visit, result, facts)

    async def _tell_trouble(self, error: Exception) -> str:
        """What became wrong, in the words of the table; returns its code."""
        had_card = self.visit.had_card
        if isinstance(error, PulledEarly | DeviceLost) and had_card and await self._lost_with_its_reader():
            error = DeviceLost()
        trouble = trouble_of(error)
        self._uncaught["visit"] += trouble is UNFORESEEN
        level = logging.CRITICAL if trouble is UNFORESEEN else logging.WARNING
        log.log(level, "a visit ended with %s: %s", trouble.code, outline(error))
        await self._tell_refusal(trouble.cause, trouble.code, None)
        return trouble.code

    async def _lost_with_its_reader(self) -> bool:
        """To the card it looks alike whether it leaves the reader or the reader leaves the terminal."""
        if reader_serves(await self._watch.ask("card")):
            return False
        self.broken, self.lost_with_card = "reader", not self.visit.card_was_taken
        return self.lost_with_card

    def _record_visit(self, outcome: str) -> None:
        shown = self._glass.shown
        told = self.visit.asked if shown is None or isinstance(shown, (*AT_WORK, StillThere)) else shown
        cause = cause_of(outcome, told)
        self._try_event("visit", service=self.visit.service or "none", outcome=outcome, cause=cause)

    def _try_event(self, kind: str, **facts: str) -> None:
        """The ledger of visits is worth having, but no citizen waits for it: a failure shows at the next intent."""
        self._tally.note(kind, facts, self.visit.station.clock())
        try:
            self.visit.station.journal.event(kind, **facts)
        except JournalError as error:
            log.critical("not noted: %s (%s)", kind, type(error).__name__)
            self.broken = "journal"

    # --- farewell --------------------------------------------------------------------------------------------------

    async def farewell(self, stopping: asyncio.Future[None]) -> None:
        """The card back into the hand, and the goodbye. A terminal that stops waits only so long as it may."""
        if self.left_in is not None:
            await self._until_taken(self.left_in, stopping)
            if not stopping.done():
                await self._lost_with_its_reader()
        waited_for = self.newcomer is not None or stopping.done()
        if self.visit.service is not None and not self.lost_with_card and not waited_for:
            self.visit.show(Goodbye(*self.visit.belongings))
            await asyncio.sleep(GOODBYE_S)

    async def _until_taken(self, card: Inside, stopping: asyncio.Future[None]) -> None:
        reminder = 0
        removing = asyncio.ensure_future(card.removed())
        try:
            while True:
                self.visit.show(TakeCard(reminder, *self.visit.belongings))
                await any_of(removing, stopping, seconds=REMIND_S)
                if removing.done():
                    return
                if stopping.done():
                    await any_of(removing, seconds=CLOSING_TOLD_S)
                    return
                reminder += 1
                if reminder == ALARM_REMINDERS:
                    log.error("a card was left in the reader")
                    self._try_event("card_left_behind")
        finally:
            await called_off(removing)
