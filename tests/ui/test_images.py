"""The camera picture and the QR code as Qt gets them."""

from __future__ import annotations

from typing import Any

import pytest
import zxingcpp
from PySide6.QtGui import QColor, QImage

from drivers.api import Frame
from ui.images import QUIET_ZONE, frame_image, qr_image


def _grey(image: QImage) -> Any:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    lines: list[Any] = [grey.constScanLine(y) for y in range(grey.height())]
    rows = [bytes(line)[: grey.width()] for line in lines]
    return memoryview(b"".join(rows)).cast("B", (grey.height(), grey.width()))


@pytest.mark.parametrize("text", ["A", "YB1." + "x" * 260, "段文清 0.01"])
@pytest.mark.parametrize("pixels", [1, 300, 640])
def test_a_code_can_be_read_again(text: str, pixels: int) -> None:
    image = qr_image(text, pixels)
    if image.width() < 2 * 40:
        image = image.scaled(image.width() * 4, image.height() * 4)
    read = zxingcpp.read_barcode(_grey(image))
    assert read is not None
    assert read.text == text


@pytest.mark.parametrize("pixels", [300, 641])
def test_modules_are_whole_pixels_with_a_quiet_zone(pixels: int) -> None:
    smallest = qr_image("A", 1)
    image = qr_image("A", pixels)
    assert image.width() <= pixels
    assert image.width() % smallest.width() == 0
    quiet = image.width() // smallest.width() * QUIET_ZONE
    white = QColor("white")
    assert all(image.pixelColor(x, y) == white for x in range(quiet) for y in range(image.height()))
    assert image.pixelColor(quiet, quiet) == QColor("black")


def test_a_camera_picture_keeps_its_pixels() -> None:
    width, height = 5, 3  # rows of a width that is no multiple of four
    grey = bytes(range(width * height))
    image = frame_image(Frame(width, height, grey))
    assert [image.pixelColor(x, y).red() for y in range(height) for x in range(width)] == list(grey)
