"""What the card application asks of whoever holds the keys of the chip (the insurer's HSM), as a protocol.

The card asks riddles (challenges) that only a holder of its keys can answer. The terminal holds no keys: it carries
the chip's challenge to the authority and the authority's cryptogram back to the chip. See docs/protocols.md, section
"PIN and authentication".
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import Protocol

from drivers.frozen import dataclass


class Algorithm(StrEnum):
    """Algorithm marker in the SSSE FCI, object ``9F0C 03 86 01 xx`` (01 and absent = 3DES, 03 = SM4)."""

    TDES = "3des"
    SM4 = "sm4"


@dataclass(frozen=True, slots=True)
class ChipIdentity:
    """The public facts from which the authority derives this chip's keys."""

    algorithm: Algorithm
    card_id: bytes = field(repr=False)
    """卡识别码, 16 bytes of EF05 tag 01; its first 3 bytes are the issuing region in BCD."""
    historical: bytes
    """The last 8 historical bytes of the ATR: the card's part of the key diversification."""

    @property
    def region(self) -> str:
        """Six-digit division code of the issuer, e.g. ``410100``."""
        return self.card_id[:3].hex()


@dataclass(frozen=True, slots=True)
class ExternalAuthentication:
    """Data of EXTERNAL AUTHENTICATE: ``cipher ‖ source``."""

    cipher: bytes = field(repr=False)
    source: bytes = field(repr=False)


class AuthorityRefused(Exception):
    """The authority will not answer for this chip. ``reason`` is a code for the operator, never a secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChipAuthority(Protocol):
    """Answers for a chip what only a holder of its keys can, each time for the one challenge that it is given.

    Every method may raise AuthorityRefused.
    """

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        """Answer the chip's challenge for external authentication with key ``key_id`` (0A read, 06 PIN)."""
        ...

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        """Return ``encrypted PIN block ‖ MAC4`` for PIN RESET; ``header`` is CLA INS P1 P2 Lc, ``pin`` ASCII digits.

        The caller wipes ``pin``; the authority keeps no copy.
        """
        ...
