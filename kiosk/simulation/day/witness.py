"""What must be true on every day, and the witness who sees that it is.

The witness hears what was shown, printed, sent, done and written, each from whoever really did it: the insurer's end of
the line, the chip, the paper, the journal's own calls. It compares; it touches nothing. The first thing that is not
right ends the day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import lru_cache

from drivers.api import Page, Pair, Qr
from drivers.card.chip import Chip
from kiosk.insurer.api import Activate, Done, Operation, Outcome, RecordPin
from kiosk.insurer.people import SamplePerson
from kiosk.screens import (
    Attract,
    BeingChecked,
    Goodbye,
    OutOfOrder,
    PartialResult,
    Preferences,
    Refusal,
    Result,
    Scene,
    Slip,
    Starting,
    TakeCard,
)


class Invariant(StrEnum):
    """Each by the sentence that stands in a report."""

    ONE_EFFECT = "at most one effect per intent"
    INTENT_FIRST = "no effect without a durable intent"
    SUCCESS_IS_DONE = "every success shown or printed has its effect"
    FAILURE_IS_NOT = "no failure shown while an effect exists"
    TOLD = "what was done is told"
    CHIP_AGREES = "the chip agrees with what was told"
    UNKNOWN_RESOLVED = "every unknown ends resolved or with staff"
    NOTHING_PERSONAL = "no personal datum outlives its visit"
    PIN_WIPED = "every buffer with a PIN in it is wiped"
    CARD_FREE = "the card is free to take"
    ATTRACT_RETURNS = "the attract screen comes back"
    NOTHING_WAITS = "nothing waits for ever"
    KNOWN = "no PIN is set without the old one or the holder's own valid ID card or code"
    VERIFY = "VERIFY is sent as often as the citizen submits"
    SLIP_OF_VISIT = "a slip belongs to its visit"
    JOURNAL_SOUND = "the journal verifies"
    JOURNAL_TRUE = "the journal says what happened"
    NO_ERROR = "the program itself does not fail"


BETWEEN = (Attract, OutOfOrder, Starting)
_ENDS = (TakeCard, Goodbye, Attract)
_PARTS = tuple(part.name for part in fields(Scene) if part.name not in ("serial", "now"))
_AT_INSURER = frozenset({Activate.__name__, RecordPin.__name__})


@dataclass
class _Episode:
    """From one outcome told to the next: what was begun and done meanwhile."""

    keys: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    """Slugs of the people whose chips took a new PIN."""


@dataclass
class _Visit:
    numbers: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    pages: list[Page] = field(default_factory=list)
    told: Result | PartialResult | BeingChecked | None = None
    submits: int = 0
    writes: int = 0
    disturbed: bool = False
    """Something came between the citizen and the chip, so that a submitted PIN need not have reached it."""


class Witness:
    """``wrong`` is told of what is not right: the invariant and what was seen."""

    def __init__(
        self,
        wrong: Callable[[Invariant, str], None],
        saw: Callable[[str], None],
        *,
        defaults: Preferences,
        card_kept: Callable[[], bool],
        verifies: Callable[[], int],
        chip: Callable[[str], Chip],
    ) -> None:
        self._wrong = wrong
        self._saw = saw
        self._defaults = defaults
        self._card_kept = card_kept
        self._verifies = verifies
        self._chip = chip
        self.seen: Counter[str] = Counter()
        """How often each screen, by its name and variant, and each rare state."""
        self.visits = 0
        self.chosen = ""
        """The new PIN that the citizen of this visit entered last."""
        self.people: dict[str, SamplePerson] = {}
        """Everybody who has stood at the terminal today."""
        self._data: list[tuple[str, ...]] = []
        """Of each of them what is theirs alone, and last by whose name it is reported."""
        self._visit: _Visit | None = None
        self._episode = _Episode()
        self._done: dict[str, tuple[Operation, str]] = {}
        self._never: set[str] = set()
        self._intents: dict[str, tuple[str, int, int]] = {}
        self._lives = 0
        self._ended: set[str] = set()
        self._writes = 0
        self._recorded: Counter[str] = Counter()
        self._written: Counter[str] = Counter()
        self._lent: list[bytearray | memoryview] = []
        self._numbers: dict[str, int] = {}
        self._verified_before = 0

    # --- what really happened ------------------------------------------------------------------------------------

    def asked(self, key: str, operation: Operation) -> None:
        """A request is about to leave."""
        self._saw(f"asks {type(operation).__name__} {key}")
        self._episode.keys.append(key)

    def performed(self, key: str, operation: Operation, outcome: Outcome) -> None:
        """A request has reached the insurer, perhaps not for the first time."""
        kind = type(operation).__name__
        if not isinstance(outcome, Done):
            self._saw(f"insurer refuses {kind} {key}: {outcome.reason}")
            self.seen[f"insurer refuses: {outcome.reason}"] += 1
            return
        if key in self._done:
            self._saw(f"insurer has done {kind} {key} before")
            self.seen["same request twice"] += 1
            if self._done[key][1] != outcome.number:
                self._wrong(Invariant.ONE_EFFECT, f"{key} was done twice")
            return
        self._saw(f"insurer does {kind} {key}")
        self._done[key] = operation, outcome.number
        if key in self._episode.keys:
            self._episode.effects.append(key)
        if key in self._never:
            self._wrong(Invariant.FAILURE_IS_NOT, f"{key} was done after it was said that it never will be")
        card = operation.card.card_id
        if isinstance(operation, RecordPin):
            self._recorded[card] += 1
            if self._recorded[card] > self._written[card]:
                self._wrong(Invariant.ONE_EFFECT, f"{key}: more PINs noted than written")

    def pin_written(self, slug: str) -> None:
        """A chip has taken a new PIN."""
        self._saw(f"chip of {slug} takes a PIN")
        self._writes += 1
        self._written[self.people[slug].card.card_id] += 1
        self._episode.writes.append(slug)
        if self._visit is not None:
            self._visit.writes += 1

    def submitted(self) -> None:
        if self._visit is not None:
            self._visit.submits += 1

    def disturbed(self) -> None:
        """The card, its reader or the citizen's patience gave way in this visit."""
        if self._visit is not None:
            self._visit.disturbed = True

    def lent(self, buffer: bytearray | memoryview) -> None:
        self._lent.append(buffer)

    def power_cut(self) -> None:
        """Whoever stood there was told nothing, and cannot be."""
        self._visit = None
        self._episode = _Episode()
        self._lent.clear()
        self._lives += 1

    # --- the journal ---------------------------------------------------------------------------------------------

    def intended(self, key: str, kind: str) -> None:
        self._intents[key] = kind, self._writes, self._lives

    def closed(self, key: str, ending: str) -> None:
        """An ending stands in the journal: is it what happened?"""
        kind, writes, life = self._intents.get(key, ("", 0, 0))
        self._saw(f"journal: {kind} {key} {ending}")
        self.seen[f"journal: {kind} {ending}"] += 1
        if ending == "unknown":
            return
        if life < self._lives:
            self.seen[f"{ending} after a restart"] += 1
        self._ended.add(key)
        done = key in self._done if kind in _AT_INSURER else self._writes > writes
        if ending in ("done", "resolved_done") and not done:
            self._wrong(Invariant.JOURNAL_TRUE, f"{kind} {key} is noted as {ending} and was not done")
        if ending in ("refused", "failed", "resolved_refused") and kind in _AT_INSURER:
            self._never.add(key)
            if done:
                self._wrong(Invariant.JOURNAL_TRUE, f"{kind} {key} is noted as {ending} and was done")
        if ending == "failed" and kind not in _AT_INSURER and done:
            self._wrong(Invariant.JOURNAL_TRUE, f"{kind} {key} is noted as failed and the chip took it")

    def may_have_ended(self, key: str) -> None:
        """The power went while its ending was written."""
        self._ended.add(key)

    def journal_knows(self, open_keys: Iterable[str]) -> None:
        """After a start, and at the end of the day: whatever was done must be found again."""
        lost = self._done.keys() - self._ended - set(open_keys)
        if lost:
            self._wrong(Invariant.INTENT_FIRST, f"the journal knows nothing of {min(lost)}")

    def all_settled(self, open_kinds: Iterable[tuple[str, str]], with_staff: set[str]) -> None:
        """The world is whole and time has passed. ``open_kinds``: key and kind of what the journal holds open."""
        for key, kind in open_kinds:
            if kind in _AT_INSURER and key not in with_staff:
                self._wrong(Invariant.UNKNOWN_RESOLVED, f"{kind} {key} is still open")

    # --- what was shown ------------------------------------------------------------------------------------------

    def shown(self, scene: Scene) -> None:
        """A new scene stands on the glass."""
        screen, name, variant = scene.screen, scene.screen.name, scene.screen.variant
        if variant is not None:
            name = f"{name}.{variant}"
        self._saw(f"shows {name}")
        self.seen[name] += 1
        if isinstance(screen, _ENDS) and self._card_kept():
            self._wrong(Invariant.CARD_FREE, f"{name} is shown and the card is held")
        if isinstance(screen, BETWEEN):
            if isinstance(screen, OutOfOrder):
                self.seen[f"out of order {screen.code}"] += 1
            self._between(scene)
            return
        if self._visit is None:
            self.visits += 1
            self._visit = _Visit()
            self._verified_before = self._verifies()
        match screen:
            case Result() | PartialResult() | BeingChecked():
                self._told(self._visit, screen)
            case Refusal():
                self._refused(screen)
            case TakeCard() | Goodbye():
                if screen.slip != bool(self._visit.pages):
                    self._wrong(Invariant.SLIP_OF_VISIT, f"{name} is wrong about the slip")

    def steps_up(self, person: SamplePerson) -> None:
        """Somebody stands before the terminal now, alone or beside somebody else."""
        if person.slug not in self.people:
            self.people[person.slug] = person
            who, card = person.person, person.card
            self._data.append((who.name, who.id_number, card.number, card.card_id, person.slug))
        if self._visit is not None:
            self._visit.people.add(person.slug)

    def of_somebody(self, text: str) -> str:
        """Which kind of datum of today's people stands in this text; empty if none."""
        for name, id_number, card_number, card_id, slug in self._data:
            if name in text:
                return f"name of {slug}"
            if id_number in text:
                return f"ID number of {slug}"
            if card_number in text or card_id in text:
                return f"card of {slug}"
        return ""

    def next_one(self, scene: Scene) -> None:
        """The first scene of somebody who put a card in while the end of the visit before was still told: no other
        stands between the two."""
        self.seen["served without the first screen"] += 1
        self._visit_ends(scene)

    def _between(self, scene: Scene) -> None:
        shown = "".join(_written(getattr(scene, part)) for part in _PARTS)
        datum = self.of_somebody(shown) or ("masked name" if "**" in shown else "")
        if datum:
            self._wrong(Invariant.NOTHING_PERSONAL, f"{datum} on {scene.screen.name}")
        self._visit_ends(scene)

    def _visit_ends(self, scene: Scene) -> None:
        # Wishes may be told on the attract screen too, before a visit begins.
        if scene.preferences != self._defaults and self._visit is not None:
            self._wrong(Invariant.NOTHING_PERSONAL, "the next citizen finds the wishes of the one before")
        for buffer in self._lent:
            if any(buffer):
                self._wrong(Invariant.PIN_WIPED, "a PIN is still in its buffer")
        self._lent.clear()
        if self._visit is not None:
            self._visit_over(self._visit)
        self._visit, self._episode, self.chosen = None, _Episode(), ""

    def _visit_over(self, visit: _Visit) -> None:
        if self._episode.effects or self._episode.writes:
            what = self._episode.effects or self._episode.writes
            self._wrong(Invariant.TOLD, f"{what[0]} was done and nothing was told")
        sent, due = self._verifies() - self._verified_before, visit.submits + visit.writes
        if sent > due or (sent < due and not visit.disturbed):
            self._wrong(
                Invariant.VERIFY, f"{sent} VERIFY for {visit.submits} submitted and {visit.writes} to be proved"
            )

    def _told(self, visit: _Visit, screen: Result | PartialResult | BeingChecked) -> None:
        if screen == visit.told:
            return  # the same again, in the language or size that was wished for
        visit.told = screen
        episode, self._episode = self._episode, _Episode()
        visit.numbers.add(screen.number)
        whose = 0 if self._visit is None else self.visits
        if self._numbers.setdefault(screen.number, whose) != whose:
            self._wrong(Invariant.SLIP_OF_VISIT, "the number was told in another visit")
        if screen.slip is Slip.ON_SCREEN:
            self.seen["slip as a code on the screen"] += 1
        printed = [page for page in visit.pages if screen.number in _values(page)]
        if len(printed) != (screen.slip is Slip.PRINTED):
            self._wrong(Invariant.SLIP_OF_VISIT, f"{len(printed)} slips came out, {screen.slip} is shown")
        for page in visit.pages:
            if not visit.numbers & _values(page):
                self._wrong(Invariant.SLIP_OF_VISIT, "a slip with a number of another visit came out")
        if isinstance(screen, BeingChecked):
            if screen.number not in episode.keys:
                self._wrong(Invariant.SUCCESS_IS_DONE, "a number is being checked under which nothing was asked")
            return
        self._true(screen, episode)

    def _true(self, screen: Result | PartialResult, episode: _Episode) -> None:
        numbers = {self._done[key][1]: self._done[key][0] for key in episode.effects}
        operation = numbers.get(screen.number)
        tail = screen.holder.card_tail
        of_card = [slug for slug, one in self.people.items() if tail and one.chip.number.endswith(tail)]
        holds = any(self._chip(slug).pin_matches(self.chosen.encode()) for slug in of_card) if self.chosen else False
        match screen.task:
            case "activated" | "activated_without_pin" | "activated_pin_unproved":
                if not isinstance(operation, Activate) or not operation.card.number.endswith(tail):
                    self._wrong(Invariant.SUCCESS_IS_DONE, f"{screen.task} is told, and no card was activated")
                if screen.task == "activated" and not holds:
                    self._wrong(Invariant.CHIP_AGREES, "the chip does not hold the new PIN")
                if screen.task == "activated_without_pin" and episode.writes:
                    self._wrong(Invariant.CHIP_AGREES, "the chip has taken the PIN that is said not to be set")
            case "pin_reset" | "pin_changed":
                if not isinstance(operation, RecordPin) or not operation.card.number.endswith(tail):
                    self._wrong(Invariant.SUCCESS_IS_DONE, f"{screen.task} is told, and the insurer has not noted it")
                if not holds:
                    self._wrong(Invariant.CHIP_AGREES, "the chip does not hold the new PIN")
            case "pin_set_unrecorded":
                if not holds:
                    self._wrong(Invariant.CHIP_AGREES, "the chip does not hold the new PIN")
            case "pin_unproved":
                if episode.effects:
                    self._wrong(Invariant.TOLD, "noted as set and told as unproved")
            case _:
                if episode.effects or episode.writes:
                    self._wrong(Invariant.TOLD, f"{screen.task} is told, something else was done")
        for slug in episode.writes:
            if slug not in of_card:
                self._wrong(Invariant.CHIP_AGREES, f"the chip of {slug} was changed in another card's visit")

    def _refused(self, screen: Refusal) -> None:
        self.seen[f"code {screen.code}"] += 1
        episode, self._episode = self._episode, _Episode()
        if episode.effects or episode.writes:
            what = (episode.effects or episode.writes)[0]
            self._wrong(Invariant.FAILURE_IS_NOT, f"{screen.cause} is told, and {what} was done")
        self._never.update(episode.keys)

    def printed(self, page: Page) -> None:
        """A page has come out whole."""
        self._saw("a slip comes out")
        if self._visit is None:
            self._wrong(Invariant.SLIP_OF_VISIT, "a slip came out and nobody stands there")
            return
        self._visit.pages.append(page)


@lru_cache(256)
def _written(part: object) -> str:
    """A part of a scene with all that is in it. Between two visits the same parts come again and again."""
    return repr(part)


def _values(page: Page) -> set[str]:
    return {block.value for block in page.blocks if isinstance(block, Pair)}


__all__ = ["BETWEEN", "Invariant", "Qr", "Witness"]
