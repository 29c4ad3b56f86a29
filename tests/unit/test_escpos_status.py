"""The bits of DLE EOT, with the values of docs/protocols.md section 6.2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import Condition, CoverOpen, CutterJammed, NoPaper, Paper, PrinterFault, PrinterStatus, Remedy
from drivers.printer.escpos import is_proof
from drivers.printer.status import Reading, is_status, obstacle, reading_of

OK = Reading(0x12, 0x12, 0x12, 0x12)


@given(st.integers(0, 255))
def test_an_answer_is_a_status_or_a_proof_but_never_both(byte: int) -> None:
    assert not (is_status(byte) and is_proof(byte))
    assert is_status(byte) == (byte & 0b10010011 == 0b00010010)


@pytest.mark.parametrize(
    ("reading", "error", "condition", "remedy"),
    [
        (OK, None, Condition.ONLINE, Remedy.NONE),
        (Reading(0x1A, 0x16, 0x12, 0x12), CoverOpen, Condition.USER_ERROR, Remedy.CLEAR),
        (Reading(0x1A, 0x32, 0x12, 0x72), NoPaper, Condition.USER_ERROR, Remedy.CLEAR),
        (Reading(0x1A, 0x32, 0x12, 0x7E), NoPaper, Condition.USER_ERROR, Remedy.CLEAR),
        (Reading(0x1A, 0x52, 0x1A, 0x12), CutterJammed, Condition.HARDWARE_ERROR, Remedy.CLEAR),
        (Reading(0x1A, 0x52, 0x32, 0x12), PrinterFault, Condition.HARDWARE_ERROR, Remedy.MAINTENANCE),
        (Reading(0x1A, 0x52, 0x52, 0x12), PrinterFault, Condition.OFFLINE, Remedy.SUSPEND),
        (Reading(0x1A, 0x1A, 0x12, 0x12), PrinterFault, Condition.USER_ERROR, Remedy.CLEAR),
        (Reading(0x1A, 0x12, 0x12, 0x12), PrinterFault, Condition.OFFLINE, Remedy.RESET),
        (Reading(0x12, 0x12, 0x12, 0x1E), None, Condition.ONLINE, Remedy.NONE),
        (Reading(), None, Condition.UNKNOWN, Remedy.CONFIGURATION),
    ],
)
def test_a_reading_means(reading: Reading, error: type[Exception] | None, condition: Condition, remedy: Remedy) -> None:
    found = obstacle(reading.status())
    assert (type(found) if found else None) is error
    health = reading.health()
    assert (health.condition, health.remedy) == (condition, remedy)


def test_no_answer_is_unknown_and_never_well() -> None:
    assert Reading().status() == PrinterStatus(online=None, paper=Paper.UNKNOWN)
    assert Reading(0x12).status().paper is Paper.UNKNOWN


@given(
    st.builds(
        PrinterStatus,
        online=st.booleans(),
        paper=st.sampled_from([Paper.OK, Paper.LOW, Paper.OUT]),
        cover_open=st.booleans(),
        cutter_error=st.booleans(),
        fault=st.booleans(),
    )
)
def test_a_status_survives_the_wire(status: PrinterStatus) -> None:
    reading = reading_of(status)
    assert reading.status() == status
    assert all(is_status(byte or 0) for byte in (reading.printer, reading.offline, reading.error, reading.paper))
