"""Money: an integer number of fen, never a float."""

from __future__ import annotations


class Fen(int):
    """An amount in fen (1/100 yuan). Adds and subtracts to Fen; the catalogue knows how to show it."""

    def __add__(self, other: int) -> Fen:
        return Fen(int(self) + int(other))

    __radd__ = __add__

    def __sub__(self, other: int) -> Fen:
        return Fen(int(self) - int(other))

    def __neg__(self) -> Fen:
        return Fen(-int(self))

    def __abs__(self) -> Fen:
        return Fen(abs(int(self)))

    def __repr__(self) -> str:
        return f"Fen({int(self)})"

    def yuan(self) -> str:
        """``3482.60`` as ``3,482.60``; a minus sign stands in front (U+2212)."""
        whole, rest = divmod(abs(int(self)), 100)
        return f"{'−' if self < 0 else ''}{whole:,}.{rest:02d}"
