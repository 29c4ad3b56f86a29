"""``kiosk insurer``: the reference insurer on the network, and the papers that it and its terminals need."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sqlite3
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.failure import Failure

if TYPE_CHECKING:
    from kiosk.insurer.api import Insurer
    from kiosk.insurer.staging import Folder

_PAPERS = Path("insurer-papers")
_STAGING_INSTITUTION = "STAGING00001"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    papers = verbs.add_parser("certificates", help="make a staging CA, certificates, token and HSM key")
    papers.add_argument("--out", type=Path, default=_PAPERS, metavar="DIR", help="folder; what is there is kept")
    papers.add_argument(
        "--host", action="append", metavar="NAME", help="name or address of the server (default: localhost, 127.0.0.1)"
    )
    papers.add_argument("--terminal", action="append", metavar="ID", help="name of a terminal (default: ZZ-0001)")
    serve = verbs.add_parser("serve", help="the reference insurer over mutual TLS 1.3")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on")
    serve.add_argument("--port", type=_port, default=8443, help="0 takes a free one")
    serve.add_argument(
        "--database", default="insurer.db", metavar="WHERE", help="an SQLite file, or postgresql://USER@HOST/DATABASE"
    )
    serve.add_argument("--certificates", type=Path, default=_PAPERS, metavar="DIR", help="made by `certificates`")


def run(arguments: argparse.Namespace) -> int:
    if arguments.verb == "certificates":
        return _certificates(arguments)
    return _serve(arguments)


def _certificates(arguments: argparse.Namespace) -> int:
    from kiosk.insurer import staging

    hosts, terminals = arguments.host or ["localhost", "127.0.0.1"], arguments.terminal or ["ZZ-0001"]
    try:
        folder = staging.make(arguments.out, hosts, terminals)
        named = folder.hosts()
    except (OSError, ValueError) as error:
        raise Failure(f"{arguments.out}: {error}", 2) from error
    print(f"{folder.path}: CA, server ({', '.join(named)}) and terminals {', '.join(folder.terminals())}")
    missing = [host for host in arguments.host or () if host not in named]
    if missing:
        certificate, key = folder.server
        print(
            f"kiosk insurer: {certificate} was there and does not name {', '.join(missing)};"
            f" move it and {key.name} away and run this again, with every --host it shall have",
            file=sys.stderr,
        )
    return 0


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 5 or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write a number from 0 to 65535")
    return int(text)


def _serve(arguments: argparse.Namespace) -> int:
    try:
        import uvicorn  # noqa: F401 - only to say clearly that it is missing
    except ImportError as error:
        raise Failure("the server's packages are missing: pip install 'yibao-kiosk[server]'", 2) from error
    # What is wrong with a message that comes is for whoever stands up the server to read.
    logging.getLogger("kiosk").setLevel(logging.WARNING)
    return asyncio.run(_serving(arguments))


async def _serving(arguments: argparse.Namespace) -> int:
    from kiosk.compose import clock
    from kiosk.insurer import staging
    from kiosk.insurer.gateway import Gateway
    from kiosk.insurer.sealed_pin import PinOpener
    from kiosk.insurer.server import ReferenceInsurer
    from kiosk.insurer.serving import InsurerServer
    from kiosk.insurer.tls import Unusable, check_private, read_token, server_context

    folder = staging.Folder(arguments.certificates)
    try:
        context = server_context(folder.ca, *folder.server)
        gateway = Gateway("kiosk", read_token(folder.token))
        check_private("hsm key", folder.hsm_key)
        opener = PinOpener.load(folder.hsm_key)
    except (Unusable, OSError, ValueError) as error:
        raise Failure(f"{error}; `kiosk insurer certificates --out {folder.path}` makes it", 2) from error
    insurer = await _open(arguments.database)
    try:
        try:
            server = InsurerServer(
                ReferenceInsurer(insurer, gateway, opener, clock), context, arguments.host, arguments.port
            )
        except OSError as error:
            raise Failure(f"{arguments.host}:{arguments.port} cannot be used ({error.strerror})", 2) from error
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.stop)
        host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
        _tell(folder, host, server.port)
        await server.run_until_stopped()
    finally:
        await insurer.close()
    return 0


def _tell(folder: Folder, host: str, port: int) -> None:
    """Where it listens, and the one line that a terminal's configuration needs, above its first section."""
    from kiosk.insurer.server import PATH

    url = f"https://{host}:{port}{PATH}"
    print(f"listening on {url}", flush=True)
    terminals = folder.terminals()
    if terminals:
        named = {key: str(path.resolve()) for key, path in asdict(folder.papers(terminals[0])).items()}
        named = {"kind": "platform", "url": url, **named, "institution": _STAGING_INSTITUTION}
        named["institution_name"] = _STAGING_INSTITUTION
        # A text of JSON is a text of TOML.
        pairs = ", ".join(f"{key} = {json.dumps(value)}" for key, value in named.items())
        print(f"kiosk.toml of {terminals[0]}, instead of [insurer]: insurer = {{ {pairs} }}", flush=True)


async def _open(database: str) -> Insurer:
    """An insurer on the database that is named. Raises Failure."""
    from kiosk.compose import clock

    if database.startswith(("postgresql://", "postgres://")):
        try:
            from kiosk.insurer.postgres import CannotOpen, PostgresInsurer
        except ImportError as error:
            raise Failure("the server's packages are missing: pip install 'yibao-kiosk[server]'", 2) from error
        try:
            return await PostgresInsurer.open(database, clock=clock)
        except CannotOpen as error:
            raise Failure(str(error), 2) from error
    from kiosk.insurer.embedded import EmbeddedInsurer

    try:
        return EmbeddedInsurer(database, clock=clock)
    except sqlite3.Error as error:
        raise Failure(f"{database} cannot be used ({error})", 2) from error
