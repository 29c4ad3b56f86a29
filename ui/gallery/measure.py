"""Looks over everything that a window shows and says what is wrong with how it lies: words cut off or over one another,
letters or targets too small, or smaller than at a smaller size, targets too close or out of reach, things outside the
glass, words too faint for their ground. It owns the rules and their numbers; what to look at is decided elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QTextLayout, QTextOption
from PySide6.QtQml import QQmlComponent, QQmlEngine
from PySide6.QtQuick import QQuickItem, QQuickWindow

from drivers.frozen import dataclass

SLACK = 1.5
"""Pixels: less than that is rounding."""
LEAST_SCALE = 0.995
"""Of what ancestors may scale a text by: a page that is too full is drawn smaller as a whole, and shall not be."""
LEAST_SHRINKING = 1.5
"""Pixels by which letters may be lower at a larger size: fonts come in whole pixels, and a text that is fitted to its
key may get one less."""
HEADLINE, KEY = "headline ", "key "
LEAST_TARGET_MM = {"normal": 12.7, "large": 16.0, "xlarge": 20.0}
"""VVSG 2.0 7.2-I for the normal size; the larger sizes are this project's own."""
LEAST_GAP_MM = 2.54
"""VVSG 2.0 7.2-I."""
LEAST_CAPITAL_MM = {"normal": 4.8, "large": 7.3, "xlarge": 8.5}
"""ADA 707.7; EN 301 549 5.1.4 read from 600 mm; the largest of the four sizes of VVSG 2.0 7.1-E."""
LEAST_CONTRAST = {"normal": 4.5, "large": 10.0, "xlarge": 10.0}
"""WCAG 2.2 1.4.3; VVSG 2.0 7.1-C for the larger sizes, and for high contrast at every size."""
REACH_MM = (380.0, 1220.0)
"""Above the floor: EN 301 549 8.3, forward reach of a seated person, unobstructed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    rule: str
    """``clipped``, ``overlap``, ``outside``, ``stray``, ``squeezed``, ``capital``, ``target``, ``gap``, ``reach``,
    ``contrast``, ``shrunk``, ``complaint``."""
    says: str

    def __str__(self) -> str:
        return self.says


def visible_items(root: QQuickWindow | QQuickItem) -> Iterator[QQuickItem]:
    """Everything below ``root`` that is painted, parents before children."""
    waiting = [root.contentItem() if isinstance(root, QQuickWindow) else root]
    while waiting:
        item = waiting.pop()
        if not item.isVisible() or item.opacity() == 0:
            continue
        yield item
        # PySide at times still knows an address by what lived there before (a QMetaObject of a page that is gone).
        waiting += [child for child in item.childItems() if isinstance(child, QQuickItem)][::-1]


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
    """Whether the item holds words: a Text of QML that is not empty."""
    return item.inherits("QQuickText") and bool(item.property("text"))


def is_target(item: QQuickItem) -> bool:
    """Whether the item is there to be touched: it says so itself (``isTarget`` in QML)."""
    return item.property("isTarget") is True


@dataclass(frozen=True, slots=True)
class Panel:
    """What the rules need to know of the glass and of the citizen's wishes."""

    glass: QRectF
    px_per_mm: float
    upper_edge_mm: float
    """Height of the picture's upper edge above the floor."""
    size: str
    high_contrast: bool
    low: bool

    @classmethod
    def of(cls, window: QQuickWindow) -> Panel:
        """As the window's own stage tells it."""
        stage: Any = window.property("stage")
        wishes = stage.property("preferences")
        return cls(
            QRectF(0, 0, window.width(), window.height()),
            window.width() / stage.property("widthMm"),
            stage.property("lowerEdgeMm") + stage.property("heightMm"),
            str(wishes["size"]),
            wishes["contrast"] == "high",
            wishes["reach"] == "low",
        )

    def above_floor_mm(self, y: float) -> float:
        """Height above the floor of a line of the window."""
        return self.upper_edge_mm - y / self.px_per_mm

    @property
    def least_contrast(self) -> float:
        return 10.0 if self.high_contrast else LEAST_CONTRAST[self.size]


def findings(
    root: QQuickWindow | QQuickItem, picture: QImage | None = None, panel: Panel | None = None
) -> list[Finding]:
    """All that is wrong with what is shown below ``root``; empty when nothing is. With its ``picture`` the words are
    held against the ground that was painted behind them too."""
    window = root if isinstance(root, QQuickWindow) else root.window()
    panel = panel or Panel.of(window)
    items = list(visible_items(root))
    texts = [item for item in items if is_text(item)]
    targets = [item for item in items if is_target(item)]
    found = [*_words(texts, panel), *_targets(targets, panel)]
    if picture is not None:
        found += _faint(texts, picture, panel)
    return found


def heights_mm(root: QQuickWindow | QQuickItem) -> dict[str, tuple[float, float]]:
    """Every target that is shown: how high above the floor its lower and its upper edge are."""
    window = root if isinstance(root, QQuickWindow) else root.window()
    panel = Panel.of(window)
    found = {}
    for item in visible_items(root):
        if is_target(item):
            here = on_glass(item)
            found[item.objectName() or _named(item)] = (
                panel.above_floor_mm(here.bottom()),
                panel.above_floor_mm(here.top()),
            )
    return found


def letters_px(root: QQuickWindow | QQuickItem) -> dict[str, float]:
    """How high the letters of every text are on the glass, and every key of a PIN pad; the lowest where a text occurs
    more than once. Where its lines are broken does not matter. What begins with ``HEADLINE`` or ``KEY`` is the
    largest on its page. What is drawn in a picture grows and shrinks with it and is left out."""
    found: dict[str, float] = {}
    for item in visible_items(root):
        if is_text(item):
            if _in_picture(item):
                continue
            name = f"“{''.join(str(item.property('text')).split())}”"
            if item.parentItem().metaObject().className().startswith("Headline_"):
                name = HEADLINE + name
            elif name[1:-1].isdigit() and len(name) == len("“1”"):
                name = KEY + name
            height = _metrics(item).capHeight() * _drawn_scale(item)
        elif is_target(item) and item.objectName().startswith("key:"):
            name, height = f"{KEY}{item.objectName()[4:]}", on_glass(item).height()
        else:
            continue
        found[name] = min(height, found.get(name, height))
    return found


def _in_picture(item: QQuickItem) -> bool:
    """Below a ``Scene.qml``, which alone has a field."""
    above = item.parentItem()
    while above is not None:
        if above.property("fieldWidth") is not None:
            return True
        above = above.parentItem()
    return False


def shrunk(smaller: Mapping[str, float], larger: Mapping[str, float], than: str) -> list[Finding]:
    """What is lower at a larger size of letters than at the size ``than``: whoever asks for more must not get less."""
    return [
        Finding("shrunk", f"{name} is {height:.0f} px high, less than {smaller[name]:.0f} at the size {than}")
        for name, height in larger.items()
        if height < smaller.get(name, 0.0) - LEAST_SHRINKING
    ]


def _words(texts: list[QQuickItem], panel: Panel) -> Iterator[Finding]:
    inked: list[tuple[QQuickItem, QRectF]] = []
    least_mm = LEAST_CAPITAL_MM[panel.size]
    glass = panel.glass.adjusted(-SLACK, -SLACK, SLACK, SLACK)
    for item in texts:
        says = _quoted(item)
        area = _ink(item)
        clip = clip_of(item)
        if clip is not None and not clip.intersects(area):
            continue  # further down in a list, on a page of its own
        inked.append((item, area))
        if item.property("truncated"):
            yield Finding("clipped", f"{says} is truncated")
        if item.property("contentWidth") > item.width() + SLACK:
            yield Finding("clipped", f"{says} is {item.property('contentWidth'):.0f} wide in {item.width():.0f}")
        broken = _broken_word(item)
        if broken:
            yield Finding("clipped", f"{says} is broken within {broken}")
        scale = _drawn_scale(item)
        if scale < LEAST_SCALE and not _in_picture(item):
            yield Finding("squeezed", f"{says} is drawn at {scale:.2f} of its size")
        alone = _left_over(item)
        if alone:
            yield Finding("stray", f"{says} leaves “{alone}” alone on its last line")
        if not glass.contains(area):
            yield Finding("outside", f"{says} lies outside the glass")
        if clip is not None and not clip.adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(area):
            yield Finding("clipped", f"{says} is cut off by what it lies in")
        capital = _metrics(item).capHeight() * scale / panel.px_per_mm
        if capital < least_mm - 0.05:
            yield Finding("capital", f"{says} has capitals of {capital:.2f} mm, less than {least_mm}")
        holder = _holder(item)
        if holder is not None and not on_glass(holder).adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(area):
            yield Finding("clipped", f"{says} reaches out of its {holder.metaObject().className().split('_QML')[0]}")
    for i, (one, here) in enumerate(inked):
        for other, there in inked[i + 1 :]:
            common = here.intersected(there)
            if common.width() > SLACK and common.height() > SLACK:
                by = f"{common.width():.0f} x {common.height():.0f}"
                yield Finding("overlap", f"{_quoted(one)} and {_quoted(other)} overlap by {by}")


def _targets(targets: list[QQuickItem], panel: Panel) -> Iterator[Finding]:
    least = LEAST_TARGET_MM[panel.size] * panel.px_per_mm - SLACK
    gap = LEAST_GAP_MM * panel.px_per_mm - SLACK
    for i, item in enumerate(targets):
        name, here = _named(item), on_glass(item)
        if min(here.width(), here.height()) < least:
            measured = f"{here.width() / panel.px_per_mm:.1f} x {here.height() / panel.px_per_mm:.1f}"
            yield Finding("target", f"{name} is {measured} mm")
        if not panel.glass.adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(here):
            yield Finding("outside", f"{name} lies outside the glass")
        low, high = panel.above_floor_mm(here.bottom()), panel.above_floor_mm(here.top())
        slack_mm = SLACK / panel.px_per_mm
        if panel.low and (low < REACH_MM[0] - slack_mm or high > REACH_MM[1] + slack_mm):
            yield Finding("reach", f"{name} is {low:.0f}-{high:.0f} mm above the floor")
        for other in targets[i + 1 :]:
            there = on_glass(other)
            across = max(here.left() - there.right(), there.left() - here.right())
            down = max(here.top() - there.bottom(), there.top() - here.bottom())
            if max(across, down) < gap:
                apart = max(across, down) / panel.px_per_mm
                yield Finding("gap", f"{name} and {_named(other)} are {apart:.2f} mm apart")


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


_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u0600-\u06ff'’]{2,}|\d[\d.,:]*\d")


def _broken_word(item: QQuickItem) -> str:
    """The first word or number that is too wide for its line, so that Qt broke it; Chinese may be broken anywhere."""
    metrics = _metrics(item)
    for word in _WORD.findall(str(item.property("text"))):
        if metrics.horizontalAdvance(word) > item.width() + SLACK:
            return str(word)
    return ""


_SIGNS = re.compile(r"[\s\W]+")
SHORT = 3
"""Letters of a word that is too short for a line of its own."""


def _left_over(item: QQuickItem) -> str:
    """The last line of several, if it is but one Chinese character or one short word and there was more that could have
    stood beside it."""
    lines = _lines(item)
    if len(lines) < 2:
        return ""
    last = _SIGNS.sub("", lines[-1])
    if len(last) > (SHORT if last.isascii() else 1) or " " in lines[-1].strip():
        return ""
    before = lines[-2].split() if last.isascii() else _SIGNS.sub("", lines[-2])
    return lines[-1].strip() if len(before) > 1 else ""


def _lines(item: QQuickItem) -> list[str]:
    """A text as it is broken on the glass."""
    whole = str(item.property("text"))
    if item.property("lineCount") == whole.count("\n") + 1:
        return whole.split("\n")
    text = whole.replace("\n", "\u2028")
    layout = QTextLayout(text, _font(item))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    found = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(item.width())
        found.append(text[line.textStart() : line.textStart() + line.textLength()].replace("\u2028", ""))
    layout.endLayout()
    return found


def _metrics(item: QQuickItem) -> QFontMetricsF:
    return QFontMetricsF(_font(item))


def _font(item: QQuickItem) -> QFont:
    """As it is drawn: a text may have shrunk itself to fit its width."""
    font = QFont(item.property("font"))
    font.setPixelSize(max(1, round(item.property("drawnSize") or font.pixelSize())))
    return font


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


PROBES = (24, 5)
"""Places at which a text's ground is looked at, across and down."""


def _faint(texts: list[QQuickItem], picture: QImage, panel: Panel) -> Iterator[Finding]:
    """Words held against what was painted around their letters: the colour that occurs most in a hem around them."""
    scale = picture.width() / panel.glass.width()
    for item in texts:
        area, clip = _ink(item), clip_of(item)
        if clip is not None and not clip.contains(area):
            continue  # not to be seen, or told of by another rule
        ground = _ground(picture, area, scale)
        if ground is None:
            continue
        ratio = contrast(item.property("color"), ground)
        if ratio < panel.least_contrast - 0.05:
            yield Finding("contrast", f"{_quoted(item)} has {ratio:.1f}:1, less than {panel.least_contrast:g}:1")


def _ground(picture: QImage, area: QRectF, scale: float) -> QColor | None:
    seen: Counter[int] = Counter()
    across, down = PROBES
    for column in range(across):
        for row in range(down):
            x = round((area.left() + area.width() * column / (across - 1)) * scale)
            y = round((area.top() + area.height() * row / (down - 1)) * scale)
            if picture.rect().contains(x, y):
                seen[picture.pixel(x, y)] += 1
    return QColor.fromRgb(seen.most_common(1)[0][0]) if seen else None


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
