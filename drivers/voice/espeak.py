"""eSpeak NG as the voice: Mandarin and English, offline, a process for each phrase.

Owns the engine: its voices, its rate, the readings it gets wrong, its deadline. Where the sound goes is an
:class:`drivers.voice.outlets.Outlet`. The engine (GPL-3+) runs as a program of its own behind a pipe; nothing links to
it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from drivers.api import Condition, DeviceError, DeviceLost, Health, Phrase, Remedy, Sound, Utterance
from drivers.voice import program
from drivers.voice.outlets import Outlet, outlet
from drivers.voice.wav import NotAWav, Samples, read

ENGINE = "espeak-ng"
VOICES: Mapping[str, str] = {"zh": "cmn-latn-pinyin", "en": "en-gb"}
"""Not ``cmn``: in 1.51, Debian 12's version, that voice looks characters up as Pinyin and then reads the Pinyin as
English (请 becomes "king three"). This one reads it as Pinyin."""
WORDS_A_MINUTE: Mapping[str, int] = {"zh": 200, "en": 160}
"""At rate 1: some 270 characters of Mandarin a minute, as news are read; of English a little less than the engine's own
175, which is quick for somebody who stands before a machine for the first time."""
SLOWEST, FASTEST = 80, 450
"""What the engine takes: -s below 80 is raised to it, above 450 the words swallow each other (espeak-ng(1))."""
LOUDNESS = 100
"""-a of 0 to 200: the engine's own; from 120 on Mandarin clips."""
ANSWER_S = 5.0
"""A phrase takes some 0.1 s to become sound. An engine that needs so long hangs."""
READINGS: Mapping[str, str] = {
    "重新": "chong2 xin1",
    "重设": "chong2 she4",
    "重复": "chong2 fu4",
    "银行": "yin2 hang2",
    "行号": "hang2 hao4",
    "调亮": "tiao2 liang4",
    "朝上": "chao2 shang4",
    "朝里": "chao2 li3",
    "朝前": "chao2 qian2",
    "清空": "qing1 kong1",
    "长按": "chang2 an4",
    "差一": "cha4 yi1",
}
"""Characters with several readings of which the engine's dictionary, which looks at single ones, takes the other."""

_WRONG = re.compile("|".join(map(re.escape, READINGS)))


class EspeakVoice:
    """``address``: where the sound goes, see :func:`drivers.voice.outlets.outlet`."""

    def __init__(self, address: str = "", *, engine: str = ENGINE, to: Outlet | None = None) -> None:
        self._engine = engine
        self._outlet = to or outlet(address)
        self._model = ""
        self._hung: Health | None = None
        self._talking: asyncio.Task[None] | None = None
        self._closed = False

    async def health(self) -> Health:
        """After a failure the engine is tried with one syllable, so that one that works again is believed again."""
        if self._closed:
            return Health(Condition.OFFLINE, detail="closed", model=self._model)
        if not program.installed(self._engine):
            detail = f"{self._engine} is not installed"
            return Health(Condition.NO_DEVICE, Remedy.CONFIGURATION, detail, model=self._model)
        if (trouble := self._outlet.trouble()) is not None:
            return trouble
        if self._talking is not None:
            return Health(Condition.BUSY, model=self._model)
        try:
            if not self._model:
                said = await program.run((self._engine, "--version"), b"", ANSWER_S)
                self._model = said.decode("utf-8", "replace").partition("  ")[0].strip()
            if self._hung is not None:
                await self.samples(Phrase("好", "zh"))
                self._hung = None
        except DeviceError as error:
            self._hung = _broken(error)
        return self._hung or Health(Condition.ONLINE, model=self._model)

    async def say(self, utterance: Utterance) -> None:
        if self._talking is not None:
            raise RuntimeError("somebody is being spoken to already")
        if self._closed:
            raise DeviceLost("closed")
        self._talking = asyncio.ensure_future(self._say(utterance))
        try:
            await self._talking
        except asyncio.CancelledError:
            self._talking.cancel()
            await asyncio.wait({self._talking})
            caller = asyncio.current_task()
            if caller is None or not caller.cancelling():
                raise DeviceLost("closed") from None
            raise
        except DeviceError as error:
            self._hung = _broken(error)
            raise
        finally:
            self._talking = None

    async def close(self) -> None:
        self._closed = True
        if self._talking is not None:
            self._talking.cancel()
            await asyncio.wait({self._talking})

    async def _say(self, utterance: Utterance) -> None:
        for part in utterance.parts:
            if isinstance(part, Sound):
                samples = await _file(part)
            else:
                samples = await self.samples(part, utterance.rate)
            await self._outlet.play(samples.at(utterance.volume))

    async def samples(self, phrase: Phrase, rate: float = 1.0) -> Samples:
        """The phrase as sound. Raises DeviceLost, DeviceTimeout."""
        speed = int(WORDS_A_MINUTE.get(phrase.language, 160) * rate)
        arguments = (
            self._engine,
            *("-v", VOICES.get(phrase.language, phrase.language)),
            *("-s", str(max(SLOWEST, min(FASTEST, speed)))),
            *("-a", str(LOUDNESS), "-b", "1", "--stdin", "--stdout"),
        )
        written = await program.run(arguments, as_read(phrase).encode(), ANSWER_S)
        try:
            return read(written)
        except NotAWav as error:
            raise DeviceLost(f"{self._engine} gave no sound") from error


def as_read(phrase: Phrase) -> str:
    """The text with the readings that the engine would get wrong spelt out."""
    if phrase.language != "zh":
        return phrase.text
    return _WRONG.sub(lambda found: f" {READINGS[found[0]]} ", phrase.text)


async def _file(sound: Sound) -> Samples:
    try:
        return read(await asyncio.to_thread(sound.path.read_bytes))
    except (OSError, NotAWav) as error:
        raise DeviceLost(f"{sound.path.name} cannot be played") from error


def _broken(error: DeviceError) -> Health:
    return Health(Condition.HARDWARE_ERROR, Remedy.RESET, str(error))
