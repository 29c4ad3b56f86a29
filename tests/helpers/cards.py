"""Cards of invented people for the tests of the card stack, and the ways to make each kind."""

from __future__ import annotations

from dataclasses import replace

from drivers.card.authority import Algorithm
from drivers.card.chip import Chip, ChipTraits
from drivers.card.chip_profile import ChipProfile
from kiosk.insurer.hsm import Hsm

LI = ChipProfile(
    card_id=bytes.fromhex("410100D156000005A1B2C3D4E5F60718"),
    number="A12345678",
    id_number="410105198503071223",
    name="李晓明",
    sex="female",
    nation="01",
    birthplace="410105",
    born="19850307",
    issued="20190315",
    expires="20290315",
)
"""Version 2.00, 3DES, password 123456."""

SM4 = replace(LI, version="3.00", algorithm=Algorithm.SM4)
LOCKED_AWAY = replace(SM4, read_key_required=True)
LONG_NAME = "阿不都热合曼·买买提依明江·艾合买提"
"""36 bytes in GB 18030: longer than 姓名 alone holds."""
RARE_NAME = "李𬸦"
"""The second character takes four bytes in GB 18030."""


def chip(profile: ChipProfile = LI, traits: ChipTraits | None = None, hsm: Hsm | None = None) -> Chip:
    return Chip(profile, (hsm if hsm is not None else Hsm()).personalise(profile), traits)


def pin(digits: str) -> bytearray:
    return bytearray(digits, "ascii")


def check_digit(first17: str) -> str:
    """ISO 7064 MOD 11-2, the last character of an ID number."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
