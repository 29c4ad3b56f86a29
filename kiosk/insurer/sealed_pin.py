"""A PIN on its way to the insurer's HSM: sealed for the HSM alone, below TLS and whatever ends TLS.

Nothing public fixes how a terminal hands a PIN to an HSM over a network; this is ours, and a platform that has a way of
its own replaces it. A fresh X25519 key agrees with the HSM's public key, HKDF-SHA256 makes an AES-256-GCM key of that,
and the chip, its challenge and the header of the command are bound to it, so that a sealed PIN is worth nothing for
another card or another moment. The digits are in bytearrays only, which are wiped before any method returns.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from drivers.card.authority import ChipIdentity

_BLOCK, _KEY, _TAG = 16, 32, 16
SEALED = _KEY + _BLOCK + _TAG
"""Bytes of a sealed PIN: the fresh public key, one block, the tag."""
_LONGEST = 12
"""Digits of a PIN (ISO 9564-1)."""
_NONCE = bytes(12)
"""Each key seals one block and is forgotten, so the nonce need not differ."""


class NotSealedForUs(Exception):
    """The sealed PIN cannot be opened: another key, another card, or tampered with."""


def binding(chip: ChipIdentity, challenge: bytes, header: bytes) -> bytes:
    """What a sealed PIN belongs to."""
    parts = (chip.algorithm.value.encode(), chip.card_id, chip.historical, challenge, header)
    return b"".join(len(part).to_bytes(2) + part for part in parts)


class PinSeal:
    """The terminal's side: the HSM's public key."""

    def __init__(self, public: X25519PublicKey) -> None:
        self._public = public

    @classmethod
    def load(cls, path: Path) -> PinSeal:
        """From a PEM file. Raises OSError, ValueError."""
        key = serialization.load_pem_public_key(path.read_bytes())
        if not isinstance(key, X25519PublicKey):
            raise ValueError("not an X25519 public key")
        return cls(key)

    def seal(self, pin: bytearray, bound_to: bytes) -> bytes:
        """``pin`` is ASCII digits and stays the caller's to wipe. Raises ValueError for what is not a PIN."""
        if not 4 <= len(pin) <= _LONGEST or any(not 0x30 <= digit <= 0x39 for digit in pin):
            raise ValueError("not a PIN")
        fresh = X25519PrivateKey.generate()
        ours = fresh.public_key().public_bytes_raw()
        key = _key(fresh.exchange(self._public), ours, self._public.public_bytes_raw())
        block = bytearray(_BLOCK)
        try:
            block[0] = len(pin)
            block[1 : 1 + len(pin)] = pin
            encryptor = Cipher(algorithms.AES(key), modes.GCM(_NONCE)).encryptor()
            encryptor.authenticate_additional_data(bound_to)
            sealed = bytearray(2 * _BLOCK)
            size = encryptor.update_into(block, sealed)
            encryptor.finalize()
            return ours + bytes(sealed[:size]) + encryptor.tag
        finally:
            block[:] = bytes(_BLOCK)


class PinOpener:
    """The HSM's side: its private key."""

    def __init__(self, private: X25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def load(cls, path: Path) -> PinOpener:
        """From a PEM file. Raises OSError, ValueError."""
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, X25519PrivateKey):
            raise ValueError("not an X25519 private key")
        return cls(key)

    def open(self, sealed: bytes, bound_to: bytes) -> bytearray:
        """The digits; the caller wipes them. Raises NotSealedForUs."""
        if len(sealed) != SEALED:
            raise NotSealedForUs
        theirs, cipher, tag = sealed[:_KEY], sealed[_KEY:-_TAG], sealed[-_TAG:]
        block = bytearray(2 * _BLOCK)
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(theirs))
            key = _key(shared, theirs, self._private.public_key().public_bytes_raw())
            decryptor = Cipher(algorithms.AES(key), modes.GCM(_NONCE, tag)).decryptor()
            decryptor.authenticate_additional_data(bound_to)
            decryptor.update_into(cipher, block)
            decryptor.finalize()
            if not 4 <= block[0] <= _LONGEST:
                raise NotSealedForUs
            return block[1 : 1 + block[0]]
        except (InvalidTag, ValueError):
            raise NotSealedForUs from None
        finally:
            block[:] = bytes(len(block))


def _key(shared: bytes, fresh: bytes, hsm: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _KEY, salt=None, info=b"kiosk PIN to HSM 1" + fresh + hsm).derive(shared)
