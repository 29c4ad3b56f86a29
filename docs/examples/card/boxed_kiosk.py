"""A card reader in an invented box on the network: a line asks, a line answers, a connection for each question.

``S`` how the slot is and which insertion this is, ``P`` power the card, ``O`` take the power, ``A <insertion> <hex>``
a command for the card of that insertion. A box whose card says nothing says nothing either.
"""

from __future__ import annotations

import asyncio

from drivers.api import (
    Card,
    Condition,
    DeviceError,
    DeviceLost,
    DeviceTimeout,
    Health,
    MuteCard,
    PulledEarly,
    Remedy,
    Response,
)

POLL_S = 0.05
ANSWER_S = 0.5
"""The box itself answers at once; within this time a cancelled wait is over, too."""
CARD_S = 8.0
"""A chip that takes longer is mute."""


class BoxReader:
    """``drivers.api.CardReader`` at ``box:10.0.0.9:7000``. Building it touches nothing."""

    def __init__(self, address: str, *, card_s: float = CARD_S) -> None:
        self._host, _, port = address.rpartition(":")
        if not self._host or not port.isdecimal():
            raise ValueError("a box needs host and port, as in box:10.0.0.9:7000")
        self._port = int(port)
        self._card_s = card_s
        self._waiting = self._closed = False
        self._held: BoxCard | None = None
        self._mute = 0
        """The insertion that was told as mute; the box counts from 1."""

    async def card(self) -> Card:
        if self._waiting:
            raise RuntimeError("someone already waits for a card")
        self._waiting = True
        try:
            while True:
                slot, insertion = await self.slot()
                if self._held is not None and not self._held.released and self._held.insertion == insertion:
                    raise RuntimeError("the last card is in and not released")
                if slot == "card" and insertion != self._mute:
                    if atr := await self._power():
                        self._held = BoxCard(self, atr, insertion, self._card_s)
                        return self._held
                    if await self.slot() == (slot, insertion):  # told once; then another card is waited for
                        self._mute = insertion
                        raise MuteCard("no answer to reset")
                await asyncio.sleep(POLL_S)
        finally:
            self._waiting = False

    async def health(self) -> Health:
        try:
            there = await self.slot()
        except DeviceError as error:
            return Health(Condition.OFFLINE, Remedy.MAINTENANCE, f"{error}: check its power and the network", "Box 1")
        if there == ("card", self._mute):
            return Health(Condition.USER_ERROR, Remedy.CLEAR, "a card that does not answer", "Box 1")
        return Health(Condition.ONLINE, model="Box 1")

    async def close(self) -> None:
        if self._held is not None:
            await self._held.release()
        self._closed = True

    async def slot(self) -> tuple[str, int]:
        """``empty`` or ``card``, and the number of the insertion. Raises DeviceLost."""
        slot, insertion = (await self.ask("S")).split()
        return slot, int(insertion)

    async def ask(self, question: str, seconds: float = 0.0) -> str:
        """Raises DeviceLost; with ``seconds`` also DeviceTimeout: then it is the card that does not answer."""
        if self._closed:
            raise DeviceLost("closed")
        writer = None
        try:
            async with asyncio.timeout(seconds or ANSWER_S):
                reader, writer = await asyncio.open_connection(self._host, self._port)
                writer.write(f"{question}\n".encode())
                line = await reader.readline()
        except TimeoutError as error:
            raise (DeviceTimeout if seconds else DeviceLost)(f"{self._host}:{self._port} does not answer") from error
        except OSError as error:
            raise DeviceLost(f"{self._host}:{self._port} does not open") from error
        finally:
            if writer is not None:
                writer.close()
        if not line.endswith(b"\n"):
            raise DeviceLost(f"{self._host}:{self._port} broke off")
        return line.decode().strip()

    async def _power(self) -> bytes:
        """The answer to reset; nothing from a card that is mute or has left again."""
        try:
            return bytes.fromhex(await self.ask("P"))
        except asyncio.CancelledError:
            await self.ask("O")  # the question may have arrived: nobody holds that card
            raise


class BoxCard:
    """``drivers.api.Card``: that of one insertion, and never of the next."""

    def __init__(self, box: BoxReader, atr: bytes, insertion: int, card_s: float) -> None:
        self.insertion = insertion
        self.released = False
        self._box = box
        self._atr = atr
        self._card_s = card_s
        self._mute = False

    @property
    def atr(self) -> bytes:
        return self._atr

    async def transmit(self, apdu: bytes) -> Response:
        if self.released:
            raise RuntimeError("released")
        if self._mute:
            raise MuteCard("silent since an earlier command")
        try:
            said = bytes.fromhex(await self._box.ask(f"A {self.insertion} {apdu.hex()}", self._card_s))
        except DeviceTimeout as error:
            if not await self._in():
                raise PulledEarly from error
            self._mute = True
            raise MuteCard(f"no answer within {self._card_s:g} s") from error
        if len(said) < 2:  # without a status word it is no answer
            raise PulledEarly
        return Response(said[:-2], int.from_bytes(said[-2:], "big"))

    async def removed(self) -> None:
        try:
            while True:
                if not await self._in():
                    return
                await asyncio.sleep(POLL_S)
        except DeviceLost:
            return

    async def release(self) -> None:
        if self.released:
            return
        self.released = True
        try:
            if await self._in():
                await self._box.ask("O")
        except DeviceLost:
            return

    async def _in(self) -> bool:
        slot, insertion = await self._box.slot()
        return slot != "empty" and insertion == self.insertion
