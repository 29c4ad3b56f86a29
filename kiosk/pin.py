"""The citizen's PIN between the glass and the chip, and the rules that refuse weak ones.

Digits live in one preallocated bytearray and are overwritten as soon as they are not needed. They never become a
``str``: Python cannot wipe one. Nothing here logs, prints or compares in a way that shows a digit.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Iterable
from functools import cache
from types import TracebackType

from kiosk.assets import ASSETS
from kiosk.screens import PinProblem

LENGTH = 6
"""Six digits: every public service text agrees (docs/protocols.md section 1.6)."""

CLEAR, ZERO, DELETE = 9, 10, 11
"""Positions on the pad that are not the keys 1-9."""


class Pin:
    """Six digits being typed or held. Use it as a context manager: leaving wipes it."""

    __slots__ = ("_digits", "_filled")

    def __init__(self) -> None:
        self._digits = bytearray(LENGTH)
        self._filled = 0

    def __len__(self) -> int:
        """How many digits there are."""
        return self._filled

    def __repr__(self) -> str:
        return "Pin(…)"

    def __enter__(self) -> Pin:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.wipe()

    @property
    def complete(self) -> bool:
        return self._filled == LENGTH

    @property
    def digits(self) -> bytearray:
        """The live buffer of ASCII digits, to be lent to the chip and the HSM; never copied into ``bytes``."""
        if not self.complete:
            raise ValueError("the PIN is not complete")
        return self._digits

    def press(self, position: int) -> None:
        """A key of the pad; what does not fit is ignored."""
        if position == CLEAR:
            self.wipe()
        elif position == DELETE:
            if self._filled:
                self._filled -= 1
                self._digits[self._filled] = 0
        elif self._filled < LENGTH:
            if 0 <= position < 9:
                self._append(position + 1)
            elif position == ZERO:
                self._append(0)

    def take(self, digits: bytearray) -> None:
        """ASCII digits from a pad, in place of what is here; ``digits`` is wiped. Raises ValueError for others."""
        try:
            if len(digits) != LENGTH or not all(0x30 <= digit <= 0x39 for digit in digits):
                raise ValueError(f"a PIN is {LENGTH} digits")
            self._digits[:] = digits
            self._filled = LENGTH
        finally:
            digits[:] = bytes(len(digits))

    def _append(self, digit: int) -> None:
        self._digits[self._filled] = 0x30 + digit
        self._filled += 1

    def same_as(self, other: Pin) -> bool:
        return self.complete and other.complete and hmac.compare_digest(self._digits, other._digits)

    def wipe(self) -> None:
        for i in range(LENGTH):
            self._digits[i] = 0
        self._filled = 0


async def spent(giving: Awaitable[None], *pins: Pin) -> None:
    """Await what gives these PINs to the chip, and wipe them as soon as that has ended, however it ended: what comes
    after it (a screen that is to be read, the insurer's note) takes its time."""
    try:
        await giving
    finally:
        for pin in pins:
            pin.wipe()


# --- weak PINs -------------------------------------------------------------------------------------------------------

_LINES = (b"123", b"456", b"789", b"147", b"258", b"369", b"159", b"357")
"""Straight lines on the pad; with their reverses, two of them make a pattern."""
_TRIPLES = frozenset(_LINES) | frozenset(line[::-1] for line in _LINES)

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@cache
def _common() -> frozenset[bytes]:
    """PINs that very many people choose: ``assets/policy/common_pins.txt``."""
    lines = (ASSETS / "policy" / "common_pins.txt").read_text("ascii").splitlines()
    return frozenset(line.strip().encode("ascii") for line in lines if line.strip() and not line.startswith("#"))


def _repeats_every(digits: bytearray, period: int) -> bool:
    return all(digits[i] == digits[i + period] for i in range(LENGTH - period))


def _pair(digits: bytearray, at: int) -> int:
    return (digits[at] - 0x30) * 10 + digits[at + 1] - 0x30


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]


def _is_date(d: bytearray) -> bool:
    """A date from 1930 to 2030 as YYMMDD or MMDDYY, or a month as YYYYMM.

    DDMMYY is not a way in which Chinese citizens write dates; refusing it too would refuse 2.9 % of random PINs more.
    """
    a, b, c = _pair(d, 0), _pair(d, 2), _pair(d, 4)
    year = a * 100 + b
    return _is_day(b, c) or _is_day(a, b) or (1930 <= year <= 2030 and 1 <= c <= 12)


def weakness(
    pin: Pin, *, initial: Iterable[str] = (), personal: Iterable[str] = (), old: Pin | None = None
) -> PinProblem | None:
    """Why this PIN is refused, or ``None``.

    ``initial`` are the first PINs that the city hands out; ``personal`` are numbers of the citizen (ID, card, phone)
    of which no six digits in a row from the end are taken. The order is the order of what helps the citizen most.
    """
    d = pin.digits
    if old is not None and pin.same_as(old):
        return PinProblem.OLD
    if any(d == first.encode("ascii") for first in initial):
        return PinProblem.INITIAL
    if len(set(d)) <= 2 or any(d[i] == d[i + 1] == d[i + 2] == d[i + 3] for i in range(3)):
        return PinProblem.REPEATS
    steps = {(d[i + 1] - d[i]) % 10 for i in range(LENGTH - 1)}
    if steps in ({1}, {9}):
        return PinProblem.RUN
    if _repeats_every(d, 3) or _repeats_every(d, 2) or (d[0] == d[1] and d[2] == d[3] and d[4] == d[5]):
        return PinProblem.PATTERN
    if any(d.startswith(line) for line in _TRIPLES) and any(d.endswith(line) for line in _TRIPLES):
        return PinProblem.PATTERN
    for number in personal:
        if any(d == tail.encode("ascii") for tail in _tails(number)):
            return PinProblem.PERSONAL
    if _is_date(d):
        return PinProblem.DATE
    if any(d == common for common in _common()):
        return PinProblem.COMMON
    return None


def _tails(number: str) -> list[str]:
    """Last six digits, also those before a check character (``X``), and the six of a birth date in an ID number."""
    digits = "".join(c for c in number if c in "0123456789")
    tails = [digits[-LENGTH:], digits[-LENGTH - 1 : -1]]
    if len(number) == 18:  # ID number: the birth date stands at 7-14
        tails.append(number[8:14])
    return [tail for tail in tails if len(tail) == LENGTH]
