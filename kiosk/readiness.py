"""Whether this terminal can serve, and what to do where it cannot: the findings behind ``kiosk doctor``.

It asks devices and insurer once, looks at journal, disk, fonts and clock, and reads from the journal what has happened,
beside the loop of a terminal that runs. It repairs nothing, and says nothing of citizens: the journal holds nothing
that it could say.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from drivers.api import Align, Block, Condition, Health, Page, Pair, Remedy, Rule, Text
from drivers.frozen import dataclass
from kiosk import journal
from kiosk.config import Config, ConfigError
from kiosk.journal import Damage, JournalError
from kiosk.journal.errors import damage_by
from kiosk.journal.past import Past
from kiosk.journal.reading import JournalFile
from kiosk.station import Station
from kiosk.text import Catalogue
from kiosk.watch import EVENT, FAULTS, ask, devices_of, reader_serves

SETTLE_S = 2.0
"""Drivers that start a process of their own say ``starting`` for a moment."""
LEAST_FREE = 64 * 2**20
"""Bytes. A visit writes some ten records of less than 1 KB: room for weeks in which somebody can come and look."""
BUILT = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
"""No terminal of this program has lived before: an earlier clock has lost its battery."""
LEAP = timedelta(days=366)
"""A clock that is further ahead of the journal's last record than this is rather wrong than the terminal forgotten."""
_CASES = (Damage.UNREADABLE, Damage.NO_ROOM, Damage.NOT_OPENED)
_SAMPLE = "社"
"""Any Chinese character: a font that has it can draw a citizen's name."""


class Subject(StrEnum):
    """What is looked at besides the devices; each has its words for being well and for being wrong."""

    INSURER = "insurer"
    JOURNAL = "journal"
    DISK = "disk"
    FONT = "font"
    CLOCK = "clock"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one of the subjects is well. What to do where it is not stands in the catalogue (:func:`told`)."""

    subject: Subject
    well: bool
    detail: str
    """For the operator, in English."""
    case: str = ""
    """Which of several words for being wrong fits."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What the watch over a device wrote down."""

    at: datetime
    condition: str
    remedy: str


@dataclass(frozen=True, slots=True)
class DeviceFinding:
    """How one device is now, and what the journal has of its faults."""

    name: str
    address: str
    """``driver:address`` of the configuration."""
    health: Health
    faults: int
    """How often it went wrong since the journal began."""
    last_fault: Fault | None


@dataclass(frozen=True, slots=True)
class Counts:
    """From the journal, since it began."""

    visits: Mapping[str, int]
    """By outcome: ``done``, the ending, or the code of a fault."""
    starts: int
    slips_not_printed: int
    cards_left_behind: int
    operations_open: int
    """Of which nobody knows yet how they ended."""
    left_for_staff: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """The whole report: for ``kiosk doctor``, for a page of paper, and for the screen of staff."""

    terminal: str
    at: datetime
    settings: Mapping[str, str]
    devices: tuple[DeviceFinding, ...]
    findings: tuple[Finding, ...]
    characters_missing: Mapping[str, int]
    """How many Han characters of GB 18030-2022 no font here has, by the blocks that lack any. The terminal serves all
    the same: a name with such a character has a box in its place."""
    damage: tuple[str, ...]
    """Of the journal, and at which record."""
    counts: Counts | None
    """``None`` if the journal cannot be read."""

    @property
    def ready(self) -> bool:
        """Whether a citizen can be served. Without the other devices the terminal serves what it can."""
        card = next(device for device in self.devices if device.name == "card")
        return reader_serves(card.health) and all(finding.well for finding in self.findings)


async def examine(station: Station, config: Config, *, production: bool | None = None) -> Readiness:
    """Everything, now. ``production`` is for those who know better than the place where the program lies."""
    devices = devices_of(station)
    healths = dict(zip(devices, await asyncio.gather(*map(ask, devices.values())), strict=True))
    if any(health.condition is Condition.STARTING for health in healths.values()):
        await asyncio.sleep(SETTLE_S)
        healths = {name: await ask(device) for name, device in devices.items()}
    records = await _records(station)
    now = station.clock()
    return Readiness(
        terminal=config.settings.terminal,
        at=now,
        settings=_settings(config, now),
        devices=tuple(
            DeviceFinding(
                name,
                getattr(config.devices, name),
                health,
                len(records.faults.get(name, ())),
                records.faults[name][-1] if name in records.faults else None,
            )
            for name, health in healths.items()
        ),
        findings=(
            await _insurer(station, config, now),
            Finding(Subject.JOURNAL, not records.found, ", ".join(records.damage), _case_of(records.found)),
            _disk(config.data),
            _font(),
            clock_finding(now, records.last),
            _simulated(config, now, production=production),
        ),
        characters_missing=characters_missing(),
        damage=records.damage,
        counts=records.counts,
    )


@dataclass(frozen=True, slots=True)
class _Records:
    """What the journal says; of one that cannot be read only that."""

    found: tuple[journal.Finding, ...]
    faults: Mapping[str, list[Fault]] = field(default_factory=dict)
    counts: Counts | None = None
    last: datetime | None = None

    @property
    def damage(self) -> tuple[str, ...]:
        return tuple(f"{finding.damage.value} at {finding.seq}" for finding in self.found)


async def _records(station: Station) -> _Records:
    """Beside the loop where there is a back room: the records of half a year take longer than systemd is patient."""
    room = station.back_room
    if room is None:
        return _looked_through(station.journal.verify(), station.journal)
    found = await room.beside(lambda: _read(room.journal, room.journal_secret))
    try:
        station.journal.latest()
    except JournalError as error:  # its file may be whole: the terminal cannot use it all the same
        return _Records(found.found or (journal.Finding(damage_by(error), 0),))
    return found


def _read(path: Path, secret: bytes) -> _Records:
    """The same on a connection of its own."""
    try:
        with JournalFile(path, secret) as file:
            return _looked_through(file.findings(), file)
    except JournalError as error:
        return _Records((journal.Finding(damage_by(error), 0),))


def _looked_through(findings: Iterable[journal.Finding], past: Past) -> _Records:
    found = tuple(findings)
    try:
        return _Records(found, _faults(past), count(past), past.latest())
    except JournalError:
        return _Records(found)  # which says what is wrong with it


def _case_of(found: Sequence[journal.Finding]) -> str:
    """For which damage of the journal there is something else to do than for the rest."""
    return next((finding.damage.value for finding in found if finding.damage in _CASES), "")


async def _insurer(station: Station, config: Config, now: datetime) -> Finding:
    """Whether it answers; of a platform also where it is, and why it does not."""
    well, detail, case = await station.insurer.reachable(), config.insurer, ""
    if config.platform is not None and config.papers is not None:
        from kiosk.insurer.papers import concerns
        from kiosk.insurer.platform import trouble_of

        found = list(concerns(config.papers, config.settings.terminal, now))
        told = (trouble_of(station.insurer), *(f"[insurer] {each.key}: {each.remedy}" for each in found))
        detail = ": ".join(filter(None, (config.platform.url, "; ".join(filter(None, told)))))
        case = "" if all(each.works for each in found) else "papers"
    return Finding(Subject.INSURER, well, detail, case)


def count(past: Past) -> Counts:
    """What the journal tells of the terminal's life. Raises JournalError."""

    def times(kind: str) -> int:
        return sum(1 for _ in past.events(kind))

    tally = past.tally()
    return Counts(
        visits=dict(sorted(Counter(str(visit.facts.get("outcome")) for visit in past.events("visit")).items())),
        starts=times("terminal_started"),
        slips_not_printed=times("slip_not_printed"),
        cards_left_behind=times("card_left_behind"),
        operations_open=sum(tally.get(state, 0) for state in ("intent", "sent", "unknown")),
        left_for_staff=times("left_for_staff"),
    )


def _faults(past: Past) -> dict[str, list[Fault]]:
    found: dict[str, list[Fault]] = {}
    for event in past.events(EVENT):
        condition = str(event.facts.get("condition"))
        if condition in FAULTS:
            fault = Fault(event.at, condition, str(event.facts.get("remedy")))
            found.setdefault(str(event.facts.get("name")), []).append(fault)
    return found


def clock_finding(now: datetime, last: datetime | None) -> Finding:
    """A wrong clock dates slips wrongly and hides what is new in the journal behind what is old."""
    detail = f"{now:%Y-%m-%d %H:%M:%S %z}"
    if now < BUILT:
        return Finding(Subject.CLOCK, well=False, detail=f"{detail} is before this program was made")
    if last is not None and now < last:
        return Finding(Subject.CLOCK, well=False, detail=f"{detail} is before the journal's last record")
    if last is not None and now - last > LEAP:
        return Finding(Subject.CLOCK, well=False, detail=f"{detail} is over a year after the journal's last record")
    return Finding(Subject.CLOCK, well=True, detail=detail)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    return Finding(Subject.DISK, free >= LEAST_FREE, f"{free / 2**20:.0f} MiB free in {folder}")


def _font() -> Finding:
    from drivers.printer.raster import font_for  # draws: not needed for anything else here

    font = font_for(_SAMPLE, 24)
    name = "" if font is None else " ".join(part for part in font.getname() if part)
    return Finding(Subject.FONT, font is not None, name or "no font with Chinese characters")


def _simulated(config: Config, now: datetime, *, production: bool | None) -> Finding:
    """Whether the terminal may play what it plays: one that may not shows S10 and serves nobody."""
    from kiosk.maintenance import permission
    from kiosk.maintenance.credentials import StaffFile

    played = ", ".join(config.simulated) or "nothing"
    try:
        permission.require(config, StaffFile(config.staff_file), now, production=production)
    except ConfigError as error:
        unusable = f"; {error.__cause__}" if error.__cause__ else ""
        return Finding(Subject.SIMULATED, well=False, detail=f"{played}{unusable}")
    return Finding(Subject.SIMULATED, well=True, detail=played)


def characters_missing() -> dict[str, int]:
    """By block of :mod:`drivers.printer.fonts`; empty when every name can be drawn. Half a second."""
    from drivers.printer.fonts import missing_by_block

    return {block: len(chars) for block, chars in missing_by_block().items() if chars}


def characters_told(readiness: Readiness, words: Catalogue) -> Iterator[str]:
    """What the fonts lack and what to do about it; nothing if they lack nothing."""
    missing = readiness.characters_missing
    if missing:
        blocks = ", ".join(f"{block} {count}" for block, count in missing.items())
        yield words.say("doctor.characters.missing", count=str(sum(missing.values())), blocks=blocks)
        yield words.say("doctor.characters.advice")


def _settings(config: Config, now: datetime) -> Mapping[str, str]:
    settings = config.settings
    return {
        "policy": config.policy,
        "region": config.region,
        "languages": ", ".join(settings.languages),
        "panel": f"{config.panel.width_mm:g} x {config.panel.height_mm:g} mm",
        "idle": f"{settings.idle_normal_s:g} s, {settings.idle_large_s:g} s, {settings.warning_s} s",
        "data": str(config.data),
        "time_zone": f"{now:%Z} {now:%z}",
    }


# --- in words --------------------------------------------------------------------------------------------------------


def advice(device: DeviceFinding, words: Catalogue) -> str:
    """What to do about it, in plain words: for this kind of device where that says more, else in general."""
    own = f"doctor.advice.{device.name}.{device.health.remedy}"
    return words.say(own if own in words else f"doctor.remedy.{device.health.remedy}")


def told(finding: Finding, words: Catalogue) -> str:
    """The finding and, where something is wrong, what to do."""
    return words.say(f"doctor.{finding.subject}.{'well' if finding.well else finding.case or 'wrong'}")


def lay_out(readiness: Readiness, words: Catalogue) -> Page:
    """The report as a page for any printer."""
    return Page(tuple(_blocks(readiness, words)))


def _blocks(readiness: Readiness, words: Catalogue) -> Iterator[Block]:
    def say(key: str, **facts: object) -> str:
        return words.say(f"doctor.{key}", **facts)

    yield Text(say("heading"), align=Align.CENTRE, scale=2, bold=True)
    yield Pair(say("terminal"), readiness.terminal)
    yield Pair(say("at"), words.show(readiness.at))
    yield Text(say("ready" if readiness.ready else "not_ready"), bold=True)
    for device in readiness.devices:
        yield Rule()
        yield from _device(device, words)
    yield Rule()
    for finding in readiness.findings:
        yield Pair(say(f"subject.{finding.subject}"), say("well" if finding.well else "wrong"), bold=not finding.well)
        yield Text(told(finding, words))
        if finding.detail:
            yield Text(finding.detail)
    for line in characters_told(readiness, words):
        yield Text(line)
    yield Rule()
    if readiness.counts is not None:
        for key, number in count_rows(readiness.counts):
            yield Pair(say(f"count.{key}"), str(number))
        for outcome, number in readiness.counts.visits.items():
            yield Pair(say("count.outcome", outcome=outcome), str(number))
        yield Rule()
    for key, value in readiness.settings.items():
        yield Pair(say(f"setting.{key}"), value)


def _device(device: DeviceFinding, words: Catalogue) -> Iterator[Block]:
    def say(key: str, **facts: object) -> str:
        return words.say(f"doctor.{key}", **facts)

    health = device.health
    yield Pair(say(f"device.{device.name}"), say(f"condition.{health.condition}"), bold=not health.usable)
    if health.model:
        yield Pair(say("model"), health.model)
    if health.firmware:
        yield Pair(say("firmware"), health.firmware)
    yield Pair(say("address"), device.address)
    if health.detail:
        yield Text(health.detail)
    if health.remedy is not Remedy.NONE:
        yield Text(advice(device, words))
    if device.last_fault is not None:
        yield Pair(say("last_fault"), fault_words(device.last_fault, words))
        yield Pair(say("faults"), str(device.faults))


def fault_words(fault: Fault, words: Catalogue) -> str:
    """One line: when it was and what was wrong."""
    return f"{words.show(fault.at)} {words.say(f'doctor.condition.{fault.condition}')}"


def count_rows(counts: Counts) -> Iterator[tuple[str, int]]:
    """The counts that have one number, by the key of their words."""
    yield "starts", counts.starts
    yield "visits", sum(counts.visits.values())
    yield "slips_not_printed", counts.slips_not_printed
    yield "cards_left_behind", counts.cards_left_behind
    yield "operations_open", counts.operations_open
    yield "left_for_staff", counts.left_for_staff
