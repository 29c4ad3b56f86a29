"""The dialogue with the platform: sessions, connections, and one answer to each message.

Owns the session (signed in by itself, again whenever the platform says that it has ended) and the answer to the one
question that counts: could the message have left? ``InsurerUnreachable(sent=False)`` is raised only if certainly no
byte of it did, or if the platform itself says, signed, that it did nothing.

Two things follow from that. With TLS 1.3 a client is through the handshake before the server has judged its
certificate; so the first message on every new connection is a sign-in or a probe, which carry nothing of anybody, and
a business message follows only when that was answered and the answer believed. And a kept connection may have died
unseen: if it ends without a single byte of an answer, the message goes out once more, under a new number, on a new
connection. That is safe for a change as well, because it carries its key and an insurer does a key once; should the
second try fail, the change counts as sent. Nothing else is ever repeated.

It believes no reply that is not signed for its request or is garbled: those are lost answers. It knows nothing of what
is asked.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from kiosk.insurer import envelope, local, national
from kiosk.insurer.agreement import Agreement
from kiosk.insurer.api import InsurerUnreachable
from kiosk.insurer.connection import Connection, Kept, NoAnswer, NotConnected
from kiosk.insurer.envelope import Reply, Request
from kiosk.insurer.gateway import REFUSED, Gateway, SignatureRefused
from kiosk.insurer.message_numbers import MessageNumbers
from kiosk.insurer.notation import NotUnderstood

log = logging.getLogger(__name__)

_Value = TypeVar("_Value")
Payload = Mapping[str, object]

_CONNECTIONS = 4
"""At once: a visit needs one, settling what stayed unknown another, the probe a third."""
_TRIES = 3
"""A dead connection and an ended session may come together, as after a restart of the server."""
_WORD = re.compile("[a-z ]{1,20}")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds. ``whole`` stays below what kiosk.insurer.patience allows, so that what is known here is told."""

    connect: float = 4.0
    answer: float = 8.0
    whole: float = 15.0
    probe: float = 4.0
    farewell: float = 2.0


class PlatformRefused(Exception):
    """The platform answered a message with a failure. Only numbers: its text may quote what a citizen owns."""

    def __init__(self, infno: str, infcode: int) -> None:
        super().__init__(f"{infno} answered {infcode}")
        self.infno = infno
        self.infcode = infcode


class NotBelieved(Exception):
    """A reply that proves nothing. ``reason`` names what was wrong with it and nobody's data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Dialogue:
    """Nothing runs between two calls. ``nonce`` makes a name for a message that nobody can guess."""

    def __init__(
        self,
        agreement: Agreement,
        context: ssl.SSLContext,
        gateway: Gateway,
        numbers: MessageNumbers,
        *,
        clock: Callable[[], datetime],
        limits: Limits,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._agreement = agreement
        self._context = context
        self._gateway = gateway
        self._numbers = numbers
        self._clock = clock
        self.limits = limits
        self._nonce = nonce
        self._session = ""
        self._signing_in = asyncio.Lock()
        self._room = asyncio.Semaphore(_CONNECTIONS)
        self._kept = Kept()
        self._closed = False
        self.trouble = ""
        """Why the last message was not answered; empty when it was. For staff, in English, without anybody's data."""

    async def ask(
        self, infno: str, payload: Payload, read: Callable[[Reply], _Value], seconds: float | None = None
    ) -> _Value:
        """Ask and understand. ``read`` may raise NotUnderstood, and what the port's methods raise.

        Raises InsurerUnreachable.
        """
        message = _Message(infno, payload)
        if self._closed:
            raise InsurerUnreachable(sent=False)
        try:
            async with asyncio.timeout(self.limits.whole if seconds is None else seconds):
                async with self._room:
                    reply = await self._carry(message)
            answer = read(reply)
        except TimeoutError as error:
            raise self._unreachable("no answer in time", sent=message.may_have_left) from error
        except (NotConnected, NoAnswer, NotBelieved) as error:
            raise self._unreachable(error.reason, sent=message.may_have_left) from error
        except PlatformRefused as error:
            raise self._unreachable(str(error), sent=message.may_have_left) from error
        except NotUnderstood as error:
            raise self._unreachable(str(error), sent=message.may_have_left) from error
        except OSError as error:  # the file of message numbers
            raise self._unreachable(f"{type(error).__name__} here", sent=message.may_have_left) from error
        self._note("")
        return answer

    def _unreachable(self, reason: str, *, sent: bool) -> InsurerUnreachable:
        self._note(reason)
        return InsurerUnreachable(sent=sent)

    def _note(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.warning("the platform: %s", trouble or "answers again")
            self.trouble = trouble

    async def _carry(self, message: _Message) -> Reply:
        """Send it and get a reply that is believed and says that it was done."""
        answers = self._agreement.answers
        for last in (*(False,) * (_TRIES - 1), True):
            connection, kept = await self._connection()
            session, left_before = self._session, message.may_have_left
            try:
                body = self._written(message.infno, message.payload, session)
            except (NotUnderstood, OSError):
                await self._kept.keep(connection)
                raise
            message.may_have_left = True
            try:
                reply = await self._say(connection, body, self.limits.answer)
            except NoAnswer as error:
                if error.silent and kept and not last:
                    continue
                raise
            await self._kept.keep(connection)
            if reply.infcode == answers.done:
                return reply
            refused = PlatformRefused(message.infno, reply.infcode)
            if reply.infcode in (answers.sign_in_again, answers.not_processed):
                message.may_have_left = left_before  # it says itself that nothing was done
            if reply.infcode == answers.sign_in_again:
                self._end(session)
                if not last:
                    continue
            raise refused
        raise AssertionError("the last try returns or raises")

    async def _connection(self) -> tuple[Connection, bool]:
        """A connection over which the platform has answered, with a session, and whether it is a kept one.

        Raises NotConnected, NotBelieved, PlatformRefused, NotUnderstood: nothing of a message has left.
        """
        if self._session:
            connection = await self._kept.take()
            if connection is not None:
                return connection, True
        connection = await Connection.open(self._agreement.url, self._context, self.limits.connect)
        try:
            await self._introduce(connection)
        except NoAnswer as error:
            raise NotConnected(error.reason) from error
        except BaseException:
            connection.abort()
            raise
        return connection, False

    async def _introduce(self, connection: Connection) -> None:
        """The first message on a new connection: a probe within the session, or else a sign-in."""
        answers = self._agreement.answers
        for _ in range(_TRIES):
            session = self._session
            if session:
                probe = self._written(self._agreement.local.probe, local.data(), session)
                reply = await self._say(connection, probe, self.limits.answer)
                if reply.infcode not in (answers.sign_in_again, answers.not_processed):
                    return  # whether the insurer behind it is well is for the message itself to find out
                self._end(session)
            async with self._signing_in:
                if self._session:
                    continue  # somebody else was quicker, over another connection: this one is still to be tried
                payload = national.sign_in(self._agreement.terminal, _mac(), connection.own_address)
                reply = await self._say(connection, self._written(national.SIGN_IN, payload, ""), self.limits.answer)
                if reply.infcode != answers.done:
                    raise PlatformRefused(national.SIGN_IN, reply.infcode)
                self._session = national.read_signed_in(reply.output)
                return
        raise PlatformRefused(self._agreement.local.probe, answers.sign_in_again)

    def _end(self, session: str) -> None:
        if self._session == session:
            self._session = ""

    def _written(self, infno: str, payload: Payload, session: str) -> bytes:
        """A message with a number of its own. Raises NotUnderstood for what the platform would not take, OSError if
        the number cannot be kept."""
        now, agreement = self._clock(), self._agreement
        return Request(
            infno=infno,
            msgid=self._numbers.next(now),
            mdtrtarea_admvs=agreement.division,
            recer_sys_code=agreement.receiver,
            dev_no=agreement.terminal,
            opter=agreement.terminal,
            opter_name=agreement.terminal,
            inf_time=envelope.inf_time(now),
            fixmedins_code=agreement.institution,
            fixmedins_name=agreement.institution_name,
            sign_no=session,
            input=payload,
        ).encode()

    async def _say(self, connection: Connection, body: bytes, seconds: float) -> Reply:
        """One exchange. Raises NoAnswer, NotBelieved."""
        nonce = self._nonce()
        signed = self._gateway.sign_request(self._clock(), nonce, body)
        answer = await connection.exchange(signed, body, seconds)
        try:
            self._gateway.check_reply(answer.headers, nonce, answer.body)
            if answer.status != 200:
                raise NotBelieved(f"HTTP {answer.status}")
            return Reply.decode(answer.body)
        except SignatureRefused as error:
            connection.abort()
            why = answer.headers.get(REFUSED, "")
            told = f", which says: {why}" if _WORD.fullmatch(why) else ""
            raise NotBelieved(f"the reply's signature ({error.reason}), HTTP {answer.status}{told}") from error
        except NotBelieved:
            connection.abort()
            raise
        except NotUnderstood as error:
            connection.abort()
            raise NotBelieved(str(error)) from error

    async def close(self) -> None:
        """Sign out, if that goes quickly, and give back the connections."""
        if self._closed:
            return
        self._closed = True
        session, self._session = self._session, ""
        connection = await self._kept.take() if session else None
        if connection is not None:
            try:
                payload = national.sign_out(self._agreement.terminal, session)
                body = self._written(national.SIGN_OUT, payload, session)
                await self._say(connection, body, self.limits.farewell)
            except (NoAnswer, NotBelieved, NotUnderstood, OSError):
                pass  # a session that is not ended here ends by itself
            await connection.close()
        await self._kept.close()


@dataclass(slots=True)
class _Message:
    infno: str
    payload: Payload
    may_have_left: bool = False


def _mac() -> str:
    """Hardware address of this machine's first interface that has one; 9001 asks for it."""
    for path in sorted(Path("/sys/class/net").glob("*/address")):
        try:
            address = path.read_text("ascii").strip()
        except OSError:
            continue
        if len(address) == 17 and address.strip("0:"):
            return address
    return ""
