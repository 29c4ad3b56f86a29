"""What makes a package and a session of the program: the files are whole and say what they should. Building it,
installing it on a bare Debian and booting that takes minutes and wants root: ``KIOSK_PACKAGE_TRIAL=1``, or
``packaging/trial/package_trial.py`` by hand.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kiosk import mounting
from tests.helpers.wire import ROOT

PACKAGING = ROOT / "packaging"
SYSTEM = PACKAGING / "root"
UNITS = SYSTEM / "lib/systemd/system"
PANEL: dict[str, Any] = runpy.run_path(str(SYSTEM / "usr/lib/yibao-kiosk/session/panel"), run_name="panel")


def test_a_wheel_carries_everything_that_is_no_python(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("drivers", "kiosk", "ui", "assets"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    built = tmp_path / "built"
    build = (
        "import sys; from setuptools import setup; setup(script_args=['-q', 'build_py', '--build-lib', sys.argv[1]])"
    )
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", build, str(built)], cwd=source, check=True, capture_output=True
    )
    carried = {str(file.relative_to(built)) for file in built.rglob("*")}
    wanted = {
        str(file.relative_to(ROOT))
        for name in ("drivers", "kiosk", "ui", "assets")
        for file in (ROOT / name).rglob("*")
        if file.is_file() and file.suffix not in {".pyc", ".qmlc"}
    }
    assert not wanted - carried


def test_every_dependency_is_locked() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted = {
            re.split(r"[<>=!~\[; ]", line)[0].lower().replace("_", "-")
            for line in tomllib.load(file)["project"]["dependencies"]
        }
    locks = sorted((PACKAGING / "locks").glob("*.txt"))
    assert locks
    for lock in locks:
        lines = [line for line in lock.read_text("ascii").splitlines() if not line.startswith("#")]
        assert all(re.fullmatch(r"[a-z0-9.-]+==\S+ --hash=sha256:[0-9a-f]{64}", line) for line in lines)
        missing = wanted - {line.split("==")[0] for line in lines}
        assert not missing, f"{lock.name} lacks {missing}; run packaging/build-deb --lock"


def test_units_are_well_formed_and_run_what_the_package_holds(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS.glob("*.service"):
        text = unit.read_text("utf-8")
        for program in re.findall(r"^Exec\w+=(\S+)", text, re.MULTILINE):
            here = SYSTEM / program.removeprefix("/")
            assert program == "/usr/bin/kiosk" or os.access(here, os.X_OK), f"{program} is not in the package"
        # Only whether the programs are there differs between this machine and the terminal.
        (tmp_path / unit.name).write_text(re.sub(r"^(Exec\w+)=\S+", r"\1=/bin/true", text, flags=re.MULTILINE), "utf-8")
    units = sorted(str(unit) for unit in tmp_path.glob("*.service"))
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    about_ours = [line for line in (said.stdout + said.stderr).splitlines() if "yibao" in line]
    assert not about_ours


@pytest.mark.parametrize(("unit", "most"), [("yibao-kiosk.service", 1.5), ("yibao-kiosk-session.service", 2.0)])
def test_units_are_locked_in(unit: str, most: float) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNITS / unit)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert exposure is not None
    assert float(exposure[1]) <= most, said


def test_every_unit_has_its_limit_above() -> None:
    assert {unit.name for unit in UNITS.glob("*.service")} == {"yibao-kiosk.service", "yibao-kiosk-session.service"}


def test_nothing_outside_the_program_runs_or_is_writable() -> None:
    programs = sorted(
        str(file.relative_to(SYSTEM)) for file in SYSTEM.rglob("*") if file.is_file() and os.access(file, os.X_OK)
    )
    assert programs == [f"usr/lib/yibao-kiosk/session/{name}" for name in ("await", "hold", "panel")]
    assert (SYSTEM / "etc/systemd/system/ctrl-alt-del.target").readlink() == Path("/dev/null")


def test_maintainer_scripts_are_shell() -> None:
    for name in ("preinst", "postinst", "prerm", "postrm"):
        subprocess.run(["sh", "-n", str(PACKAGING / "deb" / name)], check=True)


@pytest.mark.parametrize(
    ("rotation", "top", "words"),
    [(0, (0.5, 0.0), 0), (90, (1.0, 0.5), 3), (180, (0.5, 1.0), 2), (270, (0.0, 0.5), 1)],
)
def test_touch_is_turned_with_the_picture(rotation: int, top: tuple[float, float], words: int) -> None:
    """``top``: where on the glass the middle of the picture's upper edge stands when it is turned clockwise."""
    screen = {"rotation": rotation}
    a, b, c, d, e, f = PANEL["touch_matrix"](screen)
    assert (a * top[0] + b * top[1] + c, d * top[0] + e * top[1] + f) == (0.5, 0.0)
    assert PANEL["cage"](screen).count("-r") == words
    assert "-s" not in PANEL["cage"](screen), "cage would let people change the virtual terminal"


def test_the_panels_own_correction_comes_before_its_turn() -> None:
    mirrored = [-1, 0, 1, 0, 1, 0]
    a, b, c, d, e, f = PANEL["touch_matrix"]({"rotation": 90, "touch_matrix": mirrored})
    raw = (0.0, 0.5)  # a mirrored panel tells the right edge as its left
    assert (a * raw[0] + b * raw[1] + c, d * raw[0] + e * raw[1] + f) == (0.5, 0.0)


def test_a_panel_that_cannot_be_read_stands_straight(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "kiosk.toml"
    for text in ("[screen]\nrotation = 45\ntouch_matrix = [1]\ninputs = 3\n", "[screen", "screen = 3\n"):
        file.write_text(text, "utf-8")
        screen = PANEL["settings"]((file,))
        assert PANEL["udev_touch"](screen) == "LIBINPUT_CALIBRATION_MATRIX=1 0 0 0 1 0"
        assert PANEL["udev_input"](screen, "046d:c31c") == "LIBINPUT_IGNORE_DEVICE=1"
    assert "rotation must be" in capsys.readouterr().err


def test_a_hall_s_settings_package_takes_the_place_of_the_file_for_the_panel_too(tmp_path: Path) -> None:
    own, packed = (tmp_path / file.name for file in PANEL["PLACES"])
    assert (own.name, packed.name) == ("kiosk.toml", "settings.toml")
    own.write_text("[screen]\nrotation = 90\n", "utf-8")
    assert PANEL["settings"]((own, packed)) == {"rotation": 90}
    packed.write_text('[screen]\nrotation = 270\ninputs = ["046d:c31c"]\n', "utf-8")
    assert PANEL["settings"]((own, packed)) == {"rotation": 270, "inputs": ["046d:c31c"]}
    packed.write_text("[screen", "utf-8")
    assert PANEL["settings"]((own, packed)) == {}, "the terminal refuses this file, and reads no other"


def test_only_listed_keypads_speak_to_the_screen() -> None:
    screen = {"inputs": ["046D:c31c"]}
    assert PANEL["udev_input"](screen, "046d:C31C") == "LIBINPUT_IGNORE_DEVICE=0"
    assert PANEL["udev_input"](screen, "dead:beef") == "LIBINPUT_IGNORE_DEVICE=1"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rotation", 45),
        ("touch_matrix", [1, 2]),
        ("touch_matrix", ["a"] * 6),
        ("inputs", ["keyboard"]),
        ("inputs", [3]),
    ],
)
def test_the_terminal_tells_what_the_session_only_passes_over(key: str, value: object) -> None:
    assert mounting.mistake(key, value)


def test_the_session_and_the_terminal_agree_on_rotations_and_keys() -> None:
    assert set(PANEL["TURNED"]) == set(mounting.ROTATIONS)
    assert not any(mounting.mistake(key, default) for key, (_, default) in mounting.KEYS.items())


def test_a_tree_that_is_kept_has_the_package_in_it() -> None:
    plan = runpy.run_path(str(PACKAGING / "trial" / "package_trial.py"), run_name="trial")["plan"]
    assert plan(boot=True, keep=False)[-2:] == ("remove", "purge")
    assert plan(boot=False, keep=True) == ("install", "doctor", "cold start", "demo", "upgrade")


@pytest.mark.skipif("KIOSK_PACKAGE_TRIAL" not in os.environ, reason="takes minutes and root: KIOSK_PACKAGE_TRIAL=1")
@pytest.mark.system
def test_on_a_bare_debian(tmp_path: Path) -> None:
    """Install, play, boot, upgrade, remove, purge. ``KIOSK_PACKAGE`` may name a package that is built already."""
    words = ["--out", str(tmp_path / "trial.json")]
    if "KIOSK_PACKAGE" in os.environ:
        words += ["--deb", os.environ["KIOSK_PACKAGE"]]
    script = PACKAGING / "trial" / "package_trial.py"
    ended = subprocess.run([sys.executable, str(script), *words], capture_output=True, text=True, check=False)
    assert (tmp_path / "trial.json").exists(), ended.stderr
    assert json.loads((tmp_path / "trial.json").read_text("utf-8"))["wrong"] == []
