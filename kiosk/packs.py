"""Policy packs as files: that every figure says where it comes from, who answers for the pack, and that no two clash.

Owns what must be true of a pack before anybody reads a figure in it. It gives no figure a meaning: see ``policy``.

A pack in ``assets/policy`` belongs to the program and comes in its signed package. Any other file needs a signature
beside it (``PACK.sig``), made by a key that this terminal was told to trust; the key's owner is the office.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import tomli
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from drivers.frozen import dataclass
from kiosk.assets import ASSETS

OWN = ASSETS / "policy"
SIGNATURE_SUFFIX = ".sig"
_PURPOSE = b"yibao-kiosk policy pack 1\n"
"""Stands before what is signed, so that no other signature of the same key can be taken for one of a pack."""
_NAMES = frozenset({"zh", "en"})
"""What things are called is no figure."""


class PolicyError(Exception):
    """A pack cannot be used; says which file and key, and what is expected."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack whose figures all have a source and a date."""

    path: Path
    table: Mapping[str, Any]

    def at(self, key: str, kind: type[Any]) -> Any:
        """The value at a dotted key. Raises PolicyError if it is not there or of another type."""
        found: Any = self.table
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            raise PolicyError(f"{self.path}: {key} must be of type {kind.__name__}")
        return found

    def value(self, key: str, kind: type[Any]) -> Any:
        """A figure that stands with its source: its value alone."""
        return self.at(f"{key}.value", kind)

    @property
    def city(self) -> str:
        return str(self.at("policy.city", str))

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Beginnings of the division codes whose cards are served."""
        also = self.value("region.also_served", list)
        prefixes = (self.value("region.served_prefix", str), *also)
        if not all(isinstance(prefix, str) and prefix.isdecimal() for prefix in prefixes):
            raise PolicyError(f"{self.path}: region.served_prefix and region.also_served are digits of division codes")
        return prefixes

    @property
    def replaces(self) -> str:
        """The city whose pack this one stands in for; empty for none."""
        replaced = self.at("policy", dict).get("replaces", "")
        if not isinstance(replaced, str):
            raise PolicyError(f"{self.path}: policy.replaces must be of type str")
        return replaced


def open_pack(name_or_path: str, trusted: Iterable[Ed25519PublicKey]) -> Pack:
    """The pack of a city in ``assets/policy``, or a signed file. Raises PolicyError."""
    if "/" not in name_or_path:
        path = OWN / f"{name_or_path}.toml"
        pack = read(path, _bytes(path))
    else:
        path = Path(name_or_path)
        content = _bytes(path)
        if path.resolve().parent != OWN.resolve():
            check_signature(path, content, trusted)
        pack = read(path, content)
    for other in sorted(OWN.glob("*.toml")):
        if other.resolve() != path.resolve():
            _refuse_clash(pack, read(other, _bytes(other)))
    return pack


def read(path: Path, content: bytes) -> Pack:
    """A pack from the bytes of its file. Raises PolicyError for a figure without source or date."""
    try:
        pack = Pack(path, tomli.loads(content.decode()))
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: {error}") from error
    sources = pack.at("sources", dict)
    for key, figure in _figures(pack.table):
        if figure.get("source") not in sources:
            raise PolicyError(f"{path}: {key}.source must be a key of [sources]")
        if not isinstance(figure.get("noted"), date):
            raise PolicyError(f"{path}: {key}.noted must be the day on which it was written down")
        if not isinstance(figure.get("confirmed"), bool):
            raise PolicyError(f"{path}: {key}.confirmed must be true or false")
    return pack


def refuse_later_than(today: date, pack: Pack) -> None:
    """For whoever writes a pack: raises PolicyError for a figure noted on a day to come. A terminal does not ask, for
    its clock may be wrong; nor does anybody of the program's own packs, looked through when it was built."""
    if pack.path.resolve().parent == OWN.resolve():
        return
    for key, figure in _figures(pack.table):
        if figure["noted"] > today:
            raise PolicyError(f"{pack.path}: {key}.noted must be the day on which it was written down, not a later one")


def unconfirmed(pack: Pack) -> list[str]:
    """Figures that the office has not confirmed."""
    return [key for key, figure in _figures(pack.table) if not figure["confirmed"]]


def sign(content: bytes, key: Ed25519PrivateKey) -> str:
    """The text of the signature file of a pack with this content."""
    return base64.b64encode(key.sign(_PURPOSE + content)).decode() + "\n"


def check_signature(path: Path, content: bytes, trusted: Iterable[Ed25519PublicKey]) -> None:
    """Raises PolicyError unless one of the trusted keys has signed the pack at ``path``."""
    beside = path.with_name(path.name + SIGNATURE_SUFFIX)
    try:
        signature = base64.b64decode(beside.read_bytes().strip(), validate=True)
    except OSError as error:
        raise PolicyError(
            f"{beside}: cannot be read ({error.strerror}); a pack outside the program needs a signature:"
            " kiosk policy sign"
        ) from error
    except binascii.Error as error:
        raise PolicyError(f"{beside}: is no signature; make it anew: kiosk policy sign") from error
    for key in trusted:
        try:
            key.verify(signature, _PURPOSE + content)
        except InvalidSignature:
            continue
        return
    raise PolicyError(
        f"{path}: no trusted key has signed it as it is; sign it again, or add the key to the file that"
        " [terminal] policy_keys names (kiosk policy check --keys FILE)"
    )


def _refuse_clash(pack: Pack, other: Pack) -> None:
    """Two packs that speak for the same place are a question for the office, not for the terminal."""
    if pack.replaces == other.city:
        return
    for prefix in pack.prefixes:
        for another in other.prefixes:
            if prefix.startswith(another) or another.startswith(prefix):
                raise PolicyError(
                    f"{pack.path}: serves {prefix}, which {other.path.name} does too;"
                    f' narrow region.served_prefix, or write replaces = "{other.city}" under [policy]'
                )
    if pack.city == other.city:
        raise PolicyError(
            f'{pack.path}: is a second pack of {pack.city}; write replaces = "{pack.city}" under [policy]'
        )


def _figures(table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every figure, or table of figures that share their source, with its dotted key. What stands outside of all of
    them comes as a figure without a source."""

    def walk(key: str, node: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if not isinstance(node, Mapping):
            yield key, {}
        elif "value" in node or "source" in node:
            yield key, node
        else:
            for name, inner in node.items():
                if name not in _NAMES:
                    yield from walk(f"{key}.{name}", inner)

    for name, node in table.items():
        if name not in ("policy", "sources"):
            yield from walk(name, node)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read ({error.strerror}); name a pack or a file") from error
