"""The journal as it is handed over: a text file that anybody can check who holds the terminal's public key.

Owns the form of that file, which docs/operator.md describes, and its check. JSON, one object a line, keys in order, no
spaces, ASCII, each line ended by a line feed:

1. the heading: ``form`` (``yibao-kiosk-journal-1``), ``terminal``, ``made`` (time), ``key`` (fingerprint: SHA-256 of
   the 32 bytes of the Ed25519 public key, hexadecimal), ``first``, ``last`` (numbers of the records, inclusive),
   ``before`` (hash of the chain before the first), ``findings`` (what was wrong with the journal when it was exported:
   ``[damage, number]``);
2. a line for each record: ``seq``, ``record`` (its text, as it was chained), ``hash``;
   ``hash = SHA-256(hash before || record)``;
3. the end: ``signature``, hexadecimal, Ed25519 over the form's name, a zero byte, and the SHA-256 of all lines before.

The whole file is signed, so it is its own proof: no secret of the terminal is needed to check it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from drivers.frozen import dataclass
from kiosk.journal.chain import canonical, chained
from kiosk.journal.reading import JournalFile
from kiosk.journal.values import Damage, Finding

FORM = "yibao-kiosk-journal-1"
_LONGEST_LINE = 1 << 20
"""Bytes. A record has some hundred; a file with longer lines is none of ours."""
_MOST_FINDINGS = 1000


class NotAnExport(Exception):
    """The file has another form, or it was signed with another key; the text says which."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What the file says of itself in its first line. ``made`` is ISO 8601; ``first`` to ``last`` are numbers of
    records, both inclusive, and ``last`` is below ``first`` where there is none."""

    terminal: str
    made: str
    first: int
    last: int
    findings: tuple[Finding, ...]

    @property
    def records(self) -> int:
        """How many the file spans: fewer stand in it if some were missing."""
        return max(0, self.last - self.first + 1)


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of the public key, hexadecimal."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def export(
    source: JournalFile,
    out: Path,
    key: Ed25519PrivateKey,
    terminal: str,
    now: datetime,
    first_day: str = "",
    last_day: str = "",
) -> Heading:
    """Write the file, whole or not at all; never over another. Raises FileExistsError, OSError, JournalBroken."""
    first, last, before = source.span(first_day, last_day)
    findings = tuple(source.findings()[:_MOST_FINDINGS])
    heading = Heading(terminal, now.isoformat(), first, last, findings)
    top = {
        "form": FORM,
        "terminal": terminal,
        "made": heading.made,
        "key": fingerprint(key.public_key()),
        "first": first,
        "last": last,
        "before": before.hex(),
        "findings": [[finding.damage.value, finding.seq] for finding in findings],
    }

    def lines() -> Iterator[bytes]:
        yield _line(top)
        for seq, record, digest in source.rows(first, last):
            yield _line({"seq": seq, "record": record, "hash": digest.hex()})

    _write_whole(out, lambda file: _write_signed(file, lines(), key))
    return heading


def check(path: Path, trusted: Ed25519PublicKey) -> tuple[Heading, list[Finding]]:
    """What the file says of itself, and everything that is wrong with it or was with the journal: an empty list means
    that this is what the terminal wrote, and that its journal was whole.

    Raises NotAnExport, OSError.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        top = _parsed(file.readline(_LONGEST_LINE))
        heading = _heading(top)
        if top.get("key") != fingerprint(trusted):
            raise NotAnExport("it names another key than the one given")
        digest.update(_line(top))
        found: list[Finding] = []
        before, seq = _hash(top.get("before")), heading.first - 1
        while True:
            raw = file.readline(_LONGEST_LINE)
            content = _parsed_or_none(raw)
            if content is None or "signature" in content:
                break
            digest.update(raw)
            seq, before = _follow(content, seq, before, found)
        signed = content is not None and file.read(1) == b"" and _is_signed(content, raw, digest.digest(), trusted)
    if seq < heading.last:
        found.append(Finding(Damage.TAIL_MISSING, seq))
    if not signed:
        found.append(Finding(Damage.SEAL_BROKEN, 0))
    return heading, [*found, *(finding for finding in heading.findings if finding not in found)]


def is_export(path: Path) -> bool:
    """Whether the file begins like one. Raises OSError."""
    with path.open("rb") as file:
        return file.read(1) == b"{"


def _follow(content: dict[str, Any], seq: int, before: bytes, found: list[Finding]) -> tuple[int, bytes]:
    """One record of the chain; what does not follow from the one before is noted."""
    number, record, digest = content.get("seq"), content.get("record"), _hash(content.get("hash"))
    if not isinstance(number, int) or not isinstance(record, str):
        found.append(Finding(Damage.ALTERED, seq))
        return seq, digest
    if number != seq + 1:
        found.append(Finding(Damage.MISSING, number))
    elif chained(before, record) != digest:
        found.append(Finding(Damage.ALTERED, number))
    return number, digest


def _is_signed(content: dict[str, Any], raw: bytes, digest: bytes, key: Ed25519PublicKey) -> bool:
    try:
        # One form only: else a byte of the last line could change unseen.
        if raw != _line({"signature": content["signature"]}):
            return False
        key.verify(bytes.fromhex(content["signature"]), _statement(digest))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return bool(content["signature"] == content["signature"].lower())


def _heading(top: dict[str, Any]) -> Heading:
    if top.get("form") != FORM:
        raise NotAnExport("it does not begin as an export of a journal does")
    try:
        findings = tuple(Finding(Damage(name), int(seq)) for name, seq in top["findings"])
        return Heading(str(top["terminal"]), str(top["made"]), int(top["first"]), int(top["last"]), findings)
    except (KeyError, TypeError, ValueError) as error:
        raise NotAnExport("its first line cannot be read") from error


def _parsed(raw: bytes) -> dict[str, Any]:
    content = _parsed_or_none(raw)
    if content is None:
        raise NotAnExport("its first line is no JSON object as this program writes it")
    return content


def _parsed_or_none(raw: bytes) -> dict[str, Any] | None:
    """Only in the one form in which this program writes it."""
    try:
        content = json.loads(raw)
        return content if isinstance(content, dict) and _line(content) == raw else None
    except (ValueError, RecursionError):
        return None


def _hash(text: object) -> bytes:
    try:
        return bytes.fromhex(str(text))
    except ValueError:
        return b""


def _line(content: dict[str, Any]) -> bytes:
    return canonical(content).encode("ascii") + b"\n"


def _statement(digest: bytes) -> bytes:
    return FORM.encode() + b"\0" + digest


def _write_signed(file: BinaryIO, lines: Iterable[bytes], key: Ed25519PrivateKey) -> None:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line)
        file.write(line)
    file.write(_line({"signature": key.sign(_statement(digest.digest())).hex()}))


def _write_whole(out: Path, write: Callable[[BinaryIO], None]) -> None:
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, out)  # fails if the name is taken
    finally:
        draft.unlink(missing_ok=True)
