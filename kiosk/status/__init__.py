"""The terminal seen from outside: one snapshot of how it is, and who tells it further.

Owns :class:`Snapshot`, which is all that any way out may read (``kiosk status`` over a socket, Prometheus, the code on
the out-of-order screen; a fleet's link later). Nothing here is about a citizen: conditions, counts and ages.

``snapshot`` has the values, ``tally`` counts while the terminal lives, ``outlook`` puts both together and stands beside
the terminal; ``socket`` and ``metrics`` serve it, ``summary`` signs it for a screen.
"""

from kiosk.status.snapshot import DeviceState, Snapshot, Times, Visits
from kiosk.status.tally import Tally

__all__ = ["DeviceState", "Snapshot", "Tally", "Times", "Visits"]
