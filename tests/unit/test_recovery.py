"""What stays unknown is asked about until it is known, and not for ever."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import pytest

from drivers.faults import Fault
from kiosk.insurer.api import Activate, InsurerUnreachable, Outcome, Proof, ProofKind
from kiosk.operations import OUTCOME_PAUSES_S
from kiosk.recovery import ASKED_S, LINE_DOWN_S, LOOK_S, NEVER_ASKED_S, Recovery
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

LONG_S = 4 * 3600.0


def settled(prepare: Callable[[Stage], Awaitable[None]], wait_s: float = LONG_S) -> Stage:
    async def main() -> Stage:
        stage = Stage()
        await prepare(stage)
        settling = asyncio.ensure_future(Recovery(stage.station).run())
        await asyncio.sleep(wait_s)
        assert not settling.done()
        settling.cancel()
        await asyncio.wait({settling})
        return stage

    return run(main())


def activation(stage: Stage) -> Activate:
    person = stage.hall.person
    return Activate(person.card, Proof(ProofKind.ID_CARD, person.person))


async def unknown(stage: Stage, *, arrived: bool) -> None:
    """An activation whose answer was lost."""
    journal = stage.journal
    journal.intend("K1", "Activate", journal.subject(stage.hall.person.card.card_id))
    journal.sent("K1")
    if arrived:
        await stage.office.perform("K1", activation(stage))
    journal.close("K1", "unknown")


def state(stage: Stage) -> str:
    found = stage.journal._db.execute("SELECT state FROM items WHERE key = 'K1'").fetchone()
    return str(found[0])


@pytest.mark.parametrize(("arrived", "ending"), [(True, "resolved_done"), (False, "resolved_refused")])
def test_the_insurer_says_what_became_of_it(arrived: bool, ending: str) -> None:
    stage = settled(lambda stage: unknown(stage, arrived=arrived), 1.0)
    assert state(stage) == ending
    assert stage.journal.open_items() == []


def test_an_intent_that_a_power_cut_left_is_settled_too() -> None:
    async def prepare(stage: Stage) -> None:
        stage.journal.intend("K1", "Activate", stage.journal.subject("AB"))

    assert state(settled(prepare, 1.0)) == "resolved_refused"


def _left(stage: Stage) -> int:
    events = [row[0] for row in stage.journal._db.execute("SELECT record FROM records").fetchall()]
    return len([event for event in events if "left_for_staff" in event])


def test_six_questions_then_staff() -> None:
    async def prepare(stage: Stage) -> None:
        stage.journal.intend("K1", "Activate", stage.journal.subject("AB"))
        stage.journal.sent("K1")
        stage.hall.line.faults.fail_always("outcome", Fault.ERROR)

    stage = settled(prepare)
    assert stage.hall.line.faults.calls["outcome"] == len(NEVER_ASKED_S) == 6
    assert state(stage) == "unknown"  # which status, metrics and the alert count
    assert _left(stage) == 1
    assert stage.journal.verify() == []


def test_the_pauses_between_the_questions_grow() -> None:
    at: list[float] = []

    async def prepare(stage: Stage) -> None:
        async def silent(key: str) -> Outcome | None:
            at.append(asyncio.get_running_loop().time())
            raise InsurerUnreachable(sent=True)

        stage.journal.intend("K1", "Activate", stage.journal.subject("AB"))
        stage.office.outcome = silent  # type: ignore[method-assign]

    settled(prepare)
    pauses = [after - before for before, after in itertools.pairwise([0.0, *at])]
    assert [pause // LOOK_S * LOOK_S for pause in pauses] == list(NEVER_ASKED_S)


def test_what_stayed_for_staff_after_a_power_cut_gets_two_more_questions_after_a_restart() -> None:
    async def main() -> None:
        stage = Stage()
        stage.journal.intend("K1", "Activate", stage.journal.subject("AB"))
        line = stage.hall.line.faults
        line.fail_always("outcome", Fault.ERROR)
        for questions in (len(NEVER_ASKED_S), len(ASKED_S)):
            before = line.calls["outcome"]
            settling = asyncio.ensure_future(Recovery(stage.station).run())
            await asyncio.sleep(1.0)
            assert line.calls["outcome"] == before + 1
            await asyncio.sleep(LONG_S)
            assert line.calls["outcome"] == before + questions
            assert state(stage) == "unknown"
            settling.cancel()
            await asyncio.wait({settling})
        assert _left(stage) == 2

    run(main())


@pytest.mark.parametrize(("began", "first_after_s"), [("in this run", ASKED_S[0]), ("in an earlier one", 0.0)])
def test_what_a_visit_has_asked_about_gets_the_rest_of_the_six(began: str, first_after_s: float) -> None:
    async def main() -> None:
        stage = Stage()
        line = stage.hall.line.faults
        line.fail_always("outcome", Fault.ERROR)
        if began == "in an earlier one":
            await unknown(stage, arrived=True)
        recovery = Recovery(stage.station)
        settling = asyncio.ensure_future(recovery.run())
        await asyncio.sleep(0.1)
        if began == "in this run":
            settling.cancel()  # a citizen comes
            await unknown(stage, arrived=True)
            settling = asyncio.ensure_future(recovery.run())
        await asyncio.sleep(max(0.0, first_after_s - 1.0))
        assert line.calls["outcome"] == (began == "in an earlier one")
        await asyncio.sleep(LONG_S)
        assert line.calls["outcome"] == len(ASKED_S) == 6 - len(OUTCOME_PAUSES_S)
        assert _left(stage) == 1
        settling.cancel()
        await asyncio.wait({settling})

    run(main())


def test_a_citizen_who_comes_during_the_very_first_question_makes_no_difference() -> None:
    """What becomes unknown in that visit has its minute, and what the start found is asked about once more at once."""

    async def main() -> None:
        stage = Stage()
        line = stage.hall.line.faults
        stage.journal.intend("K0", "Activate", stage.journal.subject("AA"))
        line.delay("outcome", 5.0)
        recovery = Recovery(stage.station)
        settling = asyncio.ensure_future(recovery.run())
        await asyncio.sleep(0.1)
        assert not settling.done()
        settling.cancel()  # a citizen comes, while the question is on its way
        await asyncio.wait({settling})
        assert line.calls["outcome"] == 1
        await unknown(stage, arrived=True)
        settling = asyncio.ensure_future(recovery.run())
        await asyncio.sleep(ASKED_S[0] - 1.0)
        assert [item.key for item in stage.journal.open_items()] == ["K1"]
        assert line.calls["outcome"] == 2
        await asyncio.sleep(10.0)
        assert stage.journal.open_items() == []
        settling.cancel()
        await asyncio.wait({settling})

    run(main())


def test_citizens_who_come_and_go_do_not_make_the_six_begin_anew() -> None:
    async def main() -> None:
        stage = Stage()
        stage.journal.intend("K1", "Activate", stage.journal.subject("AB"))
        line = stage.hall.line.faults
        line.fail_always("outcome", Fault.ERROR)
        recovery = Recovery(stage.station)
        for _ in range(int(LONG_S / 60.0)):
            settling = asyncio.ensure_future(recovery.run())
            await asyncio.sleep(60.0)
            settling.cancel()
            await asyncio.wait({settling})
        assert line.calls["outcome"] == len(NEVER_ASKED_S)
        assert _left(stage) == 1

    run(main())


def test_while_the_line_is_down_it_is_tried_now_and_then() -> None:
    async def prepare(stage: Stage) -> None:
        await unknown(stage, arrived=True)
        stage.hall.cut_network()

    tried = settled(prepare, 10 * LINE_DOWN_S + 1.0).hall.line.faults.calls["outcome"]
    assert tried == 11


def test_while_the_line_is_down_no_question_is_used_up() -> None:
    async def prepare(stage: Stage) -> None:
        await unknown(stage, arrived=True)
        stage.hall.cut_network()
        asyncio.get_running_loop().call_later(LONG_S - 100.0, stage.hall.restore_network)

    assert state(settled(prepare)) == "resolved_done"


def test_an_error_of_ours_does_not_keep_the_others_open() -> None:
    async def prepare(stage: Stage) -> None:
        journal = stage.journal
        journal.intend("K0", "Activate", journal.subject("AA"))
        await unknown(stage, arrived=True)
        outcome = stage.office.outcome

        async def stumbling(key: str) -> object:
            if key == "K0":
                stumbled.append(key)
                raise LookupError
            return await outcome(key)

        stage.office.outcome = stumbling  # type: ignore[method-assign, assignment]

    stumbled: list[str] = []
    stage = settled(prepare)
    assert state(stage) == "resolved_done"
    assert [item.key for item in stage.journal.open_items()] == ["K0"]
    assert len(stumbled) == len(NEVER_ASKED_S), "it counts as asked"
