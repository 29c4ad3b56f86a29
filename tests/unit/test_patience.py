"""Nobody waits for ever for an insurer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.faults import Fault
from kiosk.insurer.api import InsurerUnreachable, Proof, ProofKind
from kiosk.insurer.patience import ANSWER_S, PatientInsurer
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

_CALLS: dict[str, Callable[[PatientInsurer, Stage], Awaitable[object]]] = {
    "card": lambda insurer, stage: insurer.card(stage.hall.person.card),
    "person": lambda insurer, stage: insurer.person("0" * 28),
    "accounts": lambda insurer, stage: insurer.accounts(stage.hall.person.person),
    "ledger": lambda insurer, stage: insurer.ledger(stage.hall.person.person, "310", 2026, 10),
    "outcome": lambda insurer, stage: insurer.outcome("K"),
}


@pytest.mark.parametrize("name", _CALLS)
def test_a_late_answer_counts_as_none(name: str) -> None:
    async def main() -> None:
        stage = Stage()
        stage.hall.line.faults.fail_always("link", Fault.DELAY, seconds=3600.0)
        begun = asyncio.get_running_loop().time()
        with pytest.raises(InsurerUnreachable) as unreachable:
            await _CALLS[name](PatientInsurer(stage.hall.line), stage)
        assert unreachable.value.sent, "it may arrive yet"
        assert asyncio.get_running_loop().time() - begun == ANSWER_S

    run(main())


def test_a_probe_that_hangs_says_no_and_a_good_one_yes() -> None:
    async def main() -> None:
        stage = Stage()
        insurer = PatientInsurer(stage.hall.line)
        assert await insurer.reachable()
        stage.hall.line.faults.fail_always("link", Fault.DELAY, seconds=3600.0)
        assert not await insurer.reachable()

    run(main())


def test_the_authority_hurries_too() -> None:
    async def main() -> None:
        stage = Stage()
        person = stage.hall.person
        insurer = PatientInsurer(stage.hall.line)
        authority = insurer.authority(person.card, Proof(ProofKind.ID_CARD, person.person))
        chip, header = person.chip.identity, bytes(5)
        stage.hall.line.faults.fail_always("link", Fault.DELAY, seconds=3600.0)
        for answer in (
            authority.authenticate(chip, 6, bytes(8)),
            authority.protect_pin(chip, bytes(8), header, bytearray(b"580274")),
        ):
            with pytest.raises(InsurerUnreachable):
                await answer

    run(main())


def test_an_insurers_own_time_out_is_not_mistaken_for_ours() -> None:
    async def main() -> None:
        async def own() -> None:
            raise TimeoutError

        with pytest.raises(TimeoutError):
            await PatientInsurer(Stage().hall.line).within(own())

    run(main())
