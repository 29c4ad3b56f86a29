"""The line to an insurer, and what goes wrong on it: an insurer that is reached only as its fault plan lets it.

Owns the difference between a request that was never sent, one that was lost on its way, and one that was done but
whose answer never came back. It changes no answer and knows nothing of what is asked.

Operations of the plan, most particular first: ``perform:Activate``, ``perform:RecordPin``, ``perform``, ``outcome``,
``card``, ``person``, ``accounts``, ``ledger``, ``authority``, ``reachable``; each is also a call of ``link``, so
``fail_always("link", Fault.LOSE)`` is the network unplugged. Faults:

- ``LOSE``: the link is down, nothing is sent.
- ``ERROR``: the request is sent and lost, nothing is done.
- ``DROP``, ``GARBLE``: it is done, and the answer lost.
- ``DELAY``: it is done at once, and the answer comes late, so that whoever gives up waiting leaves an effect behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from drivers.card.authority import ChipAuthority, ChipIdentity, ExternalAuthentication
from drivers.faults import Fault, FaultPlan
from kiosk.insurer.api import (
    Account,
    CardRecord,
    CardRef,
    Insurer,
    InsurerUnreachable,
    MonthLedger,
    Operation,
    Outcome,
    Person,
    Proof,
)

_Answer = TypeVar("_Answer")


class InsurerLine:
    """``insurer`` as it is seen through a line with ``faults``. Closing it closes the insurer."""

    def __init__(self, insurer: Insurer, faults: FaultPlan | None = None) -> None:
        self.insurer = insurer
        self.faults = faults if faults is not None else FaultPlan()

    async def card(self, card: CardRef) -> CardRecord:
        return await self.carry(lambda: self.insurer.card(card), "card")

    async def person(self, credential: str) -> Person:
        return await self.carry(lambda: self.insurer.person(credential), "person")

    async def accounts(self, person: Person) -> tuple[Account, ...]:
        return await self.carry(lambda: self.insurer.accounts(person), "accounts")

    async def ledger(self, person: Person, insurance: str, year: int, month: int) -> MonthLedger:
        return await self.carry(lambda: self.insurer.ledger(person, insurance, year, month), "ledger")

    async def perform(self, key: str, operation: Operation) -> Outcome:
        particular = f"perform:{type(operation).__name__}"
        return await self.carry(lambda: self.insurer.perform(key, operation), particular, "perform")

    async def outcome(self, key: str) -> Outcome | None:
        return await self.carry(lambda: self.insurer.outcome(key), "outcome")

    def authority(self, card: CardRef, proof: Proof) -> ChipAuthority:
        return _AuthorityLine(self.insurer.authority(card, proof), self)

    def reading_authority(self) -> ChipAuthority:
        return _AuthorityLine(self.insurer.reading_authority(), self)

    async def reachable(self) -> bool:
        try:
            return await self.carry(self.insurer.reachable, "reachable")
        except InsurerUnreachable:
            return False

    async def close(self) -> None:
        await self.insurer.close()

    async def carry(self, ask: Callable[[], Awaitable[_Answer]], *ops: str) -> _Answer:
        """Ask through the line. Raises InsurerUnreachable when the plan says so."""
        fault, seconds = self.faults.draw(*ops, "link")
        if fault in (Fault.LOSE, Fault.ERROR):
            await asyncio.sleep(seconds)
            raise InsurerUnreachable(sent=fault is Fault.ERROR)
        try:
            return await ask()
        except asyncio.CancelledError:
            fault, seconds = None, 0.0  # whoever asked has given up, and is not held back
            raise
        finally:
            if seconds:
                await asyncio.sleep(seconds)
            if fault in (Fault.DROP, Fault.GARBLE):
                raise InsurerUnreachable(sent=True) from None


class _AuthorityLine:
    """The HSM behind the same line."""

    def __init__(self, authority: ChipAuthority, line: InsurerLine) -> None:
        self._authority = authority
        self._line = line

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        return await self._line.carry(lambda: self._authority.authenticate(chip, key_id, challenge), "authority")

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        return await self._line.carry(lambda: self._authority.protect_pin(chip, challenge, header, pin), "authority")
