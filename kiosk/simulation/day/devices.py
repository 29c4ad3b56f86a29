"""Things that only a simulated day needs: a chip and a printer that tell what they did, a journal on a disk that fills
up and loses power. Each is the real class, or the mock, and adds only an ear or a moment for something to happen.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from drivers.api import Page
from drivers.card import apdu
from drivers.card.chip import Chip, ChipTraits
from drivers.card.chip_profile import ChipProfile
from drivers.card.keys import ChipKeys
from drivers.faults import FaultPlan
from drivers.printer.mock import MockPrinter
from kiosk.journal import Ending, Journal, JournalFull


class ToldChip(Chip):
    """``took`` is called when the chip has taken a new PIN, ``reset`` before it where the old one was not asked for;
    ``lent`` with each command that has a PIN in it and can be wiped."""

    def __init__(
        self,
        profile: ChipProfile,
        chip_keys: ChipKeys,
        traits: ChipTraits | None = None,
        *,
        took: Callable[[], None],
        reset: Callable[[], None],
        lent: Callable[[bytearray], None],
    ) -> None:
        super().__init__(profile, chip_keys, traits)
        self._took = took
        self._reset = reset
        self._lent = lent

    def process(self, command: bytes | bytearray) -> bytes:
        answer = super().process(command)
        ins = command[1] if len(command) > 5 else 0
        if ins in (apdu.VERIFY, apdu.CHANGE_PIN) and isinstance(command, bytearray):
            self._lent(command)
        if answer == b"\x90\x00" and (ins == apdu.CHANGE_PIN or (ins == apdu.PIN_RESET and command[3])):
            if ins == apdu.PIN_RESET:
                self._reset()
            self._took()
        return answer


class ToldPrinter(MockPrinter):
    """``out`` is called with each page that has come out whole."""

    def __init__(self, out: Callable[[Page], None], faults: FaultPlan) -> None:
        super().__init__(faults=faults)
        self._out = out

    async def print(self, page: Page) -> None:
        await super().print(page)
        self._out(page)


class Power(Protocol):
    """What can happen while the journal writes, and who wants to know that it did not."""

    def room(self) -> bool:
        """Whether there is room on the disk now."""
        ...

    def writing(self, write: Callable[[], None], key: str) -> None:
        """Do this write, or let the power go before, during or after it."""
        ...

    def intended(self, key: str, kind: str) -> None: ...

    def closed(self, key: str, ending: str) -> None: ...


class PlayedJournal(Journal):
    """A journal on such a disk."""

    def __init__(self, path: Path | str, clock: Callable[[], datetime], secret: bytes, power: Power) -> None:
        super().__init__(path, clock, secret)
        self.power = power

    def intend(self, key: str, kind: str, subject: str, detail: Any = None) -> None:
        self._write(lambda: super(PlayedJournal, self).intend(key, kind, subject, detail))
        self.power.intended(key, kind)

    def sent(self, key: str) -> None:
        self._write(lambda: super(PlayedJournal, self).sent(key))

    def close(self, key: str, outcome: Ending, number: str = "") -> None:
        self._write(lambda: super(PlayedJournal, self).close(key, outcome, number), key)
        self.power.closed(key, outcome)

    def event(self, kind: str, **facts: Any) -> None:
        self._write(lambda: super(PlayedJournal, self).event(kind, **facts))

    def _write(self, write: Callable[[], None], key: str = "") -> None:
        if not self.power.room():
            raise JournalFull("SQLITE_FULL")
        self.power.writing(write, key)
