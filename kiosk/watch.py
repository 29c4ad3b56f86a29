"""The watch over the devices while the terminal lives: how each one is, and when that changed.

It asks in turn, believes the last answer, journals every change of condition and says it once in the operator's log.
During a visit it goes on with the devices that the citizen is not working with. It repairs nothing (drivers reconnect
by themselves), and decides nothing about services.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from drivers.api import Condition, Device, DeviceError, DeviceInUse, Health, Remedy
from kiosk.journal import JournalError
from kiosk.outline import outline
from kiosk.screens import EnterPin, LayIdCard, Reading, Screen, ShowCode, Working
from kiosk.station import Station
from kiosk.waiting import within

log = logging.getLogger(__name__)

EVENT = "device"
"""Kind of the journal's events: name, condition, remedy."""
ANSWER_S = 10.0
"""Longer than any of our drivers takes to say how it is (5 s: the first word of a child process). A driver that says
nothing for so long must not keep the others from being asked."""

BESIDE_S = 5.0
"""From one look beside a visit to the next; as often as while the terminal waits."""

IN_USE: Mapping[type[Screen[Any]], frozenset[str]] = {
    LayIdCard: frozenset({"idcard"}),
    ShowCode: frozenset({"scanner"}),
    EnterPin: frozenset({"pinpad"}),
}
"""What a question to the citizen is waiting for: the service hears of its loss first, from the wait itself. The card
reader is in none of them: it says how it is without a word to the card, from what it was told last."""
AT_WORK = (Working, Reading)
"""Screens of work (a page that comes out, a card that is read): nobody is asked anything."""

FAULTS = frozenset(
    {
        Condition.OFFLINE,
        Condition.POWER_OFF,
        Condition.NO_DEVICE,
        Condition.HARDWARE_ERROR,
        Condition.USER_ERROR,
    }
)
"""Conditions in which somebody or something keeps the device from its work."""


def reader_serves(health: Health) -> bool:
    """Whether a citizen can be served with this card reader. A card that somebody put in the wrong way is no fault of
    the reader: its visit explains it."""
    return health.usable or health.condition is Condition.USER_ERROR


def devices_of(station: Station) -> Mapping[str, Device]:
    """Every device by the name under which it stands in the journal and in the operator's log."""
    devices: dict[str, Device] = {
        "card": station.reader,
        "idcard": station.id_reader,
        "scanner": station.scanner,
        "printer": station.printer,
    }
    if station.pin_pad is not None:
        devices["pinpad"] = station.pin_pad
    if station.voice is not None:
        devices["voice"] = station.voice
    return devices


async def ask(device: Device) -> Health:
    """How it is, within :data:`ANSWER_S`, whatever the driver does."""
    try:
        health = await within(ANSWER_S, device.health())
    except TimeoutError:
        return Health(Condition.OFFLINE, Remedy.RESET, f"does not say how it is within {ANSWER_S:g} s")
    except Exception as error:  # noqa: BLE001  a driver of somebody else's that breaks the rule never to raise here
        return Health(Condition.UNKNOWN, Remedy.MAINTENANCE, f"its driver failed: {outline(error)}")
    if not (
        isinstance(health, Health) and isinstance(health.condition, Condition) and isinstance(health.remedy, Remedy)
    ):
        return Health(Condition.UNKNOWN, Remedy.MAINTENANCE, "what its driver answers does not say how it is")
    return health


class Watch:
    """One terminal's. Until a device is asked for the first time it counts as well, so that a start with everything in
    order writes nothing and one with a fault writes the fault."""

    def __init__(self, station: Station) -> None:
        self._journal = station.journal
        self._devices = devices_of(station)
        self._noted: dict[str, tuple[Condition, Remedy] | None] = dict.fromkeys(self._devices)
        self.health = {name: Health(Condition.STARTING) for name in self._devices}
        """What counts of each device: what it answered last, unless it says that it is well and fails at its work."""
        self._failing: dict[str, Health] = {}
        """What counts of those that do."""

    async def look(self) -> None:
        """Ask every device, one after the other."""
        for name, device in self._devices.items():
            self._told(name, await ask(device))

    async def beside(self, shown: Callable[[], Screen[Any] | None], looked: Callable[[], None]) -> None:
        """Until cancelled: look at what the screen that stands does not use, and say so each time."""
        while True:
            await asyncio.sleep(BESIDE_S)
            for name in self._devices:
                screen = shown()
                if not isinstance(screen, AT_WORK) and name not in IN_USE.get(type(screen), ()):  # type: ignore[arg-type]
                    await self.ask(name)
            looked()

    async def ask(self, name: str) -> Health:
        """Ask this one now: what it says of itself."""
        said = await ask(self._devices[name])
        self._told(name, said)
        return said

    def _told(self, name: str, said: Health) -> None:
        if said is self.health[name]:  # whoever gives the very same answer again has nothing new to tell
            return
        if not said.usable:
            self.works(name)  # it says so itself now
        before, health = self.health[name], self._failing.get(name, said)
        if health is not before:
            self.health[name] = health
            self._note(name, health)

    def fails(self, name: str, error: DeviceError) -> None:
        """It fails at its work although it says that it is well. That counts until it :meth:`works`, or says itself
        that something is wrong."""
        if name not in self._failing:
            if isinstance(error, DeviceInUse):  # it is well indeed
                health = Health(Condition.OFFLINE, Remedy.CONFIGURATION, str(error) or "another program holds it")
            else:
                detail = f"says that it is well and fails at its work: {str(error) or type(error).__name__}"
                health = Health(Condition.OFFLINE, Remedy.RESET, detail)
            self._failing[name] = self.health[name] = health
            self._note(name, self.health[name])

    def works(self, name: str) -> None:
        """What it says of itself counts again, from the next time that it is asked."""
        self._failing.pop(name, None)

    def is_failing(self, name: str) -> bool:
        return name in self._failing

    def _note(self, name: str, health: Health) -> None:
        """One event and one line per change. Working is being well, and whoever is starting has said nothing yet."""
        if health.condition is Condition.STARTING:
            return
        condition = Condition.ONLINE if health.usable else health.condition
        now = condition, Remedy.NONE if health.usable else health.remedy
        before, self._noted[name] = self._noted[name], now
        if now == before or (before is None and health.usable):
            return
        was = f", was {before[0]}" if before is not None else ""
        # A warning also when it is well again: whoever read of the fault must find its end in the same place.
        log.warning("%s: %s%s; remedy: %s; %s", name, condition, was, now[1], health.detail or "no detail")
        try:
            self._journal.event(EVENT, name=name, condition=condition.value, remedy=now[1].value)
        except JournalError as error:
            # No citizen waits for this record; that the journal fails shows at the next intent.
            log.critical("not noted: %s (%s)", EVENT, type(error).__name__)
