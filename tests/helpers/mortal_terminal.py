"""A terminal that may be killed at any moment: ``python -m tests.helpers.mortal_terminal ORDERS``.

The core with the journal on the disk and the platform's client over TLS, in a process of its own, and before it
somebody who does what they came for. Whatever must outlive the terminal is on the other side of a socket (see
``tests.helpers.killing``): the plastic, and what was told. Devices are mocks, and waiting is ``PACE`` times quicker
than it is; the network and the disk are as they are.

Everything is imported once; each life is a fork that has opened nothing yet, and starts from what is on the disk.
Standard input takes ``start``, which answers with the new life's process id, and ``reap PID``, with its exit status.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import selectors
import socket
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from drivers.card.chip import Chip
from drivers.idnumber import check_digit
from kiosk import compose
from kiosk.config import Config
from kiosk.glass import Glass
from kiosk.insurer import platform, staging
from kiosk.insurer.api import CardState, Person
from kiosk.insurer.dialogue import Limits
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.patience import PatientInsurer
from kiosk.insurer.people import INITIAL_PIN, SAMPLE_PIN, SamplePerson, chip_for, document_for, population
from kiosk.screens import (
    Answer,
    Attract,
    EnterPin,
    Finish,
    InsertCard,
    Key,
    KnowsPin,
    LayIdCard,
    Menu,
    Pick,
    PinPurpose,
    Proceed,
    Refusal,
    Scene,
    TakeCard,
)
from kiosk.simulation.hall import Hall, in_process
from kiosk.terminal import Terminal
from tests.helpers.served_insurer import agreement

PACE = 10.0
"""So many seconds pass for the terminal in one."""
LIMITS = Limits(connect=30.0, answer=40.0, whole=60.0, probe=30.0, farewell=10.0)
"""In the terminal's seconds, so that the network has the time it has in service."""
THINKS_S = 0.4
AGAIN_S = 4.0
"""Whoever sees that nothing came of it tries again."""
_TOLD = frozenset({"Result", "PartialResult", "Refusal", "BeingChecked", "Working", "OutOfOrder"})


def stranger(index: int, today: date) -> SamplePerson:
    """An invented person of whom there are as many as one likes; every fifth and fourth of five has an active card."""
    born = date(1950 + index % 50, 1 + index // 50 % 12, 1 + index // 600 % 28)
    first17 = f"410105{born:%Y%m%d}{900 + index // 16800 * 2 + 1:03d}"
    number, name, slug = first17 + check_digit(first17), "王" + chr(ord("一") + index % 500), f"stranger-{index:05d}"
    active = index % 5 > 2
    pin = SAMPLE_PIN if active else INITIAL_PIN
    about: dict[str, Any] = {"name": name, "number": number, "sex": "male", "nation": "01", "born": born}
    return SamplePerson(
        slug=slug,
        english="somebody",
        chinese="路人",
        person=Person(name, number, born),
        chip=chip_for(slug, **about, today=today, pin=pin),
        state=CardState.ACTIVE if active else CardState.ISSUED,
        since=today,
        bank="ccb",
        accounts=(),
        document=document_for(**about, today=today, address="样本路1号", issuer="样本公安局"),
    )


class Outside:
    """What outlives the terminal, asked and told one line at a time."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._replies = self._socket.makefile("rb")

    def ask(self, **words: object) -> dict[str, Any]:
        self._socket.sendall(json.dumps(words).encode() + b"\n")
        reply: dict[str, Any] = json.loads(self._replies.readline())
        return reply


class FarChip(Chip):
    """The contacts of a card whose plastic is outside."""

    def __init__(self, person: SamplePerson, outside: Outside) -> None:
        super().__init__(person.chip, Hsm().personalise(person.chip))
        self._outside = outside

    def power_on(self) -> bytes:
        self._outside.ask(do="power", on=True)
        return super().power_on()

    def power_off(self) -> None:
        self._outside.ask(do="power", on=False)
        super().power_off()

    def process(self, command: bytes | bytearray) -> bytes:
        return bytes.fromhex(self._outside.ask(do="apdu", apdu=bytes(command).hex())["answer"])


class Hurried(selectors.EpollSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / PACE)


class HurriedLoop(asyncio.SelectorEventLoop):
    """Timers come ``PACE`` times sooner; nothing else is quicker than it is."""

    def __init__(self) -> None:
        super().__init__(Hurried())

    def time(self) -> float:
        return super().time() * PACE


class Caller:
    """Does what they were sent for, over and over, and says outside what was told."""

    def __init__(self, hall: Hall, outside: Outside) -> None:
        self._hall = hall
        self._outside = outside
        self._visit: Mapping[str, Any] = {}
        self._person: SamplePerson | None = None
        self._serial = 0
        self.glass = Glass(self._draw)

    def _draw(self, scene: Scene) -> None:
        if scene.serial == self._serial:
            return
        self._serial = scene.serial
        screen = scene.screen
        if screen.name in _TOLD:
            number = getattr(screen, "number", "")
            self._outside.ask(do="told", screen=screen.name, variant=screen.variant or "", number=number)
        asyncio.get_running_loop().call_later(THINKS_S, self._act, scene.serial)

    def _act(self, serial: int) -> None:
        scene = self.glass.scene
        if scene is None or scene.serial != serial:
            return
        hall = self._hall
        match scene.screen:
            case Attract():
                self._step_up()
            case Menu():
                self._say(Pick(self._visit["service"]))
            case InsertCard(card_in=card_in):
                if card_in:
                    hall.slot.pull()
                elif self._person is not None:
                    hall.slot.insert(FarChip(self._person, self._outside))
            case KnowsPin(locked=locked):
                self._say(Pick("reset" if locked else self._visit["choice"]))
            case LayIdCard():
                if self._person is not None:
                    hall.pad.lift()
                    hall.pad.lay(self._person.document)
            case EnterPin(purpose=purpose, problem=problem):
                if problem is not None:
                    self._say(Finish())
                    return
                current = purpose is PinPurpose.CURRENT
                if current:
                    self._outside.ask(do="submitted")
                for digit in self._visit["old" if current else "new"]:
                    self._say(Key(10 if digit == "0" else int(digit) - 1))
                self._say(Proceed())
                return
            case TakeCard():
                hall.slot.pull()
                hall.pad.lift()
                hall.mechanism.take_paper_away()
            case Refusal():
                self._say(Proceed())
            case other:
                if Proceed in other.answers:
                    self._say(Proceed())
        asyncio.get_running_loop().call_later(AGAIN_S, self._act, serial)

    def _step_up(self) -> None:
        self._visit = self._outside.ask(do="next")
        if self._visit:
            self._person = stranger(self._visit["person"], date.fromisoformat(self._visit["today"]))
            self._hall.pad.lift()
            self._hall.slot.pull()
            self._say(Pick(self._visit["service"]))

    def _say(self, answer: Answer) -> None:
        assert self.glass.scene is not None
        self.glass.receive(answer, self.glass.scene.serial)


async def _live(orders: Mapping[str, Any]) -> None:
    outside = Outside(orders["socket"])
    outside.ask(do="hello", lane=orders["lane"])
    config = Config(data=Path(orders["data"]))
    terms = replace(
        agreement(orders["port"]),
        terminal=orders["terminal"],
        first_number=orders["numbers"][0],
        last_number=orders["numbers"][1],
    )
    papers = staging.Folder(Path(orders["papers"])).papers(orders["terminal"])
    hall = in_process(compose.clock, EmbeddedInsurer(":memory:", clock=compose.clock))  # of it, nothing is asked
    station = compose.simulated_station(config, hall)
    insurer = platform.connect(terms, papers, config.data / "messages", compose.clock, LIMITS)
    station = replace(station, insurer=PatientInsurer(insurer, 80.0))
    await Terminal(station, Caller(hall, outside).glass).run()


def main(orders: Mapping[str, Any]) -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    population(compose.clock().date())
    EmbeddedInsurer(":memory:", clock=compose.clock)
    for line in sys.stdin:
        match line.split():
            case ["start"]:
                pid = os.fork()
                if not pid:
                    try:
                        with asyncio.Runner(loop_factory=HurriedLoop) as runner:
                            runner.run(_live(orders))
                    except BaseException:
                        logging.exception("a life ended by itself")
                    finally:
                        os._exit(1)  # nobody but the killer may end it
                print(pid, flush=True)
            case ["reap", pid_text]:
                print(os.waitstatus_to_exitcode(os.waitpid(int(pid_text), 0)[1]), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
