"""A driver's examination as a whole: which manners there are for which device kind, and the report to be filed.

It judges nothing itself and writes no file; it knows where to find manners, benches and hands, and how a report reads.
"""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from drivers import registry
from drivers.api import DeviceError, Health
from drivers.contract import card_reader, id_reader, printer, scanner, simulated, simulated_printers
from drivers.contract.human import (
    HARDWARE,
    Asking,
    HumanCardHands,
    HumanIdHands,
    HumanPrinterHands,
    HumanScannerHands,
    hardware,
)
from drivers.contract.manners import (
    LIMIT_S,
    QUEUED_PAGE_S,
    Bench,
    Broken,
    Evidence,
    Manner,
    NotTried,
    Patience,
    Verdict,
    judge,
)
from drivers.contract.observe import within

SIMULATED = ("mock", "virtual")

AnyBench = Callable[[], AbstractAsyncContextManager[Bench[Any, Any]]]


@dataclass(frozen=True)
class Kind:
    """All that an examination of one device kind needs."""

    manners: Sequence[Manner[Any, Any]]
    drivers: registry.Drivers[Any]
    mock: AnyBench
    virtual: Mapping[str, AnyBench]
    """Our drivers before virtual peers, by the driver's name and, after a dash, what is particular about the peer."""
    hands: Callable[[Asking], Any]
    peers: Mapping[str, Callable[[Callable[[str], Any]], AbstractAsyncContextManager[Bench[Any, Any]]]] = field(
        default_factory=dict
    )
    """What any driver that speaks the same protocol can be put before; each takes what makes it of an address."""


KINDS = {
    "card": Kind(
        card_reader.MANNERS,
        registry.CARD_READERS,
        simulated.card_mock,
        {"pcsc": simulated.card_pcsc},
        HumanCardHands,
        {"card": simulated.before_card},
    ),
    "idcard": Kind(
        id_reader.MANNERS,
        registry.ID_READERS,
        simulated.id_mock,
        {"sdt": simulated.id_sdt, "sdt-finds-again": simulated.id_sdt_finds_again},
        HumanIdHands,
        {"sdt": simulated.before_sdt},
    ),
    "scanner": Kind(
        scanner.MANNERS,
        registry.SCANNERS,
        simulated.scanner_mock,
        {"camera": simulated.scanner_camera, "serial": simulated.scanner_serial, "hid": simulated.scanner_hid},
        HumanScannerHands,
        {"camera": simulated.before_camera, "serial": simulated.before_serial},
    ),
    "printer": Kind(
        printer.MANNERS,
        registry.PRINTERS,
        simulated_printers.printer_mock,
        {"escpos": simulated_printers.printer_escpos, "cups": simulated_printers.printer_cups},
        HumanPrinterHands,
        {"escpos": simulated_printers.before_escpos, "cups": simulated_printers.before_cups},
    ),
}


@dataclass(frozen=True)
class Examination:
    """One driver of one kind before its bench."""

    kind: str
    driver: str
    distribution: str
    """Who brought the driver, with version."""
    bench: AnyBench
    hands: str
    limit_s: float
    peer: str = ""
    """The virtual device that a driver of the registry is put before."""

    async def health(self) -> Health | None:
        """How the device is before it is examined; ``None`` if that cannot be known here. Raises NotTried where this
        machine has not what the peer needs."""
        try:
            async with self.bench() as bench:
                return await within(bench.patience.soon_s, bench.driver.health(), "health()")
        except NotTried:
            if self.peer:
                raise
            return None
        except (Broken, DeviceError):
            return None

    async def evidence(self) -> AsyncIterator[Evidence]:
        """Every manner of the kind, one after the other."""
        for manner in KINDS[self.kind].manners:
            yield await judge(manner, self.bench, limit_s=self.limit_s)


def simulated_examinations(driver: str, version: str, kind: str | None = None) -> list[Examination]:
    """Of ``mock``, of ``virtual`` (all of our drivers before their peers) or of ``virtual:serial``, one of them; only
    those of ``kind``, if given. Empty if there is no such bench."""
    name, _, wanted = driver.partition(":")
    benches: list[tuple[str, str, AnyBench]] = []
    for one, examined in KINDS.items():
        if kind in (None, one):
            if driver == "mock":
                benches.append((one, driver, examined.mock))
            elif name == "virtual":
                benches += [(one, f"{name}:{peer}", bench) for peer, bench in examined.virtual.items()]
    return [
        Examination(one, title, f"yibao-kiosk {version}", bench, "simulated", LIMIT_S + 10.0)
        for one, title, bench in benches
        if not wanted or title == driver
    ]


PEER_ADDRESS = "{}"
"""Stands in the name of a driver for the address of the peer it is put before."""
DESK = Patience(still_s=0.5, soon_s=25.0, limit_s=120.0)
"""Peers answer at once; a driver as it is configured takes its whole deadline over what never comes (a page: 20 s)."""
_UNREAD = {"cups": " (pages counted, not read)"}
"""What a report says of peers whose hands see less than was promised."""


def desk_examination(kind: str, driver: str, version: str, peer: str) -> Examination:
    """A driver of the registry before one of our peers, with simulated hands. An address that the driver
    does not take shows when its health is asked: UnknownDriver."""
    drivers, before = KINDS[kind].drivers, KINDS[kind].peers[peer]

    def make(address: str) -> Any:
        return registry.build(drivers, driver.replace(PEER_ADDRESS, address))

    @asynccontextmanager
    async def bench() -> AsyncIterator[Bench[Any, Any]]:
        async with before(make) as opened:
            yield replace(opened, patience=replace(DESK, page_s=opened.patience.page_s))

    hands = f"simulated, virtual:{peer}{_UNREAD.get(peer, '')}"
    return Examination(kind, driver, _brought_by(drivers, driver, version), bench, hands, DESK.limit_s, peer)


def _brought_by(drivers: registry.Drivers[Any], driver: str, version: str) -> str:
    brought = drivers.distribution(driver.partition(":")[0])
    return " ".join(brought) if brought is not None else f"yibao-kiosk {version}"


def hardware_examination(kind: str, driver: str, version: str, asking: Asking) -> Examination:
    """A driver of the registry with a person's hands. Raises UnknownDriver."""
    drivers = KINDS[kind].drivers
    registry.build(drivers, driver)  # a wrong name is told before anybody is asked for anything
    hands = KINDS[kind].hands(asking)
    patience = replace(HARDWARE, page_s=QUEUED_PAGE_S) if driver.startswith("cups:") else HARDWARE
    return Examination(
        kind,
        driver,
        _brought_by(drivers, driver, version),
        lambda: hardware(lambda: registry.build(drivers, driver), hands, patience),
        "human",
        1000.0,
    )


@dataclass
class Report:
    """What an integrator files: who was examined where and when, and the evidence for every manner."""

    driver: str
    kind: str
    distribution: str
    hands: str
    date: str
    model: str = ""
    firmware: str = ""
    machine: str = field(default_factory=lambda: f"{platform.node()}, {platform.platform()}")
    python: str = field(default_factory=platform.python_version)
    manners: list[Evidence] = field(default_factory=list)

    def count(self, verdict: Verdict) -> int:
        return sum(evidence.verdict is verdict for evidence in self.manners)

    @property
    def summary(self) -> str:
        return ", ".join(f"{self.count(verdict)} {verdict}" for verdict in Verdict)

    def head(self) -> list[str]:
        return [
            f"driver    {self.driver} ({self.kind}), {self.distribution}",
            f"device    {self.model or 'says no model'}{f', firmware {self.firmware}' if self.firmware else ''}",
            f"date      {self.date}",
            f"machine   {self.machine}, Python {self.python}",
            f"hands     {self.hands}",
        ]

    def lines(self) -> list[str]:
        """The whole report as text."""
        found = [*self.head(), ""]
        for evidence in self.manners:
            found += entry(evidence)
        return [*found, "", self.summary]

    def as_json(self) -> dict[str, Any]:
        return {
            "driver": self.driver,
            "kind": self.kind,
            "distribution": self.distribution,
            "model": self.model,
            "firmware": self.firmware,
            "date": self.date,
            "machine": self.machine,
            "python": self.python,
            "hands": self.hands,
            "counts": {verdict.value: self.count(verdict) for verdict in Verdict},
            "manners": [
                {
                    "name": evidence.manner,
                    "promise": evidence.promise,
                    "verdict": evidence.verdict.value,
                    "seconds": round(evidence.seconds, 3),
                    "why": evidence.why,
                    "timings": {what: round(seconds, 4) for what, seconds in evidence.timings.items()},
                }
                for evidence in self.manners
            ],
        }


def entry(evidence: Evidence) -> list[str]:
    """One manner of the report: verdict, name, time; its promise; what was measured, and what was missed."""
    lines = [
        f"{evidence.verdict.upper():10} {evidence.manner:38} {evidence.seconds:6.2f} s",
        f"           {evidence.promise}",
    ]
    if evidence.timings:
        measured = ", ".join(f"{what} {seconds * 1000:.0f} ms" for what, seconds in evidence.timings.items())
        lines.append(f"           measured: {measured}")
    if evidence.why:
        lines.append(f"           {evidence.why}")
    return lines
