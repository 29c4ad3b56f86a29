"""The text in the code of the out-of-order screen: a phone reads it, and only the terminal can have written it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import Condition, Health, Remedy
from kiosk.__main__ import main
from kiosk.receipts.seal import SealBroken, SealError, SealMalformed, SealUnknownKey, public_key_text
from kiosk.status import Visits
from kiosk.status.summary import FRESH, Summaries, Summary, read, sealed

KEY = Ed25519PrivateKey.generate()
TRUSTED = (KEY.public_key(),)
SUMMARY = Summary(
    "ZZ-0001",
    datetime(2026, 7, 15, 8, 0, tzinfo=UTC),
    "D01",
    "0.1.0",
    {"card": "OFFLINE/SUSPEND", "printer": "OK"},
    12,
)
TEXT = sealed(SUMMARY, KEY)


def test_a_phone_shows_words() -> None:
    assert TEXT.startswith("ZZ-0001 20260715T0800Z D01 V0.1.0 CARD:OFFLINE/SUSPEND PRINTER:OK VISITS:12 YBH1.")


def test_it_needs_only_what_a_code_packs_tightest() -> None:
    """ISO/IEC 18004, alphanumeric mode: else the code would be half as large again."""
    assert re.fullmatch(r"[0-9A-Z $%*+./:-]+", TEXT)
    assert len(TEXT) < 262, "version 9 at level M"


codes = st.from_regex(r"[A-Z][0-9]{2}", fullmatch=True)
states = st.from_regex(r"OK|[A-Z-]{2,15}/[A-Z]{4,12}", fullmatch=True)


@given(
    st.from_regex(r"[0-9A-Za-z-]{1,12}", fullmatch=True),
    st.datetimes(datetime(2024, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001  the zone comes below
    codes,
    st.dictionaries(st.sampled_from(["card", "idcard", "scanner", "printer", "pinpad"]), states),
    st.integers(0, 9999),
)
def test_what_was_signed_is_read(terminal: str, at: datetime, code: str, devices: dict[str, str], visits: int) -> None:
    whole = at.replace(second=0, microsecond=0, tzinfo=UTC)
    summary = Summary(terminal, whole, code, "0.1.0", devices, visits)
    assert read(sealed(summary, KEY), TRUSTED) == summary


def test_every_change_of_a_character_is_refused() -> None:
    for place, former in enumerate(TEXT):
        changed = TEXT[:place] + ("A" if former != "A" else "B") + TEXT[place + 1 :]
        with pytest.raises(SealError):
            read(changed, TRUSTED)
        with pytest.raises(SealError):
            read(TEXT[:place] + TEXT[place + 1 :], TRUSTED)


@given(st.text(max_size=300))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(SealError):
        read(text, TRUSTED)


def test_another_terminals_key_is_not_trusted() -> None:
    with pytest.raises(SealUnknownKey):
        read(TEXT, (Ed25519PrivateKey.generate().public_key(),))
    with pytest.raises(SealBroken):
        read(TEXT.replace("D01", "D02"), TRUSTED)
    with pytest.raises(SealMalformed):
        read("YBH1.AAAA", TRUSTED)


def test_the_text_stands_still_until_something_changes() -> None:
    now = datetime(2026, 7, 15, 8, 0, 30, tzinfo=UTC)
    summaries = Summaries("ZZ-0001", KEY, lambda: now)
    health = {"card": Health(Condition.OFFLINE, Remedy.RESET), "printer": Health(Condition.STARTING)}
    first = summaries.of("D01", health, Visits())
    assert "PRINTER" not in first, "nobody has asked it yet"
    now += timedelta(minutes=5)
    assert summaries.of("D01", health, Visits()) == first
    assert summaries.of("J01", health, Visits()) != first
    second = summaries.of("D01", health | {"printer": Health(Condition.ONLINE)}, Visits())
    assert "PRINTER:OK" in second
    now += FRESH
    third = read(summaries.of("D01", health, Visits()), TRUSTED)
    assert third.at == now.replace(second=0)


def test_an_older_clock_is_no_reason_for_an_older_text() -> None:
    now = datetime(2026, 7, 15, 8, 0, tzinfo=UTC)
    summaries = Summaries("ZZ-0001", KEY, lambda: now)
    summaries.of("D01", {}, Visits())
    now -= timedelta(hours=1)
    assert read(summaries.of("D01", {}, Visits()), TRUSTED).at == now


def test_the_command_reads_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = tmp_path / "keys"
    keys.write_text(public_key_text(KEY) + "\n")
    assert main(["status", "--verify", TEXT, "--trust", str(keys), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["genuine"], said["code"], said["devices"]["card"]) == (True, "D01", "OFFLINE/SUSPEND")
    assert main(["status", "--verify", TEXT, "--trust", str(keys)]) == 0
    assert "card         OFFLINE/SUSPEND" in capsys.readouterr().out
    assert main(["status", "--verify", TEXT.replace("D01", "D02"), "--trust", str(keys)]) == 1
    keys.write_text(public_key_text(Ed25519PrivateKey.generate()) + "\n")
    assert main(["status", "--verify", TEXT, "--trust", str(keys)]) == 3
    assert main(["status", "--verify", TEXT, "--trust", str(tmp_path / "none")]) == 2
