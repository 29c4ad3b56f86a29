"""``kiosk doctor``: how every device and link of this terminal is, and what to do about it; exit 0 if it can serve."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from drivers.api import DeviceError, Remedy
from kiosk import compose, config
from kiosk.commands.failure import Failure
from kiosk.commands.owner import continue_as_owner, see_nobody_elses
from kiosk.readiness import Readiness, advice, characters_told, count_rows, examine, fault_words, lay_out, told
from kiosk.text import Catalogue, catalogues

READY, NOT_READY, USAGE = 0, 1, 2
PRINT = "print"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="the terminal to look at")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lang", default="en", choices=sorted(catalogues()), help="language of the plain words")
    parser.add_argument(
        "--page", metavar="FILE|print", help="also the report as a page: into a text file, or on the terminal's printer"
    )


def run(arguments: argparse.Namespace) -> int:
    if arguments.config is None and not config.installed().exists():
        raise Failure("which terminal? Name its configuration with --config FILE", USAGE)
    configuration = config.of(arguments.config)
    if arguments.page in (None, PRINT):
        return _tell(arguments, configuration, None)
    with Path(arguments.page).open("w", encoding="utf-8") as page:  # where the caller may write
        return _tell(arguments, configuration, page)


def _tell(arguments: argparse.Namespace, configuration: config.Config, page: TextIO | None) -> int:
    continue_as_owner(configuration.data)
    see_nobody_elses(configuration.data)
    compose.check(configuration)
    words = catalogues()[arguments.lang]
    readiness, not_printed = asyncio.run(_examine(configuration, words, to_paper=arguments.page == PRINT))
    if page is not None:
        from drivers.printer.layout import transcript

        page.write(transcript(lay_out(readiness, words)) + "\n")
    if arguments.json:
        print(json.dumps(as_values(readiness, words), ensure_ascii=False))
    else:
        print("\n".join(as_lines(readiness, words)))
    if not_printed is not None:
        why = f"{type(not_printed).__name__}: {not_printed}"
        raise Failure(f"the report was not printed: {why}", NOT_READY) from not_printed
    return READY if readiness.ready else NOT_READY


async def _examine(
    configuration: config.Config, words: Catalogue, *, to_paper: bool
) -> tuple[Readiness, DeviceError | None]:
    """What was found, and why it did not come out of the printer where it should have."""
    station = compose.real_station(configuration)
    try:
        readiness = await examine(station, configuration)
        if to_paper:
            try:
                await station.printer.print(lay_out(readiness, words))
            except DeviceError as error:
                return readiness, error
        return readiness, None
    finally:
        await compose.close(station)


def as_values(readiness: Readiness, words: Catalogue) -> dict[str, Any]:
    """For machines; the plain words stand beside the codes."""
    return {
        "ready": readiness.ready,
        "terminal": readiness.terminal,
        "at": readiness.at.isoformat(),
        "devices": {
            device.name: {
                "condition": device.health.condition.value,
                "remedy": device.health.remedy.value,
                "advice": advice(device, words),
                "model": device.health.model,
                "firmware": device.health.firmware,
                "detail": device.health.detail,
                "address": device.address,
                "faults": device.faults,
                "last_fault": None
                if device.last_fault is None
                else asdict(device.last_fault) | {"at": device.last_fault.at.isoformat()},
            }
            for device in readiness.devices
        },
        "insurer": all(finding.well for finding in readiness.findings if finding.subject == "insurer"),
        "journal": list(readiness.damage),
        "findings": {
            finding.subject.value: {"well": finding.well, "advice": told(finding, words), "detail": finding.detail}
            for finding in readiness.findings
        },
        "characters_missing": dict(readiness.characters_missing),
        "counts": None if readiness.counts is None else asdict(readiness.counts),
        "settings": dict(readiness.settings),
    }


def as_lines(readiness: Readiness, words: Catalogue) -> Iterator[str]:
    """For people: a line each, and under whatever is wrong what to do about it."""
    for device in readiness.devices:
        health = device.health
        known = "; ".join(part for part in (health.model, health.firmware, health.detail) if part)
        yield f"{device.name:10} {health.condition:15} {health.remedy:14} {known}".rstrip()
        if health.remedy is not Remedy.NONE:
            yield f"{'':10} {advice(device, words)}"
        if device.last_fault is not None:
            label = words.say("doctor.last_fault")
            yield f"{'':10} {label}: {fault_words(device.last_fault, words)} ({device.faults})"
    for finding in readiness.findings:
        yield f"{finding.subject:10} {'well' if finding.well else 'wrong':15} {'':14} {finding.detail}".rstrip()
        if not finding.well:
            yield f"{'':10} {told(finding, words)}"
    for line in characters_told(readiness, words):
        yield f"{'characters':10} {line}"
    if readiness.counts is not None:
        rows = count_rows(readiness.counts)
        counts = "; ".join(f"{words.say(f'doctor.count.{key}')} {number}" for key, number in rows)
        yield f"{'counts':10} {counts}"
        if readiness.counts.visits:
            visits = ", ".join(f"{outcome} {number}" for outcome, number in readiness.counts.visits.items())
            yield f"{'visits':10} {visits}"
    yield f"{'settings':10} {'; '.join(f'{key} {value}' for key, value in readiness.settings.items())}"
    yield words.say("doctor.ready" if readiness.ready else "doctor.not_ready")
