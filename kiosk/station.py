"""Everything a visit works with, in one place: devices, insurer, journal, the rules of the city, clock and ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from drivers.api import CardReader, IdCardReader, PinPad, Printer, Scanner, Voice
from drivers.frozen import dataclass
from kiosk.insurer.api import Insurer
from kiosk.journal import Journal
from kiosk.policy import Policy
from kiosk.settings import Settings
from kiosk.text import Catalogue

if TYPE_CHECKING:
    from kiosk.maintenance.back_room import BackRoom


@dataclass(frozen=True, slots=True)
class Station:
    """All that the core is given. ``kiosk.compose`` makes and closes it; simulations make their own. It never changes:
    where staff have set something, the terminal goes on with another one that differs in ``settings``."""

    reader: CardReader
    id_reader: IdCardReader
    scanner: Scanner
    printer: Printer
    insurer: Insurer
    journal: Journal
    policy: Policy
    settings: Settings
    catalogues: Mapping[str, Catalogue]
    seal_key: Ed25519PrivateKey
    """Signs the slips of this terminal."""
    clock: Callable[[], datetime]
    """Wall-clock time; waiting is the loop's affair."""
    new_key: Callable[[], str]
    """A fresh idempotency key; short enough to be read out on the telephone, never used twice."""
    pin_pad: PinPad | None = None
    """A pad with keys of its own, which gives plain digits; without one the keys are on the glass."""
    voice: Voice | None = None
    """Says what stands on the glass; without one speech is not offered."""
    back_room: BackRoom | None = None
    """What operator mode needs; without it there is none."""
