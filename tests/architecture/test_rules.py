"""The project obeys the rules of the house, and each rule is able to fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.rules import ROOT, RULES, Rule

BY_NAME = {rule.name: rule for rule in RULES}

DOC = '"""Says what it owns."""\n'

BREAKS: list[tuple[str, str, str]] = [
    ("drivers know nothing above them", "drivers/card/pcsc.py", DOC + "from kiosk.money import Fen\n"),
    ("drivers know nothing above them", "drivers/x.py", DOC + "def f():\n    import ui.app\n"),
    (
        "drivers know nothing above them",
        "drivers/x.py",
        DOC + "import importlib\nimportlib.import_module('kiosk.pin')\n",
    ),
    ("kiosk knows nothing above it", "kiosk/visit.py", DOC + "from ui import app\n"),
    ("kiosk knows nothing above it", "kiosk/commands/demo.py", DOC + "import ui.app\n"),
    ("kiosk knows nothing above it", "kiosk/simulation/run.py", DOC + "import tests.helpers.people\n"),
    ("ui ships without the tests", "ui/app.py", DOC + "from tests.helpers import people\n"),
    ("kiosk is free of vendors", "kiosk/visit.py", DOC + "from PySide6.QtCore import QObject\n"),
    ("kiosk is free of vendors", "kiosk/commands/scan.py", DOC + "def f():\n    import cv2\n"),
    ("kiosk is free of vendors", "kiosk/receipts/out.py", DOC + "import escpos.printer\n"),
    ("only ui knows Qt", "drivers/scanner/camera.py", DOC + "from PySide6 import QtGui\n"),
    ("the core knows protocols, not drivers", "kiosk/identity.py", DOC + "from drivers.card.pcsc import PcscReader\n"),
    ("the core knows protocols, not drivers", "kiosk/visit.py", DOC + "from drivers.registry import open_device\n"),
    ("the core knows protocols, not drivers", "kiosk/visit.py", DOC + "from drivers import registry\n"),
    ("time and chance are given, never taken", "kiosk/visit.py", DOC + "import time\n"),
    ("time and chance are given, never taken", "kiosk/a_module_to_come.py", DOC + "import random\n"),
    ("time and chance are given, never taken", "kiosk/services/activate.py", DOC + "from random import choice\n"),
    (
        "time and chance are given, never taken",
        "kiosk/pin.py",
        DOC + "from datetime import UTC, datetime\nx = datetime.now(UTC)\n",
    ),
    ("time and chance are given, never taken", "kiosk/faults.py", DOC + "import datetime\nx = datetime.date.today()\n"),
    ("time and chance are given, never taken", "kiosk/identity.py", DOC + "import os\nx = os.urandom(4)\n"),
    ("nothing is left for later", "kiosk/visit.py", DOC + "# TO" + "DO: the rest\n"),
    ("nothing is left for later", "ui/qml/Main.qml", "// FIX" + "ME\nItem {}\n"),
    ("nothing is left for later", "drivers/x.py", DOC + "def f():\n    raise NotImplementedError\n"),
    ("nothing is left for later", "drivers/x.py", DOC + "def f():\n    raise NotImplementedError('soon')\n"),
    ("fakes behave, they are not patched in", "tests/unit/test_x.py", "from unittest import mock\n"),
    ("fakes behave, they are not patched in", "tests/unit/test_x.py", "from unittest.mock import patch\n"),
    ("fakes behave, they are not patched in", "tests/unit/test_x.py", "def test_x(mocker): ...\n"),
    ("tests do not sleep", "tests/unit/test_x.py", "import time\n\ndef test_x():\n    time.sleep(1)\n"),
    ("tests do not sleep", "tests/unit/test_x.py", "from time import sleep\n"),
    ("tests do not sleep", "tests/ui/test_x.py", "def test_x(qtbot):\n    qtbot.wait(100)\n"),
    ("no drawers", "kiosk/utils.py", DOC),
    ("no drawers", "drivers/card/card_helper.py", DOC),
    ("no drawers", "kiosk/misc/words.py", DOC),
    ("no drawers", "ui/qml/ScreenManager.qml", "Item {}\n"),
    ("no drawers", "kiosk/visit.py", DOC + "class VisitManager: ...\n"),
    ("every module says what it owns", "kiosk/visit.py", "X = 1\n"),
    ("only Qt modules that we may and do ship", "ui/app.py", DOC + "from PySide6.QtCharts import QChart\n"),
    ("only Qt modules that we may and do ship", "ui/app.py", DOC + "from PySide6 import QtMultimedia\n"),
    ("only Qt modules that we may and do ship", "ui/qml/Main.qml", "import QtQuick.VirtualKeyboard\nItem {}\n"),
    ("screens use the theme", "ui/qml/screens/Menu.qml", 'Rectangle {\n    color: "#ffffff"\n}\n'),
    ("screens use the theme", "ui/qml/screens/Menu.qml", "Text {\n    font.pixelSize: 24\n}\n"),
    ("screens use the theme", "ui/qml/screens/Menu.qml", "Column {\n    spacing: 12 // air\n}\n"),
]

OBEYS: list[tuple[str, str]] = [
    ("kiosk/__main__.py", DOC + "def main():\n    from drivers.registry import open_device\n    from ui import app\n"),
    ("kiosk/commands/card.py", DOC + "from drivers.registry import open_device\n"),
    ("kiosk/visit.py", DOC + "import asyncio\nfrom datetime import datetime\nfrom drivers.api import Card\n"),
    ("kiosk/visit.py", DOC + "async def f(clock, loop):\n    return clock.now(), loop.time()\n"),
    ("kiosk/simulation/world.py", DOC + "import random\nfrom drivers.card.mock import MockReader\n"),
    ("kiosk/insurer/server.py", DOC + "import time\n"),
    ("drivers/card/pcsc.py", DOC + "def f():\n    import smartcard.scard\n    from .apdu import Command\n"),
    (
        "ui/stage.py",
        DOC + "from PySide6.QtCore import QObject\nfrom PySide6 import QtQml\nfrom kiosk.screens import Screen\n",
    ),
    (
        "ui/qml/screens/Menu.qml",
        "Rectangle {\n    color: Theme.colour.paper\n    width: Theme.mm(120)\n    spacing: 0\n}\n",
    ),
    ("ui/qml/style/Values.qml", 'QtObject {\n    property color ink: "#14211F"\n}\n'),
    ("tests/helpers/people.py", "X = 1\n"),
    ("tests/helpers/hosted_mute.py", "import time\n\ndef wait():\n    time.sleep(9)\n"),
    ("tests/unit/test_x.py", "import asyncio\n\nasync def test_x():\n    await asyncio.sleep(0)\n"),
    ("drivers/__init__.py", ""),
]


def plant(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_project_obeys(rule: Rule) -> None:
    rule.check(ROOT)


@pytest.mark.parametrize(("name", "path", "text"), BREAKS, ids=[f"{b[0]}-{n}" for n, b in enumerate(BREAKS)])
def test_a_broken_rule_is_found_and_explained(tmp_path: Path, name: str, path: str, text: str) -> None:
    plant(tmp_path, path, text)
    with pytest.raises(AssertionError) as failure:
        BY_NAME[name].check(tmp_path)
    assert path in str(failure.value), "the failure must name the file"
    assert BY_NAME[name].why in str(failure.value), "the failure must say why"


@pytest.mark.parametrize(("path", "text"), OBEYS, ids=[f"{o[0]}-{n}" for n, o in enumerate(OBEYS)])
def test_what_is_allowed_is_not_called_broken(tmp_path: Path, path: str, text: str) -> None:
    plant(tmp_path, path, text)
    for rule in RULES:
        rule.check(tmp_path)


def test_every_rule_has_an_example_that_breaks_it() -> None:
    assert {name for name, _, _ in BREAKS} == set(BY_NAME)


def test_an_environment_inside_the_tree_is_not_ours(tmp_path: Path) -> None:
    for place in (".venv/lib/kiosk", "build/kiosk", "out"):
        plant(tmp_path, f"{place}/utils.py", "# TO" + "DO\n")
    for rule in RULES:
        rule.check(tmp_path)
