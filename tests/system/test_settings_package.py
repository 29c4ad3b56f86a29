"""Settings as a package: they count if the program can use them, and what counted before goes on if not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="not a Debian: dpkg-deb is missing"),
]
GOOD = '[terminal]\nid = "ZZ-0042"\n'


def unpacked(folder: Path, version: str, text: str) -> Path:
    """The package's content as dpkg unpacks it, with its scripts below DEBIAN."""
    settings = folder / f"kiosk-{version}.toml"
    settings.write_text(text, "utf-8")
    build: list[str | Path] = [ROOT / "packaging/build-settings", "--version", version, "--out", folder, settings]
    subprocess.run(build, check=True, capture_output=True)
    subprocess.run(["dpkg-deb", "-R", folder / f"yibao-kiosk-settings_{version}_all.deb", folder / "root"], check=True)
    return folder / "root"


def script(root: Path, name: str, *words: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    program = root.parent / "kiosk"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kiosk "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {
        "PATH": path,
        "ROOT": str(root),
        "KIOSK": str(program),
        "DPKG_MAINTSCRIPT_PACKAGE": "yibao-kiosk-settings",
    }
    return subprocess.run(
        ["sh", root / "DEBIAN" / name, *words],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_settings_that_can_be_used_count_until_they_are_removed(tmp_path: Path) -> None:
    root = unpacked(tmp_path, "1", GOOD)
    settings, unit = (root / "etc/yibao-kiosk/settings.toml", root / "etc/systemd/system/yibao-kiosk.service.d")
    assert script(root, "postinst", "configure", "").returncode == 0
    assert settings.read_text() == GOOD
    assert "--config /etc/yibao-kiosk/settings.toml" in (unit / "settings.conf").read_text()
    assert script(root, "prerm", "upgrade", "2").returncode == 0
    assert settings.exists(), "while a newer one comes they go on counting"
    assert script(root, "prerm", "remove").returncode == 0
    assert not settings.exists()
    assert not unit.exists()


@pytest.mark.parametrize(("name", "words"), [("postinst", ("configure", "")), ("prerm", ("remove",))])
def test_the_panel_hears_of_them_too(name: str, words: tuple[str, ...], tmp_path: Path) -> None:
    root, told = unpacked(tmp_path, "1", GOOD), tmp_path / "told"
    (root / "run/systemd/system").mkdir(parents=True)
    programs = tmp_path / "programs"
    programs.mkdir()
    for program in ("systemctl", "udevadm"):
        (programs / program).write_text(f'#!/bin/sh\necho "{program} $*" >>"{told}"\n')
        (programs / program).chmod(0o755)
    assert script(root, name, *words, path=f"{programs}:{os.environ['PATH']}").returncode == 0
    assert told.read_text().splitlines() == [
        "systemctl daemon-reload",
        "udevadm trigger -s input",
        "systemctl try-restart yibao-kiosk-session.service yibao-kiosk.service",
    ]


def test_settings_that_cannot_be_used_change_nothing(tmp_path: Path) -> None:
    root = unpacked(tmp_path, "1", GOOD)
    script(root, "postinst", "configure", "")
    shutil.move(root / "etc", tmp_path / "etc")
    shutil.rmtree(root)
    root = unpacked(tmp_path, "2", GOOD.replace("id", "idd"))
    shutil.move(tmp_path / "etc", root / "etc")
    refused = script(root, "postinst", "configure", "1")
    assert refused.returncode == 1
    assert "idd: is not known here" in refused.stderr
    assert "goes on with those it had" in refused.stderr
    assert (root / "etc/yibao-kiosk/settings.toml").read_text() == GOOD


def test_older_settings_are_refused(tmp_path: Path) -> None:
    refused = script(unpacked(tmp_path, "1", GOOD), "preinst", "upgrade", "2", "1")
    assert refused.returncode == 1
    assert "yibao-kiosk-settings: 1 is older than the installed 2" in refused.stderr
