"""The one object that QML knows: a scene comes down and becomes properties, an answer goes up as a typed value. It
refuses what the screen that is shown did not ask for; it decides nothing and keeps nothing of a scene that is gone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from unicodedata import bidirectional

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot

from kiosk.maintenance.gesture import Place, Summons, corner_of
from kiosk.screens import (
    Answer,
    Back,
    Contrast,
    Finish,
    Hand,
    Key,
    Listen,
    Pick,
    Prefer,
    Proceed,
    Rate,
    Reach,
    Scene,
    Size,
    Speech,
    Starting,
    Summon,
    Touched,
    Volume,
)
from kiosk.text import REFERENCE, Catalogue, catalogues, digits_of
from ui.connections import QUEUED
from ui.images import Pictures
from ui.surroundings import Surroundings as Surroundings

log = logging.getLogger(__name__)

KEYS = 12
"""Positions of the PIN pad: nine keys, clear, bottom middle, delete (``kiosk.screens.Key``)."""


class Stage(QObject):
    """Scene down, answer up.

    ``send`` gets every answer together with the serial of the scene that it answers; it is called on the GUI thread
    and must hand over without waiting. :meth:`show` may be called from any thread.

    Signals: ``shown(Scene)`` is the one way down; ``<property>Changed()`` stands for each property, and all values
    are in place before the first of them is emitted.
    """

    shown = Signal(object)

    screenNameChanged = Signal()
    screenChanged = Signal()
    wordsChanged = Signal()
    preferencesChanged = Signal()
    serviceTitleChanged = Signal()
    stepChanged = Signal()
    stepsChanged = Signal()
    idleSecondsChanged = Signal()
    canFinishChanged = Signal()
    cardInChanged = Signal()
    offersLargeChanged = Signal()
    anotherWaitsChanged = Signal()
    canSpeakChanged = Signal()
    canReadOutChanged = Signal()
    rightToLeftChanged = Signal()
    placeChanged = Signal()
    otherLanguageChanged = Signal()
    previewSourceChanged = Signal()
    qrSourceChanged = Signal()
    clockDateChanged = Signal()
    clockTimeChanged = Signal()
    weekdayChanged = Signal()
    serialChanged = Signal()

    def __init__(
        self,
        send: Callable[[Answer, int], object],
        surroundings: Surroundings,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        words: Mapping[str, Catalogue] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._send = send
        self._surroundings = surroundings
        self._clock = clock
        self._wall = wall
        self._catalogues = catalogues() if words is None else words
        self.pictures = Pictures()
        self._scene = Scene(0, Starting())
        self._since = wall()
        self._summons = Summons()
        self._values = self._picture_of(self._scene)
        self._minute = QTimer(self)
        self._minute.setSingleShot(True)
        self._minute.timeout.connect(self._tick)
        self.shown.connect(self._receive, QUEUED)

    # --- down --------------------------------------------------------------------------------------------------------

    @property
    def scene(self) -> Scene:
        """What is shown now. Read it on the GUI thread."""
        return self._scene

    def show(self, scene: Scene) -> None:
        """Show ``scene`` soon. From any thread; never blocks."""
        self.shown.emit(scene)

    @Slot(object)
    def _receive(self, scene: Scene) -> None:
        if scene.now != self._scene.now:  # new values on the same screen bring the same time, and it goes on
            self._since = self._wall()
        if type(scene.screen) is not type(self._scene.screen):
            self._summons.forget()
        self._scene = scene
        self.pictures.show(getattr(scene.screen, "preview", None), getattr(scene.screen, "qr", ""))
        self._become(self._picture_of(scene))
        now = self._now()
        if now is None:
            self._minute.stop()
        else:
            self._minute.start(_to_next_minute(now))

    def _become(self, values: dict[str, Any]) -> None:
        changed = [name for name, value in values.items() if value != self._values[name]]
        self._values = values
        for name in changed:
            getattr(self, f"{name}Changed").emit()

    @Slot()
    def _tick(self) -> None:
        """The clock of a scene goes on while the scene stands, also where the system's is put right meanwhile."""
        now = self._now()
        if now is not None:
            self._become(self._values | self._clock_face(now, self.catalogue))
            self._minute.start(_to_next_minute(now))

    def _now(self) -> datetime | None:
        if self._scene.now is None:
            return None
        return self._scene.now + timedelta(seconds=self._wall() - self._since)

    @property
    def catalogue(self) -> Catalogue:
        """Words of the language of what is shown now."""
        return self._catalogues.get(self._scene.preferences.language, self._catalogues[REFERENCE])

    def _picture_of(self, scene: Scene) -> dict[str, Any]:
        """Every property of a scene by its name. The order is that of the signals: what decides which screen is
        drawn comes before what is drawn on it, so no binding of a former screen sees the values of the next."""
        catalogue = self.catalogue
        screen = scene.screen
        words = _calling_once(catalogue.wording(screen))
        if scene.steps:
            words["step_of"] = catalogue.say("common.step_of", step=scene.step, steps=scene.steps)
        if scene.another_waits:
            words["proceed"] = catalogue.say("common.next_person")
        other = self._catalogues.get(self._other_language(catalogue.language))
        words["other_language"] = "" if other is None else other.say("common.own_name")
        place = self._surroundings.place
        return {
            "screenName": screen.name,
            "preferences": {
                "language": catalogue.language,
                "size": str(scene.preferences.size),
                "contrast": str(scene.preferences.contrast),
                "reach": str(scene.preferences.reach),
                "hand": str(scene.preferences.hand),
                "speech": str(scene.preferences.speech),
                "volume": str(scene.preferences.volume),
                "rate": str(scene.preferences.rate),
                "veil": scene.preferences.veil,
            },
            "rightToLeft": _runs_leftwards(catalogue.say("common.own_name")),
            "screen": catalogue.present(screen),
            "words": words,
            "serviceTitle": words.get(f"service.{scene.service}.title", ""),
            "step": scene.step,
            "steps": scene.steps,
            "idleSeconds": -1.0 if scene.idle_s is None else float(scene.idle_s),
            "canFinish": screen.can_finish,
            "cardIn": scene.card_in,
            "offersLarge": scene.offers_large,
            "anotherWaits": scene.another_waits,
            "canSpeak": scene.can_speak,
            "canReadOut": scene.can_read_out,
            "place": place.get(catalogue.language, place.get(REFERENCE, "")),
            "otherLanguage": self._other_language(catalogue.language),
            "previewSource": self.pictures.preview_source,
            "qrSource": self.pictures.qr_source,
            **self._clock_face(self._now(), catalogue),
            "serial": scene.serial,
        }

    def _other_language(self, language: str) -> str:
        languages = self._surroundings.languages
        if language not in languages:
            return languages[0]
        return languages[(languages.index(language) + 1) % len(languages)]

    @staticmethod
    def _clock_face(now: datetime | None, catalogue: Catalogue) -> dict[str, str]:
        if now is None:
            return {"clockDate": "", "clockTime": "", "weekday": ""}
        return {
            "clockDate": catalogue.day(now.date(), "day"),
            "clockTime": f"{now:%H:%M}",
            "weekday": catalogue.say(f"common.weekday.{now.isoweekday()}"),
        }

    # --- what QML reads ----------------------------------------------------------------------------------------------

    screenName = Property(str, lambda self: self._values["screenName"], notify=screenNameChanged)
    """Which file of ``screens/`` is drawn."""
    # The stubs want a Python type; only the name of Qt's own type makes a JavaScript object of a dict.
    screen = Property("QVariantMap", lambda self: self._values["screen"], notify=screenChanged)  # type: ignore[arg-type]
    """``Catalogue.present`` of the screen: plain values by field name."""
    words = Property("QVariantMap", lambda self: self._values["words"], notify=wordsChanged)  # type: ignore[arg-type]
    """``Catalogue.wording`` of the screen, and ``step_of`` filled in while there is a step bar. While another waits,
    the key that makes room says so."""
    preferences = Property("QVariantMap", lambda self: self._values["preferences"], notify=preferencesChanged)  # type: ignore[arg-type]
    """The fields of ``Preferences``: words as text, ``veil`` as a number from 0 to 1."""
    rightToLeft = Property(bool, lambda self: self._values["rightToLeft"], notify=rightToLeftChanged)
    """The language is written from right to left: everything on the glass is mirrored."""
    serviceTitle = Property(str, lambda self: self._values["serviceTitle"], notify=serviceTitleChanged)
    step = Property(int, lambda self: self._values["step"], notify=stepChanged)
    steps = Property(int, lambda self: self._values["steps"], notify=stepsChanged)
    idleSeconds = Property(float, lambda self: self._values["idleSeconds"], notify=idleSecondsChanged)
    """Seconds of quiet before the warning comes; -1 while time does not count."""
    canFinish = Property(bool, lambda self: self._values["canFinish"], notify=canFinishChanged)
    cardIn = Property(bool, lambda self: self._values["cardIn"], notify=cardInChanged)
    offersLarge = Property(bool, lambda self: self._values["offersLarge"], notify=offersLargeChanged)
    anotherWaits = Property(bool, lambda self: self._values["anotherWaits"], notify=anotherWaitsChanged)
    """The next card is in: the seconds that are left are shown at once, and no touch gives more of them."""
    canSpeak = Property(bool, lambda self: self._values["canSpeak"], notify=canSpeakChanged)
    """There is a voice, and it works."""
    canReadOut = Property(bool, lambda self: self._values["canReadOut"], notify=canReadOutChanged)
    """There is something of the citizen's own that is said only on request."""
    place = Property(str, lambda self: self._values["place"], notify=placeChanged)
    otherLanguage = Property(str, lambda self: self._values["otherLanguage"], notify=otherLanguageChanged)
    """Code of the language that the language key goes to."""
    previewSource = Property(str, lambda self: self._values["previewSource"], notify=previewSourceChanged)
    qrSource = Property(str, lambda self: self._values["qrSource"], notify=qrSourceChanged)
    clockDate = Property(str, lambda self: self._values["clockDate"], notify=clockDateChanged)
    clockTime = Property(str, lambda self: self._values["clockTime"], notify=clockTimeChanged)
    weekday = Property(str, lambda self: self._values["weekday"], notify=weekdayChanged)
    serial = Property(int, lambda self: self._values["serial"], notify=serialChanged)
    simulated = Property(bool, lambda self: self._surroundings.simulated, constant=True)
    widthMm = Property(float, lambda self: self._surroundings.width_mm, constant=True)
    heightMm = Property(float, lambda self: self._surroundings.height_mm, constant=True)
    lowerEdgeMm = Property(float, lambda self: self._surroundings.lower_edge_mm, constant=True)
    reducedMotion = Property(bool, lambda self: self._surroundings.reduced_motion, constant=True)

    # --- up ----------------------------------------------------------------------------------------------------------

    @Slot(str, "QVariant", int)
    def answer(self, kind: str, value: object, serial: int) -> None:
        """What the citizen did, from QML: ``proceed``, ``back``, ``finish``, ``pick`` (id of the choice), ``key``
        (position on the PIN pad), ``listen`` (``again``, ``private``) or ``prefer`` (``language:en``, ``size:large``,
        ``contrast:high``, ``reach:low``, ``hand:left``, ``speech:on``, ``volume:high``, ``rate:slow``)."""
        if serial != self._scene.serial:
            log.debug("a late %s was dropped", kind)
            return
        answer = self._typed(kind, value)
        if answer is None or not self._asked(answer):
            log.debug("%s does not take this %s; it was dropped", self._scene.screen.name, kind)
            return
        self._send(answer, serial)

    @Slot()
    def touched(self) -> None:
        """A finger was on the glass, wherever."""
        self._send(Touched(), self._scene.serial)

    @Slot(float, float, bool)
    def finger(self, x: float, y: float, down: bool) -> None:
        """A finger went down there, or up again; shares of the panel, from top left. For the way into operator mode."""
        self._gesture(corner_of(x, y, self._surroundings.width_mm, self._surroundings.height_mm), down)

    @Slot(str, bool)
    def keyed(self, key: str, down: bool) -> None:
        """The same for one of the six keys: ``back`` and ``up`` stand for the two corners, all others for none."""
        self._gesture({"back": Place.FIRST, "up": Place.SECOND}.get(key, Place.ELSEWHERE), down)

    def _gesture(self, place: Place, down: bool) -> None:
        summon = Summon()
        if not self._asked(summon):
            return
        if down:
            self._summons.pressed(place, self._clock())
        elif self._summons.released(self._clock()):
            self._send(summon, self._scene.serial)

    def _asked(self, answer: Answer) -> bool:
        screen = self._scene.screen
        if isinstance(answer, Finish):
            return screen.can_finish
        if isinstance(answer, Listen):
            return self._scene.can_speak
        return isinstance(answer, (Prefer, *screen.answers))

    def _typed(self, kind: str, value: object) -> Answer | None:
        match kind:
            case "proceed":
                return Proceed()
            case "back":
                return Back()
            case "finish":
                return Finish()
            case "pick" if isinstance(value, str) and value:
                return Pick(value)
            case "key" if isinstance(value, int | float) and value in range(KEYS):
                return Key(int(value))  # QML's numbers may arrive as either
            case "listen" if value in ("again", "private"):
                return Listen(str(value))
            case "prefer" if isinstance(value, str):
                return self._preference(*value.split(":", 1))
        return None

    def _preference(self, what: str, value: str = "") -> Prefer | None:
        allowed: Mapping[str, tuple[str, ...]] = {
            "language": self._surroundings.languages,
            "size": tuple(Size),
            "contrast": tuple(Contrast),
            "reach": tuple(Reach),
            "hand": tuple(Hand),
            "speech": tuple(Speech),
            "volume": tuple(Volume),
            "rate": tuple(Rate),
        }
        return Prefer(what, value) if value in allowed.get(what, ()) else None


def _calling_once(words: dict[str, str]) -> dict[str, str]:
    """Where the screen says itself when to call, the footer does not say the number again."""
    number = digits_of(words["hotline"])
    said = number and any(number in text for slot, text in words.items() if slot != "hotline")
    return words | {"hotline": ""} if said else words


@cache
def _runs_leftwards(own_name: str) -> bool:
    """Whether a language is written from right to left: as the first letter of what it calls itself."""
    return next((way in ("R", "AL") for way in map(bidirectional, own_name) if way in ("L", "R", "AL")), False)


def _to_next_minute(now: datetime) -> int:
    """Milliseconds."""
    return 60_000 - now.second * 1000 - now.microsecond // 1000
