"""The cryptography that a social-security chip and the holder of its keys share.

It computes and keeps nothing: no key is stored here, and the terminal itself never calls it (the keys live in the
card and in the insurer's HSM).

Known from public drivers (docs/protocols.md section 1.4): the city factor (six ASCII digits of the issuing region
and ``sx``) comes before the card factor (last 8 historical bytes); a session key is derived from the card's
challenge; external authentication sends ``cipher 8 ‖ source 8``; the PIN block is ``03 ‖ digits ‖ 80 00…`` of 8
bytes; the MAC covers ``header ‖ cryptogram``, is padded with ``80 00…``, starts from zero, and its first 4 bytes are
kept; Lc of a PIN reset is ``0C`` with 3DES and ``14`` with SM4, from which the PIN block of 16 bytes follows.

Our choice, because nothing public fixes it, and to be confirmed against the city's HSM before real cards are touched:
diversification is PBOC's (``E(factor) ‖ E(NOT factor)`` for 3DES, ``E(factor ‖ NOT factor)`` for SM4); the session
key is one more such step with the challenge as factor, as the PSAM command ``BF DE`` takes it last in its list of
factors; the 3DES MAC is algorithm 3 of ISO/IEC 9797-1 ("retail MAC"), the SM4 MAC is plain CBC; the SM4 cipher of
external authentication is the first half of the encrypted, padded source.
"""

from __future__ import annotations

from dataclasses import field

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from drivers.card.apdu import pin_digits, wipe
from drivers.card.authority import Algorithm, ChipIdentity
from drivers.frozen import dataclass

SOURCE = bytes(range(1, 9))
"""The source data ("原始信息") of external authentication: ``01 02 … 08``."""

MAC_LENGTH = 4

Bytes = bytes | bytearray


@dataclass(frozen=True, slots=True)
class ChipKeys:
    """The keys written into one chip: each its own, derived from a master key by city and card."""

    read: bytes = field(repr=False)
    """Key ``0A`` (RKSSSE), for external authentication before reading."""
    pin: bytes = field(repr=False)
    """Key ``06`` at the HSM's address ``0090``, for external authentication before PIN reset."""
    pin_message: bytes = field(repr=False)
    """The key at the HSM's address ``0173``, which encrypts the new PIN and makes the MAC."""


def block_size(algorithm: Algorithm) -> int:
    """Bytes to a multiple of which PIN blocks and MAC input are padded: 8 with 3DES, 16 with SM4."""
    return 16 if algorithm is Algorithm.SM4 else 8


def city_factor(identity: ChipIdentity) -> bytes:
    """``<six ASCII digits of the issuing region> "sx"``, e.g. ``34 31 30 31 30 30 73 78`` for Zhengzhou."""
    return identity.region.encode("ascii") + b"sx"


def chip_key(algorithm: Algorithm, master: bytes, identity: ChipIdentity) -> bytes:
    """A master key (16 bytes) diversified by city, then by card."""
    return diversify(algorithm, diversify(algorithm, master, city_factor(identity)), identity.historical)


def session_key(algorithm: Algorithm, key: bytes, challenge: bytes) -> bytes:
    """The key of one dialogue: bound to a challenge of the card, of 4, 8 or 16 bytes."""
    return diversify(algorithm, key, challenge.ljust(8, b"\0")[:8])


def diversify(algorithm: Algorithm, key: bytes, factor: bytes) -> bytes:
    """One level of diversification: 16 bytes of key and 8 of factor give 16 bytes of key."""
    if len(factor) != 8:
        raise ValueError("a diversification factor is 8 bytes")
    inverse = int.from_bytes(factor, "big") ^ 0xFFFF_FFFF_FFFF_FFFF
    return encrypt(algorithm, key, factor + inverse.to_bytes(8, "big"))


def encrypt(algorithm: Algorithm, key: bytes, data: Bytes) -> bytes:
    """ECB over whole blocks, as cards do it: what is encrypted here is one block, or random."""
    cipher = Cipher(_cipher(algorithm, key), modes.ECB())  # noqa: S305 - the card's own mode
    return cipher.encryptor().update(data)


def decrypt(algorithm: Algorithm, key: bytes, data: Bytes) -> bytearray:
    """The inverse of :func:`encrypt`, into a buffer that can be wiped."""
    cipher = Cipher(_cipher(algorithm, key), modes.ECB())  # noqa: S305 - the card's own mode
    clear = bytearray(len(data) + block_size(algorithm) - 1)
    length = cipher.decryptor().update_into(data, clear)
    del clear[length:]
    return clear


def external_cipher(algorithm: Algorithm, session: bytes, source: bytes = SOURCE) -> bytes:
    """The 8 bytes that prove to the card that we hold its key."""
    block = source if algorithm is Algorithm.TDES else bytes(pad(source, 16))
    return encrypt(algorithm, session, block)[:8]


def pad(data: Bytes, size: int) -> bytearray:
    """ISO 7816-4 padding: ``80 00 …`` to a whole number of blocks, always at least one byte."""
    padded = bytearray(data)
    padded.append(0x80)
    padded += bytes(-len(padded) % size)
    return padded


def pin_block(algorithm: Algorithm, pin: bytearray) -> bytearray:
    """``03 ‖ digits ‖ 80 00 …`` to one block; ``pin`` is ASCII digits. The caller wipes the result."""
    packed = pin_digits(pin)
    block = bytearray(block_size(algorithm))
    block[0] = len(packed)
    block[1 : 1 + len(packed)] = packed
    block[1 + len(packed)] = 0x80
    wipe(packed)
    return block


def mac(algorithm: Algorithm, key: bytes, message: Bytes) -> bytes:
    """The first 4 bytes of the MAC over a command, from an all-zero start value."""
    padded = pad(message, block_size(algorithm))
    if algorithm is Algorithm.SM4:
        return _cbc(SM4(key), padded)[-16:][:MAC_LENGTH]
    # Single DES with the left half up to the last block, whose encryption together with the final D(right), E(left)
    # is 3DES with the whole key.
    chained = _cbc(TripleDES(key[:8] * 3), padded[:-8])[-8:]
    last = int.from_bytes(chained, "big") ^ int.from_bytes(padded[-8:], "big")
    return encrypt(algorithm, key, last.to_bytes(8, "big"))[:MAC_LENGTH]


def protected_pin(algorithm: Algorithm, session: bytes, header: bytes, pin: bytearray) -> bytes:
    """Data of PIN RESET: ``encrypted PIN block ‖ MAC4``; ``header`` is CLA INS P1 P2 Lc."""
    block = pin_block(algorithm, pin)
    encrypted = encrypt(algorithm, session, block)
    wipe(block)
    return encrypted + mac(algorithm, session, header + encrypted)


def _cbc(cipher: TripleDES | SM4, data: Bytes) -> bytes:
    return Cipher(cipher, modes.CBC(bytes(cipher.block_size // 8))).encryptor().update(data)


def _cipher(algorithm: Algorithm, key: bytes) -> TripleDES | SM4:
    if len(key) != 16:
        raise ValueError("a key of this card is 16 bytes")
    return SM4(key) if algorithm is Algorithm.SM4 else TripleDES(key + key[:8])
