"""The seal of a slip: round trips, every mutation, the keys' files and texts."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import compose
from kiosk.__main__ import main
from kiosk.config import ConfigError
from kiosk.receipts.seal import (
    PREFIX,
    Claim,
    KeyUnusable,
    SealBroken,
    SealError,
    SealMalformed,
    SealUnknownKey,
    key_id,
    load_or_create_key,
    public_key_text,
    seal,
    trusted_from_text,
    verify,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key()
CLAIM = Claim(
    terminal="ZZ-JS-0107",
    operation="20260305102431000042",
    service="activate",
    outcome="done",
    at=datetime(2026, 3, 5, 10, 24, 31, tzinfo=timezone(timedelta(hours=8))),
    card_tail="8712",
    amount_fen=None,
)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.=abz -/中"

texts = st.text(st.characters(codec="utf-8"), max_size=60)
claims = st.builds(
    Claim,
    terminal=texts,
    operation=texts,
    service=texts,
    outcome=texts,
    at=st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.timezones()),  # noqa: DTZ001
    card_tail=st.text(st.characters(codec="utf-8"), max_size=4),
    amount_fen=st.none() | st.integers(-(2**63), 2**63 - 1),
)


@given(claims)
@settings(deadline=None)
def test_any_claim_comes_back(claim: Claim) -> None:
    text = seal(claim, KEY)
    assert verify(text, [OTHER.public_key(), PUBLIC]) == claim
    assert seal(verify(text, [PUBLIC]), KEY) == text


def test_a_sealed_text_suits_the_alphanumeric_mode_and_stays_short() -> None:
    text = seal(CLAIM, KEY)
    assert text.startswith("YB1.")
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567.1")
    assert len(text) <= 220
    assert base64.b32decode(text[4:12])[:4] == key_id(PUBLIC)


def test_every_change_of_one_character_is_refused() -> None:
    text = seal(CLAIM, KEY)
    for at, char in enumerate(text):
        for other in ALPHABET:
            if other != char:
                with pytest.raises(SealError):
                    verify(text[:at] + other + text[at + 1 :], [PUBLIC])


@given(st.data())
@settings(deadline=None)
def test_so_is_losing_or_adding_characters(data: st.DataObject) -> None:
    text = seal(CLAIM, KEY)
    at = data.draw(st.integers(0, len(text)))
    added = data.draw(st.text(min_size=1, max_size=9))
    with pytest.raises(SealError):
        verify(text[:at] + added + text[at:], [PUBLIC])
    if at < len(text):
        with pytest.raises(SealError):
            verify(text[:at] + text[at + data.draw(st.integers(1, 9)) :], [PUBLIC])


@given(st.text() | st.text().map(PREFIX.__add__) | st.binary().map(lambda b: PREFIX + base64.b32encode(b).decode()))
def test_no_text_makes_it_fail(text: str) -> None:
    with pytest.raises(SealError):
        verify(text, [PUBLIC])


def test_each_refusal_has_its_own_name() -> None:
    text = seal(CLAIM, KEY)
    with pytest.raises(SealUnknownKey) as unknown:
        verify(text, [OTHER.public_key()])
    assert unknown.value.key_id == key_id(PUBLIC).hex()
    with pytest.raises(SealBroken):
        verify(text[:40] + ("A" if text[40] != "A" else "B") + text[41:], [PUBLIC])
    for malformed in ("", "YB2." + text[4:], text.lower(), text + "=", text[:20], " " + text):
        with pytest.raises(SealMalformed):
            verify(malformed, [PUBLIC])


def test_a_well_signed_text_that_is_no_claim_is_malformed() -> None:
    for content in (b"", b"\x05abc", b"\x00" * 5 + b"short", b"\x00" * 5 + b"\x7f" + b"\xff" * 7):
        body = key_id(PUBLIC) + content
        signed = body + KEY.sign(PREFIX.encode() + body)
        with pytest.raises(SealMalformed):
            verify(PREFIX + base64.b32encode(signed).decode().rstrip("="), [PUBLIC])


@pytest.mark.parametrize(
    "change",
    [
        {"at": datetime(2026, 3, 5)},  # noqa: DTZ001
        {"at": datetime.min.replace(tzinfo=timezone(timedelta(hours=8)))},
        {"card_tail": "68712"},
        {"terminal": "x" * 256},
        {"outcome": "\ud800"},
        {"amount_fen": 2**63},
    ],
)
def test_what_cannot_be_sealed_is_refused_at_once(change: dict[str, object]) -> None:
    values = {"terminal": "t", "operation": "o", "service": "s", "outcome": "d", "at": CLAIM.at, "card_tail": ""}
    with pytest.raises(ValueError, match=r".+"):
        Claim(**{**values, **change})  # type: ignore[arg-type]


def test_the_time_is_kept_in_utc() -> None:
    assert CLAIM.at == datetime(2026, 3, 5, 2, 24, 31, tzinfo=UTC)
    assert CLAIM.at.tzinfo is UTC


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "seal.pem"
    made = load_or_create_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert public_key_text(load_or_create_key(path)) == public_key_text(made)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_key_that_others_can_reach_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "seal.pem"
    load_or_create_key(path)
    path.chmod(mode)
    with pytest.raises(KeyUnusable, match=f"chmod 600 {path}"):
        load_or_create_key(path)


def test_other_keys_and_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "seal.pem"
    path.write_text("hello")
    path.chmod(0o600)
    with pytest.raises(KeyUnusable, match="no private key"):
        load_or_create_key(path)
    other = generate_private_key(SECP256R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(KeyUnusable, match="Ed25519"):
        load_or_create_key(path)
    with pytest.raises(KeyUnusable, match="write"):
        load_or_create_key(tmp_path / "none" / "seal.pem")


def test_public_keys_travel_as_text() -> None:
    text = f"# hall 1\n{public_key_text(KEY)}  # terminal 7\n\n{public_key_text(OTHER.public_key())}\n"
    trusted = trusted_from_text(text)
    assert [key_id(key) for key in trusted] == [key_id(PUBLIC), key_id(OTHER.public_key())]
    assert verify(seal(CLAIM, KEY), trusted) == CLAIM


def test_a_mistyped_public_key_is_found_with_its_line() -> None:
    good = public_key_text(KEY)
    for at in range(len(good)):
        wrong = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]
        with pytest.raises(SealMalformed, match="line 2"):
            trusted_from_text("#\n" + wrong)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_keys_are_read_whatever_language_their_comments_are_in(
    mark: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also with the mark that some editors put before the first line."""
    key = load_or_create_key(tmp_path / "seal.pem")
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{mark}# 郑州市民之家 3 号机\n{public_key_text(key)}  # 一楼\n", "utf-8")
    keys.chmod(0o644)
    assert [public_key_text(each) for each in compose.trusted_keys(keys)] == [public_key_text(key)]
    for words in (["verify-slip", "YB1.x"], ["status", "--verify", "x YBH1.x"]):
        assert main([*words, "--trust", str(keys)]) == 1
        assert "not genuine" in capsys.readouterr().err
    export = tmp_path / "e.jsonl"
    export.write_text("{}\n")
    assert main(["journal", "verify", str(export), "--key", str(keys)]) == 2
    assert "no public key" not in capsys.readouterr().err
    keys.write_bytes("# 郑州\n".encode("gb18030"))
    assert main(["verify-slip", "YB1.x", "--trust", str(keys)]) == 2
    assert "it is not UTF-8; save it as UTF-8" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="UTF-8"):
        compose.trusted_keys(keys)
