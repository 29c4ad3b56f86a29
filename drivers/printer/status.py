"""What a printer says of itself in real time, bit by bit, and what that means for a page and for the
operator.

Owns the meaning of docs/protocols.md section 6.2. It sends nothing.
"""

from __future__ import annotations

from drivers.api import (
    Condition,
    CoverOpen,
    CutterJammed,
    Health,
    NoPaper,
    Paper,
    PrinterError,
    PrinterFault,
    PrinterStatus,
    Remedy,
)
from drivers.frozen import dataclass

REQUESTS = {n: bytes((0x10, 0x04, n)) for n in (1, 2, 3, 4)}
"""DLE EOT n: printer, cause of being offline, cause of the error, paper (section 6.2)."""


def is_status(byte: int) -> bool:
    """Whether the byte is an answer to DLE EOT: bits 1 and 4 set, bits 0 and 7 clear (section 6.2)."""
    return byte & 0x93 == 0x12


@dataclass(frozen=True, slots=True)
class Reading:
    """The four answers to DLE EOT 1..4; ``None`` where none came."""

    printer: int | None = None
    offline: int | None = None
    error: int | None = None
    paper: int | None = None

    def status(self) -> PrinterStatus:
        """The reading in the terms of the hardware interface; nothing is assumed of a missing answer."""
        return PrinterStatus(
            online=None if self.printer is None else not self.printer & 0x08,
            paper=self._paper(),
            cover_open=None if self.offline is None else bool(self.offline & 0x04),
            cutter_error=None if self.error is None else bool(self.error & 0x08),
            fault=None if self.error is None else bool(self.error & 0x24),
        )

    def _paper(self) -> Paper:
        if (self.paper or 0) & 0x60 or (self.offline or 0) & 0x20:
            return Paper.OUT
        if self.paper is None:
            return Paper.UNKNOWN
        return Paper.LOW if self.paper & 0x0C else Paper.OK

    def health(self, model: str = "") -> Health:
        """The reading as health with its remedy; the first thing a person has to do comes first."""
        condition, remedy, detail = self._finding()
        return Health(condition, remedy, detail, model)

    def _finding(self) -> tuple[Condition, Remedy, str]:
        status = self.status()
        if status.cover_open:
            return Condition.USER_ERROR, Remedy.CLEAR, "the cover is open: close it"
        if status.cutter_error:
            return Condition.HARDWARE_ERROR, Remedy.CLEAR, "the cutter is jammed: open the cover and free it"
        if status.fault:
            return Condition.HARDWARE_ERROR, Remedy.MAINTENANCE, "mechanical or unrecoverable error"
        if status.paper is Paper.OUT:
            return Condition.USER_ERROR, Remedy.CLEAR, "no paper: put in a new roll"
        if (self.error or 0) & 0x40:
            return (
                Condition.OFFLINE,
                Remedy.SUSPEND,
                "waiting to recover by itself, for instance a hot print head",
            )
        if status.online is None:
            return Condition.UNKNOWN, Remedy.CONFIGURATION, "connected, but does not say how it is"
        if not status.online:
            if (self.offline or 0) & 0x08:
                return Condition.USER_ERROR, Remedy.CLEAR, "paper is being fed by the button"
            return Condition.OFFLINE, Remedy.RESET, "offline without a reason that it tells"
        if status.paper is Paper.LOW:
            return Condition.ONLINE, Remedy.NONE, "the paper is nearly used up"
        return Condition.ONLINE, Remedy.NONE, ""


def obstacle(status: PrinterStatus) -> PrinterError | None:
    """The error that keeps a page from coming out, or None if nothing is known to."""
    if status.cover_open:
        return CoverOpen("the cover is open")
    if status.cutter_error:
        return CutterJammed("the cutter is jammed")
    if status.paper is Paper.OUT:
        return NoPaper("no paper")
    if status.fault:
        return PrinterFault("mechanical or unrecoverable error")
    if status.online is False:
        return PrinterFault("the printer is offline")
    return None


def reading_of(status: PrinterStatus) -> Reading:
    """The bytes with which a printer in this state answers DLE EOT 1..4 (section 6.2)."""
    ends = status.paper is Paper.OUT
    near = ends or status.paper is Paper.LOW
    failed = bool(status.cutter_error or status.fault)
    return Reading(
        printer=0x12 | (0x08 if status.online is False else 0),
        offline=0x12 | (0x04 if status.cover_open else 0) | (0x20 if ends else 0) | (0x40 if failed else 0),
        error=0x12 | (0x08 if status.cutter_error else 0) | (0x20 if status.fault else 0),
        paper=0x12 | (0x0C if near else 0) | (0x60 if ends else 0),
    )
