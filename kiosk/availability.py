"""Can it be finished here, now? Asked of the devices and the insurer before a citizen begins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from drivers.api import Condition, Device
from kiosk.handover import can_print
from kiosk.screens import Availability, ServiceTile
from kiosk.services.api import Need, Service
from kiosk.station import Station

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
        self._identity = True
        self._paper = True

    def tiles(self, services: Iterable[Service]) -> tuple[ServiceTile, ...]:
        return tuple(service.tile(self._of(service)) for service in services)

    def _of(self, service: Service) -> Availability:
        if Need.INSURER in service.needs and self._misses >= MISSES:
            return Availability.NO
        if Need.IDENTITY in service.needs and not self._identity:
            return Availability.NO
        return Availability.YES if self._paper else Availability.WITHOUT_PAPER

    async def changed(self, services: Iterable[Service], shown: tuple[ServiceTile, ...]) -> None:
        """Probe, again and again, until the tiles are no longer those that are shown."""
        while True:
            await self._probe()
            if self.tiles(services) != shown:
                return
            await asyncio.sleep(PROBE_S)

    async def _probe(self) -> None:
        self._misses = 0 if await self._station.insurer.reachable() else self._misses + 1
        self._identity = await _up(self._station.id_reader) or await _up(self._station.scanner)
        self._paper = await can_print(self._station.printer)


async def _up(device: Device) -> bool:
    return (await device.health()).condition not in _DOWN
