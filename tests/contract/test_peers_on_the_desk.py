"""Drivers of others before the peers behind pcscd and CUPS (``kiosk certify --peer``): a good one passes, a broken one
is named, and a machine that lacks something says what."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers import registry
from drivers.card import pcscd
from drivers.contract.certificate import KINDS, desk_examination, hardware_examination
from drivers.contract.manners import Verdict, judge
from drivers.printer import virtual_cups
from drivers.printer.cups import PRINT_S
from kiosk.__main__ import main
from tests.helpers.cups import why_no_cups

THEIRS = """
import asyncio
from drivers.card.pcsc import PcscCardReader
from drivers.printer.cups import CupsPrinter

class Reader:
    def __init__(self, inner):
        self.inner = inner
        self.health, self.close = inner.health, inner.close

    async def card(self):
        return Powered(await self.inner.card())

class Powered:
    def __init__(self, inner):
        self.inner = inner
        self.transmit, self.removed = inner.transmit, inner.removed

    @property
    def atr(self):
        return self.inner.atr

    async def release(self):
        pass

def keeps_the_power(name):
    return Reader(PcscCardReader(name))

class PrintsOn(CupsPrinter):
    async def print(self, page):
        await asyncio.shield(asyncio.ensure_future(super().print(page)))

def queue(address):
    name, _, server = address.partition("@")
    return CupsPrinter(name, server, deadline_s=4.0, answer_s=1.0)

def prints_on(address):
    name, _, server = address.partition("@")
    return PrintsOn(name, server, deadline_s=4.0, answer_s=1.0)
"""


@pytest.fixture(autouse=True)
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "their_kiosk_drivers.py").write_text(THEIRS, "utf-8")
    info = tmp_path / "their_kiosk-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-kiosk\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(
        "[yibao_kiosk.card_readers]\nkeeps = their_kiosk_drivers:keeps_the_power\n"
        "[yibao_kiosk.printers]\n"
        "queue = their_kiosk_drivers:queue\nlate = their_kiosk_drivers:prints_on\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield
    sys.modules.pop("their_kiosk_drivers", None)


async def _examined(kind: str, driver: str, peer: str, *names: str) -> dict[str, Verdict]:
    """By the manners named, or by all of the kind."""
    examination = desk_examination(kind, driver, "9", peer)
    found = {}
    for manner in KINDS[kind].manners:
        if not names or manner.name in names:
            evidence = await judge(manner, examination.bench, limit_s=examination.limit_s)
            if "no private pcscd" in evidence.why:
                pytest.skip(evidence.why)
            found[manner.name] = evidence.verdict
    assert len(found) == (len(names) or len(KINDS[kind].manners))
    return found


CARD = ("card-comes", "release-frees-the-card", "lost-while-waiting", "close-gives-everything-back")


@pytest.mark.system
async def test_a_card_reader_behind_pcscd() -> None:
    assert set((await _examined("card", "pcsc:{}", "card", *CARD)).values()) == {Verdict.KEPT}
    broken = await _examined("card", "keeps:{}", "card", *CARD)
    assert broken["card-comes"] is Verdict.KEPT
    assert broken["release-frees-the-card"] is Verdict.BROKEN


IN_PROCESS = """
import asyncio, sys
from smartcard import scard
from drivers.contract.manners import NotTried
from drivers.contract.simulated import before_card

class Reader:
    async def close(self): pass

async def main():
    for _ in range(2):
        async with before_card(lambda name: Reader()):
            result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
            assert result == 0, hex(result & 0xFFFFFFFF)
            scard.SCardReleaseContext(context)

try:
    asyncio.run(main())
except NotTried:
    sys.exit(77)
"""


@pytest.mark.system
def test_a_library_in_this_process_finds_the_service_of_every_manner() -> None:
    """libpcsclite asks for the service's place once in a process; each manner has a service of its own."""
    played = subprocess.run([sys.executable, "-c", IN_PROCESS], capture_output=True, text=True, timeout=60, check=False)
    if played.returncode == 77:
        pytest.skip("no private pcscd here")
    assert played.returncode == 0, played.stderr


@pytest.mark.system
@pytest.mark.skipif(bool(why_no_cups()), reason=why_no_cups())
async def test_a_printer_behind_cups() -> None:
    """What a printer cannot tell at rest is not tried; a page that is out cannot be read, only counted."""
    good = await _examined("printer", "queue:{}", "cups")
    assert Verdict.BROKEN not in good.values()
    for name in ("returns-when-the-paper-is-out", "cancelled-page-is-not-printed-later", "no-paper-during-a-page"):
        assert good[name] is Verdict.KEPT
    late = "cancelled-page-is-not-printed-later"
    assert await _examined("printer", "late:{}", "cups", late) == {late: Verdict.BROKEN}
    assert desk_examination("printer", "queue:{}", "9", "cups").hands.endswith("virtual:cups (pages counted, not read)")


@pytest.mark.parametrize(
    ("words", "lacks", "says"),
    [
        (
            ("pcsc:{}", "--peer", "card"),
            lambda patch: patch.setattr(pcscd, "_DRIVER", "libifd-of-nobody.so"),
            "virtual:card: no private pcscd here: the reader driver libifd-of-nobody.so",
        ),
        (
            ("cups:{}", "--peer", "cups"),
            lambda patch: patch.setattr(virtual_cups, "CUPSD", "/nowhere/cupsd"),
            "virtual:cups: cupsd is missing: apt-get install cups-daemon",
        ),
    ],
)
def test_what_this_machine_lacks_is_one_line(
    words: tuple[str, ...],
    lacks: Callable[[pytest.MonkeyPatch], None],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lacks(monkeypatch)
    assert main(["certify", *words]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert (len(said.err.splitlines()), said.out) == (1, "")


class Nobody:
    async def do(self, what: str) -> None:
        pass

    async def sees(self, question: str) -> bool:
        return True


async def test_a_page_in_a_queue_has_the_time_that_it_was_promised() -> None:
    """A cold laser printer warms up for half a minute: longer than any receipt printer may take."""
    async with hardware_examination("printer", "cups:office", "9", Nobody()).bench() as bench:
        assert isinstance(bench.driver, type(registry.build(registry.PRINTERS, "cups:office")))
        assert bench.patience.page_s > PRINT_S
    async with hardware_examination("printer", "escpos:tcp://127.0.0.1:9", "9", Nobody()).bench() as bench:
        assert bench.patience.page_s < PRINT_S
