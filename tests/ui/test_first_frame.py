"""What a terminal does without before its first frame (docs/adr/0016-how-soon-the-terminal-stands.md)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import Qt

from kiosk.assets import ASSETS
from tests.system.hammer import x_server
from ui.application import read_ahead
from ui.connections import ONCE, QUEUED

WITHOUT_ENUMERATIONS = """
import sys
import PySide6.QtCore
import ui.app
sys.exit("Qt" in vars(PySide6.QtCore))
"""

WHAT_THE_GLASS_WAITS_FOR = """
import argparse, os, sys
from pathlib import Path
from kiosk import __main__ as program

class Line:
    def sendall(self, _said):
        sys.exit("asyncio" in sys.modules)

program._run_core(argparse.Namespace(config=Path(sys.argv[1]), window=True), Line(), os.getppid())
"""

PAINTED = """
import asyncio, os, signal, sys
from kiosk.screens import Scene, Starting
from ui.app import run_terminal
from ui.stage import Surroundings

def core_main(show):
    async def live():
        show(Scene(1, Starting()))
        await asyncio.Event().wait()
    return live()

sys.exit(run_terminal(core_main, Surroundings(336.0, 597.0), answer=lambda *_: None, software=True,
                      painted=lambda *_: os.kill(os.getpid(), signal.SIGTERM)))
"""


def test_the_enumerations_of_qt_are_not_made() -> None:
    ended = subprocess.run([sys.executable, "-c", WITHOUT_ENUMERATIONS], timeout=20, check=False)
    assert ended.returncode == 0


def test_the_core_says_what_the_glass_waits_for_before_it_loads_its_loop(tmp_path: Path) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text(f'[data]\ndir = "{tmp_path}"\n')
    ended = subprocess.run(
        [sys.executable, "-c", WHAT_THE_GLASS_WAITS_FOR, str(config)],
        timeout=20,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr


def test_the_numbers_that_stand_for_them_are_theirs() -> None:
    assert Qt.ConnectionType(QUEUED) is Qt.ConnectionType.QueuedConnection
    assert Qt.ConnectionType(ONCE) is Qt.ConnectionType.SingleShotConnection


def test_qt_looks_for_its_modules_where_they_are_and_nowhere_else() -> None:
    reading = read_ahead()
    assert reading is not None
    (place,) = reading.engine.importPathList()
    assert (Path(place) / "QtQuick" / "qmldir").is_file()
    reading.engine.deleteLater()


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="not on this machine: Xvfb")
def test_no_bus_is_launched_where_there_is_none(tmp_path: Path) -> None:
    launcher = tmp_path / "dbus-launch"
    launcher.write_text(f"#!/bin/sh\ntouch {tmp_path}/launched\nexit 1\n")
    launcher.chmod(0o755)
    own = {
        name: value for name, value in os.environ.items() if name not in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
    }
    with x_server() as display:
        ended = subprocess.run(
            [sys.executable, "-c", PAINTED],
            env=own | {"PATH": f"{tmp_path}:{own['PATH']}", "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"},
            timeout=30,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "launched").exists()


def test_the_rules_about_fonts_are_our_own() -> None:
    rules = ElementTree.parse(ASSETS / "fonts.conf").getroot()
    assert rules.find("dir") is not None
    assert rules.find("include") is None
