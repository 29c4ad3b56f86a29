"""How the terminal is, signed, as a text for the code on the out-of-order screen: a phone reads it without a network.

Owns the text and its signature. The words are plain for whoever photographs it, and of the characters that a QR code
packs tightest (capitals, digits, ``$%*+-./:`` and space); the signature proves to ``kiosk status --verify`` that this
terminal wrote it. It says nothing that a passer-by could not see of the machine, or use.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from drivers.api import Condition, Health
from drivers.frozen import dataclass
from kiosk import __version__
from kiosk.receipts.seal import KEY_ID_BYTES, SIGNATURE_BYTES, SealBroken, SealMalformed, SealUnknownKey, key_id
from kiosk.status.snapshot import DeviceState, Visits

PREFIX = "YBH1."
_FORM = "%Y%m%dT%H%MZ"
FRESH = timedelta(minutes=10)
"""So long a summary keeps its time while nothing else in it changes: the code on the glass stands still."""
_WELL = "OK"


@dataclass(frozen=True, slots=True)
class Summary:
    """What the code says."""

    terminal: str
    at: datetime
    """To the minute, UTC."""
    code: str
    version: str
    devices: Mapping[str, str]
    """``OK``, or condition and remedy (``OFFLINE/RESET``), by name."""
    visits: int
    """Of this day."""


def sealed(summary: Summary, private_key: Ed25519PrivateKey) -> str:
    """``ZZ-0001 20260715T0800Z D01 V0.1.0 CARD:OFFLINE/RESET … VISITS:12 YBH1.…``."""
    words = [summary.terminal, summary.at.astimezone(UTC).strftime(_FORM), summary.code, f"V{summary.version}"]
    words += [f"{name}:{state}".upper() for name, state in summary.devices.items()]
    words.append(f"VISITS:{summary.visits}")
    told = " ".join(words)
    proof = key_id(private_key.public_key()) + private_key.sign(f"{PREFIX}{told}".encode())
    return f"{told} {PREFIX}{base64.b32encode(proof).decode().rstrip('=')}"


def read(text: str, trusted: Iterable[Ed25519PublicKey]) -> Summary:
    """What a sealed summary says. Raises SealMalformed, SealUnknownKey, SealBroken."""
    told, found, proof_text = text.strip().rpartition(f" {PREFIX}")
    if not found:
        raise SealMalformed(f"the text has no part that begins with {PREFIX}")
    try:
        proof = base64.b32decode(proof_text + "=" * (-len(proof_text) % 8))
    except (binascii.Error, ValueError) as error:
        raise SealMalformed("the text has a character or a length that base32 has not") from error
    if len(proof) != KEY_ID_BYTES + SIGNATURE_BYTES or base64.b32encode(proof).decode().rstrip("=") != proof_text:
        raise SealMalformed("the text is not as this program writes it")
    named, signature = proof[:KEY_ID_BYTES], proof[KEY_ID_BYTES:]
    candidates = [key for key in trusted if key_id(key) == named]
    if not candidates:
        raise SealUnknownKey(named.hex())
    for key in candidates:
        with contextlib.suppress(InvalidSignature):
            key.verify(signature, f"{PREFIX}{told}".encode())
            return _parsed(told)
    raise SealBroken("the signature does not belong to this text")


def _parsed(told: str) -> Summary:
    try:
        terminal, at, code, version, *states = told.split(" ")
        facts = dict(state.split(":", 1) for state in states)
        visits = int(facts.pop("VISITS"))
        when = datetime.strptime(at, _FORM).replace(tzinfo=UTC)
        devices = {name.lower(): state for name, state in facts.items()}
        return Summary(terminal, when, code, version.removeprefix("V"), devices, visits)
    except (KeyError, ValueError) as error:
        raise SealMalformed("the text is not one of this program") from error


class Summaries:
    """One terminal's: the same text until something in it changes, or its time is out of date."""

    def __init__(self, terminal: str, key: Ed25519PrivateKey, clock: Callable[[], datetime]) -> None:
        self._terminal, self._key, self._clock = terminal, key, clock
        self._last: Summary | None = None
        self._text = ""

    def of(self, code: str, devices: Mapping[str, Health], today: Visits) -> str:
        """The text for now."""
        states = {
            name: _told(DeviceState(health.condition.value, health.remedy.value))
            for name, health in devices.items()
            if health.condition is not Condition.STARTING
        }
        now = self._clock()
        last = self._last
        at = last.at if last is not None and timedelta(0) <= now - last.at < FRESH else now
        summary = Summary(self._terminal, at, code, __version__, states, today.total)
        if summary != last:
            self._last, self._text = summary, sealed(summary, self._key)
        return self._text


def _told(device: DeviceState) -> str:
    return _WELL if device.well else f"{device.condition}/{device.remedy}".replace("_", "-").upper()
