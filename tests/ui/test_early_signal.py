"""A terminal that is told to stop before its event loop runs stops all the same."""

import subprocess
import sys

EARLY = """
import asyncio, os, signal, sys
from kiosk.screens import Scene, Starting
from ui.app import run_terminal
from ui.stage import Surroundings

def core_main(show):
    async def live():
        os.kill(os.getpid(), signal.SIGTERM)
        show(Scene(1, Starting()))
        await asyncio.Event().wait()
    return live()

sys.exit(run_terminal(core_main, Surroundings(336.0, 597.0), answer=lambda *_: None, fullscreen=False, software=True))
"""


def test_a_signal_before_the_first_frame_is_not_lost() -> None:
    ended = subprocess.run([sys.executable, "-c", EARLY], timeout=20, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
