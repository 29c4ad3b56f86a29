"""The ``kiosk`` program with a glass that can be made stuck: SIGUSR1 lets the GUI's thread compute for ever, as a slot
that never returns would; SIGUSR2 raises an error there that nobody catches.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

from kiosk.__main__ import main

SECRET = "410105199003071234"


def _compute(_number: int, _frame: FrameType | None) -> None:
    while True:
        pass


def _fail(_number: int, _frame: FrameType | None) -> None:
    from PySide6.QtCore import QTimer

    def slot() -> None:
        raise KeyError(SECRET)

    QTimer.singleShot(0, slot)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _compute)
    signal.signal(signal.SIGUSR2, _fail)
    sys.exit(main())
