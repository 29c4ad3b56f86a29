"""The manners of a scanner, asked of the mock, and of the camera driver before a camera on a connection."""

from __future__ import annotations

import pytest

from drivers.contract.scanner import MANNERS
from drivers.contract.simulated import scanner_mock, scanner_virtual
from tests.helpers.manners import AnyManner, Played, check, examine, named

BENCHES = {"mock": scanner_mock, "virtual": scanner_virtual}


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest) -> Played:
    return examine(request, BENCHES, side_by_side=2)


@pytest.mark.parametrize("manner", MANNERS, ids=named)
@pytest.mark.parametrize("bench", BENCHES)
def test_manner(bench: str, manner: AnyManner, played: Played) -> None:
    check(played[bench, manner.name])
