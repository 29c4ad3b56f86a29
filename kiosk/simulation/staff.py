"""Staff of the demonstration, so that operator mode can be tried: an operator and an engineer, both invented.

Their PINs are public, which is why they exist in a demonstration's own folder only, under the banner.
"""

from __future__ import annotations

from kiosk.config import Config
from kiosk.maintenance.credentials import Cost, Role, StaffFile
from kiosk.pin import Pin

OPERATOR_PIN, ENGINEER_PIN = "802613", "907264"
"""Of number 01 and number 02."""
PASSPHRASE = "demonstration only"  # noqa: S105  public
_CHEAP = Cost(passes=1, kib=8, lanes=1)
"""The least that argon2 takes: nothing here is secret."""


def enrol(config: Config) -> None:
    """Number 01, an operator, and number 02, an engineer. Raises OSError."""
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    staff = StaffFile(config.staff_file, _CHEAP)
    if staff.members():
        return
    with Pin() as pin:
        pin.take(bytearray(OPERATOR_PIN, "ascii"))
        staff.add("Operator", Role.OPERATOR, pin)
        pin.take(bytearray(ENGINEER_PIN, "ascii"))
        staff.add("Engineer", Role.ENGINEER, pin, passphrase=PASSPHRASE)
