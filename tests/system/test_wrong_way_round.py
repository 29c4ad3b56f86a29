"""A card put in the wrong way round, on the wire: pcscd sees a card that does not answer, and the citizen a picture."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.helpers.wire import Near, near_terminal

pytestmark = pytest.mark.system

ROUNDS = 3
POLL_S = 0.4
"""pcscd looks into the slot so often: the insertion itself may be that old when anybody can know of it."""
TOLD_S = 1.0 + POLL_S
PICTURE = Path(__file__).parents[2] / "ui" / "qml" / "screens" / "InsertCard.qml"


@pytest.fixture
async def near(tmp_path: Path) -> AsyncIterator[Near]:
    async with near_terminal(tmp_path) as near:
        yield near


async def test_a_card_the_wrong_way_round_is_told_and_the_right_way_goes_on(near: Near) -> None:
    loop = asyncio.get_running_loop()
    near.place.hall.choose("active")
    await near.citizen.tap("pick:balance", "InsertCard")
    took = []
    for _ in range(ROUNDS):
        near.citizen.forget()
        put_in = loop.time()
        near.place.hall.insert_card_wrong_way()
        await near.citizen.see("InsertCard.wrong_way", "InsertCard.still_unreadable")
        took.append(loop.time() - put_in)
        near.place.hall.pull_card()
        await asyncio.sleep(2 * POLL_S)  # a hand is no quicker, and pcscd must see the slot empty
    print(f"\nthe wrong way round, told after {', '.join(f'{seconds:.2f}' for seconds in took)} s")
    assert sorted(took)[len(took) // 2] < TOLD_S
    near.place.hall.insert_card()
    await near.citizen.see("EnterPin")


async def test_it_is_told_when_nothing_was_chosen_yet(near: Near) -> None:
    near.place.hall.choose("active")
    near.place.hall.insert_card_wrong_way()
    await near.citizen.see("InsertCard.wrong_way")
    assert not near.citizen.ever("OutOfOrder", "Refusal")


def test_there_is_a_picture_of_it() -> None:
    assert "wrong_way" in PICTURE.read_text("utf-8")
