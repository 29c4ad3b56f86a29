"""Every change of a journal or an export behind the terminal's back is found.

A short run here; the full one: ``.venv/bin/python -m tests.system.test_journal_mutations 10000 [SEED]``. What counts
as a mutation stands in ``tests/helpers/journal_mutations.py``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.helpers.journal_mutations import WAYS, mutate

pytestmark = pytest.mark.system

SHORT = 300


def test_every_mutation_is_found(tmp_path: Path) -> None:
    score = mutate(SHORT, 20261121, tmp_path)
    assert score.missed == []
    assert score.mutations.total() == SHORT
    assert set(score.mutations) == set(WAYS), "each way was tried"


def main(count: int, seed: int) -> int:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="journal-mutations-") as folder:
        score = mutate(count, seed, Path(folder))
    for name in WAYS:
        print(f"{name:26}{score.mutations[name]:7}   (no change: {score.neutral[name]})")
    print(f"{score.mutations.total()} mutations, {len(score.missed)} not found, {time.monotonic() - begun:.0f} s")
    print("\n".join(score.missed))
    return 1 if score.missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
