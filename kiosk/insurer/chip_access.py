"""Who may have the chip's keys used: the guard before the HSM of the reference insurer.

Owns the order (first the question whether, then the cryptogram) and what a reading key may not do. Whether is decided
by the books; this asks them anew for every cryptogram, for a card may be reported lost between two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from drivers.card.authority import AuthorityRefused, ChipAuthority, ChipIdentity, ExternalAuthentication
from kiosk.insurer.api import Reason
from kiosk.insurer.hsm import READ_KEY


class GuardedAuthority:
    """``hsm``, where ``objection(chip)`` has nothing to say against it; else AuthorityRefused with what it says."""

    def __init__(self, hsm: ChipAuthority, objection: Callable[[ChipIdentity], Awaitable[str | None]]) -> None:
        self._hsm = hsm
        self._objection = objection

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        await self._ask(chip)
        return await self._hsm.authenticate(chip, key_id, challenge)

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        await self._ask(chip)
        return await self._hsm.protect_pin(chip, challenge, header, pin)

    async def _ask(self, chip: ChipIdentity) -> None:
        reason = await self._objection(chip)
        if reason is not None:
            raise AuthorityRefused(reason)


class ReadKeyOnly:
    """An authority that opens the chips of ``region`` for reading and does nothing else."""

    def __init__(self, hsm: ChipAuthority, region: str) -> None:
        self._hsm = hsm
        self._region = region

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        if key_id != READ_KEY:
            raise AuthorityRefused(Reason.NOT_ALLOWED)
        if chip.region != self._region:
            raise AuthorityRefused("another_region")
        return await self._hsm.authenticate(chip, key_id, challenge)

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        del chip, challenge, header, pin
        raise AuthorityRefused(Reason.NOT_ALLOWED)
