"""The gallery's rules, for tests of windows that are not in the gallery."""

from __future__ import annotations

from ui.gallery.measure import (
    SLACK,
    clip_of,
    contrast,
    contrast_findings,
    findings,
    heights_mm,
    is_target,
    is_text,
    on_glass,
    visible_items,
)

__all__ = [
    "SLACK",
    "clip_of",
    "contrast",
    "contrast_findings",
    "findings",
    "heights_mm",
    "is_target",
    "is_text",
    "on_glass",
    "visible_items",
]
