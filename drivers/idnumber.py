"""The 18-character citizen identity number (GB 11643): its check digit and what it says of its holder.

Pure functions over strings. It does not know whether a number was ever issued, whom it belongs to, or any
administrative division; and it never puts a number into an exception text.
"""

from __future__ import annotations

import re
from datetime import date

# docs/protocols.md section 2.4: ISO 7064 MOD 11-2 with the weights written out in GB 11643.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_FIRST_17 = re.compile(r"[0-9]{17}")


class BadIdNumber(ValueError):
    """The text is not a well-formed identity number. Does not repeat it."""


def check_digit(first17: str) -> str:
    """The 18th character (``0``-``9`` or ``X``) for the first 17 digits. Raises BadIdNumber."""
    if not _FIRST_17.fullmatch(first17):
        raise BadIdNumber("an identity number begins with 17 digits")
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first17, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def is_valid(number: str) -> bool:
    """Whether the shape, the date inside and the check digit are right. A small ``x`` is not accepted."""
    try:
        birth_date(number)
    except BadIdNumber:
        return False
    return number[17] == check_digit(number[:17])


def same(one: str, other: str) -> bool:
    """Whether they are one number: who writes it elsewhere may write its X small."""
    return one.upper() == other.upper()


def birth_date(number: str) -> date:
    """Date of birth, digits 7-14. Raises BadIdNumber; does not look at the check digit."""
    if not _SHAPE.fullmatch(number):
        raise BadIdNumber("an identity number has 17 digits and a digit or X")
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        # Not chained: the cause's text could repeat a part of the number.
        raise BadIdNumber("the date inside the identity number does not exist") from None


def sex(number: str) -> str:
    """``male`` when digit 17 is odd, else ``female``. Raises BadIdNumber."""
    if not _SHAPE.fullmatch(number):
        raise BadIdNumber("an identity number has 17 digits and a digit or X")
    return "male" if int(number[16]) % 2 else "female"
