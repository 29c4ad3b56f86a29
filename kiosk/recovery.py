"""After a crash or a power cut: ask the insurer what became of every operation whose end is not in the journal."""

from __future__ import annotations

import logging

from kiosk.insurer.api import Activate, Done, InsurerUnreachable, RecordPin
from kiosk.station import Station

log = logging.getLogger(__name__)

_AT_INSURER = frozenset({Activate.__name__, RecordPin.__name__})


async def settle(station: Station) -> int:
    """Settle what can be settled and return how many operations stay open.

    A write to a chip is not asked about here: the chip itself answers when the card is inserted again. Raises
    JournalError.
    """
    still_open = 0
    for item in station.journal.open_items():
        if item.kind not in _AT_INSURER:
            continue
        try:
            outcome = await station.insurer.outcome(item.key)
        except InsurerUnreachable:
            still_open += 1
            continue
        if isinstance(outcome, Done):
            station.journal.close(item.key, "resolved_done", outcome.number)
        else:
            station.journal.close(item.key, "resolved_refused")
        log.info("operation %s of an earlier run is settled", item.kind)
    return still_open
