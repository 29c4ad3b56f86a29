"""The guide's city insurer over HTTPS: the whole contract of every insurer, and what only a wire can do."""

from __future__ import annotations

import importlib.util
import inspect
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import pytest

from drivers.card.chip import Chip
from drivers.card.mock import MockCardReader
from drivers.card.social_security import SocialSecurityCard
from kiosk.insurer.api import CardState, Done, InsurerUnreachable
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.line import InsurerLine
from kiosk.insurer.patience import PatientInsurer
from kiosk.insurer.sealed_pin import PinOpener, PinSeal
from tests.contract import test_insurers as contract
from tests.helpers.city_gateway import CityGateway, serving, trusting
from tests.helpers.insurers import Stage, TurnedClock, on_sqlite, proof_of
from tests.helpers.served_insurer import TERMINAL, papers
from tests.helpers.worked_examples import EXAMPLES

ACCESS_KEY, SECRET = "terminal-of-the-south-hall", b"a secret for tests only"


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("zhangcheng", EXAMPLES / "insurer" / "zhangcheng.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["zhangcheng"] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


zhangcheng = _loaded()


@asynccontextmanager
async def _city(secret: bytes = SECRET) -> AsyncIterator[tuple[Stage, CityGateway]]:
    clock = TurnedClock()
    async with on_sqlite(":memory:", clock) as (office, telephone):
        gateway = CityGateway(office, ACCESS_KEY, SECRET, PinOpener.load(papers().hsm_key), clock)
        async with serving(gateway) as url:
            seal = PinSeal.load(papers().papers(TERMINAL).hsm)
            city = zhangcheng.ZhangchengInsurer(zhangcheng.Bus(url, ACCESS_KEY, secret), trusting(), seal, clock)
            line = InsurerLine(city)
            yield Stage(PatientInsurer(line), line.faults, clock, telephone), gateway
            await city.close()


def _cases() -> Iterator[Any]:
    """Every test of the contract that asks for nothing but a stage, with each of its cases."""
    for name, test in vars(contract).items():
        if name.startswith("test_") and "stage" in inspect.signature(test).parameters:
            marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
            if not marks:
                yield pytest.param(test, {}, id=name)
            for mark in marks:
                names = [mark.args[0]] if isinstance(mark.args[0], str) else [*mark.args[0]]
                names = [each.strip() for one in names for each in one.split(",")]
                for values in mark.args[1]:
                    row = values if len(names) > 1 else (values,)
                    yield pytest.param(test, dict(zip(names, row, strict=True)), id=f"{name}-{row[0]}")


@pytest.mark.parametrize(("promise", "facts"), [*_cases()])
async def test_the_contract(promise: Callable[..., Awaitable[None]], facts: dict[str, Any]) -> None:
    async with _city() as (stage, _):
        await promise(stage=stage, **facts)


async def test_a_pin_is_reset_through_the_citys_hsm() -> None:
    async with _city() as (stage, _):
        someone = stage.someone("active")
        reader = MockCardReader()
        chip = Chip(someone.chip, Hsm().personalise(someone.chip))
        reader.slot.insert(chip)
        app = await SocialSecurityCard.select(await reader.card())
        await app.public()
        await app.reset_pin(stage.insurer.authority(someone.card, proof_of(someone)), bytearray(b"802613"))
        assert chip.pin_matches(b"802613")


async def test_without_a_connection_nothing_was_sent() -> None:
    async with _city() as (stage, gateway):
        city = zhangcheng.ZhangchengInsurer(
            zhangcheng.Bus("https://127.0.0.1:1/csb", ACCESS_KEY, SECRET),
            ssl.create_default_context(),
            None,
            stage.clock,
        )
        with pytest.raises(InsurerUnreachable) as unreachable:
            await city.perform("k1", contract.activation(stage.someone("issued")))
        assert not unreachable.value.sent
        assert not await city.reachable()
        assert gateway.asked == []


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"<html>502</html>",
        b'{"code": -1, "data": null}',
        b'{"code": 0, "data": {"oprt_key": "k2", "state": "done", "number": "1", "at": "2026-07-15T09:30:00+08:00"}}',
    ],
)
async def test_an_answer_that_proves_nothing_is_a_lost_one(spoilt: bytes) -> None:
    async with _city() as (stage, gateway):
        someone = stage.someone("issued")
        gateway.spoil = lambda service, body: spoilt if service == "zc.card.activate" else body
        with pytest.raises(InsurerUnreachable) as lost:
            await stage.insurer.perform("k1", contract.activation(someone))
        assert lost.value.sent
        assert isinstance(await stage.insurer.outcome("k1"), Done)
        assert (await stage.insurer.card(someone.card)).state is CardState.ACTIVE


async def test_a_state_that_is_not_in_the_citys_table_is_not_guessed() -> None:
    async with _city() as (stage, gateway):
        gateway.spoil = lambda _service, body: body.replace(b'"card_stas":"30"', b'"card_stas":"31"')
        with pytest.raises(InsurerUnreachable):
            await stage.insurer.card(stage.someone("active").card)


async def test_the_bus_hears_nobody_who_does_not_sign() -> None:
    async with _city(secret=b"another") as (stage, gateway):
        with pytest.raises(InsurerUnreachable):
            await stage.insurer.card(stage.someone("active").card)
        assert gateway.asked == []


def test_its_secret_is_in_no_repr() -> None:
    assert "secret" not in repr(zhangcheng.Bus("https://x/", "a", SECRET))
