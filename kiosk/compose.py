"""Puts a terminal together from its configuration: devices, insurer, journal, keys, clock."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from drivers import registry
from kiosk import policy
from kiosk.config import Config
from kiosk.insurer.api import Insurer
from kiosk.journal import Journal
from kiosk.receipts.seal import load_or_create_key
from kiosk.simulation.hall import Hall
from kiosk.station import Station
from kiosk.text import catalogues

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and capitals without I and O, which are read as 1 and 0."""


def clock() -> datetime:
    """Wall-clock time of the hall, with its time zone."""
    return datetime.now().astimezone()


def new_key() -> str:
    """A fresh idempotency key: the day and 60 random bits, short enough for the telephone."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return f"{clock():%Y%m%d}-{tail[:4]}-{tail[4:8]}-{tail[8:]}"


def _journal_secret(folder: Path) -> bytes:
    """This terminal's own secret for the journal's keyed hashes, made at the first start."""
    path = folder / "journal.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
    return path.read_bytes()


def seal_key_path(config: Config) -> Path:
    return config.data / "seal.pem"


def _station(config: Config, hall: Hall | None) -> Station:
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    insurer: Insurer
    if hall is not None:
        insurer = hall.line
    else:
        from kiosk.insurer.embedded import EmbeddedInsurer

        insurer = EmbeddedInsurer(config.insurer_path, clock=clock)
    devices = config.devices
    return Station(
        reader=hall.reader if hall else registry.build(registry.CARD_READERS, devices.card),
        id_reader=hall.id_reader if hall else registry.build(registry.ID_READERS, devices.idcard),
        scanner=hall.scanner if hall else registry.build(registry.SCANNERS, devices.scanner),
        printer=hall.printer if hall else registry.build(registry.PRINTERS, devices.printer),
        insurer=insurer,
        journal=Journal(config.data / "journal.db", clock, _journal_secret(config.data)),
        policy=policy.load(config.policy),
        settings=replace(config.settings, simulated=hall is not None or config.insurer == "embedded"),
        catalogues=catalogues(),
        seal_key=load_or_create_key(seal_key_path(config)),
        clock=clock,
        new_key=new_key,
    )


def real_station(config: Config) -> Station:
    """The terminal with the devices that its configuration names."""
    return _station(config, None)


def simulated_station(config: Config, hall: Hall) -> Station:
    """The terminal in a simulated hall."""
    return _station(config, hall)


async def close(station: Station) -> None:
    """Give back everything; devices first, so that the card is free."""
    for device in (station.reader, station.id_reader, station.scanner, station.printer):
        await device.close()
    await station.insurer.close()
    station.journal.shut()
