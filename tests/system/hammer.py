"""A child before the glass: seeded gestures of a mouse and of keys, by xdotool on an X server of its own, against the
whole terminal. Afterwards there is one window over the whole screen and no other, no process more than before, no error
that the terminal complained of, and no screen or state that is not named.

    .venv/bin/python -m tests.system.hammer --count 10000 --seed 1

A mouse is what X can send; ten fingers at once are played in process by ``tests/ui/test_rough_hands.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kiosk import screens
from kiosk.lifecycle import State

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 1080, 1920
BATCH = 40
"""Gestures between two looks at windows and processes."""
LIGHTS_S = 60.0
BATCH_S = 60.0
NEEDS = ("Xvfb", "xdotool", "xwininfo")


class Broken(AssertionError):
    """The glass did not stand it."""


@dataclass
class Outcome:
    gestures: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    screens: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.gestures} gestures in {self.seconds:.0f} s: {dict(self.kinds)}\n"
            f"screens: {dict(self.screens)}\nstates: {dict(self.states)}"
        )


def missing() -> str:
    """What this machine has not, or nothing."""
    return ", ".join(name for name in NEEDS if shutil.which(name) is None)


# --- gestures ---------------------------------------------------------------------------------------------------------


class Child:
    """Gestures as lines for xdotool, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.kinds: Counter[str] = Counter()

    def gesture(self) -> list[str]:
        kinds = {
            self._tap: 50,
            self._rapid: 12,
            self._elsewhere: 12,
            self._long: 2,
            self._swipe: 8,
            self._scrub: 3,
            self._other_buttons: 5,
            self._wheel: 4,
            self._key: 12,
        }
        kind = self._chance.choices(list(kinds), list(kinds.values()))[0]
        self.kinds[kind.__name__.strip("_")] += 1
        return kind()

    def _point(self) -> str:
        """Anywhere, but more often where buttons are."""
        x = self._chance.randrange(WIDTH)
        y = (
            self._chance.randrange(HEIGHT)
            if self._chance.random() < 0.5
            else self._chance.randrange(HEIGHT // 4, HEIGHT)
        )
        return f"{x} {y}"

    def _tap(self) -> list[str]:
        return [f"mousemove {self._point()}", "click 1"]

    def _rapid(self) -> list[str]:
        return [f"mousemove {self._point()}", f"click --repeat {self._chance.randrange(2, 7)} --delay 15 1"]

    def _elsewhere(self) -> list[str]:
        """A second tap while the first one still changes the screen."""
        return [*self._tap(), f"sleep {self._chance.uniform(0.0, 0.2):.3f}", *self._tap()]

    def _long(self) -> list[str]:
        return [f"mousemove {self._point()}", "mousedown 1", f"sleep {self._chance.uniform(0.4, 1.2):.2f}", "mouseup 1"]

    def _swipe(self) -> list[str]:
        return [f"mousemove {self._point()}", "mousedown 1", f"mousemove {self._point()}", "mouseup 1"]

    def _scrub(self) -> list[str]:
        moves = [f"mousemove {self._point()}" for _ in range(12)]
        return [*moves[:1], "mousedown 1", *moves[1:], "mouseup 1"]

    def _other_buttons(self) -> list[str]:
        return [f"mousemove {self._point()}", f"click {self._chance.choice((2, 3, 8, 9))}"]

    def _wheel(self) -> list[str]:
        return [f"mousemove {self._point()}", f"click --repeat 3 --delay 5 {self._chance.choice((4, 5, 6, 7))}"]

    def _key(self) -> list[str]:
        plain = ("Up", "Down", "Left", "Right", "Return", "Escape", "Tab", "space", "Menu", "F1", "F5", "F11", "Print")
        wild = ("alt+F4", "ctrl+q", "ctrl+w", "alt+Tab", "ctrl+c", "super", "ctrl+shift+i", "alt+space", "ctrl+alt+t")
        return [f"key --delay 2 {self._chance.choice(plain * 2 + wild)}"]


# --- the machine ------------------------------------------------------------------------------------------------------


@contextmanager
def x_server() -> Iterator[str]:
    """An X server of one's own; gives its display."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        if not number:
            raise Broken("the X server did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


class Terminal:
    """The process under the strokes, and what it told."""

    def __init__(self, display: str, seed: int, log: Path) -> None:
        self.environment = os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"}
        self._log = log.open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.hammered", str(seed)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as told:
            for line in told:
                self._lines.put(line)

    def await_screen(self, name: str) -> None:
        """Raises Broken."""
        until = time.monotonic() + LIGHTS_S
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise Broken(f"{name} did not come within {LIGHTS_S:g} s") from None
            if json.loads(line).get("screen") == name:
                return

    def hear(self, outcome: Outcome) -> None:
        """All that it told since the last time. Raises Broken for what nobody named."""
        known = {screen.__name__ for screen in screens.ALL}
        while not self._lines.empty():
            told = json.loads(self._lines.get())
            if "complaint" in told:
                raise Broken(f"the terminal complains: {told['complaint']}")
            if told["screen"] not in known or told["state"] not in set(State):
                raise Broken(f"nobody named {told}")
            outcome.screens[told["screen"]] += 1
            outcome.states[told["state"]] += 1

    def children(self) -> set[int]:
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return {int(pid) for task in tasks for pid in task.read_text().split()}

    def windows(self) -> list[str]:
        """Every window of the screen that is mapped, with its geometry, as the server tells."""
        tree = subprocess.run(
            ["xwininfo", "-root", "-children"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout
        found = []
        for window in re.findall(r"^\s+(0x[0-9a-f]+) ", tree, re.MULTILINE):
            one = subprocess.run(
                ["xwininfo", "-id", window],
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
            ).stdout
            if "IsViewable" in one and "InputOutput" in one:
                corner = re.search(r"-geometry (\S+)", one)
                found.append(corner[1] if corner else "?")
        return found

    def strike(self, lines: list[str]) -> None:
        subprocess.run(
            ["xdotool", "-"],
            input="\n".join(lines) + "\n",
            env=self.environment,
            text=True,
            timeout=BATCH_S,
            check=True,
        )

    def end(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Broken("it did not stop when it was told to") from None
        finally:
            self._reading.join(2)
            self._log.close()


def hammer(count: int, seed: int, log: Path, *, told: int = 0) -> Outcome:
    """``count`` gestures; every ``told`` of them a line on stderr. Raises Broken."""
    outcome, child = Outcome(), Child(seed)
    begun = time.monotonic()
    with x_server() as display:
        terminal = Terminal(display, seed, log)
        try:
            terminal.await_screen("Attract")
            whole = f"{WIDTH}x{HEIGHT}+0+0"
            until = time.monotonic() + LIGHTS_S
            while terminal.windows() != [whole]:  # the server maps it a moment after the first scene
                if time.monotonic() > until or terminal.process.poll() is not None:
                    raise Broken(f"not one window over the whole screen: {terminal.windows()}")
            children = terminal.children()
            while outcome.gestures < count:
                lines: list[str] = []
                for _ in range(min(BATCH, count - outcome.gestures)):
                    lines += child.gesture()
                    outcome.gestures += 1
                terminal.strike(lines)
                _look(terminal, outcome, whole, children)
                if told and outcome.gestures % told < BATCH:
                    sys.stderr.write(f"{outcome.gestures} of {count}\n")
        finally:
            status = terminal.end()
    if status not in (0, 128 + 15, -15):
        raise Broken(f"it ended with {status}; its words are in {log}")
    outcome.kinds, outcome.seconds = child.kinds, time.monotonic() - begun
    return outcome


def _look(terminal: Terminal, outcome: Outcome, whole: str, children: set[int]) -> None:
    where = f"after {outcome.gestures} gestures"
    if terminal.process.poll() is not None:
        raise Broken(f"{where}: the terminal ended with {terminal.process.returncode}")
    if (windows := terminal.windows()) != [whole]:
        raise Broken(f"{where}: the windows are {windows}")
    if more := terminal.children() - children:
        raise Broken(f"{where}: new processes {sorted(more)}")
    terminal.hear(outcome)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, default=Path("hammer.log"), help="what the terminal says meanwhile")
    arguments = parser.parse_args()
    if lacking := missing():
        sys.stderr.write(f"not here: {lacking}\n")
        return 2
    try:
        outcome = hammer(arguments.count, arguments.seed, arguments.log, told=1000)
    except Broken as broken:
        sys.stderr.write(f"seed {arguments.seed}: {broken}\n")
        return 1
    sys.stdout.write(f"{outcome}\none window over the whole screen, no other process, no complaint\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
