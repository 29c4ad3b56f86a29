"""The two pictures that cannot be drawn in QML: what the camera sees, and a QR code. Both are handed over in memory,
and both are forgotten the moment the screen that shows them goes; nothing here ever touches a file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtQml import QQmlEngine, QQmlImageProviderBase
from PySide6.QtQuick import QQuickImageProvider

from drivers.api import Frame

if TYPE_CHECKING:
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QImage

PREVIEW = "preview"
QR = "qr"

QUIET_ZONE = 4
"""Empty modules around a QR code: ISO/IEC 18004 asks for four."""

UNASKED = 640
"""Pixels of a QR code whose size nobody asked for: large enough that drawing it smaller keeps every module."""


class Pictures:
    """What is to be seen now. Every new picture gets a new source, because QML loads a source only once."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.code = ""
        self._drawn = 0

    def show(self, frame: Frame | None, code: str) -> None:
        """Replace both pictures; ``None`` and ``""`` forget them."""
        if frame is not self.frame or code != self.code:
            self._drawn += 1
        self.frame = frame
        self.code = code

    @property
    def preview_source(self) -> str:
        return "" if self.frame is None else f"image://{PREVIEW}/{self._drawn}"

    @property
    def qr_source(self) -> str:
        return f"image://{QR}/{self._drawn}" if self.code else ""


def register(pictures: Pictures, engine: QQmlEngine) -> None:
    """Let QML of this engine load ``image://preview/…`` and ``image://qr/…``. The engine owns the providers."""

    def preview(_pixels: int) -> QImage:
        return _nothing() if pictures.frame is None else frame_image(pictures.frame)

    def qr(pixels: int) -> QImage:
        return qr_image(pictures.code, pixels) if pictures.code else _nothing()

    engine.addImageProvider(PREVIEW, Provider(preview))
    engine.addImageProvider(QR, Provider(qr))


class Provider(QQuickImageProvider):
    """Asks ``draw`` for the picture of now, told how many pixels the larger side may have."""

    def __init__(self, draw: Callable[[int], QImage]) -> None:
        super().__init__(QQmlImageProviderBase.ImageType.Image)
        self._draw = draw

    def requestImage(self, id: str, size: QSize, requestedSize: QSize) -> QImage:  # noqa: ARG002, A002, N803
        """Called by Qt, with Qt's names for what it hands over."""
        asked = max(requestedSize.width(), requestedSize.height())
        image = self._draw(asked if asked > 0 else UNASKED)
        size.setWidth(image.width())
        size.setHeight(image.height())
        return image


def frame_image(frame: Frame) -> QImage:
    """A camera picture, grey, as it came. The copy owns its pixels: the frame may be gone before it is painted."""
    from PySide6.QtGui import QImage  # when the first picture is drawn, not before the first frame

    image = QImage(frame.grey, frame.width, frame.height, frame.width, QImage.Format.Format_Grayscale8)
    return image.copy()


def qr_image(text: str, pixels: int) -> QImage:
    """``text`` as a QR code with its quiet zone, at most ``pixels`` wide but never under one pixel a module, and a
    whole number of pixels a module so that every edge is sharp."""
    import zxingcpp  # when the first code is drawn, not before the first frame
    from PySide6.QtGui import QImage

    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules: Any = symbol.to_image(scale=1, add_quiet_zones=False)  # offers the buffer protocol untold by its stub
    matrix = memoryview(modules)
    height, width = matrix.shape or (0, 0)
    side = width + 2 * QUIET_ZONE
    blank = b"\xff"
    margin = blank * QUIET_ZONE
    dark = matrix.tobytes()
    rows = [blank * side] * QUIET_ZONE
    rows += [margin + dark[y * width : (y + 1) * width] + margin for y in range(height)]
    rows += [blank * side] * QUIET_ZONE
    image = QImage(b"".join(rows), side, side, side, QImage.Format.Format_Grayscale8)
    scale = max(1, pixels // side)
    return image.scaled(side * scale, side * scale).copy()


def _nothing() -> QImage:
    """One clear pixel: a source that was asked for too late is no error."""
    from PySide6.QtGui import QImage

    image = QImage(1, 1, QImage.Format.Format_ARGB32)
    image.fill(0)
    return image
