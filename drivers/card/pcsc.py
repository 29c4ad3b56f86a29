"""The PC/SC card reader: any reader that pcscd knows, behind the hardware seam.

Everything that can block or crash happens in a child process (``pcsc_hosted.py`` over ``drivers/host.py``); here is
what the facts mean. It holds a card exclusively, never sends an APDU twice, and calls a card that does not answer
mute, one that has left pulled, and a service that died lost. It cannot see a card that was swapped for another in
less than 0.4 s (pcscd's polling): whoever commits reads the card's identity again first.
"""

from __future__ import annotations

import asyncio
import logging

from drivers.api import (
    Card,
    CardWasReset,
    Condition,
    DeviceError,
    DeviceInUse,
    DeviceLost,
    DeviceTimeout,
    Health,
    MuteCard,
    PulledEarly,
    Remedy,
    Response,
)
from drivers.frozen import dataclass
from drivers.host import CallFailed, HostProcess

_log = logging.getLogger(__name__)

# The numbers and codes of pcsc_hosted.py, which imports pyscard and so cannot be imported here.
_STATE = 1
_NO_SERVICE, _NO_READER, _EMPTY, _PRESENT, _MUTE_CARD = range(5)

_FIRST_STATE_S = 5.0
_RELEASE_S = 1.0
_HELD = "another program holds the card"
_HELD_S = 0.6
"""Longer than pcscd takes to say that a card is free again (0.4 s), and than other programs look at one that came."""
_AGAIN_S = 0.1
_STATUS_S = 3.0
_UNHEARD_S = 10.0
"""As long as a new child may take to start. While none tells how the slot is, nobody would learn that a card left: by
then the reader counts as gone, and its card with it."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the watch said last. ``count`` goes up with every insertion and removal, until pcscd restarts."""

    what: int
    count: int
    reader: str

    @property
    def occupied(self) -> bool:
        return self.what in (_PRESENT, _MUTE_CARD)


class PcscCardReader:
    """``drivers.api.CardReader`` over PC/SC.

    ``reader``: part of the reader's name; ``None`` takes the first. ``socket``: where pcscd listens, if not at its
    usual place. ``apdu_deadline_s``: a card that has not answered by then is mute; 8 s, so that the citizen is told
    within 10. ``connect_deadline_s``: the same for powering up, so that it is told within 1 s of the insertion.
    ``unheard_s``: a reader whose child was lost and did not come back by then is gone, with the card in it.
    """

    def __init__(
        self,
        reader: str | None = None,
        *,
        socket: str | None = None,
        apdu_deadline_s: float = 8.0,
        connect_deadline_s: float = 0.9,
        unheard_s: float = _UNHEARD_S,
    ) -> None:
        self._host = HostProcess(
            "drivers.card.pcsc_hosted:Reader",
            reader or "",
            env={"PCSCLITE_CSOCK_NAME": socket} if socket else None,
            on_event=self._event,
            on_lost=self._process_lost,
            keep_alive=True,
        )
        self._apdu_deadline_s = apdu_deadline_s
        self._connect_deadline_s = connect_deadline_s
        self._seen: _Seen | None = None
        self._changed = asyncio.Event()
        self._lost_because = "starting"
        self._waiting = False
        self._connecting = False
        self._given_up: int | None = None
        self._held: _PcscCard | None = None
        self._not_yet_gone: set[_PcscCard] = set()
        self._unheard_s = unheard_s
        self._unheard: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id, for the operator and for tests."""
        return self._host.pid

    async def health(self) -> Health:
        if self._closed:
            return Health(Condition.OFFLINE, Remedy.NONE, "closed")
        try:
            seen = await self._known()
        except DeviceLost as error:
            return Health(Condition.OFFLINE, Remedy.MAINTENANCE, str(error))
        match seen.what:
            case 0:
                return Health(Condition.OFFLINE, Remedy.SUSPEND, "pcscd does not answer")
            case 1:
                return Health(Condition.NO_DEVICE, Remedy.MAINTENANCE, "pcscd knows no such reader")
        if seen.what == _MUTE_CARD or (seen.occupied and seen.count == self._given_up):
            return Health(Condition.USER_ERROR, Remedy.CLEAR, "a card that does not answer", seen.reader)
        if seen.what == _PRESENT and await self._held_elsewhere():
            return Health(Condition.BUSY, Remedy.CONFIGURATION, _HELD, seen.reader)
        return Health(Condition.ONLINE, model=seen.reader)

    async def _held_elsewhere(self) -> bool:
        """Whether somebody holds the card that is in, and it is not this driver."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _HELD_S
        try:
            while not (self._connecting or (self._held is not None and self._held.usable)):
                if await self._host.call("in_use", deadline_s=_STATUS_S) == b"\0":
                    return False
                if loop.time() > until:
                    return True
                await asyncio.sleep(_AGAIN_S)
        except DeviceError as error:
            _log.info("nobody knows who holds the card: %s", error)
        return False

    async def close(self) -> None:
        self._closed = True
        if self._held is not None:
            await self._held.release()
        await self._host.close()
        self._hear()
        self._all_gone()
        self._tell()

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
        while True:
            seen = await self._known()
            if seen.what == _NO_SERVICE:
                raise DeviceLost("pcscd does not answer")
            if seen.what == _NO_READER:
                raise DeviceLost("pcscd knows no such reader")
            if seen.occupied and seen.count != self._given_up:
                if seen.what == _PRESENT:
                    card = await self._connect(seen)
                    if card is not None:
                        return card
                    continue
                self._given_up = seen.count
                raise MuteCard("no answer to reset")
            await self._changed.wait()

    async def _connect(self, seen: _Seen) -> Card | None:
        """``None``: look again, for the slot is not what it was."""
        self._connecting = True
        try:
            atr = await self._host.call("connect", deadline_s=self._connect_deadline_s)
        except asyncio.CancelledError:
            self._host.post("disconnect")
            raise
        except DeviceTimeout as error:
            self._given_up = seen.count
            raise MuteCard(str(error)) from error
        except CallFailed as error:
            if error.code == "pulled":
                if self._seen == seen:
                    # The library knows before the watch does.
                    await self._changed.wait()
                return None
            if error.code in ("mute", "reset"):
                self._given_up = seen.count
                raise MuteCard("no answer to reset") from error
            if error.code == "busy":
                raise DeviceInUse(_HELD) from error
            raise DeviceLost(f"connecting: {error.code}") from error
        finally:
            self._connecting = False
        self._held = _PcscCard(self, atr, seen.count)
        self._not_yet_gone.add(self._held)
        self._look_for_gone()
        return self._held

    async def _known(self) -> _Seen:
        """What the watch says, waiting for its first word. Raises DeviceLost if there is none."""
        if self._closed:
            raise DeviceLost("closed")
        self._host.spawn()
        if self._seen is None:
            try:
                async with asyncio.timeout(_FIRST_STATE_S):
                    while self._seen is None and not self._closed:
                        await self._changed.wait()
            except TimeoutError:
                raise DeviceLost(self._lost_because) from None
            if self._seen is None:
                raise DeviceLost("closed")
        return self._seen

    def _event(self, code: int, payload: bytes) -> None:
        if code != _STATE:
            return
        seen = _Seen(payload[0], int.from_bytes(payload[1:5], "little"), payload[5:].decode("utf-8", "replace"))
        if seen.what in (_NO_SERVICE, _NO_READER):
            self._given_up = None
            if self._seen is None or self._seen.what != seen.what:
                _log.warning("reader lost: %s", "no service" if seen.what == _NO_SERVICE else "no reader")
        elif self._seen is None or self._seen.what in (_NO_SERVICE, _NO_READER):
            _log.info("reader %s", seen.reader)
        self._seen = seen
        self._hear()
        self._look_for_gone()
        self._tell()

    def _look_for_gone(self) -> None:
        seen = self._seen
        if seen is not None:
            for card in list(self._not_yet_gone):
                if not seen.occupied or seen.count != card.count:
                    self._not_yet_gone.discard(card)
                    card.gone.set()

    def _all_gone(self) -> None:
        while self._not_yet_gone:
            self._not_yet_gone.pop().gone.set()

    def _hear(self) -> None:
        if self._unheard is not None:
            self._unheard.cancel()
            self._unheard = None

    def _process_lost(self, reason: str) -> None:
        self._seen = None
        if self._unheard is None:
            self._unheard = asyncio.get_running_loop().call_later(self._unheard_s, self._all_gone)
        self._lost_because = reason
        if self._held is not None:
            self._held.connected = False
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class _PcscCard:
    def __init__(self, reader: PcscCardReader, atr: bytes, count: int) -> None:
        self._call = reader._host.call
        self._deadline_s = reader._apdu_deadline_s
        self._atr = atr
        self._released = False
        self._mute = False
        self.count = count
        self.connected = True
        self.gone = asyncio.Event()

    @property
    def atr(self) -> bytes:
        return self._atr

    @property
    def usable(self) -> bool:
        return self.connected and not self._released and not self.gone.is_set()

    async def transmit(self, apdu: bytes) -> Response:
        if not self.usable:
            self._refuse()
        try:
            answer = await self._call("transmit", apdu, deadline_s=self._deadline_s)
        except DeviceTimeout as error:
            self._mute = True
            raise MuteCard(str(error)) from error
        except CallFailed as error:
            match error.code:
                case "pulled":
                    raise PulledEarly from error
                case "reset":
                    raise CardWasReset from error
                case "mute":
                    raise MuteCard("no answer") from error
                case code:
                    raise DeviceLost(code) from error
        return Response(answer[:-2], answer[-2] << 8 | answer[-1])

    def _refuse(self) -> None:
        if self._released:
            raise RuntimeError("the card has been released")
        if self._mute:
            raise MuteCard("no answer to an earlier command")
        if self.gone.is_set():
            raise PulledEarly
        raise DeviceLost("the connection to the card was lost")

    async def removed(self) -> None:
        await self.gone.wait()

    async def release(self) -> None:
        if self._released:
            return
        self._released = True
        if self.connected:
            try:
                await self._call("disconnect", deadline_s=_RELEASE_S)
            except DeviceError as error:
                # The child or the reader is gone, and with it the power.
                _log.info("release: %s", error)
