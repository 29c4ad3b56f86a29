"""A terminal put together from its file: with the national platform as insurer, and nothing asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk import compose
from kiosk.__main__ import main
from kiosk.config import Config, load
from kiosk.station import Station

PAPERS = ("ca.pem", "terminals/ZZ-0001.pem", "terminals/ZZ-0001.key", "gateway.token", "hsm.pem")


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("papers")
    assert main(["insurer", "certificates", "--out", str(folder), "--host", "localhost", "--terminal", "ZZ-0001"]) == 0
    return folder


@pytest.fixture
def config(papers: Path, tmp_path: Path) -> Config:
    ca, certificate, key, token, hsm = (papers / name for name in PAPERS)
    file = tmp_path / "kiosk.toml"
    file.write_text(
        f'[terminal]\nid = "ZZ-0001"\n[data]\ndir = "{tmp_path}/data"\n[insurer]\nkind = "platform"\n'
        'url = "https://localhost:1/x"\ninstitution = "P41010000001"\ninstitution_name = "x"\n'
        f'ca = "{ca}"\ncertificate = "{certificate}"\nkey = "{key}"\ntoken = "{token}"\nhsm = "{hsm}"\n'
    )
    return load(file)


@pytest.fixture
def station(config: Config) -> Iterator[Station]:
    made = compose.real_station(config)
    yield made
    asyncio.run(compose.close(made))


def test_with_everything_real_nothing_is_simulated(config: Config, station: Station) -> None:
    assert config.simulated == []
    assert not station.settings.simulated


def test_slips_and_status_say_simulated_where_the_banner_does(config: Config) -> None:
    config = replace(config, devices=replace(config.devices, pinpad="mock:"))
    assert config.simulated == ["[devices] pinpad"]
    made = compose.real_station(config)
    assert made.settings.simulated
    asyncio.run(compose.close(made))


def test_a_station_can_be_written_down_without_its_secrets(config: Config, station: Station, papers: Path) -> None:
    written = repr(station)
    files = [config.data / compose.JOURNAL_KEY, compose.seal_key_path(config), *(papers / name for name in PAPERS[2:])]
    for file in files:
        secret = file.read_bytes()
        assert len(secret) >= 16
        for spelling in (repr(secret)[2:-1], repr(secret.strip())[2:-1], secret.hex(), repr(list(secret))):
            assert spelling not in written, file.name
    assert "back_room=BackRoom(" in written
