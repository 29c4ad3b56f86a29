"""The line to the insurer on a day with weather: requests that come late, twice or after the question about them.

Everything that a line can do to one request and its answer is the plan's (``kiosk.insurer.line``); here stands what
needs time of its own, because a request goes on its way alone. It is also where a request reaches the insurer, so
whoever wants to know what really happened listens here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from drivers.card.authority import AuthorityRefused, ChipAuthority, ChipIdentity, ExternalAuthentication
from drivers.faults import Fault
from kiosk.insurer.api import Activate, CardRef, Insurer, InsurerUnreachable, Operation, Outcome, Proof
from kiosk.insurer.line import InsurerLine
from kiosk.recovery import NEVER_ASKED_S
from kiosk.simulation.day.weather import Weather, WeatheredPlan

_Answer = TypeVar("_Answer")

Performed = Callable[[str, Operation, Outcome], None]
"""Key, operation and outcome of each request that has reached the insurer."""


class WeatheredLine(InsurerLine):
    """``on_its_way`` lets a request that left go on by itself; ``lent`` is told of each buffer with a PIN in it.

    ``arrived`` is called when a change was done and nobody has heard of it yet, ``answered`` when any answer is there.
    """

    def __init__(
        self,
        insurer: Insurer,
        plan: WeatheredPlan,
        weather: Weather,
        *,
        asked: Callable[[str, Operation], None],
        performed: Performed,
        arrived: Callable[[], None],
        answered: Callable[[], None],
        on_its_way: Callable[[float, Callable[[], Awaitable[object]]], None],
        lent: Callable[[bytearray], None],
        seconds: Callable[[float, float], float],
    ) -> None:
        super().__init__(insurer, plan)
        self._weather = weather
        self._asked = asked
        self._performed = performed
        self._arrived = arrived
        self._answered = answered
        self._on_its_way = on_its_way
        self._lent = lent
        self._seconds = seconds

    async def perform(self, key: str, operation: Operation) -> Outcome:
        self._asked(key, operation)
        if self._weather.strikes("line", "request late") is not None:
            self._on_its_way(self._seconds(1.0, 120.0), lambda: self._arrive_once(key, operation))
            await asyncio.sleep(self._seconds(0.5, 10.0))
            raise InsurerUnreachable(sent=True)
        if isinstance(operation, Activate) and self._weather.strikes("line", "race") is not None:
            await self.insurer.perform(f"{key}-elsewhere", operation)
        if self._weather.strikes("line", "silence") is not None:
            self.faults.fail_next("perform", Fault.DROP if self._seconds(0, 1) < 0.5 else Fault.ERROR)
            for _ in range(int(self._seconds(0.5, 3) * len(NEVER_ASKED_S))):
                self.faults.fail_next("outcome", Fault.ERROR)
        particular = f"perform:{type(operation).__name__}"
        return await self.carry(lambda: self._arrive(key, operation), particular, "perform")

    def authority(self, card: CardRef, proof: Proof) -> ChipAuthority:
        return _Lending(super().authority(card, proof), self._weather, self._lent)

    async def carry(self, ask: Callable[[], Awaitable[_Answer]], *ops: str) -> _Answer:
        try:
            return await super().carry(ask, *ops)
        finally:
            self._answered()

    async def _arrive(self, key: str, operation: Operation) -> Outcome:
        if self._weather.strikes("line", "request twice") is not None:
            self._on_its_way(self._seconds(0.0, 60.0), lambda: self._arrive_once(key, operation))
        outcome = await self._arrive_once(key, operation)
        self._arrived()
        return outcome

    async def _arrive_once(self, key: str, operation: Operation) -> Outcome:
        outcome = await self.insurer.perform(key, operation)
        self._performed(key, operation, outcome)
        return outcome


class _Lending:
    """An authority that remembers which PIN buffers it was lent, so that it can be seen that they are wiped."""

    def __init__(self, authority: ChipAuthority, weather: Weather, lent: Callable[[bytearray], None]) -> None:
        self._authority = authority
        self._weather = weather
        self._lent = lent

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        if self._weather.strikes("line", "keys") is not None:
            raise AuthorityRefused("wrong_state")
        return await self._authority.authenticate(chip, key_id, challenge)

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        self._lent(pin)
        return await self._authority.protect_pin(chip, challenge, header, pin)
