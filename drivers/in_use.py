"""A device file that another program of this machine holds: no cable helps, that program must go.

Owns the question and its words for staff. Beside a terminal that runs, that program is the terminal itself.
"""

from __future__ import annotations

import errno

HELD = "another program holds it"
_HELD = frozenset({errno.EAGAIN, errno.EBUSY})
"""A serial port that is locked; a keyboard that is grabbed, a USB printer or camera that is claimed."""


def held(error: BaseException) -> bool:
    """Whether that is why a device file could not be opened."""
    return isinstance(error, OSError) and error.errno in _HELD
