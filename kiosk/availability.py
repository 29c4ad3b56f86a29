"""Can it be finished here, now? Answered from the watch over the devices and from the insurer before a citizen begins.

It looks and remembers what it saw; it never waits for anything to become better, and never guesses that it has.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from drivers.api import Condition, Health
from kiosk.insurer.api import Insurer
from kiosk.outline import outline
from kiosk.policy import Policy
from kiosk.screens import Availability, Balance, Cause, Menu, Movements, Screen, ServiceTile
from kiosk.services.api import Need, Service
from kiosk.watch import FAULTS, Watch

log = logging.getLogger(__name__)

PROBE_S = 5.0
MISSES = 3
"""A centre that fails to answer this many probes in a row counts as gone; one missed probe is a hiccup."""

_DOWN = FAULTS - {Condition.USER_ERROR}


class Availabilities:
    """What the last probes said. Until the first one everything counts as there: a citizen is not sent away on a
    guess."""

    def __init__(self, insurer: Insurer, watch: Watch, policy: Policy | None = None) -> None:
        self._insurer = insurer
        self._policy = policy or Policy()
        self._watch = watch
        self._misses = 0

    def tiles(self, services: Iterable[Service]) -> tuple[ServiceTile, ...]:
        lacking = self._lacking()
        possible = Availability.YES if may_print(self._watch.health["printer"]) else Availability.WITHOUT_PAPER
        return tuple(
            service.tile(Availability.NO)
            if _first_of(service.needs, lacking) is not None
            else service.tile(possible, partly=_first_of(service.wholly, lacking) is not None)
            for service in services
        )

    def missing(self, service: Service) -> Cause | None:
        """Why the service cannot be finished here now, or nothing."""
        return _first_of(service.needs, self._lacking())

    def _lacking(self) -> dict[Need, Cause]:
        """What is not to be had now, and why; first what a citizen should hear of first."""
        lacking: dict[Need, Cause] = {}
        if not self._policy.reset_at_terminal:
            lacking[Need.OFFICE_RESET] = Cause.RESET_AT_COUNTER
        if self._misses >= MISSES:
            lacking[Need.INSURER] = Cause.INSURER_DOWN
        if not self._up("idcard"):
            lacking[Need.ID_CARD] = Cause.DEVICE_DOWN
            if not self._up("scanner"):
                lacking[Need.IDENTITY] = Cause.DEVICE_DOWN
        return lacking

    def _up(self, device: str) -> bool:
        return self._watch.health[device].condition not in _DOWN

    def of_now(self, screen: Screen[Any], services: Iterable[Service]) -> Screen[Any]:
        """The same screen with what it may offer now: something may have failed since it was asked."""
        if isinstance(screen, Menu):
            return replace(screen, services=self.tiles(services))
        if isinstance(screen, Balance | Movements):
            return replace(screen, can_print=may_print(self._watch.health["printer"]))
        return screen

    async def changed(self, services: Iterable[Service], shown: tuple[ServiceTile, ...]) -> None:
        """Probe, again and again, until the tiles are no longer those that are shown."""
        seen: object = None
        while True:
            try:
                await self._probe()
            except Exception as error:  # noqa: BLE001  a probe that fails says nothing; the next one may
                log.critical("a probe failed: %s", outline(error))
            now = self._misses >= MISSES, *self._watch.health.values()
            if now != seen and self.tiles(services) != shown:  # all day long nothing has changed
                return
            seen = now
            await asyncio.sleep(PROBE_S)

    async def _probe(self) -> None:
        self._misses = 0 if await self._insurer.reachable() else self._misses + 1
        await self._watch.look()


def _first_of(needs: frozenset[Need], lacking: dict[Need, Cause]) -> Cause | None:
    for need, cause in lacking.items():
        if need in needs:
            return cause
    return None


def may_print(printer: Health) -> bool:
    """Whether a slip may be promised. A link that cannot say how the printer is may be tried."""
    return printer.condition not in FAULTS
