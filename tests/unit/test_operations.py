"""What a visit changes: how an ending is found out and noted when something is odd about it."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime

import pytest

from drivers.api import PulledEarly
from drivers.card import apdu
from drivers.card.social_security import PinNotProved, UnexpectedStatus
from kiosk.endings import DoneEarlier, InsurerRefused, OutcomeUnknown, Refusing
from kiosk.insurer.api import (
    Activate,
    CardRef,
    Done,
    InsurerUnreachable,
    Operation,
    Outcome,
    Proof,
    ProofKind,
    Reason,
    Refused,
)
from kiosk.journal import Ending, Item, Journal, JournalBroken
from kiosk.operations import OUTCOME_PAUSES_S, Operations
from kiosk.screens import Cause
from tests.helpers.storyboard import MORNING, Stage
from tests.helpers.virtual_time import run


class OddInsurer:
    """Answers ``perform`` and ``outcome`` with whatever it is given: a value, or an error to raise."""

    def __init__(self, stage: Stage, perform: Outcome | Exception, outcome: Outcome | Exception | None) -> None:
        self._perform, self._outcome = perform, outcome
        self.asked_at: list[float] = []
        stage.office.perform = self.perform  # type: ignore[method-assign]
        stage.office.outcome = self.outcome  # type: ignore[method-assign]

    @property
    def asked(self) -> int:
        return len(self.asked_at)

    async def perform(self, key: str, operation: Operation) -> Outcome:
        if isinstance(self._perform, Exception):
            raise self._perform
        return self._perform

    async def outcome(self, key: str) -> Outcome | None:
        self.asked_at.append(asyncio.get_running_loop().time())
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def _operations(stage: Stage, *, hurried: bool = False) -> Operations:
    return Operations(stage.station, lambda: None, lambda: hurried)


def _activation(stage: Stage) -> Activate:
    return Activate(stage.hall.person.card, Proof(ProofKind.ID_CARD, stage.hall.person.person))


def _states(stage: Stage) -> list[str]:
    return [row[0] for row in stage.journal._db.execute("SELECT state FROM items ORDER BY key").fetchall()]


DONE = Done("410100-20261120-000001", MORNING)
REFUSED = Refused(Reason.WRONG_STATE)


def test_a_request_leaves_only_when_it_is_noted_as_sent_and_the_number_it_gets_is_kept() -> None:
    async def main() -> None:
        stage, seen = Stage(), list[list[str]]()

        class Looking(OddInsurer):
            async def perform(self, key: str, operation: Operation) -> Outcome:
                seen.append(_states(stage))
                return await super().perform(key, operation)

        Looking(stage, DONE, None)
        await _operations(stage).perform(_activation(stage))
        assert seen == [["sent"]]
        assert stage.journal._db.execute("SELECT state, number FROM items").fetchall() == [("done", DONE.number)]

    run(main())


def test_a_number_of_an_odd_form_does_not_hide_that_it_is_done() -> None:
    async def main() -> None:
        stage = Stage()
        OddInsurer(stage, Done("办理 第 1 号", datetime.now(UTC)), None)
        assert (await _operations(stage).perform(_activation(stage))).number == "办理 第 1 号"
        assert _states(stage) == ["done"]

    run(main())


@pytest.mark.parametrize(
    ("perform", "outcome", "raised", "state"),
    [
        (REFUSED, None, InsurerRefused, "refused"),
        (InsurerUnreachable(sent=False), None, InsurerUnreachable, "failed"),
        (InsurerUnreachable(sent=True), REFUSED, InsurerRefused, "resolved_refused"),
        (InsurerUnreachable(sent=True), None, InsurerUnreachable, "resolved_refused"),
        (InsurerUnreachable(sent=True), DONE, None, "resolved_done"),
    ],
)
def test_what_is_not_done_is_never_returned_as_done(
    perform: Outcome | Exception, outcome: Outcome | None, raised: type[Exception] | None, state: str
) -> None:
    async def main() -> None:
        stage = Stage()
        OddInsurer(stage, perform, outcome)
        if raised is None:
            assert await _operations(stage).perform(_activation(stage)) == outcome
        else:
            with pytest.raises(raised) as error:
                await _operations(stage).perform(_activation(stage))
            assert not isinstance(error.value, InsurerRefused) or error.value.reason is REFUSED.reason
            assert not isinstance(error.value, InsurerUnreachable) or not error.value.sent
        assert _states(stage) == [state]

    run(main())


def test_an_error_of_ours_after_sending_is_no_failure() -> None:
    async def main() -> None:
        stage = Stage()
        insurer = OddInsurer(stage, ZeroDivisionError(), DONE)
        assert await _operations(stage).perform(_activation(stage)) == DONE
        assert (_states(stage), insurer.asked) == (["resolved_done"], 1)

    run(main())


def test_an_outcome_that_cannot_be_understood_stays_unknown() -> None:
    async def main() -> None:
        stage = Stage()
        OddInsurer(stage, InsurerUnreachable(sent=True), ZeroDivisionError())
        with pytest.raises(OutcomeUnknown):
            await _operations(stage).perform(_activation(stage))
        assert _states(stage) == ["unknown"]

    run(main())


@pytest.mark.parametrize(("hurried", "asked"), [(False, len(OUTCOME_PAUSES_S)), (True, 1)])
def test_a_terminal_that_stops_does_not_ask_again_and_again(hurried: bool, asked: int) -> None:
    async def main() -> None:
        stage = Stage()
        insurer = OddInsurer(stage, InsurerUnreachable(sent=True), InsurerUnreachable(sent=True))
        with pytest.raises(OutcomeUnknown):
            await _operations(stage, hurried=hurried).perform(_activation(stage))
        assert insurer.asked_at == list(itertools.accumulate(OUTCOME_PAUSES_S[:asked]))

    run(main())


@pytest.mark.parametrize(
    ("outcome", "raised", "state"),
    [
        (DONE, DoneEarlier, "resolved_done"),
        (InsurerUnreachable(sent=False), Refusing, "unknown"),
        (None, None, "resolved_refused"),
    ],
)
def test_an_earlier_one_is_settled_before_another_is_begun(
    outcome: Outcome | Exception | None, raised: type[Exception] | None, state: str
) -> None:
    async def main() -> None:
        stage = Stage()
        journal, card = stage.journal, stage.hall.person.card
        journal.intend("K0", "Activate", journal.subject(card.card_id))
        journal.close("K0", "unknown")
        OddInsurer(stage, DONE, outcome)
        if raised is None:
            await _operations(stage).settle_earlier(card, "Activate")
        else:
            with pytest.raises(raised) as error:
                await _operations(stage).settle_earlier(card, "Activate")
            assert not isinstance(error.value, Refusing) or error.value.cause is Cause.BEING_CHECKED
        assert _states(stage) == [state]

    run(main())


def _write(raising: Exception | None) -> tuple[type[Exception] | None, list[str]]:
    async def main() -> tuple[type[Exception] | None, list[str]]:
        stage = Stage()
        card: CardRef = stage.hall.person.card

        async def write() -> None:
            if raising is not None:
                raise raising

        try:
            await _operations(stage).write_chip("ResetPin", card, write)
        except Exception as error:  # noqa: BLE001  whatever comes is compared
            return type(error), _states(stage)
        return None, _states(stage)

    return run(main())


@pytest.mark.parametrize(
    ("raising", "raised", "state"),
    [
        (PinNotProved(), PinNotProved, "unknown"),
        (PulledEarly(), PulledEarly, "failed"),
        (ZeroDivisionError(), ZeroDivisionError, "failed"),
        (UnexpectedStatus(apdu.GET_CHALLENGE, 0x6F00), UnexpectedStatus, "failed"),
        (UnexpectedStatus(apdu.PIN_RESET, 0x6A80), UnexpectedStatus, "failed"),
        (UnexpectedStatus(apdu.PIN_RESET, 0x6F00), PinNotProved, "unknown"),
        (UnexpectedStatus(apdu.CHANGE_PIN, 0x6200), PinNotProved, "unknown"),
        (UnexpectedStatus(apdu.CHANGE_PIN, 0xCA5A), PinNotProved, "unknown"),
        (None, None, "done"),
    ],
)
def test_a_change_is_a_failure_only_if_the_card_says_so(
    raising: Exception | None, raised: type[Exception] | None, state: str
) -> None:
    assert _write(raising) == (raised, [state])


def test_a_proved_write_settles_what_was_open_on_this_chip_and_nothing_else() -> None:
    async def main() -> None:
        stage = Stage()
        journal, card = stage.journal, stage.hall.person.card
        for key, kind, subject in (
            ("A", "SetPin", journal.subject(card.card_id)),
            ("B", "RecordPin", journal.subject(card.card_id)),
            ("C", "SetPin", journal.subject("00")),
        ):
            journal.intend(key, kind, subject)

        async def write() -> None:
            return None

        await _operations(stage).write_chip("ResetPin", card, write)
        assert [item.key for item in journal.open_items()] == ["B", "C"]

    run(main())


class BreaksAtTheEnd(Journal):
    """Its disk fails when an ending is to be noted, and from then on nothing can be read of it either."""

    failing = False

    def close(self, key: str, outcome: Ending, number: str = "") -> None:
        self.failing = True
        raise JournalBroken("SQLITE_IOERR_FSYNC")

    def open_items(self) -> list[Item]:
        if self.failing:
            raise JournalBroken("SQLITE_IOERR_FSYNC: open the journal anew")
        return super().open_items()


def test_a_password_that_the_chip_has_taken_is_no_failure_because_the_disk_fails() -> None:
    async def main() -> None:
        stage = Stage(journal=lambda clock, secret: BreaksAtTheEnd(":memory:", clock, secret))
        written: list[str] = []

        async def write() -> None:
            written.append("written")

        await _operations(stage).write_chip("SetPin", stage.hall.person.card, write)
        assert written == ["written"]

    run(main())
