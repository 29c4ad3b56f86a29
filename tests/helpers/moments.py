"""One visit with one thing that happens at one moment, and what must be true afterwards whatever it was.

The moments are counted, not timed: the k-th command to the chip, the k-th question to the insurer, the k-th screen,
the k-th line of the journal. What is true is asked of those who know: the insurer's own tables, the chip, the paper.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from drivers.faults import Fault, FaultPlan
from kiosk import pin as pins
from kiosk.journal import Ending, Journal, JournalFull
from kiosk.lifecycle import State
from kiosk.receipts.seal import verify
from kiosk.screens import (
    Attract,
    BeingChecked,
    Cause,
    Goodbye,
    OutOfOrder,
    PartialResult,
    Refusal,
    Result,
    Scene,
    Slip,
    Starting,
    TakeCard,
)
from tests.helpers.citizen import NEW_PIN, OLD_PIN, Citizen, Errand, Hand
from tests.helpers.storyboard import Stage

LONGEST_VISIT_S = 1500.0
"""Virtual seconds after which a visit counts as one that never ends."""
SETTLES_S = 3000.0
"""Time for what is unknown to be settled once the line is up again."""
STOPS_S = 60.0
"""A terminal that is told to stop has stopped by then, whoever stands before it (a service manager kills at 90 s)."""

SUCCESS = {"activated", "pin_reset", "pin_changed", "printed"}


class Moments(FaultPlan):
    """A plan that can also let anything at all happen at the k-th call."""

    def __init__(self) -> None:
        super().__init__()
        self.happenings: list[list[Any]] = []

    def happen(self, op: str, act: Callable[[], None], *, after: int) -> None:
        self.happenings.append([op, after, act])

    def draw(self, *ops: str) -> tuple[Fault | None, float]:
        for happening in [h for h in self.happenings if h[0] in ops]:
            if happening[1] == 0:
                self.happenings.remove(happening)
                happening[2]()
            else:
                happening[1] -= 1
        return super().draw(*ops)


class FillingJournal(Journal):
    """A journal on a disk that is full from the k-th write on, for ``misses`` writes."""

    def __init__(self, clock: Callable[[], datetime], secret: bytes) -> None:
        super().__init__(":memory:", clock, secret)
        self.writes = 0
        self.full_from = -1
        self.misses = 0

    def _room(self) -> None:
        number, self.writes = self.writes, self.writes + 1
        if 0 <= self.full_from <= number < self.full_from + self.misses:
            raise JournalFull("SQLITE_FULL")

    def intend(self, key: str, kind: str, subject: str, detail: Any = None) -> None:
        self._room()
        super().intend(key, kind, subject, detail)

    def sent(self, key: str) -> None:
        self._room()
        super().sent(key)

    def close(self, key: str, outcome: Ending, number: str = "") -> None:
        self._room()
        super().close(key, outcome, number)

    def event(self, kind: str, **facts: Any) -> None:
        self._room()
        super().event(kind, **facts)


class KeptPin(pins.Pin):
    """A PIN that is remembered after its owner let it go, to see whether it was wiped."""

    made: list[KeptPin] = []  # noqa: RUF012 - one test at a time
    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self.made.append(self)


@dataclass(frozen=True)
class Moment:
    """What happens, and when."""

    name: str
    prepare: Callable[[Stage], None] = lambda stage: None
    hand: Hand = field(default_factory=Hand)
    breaks_core: bool = False
    """An error inside the program itself: a general apology is all that can be expected, and a fresh start."""


@dataclass
class Played:
    stage: Stage
    citizen: Citizen
    stopped: bool
    complaints: list[str]


class Complaints(logging.Handler):
    """What the terminal itself calls an error of the program."""

    def __init__(self) -> None:
        super().__init__(logging.CRITICAL)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


async def play(errand: Errand, moment: Moment) -> Played:
    """The visit, to its end and until everything is settled. Raises AssertionError for whatever is not right."""
    loop = asyncio.get_running_loop()
    forgotten: list[str] = []
    loop.set_exception_handler(lambda _, context: forgotten.append(str(context.get("exception") or context)))
    KeptPin.made.clear()
    stage = Stage(journal=FillingJournal, faults=Moments, pin_pad=errand.on_pad)
    stage.hall.choose(errand.person)
    citizen = Citizen(stage, errand, moment.hand)
    moment.prepare(stage)
    complaints = Complaints()
    logging.getLogger("kiosk").addHandler(complaints)
    running = asyncio.ensure_future(stage.terminal.run())
    await asyncio.sleep(0)
    living = asyncio.ensure_future(citizen.live())
    try:
        await asyncio.wait({running, living}, timeout=LONGEST_VISIT_S, return_when=asyncio.FIRST_COMPLETED)
        _nothing_more(stage)
        stopped = stage.terminal._stopping.done()
        if stopped:
            await asyncio.wait_for(running, STOPS_S)
        else:
            assert living.done(), "the visit never ended"
            await living
        _check_end(stage, moment, stopped=stopped)
        if not stopped:
            await _check_settled(stage)
        await _check_truth(stage, errand, citizen, moment)
        assert not forgotten, forgotten
        if not moment.breaks_core:
            assert not [line for line in complaints.lines if "X99" in line or "failed while" in line], complaints.lines
        return Played(stage, citizen, stopped, complaints.lines)
    except AssertionError as wrong:
        raise AssertionError(f"{errand.name}, {moment.name}: {wrong}\n  {stage.trace()}") from wrong
    finally:
        logging.getLogger("kiosk").removeHandler(complaints)
        living.cancel()
        stage.terminal.stop()
        stage.hall.pull_card()
        await asyncio.wait({running, living})
        await stage.close()


def _nothing_more(stage: Stage) -> None:
    """The visit is over: what was planned and has not come is called off, and nobody else has put a card in."""
    stage.hall.pull_card()
    for plan in (stage.hall.slot.faults, stage.hall.line.faults):
        assert isinstance(plan, Moments)
        plan.heal()
        plan.happenings.clear()


def _check_end(stage: Stage, moment: Moment, *, stopped: bool) -> None:
    """The card is free, the glass empty, the terminal waits for the next."""
    assert not stage.kept, f"the card was not free to take at {stage.kept}"
    for kept in KeptPin.made:
        assert bytes(kept._digits) == bytes(6), "a PIN was not wiped"
    keys = stage.hall.keys
    assert keys is None or not (keys.lit or keys.holds_digits), "the PIN pad is still on, or holds digits"
    if stopped:
        slot = stage.hall.slot
        assert slot.chip is None or slot.released, "the card is not free to take"
        assert stage.terminal.state is State.STOPPING
        return
    scene = stage.glass.scene
    assert scene is not None
    if isinstance(scene.screen, OutOfOrder):
        codes = {"D01", "J01"} | ({"X99"} if moment.breaks_core else set())
        assert scene.screen.code in codes, f"out of order with {scene.screen.code}"
    else:
        assert isinstance(scene.screen, Attract)
    assert scene.preferences == stage.station.settings.defaults
    person = stage.hall.person
    personal = (person.person.name, person.person.id_number, person.card.number, person.card.number[-4:])
    shown = repr(scene) + stage.words()
    for datum in personal:
        assert datum not in shown, "something of the citizen is still on the glass"
    if stage.terminal.state is State.ATTRACT:
        assert stage.terminal.served is None


async def _check_settled(stage: Stage) -> None:
    """The world is whole again: everything unknown is settled, truthfully, and the terminal serves."""
    hall = stage.hall
    hall.restore_network()
    hall.mechanism.plug()
    hall.mechanism.refill()
    if not hall.slot.plugged:  # type: ignore[attr-defined]
        hall.slot.plug()  # type: ignore[attr-defined]
    hall.slot.faults.heal()
    hall.pad.plug()
    hall.lens.plug()
    if hall.keys is not None:
        hall.keys.plug()
    assert isinstance(stage.journal, FillingJournal)
    stage.journal.misses = 0
    until = asyncio.get_running_loop().time() + SETTLES_S
    await asyncio.sleep(45.0)  # longer than the pause between two looks of a terminal that is out of order
    while asyncio.get_running_loop().time() < until:
        if stage.terminal.state is State.ATTRACT and not _open_at_insurer(stage):
            break
        await asyncio.sleep(20.0)
    assert not _open_at_insurer(stage), f"never settled: {_open_at_insurer(stage)}"
    assert stage.terminal.state is State.ATTRACT, f"the terminal is {stage.terminal.state}"
    assert stage.journal.verify() == []


def _open_at_insurer(stage: Stage) -> list[str]:
    return [item.kind for item in stage.journal.open_items() if item.kind in ("Activate", "RecordPin")]


async def _check_truth(stage: Stage, errand: Errand, citizen: Citizen, moment: Moment) -> None:
    """What was said on glass and paper is what was done, and nothing was done that was not said."""
    hall = stage.hall
    person, chip = hall.person, hall.chip(hall.person.slug)
    office = stage.office._db.execute
    state = (await stage.office.card(person.card)).state
    activated = state != person.state
    pin_new = chip.pin_matches(NEW_PIN.encode())
    pin_old = chip.pin_matches(person.chip.pin.encode())
    events = office("SELECT event FROM pin_events").fetchall()
    done = office("SELECT key FROM operations WHERE ended = 'done'").fetchall()
    for other in hall.chips:
        if other != person.slug:
            profile = hall._people[other].chip
            assert hall.chips[other].pin_matches(profile.pin.encode()), "another card was changed"

    # at most one effect, and each known to the journal
    assert pin_new or pin_old, "the chip has a PIN that nobody chose"
    assert len(events) <= 1, "a PIN was noted twice"
    assert len(done) <= 2, "something was done twice"
    items = dict(stage.journal._db.execute("SELECT key, state FROM items").fetchall())
    for (key,) in done:
        assert items[key] in ("done", "resolved_done", "sent", "intent", "unknown"), f"{key} is {items[key]}, but done"
    for key, ended in items.items():
        if ended in ("resolved_done",):
            assert (key,) in done

    # VERIFY as often as submitted, and once for the proof of a new PIN
    assert chip.verifies <= citizen.submitted + 1, "VERIFY was sent too often"
    if errand.choice != "change" and errand.service != "balance":
        assert chip.verifies <= 1

    # what was said
    visit = _first_visit(stage)
    said = [scene.screen for scene in visit if isinstance(scene.screen, Result | PartialResult | BeingChecked)]
    refused = [scene.screen for scene in visit if isinstance(scene.screen, Refusal)]
    kinds = {type(screen) for screen in said}
    assert len(kinds) <= 1, "two different outcomes were told"
    changed = activated or pin_new or bool(events)
    if moment.breaks_core and (not refused or refused[-1].cause is Cause.FAULT):
        return
    if not said:
        assert not changed, "something was done and never told"
    if refused:
        assert not said, "a refusal and an outcome were told"
        assert not changed, f"{refused[-1].cause} was told, but something was done"
    slips = stage.slips()
    assert len(slips) <= 1, "more than one slip"
    words = stage.station.catalogues["zh"]
    if said:
        screen = said[-1]
        if isinstance(screen, BeingChecked):
            kind = "being_checked"
        else:
            kind = {"printed": "balance", "shown": "balance"}.get(screen.task, screen.task)
        assert screen.slip is not Slip.NOT_ASKED
        if screen.slip is Slip.PRINTED:
            told = f"slip.{kind}.{'heading' if kind == 'balance' else 'outcome'}"
            assert words.say(told) in "".join(slips), "the slip says something else"
        else:
            assert not slips, "a slip came out after all"
            assert verify(screen.qr, [stage.seal_key.public_key()]).service == kind
        match screen:
            case Result(task="activated"):
                assert (state, pin_new) == ("active", True)
            case Result(task="pin_reset"):
                assert (pin_new, events) == (True, [("reset",)])
            case Result(task="pin_changed"):
                assert (pin_new, events) == (True, [("changed",)])
            case Result(task="printed"):
                assert slips
            case Result(task="shown"):
                assert not slips
            case PartialResult(task="activated_without_pin"):
                assert (state, pin_old) == ("active", True), "it was said that the PIN is not set, but it is"
            case PartialResult(task="activated_pin_unproved"):
                assert state == "active"
            case PartialResult(task="pin_set_unrecorded"):
                assert pin_new
            case PartialResult(task="pin_unproved"):
                assert not events
            case BeingChecked():
                pass
            case unheard:
                raise AssertionError(f"{unheard.name}.{unheard.variant} was told")
    elif refused:
        _check_hand_over(stage, refused[-1], slips)
    elif slips:
        raise AssertionError("a slip came out and nothing was told")

    # goodbye and reminder tell of a slip exactly when there is one
    for scene in visit:
        if isinstance(scene.screen, TakeCard | Goodbye):
            assert scene.screen.slip == bool(slips), "the farewell is wrong about the slip"


def _check_hand_over(stage: Stage, refused: Refusal, slips: list[str]) -> None:
    """The slip for the counter says what the screen says, and is the only one."""
    words = stage.station.catalogues["zh"]
    match refused.slip:
        case Slip.PRINTED:
            assert len(slips) == 1
            for wanted in (words.say("slip.hand_over.heading"), refused.number, refused.code):
                assert wanted in slips[0], f"{wanted} does not stand on the slip for the counter"
        case Slip.ON_SCREEN:
            assert not slips, "a slip came out after all"
            claim = verify(refused.qr, [stage.seal_key.public_key()])
            assert (claim.service, claim.operation) == ("hand_over", refused.number)
            assert claim.outcome.endswith(f"{refused.cause} {refused.code}")
        case Slip.NOT_ASKED:
            assert not slips, "a slip came out that nobody asked for"


def _first_visit(stage: Stage) -> list[Scene]:
    """The scenes of the errand; what was put into the slot meanwhile may have begun another visit afterwards."""
    visit: list[Scene] = []
    for scene in stage.shown():
        between = isinstance(scene.screen, Attract | OutOfOrder | Starting)
        if between and any(not isinstance(s.screen, Attract | OutOfOrder | Starting) for s in visit):
            return visit
        visit.append(scene)
    return visit


def nothing_of(*kinds: type) -> list[object]:
    """What is alive of these kinds after everything unreachable has been collected."""
    gc.collect()
    return [thing for thing in gc.get_objects() if isinstance(thing, kinds)]


__all__ = ["NEW_PIN", "OLD_PIN", "FillingJournal", "KeptPin", "Moment", "Moments", "Played", "nothing_of", "play"]
