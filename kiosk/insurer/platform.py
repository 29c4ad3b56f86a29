"""The insurer at the other end of a network: the port, spoken as messages of the national platform over mutual TLS 1.3.

Owns which question becomes which transaction and what its answer means; an answer that speaks of something else is a
lost one. What leaves, what is believed and what is asked again is decided in :mod:`kiosk.insurer.dialogue`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from drivers.card.authority import AuthorityRefused, ChipAuthority, ChipIdentity, ExternalAuthentication
from kiosk.insurer import local, national
from kiosk.insurer.agreement import Agreement, LocalTransactions, Papers
from kiosk.insurer.api import (
    Account,
    Activate,
    CardRecord,
    CardRef,
    CredentialRefused,
    Insurer,
    InsurerUnreachable,
    MonthLedger,
    Operation,
    Outcome,
    Person,
    Proof,
)
from kiosk.insurer.dialogue import Dialogue, Limits, Payload
from kiosk.insurer.gateway import Gateway
from kiosk.insurer.message_numbers import MessageNumbers
from kiosk.insurer.notation import Fields
from kiosk.insurer.patience import PatientInsurer
from kiosk.insurer.sealed_pin import PinSeal, binding
from kiosk.insurer.tls import Unusable, client_context, read_token

_Value = TypeVar("_Value")

_CREDENTIAL = 512
"""Characters; an e-credential has 28, an electronic social-security card is passed on whole (docs/protocols.md section
4)."""


def connect(
    agreement: Agreement, papers: Papers, numbers: Path, clock: Callable[[], datetime], limits: Limits | None = None
) -> PlatformInsurer:
    """The platform of a configuration; nothing is sent yet. ``numbers`` keeps which message numbers are used up.

    Raises tls.Unusable for a file that cannot be used, OSError for a folder that cannot be read.
    """
    try:
        seal = PinSeal.load(papers.hsm)
    except OSError as error:
        raise Unusable("hsm", papers.hsm, f"cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise Unusable("hsm", papers.hsm, "is not the public key of the HSM (X25519, PEM)") from error
    dialogue = Dialogue(
        agreement,
        client_context(papers.ca, papers.certificate, papers.key),
        Gateway(agreement.paasid, read_token(papers.token), agreement.signs_bodies),
        MessageNumbers(numbers, agreement.institution, agreement.first_number, agreement.last_number),
        clock=clock,
        limits=limits or Limits(),
    )
    return PlatformInsurer(dialogue, agreement.local, seal)


def trouble_of(insurer: Insurer) -> str:
    """Why a platform did not answer last, in words for staff; empty for any other insurer, and when all is well."""
    asked = insurer.insurer if isinstance(insurer, PatientInsurer) else insurer
    return asked.trouble if isinstance(asked, PlatformInsurer) else ""


class PlatformInsurer:
    """Implements :class:`kiosk.insurer.api.Insurer`. Closing it closes the dialogue."""

    def __init__(self, dialogue: Dialogue, numbers: LocalTransactions, seal: PinSeal) -> None:
        self._dialogue = dialogue
        self._numbers = numbers
        self._seal = seal

    @property
    def trouble(self) -> str:
        """Why the last message was not answered, for staff; empty when it was."""
        return self._dialogue.trouble

    # --- reading ------------------------------------------------------------------------------------------

    async def card(self, card: CardRef) -> CardRecord:
        return await self._local(self._numbers.card, local.data(**local.card_fields(card)), local.read_record)

    async def person(self, credential: str) -> Person:
        if not 0 < len(credential) <= _CREDENTIAL:
            raise CredentialRefused(expired=False)

        def read(answer: Fields) -> Person:
            reason = local.refusal(answer)
            if reason:
                raise CredentialRefused(expired=reason == "expired")
            return local.read_person(answer)

        return await self._local(self._numbers.credential, local.data(ec_qrcode=credential), read)

    async def accounts(self, person: Person) -> tuple[Account, ...]:
        return await self._dialogue.ask(
            national.PERSON,
            national.ask_person(person),
            lambda reply: national.read_accounts(reply.output, person, reply.respond_time),
        )

    async def ledger(self, person: Person, insurance: str, year: int, month: int) -> MonthLedger:
        """As the port says. Raises LookupError for an account that is not there, ValueError for no month."""
        date(year, month, 1)

        def read(answer: Fields) -> MonthLedger:
            if local.refusal(answer):
                raise LookupError("the person has no such account")
            return local.read_ledger(answer, year, month)

        return await self._local(self._numbers.ledger, local.ask_ledger(person, insurance, year, month), read)

    async def reachable(self) -> bool:
        try:
            return await self._local(
                self._numbers.probe, local.data(), lambda answer: answer.yes("ready"), self._dialogue.limits.probe
            )
        except InsurerUnreachable:
            return False

    # --- changing -----------------------------------------------------------------------------------------

    async def perform(self, key: str, operation: Operation) -> Outcome:
        numbers = self._numbers
        if isinstance(operation, Activate):
            infno, question = numbers.activate, local.ask_activate(key, operation)
        else:
            infno, question = numbers.record_pin, local.ask_record_pin(key, operation)

        def read(answer: Fields) -> Outcome:
            outcome = local.read_outcome(answer, key)
            if outcome is None:
                raise answer.wrong("state", "does not answer a change")
            return outcome

        return await self._local(infno, question, read)

    async def outcome(self, key: str) -> Outcome | None:
        return await self._local(
            self._numbers.outcome, local.data(oprt_key=key), lambda answer: local.read_outcome(answer, key)
        )

    # --- the chip -----------------------------------------------------------------------------------------

    def authority(self, card: CardRef, proof: Proof) -> ChipAuthority:
        return _HsmBeyond(self._dialogue, self._numbers, self._seal, (card, proof))

    def reading_authority(self) -> ChipAuthority:
        return _HsmBeyond(self._dialogue, self._numbers, self._seal, None)

    async def close(self) -> None:
        await self._dialogue.close()

    async def _local(
        self, infno: str, payload: Payload, read: Callable[[Fields], _Value], seconds: float | None = None
    ) -> _Value:
        return await self._dialogue.ask(infno, payload, lambda reply: read(local.answered(reply.output)), seconds)


class _HsmBeyond:
    """The insurer's HSM, asked through the platform: for one card on a proof, or (nobody's) for reading only."""

    def __init__(
        self, dialogue: Dialogue, numbers: LocalTransactions, seal: PinSeal, whose: tuple[CardRef, Proof] | None
    ) -> None:
        self._dialogue = dialogue
        self._numbers = numbers
        self._seal = seal
        self._fields = local.authority_fields(whose)

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        return await self._ask(
            self._numbers.authenticate,
            {**self._fields, **local.chip_fields(chip), "key_id": key_id, "challenge": challenge.hex().upper()},
            local.read_authentication,
        )

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        sealed = self._seal.seal(pin, binding(chip, challenge, header))
        return await self._ask(
            self._numbers.protect_pin,
            {
                **self._fields,
                **local.chip_fields(chip),
                "challenge": challenge.hex().upper(),
                "header": header.hex().upper(),
                "sealed_pin": sealed.hex().upper(),
            },
            lambda answer: answer.octets("cryptogram", 4, 64),
        )

    async def _ask(self, infno: str, fields: Mapping[str, object], read: Callable[[Fields], _Value]) -> _Value:
        """Raises AuthorityRefused and InsurerUnreachable."""

        def answer_or_refusal(answer: Fields) -> _Value:
            reason = local.refusal(answer)
            if reason:
                raise AuthorityRefused(reason)
            return read(answer)

        return await self._dialogue.ask(
            infno, local.data(**fields), lambda reply: answer_or_refusal(local.answered(reply.output))
        )
