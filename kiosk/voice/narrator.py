"""When the terminal speaks: a screen when it comes, a problem when it changes, more when the citizen asks.

A new screen or a finger on the glass silences what is being said at once; the end of a visit does, too. What is
private is said only by :meth:`Narrator.read_private`. Nothing here waits for the voice, and nothing that fails in it
reaches the visit: speech stands beside the glass and replaces nothing on it. Short sounds go the same way, each for
something that the glass shows as well.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from drivers.api import DeviceError, Phrase, Sound, Utterance, Voice
from kiosk.assets import ASSETS
from kiosk.outline import outline
from kiosk.screens import (
    BeingChecked,
    EnterPin,
    LayIdCard,
    PartialResult,
    Preferences,
    Rate,
    Reading,
    Refusal,
    Result,
    Scene,
    Screen,
    ShowCode,
    Speech,
    StillThere,
    TakeCard,
    Volume,
)
from kiosk.text import REFERENCE, Catalogue
from kiosk.voice.lines import Kind, Line, lines
from kiosk.voice.speech import by_script

log = logging.getLogger(__name__)

VOLUMES: Mapping[Volume, float] = {Volume.LOW: 0.3, Volume.NORMAL: 0.55, Volume.HIGH: 0.8, Volume.FULL: 1.0}
"""Each step about 4 dB: heard as one step, on a loudspeaker that is loud enough for the hall at the last of them."""
RATES: Mapping[Rate, float] = {Rate.SLOW: 0.75, Rate.NORMAL: 1.0, Rate.FAST: 1.35}

SOUNDS = ASSETS / "sounds"
READ, KEY, DONE, WARNING = "read", "key", "done", "warning"
"""A device has read something (the next screen comes); a digit was taken (a dot fills); done (the green sign); look
here (the amber sign)."""


class Narrator:
    """One terminal's. ``usable`` says whether the voice was well when it was last asked. On the core's loop."""

    def __init__(
        self,
        voice: Voice | None,
        catalogues: Mapping[str, Catalogue],
        usable: Callable[[], bool],
        sounds: Path = SOUNDS,
    ) -> None:
        self._voice = voice
        self._catalogues = catalogues
        self._usable = usable
        self._sounds = sounds
        self._scene: Scene | None = None
        self._saying: asyncio.Task[None] | None = None

    @property
    def offered(self) -> bool:
        """Whether somebody who wants to hear can."""
        return self._voice is not None and self._usable()

    def has_private(self, scene: Scene) -> bool:
        """Whether there is something to say, to somebody who listens, that must be asked for."""
        return self._speaks(scene) and any(line.kind is Kind.PRIVATE for line in self._lines(scene))

    # --- from the glass ----------------------------------------------------------------------------------------------

    def shown(self, scene: Scene) -> None:
        """A scene was drawn, a new one or new values of the one before. Returns at once."""
        before, self._scene = self._scene, scene
        if before is not None and before.serial == scene.serial:
            self._changed(before, scene)
        elif before is None or not _same(before, scene):
            sound = _sound(before, scene.screen)
            told = self._without_private(scene) if self._speaks(scene) else ()
            if sound or told or self._speaks(scene) or before is None or self._speaks(before):
                self._say(told, scene.preferences, sound)

    def touched(self) -> None:
        """A finger is on the glass, or a key was pressed: whoever acts has heard enough."""
        self.hush()

    def again(self) -> None:
        """Once more what was said of the screen that stands."""
        if self._scene is not None and self._speaks(self._scene):
            self._say(self._without_private(self._scene), self._scene.preferences)

    def read_private(self) -> None:
        """The citizen wants to hear their own figures, here and now."""
        if self._scene is not None and self._speaks(self._scene):
            mine = [line for line in self._lines(self._scene) if line.kind is Kind.PRIVATE]
            self._say(mine, self._scene.preferences)

    def _speaking(self) -> bool:
        return self._saying is not None and not self._saying.done() and not self._saying.cancelling()

    def hush(self) -> None:
        if self._saying is not None:
            self._saying.cancel()

    async def close(self) -> None:
        """Silence, and nothing more to come."""
        self._voice = None
        self.hush()
        if self._saying is not None:
            await asyncio.wait({self._saying})

    # --- saying it ---------------------------------------------------------------------------------------------------

    def _changed(self, before: Scene, scene: Scene) -> None:
        """New values on the same screen: a new problem is said, and nothing that moves by itself."""
        problems = self._problems(scene) if _trouble(scene.screen) != _trouble(before.screen) else []
        if problems:
            self._say(problems if self._speaks(scene) else (), scene.preferences, WARNING)
        elif _more_filled(before.screen, scene.screen) and not self._speaking():
            self._say((), scene.preferences, KEY)

    def _problems(self, scene: Scene) -> list[Line]:
        return [line for line in self._lines(scene) if line.kind is Kind.PROBLEM]

    def _without_private(self, scene: Scene) -> list[Line]:
        return [line for line in self._lines(scene) if line.kind is not Kind.PRIVATE]

    def _lines(self, scene: Scene) -> tuple[Line, ...]:
        catalogue = self._catalogue(scene.preferences)
        return lines(scene.screen, catalogue, scene.slip, another_waits=scene.another_waits)

    def _catalogue(self, preferences: Preferences) -> Catalogue:
        return self._catalogues.get(preferences.language, self._catalogues[REFERENCE])

    def _speaks(self, scene: Scene) -> bool:
        return scene.preferences.speech is Speech.ON and self.offered

    def _say(self, told: Iterable[Line], preferences: Preferences, sound: str = "") -> None:
        """In place of whatever is being said."""
        self.hush()
        language = self._catalogue(preferences).language
        parts: list[Phrase | Sound] = [Sound(self._sounds / f"{sound}.wav")] if sound else []
        for line in told:
            pieces = by_script(line.text, language)
            parts += [Phrase(text, of, line.name if len(pieces) == 1 else "") for text, of in pieces]
        if parts and self.offered:
            what = Utterance(tuple(parts), VOLUMES[preferences.volume], RATES[preferences.rate])
            self._saying = asyncio.ensure_future(self._speak(what, self._saying))

    async def _speak(self, what: Utterance, before: asyncio.Task[None] | None) -> None:
        if before is not None and not before.done():
            await asyncio.wait({before})
        if self._voice is None:
            return
        try:
            await self._voice.say(what)
        except DeviceError as error:
            log.warning("not said: %s", outline(error))
        except Exception as error:  # noqa: BLE001  a driver of somebody else's; no visit may suffer from it
            log.critical("the voice failed: %s", outline(error))


def _same(before: Scene, now: Scene) -> bool:
    """The same question once more, to be seen otherwise but not to be heard otherwise."""
    return before.screen == now.screen and _ear(before.preferences) == _ear(now.preferences)


def _ear(preferences: Preferences) -> tuple[object, ...]:
    return preferences.language, preferences.speech, preferences.volume, preferences.rate


def _trouble(screen: Screen[Any]) -> tuple[object, ...]:
    return tuple(getattr(screen, name, None) for name in ("problem", "tries_left", "keypad"))


def _more_filled(before: Screen[Any], now: Screen[Any]) -> bool:
    return isinstance(before, EnterPin) and isinstance(now, EnterPin) and now.filled > before.filled


def _sound(before: Scene | None, screen: Screen[Any]) -> str:
    """The sound that goes with a screen that comes."""
    was = None if before is None else before.screen
    if was == screen:
        return ""
    if getattr(screen, "problem", None) is not None or isinstance(screen, PartialResult | BeingChecked | Refusal):
        return WARNING
    if isinstance(screen, StillThere) or (isinstance(screen, TakeCard) and screen.reminder > 0):
        return WARNING
    if isinstance(screen, Result):
        return DONE
    if isinstance(screen, Reading):
        return READ
    if isinstance(was, LayIdCard | ShowCode) and not isinstance(screen, LayIdCard | ShowCode | TakeCard):
        return READ
    return ""
