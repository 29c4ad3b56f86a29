"""The city's rules: dated figures from ``assets/policy/<city>.toml``, none of them code.

A pack says of every figure where it comes from and whether the office has confirmed it; this module only reads those
that the terminal acts on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.assets import ASSETS


class PolicyError(Exception):
    """A pack cannot be used; says which file and key, and what is expected."""


@dataclass(frozen=True, slots=True)
class Policy:
    city: str = "zhengzhou"
    region_prefixes: tuple[str, ...] = ("4101",)
    """Cards whose issuing region begins with one of these are served here."""
    next_day_banks: frozenset[str] = frozenset()
    """Banks whose cards take effect on the next working day after activation."""
    initial: tuple[str, ...] = ("123456", "111111")
    """First PINs that issuers hand out, beside the last six of the ID number."""
    reset_at_terminal: bool = True
    adult_age: int = 18
    """Below this age a guardian comes along, at the counter."""

    def serves(self, region: str) -> bool:
        return region.startswith(self.region_prefixes)

    def next_day(self, bank: str) -> bool:
        return bank in self.next_day_banks

    def initial_pins(self, id_number: str) -> tuple[str, ...]:
        """First PINs that this person may have been given."""
        digits = "".join(c for c in id_number if c in "0123456789")
        return (*self.initial, digits[-6:])


def load(name_or_path: str) -> Policy:
    """The pack of a city in ``assets/policy``, or any file of that form. Raises PolicyError."""
    path = Path(name_or_path) if "/" in name_or_path else ASSETS / "policy" / f"{name_or_path}.toml"
    try:
        pack = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read ({error.strerror}); name a pack or a file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: {error}") from error
    reader = _Pack(path, pack)
    initial: list[str] = reader.value("pin.initial", list)
    return Policy(
        city=reader.at("policy.city", str),
        region_prefixes=(reader.value("region.served_prefix", str), *reader.value("region.also_served", list)),
        next_day_banks=frozenset(
            bank for bank in reader.at("bank", dict) if reader.value(f"bank.{bank}.effect", str) == "next_working_day"
        ),
        initial=tuple(pin for pin in initial if pin != "id_last_6"),
        reset_at_terminal=reader.value("office.pin_reset_at_terminal", bool),
        adult_age=reader.value("office.adult_age", int),
    )


class _Pack:
    """Reads typed values out of a pack, with errors that name the file and the key."""

    def __init__(self, path: Path, pack: Mapping[str, Any]) -> None:
        self._path = path
        self._pack = pack

    def at(self, key: str, kind: type[Any]) -> Any:
        found: Any = self._pack
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if not isinstance(found, kind):
            raise PolicyError(f"{self._path}: {key} must be of type {kind.__name__}")
        return found

    def value(self, key: str, kind: type[Any]) -> Any:
        """A figure that stands with its source: only its value is of interest here."""
        return self.at(f"{key}.value", kind)
