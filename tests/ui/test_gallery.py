"""``kiosk gallery``: what it writes, what it says, the languages that only it speaks, and the wishes it shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt, QUrl
from PySide6.QtQml import QQmlComponent

from kiosk.__main__ import main
from kiosk.screens import Attract, Contrast, EnterPin, Hand, InsertCard, PinPurpose, Reach, Refusal, Size, Slip
from kiosk.text import catalogues, differences, placeholders
from ui.gallery.command import conclude
from ui.gallery.looks import PSEUDO, SAMPLE, Look, Voice, every_look
from ui.gallery.measure import Finding, is_target, is_text, on_glass, visible_items
from ui.gallery.run import Gallery, Report, Shown, chosen_states, excused, run
from ui.gallery.states import TILES, samples
from ui.gallery.tongues import BASE, every_tongue, grow, in_sample, why_no_sample


@pytest.fixture(scope="module")
def gallery() -> Iterator[Gallery]:
    lit = Gallery(landscape=False)
    yield lit
    lit.close()


def _middle(gallery: Gallery, name: str) -> QPointF:
    item = gallery.showcase.finger.find(name)
    return item.mapToScene(QPointF(item.width() / 2, item.height() / 2))


# --- what it writes --------------------------------------------------------------------------------------------------


def test_pictures_a_page_and_the_findings(tmp_path: Path) -> None:
    report = run(tmp_path, prefixes=["goodbye", "insert card, wrong_way"], quick=True, processes=1)
    assert report.wrong == 0
    assert {one.screen for one in report.shown} == {"Goodbye", "InsertCard"}
    assert all((tmp_path / one.picture).stat().st_size > 1000 for one in report.shown)
    page = (tmp_path / "index.html").read_text("utf-8")
    shown = json.loads(page.partition('id="shown">')[2].partition("</script>")[0].replace("<\\/", "</"))
    assert [one["picture"] for one in shown] == [one.picture for one in report.shown]
    assert json.loads((tmp_path / "findings.json").read_text()) == []
    assert "http" not in page, "the page needs nothing from elsewhere"


def test_the_controls_are_a_part_of_it(gallery: Gallery) -> None:
    sheets = gallery.controls(Look("en", Size.LARGE))
    assert len(sheets) == 6
    assert [str(finding) for one in sheets for finding in one.findings] == []


@pytest.mark.qt_log_ignore("nobody is not defined")
def test_a_page_that_is_not_as_its_author_meant_is_a_finding(gallery: Gallery) -> None:
    (label, screen), *_ = chosen_states(["goodbye"], quick=True)
    component = QQmlComponent(gallery.showcase.engine)
    component.setData(b"import QtQuick\nItem { width: nobody.there }", QUrl())
    item = component.create()
    assert [finding.rule for finding in gallery.show(label, screen, Look()).findings] == ["complaint"]
    assert gallery.show(label, screen, Look()).findings == (), "it is said once"
    item.deleteLater()


def test_what_begins_with_nothing_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gallery", "--out", str(tmp_path), "--only", "nonesuch"]) == 2
    assert "begins with nonesuch" in capsys.readouterr().err


def _shown(*found: Finding) -> Shown:
    look = Look()
    return Shown(
        "attract",
        "Attract",
        look.name,
        "zh",
        "normal",
        "normal",
        "portrait",
        "full",
        "both",
        "none",
        "a.png",
        1,
        1,
        found,
    )


def test_a_finding_is_said_and_is_the_exit_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert conclude(Report([_shown()]), tmp_path, as_json=False) == 0
    assert "nothing to find fault with" in capsys.readouterr().out
    assert conclude(Report([_shown(Finding("gap", "two are too close"))]), tmp_path, as_json=False) == 1
    assert "zh-normal-normal-portrait  attract  gap: two are too close" in capsys.readouterr().out
    assert conclude(Report([_shown(Finding("gap", "two are too close"))]), tmp_path, as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["rule"] == "gap"


def test_quick_keeps_one_state_of_every_screen() -> None:
    quick = chosen_states([], quick=True)
    assert len(quick) == len({screen.name for _, screen in samples()})
    assert [label for label, _ in chosen_states(["insert card, f"], quick=False)] == ["insert card, foreign"]


def test_every_look_has_a_name_of_its_own() -> None:
    names = [look.name for look in every_look()]
    assert len(set(names)) == len(names)


# --- from right to left ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("landscape", [False, True], ids=["portrait", "landscape"])
def test_whatever_is_written_begins_where_the_language_begins(landscape: bool) -> None:
    lit = Gallery(landscape)
    wanted = ("Balance", "Movements", "Review", "Result", "PartialResult", "Refusal")
    try:
        wrong = set()
        for label, screen in samples():
            if screen.name in wanted:
                lit.show(label, screen, Look(SAMPLE, landscape=landscape), painted=False)
                wrong |= {
                    f"{label}: {item.property('text')}"
                    for item in visible_items(lit.showcase.window)
                    if is_text(item) and item.property("aligned") == Qt.AlignmentFlag.AlignLeft.value
                }
    finally:
        lit.close()
    assert wrong == set()


# --- sizes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("landscape", [False, True], ids=["portrait", "landscape"])
def test_whoever_asks_for_more_gets_no_less(landscape: bool) -> None:
    wanted = ("balances", "balances, no paper", "activated, on_screen", "pin, wrong", "pin, new, three", "movements")
    lit = Gallery(landscape)
    try:
        wrong = [
            f"{look} {size} {label}: {found}"
            for size in Size
            for look in ("zh", "en")
            for label, screen in samples()
            if label.startswith(wanted)
            for found in lit.show(label, screen, Look(look, size, landscape=landscape), painted=False).findings
        ]
    finally:
        lit.close()
    assert wrong == []


# --- languages -------------------------------------------------------------------------------------------------------


def test_the_generated_language_is_longer_and_keeps_its_places() -> None:
    base = catalogues()[BASE].texts
    pseudo = every_tongue()[PSEUDO].texts
    assert differences(base, pseudo, PSEUDO) == []
    texts = [key for key, text in base.items() if len(text) > 20 and not key.startswith("common.format.")]
    written = sum(len(base[key]) for key in texts)
    assert 1.3 < sum(len(pseudo[key]) for key in texts) / written < 1.5
    assert grow("Step {step} of {steps}").startswith("[Stép {step} öf {steps}")
    assert placeholders(grow("{{x}} {step}")) == {"step"}


def test_it_may_be_drawn_smaller_only_where_letters_are_large() -> None:
    smaller = Finding("capital", "")
    assert excused(Look(PSEUDO, Size.LARGE), smaller)
    assert not excused(Look(PSEUDO), smaller)
    assert not excused(Look(PSEUDO, Size.LARGE), Finding("overlap", ""))
    assert not excused(Look("en", Size.LARGE), smaller)


def test_the_sample_is_offered_nowhere() -> None:
    assert SAMPLE not in catalogues()
    assert PSEUDO not in catalogues()


def test_a_language_from_right_to_left_turns_the_glass_round(gallery: Gallery) -> None:
    reason = why_no_sample()
    if reason:
        pytest.skip(reason)
    wrong = []
    for label, screen in samples():
        if in_sample(screen):
            wrong += [str(found) for found in gallery.show(label, screen, Look(SAMPLE)).findings]
    assert wrong == []
    gallery.show("insert card", InsertCard(), Look("zh"), painted=False)
    assert _middle(gallery, "finish").x() < 540
    gallery.show("insert card", InsertCard(), Look(SAMPLE), painted=False)
    assert _middle(gallery, "finish").x() > 540
    gallery.show("pin", EnterPin(PinPurpose.NEW), Look(SAMPLE), painted=False)
    assert _middle(gallery, "key:0").x() < _middle(gallery, "key:2").x(), "figures stand as on every pad"


# --- wishes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("landscape", [False, True], ids=["portrait", "landscape"])
def test_the_pad_and_the_act_come_to_the_hand(landscape: bool) -> None:
    lit = Gallery(landscape)
    middle = 960 if landscape else 540
    try:
        for size in Size:
            for hand, sign in ((Hand.LEFT, -1), (Hand.RIGHT, 1)):
                lit.show(
                    "pin",
                    EnterPin(PinPurpose.NEW, filled=6),
                    Look("en", size, landscape=landscape, hand=hand),
                    painted=False,
                )
                assert (_middle(lit, "key:4").x() - middle) * sign > 10
                assert (_middle(lit, "proceed").x() - middle) * sign > 10
    finally:
        lit.close()


@pytest.mark.parametrize("hand", list(Hand))
def test_standing_upright_all_but_keys_to_type_on_is_as_wide_as_the_panel(gallery: Gallery, hand: Hand) -> None:
    wide = {}
    for label in ("review activation, next day", "pin, new, full"):
        gallery.show(label, dict(samples())[label], Look(hand=hand), painted=False)
        wide[label] = gallery.showcase.finger.find("proceed").width()
        assert (_middle(gallery, "finish").x() > 540) is (hand is Hand.RIGHT)
    assert wide["review activation, next day"] > 900
    assert (wide["pin, new, full"] > 900) is (hand is Hand.BOTH)


WISHES = {"prefer:size", "prefer:language", "prefer:contrast", "prefer:hand"}
SPOKEN = {
    Voice.NONE: set(),
    Voice.OFFERED: {"prefer:speech"},
    Voice.ON: {"prefer:speech", "listen:again", "voice:sound"},
}


@pytest.mark.parametrize("voice", list(Voice))
@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize("landscape", [False, True], ids=["portrait", "landscape"])
def test_every_wish_is_one_tap_away(landscape: bool, size: Size, voice: Voice) -> None:
    """And nothing pays for it: services, picture and hotline stay."""
    lit = Gallery(landscape)
    wrong = []
    try:
        for language, contrast, reach, hand in product(("zh", "en"), Contrast, Reach, Hand):
            look = Look(language, size, contrast, landscape, reach, hand, voice)
            wrong += [str(found) for found in lit.show("attract", Attract(TILES), look, painted=False).findings]
            keys = {name: key for name, key in lit.showcase.finger.controls().items() if is_target(key)}
            # The wide panel hangs where everything is in reach, so there it is offered to nobody but to go back.
            lowered = {"prefer:reach"} if not landscape or reach is Reach.LOW else set()
            assert keys.keys() == {f"pick:{tile.id}" for tile in TILES} | WISHES | SPOKEN[voice] | lowered
            wide = {round(on_glass(key).width()) for name, key in keys.items() if not name.startswith("pick:")}
            assert max(wide) - min(wide) <= 1, look.name
            assert sum("12333" in text for text in lit.showcase.finger.texts()) == 1, look.name
            pictures = [item for item in visible_items(lit.showcase.window) if item.property("fieldWidth")]
            assert max((on_glass(item).height() for item in pictures), default=0.0) > 120, look.name
    finally:
        lit.close()
    assert wrong == []


@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_a_wide_panel_every_refusal_has_its_picture_and_its_way_on_in_one_place(language: str, size: Size) -> None:
    lit = Gallery(landscape=True)
    places = set()
    try:
        for label, screen in samples():
            if isinstance(screen, Refusal) and screen.slip is Slip.NOT_ASKED:
                lit.show(label, screen, Look(language, size, landscape=True), painted=False)
                assert any(item.property("fieldWidth") for item in visible_items(lit.showcase.window)), label
                places.add(round(_middle(lit, "proceed").x()))
    finally:
        lit.close()
    assert len(places) == 1
    assert places.pop() > 960, "under what there is to read"


def test_low_is_offered_only_where_it_helps(gallery: Gallery) -> None:
    gallery.show("attract", Attract(TILES), Look(), painted=False)
    assert "prefer:reach" in gallery.showcase.finger.controls()
    hung_low = Gallery(landscape=True, lower_edge_mm=600.0)
    try:
        hung_low.show("attract", Attract(TILES), Look(landscape=True), painted=False)
        assert "prefer:reach" not in hung_low.showcase.finger.controls()
    finally:
        hung_low.close()
    # Its top line alone is out of reach, and nothing is touched there.
    higher = Gallery(landscape=True, lower_edge_mm=900.0)
    try:
        higher.show("attract", Attract(TILES), Look(landscape=True), painted=False)
        assert "prefer:reach" not in higher.showcase.finger.controls()
    finally:
        higher.close()


def test_low_brings_the_services_into_reach() -> None:
    high_up = Gallery(landscape=False, lower_edge_mm=1000.0)
    try:
        for reach in Reach:
            high_up.show("attract", Attract(TILES), Look(reach=reach), painted=False)
            top = max(top for name, (_, top) in high_up.heights_mm().items() if name.startswith("pick:"))
            assert (top > 1221) is (reach is Reach.FULL)
    finally:
        high_up.close()


def test_a_panel_that_hangs_very_low_lifts_its_footer(gallery: Gallery) -> None:
    del gallery  # only so that the application stands
    low = Gallery(landscape=False, lower_edge_mm=300.0)
    try:
        low.show("attract", Attract(TILES), Look(reach=Reach.LOW), painted=False)
        assert min(bottom for bottom, _ in low.heights_mm().values()) >= 379
    finally:
        low.close()
