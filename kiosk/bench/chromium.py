"""The terminal beside the machine's Chromium in kiosk mode with a static page: how soon it can be used, what it holds.

Both on one X display without a panel, taking turns, started as on a panel and painting without a GPU. The terminal is
``kiosk run`` with its real drivers, each of them before a peer on this machine; its frame counts when a citizen can act
on it. Chromium's counts when the page has had its second animation frame, so the first one is out; the page notes the
time itself, so that its call home does not count. Without Chromium or Xvfb the terminal is measured alone, off screen.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar

from drivers.discretion import WIPING
from drivers.frozen import dataclass
from kiosk.bench import Benchmark, Measurement, Unmeasured, median, p95
from kiosk.bench.processes import Family
from kiosk.simulation.peers import peers

START_TARGET = 0.75
"""The design's; docs/adr/0016-how-soon-the-terminal-stands.md says how it is reached."""
MEMORY_TARGET = 0.5
_STARTS = 9
_MEMORIES = 3
_SETTLES_S = 6.0
"""After the first frame: all screens are compiled and every device has been asked once (each 5 s)."""
_PATIENCE_S = 30.0
_SIZE = "1080x1920"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable")
_REFERENCE = "Chromium --kiosk, a static page"

_PAGE = """<!doctype html><meta charset="utf-8"><title>Terminal</title>
<body style="font:40px sans-serif"><h1>请插入社会保障卡</h1><button>确定</button><script>
requestAnimationFrame(() => requestAnimationFrame(() => {
  fetch("/painted", {method: "POST", body: String(performance.timeOrigin + performance.now())})
}))</script>""".encode()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Start:
    """Seconds from the call that starts the program."""

    frame: float
    """To the first frame that can be acted on."""
    screen: str
    """What was on it."""
    cpu: float
    """Of all its processes until then."""


# --- Chromium --------------------------------------------------------------------------------------------------------


class _Site(ThreadingHTTPServer):
    """Serves the page, and hears when it was painted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Visitor)
        self.painted = threading.Event()
        self.painted_at = 0.0
        threading.Thread(target=self.serve_forever, name="page", daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Visitor(BaseHTTPRequestHandler):
    server: _Site

    def do_GET(self) -> None:
        self._say(_PAGE)

    def do_POST(self) -> None:
        self.server.painted_at = float(self.rfile.read(int(self.headers["content-length"]))) / 1000
        self.server.painted.set()
        self._say(b"")

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody wants to read it."""


@dataclass(frozen=True, slots=True)
class _Browser:
    program: str
    profile: Path
    site: _Site
    environment: Mapping[str, str]

    def start(self) -> tuple[Family, _Start]:
        command = [self.program, "--kiosk", "--no-first-run", "--disable-gpu", f"--user-data-dir={self.profile}"]
        command += [f"--window-size={_SIZE.replace('x', ',')}", self.site.url]
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses to run as root with one
        self.site.painted.clear()
        family = Family(command, self.environment)
        if not self.site.painted.wait(_PATIENCE_S):
            family.end()
            raise Unmeasured(f"{self.program} painted nothing within {_PATIENCE_S:g} s")
        return family, _Start(self.site.painted_at - family.began, "page", family.cpu_s())


# --- the terminal ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Terminal:
    config: Path
    environment: Mapping[str, str]

    def start(self) -> tuple[Family, _Start]:
        command = [sys.executable, "-m", "kiosk", "-v", "run", "--config", str(self.config)]
        family = Family(command, self.environment, heard=True)
        for line in family.stderr:
            screen, painted, _ = _message(line).partition(" painted ")
            if painted and screen != "Starting":
                return family, _Start(time.time() - family.began, screen, family.cpu_s())
        family.end()
        raise Unmeasured("the terminal ended before it showed anything; try kiosk run")


def _message(line: str) -> str:
    """What a line of the log says, without when and who."""
    try:
        return str(json.loads(line)["msg"])
    except (ValueError, KeyError, TypeError):
        return ""


# --- both ------------------------------------------------------------------------------------------------------------


@contextmanager
def _display(folder: Path) -> Iterator[str]:
    """An X display without a panel, by its name; empty where there is none to be had."""
    program = shutil.which("Xvfb")
    if program is None:
        yield ""
        return
    read, write = os.pipe()
    with (folder / "Xvfb.log").open("w") as log:
        server = subprocess.Popen(  # noqa: S603 - Debian's Xvfb, which chooses a free number itself
            [program, "-displayfd", str(write), "-screen", "0", f"{_SIZE}x24", "-nolisten", "tcp"],
            pass_fds=(write,),
            stderr=log,
        )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        yield f":{number}" if number else ""
    finally:
        server.terminate()
        server.wait()


def _side_by_side(measure: Callable[[_Terminal, _Browser | None], T]) -> T:
    async def prepared() -> T:
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-bench-")))
            devices = await stack.enter_async_context(peers(folder))
            display = stack.enter_context(_display(folder))
            program = next(filter(None, map(shutil.which, _BROWSERS)), None)
            own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
            own |= {**WIPING, **devices.environment, "QT_QUICK_BACKEND": "software"}
            own |= {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display} if display else {"QT_QPA_PLATFORM": "offscreen"}
            browser = None
            if display and program is not None:
                site = _Site()
                stack.callback(site.server_close)
                stack.callback(site.shutdown)
                browser = _Browser(program, folder / "profile", site, {**os.environ, "DISPLAY": display})
            return await asyncio.to_thread(measure, _Terminal(devices.config, own), browser)

    return asyncio.run(prepared())


def _alone(browser: _Browser | None) -> str:
    return "" if browser is not None else ", alone: no Chromium or no Xvfb"


def _starts(terminal: _Terminal, browser: _Browser | None) -> Sequence[Measurement]:
    ours: list[_Start] = []
    theirs: list[_Start] = []
    for turn in range(_STARTS + 1):
        for program, starts in ((browser, theirs), (terminal, ours)):
            if program is None:
                continue
            family, start = program.start()
            family.end()
            if turn:  # the first one of each fills caches: byte code, QML, the browser's profile
                starts.append(start)
    frame, their_frame = [1000 * start.frame for start in ours], [1000 * start.frame for start in theirs]
    cpu, their_cpu = [1000 * start.cpu for start in ours], [1000 * start.cpu for start in theirs]
    shown = f"{ours[-1].screen} on the glass{_alone(browser)}"
    until = "processor time of all processes until then"
    if not theirs:
        return [
            Measurement(shown, median(frame), None, None, p95(frame)),
            Measurement(until, median(cpu), None, None, p95(cpu)),
        ]
    met = median(frame) <= START_TARGET * median(their_frame)
    return [
        Measurement(shown, median(frame), median(their_frame), met, p95(frame), p95(their_frame)),
        Measurement(until, median(cpu), median(their_cpu), None, p95(cpu), p95(their_cpu)),
    ]


def _memories(terminal: _Terminal, browser: _Browser | None) -> Sequence[Measurement]:
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(_MEMORIES):
        for program, memories in ((browser, theirs), (terminal, ours)):
            if program is None:
                continue
            family, _start = program.start()
            try:
                time.sleep(_SETTLES_S)  # memory is of interest once nothing is being loaded any more
                memories.append(family.memory_mib())
            finally:
                family.end()
    reference = median(theirs) if theirs else None
    met = median(ours) <= MEMORY_TARGET * reference if reference is not None else None
    return [Measurement("all processes, waiting for a citizen" + _alone(browser), median(ours), reference, met)]


BENCHMARKS = (
    Benchmark(
        "start",
        "process start to the first frame that can be acted on",
        _REFERENCE,
        f"<= {START_TARGET:g} x",
        "ms",
        lambda: _side_by_side(_starts),
    ),
    Benchmark(
        "memory",
        "proportional set size",
        _REFERENCE,
        f"<= {MEMORY_TARGET:g} x",
        "MiB",
        lambda: _side_by_side(_memories),
    ),
)
