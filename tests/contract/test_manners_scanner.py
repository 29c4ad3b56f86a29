"""The manners of a scanner, asked of the mock, of the camera driver before a camera on a connection, and of the drivers
of barcode modules before such modules on a pty and on a stream of key events."""

from __future__ import annotations

import pytest

from drivers.contract.certificate import KINDS
from drivers.contract.scanner import MANNERS
from tests.helpers.manners import AnyManner, Played, check, examine, named

BENCHES = {"mock": KINDS["scanner"].mock, **KINDS["scanner"].virtual}


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest) -> Played:
    return examine(request, BENCHES, side_by_side=2)


@pytest.mark.parametrize("manner", MANNERS, ids=named)
@pytest.mark.parametrize("bench", BENCHES)
def test_manner(bench: str, manner: AnyManner, played: Played) -> None:
    check(played[bench, manner.name])
