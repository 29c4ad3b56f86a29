"""The keys of the voice on the real glass: offered when there is one, legible and large enough in every look, and what
they send up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from kiosk.screens import (
    ALL,
    Answer,
    Attract,
    Contrast,
    Listen,
    Prefer,
    Preferences,
    Rate,
    Reach,
    Scene,
    Size,
    Speech,
    Touched,
    Volume,
)
from ui.gallery.looks import Look
from ui.gallery.measure import findings
from ui.gallery.run import Gallery, has_own
from ui.gallery.showcase import Showcase
from ui.gallery.states import samples, scene

SAMPLES = dict(samples())
FULLEST = [[s for s in SAMPLES.values() if type(s) is screen][-1] for screen in ALL if screen.__name__ != "Starting"]
FULLEST = [screen for screen in FULLEST if "staff" not in type(screen).__module__]
"""Operator mode has no citizen to speak to."""
SOUND = {"prefer:volume_less", "prefer:volume_more", "prefer:rate_less", "prefer:rate_more", "prefer:speech_off"}
LOOKS = [
    Look("zh"),
    Look("en"),
    Look("en", Size.LARGE),
    Look("zh", Size.XLARGE),
    Look("en", Size.XLARGE, Contrast.HIGH),
    Look("en", Size.LARGE, reach=Reach.LOW),
    Look("zh", Size.NORMAL, reach=Reach.LOW),
]


@pytest.fixture(scope="module", params=[False, True], ids=["portrait", "landscape"])
def gallery(request: pytest.FixtureRequest) -> Iterator[Gallery]:
    lit = Gallery(request.param)
    yield lit
    lit.close()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
@pytest.mark.parametrize("speech", list(Speech))
def test_every_screen_has_room_for_it(gallery: Gallery, look: Look, speech: Speech) -> None:
    look = replace(look, landscape=gallery.landscape)
    wrong = []
    for screen in FULLEST:
        wanted = replace(
            scene(screen, gallery.showcase.stage.scene.serial + 1),
            preferences=replace(look.preferences, speech=speech),
            can_speak=True,
            can_read_out=has_own(screen),
        )
        gallery.showcase.put(wanted)
        wrong += [f"{type(screen).__name__}: {found}" for found in findings(gallery.showcase.window, None)]
        keys = set(gallery.showcase.finger.controls())
        on = speech is Speech.ON
        # The way in, or what is said again and the one key to how it sounds; the rest only behind that. On the first
        # screen the way in is the way out as well.
        assert keys & {"prefer:speech", "prefer:speech_here"} == (
            {"prefer:speech"} if isinstance(screen, Attract) else set() if on else {"prefer:speech_here"}
        )
        assert ("listen:again" in keys) is ("voice:sound" in keys) is on
        assert ("listen:private" in keys) is (on and has_own(screen))
        assert not keys & SOUND
        if on:
            gallery.showcase.finger.tap("voice:sound")
            gallery.showcase.settle()
            assert set(gallery.showcase.finger.controls()) >= SOUND
            # It lies over the page on purpose.
            laid_open = [f for f in findings(gallery.showcase.window, None) if f.rule not in {"overlap", "gap"}]
            wrong += [f"{type(screen).__name__}, sound: {found}" for found in laid_open]
    assert wrong == [], "\n".join(wrong)


class _Glass:
    def __init__(self) -> None:
        self.said: list[Answer] = []
        self.showcase = Showcase((1080, 1920), (336.0, 597.0), answered=lambda answer, _: self.said.append(answer))

    def show(self, *, can_speak: bool = True, **preferences: object) -> Scene:
        wanted = replace(
            scene(SAMPLES["balance"], self.showcase.stage.scene.serial + 1),
            preferences=replace(Preferences(), **preferences),  # type: ignore[arg-type]
            can_speak=can_speak,
            can_read_out=can_speak,
        )
        self.showcase.put(wanted)
        return wanted

    def tap(self, key: str) -> list[Answer]:
        self.said.clear()
        self.showcase.finger.tap(key)
        self.showcase.turn()
        return [answer for answer in self.said if isinstance(answer, Listen | Prefer)]


@pytest.fixture
def glass() -> Iterator[_Glass]:
    lit = _Glass()
    yield lit
    lit.showcase.put_out()


def test_what_the_keys_say(glass: _Glass) -> None:
    glass.show()
    assert glass.tap("prefer:speech_here") == [Prefer("speech", "on")]
    glass.show(speech=Speech.ON)
    assert glass.tap("listen:again") == [Listen("again")]
    assert glass.tap("listen:private") == [Listen("private")]
    assert glass.tap("voice:sound") == []
    assert glass.tap("prefer:volume_more") == [Prefer("volume", "high")]
    assert glass.tap("prefer:volume_less") == [Prefer("volume", "low")]
    assert glass.tap("prefer:rate_less") == [Prefer("rate", "slow")]
    assert glass.tap("prefer:rate_more") == [Prefer("rate", "fast")]
    assert glass.tap("prefer:speech_off") == [Prefer("speech", "off")]
    glass.show(speech=Speech.ON, volume=Volume.FULL, rate=Rate.SLOW)
    keys = set(glass.showcase.finger.controls())
    assert keys & {"prefer:volume_more", "prefer:volume_less"} == {"prefer:volume_less"}
    assert keys & {"prefer:rate_more", "prefer:rate_less"} == {"prefer:rate_more"}


def test_how_it_sounds_is_folded_up_again(glass: _Glass) -> None:
    def laid_open() -> bool:
        return bool(SOUND & set(glass.showcase.finger.controls()))

    glass.show(speech=Speech.ON)
    glass.tap("voice:sound")
    assert laid_open()
    glass.tap("voice:sound")
    assert not laid_open()
    glass.tap("voice:sound")
    QTest.mouseClick(glass.showcase.window, Qt.MouseButton.LeftButton, pos=QPoint(540, 300))
    glass.showcase.turn()
    assert not laid_open(), "a touch beside it"
    assert glass.said == [] or not [one for one in glass.said if isinstance(one, Prefer)]
    # With keys: the focus goes in, Escape leads out, and no further.
    glass.tap("voice:sound")
    assert glass.showcase.window.activeFocusItem().objectName() == "prefer:volume_less"
    glass.said.clear()
    QTest.keyClick(glass.showcase.window, Qt.Key.Key_Escape)
    glass.showcase.turn()
    assert not laid_open()
    assert glass.showcase.window.activeFocusItem().objectName() == "voice:sound"
    assert not [one for one in glass.said if not isinstance(one, Touched)]


def test_without_a_voice_there_is_no_key_and_no_answer(glass: _Glass) -> None:
    shown = glass.show(can_speak=False, speech=Speech.ON)
    keys = set(glass.showcase.finger.controls())
    assert not {key for key in keys if "speech" in key or "listen" in key or "volume" in key}
    glass.said.clear()
    glass.showcase.stage.answer("listen", "private", shown.serial)
    glass.showcase.stage.answer("listen", "loudly", shown.serial)
    assert glass.said == []
