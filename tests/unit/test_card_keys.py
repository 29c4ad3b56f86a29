"""The chip's cryptography against values made by other means than the code under test."""

from __future__ import annotations

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from drivers.card import keys
from drivers.card.authority import Algorithm, ChipIdentity

MASTER = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
IDENTITY = ChipIdentity(Algorithm.TDES, bytes.fromhex("410100") + bytes(13), bytes.fromhex("8654100000000001"))


def des(key: bytes, block: bytes, *, undo: bool = False) -> bytes:
    cipher = Cipher(TripleDES(key * 3), modes.ECB())
    return (cipher.decryptor() if undo else cipher.encryptor()).update(block)


def tdes(key: bytes, block: bytes) -> bytes:
    return des(key[:8], des(key[8:], des(key[:8], block), undo=True))


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def test_sm4_is_sm4() -> None:
    """The example of GB/T 32907-2016, appendix A."""
    assert keys.encrypt(Algorithm.SM4, MASTER, MASTER).hex() == "681edf34d206965e86b3e94f536e4246"


def test_retail_mac_is_that_of_the_standard() -> None:
    """ISO/IEC 9797-1 annex B, MAC algorithm 3, padding method 2."""
    assert keys.mac(Algorithm.TDES, MASTER, b"Now is the time for all ").hex() == "e9086230"


def test_city_factor_of_zhengzhou() -> None:
    assert keys.city_factor(IDENTITY).hex() == "3431303130307378"


def test_3des_key_of_a_chip_step_by_step() -> None:
    city, card = b"410100sx", IDENTITY.historical
    first = tdes(MASTER, city) + tdes(MASTER, xor(city, b"\xff" * 8))
    second = tdes(first, card) + tdes(first, xor(card, b"\xff" * 8))
    assert keys.chip_key(Algorithm.TDES, MASTER, IDENTITY) == second


def test_sm4_key_of_a_chip_step_by_step() -> None:
    def step(key: bytes, factor: bytes) -> bytes:
        return Cipher(SM4(key), modes.ECB()).encryptor().update(factor + xor(factor, b"\xff" * 8))

    expected = step(step(MASTER, b"410100sx"), IDENTITY.historical)
    assert keys.chip_key(Algorithm.SM4, MASTER, IDENTITY) == expected


@pytest.mark.parametrize(
    ("algorithm", "block"),
    [(Algorithm.TDES, "0312345680000000"), (Algorithm.SM4, "03123456800000000000000000000000")],
)
def test_pin_block(algorithm: Algorithm, block: str) -> None:
    assert keys.pin_block(algorithm, bytearray(b"123456")).hex() == block


def test_sm4_mac_by_hand() -> None:
    message = bytes.fromhex("8424000114") + bytes(range(16))
    padded = message + b"\x80" + bytes(10)
    state = bytes(16)
    for start in (0, 16):
        state = Cipher(SM4(MASTER), modes.ECB()).encryptor().update(xor(state, padded[start : start + 16]))
    assert keys.mac(Algorithm.SM4, MASTER, message) == state[:4]


def test_protected_pin_by_hand() -> None:
    header = bytes.fromhex("842400010C")
    encrypted = tdes(MASTER, bytes.fromhex("0378899080000000"))
    first = des(MASTER[:8], header + encrypted[:3])
    last = des(MASTER[:8], xor(first, encrypted[3:] + b"\x80\0\0"))
    mac = des(MASTER[:8], des(MASTER[8:], last, undo=True))[:4]
    assert keys.protected_pin(Algorithm.TDES, MASTER, header, bytearray(b"788990")) == encrypted + mac


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_decrypt_undoes_encrypt(algorithm: Algorithm) -> None:
    assert keys.decrypt(algorithm, MASTER, keys.encrypt(algorithm, MASTER, bytes(range(32)))) == bytes(range(32))


@pytest.mark.parametrize("size", [1, 7, 8, 9, 15, 16])
def test_the_mac_of_a_short_message_by_hand(size: int) -> None:
    message = bytes(range(size))
    padded = bytes(keys.pad(message, 8))
    chained = bytes(8)
    for at in range(0, len(padded) - 8, 8):
        chained = des(MASTER[:8], xor(chained, padded[at : at + 8]))
    assert keys.mac(Algorithm.TDES, MASTER, message) == tdes(MASTER, xor(chained, padded[-8:]))[:4]


def test_what_is_no_key_and_no_factor_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        keys.encrypt(Algorithm.SM4, MASTER + MASTER, bytes(16))
    with pytest.raises(ValueError, match="8 bytes"):
        keys.diversify(Algorithm.TDES, MASTER, bytes(7))


def test_no_key_shows_in_a_log() -> None:
    shown = repr(keys.ChipKeys(read=b"READ KEY", pin=b"PIN KEY", pin_message=b"MESSAGE KEY"))
    assert "KEY" not in shown
