"""TLS between terminal and platform: version 1.3 and nothing older, both sides with a certificate of the one CA.

Owns the two contexts and the reading of secret files, which others must not be able to read. It trusts no authority
of the operating system, resumes no session, and makes no certificates: see :mod:`kiosk.insurer.staging`.
"""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

_SHORTEST_TOKEN = 16
"""Characters. A shorter token could be guessed from one signature."""


class Unusable(Exception):
    """A file that proves who we are cannot be used. ``what`` is its key in the configuration."""

    def __init__(self, what: str, path: Path, remedy: str) -> None:
        super().__init__(f"{what}: {path} {remedy}")
        self.what = what
        self.path = path
        self.remedy = remedy


def client_context(ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """For a terminal: the server must be who the address says, and signed by ``ca``. Raises Unusable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = True
    return _strict(context, ca, certificate, key)


def server_context(ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """For the reference insurer: whoever comes must show a certificate signed by ``ca``. Raises Unusable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context = _strict(context, ca, certificate, key)
    # A resumed session would not show its certificate again.
    context.num_tickets = 0
    return context


def _strict(context: ssl.SSLContext, ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["http/1.1"])
    check_private("key", key)
    for what, path in (("ca", ca), ("certificate", certificate)):
        if not path.is_file():
            raise Unusable(what, path, "is not there")
    try:
        context.load_verify_locations(cafile=ca)
    except (ssl.SSLError, OSError) as error:
        raise Unusable("ca", ca, "is not a certificate in PEM form") from error
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, OSError) as error:
        raise Unusable("certificate", certificate, f"does not go with the key {key}") from error
    return context


def _no_password() -> str:
    return ""  # an encrypted key fails instead of asking at a terminal that nobody sits at


def check_private(what: str, path: Path) -> None:
    """See that a secret is a file which nobody but its user, or a service's group, can read. Raises Unusable."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise Unusable(what, path, f"cannot be read ({error.strerror})") from error
    if not stat.S_ISREG(mode):
        raise Unusable(what, path, "is not a file")
    # Reading by the group is allowed: systemd hands credentials over with an access list, which shows as that.
    if mode & (stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP):
        raise Unusable(what, path, "is open to others; chmod 600 it, and replace the secret if others could read it")


def read_token(path: Path) -> bytes:
    """The gateway's token: one line of at least 16 visible ASCII characters. Raises Unusable."""
    check_private("token", path)
    try:
        token = path.read_bytes().strip()
    except OSError as error:
        raise Unusable("token", path, f"cannot be read ({error.strerror})") from error
    if len(token) < _SHORTEST_TOKEN or not all(0x21 <= byte <= 0x7E for byte in token):
        raise Unusable("token", path, f"must be one line of at least {_SHORTEST_TOKEN} visible ASCII characters")
    return token
