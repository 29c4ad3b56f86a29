"""Languages that only the gallery speaks: one that is generated and longer than any real one, to find what cannot grow,
and one that is written from right to left, as a sample. It owns how they are made; no terminal offers them.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import tomli
from PySide6.QtGui import QFontDatabase, QFontInfo, QRawFont

from kiosk.assets import ASSETS
from kiosk.text import Catalogue, catalogues
from ui.gallery.looks import PSEUDO, SAMPLE
from ui.gallery.states import AnyScreen

BASE = "en"
"""The longer of the two languages: the generated one grows from it."""
GROWTH = 0.4
"""By how much: short labels of translated interfaces grow by a third and more."""
_ACCENTED = str.maketrans("AEIOUaeiouyncsz", "ÀÉÎÖÛàéîöûýñçšž")


def every_tongue() -> Mapping[str, Catalogue]:
    """The real languages, the generated one and the sample."""
    real = catalogues()
    return {**real, PSEUDO: pseudo(real[BASE]), SAMPLE: sample(real[BASE])}


def pseudo(base: Catalogue) -> Catalogue:
    """``base`` in brackets, with accents, and longer; its placeholders untouched."""
    grown = {
        key: text if key.startswith("common.format.") or not text.strip() else grow(text)
        for key, text in base.texts.items()
    }
    return Catalogue(PSEUDO, grown)


def grow(template: str) -> str:
    """One text as the generated language says it: ``Next`` becomes ``[Ñéxt éx]``."""
    parts = list(string.Formatter().parse(template))
    written = "".join(literal for literal, _, _, _ in parts)
    accented = "".join(
        _escaped(literal.translate(_ACCENTED)) + ("" if name is None else f"{{{name}}}")
        for literal, name, _, _ in parts
    )
    return f"[{accented}{_more(written)}]"


def _more(written: str) -> str:
    """So much more of the same words, without the two brackets: their first letters again, in words of their own."""
    letters = [word for word in written.translate(_ACCENTED).split() if word.isalpha()] or ["öñé"]
    left = round(len(written) * GROWTH) - 2
    more = ""
    turn = 0
    while left > 1:
        word = letters[turn % len(letters)][: left - 1]
        more += f" {word}"
        left -= len(word) + 1
        turn += 1
    return more


def _escaped(literal: str) -> str:
    return literal.replace("{", "{{").replace("}", "}}")


# --- the sample ------------------------------------------------------------------------------------------------------


@cache
def _sample_texts() -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for file in sorted((ASSETS / "i18n_samples" / SAMPLE).glob("*.toml")):
        texts |= dict(_flat(tomli.loads(file.read_text("utf-8"))))
    return texts


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def sample(base: Catalogue) -> Catalogue:
    """``base`` with what the sample has words for."""
    return Catalogue(SAMPLE, {**base.texts, **_sample_texts()})


def in_sample(screen: AnyScreen) -> bool:
    """Whether the sample has the words of this screen, in this wording."""
    problem = getattr(screen, "problem", None)
    if (
        problem is not None
        and screen.variant != str(problem)
        and f"{screen.name}.problem_{problem}" not in _sample_texts()
    ):
        return False
    variant = f"{screen.name}.variant.{screen.variant}.title" if screen.variant is not None else f"{screen.name}.title"
    return variant in _sample_texts()


def why_no_sample() -> str:
    """Empty if this machine has a font for the sample, else what to install. Needs the Qt application."""
    for family in QFontDatabase.families(QFontDatabase.WritingSystem.Arabic):
        font = QRawFont.fromFont(QFontDatabase.font(family, "", 12))
        if QFontInfo(QFontDatabase.font(family, "", 12)).family() == family and font.supportsCharacter(ord("ۋ")):
            return ""
    return f"no font with the letters of {SAMPLE!r} is installed; fonts-dejavu-core has them"


__all__ = ["BASE", "GROWTH", "every_tongue", "grow", "in_sample", "pseudo", "sample", "why_no_sample"]
