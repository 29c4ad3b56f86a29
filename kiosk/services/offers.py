"""The tiles by which one service offers another; they import nothing, so services need not know each other."""

from __future__ import annotations

from kiosk.screens import ServiceTile

ACTIVATE = ServiceTile("activate", "activate", 2)
RESET = ServiceTile("reset", "password", 2)
"""The password service, gone straight to the reset."""
BALANCE = ServiceTile("balance", "balance", 1)
