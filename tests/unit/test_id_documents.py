"""Every kind of identity document before the terminal: whom it proves, and what an expired one leads to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from drivers.api import IdDocument
from drivers.contract.samples import FOREIGNER_2017, FOREIGNER_2023, OTHER, PERMIT, RESIDENT
from kiosk.identity import id_problem, prove_identity
from kiosk.insurer.api import Person, ProofKind
from kiosk.screens import Attract, Cause, IdProblem, LayIdCard, Pick, Preferences, Refusal
from kiosk.visit import Visit
from tests.helpers.storyboard import Stage, visited
from tests.helpers.virtual_time import run

TODAY = date(2026, 11, 20)
LONGEST = replace(FOREIGNER_2023, name_latin="SAMPLE-WITH-A-VERY-LONG-NAME-THAT-IS-CUT EXAMP")

BEARERS = {
    "resident": (RESIDENT, RESIDENT.name),
    "resident, rare name": (OTHER, OTHER.name),
    "J": (PERMIT, PERMIT.name),
    "I, Chinese name on record": (FOREIGNER_2017, FOREIGNER_2017.name),
    "I, Latin name on record": (FOREIGNER_2017, "Sample Jane Example"),
    "Y": (FOREIGNER_2023, FOREIGNER_2023.name_latin),
    "Y, written otherwise": (FOREIGNER_2023, "Sample With a very long name of 45, Example Ann"),
    "Y, cut on the document": (LONGEST, "SAMPLE-WITH-A-VERY-LONG-NAME-THAT-IS-CUT EXAMPLE"),
}


def person(document: IdDocument, name: str) -> Person:
    return Person(name, document.number, document.born or TODAY)


@pytest.mark.parametrize("bearer", BEARERS)
def test_each_kind_proves_its_bearer(bearer: str) -> None:
    document, name = BEARERS[bearer]

    async def main() -> None:
        stage = Stage()
        visit = Visit(stage.station, stage.glass, Preferences())
        proving = asyncio.ensure_future(prove_identity(visit, person(document, name), or_credential=False))
        await stage.see("LayIdCard")
        stage.hall.pad.lay(document)
        assert (await asyncio.wait_for(proving, 30.0)).kind is ProofKind.ID_CARD
        assert visit.id_card_used
        await stage.close()

    run(main())


@pytest.mark.parametrize("bearer", BEARERS)
def test_each_kind_expires_after_its_last_day(bearer: str) -> None:
    document, name = BEARERS[bearer]
    last = replace(document, valid_to=TODAY, long_term=False)
    assert id_problem(last, person(document, name), TODAY) is None
    over = replace(document, valid_to=date(2026, 11, 19), long_term=False)
    assert id_problem(over, person(document, name), TODAY) is IdProblem.EXPIRED


@pytest.mark.parametrize("bearer", BEARERS)
def test_no_kind_proves_somebody_else(bearer: str) -> None:
    document, _ = BEARERS[bearer]
    assert id_problem(document, person(document, "孟样例"), TODAY) is IdProblem.NAME_DIFFERS
    assert id_problem(document, person(document, "SAMPLE JOHN"), TODAY) is IdProblem.NAME_DIFFERS
    assert id_problem(document, person(document, ""), TODAY) is IdProblem.NAME_DIFFERS
    assert id_problem(document, Person(document.name, "410102199001010000", TODAY), TODAY) is IdProblem.NUMBER_DIFFERS


def test_a_document_without_any_name_proves_nobody() -> None:
    nameless = replace(RESIDENT, name="")
    assert id_problem(nameless, person(RESIDENT, ""), TODAY) is IdProblem.NAME_DIFFERS
    assert id_problem(nameless, person(RESIDENT, RESIDENT.name), TODAY) is IdProblem.NAME_DIFFERS


# --- expired ---------------------------------------------------------------------------------------------------------


def refusal(stage: Stage) -> Refusal:
    assert stage.glass.scene is not None
    assert isinstance(stage.glass.scene.screen, Refusal)
    return stage.glass.scene.screen


def test_an_expired_card_laid_down_again_is_refused_with_the_next_step() -> None:
    async def story(stage: Stage) -> None:
        stage.answer(Pick("activate"))
        await stage.see("InsertCard")
        stage.hall.insert_card()
        await stage.see("LayIdCard")
        stage.hall.lay_id()
        lay = (await stage.see("LayIdCard.expired")).screen
        assert isinstance(lay, LayIdCard)
        assert lay.or_credential, "there is another way: it is offered first"
        stage.hall.lift_id()
        await asyncio.sleep(1.0)
        stage.hall.lay_id()
        await stage.see("Refusal")
        assert refusal(stage).cause is Cause.ID_EXPIRED
        assert "派出所" in stage.words()
        stage.hall.pull_card()
        await stage.come(Attract)

    visited("expired_id", story)


def test_where_only_an_id_card_counts_an_expired_one_is_refused_at_once() -> None:
    async def main() -> None:
        stage = Stage()
        stage.hall.choose("expired_id")
        visit = Visit(stage.station, stage.glass, Preferences())
        holder = stage.hall.person.person
        proving = asyncio.ensure_future(prove_identity(visit, holder, or_credential=False))
        await stage.see("LayIdCard")
        stage.hall.lay_id()
        await asyncio.wait([proving], timeout=30.0)
        error = proving.exception()
        assert getattr(error, "cause", None) is Cause.ID_EXPIRED
        await stage.close()

    run(main())


def test_an_e_credential_with_a_small_x_is_its_holders() -> None:
    async def story(stage: Stage) -> None:
        found = stage.office.person

        async def small(credential: str) -> Person:
            person = await found(credential)
            assert person.id_number.endswith("X")
            return replace(person, id_number=person.id_number.lower())

        stage.office.person = small  # type: ignore[method-assign]
        stage.answer(Pick("activate"))
        await stage.see("InsertCard")
        stage.hall.insert_card()
        await stage.see("LayIdCard")
        stage.answer(Pick("credential"))
        await stage.see("ShowCode")
        stage.hall.show_code()
        await stage.see("Review.activate")

    visited("number_with_x", story)
