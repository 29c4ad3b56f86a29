"""An insurer that always answers in time: whoever asks it never waits for ever.

Owns the deadline that a citizen can be asked to wait, whatever the line below does. It asks nothing twice and decides
nothing: a change that was given up on counts as sent, because it may arrive yet.
"""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from drivers.card.authority import ChipAuthority, ChipIdentity, ExternalAuthentication
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
from kiosk.waiting import TookTooLong, within

log = logging.getLogger(__name__)

ANSWER_S = 20.0
"""Longer than any answer that still comes; a citizen who watches a still screen for longer walks away."""

_Answer = TypeVar("_Answer")


class PatientInsurer:
    """``insurer``, with every answer within ``answer_s`` seconds or InsurerUnreachable. Closing it closes that one."""

    def __init__(self, insurer: Insurer, answer_s: float = ANSWER_S) -> None:
        self.insurer = insurer
        self._answer_s = answer_s

    async def card(self, card: CardRef) -> CardRecord:
        return await self.within(self.insurer.card(card))

    async def person(self, credential: str) -> Person:
        return await self.within(self.insurer.person(credential))

    async def accounts(self, person: Person) -> tuple[Account, ...]:
        return await self.within(self.insurer.accounts(person))

    async def ledger(self, person: Person, insurance: str, year: int, month: int) -> MonthLedger:
        return await self.within(self.insurer.ledger(person, insurance, year, month))

    async def perform(self, key: str, operation: Operation) -> Outcome:
        return await self.within(self.insurer.perform(key, operation))

    async def outcome(self, key: str) -> Outcome | None:
        return await self.within(self.insurer.outcome(key))

    def authority(self, card: CardRef, proof: Proof) -> ChipAuthority:
        return _PatientAuthority(self.insurer.authority(card, proof), self)

    def reading_authority(self) -> ChipAuthority:
        return _PatientAuthority(self.insurer.reading_authority(), self)

    async def reachable(self) -> bool:
        try:
            return await self.within(self.insurer.reachable())
        except InsurerUnreachable:
            return False

    async def close(self) -> None:
        await self.insurer.close()

    async def within(self, answer: Coroutine[Any, Any, _Answer]) -> _Answer:
        try:
            return await within(self._answer_s, answer)
        except TookTooLong as error:
            log.error("the insurer did not answer within %g s", self._answer_s)
            raise InsurerUnreachable(sent=True) from error


class _PatientAuthority:
    """The HSM behind the same deadline."""

    def __init__(self, authority: ChipAuthority, insurer: PatientInsurer) -> None:
        self._authority = authority
        self._insurer = insurer

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        return await self._insurer.within(self._authority.authenticate(chip, key_id, challenge))

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        return await self._insurer.within(self._authority.protect_pin(chip, challenge, header, pin))
