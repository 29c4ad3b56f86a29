"""The history of an invented personal account: contributions, interest and what was paid from it.

Owns the arithmetic that keeps a history honest: nothing is spent that is not there, movements come in the
order of their days, and none lies in the future. The figures are of the right size and nobody's policy.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import field
from datetime import date
from enum import StrEnum

from drivers.frozen import dataclass
from kiosk.insurer.api import InsuranceStatus, Movement, MovementKind
from kiosk.insurer.sample_names import CLINICS, EMPLOYER, HOSPITALS, PHARMACIES, POOL
from kiosk.money import Fen

MONTHS = 14
"""How far a full history goes back: always past one January, so that interest is in it."""
_WAGE_YEAR = 2024
_WAGE_GROWTH_PER_MILLE = 40
_OWN_PER_MILLE = 20
"""2 % of the contribution base: the insured person's own part goes into the account."""
_INTEREST_PER_10000 = 60


class Income(StrEnum):
    """What flows into an account."""

    WAGE = "wage"
    """An employee's own part of the contribution, each month."""
    PENSION = "pension"
    """A retired person's fixed amount, each month."""
    YEARLY = "yearly"
    """Once a year, in January (supplements)."""
    NONE = "none"
    """Resident insurance: there is no contribution into an account."""


@dataclass(frozen=True, slots=True)
class SampleAccount:
    """One insurance of an invented person: what it began with and everything that moved since."""

    insurance: str
    status: InsuranceStatus
    opening: Fen = field(repr=False)
    movements: tuple[Movement, ...] = field(repr=False)

    @property
    def balance(self) -> Fen:
        return Fen(self.opening + sum(movement.amount for movement in self.movements))


def months_until(today: date, count: int) -> Iterator[tuple[int, int]]:
    """The last ``count`` (year, month) up to and with the month of ``today``, oldest first."""
    last = today.year * 12 + today.month - 1
    for index in range(last - count + 1, last + 1):
        yield index // 12, index % 12 + 1


def monthly_base(wage: Fen, year: int) -> Fen:
    """The contribution base of a year, from the wage of 2024: set anew each January, 4 % more."""
    base = int(wage)
    for _ in range(max(0, year - _WAGE_YEAR)):
        base += base * _WAGE_GROWTH_PER_MILLE // 1000
    return Fen(base)


def history(
    rng: random.Random,
    today: date,
    *,
    insurance: str = "310",
    status: InsuranceStatus = InsuranceStatus.NORMAL,
    income: Income = Income.WAGE,
    wage: int = 600_000,
    opening: int = 350_000,
    months: int = MONTHS,
    outings: int = 3,
    stopped_before: int = 0,
) -> SampleAccount:
    """Invent the last ``months`` months of an account.

    ``wage`` is in fen a month (for a retired person: the fixed amount); ``outings`` is how often at most is paid
    from the account in a month; income stops ``stopped_before`` months before ``today`` (a suspension).
    """
    balance = opening
    movements: list[Movement] = []
    for left, (year, month) in zip(range(months - 1, -1, -1), months_until(today, months), strict=True):
        plan: list[tuple[int, MovementKind]] = []
        if month == 1:
            plan.append((1, MovementKind.INTEREST))
        if left >= stopped_before and (
            income in (Income.WAGE, Income.PENSION) or (income is Income.YEARLY and month == 1)
        ):
            plan.append((12, MovementKind.CONTRIBUTION))
        plan += [(rng.randint(2, 28), _outing(rng)) for _ in range(rng.randint(0, outings))]
        for day, kind in sorted(plan):
            on = date(year, month, day)
            if on > today:
                continue
            amount, place = _movement(rng, kind, balance, income, Fen(wage), year, movements)
            if amount:
                movements.append(Movement(on, kind, place, Fen(amount)))
                balance += amount
    return SampleAccount(insurance, status, Fen(opening), tuple(movements))


def _outing(rng: random.Random) -> MovementKind:
    return rng.choices(
        (
            MovementKind.PHARMACY,
            MovementKind.OUTPATIENT,
            MovementKind.FAMILY,
            MovementKind.REFUND,
            MovementKind.INPATIENT,
        ),
        weights=(50, 30, 10, 6, 4),
    )[0]


def _movement(
    rng: random.Random,
    kind: MovementKind,
    balance: int,
    income: Income,
    wage: Fen,
    year: int,
    before: list[Movement],
) -> tuple[int, str]:
    """Amount (signed) and place; an amount of nothing means that it did not happen."""
    if kind is MovementKind.INTEREST:
        return balance * _INTEREST_PER_10000 // 10_000, ""
    if kind is MovementKind.CONTRIBUTION:
        if income is Income.WAGE:
            return monthly_base(wage, year) * _OWN_PER_MILLE // 1000, EMPLOYER
        return int(wage), EMPLOYER if income is Income.YEARLY else POOL
    if kind is MovementKind.REFUND:
        for last in reversed(before):
            if last.kind is MovementKind.REFUND:
                break  # one visit is refunded once
            if last.kind is MovementKind.OUTPATIENT:
                return -int(last.amount) // 2, last.place
        return 0, ""
    places, least, most = {
        MovementKind.PHARMACY: (PHARMACIES, 1_200, 16_000),
        MovementKind.OUTPATIENT: (CLINICS + HOSPITALS, 2_500, 32_000),
        MovementKind.FAMILY: (HOSPITALS + PHARMACIES, 3_000, 20_000),
        MovementKind.INPATIENT: (HOSPITALS, 40_000, 150_000),
    }[kind]
    return -min(balance, rng.randint(least, most)), rng.choice(places)
