"""A card reader without hardware, in process: plain asyncio objects that also live on a virtual clock.

It replaces the *driver*, so nothing of PC/SC runs; the reader that runs all of it is ``virtual.py``. The reader is
what a terminal sees; the slot is the hand of whoever plays the citizen.

Operations of its fault plan, from particular to general: ``card`` (a card is being powered), ``apdu:20`` (by
instruction, two upper-case hex digits) and ``apdu`` before the chip sees a command, ``answer:20`` and ``answer``
after the chip has carried it out and before anybody learns of it.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from drivers.api import (
    Card,
    CardWasReset,
    Condition,
    DeviceLost,
    Health,
    MuteCard,
    PulledEarly,
    Remedy,
    Response,
)
from drivers.card.chip import Chip
from drivers.faults import Fault, FaultPlan

_WELL = Health(Condition.ONLINE, model="mock")


class CardSlot(Protocol):
    """The hand at the slot: the same for the mock and for the virtual card on the wire."""

    faults: FaultPlan

    @property
    def chip(self) -> Chip | None:
        """The card that is in the right way; ``None`` also for one that is in the wrong way."""
        ...

    @property
    def released(self) -> bool:
        """True when the card in the slot is without power: free to take."""
        ...

    def insert(self, chip: Chip) -> None:
        """Put a card in, the right way; the one that was in is taken out first."""
        ...

    def insert_wrong_way(self) -> None:
        """Put in something whose chip does not answer."""
        ...

    def pull(self) -> None:
        """Take out whatever is in."""
        ...


class MockCardSlot:
    """The slot of a :class:`MockCardReader`."""

    def __init__(self, faults: FaultPlan | None = None) -> None:
        self.faults = faults if faults is not None else FaultPlan()
        self.apdus: list[str] = []
        """Every command that reached a chip, by its header alone: the data may hold a password."""
        self.plugged = True
        self.chip: Chip | None = None
        self.occupied = False
        """Whether anything is in, also the wrong way round."""
        self.insertion = 0
        """Which one this is, or was, counted from 1."""
        self._resets = 0
        self._changed = asyncio.Event()

    @property
    def released(self) -> bool:
        return self.chip is not None and not self.chip.powered

    def insert(self, chip: Chip) -> None:
        self.pull()
        self.chip = chip
        self._occupy()

    def insert_wrong_way(self) -> None:
        self.pull()
        self._occupy()

    def pull(self) -> None:
        if self.chip is not None:
            self.chip.power_off()
        self.chip = None
        self.occupied = False
        self._tell()

    def swap_unnoticed(self, chip: Chip) -> None:
        """Put another card in the place of the one that is in, so quickly that the reader raises no event: whoever
        holds that one goes on with this (docs/protocols.md section 5.5)."""
        if self.chip is not None and self.chip.powered:
            self.chip.power_off()
            chip.power_on()
        self.chip = chip

    def reset(self) -> None:
        """Let another program reset the card, as happens with shared readers."""
        if self.chip is not None and self.chip.powered:
            self.chip.power_on()
            self._resets += 1

    def unplug(self) -> None:
        """Take the whole reader away."""
        self.pull()
        self.plugged = False
        self._tell()

    def plug(self) -> None:
        self.plugged = True
        self._tell()

    def _occupy(self) -> None:
        self.occupied = True
        self.insertion += 1
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed.clear()  # for whoever waits from here on


class MockCardReader:
    """``drivers.api.CardReader`` over a slot in this process. ``deadline_s`` is how long an APDU may take."""

    def __init__(self, slot: MockCardSlot | None = None, *, deadline_s: float = 8.0) -> None:
        self.slot = slot if slot is not None else MockCardSlot()
        self._deadline_s = deadline_s
        self._waiting = False
        self._mute_insertion = 0
        self._held: _MockCard | None = None
        self._closed = False

    async def health(self) -> Health:
        if self._closed:
            return Health(Condition.OFFLINE, Remedy.NONE, "closed", model="mock")
        if not self.slot.plugged:
            return Health(Condition.NO_DEVICE, Remedy.MAINTENANCE, "unplugged", model="mock")
        if self.slot.occupied and (self.slot.chip is None or self.slot.insertion == self._mute_insertion):
            return Health(Condition.USER_ERROR, Remedy.CLEAR, "a card that does not answer", model="mock")
        return _WELL

    async def close(self) -> None:
        self._closed = True
        if self._held is not None:
            await self._held.release()
        self.slot._tell()

    async def card(self) -> Card:
        if self._waiting:
            raise RuntimeError("somebody is waiting for a card already")
        if self._held is not None and self._held.usable:
            raise RuntimeError("the last card has not been released")
        self._waiting = True
        try:
            return await self._next_card()
        finally:
            self._waiting = False

    async def _next_card(self) -> Card:
        slot = self.slot
        while True:
            if self._closed:
                raise DeviceLost("closed")
            if not slot.plugged:
                raise DeviceLost("unplugged")
            if slot.occupied and slot.insertion != self._mute_insertion:
                insertion = slot.insertion
                fault = await slot.faults.meet("card")
                if fault is Fault.LOSE:
                    slot.unplug()
                elif fault is Fault.PULL:
                    slot.pull()
                if not slot.occupied or slot.insertion != insertion:
                    continue
                if slot.chip is None or fault is not None:
                    self._mute_insertion = insertion
                    raise MuteCard("no answer to reset")
                self._held = _MockCard(self, slot.chip)
                return self._held
            await slot._changed.wait()


class _MockCard:
    def __init__(self, reader: MockCardReader, chip: Chip) -> None:
        self._reader = reader
        self._slot = slot = reader.slot
        self._deadline_s = reader._deadline_s
        self._insertion = slot.insertion
        self._resets = slot._resets
        self._released = False
        self._mute = False
        self._atr = chip.power_on()

    @property
    def atr(self) -> bytes:
        return self._atr

    @property
    def usable(self) -> bool:
        return self._present and not self._released

    @property
    def _present(self) -> bool:
        return self._slot.occupied and self._slot.insertion == self._insertion

    @property
    def _in_the_slot(self) -> Chip:
        """While the card is present: it may be another one, put in unnoticed."""
        chip = self._slot.chip
        assert chip is not None
        return chip

    async def transmit(self, apdu: bytes) -> Response:
        ins = f"{apdu[1]:02X}" if len(apdu) > 1 else ""
        self._check()
        garble = await self._meet(f"apdu:{ins}", "apdu")
        if garble is Fault.ERROR:
            return Response(b"", 0x6F00)
        self._slot.apdus.append(bytes(apdu[:4]).hex().upper())
        answer = self._in_the_slot.process(apdu)
        late = await self._meet(f"answer:{ins}", "answer")
        if Fault.GARBLE in (garble, late):
            answer = bytes(byte ^ 0x5A for byte in answer)
        elif late is Fault.ERROR:
            answer = b"\x6f\x00"
        return Response(answer[:-2], int.from_bytes(answer[-2:], "big"))

    async def _meet(self, *ops: str) -> Fault | None:
        fault = await self._slot.faults.meet(*ops)
        if fault is None and not self._mute:
            self._check()
            return None
        if fault is Fault.PULL:
            self._slot.pull()
        elif fault is Fault.LOSE:
            self._slot.unplug()
        elif fault is Fault.MUTE:
            self._mute = True
        self._check()
        if self._mute or fault is Fault.DROP:
            await self._silence()
        return fault

    async def _silence(self) -> None:
        try:
            async with asyncio.timeout(self._deadline_s):
                await self.removed()
        except TimeoutError:
            self._mute = True
            if self._present:
                self._in_the_slot.power_off()
            raise MuteCard(f"no answer within {self._deadline_s:g} s") from None
        self._check()

    def _check(self) -> None:
        if self._reader._closed:
            raise DeviceLost("closed")
        if not self._slot.plugged:
            raise DeviceLost("unplugged")
        if not self._present:
            raise PulledEarly
        if self._released:
            raise RuntimeError("the card has been released")
        if self._slot._resets != self._resets:
            raise CardWasReset

    async def removed(self) -> None:
        while self._present and not self._reader._closed:
            await self._slot._changed.wait()

    async def release(self) -> None:
        if not self._released:
            self._released = True
            if self._present:
                self._in_the_slot.power_off()
