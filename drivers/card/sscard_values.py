"""What a vendor's card library says, in our terms: its binding, its error codes, its ``|``-separated answers.

Owns the tables of docs/protocols.md sections 1.7 and 1.8, and everything in which vendors deviate from the prototypes
of LD/T 33, as configuration. It loads nothing and calls nothing. Answers are personal: no error repeats any of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType

from drivers.api import CardError, DeviceError, DeviceLost, MuteCard, PinCancelled, PinError, PulledEarly
from drivers.card import apdu
from drivers.card.social_security_values import (
    ApplicationLocked,
    AuthenticationFailed,
    CardFace,
    Holder,
    NotSocialSecurityCard,
    PinBlocked,
    ReadKeyRequired,
    WrongPin,
)
from drivers.frozen import dataclass


class LibraryFault(DeviceError):
    """The library refuses the call or cannot do it: a matter of set-up or of the library, not of the card."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code


class BadAnswer(CardError):
    """The library said "good", but its answer is not of a known form. The answer is not repeated."""


class OtherCard(CardError):
    """The card is not the one that the call was meant for."""


class NeedsHsm(ReadKeyRequired):
    """The terminal's security module cannot open this card; the HSM can (section 1.8: callers then ask it)."""


class HsmNotNeeded(CardError):
    """The card opens without the HSM."""


class CardStatus(CardError):
    """The card answered with a status word for which there is no name of its own."""

    def __init__(self, sw: int) -> None:
        super().__init__(apdu.describe(sw))
        self.sw = sw


class WrongPinUncounted(CardError):
    """The password is not the card's, and the library does not say how many tries remain."""


class PinNotEntered(PinError):
    """The library's own keypad dialogue ended without a password. ``why`` is one of :class:`PinTrouble`."""

    def __init__(self, why: PinTrouble) -> None:
        super().__init__(why.value)
        self.why = why


class PinTrouble(StrEnum):
    """Why the library's keypad gave no password: its codes -32 to -36 (section 1.8)."""

    TIMEOUT = "timeout"
    LENGTH = "length"
    DIFFER = "the two entries differ"
    INITIAL = "the initial password is not allowed"
    TO_INITIAL = "it cannot be changed to the initial password"


# --- binding ---------------------------------------------------------------------------------------------------------


class Slot(StrEnum):
    """``iType`` of the prototypes."""

    CONTACT = "1"
    CONTACTLESS = "2"
    CONTACT_FIRST = "3"
    CONTACTLESS_FIRST = "4"


ARGUMENTS = ("type", "out", "card", "key", "pin", "old", "new")
"""Words for what a function takes: iType, pOutInfo, pCardInfo, pKey, and passwords."""


@dataclass(frozen=True, slots=True)
class Call:
    """One exported function and what it takes, in its order."""

    symbol: str
    arguments: tuple[str, ...]

    def __post_init__(self) -> None:
        if not set(self.arguments) <= set(ARGUMENTS):
            raise ValueError(f"arguments are of {', '.join(ARGUMENTS)}")


STANDARD: Mapping[str, Call] = MappingProxyType(
    {
        "read": Call("iReadCardBas", ("type", "out")),
        "read_1": Call("iReadCardBas_HSM_Step1", ("type", "out")),
        "read_2": Call("iReadCardBas_HSM_Step2", ("key", "out")),
        "verify": Call("iVerifyPIN", ("type", "out")),
        "change": Call("iChangePIN", ("type", "out")),
        "reset_1": Call("iReloadPIN_HSM_Step1", ("type", "card", "out")),
        "reset_2": Call("iReloadPIN_HSM_Step2", ("key", "out")),
        "reset_3": Call("iReloadPIN_HSM_Step3", ("key", "out")),
    }
)
"""The prototypes of LD/T 6001.5 (section 1.7), by what they are used for here."""

ELEVEN = (
    "region", "id_number", "number", "card_id", "name", "historical",
    "version", "issued", "expires", "terminal", "device",
)  # fmt: skip
"""Fields of ``iReadCardBas`` (section 1.7)."""

_FURTHER = ("sex", "nation", "birthplace", "born", "category", "organisation", "")
"""What other variants may hold; an empty name is a field that is read over."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One vendor's library. The defaults are LD/T 33 to the letter; the rest is what vendors are known to do."""

    path: str
    """The shared object."""
    slot: Slot = Slot.CONTACT
    calls: Mapping[str, Call] = field(default_factory=lambda: STANDARD)
    """E.g. ``{**STANDARD, "verify": Call("iVerifyPin", ("type", "pin", "out"))}`` where the library has no keypad."""
    opens_with: str = ""
    """A function without arguments to be called first, such as ``DriverInit``; 0 is good."""
    fields: Mapping[int, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({11: ELEVEN}))
    """The order of the fields by their number. The variant with 15 has no order that sources agree on: write it here,
    after a look at the vendor's manual."""
    separator: str = "|"
    """``:`` with one vendor."""
    encoding: str = "gb18030"
    """GBK and what came after it."""

    def __post_init__(self) -> None:
        if set(self.calls) != set(STANDARD):
            raise ValueError(f"calls are {', '.join(STANDARD)}")
        for count, names in self.fields.items():
            if count != len(names) or not set(names) <= {*ELEVEN, *_FURTHER}:
                raise ValueError(f"{count} fields need {count} names of {', '.join((*ELEVEN, *_FURTHER[:-1]))}")
            if not {"region", "id_number", "number", "card_id", "name"} <= set(names):
                raise ValueError("region, id_number, number, card_id and name are needed of every card")

    def takes(self, call: str, argument: str) -> bool:
        return argument in self.calls[call].arguments

    def to_child(self) -> str:
        """What the child process has to know."""
        calls = {name: [call.symbol, *call.arguments] for name, call in self.calls.items()}
        return json.dumps({"path": self.path, "type": int(self.slot), "opens_with": self.opens_with, "calls": calls})


# --- answers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Basics:
    """Everything that ``iReadCardBas`` tells."""

    face: CardFace
    holder: Holder
    historical: bytes = field(default=b"", repr=False)
    terminal: str = ""
    device: str = ""


def split(binding: Binding, answer: bytes) -> list[str]:
    """The fields of an answer. Raises BadAnswer."""
    try:
        # Decode first: the second byte of a Chinese character may be the separator's.
        text = answer.decode(binding.encoding)
    except UnicodeDecodeError:
        raise BadAnswer("the answer is not in the library's encoding") from None
    if not text.endswith(binding.separator):
        raise BadAnswer("the answer does not end with a separator: it may be cut short")
    return text[: -len(binding.separator)].split(binding.separator)


def basics(binding: Binding, answer: bytes) -> Basics:
    """The answer of ``iReadCardBas`` by position, each field tried for what it must be. Raises BadAnswer."""
    values = split(binding, answer)
    names = binding.fields.get(len(values))
    if names is None:
        raise BadAnswer(f"{len(values)} fields, whose order is not configured")
    found = {name: value.strip() for name, value in zip(names, values, strict=True) if name}
    for name, value in found.items():
        pattern = _PATTERNS.get(name)
        if pattern is not None and not pattern.fullmatch(value):
            raise BadAnswer(f"the field {name} is not what it should be: is the order right?")
    card_id = bytes.fromhex(found["card_id"])
    if card_id[:3].hex() != found["region"]:
        raise BadAnswer("region and card id contradict each other")
    face = CardFace(
        region=found["region"],
        card_id=card_id,
        category=found.get("category", ""),
        version=found.get("version", ""),
        organisation=bytes.fromhex(found.get("organisation", "")),
        issued=found.get("issued", ""),
        expires=found.get("expires", ""),
        number=found["number"],
    )
    holder = Holder(
        id_number=found["id_number"],
        name=found["name"],
        sex={"1": "male", "2": "female"}.get(found.get("sex", ""), "unknown"),
        nation=found.get("nation", ""),
        birthplace=found.get("birthplace", ""),
        born=found.get("born", ""),
    )
    historical = bytes.fromhex(found.get("historical", ""))
    return Basics(face, holder, historical, found.get("terminal", ""), found.get("device", ""))


_DATE = re.compile(r"(\d{4}(\d{4})?)?")
_PATTERNS = {
    "region": re.compile(r"\d{6}"),
    "id_number": re.compile(r"[0-9A-Z]{15,18}"),
    "number": re.compile(r"[0-9A-Z]{8,20}"),
    "card_id": re.compile(r"[0-9A-Fa-f]{32}"),
    "name": re.compile(r".*\D.*"),
    "historical": re.compile(r"([0-9A-Fa-f]{2})*"),
    "version": re.compile(r"\d\.?\d*"),
    "issued": _DATE,
    "expires": _DATE,
    "sex": re.compile(r"[0129]?"),
    "nation": re.compile(r"(\d{2})?"),
    "birthplace": re.compile(r"(\d{6})?"),
    "born": re.compile(r"(\d{8})?"),
    "organisation": re.compile(r"([0-9A-Fa-f]{2})*"),
}


# --- error codes -----------------------------------------------------------------------------------------------------


def error_of(code: int, text: str = "") -> DeviceError:
    """The error for a code other than 0 (section 1.8). ``text`` is searched for the tries left and not kept."""
    if code in _ERRORS:
        return _ERRORS[code](code)
    if code == -51:
        left = tries_in(text)
        if left is None:
            return WrongPinUncounted("the library does not tell the tries left")
        return WrongPin(left) if left else PinBlocked()
    if code <= -0x6100:
        return _error_of_status(-code)
    return LibraryFault(code, "not in the table of docs/protocols.md section 1.8")


def tries_in(text: str) -> int | None:
    """The one number in the text of error -51; None if there is none, or more than one."""
    numbers = re.findall(r"\d+", text)
    return int(numbers[0]) if len(numbers) == 1 and int(numbers[0]) <= 15 else None


def _error_of_status(sw: int) -> DeviceError:
    left = apdu.tries_left(sw)
    if left:
        return WrongPin(left)
    if left == 0 or sw == apdu.BLOCKED:
        return PinBlocked()
    if sw == apdu.APPLICATION_LOCKED:
        return ApplicationLocked()
    if sw == apdu.KEY_NOT_FOUND:
        return NeedsHsm(apdu.describe(sw))
    if sw in (apdu.SECURITY_NOT_SATISFIED, apdu.MAC_INVALID, apdu.KEY_VERSION, apdu.MAC_UNAVAILABLE):
        return AuthenticationFailed(sw)
    return CardStatus(sw)


def _fault(why: str) -> Callable[[int], DeviceError]:
    return lambda code: LibraryFault(code, why)


def _told(kind: Callable[[str], DeviceError], why: str) -> Callable[[int], DeviceError]:
    return lambda code: kind(f"{code}: {why}")


_ERRORS: Mapping[int, Callable[[int], DeviceError]] = {
    -1: _told(NotSocialSecurityCard, "another kind of card"),
    -2: _told(PulledEarly, "no card"),
    -3: _told(MuteCard, "not powered"),
    -4: _told(MuteCard, "no answer"),
    -5: _told(DeviceLost, "the library cannot load a part of itself"),
    -11: _told(DeviceLost, "the reader cannot be reached"),
    -12: _told(DeviceLost, "the reader is not connected"),
    -13: _fault("not supported"),
    -14: _fault("parameter"),
    -15: _fault("checksum between library and reader"),
    -20: _told(BadAnswer, "the card id has another format"),
    -21: lambda code: AuthenticationFailed(None, f"{code}: the card did not prove itself"),
    -22: _told(OtherCard, "data and card do not belong together"),
    -23: _fault("illegal input"),
    -24: _told(NeedsHsm, "the key of the security module is of too low a level"),
    -25: lambda code: AuthenticationFailed(None, f"{code}: the card did not prove itself to the HSM"),
    -31: lambda _: PinCancelled(),
    -32: lambda _: PinNotEntered(PinTrouble.TIMEOUT),
    -33: lambda _: PinNotEntered(PinTrouble.LENGTH),
    -34: lambda _: PinNotEntered(PinTrouble.DIFFER),
    -35: lambda _: PinNotEntered(PinTrouble.INITIAL),
    -36: lambda _: PinNotEntered(PinTrouble.TO_INITIAL),
    -41: _fault("illegal data"),
    -42: _fault("length of the data"),
    -52: lambda _: PinBlocked(),
    -2201: _told(NeedsHsm, "no security module"),
    -2202: _told(NeedsHsm, "the security module lacks the algorithm"),
    -2203: _told(NeedsHsm, "the security module lacks the read key"),
    -2204: _told(HsmNotNeeded, "the card opens without the HSM"),
}
