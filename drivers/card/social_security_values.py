"""What the card application tells: its errors, the card's and the holder's data, and in what cards differ.

Values only; the dialogue that fills them is ``social_security.py``, which is also where to import them from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType

from drivers.api import CardError
from drivers.card import apdu
from drivers.card.authority import Algorithm
from drivers.frozen import dataclass

SSSE = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
"""Name of the application: ``sx1.sh.`` and 社会保障 in GBK (section 1.1)."""


class NotSocialSecurityCard(CardError):
    """The chip answers but has no social-security application: a bank card, say."""


class ReadKeyRequired(CardError):
    """The card shows its data only to a holder of its read key (version 3.00, section 1.3)."""


class MalformedRecord(CardError):
    """What the card holds breaks the rules. The data itself is not repeated."""

    def __init__(self, file: int, tag: int, why: str) -> None:
        super().__init__(f"{file:04X}/{tag:02X}: {why}")
        self.file = file
        self.tag = tag


class MissingRecord(CardError):
    """A record that a card must have is not there, or came in none of the forms in which it was asked for."""

    def __init__(self, file: int, tag: int) -> None:
        super().__init__(f"{file:04X}/{tag:02X}")
        self.file = file
        self.tag = tag


class WrongPin(CardError):
    """The password is not the card's; ``left`` tries remain, as the card itself says."""

    def __init__(self, left: int) -> None:
        super().__init__(f"{left} tries left")
        self.left = left


class PinBlocked(CardError):
    """No tries are left: only a reset by the insurer helps."""


class ApplicationLocked(CardError):
    """The application on the card is locked for good."""


class AuthenticationFailed(CardError):
    """The card did not accept the authority's cryptogram."""

    def __init__(self, sw: int | None, why: str = "") -> None:
        super().__init__(apdu.describe(sw) if sw is not None else why)
        self.sw = sw


class UnexpectedStatus(CardError):
    """A status word that is neither success nor a known refusal of the command ``ins``."""

    def __init__(self, ins: int, sw: int) -> None:
        super().__init__(f"INS {ins:02X}: {apdu.describe(sw)}")
        self.ins = ins
        self.sw = sw


class PinNotProved(CardError):
    """The change was sent, but the card has not confirmed the new password: it may hold the old or the new one."""


class UnknownAlgorithm(CardError):
    """The card's algorithm marker is not one that the authority can serve (02 is SSF33)."""

    def __init__(self, marker: int) -> None:
        super().__init__(f"{marker:02X}")
        self.marker = marker


class ReadForm(StrEnum):
    """The ways of READ RECORD seen in the field (section 1.2)."""

    ALL = "all"
    """``00 B2 01 05``: everything from the first record on, in one answer."""
    TAG = "tag"
    SFI = "sfi"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class CardLayout:
    """Everything in which cards of the field differ (docs/protocols.md section 7), as the sources have it."""

    aid: bytes = SSSE
    forms: tuple[ReadForm, ...] = (ReadForm.ALL, ReadForm.TAG, ReadForm.SFI, ReadForm.RECORD)
    """Tried in this order; what works is remembered for the card."""
    select_ef_p1: tuple[int, ...] = (0x00, 0x02)
    all_le: int = 0xFF
    challenge_length: int = 8
    read_key: int = 0x0A
    pin_key: int = 0x06
    reset_lc: Mapping[Algorithm, int] = field(
        default_factory=lambda: MappingProxyType({Algorithm.TDES: 0x0C, Algorithm.SM4: 0x14})
    )
    ask_tries_with_empty_verify: bool = True
    """``00 20 00 00`` without data asks for the tries left on ISO 7816-4 cards and costs none."""


@dataclass(frozen=True, slots=True)
class CardFace:
    """Issuing data, EF05. Dates are ``YYYYMMDD``, ``YYYY`` where the card holds the year alone, or empty."""

    region: str
    """Six-digit division code of the issuer."""
    card_id: bytes = field(repr=False)
    """卡识别码, 16 bytes."""
    category: str
    version: str
    organisation: bytes
    """初始化机构编号, 12 bytes."""
    issued: str
    expires: str
    number: str = field(repr=False)
    """卡号."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Holder data, EF06. All of it is personal."""

    id_number: str = field(repr=False)
    """社会保障号码, the 18 characters of the ID number."""
    name: str = field(repr=False)
    sex: str = field(repr=False)
    """``male``, ``female`` or ``unknown``."""
    nation: str = field(repr=False)
    """GB/T 3304 code, two digits."""
    birthplace: str = field(repr=False)
    """Division code, six digits."""
    born: str = field(repr=False)
