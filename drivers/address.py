"""What stands after the colon of a driver's name: a place, and settings after a question mark.

``camera:0?roi=0.2,0.1,0.6,0.8&exposure=-6``, ``serial:/dev/ttyACM0?baud=9600&end=cr``. Owns the spelling; what a
setting means belongs to the driver.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import unquote_to_bytes


def split(address: str, known: Collection[str], *, foreign: bool = False) -> tuple[str, dict[str, str]]:
    """The place and those settings that are ``known``.

    ``foreign``: the place may be a URL with a query of its own, of which unknown settings are left with it; otherwise
    an unknown setting is a ValueError, as is one given twice.
    """
    place, _, query = address.partition("?")
    settings: dict[str, str] = {}
    others = []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        if name in known and name in settings:
            raise ValueError(f"{name} is given twice")
        if name in known:
            settings[name] = value
        elif foreign:
            others.append(part)
        else:
            raise ValueError(f"there is no setting {name}; known are {', '.join(sorted(known))}")
    if others:
        place += "?" + "&".join(others)
    if not place:
        raise ValueError("the place of the device is missing")
    return place, settings


def whole(settings: Mapping[str, str], name: str, default: int) -> int:
    """A setting that is a whole number above 0; raises ValueError."""
    value = settings.get(name, str(default))
    if not (value.isascii() and value.isdecimal()) or len(value) > 9 or int(value) == 0:
        raise ValueError(f"{name} must be a whole number above 0, not {value!r}")
    return int(value)


def number(settings: Mapping[str, str], name: str) -> float:
    """A setting that is any number; raises ValueError."""
    return _number(name, settings[name])


def numbers(settings: Mapping[str, str], name: str) -> list[float]:
    """A setting that is several of them with commas between; raises ValueError."""
    return [_number(name, part) for part in settings[name].split(",")]


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"{name}: {text!r} is no number") from error


def plain_bytes(value: str) -> bytes:
    """``%02AB`` -> ``b"\\x02AB"``: how bytes that cannot be typed are written in an address."""
    return unquote_to_bytes(value)
