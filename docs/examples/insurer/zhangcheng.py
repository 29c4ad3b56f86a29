"""The medical-insurance centre of Zhangcheng, an invented city: JSON by POST through the city's service bus.

Owns the bus (address, headers, signature, envelope) and the city's own words; what the two sides mean by a person, a
proof or an outcome is read and written by :mod:`kiosk.insurer.local`. One connection for each question: then a failure
to connect certainly sent nothing, and every other failure may have sent everything.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from drivers.card.authority import AuthorityRefused, ChipAuthority, ChipIdentity, ExternalAuthentication
from kiosk.insurer import local, notation
from kiosk.insurer.api import (
    Account,
    Activate,
    CardRecord,
    CardRef,
    CardState,
    CredentialRefused,
    InsuranceStatus,
    InsurerUnreachable,
    MonthLedger,
    Operation,
    Outcome,
    Person,
    Proof,
)
from kiosk.insurer.connection import Connection, NoAnswer, NotConnected
from kiosk.insurer.notation import Fields, NotUnderstood
from kiosk.insurer.sealed_pin import PinSeal, binding
from kiosk.money import Fen

CONNECT_S, ANSWER_S, PROBE_S = 4.0, 10.0, 3.0
"""Together below the 20 s of kiosk.insurer.patience, so that what is known here is told."""
CREDENTIAL = 512
"""Characters that the city takes; a longer code before the camera is none of its own."""
DONE = 0

STATES = {
    "10": CardState.IN_MAKING,
    "20": CardState.ISSUED,
    "30": CardState.ACTIVE,
    "41": CardState.TEMPORARILY_LOST,
    "42": CardState.LOST,
    "50": CardState.CANCELLED,
    "60": CardState.SEALED,
}
"""The city's codes (card_stas). One that is not here is not guessed: the answer counts as lost."""

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Bus:
    """The way to the city's service bus, as its paper gives it to an application."""

    url: str
    access_key: str
    secret: bytes = field(repr=False)

    def headers(self, service: str, at: datetime, body: bytes) -> dict[str, str]:
        """The bus signs name, time and body with HMAC-SHA-256, in base64."""
        moment = str(int(at.timestamp() * 1000))
        signed = "\n".join((service, moment, hashlib.sha256(body).hexdigest())).encode()
        signature = base64.b64encode(hmac.digest(self.secret, signed, "sha256")).decode()
        return {
            "_api_name": service,
            "_api_version": "1.0.0",
            "_api_access_key": self.access_key,
            "_api_timestamp": moment,
            "_api_signature": signature,
        }


class ZhangchengInsurer:
    """``kiosk.insurer.api.Insurer``. Nothing is kept open between two questions."""

    def __init__(self, bus: Bus, context: ssl.SSLContext, seal: PinSeal, clock: Callable[[], datetime]) -> None:
        self._bus = bus
        self._context = context
        self._seal = seal
        self._clock = clock
        self._closed = False

    async def card(self, card: CardRef) -> CardRecord:
        def read(answer: Fields) -> CardRecord:
            code = answer.text("card_stas", 4, optional=True)
            if not code:
                return CardRecord(CardState.UNKNOWN, None, "")
            if code not in STATES:
                raise answer.wrong("card_stas", "is no state of the city's table")
            since = answer.day("stas_date") if "stas_date" in answer else None
            return CardRecord(STATES[code], local.read_person(answer.part("holder")), answer.text("bank", 8), since)

        return await self.ask("zc.card.query", local.card_fields(card), read)

    async def person(self, credential: str) -> Person:
        if not 0 < len(credential) <= CREDENTIAL:
            raise CredentialRefused(expired=False)

        def read(answer: Fields) -> Person:
            reason = local.refusal(answer)
            if reason:
                raise CredentialRefused(expired=reason == "expired")
            return local.read_person(answer)

        return await self.ask("zc.ecode.decode", {"ec_qrcode": credential}, read)

    async def accounts(self, person: Person) -> tuple[Account, ...]:
        def read(answer: Fields) -> tuple[Account, ...]:
            as_of = answer.moment("as_of")
            return tuple(_account(row, as_of) for row in answer.rows("accounts"))

        return await self.ask("zc.account.list", local.person_fields(person), read)

    async def ledger(self, person: Person, insurance: str, year: int, month: int) -> MonthLedger:
        date(year, month, 1)  # ValueError for a month that does not exist: nobody need be asked

        def read(answer: Fields) -> MonthLedger:
            if local.refusal(answer):
                raise LookupError("the person has no such account")
            return local.read_ledger(answer, year, month)

        month_of = {**local.person_fields(person), "insutype": insurance, "year": year, "month": month}
        return await self.ask("zc.account.month", month_of, read)

    async def perform(self, key: str, operation: Operation) -> Outcome:
        fields = {"oprt_key": key, **local.card_fields(operation.card), **local.proof_fields(operation.proof)}
        service = "zc.card.activate"
        if not isinstance(operation, Activate):
            service, fields = "zc.card.pin", {**fields, "pin_event": operation.event.value}

        def read(answer: Fields) -> Outcome:
            outcome = local.read_outcome(answer, key)
            if outcome is None:
                raise answer.wrong("state", "does not answer a change")
            return outcome

        return await self.ask(service, fields, read)

    async def outcome(self, key: str) -> Outcome | None:
        return await self.ask("zc.card.outcome", {"oprt_key": key}, lambda answer: local.read_outcome(answer, key))

    def authority(self, card: CardRef, proof: Proof) -> ChipAuthority:
        return _Hsm(self, self._seal, (card, proof))

    def reading_authority(self) -> ChipAuthority:
        return _Hsm(self, self._seal, None)

    async def reachable(self) -> bool:
        try:
            return await self.ask("zc.probe", {}, lambda answer: answer.yes("ready"), PROBE_S)
        except InsurerUnreachable:
            return False

    async def close(self) -> None:
        self._closed = True

    async def ask(
        self, service: str, fields: Mapping[str, object], read: Callable[[Fields], V], seconds: float = ANSWER_S
    ) -> V:
        """One question. ``read`` may raise NotUnderstood, and what the port's methods raise. Raises InsurerUnreachable:
        ``sent=False`` only if no connection came about."""
        if self._closed:
            raise InsurerUnreachable(sent=False)
        body = notation.write(fields).encode()
        try:
            connection = await Connection.open(self._bus.url, self._context, CONNECT_S)
        except NotConnected as error:
            raise InsurerUnreachable(sent=False) from error
        try:
            reply = await connection.exchange(self._bus.headers(service, self._clock(), body), body, seconds)
            answer = Fields(notation.read(reply.body), "answer")
            if reply.status != 200 or answer.whole("code", -9999, 9999) != DONE:
                raise answer.wrong("code", "is not done")  # who knows how far it came
            return read(answer.part("data"))
        except (NoAnswer, NotUnderstood) as error:
            raise InsurerUnreachable(sent=True) from error
        finally:
            await connection.close()


def _account(row: Fields, as_of: datetime) -> Account:
    try:
        status = InsuranceStatus(row.text("psn_insu_stas", 1))
    except NotUnderstood:
        raise
    except ValueError:
        raise row.wrong("psn_insu_stas", "is not one of the platform's") from None
    # This city counts in fen; whoever counts in yuan is read with ``row.amount``.
    return Account(row.text("insutype", 6), status, Fen(row.whole("balc_fen", 0, 10**12)), as_of)


class _Hsm:
    """The city's HSM behind the same bus: for one card on a proof, or (nobody's) for reading only."""

    def __init__(self, city: ZhangchengInsurer, seal: PinSeal, whose: tuple[CardRef, Proof] | None) -> None:
        self._city = city
        self._seal = seal
        self._whose = local.authority_fields(whose)

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        fields = {"key_id": key_id, "challenge": challenge.hex().upper()}
        return await self._ask("zc.hsm.authenticate", chip, fields, local.read_authentication)

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        sealed = self._seal.seal(pin, binding(chip, challenge, header)).hex().upper()
        fields = {"challenge": challenge.hex().upper(), "header": header.hex().upper(), "sealed_pin": sealed}
        return await self._ask("zc.hsm.pin", chip, fields, _cryptogram)

    async def _ask(
        self, service: str, chip: ChipIdentity, fields: Mapping[str, object], read: Callable[[Fields], V]
    ) -> V:
        def answer_or_refusal(answer: Fields) -> V:
            reason = local.refusal(answer)
            if reason:
                raise AuthorityRefused(reason)
            return read(answer)

        return await self._city.ask(service, {**self._whose, **local.chip_fields(chip), **fields}, answer_or_refusal)


def _cryptogram(answer: Fields) -> bytes:
    return answer.octets("cryptogram", 4, 64)
