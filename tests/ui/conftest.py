"""What several tests of screens stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.screens import Attract
from ui.gallery.looks import Look
from ui.gallery.run import Gallery
from ui.gallery.states import TILES


@pytest.fixture(scope="module")
def gallery() -> Iterator[Gallery]:
    """One whose window stands, with the first screen in it."""
    lit = Gallery(landscape=False)
    lit.show("attract", Attract(TILES), Look(), painted=False)
    yield lit
    lit.close()
