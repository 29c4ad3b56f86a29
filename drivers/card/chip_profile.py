"""What is written on and into one social-security card when it is made: the facts a virtual or mock card plays."""

from __future__ import annotations

from dataclasses import field

from drivers.card.authority import Algorithm, ChipIdentity
from drivers.frozen import dataclass


@dataclass(frozen=True, slots=True)
class ChipProfile:
    """One card as the issuer personalised it. Dates are ``YYYYMMDD``; codes as in docs/protocols.md section 1.2."""

    card_id: bytes = field(repr=False)
    """卡识别码, 16 bytes; the first 3 are the issuing region in BCD (``41 01 00`` = Zhengzhou)."""
    number: str = field(repr=False)
    """卡号, 9 characters: a letter and 8 digits."""
    id_number: str = field(repr=False)
    name: str = field(repr=False)
    sex: str
    """``male`` or ``female``."""
    nation: str
    """GB/T 3304 code, two digits."""
    birthplace: str
    """Division code, six digits."""
    born: str = field(repr=False)
    issued: str
    expires: str
    category: str = "3"
    version: str = "2.00"
    organisation: bytes = bytes.fromhex("915600000241010000000001")
    """初始化机构编号, 12 bytes."""
    algorithm: Algorithm = Algorithm.TDES
    historical: bytes = bytes.fromhex("8654100000000001")
    """The last 8 historical bytes of the ATR."""
    pin: str = field(default="123456", repr=False)
    tries: int = 6
    """Try limit of the PIN; cities differ (section 1.6)."""
    tries_left: int = 6
    dates_in_ascii: bool = False
    """Some cards hold the year of issue and expiry as four ASCII characters instead of BCD."""
    read_key_required: bool = False
    """Cards of version 3.00 want external authentication before EF05/EF06 can be read."""

    @property
    def identity(self) -> ChipIdentity:
        return ChipIdentity(self.algorithm, self.card_id, self.historical)
