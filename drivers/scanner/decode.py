"""Finds and reads codes in grey pictures, tuned for phone screens before a camera.

Owns the order in which a picture is looked at: a reduced picture first, which settles most frames in a
fraction of a millisecond, then the few regions that are as busy as a code, sharpened. An empty frame
therefore costs less than one plain pass of the decoder over it, while blurred, dim and small codes are read
that the plain pass misses. It remembers nothing from frame to frame and knows no camera. Import it in the
process that decodes: it needs OpenCV.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from drivers.api import Scan

Grey = NDArray[np.uint8]

CAMERA_FORMATS = ("QRCode",)
"""All credentials of docs/protocols.md section 4 are QR codes; each further format costs time in every frame."""
FILE_FORMATS = ("QRCode", "MicroQRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "EAN13")
"""Formats with a checksum that noise does not meet by chance."""

# Measured on 900 synthetic frames 1280x720: the values trade empty-frame time for codes read.
_REDUCED_WIDTH = 640
_CELL = 8  # pixels of the reduced picture that make one cell of the map of busy regions; even
_BUSY_TIMES = 2.0  # busier than this multiple of the frame's median ...
_BUSY_PLUS = 8.0  # ... plus this is worth a closer look
_SMALLEST = 9  # cells
_REGIONS = 3
_PIXELS = 300_000  # all regions together, but always at least one
_SMALL = 150_000  # pixels; a region up to this size is also read as it is


def read(grey: Grey, formats: Sequence[str] = CAMERA_FORMATS) -> list[Scan]:
    """The codes in one camera frame, as many as the first successful look shows."""
    wanted = _formats(formats)
    reduced = _reduce(grey)
    if scans := _zxing(reduced, wanted):
        return scans
    scale = grey.shape[1] / reduced.shape[1]
    for region in _busy_regions(reduced, scale):
        part = np.ascontiguousarray(grey[region])
        if scans := _zxing(_sharpen(part), wanted):
            return scans
        if part.size <= _SMALL and (scans := _zxing(part, wanted)):
            return scans
    return []


def read_thoroughly(grey: Grey, formats: Sequence[str] = FILE_FORMATS) -> list[Scan]:
    """The codes in one picture for which there is time: every way of looking until one finds something."""
    wanted = _formats(formats)
    scans = _unique((*_zxing(grey, wanted), *_zxing(_reduce(grey), wanted)))
    if scans:
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


def _zxing(grey: Grey, formats: Any) -> list[Scan]:
    found = zxingcpp.read_barcodes(grey, formats=formats, text_mode=zxingcpp.TextMode.Plain)
    return _unique(Scan(code.text, str(code.format.name)) for code in found if code.text)


def _unique(scans: Iterable[Scan]) -> list[Scan]:
    return list({scan.text: scan for scan in scans}.values())


def _formats(names: Sequence[str]) -> Any:
    return [zxingcpp.BarcodeFormat.__members__[name] for name in names]


def _grey(picture: Any) -> Grey:
    """OpenCV's stubs do not tell that grey in means grey out."""
    out: Grey = picture
    return out
