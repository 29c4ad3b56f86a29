"""What a visit changes, at the insurer and on the chip: noted durably before, exactly once, and told as it is.

It knows the difference between "surely not done", "done" and "nobody knows", and keeps it through lost answers, full
disks and errors of its own. It shows nothing and asks no citizen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from drivers.card import apdu
from drivers.card.social_security import PinNotProved, UnexpectedStatus
from kiosk.endings import DoneEarlier, InsurerRefused, OutcomeUnknown, Refusing
from kiosk.impersonal import is_operation_number
from kiosk.insurer.api import CardRef, Done, InsurerUnreachable, Operation, Outcome, Refused
from kiosk.journal import Ending, Item, Journal, JournalError
from kiosk.outline import outline
from kiosk.screens import Cause
from kiosk.station import Station

log = logging.getLogger(__name__)

OUTCOME_PAUSES_S = (0.5, 1.5, 5.0, 15.0)
"""Pauses before each question after a lost outcome while the citizen stands there: four of the six that there are (the
habit of card payments: at most six repeats of a reversal, growing pauses). ``kiosk.recovery`` asks the other two."""

CONFIRMING_S = 60.0
"""After so long no further question is begun while the citizen stands there, for an insurer who is silent takes his
whole time for each of them (our choice); the terminal goes on asking when they have left (``kiosk.recovery``)."""

CHIP_WRITES = frozenset({"SetPin", "ResetPin", "ChangePin"})
"""Kinds of journal items that are done on a chip; the insurer knows nothing of them."""

_CHANGES = frozenset({apdu.CHANGE_PIN, apdu.PIN_RESET})
_NOTHING_DONE = frozenset({0x64, *range(0x67, 0x6F)})
"""First bytes of status words with which a card says that it has changed nothing: execution and checking errors
(ISO 7816-4, 5.6). Any other answer to a change leaves it open."""


class Operations:
    """``confirming`` is called when an answer was lost and the asking begins; ``hurried`` says that the terminal is
    about to stop, so that there is no time to ask again and again."""

    def __init__(self, station: Station, confirming: Callable[[], None], hurried: Callable[[], bool]) -> None:
        self._station = station
        self._confirming = confirming
        self._hurried = hurried

    # --- at the insurer --------------------------------------------------------------------------------------------

    async def settle_earlier(self, card: CardRef, kind: str) -> None:
        """If the end of an earlier one is unknown: find out now, or refuse to begin another.

        Raises DoneEarlier, Refusing, JournalError.
        """
        journal = self._station.journal
        key = journal.unknown_for(journal.subject(card.card_id), kind)
        if key is None:
            return
        try:
            outcome = await self._station.insurer.outcome(key)
        except InsurerUnreachable as error:
            raise Refusing(Cause.BEING_CHECKED) from error
        self._resolve(key, outcome)
        if isinstance(outcome, Done):
            raise DoneEarlier

    def left_open_at_insurer(self, card: CardRef, kind: str) -> bool:
        """Whether nobody knows yet what became of an earlier one on this card. Raises JournalError."""
        journal = self._station.journal
        return journal.unknown_for(journal.subject(card.card_id), kind) is not None

    async def perform(self, operation: Operation) -> Done:
        """Let the insurer do it. Raises InsurerUnreachable (it certainly did not happen), InsurerRefused,
        OutcomeUnknown, JournalError (nothing was sent)."""
        journal = self._station.journal
        key = self._station.new_key()
        journal.intend(key, type(operation).__name__, journal.subject(operation.card.card_id))
        journal.sent(key)
        try:
            outcome = await self._station.insurer.perform(key, operation)
        except InsurerUnreachable as error:
            if not error.sent:
                self._note(key, "failed")
                raise
            outcome = await self._find_out(key)
        except Exception as error:  # noqa: BLE001  an error of ours: the request may have left all the same
            log.critical("an operation broke off: %s", outline(error))
            outcome = await self._find_out(key)
        else:
            if isinstance(outcome, Refused):
                self._note(key, "refused")
            else:
                self._note(key, "done", outcome.number)
        if isinstance(outcome, Refused):
            raise InsurerRefused(outcome)
        return outcome

    async def _find_out(self, key: str) -> Outcome:
        """What became of a request whose answer was lost. Raises OutcomeUnknown, or InsurerUnreachable(sent=False)
        when the insurer says that it never came and never will."""
        self._note(key, "unknown")
        self._confirming()
        clock = asyncio.get_running_loop().time
        until = clock() + CONFIRMING_S
        for pause in OUTCOME_PAUSES_S:
            if clock() + pause > until:
                break
            await asyncio.sleep(pause)
            try:
                outcome = await self._station.insurer.outcome(key)
            except InsurerUnreachable:
                if self._hurried():
                    break
                continue
            except Exception as error:  # noqa: BLE001  as above: never success, never failure
                log.critical("an outcome could not be understood: %s", outline(error))
                break
            self._resolve(key, outcome)
            if outcome is None:
                raise InsurerUnreachable(sent=False)
            return outcome
        raise OutcomeUnknown(key)

    def _resolve(self, key: str, outcome: Outcome | None) -> None:
        self._noting(lambda journal: close_resolved(journal, key, outcome))

    def _note(self, key: str, ending: Ending, number: str = "") -> None:
        self._noting(lambda journal: _close(journal, key, ending, number))

    def _noting(self, note: Callable[[Journal], None]) -> None:
        """Write down how it ended. What happened stays true if that fails: the citizen must hear it all the same, and
        what stays open is settled by the insurer's answer later."""
        try:
            note(self._station.journal)
        except (JournalError, ValueError) as error:
            log.critical("the end of an operation could not be noted: %s", type(error).__name__)

    # --- on the chip -----------------------------------------------------------------------------------------------

    async def write_chip(self, kind: str, card: CardRef, write: Callable[[], Awaitable[None]]) -> None:
        """Change the chip and note how that ended. Raises what ``write`` raises; PinNotProved whenever the chip may
        hold the change without having proved it."""
        journal = self._station.journal
        key, subject = self._station.new_key(), journal.subject(card.card_id)
        journal.intend(key, kind, subject)
        try:
            await write()
        except PinNotProved:
            self._note(key, "unknown")  # the chip itself tells, when it is next asked for its PIN
            raise
        except UnexpectedStatus as error:
            if error.ins not in _CHANGES or error.sw >> 8 in _NOTHING_DONE:
                self._note(key, "failed")
                raise
            self._note(key, "unknown")
            raise PinNotProved("an answer that nobody knows") from error
        except Exception:
            self._note(key, "failed")
            raise
        self._note(key, "done")
        self.chip_answered(card)

    def left_open_on_chip(self, card: CardRef) -> bool:
        """Whether a password was written to this chip and never proved: its proof was lost, or the power failed."""
        return bool(_open_on_chip(self._station.journal, card))

    def chip_answered(self, card: CardRef) -> None:
        """The chip has accepted a password: what was left open on it before is settled with that."""

        def settle(journal: Journal) -> None:
            for item in _open_on_chip(journal, card):
                journal.close(item.key, "resolved_by_chip")

        self._noting(settle)


def _open_on_chip(journal: Journal, card: CardRef) -> list[Item]:
    subject = journal.subject(card.card_id)
    return [item for item in journal.open_items() if item.subject == subject and item.kind in CHIP_WRITES]


def close_resolved(journal: Journal, key: str, outcome: Outcome | None) -> None:
    """Note what the insurer says of an operation whose end nobody knew. Raises JournalError."""
    if isinstance(outcome, Done):
        _close(journal, key, "resolved_done", outcome.number)
    else:
        _close(journal, key, "resolved_refused")


def _close(journal: Journal, key: str, ending: Ending, number: str = "") -> None:
    """An insurer's number of a form that the journal does not take is left out: the ending is what counts."""
    if not is_operation_number(number):
        log.critical("the insurer's number of an operation has a form that the journal does not take")
        number = ""
    journal.close(key, ending, number)
