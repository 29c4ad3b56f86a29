"""The cause ledger: of every visit that did not bring what it was for, exactly one code that says why.

Owns the codes and the rule. They are read off what the citizen was told last, so the ledger and the screen never
disagree. ``R…`` are refusals, ``C…``, ``D…``, ``N…``, ``J01`` and ``X99`` faults (``kiosk.faults``); the rest is here.
"""

from __future__ import annotations

from typing import Any

from kiosk.endings import Ending
from kiosk.screens import Balance, BeingChecked, Movements, PartialResult, Refusal, Result, Screen, WhichAccount

UNKNOWN = "U01"
"""Nobody knows yet what became of it."""
PARTIAL = {"activated_without_pin": "P01", "activated_pin_unproved": "P02", "pin_unproved": "P03"}
OTHER_PARTIAL = "P04"
"""Done, and the insurer's note of it is missing."""
ENDED = {Ending.FINISHED: "V01", Ending.IDLE: "V02", Ending.CARD_GONE: "C01", Ending.CLOSING: "V03"}
"""The citizen ended it, went away, took the card, or the terminal closed."""

OWN = (UNKNOWN, *PARTIAL.values(), OTHER_PARTIAL, *(code for code in ENDED.values() if code.startswith("V")))
"""Codes that no other table has; the catalogue spells them out under ``cause.<code>``."""


def cause_of(outcome: str, told: Screen[Any] | None) -> str:
    """The code of a visit's failure; empty if it brought what it was for.

    ``outcome`` is the ending, the code of a fault, or ``done``; ``told`` the last screen on which something was asked
    or told.
    """
    match told:
        case Result():
            return ""
        case PartialResult():
            return PARTIAL.get(told.task, OTHER_PARTIAL)
        case BeingChecked():
            return UNKNOWN
        case Refusal() if outcome != Ending.CLOSING:
            return told.code
        case Balance() | WhichAccount() | Movements() if outcome in (Ending.FINISHED, Ending.IDLE):
            return ""  # looked at, and that was it
    if outcome in set(Ending):
        return ENDED[Ending(outcome)]
    return "" if outcome == "done" else outcome
