"""The hardware security module of a *simulated* insurer: it answers for chips as the real one would, with TEST keys.

Its master keys are hashes of public labels: they protect nothing, open no real card, and exist so that a password
reset on a virtual card is the real cryptographic dialogue. It also personalises the virtual cards, for only a card
made with the same master keys understands it. It keeps no password and no state; the keys of chips it lately answered
for are remembered, for deriving them is most of an answer's work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache

from drivers.card import keys
from drivers.card.authority import AuthorityRefused, ChipIdentity, ExternalAuthentication
from drivers.card.chip_profile import ChipProfile
from drivers.card.keys import ChipKeys

READ_KEY, PIN_KEY = 0x0A, 0x06
"""Key ids on the card (docs/protocols.md section 1.4)."""

_AUTHENTICATE_ADDRESS, _PIN_ADDRESS = "0090", "0173"
"""Where public drivers find the two master keys of a PIN reset in their HSM (section 1.4)."""


class Hsm:
    """A ChipAuthority on test keys. ``allow`` may refuse a chip by returning a reason, e.g. ``"cancelled"``."""

    def __init__(
        self,
        allow: Callable[[ChipIdentity], str | None] = lambda _: None,
        *,
        label: str = "1",
    ) -> None:
        self._allow = allow
        self._read = _test_key(label, "RKSSSE")
        self._authenticate = _test_key(label, _AUTHENTICATE_ADDRESS)
        self._pin = _test_key(label, _PIN_ADDRESS)

    def personalise(self, profile: ChipProfile) -> ChipKeys:
        """The keys to write into a virtual card of this profile."""
        masters = (self._read, self._authenticate, self._pin)
        return ChipKeys(*(_chip_key(master, profile.identity) for master in masters))

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        """See ChipAuthority. Raises AuthorityRefused."""
        master = {READ_KEY: self._read, PIN_KEY: self._authenticate}.get(key_id)
        if master is None:
            raise AuthorityRefused("unknown-key")
        session = self._session(chip, master, challenge)
        return ExternalAuthentication(keys.external_cipher(chip.algorithm, session), keys.SOURCE)

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        """See ChipAuthority. Raises AuthorityRefused; ValueError for what is not a PIN."""
        return keys.protected_pin(chip.algorithm, self._session(chip, self._pin, challenge), header, pin)

    def _session(self, chip: ChipIdentity, master: bytes, challenge: bytes) -> bytes:
        reason = self._allow(chip)
        if reason is not None:
            raise AuthorityRefused(reason)
        return keys.session_key(chip.algorithm, _chip_key(master, chip), challenge)


@lru_cache(maxsize=1024)
def _chip_key(master: bytes, chip: ChipIdentity) -> bytes:
    return keys.chip_key(chip.algorithm, master, chip)


@lru_cache
def _test_key(label: str, use: str) -> bytes:
    return hashlib.sha256(f"TEST KEY, protects nothing / {label} / {use}".encode()).digest()[:16]
