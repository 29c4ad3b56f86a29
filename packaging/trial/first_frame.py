"""How long the installed terminal takes from exec to its first frame, painted off screen: two numbers as JSON. Run
beside the package with the settings it was installed with, which are used with a folder of their own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PAINTED = re.compile(r"(\w+) painted (\d+) ms after the process began")
"""What the program logs with ``-v`` of its first frame, and of the first that is more than that it is starting."""


def main(settings: Path) -> int:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}
    with tempfile.TemporaryDirectory() as folder:
        own = re.sub(r'(?m)^dir = ".*"$', f'dir = "{folder}/data"', settings.read_text("utf-8"))
        own = re.sub(r'(?m)^path = ".*"$', f'path = "{folder}/insurer.db"', own)
        config = Path(folder) / "kiosk.toml"
        config.write_text(own, "utf-8")
        command = ["kiosk", "-v", "run", "--config", str(config)]
        seconds: dict[str, float] = {}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as terminal:
            assert terminal.stderr is not None
            for line in terminal.stderr:
                if painted := PAINTED.search(line):
                    after_s = round(int(painted[2]) / 1000, 2)
                    seconds.setdefault("first_frame_s", after_s)
                    if painted[1] != "Starting":
                        seconds["screen_s"] = after_s
                        break
            terminal.kill()  # the number is taken; how it ends is another test's affair
    print(json.dumps(seconds))
    return 0 if "screen_s" in seconds else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
