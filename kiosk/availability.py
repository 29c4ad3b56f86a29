"""Can it be finished here, now? Asked of the devices and the insurer before a citizen begins.

It looks and remembers what it saw; it never waits for anything to become better, and never guesses that it has.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from drivers.api import Condition, Device
from kiosk.handover import can_print
from kiosk.outline import outline
from kiosk.screens import Availability, Cause, ServiceTile
from kiosk.services.api import Need, Service
from kiosk.station import Station

log = logging.getLogger(__name__)

PROBE_S = 5.0
MISSES = 3
"""A centre that fails to answer this many probes in a row counts as gone; one missed probe is a hiccup."""

_DOWN = {Condition.NO_DEVICE, Condition.OFFLINE, Condition.POWER_OFF, Condition.HARDWARE_ERROR}


class Availabilities:
    """What the last probes said. Until the first one everything counts as there: a citizen is not sent away on a
    guess."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._misses = 0
        self._id_reader = True
        self._scanner = True
        self._paper = True

    def tiles(self, services: Iterable[Service]) -> tuple[ServiceTile, ...]:
        return tuple(service.tile(self._of(service)) for service in services)

    def missing(self, service: Service) -> Cause | None:
        """Why the service cannot be finished here now, or nothing."""
        if Need.INSURER in service.needs and self._misses >= MISSES:
            return Cause.INSURER_DOWN
        if Need.ID_CARD in service.needs and not self._id_reader:
            return Cause.DEVICE_DOWN
        if Need.IDENTITY in service.needs and not (self._id_reader or self._scanner):
            return Cause.DEVICE_DOWN
        return None

    def _of(self, service: Service) -> Availability:
        if self.missing(service) is not None:
            return Availability.NO
        return Availability.YES if self._paper else Availability.WITHOUT_PAPER

    async def changed(self, services: Iterable[Service], shown: tuple[ServiceTile, ...]) -> None:
        """Probe, again and again, until the tiles are no longer those that are shown."""
        while True:
            try:
                await self._probe()
            except Exception as error:  # noqa: BLE001  a probe that fails says nothing; the next one may
                log.critical("a probe failed: %s", outline(error))
            if self.tiles(services) != shown:
                return
            await asyncio.sleep(PROBE_S)

    async def _probe(self) -> None:
        self._misses = 0 if await self._station.insurer.reachable() else self._misses + 1
        self._id_reader = await _up(self._station.id_reader)
        self._scanner = await _up(self._station.scanner)
        self._paper = await can_print(self._station.printer)


async def _up(device: Device) -> bool:
    return (await device.health()).condition not in _DOWN
