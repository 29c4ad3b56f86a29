"""The citizen's card while a visit lasts: read, watched for its removal, looked at again before a change, given back.

It owns the card as a thing in the reader. It shows no screen and asks no citizen: what is said about a card, and what
its removal means to the visit, is the visit's affair.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from drivers.api import Card, CardError, DeviceError, PulledEarly
from drivers.card.authority import AuthorityRefused
from drivers.card.social_security import CardFace, NotSocialSecurityCard, ReadKeyRequired, SocialSecurityCard
from kiosk.endings import CardSwapped
from kiosk.insurer.api import CardRef
from kiosk.outline import outline
from kiosk.screens import CardProblem
from kiosk.station import Station
from kiosk.waiting import within

log = logging.getLogger(__name__)

RELEASE_S = 5.0
"""Our drivers take 1 s at most. The citizen waits for what comes next, and may pull most cards anyhow."""


async def free(card: Card) -> None:
    """Power the card down. Raises nothing, whatever the driver does: the visit goes on to its end."""
    try:
        await within(RELEASE_S, card.release())
    except DeviceError:
        pass
    except Exception as error:  # noqa: BLE001  a driver of somebody else's
        log.critical("a card could not be released: %s", outline(error))


@dataclass(frozen=True, slots=True)
class HeldCard:
    """The citizen's card while the visit lasts."""

    chip: SocialSecurityCard
    face: CardFace
    ref: CardRef


class CardKeeping:
    """``gone`` is called when a card leaves the reader that is still ``needed``."""

    def __init__(self, station: Station, gone: Callable[[], None]) -> None:
        self._station = station
        self._gone = gone
        self.card: Card | None = None
        """What was put in and not let go since, whatever it is."""
        self.held: HeldCard | None = None
        """The same, once it was read and found good."""
        self.removal: asyncio.Task[None] | None = None
        self.needed = False

    @property
    def is_in(self) -> bool:
        return self.removal is not None and not self.removal.done()

    async def next(self) -> None:
        """Wait for a card. Whoever stops waiting for it: a card that has come is ours to give back."""
        self.card = await self._station.reader.card()

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

    async def power_down(self) -> None:
        """Free the card and go on watching for its removal; it is not read again without being put in again."""
        self.held = None
        if self.card is not None:
            await free(self.card)

    async def let_go(self) -> None:
        """Forget the card and free it."""
        card, self.card, self.held = self.card, None, None
        if card is not None:
            await free(card)

    async def _select(self, card: Card) -> SocialSecurityCard:
        chip = await SocialSecurityCard.select(card)
        chip.read_with(self._station.insurer.reading_authority())
        return chip

    def _watch(self, card: Card) -> None:
        if self.removal is None or self.removal.done():
            self.removal = asyncio.ensure_future(card.removed())
            self.removal.add_done_callback(lambda _: self._left())

    def _left(self) -> None:
        if self.needed:
            self._gone()


def problem_of(error: CardError | AuthorityRefused) -> CardProblem:
    """What to say about a card that could not be read."""
    if isinstance(error, PulledEarly):
        return CardProblem.LEFT
    if isinstance(error, NotSocialSecurityCard):
        return CardProblem.FOREIGN
    if isinstance(error, ReadKeyRequired | AuthorityRefused):
        return CardProblem.NEEDS_KEY
    return CardProblem.UNREADABLE
