"""The Qt application of this process with its fonts, and the engine whose files are read while Python works.

Loads nothing of ours that a screen needs: Qt shall be at work before that is loaded.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import ui.pyside  # noqa: F401 - before whatever else is of PySide6

# isort: split
from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine, QQmlComponent

from kiosk.assets import ASSETS

QML = Path(__file__).resolve().parent / "qml"

FAMILIES = ("Noto Sans CJK SC", "Noto Serif CJK SC", "Noto Sans")
"""The second and third lend the characters that the first lacks, so that a rare name is never a blank."""

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


class NoWindow(Exception):
    """The window could not be made; says what Qt said."""


def application(*, software: bool = False, offscreen: bool = False) -> QGuiApplication:
    """The one Qt application of this process, made if there is none yet. ``software`` paints without a GPU. Raises
    NoWindow where there is nothing to paint on: Qt would end the process."""
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        return running
    if offscreen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    elif sys.platform == "linux" and not any(map(os.environ.get, _DISPLAYS)):
        raise NoWindow("no display here; kiosk demo --headless plays without one, an installed terminal has its own")
    if software:
        from PySide6.QtQuick import QQuickWindow, QSGRendererInterface  # with what it enumerates: where it is needed

        QQuickWindow.setGraphicsApi(QSGRendererInterface.GraphicsApi.Software)
    _take_what_there_is()
    app = QGuiApplication(["kiosk"])
    app.setApplicationName("kiosk")
    app.setQuitOnLastWindowClosed(False)
    for file in sorted((ASSETS / "fonts").glob("*.[ot]t[fc]")):
        from PySide6.QtGui import QFontDatabase  # with what it enumerates: where it is needed

        QFontDatabase.addApplicationFont(str(file))
    font = QFont()
    font.setFamilies(list(FAMILIES))
    app.setFont(font)
    return app


def _take_what_there_is() -> None:
    """Unless the environment says otherwise: our own rules about fonts, and no bus but the session's own. Where there
    is none, Qt would fork this process with all its memory to launch one, to no end: no screen reader is on that."""
    if sys.platform == "linux":
        os.environ.setdefault("FONTCONFIG_FILE", str(ASSETS / "fonts.conf"))
        os.environ.setdefault("DBUS_SESSION_BUS_ADDRESS", "unix:runtime=yes")


class Reading(QObject):
    """An engine whose first files Qt's own thread reads while Python does something else."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = QQmlApplicationEngine()
        # Else the folder of the interpreter is searched for each of Qt's modules, /usr/bin with all that lies there.
        places = [place for place in self.engine.importPathList() if Path(place, "QtQuick").is_dir()]
        self.engine.setImportPathList(places)
        for name in ("Main", "screens/Attract"):
            QQmlComponent(self.engine, str(QML / f"{name}.qml"), QQmlComponent.CompilationMode.Asynchronous, self)

    def go_on(self) -> None:
        """Give the reading thread what it waits for, which this one has to do, and look through the fonts while it
        reads on: whoever makes the first screen now would wait for the one and then do the other."""
        QCoreApplication.sendPostedEvents()
        QGuiApplication.font().exactMatch()


def read_ahead() -> Reading | None:
    """An engine that reads; nothing where there is no display: whoever opens the window says so."""
    try:
        application()
    except NoWindow:
        return None
    return Reading()
