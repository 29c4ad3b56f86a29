"""Reads codes from the frames of a camera as they come: the cascade, spread over the frames.

Owns what is remembered between frames: whose turn it is among the dearer ways of looking, and the region that held
finder patterns a moment ago, which is tried first and hardest. It keeps no text and knows no camera. An empty frame
costs one cheap look and one dear one; all ways have had their turn after eight frames, a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from drivers.api import Scan
from drivers.scanner import decode, finder
from drivers.scanner.decode import Grey, Picture, Way

_TURNS: tuple[tuple[Way, ...], ...] = (
    (decode.half_box, decode.half_fixed),
    (decode.box,),
    (decode.half_box,),
    (decode.full_effort,),
    (decode.half_box, decode.sharpened),
    (decode.fixed_dark,),
    (decode.half_box,),
    (decode.fixed_bright,),
)
"""What each frame in turn is for. The half-size box is cheap and reads most: it has every other frame."""
_IN_REGION: tuple[Way, ...] = (
    decode.box,
    decode.sharpened_whole,
    decode.fixed_dark,
    decode.full_effort,
    decode.fixed_bright,
    decode.half_fixed,
)
_DARKER = 20
"""Grey levels below its surroundings that make a pixel dark in the search for finder patterns: above sensor noise."""
_REMEMBERED = 5
"""Searches, one every other frame, after which a region without finder patterns is forgotten: a trembling hand loses
them often."""
_PIXELS = 350_000
"""Work on the region a frame, counted in pixels looked at; but always one way."""


class Stream:
    """One camera's frames, in order: :meth:`look` at each."""

    def __init__(self, formats: Sequence[str] = decode.CAMERA_FORMATS) -> None:
        self._formats = decode.zxing_formats(formats)
        self._turn = 0
        self._region_turn = 0
        self._region: tuple[slice, slice] | None = None
        self._size = (0, 0)
        self._remembered = 0

    def look(self, grey: Grey) -> list[Scan]:
        """The codes that this frame shows to the ways whose turn it is."""
        picture = Picture(grey)
        if picture.size != self._size:
            self._size, self._region = picture.size, None
        ways = (decode.half_global, *_TURNS[self._turn])
        self._turn = (self._turn + 1) % len(_TURNS)
        scans = self._look_at_region(grey)
        for way in () if scans else ways:
            if scans := way(picture, self._formats):
                break
        if not scans and decode.half_box in ways:  # the search for patterns shares its mean
            self._remember(picture)
        return scans

    def _look_at_region(self, grey: Grey) -> list[Scan]:
        if self._region is None:
            return []
        part = Picture(np.ascontiguousarray(grey[self._region]))
        work = 0
        for _ in _IN_REGION:
            if scans := _IN_REGION[self._region_turn](part, self._formats):
                return scans  # the way that read is the first one next time
            self._region_turn = (self._region_turn + 1) % len(_IN_REGION)
            work += part.grey.size
            if work + part.grey.size > _PIXELS:
                break
        return []

    def _remember(self, picture: Picture) -> None:
        lower = cv2.addWeighted(picture.half_mean, 1, picture.half_mean, 0, -_DARKER)
        dark = cv2.compare(picture.half, lower, cv2.CMP_GT)
        binary: Grey = np.asarray(dark, np.uint8)
        scale = picture.grey.shape[1] / picture.half.shape[1]
        region = finder.region(finder.finders(binary), picture.size, scale)
        if region is not None:
            self._region, self._remembered = region, _REMEMBERED
        elif self._region is not None:
            self._remembered -= 1
            if self._remembered <= 0:
                self._region = None
