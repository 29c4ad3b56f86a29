"""The configuration of one terminal: ``kiosk.toml`` read into typed values.

Every error names the file, the key, and what to write instead. Secrets never stand here. The sample with all keys is
``packaging/kiosk.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.screens import Preferences
from kiosk.settings import Settings
from kiosk.text import catalogues


class ConfigError(Exception):
    """The configuration cannot be used; one line that says where and what to do."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The visible picture, in millimetres."""

    width_mm: float = 336.0
    height_mm: float = 597.0
    fullscreen: bool = True

    @property
    def portrait(self) -> bool:
        return self.height_mm >= self.width_mm


@dataclass(frozen=True, slots=True)
class Devices:
    """Which driver serves which device: ``driver:address`` (see ``drivers.registry``)."""

    card: str = "pcsc:"
    idcard: str = "sdt:/dev/ttyUSB0"
    scanner: str = "camera:0"
    printer: str = "escpos:file:///dev/usb/lp0"


@dataclass(frozen=True, slots=True)
class Config:
    settings: Settings = field(default_factory=Settings)
    devices: Devices = field(default_factory=Devices)
    panel: Panel = field(default_factory=Panel)
    policy: str = "zhengzhou"
    policy_keys: Path | None = None
    """Public keys whose owners may sign policy packs, one a line."""
    region: str = "410100"
    insurer: str = "embedded"
    insurer_path: Path = Path("/var/lib/kiosk/insurer.db")
    data: Path = Path("/var/lib/kiosk")


_SECTIONS = ("terminal", "devices", "insurer", "screen", "time", "data")


def load(path: Path) -> Config:
    """Read a configuration file. Raises ConfigError."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); name it with --config") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 ({error})") from error
    try:
        return parse(tomllib.loads(text), str(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error


def parse(table: Mapping[str, Any], source: str) -> Config:
    """A whole configuration from its tables. Raises ConfigError."""
    unknown = sorted(set(table) - set(_SECTIONS))
    if unknown:
        raise ConfigError(f"{source}: [{unknown[0]}] is not a section; there are {', '.join(_SECTIONS)}")
    terminal, time, screen = (_Section(table, name, source) for name in ("terminal", "time", "screen"))
    devices, insurer, data = (_Section(table, name, source) for name in ("devices", "insurer", "data"))
    languages = tuple(terminal.take("languages", list, ["zh", "en"]))
    known = catalogues()
    for language in languages:
        if language not in known:
            raise terminal.wrong("languages", f"{language!r} is no folder of assets/i18n ({', '.join(known)})")
    place = terminal.take("place", dict, Settings().place)
    for language in languages:
        if not isinstance(place.get(language), str):
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
    kind = insurer.take("kind", str, "embedded")
    if kind != "embedded":
        raise insurer.wrong("kind", 'must be "embedded"')
    config = Config(
        settings=Settings(
            terminal=terminal.take("id", str, "ZZ-0000"),
            place=place,
            languages=languages,
            defaults=Preferences(language=languages[0]),
            idle_normal_s=time.number("idle_s", 60),
            idle_large_s=time.number("idle_large_s", 120),
            warning_s=int(warning_s),
            told_s=time.number("told_s", 30),
        ),
        devices=Devices(**{name: devices.take(name, str, getattr(Devices(), name)) for name in Devices.__slots__}),
        panel=Panel(width, height, screen.take("fullscreen", bool, default=True)),
        policy=terminal.take("policy", str, "zhengzhou"),
        policy_keys=Path(keys) if (keys := terminal.take("policy_keys", str, "")) else None,
        region=terminal.take("region", str, "410100"),
        insurer=kind,
        insurer_path=Path(insurer.take("path", str, "/var/lib/kiosk/insurer.db")),
        data=Path(data.take("dir", str, "/var/lib/kiosk")),
    )
    for section in (terminal, time, screen, devices, insurer, data):
        section.finish()
    return config


class _Section:
    """One table of the file; what nobody took is a misspelt key."""

    def __init__(self, table: Mapping[str, Any], name: str, source: str) -> None:
        section = table.get(name, {})
        self._name, self._source = name, source
        if not isinstance(section, Mapping):
            raise ConfigError(f"{source}: {name} must be a section: [{name}]")
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
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise self.wrong(key, "must be a number above 0")
        return float(value)

    def wrong(self, key: str, remedy: str) -> ConfigError:
        return ConfigError(f"{self._source}: [{self._name}] {key}: {remedy}")

    def finish(self) -> None:
        for key in self._left:
            raise self.wrong(key, f"is not known here; there are {', '.join(self._taken)}")
