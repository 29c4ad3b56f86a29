"""Canaries before the whole terminal: invented people of whom nothing is written anywhere, a hall on the wire for them,
and their insurer behind TLS in a process of its own, so that of the people it knows nothing is in the terminal's memory
because of it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from drivers.card.chip import Chip
from kiosk.compose import clock
from kiosk.insurer import staging
from kiosk.insurer.api import CardState, Person
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.people import SamplePerson, address_in, chip_for, document_for, id_number
from kiosk.insurer.sample_ledger import history
from tests.helpers.served_insurer import INSTITUTION, TERMINAL, ServerProcess, agreement, start_process
from tests.helpers.wire import ROOT, FarTerminal, Place, place

CANARIES = ("欧阳鸢澍", "司徒蘅芷", "慕容霁昀")
"""Names that stand nowhere else, so that every place where one is found is a residue."""


@dataclass
class Whole:
    """Where it stands."""

    place: Place
    server: ServerProcess
    config: Path
    canaries: Sequence[SamplePerson]

    @property
    def scratch(self) -> Path:
        """Its temporary folder, and where its log goes."""
        return self.place.folder / "scratch"

    @property
    def written(self) -> Sequence[Path]:
        """Every folder in which the terminal writes. The slips that came out are not among them: they are paper."""
        return self.place.data, self.scratch

    def step_up(self, which: int) -> SamplePerson:
        """This canary has come, and has their card and papers in the hand."""
        hall, canary = self.place.hall, self.canaries[which]
        hall.pull_card()
        hall.lift_id()
        hall.person = canary
        hall.chips.setdefault(canary.slug, Chip(canary.chip, Hsm().personalise(canary.chip)))
        return canary

    def lay_id(self) -> None:
        self.place.hall.pad.lay(self.place.hall.person.document)


class WholeTerminal(FarTerminal):
    """``async with WholeTerminal(whole)``."""

    def __init__(self, whole: Whole, **environment: str) -> None:
        whole.scratch.mkdir(exist_ok=True)
        logged = 'ulimit -c unlimited; cd "$1"; log="$1/log"; shift; exec "$@" 2>>"$log"'
        super().__init__(whole.place, within=("sh", "-c", logged, "sh", str(whole.scratch)))
        self._config = whole.config
        self.environment = {
            "QT_QPA_PLATFORM": "offscreen",
            "QT_QUICK_BACKEND": "software",
            "TMPDIR": str(whole.scratch),
            "PYTHONPATH": str(ROOT),
            **environment,
        }

    def program(self) -> Sequence[str]:
        return "-m", "tests.helpers.whole_terminal", "run", "--config", str(self._config)


def canary(index: int, state: str, pin: str) -> SamplePerson:
    """An invented person of whom nothing is written anywhere."""
    today, born, name = clock().date(), date(1984 + index, 2, 17), CANARIES[index]
    number, slug = id_number("410105", born, 937 + 2 * index), f"canary-{index}"
    address, issuer = address_in("410105", 7 + index)
    about: dict[str, Any] = {"name": name, "number": number, "sex": "male", "nation": "01", "born": born}
    return SamplePerson(
        slug=slug,
        english="a canary",
        chinese="试验",
        person=Person(name, number, born),
        chip=chip_for(slug, **about, today=today, pin=pin),
        state=CardState(state),
        since=today,
        bank="ccb",
        accounts=(history(Random(index), today),),
        document=document_for(**about, today=today, address=address, issuer=issuer),
    )


@asynccontextmanager
async def whole(folder: Path, canaries: Sequence[SamplePerson]) -> AsyncIterator[Whole]:
    """A hall on the wire and an insurer that knows these people; skips where there can be no private pcscd."""
    await EmbeddedInsurer(folder / "insurer.db", clock=clock, people=canaries).close()
    papers = staging.make(folder / "papers", ["127.0.0.1"], [TERMINAL])
    async with place(folder) as there:
        server = await start_process(there.insurer, papers)
        try:
            own, devices = papers.papers(TERMINAL), there.devices()
            named = {
                "url": agreement(server.port).url,
                "ca": own.ca,
                "certificate": own.certificate,
                "key": own.key,
                "token": own.token,
                "hsm": own.hsm,
                "institution": INSTITUTION,
                "institution_name": INSTITUTION,
            }
            tables: Mapping[str, Mapping[str, object]] = {
                "terminal": {"id": TERMINAL},
                "devices": {name: getattr(devices, name) for name in ("card", "idcard", "scanner", "printer")},
                "insurer": {"kind": "platform", **named},
                "data": {"dir": there.data},
            }
            config = folder / "kiosk.toml"
            config.write_text("".join(_toml(name, table) for name, table in tables.items()), "utf-8")
            yield Whole(there, server, config, canaries)
        finally:
            await server.kill()


def _toml(name: str, table: Mapping[str, object]) -> str:
    # A text of JSON is a text of TOML.
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(str(value))}\n" for key, value in table.items())
