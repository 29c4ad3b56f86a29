"""The configuration of one terminal: ``kiosk.toml`` read into typed values.

Every error names the file, the key, and what to write instead. Secrets never stand here. The sample with all keys is
``packaging/kiosk.toml``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import field, replace
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tomli

from drivers.frozen import dataclass
from kiosk import logs, mounting
from kiosk.insurer.agreement import Agreement, Answers, LocalTransactions, Papers
from kiosk.screens import Preferences
from kiosk.settings import Settings
from kiosk.text import catalogues
from kiosk.toml_lines import lines_of

TERMINAL_ID = "[0-9A-Za-z-]{1,30}"
MOST_DAYS = 36_500
MOST_MIB = 1_048_576
"""A hundred years, a tebibyte: more is a slip of the hand."""


class ConfigError(Exception):
    """The configuration cannot be used; one line that says where and what to do."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The visible picture, in millimetres."""

    width_mm: float = 336.0
    height_mm: float = 597.0
    lower_edge_mm: float = 850.0
    """Height of the picture's lower edge above the floor."""
    fullscreen: bool = True

    @property
    def portrait(self) -> bool:
        return self.height_mm >= self.width_mm


SIMULATING = frozenset({"mock", "virtual", "replay"})
"""Drivers that play a device."""
NO_PIN_PAD = "none"
NO_VOICE = "none"


@dataclass(frozen=True, slots=True)
class Devices:
    """Which driver serves which device: ``driver:address`` (see ``drivers.registry``)."""

    card: str = "pcsc:"
    idcard: str = "sdt:/dev/ttyUSB0"
    scanner: str = "camera:0"
    printer: str = "escpos:file:///dev/usb/lp0"
    pinpad: str = NO_PIN_PAD
    """A pad with keys of its own, or ``none``: passwords are typed on the glass."""
    voice: str = NO_VOICE
    """What says the words on the glass, or ``none``."""


@dataclass(frozen=True, slots=True)
class Config:
    """One terminal's ``kiosk.toml``, checked key by key. Each default is what counts where the file has no such key.
    Whether what is named here exists is for ``kiosk.compose.check`` to see."""

    settings: Settings = field(default_factory=Settings)
    devices: Devices = field(default_factory=Devices)
    panel: Panel = field(default_factory=Panel)
    policy: str = "zhengzhou"
    policy_keys: Path | None = None
    """Public keys whose owners may sign policy packs, one a line."""
    region: str = "410100"
    insurer: str = "embedded"
    insurer_path: Path = Path("/var/lib/yibao-kiosk/insurer.db")
    platform: Agreement | None = None
    """With ``insurer = "platform"``: what was agreed with it, and the files that prove this terminal."""
    papers: Papers | None = None
    data: Path = Path("/var/lib/yibao-kiosk")
    journal_days: float = 180.0
    """How long the journal keeps its records; what is still open stays whatever its age."""
    journal_mib: float = 256.0
    """How large the journal may become before records go earlier than that."""
    metrics: tuple[str, int] | None = None
    """Where Prometheus may ask: an address of loopback and a port; nowhere by default."""
    log_format: str = ""
    """``json`` or ``plain``; empty: JSON where systemd or no person reads."""
    staff: Path | None = None
    """Who may enter operator mode; by default ``staff.json`` in the terminal's folder."""
    usb: Path | None = None
    """Where the system mounts a USB stick; without it nothing is handed out."""
    backlight: Path | None = None
    """Folder of the panel's backlight below ``/sys/class/backlight``."""
    source: str = field(default="", compare=False)
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict, compare=False, repr=False)
    """The file, and on which line of it each key stands: for whoever finds out later that a value cannot be used."""

    @property
    def simulated(self) -> list[str]:
        """What it would play instead of doing: ``[insurer] kind``, ``[devices] card`` …"""
        found = ["[insurer] kind"] if self.insurer == "embedded" else []
        return found + [
            f"[devices] {name}"
            for name in self.devices.__slots__
            if getattr(self.devices, name).partition(":")[0] in SIMULATING
        ]

    @property
    def staff_file(self) -> Path:
        return self.staff or self.data / "staff.json"

    def wrong(self, section: str, key: str, remedy: str) -> ConfigError:
        """Where the key stands, and what to do about it."""
        where = _where(self.source, self.lines, (section, key))
        return ConfigError(f"{where}: [{section}] {key}: {remedy}" if where else f"[{section}] {key}: {remedy}")


_SECTIONS = ("terminal", "devices", "insurer", "screen", "time", "data", "log", "status", "operator")


INSTALLED = (Path("/etc/yibao-kiosk/settings.toml"), Path("/etc/yibao-kiosk/kiosk.toml"))
"""Where an installed terminal's configuration lies: that of a settings package counts before the operator's own."""


def installed() -> Path:
    """The file that the terminal on this machine runs with, whether it is there or not."""
    return next((path for path in INSTALLED if path.exists()), INSTALLED[-1])


def of(path: Path | None) -> Config:
    """What a command works with: the file that was named, else that of the terminal on this machine, else what holds
    without one. Raises ConfigError."""
    if path is None and not installed().exists():
        return Config()
    return load(path or installed())


def load(path: Path) -> Config:
    """Read a configuration file. Raises ConfigError."""
    try:
        text = path.read_text("utf-8-sig")  # some editors put a mark of order before the first line
    except PermissionError as error:
        raise ConfigError(
            f"{path}: this user may not read it; let the terminal's: chgrp kiosk {path}; chmod 640 {path}"
        ) from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); name it with --config") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: is not UTF-8; save it anew as UTF-8 (it may be GBK)") from error
    try:
        return parse(tomli.loads(text), str(path), lines_of(text))
    except tomli.TOMLDecodeError as error:
        raise ConfigError(f"{path}{_not_toml(str(error))}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: brackets within brackets, too many to read; close each with its own") from error


def _not_toml(said: str) -> str:
    """The line as all other mistakes name it, and what is most often wrong there."""
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", said)
    line, what = (f":{found[2]}", f"{found[1]}, column {found[3]}") if found else ("", said)
    return f"{line}: {what}; look there for a quote, a bracket or an = that is missing or too many"


def parse(table: Mapping[str, Any], source: str, lines: Mapping[tuple[str, ...], int] = MappingProxyType({})) -> Config:
    """A whole configuration from its tables; ``lines`` says where in ``source`` each key stands. Raises ConfigError."""
    unknown = sorted(set(table) - set(_SECTIONS))
    if unknown:
        where = _where(source, lines, (unknown[0],))
        raise ConfigError(f"{where}: [{unknown[0]}] is not a section; there are {', '.join(_SECTIONS)}")
    terminal, time, screen = (_Section(table, name, source, lines) for name in ("terminal", "time", "screen"))
    devices, insurer, data = (_Section(table, name, source, lines) for name in ("devices", "insurer", "data"))
    log, status = (_Section(table, name, source, lines) for name in ("log", "status"))
    operator = _Section(table, "operator", source, lines)
    languages = tuple(terminal.take("languages", list, ["zh", "en"]))
    known = catalogues()
    if not languages:
        raise terminal.wrong("languages", 'must name one at least, as in ["zh", "en"]')
    for language in languages:
        if not isinstance(language, str) or language not in known:
            raise terminal.wrong("languages", f"{language!r} is no folder of assets/i18n ({', '.join(known)})")
    place = terminal.take("place", dict, Settings().place)
    for language in languages:
        if not isinstance(name := place.get(language), str) or not name.strip():
            raise terminal.wrong("place", f"place.{language} must name the place")
    warning_s = time.number("warning_s", 30)
    if warning_s < 20:
        raise time.wrong("warning_s", "must be 20 or more: people need time to answer (WCAG 2.2.1)")
    width, height = screen.number("width_mm", 336.0), screen.number("height_mm", 597.0)
    if min(width, height) < 50:
        raise screen.wrong("width_mm", "and height_mm are the picture's size in millimetres, at least 50")
    orientation = screen.take("orientation", str, "portrait" if height >= width else "landscape")
    if orientation not in ("portrait", "landscape"):
        raise screen.wrong("orientation", 'must be "portrait" or "landscape"')
    if (orientation == "portrait") != (height >= width):
        width, height = height, width
    for key, (form, default) in mounting.KEYS.items():
        if remedy := mounting.mistake(key, screen.take(key, form, default)):
            raise screen.wrong(key, remedy)
    kind = insurer.take("kind", str, "embedded")
    if kind not in ("embedded", "platform"):
        raise insurer.wrong("kind", 'must be "embedded" or "platform"')
    config = Config(
        settings=Settings(
            terminal=_terminal_id(terminal),
            place=place,
            languages=languages,
            defaults=Preferences(language=languages[0]),
            idle_normal_s=time.number("idle_s", 60),
            idle_large_s=time.number("idle_large_s", 120),
            warning_s=int(warning_s),
            told_s=time.number("told_s", 30),
        ),
        devices=Devices(**{name: devices.take(name, str, getattr(Devices(), name)) for name in Devices.__slots__}),
        panel=Panel(
            width,
            height,
            lower_edge_mm=screen.number("lower_edge_mm", 850.0),
            fullscreen=screen.take("fullscreen", bool, default=True),
        ),
        policy=terminal.take("policy", str, "zhengzhou"),
        policy_keys=Path(keys) if (keys := terminal.take("policy_keys", str, "")) else None,
        region=_region(terminal),
        insurer=kind,
        insurer_path=Path(insurer.take("path", str, "/var/lib/yibao-kiosk/insurer.db")),
        data=_path(data, "dir", str(Config().data)) or Config().data,
        journal_days=_at_most(data, "journal_days", Config().journal_days, MOST_DAYS),
        journal_mib=_at_most(data, "journal_mib", Config().journal_mib, MOST_MIB),
        metrics=_loopback(status, "metrics"),
        log_format=_one_of(log, "format", ("", *logs.FORMATS)),
        staff=_path(operator, "staff"),
        usb=_path(operator, "usb"),
        backlight=_path(screen, "backlight"),
        source=source,
        lines=lines,
    )
    if kind == "platform":
        config = replace(config, platform=_agreement(insurer, config), papers=_papers(insurer))
    for section in (terminal, time, screen, devices, insurer, data, log, status, operator):
        section.finish()
    return config


def _terminal_id(terminal: _Section) -> str:
    """It stands in names of files, in the platform's messages and in what is read out on the telephone."""
    value: str = terminal.take("id", str, Settings().terminal)
    if not re.fullmatch(TERMINAL_ID, value):
        raise terminal.wrong("id", "must be 1 to 30 letters, digits and dashes")
    return value


def _region(terminal: _Section) -> str:
    value: str = terminal.take("region", str, "410100")
    if not re.fullmatch("[0-9]{6}", value):
        raise terminal.wrong("region", 'must be the six digits of the division, as in "410100"')
    return value


def _at_most(section: _Section, key: str, default: float, most: int) -> float:
    value = section.number(key, default)
    if not value <= most:
        raise section.wrong(key, f"must be a number above 0 and up to {most}")
    return value


def _path(section: _Section, key: str, default: str = "") -> Path | None:
    """A whole path; where there is no default, or none."""
    value: str = section.take(key, str, default)
    if (value or default) and not Path(value).is_absolute():
        raise section.wrong(key, "must be a whole path, from / on")
    return Path(value) if value else None


def _one_of(section: _Section, key: str, allowed: tuple[str, ...]) -> str:
    value: str = section.take(key, str, allowed[0])
    if value not in allowed:
        raise section.wrong(key, "must be " + " or ".join(f'"{each}"' for each in allowed if each))
    return value


def _loopback(section: _Section, key: str) -> tuple[str, int] | None:
    """``ADDRESS:PORT`` of this machine alone; what is told there is nobody's business outside."""
    value: str = section.take(key, str, "")
    if not value:
        return None
    host, _, port = value.rpartition(":")
    try:
        address = ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        address = None
    if address is None or not port.isdecimal() or not 0 < int(port) < 65536:
        raise section.wrong(key, 'must be an address and a port, as in "127.0.0.1:9464"')
    if not address.is_loopback:
        raise section.wrong(key, f"{address} can be reached from outside; use 127.0.0.1 or [::1]")
    return str(address), int(port)


def _agreement(insurer: _Section, config: Config) -> Agreement:
    """What ``kind = "platform"`` needs: names must be given, numbers of local transactions and answers may be."""

    def table(key: str, of: type[LocalTransactions] | type[Answers], kind: type[Any]) -> dict[str, Any]:
        chosen: dict[str, Any] = insurer.take(key, dict, {})
        for name, value in chosen.items():
            if name not in of.__slots__:
                raise insurer.wrong(f"{key}.{name}", f"is not known here; there are {', '.join(of.__slots__)}")
            if not isinstance(value, kind) or isinstance(value, bool):
                raise insurer.wrong(f"{key}.{name}", f"must be of type {kind.__name__}")
        return chosen

    numbers = insurer.take("numbers", list, [0, 9999])
    if len(numbers) != 2 or not all(isinstance(n, int) and not isinstance(n, bool) for n in numbers):
        raise insurer.wrong("numbers", "must be two numbers, as in [0, 9999]")
    try:
        return Agreement(
            url=_needed(insurer, "url"),
            institution=_needed(insurer, "institution"),
            institution_name=_needed(insurer, "institution_name"),
            division=insurer.take("division", str, config.region),
            terminal=config.settings.terminal,
            paasid=insurer.take("paasid", str, "kiosk"),
            receiver=insurer.take("receiver", str, "KIOSK"),
            signs_bodies=insurer.take("signs_bodies", bool, default=True),
            first_number=numbers[0],
            last_number=numbers[1],
            local=LocalTransactions(**table("transactions", LocalTransactions, str)),
            answers=Answers(**table("answers", Answers, int)),
        )
    except ValueError as error:
        key, _, remedy = str(error).partition(": ")
        raise insurer.wrong(key, remedy) from error


def _papers(insurer: _Section) -> Papers:
    return Papers(**{key: Path(_needed(insurer, key)) for key in Papers.__slots__})


def _needed(insurer: _Section, key: str) -> str:
    value: str = insurer.take(key, str, "")
    if not value:
        raise insurer.wrong(key, 'is needed with kind = "platform"')
    return value


def _where(source: str, lines: Mapping[tuple[str, ...], int], keys: tuple[str, ...]) -> str:
    """The file, with the line of the key or, for one that is not written there, of the table it belongs into."""
    while keys and keys not in lines:
        keys = keys[:-1]
    return f"{source}:{lines[keys]}" if keys else source


class _Section:
    """One table of the file; what nobody took is a misspelt key."""

    def __init__(self, table: Mapping[str, Any], name: str, source: str, lines: Mapping[tuple[str, ...], int]) -> None:
        section = table.get(name, {})
        self._name, self._source, self._lines = name, source, lines
        if not isinstance(section, Mapping):
            raise ConfigError(f"{_where(source, lines, (name,))}: {name} must be a section: [{name}]")
        self._left = dict(section)
        self._taken: list[str] = []

    def take(self, key: str, kind: type[Any], default: Any) -> Any:
        self._taken.append(key)
        value = self._left.pop(key, default)
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise self.wrong(key, f"must be of type {kind.__name__}")
        return value

    def number(self, key: str, default: float) -> float:
        self._taken.append(key)
        value = self._left.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= sys.float_info.max:
            raise self.wrong(key, "must be a number above 0, and not infinite")
        return float(value)

    def wrong(self, key: str, remedy: str) -> ConfigError:
        where = _where(self._source, self._lines, (self._name, *key.split(".")))
        return ConfigError(f"{where}: [{self._name}] {key}: {remedy}")

    def finish(self) -> None:
        for key in self._left:
            raise self.wrong(key, f"is not known here; there are {', '.join(self._taken)}")
