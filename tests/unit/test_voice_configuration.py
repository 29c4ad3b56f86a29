"""Which voice a terminal has: what the configuration says, and what staff are told of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drivers.voice.clips import ClipVoice
from drivers.voice.espeak import EspeakVoice
from kiosk import compose
from kiosk.config import Config, ConfigError, Devices, parse
from kiosk.readiness import examine
from kiosk.station import Station
from kiosk.watch import devices_of
from tests.helpers.storyboard import Stage
from tests.helpers.virtual_time import run


def test_no_voice_unless_one_is_named() -> None:
    assert parse({}, "x").devices.voice == "none"
    assert parse({"devices": {"voice": "espeak:"}}, "x").devices.voice == "espeak:"


@pytest.mark.parametrize(
    ("name", "kind"), [("espeak", EspeakVoice), ("espeak:null", EspeakVoice), ("clips:/x?out=null", ClipVoice)]
)
def test_it_is_built_as_named(name: str, kind: type[EspeakVoice], tmp_path: Path) -> None:
    config = replace(Config(), devices=replace(Devices(), voice=name), data=tmp_path, insurer_path=tmp_path / "i.db")
    station: Station = compose.real_station(config)
    assert type(station.voice) is kind
    station.journal.shut()


def test_a_misspelt_one_is_refused_before_there_is_a_window() -> None:
    with pytest.raises(ConfigError, match="siri"):
        compose.check(replace(Config(), devices=replace(Devices(), voice="siri:")))


def test_staff_are_told_how_it_is(tmp_path: Path) -> None:
    async def look() -> None:
        stage, silent = Stage(voice=True), Stage()
        try:
            assert "voice" not in devices_of(silent.station)
            stage.ear.plugged = False
            report = await examine(stage.station, replace(Config(), data=tmp_path))
            found = {device.name: device for device in report.devices}["voice"]
            assert not found.health.usable
            assert found.address == "none"
            assert report.ready == (await examine(silent.station, replace(Config(), data=tmp_path))).ready
        finally:
            await stage.close()
            await silent.close()

    run(look())
