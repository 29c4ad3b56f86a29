"""The dock's end of the wire to the simulated hall: what is pressed becomes a call on the core's loop, what can be seen
in the hall becomes properties. It shows what is, not what was pressed: a button never changes the picture by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Property, QObject, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from kiosk.text import REFERENCE, catalogues
from ui.core_thread import Core
from ui.dock.hall import SimulatedHall
from ui.stage import Stage
from ui.window import load_window

log = logging.getLogger(__name__)

HERE = Path(__file__).resolve().parent

GAP_PX = 24
"""Between the terminal and its dock."""

LOOK_MS = 250
"""Between two looks at the hall: quick enough for the eye, nothing for the machine."""

ACTS: Mapping[str, tuple[str, ...]] = {
    "card": (
        "insert_card",
        "insert_card_wrong_way",
        "insert_foreign_card",
        "pull_card",
        "swap_card",
        "fail_next_apdu",
        "stop_card_service",
        "start_card_service",
    ),
    "idcard": (
        "lay_id",
        "lay_other_id",
        "lay_unreadable_id",
        "lift_id",
        "lift_id_early",
        "break_sam",
        "mend_sam",
        "unplug_id_reader",
        "plug_id_reader",
    ),
    "scanner": (
        "show_code",
        "show_expired_code",
        "show_payment_code",
        "hide_code",
        "freeze_camera",
        "thaw_camera",
        "unplug_camera",
        "plug_camera",
    ),
    "pinpad": ("unplug_pin_pad", "plug_pin_pad", "tamper_pin_pad"),
    "printer": (
        "take_slip",
        "take_paper",
        "paper_low",
        "refill_paper",
        "jam_printer",
        "clear_printer",
        "open_cover",
        "close_cover",
        "break_printer",
        "repair_printer",
        "unplug_printer",
        "plug_printer",
    ),
    "insurer": ("cut_network", "slow_insurer", "drop_next_reply", "garble_next_reply", "restore_network"),
    "hall": ("heal_everything",),
}
"""What can be done in the hall, by device as ``state()`` names it, in the order of the buttons."""

OF_SOMETHING = ("choose", "swap_card", "press_key")
"""Acts that need to know whose card it is, or which key."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "pinpad": ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "clear", "enter", "cancel")
}
"""Keys of a device; pressing one is the act ``press_key``."""


class Desk(QObject):
    """What the dock's QML knows.

    Signals: ``stated(state, people)`` comes up from the core; ``peopleChanged``, ``stateChanged``,
    ``languageChanged`` and ``refusedChanged`` stand for the properties of that name.
    """

    stated = Signal(object, object)
    failed = Signal(str, str)

    peopleChanged = Signal()
    stateChanged = Signal()
    languageChanged = Signal()
    refusedChanged = Signal()

    def __init__(
        self, hall: SimulatedHall, core: Core, *, language: str = REFERENCE, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._hall = hall
        self._core = core
        self._catalogues = catalogues(HERE / "i18n")
        self._language = language if language in self._catalogues else REFERENCE
        self._state: dict[str, Any] = {}
        self._people: list[dict[str, str]] = []
        self._refused = ""
        self._asked = False
        self.stated.connect(self._receive, Qt.ConnectionType.QueuedConnection)
        self.failed.connect(self._refuse, Qt.ConnectionType.QueuedConnection)
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._ask)
        self._look.start()

    # --- what can be seen --------------------------------------------------------------------------------------------

    @Slot()
    def _ask(self) -> None:
        if not self._asked:  # a core that is slow to answer is not asked twice
            self._asked = self._core.submit(self._tell)

    def _tell(self) -> None:
        """On the core's loop."""
        try:
            people = [
                {
                    "slug": p.slug,
                    "name": p.name,
                    "zh": p.description_zh,
                    "en": p.description_en,
                    "state": str(p.state),
                }
                for p in self._hall.people()
            ]
            self.stated.emit(_plain(self._hall.state()), people)
        except Exception as error:
            log.exception("the hall could not be looked at")
            self.stated.emit({}, [])
            self.failed.emit("state", str(error))

    @Slot(object, object)
    def _receive(self, state: dict[str, Any], people: list[dict[str, str]]) -> None:
        self._asked = False
        if people != self._people:
            self._people = people
            self.peopleChanged.emit()
        if state != self._state:
            self._state = state
            self.stateChanged.emit()

    @Slot(str, str)
    def _refuse(self, act: str, reason: str) -> None:
        words = self._words()
        self._refused = f"{words.get(f'act.{act}', act)}: {reason}"
        self.refusedChanged.emit()

    def _words(self) -> dict[str, str]:
        catalogue = self._catalogues[self._language]
        return {key.removeprefix("dock."): text for key, text in catalogue.texts.items()}

    # --- what can be done --------------------------------------------------------------------------------------------

    @Slot(str, str)
    def act(self, name: str, slug: str) -> None:
        """Do ``name`` in the hall; ``choose`` and ``swap_card`` say with whom, ``press_key`` says which."""
        if name not in OF_SOMETHING and not any(name in acts for acts in ACTS.values()):
            log.warning("nothing in the hall is called %s", name)
            return
        if self._refused:
            self._refused = ""
            self.refusedChanged.emit()
        if not self._core.submit(self._do, name, slug):
            self._refuse(name, self._words()["no_core"])

    def _do(self, name: str, slug: str) -> None:
        """On the core's loop."""
        try:
            if name in OF_SOMETHING:
                getattr(self._hall, name)(slug)
            else:
                getattr(self._hall, name)()
        except Exception as error:  # noqa: BLE001  the hall is scenery: it must not end the core
            log.info("%s cannot be done now: %s", name, error)
            self.failed.emit(name, str(error))
        self._tell()

    @Slot(str)
    def speak(self, language: str) -> None:
        """Change the dock's own language; the terminal keeps the citizen's."""
        if language in self._catalogues and language != self._language:
            self._language = language
            self.languageChanged.emit()

    # --- what QML reads ----------------------------------------------------------------------------------------------

    # The stubs want Python types; only the names of Qt's own make JavaScript values of dicts and lists.
    people = Property("QVariantList", lambda self: self._people, notify=peopleChanged)  # type: ignore[arg-type]
    state = Property("QVariantMap", lambda self: self._state, notify=stateChanged)  # type: ignore[arg-type]
    words = Property("QVariantMap", lambda self: self._words(), notify=languageChanged)  # type: ignore[arg-type]
    language = Property(str, lambda self: self._language, notify=languageChanged)
    refused = Property(str, lambda self: self._refused, notify=refusedChanged)
    groups = Property(
        "QVariantList",  # type: ignore[arg-type]
        lambda self: [  # noqa: ARG005
            {"device": device, "acts": list(acts), "keys": list(KEYS.get(device, ()))}
            for device, acts in ACTS.items()
            if device != "hall"
        ],
        constant=True,
    )


def _plain(state: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that shares nothing with the hall and that Qt can carry over."""
    plain: dict[str, Any] = {}
    for key, value in state.items():
        if isinstance(value, Mapping):
            plain[key] = _plain(value)
        elif key == "slip":
            plain[key] = QUrl.fromLocalFile(str(value)).toString() if value else ""
        elif isinstance(value, bool | int | float):
            plain[key] = value
        else:
            plain[key] = "" if value is None else str(value)
    return plain


def open_dock(
    engine: QQmlApplicationEngine,
    hall: SimulatedHall,
    core: Core,
    stage: Stage,
    *,
    beside: QQuickWindow | None = None,
) -> tuple[Desk, QQuickWindow]:
    """Show the dock, to the right of ``beside``. Raises NoWindow."""
    desk = Desk(hall, core, language=stage.scene.preferences.language, parent=stage)
    window = load_window(engine, HERE / "Dock.qml", {"desk": desk})
    if beside is not None:
        window.setPosition(beside.x() + beside.width() + GAP_PX, beside.y())
    window.show()
    return desk, window
