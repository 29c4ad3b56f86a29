"""Every refusal: how its slip for the counter comes, what stands on it, and what its seal says."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from drivers.api import Page, Pair, Qr, Text
from kiosk.faults import refusal_code
from kiosk.receipts.layout import lay_out
from kiosk.receipts.slip import SlipFacts, SlipKind
from kiosk.refusals import _WAYS, Way, way_of
from kiosk.screens import Cause, Holder, Pick, Proceed, Refusal, Scene, ServiceTile, Slip
from kiosk.services import ALL, offers
from kiosk.settings import Settings
from kiosk.text import catalogues
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run

LANGUAGES = sorted(catalogues())
AT = datetime(2026, 11, 20, 9, 41, tzinfo=timezone(timedelta(hours=8)))


def test_each_cause_has_its_way() -> None:
    assert set(_WAYS) == set(Cause)


@pytest.mark.parametrize("cause", Cause)
def test_what_is_offered_here_needs_no_slip(cause: Cause) -> None:
    assert way_of(cause, offers.ACTIVATE) is Way.NONE


@pytest.mark.parametrize("cause", [cause for cause in Cause if way_of(cause) is not Way.NONE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_sent_back_here_with_a_slip_for_elsewhere(language: str, cause: Cause) -> None:
    told = catalogues()[language].wording(Refusal(cause, "R00"))
    assert told["where"] not in ("就在这里", "Right here")
    assert told["bring"]


def words_of(page: Page) -> list[str]:
    words: list[str] = []
    for block in page.blocks:
        match block:
            case Text():
                words.append(block.text)
            case Pair():
                words.append(f"{block.label}: {block.value}")
    return words


def slip(cause: Cause, *, service: str = "activate", holder: Holder | None = None, proved: bool = False) -> SlipFacts:
    return SlipFacts(
        SlipKind.HAND_OVER,
        "K000001",
        AT,
        holder or Holder("段**", "7365"),
        refused=Refusal(cause, refusal_code(cause), number="K000001"),
        service=service,
        identity_proved=proved,
    )


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_slip_says_what_the_screen_says(language: str, cause: Cause) -> None:
    catalogue = catalogues()[language]
    facts = slip(cause)
    words = words_of(lay_out(facts, "YB1.X", catalogue, Settings()))
    assert facts.refused is not None
    told = catalogue.wording(facts.refused)
    for wanted in (told["title"].replace("\n", ""), told["where"], told["bring"]):
        assert wanted in words
    for label in ("where", "bring"):
        assert not told[label] or words[words.index(told[label]) - 1] == told[f"{label}_label"]
    assert any(refusal_code(cause) in line for line in words)
    assert any("K000001" in line for line in words)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("service", [*(service.id for service in ALL), "reset"])
def test_every_service_is_named_on_it(language: str, service: str) -> None:
    catalogue = catalogues()[language]
    words = "\n".join(words_of(lay_out(slip(Cause.LOST, service=service), "YB1.X", catalogue, Settings())))
    assert catalogue.say(f"common.service.{service}.title") in words


def test_how_far_it_went() -> None:
    zh = catalogues()["zh"]

    def said(facts: SlipFacts) -> str:
        return "\n".join(words_of(lay_out(facts, "YB1.X", zh, Settings())))

    assert "还没有开始" in said(slip(Cause.DEVICE_DOWN, holder=Holder("", "")))
    assert "还没有选" in said(slip(Cause.LOST, service=""))
    assert "读了卡\n" in said(slip(Cause.LOST))
    assert "读了卡，核对了身份" in said(slip(Cause.AUTHORITY_REFUSED, proved=True))
    assert "不确定办成没有" in said(slip(Cause.FAULT))
    assert "不确定" not in said(slip(Cause.LOST))


def test_nothing_personal_but_what_a_slip_may_show() -> None:
    """Name masked, four digits of the card, no number of the ID card; and the code holds no more."""

    async def play() -> None:
        stage, told = await refused("lost")
        person = stage.hall.person
        paper = stage.slips()[0]
        assert told.number in paper
        for datum in (person.person.name, person.person.id_number, person.card.number):
            assert datum not in paper
        assert person.card.number[-4:] in paper
        await stage.close()

    run(play())


async def refused(person: str) -> tuple[Stage, Refusal]:
    """A visit up to its refusal, and the terminal stopped."""
    stage = Stage()
    stage.hall.choose(person)
    running = asyncio.ensure_future(stage.terminal.run())
    await stage.see("Attract")
    stage.answer(Pick("activate"))
    await stage.see("InsertCard")
    stage.hall.insert_card()
    scene: Scene = await stage.see("Refusal")
    assert isinstance(scene.screen, Refusal)
    stage.answer(Proceed())
    stage.terminal.stop()
    stage.hall.pull_card()
    await running
    return stage, scene.screen


def test_the_journal_finds_the_slip_by_its_number() -> None:
    async def play() -> None:
        stage, told = await refused("lost")
        noted = [event.facts for event in stage.journal.events("refused")]
        assert noted == [{"cause": "lost", "code": refusal_code(Cause.LOST), "number": told.number}]
        assert told.slip is Slip.PRINTED
        await stage.close()

    run(play())


def test_the_code_is_printed_as_one() -> None:
    page = lay_out(slip(Cause.LOST), "YB1.X", catalogues()["zh"], Settings())
    assert [block.data for block in page.blocks if isinstance(block, Qr)] == ["YB1.X"]


def test_a_refusal_without_its_offer_sends_elsewhere() -> None:
    tile = ServiceTile("activate", "activate")
    assert Refusal(Cause.NOT_ACTIVE, "R02", tile).variant == "not_active"
    assert Refusal(Cause.NOT_ACTIVE, "R02").variant == "not_active_elsewhere"
    assert Refusal(Cause.PIN_LOCKED, "R13").variant == "pin_locked_elsewhere"
    assert Refusal(Cause.LOST, "R05").variant == "lost"
