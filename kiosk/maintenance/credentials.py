"""Who may enter operator mode: members of staff, each with a number, a role and an argon2id hash of a PIN.

Owns the file with the hashes and their check. PINs are lent to the hash as the buffer they lie in and never copied;
no name, PIN or card of a member is logged. It counts no failures (``lockout``) and asks nobody (``entry``).

An engineer also has a passphrase. It is kept nowhere: from it comes a key pair (argon2id, Ed25519), of which the file
holds the public half, so that what an engineer allowed can be checked without the engineer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from drivers.frozen import dataclass
from kiosk.maintenance import whole_file
from kiosk.maintenance.whole_file import FileUnusable
from kiosk.pin import Pin

NUMBER_DIGITS = 2
"""Of a member's number: a hall has fewer than a hundred members of staff who look after a terminal."""
PASSPHRASE_LEAST = 12
"""Characters of an engineer's passphrase: whoever has the file can try it out, without any wait. So they can a PIN; but
of those there are only a million, and the passphrase is to hold even then."""
_VERSION = 1
_SALT_BYTES = 16
_HASH_BYTES = 32
_ARGON2_VERSION = 0x13
_ENCODED_MOST = 256


class Role(StrEnum):
    """What a member may do, as given at enrolment: an engineer also the acts in
    ``kiosk.maintenance.session.ENGINEERS``, and to allow simulated devices."""

    OPERATOR = "operator"
    ENGINEER = "engineer"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one hash. RFC 9106 section 4, second recommendation: 64 MiB, 3 passes, 4 lanes; about 0.1 s."""

    passes: int = 3
    kib: int = 64 * 1024
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Member:
    """One member of staff as the file has them. PIN and card are hashes; ``key`` and ``salt`` are empty for an
    operator."""

    number: str
    name: str = field(repr=False)
    role: Role
    pin: str = field(repr=False)
    """The hash, as PHC string."""
    card: str = field(default="", repr=False)
    """SHA-256 of the staff card's public id; empty without a card."""
    key: str = field(default="", repr=False)
    """An engineer's public key, hexadecimal."""
    salt: str = field(default="", repr=False)


class StaffFile:
    """The members, as the file says. ``load`` again to see what was changed by another process."""

    def __init__(self, path: Path, cost: Cost = Cost()) -> None:
        self.path = path
        self._cost = cost
        self._nobody = ""

    def members(self) -> tuple[Member, ...]:
        """Everybody there is, by number. Raises FileUnusable."""
        table = whole_file.read(self.path, secret=True)
        if not table:
            return ()
        if table.get("version") != _VERSION:
            raise FileUnusable(f"{self.path}: of another version of this program; add the members anew")
        try:
            found = (_member(entry) for entry in table["members"])
            return tuple(sorted(found, key=lambda member: member.number))
        except (KeyError, TypeError, ValueError) as error:
            raise FileUnusable(f"{self.path}: is damaged; restore it from the backup or remove it") from error

    def add(
        self, name: str, role: Role, pin: Pin, *, card_id: bytes | None = None, passphrase: str | None = None
    ) -> Member:
        """Enrol somebody; returns the member with a number of its own. Raises FileUnusable, OSError, ValueError."""
        there = self.members()
        taken = {member.number for member in there}
        free = (f"{n:0{NUMBER_DIGITS}d}" for n in range(1, 10**NUMBER_DIGITS))
        number = next((number for number in free if number not in taken), None)
        if number is None:
            raise ValueError("there is no number left; remove somebody")
        mark = "" if card_id is None else card_mark(card_id)
        if mark and any(member.card == mark for member in there):
            raise ValueError("this card is another member's")
        member = Member(number, name, role, hash_pin(pin, self._cost), mark)
        if role is Role.ENGINEER:
            if passphrase is None or len(passphrase) < PASSPHRASE_LEAST:
                raise ValueError(f"an engineer's passphrase has {PASSPHRASE_LEAST} characters or more")
            salt = secrets.token_bytes(_SALT_BYTES)
            public = signing_key(passphrase, salt, self._cost).public_key()
            member = replace(member, key=public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex(), salt=salt.hex())
        self._save((*there, member))
        return member

    def remove(self, number: str) -> Member:
        """Forget somebody. Raises FileUnusable, OSError, KeyError if there is nobody of that number."""
        there = self.members()
        gone = next((member for member in there if member.number == number), None)
        if gone is None:
            raise KeyError(number)
        self._save(tuple(member for member in there if member is not gone))
        return gone

    def _save(self, members: tuple[Member, ...]) -> None:
        entries = [{name: str(getattr(member, name)) for name in Member.__slots__} for member in members]
        whole_file.write(self.path, {"version": _VERSION, "members": entries})

    def check(self, number: str, pin: Pin) -> Member | None:
        """The member with this number and PIN, or nobody: it takes as long to say that there is no such number.

        Raises FileUnusable.
        """
        member = next((m for m in self.members() if secrets.compare_digest(m.number, number)), None)
        if not self._nobody:
            self._nobody = hash_pin(_a_pin(), self._cost)
        right = pin_is(pin, self._nobody if member is None else member.pin)
        return member if right and member is not None else None

    def of_card(self, card_id: bytes) -> Member | None:
        """Whose staff card this is. It only saves typing the number: a public id can be copied. Raises FileUnusable."""
        mark = card_mark(card_id)
        return next((member for member in self.members() if secrets.compare_digest(member.card, mark)), None)

    def engineer(self, number: str, passphrase: str) -> Ed25519PrivateKey | None:
        """The key of the engineer with this number, if the passphrase is theirs. Raises FileUnusable."""
        member = next((m for m in self.members() if m.number == number and m.role is Role.ENGINEER), None)
        if member is None:
            return None
        key = signing_key(passphrase, bytes.fromhex(member.salt), self._cost)
        mine = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return key if secrets.compare_digest(mine, bytes.fromhex(member.key)) else None


def public_key(member: Member) -> Ed25519PublicKey:
    """An engineer's. Raises ValueError for a member who has none."""
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(member.key))


def card_mark(card_id: bytes) -> str:
    """What is kept of a staff card."""
    return hashlib.sha256(b"yibao-kiosk-staff-card\0" + card_id).hexdigest()


def hash_pin(pin: Pin, cost: Cost) -> str:
    """PHC string with a fresh salt. The digits stay where they are."""
    from _argon2_cffi_bindings import ffi, lib  # nothing that the first frame waits for

    out = ffi.new("char[]", _ENCODED_MOST)
    salt = secrets.token_bytes(_SALT_BYTES)
    digits = ffi.from_buffer(pin.digits)
    status = lib.argon2_hash(
        cost.passes,
        cost.kib,
        cost.lanes,
        digits,
        len(digits),
        ffi.from_buffer(salt),
        len(salt),
        ffi.NULL,
        _HASH_BYTES,
        out,
        _ENCODED_MOST,
        lib.Argon2_id,
        _ARGON2_VERSION,
    )
    if status != lib.ARGON2_OK:
        raise MemoryError(f"argon2: {status}")
    text: bytes = ffi.string(out)
    return text.decode("ascii")


def pin_is(pin: Pin, hashed: str) -> bool:
    """Whether this is the PIN of the hash."""
    from _argon2_cffi_bindings import ffi, lib

    digits = ffi.from_buffer(pin.digits)
    encoded = ffi.new("char[]", hashed.encode("ascii"))
    return bool(lib.argon2_verify(encoded, digits, len(digits), lib.Argon2_id) == lib.ARGON2_OK)


def signing_key(passphrase: str, salt: bytes, cost: Cost) -> Ed25519PrivateKey:
    """The key pair that comes from a passphrase: the same for the same two, and for nobody else's."""
    from argon2.low_level import Type, hash_secret_raw

    seed = hash_secret_raw(
        passphrase.encode(), salt, cost.passes, cost.kib, cost.lanes, _HASH_BYTES, Type.ID, _ARGON2_VERSION
    )
    return Ed25519PrivateKey.from_private_bytes(seed)


def _a_pin() -> Pin:
    pin = Pin()
    pin.take(bytearray(f"{secrets.randbelow(10**6):06d}", "ascii"))
    return pin


def _member(entry: Mapping[str, Any]) -> Member:
    texts = {name: entry.get(name, "") for name in Member.__slots__}
    if not all(isinstance(text, str) for text in texts.values()) or not texts["pin"].startswith("$argon2id$"):
        raise ValueError("no member")
    return Member(**texts | {"role": Role(texts["role"])})
