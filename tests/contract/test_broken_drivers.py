"""Drivers that break one promise each: the examination has to name it. A test that cannot fail proves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from drivers.api import (
    Card,
    CardReader,
    DeviceLost,
    DocumentLifted,
    Frame,
    Health,
    IdDocument,
    MuteCard,
    NoPaper,
    Page,
    Paper,
    PrinterError,
    PrinterStatus,
    PulledEarly,
    Response,
    Scan,
)
from drivers.card.mock import MockCardReader, MockCardSlot
from drivers.contract.card_reader import CardBench
from drivers.contract.certificate import KINDS, AnyBench, Examination, Report, entry
from drivers.contract.id_reader import IdBench
from drivers.contract.manners import Bench, Verdict, judge
from drivers.contract.printer import PrinterBench
from drivers.contract.scanner import ScannerBench
from drivers.contract.simulated import QUICK, SimulatedIdHands, SimulatedScannerHands, card_mock
from drivers.contract.simulated_printers import SimulatedPrinterHands
from drivers.idcard.mock import MockIdCardReader
from drivers.printer.mock import MockPrinter
from drivers.scanner.mock import MockScanner

# --- card readers ----------------------------------------------------------------------------------------------------


class CardBehind:
    """A card whose driver can be broken."""

    def __init__(self, card: Card) -> None:
        self.inner = card

    @property
    def atr(self) -> bytes:
        return self.inner.atr

    async def transmit(self, apdu: bytes) -> Response:
        return await self.inner.transmit(apdu)

    async def removed(self) -> None:
        await self.inner.removed()

    async def release(self) -> None:
        await self.inner.release()


class ReaderBehind:
    """A reader in order, to be broken by a subclass."""

    of_card: type[CardBehind] = CardBehind

    def __init__(self, inner: CardReader) -> None:
        self.inner = inner

    async def health(self) -> Health:
        return await self.inner.health()

    async def close(self) -> None:
        await self.inner.close()

    async def card(self) -> Card:
        return self.of_card(await self.inner.card())


class SuccessAfterPull(ReaderBehind):
    class of_card(CardBehind):  # noqa: N801
        async def transmit(self, apdu: bytes) -> Response:
            try:
                return await self.inner.transmit(apdu)
            except PulledEarly:
                return Response(b"", 0x9000)


class DroppedAnswerIsSuccess(ReaderBehind):
    class of_card(CardBehind):  # noqa: N801
        async def transmit(self, apdu: bytes) -> Response:
            try:
                return await self.inner.transmit(apdu)
            except MuteCard:
                return Response(b"", 0x9000)


class KeepsThePower(ReaderBehind):
    class of_card(CardBehind):  # noqa: N801
        async def release(self) -> None:
            pass


class ToldRemovedAtOnce(ReaderBehind):
    class of_card(CardBehind):  # noqa: N801
        async def removed(self) -> None:
            pass


class NeverToldRemoved(ReaderBehind):
    class of_card(CardBehind):  # noqa: N801
        async def removed(self) -> None:
            await asyncio.Event().wait()


class SecondWaiterAllowed(ReaderBehind):
    async def card(self) -> Card:
        while True:
            try:
                return await super().card()
            except RuntimeError:
                await asyncio.sleep(0.01)


class WaitNotCancellable(ReaderBehind):
    async def card(self) -> Card:
        try:
            return await super().card()
        except asyncio.CancelledError:
            await asyncio.sleep(1.2)  # as a thread does that nobody can interrupt
            return await super().card()


class HealthRaises(ReaderBehind):
    async def health(self) -> Health:
        found = await super().health()
        if not found.usable:
            raise DeviceLost("unplugged")
        return found


class AlwaysHealthy(ReaderBehind):
    async def health(self) -> Health:
        found = await super().health()
        return Health(type(found.condition).ONLINE, model="always well")


class ToldMuteForEver(ReaderBehind):
    mute = False

    async def card(self) -> Card:
        if self.mute:
            raise MuteCard("no answer to reset")
        try:
            return await super().card()
        except MuteCard:
            self.mute = True
            raise


class CloseLeaksATask(ReaderBehind):
    left: asyncio.Task[None] | None = None

    async def card(self) -> Card:
        if self.left is None or self.left.done():
            self.left = asyncio.create_task(asyncio.sleep(2.5), name="forgotten")
        return await super().card()


class CloseLeavesTheWaiter(ReaderBehind):
    async def close(self) -> None:
        pass


def card_bench(broken: type[ReaderBehind]) -> Callable[[], AbstractAsyncContextManager[CardBench]]:
    @asynccontextmanager
    async def bench() -> AsyncIterator[CardBench]:
        async with card_mock() as sound:
            quick = type(QUICK)(still_s=0.05, soon_s=0.5, limit_s=5.0)
            yield Bench(broken(sound.driver), sound.hands, lambda: broken(MockCardReader(MockCardSlot())), quick)

    return bench


# --- other devices ---------------------------------------------------------------------------------------------------


class StaleDocumentAgain(MockIdCardReader):
    async def document(self) -> IdDocument:
        self._seen = 0
        return await super().document()


class HalfReadDocument(MockIdCardReader):
    async def document(self) -> IdDocument:
        laid = self.pad.document
        try:
            return await super().document()
        except DocumentLifted:
            assert laid is not None
            return laid


class FormerDocumentFirst(MockIdCardReader):
    """Keeps the last document and hands it to whoever asks next."""

    kept: IdDocument | None = None

    async def document(self) -> IdDocument:
        fresh = await super().document()
        self.kept, told = fresh, self.kept or fresh
        return told


def id_bench(broken: type[MockIdCardReader]) -> Callable[[], AbstractAsyncContextManager[IdBench]]:
    @asynccontextmanager
    async def bench() -> AsyncIterator[IdBench]:
        driver = broken(read_s=0.01, timeout_s=0.2)
        yield Bench(driver, SimulatedIdHands(driver.pad), lambda: broken(driver.pad), QUICK)
        await driver.close()

    return bench


class CodeBeforeTheCallCounts(MockScanner):
    """Remembers what was shown while only the preview ran."""

    async def scan(self) -> Scan:
        if self.kept is not None:
            kept, self.kept = self.kept, None
            return Scan(kept, "QRCode")
        return await super().scan()

    async def preview(self) -> AsyncGenerator[Frame, None]:
        async for picture in super().preview():
            self.kept = self.lens.text or self.kept
            yield picture

    kept: str | None = None


class Shown(Scan):
    def __repr__(self) -> str:
        return f"<{self.text}>"


class CodeInTheLog(MockScanner):
    async def scan(self) -> Scan:
        found = await super().scan()
        return Shown(found.text, found.symbology)


class SameCodeOverAndOver(MockScanner):
    async def scan(self) -> Scan:
        self._reported = 0
        return await super().scan()


def scanner_bench(broken: type[MockScanner]) -> Callable[[], AbstractAsyncContextManager[ScannerBench]]:
    @asynccontextmanager
    async def bench() -> AsyncIterator[ScannerBench]:
        driver = broken(frame_s=0.01, stall_s=0.3)
        yield Bench(driver, SimulatedScannerHands(driver.lens), lambda: broken(driver.lens), QUICK)
        await driver.close()

    return bench


class LatePrint(MockPrinter):
    """As a spooler does: what could not be printed is printed as soon as it can be."""

    late: Page | None = None

    async def print(self, page: Page) -> None:
        try:
            await super().print(page)
        except NoPaper:
            self.late = page
            raise

    def refill(self) -> None:
        super().refill()
        if self.late is not None:
            self.pages.append(self.late)


class AlwaysReady(MockPrinter):
    """As a driver for a write-only link that says "ok" where it knows nothing."""

    async def status(self) -> PrinterStatus:
        return PrinterStatus(online=True, paper=Paper.OK, cover_open=False, cutter_error=False, fault=False)


class SaysPrintedAtOnce(MockPrinter):
    async def print(self, page: Page) -> None:
        self.job = asyncio.create_task(super().print(page))

    async def close(self) -> None:
        await asyncio.wait([self.job])

    job: asyncio.Task[None]


class PageInTheError(MockPrinter):
    async def print(self, page: Page) -> None:
        try:
            await super().print(page)
        except NoPaper as error:
            raise NoPaper(f"no paper for {self.text_of(page)}") from error


class PrintsOnWhenCancelled(MockPrinter):
    async def print(self, page: Page) -> None:
        try:
            await super().print(page)
        except asyncio.CancelledError:
            self.pages.append(page)
            raise


class HealthOfTheLostRaises(MockPrinter):
    async def health(self) -> Health:
        await self.status()
        return await super().health()


class OpensAgain(MockPrinter):
    async def close(self) -> None:
        pass


def printer_bench(broken: type[MockPrinter]) -> Callable[[], AbstractAsyncContextManager[PrinterBench]]:
    @asynccontextmanager
    async def bench() -> AsyncIterator[PrinterBench]:
        driver = broken(seconds_per_page=0.04, deadline_s=0.5)
        hands = SimulatedPrinterHands(
            driver, lambda: [driver.text_of(page) for page in driver.pages], lambda: len(driver.pages)
        )
        yield Bench(driver, hands, broken, QUICK)
        await driver.close()

    return bench


# --- the examination -------------------------------------------------------------------------------------------------

CAUGHT: list[tuple[str, Callable[[Any], AnyBench], type, str, str]] = [
    ("card", card_bench, SuccessAfterPull, "card-leaves-while-held", "succeeded"),
    ("card", card_bench, SuccessAfterPull, "command-just-after-the-removal", "succeeded"),
    ("card", card_bench, SuccessAfterPull, "pulled-at-each-command", "instead of PulledEarly"),
    ("card", card_bench, DroppedAnswerIsSuccess, "answer-never-comes", "succeeded"),
    ("card", card_bench, KeepsThePower, "release-frees-the-card", "still has power"),
    ("card", card_bench, ToldRemovedAtOnce, "removed-tells-the-removal", "although nothing had happened"),
    ("card", card_bench, NeverToldRemoved, "removed-tells-the-removal", "not within"),
    ("card", card_bench, SecondWaiterAllowed, "two-may-not-wait", "a second card()"),
    ("card", card_bench, SecondWaiterAllowed, "held-card-must-be-released-first", "card() while one is held"),
    ("card", card_bench, WaitNotCancellable, "cancelled-waits-leave-no-trace", "cannot be cancelled"),
    ("card", card_bench, HealthRaises, "lost-while-waiting", "DeviceLost"),
    ("card", card_bench, AlwaysHealthy, "lost-while-waiting", "vanished"),
    ("card", card_bench, AlwaysHealthy, "wrong-way-round", "user_error"),
    ("card", card_bench, ToldMuteForEver, "wrong-way-round", "MuteCard"),
    ("card", card_bench, CloseLeaksATask, "close-gives-everything-back", "1 tasks"),
    ("card", card_bench, CloseLeavesTheWaiter, "close-gives-everything-back", "closed"),
    ("card", card_bench, CloseLeavesTheWaiter, "close-ends-the-wait-for-a-removal", "closed"),
    ("idcard", id_bench, StaleDocumentAgain, "left-lying-is-not-read-twice", "although nothing had happened"),
    ("idcard", id_bench, HalfReadDocument, "lifted-at-the-reading", "succeeded"),
    ("idcard", id_bench, FormerDocumentFirst, "exchanged-while-nobody-asks", "not what was laid down"),
    ("scanner", scanner_bench, CodeBeforeTheCallCounts, "code-seen-before-the-call", "although nothing had happened"),
    ("scanner", scanner_bench, CodeInTheLog, "code-shown-later", "repr()"),
    ("scanner", scanner_bench, SameCodeOverAndOver, "next-code-is-another-one", "although nothing had happened"),
    ("printer", printer_bench, LatePrint, "no-paper-during-a-page", "slips"),
    ("printer", printer_bench, LatePrint, "no-paper-refused-before-a-page", "slips"),
    ("printer", printer_bench, AlwaysReady, "cover-refused-before-a-page", "can print"),
    ("printer", printer_bench, SaysPrintedAtOnce, "returns-when-the-paper-is-out", "slips"),
    ("printer", printer_bench, PageInTheError, "errors-hold-nothing-personal", "repeats the page"),
    ("printer", printer_bench, PrintsOnWhenCancelled, "cancelled-page-is-not-printed-later", "slips"),
    ("printer", printer_bench, HealthOfTheLostRaises, "lost-and-back", "DeviceLost"),
    ("printer", printer_bench, OpensAgain, "close-gives-everything-back", "after close()"),
]


@pytest.mark.parametrize(
    ("kind", "bench", "broken", "name", "missed"), CAUGHT, ids=[f"{case[2].__name__}-{case[3]}" for case in CAUGHT]
)
async def test_it_is_caught_by_name(
    kind: str, bench: Callable[[Any], AnyBench], broken: type, name: str, missed: str
) -> None:
    (manner,) = [manner for manner in KINDS[kind].manners if manner.name == name]
    evidence = await judge(manner, bench(broken))
    assert evidence.verdict is Verdict.BROKEN
    assert evidence.manner == name
    assert missed in evidence.why


async def test_the_benches_of_this_file_break_nothing_by_themselves() -> None:
    sound: dict[str, AnyBench] = {
        "card": card_bench(ReaderBehind),
        "idcard": id_bench(MockIdCardReader),
        "scanner": scanner_bench(MockScanner),
        "printer": printer_bench(MockPrinter),
    }
    names = {(kind, name) for kind, _, _, name, _ in CAUGHT}
    for kind, bench in sound.items():
        for manner in KINDS[kind].manners:
            if (kind, manner.name) in names:
                evidence = await judge(manner, bench)
                assert evidence.verdict is Verdict.KEPT, f"{kind} {manner.name}: {evidence.why}"


async def test_the_report_names_what_is_broken_and_repeats_no_text_of_the_driver() -> None:
    class Talkative(MockPrinter):
        async def status(self) -> PrinterStatus:
            raise PrinterError("while printing for 周样例")

    examination = Examination("printer", "acme:1", "acme-kiosk 1.2", printer_bench(Talkative), "simulated", 20.0)
    report = Report("acme:1", "printer", "acme-kiosk 1.2", "simulated", "2026-01-01")
    async for evidence in examination.evidence():
        report.manners.append(evidence)
    text = "\n".join(report.lines())
    assert "BROKEN     good-printer-says-so" in text
    assert "PrinterError" in text
    assert "周样例" not in text
    assert "KEPT       second-page-waits-its-turn" in text
    assert report.count(Verdict.BROKEN) >= 1
    assert report.as_json()["counts"]["broken"] == report.count(Verdict.BROKEN)
    assert all(len(entry(evidence)) >= 2 for evidence in report.manners)


def test_every_manner_has_a_name_of_its_own_and_a_promise() -> None:
    for kind in KINDS.values():
        names = [manner.name for manner in kind.manners]
        assert len(set(names)) == len(names)
        assert all(manner.promise.endswith(".") for manner in kind.manners)
