"""The reference insurer: any insurer of the port behind the envelope of the national platform, as an ASGI application.

Owns who may speak (the certificate's name must be the operator of the message), what is believed (signature, time,
nothing twice), and sessions. It decides nothing of the matter: the insurer behind it does. What it refuses before
anything was done it says so, signed; what it does not believe it answers with 401 and no signature, so that nothing it
says can be mistaken for an answer to another message.

Sessions and the memory of what was seen end with the process. That is safe: after a restart every session is unknown,
so an old message is refused by its session, and a replayed sign-in gives a session that only the same certificate can
use. The peer's certificate is taken from the ASGI extension ``tls`` (``client_cert_name``).
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from drivers.card.authority import AuthorityRefused, ChipAuthority
from kiosk.insurer import local, national, notation
from kiosk.insurer.agreement import Answers, LocalTransactions
from kiosk.insurer.api import CardState, CredentialRefused, Insurer, InsurerUnreachable
from kiosk.insurer.envelope import LARGEST, PAYLOAD, Reply, Request, stamp
from kiosk.insurer.gateway import REFUSED, Gateway, Seen, SignatureRefused
from kiosk.insurer.local import Payload
from kiosk.insurer.notation import Fields, NotUnderstood
from kiosk.insurer.sealed_pin import NotSealedForUs, PinOpener, binding
from kiosk.outline import outline

log = logging.getLogger(__name__)

PATH = "/fsi/api/kiosk"
SESSION = timedelta(hours=12)
"""A working day in the hall; public sources name no duration."""
_SESSIONS = 8
"""Of one terminal: the running program, and commands beside it."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _SignInAgain(Exception):
    """The message carries no session, or one that has ended."""


class _TooLong(Exception):
    """The answer does not fit into one reply."""


class ReferenceInsurer:
    """Serves ``insurer``. Closing that one is the caller's affair."""

    def __init__(
        self,
        insurer: Insurer,
        gateway: Gateway,
        hsm: PinOpener,
        clock: Callable[[], datetime],
        *,
        numbers: LocalTransactions | None = None,
        answers: Answers | None = None,
    ) -> None:
        self._insurer = insurer
        self._gateway = gateway
        self._hsm = hsm
        self._clock = clock
        self._answers = answers or Answers()
        self._nonces, self._messages = Seen(), Seen()
        self._sessions: dict[str, dict[str, datetime]] = {}
        self._reply_numbers = itertools.count(secrets.randbelow(10**9))
        here = numbers or LocalTransactions()
        self._transactions: dict[str, Callable[[Fields], Awaitable[Payload]]] = {
            here.card: self._card,
            here.credential: self._credential,
            here.ledger: self._ledger,
            here.activate: self._activate,
            here.record_pin: self._record_pin,
            here.outcome: self._outcome,
            here.authenticate: self._authenticate,
            here.protect_pin: self._protect_pin,
            here.probe: self._probe,
        }

    # --- HTTP ---------------------------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] != PATH:
            await _answer(send, 404)
        elif scope["method"] != "POST":
            await _answer(send, 405)
        else:
            body = await _body(receive)
            if body is None:
                await _answer(send, 413)
            else:
                await self._message(scope, body, send)

    async def _message(self, scope: Scope, body: bytes, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        now = self._clock()
        terminal = _terminal(scope)
        try:
            if not terminal:
                raise SignatureRefused("certificate")
            nonce = self._gateway.check_request(headers, now, body)
            self._nonces.first_time(nonce, now)
        except SignatureRefused as error:
            log.warning("a message of %s is not believed: %s", terminal or "nobody", error.reason)
            await _answer(send, 401, {REFUSED: error.reason})
            return
        content = (await self._reply(terminal, body, now)).encode()
        await _answer(send, 200, self._gateway.sign_reply(self._clock(), nonce, content), content)

    async def _reply(self, terminal: str, body: bytes, came: datetime) -> Reply:
        answers, why, division = self._answers, "", "000000"
        output: Payload = {}
        try:
            request = Request.decode(body)
            division = request.mdtrtarea_admvs.rjust(6, "0")
            if request.opter != terminal:
                raise NotUnderstood("request.opter", "is not who the certificate names")
            self._messages.first_time(request.msgid, came)
            output = await self._done(request, terminal)
            if len(notation.write(output)) > PAYLOAD:
                output = {}
                raise _TooLong
            infcode = answers.done
        except _TooLong:
            infcode, why = answers.failed, "the answer is longer than the envelope allows"
        except _SignInAgain:
            infcode, why = answers.sign_in_again, "the session has ended"
        except NotUnderstood as error:
            infcode, why = answers.not_processed, str(error)
        except SignatureRefused as error:
            infcode, why = answers.not_processed, error.reason
        except InsurerUnreachable as error:
            infcode, why = (answers.failed if error.sent else answers.not_processed), "the insurer is out of reach"
        except Exception as error:  # noqa: BLE001  an error of ours: nobody knows how far it came
            log.critical("a message could not be answered: %s", outline(error))
            infcode, why = answers.failed, "internal error"
        if infcode != answers.done:
            log.warning("a message of %s was answered with %d: %s", terminal, infcode, why)
        now = self._clock()
        return Reply(
            infcode=infcode,
            inf_refmsgid=f"{division}{stamp(now)}{next(self._reply_numbers) % 10**10:010d}",
            refmsg_time=came,
            respond_time=now,
            err_msg=why,
            output=output,
        )

    # --- transactions -------------------------------------------------------------------------------------

    async def _done(self, request: Request, terminal: str) -> Payload:
        now = self._clock()
        if request.infno == national.SIGN_IN:
            if national.read_sign_in(request.input) != terminal:
                raise NotUnderstood("signIn.opter_no", "is not who the certificate names")
            return national.signed_in(self._sign_in(terminal, now), now)
        if self._sessions.get(terminal, {}).get(request.sign_no, now) <= now:
            raise _SignInAgain
        if request.infno == national.SIGN_OUT:
            number, who = national.read_sign_out(request.input)
            if (number, who) != (request.sign_no, terminal):
                raise NotUnderstood("signOut", "is not this session")
            del self._sessions[terminal][number]
            return national.signed_out(now)
        if request.infno == national.PERSON:
            return await self._person(request)
        transaction = self._transactions.get(request.infno)
        if transaction is None:
            raise NotUnderstood("request.infno", "is not served here")
        return await transaction(local.asked(request.input))

    def _sign_in(self, terminal: str, now: datetime) -> str:
        sessions = self._sessions.setdefault(terminal, {})
        for number in [number for number, end in sessions.items() if end <= now]:
            del sessions[number]
        while len(sessions) >= _SESSIONS:
            del sessions[next(iter(sessions))]
        number = secrets.token_hex(15)
        sessions[number] = now + SESSION
        return number

    async def _person(self, request: Request) -> Payload:
        asked = national.read_asked(request.input, request.mdtrtarea_admvs)
        person = asked.person
        try:
            if asked.card is not None:
                record = await self._insurer.card(asked.card)
                person = None if record.state is CardState.UNKNOWN else record.holder
            elif person is None:
                person = await self._insurer.person(asked.credential)
        except CredentialRefused:
            person = None
        if person is None:
            raise NotUnderstood("data.mdtrt_cert_no", "finds nobody")
        number = hashlib.sha256(person.id_number.encode()).hexdigest()[:30].upper()
        accounts = await self._insurer.accounts(person)
        return national.person_found(number, person, accounts, request.mdtrtarea_admvs)

    async def _card(self, asked: Fields) -> Payload:
        return local.record_result(await self._insurer.card(local.read_card(asked)))

    async def _credential(self, asked: Fields) -> Payload:
        try:
            person = await self._insurer.person(asked.text("ec_qrcode", 512))
        except CredentialRefused as error:
            return local.refused("expired" if error.expired else "unknown")
        return local.result(**local.person_fields(person))

    async def _ledger(self, asked: Fields) -> Payload:
        try:
            return local.ledger_result(await self._insurer.ledger(*local.read_ledger_asked(asked)))
        except LookupError:
            return local.refused("no_account")

    async def _activate(self, asked: Fields) -> Payload:
        key, operation = local.read_activate(asked)
        return local.outcome_result(key, await self._insurer.perform(key, operation))

    async def _record_pin(self, asked: Fields) -> Payload:
        key, operation = local.read_record_pin(asked)
        return local.outcome_result(key, await self._insurer.perform(key, operation))

    async def _outcome(self, asked: Fields) -> Payload:
        key = local.read_key(asked)
        return local.outcome_result(key, await self._insurer.outcome(key))

    async def _probe(self, _asked: Fields) -> Payload:
        return local.result(ready=await self._insurer.reachable())

    # --- the HSM ------------------------------------------------------------------------------------------

    def _authority(self, asked: Fields) -> ChipAuthority:
        whose = local.read_authority(asked)
        return self._insurer.reading_authority() if whose is None else self._insurer.authority(*whose)

    async def _authenticate(self, asked: Fields) -> Payload:
        authority, chip = self._authority(asked), local.read_chip(asked)
        key_id, challenge = asked.whole("key_id", 0, 255), asked.octets("challenge", 4, 16)
        try:
            return local.authentication_result(await authority.authenticate(chip, key_id, challenge))
        except AuthorityRefused as error:
            return local.refused(error.reason)

    async def _protect_pin(self, asked: Fields) -> Payload:
        authority, chip = self._authority(asked), local.read_chip(asked)
        challenge, header = asked.octets("challenge", 4, 16), asked.octets("header", 5, 5)
        try:
            pin = self._hsm.open(asked.octets("sealed_pin", 1, 256), binding(chip, challenge, header))
        except NotSealedForUs:
            return local.refused("not_sealed_for_us")
        try:
            return local.result(cryptogram=(await authority.protect_pin(chip, challenge, header, pin)).hex().upper())
        except AuthorityRefused as error:
            return local.refused(error.reason)
        except ValueError:
            raise asked.wrong("sealed_pin", "holds what is not a PIN") from None
        finally:
            pin[:] = bytes(len(pin))


def _terminal(scope: Scope) -> str:
    """The common name of the certificate that TLS has checked; empty if the server does not tell it."""
    name = scope.get("extensions", {}).get("tls", {}).get("client_cert_name")
    if not name:
        return ""
    try:
        common = x509.Name.from_rfc4514_string(name).get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        return ""
    return str(common[0].value) if len(common) == 1 else ""


async def _body(receive: Receive) -> bytes | None:
    """The whole of it, or nothing if it is too large."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > LARGEST:
            return None
        if not message.get("more_body", False):
            return bytes(body)


async def _answer(send: Send, status: int, headers: MutableMapping[str, str] | None = None, body: bytes = b"") -> None:
    fields = {"content-type": "application/json; charset=utf-8", "content-length": str(len(body)), **(headers or {})}
    raw = [(name.encode("ascii"), value.encode("ascii")) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
