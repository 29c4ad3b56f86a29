"""Operator mode itself, from the gesture to leaving: who it is, the menu, and every act behind it.

Owns the order of the menus and who may do what. The acts are others'; what they do to the terminal (closed, language,
brightness) is written to ``kept``, and the terminal reads it there when the session is over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from drivers.api import DeviceError
from kiosk.glass import Glass
from kiosk.handover import PRINT_S
from kiosk.journal import JournalError
from kiosk.maintenance.back_room import BackRoom, preferences_of
from kiosk.maintenance.counts import today
from kiosk.maintenance.credentials import Role
from kiosk.maintenance.deadlines import answered
from kiosk.maintenance.desk import Desk, Left
from kiosk.maintenance.device_tests import TAKEN_S, DeviceTests, problem_row
from kiosk.maintenance.entry import Doing, doing, enter
from kiosk.maintenance.handing_out import NotMade, hand_out_journal
from kiosk.maintenance.kept import BRIGHTNESS, OUT_OF_SERVICE, PAUSES, Reason
from kiosk.maintenance.paper_change import PaperChange
from kiosk.maintenance.reports import count_rows_of, readiness_rows, save_pdf
from kiosk.maintenance.search import KINDS, LEAST_TYPED, Wanted, row_of, search
from kiosk.outline import outline
from kiosk.readiness import examine, lay_out
from kiosk.receipts.seal import SealError, verify
from kiosk.screens import (
    Back,
    Pick,
    Proceed,
    StaffCleaning,
    StaffItem,
    StaffKeyboard,
    StaffMenu,
    StaffPage,
    StaffRow,
    StaffWorking,
    Tone,
    Volume,
)
from kiosk.station import Station

log = logging.getLogger(__name__)

CLEANING_S = 60
ERASE = "erase"
LONGEST_NUMBER = 32
ENGINEERS = frozenset({"export", "language"})
"""Acts that take an engineer: what leaves the terminal, and what every visit begins with."""


class Outcome(StrEnum):
    """What the terminal does after a session: go on with what staff have set, or end, so that its supervisor starts it
    anew."""

    LEFT = "left"
    RESTART = "restart"


class Restart(Exception):
    """The terminal is to be started anew."""


class Session:
    """One session. ``run`` returns when whoever came has left, or nobody is there any more."""

    def __init__(self, station: Station, room: BackRoom, glass: Glass, language: str) -> None:
        self._station = station
        self._room = room
        self._desk = Desk(glass, preferences_of(station.settings, language), station.clock)
        self._words = station.catalogues[language]
        self._who: Doing = doing(station, None)
        self._role = Role.OPERATOR
        self._tests = DeviceTests(station, room, self._desk, self._who, self._words)

    async def run(self) -> Outcome:
        entered, outcome = False, Outcome.LEFT
        taken_s = 0.0  # whatever ends the session from outside does not wait for a card
        try:
            member = await enter(self._station, self._room, self._desk)
            entered, self._role, self._who = True, member.role, doing(self._station, member)
            self._tests = DeviceTests(self._station, self._room, self._desk, self._who, self._words)
            await self._desk.until_card_out(TAKEN_S)
            await self._main()
        except Left as left:
            taken_s = TAKEN_S
            if entered:
                self._who.note("left", why=left.why.value)
        except Restart:
            self._who.note("restart")
            outcome = Outcome.RESTART
        finally:
            await self._desk.until_card_out(taken_s)
        return outcome

    # --- menus -----------------------------------------------------------------------------------------------------

    async def _main(self) -> None:
        while True:
            state = self._closed_words()
            await self._menu(
                "main",
                {
                    "service": self._service,
                    "tests": self._choose_test,
                    "paper": self._paper,
                    "cleaning": self._cleaning,
                    "records": self._records,
                    "hall": self._hall,
                },
                {"service": state},
                back=False,
            )

    async def _menu(
        self,
        topic: str,
        acts: Mapping[str, Callable[[], Awaitable[object]]],
        values: Mapping[str, str] | None = None,
        *,
        back: bool = True,
    ) -> bool:
        """Ask once and do what was chosen; false for back."""
        items = tuple(StaffItem(name, (values or {}).get(name, "")) for name in acts)
        answer = await self._desk.ask(StaffMenu(topic, items, back))
        if isinstance(answer, Pick) and answer.choice in acts:
            if answer.choice in ENGINEERS and self._role is not Role.ENGINEER:
                self._who.note("not_allowed", asked=answer.choice)
                await self._desk.ask(StaffPage("not_allowed", good=False))
            else:
                await acts[answer.choice]()
            return True
        return not (isinstance(answer, Back) and back)

    async def _service(self) -> None:
        closed = self._room.kept.closed
        acts: dict[str, Callable[[], Awaitable[object]]] = {} if closed is None else {"reopen": self._reopen}
        acts |= {
            "pause": lambda: self._close("pause", PAUSES),
            "out_of_service": lambda: self._close("out_of_service", OUT_OF_SERVICE),
            "restart": self._restart,
        }
        await self._menu("service", acts, {"reopen": self._closed_words()})

    async def _records(self) -> None:
        acts = {"readiness": self._readiness, "counts": self._counts, "search": self._search, "export": self._export}
        while await self._menu("records", acts):
            pass

    async def _hall(self) -> None:
        while True:
            kept = self._room.kept
            acts: dict[str, Callable[[], Awaitable[object]]] = {"language": self._language, "brightness": self._shine}
            if self._station.voice is not None:
                acts["volume"] = self._sound
            language = self._words.say(f"StaffMenu.item_lang_{self._hall_language()}")
            values = {"language": language, "brightness": f"{kept.brightness}%"}
            values["volume"] = self._words.say(
                f"StaffMenu.item_{kept.volume or self._station.settings.defaults.volume}"
            )
            if not await self._menu("hall", acts, values):
                return

    # --- open and closed -------------------------------------------------------------------------------------------

    def _closed_words(self) -> str:
        closed = self._room.kept.closed
        if closed is None:
            return self._words.say("staff.on")
        return self._words.say("staff.closed", reason=self._words.say(f"StaffMenu.item_{_reason_item(closed)}"))

    async def _close(self, topic: str, reasons: tuple[Reason, ...]) -> None:
        items = {_reason_item(reason): reason for reason in reasons}
        answer = await self._desk.ask(StaffMenu(topic, tuple(StaffItem(item) for item in items)))
        if isinstance(answer, Pick) and answer.choice in items:
            reason = items[answer.choice]
            if await self._save(lambda: self._room.kept.close(reason)):
                self._who.note("closed", how=topic, reason=reason.value)

    async def _reopen(self) -> None:
        if await self._save(self._room.kept.reopen):
            self._who.note("reopened")

    async def _restart(self) -> None:
        if isinstance(await self._desk.ask(StaffPage("restart_ask", acts=("restart",))), Pick):
            raise Restart

    # --- devices ---------------------------------------------------------------------------------------------------

    async def _choose_test(self) -> None:
        while True:
            items = tuple(StaffItem(name) for name in self._tests.names())
            answer = await self._desk.ask(StaffMenu("tests", items))
            if isinstance(answer, Back):
                return
            if isinstance(answer, Pick) and answer.choice in self._tests.names():
                await self._tests.run(answer.choice)

    async def _paper(self) -> None:
        await PaperChange(self._station, self._desk, self._who, self._words, self._tests).run()

    async def _cleaning(self) -> None:
        """Touches do nothing, and the end comes by itself: wet hands and cloths press everywhere."""
        self._who.note("cleaning")
        for left in range(CLEANING_S, 0, -1):
            if left == CLEANING_S:
                self._desk.show(StaffCleaning(left))
            else:
                self._desk.renew(StaffCleaning(left))
            await asyncio.sleep(1.0)

    # --- reports and records ---------------------------------------------------------------------------------------

    async def _readiness(self) -> None:
        found = await self._desk.busy(StaffWorking("examining"), examine(self._station, self._room.config))
        self._who.note("readiness", ready=found.ready)
        topic = "readiness_ready" if found.ready else "readiness_not"
        rows, page = readiness_rows(found, self._words), lay_out(found, self._words)
        while True:
            answer = await self._desk.ask(StaffPage(topic, rows, ("print", "pdf"), good=found.ready))
            if answer == Pick("print"):
                printing = answered(PRINT_S, self._station.printer.print(page))
                try:
                    await self._desk.busy(StaffWorking("printing"), printing)
                except Exception as error:  # noqa: BLE001  whatever the driver raises: the report is still there
                    log.warning("the report was not printed: %s", outline(error))
                    row = problem_row(error, self._words)
                    await self._desk.ask(StaffPage("page_not_printed", (row,), good=False))
                else:
                    await self._desk.ask(StaffPage("page_printed", good=True))
            elif answer == Pick("pdf"):
                saving = save_pdf(page, self._room, "readiness", self._station.clock())
                try:
                    path = await self._desk.busy(StaffWorking("saving"), saving)
                except OSError as error:
                    row = self._row("problem", self._not_written(error, own=not self._room.usb_there()), Tone.TURN)
                    await self._desk.ask(StaffPage("pdf_failed", (row,), good=False))
                else:
                    await self._desk.ask(StaffPage("pdf_saved", (self._row("file", str(path)),), good=True))
            else:
                return

    async def _counts(self) -> None:
        try:
            rows = count_rows_of(today(self._station.journal, self._station.clock()), self._words)
        except JournalError:
            await self._desk.ask(StaffPage("counts_not", good=False))
            return
        await self._desk.ask(StaffPage("counts", rows))

    async def _search(self) -> None:
        days = {"today": (0, 0), "yesterday": (1, 1), "week": (6, 0)}
        while True:
            items = tuple(StaffItem(name) for name in ("by_number", "by_slip", *days))
            answer = await self._desk.ask(StaffMenu("search", items))
            if not isinstance(answer, Pick):
                return
            match answer.choice:
                case "by_number":
                    number = await self._type_number()
                    if number:
                        await self._found(Wanted(number=number))
                case "by_slip":
                    number = await self._number_of_slip()
                    if number:
                        await self._found(Wanted(number=number))
                case chosen if chosen in days:
                    kind = await self._choose_kind()
                    if kind is not None:
                        first, last = days[chosen]
                        on = self._station.clock().date()
                        await self._found(Wanted("", on - timedelta(days=first), on - timedelta(days=last), kind))

    async def _choose_kind(self) -> str | None:
        kinds = {"kind_all": "", **{f"kind_{kind}": kind for kind in KINDS}}
        answer = await self._desk.ask(StaffMenu("kind", tuple(StaffItem(item) for item in kinds)))
        return kinds.get(answer.choice) if isinstance(answer, Pick) else None

    async def _type_number(self) -> str:
        typed, again = "", False
        while True:
            answer = await self._desk.ask(StaffKeyboard(typed), again=again)
            again = True
            match answer:
                case Back():
                    return ""
                case Proceed() if len(typed) >= LEAST_TYPED:
                    return typed
                case Pick(choice) if choice == ERASE:
                    typed = typed[:-1]
                case Pick(choice) if len(choice) == 1 and len(typed) < LONGEST_NUMBER:
                    typed += choice

    async def _number_of_slip(self) -> str:
        """From the sealed code of a slip of this terminal."""
        scanner = self._station.scanner
        try:
            _, scan = await self._desk.either(StaffPage("scan_slip"), scanner.scan(), pictures=scanner.preview)
            if scan is None:
                return ""
            return verify(scan.text, [self._station.seal_key.public_key()]).operation
        except SealError:
            await self._desk.ask(StaffPage("slip_foreign", good=False))
        except DeviceError as error:
            log.warning("no slip was read: %s", outline(error))
            row = self._row("problem", self._words.say("doctor.advice.scanner.maintenance"), Tone.TURN)
            await self._desk.ask(StaffPage("slip_foreign", (row,), good=False))
        return ""

    async def _found(self, wanted: Wanted) -> None:
        room = self._room
        looking = room.beside(lambda: search(room.journal, room.journal_secret, wanted))
        try:
            found = await self._desk.busy(StaffWorking("checking"), looking)
        except JournalError:
            await self._desk.ask(StaffPage("counts_not", good=False))
            return
        self._who.note(
            "searched", records=wanted.kind or "all", by="number" if wanted.number else "day", found=len(found)
        )
        rows = tuple(row_of(at, content, self._words) for at, content in found)
        await self._desk.ask(StaffPage("found" if rows else "found_none", rows))

    async def _export(self) -> None:
        room = self._room
        while True:
            if room.usb is None:
                problem = self._words.say("staff.usb_not_set")
                await self._desk.ask(
                    StaffPage("export_failed", (self._row("problem", problem, Tone.TURN),), good=False)
                )
                return
            if not isinstance(await self._desk.ask(StaffPage("export_ask", acts=("export",))), Pick):
                return
            if not room.usb_there():
                problem = self._words.say("staff.usb_missing", place=str(room.usb))
            else:
                problem = await self._export_to_stick()
                if not problem:
                    return
            self._who.note("export", result="failed")
            row = self._row("problem", problem, Tone.TURN)
            answer = await self._desk.ask(StaffPage("export_failed", (row,), ("again",), good=False))
            if not isinstance(answer, Pick):
                return

    async def _export_to_stick(self) -> str:
        """What kept it from being done, in words; empty when it was."""
        room, station, folder = self._room, self._station, self._room.usb
        assert folder is not None
        terminal, now = station.settings.terminal, station.clock()
        writing = room.beside(
            lambda: hand_out_journal(room.journal, room.journal_secret, station.seal_key, terminal, now, folder)
        )
        try:
            path, heading = await self._desk.busy(StaffWorking("exporting"), writing)
        except JournalError as error:
            return self._words.say("staff.journal_unreadable", why=type(error).__name__)
        except OSError as error:
            return self._not_written(error, own=isinstance(error, NotMade))
        self._who.note("export", result="done", first=heading.first, last=heading.last)
        rows = [self._row("file", path.name, Tone.GOOD), self._row("records", str(heading.records))]
        if heading.findings:
            problem = self._words.say("staff.not_whole", count=str(len(heading.findings)))
            rows.append(self._row("problem", problem, Tone.TURN))
        await self._desk.ask(StaffPage("export_done", tuple(rows), good=True))
        return ""

    def _not_written(self, error: OSError, *, own: bool) -> str:
        """Which disk it was, the terminal's own or the stick, and what the system says of it."""
        return self._words.say(
            "staff.disk_full" if own else "staff.usb_full", why=error.strerror or type(error).__name__
        )

    # --- settings of the hall --------------------------------------------------------------------------------------

    def _hall_language(self) -> str:
        return self._room.kept.language or self._station.settings.defaults.language

    async def _language(self) -> None:
        items = {f"lang_{language}": language for language in self._station.settings.languages}
        answer = await self._desk.ask(StaffMenu("language", tuple(StaffItem(item) for item in items)))
        if isinstance(answer, Pick) and answer.choice in items:
            language = items[answer.choice]
            if await self._save(lambda: self._room.kept.speak(language)):
                self._who.note("language", value=language)

    async def _shine(self) -> None:
        items = {str(value): value for value in BRIGHTNESS}
        answer = await self._desk.ask(StaffMenu("brightness", tuple(StaffItem(item) for item in items)))
        brightness = items.get(answer.choice) if isinstance(answer, Pick) else None
        if brightness is not None and await self._save(lambda: self._room.kept.shine(brightness)):
            self._who.note("brightness", value=brightness)
            language = self._desk.preferences.language
            self._desk.preferences = preferences_of(self._room.dressed(self._station.settings), language)

    async def _sound(self) -> None:
        answer = await self._desk.ask(StaffMenu("volume", tuple(StaffItem(str(volume)) for volume in Volume)))
        if isinstance(answer, Pick) and answer.choice in set(Volume):
            volume = Volume(answer.choice)
            if await self._save(lambda: self._room.kept.sound(volume)):
                self._who.note("volume", value=volume.value)
                self._desk.preferences = replace(self._desk.preferences, volume=volume)

    async def _save(self, change: Callable[[], None]) -> bool:
        """Whether it is on the disk; if not, that is said."""
        try:
            change()
        except OSError as error:
            log.critical("what staff have set was not saved: %s", type(error).__name__)
            await self._desk.ask(StaffPage("not_saved", good=False))
            return False
        return True

    def _row(self, label: str, value: str, tone: Tone = Tone.CALM) -> StaffRow:
        return StaffRow(self._words.say(f"staff.{label}"), value, tone)


def _reason_item(reason: Reason) -> str:
    """The menu's slot of a reason: some share their name with an act."""
    return f"{reason}_reason" if reason in (Reason.CLEANING, Reason.PAPER, Reason.HALL) else str(reason)
