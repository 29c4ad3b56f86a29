"""The hands at a simulated printer: everything a person can do to it, for the mock and for the virtual
printer.

Owns paper, cover, cutter and plug, as a person in front of the device would know them. Tests, the dock and
the command line hold this handle; the driver never sees it.
"""

from __future__ import annotations

from functools import cache

from drivers.api import Paper, PrinterStatus
from drivers.faults import FaultPlan


class Mechanism:
    """A printer with paper in it, closed, and switched on."""

    def __init__(self, faults: FaultPlan | None = None) -> None:
        self.faults = faults or FaultPlan()
        self.paper = Paper.OK
        self.cover_is_open = False
        self.cutter_is_jammed = False
        self.is_broken = False
        self.is_plugged = True
        self.slip_waiting = False
        """A slip hangs in the exit and nobody has taken it."""
        self._lines_left: int | None = None

    def take_paper_away(self) -> None:
        """The citizen takes the slip from the exit."""
        self.slip_waiting = False
        self._changed()

    def refill(self) -> None:
        """A new roll. The cover is closed afterwards."""
        self.paper = Paper.OK
        self.cover_is_open = False
        self._lines_left = None
        self._changed()

    def paper_low(self) -> None:
        self.paper = Paper.LOW
        self._changed()

    def out_of_paper(self) -> None:
        self.paper = Paper.OUT
        self._changed()

    def out_of_paper_after(self, lines: int) -> None:
        """Let the paper end when so many more lines are printed: 0 is at once."""
        if lines <= 0:
            self.out_of_paper()
        else:
            self._lines_left = lines

    def open_cover(self) -> None:
        self.cover_is_open = True
        self._changed()

    def close_cover(self) -> None:
        self.cover_is_open = False
        self._changed()

    def jam_cutter(self) -> None:
        self.cutter_is_jammed = True
        self._changed()

    def clear_jam(self) -> None:
        self.cutter_is_jammed = False
        self._changed()

    def break_down(self) -> None:
        """An error that no hand at the counter can clear."""
        self.is_broken = True
        self._changed()

    def repair(self) -> None:
        self.is_broken = False
        self._changed()

    def unplug(self) -> None:
        """Pull the mains plug: the link goes, and what was not printed yet is forgotten."""
        self.is_plugged = False
        self._changed()

    def plug(self) -> None:
        self.is_plugged = True
        self._changed()

    @property
    def runs(self) -> bool:
        """Whether paper can move now."""
        return self.is_plugged and self.status_now().can_print

    def status_now(self) -> PrinterStatus:
        """What a printer in this state would say of itself."""
        return _status(self.paper, self.cover_is_open, self.cutter_is_jammed, self.is_broken)

    def _line_printed(self) -> None:
        if self._lines_left is None:
            return
        self._lines_left -= 1
        if self._lines_left <= 0:
            self._lines_left = None
            self.out_of_paper()

    def _changed(self) -> None:
        """Called after every change; a device reacts here."""


@cache
def _status(paper: Paper, cover_open: bool, cutter_error: bool, fault: bool) -> PrinterStatus:
    """There are few states, and the same is asked for all day."""
    stopped = cover_open or cutter_error or fault or paper is Paper.OUT
    return PrinterStatus(not stopped, paper, cover_open, cutter_error, fault)
