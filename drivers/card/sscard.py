"""A social-security card behind a vendor's library with the ``SSCardDriver`` prototypes of LD/T 33 (section 1.7).

Such a library hides the bytes: it reads, verifies and resets by itself. So this is no ``drivers.api.Card``, but stands
beside ``SocialSecurityCard`` and gives the same :class:`CardFace` and :class:`Holder`. A terminal that has only such a
library can read the card (also with the back office's HSM), have a password verified, changed and reset, and knows the
tries left from its errors. It cannot wait for a card or for its removal, notice a card swapped within an instant except
by reading it again, ask for the tries left without using one, unblock, and, where the library asks for passwords in a
dialogue of its own, neither apply the rules for weak passwords nor prove that a new one was set (docs/adr/0009).

The library runs in a child process: a crash is DeviceLost, a hang DeviceTimeout, the next call starts a new one.
Nothing is ever called twice by itself.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from drivers.api import Condition, DeviceError, DeviceLost, DeviceTimeout, Health, MuteCard, PulledEarly, Remedy
from drivers.card.apdu import wipe
from drivers.card.social_security_values import NotSocialSecurityCard, PinNotProved
from drivers.card.sscard_values import (
    Basics,
    Binding,
    HsmNotNeeded,
    LibraryFault,
    NeedsHsm,
    basics,
    error_of,
    split,
)
from drivers.host import CallFailed, HostProcess

_log = logging.getLogger(__name__)

READ_S = 10.0
"""A card with a security module takes about 2 s."""
ENTRY_S = 90.0
"""A call in which the citizen types on the library's own keypad, twice for a new password."""

_LENGTH_BYTES = 2
_RESULT_BYTES = 4
_INTERNAL_HEX, _EXTERNAL_HEX = 16, 32
_READ_1_FIELDS, _RESET_1_FIELDS, _RESET_2_FIELDS = 9, 4, 5
"""Fields of the answers of the HSM steps (section 1.7)."""


class LibraryAuthority(Protocol):
    """Whoever asks the HSM, in the strings of the library. Raises AuthorityRefused."""

    async def open_card(self, fields: list[str]) -> tuple[str, str]:
        """For the nine fields of step 1 of reading: results of internal (16 hex) and external (32) authentication."""
        ...

    async def open_reset(self, fields: list[str]) -> str:
        """For the four fields of step 1 of a reset: the result of external authentication (32 hex)."""
        ...

    async def protect_reset(self, fields: list[str]) -> str:
        """For the five fields of step 2, the last of them the new password's block: the APDU to send, in hex."""
        ...


class SscardLibrary:
    """The library of one :class:`Binding`. One call at a time; a second one waits."""

    def __init__(self, binding: Binding, *, read_s: float = READ_S, entry_s: float = ENTRY_S) -> None:
        self._binding = binding
        self._read_s = read_s
        self._entry_s = entry_s
        self._turn = asyncio.Lock()
        self._busy = False
        self._host = HostProcess("drivers.card.sscard_hosted:Library", binding.to_child())

    async def health(self) -> Health:
        """Whether the library loads and reaches its reader; told by reading the card, as there is no other question."""
        model = f"SSCardDriver {self._binding.path}"
        if self._busy:
            return Health(Condition.BUSY, detail="a call is under way", model=model)
        try:
            await self.basics()
        except (LibraryFault, CallFailed) as error:
            return Health(Condition.HARDWARE_ERROR, Remedy.CONFIGURATION, str(error), model)
        except DeviceTimeout as error:
            return Health(Condition.HARDWARE_ERROR, Remedy.RESET, str(error), model)
        except DeviceLost as error:
            return Health(Condition.NO_DEVICE, Remedy.CONFIGURATION, str(error), model)
        except DeviceError as error:
            _log.debug("%s answers: %s", self._binding.path, type(error).__name__)  # about a card: the reader is there
        return Health(Condition.ONLINE, model=model)

    async def close(self) -> None:
        """End the library's process. Safe to call twice."""
        await self._host.close()

    async def present(self) -> bool:
        """Whether a social-security card is in, asked by reading it. Raises MuteCard, DeviceLost, DeviceTimeout …"""
        try:
            await self.basics()
        except (PulledEarly, NotSocialSecurityCard):
            return False
        except NeedsHsm:
            pass
        return True

    # --- reading ----------------------------------------------------------------------------------------------

    async def basics(self, authority: LibraryAuthority | None = None) -> Basics:
        """Card and holder, read anew; with an authority also where the terminal's security module cannot open the card.

        Raises NeedsHsm without one, BadAnswer, the errors of section 1.8, DeviceLost, DeviceTimeout.
        """
        try:
            return basics(self._binding, await self._call("read", self._read_s))
        except NeedsHsm:
            if authority is None:
                raise
        try:
            asked = await self._fields("read_1", _READ_1_FIELDS, self._read_s)
        except HsmNotNeeded:
            return basics(self._binding, await self._call("read", self._read_s))
        internal, external = await authority.open_card(asked)
        key = bytearray(f"{_hex(internal, _INTERNAL_HEX)}|{_hex(external, _EXTERNAL_HEX)}|", "ascii")
        return basics(self._binding, await self._call("read_2", self._read_s, key=key))

    # --- passwords --------------------------------------------------------------------------------------------

    async def verify(self, pin: bytearray | None = None) -> None:
        """Have the password verified, exactly once. ``pin`` only, and always, where the library takes it.

        Raises WrongPin, WrongPinUncounted, PinBlocked, PinCancelled, PinNotEntered, ValueError for a needless ``pin``.
        """
        await self._call("verify", self._entry_s, **self._passwords("verify", pin=pin))

    async def change(self, old: bytearray | None = None, new: bytearray | None = None) -> bool:
        """Have the password changed; whether that is proved by a VERIFY of the new one.

        It can be proved only where the library takes passwords. Raises as :meth:`verify`, and PinNotProved when it is
        not known whether the card holds the old password or the new one.
        """
        given = self._passwords("change", old=old, new=new)
        await self._set("change", self._entry_s, **given)
        return await self._prove(new)

    async def reset(self, card: Basics, authority: LibraryAuthority, new: bytearray | None = None) -> bool:
        """Have a new password set by the HSM's power; whether it is proved. Raises as :meth:`change`, and
        AuthenticationFailed, OtherCard, AuthorityRefused."""
        given = self._passwords("reset_2", new=new)
        info = bytearray(f"{card.face.card_id.hex().upper()}|{card.face.number}|", "ascii")
        asked = await self._fields("reset_1", _RESET_1_FIELDS, self._read_s, card=info)
        external = bytearray(_hex(await authority.open_reset(asked), _EXTERNAL_HEX), "ascii")
        block = await self._fields("reset_2", _RESET_2_FIELDS, self._entry_s, key=external, **given)
        protected = bytearray(_hex(await authority.protect_reset(block)), "ascii")
        await self._set("reset_3", self._read_s, key=protected)
        return await self._prove(new)

    async def _prove(self, new: bytearray | None) -> bool:
        if new is None or not self._binding.takes("verify", "pin"):
            return False
        try:
            await self.verify(new)
        except DeviceError as error:
            raise PinNotProved("the new password was not confirmed") from error
        return True

    async def _set(self, name: str, deadline_s: float, **given: bytearray) -> None:
        """From here on, no answer means: not known."""
        try:
            await self._call(name, deadline_s, **given)
        except (DeviceLost, DeviceTimeout, PulledEarly, MuteCard) as error:
            _log.warning("%s: password change sent, no answer: %s", self._binding.path, type(error).__name__)
            raise PinNotProved("no answer to the change") from error

    def _passwords(self, name: str, **given: bytearray | None) -> dict[str, bytearray]:
        """Those that the library takes. Raises ValueError for one that is missing or would not be used."""
        found = {}
        for word, pin in given.items():
            if (pin is not None) != self._binding.takes(name, word):
                raise ValueError(f"this library {'takes' if pin is None else 'does not take'} a password here: {word}")
            if pin is not None:
                found[word] = pin
        return found

    # --- calls ------------------------------------------------------------------------------------------------

    async def _fields(self, name: str, count: int, deadline_s: float, **given: bytearray) -> list[str]:
        found = split(self._binding, await self._call(name, deadline_s, **given))
        if len(found) != count:
            raise LibraryFault(0, f"{name}: {len(found)} fields in place of {count}")
        return found

    async def _call(self, name: str, deadline_s: float, **given: bytearray) -> bytes:
        """One call of the library, exactly once; what it wrote. Raises what its code stands for."""
        words = [word for word in self._binding.calls[name].arguments if word not in ("type", "out")]
        # Its whole size at once: a buffer that grows leaves copies of passwords behind.
        payload = bytearray(len(name) + 1 + sum(_LENGTH_BYTES + len(given[word]) for word in words))
        payload[: len(name)] = name.encode("ascii")
        at = len(name) + 1
        for word in words:
            payload[at : at + _LENGTH_BYTES] = len(given[word]).to_bytes(_LENGTH_BYTES, "little")
            at += _LENGTH_BYTES
            payload[at : at + len(given[word])] = given[word]
            at += len(given[word])
        try:
            async with self._turn:
                answer = await self._ask(payload, deadline_s)
        finally:
            wipe(payload)
        code = int.from_bytes(answer[:_RESULT_BYTES], "little", signed=True)
        if code == 0:
            return answer[_RESULT_BYTES:]
        raise error_of(code, answer[_RESULT_BYTES:].decode(self._binding.encoding, "replace"))

    async def _ask(self, payload: bytearray, deadline_s: float) -> bytes:
        self._busy = True
        try:
            return await self._host.call("invoke", payload, deadline_s=deadline_s)
        except asyncio.CancelledError:
            # The library would go on, its keypad open, for nobody.
            self._host.kill("cancelled")
            raise
        except CallFailed as error:
            raise LibraryFault(0, error.code) from error
        finally:
            self._busy = False


def _hex(text: str, length: int | None = None) -> str:
    """Hex digits of the HSM. Raises LibraryFault for anything else: it would go to the card."""
    if (length is not None and len(text) != length) or not text or len(text) % 2:
        raise LibraryFault(0, "the authority's answer has another length")
    if not all(char in "0123456789abcdefABCDEF" for char in text):
        raise LibraryFault(0, "the authority's answer is not hexadecimal")
    return text.upper()
