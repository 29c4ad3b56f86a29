"""A PIN pad in memory, in place of a driver, and the fingers on its keys.

Owns the manners of a pad: keys count only while somebody waits for a PIN, nobody but the caller ever holds the digits,
an encrypting pad gives none away. Operations for its fault plan: ``pin`` when an entry begins (LOSE, ERROR: it finds
itself tampered with, MUTE: keys do nothing) and ``key`` (LOSE, DROP: this press is not felt).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator

from drivers.api import (
    Condition,
    DeviceLost,
    EncryptedPin,
    Health,
    PadTampered,
    PinCancelled,
    PinEntry,
    PinFormat,
    PlainPin,
    Remedy,
)
from drivers.faults import Fault, FaultPlan
from drivers.pinpad.blocks import LEAST, MOST, Dice, check_value, seal, wipe

MODEL = "mock PIN pad"


class Keys:
    """The fingers on a pad, and what can happen to it: for tests and the dock, never for the user of the driver."""

    def __init__(self, faults: FaultPlan | None = None) -> None:
        self.faults = faults or FaultPlan()
        self.lit = False
        """Whether the keys are on."""
        self.is_plugged = True
        self.is_tampered = False
        self._digits = bytearray(MOST)
        self._count = 0
        self._length = 0
        self._done: asyncio.Future[None] | None = None
        self._moved = asyncio.Event()
        self._silent = False

    def press(self, key: str) -> None:
        """``0`` to ``9``, ``clear``, ``enter`` or ``cancel``. A key that is off does nothing."""
        if key not in ("clear", "enter", "cancel") and not (len(key) == 1 and key in "0123456789"):
            raise ValueError("no such key")
        fault = self.faults.take("key")
        if fault is Fault.LOSE:
            self.unplug()
        if not self.lit or self._done is None or self._done.done() or self._silent or fault is Fault.DROP:
            return
        if key == "enter":
            if self._count == self._length:
                self._done.set_result(None)
        elif key == "cancel":
            self._done.set_exception(PinCancelled(self._count))
        elif key == "clear":
            self._forget()
        elif self._count < self._length:
            self._digits[self._count] = ord(key)
            self._count += 1
        self._moved.set()

    def type(self, digits: str) -> None:
        """All these digits, and the green key."""
        for digit in digits:
            self.press(digit)
        self.press("enter")

    def unplug(self) -> None:
        self.is_plugged = False
        self._break(DeviceLost("unplugged"))

    def plug(self) -> None:
        self.is_plugged = True

    def tamper(self) -> None:
        """Open the case: the pad erases its keys for good."""
        self.is_tampered = True
        self._break(PadTampered("the case was opened"))

    @property
    def holds_digits(self) -> bool:
        """Whether anything of a PIN is in the pad."""
        return any(self._digits)

    @property
    def count(self) -> int:
        """How many digits there are now."""
        return self._count

    def _break(self, error: Exception) -> None:
        self._forget()
        if self._done is not None and not self._done.done():
            self._done.set_exception(error)
        self._moved.set()

    def _forget(self) -> None:
        wipe(self._digits)
        self._count = 0


class MockPinPad:
    """A pad with its :class:`Keys`. With a ``key`` it encrypts in ``form`` and never gives a digit away."""

    def __init__(
        self,
        keys: Keys | None = None,
        *,
        key: bytes | None = None,
        form: PinFormat = PinFormat.ISO_0,
        dice: Dice = os.urandom,
    ) -> None:
        self.keys = keys or Keys()
        self._key = key
        self._form = form
        self._dice = dice
        self._closed = False
        if key is not None:
            check_value(form, key)  # raises ValueError for a key that does not fit

    @property
    def gives(self) -> PinFormat | None:
        return None if self._key is None else self._form

    async def health(self) -> Health:
        if self._closed or not self.keys.is_plugged:
            return Health(Condition.NO_DEVICE, Remedy.CONFIGURATION, "unplugged", MODEL)
        if self.keys.is_tampered:
            detail = "opened, and its keys erased: it goes back to its supplier"
            return Health(Condition.HARDWARE_ERROR, Remedy.MAINTENANCE, detail, MODEL)
        return Health(Condition.ONLINE, model=MODEL)

    async def pin(self, length: int, *, account: str = "") -> PinEntry:
        keys = self.keys
        if not LEAST <= length <= MOST:
            raise ValueError(f"a PIN has {LEAST} to {MOST} digits")
        if self._key is not None and not (account.isascii() and account.isdigit()):
            raise ValueError("an encrypting pad needs an account number")
        if keys._done is not None:
            raise RuntimeError("somebody waits for this pad already")
        self._check()
        keys._done = asyncio.get_running_loop().create_future()
        try:
            fault = await keys.faults.meet("pin")
            if fault is Fault.LOSE:
                keys.unplug()
            elif fault is Fault.ERROR:
                keys.tamper()
            keys._silent = fault is Fault.MUTE
            self._check()
            keys._length, keys.lit = length, True
            await keys._done
            return self._entry(length, account)
        finally:
            if keys._done.done() and not keys._done.cancelled():
                keys._done.exception()
            keys._done = None
            keys._silent = keys.lit = False
            keys._length = 0
            keys._forget()
            keys._moved.set()

    async def typed(self) -> AsyncGenerator[int, None]:
        told = -1
        while not self._closed:
            self.keys._moved.clear()
            if self.keys._count != told:
                told = self.keys._count
                yield told
            else:
                await self.keys._moved.wait()

    async def close(self) -> None:
        self._closed = True
        self.keys._break(DeviceLost("closed"))

    def _check(self) -> None:
        if self._closed or not self.keys.is_plugged:
            raise DeviceLost("unplugged")
        if self.keys.is_tampered:
            raise PadTampered("its keys are erased")

    def _entry(self, length: int, account: str) -> PinEntry:
        digits = self.keys._digits[:length]
        if self._key is None:
            return PlainPin(digits)
        try:
            return EncryptedPin(seal(self._form, self._key, digits, account, self._dice), self._form, MODEL)
        finally:
            wipe(digits)
