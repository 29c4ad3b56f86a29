"""Finds and reads codes in one grey picture, tuned for phone screens before a camera.

Owns the cascade: the ways in which a picture is looked at, cheapest first, until one of them reads. Each way is cheap
enough to be one frame's work, so that :mod:`drivers.scanner.stream` can spread them over the frames of a camera. It
remembers nothing from picture to picture and knows no camera. Import it in the process that decodes: it needs OpenCV.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from drivers.api import Scan

Grey = NDArray[np.uint8]
Formats = Any
"""A list of zxing-cpp's, whose stubs ask for a type that it does not export."""

CAMERA_FORMATS = ("QRCode",)
"""All credentials of docs/protocols.md section 4 are QR codes; all formats would cost ten times as much a frame."""
FILE_FORMATS = ("QRCode", "MicroQRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "EAN13")
"""Formats with a checksum that noise does not meet by chance."""

# Six levels at half size and ten at full size, even steps; measured on the frames of drivers/scanner/specimens.py.
_HALF_LEVELS = (40, 75, 110, 145, 180, 215)
_DARK_LEVELS = (30, 52, 74, 96, 118)
_BRIGHT_LEVELS = (140, 162, 184, 206, 228)
_HALF_BOX, _FULL_BOX = 31, 61
"""Sides of the boxes whose mean is the threshold, in pixels."""

# Measured on 900 synthetic frames 1280x720: the values trade empty-frame time for codes read.
_REDUCED_WIDTH = 640
_CELL = 8  # pixels of the reduced picture that make one cell of the map of busy regions; even
_BUSY_TIMES = 2.0  # busier than this multiple of the frame's median ...
_BUSY_PLUS = 8.0  # ... plus this is worth a closer look
_SMALLEST = 9  # cells
_REGIONS = 3
_PIXELS = 300_000  # all regions together, but always at least one


class Picture:
    """A grey picture and what several ways of looking at it share, made when first needed."""

    def __init__(self, grey: Grey) -> None:
        self.grey = grey

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.grey.shape[1], self.grey.shape[0]

    @cached_property
    def half(self) -> Grey:
        height, width = self.grey.shape
        size = (max(1, width // 2), max(1, height // 2))
        return _grey(cv2.resize(self.grey, size, interpolation=cv2.INTER_AREA))

    @cached_property
    def half_mean(self) -> Grey:
        """About each pixel of the half."""
        return _grey(cv2.blur(self.half, (_HALF_BOX, _HALF_BOX)))


Way = Callable[[Picture, Formats], list[Scan]]


def half_global(picture: Picture, formats: Formats) -> list[Scan]:
    """At half size, with the one threshold that zxing-cpp takes from the picture's histogram. The cheapest of all."""
    return _zxing(picture.half, formats, zxingcpp.Binarizer.GlobalHistogram, try_downscale=False)


def half_box(picture: Picture, formats: Formats) -> list[Scan]:
    """At half size, white where a pixel is lighter than the box about it."""
    return _black_and_white(_grey(cv2.compare(picture.half, picture.half_mean, cv2.CMP_GT)), formats)


def half_fixed(picture: Picture, formats: Formats) -> list[Scan]:
    """At half size, at fixed thresholds from dark to bright, until one of them reads."""
    return _fixed(picture.half, _HALF_LEVELS, formats)


def fixed_dark(picture: Picture, formats: Formats) -> list[Scan]:
    """At full size, at the fixed thresholds of the dark half."""
    return _fixed(picture.grey, _DARK_LEVELS, formats)


def fixed_bright(picture: Picture, formats: Formats) -> list[Scan]:
    """At full size, at the fixed thresholds of the bright half."""
    return _fixed(picture.grey, _BRIGHT_LEVELS, formats)


def full_effort(picture: Picture, formats: Formats) -> list[Scan]:
    """Everything that zxing-cpp does by itself."""
    return _zxing(picture.grey, formats)


def box(picture: Picture, formats: Formats) -> list[Scan]:
    """At full size and smoothed a little, white where a pixel is lighter than the box about it."""
    return _black_and_white(_over_mean(_grey(cv2.blur(picture.grey, (3, 3)))), formats)


def sharpened(picture: Picture, formats: Formats) -> list[Scan]:
    """What is out of focus or moved, made crisp; where the picture is as busy as a code."""
    reduced = _reduce(picture.grey)
    scale = picture.grey.shape[1] / reduced.shape[1]
    for region in _busy_regions(reduced, scale):
        if scans := sharpened_whole(Picture(np.ascontiguousarray(picture.grey[region])), formats):
            return scans
    return []


def sharpened_whole(picture: Picture, formats: Formats) -> list[Scan]:
    """The whole picture made crisp: white where lighter than the box about it, else at zxing-cpp's local thresholds."""
    crisp = _sharpen(picture.grey)
    return _black_and_white(_over_mean(crisp), formats) or _zxing(
        crisp, formats, zxingcpp.Binarizer.LocalAverage, try_downscale=False
    )


CASCADE: tuple[Way, ...] = (
    half_global,
    half_box,
    half_fixed,
    fixed_dark,
    fixed_bright,
    full_effort,
    box,
    sharpened,
    sharpened_whole,
)


def read(grey: Grey, formats: Sequence[str] = CAMERA_FORMATS) -> list[Scan]:
    """The codes in one camera frame, as many as the first successful look shows."""
    wanted, picture = zxing_formats(formats), Picture(grey)
    for way in CASCADE:
        if scans := way(picture, wanted):
            return scans
    return []


def read_thoroughly(grey: Grey, formats: Sequence[str] = FILE_FORMATS) -> list[Scan]:
    """The codes in one picture for which there is time: every way of looking until one finds something.

    Several codes, also of several formats, are all found as long as they are easy; else the first that can be read.
    """
    wanted, picture = zxing_formats(formats), Picture(grey)
    if scans := _unique((*full_effort(picture, wanted), *_zxing(_reduce(grey), wanted))):
        return scans
    if scans := read(grey, [name for name in formats if name in CAMERA_FORMATS] or formats):
        return scans
    for view in _views(grey):
        if scans := _zxing(view, wanted):
            return scans
    return []


def to_grey(picture: Any) -> Grey:
    """Any picture that OpenCV can load, as 8-bit grey on white."""
    if picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    elif picture.dtype != np.uint8:
        picture = (np.clip(np.nan_to_num(picture), 0.0, 1.0) * 255).astype(np.uint8)
    if picture.ndim == 3 and picture.shape[2] == 4:
        # Transparent is what paper is: white. A code on transparent ground would else be black on black.
        alpha = picture[:, :, 3:].astype(np.uint16)
        picture = ((picture[:, :, :3] * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    if picture.ndim == 3 and picture.shape[2] == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return _grey(np.ascontiguousarray(picture.reshape(picture.shape[:2])))


def _views(grey: Grey) -> Iterator[Grey]:
    for scale in (1.0, 0.5, 0.25, 2.0):
        if not 120 <= max(grey.shape) * scale <= 6000:
            continue
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        scaled = _grey(cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC))
        soft = _grey(cv2.blur(scaled, (3, 3)))
        yield soft
        yield _sharpen(scaled)
        yield _grey(cv2.createCLAHE(3.0, (8, 8)).apply(soft))
        yield _grey(cv2.adaptiveThreshold(soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 75, 2))
        # A code printed to the very edge has no quiet zone: give it one.
        yield _grey(cv2.copyMakeBorder(scaled, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=(255,)))


def _reduce(grey: Grey) -> Grey:
    height, width = grey.shape
    if width <= _REDUCED_WIDTH * 1.25:
        return grey
    size = (_REDUCED_WIDTH, max(1, round(height * _REDUCED_WIDTH / width)))
    return _grey(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))


def _sharpen(grey: Grey) -> Grey:
    soft = cv2.blur(grey, (3, 3))
    return _grey(cv2.addWeighted(soft, 2.5, cv2.blur(soft, (9, 9)), -1.5, 0))


def _busy_regions(reduced: Grey, scale: float) -> Iterator[tuple[slice, slice]]:
    """Regions of the full picture with many edges in both directions, largest first."""
    height, width = reduced.shape
    cells = (max(1, width // _CELL), max(1, height // _CELL))
    tiny = cv2.resize(reduced, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    edges = [
        cv2.resize(cv2.convertScaleAbs(cv2.Sobel(tiny, cv2.CV_16S, *way)), cells, interpolation=cv2.INTER_AREA)
        for way in ((1, 0), (0, 1))
    ]
    busy = cv2.blur(cv2.min(*edges), (3, 3))
    mask = (busy > float(np.median(busy)) * _BUSY_TIMES + _BUSY_PLUS).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    pixels = 0.0
    step = _CELL * scale
    for index in sorted(range(1, count), key=lambda i: -int(stats[i, cv2.CC_STAT_AREA]))[:_REGIONS]:
        x, y, wide, high, area = (int(value) for value in stats[index])
        if area < _SMALLEST or wide < 3 or high < 3:
            continue
        # The quiet zone and the faint rim of the code belong to it.
        beside, above = max(2, wide // 5), max(2, high // 5)
        left, right = max(0, x - beside) * step, (x + wide + beside) * step
        top, bottom = max(0, y - above) * step, (y + high + above) * step
        size = (right - left) * (bottom - top)
        if pixels and pixels + size > _PIXELS:
            continue
        pixels += size
        yield slice(int(top), int(bottom)), slice(int(left), int(right))


def _over_mean(grey: Grey) -> Grey:
    """White where a pixel is lighter than the box about it."""
    return _grey(cv2.compare(grey, cv2.blur(grey, (_FULL_BOX, _FULL_BOX)), cv2.CMP_GT))


def _fixed(grey: Grey, levels: Sequence[int], formats: Formats) -> list[Scan]:
    for level in levels:
        if scans := _black_and_white(_grey(cv2.threshold(grey, level, 255, cv2.THRESH_BINARY)[1]), formats):
            return scans
    return []


def _black_and_white(binary: Grey, formats: Formats) -> list[Scan]:
    """Read a picture of 0 and 255, which the decoder need not judge any more."""
    return _zxing(binary, formats, zxingcpp.Binarizer.FixedThreshold, try_downscale=False)


def _zxing(
    grey: Grey, formats: Formats, binarizer: Any = zxingcpp.Binarizer.LocalAverage, *, try_downscale: bool = True
) -> list[Scan]:
    found = zxingcpp.read_barcodes(
        grey,
        formats=formats,
        binarizer=binarizer,
        try_downscale=try_downscale,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return _unique(Scan(code.text, str(code.format.name)) for code in found if code.text)


def _unique(scans: Iterable[Scan]) -> list[Scan]:
    return list({scan.text: scan for scan in scans}.values())


def zxing_formats(names: Sequence[str]) -> Formats:
    """Raises KeyError for a name that zxing-cpp does not know."""
    return [zxingcpp.BarcodeFormat.__members__[name] for name in names]


def _grey(picture: Any) -> Grey:
    """OpenCV's stubs do not tell that grey in means grey out."""
    out: Grey = picture
    return out
