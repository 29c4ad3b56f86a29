"""The code on the out-of-order screen can be read from the glass, in every size and on both panels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import zxingcpp
from PySide6.QtGui import QImage

from kiosk.screens import Contrast, OutOfOrder, Size
from tests.helpers.lit import LANDSCAPE, PORTRAIT, Lit
from ui.gallery.states import HEALTH


@pytest.fixture(scope="module", params=[PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def lit(request: pytest.FixtureRequest) -> Iterator[Lit]:
    shown = Lit(request.param)
    yield shown
    shown.put_out()


def codes(lit: Lit) -> list[str]:
    image = lit.window.grabWindow().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return [found.text for found in zxingcpp.read_barcodes(pixels[:, : image.width()].copy())]


@pytest.mark.parametrize("card_in", [False, True])
@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize("contrast", list(Contrast))
def test_it_is_read(lit: Lit, size: Size, contrast: Contrast, card_in: bool) -> None:
    lit.show(OutOfOrder("D01", card_in, HEALTH), size=size, contrast=contrast)
    assert codes(lit) == [HEALTH]


def test_without_one_there_is_none(lit: Lit) -> None:
    lit.show(OutOfOrder("D01"))
    assert codes(lit) == []
