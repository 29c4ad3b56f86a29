"""A thousand deaths: ``python -m tests.system.kill_a_thousand_times [COUNT [SEED]]``.

The whole run of ``tests/system/test_kills.py``; some eight minutes on four cores. Prints what it saw as JSON and ends
with 1 if any witness contradicts another.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.helpers.killing import main

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="kiosk-kills-") as folder:
        sys.exit(main(sys.argv[1:] or ["1000"], Path(folder)))
