"""Invented people in place of real ones: the same value becomes the same other value, as long and coded alike.

It owns the inventions of one recording, drawn at random and kept nowhere, so that nobody can turn them back; and it
remembers what must not be left over, to search the finished recording for it. It refuses to guess what is personal:
whoever knows the device tells it.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Protocol, TypeVar

from drivers import idnumber

T = TypeVar("T", str, bytes)

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_FIRST_DAY, _DAYS = date(1930, 1, 1), 29_000
_REGION = "410100"
"""Zhengzhou, as the invented people of this project live there."""


class Chance(Protocol):
    """A source of chance: the system's, or a seeded one in tests."""

    def randrange(self, start: int, /) -> int: ...


class Disguise:
    """The inventions of one recording. ``avoid``: characters that real values hold, so that no invention does."""

    def __init__(self, chance: Chance | None = None, avoid: frozenset[str] = frozenset()) -> None:
        self._chance = chance if chance is not None else random.SystemRandom()
        self._avoid = avoid
        self._characters: dict[str, str] = {}
        self._taken: set[str] = set()
        self._values: dict[tuple[str, str | bytes], str | bytes] = {}
        self.characters: set[str] = set()
        """Every character of a real value met so far that was replaced."""
        self.texts: set[str] = set()
        """Real values met so far, as text."""
        self.octets: set[bytes] = set()
        """Real values met so far that are no text."""

    # --- values ----------------------------------------------------------------------------------------------------

    def words(self, text: str) -> str:
        """A name, an address, anything written: character by character, each of the same kind and coded length.

        Spaces and punctuation stay.
        """
        self._remember(text)
        return "".join(self._character(character) for character in text)

    def id_number(self, number: str) -> str:
        """18 characters: another number whose check digit is right if it was right; anything else by its shape."""

        def invent() -> str:
            try:
                born = idnumber.birth_date(number)
            except idnumber.BadIdNumber:
                return self._shaped(number)
            region = _REGION if number[0] < "7" else number[:2] + "0000"
            day = self.day(f"{born:%Y%m%d}".rjust(8, "0"))
            order = self._chance.randrange(499) * 2 + int(number[16]) % 2
            if f"{order:03d}" == number[14:17]:
                order = (order + 2) % 1000
            first = f"{region}{day}{order:03d}"
            check = idnumber.check_digit(first)
            if not idnumber.is_valid(number):
                check = "0" if check != "0" else "1"
            return first + check

        return self._once("id number", number, invent)

    def day(self, written: str) -> str:
        """A date of birth ``YYYYMMDD``: another day of the calendar; what is no day becomes one that is none."""

        def invent() -> str:
            try:
                date(int(written[:4]), int(written[4:6]), int(written[6:8]))
            except ValueError:
                return "19001399" if len(written) == 8 else self._shaped(written)
            found = written
            while found == written:
                found = f"{_FIRST_DAY + timedelta(days=self._chance.randrange(_DAYS)):%Y%m%d}"
            return found

        return self._once("day", written, invent)

    def number(self, text: str) -> str:
        """A card's number or the like: letters stay letters, digits stay digits."""
        return self._once("number", text, lambda: self._shaped(text))

    def digits(self, text: str) -> str:
        """A password: other digits, as many."""
        return self._once("password", text, lambda: self._shaped(text))

    def bytes(self, data: bytes) -> bytes:
        """An identifier that is no text: every byte another one."""
        return self._once("bytes", data, lambda: bytes((b + 1 + self._chance.randrange(255)) % 256 for b in data))

    # --- what must not be left over --------------------------------------------------------------------------------

    def leftovers(self) -> Iterator[str]:
        """Every real value in every coding in which it could stand in a recording, in hex."""
        for text in self.texts:
            if len(text) < 2 or not text.strip("0 "):
                continue  # one character says nothing; zeros are what hidden bytes look like
            for coding in ("gb18030", "utf-16-le", "utf-8"):
                yield text.encode(coding, "replace").hex()
            if text.isascii() and text.isdecimal() and len(text) % 2 == 0:
                yield text  # packed digits look like themselves in hex
        for octets in self.octets:
            if octets.strip(b"\0"):
                yield octets.hex()

    # --- invention -------------------------------------------------------------------------------------------------

    def _once(self, kind: str, value: T, invent: Callable[[], T]) -> T:
        if isinstance(value, str):
            self._remember(value)
        elif len(value) >= 3:
            self.octets.add(value)
        if (kind, value) not in self._values:
            self._values[kind, value] = invent()
        found: T = self._values[kind, value]  # type: ignore[assignment] # a kind holds one type
        return found

    def _remember(self, text: str) -> None:
        trimmed = text.strip()
        if any(_sort(character) for character in trimmed):
            self.texts.add(trimmed)

    def _shaped(self, text: str) -> str:
        return "".join(self._another(character) for character in text)

    def _another(self, character: str) -> str:
        """Any other character of the same kind, not the same one each time."""
        match _sort(character):
            case "digit":
                return str((int(character) + 1 + self._chance.randrange(9)) % 10)
            case "upper" | "lower":
                return self._letter(character)
            case None:
                return character
        return self._character(character)

    def _letter(self, character: str) -> str:
        place = self._chance.randrange(len(_LETTERS))
        if _LETTERS[place] == character.upper():
            place = (place + 1) % len(_LETTERS)
        return _LETTERS[place] if character.isupper() else _LETTERS[place].lower()

    def _character(self, character: str) -> str:
        """The one other character that stands for this one in all of the recording."""
        sort = _sort(character)
        if sort is None:
            return character
        self.characters.add(character)
        if character not in self._characters:
            self._characters[character] = self._invented(character, sort)
        return self._characters[character]

    def _invented(self, character: str, sort: str) -> str:
        if sort == "digit":
            return str((int(character) + 1 + self._chance.randrange(9)) % 10)
        if sort in ("upper", "lower"):
            return self._letter(character)
        first, count = _POOLS[sort]
        while True:
            found = chr(first + self._chance.randrange(count))
            if _sort(found) == sort and found not in self._avoid and found not in self._taken and found != character:
                self._taken.add(found)
                return found


_POOLS = {"2/2": (0x4E00, 0x51A6), "4/2": (0x3400, 0x19B0), "4/4": (0x20000, 0xA6D7)}
"""Where characters of as many bytes in GB 18030 and UTF-16 are found: common, rare, and beyond the basic plane."""


def _sort(character: str) -> str | None:
    """What a character may be exchanged with; ``None`` for what stays: spaces, punctuation, control characters."""
    if character.isascii():
        if character.isdecimal():
            return "digit"
        return ("upper" if character.isupper() else "lower") if character.isalpha() else None
    category = unicodedata.category(character)
    if category[0] in "PZ" or category in ("Cc", "Cf", "Sm", "Sc"):  # not Co and Cn: rare names are stored in them
        return None
    size = len(character.encode("gb18030", "replace"))
    return f"{size}/{len(character.encode('utf-16-le', 'surrogatepass'))}"
