"""How a signal reaches its slot, as the numbers of ``Qt::ConnectionType``.

Shared by all that is loaded before the first frame: whoever names the enumeration itself has Python make all those of
Qt's namespace, which takes 20 ms (ADR 0016). ``connect`` takes the number as well, though its stub does not say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PySide6.QtCore import Qt

QUEUED = cast("Qt.ConnectionType", 2)
"""By the receiver's event loop, also within one thread: ``Qt::QueuedConnection``."""
ONCE = cast("Qt.ConnectionType", 0x100)
"""The first time only: ``Qt::SingleShotConnection``."""
