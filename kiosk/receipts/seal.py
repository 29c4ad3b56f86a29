"""The seal of a slip: what the terminal did, signed, as a text for a QR code.

Owns the claim's encoding, its signature (Ed25519) and the files and texts of the keys. It prints nothing and decides
nothing about trust: whoever verifies names the keys to be trusted. A claim holds nothing personal beyond the last four
characters of the card's number, and the slip says no more to someone who finds it than it shows anyway.

A sealed text is ``YB1.`` and, in base32 without padding, the key's id (4 bytes), the claim and the signature (64
bytes). Each claim has exactly one encoding, so each change of a character is refused.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import stat
import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from drivers.frozen import dataclass
from kiosk.on_disk import make_once

PREFIX = "YB1."
KEY_PREFIX = "YBK1."
KEY_ID_BYTES = 4
SIGNATURE_BYTES = 64
TEXT_LIMIT = 255
"""UTF-8 bytes of one text of a claim: its length is one byte."""
CARD_TAIL_LIMIT = 4

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TEXTS = ("terminal", "operation", "service", "outcome", "card_tail")


class SealError(Exception):
    """A sealed text that cannot be believed."""


class SealMalformed(SealError):
    """This is no sealed text, or not as this program writes it."""


class SealUnknownKey(SealError):
    """Sealed with a key that is not among the trusted ones."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"sealed with key {key_id}, which is not trusted here")
        self.key_id = key_id


class SealBroken(SealError):
    """The signature is not that of this text: it was altered."""


class KeyUnusable(Exception):
    """A key file that must not or cannot be used; the text names the remedy."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a terminal says it did. Raises ValueError for what cannot be sealed."""

    terminal: str
    operation: str
    """The operation's number, as printed on the slip."""
    service: str
    outcome: str
    at: datetime
    """Aware; kept in UTC."""
    card_tail: str
    """At most the last four characters of the card's number."""
    amount_fen: int | None = None

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise ValueError("the time of a claim has a time zone")
        try:
            object.__setattr__(self, "at", self.at.astimezone(UTC))
        except OverflowError as error:
            raise ValueError("the time of a claim lies outside the calendar") from error
        if len(self.card_tail) > CARD_TAIL_LIMIT:
            raise ValueError("a claim holds at most the last four characters of a card's number")
        if self.amount_fen is not None and not -(2**63) <= self.amount_fen < 2**63:
            raise ValueError("the amount does not fit 64 bits")
        for name in _TEXTS:
            try:
                length = len(getattr(self, name).encode())
            except UnicodeEncodeError as error:
                raise ValueError(f"{name} is no valid text") from error
            if length > TEXT_LIMIT:
                raise ValueError(f"{name} is longer than {TEXT_LIMIT} bytes")


def seal(claim: Claim, private_key: Ed25519PrivateKey) -> str:
    """The claim as a sealed text of the characters A-Z, 2-7 and a full stop."""
    body = _id_of(private_key) + _encode(claim)
    return PREFIX + _base32(body + private_key.sign(PREFIX.encode() + body))


def verify(text: str, trusted: Iterable[Ed25519PublicKey]) -> Claim:
    """The claim in a sealed text. Raises SealMalformed, SealUnknownKey, SealBroken."""
    data = _from_base32(text, PREFIX)
    if len(data) < KEY_ID_BYTES + SIGNATURE_BYTES:
        raise SealMalformed("the text is too short for a seal")
    body, signature = data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]
    named = body[:KEY_ID_BYTES]
    candidates = [key for key in trusted if key_id(key) == named]
    if not candidates:
        raise SealUnknownKey(named.hex())
    for key in candidates:
        with contextlib.suppress(InvalidSignature):
            key.verify(signature, PREFIX.encode() + body)
            return _decode(body[KEY_ID_BYTES:])
    raise SealBroken("the signature does not belong to this text")


@lru_cache(1)
def _id_of(key: Ed25519PrivateKey) -> bytes:
    """A terminal has one key; its public half takes as long to compute as half a signature."""
    return key_id(key.public_key())


def key_id(key: Ed25519PublicKey) -> bytes:
    """First four bytes of the SHA-256 of the public key: enough to find it, not to trust it."""
    return hashlib.sha256(_raw(key)).digest()[:KEY_ID_BYTES]


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """The terminal's key (PEM, PKCS 8, mode 0600), made on first use, never overwritten. Raises KeyUnusable."""
    try:
        if not path.exists():
            make_once(path, _new_key())
        return _load_key(path)
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}; the terminal's user must be able to write there once") from error


def public_key_text(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """The public key as one line of text that can be read out, mailed and put into a configuration."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    raw = _raw(public)
    return KEY_PREFIX + _base32(raw + hashlib.sha256(raw).digest()[:KEY_ID_BYTES])


def trusted_from_file(path: Path) -> tuple[Ed25519PublicKey, ...]:
    """The same from a file, whose comments are in any language. Raises OSError, SealMalformed."""
    try:
        return trusted_from_text(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SealMalformed("it is not UTF-8; save it as UTF-8") from error


def trusted_from_text(text: str) -> tuple[Ed25519PublicKey, ...]:
    """Public keys, one a line as :func:`public_key_text` writes them; what follows ``#`` is a comment.

    Raises SealMalformed with the number of the line that holds no key.
    """
    keys = []
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        try:
            raw = _from_base32(content, KEY_PREFIX)
            if raw[32:] != hashlib.sha256(raw[:32]).digest()[:KEY_ID_BYTES]:
                raise SealMalformed("it was mistyped")
            keys.append(Ed25519PublicKey.from_public_bytes(raw[:32]))
        except (SealMalformed, ValueError) as error:
            raise SealMalformed(f"line {number} is no public key of a terminal: {error}") from error
    return tuple(keys)


def _encode(claim: Claim) -> bytes:
    parts = []
    for name in _TEXTS:
        text = getattr(claim, name).encode()
        parts.append(bytes((len(text),)) + text)
    parts.append(struct.pack(">q", (claim.at - _EPOCH) // _MICROSECOND))
    if claim.amount_fen is not None:
        parts.append(struct.pack(">q", claim.amount_fen))
    return b"".join(parts)


def _decode(data: bytes) -> Claim:
    texts = []
    rest = data
    try:
        for _ in _TEXTS:
            length = rest[0]
            if len(rest) <= length:
                raise SealMalformed("the claim ends too early")
            texts.append(rest[1 : 1 + length].decode())
            rest = rest[1 + length :]
        numbers = struct.unpack(">q" if len(rest) == 8 else ">qq", rest)
        terminal, operation, service, outcome, card_tail = texts
        at = _EPOCH + numbers[0] * _MICROSECOND
        amount = numbers[1] if len(numbers) == 2 else None
        return Claim(terminal, operation, service, outcome, at, card_tail, amount)
    except (IndexError, ValueError, OverflowError, struct.error) as error:
        raise SealMalformed("the claim is not one of this program") from error


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")


def _from_base32(text: str, prefix: str) -> bytes:
    content = text.removeprefix(prefix)
    if content == text:
        raise SealMalformed(f"the text does not begin with {prefix}")
    try:
        data = base64.b32decode(content + "=" * (-len(content) % 8))
    except (binascii.Error, ValueError) as error:
        raise SealMalformed("the text has a character or a length that base32 has not") from error
    if _base32(data) != content:  # spare bits at the end, padding, small letters
        raise SealMalformed("the text is not as this program writes it")
    return data


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _load_key(path: Path) -> Ed25519PrivateKey:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise KeyUnusable(
                f"{path} is open to others (mode {mode:04o}): run `chmod 600 {path}`; "
                "if someone may have read it, delete it and let the terminal make a new one"
            )
        pem = file.read()
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"{path} holds no private key in PEM: restore it, or delete it to have one made") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path} holds a key of another kind than Ed25519: restore it, or delete it to have one made")
    return key
