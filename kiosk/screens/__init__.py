"""Every screen as a frozen value, with the answers it takes: the vocabulary that the core shares with ui/.

A screen says *what* the citizen is told or asked; ``kiosk.text`` has the words for it and ``ui/qml/screens/<Name>.qml``
the picture. A field named ``problem`` (or whatever ``variant`` returns) selects other words for the same picture.
No decision is taken here and none in QML: an answer goes up, the core decides, the next screen comes down.

Personal data is masked before it enters a screen. One module a subject; everyone imports from here.
"""

from __future__ import annotations

from kiosk.screens.answers import Answer, Back, Finish, Key, Listen, Nothing, Pick, Prefer, Proceed, Summon, Touched
from kiosk.screens.balance import AccountLine, Balance, MovementLine, Movements, WhichAccount
from kiosk.screens.between import Attract, OutOfOrder, Starting
from kiosk.screens.card import CardProblem, InsertCard, KnowsPin, Menu, Reading
from kiosk.screens.farewell import Goodbye, StillThere, TakeCard
from kiosk.screens.identity import CodeProblem, IdProblem, LayIdCard, Review, ShowCode
from kiosk.screens.outcome import BeingChecked, Cause, PartialResult, Refusal, Result, Task, Working
from kiosk.screens.parts import Availability, Holder, ServiceTile, Slip
from kiosk.screens.pin import EnterPin, Keypad, LastTry, PinProblem, PinPurpose
from kiosk.screens.scene import Contrast, Hand, Preferences, Rate, Reach, Scene, Size, Speech, Volume
from kiosk.screens.screen import Screen
from kiosk.screens.staff import (
    Closed,
    EntryAsks,
    EntryProblem,
    StaffCleaning,
    StaffEntry,
    StaffItem,
    StaffKeyboard,
    StaffMenu,
    StaffPage,
    StaffRow,
    StaffWorking,
    Tone,
)

__all__ = [
    "ALL",
    "AccountLine",
    "Answer",
    "Attract",
    "Availability",
    "Back",
    "Balance",
    "BeingChecked",
    "CardProblem",
    "Cause",
    "Closed",
    "CodeProblem",
    "Contrast",
    "EnterPin",
    "EntryAsks",
    "EntryProblem",
    "Finish",
    "Goodbye",
    "Hand",
    "Holder",
    "IdProblem",
    "InsertCard",
    "Key",
    "Keypad",
    "KnowsPin",
    "LastTry",
    "LayIdCard",
    "Listen",
    "Menu",
    "MovementLine",
    "Movements",
    "Nothing",
    "OutOfOrder",
    "PartialResult",
    "Pick",
    "PinProblem",
    "PinPurpose",
    "Prefer",
    "Preferences",
    "Proceed",
    "Rate",
    "Reach",
    "Reading",
    "Refusal",
    "Result",
    "Review",
    "Scene",
    "Screen",
    "ServiceTile",
    "ShowCode",
    "Size",
    "Slip",
    "Speech",
    "StaffCleaning",
    "StaffEntry",
    "StaffItem",
    "StaffKeyboard",
    "StaffMenu",
    "StaffPage",
    "StaffRow",
    "StaffWorking",
    "Starting",
    "StillThere",
    "Summon",
    "TakeCard",
    "Task",
    "Tone",
    "Touched",
    "Volume",
    "WhichAccount",
    "Working",
]

ALL: tuple[type[Screen[Answer]], ...] = (
    Starting,
    Attract,
    OutOfOrder,
    InsertCard,
    Reading,
    Menu,
    KnowsPin,
    LayIdCard,
    ShowCode,
    Review,
    EnterPin,
    LastTry,
    Working,
    Result,
    PartialResult,
    BeingChecked,
    Refusal,
    Balance,
    WhichAccount,
    Movements,
    TakeCard,
    Goodbye,
    StillThere,
    Closed,
    StaffEntry,
    StaffMenu,
    StaffPage,
    StaffKeyboard,
    StaffWorking,
    StaffCleaning,
)
"""Every screen there is: the gallery, the UI tests and the catalogue's check go through this list."""
