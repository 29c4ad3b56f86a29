"""``kiosk verify-slip`` and ``kiosk print-test``: the paper."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import asdict
from pathlib import Path

from drivers import registry
from drivers.api import Align, DeviceError, DeviceInUse, Page, Pair, Qr, Rule, Text
from kiosk import config
from kiosk.china import CHINA
from kiosk.commands.failure import IN_USE, Failure
from kiosk.receipts.seal import (
    KeyUnusable,
    SealError,
    SealUnknownKey,
    load_or_create_key,
    trusted_from_file,
    verify,
)


def add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="what the slip's code says: YB1.…")
    parser.add_argument("--trust", type=Path, metavar="FILE", help="public keys of terminals, one a line")
    parser.add_argument("--config", type=Path, metavar="FILE", help="trust the terminal of this configuration")
    parser.add_argument("--json", action="store_true")


def run_verify(arguments: argparse.Namespace) -> int:
    try:
        if arguments.trust:
            trusted = trusted_from_file(arguments.trust)
        else:
            folder = config.of(arguments.config).data
            path = folder / "seal.pem"
            if not path.exists():
                raise Failure(f"{path}: this terminal has sealed nothing yet; name trusted keys with --trust FILE", 2)
            trusted = (load_or_create_key(path).public_key(),)
    except (OSError, ValueError, KeyUnusable, SealError) as error:
        raise Failure(f"no keys to trust: {error}", 2) from error
    if not trusted:
        raise Failure(f"no keys to trust: {arguments.trust} holds none", 2)
    try:
        claim = verify(arguments.text.strip(), trusted)
    except SealUnknownKey as error:
        raise Failure(f"not proved: {error}; add that terminal's key with --trust FILE", 3) from error
    except SealError as error:
        raise Failure(f"not genuine: {error}", 1) from error
    facts = {name: str(value) for name, value in asdict(claim).items() if value is not None}
    facts["at"] = str(claim.at.astimezone(CHINA))  # as it is printed on the slip
    if arguments.json:
        print(json.dumps({"genuine": True} | facts, ensure_ascii=False))
    else:
        print("genuine")
        for name, value in facts.items():
            print(f"{name:12} {value}")
    return 0


def add_print_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--printer", metavar="NAME", help="driver:address, as in the configuration")
    parser.add_argument("--config", type=Path, metavar="FILE")


def run_print(arguments: argparse.Namespace) -> int:
    name = arguments.printer or config.of(arguments.config).devices.printer
    asyncio.run(_print(name))
    print("printed")
    return 0


_TEST_PAGE = Page(
    (
        Text("打印测试 Print test", align=Align.CENTRE, scale=2, bold=True),
        Rule(),
        Pair("汉字 Chinese", "郑州市社会保障"),
        Pair("生僻字 Rare", "㛃𠅤䶮"),
        Pair("数字 Figures", "¥ 1,234.56"),
        Text("这一行很长，用来看换行是不是在该换的地方，标点有没有落在行首。"),
        Rule(),
        Qr("KIOSK PRINT TEST"),
    )
)


async def _print(name: str) -> None:
    printer = registry.build(registry.PRINTERS, name)
    try:
        await printer.print(_TEST_PAGE)
    except DeviceInUse as error:
        raise Failure(f"not printed: {error}; {IN_USE}") from error
    except DeviceError as error:
        raise Failure(
            f"not printed ({type(error).__name__}: {error}); check paper, cover, cable and address"
        ) from error
    finally:
        await printer.close()
