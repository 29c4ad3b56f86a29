"""What keeps the terminal from standing is said in one line with its remedy, and in the exit status."""

import os
import subprocess
import sys
from pathlib import Path

from drivers.discretion import WIPING

OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def _run(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    config = folder / "kiosk.toml"
    config.write_text(
        '[devices]\nidcard = "sdt:/dev/null"\nprinter = "escpos:tcp://127.0.0.1:9"\n'
        f'[insurer]\nkind = "embedded"\npath = "{folder / "insurer.db"}"\n[data]\ndir = "{folder / "data"}"\n',
        "utf-8",
    )
    own = {name: value for name, value in os.environ.items() if name not in DISPLAYS}
    return subprocess.run(
        [sys.executable, "-m", "kiosk", "run", "--config", str(config)],
        env={**own, **WIPING, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_a_display_it_says_so_and_does_not_abort(tmp_path: Path) -> None:
    ended = _run(tmp_path, {})
    assert ended.returncode == 69, ended.stderr
    assert "no display here" in ended.stderr


def test_a_key_that_cannot_be_used_is_named_with_what_to_do(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "seal.pem").write_text("no key", "ascii")
    (data / "seal.pem").chmod(0o600)
    ended = _run(tmp_path, OFFSCREEN)
    assert ended.returncode == 2, ended.stderr
    assert f"{data / 'seal.pem'} holds no private key in PEM: restore it" in ended.stderr
