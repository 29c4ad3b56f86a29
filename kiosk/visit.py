"""One citizen's visit: ask, be busy, commit, and end.

A service is a coroutine over a visit and reads in the order the citizen lives it. Everything that can end a visit from
outside (finish, quiet, card pulled, terminal closing) is raised here, once, as :class:`VisitOver`, and unwinds through
the service. What changes the world goes through :meth:`Visit.commit` or :meth:`Visit.write_chip`: noted durably before
it happens, never interrupted, never sent twice under another name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from drivers.api import (
    Card,
    CardError,
    DeviceError,
    DeviceLost,
    DeviceTimeout,
    Frame,
    MuteCard,
    PulledEarly,
)
from drivers.card.authority import AuthorityRefused
from drivers.card.social_security import (
    CardFace,
    NotSocialSecurityCard,
    PinNotProved,
    ReadKeyRequired,
    SocialSecurityCard,
)
from kiosk.glass import Glass
from kiosk.insurer.api import CardRef, Done, InsurerUnreachable, Operation, Outcome, Refused
from kiosk.journal import Ending as JournalEnding
from kiosk.journal import JournalError
from kiosk.screens import (
    Answer,
    CardProblem,
    Cause,
    Finish,
    InsertCard,
    Pick,
    Prefer,
    Preferences,
    Proceed,
    Reading,
    Scene,
    Screen,
    ServiceTile,
    ShowCode,
    StillThere,
    Task,
    Touched,
    Working,
)
from kiosk.station import Station

log = logging.getLogger(__name__)

A = TypeVar("A", bound=Answer)
T = TypeVar("T")

BUSY_SHOWN_S = 0.7
"""A screen that tells of work stays at least this long: one that flashes by cannot be read and worries people."""

OUTCOME_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Pauses before each question after a lost outcome: six tries, then staff (the habit of card payments: at most six
repeats of a reversal, growing pauses)."""


class Ending(StrEnum):
    FINISHED = "finished"
    IDLE = "idle"
    CARD_GONE = "card_gone"
    CLOSING = "closing"


class VisitOver(Exception):
    """The visit ends here, for a reason that lies outside the service."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.value)
        self.ending = ending


class Refusing(Exception):
    """The service cannot be done: why, and what to offer instead."""

    def __init__(self, cause: Cause, offer: ServiceTile | None = None) -> None:
        super().__init__(cause.value)
        self.cause = cause
        self.offer = offer


class CardSwapped(CardError):
    """The card in the reader is not the one this visit began with."""


class Instead(Exception):
    """The citizen rather wants another service, in the same visit and with the same card."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class OutcomeUnknown(Exception):
    """The insurer has the request and nobody could say what became of it. ``number`` finds it again."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class InsurerRefused(Exception):
    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason.value)
        self.reason = refused.reason


NOT_RECORDED = (
    CardError,
    DeviceLost,
    DeviceTimeout,
    InsurerUnreachable,
    InsurerRefused,
    OutcomeUnknown,
    Refusing,
    JournalError,
)
"""Ways in which a note to the insurer can fail after the chip has already done its part."""


@dataclass(frozen=True, slots=True)
class HeldCard:
    """The citizen's card while the visit lasts."""

    chip: SocialSecurityCard
    face: CardFace
    ref: CardRef


class Visit:
    def __init__(self, station: Station, glass: Glass, preferences: Preferences) -> None:
        self.station = station
        self.preferences = preferences
        self.service: str | None = None
        self.slip_printed = False
        self.id_card_used = False
        self._glass = glass
        self._step = 0
        self._steps = 0
        self._quiet_since = 0.0
        self._card: Card | None = None
        self._held: HeldCard | None = None
        self._first_problem: CardProblem | None = None
        self._card_needed = False
        self._taken_means = Ending.CARD_GONE
        self._removal: asyncio.Task[None] | None = None
        self._interruption: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()

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
        return self._removal is not None and not self._removal.done()

    def _scene(self, screen: Screen[Answer], *, counting: bool) -> Scene:
        return Scene(
            serial=0,
            screen=screen,
            preferences=self.preferences,
            service=self.service,
            step=self._step,
            steps=self._steps,
            idle_s=self._idle_s() if counting else None,
            card_in=self.card_in,
            now=self.now(),
        )

    def _idle_s(self) -> float:
        return self.station.settings.idle_s(self.preferences.size)

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

    async def _until(
        self,
        screen: Screen[A],
        fact: Coroutine[Any, Any, T] | None,
        *,
        again: bool = False,
        pictures: Callable[[], AsyncGenerator[Frame, None]] | None = None,
    ) -> tuple[A | None, T | None]:
        awaited = None if fact is None else asyncio.ensure_future(fact)
        showing = None if pictures is None else asyncio.ensure_future(self._show_pictures(screen, pictures()))
        try:
            if again:
                self._glass.update(screen)
            else:
                self._glass.show(self._scene(screen, counting=True))
            self._touch()
            while True:
                answer = await self._next_answer(awaited, self._left_s())
                if awaited is not None and awaited.done():
                    return None, awaited.result()
                if answer is None:
                    if not await self._still_there(awaited):
                        raise VisitOver(Ending.IDLE)
                    self._glass.show(self._scene(screen, counting=True))
                    self._touch()
                    continue
                self._touch()
                if isinstance(answer, Finish):
                    raise VisitOver(Ending.FINISHED)
                if isinstance(answer, Prefer):
                    self.preferences = self.station.settings.prefer(self.preferences, answer)
                    self._glass.show(self._scene(screen, counting=True))
                elif isinstance(answer, screen.answers):
                    return answer, None  # type: ignore[return-value]  # the glass let only this screen's answers through
        finally:
            await _end(showing)
            await _end(awaited)

    async def _next_answer(self, awaited: asyncio.Future[T] | None, timeout: float) -> Answer | None:
        """The next answer, or ``None`` when time is up or the fact is there. Raises what interrupts the visit."""
        answering = asyncio.ensure_future(self._glass.answer())
        waiting: set[asyncio.Future[Any]] = {answering, self._interruption}
        if awaited is not None:
            waiting.add(awaited)
        try:
            await asyncio.wait(waiting, timeout=max(0.0, timeout), return_when=asyncio.FIRST_COMPLETED)
            if self._interruption.done():
                raise VisitOver(self._interruption.result())
            return answering.result() if answering.done() else None
        finally:
            await _end(answering)

    async def _still_there(self, awaited: asyncio.Future[T] | None) -> bool:
        """Warn and count down; true if the citizen, or the fact awaited, came in time."""
        seconds = self.station.settings.warning_s
        self._glass.show(self._scene(StillThere(seconds), counting=False))
        for left in range(seconds - 1, -1, -1):
            answer = await self._next_answer(awaited, 1.0)
            if isinstance(answer, Finish):
                raise VisitOver(Ending.FINISHED)
            if isinstance(answer, Proceed | Touched) or (awaited is not None and awaited.done()):
                return True
            self._glass.update(StillThere(left))
        return False

    async def _show_pictures(self, screen: Screen[Any], pictures: AsyncGenerator[Frame, None]) -> None:
        async with aclosing(pictures):
            async for frame in pictures:
                shown = self._glass.scene
                if isinstance(screen, ShowCode) and shown is not None and isinstance(shown.screen, ShowCode):
                    self._glass.update(replace(shown.screen, preview=frame))

    def _touch(self) -> None:
        self._quiet_since = asyncio.get_running_loop().time()

    def _left_s(self) -> float:
        return self._quiet_since + self._idle_s() - asyncio.get_running_loop().time()

    # --- being busy ------------------------------------------------------------------------------------------------

    async def busy(self, screen: Screen[Any], work: Coroutine[Any, Any, T]) -> T:
        """Show what is going on and do it. It may be interrupted; time does not count as quiet."""
        self._glass.show(self._scene(screen, counting=False))
        task = asyncio.ensure_future(self._shown_long_enough(work))
        waiting: set[asyncio.Future[Any]] = {task, self._interruption}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if self._interruption.done():
                raise VisitOver(self._interruption.result())
            return task.result()
        finally:
            await _end(task)

    async def finish_work(self, screen: Screen[Any], work: Coroutine[Any, Any, T]) -> T:
        """Like :meth:`busy`, but runs to its end whatever happens around it."""
        self._glass.show(self._scene(screen, counting=False))
        return await self._shown_long_enough(work)

    async def _shown_long_enough(self, work: Coroutine[Any, Any, T]) -> T:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            return await work
        finally:
            await asyncio.sleep(max(0.0, begun + BUSY_SHOWN_S - loop.time()))

    # --- the card --------------------------------------------------------------------------------------------------

    async def card(self) -> HeldCard:
        """The citizen's card, read; InsertCard is shown until a good one is in."""
        card = await self.card_or_choice(without_card=False)
        assert card is not None
        return card

    async def card_or_choice(self, *, without_card: bool) -> HeldCard | None:
        """As :meth:`card`; ``None`` if the citizen rather shows an e-credential."""
        if self._held is not None and self.card_in:
            return self._held
        problem, self._first_problem = self._first_problem, None
        while True:
            picked: Pick | None = None
            if self._card is None:
                question = InsertCard(problem, without_card=without_card)
                try:
                    picked, self._card = await self.either(question, self.station.reader.card())
                except MuteCard:
                    problem = CardProblem.WRONG_WAY
                    continue
                if picked is not None or self._card is None:
                    return None
            try:
                return await self.busy(Reading(), self._read(self._card))
            except (CardError, AuthorityRefused) as error:
                problem = _card_problem(error)
            await self._wait_for_removal(problem)

    async def _read(self, card: Card) -> HeldCard:
        self._watch(card)
        chip = await self._select(card)
        face = await chip.public()
        self._held = HeldCard(chip, face, CardRef(face.region, face.card_id.hex().upper(), face.number))
        self._card_needed = True
        return self._held

    async def _select(self, card: Card) -> SocialSecurityCard:
        chip = await SocialSecurityCard.select(card)
        chip.read_with(self.station.insurer.reading_authority())
        return chip

    def adopt(self, card: Card | None, *, mute: bool = False) -> None:
        """A card that was put in before the visit began; ``mute`` if one is in that does not answer."""
        self._card = card
        self._first_problem = CardProblem.WRONG_WAY if mute else None

    def _watch(self, card: Card) -> None:
        if self._removal is None or self._removal.done():
            self._removal = asyncio.ensure_future(card.removed())
            self._removal.add_done_callback(lambda _: self._card_left())

    def _card_left(self) -> None:
        if self._card_needed and not self._interruption.done():
            self._interruption.set_result(self._taken_means)

    async def _wait_for_removal(self, problem: CardProblem) -> None:
        """A card that is of no use must leave before another can come."""
        card, self._card = self._card, None
        assert card is not None
        await card.release()
        while self.card_in:
            await self.either(InsertCard(problem, card_in=True), card.removed())

    async def same_card(self) -> HeldCard:
        """Make sure that the card in the reader is still the one of this visit.

        A card that is swapped within 0.4 s raises no event (docs/protocols.md section 5.5), so its identity is read
        again before anything is changed. Raises PulledEarly, CardSwapped.
        """
        held = self._held
        if held is None or not self.card_in:
            raise PulledEarly
        assert self._card is not None
        chip = await self._select(self._card)
        face = await chip.public()
        if face.card_id != held.face.card_id:
            raise CardSwapped
        self._held = HeldCard(chip, face, held.ref)
        return self._held

    def card_no_longer_needed(self) -> None:
        """From here on the citizen may take the card without harm."""
        self._card_needed = False

    def taking_the_card_finishes(self) -> None:
        """What was asked for is on the screen: whoever takes the card now is done, and the screen must be cleared."""
        self._taken_means = Ending.FINISHED

    # --- changing the world ----------------------------------------------------------------------------------------

    async def commit(self, operation: Operation, screen: Screen[Any]) -> Done:
        """Let the insurer do it, exactly once.

        Raises InsurerUnreachable (it certainly did not happen), InsurerRefused, OutcomeUnknown, and Refusing if an
        earlier one of the same kind is still unknown.
        """
        return await self.finish_work(screen, self._commit(operation))

    async def _commit(self, operation: Operation) -> Done:
        journal, insurer = self.station.journal, self.station.insurer
        kind = type(operation).__name__
        subject = journal.subject(operation.card.card_id)
        earlier = journal.unknown_for(subject, kind)
        if earlier is not None:
            await self._settle_earlier(earlier)
        await self.same_card()
        key = self.station.new_key()
        journal.intend(key, kind, subject)
        journal.sent(key)
        try:
            outcome = await insurer.perform(key, operation)
        except InsurerUnreachable as error:
            if not error.sent:
                self._note(key, "failed")
                raise
            self._note(key, "unknown")
            outcome = await self._ask_outcome(key)
            self._resolve(key, outcome)
        else:
            if isinstance(outcome, Refused):
                self._note(key, "refused")
            else:
                self._note(key, "done", outcome.number)
        if isinstance(outcome, Refused):
            raise InsurerRefused(outcome)
        return outcome

    def _note(self, key: str, ending: JournalEnding, number: str = "") -> None:
        """Write down how it ended. What happened stays true if that fails: the citizen must hear it all the same, and
        the open intent is settled by the insurer's answer at the next start."""
        try:
            self.station.journal.close(key, ending, number)
        except JournalError as error:
            log.critical("an operation ended as %s and could not be noted: %s", ending, type(error).__name__)

    async def _ask_outcome(self, key: str) -> Outcome:
        """What became of a request whose answer was lost. Raises OutcomeUnknown, or InsurerUnreachable(sent=False)
        when the insurer says that it never came and never will."""
        self._glass.show(self._scene(Working(Task.CONFIRMING), counting=False))
        for pause in OUTCOME_PAUSES_S:
            await asyncio.sleep(pause)
            try:
                outcome = await self.station.insurer.outcome(key)
            except InsurerUnreachable:
                continue
            if outcome is None:
                self._note(key, "resolved_refused")
                raise InsurerUnreachable(sent=False)
            return outcome
        raise OutcomeUnknown(key)

    async def _settle_earlier(self, key: str) -> None:
        """An earlier operation of the same kind is unknown: find out now, or refuse to begin another."""
        try:
            outcome = await self.station.insurer.outcome(key)
        except InsurerUnreachable as error:
            raise Refusing(Cause.BEING_CHECKED) from error
        self._resolve(key, outcome)

    def _resolve(self, key: str, outcome: Outcome | None) -> None:
        if isinstance(outcome, Done):
            self._note(key, "resolved_done", outcome.number)
        else:
            self._note(key, "resolved_refused")

    async def write_chip(
        self, kind: str, write: Callable[[HeldCard], Coroutine[Any, Any, None]], screen: Screen[Any]
    ) -> None:
        """Change the chip: identity read again, intent durable, then the dialogue, to its end.

        Raises what ``write`` raises; a card that left is PulledEarly and never success.
        """
        await self.finish_work(screen, self._write_chip(kind, write))

    async def _write_chip(self, kind: str, write: Callable[[HeldCard], Coroutine[Any, Any, None]]) -> None:
        held = await self.same_card()
        journal = self.station.journal
        key, subject = self.station.new_key(), journal.subject(held.ref.card_id)
        earlier = journal.unknown_for(subject, kind)
        journal.intend(key, kind, subject)
        try:
            await write(held)
        except PinNotProved:
            self._note(key, "unknown")  # the chip itself tells, when it is next asked for its PIN
            raise
        except BaseException:
            self._note(key, "failed")
            raise
        self._note(key, "done")
        if earlier is not None:  # a write that a power cut left open: the chip has answered for itself now
            self._note(earlier, "resolved_refused")

    # --- the end ---------------------------------------------------------------------------------------------------

    def interrupt(self, ending: Ending) -> None:
        if not self._interruption.done():
            self._interruption.set_result(ending)

    async def tell(self, screen: Screen[A], seconds: float, *, until_card_taken: bool = False) -> A | None:
        """Show how it ended; nothing interrupts this. ``None`` if nobody answered, or the card was taken instead."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        self._glass.show(replace(self._scene(screen, counting=False), idle_s=seconds))
        taken = self._removal if until_card_taken and self.card_in else None
        while (left := until - loop.time()) > 0:
            answering = asyncio.ensure_future(self._glass.answer())
            waiting: set[asyncio.Future[Any]] = {answering} if taken is None else {answering, taken}
            try:
                await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if not answering.done():
                    return None
                answer = answering.result()
            finally:
                await _end(answering)
            if isinstance(answer, Finish):
                return None
            if isinstance(answer, screen.answers):
                return answer  # type: ignore[return-value]  # the glass let only this screen's answers through
            until = loop.time() + seconds
            if isinstance(answer, Prefer):
                self.preferences = self.station.settings.prefer(self.preferences, answer)
                self._glass.show(replace(self._scene(screen, counting=False), idle_s=seconds))
        return None

    async def release(self) -> Card | None:
        """Forget the card and free it; returned if it is still in, for the farewell to wait on."""
        self._card_needed = False
        card, self._card, self._held = self._card, None, None
        if card is None:
            return None
        with suppress(DeviceError):
            await card.release()
        taken = self._removal is not None and self._removal.done()
        await _end(self._removal)
        return None if taken else card

    def show(self, screen: Screen[Any]) -> None:
        """Only tell, as the farewell does; the steps are behind."""
        self._step = self._steps = 0
        self._glass.show(self._scene(screen, counting=False))


async def _end(task: asyncio.Future[Any] | None) -> None:
    """Cancel what still runs and see it end; its result, if it has one, was taken or is of no interest."""
    if task is None:
        return
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()


def _card_problem(error: CardError | AuthorityRefused) -> CardProblem:
    """What to say about a card that could not be read."""
    if isinstance(error, PulledEarly):
        return CardProblem.LEFT
    if isinstance(error, MuteCard):
        return CardProblem.WRONG_WAY
    if isinstance(error, NotSocialSecurityCard):
        return CardProblem.FOREIGN
    if isinstance(error, ReadKeyRequired | AuthorityRefused):
        return CardProblem.NEEDS_KEY
    return CardProblem.UNREADABLE
