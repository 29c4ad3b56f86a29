"""The terminal: what each state of its life does, from the first scene to the last.

It waits for a citizen, has them received (``kiosk.reception``), clears the glass after them, says so and tries again
while it is out of order, and lets staff in. It never ends because a visit or a device failed.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from drivers.api import Card, DeviceError, DeviceInUse, MuteCard
from drivers.backoff import Backoff
from kiosk.availability import Availabilities
from kiosk.calling_off import called_off
from kiosk.faults import OUT_OF_ORDER_CODES
from kiosk.glass import Glass
from kiosk.held_card import Inside, free
from kiosk.journal import JournalError
from kiosk.lifecycle import Event, State, after
from kiosk.maintenance.kept import Reason
from kiosk.outline import outline
from kiosk.reception import Arrival, Reception
from kiosk.recovery import Recovery
from kiosk.rehearsal import Rehearsal
from kiosk.screens import (
    Attract,
    Closed,
    OutOfOrder,
    Pick,
    Prefer,
    Preferences,
    Scene,
    Screen,
    Starting,
    Summon,
)
from kiosk.services import ALL, BY_ID
from kiosk.station import Station
from kiosk.status.summary import Summaries
from kiosk.status.tally import Tally
from kiosk.voice.narrator import Narrator
from kiosk.waiting import any_of
from kiosk.watch import Watch, reader_serves

log = logging.getLogger(__name__)

PROBE_S = 1.0
"""How soon a terminal that is out of order looks whether it can go on; doubled from look to look."""
PROBE_LONGEST_S = 20.0
PROBE_READER_S = 3.0
"""The same while it is the card reader that is missing: one that is back is noticed within 5 s, the rehearsal included.
Asking costs nothing, for the driver knows already."""
RELAPSE_S = 60.0
"""Out of order again so soon after it was in order: the same trouble. The first look then comes later each time."""
RELAPSE_LONGEST_S = 120.0
LOST_CARD_S = 60.0
"""A reader that is lost with a card in it cannot say when that is taken: so long it is said that it can be."""


class Terminal:
    """``run`` returns only after :meth:`stop`."""

    def __init__(self, station: Station, glass: Glass) -> None:
        self._undressed = station.settings
        """As the configuration says; what staff have set comes on top."""
        self.station = station
        self._take_what_staff_set()
        station = self.station
        self.glass = glass
        self.restart = False
        """Staff want the whole program started anew, once :meth:`run` has returned."""
        self.state = State.STARTING
        self._visit: Reception | None = None
        """Whoever is served, until the goodbye."""
        self._stopping: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrival = Arrival(station.settings.defaults)
        self._left_in: Inside | None = None
        self._lost_with_card = False
        self._broken = ""
        """What put it out of order, or will when the visit is over; kept until the terminal serves again."""
        self._staff_came = False
        self._recovery = Recovery(station)
        self._rehearsal = Rehearsal(station, self._recovery)
        self._relapses = Backoff(PROBE_S, RELAPSE_LONGEST_S)
        self._in_order_since = -math.inf
        self.watch = Watch(station)
        self._narrator = Narrator(station.voice, station.catalogues, lambda: self.watch.health["voice"].usable)
        if station.voice is not None:
            glass.speaker = self._narrator
        self.tally = Tally()
        self.uncaught: Counter[str] = Counter()
        """Errors of our own that ended a visit or a state of the terminal, by which of the two."""
        self._summaries = Summaries(station.settings.terminal, station.seal_key, station.clock)
        self._availabilities = Availabilities(station.insurer, self.watch, station.policy)

    @property
    def code(self) -> str:
        """What the out-of-order screen shows staff; empty while the terminal serves."""
        return OUT_OF_ORDER_CODES[self._broken or "core"] if self.state is State.OUT_OF_ORDER else ""

    @property
    def served(self) -> object | None:
        """Who is served now, until the goodbye: another object for each visit, for whoever watches from outside."""
        return self._visit

    def stop(self) -> None:
        """End: a visit is closed safely first, its card given back."""
        if not self._stopping.done():
            self._stopping.set_result(None)
        self.end_visit()

    def end_visit(self) -> None:
        """The glass failed: whoever stands there cannot go on. Their visit is closed safely."""
        if self._visit is not None:
            self._visit.close()

    async def run(self) -> None:
        try:
            while self.state is not State.STOPPING:
                try:
                    event = await self._live()
                except Exception as error:  # noqa: BLE001  the terminal outlives its own errors: out of order, then a fresh start
                    log.critical("the terminal failed while it was %s: %s", self.state, outline(error))
                    self.uncaught["core"] += 1
                    await self._not_at_once_again()
                    self._broken, self.state = self._broken or "core", State.OUT_OF_ORDER
                    event = Event.BROKEN
                if self._stopping.done() and not (event is Event.VISIT_ENDED and self._left_in is not None):
                    event = Event.STOP
                self.state = after(self.state, event)
            await self._give_back()
            if self._arrival.card is not None:  # it came in the moment of the stop
                await free(self._arrival.card)
            await self._rehearsal.given_up()
            await self._narrator.close()
        finally:
            self.glass.heed_nobody()

    async def _not_at_once_again(self) -> None:
        """What fails while it is out of order would fail again in the same moment, and keep everything else waiting."""
        if self.state is State.OUT_OF_ORDER:
            await any_of(self._stopping, seconds=self._relapses.failed(asyncio.get_running_loop().time()))

    async def _live(self) -> Event:
        match self.state:
            case State.STARTING:
                return await self._start()
            case State.ATTRACT:
                return await self._attract()
            case State.VISIT:
                return await self._watched(self._serve())
            case State.FAREWELL:
                return await self._watched(self._farewell())
            case State.CLOSED:
                return await self._watched(self._closed())
            case State.MAINTENANCE:
                return await self._maintain()
            case _:
                return await self._out_of_order()

    def _show(self, screen: Screen[Any], preferences: Preferences | None = None) -> None:
        preferences = preferences or self.station.settings.defaults
        self.glass.show(Scene(self.glass.next_serial, screen, preferences, now=self.station.clock()))

    # --- starting and waiting --------------------------------------------------------------------------------------

    async def _start(self) -> Event:
        self._show(Starting())
        if self.station.voice is not None:
            await self.watch.ask("voice")
        if self.station.back_room is not None:
            await self.station.back_room.beside(self._tidy)
        try:
            self.station.journal.event("terminal_started", open=len(self.station.journal.open_items()))
        except JournalError as error:
            self._breaks(error)
            return Event.BROKEN
        return await self._open_or_not()

    def _tidy(self) -> None:
        """No export is under way yet: what is left of one, a power cut has left."""
        from kiosk.maintenance.handing_out import remove_unfinished  # beside the loop, which has more to load

        if self.station.back_room is not None:
            remove_unfinished(self.station.back_room.journal)

    async def _open_or_not(self) -> Event:
        """What the terminal goes on with when nobody is served: closed counts before out of order."""
        if self._why_closed is not None:
            self._broken = ""
            return Event.CLOSED
        if self._left_in is not None:
            return Event.BROKEN  # a card that was never taken goes first
        usable = await self._reader_usable() and not self.watch.is_failing("card")
        self._broken = "" if usable else "reader"
        return Event.BROKEN if self._broken else Event.READY

    async def _reader_usable(self) -> bool:
        return reader_serves(await self.watch.ask("card"))

    async def _attract(self) -> Event:
        """Wait for a card or a choice; size, language and contrast can be chosen before the visit begins, and are
        forgotten when none does."""
        loop, settings = asyncio.get_running_loop(), self.station.settings
        preferences = settings.defaults
        until = math.inf  # then whoever wished for something has gone
        tiles = self._availabilities.tiles(ALL)
        if not self._rehearsal.has_card:  # else it goes straight on with the card that came behind out of order
            self._show(Attract(tiles), preferences)
        arriving = self._rehearsal.arriving()
        answering = asyncio.create_task(self._first_answer())
        changing = asyncio.create_task(self._availabilities.changed(ALL, tiles))
        settling = asyncio.create_task(self._recovery.run())
        try:
            while True:
                seconds = None if until == math.inf else max(0.0, until - loop.time())
                await any_of(arriving, self._stopping, answering, changing, settling, seconds=seconds)
                if arriving.done():
                    card = _card_of(arriving)
                    self._arrival = Arrival(preferences, card=card, mute=card is None)
                    return Event.CITIZEN
                if self._stopping.done():
                    return Event.STOP
                if answering.done():
                    answer = answering.result()
                    if isinstance(answer, Summon):
                        self._arrival = Arrival(preferences)
                        return Event.STAFF
                    if isinstance(answer, Pick):
                        self._arrival = Arrival(preferences, service=answer.choice)
                        return Event.CITIZEN
                    preferences = settings.prefer(preferences, answer)
                    self._show(Attract(tiles), preferences)
                    idle_s = settings.idle_s(preferences.size, preferences.speech)
                    until = math.inf if preferences == settings.defaults else loop.time() + idle_s
                    answering = asyncio.create_task(self._first_answer())
                elif loop.time() >= until:
                    preferences, until = settings.defaults, math.inf
                    self._show(Attract(tiles), preferences)
                if settling.done():
                    settling.result()
                if changing.done():
                    # New values on the same scene: a finger that is on its way still hits what it aimed at.
                    tiles = self._availabilities.tiles(ALL)
                    self.glass.update(Attract(tiles))
                    changing = asyncio.create_task(self._availabilities.changed(ALL, tiles))
        except DeviceError as error:
            self._breaks(error)
            if await self._reader_usable():
                # It says that it is well, so there is a card in, most likely, that it cannot give.
                self.watch.fails("card", error)
                self._lost_with_card = True
            return Event.BROKEN
        except JournalError as error:
            self._breaks(error)
            return Event.BROKEN
        finally:
            await called_off(arriving, answering, changing, settling)

    def _breaks(self, error: Exception) -> None:
        """Out of order because of it. One line, for it may fail again at each look."""
        before = self._broken
        match error:
            case DeviceInUse():
                self._broken, level, told = "held", logging.ERROR, "another program holds the card reader"
            case DeviceError():
                self._broken, level, told = "reader", logging.ERROR, f"the card reader is gone: {type(error).__name__}"
            case JournalError():
                self._broken, level, told = "journal", logging.CRITICAL, f"the journal cannot be used: {error}"
            case _:
                self._broken, level, told = "core", logging.CRITICAL, f"it cannot be in order: {outline(error)}"
        if self._broken != before:
            log.log(level, "%s", told)

    async def _first_answer(self) -> Pick | Prefer | Summon:
        while True:
            answer = await self.glass.answer()
            if isinstance(answer, Summon) and self.station.back_room is not None:
                return answer
            if isinstance(answer, Prefer) or (isinstance(answer, Pick) and answer.choice in BY_ID):
                return answer

    async def _out_of_order(self) -> Event:
        """Say so, and look again and again, at growing intervals, whether it is over. A card that is in goes first."""
        await self._give_back()
        now = asyncio.get_running_loop().time()
        lost_until = now + (LOST_CARD_S if self._lost_with_card else 0.0)
        self._lost_with_card = False
        if now - self._in_order_since > RELAPSE_S:
            self._relapses.succeeded()
        pause = self._relapses.failed(now)
        # At once as well, beside the waiting: what is back before the first look was gone all the same.
        # And all the others once: staff read on the screen how each one is.
        asking = asyncio.create_task(self.watch.look())
        try:
            return await self._until_in_order(lost_until, pause)
        finally:
            self._in_order_since = asyncio.get_running_loop().time()
            await called_off(asking)

    async def _until_in_order(self, lost_until: float, pause: float) -> Event:
        written = False
        if self._broken == "reader" and not self.watch.is_failing("card"):
            pause = min(pause, PROBE_READER_S)
        while not self._stopping.done():
            left_in = self._left_in
            card_in = left_in is not None or asyncio.get_running_loop().time() < lost_until
            code = OUT_OF_ORDER_CODES[self._broken or "core"]
            screen = OutOfOrder(code, card_in, self._summary(code))
            shown = self.glass.shown
            if shown != screen:
                self._show(screen)
            elif isinstance(shown, OutOfOrder) and shown.qr != screen.qr:
                self.glass.update(screen)
            if await self._pause(pause, left_in):
                self._left_in = None
            if self._summoned():
                return Event.STAFF
            if self._why_closed is None and not await self._reader_usable():
                self._broken = "reader"
                pause = min(pause * 2, PROBE_READER_S)
                continue
            pause = min(pause * 2, PROBE_LONGEST_S)
            written_before = written
            if not written:  # once is enough until it serves again: a card may be left in for hours
                if self._unwritable() is not None:
                    self._broken = "journal"
                    continue
                written = True
            if self._left_in is not None:
                continue
            closed = self._why_closed is not None
            error = await self._rehearse(serving=not closed, write=written_before)
            if self._summoned():
                return Event.STAFF
            if error is None:
                self._broken = ""
                return Event.CLOSED if closed else Event.READY
            self._breaks(error)
            written = written and not isinstance(error, JournalError)  # it may have to be opened anew
        return Event.STOP

    def _unwritable(self) -> JournalError | None:
        """Why the journal takes no record now, or nothing."""
        try:
            self.station.journal.probe()
        except JournalError as error:
            return error
        return None

    async def _rehearse(self, *, serving: bool, write: bool) -> Exception | None:
        """What of the next screen would fail, or nothing. ``write``: that the journal takes records is known from an
        earlier look only, and nobody is asked for a card on the word of an hour ago."""
        summoning = asyncio.create_task(self._until_summoned())
        try:
            error = await self._rehearsal.trouble(self._stopping, summoning, serving=serving)
        finally:
            await called_off(summoning)
        if error is None and write:
            error = self._unwritable()
        if error is not None or self._staff_came:
            self._left_in = await self._rehearsal.given_up()
        if isinstance(error, DeviceError):
            self.watch.fails("card", error)
        elif serving and error is None:
            self.watch.works("card")
        return error

    def _summary(self, code: str) -> str:
        """For the code that staff read with a phone."""
        return self._summaries.of(code, self.watch.health, self.tally.today(self.station.clock()))

    async def _give_back(self) -> None:
        """Whatever failed: nothing of a visit is kept, and its card is free."""
        reception, self._visit = self._visit, None
        if reception is None:
            return
        try:
            self._left_in = await reception.give_up() or self._left_in
            self._rehearsal.keep(reception.newcomer)
            self._left_in = await self._rehearsal.given_up() or self._left_in
        except Exception as error:  # noqa: BLE001  the terminal must go on without it
            log.critical("a card could not be released: %s", outline(error))

    async def _pause(self, seconds: float, card: Inside | None) -> bool:
        """Wait, or until the terminal stops, or until the card is out: true in that last case."""
        removing = asyncio.ensure_future(card.removed()) if card is not None else None
        summoning = asyncio.create_task(self._until_summoned())
        ends = [end for end in (removing, summoning) if end is not None]
        try:
            await any_of(self._stopping, *ends, seconds=seconds)
            return removing is not None and removing.done()
        finally:
            await called_off(*ends)

    async def _until_summoned(self) -> None:
        """Until staff make their gesture; all else that is answered meanwhile asks for nothing."""
        while not isinstance(await self.glass.answer(), Summon) or self.station.back_room is None:
            pass
        self._staff_came = True

    def _summoned(self) -> bool:
        """Whether they did; asked once. They come to a terminal in which nobody has wished for anything."""
        came, self._staff_came = self._staff_came, False
        if came:
            self._arrival = Arrival(self.station.settings.defaults)
        return came

    # --- staff -----------------------------------------------------------------------------------------------------

    def _take_what_staff_set(self) -> None:
        """The hall's language and brightness."""
        room = self.station.back_room
        if room is not None:
            self.station = replace(self.station, settings=room.dressed(self._undressed))

    @property
    def _why_closed(self) -> Reason | None:
        """Why staff have closed the terminal, or ``None`` if it is open."""
        room = self.station.back_room
        return None if room is None else room.kept.closed

    async def _closed(self) -> Event:
        """Say why, until staff come. What stayed unknown is settled meanwhile."""
        reason = self._why_closed
        if reason is None:
            return Event.READY
        self._show(Closed(reason.value))
        settling = asyncio.create_task(self._recovery.run())
        summoning = asyncio.create_task(self._until_summoned())
        try:
            await any_of(self._stopping, summoning, settling)
            if self._summoned():
                return Event.STAFF
            if settling.done():
                settling.result()
        except JournalError as error:
            self._breaks(error)
            return Event.BROKEN
        finally:
            await called_off(settling, summoning)
        return Event.STOP

    async def _maintain(self) -> Event:
        """Operator mode, until whoever came has left; then with what they have set."""
        from kiosk.maintenance.session import Outcome, Session  # nothing that a citizen waits for

        room = self.station.back_room
        assert room is not None
        language = self._arrival.preferences.language
        session = asyncio.ensure_future(Session(self.station, room, self.glass, language).run())
        try:
            await any_of(session, self._stopping)
            if not session.done():
                return Event.STOP
            if session.result() is Outcome.RESTART:
                self.restart = True
                self.stop()
                return Event.STOP
        finally:
            await called_off(session)
        self._take_what_staff_set()
        return await self._open_or_not()

    # --- a visit ---------------------------------------------------------------------------------------------------

    async def _watched(self, life: Coroutine[Any, Any, Event]) -> Event:
        """Live this state while the devices that it does not use are watched, and what is offered stays true."""
        watching = asyncio.create_task(self.watch.beside(lambda: self.glass.shown, self._offer_what_there_is))
        try:
            return await life
        finally:
            await called_off(watching)

    def _offer_what_there_is(self) -> None:
        """New values on the scene that stands: what became impossible meanwhile is no longer offered."""
        shown = self.glass.shown
        if shown is not None and (now := self._availabilities.of_now(shown, ALL)) != shown:
            self.glass.update(now)

    async def _serve(self) -> Event:
        arrival, self._arrival = self._arrival, Arrival(self.station.settings.defaults)
        reception = self._visit = self._receive(arrival)
        try:
            await reception.serve()
        finally:
            self._take_over(reception)
        return Event.VISIT_ENDED

    async def _farewell(self) -> Event:
        """The card back into the hand, the goodbye, and an empty glass."""
        reception = self._visit
        assert reception is not None
        try:
            await reception.farewell(self._stopping)
        finally:
            self._take_over(reception)
        self._visit = self._left_in = None
        self._rehearsal.keep(reception.newcomer)
        if self._broken:
            self._left_in = await self._rehearsal.given_up()
            return Event.BROKEN
        return Event.LEFT

    def _receive(self, arrival: Arrival) -> Reception:
        return Reception(self.station, self.glass, arrival, self.watch, self._availabilities, self.tally, self.uncaught)

    def _take_over(self, reception: Reception) -> None:
        """What the visit has left behind is the terminal's affair from here on, however it came to an end."""
        self._left_in = reception.left_in
        self._lost_with_card = reception.lost_with_card
        self._broken = reception.broken


def _card_of(arriving: asyncio.Future[Card]) -> Card | None:
    """The card that came; ``None`` for one that does not answer, which the visit will explain."""
    try:
        return arriving.result()
    except MuteCard:
        return None
