"""``kiosk status``: how the running terminal is. Exit 0 if all is well, 1 if something needs a hand, 2 if it does not
run or may not serve. With ``--verify`` it reads the code of an out-of-order screen instead."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk import config
from kiosk.commands.failure import Failure
from kiosk.receipts.seal import KeyUnusable, SealError, SealUnknownKey, load_or_create_key, trusted_from_file

WELL, DEGRADED, NOT_RUNNING = 0, 1, 2
USAGE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="the terminal to ask")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--verify", metavar="TEXT", help="what the code of an out-of-order screen says, in quotes: … YBH1.…"
    )
    parser.add_argument("--trust", type=Path, metavar="FILE", help="with --verify: terminals' public keys, one a line")


def run(arguments: argparse.Namespace) -> int:
    if arguments.verify is not None:
        return _verify(arguments)
    from kiosk.status.outlook import SOCKET
    from kiosk.status.socket import ANSWER_S, NoAnswer, NotRunning, ask

    configuration = config.of(arguments.config)
    path = configuration.data / SOCKET
    try:
        told = ask(path)
    except NotRunning:
        from kiosk.maintenance.permission import NOT_FOR_CITIZENS

        shut = refused(configuration)
        if arguments.json:
            code = {"code": NOT_FOR_CITIZENS, "trouble": shut} if shut else {}
            print(json.dumps({"running": False} | code, ensure_ascii=False))
        if shut:
            raise Failure(f"not serving, {NOT_FOR_CITIZENS}: {shut}", NOT_RUNNING) from None
        raise Failure(f"not running: nobody answers on {path}", NOT_RUNNING) from None
    except NoAnswer:
        if arguments.json:
            print(json.dumps({"running": True, "answers": False}))
        raise Failure(f"the terminal does not answer within {ANSWER_S:g} s", DEGRADED) from None
    except PermissionError as error:
        raise Failure(f"{path}: ask as the terminal's user or as root", USAGE) from error
    if arguments.json:
        print(json.dumps({"running": True} | told, ensure_ascii=False))
    else:
        print("\n".join(lines(told)))
    return DEGRADED if told.get("troubles") else WELL


def refused(configuration: config.Config, *, production: bool | None = None) -> str:
    """Why this terminal would not begin to serve though its program runs; empty if nothing of that kind is known."""
    from kiosk.compose import clock, staff_of
    from kiosk.maintenance import permission

    try:
        permission.require(configuration, staff_of(configuration), clock(), production=production)
    except config.ConfigError as error:
        return str(error)
    return ""


def lines(told: dict[str, Any]) -> list[str]:
    """The same for a person."""
    times, day, since = told["visit_s"], told["today"], told["since_start"]
    frame = told["frame_age_s"]
    rows = [
        ("terminal", f"{told['terminal']}, version {told['version']}{', SIMULATED' if told['simulated'] else ''}"),
        ("state", " ".join(filter(None, (told["state"], told["code"])))),
        ("up", f"{_duration(told['uptime_s'])}, since {datetime.fromisoformat(told['started']):%Y-%m-%d %H:%M:%S}"),
        *((name, _device(device)) for name, device in told["devices"].items()),
        ("paper", told["paper"]),
        ("today", _visits(day)),
        ("since start", _visits(since)),
        ("a visit", _lengths(times["p50"], times["p95"])),
        ("unknown", f"{told['operations'].get('unknown', 0)} operations"),
        ("painted", "nothing yet" if frame is None else f"{frame:.1f} s ago"),
        ("uncaught", ", ".join(f"{place} {count}" for place, count in told["uncaught"].items()) or "none"),
        ("memory", f"{told['memory_bytes'] / 2**20:.0f} MiB"),
        ("trouble", "; ".join(told["troubles"]) or "none"),
    ]
    return [f"{name:12} {value}" for name, value in rows]


def _device(device: dict[str, str]) -> str:
    remedy = device["remedy"]
    return device["condition"] if remedy == "none" else f"{device['condition']}; remedy: {remedy}"


def _visits(visits: dict[str, Any]) -> str:
    parts = [
        f"{service} {outcome} {count}"
        for service, outcomes in sorted(visits["outcomes"].items())
        for outcome, count in sorted(outcomes.items())
    ]
    refused = [f"{cause} {count}" for cause, count in sorted(visits["refusals"].items())]
    causes = [f"{code} {count}" for code, count in sorted(visits["causes"].items())]
    more = [f"; {what}: {', '.join(told)}" for what, told in (("refused", refused), ("causes", causes)) if told]
    return "".join([", ".join(parts) or "no visits", *more])


def _lengths(half_s: float | None, most_s: float | None) -> str:
    if half_s is None or most_s is None:
        return "none yet"
    return f"half within {half_s:.0f} s, 95 % within {most_s:.0f} s"


def _duration(seconds: float) -> str:
    minutes, _ = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h {minutes} min" if days else f"{hours} h {minutes} min"


def _verify(arguments: argparse.Namespace) -> int:
    from kiosk.status.summary import read

    try:
        if arguments.trust:
            trusted = trusted_from_file(arguments.trust)
        else:
            path = config.of(arguments.config).data / "seal.pem"
            if not path.exists():
                raise Failure(f"{path}: this terminal has signed nothing yet; name trusted keys with --trust FILE", 2)
            trusted = (load_or_create_key(path).public_key(),)
    except (OSError, ValueError, KeyUnusable, SealError) as error:
        raise Failure(f"no keys to trust: {error}", USAGE) from error
    try:
        found = read(arguments.verify, trusted)
    except SealUnknownKey as error:
        raise Failure(f"not proved: {error}; add that terminal's key with --trust FILE", 3) from error
    except SealError as error:
        raise Failure(f"not genuine: {error}", 1) from error
    facts = asdict(found) | {"at": found.at.isoformat()}
    if arguments.json:
        print(json.dumps({"genuine": True} | facts, ensure_ascii=False))
        return 0
    print("genuine")
    for name, value in (facts | facts.pop("devices")).items():
        print(f"{name:12} {value}")
    return 0
