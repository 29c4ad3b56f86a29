"""The voice: eSpeak NG where it is installed, programs that play it where it must fail, recordings, and a mock."""

import asyncio
import math
import os
import stat
import wave
from array import array
from pathlib import Path

import pytest

from drivers import registry
from drivers.api import Condition, DeviceLost, DeviceTimeout, Phrase, Remedy, Sound, Utterance
from drivers.faults import Fault
from drivers.voice import espeak, outlets, program
from drivers.voice.clips import ClipVoice
from drivers.voice.espeak import EspeakVoice, as_read
from drivers.voice.mock import MockVoice
from drivers.voice.outlets import Folder, SoundCard
from drivers.voice.wav import NotAWav, Samples, read
from kiosk.simulation import virtual_time
from kiosk.text import catalogues
from kiosk.voice.narrator import DONE, KEY, READ, SOUNDS, WARNING
from kiosk.voice.speech import spoken

needs_engine = pytest.mark.skipif(not program.installed(espeak.ENGINE), reason="espeak-ng is not installed")

CARD = Phrase("请插入社保卡", "zh", "InsertCard.title")


def _tone(seconds: float, hertz: int = 22050) -> Samples:
    values = array("h", (int(8000 * math.sin(n / 10)) for n in range(int(seconds * hertz))))
    return Samples(values.tobytes(), hertz)


def _program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def _written(folder: Path) -> list[Samples]:
    return [read(file.read_bytes()) for file in sorted(folder.glob("*.wav"))]


# --- the real engine -------------------------------------------------------------------------------------------------


@needs_engine
async def test_both_languages_are_heard(tmp_path: Path) -> None:
    voice = EspeakVoice(to=Folder(tmp_path))
    await voice.say(Utterance((CARD, Phrase("Insert your card", "en"))))
    chinese, english = _written(tmp_path)
    for samples in (chinese, english):
        assert 0.5 < samples.seconds < 5
        assert samples.loudest > 3000
    health = await voice.health()
    assert health.condition is Condition.ONLINE
    assert health.model.startswith("eSpeak NG")
    await voice.close()
    assert (await voice.health()).condition is Condition.OFFLINE


@needs_engine
async def test_volume_and_rate(tmp_path: Path) -> None:
    voice = EspeakVoice(to=Folder(tmp_path))
    await voice.say(Utterance((CARD,)))
    await voice.say(Utterance((CARD,), volume=0.25))
    await voice.say(Utterance((CARD,), rate=1.8))
    plain, soft, quick = _written(tmp_path)
    assert soft.loudest == pytest.approx(plain.loudest / 4, rel=0.05)
    assert quick.seconds < plain.seconds * 0.8


@needs_engine
async def test_mandarin_is_not_read_as_english() -> None:
    """What voice ``cmn`` of 1.51 does; the phonemes of another language are marked in the engine's own output."""
    arguments = (espeak.ENGINE, "-v", espeak.VOICES["zh"], "-q", "-x", "--stdin")
    words = {sign for text in catalogues()["zh"].texts.values() for sign in spoken(text, "zh") if "一" <= sign <= "鿿"}
    said = await program.run(arguments, "，".join(sorted(words)).encode(), 20)
    assert b"(en)" not in said


@needs_engine
async def test_characters_with_several_readings() -> None:
    async def sounds(text: str) -> str:
        arguments = (espeak.ENGINE, "-v", espeak.VOICES["zh"], "-q", "-x", "--stdin")
        said = await program.run(arguments, as_read(Phrase(text, "zh")).encode(), 5)
        return said.decode().replace("'", "").replace("_| ", " ")

    assert "ts.hong" in await sounds("重新设")  # chong2; zhong4 would be ts.ong
    assert "Xa35N" in await sounds("建设银行")  # hang2; xing2 would be S;iN


async def test_nothing_private_is_an_argument(tmp_path: Path) -> None:
    """Arguments of a process are everybody's to read."""
    seen, given = tmp_path / "seen", tmp_path / "seen.in"
    engine = _program(tmp_path / "engine", f'echo "$@" > {seen}; cat > {given}; exit 1')
    with pytest.raises(DeviceLost):
        await EspeakVoice(to=Folder(tmp_path), engine=engine).say(Utterance((Phrase("三千元", "zh"),)))
    assert "三千元" not in seen.read_text()
    assert "三千元" in given.read_text()


# --- what can go wrong -----------------------------------------------------------------------------------------------


async def test_a_hung_engine_is_killed_and_believed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "ANSWER_S", 0.2)
    pids = tmp_path / "pids"
    engine = _program(tmp_path / "engine", f'[ "$1" = --version ] && exec echo fake; echo $$ >> {pids}; exec sleep 60')
    voice = EspeakVoice(to=Folder(tmp_path), engine=engine)
    with pytest.raises(DeviceTimeout):
        await voice.say(Utterance((CARD,)))
    health = await voice.health()
    assert (health.condition, health.remedy) == (Condition.HARDWARE_ERROR, Remedy.RESET)
    assert CARD.text not in health.detail
    for pid in pids.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)
    sound = tmp_path / "sound"
    sound.write_bytes(_tone(0.1).to_bytes())
    _program(tmp_path / "engine", f"cat > /dev/null; cat {sound}")
    assert (await voice.health()).condition is Condition.ONLINE


async def test_an_interruption_kills_it_at_once(tmp_path: Path) -> None:
    started = tmp_path / "started"
    engine = _program(tmp_path / "engine", f"echo $$ > {started}.new; mv {started}.new {started}; exec sleep 60")
    voice = EspeakVoice(to=Folder(tmp_path), engine=engine)
    saying = asyncio.ensure_future(voice.say(Utterance((CARD,))))
    async with asyncio.timeout(20):
        while not started.exists():
            await asyncio.sleep(0.01)
    with pytest.raises(RuntimeError):
        await voice.say(Utterance((CARD,)))
    assert (await voice.health()).condition is Condition.BUSY
    saying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saying
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
    assert _written(tmp_path) == []


async def test_closing_silences(tmp_path: Path) -> None:
    started = tmp_path / "started"
    engine = _program(tmp_path / "engine", f"touch {started}; exec sleep 60")
    voice = EspeakVoice(to=Folder(tmp_path), engine=engine)
    saying = asyncio.ensure_future(voice.say(Utterance((CARD,))))
    async with asyncio.timeout(20):
        while not started.exists():
            await asyncio.sleep(0.01)
    await voice.close()
    await voice.close()
    with pytest.raises(DeviceLost):
        await saying
    with pytest.raises(DeviceLost):
        await voice.say(Utterance((CARD,)))


async def test_no_engine_no_player_no_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = str(tmp_path / "nothing")
    voice = EspeakVoice(to=Folder(tmp_path), engine=nothing)
    health = await voice.health()
    assert (health.condition, health.remedy) == (Condition.NO_DEVICE, Remedy.CONFIGURATION)
    with pytest.raises(DeviceLost):
        await voice.say(Utterance((CARD,)))
    trouble = SoundCard(player=nothing).trouble()
    assert trouble is not None
    assert trouble.condition is Condition.NO_DEVICE
    cards = tmp_path / "snd"
    monkeypatch.setattr(outlets, "CARDS", cards)
    trouble = SoundCard(player="/bin/true").trouble()
    assert trouble is not None
    assert trouble.remedy is Remedy.MAINTENANCE
    assert SoundCard("null", player="/bin/true").trouble() is None
    cards.mkdir()
    (cards / "controlC0").touch()
    assert SoundCard(player="/bin/true").trouble() is None
    assert Folder(tmp_path / "none").trouble() is not None


async def test_a_player_gets_the_sound(tmp_path: Path) -> None:
    got = tmp_path / "got.wav"
    player = _program(tmp_path / "player", f'[ "$3" = plughw:1,0 ] && cat > {got}')
    tone = _tone(0.2)
    await SoundCard("plughw:1,0", player=player).play(tone)
    assert read(got.read_bytes()) == tone
    with pytest.raises(DeviceLost):
        await SoundCard("default", player=player).play(tone)


# --- recordings ------------------------------------------------------------------------------------------------------


async def test_a_recording_takes_the_place_of_the_engine(tmp_path: Path) -> None:
    clips, out = tmp_path / "clips", tmp_path / "out"
    (clips / "zh").mkdir(parents=True)
    out.mkdir()
    spoken_by_engine = tmp_path / "engine.wav"
    spoken_by_engine.write_bytes(_tone(0.1).to_bytes())
    engine = _program(tmp_path / "engine", f"cat > /dev/null; cat {spoken_by_engine}")
    voice = ClipVoice(clips, to=Folder(out), engine=engine)
    await voice.say(Utterance((CARD,)))
    recording = clips / "zh" / "InsertCard.title.wav"
    recording.write_bytes(_tone(0.7, 16000).to_bytes())
    await voice.say(Utterance((CARD, Phrase("三元", "zh"))))
    assert [round(samples.seconds, 1) for samples in _written(out)] == [0.1, 0.7, 0.1]
    recording.write_bytes(b"not a sound")
    await voice.say(Utterance((CARD,)))
    assert round(_written(out)[-1].seconds, 1) == 0.1
    assert voice.refused == {"zh/InsertCard.title.wav"}


async def test_a_name_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(_tone(0.7).to_bytes())
    voice = ClipVoice(tmp_path / "clips", to=Folder(tmp_path), engine="/bin/false")
    with pytest.raises(DeviceLost):
        await voice.say(Utterance((Phrase("x", "zh", "../../x"),)))


# --- sound as bytes --------------------------------------------------------------------------------------------------


def test_the_length_in_a_streamed_header_is_not_believed() -> None:
    tone = _tone(0.1)
    data = bytearray(tone.to_bytes())
    data[40:44] = (0x7FFFF000).to_bytes(4, "little")
    assert read(bytes(data)) == tone


@pytest.mark.parametrize("data", [b"", b"RIFF", b"not a sound at all, but long enough to be one" * 4])
def test_what_is_no_sound(data: bytes) -> None:
    with pytest.raises(NotAWav):
        read(data)


def test_eight_bits_are_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "x.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes(100))
    with pytest.raises(NotAWav, match="8 bits"):
        read((tmp_path / "x.wav").read_bytes())


@pytest.mark.parametrize("name", [READ, KEY, DONE, WARNING])
async def test_the_sounds_of_the_terminal(name: str, tmp_path: Path) -> None:
    await EspeakVoice(to=Folder(tmp_path)).say(Utterance((Sound(SOUNDS / f"{name}.wav"),), volume=0.5))
    (samples,) = _written(tmp_path)
    assert 0.02 < samples.seconds < 0.6
    assert 1000 < samples.loudest < 6000


# --- the mock, the registry ------------------------------------------------------------------------------------------


def test_the_mock_takes_its_time_and_fails_as_told() -> None:
    async def play() -> None:
        voice = MockVoice()
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await voice.say(Utterance((CARD,)))
        assert 1 < loop.time() - begun < 2
        assert voice.ear.heard[0].whole
        voice.ear.faults.fail_next("say", Fault.MUTE)
        with pytest.raises(DeviceTimeout):
            await voice.say(Utterance((CARD,)))
        assert (await voice.health()).condition is Condition.HARDWARE_ERROR
        saying = asyncio.ensure_future(voice.say(Utterance((CARD,))))
        await asyncio.sleep(0.1)
        saying.cancel()
        await asyncio.wait({saying})
        assert not voice.ear.heard[-1].whole
        assert not voice.talking
        voice.ear.faults.fail_next("say", Fault.LOSE)
        with pytest.raises(DeviceLost):
            await voice.say(Utterance((CARD,)))
        assert (await voice.health()).condition is Condition.NO_DEVICE

    virtual_time.run(play())


def test_names_in_the_configuration(tmp_path: Path) -> None:
    for name in ("espeak:", "espeak:plughw:1,0", f"espeak:file://{tmp_path}", f"clips:{tmp_path}?out=null"):
        registry.build(registry.VOICES, name)
    with pytest.raises(registry.UnknownDriver):
        registry.build(registry.VOICES, "clips:")
    with pytest.raises(registry.UnknownDriver):
        registry.build(registry.VOICES, "siri:")
