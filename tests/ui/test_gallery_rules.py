"""Each rule of the gallery finds what it is there to find, and only that."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QByteArray, QUrl
from PySide6.QtQml import QQmlComponent, QQmlEngine
from PySide6.QtQuick import QQuickItem, QQuickWindow

from ui.application import QML
from ui.finger import spoken
from ui.gallery.measure import LEAST_CAPITAL_MM, LEAST_GAP_MM, LEAST_TARGET_MM, Panel, findings, letters_px, shrunk
from ui.gallery.run import Gallery


def _window(engine: QQmlEngine, content: str) -> QQuickWindow:
    component = QQmlComponent(engine)
    page = f"""
import QtQuick
import "style"
import "controls"
Window {{ width: 1080; height: 1920; color: "white"; {content} }}"""
    component.setData(QByteArray(page.encode()), QUrl.fromLocalFile(str(QML / "Tried.qml")))
    window = component.create()
    assert isinstance(window, QQuickWindow), component.errorString()
    component.setParent(window)  # else it takes the window with it
    window.show()
    return window


BIG = "font.pixelSize: 60; color: 'black'"


@pytest.mark.parametrize(
    ("content", "rules"),
    [
        (f"Writing {{ x: 50; y: 50; width: 900; text: 'Well'; {BIG} }}", set()),
        (f"Writing {{ width: 60; text: 'Unbreakable'; wrapMode: Text.NoWrap; {BIG} }}", {"clipped"}),
        (
            f"Writing {{ width: 90; text: 'Unbreakable'; elide: Text.ElideRight; wrapMode: Text.NoWrap; {BIG} }}",
            {"clipped"},
        ),
        (
            f"Item {{ y: 90; width: 200; height: 40; clip: true; Writing {{ y: -20; text: 'Half'; {BIG} }} }}",
            {"clipped"},
        ),
        (f"Writing {{ width: 160; text: 'Unbreakable'; {BIG} }}", {"clipped"}),
        (f"Writing {{ width: 110; text: '拨打 12333'; {BIG} }}", {"clipped"}),
        (f"Writing {{ width: 190; text: '中文可以在任何地方断开'; {BIG} }}", set()),
        (f"Writing {{ width: 350; text: '请把卡插到底'; {BIG} }}", {"stray"}),
        (f"Writing {{ width: 350; text: '请把卡\\n插到底。'; {BIG} }}", set()),
        (f"Writing {{ width: 280; text: 'Not here now'; {BIG} }}", {"stray"}),
        (f"Writing {{ width: 280; text: 'Another now'; {BIG} }}", set()),
        (f"Writing {{ x: 1050; text: 'Out'; {BIG} }}", {"outside"}),
        (f"Writing {{ text: 'One'; {BIG} }} Writing {{ x: 20; text: 'Two'; {BIG} }}", {"overlap"}),
        (f"Writing {{ text: 'Squeezed'; scale: 0.9; {BIG} }}", {"squeezed"}),
        (f"Item {{ property real fieldWidth: 400; Writing {{ text: 'Picture'; scale: 0.9; {BIG} }} }}", set()),
        ("Writing { text: 'Tiny'; font.pixelSize: 18; color: 'black' }", {"capital"}),
        ("Writing { text: 'Well'; font.pixelSize: 60; color: '#aaaaaa' }", {"contrast"}),
        ("Target { x: 50; y: 50; width: 100; height: 30; name: 'flat' }", {"target"}),
        ("Target { x: 1000; y: 50; width: 200; height: 90; name: 'over the edge' }", {"outside"}),
        (
            "Target { width: 90; height: 90; name: 'left' } Target { x: 93; width: 90; height: 90; name: 'right' }",
            {"gap"},
        ),
    ],
)
def test_a_rule_finds_what_it_is_for(gallery: Gallery, content: str, rules: set[str]) -> None:
    window = _window(gallery.showcase.engine, content)
    gallery.showcase.until(window.isExposed)
    panel = Panel.of(gallery.showcase.window)
    try:
        found = findings(window.contentItem(), window.grabWindow(), panel)
        assert {one.rule for one in found} == rules, [str(one) for one in found]
    finally:
        window.close()
        window.deleteLater()


@pytest.mark.parametrize(
    ("width", "given", "drawn"),
    [
        (350, "请把卡插到底", "请把卡\n插到底"),
        (350, "已经插到底了", "已经插\n到底了"),
        (400, "这张卡的密码锁住了", "这张卡的\n密码锁住了"),
        (800, "请取出卡，到人工窗口办理。卡没有坏。", "请取出卡，到人工窗口办理。\n卡没有坏。"),
        (640, "卡没有坏。请到窗口，或拨 12333 查询。", "卡没有坏。请到窗口，\n或拨 12333 查询。"),
        (500, "Wait about 2 seconds", "Wait about\n2 seconds"),
        (700, "It is read at the counter now", "It is read at the\ncounter now"),
        (2000, "It is read at the counter now", "It is read at the counter now"),
        (700, "把身份证\n放在这里", "把身份证\n放在这里"),
        (120, "把身份证\n放在这里", "把身份证放在这里"),
    ],
)
def test_lines_are_even_and_what_is_said_of_them_stays(gallery: Gallery, width: int, given: str, drawn: str) -> None:
    content = f"Even {{ objectName: 'even'; width: {width}; pixelSize: 60; text: {json.dumps(given)} }}"
    window = _window(gallery.showcase.engine, content)
    try:
        even = window.findChild(QQuickItem, "even")
        assert even is not None
        assert even.property("drawn") == drawn
        (written,) = even.childItems()
        assert spoken(written) == given.replace("\n", "")
    finally:
        window.close()
        window.deleteLater()


@pytest.mark.parametrize(("width", "lines", "size"), [(430, 1, 60), (410, 1, 57), (390, 2, 60)])
def test_a_little_smaller_only_where_it_saves_a_line(gallery: Gallery, width: int, lines: int, size: int) -> None:
    content = f"Even {{ objectName: 'even'; width: {width}; pixelSize: 60; giving: 0.05; text: '请把卡插到底吧' }}"
    window = _window(gallery.showcase.engine, content)
    try:
        even = window.findChild(QQuickItem, "even")
        assert even is not None
        (written,) = even.childItems()
        assert (written.property("lineCount"), written.property("font").pixelSize()) == (lines, size)
    finally:
        window.close()
        window.deleteLater()


def test_out_of_reach_counts_only_while_the_controls_are_low(gallery: Gallery) -> None:
    window = _window(gallery.showcase.engine, "Target { x: 50; y: 20; width: 200; height: 90; name: 'high up' }")
    gallery.showcase.until(window.isExposed)
    panel = Panel.of(gallery.showcase.window)
    try:
        assert findings(window.contentItem(), panel=panel) == []
        low = findings(window.contentItem(), panel=replace(panel, low=True))
        # 850 mm + 597 mm, less 20 and 110 pixels of 336 mm / 1080.
        assert [str(one) for one in low] == ["[high up] is 1413-1441 mm above the floor"]
    finally:
        window.close()
        window.deleteLater()


def test_large_letters_and_high_contrast_ask_for_more(gallery: Gallery) -> None:
    content = "Writing { text: 'Grey'; font.pixelSize: 30; color: '#555555' }"
    window = _window(gallery.showcase.engine, content)
    gallery.showcase.until(window.isExposed)
    panel = Panel.of(gallery.showcase.window)
    picture = window.grabWindow()
    try:
        assert findings(window.contentItem(), picture, panel) == []
        assert {f.rule for f in findings(window.contentItem(), picture, replace(panel, size="large"))} == {
            "capital",
            "contrast",
        }
        assert {f.rule for f in findings(window.contentItem(), picture, replace(panel, high_contrast=True))} == {
            "contrast"
        }
    finally:
        window.close()
        window.deleteLater()


def test_what_shrinks_at_a_larger_size_is_found(gallery: Gallery) -> None:
    content = """
    Writing {{ text: '¥ 520.00'; font.pixelSize: {0} }}
    Writing {{ y: 200; width: 300; text: 'Broken in\\n{1}two'; font.pixelSize: 60 }}
    PinKey {{ y: 600; width: 200; height: {2}; position: 3; face: '4' }}"""
    seen = []
    for values in ((60, "", 150), (50, " ", 149), (50, "", 120)):
        window = _window(gallery.showcase.engine, content.format(*values))
        gallery.showcase.until(window.isExposed)
        seen.append(letters_px(window.contentItem()))
        window.close()
        window.deleteLater()
    first, second, third = seen
    assert [f.rule for f in shrunk(first, second, "normal")] == ["shrunk"], "neither one pixel nor where lines break"
    assert "¥520.00" in str(shrunk(first, second, "normal")[0])
    assert sorted(str(f).split(" is ")[0] for f in shrunk(second, third, "large")) == ["key 3", "key “4”"]
    assert shrunk(second, first, "large") == []


def test_tokens_and_rules_hold_the_same_numbers(gallery: Gallery) -> None:
    for size, name in (("normal", "Normal"), ("large", "Large"), ("xlarge", "XLarge")):
        component = QQmlComponent(gallery.showcase.engine, f"{QML / 'style' / name}Measures.qml")
        measures = component.create()
        assert measures is not None, component.errorString()
        # A capital of Noto Sans CJK is 0.733 of its em.
        assert measures.property("leastText") * 0.733 == pytest.approx(LEAST_CAPITAL_MM[size], abs=0.02)
        assert measures.property("leastTarget") == LEAST_TARGET_MM[size]
        assert measures.property("leastGap") == LEAST_GAP_MM
        measures.deleteLater()
