"""The national transactions that a terminal uses: sign in (9001), sign out (9002), person with balances (1101).

Owns their payloads in both directions, for terminal and reference insurer (docs/protocols.md section 3.2). What has no
public national transaction is in :mod:`kiosk.insurer.local`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, datetime

from drivers import idnumber
from drivers.frozen import dataclass
from kiosk.china import CHINA
from kiosk.insurer.api import Account, CardRef, InsuranceStatus, Person
from kiosk.insurer.notation import Fields, NotUnderstood, yuan

SIGN_IN, SIGN_OUT, PERSON = "9001", "9002", "1101"

Payload = Mapping[str, object]

_BY_CREDENTIAL, _BY_ID_NUMBER, _BY_CARD = "01", "02", "03"
"""``mdtrt_cert_type``."""
_RESIDENT_ID = "01"
"""``psn_cert_type``."""
_MOMENT = "%Y-%m-%d %H:%M:%S"


# --- 9001, 9002 ------------------------------------------------------------------------------------------------------


def sign_in(terminal: str, mac: str, ip: str) -> Payload:
    """``input`` of 9001. ``mac`` and ``ip`` are this machine's own; each may be empty."""
    return {"signIn": {"opter_no": terminal, "mac": mac, "ip": ip}}


def read_sign_in(payload: Payload) -> str:
    """Who signs in. Raises NotUnderstood."""
    sign = Fields(payload.get("signIn"), "signIn")
    sign.text("mac", 20, optional=True)
    sign.text("ip", 45, optional=True)
    return sign.text("opter_no", 30)


def signed_in(number: str, at: datetime) -> Payload:
    """``output`` of 9001: the number of the new session, and when it began."""
    return {"signinoutb": {"sign_time": at.astimezone(CHINA).strftime(_MOMENT), "sign_no": number}}


def read_signed_in(output: Payload) -> str:
    """The number that later messages carry. Raises NotUnderstood."""
    return Fields(output.get("signinoutb"), "signinoutb").text("sign_no", 30)


def sign_out(terminal: str, number: str) -> Payload:
    """``input`` of 9002: which session ends, and whose."""
    return {"signOut": {"sign_no": number, "opter_no": terminal}}


def read_sign_out(payload: Payload) -> tuple[str, str]:
    """Number of the session and who ends it. Raises NotUnderstood."""
    sign = Fields(payload.get("signOut"), "signOut")
    return sign.text("sign_no", 30), sign.text("opter_no", 30)


def signed_out(at: datetime) -> Payload:
    """``output`` of 9002: when the session ended."""
    return {"signoutoutb": {"sign_time": at.astimezone(CHINA).strftime(_MOMENT)}}


# --- 1101 ------------------------------------------------------------------------------------------------------------


def ask_person(person: Person) -> Payload:
    """By the number of the identity card, which the terminal has proved."""
    return {
        "data": {
            "mdtrt_cert_type": _BY_ID_NUMBER,
            "mdtrt_cert_no": person.id_number,
            "card_sn": "",
            "begntime": "",
            "psn_cert_type": _RESIDENT_ID,
            "certno": person.id_number,
            "psn_name": person.name,
        }
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom 1101 is about: one of the three is there."""

    credential: str = field(default="", repr=False)
    card: CardRef | None = None
    person: Person | None = field(default=None, repr=False)


def read_asked(payload: Payload, region: str) -> Asked:
    """Raises NotUnderstood."""
    data = Fields(payload.get("data"), "data")
    kind, number = data.text("mdtrt_cert_type", 3), data.text("mdtrt_cert_no", 50)
    if kind == _BY_CREDENTIAL:
        return Asked(credential=number)
    if kind == _BY_CARD:
        return Asked(card=CardRef(region, data.text("card_sn", 32), number))
    if kind != _BY_ID_NUMBER:
        raise data.wrong("mdtrt_cert_type", "is not 01, 02 or 03")
    name = data.text("psn_name", 100)
    return Asked(person=Person(name, number, _born(number)))


def person_found(number: str, person: Person, accounts: Sequence[Account], place: str) -> Payload:
    """``number`` is ``psn_no``: how the platform calls the person."""
    man = len(person.id_number) == 18 and person.id_number[16].isdigit() and int(person.id_number[16]) % 2
    return {
        "baseinfo": {
            "psn_no": number,
            "psn_cert_type": _RESIDENT_ID,
            "certno": person.id_number,
            "psn_name": person.name,
            "gend": "1" if man else "2",
            "naty": "",
            "brdy": person.born.isoformat(),
            "age": person.age_on(accounts[0].as_of.date()) if accounts else None,
            "exp_content": "",
        },
        "insuinfo": [
            {
                "balc": yuan(account.balance),
                "insutype": account.insurance,
                "psn_type": "",
                "psn_insu_stas": account.status.value,
                "psn_insu_date": "",
                "paus_insu_date": "",
                "cvlserv_flag": "0",
                "insuplc_admdvs": place,
                "emp_name": "",
            }
            for account in accounts
        ],
        "idetinfo": [],
    }


def read_accounts(output: Payload, person: Person, as_of: datetime) -> tuple[Account, ...]:
    """Balances of ``person``, in the order of the platform. Raises NotUnderstood, also for somebody else's."""
    base = Fields(output.get("baseinfo"), "baseinfo")
    if not idnumber.same(base.text("certno", 50), person.id_number):
        raise NotUnderstood("baseinfo.certno", "is somebody else's")
    accounts = []
    for row in Fields(dict(output), "output").rows("insuinfo"):
        insurance, status = row.text("insutype", 6), row.text("psn_insu_stas", 6)
        if status not in set(InsuranceStatus):
            raise row.wrong("psn_insu_stas", "is not known")
        accounts.append(Account(insurance, InsuranceStatus(status), row.amount("balc"), as_of))
    if len({account.insurance for account in accounts}) != len(accounts):
        raise NotUnderstood("insuinfo", "holds an insurance twice")
    return tuple(accounts)


def _born(id_number: str) -> date:
    """Digits 7 to 14 (section 2.4); a number without them is nobody's birthday and finds nobody either."""
    try:
        return datetime.strptime(id_number[6:14], "%Y%m%d").replace(tzinfo=CHINA).date()
    except ValueError:
        raise NotUnderstood("data.mdtrt_cert_no", "is not an identity number") from None
