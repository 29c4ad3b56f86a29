"""Operator mode on mocks and a virtual clock: reports, counts, the search, the export, and the hall's settings."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.printer.mock import MockPrinter
from kiosk.journal.exported import check
from kiosk.maintenance.kept import Kept, Reason
from kiosk.readiness import examine
from kiosk.screens import (
    Attract,
    Finish,
    Pick,
    Proceed,
    StaffKeyboard,
)
from kiosk.text import catalogues
from tests.helpers.citizen import ERRANDS, Citizen, Hand
from tests.helpers.operator import ENGINEER, Hall, menu, page, played, values
from tests.helpers.virtual_time import run

BALANCE = ERRANDS[-1]


# --- reports and records ----------------------------------------------------------------------------------------------


def test_the_readiness_report_on_screen_on_paper_and_as_pdf(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("records", "readiness")
        await asyncio.sleep(5.0)
        assert page(hall).topic in ("readiness_ready", "readiness_not")
        assert "读卡器" in values(hall)
        await hall.pick("print")
        assert page(hall).topic == "page_printed"
        printer = hall.hall.printer
        assert isinstance(printer, MockPrinter)
        assert "终端自检报告" in printer.text_of(printer.pages[-1])
        await hall.pick("back", "pdf")
        assert page(hall).topic == "pdf_saved"
        saved = list((tmp_path / "reports").glob("readiness-*.pdf"))
        assert saved[0].read_bytes().startswith(b"%PDF")

    played(tmp_path, story)


def test_readiness_reads_the_records_beside_the_loop(tmp_path: Path) -> None:
    """With those of half a year it would hold the loop for longer than systemd is patient."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    async def look() -> None:
        hall = Hall(tmp_path)
        for number in range(2000):
            hall.journal.event("visit", service="balance", outcome="done" if number % 2 else "idle", cause="")
        hall.journal._db.set_progress_handler(step, 10)
        found = await examine(hall.station, hall.room.config)
        assert steps < 20, "the terminal's own connection is for the loop"
        assert found.counts is not None
        assert found.counts.visits == {"done": 1000, "idle": 1000}
        assert found.ready, found
        await hall.close()

    run(look())


@pytest.mark.parametrize("wrong", ["altered", "gone", "failed"])
def test_readiness_tells_of_a_journal_that_cannot_be_relied_on(tmp_path: Path, wrong: str) -> None:
    async def look() -> None:
        hall = Hall(tmp_path)
        hall.journal.event("visit", service="balance", outcome="done", cause="")
        match wrong:
            case "altered":
                hall.journal._db.execute("UPDATE records SET record = replace(record, 'done', 'idle')")
            case "gone":
                (tmp_path / "journal.db").unlink()
            case _:
                hall.journal._broken = "SQLITE_IOERR"
        found = await examine(hall.station, hall.room.config)
        assert found.damage == ("altered at 1" if wrong == "altered" else "not_opened at 0",)
        assert (found.counts is None) == (wrong != "altered")
        assert not found.ready
        await hall.close()

    run(look())


def test_todays_counts_have_one_cause_for_each_failure(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await Citizen(hall, BALANCE, Hand()).live()
        await hall.come(Attract)
        hall.answer(Pick("activate"))
        await asyncio.sleep(1.0)
        hall.answer(Finish())
        await hall.come(Attract)
        hall.answer(Pick("activate"))
        await asyncio.sleep(200.0)  # nobody there
        await hall.come(Attract)
        assert [str(e.facts["cause"]) for e in hall.journal.events("visit")] == ["", "V01", "V02"]
        await hall.enter()
        await hall.pick("records", "counts")
        told = values(hall)
        for line in ("来访: 3", "办成: 1", "没办成: 2", "V01", "V02"):
            assert line in told

    played(tmp_path, story)


def test_a_record_is_found_by_part_of_its_number_and_by_day(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        journal = hall.journal
        journal.intend("20261120-AB12-CD34-EF56", "Activate", journal.subject("41" * 16))
        journal.sent("20261120-AB12-CD34-EF56")
        journal.close("20261120-AB12-CD34-EF56", "done", "410100-7")
        await hall.enter()
        await hall.pick("records", "search", "by_number")
        assert isinstance(hall.screen, StaffKeyboard)
        for character in ("E", "F", "5", "7", "erase", "6"):
            await hall.pick(character)
        await hall.tap(Proceed())
        assert page(hall).topic == "found"
        assert len(page(hall).rows) == 3
        assert "20261120-AB12-CD34-EF56" in values(hall)
        await hall.pick("back", "today", "kind_staff")
        assert "entered" in values(hall)
        await hall.pick("back", "yesterday", "kind_all")
        assert page(hall).topic == "found_none"

    played(tmp_path, story)


def test_a_record_is_found_by_the_code_of_its_slip(tmp_path: Path) -> None:
    from kiosk.receipts.seal import Claim, seal

    async def story(hall: Hall) -> None:
        journal = hall.journal
        journal.intend("20261120-AB12-CD34-EF56", "Activate", journal.subject("41" * 16))
        claim = Claim(
            terminal="ZZ-0000",
            operation="20261120-AB12-CD34-EF56",
            service="activate",
            outcome="done",
            at=hall.station.clock(),
            card_tail="7365",
        )
        await hall.enter()
        await hall.pick("records", "search", "by_slip")
        hall.hall.lens.show(seal(claim, hall.seal_key))
        await asyncio.sleep(2.0)
        assert page(hall).topic == "found"
        hall.hall.hide_code()
        await hall.pick("back", "by_slip")
        hall.hall.show_payment_code()
        await asyncio.sleep(2.0)
        assert page(hall).topic == "slip_foreign"

    played(tmp_path, story)


def test_the_export_is_signed_and_whole(tmp_path: Path) -> None:
    stick = tmp_path / "stick"

    async def story(hall: Hall) -> None:
        await hall.enter("02", ENGINEER)
        await hall.pick("records", "export", "export")
        assert page(hall).topic == "export_failed", "no stick is in"
        assert str(stick) in values(hall)
        stick.mkdir()
        await hall.pick("again", "export")
        assert page(hall).topic == "export_done"
        (exported,) = stick.iterdir()
        heading, findings = check(exported, hall.seal_key.public_key())
        assert findings == []
        assert heading.records == 3, "the start, the entry, the try without a stick"
        assert hall.noted()[-1][1]["result"] == "done"

    played(tmp_path, story, usb=stick)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of the terminal's own, with room for few files."""
    place = tmp_path / "data"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,nr_inodes=20,mode=0700", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs root: the disk that is full is a small tmpfs of its own")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> None:
    """Files until no more go on it."""
    number = 0
    while os.statvfs(disk).f_ffree:
        (disk / f"ballast-{number}").touch()
        number += 1


def make_room(disk: Path) -> None:
    for ballast in disk.glob("ballast-*"):
        ballast.unlink()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_staff_are_told_which_disk_is_full(small_disk: Path, tmp_path: Path, language: str) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    Kept(small_disk / "operator.json").speak(language)

    async def story(hall: Hall) -> None:
        await hall.enter("02", ENGINEER)
        fill(small_disk)
        await hall.pick("records", "export", "export")
        assert page(hall).topic == "export_failed"
        own = catalogues()[language].say("staff.disk_full", why=os.strerror(errno.ENOSPC))
        assert own in values(hall)
        assert not any(word in values(hall) for word in ("U 盘", "stick"))
        make_room(small_disk)
        await hall.pick("again", "export")
        assert page(hall).topic == "export_done"

    played(small_disk, story, usb=stick)


def test_a_report_that_finds_no_room_names_the_terminals_disk(small_disk: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        await hall.pick("records", "readiness")
        await asyncio.sleep(5.0)
        fill(small_disk)
        await hall.pick("pdf")
        assert page(hall).topic == "pdf_failed"
        assert "U 盘" not in values(hall)
        assert "终端" in values(hall)

    played(small_disk, story)


def test_what_a_power_cut_left_of_an_export_goes_at_the_next_start(tmp_path: Path) -> None:
    left = tmp_path / ".export-k3x9"
    left.mkdir()
    (left / "journal-ZZ-0000-20261119-094100.jsonl").write_bytes(b"half of it")

    async def story(hall: Hall) -> None:
        await hall.come(Attract)
        assert not left.exists()
        assert hall.room.journal.exists()

    played(tmp_path, story)


def test_what_takes_an_engineer(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.enter()
        for path in (("records", "export"), ("hall", "language")):
            await hall.pick(*path)
            assert page(hall).topic == "not_allowed"
            await hall.pick("back", "back")
        assert [facts["asked"] for act, facts in hall.noted() if act == "not_allowed"] == ["export", "language"]

    played(tmp_path, story, usb=tmp_path)


# --- the hall's settings ----------------------------------------------------------------------------------------------


def test_language_and_brightness_hold_for_every_visit_and_over_a_restart(tmp_path: Path) -> None:
    async def change(hall: Hall) -> None:
        await hall.enter("02", ENGINEER)
        await hall.pick("hall", "language", "lang_en")
        await hall.pick("brightness", "60")
        assert {item.id: item.value for item in menu(hall).items} == {"language": "English", "brightness": "60%"}
        await hall.tap(Finish())
        assert "Insert your card" in hall.words()

    async def still(hall: Hall) -> None:
        assert "Insert your card" in hall.words()
        assert hall.glass.scene is not None
        assert hall.glass.scene.preferences.veil == pytest.approx(0.4)

    played(tmp_path, change)
    played(tmp_path, still)


def test_a_disk_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    class Full(Kept):
        def close(self, reason: Reason) -> None:
            raise OSError(28, "No space left on device")

    async def story(hall: Hall) -> None:
        object.__setattr__(hall.room, "kept", Full(tmp_path / "operator.json"))
        await hall.enter()
        await hall.pick("service", "pause", "back_soon")
        assert page(hall).topic == "not_saved"
        await hall.tap(Finish())
        assert isinstance(hall.screen, Attract)

    played(tmp_path, story)
