"""Chords and taps at random, as somebody tries them who wants to get behind the terminal, as a script for xdotool: the
compositor runs in an X server of the trial's own, and to it these come as from a keyboard and a finger.
``hands.py COUNT SEED WIDTH HEIGHT | xdotool -``.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

HELP = "0xff6a"
"""By its number: alone, the name is a word of xdotool's own, which prints its help and presses nothing."""
HELD = ("ctrl", "alt", "shift", "super")
KEYS = (
    *(
        "Escape",
        "Tab",
        "Return",
        "space",
        "Delete",
        "BackSpace",
        "Print",
        "Sys_Req",
        "Menu",
        "Home",
        "End",
        "Prior",
        "Next",
    ),
    *("Insert", "Up", "Down", "Left", "Right", "Pause", HELP, "Cancel", "Break"),
    *("XF86PowerOff", "XF86Sleep", "XF86WWW", "XF86Explorer", "XF86Terminal", "XF86Calculator", "XF86Eject"),
    *(f"F{number}" for number in range(1, 13)),
    *(f"XF86Switch_VT_{number}" for number in range(1, 8)),
    *"abcdefghijklmnopqrstuvwxyz0123456789",
)
BUTTONS, WEIGHTS = (1, 2, 3, 4, 5), (16, 1, 1, 1, 1)
"""Left, middle, right, wheel up and down."""


def script(count: int, seed: int, width: int, height: int) -> Iterator[str]:
    chance = random.Random(seed)
    for number in range(count):
        if chance.random() < 0.6:
            held = [name for name in HELD if chance.random() < 0.5]
            yield f"key --delay 2 {'+'.join([*held, chance.choice(KEYS)])}"
        else:
            x, y = chance.randrange(width), chance.randrange(height)
            yield f"mousemove {x} {y} click {chance.choices(BUTTONS, WEIGHTS)[0]}"
        if number % 20 == 19:
            yield "sleep 0.05"  # the terminal must get round to each of them, not find them in a heap


def main() -> int:
    count, seed, width, height = map(int, sys.argv[1:])
    for line in script(count, seed, width, height):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
