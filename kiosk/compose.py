"""Puts a terminal together from its configuration: devices, insurer, journal, keys, clock."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from drivers import registry
from drivers.api import CardReader, PinPad, Voice
from kiosk import policy
from kiosk.china import CHINA
from kiosk.config import NO_PIN_PAD, NO_VOICE, Config, ConfigError
from kiosk.insurer.api import Insurer, InsurerUnreachable
from kiosk.insurer.patience import PatientInsurer
from kiosk.journal import Damage, Journal, Retention
from kiosk.journal.chain import SHORTEST
from kiosk.journal.errors import damage_by
from kiosk.on_disk import make_once
from kiosk.receipts.seal import SealMalformed, load_or_create_key, trusted_from_file
from kiosk.station import Station
from kiosk.text import catalogues

if TYPE_CHECKING:
    from kiosk.maintenance.back_room import BackRoom
    from kiosk.maintenance.credentials import StaffFile
    from kiosk.simulation.hall import Hall

JOURNAL = "journal.db"
"""The journal's name in the terminal's folder, and below that of its secret."""
JOURNAL_KEY = "journal.key"
OPERATOR = "operator.json"
"""What staff have set at the terminal."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and capitals without I and O, which are read as 1 and 0."""


def clock() -> datetime:
    """Wall-clock time of the hall, in its time zone: a machine may be left on UTC."""
    return datetime.now(CHINA)


def new_key() -> str:
    """A fresh idempotency key: the day and 60 random bits, short enough for the telephone."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return f"{clock():%Y%m%d}-{tail[:4]}-{tail[4:8]}-{tail[8:]}"


def _journal_secret(folder: Path) -> bytes:
    """This terminal's own secret for the journal's keyed hashes, made at the first start: whole or not at all.

    Raises ConfigError, OSError.
    """
    path = folder / JOURNAL_KEY
    if not path.exists():
        make_once(path, secrets.token_bytes(32))
    secret = path.read_bytes()
    if len(secret) < SHORTEST:
        raise ConfigError(
            f"{path} is no secret of a terminal; restore it from the backup, or move it and {JOURNAL} away to begin"
            " a new journal"
        )
    return secret


def _retention(config: Config) -> Retention:
    return Retention(timedelta(days=config.journal_days), most_bytes=int(config.journal_mib * 2**20))


def seal_key_path(config: Config) -> Path:
    """Where the private key lies with which this terminal signs its slips. The file is made at the first start."""
    return config.data / "seal.pem"


def trusted_keys(path: Path | None) -> tuple[Ed25519PublicKey, ...]:
    """The public keys in a file, one a line; none without a file. Raises ConfigError."""
    if path is None:
        return ()
    try:
        if path.stat().st_mode & 0o022:
            raise ConfigError(f"{path}: others may write to it, and so choose whom to trust; chmod go-w {path}")
        return trusted_from_file(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); name a file with one key a line") from error
    except SealMalformed as error:
        raise ConfigError(f"{path}: {error}") from error


def _policy(config: Config) -> policy.Policy:
    try:
        trusted = trusted_keys(config.policy_keys)
    except ConfigError as error:
        raise config.wrong("terminal", "policy_keys", str(error)) from error
    try:
        rules = policy.load(config.policy, trusted)
    except policy.PolicyError as error:
        raise config.wrong("terminal", "policy", str(error)) from error
    if not rules.serves(config.region):
        raise config.wrong(
            "terminal",
            "region",
            f"{config.region} is not served by the pack {config.policy!r}"
            f" ({', '.join(rules.region_prefixes)}…); one of the two is wrong",
        )
    return rules


def insurer_of(config: Config) -> Insurer:
    """The insurer that the configuration names; nothing is asked of it yet. Raises ConfigError."""
    if config.platform is not None and config.papers is not None:
        from kiosk.insurer import platform, tls

        try:
            return platform.connect(config.platform, config.papers, config.data / "messages", clock)
        except tls.Unusable as error:
            raise config.wrong("insurer", error.what, f"{error.path} {error.remedy}") from error
    from kiosk.insurer.embedded import EmbeddedInsurer

    try:
        return EmbeddedInsurer(config.insurer_path, clock=clock)
    except (sqlite3.Error, InsurerUnreachable) as error:
        why = cause if isinstance(cause := error.__cause__, sqlite3.Error) else error
        full = damage_by(why) is Damage.NO_ROOM
        remedy = "make room on the disk" if full else "its folder must be there and the terminal's user its owner"
        raise config.wrong("insurer", "path", f"{config.insurer_path} cannot be used ({why}); {remedy}") from error


def card_reader(config: Config) -> CardReader:
    """The reader that the configuration names; nothing is asked of it yet. Raises UnknownDriver."""
    return registry.build(registry.CARD_READERS, config.devices.card)


def _station(config: Config, hall: Hall | None, reader: CardReader) -> Station:
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    insurer: Insurer = hall.line if hall is not None else insurer_of(config)
    devices = config.devices
    return Station(
        reader=reader,
        id_reader=hall.id_reader if hall else registry.build(registry.ID_READERS, devices.idcard),
        scanner=hall.scanner if hall else registry.build(registry.SCANNERS, devices.scanner),
        printer=hall.printer if hall else registry.build(registry.PRINTERS, devices.printer),
        insurer=PatientInsurer(insurer),
        journal=Journal(
            config.data / JOURNAL, clock, _journal_secret(config.data), _retention(config), in_service=True
        ),
        policy=_policy(config),
        settings=replace(config.settings, simulated=hall is not None or bool(config.simulated)),
        catalogues=catalogues(),
        seal_key=load_or_create_key(seal_key_path(config)),
        clock=clock,
        new_key=new_key,
        pin_pad=hall.pin_pad if hall else _pin_pad(devices.pinpad),
        voice=_voice(devices.voice),
        back_room=back_room(config),
    )


def staff_of(config: Config) -> StaffFile:
    """Who may enter operator mode at this terminal."""
    from kiosk.maintenance.credentials import StaffFile

    return StaffFile(config.staff_file)


def back_room(config: Config) -> BackRoom:
    """What operator mode of this terminal needs. The journal's secret must be there."""
    from kiosk.maintenance.back_room import BackRoom
    from kiosk.maintenance.kept import Kept
    from kiosk.maintenance.light import Backlight

    return BackRoom(
        config=config,
        staff=staff_of(config),
        kept=Kept(config.data / OPERATOR),
        journal=config.data / JOURNAL,
        journal_secret=_journal_secret(config.data),
        usb=config.usb,
        backlight=None if config.backlight is None else Backlight(config.backlight),
    )


def _pin_pad(name: str) -> PinPad | None:
    """The pad that the configuration names. Raises UnknownDriver, ConfigError for one whose digits never leave it."""
    if name == NO_PIN_PAD:
        return None
    pad = registry.build(registry.PIN_PADS, name if ":" in name else f"{name}:")
    if pad.gives is not None:
        raise ConfigError(
            f"{name!r} gives encrypted blocks ({pad.gives}) only, and the card's chip takes nothing"
            f' but plain digits; set the pad to plain digits, or write pinpad = "{NO_PIN_PAD}"'
        )
    return pad


def _voice(name: str) -> Voice | None:
    """The voice that the configuration names, also in a simulated hall: nothing of it is played. Raises
    UnknownDriver."""
    if name == NO_VOICE:
        return None
    return registry.build(registry.VOICES, name if ":" in name else f"{name}:")


def check(config: Config) -> None:
    """See that everything the configuration names exists, without touching a device or a file of the terminal's.

    Raises ConfigError.
    """
    devices = config.devices
    builders: Mapping[str, Callable[[str], object]] = {
        "card": partial(registry.build, registry.CARD_READERS),
        "idcard": partial(registry.build, registry.ID_READERS),
        "scanner": partial(registry.build, registry.SCANNERS),
        "printer": partial(registry.build, registry.PRINTERS),
        "pinpad": _pin_pad,
        "voice": _voice,
    }
    for key, build in builders.items():
        try:
            build(getattr(devices, key))
        except (registry.UnknownDriver, ConfigError) as error:
            raise config.wrong("devices", key, str(error)) from error
    if config.data.exists() and not config.data.is_dir():
        raise config.wrong("data", "dir", f"{config.data} is no folder; move it away, or name another")
    _policy(config)
    if config.platform is not None:
        insurer_of(config)


def real_station(config: Config, reader: CardReader | None = None) -> Station:
    """The terminal with the devices that its configuration names; with ``reader``, if that has been made already."""
    return _station(config, None, card_reader(config) if reader is None else reader)


def simulated_station(config: Config, hall: Hall) -> Station:
    """The terminal in a simulated hall."""
    return _station(config, hall, hall.reader)


async def close(station: Station) -> None:
    """Give back everything; devices first, so that the card is free."""
    async with AsyncExitStack() as stack:  # each of them, whatever the others do
        stack.callback(station.journal.shut)
        stack.push_async_callback(station.insurer.close)
        devices = station.pin_pad, station.printer, station.scanner, station.id_reader, station.reader
        for device in (station.voice, *devices):
            if device is not None:
                stack.push_async_callback(device.close)
