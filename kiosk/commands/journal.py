"""``kiosk journal verify | export | key``: the proof of what this terminal did.

Reads only, also while the terminal runs. Exit status 0: whole; 1: damaged; 2: cannot be read, with the remedy.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk import config
from kiosk.commands.failure import Failure
from kiosk.config import Config, ConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from kiosk.journal.values import Finding

_UNREADABLE = 2
_NO_ROOM = "cannot be opened: no room on the disk; make room and try again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="find every change that the terminal did not make")
    verify.add_argument("files", type=Path, nargs="*", metavar="FILE", help="an export, or a journal with its secret")
    verify.add_argument("--key", metavar="PUB", help="for exports: the terminal's public key, or a file with it")
    export = actions.add_parser("export", help="write a signed copy")
    export.add_argument("--out", type=Path, required=True, metavar="FILE")
    export.add_argument("--from", dest="first", type=_day, default="", metavar="DATE", help="first day: 2026-07-15")
    export.add_argument("--to", dest="last", type=_day, default="", metavar="DATE", help="last day")
    key = actions.add_parser("key", help="print the public key that exports and slips are checked with")
    for action in (verify, export, key):
        action.add_argument("--config", type=Path, metavar="FILE")
        action.add_argument("--json", action="store_true")


def _day(text: str) -> str:
    """As records are dated; empty for no limit."""
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write 2026-07-15") from error


def run(arguments: argparse.Namespace) -> int:
    match arguments.action:
        case "verify":
            return _verify(arguments)
        case "export":
            return _export(arguments)
        case _:
            return _key(arguments)


def _configured(arguments: argparse.Namespace) -> Config:
    try:
        return config.of(arguments.config)
    except ConfigError as error:
        raise Failure(str(error), _UNREADABLE) from error


# --- verify ----------------------------------------------------------------------------------------------------------


def _verify(arguments: argparse.Namespace) -> int:
    from kiosk.compose import JOURNAL

    if arguments.files and arguments.config:
        raise Failure("name either files or --config", _UNREADABLE)
    paths: Sequence[Path] = arguments.files or (_configured(arguments).data / JOURNAL,)
    results = [_examined(path, arguments) for path in paths]
    for result in results:
        if arguments.json:
            print(json.dumps(result, ensure_ascii=False))
        else:
            print("\n".join(_as_lines(result)))
    return 0 if all(result["whole"] for result in results) else 1


def _examined(path: Path, arguments: argparse.Namespace) -> dict[str, object]:
    from kiosk.journal import JournalError, JournalFull
    from kiosk.journal.exported import NotAnExport, check, is_export
    from kiosk.journal.reading import judge

    try:
        if is_export(path):
            heading, findings = check(path, _trusted(path, arguments))
            return _result(path, findings, heading.records) | {
                "terminal": heading.terminal,
                "made": heading.made,
                "first": heading.first,
                "last": heading.last,
            }
        findings, records = judge(path, _secret(path))
        return _result(path, findings, records)
    except NotAnExport as error:
        raise Failure(
            f"{path}: {error}; give the file as it was written, and that terminal's key", _UNREADABLE
        ) from error
    except JournalFull as error:
        raise Failure(f"{path}: {_NO_ROOM}", _UNREADABLE) from error
    except JournalError as error:
        raise Failure(f"{path}: {error}; read it as the terminal's user, with the program that wrote it", 2) from error
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}; name the journal, or the terminal's --config", _UNREADABLE) from error


def _result(path: Path, findings: Sequence[Finding], records: int) -> dict[str, object]:
    return {
        "file": str(path),
        "whole": not findings,
        "records": records,
        "findings": [{"damage": finding.damage.value, "record": finding.seq} for finding in findings],
    }


def _as_lines(result: dict[str, object]) -> list[str]:
    from kiosk.journal import Damage

    findings = result["findings"]
    assert isinstance(findings, list)
    found = {finding["damage"] for finding in findings}
    if not found:
        verdict = "whole"
    elif "terminal" not in result:
        verdict = "damaged: keep it as it is, and export it for whoever looks into it"
    elif Damage.SEAL_BROKEN in found:
        verdict = "not as the terminal wrote it: keep it, and export anew from the terminal"
    else:
        verdict = "of a journal that was damaged already: keep both for whoever looks into it"
    if Damage.UNREADABLE in found:
        verdict = f"damaged: cannot be read; {_copy_of(Path(str(result['file'])).parent)}"
    places = [f"  {finding['damage']} at record {finding['record']}" for finding in findings]
    return [f"{result['file']}: {result['records']} records, {verdict}", *places]


def _copy_of(folder: Path) -> str:
    """What to do with a journal that no command can read."""
    return f"copy the whole folder {folder} for maintenance"


def _secret(path: Path) -> bytes:
    from kiosk.compose import JOURNAL_KEY
    from kiosk.journal.chain import SHORTEST

    place = path.parent / JOURNAL_KEY
    try:
        secret = place.read_bytes()
    except OSError as error:
        raise Failure(
            f"{place}: {error.strerror}; a journal is proved with its terminal's secret beside it, an export without",
            _UNREADABLE,
        ) from error
    if len(secret) < SHORTEST:
        raise Failure(f"{place} is no secret of a terminal; restore it from the backup", _UNREADABLE)
    return secret


def _trusted(path: Path, arguments: argparse.Namespace) -> Ed25519PublicKey:
    from kiosk.receipts.seal import KEY_PREFIX, SealError, trusted_from_file, trusted_from_text

    if arguments.key is None:
        raise Failure(f"{path} is an export: name that terminal's public key with --key (kiosk journal key)", 2)
    try:
        given = arguments.key.startswith(KEY_PREFIX)
        keys = trusted_from_text(arguments.key) if given else trusted_from_file(Path(arguments.key))
    except (OSError, SealError) as error:
        raise Failure(f"--key {arguments.key}: no public key ({error}); print it with: kiosk journal key", 2) from error
    if len(keys) != 1:
        raise Failure(f"--key {arguments.key}: one key is needed, there are {len(keys)}", _UNREADABLE)
    return keys[0]


# --- export and key --------------------------------------------------------------------------------------------------


def _export(arguments: argparse.Namespace) -> int:
    from kiosk.compose import JOURNAL, clock
    from kiosk.journal import JournalError, JournalFull
    from kiosk.journal.exported import export
    from kiosk.journal.reading import JournalFile

    configuration = _configured(arguments)
    path = configuration.data / JOURNAL
    if arguments.first and arguments.last and arguments.first > arguments.last:
        raise Failure("--from lies after --to", _UNREADABLE)
    key = _seal_key(configuration)
    secret = _secret(path)
    try:
        with JournalFile(path, secret) as source:
            now = clock()
            terminal = configuration.settings.terminal
            heading = export(source, arguments.out, key, terminal, now, arguments.first, arguments.last)
    except FileExistsError as error:
        raise Failure(f"{arguments.out} is there already; name another file", _UNREADABLE) from error
    except JournalFull as error:
        raise Failure(f"{path}: {_NO_ROOM}", _UNREADABLE) from error
    except JournalError as error:
        raise Failure(f"{path}: cannot be read; {_copy_of(path.parent)} ({error})", _UNREADABLE) from error
    except OSError as error:
        # A draft beside it, of which the caller knows nothing, may be what failed.
        raise Failure(f"{arguments.out}: {error.strerror}; nothing was exported", 2) from error
    findings = [{"damage": finding.damage.value, "record": finding.seq} for finding in heading.findings]
    if arguments.json:
        result = {"file": str(arguments.out), "records": heading.records, "first": heading.first, "last": heading.last}
        print(json.dumps(result | {"whole": not findings, "findings": findings}, ensure_ascii=False))
    else:
        print(f"{heading.records} records ({heading.first} to {heading.last}) in {arguments.out}")
        for finding in findings:
            print(f"  {finding['damage']} at record {finding['record']}")
    return 1 if findings else 0


def _key(arguments: argparse.Namespace) -> int:
    from kiosk.journal.exported import fingerprint
    from kiosk.receipts.seal import public_key_text

    public = _seal_key(_configured(arguments)).public_key()
    if arguments.json:
        print(json.dumps({"key": public_key_text(public), "fingerprint": fingerprint(public)}))
    else:
        print(f"{public_key_text(public)}  # SHA-256 {fingerprint(public)}")
    return 0


def _seal_key(configuration: Config) -> Ed25519PrivateKey:
    from kiosk.compose import seal_key_path
    from kiosk.receipts.seal import KeyUnusable, load_or_create_key

    path = seal_key_path(configuration)
    if not path.exists():
        raise Failure(f"{path}: this terminal has no key yet; it is made at its first start", _UNREADABLE)
    try:
        return load_or_create_key(path)
    except KeyUnusable as error:
        raise Failure(str(error), _UNREADABLE) from error
