"""``kiosk certify``: examine a driver by the manners of its device kind, and print a report that can be filed."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from drivers.api import Condition
from drivers.contract.certificate import (
    KINDS,
    PEER_ADDRESS,
    SIMULATED,
    Examination,
    Report,
    desk_examination,
    entry,
    hardware_examination,
    simulated_examinations,
)
from drivers.contract.human import Terminal
from drivers.contract.manners import NotTried, Verdict
from kiosk import __version__
from kiosk.commands.failure import Failure

T = TypeVar("T")

USAGE = 2
LET_GO_S = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "driver",
        metavar="DRIVER",
        help="mock, virtual (or one of ours: virtual:serial), or driver:address as in the configuration: pcsc:ACR39U",
    )
    parser.add_argument("--kind", choices=tuple(KINDS), help="what the driver serves, where its name does not say it")
    parser.add_argument("--hands", choices=("simulated", "human"), help="who plays the citizen")
    peers = {peer: None for kind in KINDS.values() for peer in kind.peers}
    parser.add_argument(
        "--peer",
        choices=tuple(peers),
        help=f"put the driver before this virtual device; {PEER_ADDRESS} in DRIVER stands for its address",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--report", type=Path, metavar="FILE", help="file the report there, too (.json: as JSON)")


def run(arguments: argparse.Namespace) -> int:
    """0 if no manner is broken, 1 if one is, 2 if none could be tried. Raises Failure, UnknownDriver."""
    examinations = _examinations(arguments.driver, arguments.kind, arguments.hands, arguments.peer)
    reports = [concluded(_examine(examination, quiet=arguments.json)) for examination in examinations]
    as_json = json.dumps({"reports": [report.as_json() for report in reports]}, ensure_ascii=False, indent=2)
    if arguments.json:
        print(as_json)
    if arguments.report is not None:
        text = "\n\n\n".join("\n".join(report.lines()) for report in reports)
        arguments.report.write_text((as_json if arguments.report.suffix == ".json" else text) + "\n", "utf-8")
    if any(report.count(Verdict.BROKEN) for report in reports):
        return 1
    return 0 if all(report.count(Verdict.KEPT) for report in reports) else USAGE


def concluded(work: Coroutine[Any, Any, T]) -> T:
    """As ``asyncio.run``, but a driver's wait that cannot be cancelled does not keep the report from being filed."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=LET_GO_S))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _examinations(driver: str, kind: str | None, hands: str | None, peer: str | None) -> list[Examination]:
    """Raises Failure, UnknownDriver."""
    name = driver.partition(":")[0]
    if name in SIMULATED:
        if peer is not None:
            raise Failure(f"{driver} has its own peers; --peer is for driver:{PEER_ADDRESS}", USAGE)
        if hands == "human":
            raise Failure(f"{driver} has no hardware: leave out --hands human", USAGE)
        found = simulated_examinations(driver, __version__, kind)
        if not found:
            peers = ", ".join(f"virtual:{peer}" for one in KINDS.values() for peer in one.virtual)
            raise Failure(f"there is no bench {driver}{f' for {kind}' if kind else ''}; there are mock, {peers}", USAGE)
        return found
    if hands == "simulated" and peer is None:
        raise Failure("simulated hands only reach mock and virtual devices; real hardware needs --hands human", USAGE)
    serving = [one for one in KINDS if name in KINDS[one].drivers] if kind is None else [kind]
    if len(serving) != 1:
        known = ", ".join([*SIMULATED, *(f"{known}:" for one in KINDS.values() for known in one.drivers)])
        problem = f"serves {' and '.join(serving)}: say which with --kind" if serving else "is no driver"
        raise Failure(f"{name!r} {problem}; there are {known}", USAGE)
    if peer is None:
        return [hardware_examination(serving[0], driver, __version__, Terminal())]
    if hands == "human":
        raise Failure(f"virtual:{peer} has no hardware: leave out --hands human", USAGE)
    if PEER_ADDRESS not in driver:
        raise Failure(f"write where the address of virtual:{peer} goes: {name}:{PEER_ADDRESS}", USAGE)
    if peer not in KINDS[serving[0]].peers:
        there = ", ".join(KINDS[serving[0]].peers) or "none"
        raise Failure(f"{peer} is no peer of a driver for {serving[0]}; there is {there}", USAGE)
    return [desk_examination(serving[0], driver, __version__, peer)]


async def _examine(examination: Examination, *, quiet: bool) -> Report:
    try:
        health = await examination.health()
    except NotTried as reason:
        raise Failure(f"virtual:{examination.peer}: {reason}", USAGE) from reason
    ready = health is None or health.usable or health.condition is Condition.UNKNOWN
    if examination.hands == "human" and health is not None and not ready:
        raise Failure(f"the device is not ready ({health.condition}: {health.detail}); see kiosk doctor", USAGE)
    report = Report(
        driver=examination.driver,
        kind=examination.kind,
        distribution=examination.distribution,
        hands=examination.hands,
        date=datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        model=health.model if health is not None else "",
        firmware=health.firmware if health is not None else "",
    )
    if not quiet:
        print("\n".join([*report.head(), ""]))
    async for evidence in examination.evidence():
        report.manners.append(evidence)
        if not quiet:
            print("\n".join(entry(evidence)), flush=True)
    if not quiet:
        print(f"\n{report.summary}\n")
    return report
