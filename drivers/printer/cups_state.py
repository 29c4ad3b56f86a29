"""What a CUPS queue says of itself, and what that means for a page and for the operator.

Owns the meaning of ``printer-state`` and ``printer-state-reasons`` (RFC 8011 sections 5.4.11 and 5.4.12, PWG 5100.9).
It asks nothing. CUPS learns of paper, covers and power only from the printer's back end, and only while a job runs; at
rest a queue repeats what it heard last, were it days ago. So at rest only what concerns the queue itself is believed:
paper that ran out and was refilled since would otherwise keep every further page away, and with it the only way to
find out.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.api import Condition, Health, Paper, PrinterStatus, Remedy
from drivers.frozen import dataclass
from drivers.printer.ipp import Group, Message, PrinterState

ATTRIBUTES = ("printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "printer-make-and-model")

_ERROR, _WARNING, _REPORT = "error", "warning", "report"

_NO_PAPER = frozenset(("media-empty", "media-needed", "input-tray-missing", "input-media-supply-empty"))
_OPEN = frozenset(("cover-open", "door-open", "interlock-open", "input-cover-open", "output-cover-open"))
_CUTTERS = ("trimmer-", "slitter-", "cutter-")
"""Finishing units that cut (PWG 5100.9, table 4); their covers and supplies are told with the same beginning."""
_UNREACHABLE = frozenset(("offline", "shutdown", "timed-out"))
_PAUSED = frozenset(("paused", "moving-to-paused", "stopped-partly"))
_ATTENDED = frozenset(
    (
        "media-jam",
        "output-area-full",
        "output-tray-missing",
        "marker-supply-empty",
        "marker-supply-missing",
        "marker-waste-full",
        "toner-empty",
        "toner-missing",
        "developer-empty",
    )
)
"""Troubles that hall staff can put right."""
_QUEUE_TROUBLE = ("cups-missing-filter", "cups-insecure-filter", "spool-area-full")
_HARMLESS = frozenset(("none", "connecting-to-device", "other", "wifi-not-configured"))
"""``connecting-to-device`` is told with every job; ``other`` without a severity is what some back ends always say."""


@dataclass(frozen=True, slots=True)
class QueueReading:
    """One answer to Get-Printer-Attributes."""

    state: int
    reasons: frozenset[tuple[str, str]] = frozenset()
    """Each reason with its severity: error, warning or report."""
    accepting: bool = True
    model: str = ""

    @classmethod
    def of(cls, answer: Message) -> QueueReading:
        """What the answer says; what is missing from it is taken for the harmless value."""
        found = answer.first(Group.PRINTER)
        reasons = (_with_severity(str(reason)) for reason in found.get("printer-state-reasons", ()))
        state = found.get("printer-state", (PrinterState.IDLE,))[0]
        return cls(
            state if isinstance(state, int) else PrinterState.IDLE,
            frozenset(reason for reason in reasons if reason[0] not in _HARMLESS),
            found.get("printer-is-accepting-jobs", (True,))[0] is not False,
            str(found.get("printer-make-and-model", ("",))[0]),
        )

    def at_rest(self) -> QueueReading:
        """Without what only a running job can know."""
        return self.without(frozenset(reason for reason in self.reasons if not _of_the_queue(reason[0])))

    def without(self, reasons: frozenset[tuple[str, str]]) -> QueueReading:
        return replace(self, reasons=self.reasons - reasons)

    @property
    def told(self) -> str:
        """The reasons as CUPS spells them."""
        return ", ".join(sorted(f"{name}-{severity}" for name, severity in self.reasons))

    @property
    def stopped(self) -> bool:
        return self.state == PrinterState.STOPPED or bool(self._names(_REPORT) & _PAUSED)

    def status(self) -> PrinterStatus:
        """Known only where a reason says so: a queue without one knows nothing."""
        errors = self._names(_ERROR)
        cut = any(name.startswith(_CUTTERS) for name in errors)
        other = {name for name in errors if not name.startswith(_CUTTERS)}
        fault = other - _NO_PAPER - _OPEN - _UNREACHABLE - _PAUSED
        lost = self.stopped or not self.accepting or self._names(_REPORT) & _UNREACHABLE
        return PrinterStatus(
            online=False if lost else None,
            paper=self._paper(),
            cover_open=True if errors & _OPEN else None,
            cutter_error=True if cut else None,
            fault=True if fault else None,
        )

    def health(self, model: str) -> Health:
        condition, remedy, detail = self._finding()
        return Health(condition, remedy, detail, f"{model} {self.model}".strip())

    def _paper(self) -> Paper:
        if self._names(_ERROR) & _NO_PAPER:
            return Paper.OUT
        if self._names(_REPORT) & (_NO_PAPER | {"media-low"}):
            return Paper.LOW
        return Paper.UNKNOWN

    def _names(self, least: str) -> set[str]:
        """Reasons of this severity or above."""
        severities = {_ERROR: (_ERROR,), _WARNING: (_ERROR, _WARNING), _REPORT: (_ERROR, _WARNING, _REPORT)}[least]
        return {name for name, severity in self.reasons if severity in severities}

    def _finding(self) -> tuple[Condition, Remedy, str]:
        status = self.status()
        told = self.told
        if status.cover_open:
            return Condition.USER_ERROR, Remedy.CLEAR, "a cover is open: close it"
        if status.cutter_error:
            return Condition.HARDWARE_ERROR, Remedy.CLEAR, "the cutter is jammed: open the cover and free it"
        if status.paper is Paper.OUT:
            return Condition.USER_ERROR, Remedy.CLEAR, "no paper: put some in"
        if self._names(_ERROR) & _ATTENDED:
            return Condition.HARDWARE_ERROR, Remedy.CLEAR, f"the printer needs a hand: {told}"
        if any(name.startswith(_QUEUE_TROUBLE) for name in self._names(_WARNING)):
            return Condition.HARDWARE_ERROR, Remedy.CONFIGURATION, f"CUPS cannot serve this queue: {told}"
        if self._names(_REPORT) & _UNREACHABLE:
            return Condition.OFFLINE, Remedy.CLEAR, "CUPS cannot reach the printer: check power and cable"
        if status.fault:
            return Condition.HARDWARE_ERROR, Remedy.MAINTENANCE, f"the printer reports: {told}"
        if self.stopped:
            return Condition.OFFLINE, Remedy.RESET, "the queue is stopped: start it again with cupsenable"
        if not self.accepting:
            return Condition.OFFLINE, Remedy.CONFIGURATION, "the queue rejects pages: cupsaccept lets them in"
        if told:
            return Condition.ONLINE, Remedy.NONE, f"the printer reports: {told}"
        return (
            Condition.UNKNOWN,
            Remedy.NONE,
            "the queue is ready; CUPS learns of paper, covers and power only while a page is printed",
        )


def _of_the_queue(name: str) -> bool:
    return name in _PAUSED or name.startswith(_QUEUE_TROUBLE)


def _with_severity(reason: str) -> tuple[str, str]:
    """RFC 8011 section 5.4.12: a reason without a suffix counts as an error."""
    for severity in (_ERROR, _WARNING, _REPORT):
        name = reason.removesuffix(f"-{severity}")
        if name != reason:
            return name, severity
    return reason, _ERROR
