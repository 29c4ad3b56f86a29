"""A slip from its facts to the bytes for the printer: sealed, laid out, encoded; the longest one, with a ledger."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone

from kiosk.bench import Benchmark, Measurement, median, p95

TARGET_MS = 50.0
_ROUNDS = 40


def _run() -> Sequence[Measurement]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from drivers.printer.encode import encode
    from kiosk.insurer.api import MonthLedger, Movement, MovementKind
    from kiosk.money import Fen
    from kiosk.receipts.layout import lay_out
    from kiosk.receipts.seal import Claim, seal
    from kiosk.receipts.slip import SlipFacts, SlipKind
    from kiosk.screens import AccountLine, Holder
    from kiosk.settings import Settings
    from kiosk.text import catalogues

    words, settings, key = catalogues()["zh"], Settings(), Ed25519PrivateKey.generate()
    at = datetime(2026, 11, 20, 9, 41, tzinfo=timezone(timedelta(hours=8)))
    movements = tuple(
        Movement(date(2026, 10, day), MovementKind.PHARMACY, "惠民大药房桐柏路店", Fen(-1000 - day))
        for day in range(1, 21)
    )
    closing = Fen(500000 + sum(int(movement.amount) for movement in movements))
    facts = SlipFacts(
        SlipKind.BALANCE,
        "20261120-AB12-CD34-EF56",
        at,
        Holder("王**", "5678"),
        accounts=(AccountLine("310", "1", Fen(348260)), AccountLine("390", "1", Fen(12000))),
        as_of=at,
        ledger=MonthLedger(2026, 10, Fen(500000), movements, closing),
    )

    def make() -> float:
        begun = time.perf_counter()
        claim = Claim("T-01", facts.number, "balance", "done", at, "5678", int(facts.total))
        page = lay_out(facts, seal(claim, key), words, settings)
        encode(page)
        return (time.perf_counter() - begun) * 1000

    first = make()
    times = [make() for _ in range(_ROUNDS)]
    return [
        Measurement("as the terminal runs", median(times), None, median(times) <= TARGET_MS, p95(times)),
        Measurement("the first of a process, imports and all", first, None, None),
    ]


BENCHMARKS = (Benchmark("slip", "slip laid out and encoded", "-", f"<= {TARGET_MS:g} ms", "ms", _run),)
