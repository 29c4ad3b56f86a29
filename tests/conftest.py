"""What holds for every test: no screen, no network beyond this machine, and the same examples on every run."""

from __future__ import annotations

import os

# Before anything imports Qt.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_QUICK_BACKEND"] = "software"

import ipaddress
import sys
from typing import Any

from hypothesis import HealthCheck, settings

settings.register_profile(
    "same-every-time",
    derandomize=True,
    database=None,
    deadline=None,  # the machine may be busy; slowness is measured elsewhere
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same-every-time")


def _only_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    """A test that reaches for a real network has a missing fake: it fails at the attempt, not by luck."""
    if event != "socket.connect":
        return
    address = arguments[1]
    if not isinstance(address, tuple) or address[0] in ("", "localhost"):
        return  # a Unix socket, or this machine by name
    try:
        if ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
            return
    except ValueError:
        pass  # another machine by name
    raise AssertionError(f"a test tried to connect to {address[0]}: use a peer on 127.0.0.1")


# An audit hook sees every connection of this process, whichever library makes it.
sys.addaudithook(_only_this_machine)
