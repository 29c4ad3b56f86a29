"""One catalogue of words for screens, slips and the command line, and the masking of names and numbers.

Words live in ``assets/i18n/<language>/*.toml``; every language has the same slots with the same placeholders, which is
checked when the catalogues are loaded. For a screen the table of its name holds the slots, a sub-table ``variant.<v>``
replaces some of them (``variant.<v>.<w>`` some of these), and ``common`` holds what all share. This module gives
finished strings: it knows no Qt, so a storyboard reads what the citizen reads.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from drivers.api import Frame
from kiosk.assets import ASSETS
from kiosk.money import Fen
from kiosk.screens import Answer, Screen

REFERENCE = "zh"
"""The language whose slots every other one must have."""

Words = dict[str, str]


class CatalogueError(Exception):
    """A text is missing or does not fit; says which language and key, and what to do."""


# --- masking ---------------------------------------------------------------------------------------------------------


def mask_name(name: str) -> str:
    """First character only: ``段**``. The number of stars says nothing about the length."""
    return f"{name[:1]}**" if name else "**"


def mask_id_number(number: str) -> str:
    """First three and last four: ``410***********1234``."""
    return f"{number[:3]}{'*' * max(0, len(number) - 7)}{number[-4:]}" if len(number) > 7 else "*" * len(number)


def card_tail(number: str) -> str:
    """Last four of a card number."""
    return number[-4:]


def digits_of(text: str) -> str:
    """``12333`` of "Help 12333"."""
    return "".join(filter(str.isdigit, text))


# --- the catalogue ---------------------------------------------------------------------------------------------------


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, str):
            yield f"{prefix}{key}", value
        else:
            raise CatalogueError(f"{prefix}{key}: a text must be a string")


def placeholders(template: str) -> frozenset[str]:
    """Names in braces."""
    if "{" not in template and "}" not in template:  # nearly all of them
        return frozenset()
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


def tables(name: str, variant: str | None) -> tuple[str, ...]:
    """Where the words of a screen stand, each table replacing slots of those before it. A variant may have one of its
    own, after a dot."""
    parts = variant.split(".") if variant else []
    return (f"{name}.", *(f"{name}.variant.{'.'.join(parts[: n + 1])}." for n in range(len(parts))))


class Catalogue:
    """All words of one language."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = dict(texts)
        self._slots_of: dict[tuple[str, str | None], Mapping[str, tuple[str, frozenset[str]]]] = {}
        self._common = {k.removeprefix("common."): v for k, v in texts.items() if k.startswith("common.")}
        self._plain_common = {k: v for k, v in self._common.items() if not placeholders(v)}

    @property
    def texts(self) -> Mapping[str, str]:
        """Every template by its full key."""
        return self._texts

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def say(self, key: str, **facts: object) -> str:
        """One text by its full key, filled in. Raises CatalogueError for an unknown key or a missing fact."""
        try:
            return self._texts[key].format(**{k: self.show(v) for k, v in facts.items()})
        except KeyError as missing:
            raise CatalogueError(f"{self.language}: no text or fact {missing} for {key}") from missing

    def show(self, value: object) -> str:
        """A single value as the citizen reads it."""
        if isinstance(value, Fen):
            return value.yuan()
        if isinstance(value, datetime):
            return f"{self.day(value.date())} {value:%H:%M}"
        if isinstance(value, date):
            return self.day(value)
        return str(value)

    def day(self, on: date, form: str = "date") -> str:
        """As people write it; in the form ``day`` with the day of the week."""
        return self._common[f"format.{form}"].format(
            year=on.year,
            month=on.month,
            day=on.day,
            month_name=self._common[f"month.{on.month}"],
            weekday=self._common[f"weekday.{on.isoweekday()}"],
        )

    def present(self, value: object) -> Any:
        """A screen or any part of it as plain dicts, lists, strings and numbers, ready to be shown."""
        if isinstance(value, Fen):
            return {"text": value.yuan(), "negative": value < 0, "zero": value == 0}
        if isinstance(value, datetime):
            return {"date": self.day(value.date()), "time": f"{value:%H:%M}"}
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, Enum):
            return str(value.value)
        if isinstance(value, Frame):
            return True  # the picture itself goes by another way
        if is_dataclass(value) and not isinstance(value, type):
            return {f.name: self.present(getattr(value, f.name)) for f in fields(value)}
        if isinstance(value, tuple | list):
            return [self.present(item) for item in value]
        return value

    def wording(self, screen: Screen[Answer]) -> Words:
        """Every slot of a screen, filled in, and the common words that need no filling."""
        slots = self._slots(screen.name, screen.variant)
        facts = self._facts(screen)
        # A slot about something that this screen leaves open (no tries to tell of) has nothing to say.
        untold = {f.name for f in fields(screen) if getattr(screen, f.name) is None}  # type: ignore[arg-type]
        # The same for a code that the common words cannot spell out (a bank that is not known).
        untold |= {f"{f.name}_name" for f in fields(screen)} - facts.keys()  # type: ignore[arg-type]
        try:
            filled = {
                slot: "" if untold & needed else template.format(**facts) for slot, (template, needed) in slots.items()
            }
        except KeyError as missing:
            raise CatalogueError(f"{self.language}: {screen.name} has no fact {missing}") from missing
        return self._plain_common | filled

    def _slots(self, name: str, variant: str | None) -> Mapping[str, tuple[str, frozenset[str]]]:
        """Template of each slot and what it needs; looked up among all texts once for each screen that there is."""
        known = self._slots_of.get((name, variant))
        if known is None:
            slots: dict[str, str] = {}
            for table in tables(name, variant):
                of_table = ((k.removeprefix(table), v) for k, v in self._texts.items() if k.startswith(table))
                slots |= {slot: text for slot, text in of_table if "." not in slot}
            known = {slot: (template, placeholders(template)) for slot, template in slots.items()}
            self._slots_of[name, variant] = known
        return known

    def _facts(self, screen: object) -> dict[str, str]:
        """Placeholders that a screen's words may use: ``number``, ``holder_name``, and ``bank_name`` for a code that
        the common words can spell out."""
        facts: dict[str, str] = {}
        for f in fields(screen):  # type: ignore[arg-type]  # every screen is a dataclass
            value = getattr(screen, f.name)
            if is_dataclass(value) and not isinstance(value, type):
                facts |= {f"{f.name}_{k}": v for k, v in self._facts(value).items()}
            elif value is None:
                facts[f.name] = ""
            elif isinstance(value, int | str | date):
                facts[f.name] = self.show(value)
                named = self._common.get(f"{f.name}.{value}")
                if named is not None:
                    facts[f"{f.name}_name"] = named
        return facts


def _load(folder: Path) -> Words:
    import tomli  # whoever is given the texts does without

    texts: Words = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            table = tomli.loads(file.read_text("utf-8"))
        except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CatalogueError(f"{file}: {error}") from error
        for key, text in _flat(table):
            if key in texts:
                raise CatalogueError(f"{file}: {key} stands in two files; keep one")
            texts[key] = text
    return texts


def differences(reference: Mapping[str, str], other: Mapping[str, str], language: str) -> list[str]:
    """What keeps ``other`` from being a full catalogue; empty when it is one."""
    found = [f"{language}: {key} is missing" for key in reference.keys() - other.keys()]
    found += [f"{language}: {key} stands in no other language; remove it" for key in other.keys() - reference.keys()]
    for key in reference.keys() & other.keys():
        if key.startswith("common.format."):
            continue  # how a date is written is each language's own affair
        if placeholders(reference[key]) != placeholders(other[key]):
            want = ", ".join(sorted(placeholders(reference[key]))) or "none"
            found.append(f"{language}: {key} must have the placeholders: {want}")
    return sorted(found)


@cache
def catalogues(folder: Path = ASSETS / "i18n") -> Mapping[str, Catalogue]:
    """Every language there is, the reference first. Raises CatalogueError, naming each difference."""
    reference = _load(folder / REFERENCE)
    loaded = {REFERENCE: Catalogue(REFERENCE, reference)}
    wrong: list[str] = []
    for path in sorted(p for p in folder.iterdir() if p.is_dir() and p.name != REFERENCE):
        texts = _load(path)
        wrong += differences(reference, texts, path.name)
        loaded[path.name] = Catalogue(path.name, texts)
    if wrong:
        raise CatalogueError("; ".join(wrong))
    return loaded
