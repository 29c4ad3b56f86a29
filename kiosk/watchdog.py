"""What proves that the terminal lives, and telling systemd so.

Owns the last painted frame, the last step of the core and the count of errors that nobody caught, written by the two
loops and read by whoever wants to know; and the few datagrams of sd_notify(3). It starts nothing anew: that is
systemd's work, which gets a sign of life only while both loops prove that they go on.
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path

STEP_S = 0.5
"""From one proof of the core's loop to the next."""
FRAME_S = 2.0
"""From one proof of the glass to the next, where no watchdog asks for it more often."""
ASKED_OFTEN = 4
"""So many signs of life within what systemd waits for: sd_watchdog_enabled(3) asks for two, and one may be lost on a
busy machine."""


class Vitals:
    """Each value is written by one thread, whole, and may be read by any."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._painted: float | None = None
        self._stepped = clock()
        self._core_over = False
        self.uncaught = Counter(core=0, glass=0)
        """Errors that nobody caught, by where they were. Both are there from the start: the core reads them while the
        glass may count one, and no dict takes a new key while it is read."""

        self.elsewhere_bytes = 0
        """What the terminal's other process holds, where it has two."""

    def now(self) -> float:
        """The clock that ages are measured with."""
        return self._clock()

    def painted(self) -> None:
        """A frame has reached the glass."""
        self._painted = self._clock()

    def stepped(self) -> None:
        """The core's loop had its turn."""
        self._stepped = self._clock()

    def core_over(self) -> None:
        """The core has ended, and the glass says so: it is not asked for any more."""
        self._core_over = True

    @property
    def frame_age_s(self) -> float | None:
        """``None`` before the first frame."""
        return None if self._painted is None else self._clock() - self._painted

    @property
    def step_age_s(self) -> float:
        return 0.0 if self._core_over else self._clock() - self._stepped

    async def keep_stepping(self) -> None:
        """On the core's loop, until cancelled."""
        import asyncio  # the glass does without

        while True:
            self.stepped()
            await asyncio.sleep(STEP_S)


class Notifier:
    """The socket that systemd listens on. A message that cannot be sent is lost; nobody waits for it."""

    def __init__(self, address: str) -> None:
        # "@" stands for the zero byte of Linux's abstract names: sd_notify(3).
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def tell(self, *assignments: str) -> None:
        """``READY=1``, ``WATCHDOG=1``, ``STATUS=…``: one datagram. From any thread."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
                telling.setblocking(False)
                telling.sendto("\n".join(assignments).encode(), self._address)
        except OSError:
            pass  # whoever does not listen is not told; systemd notices by itself


class Watchdog:
    """Signs of life for systemd: one per painted frame and ``every_s``, while the core goes on as well.

    Without a supervisor (``notifier`` is ``None``) only :class:`Vitals` are kept.
    """

    def __init__(self, vitals: Vitals, notifier: Notifier | None, interval_s: float | None = None) -> None:
        self.vitals = vitals
        self._notifier = notifier
        self._watched = notifier is not None and interval_s is not None
        self.every_s = FRAME_S if interval_s is None else min(FRAME_S, interval_s / ASKED_OFTEN)
        """How often a frame must be painted, even where nothing moves."""
        self._ready = False
        self._told = vitals.now() - self.every_s
        self._status = ""

    @classmethod
    def of_environment(cls, vitals: Vitals, environment: MutableMapping[str, str] = os.environ) -> Watchdog:
        """As systemd told this process; taken out of the environment, for children have nothing to say there."""
        address = environment.pop("NOTIFY_SOCKET", "")
        interval = _interval_s(environment)
        for name in ("WATCHDOG_USEC", "WATCHDOG_PID"):
            environment.pop(name, None)
        usable = hasattr(socket, "AF_UNIX") and address[:1] in ("/", "@") and len(address) > 1
        return cls(vitals, Notifier(address) if usable else None, interval)

    def painted(self, screen: str) -> None:
        """On the GUI's thread, for each frame: ``screen`` is what stands on the glass."""
        self.vitals.painted()
        if self._notifier is None:
            return
        if not self._ready and screen != "Starting":
            self._ready = True
            self._notifier.tell("READY=1", f"STATUS={self._status or screen}")
        if not self._ready:
            return
        now = self.vitals.now()
        # Half of the distance: a frame that comes a little early must not put the next sign off by a whole one.
        if self._watched and now - self._told >= self.every_s / 2 and self.vitals.step_age_s < STEP_S + self.every_s:
            self._told = now
            self._notifier.tell("WATCHDOG=1")

    def status(self, line: str) -> None:
        """One line for ``systemctl status``."""
        if line != self._status:
            self._status = line
            if self._notifier is not None and self._ready:
                self._notifier.tell(f"STATUS={line}")

    def stopping(self) -> None:
        if self._notifier is not None:
            self._notifier.tell("STOPPING=1", "STATUS=stopping")


def resident_bytes() -> int:
    """What this process holds in memory. proc(5), ``statm``: the second field, in pages."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _interval_s(environment: Mapping[str, str]) -> float | None:
    """What ``WATCHDOG_USEC`` says, if it is meant for this process."""
    meant_for = environment.get("WATCHDOG_PID", "")
    if meant_for and meant_for != str(os.getpid()):
        return None
    try:
        microseconds = int(environment.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return microseconds / 1e6 if microseconds > 0 else None
