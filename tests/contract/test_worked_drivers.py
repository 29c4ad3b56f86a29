"""The guide's drivers, installed as distributions of their own: found, examined by every manner, certified."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers import registry
from drivers.api import Condition, IdCardReader, Printer
from drivers.contract import samples
from drivers.contract.card_reader import MANNERS as CARD_MANNERS
from drivers.contract.certificate import KINDS
from drivers.contract.id_reader import MANNERS as ID_MANNERS
from drivers.contract.id_reader import IdBench
from drivers.contract.manners import Bench, Evidence, Patience, Verdict, judge
from drivers.contract.printer import MANNERS as PRINTER_MANNERS
from drivers.contract.printer import PrinterBench
from drivers.contract.simulated import SimulatedIdHands, closing
from drivers.contract.simulated_printers import SimulatedPrinterHands
from drivers.idcard.virtual import VirtualIdReader
from drivers.printer.virtual import VirtualPrinter
from tests.helpers.manners import AnyBench, AnyManner
from tests.helpers.worked_examples import GUIDE, installed

CALL_S = 0.5
READING = Patience(still_s=0.2)
PAGE_S = 2.0


class NarrowHands(SimulatedPrinterHands):
    """Hands that read a slip by its words: on narrow paper they stand elsewhere, and a drawn QR code has no text."""

    async def slips(self, *texts: str) -> bool:
        came = [_words(text) for text in self._slips()]
        return len(came) == len(texts) and all(
            got == wanted or (got.endswith(wanted) and samples.END_OF_SLIP not in got)
            for got, wanted in zip(came, map(_words, texts), strict=True)
        )


def _words(text: str) -> str:
    return re.sub(r"\[(QR|picture) [^]]*\]|[\s-]", "", text)


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], IdCardReader]:
    """The example, with less patience than in a hall."""
    installed("reader", tmp_path / "site", monkeypatch)
    module = importlib.import_module("acme_kiosk.idcard")

    def driver(port: str) -> IdCardReader:
        made: IdCardReader = module.AcmeIdReader(port, poll_s=0.02, call_s=CALL_S)
        return made

    return driver


@pytest.fixture
def bolong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Printer]:
    installed("printer", tmp_path / "site", monkeypatch)
    module = importlib.import_module("bolong_kiosk")

    def driver(url: str) -> Printer:
        made: Printer = module.EscposPrinter(url, module.BL58, deadline_s=PAGE_S, answer_s=0.3)
        return made

    return driver


async def _broken(manners: Sequence[AnyManner], bench: AnyBench) -> list[Evidence]:
    """Every manner played, those that count what the process holds alone afterwards; what is not kept."""
    together = [judge(manner, bench) for manner in manners if not manner.alone]
    found = [*await asyncio.gather(*together)]
    for manner in manners:
        if manner.alone:
            found.append(await judge(manner, bench))
    assert len(found) == len(manners) >= 20
    return [evidence for evidence in found if evidence.verdict is not Verdict.KEPT]


async def test_the_reader_keeps_every_manner(acme: Callable[[str], IdCardReader]) -> None:
    @asynccontextmanager
    async def bench() -> AsyncIterator[IdBench]:
        async with VirtualIdReader() as pad, closing(reader := acme(pad.port)):
            await reader.health()  # its child runs: what the hands do next happens to a driver that looks
            yield Bench(reader, SimulatedIdHands(pad), lambda: acme(pad.port), READING)

    assert await _broken(ID_MANNERS, bench) == []


async def test_the_card_reader_keeps_every_manner_on_the_bench_of_the_guide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed("card", tmp_path / "site", monkeypatch)
    bench = importlib.import_module("bench")
    try:
        assert bench.MANNERS is CARD_MANNERS
        assert await _broken(CARD_MANNERS, bench.bench) == []
        reader = registry.build(registry.CARD_READERS, "box:127.0.0.1:9")
        assert (await reader.health()).condition is Condition.OFFLINE
        with pytest.raises(registry.UnknownDriver, match="needs host and port"):
            registry.build(registry.CARD_READERS, "box:")
    finally:
        del sys.modules["bench"], sys.modules["boxed_kiosk"]


async def test_the_guides_bench_is_one(acme: Callable[[str], IdCardReader]) -> None:
    """The block of the guide that plays the manners before there is a device, with the three quickest of them."""
    (block,) = re.findall(r"```python\n(from contextlib.*?)```", GUIDE.read_text("utf-8"), re.S)
    names: dict[str, Any] = {"AcmeIdReader": sys.modules["acme_kiosk.idcard"].__dict__["AcmeIdReader"]}
    exec(compile(block, GUIDE.name, "exec"), names)
    assert names["MANNERS"] is ID_MANNERS
    quick = ("healthy", "two-may-not-wait", "left-lying-is-not-read-twice")
    names["MANNERS"] = [manner for manner in ID_MANNERS if manner.name in quick]
    assert len(names["MANNERS"]) == len(quick)
    await names["test_manners"]()


def test_the_guide_counts_the_manners_as_they_are() -> None:
    told = re.findall(r"\| (\d+), `drivers/contract/\w+\.py` \|", GUIDE.read_text("utf-8"))
    assert [int(count) for count in told] == [len(kind.manners) for kind in KINDS.values()]
    virtual = sum(len(kind.manners) * len(kind.virtual) for kind in KINDS.values())
    assert f"before our peers ({virtual} manners" in GUIDE.read_text("utf-8")


async def test_the_printer_keeps_every_manner(bolong: Callable[[str], Printer]) -> None:
    @asynccontextmanager
    async def bench() -> AsyncIterator[PrinterBench]:
        virtual = VirtualPrinter(seconds_per_page=0.04, knows_clear=False)
        await virtual.start()
        hands = NarrowHands(
            virtual,
            lambda: [slip.text for slip in virtual.receipts],
            lambda: (virtual.unprinted, len(virtual.receipts), len(virtual.hanging.marks)),
        )
        try:
            async with closing(printer := bolong(virtual.url)):
                yield Bench(printer, hands, lambda: bolong(virtual.url), Patience(still_s=0.1))
        finally:
            await virtual.aclose()

    assert await _broken(PRINTER_MANNERS, bench) == []


async def test_the_reader_is_named_in_the_configuration_and_certified(
    acme: Callable[[str], IdCardReader], tmp_path: Path
) -> None:
    """As on the integrator's desk, with nobody at the terminal: what needs no hand is kept, the rest not tried."""
    async with VirtualIdReader() as pad:
        certify = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "kiosk", "certify", f"acme:{pad.port}", "--json"),
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join((str(tmp_path / "site"), os.environ.get("PYTHONPATH", ""))),
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await certify.communicate()
    (report,) = json.loads(told)["reports"]
    assert (report["distribution"], report["model"], report["firmware"]) == ("acme-kiosk 1.0", "Acme ID-7", "2.4")
    assert report["counts"]["broken"] == 0
    assert report["counts"]["kept"] >= 3
    assert certify.returncode == 0


def test_a_reader_without_its_port_is_a_mistake_in_the_configuration(acme: Callable[[str], IdCardReader]) -> None:
    with pytest.raises(registry.UnknownDriver, match="needs its port"):
        registry.build(registry.ID_READERS, "acme:")


async def test_the_printer_draws_what_its_font_has_not(bolong: Callable[[str], Printer]) -> None:
    virtual = VirtualPrinter(seconds_per_page=0.01, knows_clear=False)
    await virtual.start()
    try:
        async with closing(printer := registry.build(registry.PRINTERS, f"bolong:{virtual.url}")):
            await printer.print(samples.page("王喆 龑"))
        (slip,) = virtual.receipts
        assert not virtual.complaints
        assert slip.text == "[picture 384 x 32]"
    finally:
        await virtual.aclose()
