"""What goes wrong on a day, and how likely it is: drawn once from the day's seed, different for every day.

On most days most things work and a few fail often, because faults that always come together hide one another. Owns the
list of faults and how one of them strikes a device; it decides nothing about what must be true afterwards.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from random import Random

from drivers.faults import Fault, FaultPlan
from drivers.frozen import dataclass

OUT_OF_USE = 0.55
"""Share of the faults that do not happen at all on a day."""
UNSAFE_POWER = 0.3
"""Share of the days on which the terminal can lose its power, or be told to stop."""


@dataclass(frozen=True, slots=True)
class Odds:
    """One thing that can go wrong: at which operation of which device, and how often at most."""

    name: str
    device: str
    """``card``, ``idcard``, ``scanner``, ``printer``, ``line``, ``terminal`` or ``hand``."""
    op: str
    most: float
    """Probability at one call on the worst of days."""
    fault: Fault | None = None
    """What a device's plan says then; ``None`` where the day itself acts."""
    seconds: tuple[float, float] = (0.0, 0.0)


FAULTS: tuple[Odds, ...] = (
    # What happens before a command reaches the chip, while it works on it, and before its answer is heard.
    Odds("card pulled before a command", "card", "apdu", 0.02, Fault.PULL),
    Odds("card pulled during a command", "card", "apdu", 0.02, Fault.DELAY, (0.2, 2.0)),
    Odds("card pulled before the answer", "card", "answer", 0.02, Fault.PULL),
    Odds("card pulled during the answer", "card", "answer", 0.02, Fault.DELAY, (0.2, 2.0)),
    Odds("card mute before a command", "card", "apdu", 0.01, Fault.MUTE),
    Odds("card mute after a command", "card", "answer", 0.01, Fault.MUTE),
    Odds("card's answer lost", "card", "answer", 0.01, Fault.DROP),
    Odds("card's answer garbled", "card", "answer", 0.02, Fault.GARBLE),
    Odds("card's answer late", "card", "answer", 0.05, Fault.DELAY, (0.1, 5.0)),
    Odds("card refuses a command", "card", "apdu", 0.01, Fault.ERROR),
    Odds("card answers with an error", "card", "answer", 0.01, Fault.ERROR),
    Odds("card reset by another program", "card", "apdu", 0.01),
    Odds("card swapped unnoticed", "card", "apdu", 0.05),
    Odds("card swapped", "card", "apdu", 0.02),
    Odds("card swapped between two screens", "hand", "swap", 0.1),
    Odds("card mute when inserted", "card", "card", 0.2, Fault.MUTE),
    Odds("card pulled when inserted", "card", "card", 0.2, Fault.PULL),
    Odds("card reader lost before a command", "card", "apdu", 0.005, Fault.LOSE),
    Odds("card reader lost before the answer", "card", "answer", 0.005, Fault.LOSE),
    Odds("ID card lifted while it is read", "idcard", "read", 0.3, Fault.PULL),
    Odds("ID card unreadable", "idcard", "read", 0.3, Fault.ERROR),
    Odds("ID reader lost", "idcard", "read", 0.2, Fault.LOSE),
    Odds("ID reader silent", "idcard", "find", 0.1, Fault.DROP),
    Odds("ID reader mute", "idcard", "find", 0.1, Fault.MUTE),
    Odds("security module broken", "idcard", "sam", 0.1, Fault.ERROR),
    Odds("camera lost", "scanner", "frame", 0.2, Fault.LOSE),
    Odds("camera frozen", "scanner", "frame", 0.2, Fault.MUTE),
    Odds("frame spoiled", "scanner", "frame", 0.3, Fault.GARBLE),
    Odds("printer lost", "printer", "print", 0.2, Fault.LOSE),
    Odds("paper ends", "printer", "print", 0.3, Fault.PULL),
    Odds("printer mute", "printer", "print", 0.1, Fault.MUTE),
    Odds("printer breaks down", "printer", "print", 0.2, Fault.ERROR),
    Odds("printer does not say how it is", "printer", "status", 0.3, Fault.MUTE),
    Odds("request not sent", "line", "link", 0.1, Fault.LOSE),
    Odds("request lost", "line", "link", 0.1, Fault.ERROR),
    Odds("answer lost", "line", "link", 0.1, Fault.DROP),
    Odds("answer garbled", "line", "link", 0.1, Fault.GARBLE),
    Odds("request for a change not sent", "line", "perform", 0.3, Fault.LOSE),
    Odds("request for a change lost", "line", "perform", 0.5, Fault.ERROR),
    Odds("answer to a change lost", "line", "perform", 0.8, Fault.DROP),
    Odds("outcome not to be had at once", "line", "outcome", 0.9, Fault.ERROR),
    Odds("outcome not to be had", "line", "silence", 0.5),
    Odds("the keys' holder does not answer", "line", "authority", 0.2, Fault.ERROR),
    Odds("the keys' holder refuses", "line", "keys", 0.2),
    Odds("answer late", "line", "link", 0.2, Fault.DELAY, (0.5, 15.0)),
    Odds("answer after the time-out", "line", "link", 0.1, Fault.DELAY, (20.5, 60.0)),
    # A request that is under way for long may be overtaken by the question what became of it.
    Odds("request overtaken", "line", "request late", 0.3),
    Odds("request twice", "line", "request twice", 0.4),
    Odds("another terminal is quicker", "line", "race", 0.2),
    Odds("line silent all night", "line", "night", 0.15),
    Odds("line down for a while", "line", "outage", 0.05),
    Odds("journal full for a while", "terminal", "disk", 0.03),
    Odds("clock jumps", "terminal", "clock", 0.3),
    Odds("power cut at a command to the card", "terminal", "cut apdu", 0.006),
    Odds("power cut at an answer of the card", "terminal", "cut answer", 0.006),
    Odds("power cut before a request", "terminal", "cut request", 0.02),
    Odds("power cut before an answer", "terminal", "cut reply", 0.02),
    Odds("power cut when a change was done", "terminal", "cut change", 0.3),
    Odds("power cut while the journal writes", "terminal", "cut journal", 0.02),
    Odds("power cut at a screen", "terminal", "cut screen", 0.005),
    Odds("power cut while a slip comes out", "terminal", "cut print", 0.05),
    Odds("told to stop", "terminal", "stop", 0.01),
)

_ENDS_A_LIFE = frozenset(odds.op for odds in FAULTS if odds.op.startswith("cut ") or odds.op == "stop")


class Weather:
    """The faults of one day, each with its probability, and which of them have struck so far."""

    def __init__(self, chance: Random, faults: Iterable[Odds] = FAULTS) -> None:
        self._chance = chance
        self._odds: dict[str, dict[str, list[tuple[Odds, float]]]] = {}
        """Of each operation, what can go wrong, and how likely it is that this does or one before it."""
        self.struck: Counter[str] = Counter()
        self.calm = False
        """The day is over and the world is whole: nothing fails any more."""
        self.power_unsafe = chance.random() < UNSAFE_POWER
        for odds in faults:
            # Both draws for every fault: what one of them is does not shift what the others are.
            off, weight = chance.random() < OUT_OF_USE, chance.random()
            if not off and (self.power_unsafe or odds.op not in _ENDS_A_LIFE):
                likely = odds.most * math.exp(-4.0 * weight)
                possible = self._odds.setdefault(odds.device, {}).setdefault(odds.op, [])
                possible.append((odds, likely + (possible[-1][1] if possible else 0.0)))

    def of(self, device: str) -> Collection[str]:
        """The operations of this device that can go wrong today."""
        return self._odds.get(device, {})

    def strikes(self, device: str, op: str) -> Odds | None:
        """Which fault happens at this call, if one does."""
        today = self._odds.get(device)
        possible = None if today is None or self.calm else today.get(op)
        if possible is None:
            return None
        roll = self._chance.random()
        if roll >= possible[-1][1]:
            return None
        odds = next(odds for odds, so_far in possible if roll < so_far)
        self.struck[odds.name] += 1
        return odds

    def seconds(self, odds: Odds) -> float:
        """How late this fault is."""
        low, high = odds.seconds
        return low if low == high else self._chance.uniform(low, high)


class WeatheredPlan(FaultPlan):
    """The plan of one device on such a day. ``happens`` is told of each fault that strikes, before it does; ``ahead``
    is called with the name of each operation before it begins. What else is planned by name counts first."""

    def __init__(
        self,
        weather: Weather,
        device: str,
        happens: Callable[[Odds, float], None],
        ahead: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._weather = weather
        self._device = device
        self._possible = weather.of(device)
        self._happens = happens
        self._ahead = ahead

    def draw(self, *ops: str) -> tuple[Fault | None, float]:
        general = ops[-1]
        self._ahead(general)
        if self._queues or self._standing:
            planned = super().draw(*ops)
            if planned[0] is not None:
                return planned
        for op in ops:
            if op in self._possible and (odds := self._weather.strikes(self._device, op)) is not None:
                seconds = self._weather.seconds(odds)
                self._happens(odds, seconds)
                return odds.fault, seconds
        return None, 0.0
