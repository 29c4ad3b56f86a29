"""A staff card: any card with an identity that can be read without a key.

Owns how that identity is read: of a social-security card its 卡识别码, of a contactless card its UID (PC/SC part 3,
section 3.2.2.1.3, GET DATA ``FF CA 00 00 00``). It knows no member; what is public can be copied, so that a card only
says who wants to enter, and the PIN is asked all the same.
"""

from __future__ import annotations

from drivers.api import Card, CardError
from drivers.card.social_security import SocialSecurityCard

_UID = bytes.fromhex("FFCA000000")
_SHORTEST_UID = 4
"""Bytes: ISO/IEC 14443-3."""


async def identity(card: Card) -> bytes:
    """Raises CardError if it has none, DeviceError."""
    try:
        chip = await SocialSecurityCard.select(card)
        return b"chip" + (await chip.identity()).card_id
    except CardError:
        said = await card.transmit(_UID)
        if said.ok and len(said.data) >= _SHORTEST_UID:
            return b"uid" + said.data
        raise
