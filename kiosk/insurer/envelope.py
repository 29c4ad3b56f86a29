"""The envelope of the national platform: what is around every message, in both directions.

Owns the fields with their limits and their spelling (``mdtrtarea_admvs``, but ``insuplc_admdvs``: both as they are),
and the numbers of messages and replies (docs/protocols.md section 3.1). Times carry no zone there: they are China's. It
signs nothing and opens no payload.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, fields
from datetime import datetime, timedelta

from drivers.frozen import dataclass
from kiosk.china import CHINA
from kiosk.insurer import notation
from kiosk.insurer.notation import Fields, NotUnderstood

VERSION = "V1.0"
SELF_SERVICE = "2"
"""``opter_type`` of a self-service terminal (section 3.1)."""
PAYLOAD = 40_000
"""Characters of ``input`` and ``output`` (section 3.1)."""
LARGEST = 4 * PAYLOAD + 16_384
"""Bytes of a whole message: a payload of four-byte characters with everything around it."""

_LENGTHS = {
    "infno": 4,
    "msgid": 30,
    "mdtrtarea_admvs": 6,
    "insuplc_admdvs": 6,
    "recer_sys_code": 10,
    "dev_no": 100,
    "dev_safe_info": 2000,
    "cainfo": 1024,
    "signtype": 10,
    "infver": 6,
    "opter_type": 3,
    "opter": 30,
    "opter_name": 50,
    "inf_time": 19,
    "fixmedins_code": 12,
    "fixmedins_name": 20,
    "sign_no": 30,
}
_OPTIONAL = frozenset({"insuplc_admdvs", "dev_no", "dev_safe_info", "cainfo", "signtype", "sign_no"})
_MESSAGE_NUMBER = re.compile(r"[0-9A-Za-z]{12}[0-9]{18}")
_REPLY_NUMBER = re.compile(r"[0-9A-Za-z]{30}")
_MILLISECONDS = re.compile(r"[0-9]{17}")
_ERROR_TEXT = 200
_INF_TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One message to the platform. Texts only; ``input`` is the payload."""

    infno: str
    """Number of the transaction."""
    msgid: str
    """Institution (12), yyyyMMddHHmmss, sequence (4)."""
    mdtrtarea_admvs: str
    recer_sys_code: str
    opter: str
    opter_name: str
    inf_time: str
    fixmedins_code: str
    fixmedins_name: str
    sign_no: str = ""
    """From 9001; empty in 9001 itself."""
    insuplc_admdvs: str = ""
    dev_no: str = ""
    dev_safe_info: str = ""
    cainfo: str = ""
    signtype: str = ""
    infver: str = VERSION
    opter_type: str = SELF_SERVICE
    input: Mapping[str, object] = field(repr=False)

    def encode(self) -> bytes:
        """As it is sent. Raises NotUnderstood for what the platform would not take: it must not leave."""
        table = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "input"}
        _check(Fields(table, "request"))
        payload = notation.write(self.input)
        if len(payload) > PAYLOAD:
            raise NotUnderstood("request.input", f"is longer than {PAYLOAD}")
        return (notation.write(table)[:-1] + f',"input":{payload}}}').encode()

    @classmethod
    def decode(cls, body: bytes) -> Request:
        """Raises NotUnderstood."""
        if len(body) > LARGEST:
            raise NotUnderstood("request", "is too large")
        document = notation.read(body)
        envelope = Fields(document, "request")
        texts = _check(envelope)
        assert isinstance(document, dict)
        payload = document.get("input")
        if not isinstance(payload, dict):
            raise NotUnderstood("request.input", "is not an object")
        if len(notation.write(payload)) > PAYLOAD:
            raise NotUnderstood("request.input", f"is longer than {PAYLOAD}")
        return cls(**texts, input=payload)


def _check(envelope: Fields) -> dict[str, str]:
    texts = {
        name: envelope.text(name, longest, optional=name in _OPTIONAL or name == "infver")
        for name, longest in _LENGTHS.items()
    }
    number = envelope.matching("msgid", _MESSAGE_NUMBER)
    if not number.startswith(texts["fixmedins_code"]) or len(texts["fixmedins_code"]) != 12:
        raise envelope.wrong("msgid", "does not begin with the institution")
    if texts["infver"] != VERSION:
        raise envelope.wrong("infver", f"is not {VERSION}")
    try:
        datetime.strptime(texts["inf_time"], _INF_TIME)  # noqa: DTZ007 - the envelope's times have no zone
    except ValueError as error:
        raise envelope.wrong("inf_time", "is not a time") from error
    return texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the platform says to one message."""

    infcode: int
    """0 for done; everything else is a failure."""
    inf_refmsgid: str
    """Division (6), yyyyMMddHHmmss, sequence (10)."""
    refmsg_time: datetime
    """When the message came."""
    respond_time: datetime
    err_msg: str = field(default="", repr=False)
    """May quote what a citizen owns: never shown, never logged."""
    output: Mapping[str, object] = field(default_factory=dict, repr=False)

    def encode(self) -> bytes:
        """Raises NotUnderstood if the payload is too long for one reply."""
        payload = notation.write(self.output)
        if len(payload) > PAYLOAD:
            raise NotUnderstood("reply.output", f"is longer than {PAYLOAD}")
        table = {
            "infcode": self.infcode,
            "inf_refmsgid": self.inf_refmsgid,
            "refmsg_time": milliseconds(self.refmsg_time),
            "respond_time": milliseconds(self.respond_time),
            "err_msg": self.err_msg[:_ERROR_TEXT],
        }
        return (notation.write(table)[:-1] + f',"output":{payload}}}').encode()

    @classmethod
    def decode(cls, body: bytes) -> Reply:
        """Where sources disagree (``output`` in a list, ``infcode`` as a text) both are taken, else nothing is.

        Raises NotUnderstood.
        """
        if len(body) > LARGEST:
            raise NotUnderstood("reply", "is too large")
        document = notation.read(body)
        envelope = Fields(document, "reply")
        assert isinstance(document, dict)
        payload = document.get("output")
        if isinstance(payload, list) and len(payload) == 1:
            payload = payload[0]
        infcode = envelope.whole("infcode", -999_999_999, 999_999_999)
        if payload in (None, "") and infcode:
            payload = {}  # a failure has nothing to say
        if not isinstance(payload, dict):
            raise NotUnderstood("reply.output", "is not an object")
        return cls(
            infcode=infcode,
            inf_refmsgid=envelope.matching("inf_refmsgid", _REPLY_NUMBER),
            refmsg_time=_moment(envelope, "refmsg_time"),
            respond_time=_moment(envelope, "respond_time"),
            err_msg=envelope.text("err_msg", _ERROR_TEXT, optional=True),
            output=payload,
        )


def inf_time(now: datetime) -> str:
    """``yyyy-MM-dd HH:mm:ss``, the time in China: how the field of that name is written."""
    return now.astimezone(CHINA).strftime(_INF_TIME)


def stamp(now: datetime) -> str:
    """yyyyMMddHHmmss."""
    return now.astimezone(CHINA).strftime("%Y%m%d%H%M%S")


def milliseconds(moment: datetime) -> str:
    """yyyyMMddHHmmssSSS."""
    return f"{stamp(moment)}{moment.microsecond // 1000:03d}"


def _moment(envelope: Fields, name: str) -> datetime:
    text = envelope.matching(name, _MILLISECONDS)
    try:
        whole = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
    except ValueError as error:
        raise envelope.wrong(name, "is not a time") from error
    return whole + timedelta(milliseconds=int(text[14:]))
