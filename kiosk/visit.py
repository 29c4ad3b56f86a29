"""One citizen's visit: ask, be busy, commit, and end.

A service is a coroutine over a visit and reads in the order the citizen lives it. Everything that can end a visit from
outside (finish, quiet, card pulled, terminal closing) is raised here, once, as :class:`VisitOver`, and unwinds through
the service. What changes the world goes through :meth:`Visit.commit` or :meth:`Visit.write_chip`: never interrupted,
and done as ``kiosk.operations`` does it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from drivers.api import Card, CardError, Frame, MuteCard
from drivers.card.authority import AuthorityRefused
from drivers.card.social_security import ApplicationLocked
from kiosk.endings import Ending, VisitOver
from kiosk.glass import Glass
from kiosk.held_card import CardKeeping, HeldCard, Inside, free, problem_of
from kiosk.insurer.api import Done, Operation, RecordPin
from kiosk.operations import Operations
from kiosk.pace import Pace
from kiosk.screens import (
    Answer,
    CardProblem,
    Cause,
    Finish,
    Holder,
    InsertCard,
    Prefer,
    Preferences,
    Reading,
    Refusal,
    Scene,
    Screen,
    ServiceTile,
    ShowCode,
    Size,
    Slip,
    Speech,
    StillThere,
    Task,
    Touched,
    Working,
)
from kiosk.station import Station
from kiosk.telling import Telling
from kiosk.waiting import any_of, at_least, ended

A = TypeVar("A", bound=Answer)
T = TypeVar("T")

_SLIP_TOLD = frozenset({Slip.PRINTED, Slip.ON_SCREEN})
"""What stands on it can be heard."""

LIFTED_S = 0.6
"""How long after a touch its answer may come: until a slow finger is lifted again."""

BUSY_SHOWN_S = 0.7
"""A screen that tells of work stays at least this long: one that flashes by cannot be read and worries people."""

UNATTENDED = 3
"""A question that devices keep answering (a code left before the camera) while nobody touches the glass stands for so
many times the quiet: then it takes a finger to show that somebody is there."""

UNREAD = 3
"""A card that answers nothing, or nothing sensible, as often as that in one visit is sent to the counter: it has four
ways in, and whoever has tried three of them, or wiped it twice, has done what they were told."""


class Visit:
    """All that a service can do with the citizen who stands there, from the first act until the card is let go. Made by
    ``kiosk.reception``, one for each citizen; belongs to the core's loop, and asks or does one thing at a time."""

    def __init__(
        self,
        station: Station,
        glass: Glass,
        preferences: Preferences,
        missing: Callable[[ServiceTile], Cause | None] = lambda _: None,
    ) -> None:
        self.station = station
        self.preferences = preferences
        self.missing = missing
        """Why another service cannot be finished here now, or nothing. What cannot be is not advised either."""
        self.service: str | None = None
        self.slip_printed = False
        self.slip_lines: tuple[str, ...] = ()
        """What stands on the slip of this visit, for the ear."""
        self.id_card_asked = False
        """It may lie on its reader; ``id_card_used``: it certainly has lain there."""
        self.id_card_used = False
        self.may_need_large = False
        """The ID card says that the citizen is of an age to be asked whether larger letters are wanted."""
        self._size_chosen = False
        self._glass = glass
        self._loop = asyncio.get_running_loop()
        self._step = 0
        self._steps = 0
        self.holder: Holder | None = None
        """Whose card it is, masked, once the insurer has said so."""
        self.identity_proved = False
        self.pin_proved = False
        """The card that is in has accepted a password of this citizen's."""
        self.wanted: ServiceTile | None = None
        """What they came for, as long as another errand may have to be done first; gone on with after that."""
        self.instead_of: str | None = None
        """The service that was left by choice for the one that runs: there is a way back to it."""
        self.asks_pad = True
        """Passwords are typed on the pad beside the glass, if there is one: until it fails, or the citizen rather does
        not."""
        self._question: type[Screen[Any]] | None = None
        self._asked: Screen[Any] | None = None
        self._quiet_since = 0.0
        self._hand_since = 0.0
        self._pace = Pace()
        self._keeping = CardKeeping(station, self._card_left)
        self._taken_means = Ending.CARD_GONE
        self._unread = 0
        self._interruption: asyncio.Future[Ending] = self._loop.create_future()
        self._closing: asyncio.Future[None] = self._loop.create_future()
        self._operations = Operations(station, self._confirming, self._closing.done)
        self._telling = Telling(station, glass, self._keeping, self._closing, self._show_end, self._prefer)

    # --- what stands around the screen -----------------------------------------------------------------------------

    def begin(self, service: str, steps: int) -> None:
        """The service starts: its name stands in the top line, its steps in the bar."""
        self.service, self._step, self._steps = service, 0, steps

    def at_step(self, step: int) -> None:
        self._step = step

    def now(self) -> datetime:
        return self.station.clock()

    @property
    def card_in(self) -> bool:
        return self._keeping.is_in

    @property
    def had_card(self) -> bool:
        """Whether a card was put in that has not been let go since."""
        return self._keeping.inside is not None

    @property
    def card_was_taken(self) -> bool:
        """Whether the last one certainly is in somebody's hand, and not in a reader that was lost."""
        return self._keeping.taken

    @property
    def belongings(self) -> tuple[bool, bool, bool]:
        """What must not be forgotten beside the card: a slip; an ID card; whether that is only a guess."""
        return self.slip_printed, self.id_card_asked, self.id_card_asked and not self.id_card_used

    @property
    def asked(self) -> Screen[Any] | None:
        """The last question."""
        return self._asked

    def _scene(self, screen: Screen[Answer], *, counting: bool, stays_s: float | None = None) -> Scene:
        return Scene(
            serial=self._glass.next_serial,
            screen=screen,
            preferences=self.preferences,
            service=self.service,
            step=self._step,
            steps=0 if isinstance(screen, Refusal) else self._steps,  # of a service that goes no further
            idle_s=self._idle_s() if counting else stays_s,
            card_in=self.card_in,
            offers_large=counting and self._offers_large(),
            slip=self.slip_lines if getattr(screen, "slip", None) in _SLIP_TOLD else (),
            now=self.now(),
        )

    def _offers_large(self) -> bool:
        return self.may_need_large and not self._size_chosen and self.preferences.size is Size.NORMAL

    def _idle_s(self) -> float:
        configured_s = self.station.settings.idle_s(self.preferences.size, self.preferences.speech)
        return self._pace.idle_s(configured_s)

    def can_offer(self, service: ServiceTile) -> bool:
        """Whether it may be advised: it could be finished here now."""
        return self.missing(service) is None

    # --- asking ----------------------------------------------------------------------------------------------------

    async def ask(self, screen: Screen[A], *, again: bool = False) -> A:
        """Show the screen and return what the citizen answers. ``again`` = the same question with new values: answers
        that are on their way still count (fast typing)."""
        answer, _ = await self._until(screen, None, again=again)
        assert answer is not None
        return answer

    async def either(
        self,
        screen: Screen[A],
        fact: Coroutine[Any, Any, T],
        pictures: Callable[[], AsyncGenerator[Frame, None]] | None = None,
    ) -> tuple[A | None, T | None]:
        """Wait for an answer or for a fact that a device awaits; exactly one of the two is returned.

        The fact's errors are raised. ``pictures`` are shown on the screen meanwhile.
        """
        return await self._until(screen, fact, pictures=pictures)

    def ask_still(self, screen: Screen[Any]) -> None:
        """The question that stands, with what the citizen did at a device meanwhile: a sign that somebody is there."""
        self._asked = screen
        self._glass.receive(Touched(), 0)
        shown = self._glass.scene
        if shown is not None and isinstance(shown.screen, type(screen)):
            self._glass.update(screen)

    async def _until(
        self,
        screen: Screen[A],
        fact: Coroutine[Any, Any, T] | None,
        *,
        again: bool = False,
        pictures: Callable[[], AsyncGenerator[Frame, None]] | None = None,
    ) -> tuple[A | None, T | None]:
        awaited = None if fact is None else asyncio.create_task(fact)
        showing = None if pictures is None else asyncio.create_task(self._show_pictures(screen, pictures()))
        try:
            self._pace.asked(self._loop.time(), again=again)
            if again:
                self._glass.update(screen)
            else:
                self._glass.show(self._scene(screen, counting=True))
            self._begin_quiet(type(screen))
            self._asked = screen
            while True:
                answer = await self._next_answer(awaited, self._left_s())
                if awaited is not None and awaited.done():
                    return None, awaited.result()
                if answer is None:
                    if not await self._still_there(awaited):
                        raise VisitOver(Ending.IDLE)
                    self._pace.learn()  # whoever had to say that they are there needs more time at once
                    self._glass.show(self._scene(self._asked, counting=True))
                    continue
                self._touch()
                if isinstance(answer, screen.answers):
                    return answer, None  # type: ignore[return-value]  # the glass let only this screen's answers through
                if isinstance(answer, Finish):
                    raise VisitOver(Ending.FINISHED)
                if isinstance(answer, Prefer):
                    self._prefer(answer)
                    self._glass.show(self._scene(self._asked, counting=True))
        finally:
            self._pace.rests()
            if showing is not None:
                await ended(showing)
            if awaited is not None:
                await ended(awaited)

    async def _next_answer(self, awaited: asyncio.Future[T] | None, timeout: float) -> Answer | None:
        """The next answer, or ``None`` when time is up or the fact is there. Raises what interrupts the visit."""
        ends = (self._interruption,) if awaited is None else (self._interruption, awaited)
        answer = await self._glass.answer_before(timeout, *ends)
        if self._interruption.done():
            raise VisitOver(self._interruption.result())
        return answer

    async def _still_there(self, awaited: asyncio.Future[T] | None) -> bool:
        """Warn and count down; true if the citizen came in time, or the fact awaited while facts still count."""
        if self._unattended_s() <= 0:
            awaited = None
        seconds = self.station.settings.warning_s
        self._glass.show(self._scene(StillThere(seconds, self.card_in), counting=False))
        for left in range(seconds - 1, -1, -1):
            answer = await self._next_answer(awaited, 1.0)
            if isinstance(answer, Touched):  # the finger is down: what it answers comes when it is lifted
                answer = await self._next_answer(awaited, LIFTED_S) or answer
            if isinstance(answer, Finish):
                raise VisitOver(Ending.FINISHED)
            if isinstance(answer, Prefer):
                self._prefer(answer)
            if answer is not None:
                self._touch()
                return True
            if awaited is not None and awaited.done():
                return True
            self._glass.update(StillThere(left, self.card_in))
        return False

    def _prefer(self, wish: Prefer) -> None:
        self.preferences = self.station.settings.prefer(self.preferences, wish)
        self._size_chosen |= wish.what == "size"

    def _tell_only(self, screen: Screen[Any]) -> None:
        """A screen that takes no answer; wishes are heeded all the same, for whoever waits may want to hear why."""

        def wished(wish: Prefer) -> None:
            self._prefer(wish)
            assert self._glass.scene is not None
            self._tell_only(self._glass.scene.screen)

        self._glass.show(self._scene(screen, counting=False), wished)

    async def _show_pictures(self, screen: Screen[Any], pictures: AsyncGenerator[Frame, None]) -> None:
        async with aclosing(pictures):
            async for frame in pictures:
                shown = self._glass.scene
                if isinstance(screen, ShowCode) and shown is not None and isinstance(shown.screen, ShowCode):
                    self._glass.update(shown.screen.seeing(frame))

    def _begin_quiet(self, question: type[Screen[Any]]) -> None:
        """A question is asked. A new one is progress; the same once more may be a device that talks to itself."""
        self._quiet_since = self._loop.time()
        if question is not self._question:
            self._question, self._hand_since = question, self._quiet_since

    def _touch(self) -> None:
        self._quiet_since = self._hand_since = now = self._loop.time()
        self._pace.hand(now)

    def _left_s(self) -> float:
        idle_s, now = self._idle_s(), self._loop.time()
        return min(self._quiet_since + idle_s, self._hand_since + UNATTENDED * idle_s) - now

    def _unattended_s(self) -> float:
        """How long devices may still keep this question standing."""
        return self._hand_since + UNATTENDED * self._idle_s() - self._loop.time()

    # --- being busy ------------------------------------------------------------------------------------------------

    async def busy(self, screen: Screen[Any], work: Coroutine[Any, Any, T]) -> T:
        """Show what is going on and do it. It may be interrupted; time does not count as quiet."""
        if self._interruption.done():
            work.close()
            raise VisitOver(self._interruption.result())
        self._show_work(screen, work)
        task = asyncio.create_task(at_least(BUSY_SHOWN_S, work))
        try:
            await any_of(task, self._interruption)
            if self._interruption.done():
                raise VisitOver(self._interruption.result())
            return task.result()
        finally:
            await ended(task)

    async def finish_work(self, screen: Screen[Any], work: Coroutine[Any, Any, T]) -> T:
        """Like :meth:`busy`, but runs to its end whatever happens around it."""
        self._show_work(screen, work)
        return await at_least(BUSY_SHOWN_S, work)

    def _show_work(self, screen: Screen[Any], work: Coroutine[Any, Any, T]) -> None:
        """Nothing is begun that could not be shown."""
        try:
            self._tell_only(screen)
        except BaseException:
            work.close()
            raise

    # --- the card --------------------------------------------------------------------------------------------------

    async def card(self) -> HeldCard:
        """The citizen's card, read; InsertCard is shown until a good one is in."""
        card = await self.card_or_choice(without_card=False)
        assert card is not None
        return card

    async def card_or_choice(self, problem: CardProblem | None = None, *, without_card: bool) -> HeldCard | None:
        """As :meth:`card`; ``None`` if the citizen rather shows an e-credential. ``problem``: why a card is asked for
        all the same."""
        if self._keeping.held is not None:
            if self.card_in:
                self._keeping.needed = True
                return self._keeping.held
            await self._keeping.let_go()  # it was taken while something else was offered
        if self._keeping.mute is not None:
            problem = self._not_read(CardProblem.WRONG_WAY)
        while True:
            if self._keeping.card is None:
                question = InsertCard(problem, without_card=without_card)
                try:
                    picked, _ = await self.either(question, self._keeping.next())
                except MuteCard:
                    problem = self._not_read(CardProblem.WRONG_WAY)
                    continue
                if self._keeping.card is None:
                    if picked is not None and without_card:
                        return None
                    continue
            try:
                return await self.busy(Reading(), self._keeping.read(self._keeping.card))
            except ApplicationLocked:
                raise  # no other way of putting it in helps
            except (CardError, AuthorityRefused) as error:
                problem = self._not_read(problem_of(error))
            await self._wait_for_removal(self._keeping.card, problem)

    def _not_read(self, problem: CardProblem) -> CardProblem:
        """What is said about it this time."""
        if problem in (CardProblem.WRONG_WAY, CardProblem.UNREADABLE):
            self._unread += 1
            if self._unread >= UNREAD:
                return CardProblem.STILL_UNREADABLE
        return problem

    def adopt(self, card: Card | None, *, mute: bool = False) -> None:
        """A card that was put in before the visit began; ``mute`` if one is in that does not answer."""
        self._keeping.card = card
        if mute:
            self._keeping.take_mute()

    def _card_left(self) -> None:
        self.pin_proved = False
        if not self._keeping.needed:
            self._glass.card_is_out()
        elif not self._interruption.done():
            self._interruption.set_result(self._taken_means)

    async def _wait_for_removal(self, card: Card, problem: CardProblem) -> None:
        """A card that is of no use must leave before another can come."""
        assert self._keeping.removal is not None
        await free(card)
        while self.card_in:
            await self.either(InsertCard(problem, card_in=True), asyncio.wait({self._keeping.removal}))
        self._keeping.card = None

    async def same_card(self) -> HeldCard:
        """Make sure that the card in the reader is still the one of this visit.

        A card that is swapped within 0.4 s raises no event (docs/protocols.md section 5.5), so its identity is read
        again before anything is changed. Raises PulledEarly, CardSwapped.
        """
        return await self._keeping.read_again()

    def card_no_longer_needed(self) -> None:
        """From here on the citizen may take the card without harm."""
        self._keeping.needed = False

    async def free_card(self) -> None:
        """The service will not speak to the card again: power it down, so that a reader that locks or holds cards lets
        go of it while the end is still being told."""
        self._keeping.needed = False
        await self._keeping.power_down()

    def taking_the_card_finishes(self) -> None:
        """What was asked for is on the screen: whoever takes the card now is done, and the screen must be cleared."""
        self._taken_means = Ending.FINISHED

    # --- changing the world ----------------------------------------------------------------------------------------

    async def settle_earlier(self, card: HeldCard, kind: type[Operation]) -> None:
        """Before anything is asked: find out what became of an earlier one on this card, if nobody knew.

        Raises DoneEarlier, Refusing (it still is unknown), JournalError.
        """
        await self._operations.settle_earlier(card.ref, kind.__name__)

    def left_open_at_insurer(self, card: HeldCard, kind: type[Operation]) -> bool:
        """Whether nobody knows yet what became of an earlier one on this card. Raises JournalError."""
        return self._operations.left_open_at_insurer(card.ref, kind.__name__)

    def left_open_on_chip(self, card: HeldCard) -> bool:
        """Whether this card may hold a password that it never proved. Raises JournalError."""
        return self._operations.left_open_on_chip(card.ref)

    def chip_answered(self, card: HeldCard) -> None:
        """The card has accepted a password of the citizen's."""
        self.pin_proved = self.card_in
        self._operations.chip_answered(card.ref)

    async def commit(self, operation: Operation, screen: Screen[Any]) -> Done:
        """Let the insurer do it, exactly once, for the card that is in the reader.

        Raises PulledEarly, CardSwapped, InsurerUnreachable (it certainly did not happen), InsurerRefused,
        OutcomeUnknown, JournalError.
        """

        async def work() -> Done:
            await self.same_card()
            return await self._operations.perform(operation)

        return await self.finish_work(screen, work())

    async def record(self, operation: RecordPin, screen: Screen[Any]) -> Done:
        """Let the insurer note what the chip has proved; the card may have been taken by now. Raises as
        :meth:`commit`."""
        return await self.finish_work(screen, self._operations.perform(operation))

    async def write_chip(
        self, kind: str, write: Callable[[HeldCard], Coroutine[Any, Any, None]], screen: Screen[Any]
    ) -> None:
        """Change the chip: identity read again, intent durable, then the dialogue, to its end.

        Raises what ``write`` raises; PinNotProved whenever the chip may hold the change all the same.
        """

        async def work() -> None:
            held = await self.same_card()
            await self._operations.write_chip(kind, held.ref, lambda: write(held))
            self.pin_proved = self.card_in

        await self.finish_work(screen, work())

    def _confirming(self) -> None:
        self._tell_only(Working(Task.CONFIRMING))

    # --- the end ---------------------------------------------------------------------------------------------------

    def interrupt(self, ending: Ending) -> None:
        if ending is Ending.CLOSING and not self._closing.done():
            self._closing.set_result(None)
        if not self._interruption.done():
            self._interruption.set_result(ending)

    @property
    def newcomer(self) -> asyncio.Future[Card] | None:
        """A card that was put in while an end was still told, be it mute. Done."""
        return self._telling.newcomer

    async def tell(self, screen: Screen[A], seconds: float, *, until_card_taken: bool = False) -> A | None:
        """Show how it ended, for so many seconds, or twice as long for whoever listens or reads large letters: a slip
        takes long to read out, and a refusal may hold a choice. ``None`` if nobody answered, or the card was taken
        instead, or another was put in (:mod:`kiosk.telling`)."""
        return await self._telling.tell(screen, seconds, until_card_taken=until_card_taken)

    def _show_end(self, screen: Screen[Any], seconds: float, left_s: float | None = None) -> float:
        """The seconds that this citizen needs for it. The screen shows them, or ``left_s`` while another waits."""
        plain = self.preferences.size is Size.NORMAL and self.preferences.speech is Speech.OFF
        stays_s = seconds if plain else 2 * seconds
        scene = self._scene(screen, counting=False, stays_s=stays_s)
        self._glass.show(scene if left_s is None else replace(scene, another_waits=True, idle_s=left_s))
        return stays_s

    async def release(self) -> Inside | None:
        """Forget the card and free it; returned if it is still in, for the farewell to wait on."""
        self._keeping.needed = False
        card = self._keeping.inside
        await self._keeping.let_go()
        return None if await self._keeping.watch_no_more() else card

    def show(self, screen: Screen[Any]) -> None:
        """Only tell, as the farewell does; the steps are behind."""
        self._step = self._steps = 0
        self._tell_only(screen)
