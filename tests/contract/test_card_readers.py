"""The manners of a card reader, asked of our own drivers: in process, and over the real PC/SC stack."""

from __future__ import annotations

import asyncio

import pytest

from drivers.api import Condition, MuteCard
from drivers.card.mock import MockCardReader
from drivers.contract.card_reader import MANNERS
from drivers.contract.simulated import card_mock, card_pcsc
from drivers.faults import Fault
from kiosk.held_card import MuteInside
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


@pytest.mark.parametrize("bench", BENCHES)
async def test_a_card_that_only_powering_shows_to_be_mute_is_in_until_it_leaves(bench: str) -> None:
    from drivers.card.pcsc import PcscCardReader
    from drivers.contract.manners import NotTried

    try:
        async with BENCHES[bench]() as played:
            reader = played.driver
            await played.hands.insert()
            if isinstance(reader, MockCardReader):
                reader.slot.faults.fail_next("card", Fault.MUTE)
            else:
                assert isinstance(reader, PcscCardReader)
                reader._connect_deadline_s = 0.0
            with pytest.raises(MuteCard):
                await reader.card()
            assert (await reader.health()).condition is Condition.USER_ERROR
            await played.hands.pull()
            async with asyncio.timeout(5.0):  # pcscd looks into the slot every 0.4 s
                await MuteInside(reader).removed()
            assert (await reader.health()).condition is Condition.ONLINE
    except NotTried as reason:
        pytest.skip(str(reason))
