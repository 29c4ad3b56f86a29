"""A PIN sealed for the HSM: opened there, for that card and moment, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from drivers.card.authority import Algorithm, ChipIdentity
from kiosk.insurer.sealed_pin import SEALED, NotSealedForUs, PinOpener, PinSeal, binding

HSM = X25519PrivateKey.generate()
SEAL, OPENER = PinSeal(HSM.public_key()), PinOpener(HSM)
CHIP = ChipIdentity(Algorithm.SM4, bytes(16), bytes(8))
BOUND = binding(CHIP, bytes(8), bytes(5))


@given(st.text("0123456789", min_size=4, max_size=12))
def test_what_was_sealed_is_opened_by_the_hsm(digits: str) -> None:
    pin = bytearray(digits.encode())
    sealed = SEAL.seal(pin, BOUND)
    assert len(sealed) == SEALED, "the length tells nothing of the PIN"
    assert digits.encode() not in sealed
    assert OPENER.open(sealed, BOUND) == digits.encode()
    assert pin == digits.encode()


def test_the_same_pin_is_never_sealed_alike() -> None:
    assert SEAL.seal(bytearray(b"729416"), BOUND) != SEAL.seal(bytearray(b"729416"), BOUND)


@given(st.integers(0, SEALED - 1), st.integers(1, 255))
def test_a_sealed_pin_that_was_touched_is_not_opened(place: int, change: int) -> None:
    sealed = bytearray(SEAL.seal(bytearray(b"729416"), BOUND))
    sealed[place] ^= change
    with pytest.raises(NotSealedForUs):
        OPENER.open(bytes(sealed), BOUND)


@pytest.mark.parametrize(
    "other",
    [
        binding(ChipIdentity(Algorithm.TDES, bytes(16), bytes(8)), bytes(8), bytes(5)),
        binding(ChipIdentity(Algorithm.SM4, bytes(15) + b"\1", bytes(8)), bytes(8), bytes(5)),
        binding(CHIP, bytes(7) + b"\1", bytes(5)),
        binding(CHIP, bytes(8), bytes(4) + b"\1"),
        binding(CHIP, bytes(4), bytes(9)),
    ],
)
def test_it_belongs_to_one_card_and_one_moment(other: bytes) -> None:
    sealed = SEAL.seal(bytearray(b"729416"), BOUND)
    with pytest.raises(NotSealedForUs):
        OPENER.open(sealed, other)


def test_another_hsm_cannot_open_it() -> None:
    with pytest.raises(NotSealedForUs):
        PinOpener(X25519PrivateKey.generate()).open(SEAL.seal(bytearray(b"729416"), BOUND), BOUND)


@pytest.mark.parametrize("sealed", [b"", bytes(SEALED - 1), bytes(SEALED), bytes(SEALED + 1)])
def test_nonsense_is_not_opened(sealed: bytes) -> None:
    with pytest.raises(NotSealedForUs):
        OPENER.open(sealed, BOUND)


@pytest.mark.parametrize("pin", [b"", b"123", b"1234567890123", b"12345x", b"\x31\x32\x33\x00"])
def test_what_is_no_pin_is_not_sealed(pin: bytes) -> None:
    with pytest.raises(ValueError, match="not a PIN"):
        SEAL.seal(bytearray(pin), BOUND)


def test_a_file_with_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    from kiosk.insurer import staging

    folder = staging.make(tmp_path / "papers", ["localhost"], [])
    with pytest.raises(ValueError, match="X25519"):
        PinSeal.load(_public_of_server(folder.server[1], tmp_path))
    with pytest.raises(ValueError, match="X25519"):
        PinOpener.load(folder.server[1])


def _public_of_server(key: Path, place: Path) -> Path:
    from cryptography.hazmat.primitives import serialization

    private = serialization.load_pem_private_key(key.read_bytes(), None)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    path = place / "public.pem"
    path.write_bytes(public)
    return path
