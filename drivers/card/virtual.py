"""A virtual card on the wire: it connects to vpcd as a card goes into a slot, so that the real PC/SC driver runs.

It is the peer of the whole stack (driver, pcscd, reader driver) and knows none of it. To insert is to connect, to
pull is to close; a card that is in comes back by itself when pcscd is restarted, as plastic would. The protocol is in
docs/protocols.md section 5.4. Operations of its fault plan are those of ``mock.py``: ``card``, ``apdu:20``, ``apdu``,
``answer:20``, ``answer``. A dropped answer blocks the reader until the card is pulled: so it is with vpcd, and with a
mute card.
"""

from __future__ import annotations

import asyncio
import logging
import socket

from drivers.card.chip import Chip
from drivers.faults import Fault, FaultPlan

_log = logging.getLogger(__name__)

_POWER_OFF, _POWER_ON, _RESET, _GET_ATR = 0x00, 0x01, 0x02, 0x04
_AGAIN_S = 0.05
_HAND_S = 0.5
"""No hand swaps cards faster. pcscd polls every 0.4 s and takes a faster swap for the same card; after a mute one it
would not see the new card at all."""

_MUTE_ATR = b"\x3b" * 40
"""Longer than any ATR may be (33 bytes, ISO 7816-3): vpcd sees a card but cannot power it, and pcscd calls it mute."""


class VirtualCardSlot:
    """A CardSlot whose cards sit in vpcd's reader at ``host:port``. Lives on the loop it is used from.

    ``async with VirtualCardSlot(port) as slot: slot.insert(chip)``. Inserting takes effect when vpcd polls, within
    about half a second, and another half when the slot has just been emptied.
    """

    def __init__(self, port: int, host: str = "127.0.0.1", faults: FaultPlan | None = None) -> None:
        self.faults = faults if faults is not None else FaultPlan()
        self.apdus: list[str] = []
        """Every command that reached a chip, by its header alone: the data may hold a password."""
        self._address = host, port
        self._chip: Chip | None = None
        self._inserted: asyncio.Task[None] | None = None
        self._empty_since: float | None = None

    async def __aenter__(self) -> VirtualCardSlot:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Pull the card and give back the connection."""
        leaving = self._inserted
        self.pull()
        if leaving is not None:
            await asyncio.wait([leaving])

    @property
    def chip(self) -> Chip | None:
        return self._chip

    @property
    def released(self) -> bool:
        return self._chip is not None and not self._chip.powered

    def insert(self, chip: Chip) -> None:
        self.pull()
        mute = self.faults.take("card") is not None
        self._chip = None if mute else chip
        self._inserted = asyncio.get_running_loop().create_task(self._stay_in(self._chip))

    def insert_wrong_way(self) -> None:
        self.pull()
        self._inserted = asyncio.get_running_loop().create_task(self._stay_in(None))

    def pull(self) -> None:
        if self._chip is not None:
            self._chip.power_off()
        self._chip = None
        if self._inserted is not None:
            self._inserted.cancel()
            self._inserted = None
            self._empty_since = asyncio.get_running_loop().time()

    async def _stay_in(self, chip: Chip | None) -> None:
        loop = asyncio.get_running_loop()
        if self._empty_since is not None:
            await asyncio.sleep(self._empty_since + _HAND_S - loop.time())
        while True:
            contact = _Contact(self, chip)
            try:
                await loop.create_connection(lambda: contact, *self._address)  # noqa: B023 - used at once
                await contact.broken
            except OSError as error:
                _log.debug("no reader at %s:%d: %s", *self._address, error.strerror)
            finally:
                contact.break_off()
            await asyncio.sleep(_AGAIN_S)


class _Contact(asyncio.Protocol):
    """One connection to vpcd: two-byte big-endian length, then data, both ways."""

    def __init__(self, slot: VirtualCardSlot, chip: Chip | None) -> None:
        self._slot = slot
        self._chip = chip
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._mute = False
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._socket: socket.socket = transport.get_extra_info("socket")
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, _: Exception | None) -> None:
        if self._chip is not None:
            self._chip.power_off()
        if not self.broken.done():
            self.broken.set_result(None)

    def data_received(self, data: bytes) -> None:
        # vpcd writes a length and then the body: without this, delayed acknowledgements cost 40 ms each. The kernel
        # forgets the wish after every use.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        self._received += data
        while len(self._received) >= 2:
            end = 2 + int.from_bytes(self._received[:2], "big")
            if len(self._received) < end:
                return
            message = bytes(self._received[2:end])
            self._received[:end] = bytes(end)  # it may have carried a password
            del self._received[:end]
            self._take(message)

    def break_off(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _take(self, message: bytes) -> None:
        if len(message) != 1:
            self._before(message)
        elif message[0] == _GET_ATR:
            self._say(self._chip.atr if self._chip is not None else _MUTE_ATR)
        elif self._chip is not None and message[0] in (_POWER_ON, _RESET):
            self._chip.power_on()
        elif self._chip is not None and message[0] == _POWER_OFF:
            self._chip.power_off()

    def _before(self, message: bytes) -> None:
        ins = f"{message[1]:02X}" if len(message) > 1 else ""
        fault, seconds = self._slot.faults.draw(f"apdu:{ins}", "apdu")
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._carry_out, message, ins, fault)
        else:
            self._carry_out(message, ins, fault)

    def _carry_out(self, message: bytes, ins: str, fault: Fault | None) -> None:
        if self._chip is None or self._stopped(fault):
            return
        if fault is Fault.ERROR:
            self._say(b"\x6f\x00")
            return
        self._slot.apdus.append(message[:4].hex().upper())
        answer = self._chip.process(message)
        late, seconds = self._slot.faults.draw(f"answer:{ins}", "answer")
        if Fault.GARBLE in (fault, late):
            answer = bytes(byte ^ 0x5A for byte in answer)
        elif late is Fault.ERROR:
            answer = b"\x6f\x00"
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._after, answer, late)
        else:
            self._after(answer, late)

    def _after(self, answer: bytes, fault: Fault | None) -> None:
        if not self._stopped(fault):
            self._say(answer)

    def _stopped(self, fault: Fault | None) -> bool:
        if self.broken.done():
            return True
        if fault in (Fault.PULL, Fault.LOSE):
            self._slot.pull()
            return True
        self._mute = self._mute or fault is Fault.MUTE
        return self._mute or fault is Fault.DROP

    def _say(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(len(answer).to_bytes(2, "big") + answer)
