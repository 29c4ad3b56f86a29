"""An intent made durable, beside one bare commit of as many bytes to SQLite in WAL mode with FULL synchronisation."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from kiosk.bench import Benchmark, Measurement, median, p95

TARGET = 2.0
_ROUNDS = 300
_PLACE = "/var/tmp"  # noqa: S108 - on a disk: /tmp is memory on many machines, where nothing has to be made durable


def _run() -> Sequence[Measurement]:
    from kiosk.journal import Journal

    with tempfile.TemporaryDirectory(dir=_PLACE, prefix="kiosk-bench-") as folder:
        journal = Journal(Path(folder) / "journal.db", lambda: datetime.now().astimezone(), b"only for this benchmark")
        bare = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("CREATE TABLE records (seq INTEGER PRIMARY KEY, record TEXT NOT NULL, hash BLOB NOT NULL)")
        subject = journal.subject("00")
        ours, reference = [], []
        try:
            for index in range(_ROUNDS):
                begun = time.perf_counter()
                journal.intend(f"20261120-{index:04d}", "activation", subject)
                between = time.perf_counter()
                bare.execute("BEGIN IMMEDIATE")
                bare.execute("INSERT INTO records (record, hash) VALUES (?, ?)", ("x" * 200, bytes(32)))
                bare.execute("COMMIT")
                ours.append((between - begun) * 1000)
                reference.append((time.perf_counter() - between) * 1000)
        finally:
            bare.close()
            journal.shut()
    met = median(ours) <= TARGET * median(reference)
    return [Measurement(f"in {_PLACE}", median(ours), median(reference), met, p95(ours), p95(reference))]


BENCHMARKS = (
    Benchmark("journal", "intent made durable", "one SQLite commit, WAL and FULL", f"<= {TARGET:g} x", "ms", _run),
)
