"""The manners of a card reader played before there is a device: a box of our own at the other end of the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from boxed_kiosk import BoxReader

from drivers.api import Card, DeviceError
from drivers.card.mock import MockCardReader, MockCardSlot
from drivers.contract.card_reader import MANNERS, CardBench
from drivers.contract.manners import Bench, Patience, Verdict, judge
from drivers.contract.simulated import Power, SimulatedCardHands


class Box:
    """The box: its protocol before the slot of the mock, which makes the trouble that the hands ask for."""

    def __init__(self) -> None:
        self.slot = MockCardSlot()
        self.port = 0
        self._card: Card | None = None
        self._lines: set[asyncio.StreamWriter] = set()

    async def switch_on(self) -> None:
        self.slot.plug()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def switch_off(self) -> None:
        self._server.close()
        self.slot.unplug()
        for line in self._lines:
            line.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        try:
            with suppress(OSError):
                answer = await self._answer((await reader.readline()).decode().split())
                writer.write(f"{answer}\n".encode())
        finally:
            self._lines.discard(writer)
            writer.close()

    async def _answer(self, words: list[str]) -> str:
        slot = self.slot
        match words:
            case ["S"]:
                return f"{'card' if slot.occupied else 'empty'} {slot.insertion}"
            case ["P"]:
                await self._release()
                with suppress(DeviceError, TimeoutError):
                    async with asyncio.timeout(0.1):
                        self._card = await MockCardReader(slot, deadline_s=3600.0).card()
                return self._card.atr.hex() if self._card else ""
            case ["A", insertion, apdu] if self._card and int(insertion) == slot.insertion:
                with suppress(DeviceError):
                    response = await self._card.transmit(bytes.fromhex(apdu))
                    return (response.data + response.sw.to_bytes(2, "big")).hex()
            case ["O"]:
                await self._release()
        return ""

    async def _release(self) -> None:
        if self._card:
            await self._card.release()
        self._card = None


@asynccontextmanager
async def bench() -> AsyncIterator[CardBench]:
    box = Box()
    await box.switch_on()
    address = f"127.0.0.1:{box.port}"
    reader = BoxReader(address, card_s=0.5)
    hands = SimulatedCardHands(box.slot, Power(box.switch_off, box.switch_on))
    try:
        yield Bench(reader, hands, lambda: BoxReader(address), Patience(still_s=0.2))
    finally:
        await reader.close()
        box.switch_off()


async def test_manners() -> None:
    for manner in MANNERS:
        evidence = await judge(manner, bench)
        assert evidence.verdict is Verdict.KEPT, (manner.name, evidence.why)
