"""What a terminal and its platform have agreed on: address, institution, and the numbers of local transactions.

Public sources fix the envelope and 9001, 9002 and 1101, and leave the rest to each place (docs/protocols.md sections
3.2 and 7); so the rest stands here, with defaults that the reference insurer speaks too. Secrets are files, named here
and never quoted; the files themselves are read in :mod:`kiosk.insurer.tls`.
"""

from __future__ import annotations

import re
from dataclasses import field, fields
from pathlib import Path
from urllib.parse import urlsplit

from drivers.frozen import dataclass


@dataclass(frozen=True, slots=True)
class LocalTransactions:
    """Numbers (``infno``) of what no national transaction does. ``K`` keeps them apart from the national ones."""

    card: str = "K001"
    """State and holder of a card."""
    credential: str = "K002"
    """Whose e-credential this is; 1161, 1162 or a route of its own elsewhere."""
    ledger: str = "K003"
    activate: str = "K004"
    record_pin: str = "K005"
    outcome: str = "K006"
    """What became of a change, by its key."""
    authenticate: str = "K007"
    """The HSM answers a chip's challenge."""
    protect_pin: str = "K008"
    """The HSM writes the cryptogram of a PIN reset."""
    probe: str = "K010"


@dataclass(frozen=True, slots=True)
class Answers:
    """``infcode`` of answers that are not national: public sources know 0 and "anything else"."""

    done: int = 0
    failed: int = -1
    """Something went wrong; nobody knows how far it came."""
    not_processed: int = -2
    """Refused before anything was done."""
    sign_in_again: int = -3
    """The session has ended; nothing was done."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a terminal must know before its first message. All of it comes from ``[insurer]`` of the configuration, but
    for ``terminal``, which is ``[terminal] id``; ``division`` is ``[terminal] region`` where nothing else is said."""

    url: str
    institution: str
    """``fixmedins_code``: twelve letters and digits."""
    institution_name: str
    division: str
    """``mdtrtarea_admvs``: division code of the place, six digits."""
    terminal: str
    """``opter``: the name of this terminal, which is also the name in its certificate."""
    paasid: str = "kiosk"
    receiver: str = "KIOSK"
    """``recer_sys_code``."""
    signs_bodies: bool = True
    """Whether messages and replies carry our own signature as well (:mod:`kiosk.insurer.gateway`)."""
    first_number: int = 0
    last_number: int = 9999
    """This terminal's range of the sequence in ``msgid``; terminals that share an institution must not overlap."""
    local: LocalTransactions = field(default_factory=LocalTransactions)
    answers: Answers = field(default_factory=Answers)

    def __post_init__(self) -> None:
        """Raises ValueError, whose text names the key and the remedy."""
        if not _is_address(self.url):
            raise ValueError("url: must be https://HOST[:PORT]/PATH")
        for key, pattern, remedy in (
            ("institution", "[0-9A-Za-z]{12}", "must be twelve letters and digits (fixmedins_code)"),
            ("institution_name", ".{1,20}", "must have 1 to 20 characters (fixmedins_name)"),
            ("division", "[0-9]{6}", "must be the six digits of a division"),
            ("terminal", "[0-9A-Za-z-]{1,30}", "([terminal] id) must be 1 to 30 letters, digits and dashes"),
            ("paasid", "[!-~]{1,64}", "must be 1 to 64 characters without spaces"),
            ("receiver", ".{1,10}", "must have 1 to 10 characters (recer_sys_code)"),
        ):
            if not re.fullmatch(pattern, getattr(self, key)):
                raise ValueError(f"{key}: {remedy}")
        if not 0 <= self.first_number <= self.last_number <= 9999:
            raise ValueError("numbers: must be two numbers from 0 to 9999, the smaller one first")
        numbers = [getattr(self.local, f.name) for f in fields(self.local)]
        for number in numbers:
            if not re.fullmatch("[0-9A-Za-z]{1,4}", number):
                raise ValueError("transactions: a number has one to four letters and digits")
        if len({*numbers, *NATIONAL}) != len(numbers) + len(NATIONAL):
            raise ValueError("transactions: each needs a number of its own")


def _is_address(url: str) -> bool:
    try:
        address = urlsplit(url)
        return (
            (address.scheme, address.query, address.fragment, address.username) == ("https", "", "", None)
            and bool(address.hostname)
            and address.port != 0
            and url.isascii()
            and url.isprintable()
            and " " not in url
        )
    except ValueError:  # a port or an address that is none
        return False


NATIONAL = ("9001", "9002", "1101")


@dataclass(frozen=True, slots=True)
class Papers:
    """The files with which a terminal proves itself. Keys and token are readable by the terminal's user alone."""

    ca: Path
    """Who may have signed the platform's certificate: this one and nobody else."""
    certificate: Path
    key: Path
    token: Path
    """The gateway's token, one line."""
    hsm: Path
    """Public key of the HSM, for which a PIN is sealed."""
