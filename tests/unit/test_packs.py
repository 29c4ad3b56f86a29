"""Policy packs: each figure with its source, each file with its owner, no two for one place."""

import base64
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from kiosk import policy
from kiosk.__main__ import main
from kiosk.packs import OWN, PolicyError, open_pack, read, refuse_later_than, sign

TODAY = date(2026, 12, 1)
ZHENGZHOU = (OWN / "zhengzhou.toml").read_bytes()
ANOTHER = ZHENGZHOU.replace(b'city = "zhengzhou"', b'city = "kaifeng"').replace(b'value = "4101"', b'value = "4102"')


def signed(folder: Path, content: bytes, key: Ed25519PrivateKey) -> Path:
    pack = folder / "pack.toml"
    pack.write_bytes(content)
    pack.with_name("pack.toml.sig").write_text(sign(content, key))
    return pack


def test_every_pack_of_the_program_can_be_used() -> None:
    for pack in OWN.glob("*.toml"):
        assert policy.load(pack.stem).city == pack.stem


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (b'source = "law"', b'source = "hearsay"', r"office\.adult_age\.source"),
        (b'source = "law", noted = 2026-11-21', b'source = "law"', r"office\.adult_age\.noted"),
        (b"noted = 2026-11-21, confirmed = false }\n# Somebody", b"noted = 2026-11-21 }\n# Somebody", "confirmed"),
        (b"[office]\n", b"[office]\nqueue = 3\n", r"office\.queue\.source"),
        (b'value = "4101"', b'value = "Zhengzhou"', "digits"),
    ],
)
def test_a_figure_that_nobody_answers_for_is_refused(before: bytes, after: bytes, says: str) -> None:
    assert before in ZHENGZHOU
    with pytest.raises(PolicyError, match=says):
        _ = read(Path("z.toml"), ZHENGZHOU.replace(before, after, 1)).prefixes


def test_a_day_to_come_is_refused_where_a_pack_is_written_and_not_on_a_terminal_whose_clock_is_wrong() -> None:
    pack = read(Path("z.toml"), ZHENGZHOU)
    refuse_later_than(TODAY, pack)
    with pytest.raises(PolicyError, match=r"noted must be the day on which it was written down, not a later one"):
        refuse_later_than(date(2019, 1, 1), pack)


def test_a_file_of_the_office_needs_a_signature_of_a_trusted_key(tmp_path: Path) -> None:
    office, stranger = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    pack = signed(tmp_path, ANOTHER, office)
    trusted = [stranger.public_key(), office.public_key()]
    assert open_pack(str(pack), trusted).city == "kaifeng"
    with pytest.raises(PolicyError, match="no trusted key"):
        open_pack(str(pack), [stranger.public_key()])
    pack.write_bytes(ANOTHER.replace(b"value = 18", b"value = 8"))
    with pytest.raises(PolicyError, match="no trusted key"):
        open_pack(str(pack), trusted)
    pack.with_name("pack.toml.sig").write_text("no sense")
    with pytest.raises(PolicyError, match="is no signature"):
        open_pack(str(pack), trusted)
    pack.with_name("pack.toml.sig").unlink()
    with pytest.raises(PolicyError, match="kiosk policy sign"):
        open_pack(str(pack), trusted)


def test_a_signature_does_not_stand_for_another_kind_of_text(tmp_path: Path) -> None:
    office = Ed25519PrivateKey.generate()
    pack = signed(tmp_path, ANOTHER, office)
    pack.with_name("pack.toml.sig").write_bytes(base64.b64encode(office.sign(ANOTHER)))
    with pytest.raises(PolicyError, match="no trusted key"):
        open_pack(str(pack), [office.public_key()])


def test_two_packs_for_one_place_clash_unless_one_stands_in_for_the_other(tmp_path: Path) -> None:
    office = Ed25519PrivateKey.generate()
    with pytest.raises(PolicyError, match=r"which zhengzhou\.toml does too"):
        open_pack(str(signed(tmp_path, ZHENGZHOU, office)), [office.public_key()])
    province = ANOTHER.replace(b'value = "4102"', b'value = "41"')
    with pytest.raises(PolicyError, match=r"which zhengzhou\.toml does too"):
        open_pack(str(signed(tmp_path, province, office)), [office.public_key()])
    own = ZHENGZHOU.replace(b"[policy]\n", b'[policy]\nreplaces = "zhengzhou"\n')
    assert open_pack(str(signed(tmp_path, own, office)), [office.public_key()]).city == "zhengzhou"
    same_name = ANOTHER.replace(b'city = "kaifeng"', b'city = "zhengzhou"')
    with pytest.raises(PolicyError, match="second pack"):
        open_pack(str(signed(tmp_path, same_name, office)), [office.public_key()])


@given(st.integers(0, len(ZHENGZHOU) - 1), st.binary(max_size=3))
def test_a_damaged_pack_is_an_error_that_names_the_file_or_still_a_whole_pack(at: int, other: bytes) -> None:
    refusal = ""
    try:
        read(Path("damaged.toml"), ZHENGZHOU[:at] + other + ZHENGZHOU[at + 1 :])
    except PolicyError as error:
        refusal = str(error)
    assert not refusal or "damaged.toml" in refusal


def test_the_office_signs_and_the_terminal_believes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack, key, keys = tmp_path / "kaifeng.toml", tmp_path / "office.pem", tmp_path / "keys.txt"
    pack.write_bytes(ANOTHER.replace(b"2026-11-21", b"2020-01-01"))  # whatever the clock of this machine says
    assert main(["policy", "check", str(pack)]) == 2
    assert "kiosk policy sign" in capsys.readouterr().err
    assert main(["policy", "sign", str(pack), "--key", str(key)]) == 0
    keys.write_text(capsys.readouterr().out.splitlines()[-1])
    assert main(["policy", "check", str(pack), "--keys", str(keys)]) == 0
    assert "not confirmed" in capsys.readouterr().out
    keys.chmod(0o666)
    assert main(["policy", "check", str(pack), "--keys", str(keys)]) == 2
    assert "chmod go-w" in capsys.readouterr().err
    assert main(["policy", "sign", str(OWN / "zhengzhou.toml"), "--key", str(key)]) == 2
