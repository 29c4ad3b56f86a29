"""What is wrong with the certificates that prove a terminal to its platform, before the platform is asked.

Owns the comparing of names and days. Files that cannot be used at all are told by :mod:`kiosk.insurer.tls`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from drivers.frozen import dataclass
from kiosk.china import CHINA
from kiosk.insurer.agreement import Papers

SOON = timedelta(days=30)
"""A certificate is asked for, signed and brought to a hall in less."""


@dataclass(frozen=True, slots=True)
class Concern:
    """``key`` of ``[insurer]`` is wrong, or will be: then it still ``works``."""

    key: str
    remedy: str
    works: bool = False


def concerns(papers: Papers, terminal: str, now: datetime) -> Iterator[Concern]:
    """The name in the terminal's certificate, who issued it, and the days of all that this side believes."""
    try:
        chain = x509.load_pem_x509_certificates(papers.certificate.read_bytes())
        trusted = x509.load_pem_x509_certificates(papers.ca.read_bytes())
    except (OSError, ValueError):
        return
    own = chain[0]
    names = [str(name.value) for name in own.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [terminal]:
        yield Concern(
            "certificate",
            f"{papers.certificate} was issued for {' and '.join(names) or 'nobody'}, and [terminal] id is {terminal};"
            " write the id that it was issued for, or have one issued for this id",
        )
    if not any(_issued(link, authority) for link in chain for authority in trusted):
        yield Concern(
            "certificate",
            f"nobody in {papers.ca} issued {papers.certificate}, and an insurer of that authority turns it away"
            " without a word; have one issued there, or name the right ca",
            works=True,  # for a hall may have one authority for servers and another for terminals
        )
    yield from _days("certificate", papers.certificate, own, now)
    for each in trusted:
        yield from _days("ca", papers.ca, each, now)


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _days(key: str, path: Path, certificate: x509.Certificate, now: datetime) -> Iterator[Concern]:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins:
        begin = f"{begins.astimezone(CHINA):%Y-%m-%d %H:%M}"
        yield Concern(key, f"{path} is valid from {begin} on, and it is {now:%Y-%m-%d %H:%M}; set the clock")
    elif now > ends:
        end = f"{ends.astimezone(CHINA):%Y-%m-%d %H:%M}"
        yield Concern(
            key,
            f"{path} was valid until {end}, and it is {now:%Y-%m-%d %H:%M}; have a new one issued and restart the"
            " terminal, or set the clock",
        )
    elif now > ends - SOON:
        yield Concern(
            key, f"{path} is valid until {ends.astimezone(CHINA):%Y-%m-%d}; have a new one issued", works=True
        )
