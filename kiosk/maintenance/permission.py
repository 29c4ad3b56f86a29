"""Simulated devices in production: only where an engineer has allowed it, for some days.

Owns the permission's file and its signature. It is made at the shell with an engineer's passphrase and checked with
the engineer's public key from the staff file, for this terminal and until a day. A development checkout is not
production and needs none.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from drivers.frozen import dataclass
from kiosk.assets import ASSETS
from kiosk.config import Config, ConfigError
from kiosk.maintenance import whole_file
from kiosk.maintenance.credentials import Role, StaffFile, public_key
from kiosk.maintenance.whole_file import FileUnusable
from kiosk.on_disk import synchronise_folder

MARKER = Path("/usr/lib/yibao-kiosk/production")
"""Installed with the production package, above the program."""
LONGEST_DAYS = 30
NOT_FOR_CITIZENS = "S10"
"""Operator code of a production terminal that would play devices and may not."""


@dataclass(frozen=True, slots=True)
class Permission:
    """Until when devices may be played, and the number of the engineer who allowed it."""

    engineer: str
    until: datetime


def is_production(marker: Path = MARKER, program: Path = ASSETS) -> bool:
    """Whether this program is the packaged one: the marker is there, and the program lies below its folder."""
    return marker.exists() and program.resolve().is_relative_to(marker.parent.resolve())


def path_in(data: Path) -> Path:
    """Where the permission lies in the terminal's folder, if there is one."""
    return data / "simulated.json"


def allow(data: Path, terminal: str, number: str, key: Ed25519PrivateKey, until: datetime) -> None:
    """Write the permission. Raises OSError."""
    text = until.isoformat()
    signature = key.sign(_signed(terminal, number, text)).hex()
    whole_file.write(path_in(data), {"engineer": number, "until": text, "signature": signature})


def forbid(data: Path) -> bool:
    """Take it back; false if there was none. Raises OSError."""
    try:
        path_in(data).unlink()
    except FileNotFoundError:
        return False
    synchronise_folder(data)
    return True


def allowed(data: Path, terminal: str, staff: StaffFile, now: datetime) -> Permission | None:
    """The permission that holds now, signed by an engineer who is still a member. Raises FileUnusable."""
    table = whole_file.read(path_in(data))
    try:
        number, text = str(table["engineer"]), str(table["until"])
        until, signature = datetime.fromisoformat(text), bytes.fromhex(table["signature"])
        member = next(m for m in staff.members() if m.number == number and m.role is Role.ENGINEER)
        public_key(member).verify(signature, _signed(terminal, number, text))
        return Permission(number, until) if now <= until else None
    except (KeyError, TypeError, ValueError, StopIteration, InvalidSignature):
        return None


def require(config: Config, staff: StaffFile, now: datetime, *, production: bool | None = None) -> None:
    """Raises ConfigError if this is production, something would be simulated, and no engineer has allowed it."""
    played = config.simulated
    if not played or not (is_production() if production is None else production):
        return
    try:
        if allowed(config.data, config.settings.terminal, staff, now) is not None:
            return
    except FileUnusable as error:
        raise ConfigError(str(error)) from error
    raise ConfigError(
        f"{', '.join(played)}: simulated, and this is a production terminal; name the real ones, or let an engineer"
        f" allow it for some days: kiosk staff allow-simulated --engineer NUMBER --config {config.source or 'FILE'}"
    )


def _signed(terminal: str, number: str, until: str) -> bytes:
    return b"yibao-kiosk-simulated\0" + "\0".join((terminal, number, until)).encode()
