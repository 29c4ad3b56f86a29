"""What a visit leaves on the glass when it is over: nothing of the citizen, and not one object more than before."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QObject, QUrl
from PySide6.QtGui import QImage
from PySide6.QtQml import QQmlComponent

from drivers.api import Frame
from kiosk.money import Fen
from kiosk.screens import (
    AccountLine,
    Attract,
    Balance,
    BeingChecked,
    EnterPin,
    Holder,
    PinPurpose,
    Result,
    Review,
    Screen,
    ShowCode,
    Slip,
)
from tests.helpers.lit import Lit, below
from ui.gallery.states import NOW, TILES, month, scene
from ui.images import Provider
from ui.window import Sweep

NAME, TAIL, ID_NUMBER = "鱻**", "8642", "990***********7531"
NUMBER, SEALED = "QX-31415926", "YB1.canary-of-a-sealed-slip"
CANARIES = (NAME, TAIL, ID_NUMBER, NUMBER, SEALED, "271,828.18")
SPEAKING = ("QString", "QVariant", "QVariantMap", "QVariantList", "QStringList", "QJSValue", "QUrl")
"""Types of properties that can hold words."""

HOLDER = Holder(NAME, TAIL, ID_NUMBER)

VISIT: tuple[Screen[Any], ...] = (
    ShowCode(or_id_card=True, preview=Frame(4, 2, b"\x00\xff" * 4)),
    Review("activate", HOLDER, "zzbank"),
    EnterPin(PinPurpose.NEW, filled=4),
    Balance(HOLDER, (AccountLine("310", "1", Fen(27182818)),), False, NOW),
    month(20),
    Result("activated", HOLDER, NUMBER, Slip.ON_SCREEN, SEALED),
    BeingChecked(NUMBER, Slip.ON_SCREEN, SEALED),
)


@pytest.fixture(scope="module", params=[True, False], ids=["still", "gliding"])
def lit(request: pytest.FixtureRequest) -> Iterator[Lit]:
    terminal = Lit(still=request.param)
    yield terminal
    terminal.put_out()


def _told(thing: object) -> Iterator[str]:
    """Every text in a value that QML hands out."""
    if hasattr(thing, "toVariant"):
        thing = thing.toVariant()
    if isinstance(thing, str | QUrl):
        yield thing if isinstance(thing, str) else thing.toString()
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from _told(value)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from _told(value)


def _everything_said(lit: Lit) -> Iterator[tuple[str, str]]:
    """Every text in every property of every object of the window and the stage."""
    for one in (*below(lit.window), lit.stage):
        meta = one.metaObject()
        for i in range(meta.propertyCount()):
            name = str(meta.property(i).name())
            if str(meta.property(i).typeName()) not in SPEAKING:
                continue
            for text in _told(one.property(name)):
                yield f"{meta.className()}.{name}", text


def _found(lit: Lit) -> set[tuple[str, str]]:
    return {(where, canary) for where, text in _everything_said(lit) for canary in CANARIES if canary in text}


def test_after_a_visit_nothing_of_it_is_on_the_glass(lit: Lit) -> None:
    seen: set[str] = set()
    for screen in VISIT:
        lit.show(screen)
        seen |= {canary for _, canary in _found(lit)}
    assert seen == set(CANARIES), "a canary that was never there cannot be found missing"
    lit.show(Attract(TILES))
    lit.turn()
    assert _found(lit) == set()
    assert (lit.stage.pictures.frame, lit.stage.pictures.code) == (None, "")


def test_no_digit_of_a_pin_is_anywhere(lit: Lit) -> None:
    """The stage is told how many digits there are, and QML has nothing else to keep."""
    lit.show(EnterPin(PinPurpose.NEW))
    for position in (3, 1, 4, 0, 5, 8):  # 4 2 5 1 6 9
        lit.finger.tap(f"key:{position}")
    lit.turn()
    texts = [text for _, text in _everything_said(lit)]
    assert not any("42" in text or "425169" in text or "314058" in text for text in texts)


def _census(lit: Lit) -> Counter[str]:
    gc.collect()
    lit.turn()
    return Counter(_kind(one) for one in below(lit.window)) + Counter(_kind(one) for one in below(lit.stage))


def _kind(one: QObject) -> str:
    return str(one.metaObject().className()).partition("_QML")[0]


def test_changes_of_scene_leave_no_object_behind(lit: Lit) -> None:
    changes = 200 if lit.stage.property("reducedMotion") else 40  # gliding takes its time

    def visit() -> None:
        for screen in (*VISIT, Attract(TILES)):
            lit.stage.show(scene(screen, lit.stage.scene.serial + 1))
            lit.turn()
        lit.settle()

    visit()
    visit()
    before = _census(lit)
    for _ in range(changes // (len(VISIT) + 1)):
        visit()
    grown = {kind: count - before[kind] for kind, count in _census(lit).items() if count > before[kind]}
    assert grown == {}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on: nothing can be counted")
def test_scenes_and_touches_lose_no_reference_to_none(lit: Lit) -> None:
    """PySide6 6.12.0 on CPython 3.11 lost one with every call, until the interpreter aborted."""

    def key() -> None:
        lit.show(EnterPin(PinPurpose.NEW))
        lit.finger.tap("key:4")
        lit.turn()
        lit.answers.clear()

    key()
    before = sys.getrefcount(None)
    for _ in range(50):
        key()
    gc.collect()
    assert before - sys.getrefcount(None) < 50, "not even one for each round"


def test_pictures_of_a_visit_leave_qts_cache_with_it(lit: Lit) -> None:
    """Qt keeps a picture that nobody shows any more, in case it is wanted again: here it may be a citizen's."""
    drawn: list[int] = []

    def draw(pixels: int) -> QImage:
        drawn.append(pixels)
        return QImage(8, 8, QImage.Format.Format_Grayscale8)

    lit.engine.addImageProvider("counted", Provider(draw))

    def look() -> None:
        component = QQmlComponent(lit.engine)
        component.setData(QByteArray(b'import QtQuick; Image { source: "image://counted/1" }'), QUrl())
        component.create().deleteLater()
        component.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    sweep = Sweep(lit.stage, lit.window)
    look()
    look()
    assert len(drawn) == 1, "Qt kept the picture"
    lit.show(VISIT[-1])
    lit.show(Attract(TILES))

    def forgotten() -> bool:
        look()
        return len(drawn) == 2

    lit.until(forgotten)
    sweep.deleteLater()
