"""The city's rules: dated figures from ``assets/policy/<city>.toml``, none of them code.

A pack says of every figure where it comes from and whether the office has confirmed it; this module only reads those
that the terminal acts on.
"""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from drivers.frozen import dataclass
from kiosk.packs import PolicyError, open_pack


@dataclass(frozen=True, slots=True)
class Policy:
    """The figures of one city's pack on which the terminal acts; :func:`load` makes it. The defaults are for whoever
    has no pack."""

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


def load(name_or_path: str, trusted: Iterable[Ed25519PublicKey] = ()) -> Policy:
    """The pack of a city in ``assets/policy``, or a file of that form signed with one of the trusted keys.

    Raises PolicyError.
    """
    pack = open_pack(name_or_path, trusted)
    initial: list[str] = pack.value("pin.initial", list)
    return Policy(
        city=pack.city,
        region_prefixes=pack.prefixes,
        next_day_banks=frozenset(
            bank for bank in pack.at("bank", dict) if pack.value(f"bank.{bank}.effect", str) == "next_working_day"
        ),
        initial=tuple(pin for pin in initial if pin != "id_last_6"),
        reset_at_terminal=pack.value("office.pin_reset_at_terminal", bool),
        adult_age=pack.value("office.adult_age", int),
    )


__all__ = ["Policy", "PolicyError", "load"]
