"""Devices tested one by one by somebody who stands there: put a card in, hold a code up, look at the paper.

Owns what each test asks and what counts as passed; every result is journaled. A page that came out for the printer
counts only when whoever looks at it says that it can be read. Personal fields are masked, and none is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from drivers.api import (
    Align,
    Card,
    EncryptedPin,
    Page,
    Pair,
    Phrase,
    PinCancelled,
    PlainPin,
    Qr,
    Remedy,
    Rule,
    Text,
    Utterance,
)
from drivers.card.social_security import CardFace, NotSocialSecurityCard, SocialSecurityCard
from kiosk.faults import trouble_of
from kiosk.handover import PRINT_S, STATUS_S
from kiosk.insurer.api import InsurerUnreachable
from kiosk.maintenance.back_room import BackRoom
from kiosk.maintenance.deadlines import READ_S, SAY_S, answered
from kiosk.maintenance.desk import Desk, Left
from kiosk.maintenance.entry import Doing
from kiosk.outline import outline
from kiosk.readiness import DeviceFinding, advice
from kiosk.screens import Back, Pick, StaffPage, StaffRow, StaffWorking, Tone
from kiosk.station import Station
from kiosk.text import Catalogue, card_tail, mask_id_number, mask_name
from kiosk.voice.narrator import VOLUMES
from kiosk.watch import ask, devices_of

log = logging.getLogger(__name__)

TAKEN_S = 60.0
"""So long a card that was tested may be left in."""
PAD_DIGITS = 6


class Stopped(Exception):
    """The test was given up."""


class DeviceTests:
    """The tests of one session."""

    def __init__(self, station: Station, room: BackRoom, desk: Desk, who: Doing, words: Catalogue) -> None:
        self._station = station
        self._room = room
        self._desk = desk
        self._who = who
        self._words = words
        self._tests: dict[str, Callable[[], Coroutine[Any, Any, tuple[StaffRow, ...]]]] = {
            "card": self._card,
            "idcard": self._idcard,
            "scanner": self._scanner,
            "printer": self._printer,
            "insurer": self._insurer,
        }
        if station.pin_pad is not None:
            self._tests["pinpad"] = self._pinpad
        if station.voice is not None:
            self._tests["voice"] = self._voice

    def names(self) -> tuple[str, ...]:
        return tuple(self._tests)

    async def run(self, name: str) -> str:
        """Test it until whoever tests has seen enough; ``passed``, ``failed`` or ``stopped``. Raises Left."""
        while True:
            result, rows = await self._once(name)
            self._who.note("test", device=name, result=result)
            if result == "stopped":
                return result
            good = result == "passed"
            page = StaffPage("test_done" if good else "test_failed", rows, ("again",), good=good)
            answer = await self._desk.ask(page)
            await self._desk.until_card_out(TAKEN_S)
            if isinstance(answer, Back):
                return result

    async def _once(self, name: str) -> tuple[str, tuple[StaffRow, ...]]:
        try:
            return "passed", await self._tests[name]()
        except Stopped:
            return "stopped", ()
        except _NotNoticed as seen:
            return "failed", (self._row("problem", self._say(seen.words), Tone.TURN), *await self._advice(name))
        except Left:
            raise
        except Exception as error:  # noqa: BLE001  a driver that breaks its promises is what a test is there to find
            log.warning("the test of %s failed: %s", name, outline(error))
            return "failed", (problem_row(error, self._words), *await self._advice(name))

    async def _advice(self, name: str) -> tuple[StaffRow, ...]:
        """How the device says it is, and what to do about it."""
        devices = devices_of(self._station)
        if name not in devices:
            return (self._row("remedy", self._words.say("doctor.insurer.wrong")),)
        health = await ask(devices[name])
        address = getattr(self._room.config.devices, name)
        rows = [self._row("status", self._words.say(f"doctor.condition.{health.condition}"))]
        if health.remedy is not Remedy.NONE:
            finding = DeviceFinding(name, address, health, 0, None)
            rows.append(self._row("remedy", advice(finding, self._words)))
        return tuple(rows)

    # --- the tests -------------------------------------------------------------------------------------------------

    async def _card(self) -> tuple[StaffRow, ...]:
        card = await self._wait("test_card", self._desk.next_card(self._station.reader))
        atr = self._row("atr", card.atr.hex(" ").upper())
        try:
            face = await answered(READ_S, self._read(card))
        except NotSocialSecurityCard:
            return self._row("status", self._say("foreign"), Tone.GOOD), atr
        return (
            self._row("number", f"*****{card_tail(face.number)}", Tone.GOOD),
            self._row("region", face.region),
            self._row("version", face.version),
            self._row("issued", face.issued or "–"),
            self._row("expires", face.expires or "–"),
            atr,
        )

    async def _read(self, card: Card) -> CardFace:
        chip = await SocialSecurityCard.select(card)
        chip.read_with(self._station.insurer.reading_authority())
        return await chip.public()

    async def _idcard(self) -> tuple[StaffRow, ...]:
        found = await self._wait("test_idcard", self._station.id_reader.document())
        rows = [
            self._row("name", mask_name(found.name or found.name_latin), Tone.GOOD),
            self._row("id_number", mask_id_number(found.number)),
        ]
        if found.valid_to is not None:
            rows.append(self._row("valid_to", self._words.show(found.valid_to)))
        return tuple(rows)

    async def _scanner(self) -> tuple[StaffRow, ...]:
        scanner = self._station.scanner
        answer, scan = await self._desk.either(StaffPage("test_scanner"), scanner.scan(), pictures=scanner.preview)
        if scan is None:
            raise Stopped(answer)
        value = self._say("code_value", kind=scan.symbology or "–", length=str(len(scan.text)))
        return (self._row("code", value, Tone.GOOD),)

    async def _printer(self) -> tuple[StaffRow, ...]:
        page = print_test_page(
            self._words, self._room.config.settings.terminal, self._words.show(self._station.clock())
        )
        await self._desk.busy(StaffWorking("printing"), answered(PRINT_S, self._station.printer.print(page)))
        answer = await self._desk.ask(StaffPage("test_printed", acts=("yes", "no")))
        if isinstance(answer, Back):
            raise Stopped
        if answer != Pick("yes"):
            raise _NotNoticed("human_no")
        status = await answered(STATUS_S, self._station.printer.status())
        paper = self._say(f"paper_{status.paper}" if f"staff.paper_{status.paper}" in self._words else "unknown")
        return (self._row("paper", paper, Tone.GOOD),)

    async def _insurer(self) -> tuple[StaffRow, ...]:
        loop = asyncio.get_running_loop()

        async def asked() -> float:
            begun = loop.time()
            if not await self._station.insurer.reachable():
                raise InsurerUnreachable(sent=False)
            return loop.time() - begun

        took = await self._desk.busy(StaffWorking("testing"), asked())
        return (
            self._row("status", self._words.say("doctor.insurer.well"), Tone.GOOD),
            self._row("took", self._say("milliseconds", ms=str(round(took * 1000)))),
        )

    async def _pinpad(self) -> tuple[StaffRow, ...]:
        pad = self._station.pin_pad
        assert pad is not None
        try:
            entry = await self._wait("test_pinpad", pad.pin(PAD_DIGITS))
        except PinCancelled as cancelled:
            raise Stopped from cancelled
        if isinstance(entry, PlainPin):
            digits = len(entry.digits)
            entry.digits[:] = bytes(digits)
        else:
            assert isinstance(entry, EncryptedPin)
            digits = PAD_DIGITS
        return (self._row("digits", str(digits), Tone.GOOD),)

    async def _voice(self) -> tuple[StaffRow, ...]:
        voice, volume = self._station.voice, VOLUMES[self._desk.preferences.volume]
        assert voice is not None
        said = Utterance((Phrase(self._say("test_sentence"), self._words.language),), volume)
        await self._desk.busy(StaffWorking("testing"), answered(SAY_S, voice.say(said)))
        answer = await self._desk.ask(StaffPage("test_said", acts=("heard", "not_heard")))
        if isinstance(answer, Back):
            raise Stopped
        if answer != Pick("heard"):
            raise _NotNoticed("human_deaf")
        return (self._row("status", self._say("well"), Tone.GOOD),)

    async def _wait(self, topic: str, fact: Coroutine[Any, Any, Any]) -> Any:
        """What the device brings, or Stopped."""
        answer, found = await self._desk.either(StaffPage(topic), fact)
        if answer is not None:
            raise Stopped(answer)
        return found

    def _say(self, key: str, **facts: object) -> str:
        return self._words.say(f"staff.{key}", **facts)

    def _row(self, label: str, value: str, tone: Tone = Tone.CALM) -> StaffRow:
        return StaffRow(self._say(label), value, tone)


class _NotNoticed(Exception):
    """The driver says that it is done, and whoever stands there says that it is not: ``words`` tells of it."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def problem_row(error: Exception, words: Catalogue) -> StaffRow:
    """Its code, and what to do."""
    code = trouble_of(error).code
    return StaffRow(words.say("staff.problem"), f"{code}  {words.say(f'fault.{code}')}", Tone.TURN)


def print_test_page(words: Catalogue, terminal: str, at: str) -> Page:
    """A page with everything a slip has: large and small letters, a pair, a line, a code."""
    return Page(
        (
            Text(words.say("staff.test_page"), align=Align.CENTRE, scale=2, bold=True),
            Pair(words.say("doctor.terminal"), terminal),
            Pair(words.say("doctor.at"), at),
            Rule(),
            Text("社会保障卡 〇一二三四五六七八九 ABCDEFG 0123456789"),
            Qr(f"{terminal} {at}"),
        )
    )
