"""Two terminals never share a folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.config import ConfigError
from kiosk.only_one import claim

HOLD = """
import sys
from pathlib import Path
from kiosk.only_one import claim
claim(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_terminal_is_refused_until_the_first_has_ended_however_it_ended(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ConfigError, match=r"another terminal runs with .*data; see kiosk status"):
            claim(folder)
        other.kill()
    claim(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
