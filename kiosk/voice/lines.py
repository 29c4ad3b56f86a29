"""What is said of a screen, line after line, in the order in which somebody who sees would read it.

The words are those of the screen, from the same catalogue; ``voice.<key>`` replaces a text where the ear needs other
words than the eye. Owns the order, and which lines are a citizen's own affair: those are marked, and whoever speaks
them must have been asked to. It never sees a digit of a PIN, for no screen has one, and does not tell how many there
are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import Enum, auto
from typing import Any

from drivers.api import Page, Pair, Text
from drivers.frozen import dataclass
from kiosk.screens import (
    Attract,
    Availability,
    Balance,
    BeingChecked,
    EnterPin,
    InsertCard,
    Keypad,
    KnowsPin,
    LastTry,
    LayIdCard,
    Menu,
    Movements,
    PartialResult,
    Refusal,
    Result,
    Review,
    Screen,
    ServiceTile,
    ShowCode,
    Slip,
    StillThere,
    WhichAccount,
)
from kiosk.text import Catalogue, placeholders, tables
from kiosk.voice import speech


class Kind(Enum):
    """When a line may be said; decided here, from the screen's slot and its ``private`` fields."""

    TOLD = auto()
    PROBLEM = auto()
    """What went wrong: said at once when it changes while the screen stands."""
    PRIVATE = auto()
    """Names, balances, movements: said only when the citizen asks for it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is said: a slot of the screen, a row of figures, or a line of the slip."""

    text: str = field(repr=False)
    """As it is said."""
    kind: Kind
    name: str = ""
    """Key of the text in the catalogue, for a recording of it; empty where facts were filled in."""


def lines(
    screen: Screen[Any], catalogue: Catalogue, slip: tuple[str, ...] = (), *, another_waits: bool = False
) -> tuple[Line, ...]:
    """Everything that can be said of this screen, and of the slip that it tells of. The slip is the citizen's own.
    While another waits, the key that makes room for them is called as it is on the glass."""
    language = catalogue.language
    found = [*_Reader(screen, catalogue, another_waits).read()]
    found += [Line(speech.spoken(text, language), Kind.PRIVATE) for text in slip]
    return tuple(line for line in found if line.text)


def lines_of(page: Page) -> tuple[str, ...]:
    """What stands on a slip as lines to be read out. A code is not for the ear."""
    texts = (
        block.text if isinstance(block, Text) else f"{block.label}: {block.value}" if isinstance(block, Pair) else ""
        for block in page.blocks
    )
    return tuple(text for text in texts if text)


class _Reader:
    def __init__(self, screen: Screen[Any], catalogue: Catalogue, another_waits: bool) -> None:
        self._screen = screen
        self._catalogue = catalogue
        self._another_waits = another_waits
        self._words = catalogue.wording(screen)

    def read(self) -> Iterator[Line]:
        screen = self._screen
        match screen:
            case EnterPin():
                yield from self._enter_pin(screen)
            case Balance():
                yield from self._slots("title", "help")
                yield from self._balance(screen)
            case Movements():
                yield from self._slots("title", "account")
                yield from self._movements(screen)
            case WhichAccount():
                yield from self._slots("title", "help")
                yield self._own("press")
                for code in screen.insurances:
                    yield self._slot(f"insurance.{code}" if f"insurance.{code}" in self._words else "insurance.other")
                yield from self._act("back", also=True)
            case Review():
                yield from self._slots("title", "help")
                yield from self._review(screen)
            case _:
                yield from self._slots("title", "help")
                yield from self._rest(screen)

    def _rest(self, screen: Screen[Any]) -> Iterator[Line]:
        match screen:
            case Attract() | Menu():
                yield self._own("services")
                for tile in screen.services:
                    yield from self._tile(tile)
            case InsertCard(without_card=True):
                yield from self._slots("without_card_lead", "without_card")
            case LayIdCard():
                if screen.or_credential:
                    yield from self._slots("or_credential_lead", "or_credential")
                if screen.way_back:
                    yield from self._act("to_password")
            case ShowCode():
                if screen.or_id_card:
                    yield from self._slots("or_id_card_lead", "or_id_card")
                if screen.or_card:
                    yield from self._slots("or_card_lead", "or_card")
            case KnowsPin():
                if not screen.locked:
                    yield from self._act("change")
                yield from self._act("reset", also=not screen.locked)
                if not screen.can_reset:
                    yield self._slot("unavailable")
            case LastTry():
                if screen.can_reset:
                    yield from self._act("reset")
                yield from self._act("proceed", also=screen.can_reset)
            case Result():
                if screen.task == "activated":
                    yield from self._slots("effect_next_day" if screen.next_day else "effect_now")
                    bank = self._slot("bank_note")
                    yield bank if bank.text else self._slot("bank_note_unknown")
                yield from self._slip(screen.slip, screen.number)
                if screen.go_on is None:
                    yield from self._act("proceed")
                else:
                    yield from self._act(f"go_on_{screen.go_on.id}")
                    yield from self._act("enough", also=True)
            case PartialResult():
                for part in ("done", "open", "next"):
                    yield from self._slots(f"{part}_label", part)
                yield from self._slip(screen.slip, screen.number)
                yield from self._act("proceed")
            case BeingChecked():
                yield from self._slots("next")
                yield from self._slip(screen.slip, screen.number)
                yield from self._act("proceed")
            case Refusal():
                yield from self._refusal(screen)
            case StillThere():
                yield from self._act("proceed")
            case _:
                return

    # --- screens with more to say ----------------------------------------------------------------------------------

    def _enter_pin(self, screen: EnterPin) -> Iterator[Line]:
        if screen.problem is not None:
            yield self._slot(f"problem_{screen.problem}", Kind.PROBLEM)
        if screen.tries_left is not None:
            yield self._slot("tries_left", Kind.PROBLEM)
        if screen.keypad is Keypad.GLASS_INSTEAD:
            yield self._slot("pad_lost", Kind.PROBLEM)
        yield self._slot("title")
        if screen.problem is None:
            yield self._slot("help")
        if screen.keypad is Keypad.PAD:
            yield from self._slots("pad", "pad_also", "pad_other_lead", "pad_other")
        else:
            yield self._own("EnterPin.keys")
        if screen.problem is None:
            yield self._slot("note")
        if screen.or_reset:
            yield self._slot("or_reset")

    def _review(self, screen: Review) -> Iterator[Line]:
        holder = screen.holder
        for label, value in (
            ("name_label", holder.name),
            ("id_label", holder.id_number),
            ("card_label", speech.one_by_one(holder.card_tail, self._catalogue.language)),
        ):
            if value:
                yield self._private(self._words.get(label, ""), value)
        if screen.task == "activate":
            yield from self._slots("effect_label", "effect_next_day" if screen.next_day else "effect_now", "bank_note")
        yield from self._act("proceed")

    def _balance(self, screen: Balance) -> Iterator[Line]:
        shown = [account for account in screen.accounts if account.balance is not None]
        for account in shown:
            assert account.balance is not None
            amount = speech.money(account.balance, self._catalogue.language)
            label = self._words.get(f"insurance.{account.insurance}", self._words["insurance.other"])
            yield self._private(label, amount)
        if shown:
            yield self._private(self._words.get("as_of_label", ""), self._catalogue.show(screen.as_of))
        if screen.hidden:
            yield from self._act("show")
        yield from self._act("movements", also=True)
        if screen.can_print:
            yield from self._act("print", also=True)
        else:
            yield self._slot("no_print")

    def _movements(self, screen: Movements) -> Iterator[Line]:
        language = self._catalogue.language
        yield self._private(self._words["opening"], speech.money(screen.opening, language))
        for line in screen.lines:
            way = self._own("Movements.out" if line.amount < 0 else "Movements.in").text
            kind = self._words.get(f"movement.{line.kind}", line.kind)
            amount = speech.money(abs(line.amount), language)
            yield self._private(self._catalogue.day(line.on), kind, line.place, f"{way} {amount}")
        if not screen.lines:
            yield self._private(self._words["empty"])
        for slot, amount_of in (
            ("money_in", screen.money_in),
            ("money_out", screen.money_out),
            ("closing_now" if screen.running else "closing", screen.closing),
        ):
            yield self._private(self._words[slot], speech.money(amount_of, language))
        if screen.has_older:
            yield from self._act("older", also=True)
        if screen.has_newer:
            yield from self._act("newer", also=True)

    def _refusal(self, screen: Refusal) -> Iterator[Line]:
        for part in ("where", "bring"):
            if self._words[part]:
                yield from self._slots(f"{part}_label", part)
        if screen.offer is not None:
            yield self._own("press")
            yield from self._tile(screen.offer)
        if screen.slip_offered:
            yield from self._act("slip", also=screen.offer is not None)
        if screen.slip is not Slip.NOT_ASKED:
            yield from self._slip(screen.slip, screen.number)
        if screen.way_back:
            yield from self._act("to_menu", also=True)
        else:
            yield from self._act("proceed", also=screen.offer is not None or screen.slip_offered)
        yield self._slot("code_label")

    # --- parts -----------------------------------------------------------------------------------------------------

    def _slip(self, slip: Slip, number: str) -> Iterator[Line]:
        yield self._slot(f"slip_{slip}")
        if number:
            language = self._catalogue.language
            yield self._line(Kind.TOLD, "", self._words.get("number_label", ""), speech.one_by_one(number, language))

    def _tile(self, tile: ServiceTile) -> Iterator[Line]:
        yield self._slot(f"service.{tile.id}.title")
        if tile.available is not Availability.YES:
            yield self._slot("unavailable" if tile.available is Availability.NO else "without_paper")
        if tile.partly:
            yield self._slot(f"service.{tile.id}.partly")

    def _act(self, slot: str, *, also: bool = False) -> Iterator[Line]:
        """What can be pressed: "press", and the words on it."""
        if slot == "proceed" and self._another_waits:
            slot = "next_person"
        if self._words.get(slot):
            yield self._own("also" if also else "press")
            yield self._slot(slot)

    def _slots(self, *slots: str) -> Iterator[Line]:
        for slot in slots:
            yield self._slot(slot)

    def _slot(self, slot: str, kind: Kind = Kind.TOLD) -> Line:
        """The words of one slot; private as soon as anything private was filled in."""
        key = self._key(slot)
        own = f"voice.{key}"
        template = self._catalogue.texts.get(own) or self._catalogue.texts.get(key, "")
        filled = bool(placeholders(template))
        if any(
            name == field or name.startswith(f"{field}_")
            for name in placeholders(template)
            for field in self._screen.private
        ):
            kind = Kind.PRIVATE
        text = self._catalogue.texts[own] if own in self._catalogue and not filled else self._words.get(slot, "")
        return self._line(kind, "" if filled else key, text)

    def _own(self, key: str) -> Line:
        """Words that only the ear needs."""
        return self._line(Kind.TOLD, f"voice.{key}", self._catalogue.say(f"voice.{key}"))

    def _private(self, *parts: str) -> Line:
        return self._line(Kind.PRIVATE, "", *parts)

    def _line(self, kind: Kind, name: str, *parts: str) -> Line:
        language = self._catalogue.language
        comma = "，" if language == "zh" else ", "
        return Line(speech.spoken(comma.join(part for part in parts if part), language), kind, name)

    def _key(self, slot: str) -> str:
        """Where the words of a slot come from, as :meth:`Catalogue.wording` finds them."""
        screen = self._screen
        for table in (*reversed(tables(screen.name, screen.variant)), "common."):
            key = f"{table}{slot}"
            if key in self._catalogue:
                return key
        return slot
