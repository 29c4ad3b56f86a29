"""Screens of operator mode, and the one on which citizens read that staff have closed the terminal.

Few screens for many acts: a menu, a page of rows with at most three acts below, an entry, a keyboard. Rows hold
finished words, for what they tell (a device, a record) has its words in other tables of the catalogue.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import ClassVar

from drivers.api import Frame
from drivers.frozen import dataclass
from kiosk.screens.answers import Answer, Back, Key, Nothing, Pick, Proceed, Summon
from kiosk.screens.screen import Screen


@dataclass(frozen=True, slots=True)
class Closed(Screen[Summon]):
    """Staff have closed the terminal: why, and where to go."""

    reason: str
    """``kiosk.maintenance.kept.Reason``."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Summon,)
    can_finish: ClassVar[bool] = False
    heeded: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return self.reason


class EntryAsks(StrEnum):
    """What is asked on the way into operator mode; a staff card answers for the number."""

    NUMBER = "number"
    PIN = "pin"


class EntryProblem(StrEnum):
    """Why nobody was let into operator mode yet (``kiosk.maintenance.entry``)."""

    WRONG = "wrong"
    WAIT = "wait"
    CARD_UNKNOWN = "card_unknown"
    NOBODY = "nobody"
    """Nobody is enrolled at this terminal."""
    UNUSABLE = "unusable"
    """The file of the members cannot be used; the log says why."""


@dataclass(frozen=True, slots=True)
class StaffEntry(Screen["Key | Proceed"]):
    """Who is it? First the member's number, then the PIN, of which the screen knows only how many digits there are."""

    asks: EntryAsks
    filled: int = 0
    length: int = 6
    digits: str = ""
    """Of the number, which is no secret."""
    problem: EntryProblem | None = None
    wait_s: int | None = None
    answers: ClassVar[tuple[type[Answer], ...]] = (Key, Proceed)
    heeded: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return str(self.asks)


@dataclass(frozen=True, slots=True)
class StaffItem:
    """One line of a menu. Its words are the screen's slot ``item_<id>``."""

    id: str
    value: str = ""
    """How it stands now, in finished words."""


@dataclass(frozen=True, slots=True)
class StaffMenu(Screen["Pick | Back"]):
    """Something to choose; ``topic`` selects the words."""

    topic: str
    items: tuple[StaffItem, ...]
    back: bool = True
    """There is a menu before this one."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick, Back)
    heeded: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return self.topic


class Tone(StrEnum):
    """How a row is marked: not at all, with the sign for good, or with the sign that somebody should see to it."""

    CALM = "calm"
    GOOD = "good"
    TURN = "turn"


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One fact, in finished words."""

    label: str
    value: str = field(repr=False)
    tone: Tone = Tone.CALM


@dataclass(frozen=True, slots=True)
class StaffPage(Screen["Pick | Back"]):
    """Something to do or to read: rows, and acts whose words are the slots ``act_<id>``, the likeliest first."""

    topic: str
    rows: tuple[StaffRow, ...] = ()
    acts: tuple[str, ...] = ()
    preview: Frame | None = field(default=None, repr=False)
    """What the camera sees."""
    good: bool | None = None
    """Whether it went well; ``None`` while it is asked."""
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick, Back)
    heeded: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return self.topic


@dataclass(frozen=True, slots=True)
class StaffKeyboard(Screen["Pick | Proceed | Back"]):
    """Part of an operation's number is typed: digits and capitals, as ``pick`` of the character; ``erase``."""

    typed: str = ""
    answers: ClassVar[tuple[type[Answer], ...]] = (Pick, Proceed, Back)
    heeded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class StaffWorking(Screen[Nothing]):
    """Something is being done; nothing can be touched."""

    topic: str
    can_finish: ClassVar[bool] = False
    heeded: ClassVar[bool] = False

    @property
    def variant(self) -> str | None:
        return self.topic


@dataclass(frozen=True, slots=True)
class StaffCleaning(Screen[Nothing]):
    """The glass can be wiped: touches do nothing for so many seconds more."""

    seconds: int
    can_finish: ClassVar[bool] = False
    heeded: ClassVar[bool] = False
