"""Every screen in every state on the real glass: it mounts without a word from Qt, and all on it lies as it should. All
states in the looks that ask most of them, and of each other look a few states in turn; ``kiosk gallery`` goes through
all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.screens import ALL, Hand, Reach, Size
from ui.application import QML
from ui.gallery.looks import PSEUDO, Look, demanding_looks, every_look
from ui.gallery.measure import contrast_findings
from ui.gallery.run import OFFERING, Gallery
from ui.gallery.states import samples

SAMPLES = samples()
BY_SCREEN = {screen.__name__: [s for s in SAMPLES if type(s[1]) is screen] for screen in ALL}
FULLEST = [states[-1] for states in BY_SCREEN.values() if states]
DEMANDING = list(demanding_looks())
OTHERS = [look for look in every_look() if look not in DEMANDING and look.language != PSEUDO]
IN_TURN = 3
"""States of each look that is only sampled; the next look goes on where the last one stopped."""


@pytest.fixture(scope="module", params=[False, True], ids=["portrait", "landscape"])
def gallery(request: pytest.FixtureRequest) -> Iterator[Gallery]:
    lit = Gallery(request.param)
    yield lit
    lit.close()


def _letters(text: str) -> str:
    """Without the spaces and line breaks, which a headline may set as it likes."""
    return "".join(text.split())


def _has_its_headline(gallery: Gallery) -> bool:
    title = _letters(gallery.showcase.stage.property("words").get("title", ""))
    return title in (_letters(text) for text in [*gallery.showcase.finger.texts(), ""])


def test_the_gallery_has_every_screen_and_its_offers() -> None:
    assert [name for name, states in BY_SCREEN.items() if not states] == []
    assert {label for label, _ in SAMPLES} >= OFFERING
    assert len({label for label, _ in SAMPLES}) == len(SAMPLES), "labels name pictures"


@pytest.mark.parametrize("name", sorted(BY_SCREEN))
def test_it_mounts_and_lies_well(gallery: Gallery, name: str) -> None:
    wrong: list[str] = []
    for look in (look for look in DEMANDING if look.landscape == gallery.landscape):
        for label, screen in BY_SCREEN[name]:
            shown = gallery.show(label, screen, look, painted=False)
            wrong += [f"{look.name}, {label}: {found.rule}: {found}" for found in shown.findings]
            if not _has_its_headline(gallery):
                wrong.append(f"{look.name}, {label}: its headline is not to be read")
    assert wrong == []


def test_other_looks_in_turn(gallery: Gallery) -> None:
    wrong = []
    for number, look in enumerate(look for look in OTHERS if look.landscape == gallery.landscape):
        for turn in range(number * IN_TURN, (number + 1) * IN_TURN):
            label, screen = SAMPLES[turn % len(SAMPLES)]
            shown = gallery.show(label, screen, look)
            wrong += [f"{look.name}, {label}: {found.rule}: {found}" for found in shown.findings]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(name for name, states in BY_SCREEN.items() if len(states) > 1))
def test_a_screen_that_goes_on_shows_what_a_fresh_one_shows(gallery: Gallery, name: str) -> None:
    """New values on the same screen change the page that stands there; nothing may stay away, or stay."""
    look = Look(landscape=gallery.landscape)
    away = BY_SCREEN["Starting" if name != "Starting" else "Attract"][0]
    states = BY_SCREEN[name][:5]
    went_on: list[tuple[str, set[str], list[str]]] = []
    finger = gallery.showcase.finger
    for label, screen in states:
        gallery.show(label, screen, look, painted=False)
        went_on.append((label, set(finger.controls()), finger.texts()))
    for (label, controls, texts), (_, screen) in zip(went_on, states, strict=True):
        gallery.show(*away, look, painted=False)
        gallery.show(label, screen, look, painted=False)
        assert (set(finger.controls()), sorted(finger.texts())) == (controls, sorted(texts)), label


@pytest.mark.parametrize("size", list(Size))
def test_a_language_that_is_longer_by_two_fifths_has_room(gallery: Gallery, size: Size) -> None:
    wrong = []
    look = Look(PSEUDO, size, landscape=gallery.landscape)
    states = SAMPLES if size is Size.NORMAL else FULLEST
    for label, screen in states:
        wrong += [
            f"{label}: {found.rule}: {found}" for found in gallery.show(label, screen, look, painted=False).findings
        ]
    assert wrong == []


@pytest.mark.parametrize("edge_mm", [850.0, 950.0])
@pytest.mark.parametrize("landscape", [False, True], ids=["portrait", "landscape"])
def test_low_every_target_is_within_reach(landscape: bool, edge_mm: float) -> None:
    gallery = Gallery(landscape, lower_edge_mm=edge_mm)
    try:
        for size, hand in ((Size.NORMAL, Hand.BOTH), (Size.LARGE, Hand.LEFT), (Size.XLARGE, Hand.BOTH)):
            look = Look("en", size, landscape=landscape, reach=Reach.LOW, hand=hand)
            for label, screen in FULLEST:
                gallery.show(label, screen, look, painted=False)
                for name, (low, high) in gallery.heights_mm().items():
                    assert 380 - 1 <= low < high <= 1220 + 1, f"{size}, {label}: {name} at {low:.0f}-{high:.0f} mm"
    finally:
        gallery.close()


def test_without_that_wish_some_target_is_out_of_reach(gallery: Gallery) -> None:
    if gallery.landscape:
        pytest.skip("the wide panel is within reach as it hangs")
    gallery.show("movements", BY_SCREEN["Movements"][-1][1], Look("zh", Size.XLARGE))
    assert max(high for _, high in gallery.heights_mm().values()) > 1220


def test_every_colour_can_be_read_on_its_ground(gallery: Gallery) -> None:
    sets = ("CalmColours", "StrongColours", "ContrastColours")
    assert contrast_findings(gallery.showcase.engine, sets, str(QML / "style")) == []
