"""``kiosk policy``: look through a city's pack, and sign one of the office's own."""

from __future__ import annotations

import argparse
from pathlib import Path

from kiosk import policy
from kiosk.commands.failure import Failure
from kiosk.compose import clock, trusted_keys
from kiosk.packs import OWN, SIGNATURE_SUFFIX, open_pack, read, refuse_later_than, sign, unconfirmed
from kiosk.receipts.seal import load_or_create_key, public_key_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser("check", help="whether a pack can be used, and what the office has not confirmed")
    check.add_argument("pack", metavar="PACK", nargs="?", default="zhengzhou", help="a city's name, or a file")
    check.add_argument("--keys", type=Path, metavar="FILE", help="trusted public keys, one a line")
    signing = verbs.add_parser("sign", help="sign a pack, so that terminals that trust the key may use it")
    signing.add_argument("pack", type=Path, metavar="PACK")
    signing.add_argument("--key", type=Path, required=True, metavar="FILE", help="private key; made if not there")


def run(arguments: argparse.Namespace) -> int:
    return _check(arguments) if arguments.verb == "check" else _sign(arguments)


def _check(arguments: argparse.Namespace) -> int:
    """Prints the verdict; packs that cannot be used raise PolicyError."""
    trusted = trusted_keys(arguments.keys)
    pack = open_pack(arguments.pack, trusted)
    refuse_later_than(clock().date(), pack)
    policy.load(arguments.pack, trusted)
    open_questions = unconfirmed(pack)
    print(f"{pack.path}: can be used; cards of {', '.join(pack.prefixes)}")
    print(f"{len(open_questions)} figures are not confirmed by the office" if open_questions else "all confirmed")
    for key in open_questions:
        print(f"  {key}")
    return 0


def _sign(arguments: argparse.Namespace) -> int:
    try:
        content = arguments.pack.read_bytes()
    except OSError as error:
        raise Failure(f"{arguments.pack}: cannot be read ({error.strerror})", 2) from error
    if arguments.pack.resolve().parent == OWN.resolve():
        raise Failure(f"{arguments.pack}: belongs to the program and needs no signature; copy it first", 2)
    refuse_later_than(clock().date(), read(arguments.pack, content))
    key = load_or_create_key(arguments.key)
    beside = arguments.pack.with_name(arguments.pack.name + SIGNATURE_SUFFIX)
    beside.write_text(sign(content, key), "ascii")
    print(f"{beside} written; terminals believe it that have this line in the file that [terminal] policy_keys names:")
    print(public_key_text(key))
    return 0
