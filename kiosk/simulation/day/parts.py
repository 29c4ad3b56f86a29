"""Of what the simulated terminal is made: the real parts, each behind a seam at which another can be put in its place.

With the parts as they stand here a day plays what is shipped. That the day would notice something wrong is shown by
putting in parts that do something wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from drivers.api import CardReader, IdCardReader, Printer, Scanner
from drivers.frozen import dataclass
from kiosk.glass import Glass
from kiosk.insurer.api import Insurer
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.patience import PatientInsurer
from kiosk.journal import Journal
from kiosk.simulation.day.devices import PlayedJournal, Power
from kiosk.station import Station
from kiosk.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Parts:
    """One maker for each part, called anew for each life of the terminal; only the office is made once a day. A maker
    that takes a part returns it, or another in its place."""

    office: Callable[[Callable[[], datetime], Callable[[int], str]], EmbeddedInsurer] = lambda clock, digits: (
        EmbeddedInsurer(":memory:", clock=clock, digits=digits)
    )
    """The insurer at the far end; clock and digits."""
    insurer: Callable[[Insurer], Insurer] = PatientInsurer
    """What the terminal asks; it is given the line."""
    journal: Callable[[Path | str, Callable[[], datetime], bytes, Power], Journal] = PlayedJournal
    reader: Callable[[CardReader], CardReader] = lambda reader: reader
    id_reader: Callable[[IdCardReader], IdCardReader] = lambda id_reader: id_reader
    scanner: Callable[[Scanner], Scanner] = lambda scanner: scanner
    printer: Callable[[Printer], Printer] = lambda printer: printer
    terminal: Callable[[Station, Glass], Terminal] = Terminal


SHIPPED = Parts()
