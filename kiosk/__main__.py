"""The command line, and the one place that sees drivers, kiosk and ui together."""

from __future__ import annotations

import argparse
import errno
import gc
import importlib
import io
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from kiosk import __version__, logs
from kiosk.commands.failure import Failure

if TYPE_CHECKING:
    import socket

    from drivers.api import CardReader
    from kiosk.config import Config
    from kiosk.core import Core
    from kiosk.screens import Scene
    from kiosk.simulation.hall import Hall
    from kiosk.station import Station
    from kiosk.terminal import Terminal
    from ui.far_core import FarCore
    from ui.surroundings import Surroundings

log = logging.getLogger(__name__)

_SIMPLE: dict[str, tuple[str, str, str, str]] = {
    "card": ("kiosk.commands.card", "add_arguments", "run", "show the card in the reader"),
    "idcard": ("kiosk.commands.idcard", "add_arguments", "run", "show the document on the ID reader"),
    "scan": ("kiosk.commands.scan", "add_arguments", "run", "read codes from files or a camera"),
    "print-test": ("kiosk.commands.slip", "add_print_arguments", "run_print", "print a test page"),
    "verify-slip": ("kiosk.commands.slip", "add_verify_arguments", "run_verify", "check that a slip is genuine"),
    "doctor": ("kiosk.commands.doctor", "add_arguments", "run", "every device and link with its health"),
    "certify": ("kiosk.commands.certify", "add_arguments", "run", "examine a driver and print a report"),
    "record": ("kiosk.commands.record", "add_arguments", "run", "record a device's traffic without personal data"),
    "config": ("kiosk.commands.config", "add_arguments", "run", "check a terminal's configuration"),
    "policy": ("kiosk.commands.policy", "add_arguments", "run", "check or sign a city's policy pack"),
    "journal": ("kiosk.commands.journal", "add_arguments", "run", "prove or export what the terminal recorded"),
    "staff": ("kiosk.commands.staff", "add_arguments", "run", "who may enter operator mode, and simulated devices"),
    "insurer": ("kiosk.commands.insurer", "add_arguments", "run", "stand up the reference insurer"),
    "simulate": (
        "kiosk.commands.simulate",
        "add_arguments",
        "run",
        "whole days of visits in virtual time, with every fault",
    ),
    "gallery": ("ui.gallery.command", "add_arguments", "run", "every screen in every look, and what is wrong"),
    "status": ("kiosk.commands.status", "add_arguments", "run", "how the running terminal is"),
    "bench": ("kiosk.commands.bench", "add_arguments", "run", "how fast this machine runs the terminal"),
}
"""Commands without a screen: module, its arguments, its run, one line of help. Imported when they are called."""


class Terminated(KeyboardInterrupt):
    """SIGTERM: everything is put in order as after Ctrl-C."""


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def main(argv: list[str] | None = None) -> int:
    """The ``kiosk`` command; returns its exit status."""
    words = sys.argv[1:] if argv is None else argv
    command = _command(words)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a locale without Chinese must not end a report half-way
        sys.stdout.reconfigure(errors="backslashreplace")
    if command == "run" and argv is None:
        _begin_discreetly()
    signal.signal(signal.SIGTERM, _terminate)
    try:
        arguments = _parse(words)
        # A command without a screen ends in one line of its own; what the drivers met on the way is told with -v.
        quiet = logging.CRITICAL if command in _SIMPLE else logging.WARNING
        logs.begin(logging.INFO if arguments.verbose else quiet, logs.chosen() if command == "run" else "plain")
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except Failure as failure:
        print(f"kiosk {command}: {failure}", file=sys.stderr)
        return failure.status
    except Terminated:
        return 128 + signal.SIGTERM
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception as error:
        if not isinstance(error, _told()):
            raise
        print(f"kiosk {command}: {_words_of(error)}", file=sys.stderr)
        return 2


def _words_of(error: Exception) -> str:
    """One line; of what the system refused, the file and the reason instead of a number."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    line = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{line}; make room on the disk"
    return f"{line}; give this command as its owner, or as root" if error.errno == errno.EACCES else line


def _command(words: list[str]) -> str:
    return next((word for word in words if not word.startswith("-")), "")


def _begin_discreetly() -> None:
    """Nothing of a citizen stays in memory that is free or comes out in a core dump. How the allocator behaves is
    settled before the first line of Python, so that the program may have to be started once more, as the same process;
    its systemd unit has set the environment already."""
    from drivers import discretion

    if not discretion.wipes(os.environ) and not sys.flags.ignore_environment:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **discretion.WIPING})  # noqa: S606
    discretion.keep_to_itself()


def _told() -> tuple[type[Exception], ...]:
    """Errors whose own words are enough for whoever called. Imported when one has happened: these modules would stand
    between the process and its first frame."""
    from drivers.registry import UnknownDriver
    from kiosk.config import ConfigError
    from kiosk.insurer.schema import WrongVersion
    from kiosk.journal import JournalError
    from kiosk.policy import PolicyError
    from kiosk.receipts.seal import KeyUnusable
    from kiosk.text import CatalogueError

    return (
        ConfigError,
        PolicyError,
        CatalogueError,
        UnknownDriver,
        JournalError,
        KeyUnusable,
        WrongVersion,
        OSError,
    )


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every failure here."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parse(words: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="kiosk", description="Self-service terminal for social-security cards.")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("-v", "--verbose", action="store_true", help="say more on stderr")
    # Told the program's name, it does not load what breaks lines of help in order to find it.
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", prog=parser.prog)

    named = _command(words)
    known = {"run", "demo", *_SIMPLE}

    def listed(name: str) -> bool:
        """All of them only where a list is wanted: they take longer than the rest of the line."""
        return named == name or named not in known

    if listed("run"):
        run = commands.add_parser("run", help="the terminal")
        run.add_argument("--config", type=Path, required=True, metavar="FILE")
        run.add_argument("--window", action="store_true", help="in a window instead of the whole screen")
        run.set_defaults(run=_run)
    if listed("demo"):
        _add_demo(commands.add_parser("demo", help="the simulated terminal with its dock"))
    for name, (module, add, run_name, text) in _SIMPLE.items():
        if not listed(name):
            continue
        command = commands.add_parser(name, help=text, formatter_class=argparse.RawDescriptionHelpFormatter)
        if name == named:
            loaded = importlib.import_module(module)
            getattr(loaded, add)(command)
            command.set_defaults(run=getattr(loaded, run_name))
    arguments, strange = parser.parse_known_args(words)
    if strange:
        commands.choices[arguments.command].error(f"unrecognized arguments: {' '.join(strange)}")
    return arguments


def _add_demo(demo: argparse.ArgumentParser) -> None:
    demo.add_argument("--headless", action="store_true", help="play the main visits without a display")
    demo.add_argument("--out", type=Path, default=Path("out/demo"), metavar="DIR", help="where pictures and slips go")
    demo.add_argument("--lang", default="zh", choices=("zh", "en"))
    demo.add_argument("--size", default="normal", choices=("normal", "large", "xlarge"))
    demo.add_argument("--landscape", action="store_true", help="a 1920x1080 panel")
    demo.add_argument("--pin-pad", action="store_true", help="with a PIN pad beside the glass, played in the dock")
    demo.add_argument("--voice", default="none", metavar="NAME", help="what says the words: espeak:, clips:FOLDER")
    demo.set_defaults(run=_demo)


# --- the terminal ----------------------------------------------------------------------------------------------------


def _surroundings(config: Config, *, simulated: bool) -> Surroundings:
    from ui.surroundings import Surroundings

    return Surroundings(
        config.panel.width_mm,
        config.panel.height_mm,
        lower_edge_mm=config.panel.lower_edge_mm,
        place=config.settings.place,
        simulated=simulated,
        languages=config.settings.languages,
    )


def _run(arguments: argparse.Namespace) -> int:
    gc.disable()  # what start-up makes stays; each process says when it collects
    from kiosk.watchdog import Vitals, Watchdog
    from ui.two_processes import divided

    watchdog = Watchdog.of_environment(Vitals())
    line, core = divided()
    if not core:
        return _run_core(arguments, line, os.getppid())
    from ui.far_core import FarCore

    return _run_glass(FarCore(line, core, watchdog))


def _run_glass(core: FarCore) -> int:
    """In the process that the supervisor knows. Whatever keeps the core from serving, it says itself."""
    from kiosk.commands.owner import continue_as_owner
    from ui import application
    from ui.two_processes import REFUSED, RESTART, UNUSABLE

    opening = core.opening()
    if opening is None:
        return core.end()
    continue_as_owner(opening.data)
    if opening.log_format:
        logs.begin(logging.getLogger().level, opening.log_format)
    reading = application.read_ahead()
    from kiosk.text import Catalogue
    from ui.app import run_terminal

    status: int = run_terminal(
        core.show_on,
        opening.surroundings,
        answer=core.answer,
        glass_failed=core.glass_failed,
        fullscreen=opening.fullscreen,
        watchdog=core.watchdog,
        reading=reading,
        words={language: Catalogue(language, texts) for language, texts in opening.words.items()},
        beside=core.heard_by,
    )
    ended = core.end()
    if ended in (REFUSED, UNUSABLE):
        return REFUSED
    return RESTART if status == 0 and ended == RESTART else status


def _run_core(arguments: argparse.Namespace, line: socket.socket, glass_process: int) -> int:
    """In a process of its own, below that of the glass."""
    from kiosk import config
    from kiosk.commands.owner import continue_as_owner
    from kiosk.text import catalogues
    from ui.two_processes import CRASHED, RESTART, UNUSABLE, Opening, packed

    configuration = config.load(arguments.config)
    continue_as_owner(configuration.data)
    if configuration.log_format:
        logs.begin(logging.getLogger().level, configuration.log_format)
    surroundings = _surroundings(configuration, simulated=bool(configuration.simulated))
    fullscreen = configuration.panel.fullscreen and not arguments.window
    words = {language: catalogue.texts for language, catalogue in catalogues().items()}
    # The glass cannot begin without it, so before whatever else takes its time.
    line.sendall(packed(Opening(surroundings, fullscreen, configuration.data, configuration.log_format, words)))
    from kiosk import compose, only_one
    from kiosk.core import Core, serve_nobody
    from kiosk.maintenance import permission
    from ui.far_glass import FarGlass

    glass = FarGlass(line, glass_process)

    compose.check(configuration)
    only_one.claim(configuration.data)

    def refused() -> config.ConfigError | None:
        try:
            permission.require(configuration, compose.staff_of(configuration), compose.clock())
        except config.ConfigError as error:
            return error
        return None

    if closed := refused() if configuration.simulated else None:
        log.critical("%s", closed)
    core = Core()

    def beside(terminal: Terminal) -> AbstractAsyncContextManager[object]:
        from kiosk.status.outlook import beside

        return beside(terminal, configuration, glass.watchdog)

    core.beside = beside

    def core_main(show: Callable[[Scene], None]) -> Coroutine[Any, Any, None]:
        async def live() -> None:
            if closed:
                vitals = glass.watchdog.vitals
                await serve_nobody(show, permission.NOT_FOR_CITIZENS, vitals, until=lambda: refused() is None)
                core.restart = lambda: True
            else:
                reader = compose.card_reader(configuration)
                await core.live(reader, lambda: _station(configuration, reader, core), show)

        return live()

    error = glass.run(core_main, core.answer, lambda: core.end_visit())
    if core.unusable:
        return UNUSABLE
    if error is not None:
        return CRASHED
    return RESTART if core.restart() else 0


def _station(configuration: Config, reader: CardReader, core: Core) -> Station:
    """As ``compose.real_station``; what keeps it from standing is said in its own words, which tell the remedy."""
    from kiosk import compose

    try:
        return compose.real_station(configuration, reader)
    except Exception as error:
        if isinstance(error, _told()):
            core.unusable = True
            log.critical("%s", error)
        raise


# --- the demonstration -----------------------------------------------------------------------------------------------


def _demo(arguments: argparse.Namespace) -> int:
    import tempfile

    from kiosk.config import Config, Devices, Panel

    arguments.out.mkdir(parents=True, exist_ok=True)
    panel = Panel(597.0, 336.0) if arguments.landscape else Panel()
    with tempfile.TemporaryDirectory(prefix="kiosk-demo-") as folder:
        devices = Devices(voice=arguments.voice)
        config = Config(devices=devices, panel=panel, data=Path(folder) / "data")
        if arguments.headless:
            return _demo_headless(arguments, config)
        return _demo_with_dock(arguments, config)


async def _open_hall(config: Config, slips: Path, *, pin_pad: bool = False) -> tuple[Hall, Station]:
    from kiosk import compose
    from kiosk.insurer.embedded import EmbeddedInsurer
    from kiosk.simulation.staff import enrol
    from kiosk.simulation.wire import on_the_wire

    enrol(config)
    hall = await on_the_wire(compose.clock, EmbeddedInsurer(":memory:", clock=compose.clock), slips)
    if pin_pad:
        hall.put_pin_pad()
    try:
        return hall, compose.simulated_station(config, hall)
    except BaseException:
        await hall.aclose()
        raise


def _demo_with_dock(arguments: argparse.Namespace, config: Config) -> int:
    import asyncio
    from dataclasses import replace

    from kiosk.core import Core
    from kiosk.screens import Preferences, Size
    from kiosk.simulation.hall_to_come import HallToCome
    from ui.app import run_terminal

    core = Core()
    hall_to_come = HallToCome()
    wish = Preferences(arguments.lang, Size(arguments.size))
    config = replace(config, settings=replace(config.settings, defaults=wish))

    def core_main(show: Callable[[Scene], None]) -> Coroutine[Any, Any, None]:
        async def live() -> None:
            hall, station = await _open_hall(config, arguments.out / "receipts", pin_pad=arguments.pin_pad)
            hall_to_come.hall = hall
            looking = asyncio.ensure_future(_keep_looking(hall))
            try:
                await core.live(station.reader, lambda: station, show)
            finally:
                looking.cancel()
                await hall.aclose()

        return live()

    return run_terminal(
        core_main,
        _surroundings(config, simulated=True),
        answer=core.answer,
        glass_failed=lambda: core.end_visit(),
        fullscreen=False,
        dock=hall_to_come,
    )


async def _keep_looking(hall: Hall) -> None:
    """So that the dock shows what the terminal believes of its devices."""
    import asyncio

    while True:
        await hall.look()
        await asyncio.sleep(1.0)


def _demo_headless(arguments: argparse.Namespace, config: Config) -> int:
    import asyncio
    import json

    from kiosk.core import Core
    from kiosk.receipts.seal import public_key_text
    from kiosk.screens import Preferences, Size
    from kiosk.simulation.demo import Demonstration
    from ui.headless import HeadlessGlass

    core = Core()
    size = (1920, 1080) if arguments.landscape else (1080, 1920)
    glass = HeadlessGlass(_surroundings(config, simulated=True), core.answer, width=size[0], height=size[1])
    wish = Preferences(arguments.lang, Size(arguments.size))

    async def play() -> dict[str, Any]:
        hall, station = await _open_hall(config, arguments.out / "receipts")
        living: asyncio.Future[None] | None = None
        try:
            key = public_key_text(station.seal_key) + "\n"
            (arguments.out / "seal.pub").write_text(key, "ascii")
            demonstration = Demonstration(hall, glass, arguments.out, wish)

            def draw(scene: Scene) -> None:
                demonstration.shown(scene)
                glass.show(scene)

            living = asyncio.ensure_future(core.live(station.reader, lambda: station, draw))
            return await demonstration.run()
        finally:
            if living is not None:
                living.cancel()
                await asyncio.wait({living})
            await hall.aclose()

    summary = glass.run(play)
    (arguments.out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", "utf-8")
    wrong = 0
    for visit in summary["visits"]:
        problem = visit.get("problem", "")
        wrong += bool(problem)
        verdict = "WRONG" if problem else "ok"
        print(f"{verdict:6}{visit['name']:36}{visit['outcome']:36}{visit['seconds']:6.1f} s  {problem}")
    print(f"{summary['devices']['wires']}; pictures and slips in {arguments.out}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
