"""What ``kiosk.toml`` may say, as a JSON Schema (draft 2020-12), for editors that know TOML.

Owns the shape alone; whether a configuration can be used is decided in ``config``. A test holds the two together.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from kiosk.config import MOST_DAYS, MOST_MIB, TERMINAL_ID
from kiosk.insurer.agreement import Answers, LocalTransactions

_TEXT = {"type": "string"}
_ABOVE_0 = {"type": "number", "exclusiveMinimum": 0}


def schema() -> dict[str, Any]:
    """The schema as plain values."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kiosk.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {"type": "object", "additionalProperties": False, "properties": keys}
            for name, keys in _SECTIONS.items()
        },
    }


def _told(what: str, shape: dict[str, Any]) -> dict[str, Any]:
    return {"description": what} | shape


_SECTIONS: dict[str, dict[str, Any]] = {
    "terminal": {
        "id": _told(
            "stands on every slip and in the journal; unique in the city", {"pattern": f"^{TERMINAL_ID}$"} | _TEXT
        ),
        "place": _told(
            "name of the hall, by language", {"type": "object", "additionalProperties": {"minLength": 1} | _TEXT}
        ),
        "region": _told("division code of the place (GB/T 2260)", {"pattern": "^[0-9]{6}$"} | _TEXT),
        "policy": _told("a city of assets/policy, or the path of a signed pack", _TEXT),
        "policy_keys": _told("file with public keys that may sign packs, one a line", _TEXT),
        "languages": _told("offered in this order", {"type": "array", "items": _TEXT, "minItems": 1}),
    },
    "devices": {
        "card": _told("pcsc:[READER]", _TEXT),
        "idcard": _told("sdt:PORT", _TEXT),
        "scanner": _told("camera:NUMBER, serial:PORT or hid:EVENT DEVICE", _TEXT),
        "printer": _told("escpos:LINK or cups:QUEUE", _TEXT),
        "pinpad": _told("a pad with keys of its own, or none", _TEXT),
        "voice": _told("espeak:[SOUND DEVICE], clips:FOLDER, or none", _TEXT),
    },
    "insurer": {
        "kind": {"enum": ["embedded", "platform"]},
        "path": _told("embedded: its database", _TEXT),
        "url": _told("platform: https://HOST[:PORT]/PATH", {"pattern": "^https://"} | _TEXT),
        "institution": _told("fixmedins_code", {"pattern": "^[0-9A-Za-z]{12}$"} | _TEXT),
        "institution_name": _told("fixmedins_name", {"minLength": 1, "maxLength": 20} | _TEXT),
        "division": _told("mdtrtarea_admvs; the terminal's region if not given", {"pattern": "^[0-9]{6}$"} | _TEXT),
        "paasid": _told("name of this application at the gateway", _TEXT),
        "receiver": _told("recer_sys_code", {"minLength": 1, "maxLength": 10} | _TEXT),
        "signs_bodies": _told("messages and replies carry our own signature as well", {"type": "boolean"}),
        "numbers": _told(
            "this terminal's range of the sequence in msgid",
            {
                "type": "array",
                "items": {"type": "integer", "minimum": 0, "maximum": 9999},
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        "transactions": _told(
            "numbers of the local transactions",
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    each.name: {"pattern": "^[0-9A-Za-z]{1,4}$"} | _TEXT for each in fields(LocalTransactions)
                },
            },
        ),
        "answers": _told(
            "codes (infcode) of local answers",
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {each.name: {"type": "integer"} for each in fields(Answers)},
            },
        ),
        "ca": _told("file: who may have signed the platform's certificate", _TEXT),
        "certificate": _told("file: this terminal's certificate", _TEXT),
        "key": _told("file: its private key, readable by the terminal's user alone", _TEXT),
        "token": _told("file: the gateway's token, readable by the terminal's user alone", _TEXT),
        "hsm": _told("file: public key of the HSM", _TEXT),
    },
    "screen": {
        "width_mm": _told("of the visible picture", _ABOVE_0),
        "height_mm": _told("of the visible picture", _ABOVE_0),
        "lower_edge_mm": _told("height of its lower edge above the floor", _ABOVE_0),
        "orientation": {"enum": ["portrait", "landscape"]},
        "fullscreen": {"type": "boolean"},
        "rotation": _told("degrees by which the picture is turned clockwise", {"enum": [0, 90, 180, 270]}),
        "touch_matrix": _told(
            "the touch panel's own correction",
            {"type": "array", "items": {"type": "number"}, "minItems": 6, "maxItems": 6},
        ),
        "inputs": _told(
            "USB keypads that may speak to the screen, vendor:product",
            {"type": "array", "items": {"pattern": "^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$"} | _TEXT},
        ),
        "backlight": _told("folder of the panel's backlight in /sys/class/backlight", {"pattern": "^/"} | _TEXT),
    },
    "time": {
        "idle_s": _told("seconds of quiet before the warning", _ABOVE_0),
        "idle_large_s": _told("the same in large text", _ABOVE_0),
        "warning_s": _told("how long the warning stays", {"type": "number", "minimum": 20}),
        "told_s": _told("how long a result stays when nobody answers", _ABOVE_0),
    },
    "data": {
        "dir": _told("journal and keys; of the terminal's user alone", {"pattern": "^/"} | _TEXT),
        "journal_days": _told("how long the journal keeps its records", {"maximum": MOST_DAYS} | _ABOVE_0),
        "journal_mib": _told("how large it may become before records go earlier", {"maximum": MOST_MIB} | _ABOVE_0),
    },
    "log": {
        "format": _told("lines for a machine or a person; by itself: where they go", {"enum": ["", "json", "plain"]}),
    },
    "status": {
        "metrics": _told("address of loopback and port for Prometheus; empty: none", _TEXT),
    },
    "operator": {
        "staff": _told("file with those who may enter operator mode", {"pattern": "^/"} | _TEXT),
        "usb": _told("where a USB stick is mounted", {"pattern": "^/"} | _TEXT),
    },
}
