"""The service bus of the invented city in the integrator's guide, played: HTTPS on a free port, the reference insurer
behind it, and the city's own paper for signatures, names and codes, written down here a second time."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from drivers.card.authority import AuthorityRefused, ChipAuthority
from kiosk.insurer import local, notation
from kiosk.insurer.api import CardState, CredentialRefused, Insurer
from kiosk.insurer.notation import Fields, NotUnderstood
from kiosk.insurer.sealed_pin import PinOpener, binding
from kiosk.insurer.serving import InsurerServer
from tests.helpers.served_insurer import papers

PATH = "/csb"
CODES = {
    CardState.IN_MAKING: "10",
    CardState.ISSUED: "20",
    CardState.ACTIVE: "30",
    CardState.TEMPORARILY_LOST: "41",
    CardState.LOST: "42",
    CardState.CANCELLED: "50",
    CardState.SEALED: "60",
}
DONE, NOT_SIGNED, NOT_UNDERSTOOD = 0, 4010, 4000

Answer = Mapping[str, Any]


class CityGateway:
    """ASGI. ``spoil`` changes the answer to a service before it leaves; ``asked`` counts what came, by service."""

    def __init__(
        self, insurer: Insurer, access_key: str, secret: bytes, hsm: PinOpener, clock: Callable[[], datetime]
    ) -> None:
        self._insurer = insurer
        self._clock = clock
        self._access_key = access_key
        self._secret = secret
        self._hsm = hsm
        self.asked: list[str] = []
        self.spoil: Callable[[str, bytes], bytes] = lambda _service, body: body
        self._services: dict[str, Callable[[Fields], Awaitable[Answer]]] = {
            "zc.card.query": self._card,
            "zc.ecode.decode": self._person,
            "zc.account.list": self._accounts,
            "zc.account.month": self._month,
            "zc.card.activate": self._activate,
            "zc.card.pin": self._pin,
            "zc.card.outcome": self._outcome,
            "zc.hsm.authenticate": self._authenticate,
            "zc.hsm.pin": self._protect_pin,
            "zc.probe": self._probe,
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = b""
        more = True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        service = headers.get("_api_name", "")
        answer = notation.write(await self._answer(service, headers, body)).encode()
        answer = self.spoil(service, answer)
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-length", str(len(answer)).encode()), (b"content-type", b"application/json")],
            }
        )
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, service: str, headers: Mapping[str, str], body: bytes) -> Answer:
        signed = "\n".join((service, headers.get("_api_timestamp", ""), hashlib.sha256(body).hexdigest())).encode()
        signature = base64.b64encode(hmac.digest(self._secret, signed, "sha256")).decode()
        known = headers.get("_api_access_key") == self._access_key
        if not known or headers.get("_api_signature") != signature:
            return {"code": NOT_SIGNED, "data": None}
        self.asked.append(service)
        try:
            done = await self._services[service](Fields(notation.read(body), "data"))
        except NotUnderstood:
            return {"code": NOT_UNDERSTOOD, "data": None}
        except AuthorityRefused as refused:
            done = {"refused": refused.reason}
        return {"code": DONE, "data": done.get("result", done)}

    async def _card(self, asked: Fields) -> Answer:
        record = await self._insurer.card(local.read_card(asked))
        if record.holder is None:
            return {}
        return {
            "card_stas": CODES[record.state],
            "stas_date": record.since.isoformat() if record.since else None,
            "holder": local.person_fields(record.holder),
            "bank": record.bank,
        }

    async def _person(self, asked: Fields) -> Answer:
        try:
            return local.person_fields(await self._insurer.person(asked.text("ec_qrcode", 512)))
        except CredentialRefused as refused:
            return {"refused": "expired" if refused.expired else "unknown"}

    async def _accounts(self, asked: Fields) -> Answer:
        accounts = await self._insurer.accounts(local.read_person(asked))
        as_of = (accounts[0].as_of if accounts else self._clock()).isoformat()
        rows = [
            {"insutype": each.insurance, "psn_insu_stas": each.status.value, "balc_fen": int(each.balance)}
            for each in accounts
        ]
        return {"as_of": as_of, "accounts": rows}

    async def _month(self, asked: Fields) -> Answer:
        try:
            return local.ledger_result(await self._insurer.ledger(*local.read_ledger_asked(asked)))
        except LookupError:
            return {"refused": "no_account"}

    async def _activate(self, asked: Fields) -> Answer:
        key, operation = local.read_activate(asked)
        return local.outcome_result(key, await self._insurer.perform(key, operation))

    async def _pin(self, asked: Fields) -> Answer:
        key, operation = local.read_record_pin(asked)
        return local.outcome_result(key, await self._insurer.perform(key, operation))

    async def _outcome(self, asked: Fields) -> Answer:
        key = local.read_key(asked)
        return local.outcome_result(key, await self._insurer.outcome(key))

    async def _probe(self, _asked: Fields) -> Answer:
        return {"ready": await self._insurer.reachable()}

    def _authority(self, asked: Fields) -> ChipAuthority:
        whose = local.read_authority(asked)
        return self._insurer.reading_authority() if whose is None else self._insurer.authority(*whose)

    async def _authenticate(self, asked: Fields) -> Answer:
        chip, key_id = local.read_chip(asked), asked.whole("key_id", 0, 255)
        answer = await self._authority(asked).authenticate(chip, key_id, asked.octets("challenge", 4, 16))
        return local.authentication_result(answer)

    async def _protect_pin(self, asked: Fields) -> Answer:
        chip, challenge, header = local.read_chip(asked), asked.octets("challenge", 4, 16), asked.octets("header", 5, 5)
        pin = self._hsm.open(asked.octets("sealed_pin", 1, 256), binding(chip, challenge, header))
        try:
            return {"cryptogram": (await self._authority(asked).protect_pin(chip, challenge, header, pin)).hex()}
        finally:
            pin[:] = bytes(len(pin))


@asynccontextmanager
async def serving(gateway: CityGateway) -> AsyncIterator[str]:
    """The gateway on the network; its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*papers().server)
    server = InsurerServer(gateway, context, "127.0.0.1", 0)
    running = asyncio.create_task(server.run_until_stopped())
    try:
        yield f"https://127.0.0.1:{server.port}{PATH}"
    finally:
        server.stop()
        await running


def trusting() -> ssl.SSLContext:
    """For the terminal: the city's server must be who the address says."""
    return ssl.create_default_context(cafile=str(papers().ca))
