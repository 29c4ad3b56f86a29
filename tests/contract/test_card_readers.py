"""The manners of a card reader, asked of our own drivers: in process, and over the real PC/SC stack."""

from __future__ import annotations

import pytest

from drivers.contract.card_reader import MANNERS
from drivers.contract.simulated import card_mock, card_pcsc
from tests.helpers.manners import AnyManner, Played, check, examine, named

BENCHES = {"mock": card_mock, "virtual": card_pcsc}


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest) -> Played:
    return examine(request, BENCHES, side_by_side=4)


@pytest.mark.parametrize("manner", MANNERS, ids=named)
@pytest.mark.parametrize("bench", BENCHES)
def test_manner(bench: str, manner: AnyManner, played: Played) -> None:
    check(played[bench, manner.name])


async def test_the_process_of_a_closed_reader_is_gone() -> None:
    from drivers.card.pcsc import PcscCardReader
    from drivers.contract.manners import NotTried

    try:
        async with card_pcsc() as bench:
            reader = bench.driver
            assert isinstance(reader, PcscCardReader)
            await reader.health()
            assert reader.pid is not None
            await reader.close()
            assert reader.pid is None
    except NotTried as reason:
        pytest.skip(str(reason))
