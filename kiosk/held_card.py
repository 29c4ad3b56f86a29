"""The citizen's card while a visit lasts: read, watched for its removal, looked at again before a change, given back.

It owns the card as a thing in the reader. It shows no screen and asks no citizen: what is said about a card, and what
its removal means to the visit, is the visit's affair.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from drivers.api import Card, CardError, CardReader, Condition, DeviceError, MuteCard, PulledEarly
from drivers.card.authority import AuthorityRefused
from drivers.card.social_security import (
    AuthenticationFailed,
    CardFace,
    NotSocialSecurityCard,
    ReadKeyRequired,
    SocialSecurityCard,
)
from drivers.frozen import dataclass
from kiosk.endings import CardSwapped
from kiosk.insurer.api import CardRef
from kiosk.outline import outline
from kiosk.screens import CardProblem
from kiosk.station import Station
from kiosk.waiting import ended, within
from kiosk.watch import ask, reader_serves

log = logging.getLogger(__name__)

RELEASE_S = 5.0
"""Our drivers take 1 s at most. The citizen waits for what comes next, and may pull most cards anyhow."""

MUTE_LOOK_S = 0.5
"""How often the reader is asked whether a card that does not answer is still in."""


class Inside(Protocol):
    """A card as a thing that lies in the reader, whether it answers or not."""

    async def removed(self) -> None: ...
    async def release(self) -> None: ...


class MuteInside:
    """A card that does not answer. Drivers have no object for it; but whether it is in, the reader's health tells."""

    def __init__(self, reader: CardReader) -> None:
        self._reader = reader

    async def removed(self) -> None:
        """Return once it has left the slot, or the reader cannot say so any more."""
        while True:
            if (await ask(self._reader)).condition is not Condition.USER_ERROR:
                return
            await asyncio.sleep(MUTE_LOOK_S)

    async def release(self) -> None:
        """It never had power: it is free to take all the time."""


async def free(card: Inside) -> bool:
    """Power the card down; true if its reader let go of it. Raises nothing, whatever the driver does: the visit goes
    on to its end."""
    try:
        await within(RELEASE_S, card.release())
    except DeviceError:
        return False
    except Exception as error:  # noqa: BLE001  a driver of somebody else's
        log.critical("a card could not be released: %s", outline(error))
        return False
    return True


@dataclass(frozen=True, slots=True)
class HeldCard:
    """The citizen's card while the visit lasts."""

    chip: SocialSecurityCard
    face: CardFace
    ref: CardRef


class CardKeeping:
    """``left`` is called when the card leaves the reader, ``needed`` or not, as long as the visit has not let go."""

    def __init__(self, station: Station, left: Callable[[], None]) -> None:
        self._station = station
        self._tell_left = left
        self.card: Card | None = None
        """What was put in, answers, and was not let go since, whatever it is."""
        self.mute: MuteInside | None = None
        """What is in instead and does not answer."""
        self.held: HeldCard | None = None
        """The same, once it was read and found good."""
        self.removal: asyncio.Task[None] | None = None
        self.taken = False
        """It has certainly left its reader, for that was there just after: whatever becomes of the reader later."""
        self.needed = False
        self._looking: asyncio.Task[None] | None = None

    @property
    def is_in(self) -> bool:
        return self.removal is not None and not self.removal.done()

    @property
    def inside(self) -> Inside | None:
        """Whatever was put in and not let go since."""
        return self.card if self.card is not None else self.mute

    async def next(self) -> None:
        """Wait for a card. Whoever stops waiting for it: a card that has come is ours to give back. Raises MuteCard for
        one that does not answer; that one is ours as well."""
        try:
            self.card = await self._station.reader.card()
        except MuteCard:
            self.take_mute()
            raise
        if self.mute is not None:  # it left so quickly that nobody saw it
            self._forget_mute()

    def take_mute(self) -> None:
        """A card is in that does not answer: it is watched for its removal like any other."""
        self._forget_mute()
        self.mute = MuteInside(self._station.reader)
        self._watch(self.mute)

    def _forget_mute(self) -> None:
        if self.removal is not None:
            self.removal.cancel()
        self.mute = self.removal = None

    async def read(self, card: Card) -> HeldCard:
        """See whose it is; needed from here on. Raises CardError, AuthorityRefused."""
        self._watch(card)
        chip = await self._select(card)
        face = await chip.public()
        if not self.is_in:
            raise PulledEarly
        self.held = HeldCard(chip, face, CardRef(face.region, face.card_id.hex().upper(), face.number))
        self.needed = True
        return self.held

    async def read_again(self) -> HeldCard:
        """Make sure that the card in the reader is still the one that was read. Raises PulledEarly, CardSwapped."""
        held = self.held
        if held is None or not self.is_in:
            raise PulledEarly
        assert self.card is not None
        chip = await self._select(self.card)
        face = await chip.public()
        if face.card_id != held.face.card_id:
            raise CardSwapped
        self.held = HeldCard(chip, face, held.ref)
        return self.held

    async def reader_is_there(self) -> bool:
        return reader_serves(await ask(self._station.reader))

    async def _look_at_reader(self) -> None:
        self.taken = await self.reader_is_there()

    async def power_down(self) -> None:
        """Free the card and go on watching for its removal; it is not read again without being put in again."""
        self.held = None
        if self.card is not None:
            await free(self.card)

    async def let_go(self) -> None:
        """Forget the card and free it."""
        card, self.card, self.held, self.mute = self.card, None, None, None
        if card is not None:
            await free(card)

    async def watch_no_more(self) -> bool:
        """Whether it has left; nobody is told of it from here on."""
        left = self.removal is not None and self.removal.done()
        await ended(self.removal)
        await ended(self._looking)
        return left

    async def _select(self, card: Card) -> SocialSecurityCard:
        chip = await SocialSecurityCard.select(card)
        chip.read_with(self._station.insurer.reading_authority())
        return chip

    def _watch(self, card: Inside) -> None:
        if self.removal is None or self.removal.done():
            self.taken = False
            self.removal = asyncio.ensure_future(card.removed())
            self.removal.add_done_callback(self._left)

    def _left(self, removal: asyncio.Task[None]) -> None:
        if removal is self.removal and not removal.cancelled():  # else of a card that another has followed already
            self.mute = None
            self._looking = asyncio.ensure_future(self._look_at_reader())
            self._tell_left()


def problem_of(error: CardError | AuthorityRefused) -> CardProblem:
    """What to say about a card that could not be read."""
    if isinstance(error, PulledEarly):
        return CardProblem.LEFT
    if isinstance(error, NotSocialSecurityCard):
        return CardProblem.FOREIGN
    if isinstance(error, ReadKeyRequired | AuthenticationFailed | AuthorityRefused):
        return CardProblem.NEEDS_KEY
    return CardProblem.UNREADABLE
