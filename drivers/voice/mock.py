"""A voice in memory, in place of a driver, and the ear that hears it.

Owns how long speaking takes, in the running loop's time, and what was heard to its end. The one operation of its fault
plan is ``say``: ``LOSE`` unplugs the loudspeaker, ``MUTE`` hangs until the deadline of a real engine, ``ERROR`` breaks
off.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from drivers.api import Condition, DeviceLost, DeviceTimeout, Health, Phrase, Remedy, Sound, Utterance
from drivers.faults import Fault, FaultPlan
from drivers.voice.espeak import ANSWER_S

LETTER_S = {"zh": 0.22, "en": 0.065}
"""Seconds for each character at rate 1: some 270 characters of Chinese, 160 words of English a minute."""
SOUND_S = 0.1


@dataclass(slots=True)
class Heard:
    """One part of what was said."""

    at: float
    """When it began, in the loop's time."""
    part: Phrase | Sound
    volume: float
    rate: float
    whole: bool = False
    """It was spoken to its end."""


@dataclass
class Ear:
    """What is heard before the terminal: for tests and the simulation, never for the user of the driver."""

    faults: FaultPlan = field(default_factory=FaultPlan)
    heard: list[Heard] = field(default_factory=list)
    plugged: bool = True

    def phrases(self) -> list[str]:
        """The words so far, also of what was interrupted."""
        return [heard.part.text for heard in self.heard if isinstance(heard.part, Phrase)]

    def sounds(self) -> list[str]:
        return [heard.part.path.stem for heard in self.heard if isinstance(heard.part, Sound)]

    def forget(self) -> None:
        self.heard.clear()


class MockVoice:
    """A :class:`drivers.api.Voice` that makes no sound; what it says is in its :class:`Ear`."""

    def __init__(self, ear: Ear | None = None) -> None:
        self.ear = ear or Ear()
        self.talking = False
        self._broken = False
        self._closed = False

    async def health(self) -> Health:
        model = "mock voice"
        if self._closed or not self.ear.plugged:
            return Health(Condition.NO_DEVICE, Remedy.CONFIGURATION, "unplugged", model)
        if self._broken:
            return Health(Condition.HARDWARE_ERROR, Remedy.RESET, "it hung", model)
        return Health(Condition.ONLINE, model=model)

    async def say(self, utterance: Utterance) -> None:
        if self.talking:
            raise RuntimeError("somebody is being spoken to already")
        self.talking = True
        try:
            for part in utterance.parts:
                await self._say(part, utterance)
        finally:
            self.talking = False

    async def _say(self, part: Phrase | Sound, utterance: Utterance) -> None:
        fault = await self.ear.faults.meet("say")
        if fault is Fault.LOSE:
            self.ear.plugged = False
        if self._closed or not self.ear.plugged:
            raise DeviceLost("unplugged")
        if fault is Fault.MUTE:
            await asyncio.sleep(ANSWER_S)
            self._broken = True
            raise DeviceTimeout("it hung")
        if fault is Fault.ERROR:
            self._broken = True
            raise DeviceLost("it broke off")
        heard = Heard(asyncio.get_running_loop().time(), part, utterance.volume, utterance.rate)
        self.ear.heard.append(heard)
        seconds = SOUND_S
        if isinstance(part, Phrase):
            seconds = len(part.text) * LETTER_S.get(part.language, LETTER_S["en"]) / utterance.rate
        await asyncio.sleep(seconds)
        heard.whole = True

    async def close(self) -> None:
        self._closed = True
