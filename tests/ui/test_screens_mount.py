"""Every screen in every state on the real glass: it mounts without a word from Qt, and all on it lies as it should."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.screens import ALL, Contrast, Size
from tests.helpers.gallery import samples
from tests.helpers.layout_check import contrast_findings, findings
from tests.helpers.lit import LANDSCAPE, PORTRAIT, Lit
from ui.window import QML

SAMPLES = samples()
BY_SCREEN = {screen.__name__: [s for s in SAMPLES if type(s[1]) is screen] for screen in ALL}


@pytest.fixture(scope="module", params=[PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def lit(request: pytest.FixtureRequest) -> Iterator[Lit]:
    terminal = Lit(request.param)
    yield terminal
    terminal.put_out()


def _letters(text: str) -> str:
    """Without the spaces and line breaks, which a headline may set as it likes."""
    return "".join(text.split())


def test_the_gallery_has_every_screen() -> None:
    assert [name for name, states in BY_SCREEN.items() if not states] == []


@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", sorted(BY_SCREEN))
def test_it_mounts_and_lies_well(lit: Lit, name: str, language: str, size: Size) -> None:
    wrong: list[str] = []
    for label, screen in BY_SCREEN[name]:
        lit.show(screen, language=language, size=size)
        wrong += [f"{label}: {finding}" for finding in findings(lit.window)]
        title = _letters(lit.stage.property("words").get("title", ""))
        if title not in (_letters(text) for text in [*lit.finger.texts(), ""]):
            wrong.append(f"{label}: its headline is not to be read")
    assert wrong == []


@pytest.mark.parametrize("name", sorted(BY_SCREEN))
def test_it_mounts_in_high_contrast(lit: Lit, name: str) -> None:
    label, screen = BY_SCREEN[name][-1]
    lit.show(screen, size=Size.LARGE, contrast=Contrast.HIGH)
    assert findings(lit.window) == [], label


def test_every_colour_can_be_read_on_its_ground(lit: Lit) -> None:
    sets = ("CalmColours", "StrongColours", "ContrastColours")
    assert contrast_findings(lit.engine, sets, str(QML / "style")) == []
