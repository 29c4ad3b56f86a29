"""The way into operator mode: who knows it gets through, and no tapping does."""

from __future__ import annotations

import random

import pytest

from kiosk.maintenance.gesture import HOLD_S, PATTERN, Place, Summons, corner_of

WIDTH, HEIGHT = 336.0, 597.0


def made(summons: Summons, *steps: tuple[Place, float, float]) -> bool:
    """Each step: where, when the finger goes down, for how long. Whether the last one completed it."""
    done = False
    for place, at, length in steps:
        summons.pressed(place, at)
        done = summons.released(at + length)
    return done


def right(hold_s: float = HOLD_S + 0.2, between_s: float = 0.6) -> list[tuple[Place, float, float]]:
    taps = [(place, hold_s + between_s * (n + 1), 0.2) for n, place in enumerate(PATTERN)]
    return [(Place.FIRST, 0.0, hold_s), *taps]


def test_who_knows_it_gets_through() -> None:
    assert made(Summons(), *right())


def test_it_can_be_made_again_and_after_a_failure() -> None:
    summons = Summons()
    assert not made(summons, *right()[:3])
    assert not made(summons, (Place.ELSEWHERE, 9.0, 0.1))
    later = [(place, at + 20.0, length) for place, at, length in right()]
    assert made(summons, *later)
    assert made(summons, *((place, at + 60.0, length) for place, at, length in right()))


@pytest.mark.parametrize(
    "steps",
    [
        right(hold_s=HOLD_S - 0.1),
        right(hold_s=11.0),
        right(between_s=2.5),
        right()[1:],
        [*right()[:2], *right()[3:]],
        [(Place.SECOND, 0.0, 4.0), *right()[1:]],
        [right()[0], (Place.ELSEWHERE, 3.4, 0.1), *right()[1:]],
        [*right()[:4], (Place.SECOND, right()[4][1], 1.5)],
        [*right()[:4], (Place.FIRST, right()[4][1], 0.2)],
    ],
    ids=["short hold", "long hold", "slow", "no hold", "one less", "wrong corner", "astray", "long touch", "wrong end"],
)
def test_anything_else_is_nothing(steps: list[tuple[Place, float, float]]) -> None:
    assert not made(Summons(), *steps)


def test_a_second_finger_ends_it() -> None:
    summons = Summons()
    summons.pressed(Place.FIRST, 0.0)
    summons.pressed(Place.ELSEWHERE, 1.0)
    assert not summons.released(4.0)
    assert not made(summons, *((place, at + 1.0, length) for place, at, length in right()[1:]))


@pytest.mark.parametrize("seed", range(20))
def test_ten_thousand_random_taps_never_make_it(seed: int) -> None:
    """Fast, all over the panel, every third in one of the two corners."""
    dice, summons, now = random.Random(seed), Summons(), 0.0
    for _ in range(10_000):
        if dice.random() < 1 / 3:
            x, y = dice.choice((0.02, 0.98)), 0.01
        else:
            x, y = dice.random(), dice.random()
        summons.pressed(corner_of(x, y, WIDTH, HEIGHT), now)
        now += dice.uniform(0.01, 0.9)
        assert not summons.released(now)
        now += dice.uniform(0.01, 0.5)


def test_random_taps_with_long_ones_among_them_hardly_ever_do() -> None:
    """Somebody who leans on the panel as well: 10 000 touches over all of it, one in ten held for up to ten seconds."""
    dice, summons, now = random.Random(1), Summons(), 0.0
    for _ in range(10_000):
        place = corner_of(dice.random(), dice.random(), WIDTH, HEIGHT)
        summons.pressed(place, now)
        now += dice.uniform(0.0, 10.0) if dice.random() < 0.1 else dice.uniform(0.05, 0.9)
        assert not summons.released(now)
        now += dice.uniform(0.05, 0.5)


def test_corners_of_both_panels() -> None:
    for width, height in ((WIDTH, HEIGHT), (HEIGHT, WIDTH)):
        assert corner_of(0.01, 0.01, width, height) is Place.FIRST
        assert corner_of(0.99, 0.01, width, height) is Place.SECOND
        for x, y in ((0.5, 0.01), (0.01, 0.5), (0.01, 0.99), (0.99, 0.99)):
            assert corner_of(x, y, width, height) is Place.ELSEWHERE
