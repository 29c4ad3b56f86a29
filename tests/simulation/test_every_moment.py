"""Each errand, with one thing going wrong at every single moment of it.

One test is one errand and one kind of event; inside, the event moves from the first moment to the last, until it
comes too late to happen. What must hold afterwards stands in ``tests.helpers.moments``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pytest

from drivers.card.mock import MockCardSlot
from drivers.faults import Fault, FaultPlan
from kiosk.screens import Finish, Scene
from kiosk.simulation.hall import Hall
from tests.helpers.citizen import ERRANDS, Citizen, Errand, Hand
from tests.helpers.moments import FillingJournal, KeptPin, Moment, Moments, Played, play
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

MOST = 400
"""More moments than any errand has: reaching it means that an event never came too late."""


@dataclass(frozen=True)
class Event:
    """A kind of event: how to plan it for the k-th moment, and how to know that it came."""

    name: str
    plan: Callable[[Stage, int, list[int]], None]
    """Plans it; appends to the list when it comes."""
    breaks_core: bool = False


def _slot(stage: Stage) -> MockCardSlot:
    return cast(MockCardSlot, stage.hall.slot)


def _fault(plan: Callable[[Hall], FaultPlan], op: str, fault: Fault, seconds: float = 0.0) -> Event:
    def prepare(stage: Stage, k: int, came: list[int]) -> None:
        faults = cast(Moments, plan(stage.hall))
        faults.fail_next(op, fault, after=k, seconds=seconds)
        faults.happen(op, lambda: came.append(k), after=k)

    return Event(f"{op} {fault}" + (f" {seconds:g} s" if seconds else ""), prepare)


def _happening(
    name: str, plan: Callable[[Hall], FaultPlan], op: str, act: Callable[[Stage], None], *, breaks_core: bool = False
) -> Event:
    def prepare(stage: Stage, k: int, came: list[int]) -> None:
        def happen() -> None:
            came.append(k)
            act(stage)

        cast(Moments, plan(stage.hall)).happen(op, happen, after=k)

    return Event(f"{op} {name}", prepare, breaks_core)


def _chip(hall: Hall) -> FaultPlan:
    return hall.slot.faults


def _line(hall: Hall) -> FaultPlan:
    return hall.line.faults


def _swap_unnoticed(stage: Stage) -> None:
    """Another card, so quickly that the reader raises no event (docs/protocols.md section 5.5)."""
    _slot(stage).swap_unnoticed(stage.hall.chip("initial_pin"))


def _line_down(stage: Stage) -> None:
    stage.hall.cut_network()


def _lost_and_silent(stage: Stage) -> None:
    """The answer is lost and nobody can be asked for a long while."""
    _line(stage.hall).fail_next("perform", Fault.DROP)
    for _ in range(6):
        _line(stage.hall).fail_next("outcome", Fault.ERROR)


def _at_write(misses: int) -> Event:
    def prepare(stage: Stage, k: int, came: list[int]) -> None:
        journal = cast(FillingJournal, stage.journal)
        journal.full_from, journal.misses = k, misses
        _ = came

    return Event(f"journal full for {misses} writes", prepare)


AT_APDU = (
    *(_fault(_chip, op, fault) for op in ("apdu", "answer") for fault in (Fault.PULL, Fault.MUTE, Fault.ERROR)),
    _fault(_chip, "answer", Fault.GARBLE),
    _fault(_chip, "answer", Fault.DROP),
    _fault(_chip, "apdu", Fault.LOSE),
    _fault(_chip, "answer", Fault.LOSE),
    _fault(_chip, "card", Fault.MUTE),
    _fault(_chip, "card", Fault.PULL),
    _happening("reset by another program", _chip, "apdu", lambda stage: _slot(stage).reset()),
    _happening("reset by another program", _chip, "answer", lambda stage: _slot(stage).reset()),
    _happening("swapped", _chip, "apdu", lambda stage: stage.hall.swap_card("initial_pin")),
    _happening("swapped unnoticed", _chip, "apdu", _swap_unnoticed),
    _happening("line down", _chip, "answer", _line_down),
    _happening("stopped", _chip, "apdu", lambda stage: stage.terminal.stop()),
)

AT_CALL = (
    _fault(_line, "link", Fault.LOSE),
    _fault(_line, "link", Fault.ERROR),
    _fault(_line, "link", Fault.DROP),
    _fault(_line, "link", Fault.DELAY, 20.0),
    _fault(_line, "link", Fault.DELAY, 5000.0),
    _happening("line down", _line, "link", _line_down),
    _happening("no answer, nobody to ask", _line, "link", _lost_and_silent),
    _happening("stopped", _line, "link", lambda stage: stage.terminal.stop()),
    _happening("card pulled", _line, "link", lambda stage: stage.hall.pull_card()),
    _happening("card swapped", _line, "link", lambda stage: stage.hall.swap_card("initial_pin")),
    _happening("insurer breaks", _line, "link", lambda stage: _break(stage), breaks_core=True),
)


class Nonsense(Exception):
    """An error that no driver or insurer should raise."""


def _break(stage: Stage) -> None:
    raise Nonsense


def _at_scene(name: str, act: Callable[[Citizen, Scene], bool]) -> Callable[[int, list[int]], Hand]:
    def hand(k: int, came: list[int]) -> Hand:
        def happen(citizen: Citizen, scene: Scene) -> bool:
            came.append(k)
            return act(citizen, scene)

        return Hand(k, happen)

    hand.__name__ = name
    return hand


def _finish(citizen: Citizen, scene: Scene) -> bool:
    citizen.answer(Finish())
    return False


def _walk_away(citizen: Citizen, scene: Scene) -> bool:
    citizen.walk_away()
    return True


def _walk_away_with_card(citizen: Citizen, scene: Scene) -> bool:
    citizen.walk_away()
    citizen.stage.hall.pull_card()
    return True


def _tap_twice(citizen: Citizen, scene: Scene) -> bool:
    citizen.act(scene)
    citizen.act(scene)
    return True


def _lose_pin_pad(stage: Stage) -> None:
    if stage.hall.keys is not None:
        stage.hall.keys.unplug()


def _and(act: Callable[[Stage], None]) -> Callable[[Citizen, Scene], bool]:
    def happen(citizen: Citizen, scene: Scene) -> bool:
        act(citizen.stage)
        return False

    return happen


AT_SCENE = (
    _at_scene("finish", _finish),
    _at_scene("walks away", _walk_away),
    _at_scene("walks away with the card", _walk_away_with_card),
    _at_scene("taps twice", _tap_twice),
    _at_scene("stop", _and(lambda stage: stage.terminal.stop())),
    _at_scene("glass fails", _and(lambda stage: stage.terminal.end_visit())),
    _at_scene("card pulled", _and(lambda stage: stage.hall.pull_card())),
    _at_scene("card swapped", _and(lambda stage: stage.hall.swap_card("initial_pin"))),
    _at_scene("card put in", _and(lambda stage: stage.hall.insert_card())),
    _at_scene("wrong way", _and(lambda stage: stage.hall.insert_card_wrong_way())),
    _at_scene("bank card", _and(lambda stage: stage.hall.insert_foreign_card())),
    _at_scene("card reader lost", _and(lambda stage: _slot(stage).unplug())),
    _at_scene("ID reader lost", _and(lambda stage: stage.hall.pad.unplug())),
    _at_scene("camera lost", _and(lambda stage: stage.hall.lens.unplug())),
    _at_scene("ID reader and camera lost", _and(lambda stage: (stage.hall.pad.unplug(), stage.hall.lens.unplug()))),  # type: ignore[arg-type, func-returns-value]
    _at_scene("payment code left there", _and(lambda stage: stage.hall.show_payment_code())),
    _at_scene("PIN pad lost", _and(_lose_pin_pad)),
    _at_scene("line down", _and(_line_down)),
    _at_scene("no paper", _and(lambda stage: stage.hall.take_paper())),
    _at_scene("cutter jammed", _and(lambda stage: stage.hall.jam_printer())),
    _at_scene("printer unplugged", _and(lambda stage: stage.hall.mechanism.unplug())),
    _at_scene("printer silent", _and(lambda stage: stage.hall.mechanism.faults.fail_always("print", Fault.MUTE))),
    _at_scene("paper ends", _and(lambda stage: stage.hall.mechanism.out_of_paper_after(5))),
)


def _glass_breaks(stage: Stage) -> None:
    """The next scene cannot be drawn: an error inside the core, at a place where nobody expects one."""
    draw = stage.glass.draw

    def once(scene: Scene) -> None:
        stage.glass.draw = draw
        raise Nonsense

    stage.glass.draw = once


@pytest.fixture(autouse=True)
def _pins_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.pin_entry.Pin", KeptPin)


def _each(errand: Errand, moment_at: Callable[[int, list[int]], Moment]) -> None:
    """From the first moment to the last; all that is wrong is said at once."""
    wrong: list[str] = []
    for k in range(MOST):
        came: list[int] = []
        try:
            run(play(errand, moment_at(k, came)))
        except AssertionError as error:
            wrong.append(str(error))
        if not came:
            assert k > 0, "the event never happened: this test is blind"
            break
    else:
        wrong.append("the event never came too late")
    assert not wrong, f"{len(wrong)} of {k + 1}:\n" + "\n".join(wrong)


def _of(event: Event) -> Callable[[int, list[int]], Moment]:
    return lambda k, came: Moment(
        f"{event.name} at {k}", lambda stage: event.plan(stage, k, came), breaks_core=event.breaks_core
    )


@pytest.mark.parametrize("errand", ERRANDS, ids=lambda errand: errand.name)
def test_nothing_happens(errand: Errand) -> None:
    played: Played = run(play(errand, Moment("nothing")))
    chip = played.stage.hall.chip(errand.person)
    proofs = 0 if errand.service == "balance" else 1
    assert chip.verifies == played.citizen.submitted + proofs
    assert played.stage.slips()


@pytest.mark.parametrize("event", AT_APDU, ids=lambda event: event.name)
@pytest.mark.parametrize("errand", ERRANDS[:-1], ids=lambda errand: errand.name)
def test_at_every_command_to_the_chip(errand: Errand, event: Event) -> None:
    _each(errand, _of(event))


@pytest.mark.parametrize("event", AT_CALL, ids=lambda event: event.name)
@pytest.mark.parametrize("errand", ERRANDS, ids=lambda errand: errand.name)
def test_at_every_question_to_the_insurer(errand: Errand, event: Event) -> None:
    _each(errand, _of(event))


@pytest.mark.parametrize("hand", AT_SCENE, ids=lambda hand: hand.__name__)
@pytest.mark.parametrize("errand", ERRANDS, ids=lambda errand: errand.name)
def test_at_every_screen(errand: Errand, hand: Callable[[int, list[int]], Hand]) -> None:
    _each(errand, lambda k, came: Moment(f"{hand.__name__} at {k}", hand=hand(k, came)))


@pytest.mark.parametrize("errand", ERRANDS, ids=lambda errand: errand.name)
def test_the_core_fails_at_every_screen(errand: Errand) -> None:
    hand = _at_scene("core fails", _and(_glass_breaks))
    _each(errand, lambda k, came: Moment(f"core fails at {k}", hand=hand(k, came), breaks_core=True))


@pytest.mark.parametrize("misses", [1, 2, 1000])
@pytest.mark.parametrize("errand", ERRANDS, ids=lambda errand: errand.name)
def test_at_every_line_of_the_journal(errand: Errand, misses: int) -> None:
    event = _at_write(misses)
    writes = cast(FillingJournal, run(play(errand, Moment("nothing"))).stage.journal).writes
    wrong = []
    for k in range(1, writes):  # the first one is the start itself
        try:
            run(play(errand, Moment(f"{event.name} at {k}", lambda stage, k=k: event.plan(stage, k, []))))  # type: ignore[misc]
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)
