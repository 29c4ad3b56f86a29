"""The chords of the package's trial reach whoever has the keyboard, each of them: xdotool takes none for itself."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import threading

import pytest

from tests.system import hammer

HANDS = runpy.run_path(str(hammer.ROOT / "packaging" / "trial" / "hands.py"))
NEEDS = ("Xvfb", "xdotool", "xev")
HEARD_S = 20.0
TAKEN_BY_THE_SERVER = "XF86Switch_VT_"
"""It changes the console itself, and no window hears of it."""
PRESSED = re.compile(r"keysym (0x[0-9a-f]+), (\w+)\)")
lacking = [name for name in NEEDS if shutil.which(name) is None]


@pytest.mark.skipif(bool(lacking), reason=f"not on this machine: {', '.join(lacking)}")
def test_every_key_alone_is_pressed() -> None:
    """A lone chord that is also a word of xdotool's own printed its help, and nobody pressed the key."""
    keys: tuple[str, ...] = HANDS["KEYS"]
    silent = {key for key in keys if not key.startswith(TAKEN_BY_THE_SERVER)}
    with hammer.x_server() as display:
        environment = os.environ | {"DISPLAY": display, "LC_ALL": "C.UTF-8"}

        def strike(*words: str, lines: tuple[str, ...] = ()) -> str:
            return subprocess.run(
                ["xdotool", *words],
                input="\n".join([*lines, ""]),
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=HEARD_S,
                check=True,
            ).stdout.strip()

        window = subprocess.Popen(
            ["xev", "-geometry", f"{hammer.WIDTH}x{hammer.HEIGHT}+0+0", "-event", "keyboard"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        deadline = threading.Timer(HEARD_S, window.terminate)
        deadline.start()
        try:
            strike("search", "--sync", "--onlyvisible", "--name", "Event Tester")
            assert strike("-", lines=("mousemove 100 100", *(f"key --delay 2 {key}" for key in keys))) == ""
            assert window.stdout is not None
            for line in window.stdout:
                silent -= {name for key in PRESSED.findall(line) for name in key}
                if not silent:
                    break
        finally:
            deadline.cancel()
            window.terminate()
            window.communicate(timeout=10)
    assert silent == set()
