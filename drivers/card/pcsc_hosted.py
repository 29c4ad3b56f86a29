"""The child's half of ``pcsc.py``: every PC/SC call is made here, in a process that may be killed.

A thread of its own watches the reader, with its own context (pcsclite serves one call per context at a time), and
survives a restart of pcscd; ``smartcard.CardMonitoring`` does not, and is not used. The main thread connects and
transmits. It maps what the library says to a handful of codes and never takes "success" without a status word for
an answer: that is what a card pulled in the middle of an APDU looks like.
"""

from __future__ import annotations

import struct
import threading
import time

from smartcard import scard

from drivers.backoff import Backoff
from drivers.hosted import Failed, Parent

STATE = 1
"""Event: what the reader's slot is like, packed by :data:`SEEN`, then the reader's name in UTF-8."""

SEEN = struct.Struct("<BI")
NO_SERVICE, NO_READER, EMPTY, PRESENT, MUTE_CARD = range(5)

PULLED, MUTE, RESET, LOST, BUSY = "pulled", "mute", "reset", "lost", "busy"
"""Codes of ``Failed``."""

_OK = 0
_TIMEOUT = 0x8010000A
_UNKNOWN_READER, _NO_READERS = 0x80100009, 0x8010002E
_SHARING = 0x8010000B
_RESET_CARD = 0x80100068
_GONE = frozenset((0x80100069, 0x8010000C))  # REMOVED_CARD, NO_SMARTCARD
_DEAF = frozenset((0x80100065, 0x80100066, 0x80100067, 0x8010000F))
# UNSUPPORTED_CARD, UNRESPONSIVE_CARD, UNPOWERED_CARD, PROTO_MISMATCH
_SERVICE_GONE = frozenset((0x8010001D, 0x8010001E, 0x80100003, 0x80100017))
# NO_SERVICE, SERVICE_STOPPED, INVALID_HANDLE, READER_UNAVAILABLE
# All from winscard: pcsclite.h.in of pcsc-lite.

_WATCH_MS = 1000
_SERVICE_FIRST_S, _SERVICE_LONGEST_S = 0.05, 1.0
"""Quicker than other devices: to ask for the service is to connect to a socket of this machine, 0.1 ms, and a citizen
whose card is in must find the reader back within 5 s of the service's return."""
_AGAIN_S = 0.05
_SETTLE_S = 0.6
"""pcscd polls the slot every 0.4 s: how long to ask whether a card that failed is still there."""
_CONNECT_S = 0.5
_NEW_READERS = "\\\\?PnP?\\Notification"


class Reader:
    """The first reader whose name contains ``wanted`` (empty: the first)."""

    def __init__(self, parent: Parent, wanted: str = "") -> None:
        self._parent = parent
        self._wanted = wanted
        self._name = ""
        self._context: int | None = None
        self._card: int | None = None
        self._protocol = 0
        threading.Thread(target=self._watch, daemon=True).start()

    # --- calls ------------------------------------------------------------------------------------------------

    def connect(self, payload: memoryview) -> bytes:
        """Power the card and hold it alone; the ATR. ``payload`` is not used."""
        self.disconnect(payload)
        until = time.monotonic() + _CONNECT_S
        renewed = False
        while True:
            result, card, protocol = scard.SCardConnect(
                self._own_context(),
                self._name,
                scard.SCARD_SHARE_EXCLUSIVE,
                scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1,
            )
            result &= 0xFFFFFFFF
            if result == _OK:
                break
            if not renewed and result not in _DEAF | _GONE:
                # A context of before a restart of pcscd is dead, and only its use tells.
                renewed = True
                self._drop_context()
                continue
            # Just after an insertion pcscd may not have powered the card yet, and other programs have a look at it.
            if result not in _DEAF | {_SHARING} or time.monotonic() > until:
                raise Failed(self._code(result))
            time.sleep(0.05)
        self._card, self._protocol = card, protocol
        result, _, _, _, atr = scard.SCardStatus(card)
        if result != _OK:
            raise Failed(self._code(result & 0xFFFFFFFF))
        return bytes(atr)

    def transmit(self, payload: memoryview) -> bytes:
        """One APDU; data and status word."""
        if self._card is None:
            raise Failed(LOST)
        result, answer = scard.SCardTransmit(self._card, self._protocol, list(payload))
        if result == _OK and len(answer) >= 2:
            return bytes(answer)
        raise Failed(self._code(result & 0xFFFFFFFF))

    def disconnect(self, payload: memoryview) -> bytes:
        """Power the card down and let it go. ``payload`` is not used."""
        card, self._card = self._card, None
        if card is not None:
            scard.SCardDisconnect(card, scard.SCARD_UNPOWER_CARD)
        return bytes(payload[:0])

    def in_use(self, payload: memoryview) -> bytes:  # noqa: ARG002  every operation is given one
        """One byte, 1 if somebody holds the card that is in. pcscd tells it as late as its next look at the
        slot."""
        result, states = scard.SCardGetStatusChange(self._own_context(), 0, [(self._name, scard.SCARD_STATE_UNAWARE)])
        held = 0
        if result & 0xFFFFFFFF == _OK:
            held = states[0][1] & (scard.SCARD_STATE_EXCLUSIVE | scard.SCARD_STATE_INUSE)
        else:
            self._drop_context()
        return bytes([held != 0])

    def _drop_context(self) -> None:
        if self._context is not None:
            scard.SCardReleaseContext(self._context)
            self._context = None

    def _own_context(self) -> int:
        if self._context is None:
            result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
            if result != _OK:
                raise Failed(LOST)
            self._context = context
        return self._context

    def _code(self, result: int) -> str:
        if result in _GONE:
            return PULLED
        if result == _RESET_CARD:
            return RESET
        if result in _SERVICE_GONE or result in (_UNKNOWN_READER, _NO_READERS):
            return LOST
        if result == _SHARING:
            return BUSY
        # "Success" without a status word, a transmission error, no power: is there a card at all?
        until = time.monotonic() + _SETTLE_S
        while time.monotonic() < until:
            asked, states = scard.SCardGetStatusChange(
                self._own_context(), 0, [(self._name, scard.SCARD_STATE_UNAWARE)]
            )
            if asked != _OK:
                return LOST
            if not states[0][1] & scard.SCARD_STATE_PRESENT:
                return PULLED
            time.sleep(0.05)
        return MUTE

    # --- the watch --------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        self._told: bytes | None = None
        backoff = Backoff(_SERVICE_FIRST_S, _SERVICE_LONGEST_S)
        while True:
            result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
            if result == _OK:
                backoff.succeeded()
                self._watch_with(context)
                scard.SCardReleaseContext(context)
            self._tell(NO_SERVICE)
            time.sleep(backoff.failed(time.monotonic()))  # a service that is away sends no event when it is back

    def _watch_with(self, context: int) -> None:
        """Until the service is gone."""
        while True:
            result, names = scard.SCardListReaders(context, [])
            result &= 0xFFFFFFFF
            if result not in (_OK, _NO_READERS):
                return
            name = next((name for name in names or () if self._wanted in name), None)
            if name is None:
                self._tell(NO_READER)
                result, _ = scard.SCardGetStatusChange(context, _WATCH_MS, [(_NEW_READERS, len(names or ()) << 16)])
                if result & 0xFFFFFFFF not in (_OK, _TIMEOUT):
                    return
                continue
            self._name = name
            state = scard.SCARD_STATE_UNAWARE
            while True:
                result, states = scard.SCardGetStatusChange(context, _WATCH_MS, [(name, state)])
                result &= 0xFFFFFFFF
                if result == _TIMEOUT:
                    continue
                if result == _UNKNOWN_READER:
                    break
                if result != _OK:
                    return
                state = states[0][1] & ~scard.SCARD_STATE_CHANGED
                if state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE):
                    break
                if not state & scard.SCARD_STATE_PRESENT:
                    seen = EMPTY
                else:
                    seen = MUTE_CARD if state & scard.SCARD_STATE_MUTE else PRESENT
                self._tell(seen, state >> 16 & 0xFFFF)
            self._tell(NO_READER)
            time.sleep(_AGAIN_S)  # a reader that has just gone is still listed for a moment

    def _tell(self, seen: int, count: int = 0) -> None:
        told = SEEN.pack(seen, count) + self._name.encode()
        if told != self._told:
            self._told = told
            self._parent.emit(STATE, told)
