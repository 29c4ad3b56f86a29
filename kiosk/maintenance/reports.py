"""Reports for whoever stands there: the readiness of the terminal and today's counts, as rows, on paper, as PDF.

Owns which rows there are and where a PDF goes. What is found out is ``kiosk.readiness``'s and ``counts``'s.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from drivers.api import Page, Remedy
from kiosk.faults import refusal_code
from kiosk.maintenance import handing_out
from kiosk.maintenance.back_room import BackRoom
from kiosk.maintenance.counts import Today
from kiosk.readiness import Readiness, advice, characters_told, count_rows, told
from kiosk.screens import Cause, Refusal, StaffRow, Tone
from kiosk.text import Catalogue


def readiness_rows(found: Readiness, words: Catalogue) -> tuple[StaffRow, ...]:
    """Devices, then what is looked at besides, what is wrong first."""
    rows: list[StaffRow] = []
    for device in found.devices:
        state = words.say(f"doctor.condition.{device.health.condition}")
        if device.health.remedy is not Remedy.NONE:
            state = f"{state}: {advice(device, words)}"
        tone = Tone.GOOD if device.health.usable else Tone.TURN
        rows.append(StaffRow(words.say(f"doctor.device.{device.name}"), state, tone))
    for finding in found.findings:
        tone = Tone.GOOD if finding.well else Tone.TURN
        rows.append(StaffRow(words.say(f"doctor.subject.{finding.subject}"), told(finding, words), tone))
    rows += [
        StaffRow(words.say("doctor.subject.font"), line, Tone.TURN) for line in list(characters_told(found, words))[:1]
    ]
    rows.sort(key=lambda row: row.tone is not Tone.TURN)
    if found.counts is not None:
        rows += [StaffRow(words.say(f"doctor.count.{key}"), str(number)) for key, number in count_rows(found.counts)]
    rows.append(StaffRow(words.say("doctor.terminal"), found.terminal))
    return tuple(rows)


def count_rows_of(found: Today, words: Catalogue) -> tuple[StaffRow, ...]:
    """Today: sums, then services, then each cause with its words."""
    rows = [
        StaffRow(words.say("staff.visits"), str(found.visits)),
        StaffRow(words.say("staff.done"), str(found.done), Tone.GOOD),
        StaffRow(words.say("staff.failed"), str(found.failed), Tone.TURN if found.failed else Tone.CALM),
    ]
    rows += [StaffRow(cause_words(code, words), str(number)) for code, number in found.causes.items()]
    for service, number in found.services.items():
        key = f"common.service.{service}.title"
        rows.append(StaffRow(words.say(key if key in words else "staff.service_none"), str(number)))
    for label, number in (
        ("slips_not_printed", found.slips_not_printed),
        ("cards_left_behind", found.cards_left_behind),
        ("open_operations", found.open),
    ):
        rows.append(StaffRow(words.say(f"staff.{label}"), str(number), Tone.TURN if number else Tone.CALM))
    return tuple(rows)


def cause_words(code: str, words: Catalogue) -> str:
    """``C01  The card was pulled…``: what the code stands for, in the words there are for it."""
    for key in (f"cause.{code}", f"fault.{code}"):
        if key in words:
            return f"{code}  {words.say(key)}"
    for cause in Cause:
        if refusal_code(cause) == code:
            return f"{code}  {words.wording(Refusal(cause, code))['title']}".replace("\n", " ")
    return code


async def save_pdf(page: Page, room: BackRoom, name: str, now: datetime) -> Path:
    """The page as PDF on the USB stick if one is in, else in the terminal's folder. Raises OSError."""
    from drivers.printer.pdf import SHEETS, Drawing  # draws: nothing that is needed before

    drawing = Drawing(page, SHEETS["a4"])
    for _ in drawing.steps():
        await asyncio.sleep(0)
    document = drawing.finish().pdf
    if room.usb_there():
        assert room.usb is not None
        folder = room.usb
    else:
        folder = room.config.data / "reports"
        folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / handing_out.file_name(name, room.config.settings.terminal, now, "pdf")
    await room.beside(lambda: handing_out.put(document, path))
    return path
