"""The local transactions: what a card terminal needs and no public national transaction does.

Owns their payloads in both directions, for terminal and reference insurer; their numbers are configuration
(:mod:`kiosk.insurer.agreement`). Every request has its fields under ``data``, every answer under ``result``. A refusal
that belongs to the matter (wrong state, not the holder) is an answer, not a failure: ``result.refused``. Names follow
the national spelling where it has one. The table stands in docs/protocols.md section 3.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from drivers.card.authority import Algorithm, ChipIdentity, ExternalAuthentication
from kiosk.insurer.api import (
    Activate,
    CardRecord,
    CardRef,
    CardState,
    Done,
    MonthLedger,
    Movement,
    MovementKind,
    Outcome,
    Person,
    PinEvent,
    Proof,
    ProofKind,
    Reason,
    RecordPin,
    Refused,
)
from kiosk.insurer.notation import Fields, NotUnderstood, yuan

Payload = Mapping[str, object]
_Word = TypeVar("_Word", CardState, ProofKind, PinEvent, Reason, MovementKind, Algorithm)

_CARD_ID = re.compile(r"[0-9A-Fa-f]{32}")
_REGION = re.compile(r"[0-9]{6}")
_INSURANCE = re.compile(r"[0-9A-Za-z]{1,6}")
_NAME, _NUMBER, _KEY = 100, 50, 64
"""Longest name, number and key, in characters."""
_READING, _RESET = "reading", "reset"


def data(**fields: object) -> Payload:
    """``input`` of a request: its fields stand under ``data``."""
    return {"data": fields}


def result(**fields: object) -> Payload:
    """``output`` of an answer: its fields stand under ``result``."""
    return {"result": fields}


def asked(payload: Payload) -> Fields:
    """Raises NotUnderstood, as every function here that reads."""
    return Fields(payload.get("data"), "data")


def answered(output: Payload) -> Fields:
    """The fields of an answer."""
    return Fields(output.get("result"), "result")


def refused(reason: str) -> Payload:
    """The answer to what the matter itself forbids; ``reason`` is what :func:`refusal` reads."""
    return result(refused=reason)


def refusal(answer: Fields) -> str:
    """Why it was refused, or an empty text."""
    return answer.text("refused", _NUMBER, optional=True)


# --- values ----------------------------------------------------------------------------------------------------------


def card_fields(card: CardRef) -> dict[str, object]:
    """How a request names the card that it is about."""
    return {"card_admdvs": card.region, "card_sn": card.card_id, "card_no": card.number}


def read_card(fields: Fields) -> CardRef:
    """The card that a request is about; its identification has 32 hexadecimal digits."""
    return CardRef(
        fields.matching("card_admdvs", _REGION), fields.matching("card_sn", _CARD_ID), fields.text("card_no", _NUMBER)
    )


def person_fields(person: Person) -> dict[str, object]:
    """A person by name, identity number and day of birth, in requests and answers alike."""
    return {"psn_name": person.name, "certno": person.id_number, "brdy": person.born.isoformat()}


def read_person(fields: Fields) -> Person:
    """The person in these fields; each of the three must be there."""
    return Person(fields.text("psn_name", _NAME), fields.text("certno", _NUMBER), fields.day("brdy"))


def proof_fields(proof: Proof) -> dict[str, object]:
    """How the citizen proved who they are, and who that is: beside the card in a request."""
    return {"proof_type": proof.kind.value, "proof_psn": person_fields(proof.person)}


def read_proof(fields: Fields) -> Proof:
    """The proof as the terminal states it; whether it is enough the insurer decides."""
    return Proof(_word(fields, "proof_type", ProofKind), read_person(fields.part("proof_psn")))


def chip_fields(chip: ChipIdentity) -> dict[str, object]:
    """For which chip the HSM is asked; bytes as hexadecimal digits."""
    return {
        "chip_algorithm": chip.algorithm.value,
        "chip_id": chip.card_id.hex().upper(),
        "chip_historical": chip.historical.hex().upper(),
    }


def read_chip(fields: Fields) -> ChipIdentity:
    """The chip that the HSM is asked for: 16 bytes of identification, 8 historical ones."""
    return ChipIdentity(
        _word(fields, "chip_algorithm", Algorithm),
        fields.octets("chip_id", 16, 16),
        fields.octets("chip_historical", 8, 8),
    )


def _word(fields: Fields, name: str, kind: type[_Word]) -> _Word:
    try:
        return kind(fields.text(name, _NUMBER))
    except NotUnderstood:
        raise
    except ValueError:
        raise fields.wrong(name, "is not one of the words agreed on") from None


# --- reading ---------------------------------------------------------------------------------------------------------


def record_result(record: CardRecord) -> Payload:
    """What is known of a card; ``holder`` and ``since`` are null where there is none."""
    return result(
        state=record.state.value,
        holder=person_fields(record.holder) if record.holder else None,
        bank=record.bank,
        since=record.since.isoformat() if record.since else None,
    )


def read_record(answer: Fields) -> CardRecord:
    """State and holder of a card. Only one that the insurer does not know may lack a holder, and must."""
    state = _word(answer, "state", CardState)
    holder = read_person(answer.part("holder")) if "holder" in answer else None
    if (holder is None) != (state is CardState.UNKNOWN):
        raise answer.wrong("holder", "does not go with the state")
    return CardRecord(
        state, holder, answer.text("bank", _NUMBER, optional=True), answer.day("since") if "since" in answer else None
    )


def ask_ledger(person: Person, insurance: str, year: int, month: int) -> Payload:
    """Asks for one month, 1 to 12, of one account of the person."""
    return data(**person_fields(person), insutype=insurance, year=year, month=month)


def read_ledger_asked(fields: Fields) -> tuple[Person, str, int, int]:
    """Whose account, which insurance (``insutype``), year and month."""
    return (
        read_person(fields),
        fields.matching("insutype", _INSURANCE),
        fields.whole("year", date.min.year, date.max.year - 1),
        fields.whole("month", 1, 12),
    )


def ledger_result(ledger: MonthLedger) -> Payload:
    """One month of an account; fen become yuan with two places."""
    return result(
        year=ledger.year,
        month=ledger.month,
        opening=yuan(ledger.opening),
        closing=yuan(ledger.closing),
        movements=[
            {"date": m.on.isoformat(), "kind": m.kind.value, "place": m.place, "amount": yuan(m.amount)}
            for m in ledger.movements
        ],
    )


def read_ledger(answer: Fields, year: int, month: int) -> MonthLedger:
    """The month that was asked for, which must add up."""
    if (answer.whole("year", 1, 9999), answer.whole("month", 1, 12)) != (year, month):
        raise answer.wrong("month", "is another one")
    movements = tuple(
        Movement(
            row.day("date"),
            _word(row, "kind", MovementKind),
            row.text("place", _NAME, optional=True),
            row.amount("amount"),
        )
        for row in answer.rows("movements")
    )
    if any((m.on.year, m.on.month) != (year, month) for m in movements):
        raise answer.wrong("movements", "are of another month")
    try:
        return MonthLedger(year, month, answer.amount("opening"), movements, answer.amount("closing"))
    except NotUnderstood:
        raise
    except ValueError:
        raise answer.wrong("closing", "does not follow from the movements") from None


# --- changing --------------------------------------------------------------------------------------------------------


def ask_activate(key: str, operation: Activate) -> Payload:
    """Asks for an activation under ``key``, which the terminal has written down before."""
    return data(oprt_key=key, **card_fields(operation.card), **proof_fields(operation.proof))


def read_activate(fields: Fields) -> tuple[str, Activate]:
    """Key and operation of a request to activate."""
    return read_key(fields), Activate(read_card(fields), read_proof(fields))


def ask_record_pin(key: str, operation: RecordPin) -> Payload:
    """Tells under ``key`` that the chip has a new PIN. The PIN is not in it."""
    return data(
        oprt_key=key, **card_fields(operation.card), **proof_fields(operation.proof), pin_event=operation.event.value
    )


def read_record_pin(fields: Fields) -> tuple[str, RecordPin]:
    """Key and operation of a request to note a new PIN."""
    event = _word(fields, "pin_event", PinEvent)
    return read_key(fields), RecordPin(read_card(fields), read_proof(fields), event)


def read_key(fields: Fields) -> str:
    """The key of a change, 1 to 64 characters: of a request, or of the answer that repeats it."""
    return fields.text("oprt_key", _KEY)


def outcome_result(key: str, outcome: Outcome | None) -> Payload:
    """With the key, so that an answer can never be taken for another's."""
    match outcome:
        case Done():
            return result(oprt_key=key, state="done", number=outcome.number, at=outcome.at.isoformat())
        case Refused():
            return result(oprt_key=key, state="refused", reason=outcome.reason.value)
    return result(oprt_key=key, state="never_arrived")


def read_outcome(answer: Fields, key: str) -> Outcome | None:
    """What became of ``key``; None if it never arrived."""
    if read_key(answer) != key:
        raise answer.wrong("oprt_key", "is another one")
    match answer.text("state", _NUMBER):
        case "done":
            return Done(answer.text("number", _NUMBER), answer.moment("at"))
        case "refused":
            return Refused(_word(answer, "reason", Reason))
        case "never_arrived":
            return None
    raise answer.wrong("state", "is not known")


# --- the HSM ---------------------------------------------------------------------------------------------------------


def authority_fields(whose: tuple[CardRef, Proof] | None) -> dict[str, object]:
    """For which card and on what proof the HSM is asked; nobody's for the reading authority."""
    if whose is None:
        return {"authority": _READING}
    card, proof = whose
    return {"authority": _RESET, **card_fields(card), **proof_fields(proof)}


def read_authority(fields: Fields) -> tuple[CardRef, Proof] | None:
    """The card and the proof on which the HSM is asked; ``None`` if it is asked for reading only."""
    match fields.text("authority", _NUMBER):
        case "reading":
            return None
        case "reset":
            return read_card(fields), read_proof(fields)
    raise fields.wrong("authority", "is not known")


def authentication_result(answer: ExternalAuthentication) -> Payload:
    """The HSM's answer to a chip's challenge, as hexadecimal digits."""
    return result(cipher=answer.cipher.hex().upper(), source=answer.source.hex().upper())


def read_authentication(answer: Fields) -> ExternalAuthentication:
    """What the chip is to be shown: 8 to 32 bytes each of cipher and source."""
    return ExternalAuthentication(answer.octets("cipher", 8, 32), answer.octets("source", 8, 32))
