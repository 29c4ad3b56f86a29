"""The simulated insurer's HSM: it answers for the chips it made, for no others, and only when it may."""

from __future__ import annotations

import pytest

from drivers.card.authority import AuthorityRefused
from drivers.card.mock import MockCardReader
from drivers.card.social_security import AuthenticationFailed, SocialSecurityCard
from kiosk.insurer.hsm import Hsm
from tests.helpers.cards import LI, SM4, chip, pin


async def test_two_chips_never_share_a_key() -> None:
    keys = [Hsm().personalise(profile) for profile in (LI, SM4)]
    values = {value for one in keys for value in (one.read, one.pin, one.pin_message)}
    assert len(values) == 6
    assert all(value.hex() not in repr(keys) for value in values)


async def test_a_chip_of_other_keys_refuses() -> None:
    reader = MockCardReader()
    reader.slot.insert(chip(hsm=Hsm(label="elsewhere")))
    card = await SocialSecurityCard.select(await reader.card())
    with pytest.raises(AuthenticationFailed):
        await card.reset_pin(Hsm(), pin("778899"))
    assert reader.slot.chip is not None
    assert reader.slot.chip.pin_matches(b"123456")


async def test_it_may_refuse_and_says_why() -> None:
    reader = MockCardReader()
    reader.slot.insert(chip())
    card = await SocialSecurityCard.select(await reader.card())
    with pytest.raises(AuthorityRefused) as refusal:
        await card.reset_pin(Hsm(allow=lambda _: "cancelled"), pin("778899"))
    assert refusal.value.reason == "cancelled"
    assert "8424" not in "".join(reader.slot.apdus)


async def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(AuthorityRefused):
        await Hsm().authenticate(LI.identity, 0x88, bytes(8))
