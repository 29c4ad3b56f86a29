"""Nobody stands before "asking what became of it" for minutes: the citizen is told that it is being checked, and the
terminal asks on without them."""

from __future__ import annotations

import asyncio

import pytest

from drivers.faults import Fault
from kiosk.insurer.patience import ANSWER_S
from kiosk.operations import CONFIRMING_S, OUTCOME_PAUSES_S
from kiosk.screens import BeingChecked, EnterPin, Key, LayIdCard, Pick, Proceed, Review, Working
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run


async def _told_after_s(stage: Stage) -> float:
    """From the second entry of the new PIN to the word that it is being checked."""
    await stage.see("Attract")
    stage.answer(Pick("activate"))
    await stage.see("InsertCard")
    stage.hall.insert_card()
    await stage.come(LayIdCard)
    stage.hall.lay_id()
    await stage.come(Review)
    stage.answer(Proceed())
    for _ in range(2):
        await stage.come(EnterPin)
        for digit in "580274":
            stage.answer(Key(10 if digit == "0" else int(digit) - 1))
        stage.answer(Proceed())
        await asyncio.sleep(0.1)
    await stage.come(Working)
    begun = asyncio.get_running_loop().time()
    await stage.come(BeingChecked)
    return asyncio.get_running_loop().time() - begun


@pytest.mark.parametrize(
    ("fault", "questions", "at_most_s"),
    [(Fault.ERROR, len(OUTCOME_PAUSES_S), 45.0), (Fault.DELAY, 3, ANSWER_S + CONFIRMING_S + ANSWER_S)],
)
def test_a_silent_insurer_is_not_asked_for_ever(fault: Fault, questions: int, at_most_s: float) -> None:
    async def main() -> None:
        stage = Stage()
        stage.hall.line.faults.fail_next("perform", fault, seconds=5000.0 if fault is Fault.DELAY else 0.0)
        stage.hall.line.faults.fail_always("outcome", fault, seconds=5000.0 if fault is Fault.DELAY else 0.0)
        running = asyncio.ensure_future(stage.terminal.run())
        assert await _told_after_s(stage) <= at_most_s
        assert stage.hall.line.faults.calls["outcome"] == questions
        assert stage.hall.slot.released
        stage.hall.restore_network()
        stage.hall.pull_card()
        until = asyncio.get_running_loop().time() + 3000.0
        while stage.journal.open_items() and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(20.0)
        assert stage.journal.open_items() == []
        stage.terminal.stop()
        await running
        await stage.close()

    run(main())
