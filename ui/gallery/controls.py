"""Sheets that show every control in every state it can be in, drawn with the theme of a showcase. It owns the words on
them, taken from screens that use the same controls.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QEvent, QUrl
from PySide6.QtQml import QQmlComponent
from PySide6.QtQuick import QQuickWindow

from ui.gallery.showcase import Showcase
from ui.gallery.states import NUMBER

SHEETS = ("acts", "facts", "frame", "pad", "signs", "pictures")
_FILE = Path(__file__).with_name("ControlSheet.qml")
_WORDS = {
    "title": "InsertCard.title",
    "act": "Review.variant.activate.proceed",
    "pill": "common.back",
    "tile": "common.service.activate.title",
    "help": "common.service.activate.help",
    "without_paper": "common.without_paper",
    "unavailable": "common.unavailable",
    "lead": "InsertCard.without_card_lead",
    "way": "InsertCard.without_card",
    "show": "Balance.show",
    "hide": "Balance.hide",
    "notice": "EnterPin.problem_run",
    "clear": "EnterPin.clear",
    "delete": "EnterPin.delete",
    "time_left": "common.time_left",
    "seconds": "common.seconds",
    "simulated": "common.simulated",
    "hidden_amount": "Balance.hidden_amount",
}
"""Word on a sheet -> where the catalogue has it."""


class NoSheet(Exception):
    """A sheet could not be drawn; says what Qt said."""


def control_sheets(showcase: Showcase) -> Iterator[tuple[str, QQuickWindow]]:
    """Each sheet as a painted window, with its label; the window is gone when the next is asked for. Raises NoSheet."""
    catalogue = showcase.stage.catalogue
    words = {word: catalogue.texts[key] for word, key in _WORDS.items()}
    words |= {k.removeprefix("common."): v for k, v in catalogue.texts.items() if k.startswith("common.")}
    words["number"] = NUMBER
    for part in SHEETS:
        component = QQmlComponent(showcase.engine, QUrl.fromLocalFile(str(_FILE)))
        window = component.createWithInitialProperties({"part": part, "words": words})
        if not isinstance(window, QQuickWindow):
            raise NoSheet(component.errorString())
        window.show()
        showcase.until(window.isExposed)
        yield f"controls, {part}", window
        window.close()
        window.deleteLater()
        component.deleteLater()
        showcase.app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
