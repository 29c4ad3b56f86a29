"""``kiosk demo --headless``: what it shows, prints and writes down; it leaves nothing behind, however it ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drivers.card.pcscd import PcscdUnavailable, PrivatePcscd
from drivers.scanner import decode
from kiosk import __version__
from kiosk.insurer.people import population
from kiosk.receipts.seal import trusted_from_text, verify
from kiosk.simulation.citizen import NEW_PIN
from tests.helpers.wire import ROOT, Ended, kiosk, processes_with, start_kiosk

pytestmark = pytest.mark.system

VISITS = {
    "activation by ID card": ("activate", "activated", True),
    "activation by e-credential": ("activate", "activated", True),
    "password reset of a locked card": ("password", "pin_reset", True),
    "password change": ("password", "pin_changed", True),
    "balance with print": ("balance", "printed", True),
    "card reported lost": ("activate", "refused: lost", True),
    "card pulled in the middle": ("activate", "activated, password not set", True),
    "paper running out": ("balance", "printed on the screen: no paper", False),
}
"""Name: service, outcome, whether a slip comes out."""


@dataclass(frozen=True, slots=True)
class Played:
    ended: Ended
    out: Path
    summary: dict[str, Any]

    def receipts(self, ending: str) -> list[Path]:
        return sorted((self.out / "receipts").glob(f"*.{ending}"))


@pytest.fixture(scope="module")
def playing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The whole demonstration, once for all tests of this module: it takes its time and is begun before it is asked
    for, so that the others need not wait."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "tmp").mkdir()
    command = [sys.executable, "-m", "kiosk", "demo", "--headless", "--out", str(folder / "out")]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process, folder
        process.terminate()


@pytest.fixture(scope="module")
def played(playing: tuple[subprocess.Popen[str], Path]) -> Played:
    process, folder = playing
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, out + err
    assert_nothing_left(folder / "tmp")
    summary = json.loads((folder / "out" / "summary.json").read_text("utf-8"))
    return Played(Ended(process.returncode, out, err, 0.0), folder / "out", summary)


def assert_nothing_left(temporary: Path) -> None:
    """No directory of a private pcscd or of anything else, and no process that was given this place for its files."""
    assert sorted(path.name for path in temporary.iterdir()) == []
    assert processes_with(f"TMPDIR={temporary}\0") == []


# --- however it ends -------------------------------------------------------------------------------------------------


@pytest.fixture
async def temporary(tmp_path: Path, playing: object) -> AsyncIterator[Path]:
    folder = tmp_path / "tmp"
    folder.mkdir()
    yield folder
    assert_nothing_left(folder)


@pytest.mark.parametrize(("how", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["term", "int"])
async def test_a_demonstration_that_is_stopped_cleans_up(
    tmp_path: Path, temporary: Path, how: signal.Signals, status: int
) -> None:
    out = tmp_path / "out"
    process = await start_kiosk("demo", "--headless", "--out", str(out), env={"TMPDIR": str(temporary)})
    ending = asyncio.ensure_future(process.communicate())
    try:
        async with asyncio.timeout(30):
            while not list((out / "screens").glob("*InsertCard.png")) and not ending.done():
                await asyncio.sleep(0.1)
        process.send_signal(how)
        _, err = await asyncio.wait_for(asyncio.shield(ending), 15)
    finally:
        if process.returncode is None:
            process.kill()
        await asyncio.wait({ending})
    assert process.returncode == status
    assert b"Traceback" not in err, err.decode()


async def test_a_demonstration_that_breaks_off_cleans_up(tmp_path: Path, temporary: Path) -> None:
    """It finds out that it cannot write its pictures when all devices stand already."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "screens").write_text("a file where the folder should be")
    ended = await kiosk("demo", "--headless", "--out", str(out), env={"TMPDIR": str(temporary)})
    assert ended.status == 2
    assert "Traceback" not in ended.err
    assert str(out / "screens") in ended.err.splitlines()[-1]


async def test_a_demonstration_that_has_no_place_says_so(tmp_path: Path, temporary: Path) -> None:
    (tmp_path / "out").write_text("a file")
    ended = await kiosk("demo", "--headless", "--out", str(tmp_path / "out"), env={"TMPDIR": str(temporary)})
    assert ended.status == 2
    assert str(tmp_path / "out") in ended.complaint


# --- what is played, shown, printed and kept -------------------------------------------------------------------------


def test_the_summary_says_what_was_played(played: Played) -> None:
    summary = played.summary
    assert set(summary) == {"visits", "devices", "version"}
    assert summary["version"] == __version__
    assert {v["name"]: (v["service"], v["outcome"], v["slip"] is not None) for v in summary["visits"]} == VISITS
    for visit in summary["visits"]:
        assert set(visit) == {"name", "service", "outcome", "seconds", "screens", "slip"}
        assert 0 < visit["seconds"] < 60
        assert visit["screens"][0] == "Attract"
        assert len(visit["screens"]) > 3
        assert visit["slip"] is None or (played.out / visit["slip"]).is_file()
    assert set(summary["devices"]) == {"card", "idcard", "scanner", "printer", "wires"}
    for name in ("card", "idcard", "scanner", "printer"):
        assert summary["devices"][name]["condition"] == "online", name
    assert "camera over HTTP" in summary["devices"]["wires"]


async def test_the_card_was_behind_a_real_pcscd(played: Played) -> None:
    try:
        async with PrivatePcscd():
            pass
    except PcscdUnavailable as error:
        pytest.skip(f"no private pcscd here: {error}")
    assert "card behind a private pcscd" in played.summary["devices"]["wires"]


def test_every_screen_has_its_picture(played: Played) -> None:
    from PIL import Image

    pictures = sorted((played.out / "screens").glob("*.png"))
    pictured = {re.sub(r"^\d+-", "", path.stem).partition("-")[0] for path in pictures}
    seen = {name for visit in played.summary["visits"] for name in visit["screens"]}
    assert seen - pictured == set()
    assert {"Attract", "InsertCard", "LayIdCard", "ShowCode", "Review", "EnterPin", "Working", "Result"} <= pictured
    assert {"Menu", "KnowsPin", "Balance", "Movements", "Refusal", "PartialResult", "TakeCard", "Goodbye"} <= pictured
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.size == (1080, 1920), path.name
            colours = picture.convert("RGB").getcolors(1 << 21)
            assert colours is None or len(colours) > 50, f"{path.name}: nothing is painted"


def test_every_slip_is_genuine(played: Played) -> None:
    import numpy as np
    from PIL import Image

    trusted = trusted_from_text((played.out / "seal.pub").read_text("ascii"))
    pictures = played.receipts("png")
    assert len(pictures) == sum(slip for _, _, slip in VISITS.values())
    numbers = set()
    for path in pictures:
        assert path.with_suffix(".bin").stat().st_size > 1000
        with Image.open(path) as picture:
            paper = Image.new("L", picture.size, 255)
            paper.paste(picture.convert("L"), mask=picture.getchannel("A"))
        codes = [scan.text for scan in decode.read_thoroughly(np.asarray(paper))]
        assert len(codes) == 1, path.name
        claim = verify(codes[0], trusted)
        numbers.add(claim.operation)
        words = path.with_suffix(".txt").read_text("utf-8")
        assert claim.operation in words.replace("\n", ""), path.name
        assert claim.card_tail in words
    assert len(numbers) == len(pictures), "each slip has a number of its own"


async def test_the_program_itself_proves_a_slip(played: Played) -> None:
    codes = await kiosk("scan", str(played.receipts("png")[0]), "--json")
    text = json.loads(codes.out)["texts"][0]
    ended = await kiosk("verify-slip", text, "--trust", str(played.out / "seal.pub"))
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("genuine\n")


def test_nothing_personal_stands_in_what_is_kept(played: Played) -> None:
    texts = {
        "summary.json": (played.out / "summary.json").read_text("utf-8"),
        "stdout": played.ended.out,
        "stderr": played.ended.err,
        **{path.name: path.read_text("utf-8") for path in played.receipts("txt")},
    }
    raw = {path.name: path.read_bytes() for path in played.receipts("bin")}
    # The demonstration may have been begun before midnight.
    for sample in population(date.today()):  # noqa: DTZ011 - as the hall does
        secrets = {sample.person.name, sample.person.id_number, sample.chip.card_id.hex().upper(), sample.chip.number}
        for where, text in texts.items():
            for secret in secrets:
                assert secret not in text, where
        for where, content in raw.items():
            for secret in secrets:
                assert secret.encode("gb18030") not in content, where
    for pin in {NEW_PIN, "111119", *(sample.chip.pin for sample in population(date.today())[:40])}:  # noqa: DTZ011
        for where, text in texts.items():
            assert not re.search(rf"(?<!\d){pin}(?!\d)", text), where
