"""The order in which a terminal is begun, and what is left where it cannot stand."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from drivers.api import CardReader, Condition, Health
from kiosk.core import Core
from kiosk.receipts.seal import KeyUnusable
from kiosk.station import Station
from tests.helpers.virtual_time import run


class Reader:
    """As much of a reader as a terminal uses that never stands."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def health(self) -> Health:
        self.heard.append("asked")
        await asyncio.sleep(60.0)
        return Health(Condition.ONLINE)

    async def close(self) -> None:
        self.heard.append("closed")


def test_the_reader_is_asked_before_the_rest_is_made_and_given_back_where_that_fails() -> None:
    reader = Reader()

    def made() -> Station:
        reader.heard.append("the rest")
        raise KeyUnusable("seal.pem: move it away")

    async def main() -> None:
        with pytest.raises(KeyUnusable):
            await Core().live(cast(CardReader, reader), made, lambda _: None)

    run(main())
    assert reader.heard == ["asked", "the rest", "closed"]
