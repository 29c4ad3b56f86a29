"""What must happen at some time if many days are to prove anything: every fault, and every rare state it can lead to.

A simulation that never meets a state says nothing about it. Owns the list, by the names under which days count; whether
a run was long enough to ask for all of it is the caller's affair.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.screens import Cause
from kiosk.simulation.day.visitor import Papers
from kiosk.simulation.day.weather import FAULTS

NOT_AT_THIS_TERMINAL = frozenset(
    {
        Cause.RESET_AT_COUNTER,  # the policy of the days lets the terminal reset
        Cause.FAULT,  # an error of the program itself
        Cause.CARD_LOCKED,  # nobody's card is locked for good
    }
)
"""Refusals that no day can come to."""

SOMETIMES: tuple[str, ...] = (
    *(f"weather: {odds.name}" for odds in FAULTS),
    *(f"Refusal.{cause}" for cause in Cause if cause not in NOT_AT_THIS_TERMINAL),
    *(f"Result.{task}" for task in ("activated", "pin_reset", "pin_changed", "printed", "shown")),
    "PartialResult.activated_without_pin",
    "PartialResult.activated_pin_unproved",
    "PartialResult.pin_set_unrecorded",
    "PartialResult.pin_unproved",
    "BeingChecked.activate",
    "Working.confirming",
    "StillThere",
    "LastTry",
    "WhichAccount",
    "KnowsPin.locked",
    "LayIdCard.expired",
    "LayIdCard.number_differs",
    "ShowCode.other_person",
    "OutOfOrder",
    "OutOfOrder.card_in",
    "out of order D01",
    "out of order J01",
    "served without the first screen",
    "slip as a code on the screen",
    "same request twice",
    "insurer refuses: not_allowed",
    "insurer refuses: wrong_state",
    *(f"journal: {kind} {ending}" for kind in ("Activate", "RecordPin") for ending in ("done", "failed", "unknown")),
    *(f"journal: {kind} resolved_{ending}" for kind in ("Activate", "RecordPin") for ending in ("done", "refused")),
    *(f"journal: {kind} unknown" for kind in ("SetPin", "ResetPin", "ChangePin")),
    "resolved_done after a restart",
    "resolved_refused after a restart",
    "left for staff",
    "started again",
    "power cut",
    "stopped",
    "comes back",
    *(
        f"citizen: {did}"
        for did in (
            *("leaves", "pulls", "neighbour", "wishes", "strays", "taps twice", "careless", "forgets the PIN"),
            "enters a weak PIN",
            "goes on after another errand",
            "says that the PIN is forgotten",
            "goes back to the PIN",
            *(papers for papers in Papers if papers is not Papers.OWN),
        )
    ),
)


def never(coverage: Mapping[str, int]) -> list[str]:
    """What has not happened."""
    return [name for name in SOMETIMES if not coverage.get(name)]


def told(coverage: Mapping[str, int]) -> dict[str, int]:
    """Every count by its name, also the zeros of what should have happened."""
    return {name: coverage.get(name, 0) for name in sorted({*coverage, *SOMETIMES})}
