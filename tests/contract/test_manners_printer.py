"""The manners of a printer, asked of the mock, and of the ESC/POS driver before a printer on TCP."""

from __future__ import annotations

import pytest

from drivers.contract.certificate import KINDS
from drivers.contract.printer import MANNERS
from tests.helpers.manners import AnyManner, Played, check, examine, named

BENCHES = {"mock": KINDS["printer"].mock, **KINDS["printer"].virtual}


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest) -> Played:
    return examine(request, BENCHES, side_by_side=4)


@pytest.mark.parametrize("manner", MANNERS, ids=named)
@pytest.mark.parametrize("bench", BENCHES)
def test_manner(bench: str, manner: AnyManner, played: Played) -> None:
    check(played[bench, manner.name])
