"""Goes through the gallery: every state in every look that was asked for, measured, pictured and written down. It owns
the order of the work and its two processes; rules, states and the page are others'.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage

from kiosk.screens import Size, Slip
from ui.application import application
from ui.gallery.controls import control_sheets
from ui.gallery.looks import PSEUDO, SAMPLE, Look, Voice, demanding_looks, every_look, sample_looks
from ui.gallery.measure import HEADLINE, KEY, Finding, Panel, findings, heights_mm, letters_px, shrunk
from ui.gallery.page import write_page
from ui.gallery.showcase import Showcase
from ui.gallery.states import AnyScreen, samples
from ui.gallery.tongues import every_tongue, in_sample, why_no_sample

PROCESSES = 2
"""At most: the machine has other work."""
PICTURE_WIDTH = {"portrait": 540, "landscape": 960}
"""Pixels of a picture: half of the glass, enough to judge by and four times smaller."""
SHRINKS = frozenset({"capital", "target", "shrunk", "squeezed"})
"""What the generated language may do in the larger sizes: a screen that is too full is drawn smaller as a whole, and
nothing of it is cut off. At the normal size it must fit as it is."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of the gallery and what is wrong in it."""

    label: str
    screen: str
    look: str
    language: str
    size: str
    contrast: str
    orientation: str
    reach: str
    hand: str
    voice: str
    picture: str
    """Path below the gallery's folder; empty when no picture was asked for."""
    width: int
    height: int
    findings: tuple[Finding, ...] = ()
    sample: bool = False


@dataclass(slots=True)
class Report:
    """All that was shown, and how long it took."""

    shown: list[Shown] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def wrong(self) -> int:
        return sum(len(one.findings) for one in self.shown)


def has_own(screen: AnyScreen) -> bool:
    """Whether there is something private that can be read out: figures, or a slip."""
    return bool(screen.private) or getattr(screen, "slip", False) in (Slip.PRINTED, Slip.ON_SCREEN)


def chosen_states(prefixes: Sequence[str], *, quick: bool) -> list[tuple[str, AnyScreen]]:
    """Every state whose label or screen begins with one of ``prefixes`` (all without any); ``quick``: the last one of
    each screen, which is the fullest."""
    wanted = [
        (label, screen)
        for label, screen in samples()
        if not prefixes or any(label.startswith(p) or screen.name.lower().startswith(p.lower()) for p in prefixes)
    ]
    if not quick:
        return wanted
    return list({screen.name: (label, screen) for label, screen in wanted}.values())


def excused(look: Look, found: Finding) -> bool:
    """Whether a rule is not meant for this look."""
    if look.language == PSEUDO and found.rule in ("stray", "squeezed"):
        return True  # nobody's words: there is nobody to choose shorter ones
    return look.language in (PSEUDO, SAMPLE) and look.size != "normal" and found.rule in SHRINKS


class Gallery:
    """Shows states in looks of one orientation in this thread. ``out`` is where the pictures go; without it they are
    only measured."""

    def __init__(self, landscape: bool, out: Path | None = None, *, lower_edge_mm: float = 850.0) -> None:
        plain = Look(landscape=landscape)
        self.landscape = landscape
        self._out = out
        self._letters: dict[tuple[str, Look], dict[str, float]] = {}
        self.showcase = Showcase(
            plain.pixels, plain.millimetres, words=every_tongue(), lower_edge_mm=lower_edge_mm, simulated=False
        )

    def show(self, label: str, screen: AnyScreen, look: Look, *, painted: bool = True) -> Shown:
        """One state in one look: on the glass, measured, pictured. Without ``painted`` no picture is taken, and words
        are not held against their ground."""
        self.showcase.present(
            screen,
            look.preferences,
            offers_large=label in OFFERING and look.size == "normal",
            another_waits=label.startswith("another waits"),
            can_speak=look.voice is not Voice.NONE and screen.heeded,
            can_read_out=look.voice is Voice.ON and has_own(screen),
        )
        image = self.showcase.picture() if painted else None
        found = [Finding("complaint", said) for said in dict.fromkeys(self.showcase.complaints())]
        found += findings(self.showcase.window, image) + self._shrunk(label, look)
        return self._keep(label, screen.name, look, image, tuple(f for f in found if not excused(look, f)))

    def _shrunk(self, label: str, look: Look) -> list[Finding]:
        """What is smaller now than it was at the smaller sizes that this state was shown in before. Operator mode is
        not held to it: staff stand close and may choose the size."""
        if label.startswith("staff"):
            return []
        letters = self._letters[label, look] = letters_px(self.showcase.window)
        sizes = list(Size)
        found: dict[str, Finding] = {}
        for size in sizes[: sizes.index(look.size)]:
            before = self._letters.get((label, replace(look, size=size)), {})
            # Headlines and keys are large anyway: they may give up what a larger size gave them, and no more than that.
            told = {n: h for n, h in letters.items() if size is Size.NORMAL or not n.startswith((HEADLINE, KEY))}
            found |= {f.says: f for f in shrunk(before, told, str(size))}
        return list(found.values())

    def heights_mm(self) -> dict[str, tuple[float, float]]:
        """Of every target that is shown now: how high above the floor its lower and its upper edge are."""
        return heights_mm(self.showcase.window)

    def controls(self, look: Look) -> list[Shown]:
        """Every control in every state it can be in."""
        self.showcase.present(samples()[1][1], look.preferences)
        shown = []
        for label, window in control_sheets(self.showcase):
            image = window.grabWindow()
            sheet = QRectF(0, 0, window.width(), window.height())
            panel = replace(Panel.of(self.showcase.window), glass=sheet, low=False)
            found = tuple(f for f in findings(window.contentItem(), image, panel) if not excused(look, f))
            shown.append(self._keep(label, "Controls", look, image, found))
        return shown

    def _keep(self, label: str, name: str, look: Look, image: QImage | None, found: tuple[Finding, ...]) -> Shown:
        orientation = "landscape" if look.landscape else "portrait"
        path = ""
        width, height = look.pixels if image is None else (image.width(), image.height())
        if self._out is not None and image is not None:
            path = f"{look.name}/{''.join(c if c.isalnum() else '_' for c in label)}.png"
            (self._out / path).parent.mkdir(parents=True, exist_ok=True)
            small = image.scaledToWidth(PICTURE_WIDTH[orientation], Qt.TransformationMode.SmoothTransformation)
            width, height = small.width(), small.height()
            # Fewer colours would be smaller still, but a gallery must show the true ones.
            if not small.save(str(self._out / path)):
                raise OSError(f"{self._out / path} cannot be written")
        return Shown(
            label,
            name,
            look.name,
            look.language,
            str(look.size),
            str(look.contrast),
            orientation,
            str(look.reach),
            str(look.hand),
            str(look.voice),
            path,
            width,
            height,
            found,
            sample=look.language == SAMPLE,
        )

    def close(self) -> None:
        self.showcase.put_out()


OFFERING = frozenset({"review activation, next day", "pin, new, three", "pin, wrong"})
"""States in which the question about larger letters stands beside the screen: those that follow the ID card."""


def _half(landscape: bool, out: Path | None, prefixes: Sequence[str], quick: bool) -> tuple[list[Shown], list[str]]:
    """All looks of one orientation: the work of one process."""
    application(software=True, offscreen=True)
    gallery = Gallery(landscape, out)
    looks = [look for look in (demanding_looks() if quick else every_look()) if look.landscape is landscape]
    shown: list[Shown] = []
    notes: list[str] = []
    states = chosen_states(prefixes, quick=quick)
    try:
        for look in looks:
            # Operator mode has no citizen to speak to.
            told = [each for each in states if look.voice is Voice.NONE or "staff" not in type(each[1]).__module__]
            shown += [gallery.show(label, screen, look) for label, screen in told]
            controls = not prefixes or any("controls".startswith(p.lower()) for p in prefixes)
            if controls and look.voice is Voice.NONE:
                shown += gallery.controls(look)
        reason = why_no_sample()
        if reason:
            notes.append(f"the sample is left out: {reason}")
        else:
            sampled = [(label, screen) for label, screen in states if in_sample(screen)]
            for look in sample_looks():
                if look.landscape is landscape and not (quick and look.size == "large"):
                    shown += [gallery.show(label, screen, look) for label, screen in sampled]
    finally:
        gallery.close()
    return shown, notes


def run(
    out: Path,
    *,
    prefixes: Sequence[str] = (),
    quick: bool = False,
    processes: int = PROCESSES,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """The whole gallery into ``out``: pictures, ``index.html``, ``findings.json``. Each orientation is the work of a
    process of its own. Raises OSError when something cannot be written."""
    began = clock()
    out.mkdir(parents=True, exist_ok=True)
    report = Report()
    work = [(landscape, out, tuple(prefixes), quick) for landscape in (False, True)]
    if processes > 1:
        # Started afresh: a Qt that runs already does not survive a fork.
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            halves = pool.starmap(_half, work)
    else:
        halves = [_half(*one) for one in work]
    for shown, notes in halves:
        report.shown += shown
        report.notes += [note for note in notes if note not in report.notes]
    report.seconds = clock() - began
    entries = [asdict(one) for one in report.shown]
    write_page(out, entries, report.notes)
    wrong = [entry for entry in entries if entry["findings"]]
    (out / "findings.json").write_text(json.dumps(wrong, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return report
