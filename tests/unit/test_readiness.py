"""The readiness report: every finding with a remedy in plain words, counts from the journal, a page for the wall."""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drivers.api import Condition, Health, MuteCard, Remedy
from drivers.printer.fonts import missing_by_block
from drivers.printer.layout import transcript
from drivers.printer.mock import MockPrinter
from drivers.printer.virtual import VirtualPrinter
from kiosk import readiness
from kiosk.commands import doctor
from kiosk.commands.doctor import as_lines, as_values
from kiosk.commands.failure import Failure
from kiosk.config import Config, Devices
from kiosk.faults import codes
from kiosk.insurer.agreement import Agreement
from kiosk.insurer.staging import make
from kiosk.journal import Damage, Journal
from kiosk.journal import Finding as JournalFinding
from kiosk.readiness import (
    DeviceFinding,
    Finding,
    Readiness,
    Subject,
    advice,
    characters_missing,
    clock_finding,
    count,
    count_rows,
    examine,
    lay_out,
    told,
)
from kiosk.text import catalogues
from kiosk.watch import Watch
from tests.helpers.storyboard import MORNING, Stage
from tests.helpers.virtual_time import run
from tests.helpers.wire import kiosk

LANGUAGES = sorted(catalogues())
DEVICES = ("card", "idcard", "scanner", "printer")


def examined(before: Callable[[Stage], Awaitable[None]], folder: Path) -> Readiness:
    """The report on a hall of mocks after something has happened there."""
    found: list[Readiness] = []

    async def main() -> None:
        stage = Stage()
        await before(stage)
        found.append(await examine(stage.station, Config(data=folder)))
        await stage.close()

    run(main())
    return found[0]


async def nothing(stage: Stage) -> None:
    pass


def device(report: Readiness, name: str) -> DeviceFinding:
    return next(found for found in report.devices if found.name == name)


def finding(report: Readiness, subject: Subject) -> Finding:
    return next(found for found in report.findings if found.subject is subject)


@pytest.fixture(scope="module")
def well_report(tmp_path_factory: pytest.TempPathFactory) -> Readiness:
    return examined(nothing, tmp_path_factory.mktemp("data"))


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_condition_remedy_and_finding_has_its_words(language: str) -> None:
    words = catalogues()[language]
    wanted = [f"doctor.condition.{condition}" for condition in Condition]
    wanted += [f"doctor.remedy.{remedy}" for remedy in Remedy]
    wanted += [f"doctor.device.{name}" for name in DEVICES]
    wanted += [f"doctor.{subject}.{how}" for subject in Subject for how in ("well", "wrong")]
    wanted += [f"doctor.subject.{subject}" for subject in Subject]
    assert [key for key in wanted if not words.texts.get(key)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_for_one_device_only_stand_for_remedies_that_there_are(language: str) -> None:
    known = {f"doctor.advice.{name}.{remedy}" for name in (*DEVICES, "pinpad", "voice") for remedy in Remedy}
    assert {key for key in catalogues()[language].texts if key.startswith("doctor.advice.")} <= known


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("condition", Condition)
@pytest.mark.parametrize("remedy", Remedy)
def test_whatever_a_device_answers_can_be_reported(
    language: str, condition: Condition, remedy: Remedy, well_report: Readiness
) -> None:
    words = catalogues()[language]
    health = Health(condition, remedy, "detail", "model", "1.0")
    report = replace(well_report, devices=tuple(replace(found, health=health) for found in well_report.devices))
    page = transcript(lay_out(report, words))
    lines = "\n".join(as_lines(report, words))
    for found in report.devices:
        assert words.say(f"doctor.condition.{condition}") in page
        if remedy is not Remedy.NONE:
            assert advice(found, words) in lines
    assert "model" in page
    assert "1.0" in page


# --- findings --------------------------------------------------------------------------------------------------------


def test_a_terminal_in_order_is_ready(tmp_path: Path) -> None:
    report = examined(nothing, tmp_path)
    assert report.ready, report
    assert report.damage == ()
    assert [found.name for found in report.devices] == list(DEVICES)
    assert all(found.health.usable and found.last_fault is None for found in report.devices)
    assert report.at == MORNING


def test_without_the_card_reader_nothing_goes_and_without_paper_much(tmp_path: Path) -> None:
    async def no_reader(stage: Stage) -> None:
        stage.hall.slot.unplug()  # type: ignore[attr-defined]

    async def no_paper(stage: Stage) -> None:
        stage.hall.take_paper()

    assert not examined(no_reader, tmp_path).ready
    report = examined(no_paper, tmp_path)
    assert report.ready
    assert advice(device(report, "printer"), catalogues()["en"]) == "Check paper, cover and cutter."


def test_a_card_that_was_put_in_the_wrong_way_and_left_is_no_fault_of_the_reader(tmp_path: Path) -> None:
    async def left_in(stage: Stage) -> None:
        stage.hall.insert_card_wrong_way()
        with pytest.raises(MuteCard):
            await stage.station.reader.card()
        assert await stage.terminal._reader_usable()

    report = examined(left_in, tmp_path)
    assert device(report, "card").health.condition is Condition.USER_ERROR
    assert report.ready


def test_an_insurer_that_cannot_be_reached(tmp_path: Path) -> None:
    async def cut(stage: Stage) -> None:
        stage.hall.cut_network()

    report = examined(cut, tmp_path)
    assert not report.ready
    assert not finding(report, Subject.INSURER).well
    assert as_values(report, catalogues()["en"])["insurer"] is False


def test_a_certificate_in_another_name_is_named_where_the_centre_does_not_answer(tmp_path: Path) -> None:
    folder = make(tmp_path / "papers", ["localhost"], ["ZZ-0009"])
    agreed = Agreement("https://localhost/", "P41010000001", "x", "410100", "ZZ-0000")
    config = Config(data=tmp_path, insurer="platform", platform=agreed, papers=folder.papers("ZZ-0009"))
    found: list[Readiness] = []

    async def main() -> None:
        stage = Stage()
        stage.hall.cut_network()
        found.append(await examine(stage.station, config))
        await stage.close()

    run(main())
    insurer = finding(found[0], Subject.INSURER)
    assert "[insurer] certificate" in insurer.detail
    assert "was issued for ZZ-0009, and [terminal] id is ZZ-0000" in insurer.detail
    assert "certificate" in told(insurer, catalogues()["en"])


def test_the_last_fault_and_how_many_there_were(tmp_path: Path) -> None:
    async def paper_comes_and_goes(stage: Stage) -> None:
        watch = Watch(stage.station)
        for _ in range(3):
            stage.hall.take_paper()
            await watch.look()
            await asyncio.sleep(60.0)
            stage.hall.refill_paper()
            await watch.look()

    report = examined(paper_comes_and_goes, tmp_path)
    found = device(report, "printer")
    assert found.health.usable
    assert found.faults == 3
    assert found.last_fault is not None
    assert found.last_fault.condition == "user_error"
    assert found.last_fault.at == MORNING + timedelta(minutes=2)
    assert "20 November 2026 09:43 needs a hand" in transcript(lay_out(report, catalogues()["en"]), 60)


def test_counts_come_from_the_journal() -> None:
    async def main() -> None:
        stage = Stage()
        journal = stage.journal
        for outcome in ("done", "done", "idle", "D01"):
            journal.event("visit", service="balance", outcome=outcome)
        journal.event("terminal_started", open=0)
        journal.event("slip_not_printed", slip="balance", fault="NoPaper")
        journal.event("card_left_behind")
        journal.event("left_for_staff", operation="K1")
        for key, ending in (("K1", "unknown"), ("K2", "done")):
            journal.intend(key, "Activate", journal.subject("00" * 16))
            journal.close(key, ending)  # type: ignore[arg-type]
        counts = count(journal)
        assert counts.visits == {"D01": 1, "done": 2, "idle": 1}
        assert dict(count_rows(counts)) == {
            "starts": 1,
            "visits": 4,
            "slips_not_printed": 1,
            "cards_left_behind": 1,
            "operations_open": 1,
            "left_for_staff": 1,
        }
        await stage.close()

    run(main())


def test_a_slip_that_did_not_come_out_is_counted(tmp_path: Path) -> None:
    from kiosk.screens import Result
    from tests.helpers.citizen import ERRANDS, Citizen, Hand

    async def visit_without_paper(stage: Stage) -> None:
        running = asyncio.ensure_future(stage.terminal.run())
        stage.hall.take_paper()
        living = asyncio.ensure_future(Citizen(stage, ERRANDS[0], Hand()).live())
        await stage.come(Result)
        living.cancel()
        stage.terminal.stop()
        stage.hall.pull_card()
        await asyncio.wait_for(running, 60.0)

    report = examined(visit_without_paper, tmp_path)
    assert report.counts is not None
    assert report.counts.slips_not_printed == 1
    assert sum(report.counts.visits.values()) == 1
    assert set(report.counts.visits) <= {"done", "closing", "finished", *codes()}


def test_what_to_do_with_a_journal_that_cannot_be_read(tmp_path: Path) -> None:
    """An export would fail as well: the folder is all that can be handed on."""
    path = tmp_path / "journal.db"
    path.write_bytes(b"no database, but long enough to be one" * 100)
    journal = Journal(path, lambda: MORNING, bytes(32), in_service=True)
    found = journal.verify()
    journal.shut()
    assert [each.damage for each in found] == [Damage.UNREADABLE]
    wrong = Finding(Subject.JOURNAL, well=False, detail="", case=readiness._case_of(found))
    assert "Copy the whole data folder" in told(wrong, catalogues()["en"])
    assert "整个数据目录" in told(wrong, catalogues()["zh"])
    other = readiness._case_of([JournalFinding(Damage.ALTERED, 3)])
    assert "Export it" in told(replace(wrong, case=other), catalogues()["en"])


def test_a_damaged_journal_is_not_ready(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"

    def make(clock: Callable[[], datetime], secret: bytes) -> Journal:
        return Journal(path, clock, secret)

    async def main() -> Readiness:
        stage = Stage(journal=make)
        for _ in range(3):
            stage.journal.event("visit", service="none", outcome="done")
        with sqlite3.connect(path) as db:
            db.execute("UPDATE records SET record = replace(record, 'done', 'idle') WHERE seq = 2")
        db.close()
        report = await examine(stage.station, Config(data=tmp_path))
        stage.journal.shut()
        await stage.close()
        return report

    report = run(main())
    assert report.damage == ("altered at 2",)
    assert not finding(report, Subject.JOURNAL).well
    assert not report.ready
    assert told(finding(report, Subject.JOURNAL), catalogues()["en"]) in "\n".join(as_lines(report, catalogues()["en"]))


@pytest.mark.parametrize(
    ("now", "last", "well"),
    [
        (MORNING, None, True),
        (MORNING, MORNING - timedelta(days=300), True),
        (MORNING, MORNING + timedelta(seconds=1), False),
        (MORNING, MORNING - timedelta(days=400), False),
        (datetime(1970, 1, 1, 0, 3, tzinfo=UTC), None, False),
    ],
)
def test_which_clock_can_be_believed(now: datetime, last: datetime | None, well: bool) -> None:
    assert clock_finding(now, last).well is well


def test_the_page_can_be_printed(well_report: Readiness) -> None:
    async def main() -> None:
        printer = MockPrinter()
        for language in LANGUAGES:
            await printer.print(lay_out(well_report, catalogues()[language]))
        assert len(printer.pages) == len(LANGUAGES)

    run(main())


def test_a_production_terminal_that_would_simulate_is_not_ready(tmp_path: Path) -> None:
    """It shows S10 and serves nobody, however well its devices are."""

    async def main() -> tuple[Readiness, Readiness]:
        stage = Stage()
        config = Config(data=tmp_path, devices=Devices(card="mock:"))
        found = await examine(stage.station, config, production=True), await examine(stage.station, config)
        await stage.close()
        return found

    refused, checkout = run(main())
    assert not refused.ready
    assert finding(refused, Subject.SIMULATED) == Finding(
        Subject.SIMULATED, well=False, detail="[insurer] kind, [devices] card"
    )
    assert checkout.ready
    for language in LANGUAGES:
        lines = "\n".join(as_lines(refused, catalogues()[language]))
        for word in ("S10", "kiosk staff allow-simulated --engineer", "kiosk staff add", "--config FILE"):
            assert word in lines


# --- the command -----------------------------------------------------------------------------------------------------


def configuration(folder: Path, printer: str) -> Path:
    """Of a terminal with nothing but a printer."""
    path = folder / "kiosk.toml"
    path.write_text(
        f'[devices]\ncard = "pcsc:Nobody"\nidcard = "sdt:{folder}/ttyUSB9"\nscanner = "camera:{folder}/video9"\n'
        f'printer = "escpos:{printer}"\n[insurer]\npath = "{folder}/insurer.db"\n[data]\ndir = "{folder}/data"\n'
    )
    return path


@pytest.mark.system
async def test_the_report_on_paper_in_a_file_and_in_chinese(tmp_path: Path) -> None:
    env = {"PCSCLITE_CSOCK_NAME": str(tmp_path / "none")}
    printer = await VirtualPrinter(seconds_per_page=0.2).start()
    try:
        words = ("doctor", "--config", str(configuration(tmp_path, printer.url)), "--lang", "zh")
        ended = await kiosk(*words, "--page", "print", env=env)
        assert (ended.status, ended.err) == (1, "")
        assert len(printer.receipts) == 1
        assert "终端自检报告" in printer.receipts[0].text
        assert "不能服务" in ended.out

        page = tmp_path / "page.txt"
        ended = await kiosk(*words, "--page", str(page), "--json", env=env)
        assert (ended.status, ended.err) == (1, "")
        assert json.loads(ended.out)["devices"]["printer"]["condition"] == "online"
        assert "终端自检报告" in page.read_text("utf-8")

        printer.out_of_paper()
        ended = await kiosk(*words, "--page", "print", env=env)
        assert (ended.status, "not printed" in ended.complaint) == (1, True)
        assert "请检查纸卷" in ended.out
    finally:
        await printer.aclose()


def test_without_a_configuration_nothing_is_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Failure, match="--config") as failure:
        doctor.run(argparse.Namespace(config=None, json=False, lang="en", page=None))
    assert failure.value.status == 2
    assert capsys.readouterr().out == ""


# --- rare characters -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_fonts_lack_is_told_with_its_remedy(language: str, tmp_path: Path) -> None:
    words = catalogues()[language]

    async def nothing(_: Stage) -> None:
        pass

    found = replace(examined(nothing, tmp_path), characters_missing={"Extension G": 1894, "Extension I": 622})
    lines = "\n".join(as_lines(found, words))
    for text in ("2516", "Extension G 1894", "Extension I 622", "fonts-babelstone-han"):
        assert text in lines
        assert text in transcript(lay_out(found, words)).replace("\n", "") or " " in text
    assert as_values(found, words)["characters_missing"] == {"Extension G": 1894, "Extension I": 622}
    assert found.ready, "a terminal without them serves all the same"
    whole = replace(found, characters_missing={})
    assert "characters" not in "\n".join(as_lines(whole, words))


def test_the_missing_characters_are_counted() -> None:
    counted = characters_missing()
    assert all(count > 0 for count in counted.values())
    assert counted == {block: len(chars) for block, chars in missing_by_block().items() if chars}
