"""The tiles by which one service offers another; they import nothing, so services need not know each other."""

from __future__ import annotations

from kiosk.screens import ServiceTile

ACTIVATE = ServiceTile("activate", "activate")
RESET = ServiceTile("reset", "password")
"""The password service, gone straight to the reset."""
BALANCE = ServiceTile("balance", "balance")
