"""The gallery's examples, for tests that want one of them."""

from __future__ import annotations

from ui.gallery.states import (
    HOLDER,
    LONG_HOLDER,
    MANY_ACCOUNTS,
    NOW,
    NUMBER,
    ONE_ACCOUNT,
    QR,
    TILES,
    TILES_SHORT,
    AnyScreen,
    month,
    samples,
    scene,
)

__all__ = [
    "HOLDER",
    "LONG_HOLDER",
    "MANY_ACCOUNTS",
    "NOW",
    "NUMBER",
    "ONE_ACCOUNT",
    "QR",
    "TILES",
    "TILES_SHORT",
    "AnyScreen",
    "month",
    "samples",
    "scene",
]
