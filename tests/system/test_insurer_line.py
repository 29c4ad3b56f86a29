"""The line to the insurer: what restarts, dead connections and slow answers leave behind, and a PIN on its way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kiosk.availability import MISSES, Availabilities
from kiosk.insurer import national
from kiosk.insurer.api import (
    CardState,
    Done,
    InsuranceStatus,
    Movement,
    MovementKind,
    PinEvent,
    RecordPin,
)
from kiosk.insurer.connection import Connection
from kiosk.insurer.dialogue import Limits
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.envelope import Request
from kiosk.insurer.gateway import Gateway
from kiosk.insurer.patience import ANSWER_S
from kiosk.insurer.people import SAMPLE_PIN
from kiosk.insurer.sample_ledger import SampleAccount
from kiosk.insurer.sealed_pin import PinOpener, binding
from kiosk.insurer.tls import client_context, read_token
from kiosk.money import Fen
from tests.helpers.centre import ACTIVATION, ACTIVE, ISSUED, QUICK, Centre, centre_at, lost
from tests.helpers.insurers import MORNING, TurnedClock, proof_of
from tests.helpers.served_insurer import (
    INSTITUTION,
    TERMINAL,
    agreement,
    papers,
    served,
)


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre_at(tmp_path) as centre:
        yield centre


# --- restarts, dead connections, sessions ----------------------------------------------------------------------------


async def test_a_restart_of_the_server_is_not_noticed(centre: Centre) -> None:
    terminal = centre.terminal()
    assert await terminal.reachable()
    await centre.served.stop()
    await centre.served.start()
    assert isinstance(await terminal.perform("k1", ACTIVATION), Done)
    assert not terminal.trouble


async def test_a_kept_connection_that_died_unseen_costs_nothing(centre: Centre) -> None:
    cable = await centre.cable()
    terminal = centre.terminal(cable.port)
    assert await terminal.reachable()
    cable.let_die()
    done = await terminal.perform("k1", ACTIVATION)
    assert isinstance(done, Done)
    assert centre.numbers().count("K004") == 1


async def test_a_change_that_is_asked_for_twice_on_the_way_is_done_once(centre: Centre) -> None:
    cable = await centre.cable()
    terminal = centre.terminal(cable.port)
    assert await terminal.reachable()
    cable.eats_answers = True
    assert await lost(terminal.perform("k1", ACTIVATION))
    cable.eats_answers = False
    done = await terminal.outcome("k1")
    assert isinstance(done, Done)
    assert await terminal.perform("k1", ACTIVATION) == done
    numbers = [message["msgid"] for message in centre.messages()]
    assert len(set(numbers)) == len(numbers)


async def test_when_the_second_try_finds_nobody_it_still_may_have_been_sent(centre: Centre) -> None:
    cable = await centre.cable()
    terminal = centre.terminal(cable.port)
    assert await terminal.reachable()
    cable.let_die()
    cable.to_port = 1  # nobody listens there
    assert await lost(terminal.perform("k1", ACTIVATION))


async def test_an_answer_that_takes_too_long_is_a_lost_one(centre: Centre) -> None:
    cable = await centre.cable()
    terminal = centre.terminal(cable.port, QUICK)
    assert await terminal.reachable()
    cable.held = True
    assert await lost(terminal.perform("k1", ACTIVATION))
    assert terminal.trouble == "no answer within 1 s"
    cable.cut()
    cable.held = False
    assert await terminal.outcome("k1") is None
    assert await terminal.reachable()


def test_what_is_known_here_is_told_before_patience_ends() -> None:
    limits = Limits()
    assert limits.connect + limits.answer < limits.whole < ANSWER_S


async def test_a_session_that_ended_is_renewed_without_a_word(centre: Centre) -> None:
    terminal = centre.terminal()
    assert await terminal.reachable()
    centre.clock.turn(13 * 3600)
    assert isinstance(await terminal.perform("k1", ACTIVATION), Done)
    assert centre.numbers().count(national.SIGN_IN) == 2
    assert centre.numbers().count("K004") == 2, "the first was refused by its session"


async def test_many_who_come_at_once_sign_in_once(centre: Centre) -> None:
    terminal = centre.terminal()
    assert all(await asyncio.gather(*(terminal.reachable() for _ in range(12))))
    assert centre.numbers().count(national.SIGN_IN) == 1


async def test_closing_signs_out_and_asks_nothing_more(centre: Centre) -> None:
    terminal = centre.terminal()
    assert await terminal.reachable()
    await terminal.close()
    assert centre.numbers()[-1] == national.SIGN_OUT
    assert not await lost(terminal.card(ISSUED.card))
    await terminal.close()


async def test_whoever_gives_up_in_the_middle_leaves_a_terminal_that_works(centre: Centre) -> None:
    cable = await centre.cable()
    terminal = centre.terminal(cable.port)
    assert await terminal.reachable()
    cable.held = True
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await terminal.card(ISSUED.card)
    cable.held = False
    assert (await terminal.card(ISSUED.card)).state is CardState.ISSUED


async def test_more_at_once_than_there_are_connections_wait_and_are_answered(centre: Centre) -> None:
    terminal = centre.terminal()
    records = await asyncio.gather(*(terminal.card(ISSUED.card) for _ in range(30)))
    assert {record.state for record in records} == {CardState.ISSUED}
    assert centre.numbers().count(national.SIGN_IN) == 1
    assert centre.numbers().count("K010") == 3, "each further connection is tried with a probe first"


async def test_a_month_too_long_for_one_reply_is_said_to_have_failed() -> None:
    clock = TurnedClock()
    shopping = tuple(Movement(date(2026, 6, 3), MovementKind.PHARMACY, "星禾大药房三店", Fen(-1)) for _ in range(700))
    account = SampleAccount("310", InsuranceStatus.NORMAL, Fen(700), shopping)
    someone = replace(ACTIVE, accounts=(account,))
    insurer = EmbeddedInsurer(":memory:", clock=clock, people=[someone])
    async with served(insurer, clock) as terminal:
        await lost(terminal.ledger(someone.person, "310", 2026, 6))
        assert terminal.trouble == "K003 answered -1"
        assert (await terminal.accounts(someone.person))[0].balance == 0
    await insurer.close()


class _AllWell:
    """A watch that finds every device well: only the insurer counts here."""

    def __init__(self) -> None:
        from drivers.api import Condition, Health

        self.health = dict.fromkeys(("card", "idcard", "scanner", "printer"), Health(Condition.ONLINE))

    async def look(self) -> None:
        pass


async def test_after_three_missed_probes_services_say_so_and_it_mends_itself(centre: Centre) -> None:
    from kiosk.screens import Cause
    from kiosk.services import BY_ID

    terminal = centre.terminal(limits=QUICK)
    availabilities = Availabilities(terminal, _AllWell())  # type: ignore[arg-type]
    service = BY_ID["activate"]
    await availabilities._probe()
    await centre.served.stop()
    for _ in range(MISSES):
        assert availabilities.missing(service) is None
        await availabilities._probe()
    assert availabilities.missing(service) is Cause.INSURER_DOWN
    await centre.served.start()
    await availabilities._probe()
    assert availabilities.missing(service) is None


# --- the HSM ---------------------------------------------------------------------------------------------------------


async def test_a_new_pin_reaches_the_hsm_and_nobody_on_the_way(centre: Centre) -> None:
    terminal = centre.terminal()
    chip, challenge, header = ACTIVE.chip.identity, bytes(range(8)), bytes.fromhex("8424000014")
    pin = bytearray(SAMPLE_PIN.encode())
    here = await terminal.authority(ACTIVE.card, proof_of(ACTIVE)).protect_pin(chip, challenge, header, pin)
    there = await centre.insurer.authority(ACTIVE.card, proof_of(ACTIVE)).protect_pin(chip, challenge, header, pin)
    assert here == there
    assert pin == SAMPLE_PIN.encode(), "it is the caller's to wipe"
    message = centre.heard[-1][1].decode()
    for form in (SAMPLE_PIN, SAMPLE_PIN.encode().hex(), f"06{SAMPLE_PIN}"):
        assert form not in message


async def test_a_pin_sealed_for_one_card_is_not_taken_for_another(centre: Centre) -> None:
    terminal = centre.terminal()
    authority = terminal.authority(ACTIVE.card, proof_of(ACTIVE))
    chip, challenge, header = ACTIVE.chip.identity, bytes(8), bytes.fromhex("8424000014")
    await authority.protect_pin(chip, challenge, header, bytearray(SAMPLE_PIN.encode()))
    sealed = centre.messages()[-1]["input"]["data"]["sealed_pin"]
    opener = PinOpener.load(papers().hsm_key)
    assert opener.open(bytes.fromhex(sealed), binding(chip, challenge, header)) == SAMPLE_PIN.encode()
    # Somebody on the way gives the sealed PIN a new challenge.
    own = papers().papers(TERMINAL)
    context = client_context(own.ca, own.certificate, own.key)
    speaking = await Connection.open(agreement(centre.served.port).url, context, 2)
    message = Request.decode(centre.heard[-1][1])
    fields = {**centre.messages()[-1]["input"]["data"], "challenge": "01" * 8}
    body = replace(message, msgid=f"{INSTITUTION}202607150930009999", input={"data": fields}).encode()
    signed = Gateway("kiosk", read_token(papers().token)).sign_request(MORNING, "3" * 32, body)
    answer = json.loads((await speaking.exchange(signed, body, 2)).body)
    assert answer["output"] == {"result": {"refused": "not_sealed_for_us"}}
    await speaking.close()


async def test_a_pin_noted_and_one_thousand_fen_come_back_as_they_are(centre: Centre) -> None:
    terminal = centre.terminal()
    noted = await terminal.perform("k9", RecordPin(ACTIVE.card, proof_of(ACTIVE), PinEvent.RESET))
    assert isinstance(noted, Done)
    assert await terminal.accounts(ACTIVE.person) == await centre.insurer.accounts(ACTIVE.person)
    month = await terminal.ledger(ACTIVE.person, "310", 2026, 6)
    assert month == await centre.insurer.ledger(ACTIVE.person, "310", 2026, 6)
