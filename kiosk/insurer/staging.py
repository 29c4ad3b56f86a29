"""Papers for staging and tests: a small CA, the server's and the terminals' certificates, the gateway's token, the
HSM's key pair. In service they come from whoever runs the platform.

Owns one folder. What is there already is kept, so that a terminal can be added later; nothing is ever overwritten.

    ca.pem ca.key  server.pem server.key  hsm.pem hsm.key  gateway.token  terminals/NAME.pem terminals/NAME.key
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from drivers.frozen import dataclass
from kiosk.insurer.agreement import Papers

YEARS = timedelta(days=825)
"""Long enough to stage a city; the longest that common TLS libraries have ever taken from a private CA."""
_SKEW = timedelta(hours=1)
"""Certificates begin a little earlier: clocks differ."""

Host = str


class BadName(ValueError):
    """Not the name of a terminal, or not a host."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything lies."""

    path: Path

    @property
    def ca(self) -> Path:
        return self.path / "ca.pem"

    @property
    def server(self) -> tuple[Path, Path]:
        return self.path / "server.pem", self.path / "server.key"

    @property
    def token(self) -> Path:
        return self.path / "gateway.token"

    @property
    def hsm_key(self) -> Path:
        return self.path / "hsm.key"

    def papers(self, terminal: str) -> Papers:
        """What one terminal needs of it."""
        own = self.path / "terminals" / terminal
        return Papers(self.ca, own.with_suffix(".pem"), own.with_suffix(".key"), self.token, self.path / "hsm.pem")

    def hosts(self) -> list[Host]:
        """The names and addresses in the server's certificate. Raises OSError, ValueError."""
        certificate = x509.load_pem_x509_certificate(self.server[0].read_bytes())
        try:
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return []
        return [str(name.value) for name in names]

    def terminals(self) -> list[str]:
        return sorted(path.stem for path in (self.path / "terminals").glob("*.pem"))


class Authority:
    """A CA for staging and tests. ``begins`` and ``ends`` bound everything it signs."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self.certificate = certificate

    @classmethod
    def found(cls, name: str = "kiosk staging CA") -> Authority:
        """A new one."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(subject, subject, key.public_key(), *_validity())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
        return cls(key, builder.sign(key, hashes.SHA256()))

    @classmethod
    def load(cls, folder: Folder) -> Authority:
        """Raises OSError, ValueError."""
        key = serialization.load_pem_private_key((folder.path / "ca.key").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("ca.key is not the key of a staging CA")
        return cls(key, x509.load_pem_x509_certificate(folder.ca.read_bytes()))

    def save(self, folder: Folder) -> None:
        _write_secret(folder.path / "ca.key", _private_pem(self._key))
        _write(folder.ca, self.certificate.public_bytes(serialization.Encoding.PEM))

    def server(
        self, hosts: Sequence[Host], certificate: Path, key: Path, validity: tuple[datetime, datetime] | None = None
    ) -> None:
        """Raises BadName."""
        self._issue(hosts[0], ExtendedKeyUsageOID.SERVER_AUTH, certificate, key, validity, hosts)

    def terminal(
        self, name: str, certificate: Path, key: Path, validity: tuple[datetime, datetime] | None = None
    ) -> None:
        """Raises BadName."""
        if not re.fullmatch("[0-9A-Za-z-]{1,30}", name):
            raise BadName(f"{name!r} is no name of a terminal: letters, digits and dashes, at most 30")
        self._issue(name, ExtendedKeyUsageOID.CLIENT_AUTH, certificate, key, validity)

    def _issue(
        self,
        name: str,
        purpose: x509.ObjectIdentifier,
        certificate: Path,
        key: Path,
        validity: tuple[datetime, datetime] | None,
        hosts: Sequence[Host] = (),
    ) -> None:
        own = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(subject, self.certificate.subject, own.public_key(), *(validity or _validity()))
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([_host(h) for h in hosts]), critical=False)
        signed = builder.sign(self._key, hashes.SHA256())
        _write_secret(key, _private_pem(own))
        _write(certificate, signed.public_bytes(serialization.Encoding.PEM))


def make(path: Path, hosts: Sequence[Host], terminals: Sequence[str]) -> Folder:
    """Everything that is not there yet. Raises OSError, BadName, ValueError for a CA that cannot be used."""
    folder = Folder(path)
    (path / "terminals").mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    if folder.ca.exists():
        authority = Authority.load(folder)
    else:
        authority = Authority.found()
        authority.save(folder)
    if not folder.server[0].exists():
        authority.server(hosts, *folder.server)
    if not folder.token.exists():
        _write_secret(folder.token, f"{secrets.token_urlsafe(32)}\n".encode())
    if not folder.hsm_key.exists():
        hsm = X25519PrivateKey.generate()
        _write_secret(folder.hsm_key, _private_pem(hsm))
        public = hsm.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        _write(path / "hsm.pem", public)
    for terminal in terminals:
        papers = folder.papers(terminal)
        if not papers.certificate.exists():
            authority.terminal(terminal, papers.certificate, papers.key)
    return folder


def _validity() -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now - _SKEW, now + YEARS


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _host(name: Host) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass  # a name
    if not re.fullmatch(r"[0-9A-Za-z]([0-9A-Za-z.-]{0,251}[0-9A-Za-z])?", name):
        raise BadName(f"{name!r} is neither an address nor a host's name")
    return x509.DNSName(name)


def _private_pem(key: ec.EllipticCurvePrivateKey | X25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_secret(path: Path, content: bytes) -> None:
    """New, and readable by its owner alone from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
