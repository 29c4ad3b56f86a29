"""The end of every service: the slip into the citizen's hand, or its code on the screen, and the plain result.

Paper never changes the result: whatever the printer does, what was done stays done and is told.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

from drivers.api import DeviceError, Page, Printer
from kiosk.endings import Instead
from kiosk.journal import Journal, JournalError
from kiosk.outline import outline
from kiosk.receipts.layout import lay_out
from kiosk.receipts.seal import Claim, seal
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.screens import BeingChecked, PartialResult, Pick, Result, ServiceTile, Slip, Task, Working
from kiosk.visit import Visit
from kiosk.voice.lines import lines_of
from kiosk.waiting import within

log = logging.getLogger(__name__)

STATUS_S = 5.0
"""A citizen waits before a screen of work while the printer is asked; a code on the glass needs no printer."""
PRINT_S = 180.0
"""Three times the longest deadline that a driver of ours has for a page. One that is silent for so long has broken its
promise and never comes back."""


async def can_print(printer: Printer) -> bool:
    """Whether a slip may be promised. A link that cannot answer may be tried. Raises nothing, whatever the driver
    does."""
    try:
        return (await within(STATUS_S, printer.status())).can_print
    except DeviceError:
        return False
    except Exception as error:  # noqa: BLE001  a driver of somebody else's: what it breaks must not end the visit
        log.critical("the printer could not be asked: %s", outline(error))
        return False


async def _printed(printer: Printer, page: Page) -> None:
    await within(PRINT_S, printer.print(page))


async def hand_over(
    visit: Visit,
    facts: SlipFacts,
    working: Working = Working(Task.PRINTING),  # noqa: B008  a value, never changed
    *,
    keep_card: bool = False,
) -> tuple[Slip, str]:
    """Print the slip; if that fails, its sealed code goes on the screen instead. The card may be taken from here on;
    it is powered down as well unless it may be spoken to again.

    Raises nothing: what was done stays done and must be told, whatever becomes of the paper.
    """
    if keep_card:
        visit.card_no_longer_needed()
    else:
        await visit.free_card()
    station = visit.station
    sealed = ""
    try:
        sealed = seal(_claim(facts, station.settings.terminal), station.seal_key)
        page = lay_out(facts, sealed, station.catalogues[visit.preferences.language], station.settings)
        visit.slip_lines = lines_of(page)
        await visit.finish_work(working, _printed(station.printer, page))
    except DeviceError as error:
        log.warning("slip %s not printed: %s", facts.kind, type(error).__name__)
        _note_not_printed(station.journal, facts.kind, error)
        return Slip.ON_SCREEN, sealed
    except Exception as error:  # noqa: BLE001  an error of ours, or of a driver, must not hide the result
        log.critical("slip %s not printed: %s", facts.kind, outline(error))
        _note_not_printed(station.journal, facts.kind, error)
        return (Slip.ON_SCREEN, sealed) if sealed else (Slip.NOT_ASKED, "")
    visit.slip_printed = True
    return Slip.PRINTED, ""


def sealed_only(visit: Visit, facts: SlipFacts) -> tuple[Slip, str]:
    """The slip's code for the screen, where it is known that nothing can be printed."""
    return Slip.ON_SCREEN, seal(_claim(facts, visit.station.settings.terminal), visit.station.seal_key)


def _note_not_printed(journal: Journal, kind: SlipKind, error: Exception) -> None:
    try:
        journal.event("slip_not_printed", slip=kind.value, fault=type(error).__name__)
    except JournalError as failure:
        log.critical("not noted: slip_not_printed (%s)", type(failure).__name__)


_OUTCOME = {
    SlipKind.ACTIVATED_WITHOUT_PIN: "partial",
    SlipKind.ACTIVATED_PIN_UNPROVED: "partial",
    SlipKind.PIN_SET_UNRECORDED: "partial",
    SlipKind.PIN_UNPROVED: "unproved",
    SlipKind.BEING_CHECKED: "unknown",
}
"""What the seal vouches for, where it is not "done"."""


def _outcome(facts: SlipFacts) -> str:
    if facts.refused is None:
        return _OUTCOME.get(facts.kind, "done")
    return f"refused {facts.service or 'none'} {facts.refused.cause} {facts.refused.code}"


def _claim(facts: SlipFacts, terminal: str) -> Claim:
    return Claim(
        terminal=terminal,
        operation=facts.number,
        service=facts.kind.value,
        outcome=_outcome(facts),
        at=_whole_seconds(facts.at),
        card_tail=facts.holder.card_tail,
        amount_fen=int(facts.total) if facts.kind is SlipKind.BALANCE else None,
    )


def _whole_seconds(at: datetime) -> datetime:
    return at.replace(microsecond=0)


Outcome = Result | PartialResult | BeingChecked


async def tell_result(visit: Visit, result: Outcome, facts: SlipFacts) -> None:
    """Slip first, then the result, which stays until it is answered, the card is taken, or time is up.

    Raises Instead when the citizen goes on with what they came for. The offer of that keeps the card in dialogue until
    it is answered, as every offer does (``kiosk.reception``).
    """
    wanted = _wanted_after(visit, result)
    slip, sealed = await hand_over(visit, facts, keep_card=wanted is not None)
    if wanted is not None and not (visit.card_in and visit.can_offer(wanted)):
        wanted = None
        await visit.free_card()
    if isinstance(result, Result) and result.task == "printed" and slip is not Slip.PRINTED:
        result = replace(result, task="shown")  # nothing came out
    shown: Any = replace(result, slip=slip, qr=sealed)
    if isinstance(shown, PartialResult):
        shown = replace(shown, card_in=visit.card_in)
    elif wanted is not None:
        shown = replace(shown, go_on=wanted)
    on_screen = slip is Slip.ON_SCREEN
    seconds = visit.station.settings.told_s * (4 if on_screen else 1)
    answer = await visit.tell(shown, seconds, until_card_taken=not on_screen)
    if wanted is not None and isinstance(answer, Pick):
        visit.taking_the_card_finishes()  # what had to be done is done and told
        raise Instead(wanted.id)


def _wanted_after(visit: Visit, result: Outcome) -> ServiceTile | None:
    """What the citizen came for, where it can be done now that this is done, whole and with effect from today."""
    if not isinstance(result, Result) or result.next_day:
        return None
    return visit.wanted
