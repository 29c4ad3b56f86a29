"""A whole social-security chip in software: the plastic that a simulated reader holds.

It answers command APDUs as a card of the field does (docs/protocols.md sections 1.1 to 1.5): files, the read forms,
password with its counter, challenges, external authentication, protected commands with a real MAC. The object *is*
the plastic: password and counters survive every removal, security state does not survive a power cut. It never
raises on any input; what it does not understand it answers with a status word.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from drivers.card import apdu, keys
from drivers.card.apdu import pack, wipe
from drivers.card.authority import Algorithm
from drivers.card.chip_profile import ChipProfile
from drivers.card.keys import ChipKeys
from drivers.card.social_security import EF05, EF06, SSSE, ReadForm
from drivers.frozen import dataclass

MF = 0x3F00

_NAME, _NAME_EXTENSION = 30, 20
_KEY_TRIES = 15
_READ_KEY, _PIN_KEY = 0x0A, 0x06


@dataclass(frozen=True, slots=True)
class ChipTraits:
    """In what the cards of the field differ, beyond what is written on them."""

    forms: frozenset[ReadForm] = frozenset(ReadForm)
    select_ef_p1: frozenset[int] = frozenset((0x00, 0x02))
    answers_in_two: bool = False
    """T=0 manners: ``61xx`` and GET RESPONSE for SELECT and challenges, ``6Cxx`` for a wrong Le."""
    tells_tries: bool = True
    """Answers the empty VERIFY with ``63Cx``."""
    tells_algorithm: bool = True
    """Puts the object ``9F0C`` into the FCI."""
    has_application: bool = True
    """False: some other chip card, a bank card say."""
    application_locked: bool = False


@dataclass(frozen=True, slots=True)
class _Command:
    p1: int
    p2: int
    data: bytes
    le: int | None


class Chip:
    """One card. ``challenges`` gives random bytes; seeded by the card's id unless told otherwise."""

    def __init__(
        self,
        profile: ChipProfile,
        chip_keys: ChipKeys,
        traits: ChipTraits | None = None,
        challenges: Callable[[int], bytes] | None = None,
    ) -> None:
        self.profile = profile
        self.traits = traits if traits is not None else ChipTraits()
        self.files: dict[int, list[bytes]] = {EF05: _issuing_data(profile), EF06: _holder_data(profile)}
        """Records as they lie in the card: tag, length, value. A test may damage them."""
        self.apdus = 0
        """Commands processed in this card's life."""
        self.verifies = 0
        """VERIFY commands with a password in them."""
        self.tries_left = profile.tries_left
        self._pin = apdu.pin_digits(bytearray(profile.pin, "ascii"))
        self._keys = chip_keys
        self._key_tries = _KEY_TRIES
        self._random = challenges or random.Random(profile.card_id).randbytes  # noqa: S311 - replayable
        self._powered = False
        self._application = False
        self._file: int | None = None
        self._waiting = b""
        self._challenge = b""
        self._verified = False
        self._proved: set[int] = set()

    def __repr__(self) -> str:
        return f"<Chip {self.profile.version} {self.profile.algorithm}>"

    @property
    def atr(self) -> bytes:
        """T=0 card with 8 historical bytes behind two of its maker: ``3B 6A 00 00 …``."""
        historical = b"\x80\x38" + self.profile.historical
        return bytes((0x3B, 0x60 | len(historical), 0x00, 0x00)) + historical

    @property
    def powered(self) -> bool:
        return self._powered

    def power_on(self) -> bytes:
        """Also a reset when the power is on already. Returns the ATR."""
        self._forget()
        self._powered = True
        return self.atr

    def power_off(self) -> None:
        self._forget()
        self._powered = False

    def pin_matches(self, pin: bytes | bytearray) -> bool:
        """For tests and demonstrations: is this (ASCII digits) the password? Costs no try."""
        return self._pin == apdu.pin_digits(bytearray(pin))

    def process(self, command: bytes | bytearray) -> bytes:
        """Answer one command APDU: data and status word, at least 2 bytes, whatever the command is."""
        self.apdus += 1
        if len(command) < 4:
            return _sw(apdu.WRONG_LENGTH)
        data, le = _body(command)
        if data is None:
            return _sw(apdu.WRONG_LENGTH)
        cla, ins, p1, p2 = command[:4]
        waiting, self._waiting = self._waiting, b""
        if (cla, ins) == (0x00, apdu.GET_RESPONSE):
            return self._get_response(waiting, le)
        answer = _ANSWERS.get((cla, ins))
        if answer is None:
            return _sw(apdu.BAD_CLA if any(known == ins for _, known in _ANSWERS) else apdu.BAD_INS)
        return answer(self, _Command(p1, p2, data, le))

    # --- files ------------------------------------------------------------------------------------------------

    def _select(self, sent: _Command) -> bytes:
        if sent.p2 not in (0x00, 0x0C):
            return _sw(apdu.BAD_P1P2)
        if sent.p1 == 0x04:
            return self._select_application(sent.data)
        if sent.p1 not in (0x00, 0x02) or (sent.p1 not in self.traits.select_ef_p1 and sent.data[:1] == b"\xef"):
            return _sw(apdu.BAD_P1P2)
        file = int.from_bytes(sent.data, "big") if sent.data else MF
        if file == MF and len(sent.data) in (0, 2):
            self._application = False
            self._file = None
            return self._answer(b"\x6f\x04\x84\x02\x3f\x00", sent.le)
        if not self._application or file not in self.files or len(sent.data) != 2:
            return _sw(apdu.FILE_NOT_FOUND)
        self._file = file
        return _sw(apdu.OK)

    def _select_application(self, name: bytes) -> bytes:
        if not self.traits.has_application or name != SSSE:
            return _sw(apdu.FILE_NOT_FOUND)
        if self.traits.application_locked:
            return _sw(apdu.APPLICATION_LOCKED)
        self._application = True
        self._file = None
        own = b"\x88\x01\x1e"
        if self.traits.tells_algorithm:
            marker = 0x03 if self.profile.algorithm is Algorithm.SM4 else 0x01
            own += bytes((0x9F, 0x0C, 0x03, 0x86, 0x01, marker))
        inner = bytes((0x84, len(SSSE))) + SSSE + bytes((0xA5, len(own))) + own
        return self._answer(bytes((0x6F, len(inner))) + inner, None)

    def _read_record(self, sent: _Command) -> bytes:
        forms = self.traits.forms
        file, records = self._file, []
        if sent.p2 == 0x05 and ReadForm.ALL in forms:
            records = self._from(file, sent.p1)
        elif sent.p2 == 0x00 and ReadForm.TAG in forms:
            records = [record for record in self._from(file, 1) if record[:1] == bytes((sent.p1,))]
        elif sent.p2 == 0x04 and ReadForm.RECORD in forms:
            records = self._from(file, sent.p1)[:1]
        elif sent.p2 & 0x07 == 0x04 and sent.p2 >> 3 and ReadForm.SFI in forms:
            file = EF05 & 0xFF00 | sent.p2 >> 3
            if not self._application or file not in self.files:
                return _sw(apdu.FILE_NOT_FOUND)
            records = self._from(file, sent.p1)[:1]
        else:
            return _sw(apdu.BAD_P1P2)
        if file is None:
            return _sw(apdu.NO_CURRENT_EF)
        if not records:
            return _sw(apdu.RECORD_NOT_FOUND)
        # The card's id has to be readable before authentication, or nobody could find its keys.
        free = file == EF05 and all(record[:1] == b"\x01" for record in records)
        if self.profile.read_key_required and not free and _READ_KEY not in self._proved:
            return _sw(apdu.SECURITY_NOT_SATISFIED)
        return self._answer(b"".join(records), sent.le if sent.le is not None else 0, exact=True)

    def _from(self, file: int | None, number: int) -> list[bytes]:
        return self.files[file][number - 1 :] if file is not None and number > 0 else []

    def _get_response(self, waiting: bytes, le: int | None) -> bytes:
        if not waiting:
            return _sw(apdu.CONDITIONS_NOT_SATISFIED)
        if le is not None and le not in (0, len(waiting)) and le > len(waiting):
            self._waiting = waiting
            return _sw(0x6C00 | len(waiting) & 0xFF)
        count = le or len(waiting)
        self._waiting = waiting[count:]
        rest = 0x6100 | min(len(self._waiting), 0xFF) if self._waiting else apdu.OK
        return waiting[:count] + _sw(rest)

    def _answer(self, data: bytes, le: int | None, *, exact: bool = False) -> bytes:
        data = data[:256]
        if self.traits.answers_in_two and not exact:
            self._waiting = data
            return _sw(0x6100 | len(data) & 0xFF)
        if exact and le is not None and le != len(data) and (self.traits.answers_in_two or 0 < le < len(data)):
            return _sw(0x6C00 | len(data) & 0xFF)
        return data + _sw(apdu.OK)

    # --- password and keys ------------------------------------------------------------------------------------

    def _get_challenge(self, sent: _Command) -> bytes:
        if (sent.p1, sent.p2) != (0, 0) or sent.data:
            return _sw(apdu.BAD_P1P2)
        if sent.le not in (4, 8, 16):
            return _sw(apdu.WRONG_LENGTH)
        self._challenge = self._random(sent.le)
        return self._challenge + _sw(apdu.OK)

    def _verify(self, sent: _Command) -> bytes:
        if (sent.p1, sent.p2) != (0, 0):
            return _sw(apdu.BAD_P1P2)
        if not sent.data:
            if not self.traits.tells_tries:
                return _sw(apdu.WRONG_LENGTH)
            if self._verified:
                return _sw(apdu.OK)
            return _sw(apdu.WRONG_TRIES_LEFT | min(self.tries_left, 15) if self.tries_left else apdu.BLOCKED)
        self.verifies += 1
        self._verified = False
        if not self._application:
            return _sw(apdu.CONDITIONS_NOT_SATISFIED)
        return _sw(self._compare(sent.data))

    def _change_pin(self, sent: _Command) -> bytes:
        if (sent.p1, sent.p2) != (0x01, 0x00):
            return _sw(apdu.BAD_P1P2)
        if not self._application:
            return _sw(apdu.CONDITIONS_NOT_SATISFIED)
        old, separator, new = bytes(sent.data).partition(b"\xff")
        if not separator or not _is_pin(new):
            return _sw(apdu.BAD_DATA)
        result = self._compare(old)
        if result == apdu.OK:
            self._pin = bytearray(new)
        return _sw(result)

    def _compare(self, packed: bytes) -> int:
        if not self.tries_left:
            return apdu.BLOCKED
        if packed == self._pin:
            self.tries_left = self.profile.tries
            self._verified = True
            return apdu.OK
        self.tries_left -= 1
        self._verified = False
        return apdu.WRONG_TRIES_LEFT | min(self.tries_left, 15)

    def _external_authenticate(self, sent: _Command) -> bytes:
        secret = {_READ_KEY: self._keys.read, _PIN_KEY: self._keys.pin}.get(sent.p2)
        if sent.p1 != 0 or not self._application:
            return _sw(apdu.BAD_P1P2 if sent.p1 else apdu.CONDITIONS_NOT_SATISFIED)
        if secret is None:
            return _sw(apdu.KEY_NOT_FOUND)
        if len(sent.data) != 16:
            return _sw(apdu.WRONG_LENGTH)
        challenge, self._challenge = self._challenge, b""
        if not challenge:
            return _sw(apdu.CHALLENGE_UNUSABLE)
        if not self._key_tries:
            return _sw(apdu.BLOCKED)
        algorithm = self.profile.algorithm
        session = keys.session_key(algorithm, secret, challenge)
        if keys.external_cipher(algorithm, session, bytes(sent.data[8:])) != sent.data[:8]:
            self._key_tries -= 1
            return _sw(apdu.WRONG_TRIES_LEFT | self._key_tries)
        self._key_tries = _KEY_TRIES
        self._proved.add(sent.p2)
        return _sw(apdu.OK)

    def _pin_reset(self, sent: _Command) -> bytes:
        algorithm = self.profile.algorithm
        length = keys.MAC_LENGTH + keys.block_size(algorithm)
        if (sent.p1, sent.p2) != (0x00, 0x01):
            return _sw(apdu.BAD_P1P2)
        if len(sent.data) != length:
            return _sw(apdu.WRONG_LENGTH)
        if _PIN_KEY not in self._proved:
            return _sw(apdu.SECURITY_NOT_SATISFIED)
        challenge, self._challenge = self._challenge, b""
        if not challenge:
            return _sw(apdu.CHALLENGE_UNUSABLE)
        session = keys.session_key(algorithm, self._keys.pin_message, challenge)
        header = bytes((0x84, apdu.PIN_RESET, sent.p1, sent.p2, length))
        encrypted, mac = sent.data[: -keys.MAC_LENGTH], sent.data[-keys.MAC_LENGTH :]
        self._proved.discard(_PIN_KEY)
        if keys.mac(algorithm, session, header + encrypted) != mac:
            return _sw(apdu.SECURE_MESSAGING_WRONG)
        block = keys.decrypt(algorithm, session, encrypted)
        new = bytes(block[1 : 1 + block[0]])
        padding = bytes(block[1 + len(new) :])
        wipe(block)
        if not _is_pin(new) or padding.rstrip(b"\x00") != b"\x80":
            return _sw(apdu.BAD_DATA)
        self._pin = bytearray(new)
        self.tries_left = self.profile.tries
        return _sw(apdu.OK)

    def _forget(self) -> None:
        """What a loss of power does."""
        self._application = False
        self._file = None
        self._waiting = b""
        self._challenge = b""
        self._verified = False
        self._proved = set()


_ANSWERS: Mapping[tuple[int, int], Callable[[Chip, _Command], bytes]] = {
    (0x00, apdu.SELECT): Chip._select,
    (0x00, apdu.READ_RECORD): Chip._read_record,
    (0x00, apdu.GET_CHALLENGE): Chip._get_challenge,
    (0x00, apdu.VERIFY): Chip._verify,
    (0x80, apdu.CHANGE_PIN): Chip._change_pin,
    (0x00, apdu.EXTERNAL_AUTHENTICATE): Chip._external_authenticate,
    (0x84, apdu.PIN_RESET): Chip._pin_reset,
}
"""By class and instruction, who answers a command."""


def _body(command: bytes | bytearray) -> tuple[bytes | None, int | None]:
    """Data and Le of a short APDU; data is ``None`` when the lengths contradict each other."""
    if len(command) == 4:
        return b"", None
    if len(command) == 5:
        return b"", command[4]
    count = command[4]
    if count and len(command) == 5 + count:
        return bytes(command[5:]), None
    if count and len(command) == 6 + count:
        return bytes(command[5:-1]), command[-1]
    return None, None


def _is_pin(packed: bytes) -> bool:
    text = packed.hex()
    number = text[:-1] if text.endswith("f") else text
    return 4 <= len(number) <= 12 and number.isdecimal()


def _sw(sw: int) -> bytes:
    return sw.to_bytes(2, "big")


def _record(tag: int, value: bytes, size: int) -> bytes:
    if len(value) > size:
        raise ValueError(f"record {tag:02X} holds {size} bytes")
    return bytes((tag, size)) + value.ljust(size, b"\0")


def _issuing_data(profile: ChipProfile) -> list[bytes]:
    def day(text: str) -> bytes:
        return text[:4].encode("ascii") if profile.dates_in_ascii else pack(text, 4)

    return [
        _record(0x01, profile.card_id, 16),
        _record(0x02, profile.category.encode("ascii"), 1),
        _record(0x03, profile.version.encode("ascii"), 4),
        _record(0x04, profile.organisation, 12),
        _record(0x05, day(profile.issued), 4),
        _record(0x06, day(profile.expires), 4),
        _record(0x07, profile.number.encode("ascii"), 9),
    ]


def _holder_data(profile: ChipProfile) -> list[bytes]:
    extended = not profile.version.startswith("1")
    name, extension = _split_name(profile.name)
    if extension and not extended:
        raise ValueError("a card of version 1 has no room for so long a name")
    return [
        _record(0x08, profile.id_number.encode("ascii"), 18),
        _record(0x09, name, _NAME),
        *([_record(0x4E, extension, _NAME_EXTENSION)] if extended else []),
        _record(0x0A, b"1" if profile.sex == "male" else b"2", 1),
        _record(0x0B, pack(profile.nation, 1), 1),
        _record(0x0C, pack(profile.birthplace, 3), 3),
        _record(0x0D, pack(profile.born, 4), 4),
    ]


def _split_name(name: str) -> tuple[bytes, bytes]:
    """As many whole characters as 姓名 holds, the others for 姓名扩展."""
    first = b""
    for place, character in enumerate(name):
        encoded = character.encode("gb18030")
        if len(first) + len(encoded) > _NAME:
            return first, name[place:].encode("gb18030")
        first += encoded
    return first, b""
