"""Kills a terminal again and again, and holds what it did against what it said.

Three terminals at a time (``tests.helpers.mortal_terminal``) before one reference insurer, which is a process of its
own on mutual TLS. This process holds the plastic of the cards, sends the citizens, hears what they are told, kills at
moments drawn from a seed, and afterwards compares four witnesses: the insurer's database, the chips, the journals, and
what stood on the glass.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from kiosk import compose
from kiosk.insurer import staging
from kiosk.insurer.api import CardState
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.people import SAMPLE_PIN
from kiosk.journal.chain import Seals
from kiosk.journal.reading import judge
from kiosk.operations import CHIP_WRITES
from tests.helpers.killing_witnesses import (
    OPEN,
    Guest,
    Item,
    LaneLeft,
    Report,
    TellingChip,
    contradictions,
    items_in,
    known,
    reading,
    sets_password,
)
from tests.helpers.mortal_terminal import stranger
from tests.helpers.served_insurer import ServerProcess, start_process
from tests.helpers.wire import ROOT

LONGEST_S = 3.0
"""A kill drawn over the whole life comes at the latest then: two visits or so."""
AIMED_S = 0.12
"""One that is aimed comes so long after the screen says, for the first, second or third time, that something is being
changed, at the latest; mostly much sooner, for a change takes a few milliseconds on a quick machine."""
HELD_S = 30.0
"""One that waits for the chip to hold a password's command waits so long for it; it comes while the terminal waits for
the answer, on however slow a machine."""
INSURER_LIVES_S = (3.0, 12.0)
"""It is killed as well, and comes back on its port."""
SETTLES_S = 60.0
NEW_PINS = ("580274", "739152", "264905", "917348")
_CHANGING = ("Working.activating", "Working.writing_pin")
_HOLDS = ("activated", "pin_reset", "pin_changed", "pin_set_unrecorded")
"""Whoever is told this has a chip with the new password."""
_MOMENTS = ("drawn", "aimed", "held", "aimed")
"""In turns, over all terminals: whatever the machine is busy with, every fourth kill meets something under way."""
_TIRED = 12
"""Somebody who has come so often in vain (the insurer was away, mostly) gives up."""


class Killer:
    """One run: ``await Killer(folder, seed).run(kills)``."""

    def __init__(self, folder: Path, seed: int, lanes: int = 3, people: int = 0) -> None:
        self.folder = folder
        self.report = Report()
        self.chance = Random(seed)
        self.today = compose.clock().date()
        self.people = people
        self.left = 0
        self.lanes = [Lane(self, number, Random(f"{seed} {number}")) for number in range(lanes)]
        self._next = 0
        self._guests: list[Guest] = []

    @property
    def database(self) -> Path:
        return self.folder / "insurer.db"

    def wrong(self, what: str) -> None:
        self.report.wrong.append(what)

    async def run(self, kills: int) -> Report:
        begun = time.monotonic()
        self.left = kills
        self.people = self.people or 40 + 2 * kills
        crowd = [stranger(index, self.today) for index in range(self.people)]
        await EmbeddedInsurer(self.database, clock=compose.clock, people=crowd).close()
        papers = staging.make(self.folder / "papers", ["127.0.0.1"], [lane.terminal for lane in self.lanes])
        insurer = await start_process(self.database, papers)
        dying = asyncio.ensure_future(self._kill_insurer(insurer, papers))
        try:
            await asyncio.gather(*(lane.live_and_die(insurer.port, papers.path) for lane in self.lanes))
        finally:
            dying.cancel()
            await asyncio.wait({dying})
        await asyncio.gather(*(lane.proved() for lane in self.lanes))
        lanes = [LaneLeft(lane.items(), lane.open_at_death, lane.subjects()) for lane in self.lanes]
        self.report.wrong += contradictions(self.database, lanes, self.report)
        self.report.seconds = time.monotonic() - begun
        return self.report

    async def _kill_insurer(self, insurer: ServerProcess, papers: staging.Folder) -> None:
        """Again and again; while the terminals settle what is left, it stays."""
        try:
            while True:
                await asyncio.sleep(self.chance.uniform(*INSURER_LIVES_S))
                if self.left <= 0:
                    continue
                await insurer.kill()
                self.report.insurer_kills += 1
                insurer = await start_process(self.database, papers, insurer.port)
        finally:
            await insurer.kill()

    def another(self) -> Guest:
        """Somebody who has not been here."""
        if self._next == self.people:
            raise AssertionError("there are not enough people for so many visits")
        index, self._next = self._next, self._next + 1
        person = stranger(index, self.today)
        errand = ("activate", "activate", "activate", "change", "reset")[index % 5]
        chip = TellingChip(person.chip, Hsm().personalise(person.chip))
        guest = Guest(index, chip, person.card.card_id, errand, person.state is CardState.ISSUED, SAMPLE_PIN)
        self._guests.append(guest)
        return guest


class Lane:
    """One terminal's lives, one after the other, on the same disk."""

    def __init__(self, killer: Killer, number: int, chance: Random) -> None:
        self.killer = killer
        self.number = number
        self.terminal = f"ZZ-{number + 1:04d}"
        self.guests: list[Guest] = []
        self.open_at_death: dict[str, str] = {}
        """Kind of each operation that stood open at some death, by its key."""
        self._chance = chance
        self._resting = False
        self._pid = 0
        self._changing = asyncio.Event()
        self._changes_to_come = 0
        self._holds_back = False
        self._held = asyncio.Event()

    @property
    def data(self) -> Path:
        return self.killer.folder / self.terminal

    @property
    def guest(self) -> Guest:
        return self.guests[-1]

    def items(self) -> Mapping[str, Item]:
        return items_in(self.data)

    def subjects(self) -> Mapping[str, Guest]:
        """Everybody who was here, by the name of their card in this journal."""
        seals = Seals((self.data / compose.JOURNAL_KEY).read_bytes())
        return {seals.keyed("subject", g.card_id.upper().encode())[:16].hex(): g for g in self.guests}

    # --- killing --------------------------------------------------------------------------------------------------

    async def live_and_die(self, port: int, papers: Path) -> None:
        path = str(self.killer.folder / f"{self.number}.socket")
        server = await asyncio.start_unix_server(self._serve, path)
        orders = {
            "socket": path,
            "lane": self.number,
            "data": str(self.data),
            "port": port,
            "papers": str(papers),
            "terminal": self.terminal,
            "numbers": [self.number * 3000, self.number * 3000 + 2999],
        }
        with (self.killer.folder / f"{self.terminal}.log").open("wb") as log:
            cradle = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.helpers.mortal_terminal", json.dumps(orders)),
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        try:
            while self.killer.left > 0:
                self.killer.left -= 1
                await self._live(cradle)
            self._resting = True
            await self._begin(cradle)
            await self._settled()
            await self._end(cradle)
        finally:
            if self._pid:
                os.kill(self._pid, signal.SIGKILL)
            cradle.kill()
            await cradle.wait()
            server.close()

    async def _live(self, cradle: asyncio.subprocess.Process) -> None:
        report = self.killer.report
        moment = _MOMENTS[self.killer.left % len(_MOMENTS)]
        await self._begin(cradle)
        try:
            await self._deadly(moment)
        except TimeoutError:
            moment = "drawn"
        await self._end(cradle)
        report.kills += 1
        report.moments[moment] += 1
        if self.guests and not self.guest.over and self.guest.errand == "change":
            self.guest.errand = "reset"  # nobody knows which of the two passwords it is
        if not (self.data / "journal.db").exists():
            return
        for key, item in self.items().items():
            if item.state in OPEN and key not in self.open_at_death:
                report.open_at_death[f"{item.kind} {item.state}"] += 1
                self.open_at_death[key] = item.kind
                self.guest.left_open = True
        if report.kills % 10 == 0:
            self._judge()

    async def _deadly(self, moment: str) -> None:
        """Until it is to be killed.

        :raises TimeoutError: what it was to be killed at has not come
        """
        drawn, after = self._chance.uniform(0.0, LONGEST_S), AIMED_S * self._chance.random() ** 3
        changes = self._chance.randrange(1, 4)
        self._changing.clear()
        self._held.clear()
        self._changes_to_come = changes
        self._holds_back = moment == "held"
        if moment == "drawn":
            await asyncio.sleep(drawn)
        elif moment == "aimed":
            async with asyncio.timeout(2 * LONGEST_S):
                await self._changing.wait()
            await asyncio.sleep(after)
        else:
            async with asyncio.timeout(HELD_S):
                await self._held.wait()

    async def _begin(self, cradle: asyncio.subprocess.Process) -> None:
        self._pid = int(await _said(cradle, "start"))

    async def _end(self, cradle: asyncio.subprocess.Process) -> None:
        pid, self._pid = self._pid, 0
        os.kill(pid, signal.SIGKILL)
        status = int(await _said(cradle, f"reap {pid}"))
        if status != -signal.SIGKILL:
            self.killer.wrong(f"{self.terminal} ended by itself with {status}")
        for guest in self.guests[-1:]:
            guest.chip.power_off()

    async def _settled(self) -> None:
        """The last life has time to find out what became of everything."""
        try:
            async with asyncio.timeout(SETTLES_S):
                while any(i.state in OPEN and i.kind not in CHIP_WRITES for i in self.items().values()):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            self.killer.wrong(f"{self.terminal}: not everything was settled within {SETTLES_S:g} s")

    def _judge(self) -> int:
        findings, records = judge(self.data / compose.JOURNAL, (self.data / compose.JOURNAL_KEY).read_bytes())
        for finding in findings:
            self.killer.wrong(f"{self.terminal}: the journal has {finding.damage} at record {finding.seq}")
        return records

    async def proved(self) -> None:
        """As whoever doubts it does: with the program's own command."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "kiosk", "journal", "verify", str(self.data / compose.JOURNAL), "--json"),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        result = json.loads(out)
        self.killer.report.records += result["records"]
        if process.returncode or not result["whole"]:
            self.killer.wrong(f"{self.terminal}: kiosk journal verify says {result['findings']}")

    # --- what the terminal and its caller ask ---------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        does: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, object] | None]] = {
            "hello": lambda words: {},
            "next": self._next_visit,
            "told": self._told,
            "submitted": self._submitted,
            "power": self._power,
            "apdu": self._apdu,
        }
        try:
            while line := await reader.readline():
                words = json.loads(line)
                answer = does[words["do"]](words)
                if answer is not None:
                    writer.write(json.dumps(answer).encode() + b"\n")
        except (ConnectionError, json.JSONDecodeError):
            pass  # killed in the middle of a line
        finally:
            writer.close()

    def _next_visit(self, words: Mapping[str, Any]) -> Mapping[str, object]:
        if self._resting:
            return {}
        if not self.guests or self.guest.over:
            self.guests.append(self.killer.another())
        guest = self.guest
        guest.attempts += 1
        if guest.attempts > _TIRED:
            self.killer.report.gave_up += 1
            guest.over = True
            return self._next_visit(words)
        self.killer.report.visits += 1
        guest.new = NEW_PINS[guest.attempts % len(NEW_PINS)]
        guest.at_start = guest.chip.taken, known(self.killer.database, guest)
        return {
            "person": guest.index,
            "today": self.killer.today.isoformat(),
            "service": "activate" if guest.errand == "activate" else "password",
            "choice": guest.errand,
            "old": guest.old,
            "new": guest.new,
        }

    def _submitted(self, words: Mapping[str, Any]) -> Mapping[str, object]:
        self.guest.submitted += 1
        return {}

    def _power(self, words: Mapping[str, Any]) -> Mapping[str, object]:
        if self.guests:
            (self.guest.chip.power_on if words["on"] else self.guest.chip.power_off)()
        return {}

    def _apdu(self, words: Mapping[str, Any]) -> Mapping[str, object] | None:
        """None: the chip does not answer any more, the terminal is killed meanwhile."""
        command = bytearray.fromhex(words["apdu"])
        deadly = self._holds_back and sets_password(command)
        if deadly:
            self._held.set()
            if self._chance.random() < 0.5:
                return None  # the command was lost on its way, otherwise only its answer
        answer = self.guest.chip.process(command)
        return None if deadly else {"answer": answer.hex()}

    def _told(self, words: Mapping[str, Any]) -> Mapping[str, object]:
        told = f"{words['screen']}.{words['variant']}" if words["variant"] else words["screen"]
        if told in _CHANGING:
            self._changes_to_come -= 1
            if not self._changes_to_come:
                self._changing.set()
        if words["screen"] == "Working":
            return {}
        self.killer.report.told[told] += 1
        if words["screen"] == "OutOfOrder" or not self.guests or self.guest.over:
            return {}
        for lie in self._lies(told, words["number"]):
            self.killer.wrong(f"{self.guest.card_id}: {told} was told, and {lie}")
        self._what_next(told)
        return {}

    def _lies(self, told: str, number: str) -> Iterator[str]:
        """What is not as it was told, at this very moment."""
        guest, now = self.guest, known(self.killer.database, self.guest)
        taken_before, before = guest.at_start
        holds = guest.chip.pin_matches(guest.new.encode())
        screen, _, variant = told.partition(".")
        if "activated" in variant and now.state != "active":
            yield f"the card is {now.state}"
        if variant in _HOLDS and not holds:
            yield "the chip does not hold the password"
        if variant == "activated_without_pin" and guest.chip.taken != taken_before:
            yield "the chip has taken a password"
        if screen == "Result" and not self._is_done(number):
            yield "the insurer does not know its number"
        # A request that was under way when the terminal was killed may arrive after the next visit has begun.
        if screen == "Refusal" and (guest.chip.taken != taken_before or (now != before and not guest.left_open)):
            yield f"{before} has become {now}, {guest.chip.taken - taken_before} passwords taken"

    def _is_done(self, number: str) -> bool:
        with reading(self.killer.database) as db:
            found = db.execute("SELECT 1 FROM operations WHERE number = ? AND ended = 'done'", (number,)).fetchone()
        return found is not None

    def _what_next(self, told: str) -> None:
        guest = self.guest
        if told.startswith("Result") or told == "PartialResult.pin_set_unrecorded":
            guest.over = True
        elif told == "Refusal.already_active" or told.startswith("PartialResult"):
            guest.errand = "reset"


async def _said(cradle: asyncio.subprocess.Process, order: str) -> bytes:
    assert cradle.stdin is not None
    assert cradle.stdout is not None
    cradle.stdin.write(order.encode() + b"\n")
    return await cradle.stdout.readline()


def main(words: Sequence[str], folder: Path) -> int:
    """``COUNT [SEED]``; prints the report as JSON, and 1 if anything is wrong in it."""
    kills, seed = int(words[0]), int(words[1]) if len(words) > 1 else 1
    report = asyncio.run(Killer(folder, seed).run(kills))
    print(report.as_json())
    return 1 if report.wrong else 0
