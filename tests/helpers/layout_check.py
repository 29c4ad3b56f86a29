"""Looks over everything that a window shows and says what is wrong with how it lies: words cut off or over one another,
letters or targets too small, targets too close, things outside the glass. It owns the geometry only; colours are
checked from the declared roles (:func:`contrast_findings`), for what is painted cannot be read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF
from PySide6.QtQml import QQmlComponent, QQmlEngine
from PySide6.QtQuick import QQuickItem, QQuickWindow

SLACK = 1.5
"""Pixels: less than that is rounding."""
LEAST_TARGET_MM = {"normal": 12.7, "large": 16.0}
"""VVSG 2.0 for the normal size; the large size is this project's own."""
LEAST_GAP_MM = 2.54
LEAST_CAPITAL_MM = {"normal": 4.8, "large": 7.3}
"""ADA 707.7 and EN 301 549 5.1.4."""


def visible_items(root: QQuickWindow | QQuickItem) -> Iterator[QQuickItem]:
    """Everything below ``root`` that is painted, parents before children."""
    waiting = [root.contentItem() if isinstance(root, QQuickWindow) else root]
    while waiting:
        item = waiting.pop()
        if not item.isVisible() or item.opacity() == 0:
            continue
        yield item
        waiting += item.childItems()[::-1]


def on_glass(item: QQuickItem) -> QRectF:
    """Where an item lies in the window."""
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def clip_of(item: QQuickItem) -> QRectF | None:
    """What its ancestors let be seen of an item; ``None`` when they cut nothing off."""
    seen: QRectF | None = None
    parent = item.parentItem()
    while parent is not None:
        if parent.clip():
            window = on_glass(parent)
            seen = window if seen is None else seen.intersected(window)
        parent = parent.parentItem()
    return seen


def is_text(item: QQuickItem) -> bool:
    return item.inherits("QQuickText") and bool(item.property("text"))


def is_target(item: QQuickItem) -> bool:
    return item.property("isTarget") is True


def findings(root: QQuickWindow | QQuickItem) -> list[str]:
    """All that is wrong with what is shown below ``root``; empty when nothing is."""
    window = root if isinstance(root, QQuickWindow) else root.window()
    items = list(visible_items(root))
    texts = [item for item in items if is_text(item)]
    targets = [item for item in items if is_target(item)]
    px_per_mm, size = _panel(window)
    glass = QRectF(0, 0, window.width(), window.height())
    return [
        *_words(texts, glass, px_per_mm, LEAST_CAPITAL_MM[size]),
        *_targets(targets, glass, px_per_mm, LEAST_TARGET_MM[size]),
    ]


def _panel(window: QQuickWindow) -> tuple[float, str]:
    stage: Any = window.property("stage")
    return window.width() / stage.property("widthMm"), str(stage.property("preferences")["size"])


def _words(texts: list[QQuickItem], glass: QRectF, px_per_mm: float, least_mm: float) -> Iterator[str]:
    inked: list[tuple[QQuickItem, QRectF]] = []
    for item in texts:
        says = _quoted(item)
        area = _ink(item)
        clip = clip_of(item)
        if clip is not None and not clip.intersects(area):
            continue  # further down in a list, on a page of its own
        inked.append((item, area))
        if item.property("truncated"):
            yield f"{says} is truncated"
        if item.property("contentWidth") > item.width() + SLACK:
            yield f"{says} is {item.property('contentWidth'):.0f} wide in {item.width():.0f}"
        if not glass.adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(area):
            yield f"{says} lies outside the glass"
        if clip is not None and not clip.adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(area):
            yield f"{says} is cut off by what it lies in"
        capital = _metrics(item).capHeight() * _drawn_scale(item) / px_per_mm
        if capital < least_mm - 0.05:
            yield f"{says} has capitals of {capital:.2f} mm, less than {least_mm}"
        holder = _holder(item)
        if holder is not None and not on_glass(holder).adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(area):
            yield f"{says} reaches out of its {holder.metaObject().className().split('_QML')[0]}"
    for i, (one, here) in enumerate(inked):
        for other, there in inked[i + 1 :]:
            common = here.intersected(there)
            if common.width() > SLACK and common.height() > SLACK:
                yield f"{_quoted(one)} and {_quoted(other)} overlap by {common.width():.0f} x {common.height():.0f}"


def _targets(targets: list[QQuickItem], glass: QRectF, px_per_mm: float, least_mm: float) -> Iterator[str]:
    least = least_mm * px_per_mm - SLACK
    gap = LEAST_GAP_MM * px_per_mm - SLACK
    for i, item in enumerate(targets):
        name, here = _named(item), on_glass(item)
        if min(here.width(), here.height()) < least:
            yield f"{name} is {here.width() / px_per_mm:.1f} x {here.height() / px_per_mm:.1f} mm"
        if not glass.adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(here):
            yield f"{name} lies outside the glass"
        for other in targets[i + 1 :]:
            there = on_glass(other)
            across = max(here.left() - there.right(), there.left() - here.right())
            down = max(here.top() - there.bottom(), there.top() - here.bottom())
            if max(across, down) < gap:
                yield f"{name} and {_named(other)} are {max(across, down) / px_per_mm:.2f} mm apart"


def _ink(item: QQuickItem) -> QRectF:
    """Where the letters are: the lines without the leading above and below them."""
    metrics = _metrics(item)
    lines = max(1, int(item.property("lineCount")))
    width, height = item.property("contentWidth"), item.property("contentHeight")
    left = {2: item.width() - width, 4: (item.width() - width) / 2}.get(item.property("aligned"), 0.0)
    per_line = height / lines
    above = max(0.0, metrics.ascent() - metrics.capHeight() * 1.25)
    below = max(0.0, per_line - metrics.ascent() - metrics.descent() * 0.45)
    return item.mapRectToScene(QRectF(left, above, width, max(1.0, height - above - below)))


def _metrics(item: QQuickItem) -> QFontMetricsF:
    """Of the font as it is drawn: a text may have shrunk itself to fit its width."""
    font = QFont(item.property("font"))
    font.setPixelSize(max(1, round(item.property("drawnSize") or font.pixelSize())))
    return QFontMetricsF(font)


def _drawn_scale(item: QQuickItem) -> float:
    """By how much ancestors scale an item."""
    return on_glass(item).height() / item.height() if item.height() > 0 else 1.0


def _holder(item: QQuickItem) -> QQuickItem | None:
    """The control or card that a text stands in."""
    parent = item.parentItem()
    while parent is not None:
        if is_target(parent) or parent.metaObject().className().startswith(("Card_", "Notice_", "StatusPill_")):
            return parent
        parent = parent.parentItem()
    return None


def _quoted(item: QQuickItem) -> str:
    return f"“{item.property('text')}”"


def _named(item: QQuickItem) -> str:
    return f"[{item.property('name') or item.property('face') or item.metaObject().className()}]"


# --- colours ---------------------------------------------------------------------------------------------------------


def contrast(one: QColor, other: QColor) -> float:
    """Ratio of WCAG 2.2, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast_findings(engine: QQmlEngine, sets: Iterable[str], style: str) -> list[str]:
    """For each set of colours (``CalmColours`` …) in the folder ``style``: pairs of words and ground below its own
    least contrast. The pairs are those that ``Colours.qml`` declares."""
    found = []
    for name in sets:
        component = QQmlComponent(engine, f"{style}/{name}.qml")
        colours: QObject | None = component.create()
        if colours is None:
            found.append(f"{name}: {component.errorString()}")
            continue
        least = colours.property("leastContrast")
        for words, ground in colours.property("pairs").toVariant():
            ratio = contrast(colours.property(words), colours.property(ground))
            if ratio < least:
                found.append(f"{name}: {words} on {ground} is {ratio:.2f}, less than {least}")
        colours.deleteLater()
    return found
