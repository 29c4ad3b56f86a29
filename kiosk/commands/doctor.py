"""``kiosk doctor``: how every device and link of this terminal is, and what to do about it."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from kiosk import compose, config

SETTLE_S = 2.0
"""Drivers that start a process of their own say ``starting`` for a moment."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    configuration = config.load(arguments.config) if arguments.config else config.Config()
    report = asyncio.run(_examine(configuration))
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        for name, found in report["devices"].items():
            print(f"{name:10} {found['condition']:15} {found['remedy']:14} {found['detail']}")
        print(f"{'insurer':10} {'reachable' if report['insurer'] else 'unreachable'}")
        print(f"{'journal':10} {'sound' if not report['journal'] else ', '.join(report['journal'])}")
    return 0 if report["ready"] else 1


async def _examine(configuration: config.Config) -> dict[str, Any]:
    station = compose.real_station(configuration)
    try:
        devices = {
            "card": station.reader,
            "idcard": station.id_reader,
            "scanner": station.scanner,
            "printer": station.printer,
        }
        healths = {name: await device.health() for name, device in devices.items()}
        if any(health.condition.value == "starting" for health in healths.values()):
            await asyncio.sleep(SETTLE_S)
            healths = {name: await device.health() for name, device in devices.items()}
        damage = [f"{finding.damage.value} at {finding.seq}" for finding in station.journal.verify()]
        insurer = await station.insurer.reachable()
        return {
            "ready": healths["card"].usable and insurer and not damage,
            "devices": {
                name: {
                    "condition": health.condition.value,
                    "remedy": health.remedy.value,
                    "model": health.model,
                    "firmware": health.firmware,
                    "detail": health.detail,
                }
                for name, health in healths.items()
            },
            "insurer": insurer,
            "journal": damage,
        }
    finally:
        await compose.close(station)
