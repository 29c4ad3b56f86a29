"""The terminal on the wire, for system tests: real drivers, real time, a glass that is played by code.

The terminal runs in the test's own process (:func:`near_terminal`) or in one of its own (:class:`FarTerminal`, which
starts this very module), so that it can be killed and its memory looked through; the citizen who plays it cannot tell
the two apart. The devices' far ends always live in the test's process. Also here: the ``kiosk`` program itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from drivers.card.pcscd import PcscdUnavailable, PrivatePcscd
from drivers.card.virtual import VirtualCardSlot
from drivers.faults import Fault
from drivers.idcard.virtual import VirtualIdReader
from drivers.pinpad.mock import MockPinPad
from drivers.printer.virtual import VirtualPrinter
from drivers.scanner.virtual import VirtualCamera
from kiosk import compose
from kiosk.config import Config, Devices
from kiosk.glass import Glass
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.line import InsurerLine
from kiosk.screens import Answer, Back, Finish, Key, Pick, Proceed, Scene
from kiosk.simulation.hall import Hall
from kiosk.simulation.wire import on_the_wire
from kiosk.station import Station
from kiosk.terminal import Terminal

ROOT = Path(__file__).parents[2]
STOP_S = 0.5
"""How long a terminal may take to end by itself; nobody here waits for a farewell."""
PATIENCE_S = 20.0
"""More than anything here takes on a busy machine; tests that promise a time measure it themselves."""

# --- the program -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ended:
    """What a run of the program left."""

    status: int
    out: str
    err: str
    seconds: float

    @property
    def complaint(self) -> str:
        """The one line on stderr."""
        assert "Traceback" not in self.err, self.err
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        return lines[0]


async def start_kiosk(*words: str, env: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
    """The real program, just started."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "kiosk", *words),
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def kiosk(*words: str, env: Mapping[str, str] | None = None) -> Ended:
    """Run the program to its end."""
    begun = time.monotonic()
    process = await start_kiosk(*words, env=env)
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode(), time.monotonic() - begun)


def descendants(pid: int) -> list[int]:
    """The processes that this one started, and theirs."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            found += [int(child), *descendants(int(child))]
    return found


def processes_with(environment: str) -> list[int]:
    """Every living process with this text in its environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if environment.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue  # it has ended, or is another user's
    return found


# --- the citizen -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """What stood on the glass."""

    name: str
    variant: str | None
    serial: int
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, scene: Scene) -> Seen:
        told = ("filled", "problem", "slip", "code", "tries_left", "card_in")
        facts = {name: getattr(scene.screen, name) for name in told if hasattr(scene.screen, name)}
        return cls(scene.screen.name, scene.screen.variant, scene.serial, facts)

    def __str__(self) -> str:
        return f"{self.name}.{self.variant}" if self.variant else self.name


class Citizen:
    """Looks at the glass and touches it. ``send`` takes an answer in words: ``proceed``, ``pick:show``, ``key:3``."""

    def __init__(self, send: Callable[[str], object]) -> None:
        self.seen: list[Seen] = []
        """Everything that was ever on the glass."""
        self.at: list[float] = []
        """When, on the loop's clock."""
        self._send = send
        self._next = 0
        self._changed = asyncio.Event()

    def heard(self, seen: Seen) -> None:
        self.seen.append(seen)
        self.at.append(asyncio.get_running_loop().time())
        self._changed.set()

    @property
    def names(self) -> list[str]:
        """The screens so far, each once in a row."""
        return [str(seen) for seen, before in zip(self.seen, [None, *self.seen], strict=False) if seen != before]

    def ever(self, *names: str) -> bool:
        return any(seen.name in names or str(seen) in names for seen in self.seen)

    def forget(self) -> None:
        """What was on the glass until now does not count for what is asked of it from now on."""
        self.seen.clear()
        self.at.clear()
        self._next = 0

    async def see(self, *wanted: str, within: float = PATIENCE_S) -> Seen:
        """Wait for one of these screens (``Refusal`` or ``Refusal.journal``) after the last touch."""
        return await self.until(lambda seen: seen.name in wanted or str(seen) in wanted, within, " or ".join(wanted))

    async def until(self, wanted: Callable[[Seen], bool], within: float = PATIENCE_S, what: str = "it") -> Seen:
        try:
            async with asyncio.timeout(within):
                while True:
                    while self._next < len(self.seen):
                        seen = self.seen[self._next]
                        self._next += 1
                        if wanted(seen):
                            return seen
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited {within:g} s for {what}, but saw {', '.join(self.names[-12:])}") from None

    def touch(self, answer: str) -> None:
        self._next = len(self.seen)
        self._send(answer)

    async def tap(self, answer: str, then: str) -> Seen:
        self.touch(answer)
        return await self.see(then)

    async def type(self, digits: str) -> None:
        """Six keys, one after the other as a finger would."""
        for count, digit in enumerate(digits, 1):
            self.touch(f"key:{10 if digit == '0' else int(digit) - 1}")
            await self._dots(count)

    async def press(self, digits: str) -> None:
        """The same on a PIN pad, and its green key."""
        for count, digit in enumerate(digits, 1):
            self.touch(f"press:{digit}")
            await self._dots(count)

    async def _dots(self, count: int) -> None:
        await self.until(lambda seen: seen.facts.get("filled") == count, what=f"{count} dots")

    async def choose_pin(self, pin: str) -> None:
        """Twice, as a new password is; returns right after the second ``proceed``."""
        await self.type(pin)
        await self.tap("proceed", "EnterPin.repeat")
        await self.type(pin)
        self.touch("proceed")

    async def until_pin_for_activation(self, hall: Hall) -> None:
        """From the attract screen to the pad."""
        await self.tap("pick:activate", "InsertCard")
        hall.insert_card()
        await self.see("LayIdCard")
        hall.lay_id()
        await self.see("Review")
        await self.tap("proceed", "EnterPin.new")

    async def until_pin_for_reset(self, hall: Hall) -> None:
        await self.tap("pick:password", "InsertCard")
        hall.insert_card()
        await self.see("KnowsPin")
        await self.tap("pick:reset", "LayIdCard")
        hall.lay_id()
        await self.see("Review")
        await self.tap("proceed", "EnterPin.new")


def _answer(words: str) -> Answer:
    kind, _, value = words.partition(":")
    match kind:
        case "pick":
            return Pick(value)
        case "key":
            return Key(int(value))
    return {"proceed": Proceed(), "back": Back(), "finish": Finish()}[kind]


# --- the hall and a terminal in this process -------------------------------------------------------------------------


@dataclass
class Place:
    """A hall with every device on the wire."""

    hall: Hall
    service: PrivatePcscd
    folder: Path

    @property
    def slot(self) -> VirtualCardSlot:
        assert isinstance(self.hall.slot, VirtualCardSlot)
        return self.hall.slot

    @property
    def pad(self) -> VirtualIdReader:
        assert isinstance(self.hall.pad, VirtualIdReader)
        return self.hall.pad

    @property
    def lens(self) -> VirtualCamera:
        assert isinstance(self.hall.lens, VirtualCamera)
        return self.hall.lens

    @property
    def printer(self) -> VirtualPrinter:
        assert isinstance(self.hall.mechanism, VirtualPrinter)
        return self.hall.mechanism

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def insurer(self) -> Path:
        return self.folder / "insurer.db"

    def devices(self) -> Devices:
        return Devices(
            card=f"pcsc:{self.service.reader_name}",
            idcard=f"sdt:{self.pad.port}",
            scanner=f"camera:{self.lens.url}",
            printer=f"escpos:{self.printer.url}",
        )


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[Place]:
    """Open a hall; skips the test where there can be no private pcscd."""
    import pytest  # not in a terminal's own process

    service = PrivatePcscd()
    try:
        await service.start()
    except PcscdUnavailable as error:
        pytest.skip(f"no private pcscd here: {error}")
    office = EmbeddedInsurer(folder / "insurer.db", clock=compose.clock)
    hall = await on_the_wire(compose.clock, office, folder / "slips", service)
    try:
        yield Place(hall, service, folder)
    finally:
        await hall.aclose()


@dataclass
class Near:
    """A terminal in this process, and whoever stands before it."""

    place: Place
    station: Station
    terminal: Terminal
    citizen: Citizen
    running: asyncio.Task[None]


@asynccontextmanager
async def near_terminal(folder: Path) -> AsyncIterator[Near]:
    """A hall and a terminal on it, seen up to its attract screen."""
    async with place(folder) as there:
        station = compose.simulated_station(Config(data=there.data), there.hall)
        citizen = Citizen(lambda words: glass.receive(_answer(words), glass.scene.serial if glass.scene else 0))
        glass = Glass(lambda scene: citizen.heard(Seen.of(scene)))
        terminal = Terminal(station, glass)
        running = asyncio.ensure_future(terminal.run())
        try:
            await citizen.see("Attract")
            yield Near(there, station, terminal, citizen, running)
            assert not running.done(), "the terminal ended"
        finally:
            terminal.stop()
            await asyncio.wait({running}, timeout=STOP_S)
            running.cancel()
            await asyncio.wait({running})
            station.journal.shut()


# --- a terminal in a process of its own ------------------------------------------------------------------------------


class FarTerminal:
    """``async with FarTerminal(place)``: seen up to its attract screen, asked to stop at the end."""

    def __init__(
        self,
        there: Place,
        *,
        perform: tuple[Fault, float] | None = None,
        within: Sequence[str] = (),
        pin_pad: bool = False,
    ) -> None:
        """``perform``: what happens to the first activation on its line, and how late. ``within``: command prefix.
        ``pin_pad``: with a pad beside its glass, whose keys are pressed by ``press:3``."""
        self.citizen = Citizen(self._say)
        self._place = there
        self._orders = {
            "data": str(there.data),
            "insurer": str(there.insurer),
            "devices": {name: getattr(there.devices(), name) for name in Devices.__slots__}
            | ({"pinpad": "mock"} if pin_pad else {}),
            "perform": None if perform is None else [perform[0].value, perform[1]],
        }
        self._within = within
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None

    environment: Mapping[str, str] = {}
    """What else its environment holds."""

    def program(self) -> Sequence[str]:
        """What Python is to run."""
        return "-m", "tests.helpers.wire", json.dumps(self._orders)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(*self._within, sys.executable, *self.program()),
            cwd=ROOT,
            env={**os.environ, "PCSCLITE_CSOCK_NAME": self._place.service.socket, **self.environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._listening = asyncio.ensure_future(self._listen(self._process))
        await self.citizen.see("Attract")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """As a power cut would."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        assert self._listening is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
            try:
                await asyncio.wait_for(self._process.wait(), 12.0)
            finally:
                if self._process.returncode is None:
                    self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._listening

    def _say(self, words: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(words.encode() + b"\n")

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self.citizen.heard(Seen(*json.loads(line)))
        await process.wait()


async def _live(orders: Mapping[str, Any]) -> None:
    """The other side of :class:`FarTerminal`: scenes out on stdout, answers in on stdin."""
    devices = Devices(**orders["devices"])
    config = Config(data=Path(orders["data"]), insurer_path=Path(orders["insurer"]), devices=devices)
    station = compose.real_station(config)
    line = InsurerLine(station.insurer)
    if orders["perform"] is not None:
        fault, seconds = orders["perform"]
        line.faults.fail_next("perform:Activate", Fault(fault), seconds=seconds)
    station = replace(station, insurer=line)

    def draw(scene: Scene) -> None:
        seen = Seen.of(scene)
        print(json.dumps([seen.name, seen.variant, seen.serial, dict(seen.facts)]), flush=True)

    glass = Glass(draw)
    terminal = Terminal(station, glass)
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)

    def read() -> None:
        received = os.read(0, 4096)
        if not received:
            loop.remove_reader(0)
            stopping.set()
        for words in received.decode().split():
            if words.startswith("press:"):
                assert isinstance(station.pin_pad, MockPinPad)
                station.pin_pad.keys.press(words.partition(":")[2])
            elif glass.scene is not None:
                glass.receive(_answer(words), glass.scene.serial)

    loop.add_reader(0, read)
    running = asyncio.ensure_future(terminal.run())
    await asyncio.wait({running, asyncio.ensure_future(stopping.wait())}, return_when=asyncio.FIRST_COMPLETED)
    terminal.stop()
    await asyncio.wait({running}, timeout=STOP_S)
    running.cancel()
    await asyncio.wait({running})
    await compose.close(station)


if __name__ == "__main__":
    asyncio.run(_live(json.loads(sys.argv[1])))
