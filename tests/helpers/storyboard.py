"""Storyboards: what a citizen did and saw, as text, played against the terminal on mocks and virtual time.

A storyboard file holds several stories. A story begins with a title at the margin; its lines are indented:

    given   who stands there (slug of an invented person), or a fact about the hall
    see     a screen, its variant after a dot, and words that stand on it
    not     words that must not stand on it
    tap     proceed | back | finish | <choice>     type   digits on the glass
    press   keys of the PIN pad (``given a PIN pad``): 802613 enter | clear | cancel
    do      something in the hall (``insert card``, ``lay id``, ``cut network`` …)
    wait    seconds pass
    hear    words that are spoken, since the last act      sound   a short sound since then
    unheard words that were spoken at no time              quiet   nothing is being said
    listen  again | private
    slip    words on the last slip        no slip
    then    a fact about the world afterwards

``see`` waits, in virtual time, until the screen comes; every other screen on the way is fine only if it tells of work.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import cache, partial
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from drivers.api import Phrase, Sound
from drivers.card.chip import Chip, ChipTraits
from drivers.card.mock import CardSlot, MockCardSlot
from drivers.faults import Fault, FaultPlan
from drivers.printer.mock import MockPrinter
from drivers.voice.mock import Ear, MockVoice
from kiosk import policy
from kiosk.glass import Glass
from kiosk.insurer.api import Activate, CardRef, Proof, ProofKind
from kiosk.insurer.embedded import EmbeddedInsurer
from kiosk.insurer.hsm import Hsm
from kiosk.insurer.patience import PatientInsurer
from kiosk.journal import Journal
from kiosk.lifecycle import State
from kiosk.receipts.seal import verify
from kiosk.screens import (
    Answer,
    Attract,
    Back,
    Finish,
    Goodbye,
    Key,
    Listen,
    OutOfOrder,
    Pick,
    Prefer,
    Proceed,
    Reading,
    Scene,
    Screen,
    Starting,
    TakeCard,
    Touched,
    Working,
)
from kiosk.settings import Settings
from kiosk.simulation import hall as halls
from kiosk.station import Station
from kiosk.terminal import Terminal
from kiosk.text import catalogues
from tests.helpers.virtual_time import run

PATIENCE_S = 400.0
CHINA = timezone(timedelta(hours=8))
MORNING = datetime(2026, 11, 20, 9, 41, tzinfo=CHINA)  # a Friday

ENDS = (TakeCard, Goodbye, OutOfOrder, Attract)
PASSING = (Working, Reading, Starting)


@cache
def zhengzhou() -> policy.Policy:
    return policy.load("zhengzhou")


@dataclass
class Story:
    title: str
    line: int
    steps: list[tuple[int, str, str]] = field(default_factory=list)


def stories(path: Path) -> Iterator[Story]:
    story: Story | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        text = line.split(" #")[0].rstrip()
        if not text or text.startswith("#"):
            continue
        if not line.startswith(" "):
            if story is not None:
                yield story
            story = Story(text, number)
            continue
        verb, _, rest = text.strip().partition(" ")
        assert story is not None, f"{path.name}:{number}: a step before the first title"
        story.steps.append((number, verb, rest.strip()))
    if story is not None:
        yield story


class Stage:
    """One terminal on mocks, and the hands of whoever plays it."""

    def __init__(
        self,
        *,
        reset_at_terminal: bool = True,
        journal: Callable[[Callable[[], datetime], bytes], Journal] = lambda clock, secret: Journal(
            ":memory:", clock, secret
        ),
        faults: Callable[[], FaultPlan] = FaultPlan,
        pin_pad: bool = False,
        voice: bool = False,
    ) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()

        def clock() -> datetime:
            return MORNING + timedelta(seconds=loop.time() - begun)

        numbers = count(1)
        digits = count(10**16)
        self.office = EmbeddedInsurer(":memory:", clock=clock, digits=lambda n: f"{next(digits):0{n}d}"[-n:])
        self.hall = halls.in_process(clock, self.office)
        self.hall.slot.faults, self.hall.line.faults = faults(), faults()
        if pin_pad:
            self.hall.put_pin_pad()
        self.ear = Ear()
        self.heard_until = 0
        self.journal = journal(clock, b"a secret for tests only")
        rules = zhengzhou()
        if not reset_at_terminal:
            rules = policy.Policy(reset_at_terminal=False)
        self.seal_key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        self.station = Station(
            reader=self.hall.reader,
            id_reader=self.hall.id_reader,
            scanner=self.hall.scanner,
            printer=self.hall.printer,
            insurer=PatientInsurer(self.hall.line),
            journal=self.journal,
            policy=rules,
            settings=Settings(simulated=True),
            catalogues=catalogues(),
            seal_key=self.seal_key,
            clock=clock,
            new_key=lambda: f"K{next(numbers):06d}",
            pin_pad=self.hall.pin_pad,
            voice=MockVoice(self.ear) if voice else None,
        )
        self.scenes: list[Scene] = []
        self.kept: list[str] = []
        """Screens of a visit's end that came while the card was not free to take."""
        self.came = asyncio.Event()
        self.glass = Glass(self._draw)
        self.terminal = Terminal(self.station, self.glass)
        self._next = 0
        self._seen = 0

    def _draw(self, scene: Scene) -> None:
        new = not self.scenes or self.scenes[-1].serial != scene.serial
        slot = self.hall.slot
        if new and isinstance(scene.screen, ENDS) and slot.chip is not None and not slot.released:
            self.kept.append(scene.screen.name)
        self.scenes.append(scene)
        self.came.set()

    # --- the citizen ---------------------------------------------------------------------------------------------

    async def see(self, wanted: str) -> Scene:
        """Wait for a screen; only screens that tell of work may come before it."""
        name, _, variant = wanted.partition(".")
        until = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            while self._next < len(self.scenes):
                scene = self.scenes[self._next]
                if scene.screen.name == name and (not variant or scene.screen.variant == variant):
                    self._seen = scene.serial
                    return scene
                assert scene.serial == self._seen or isinstance(scene.screen, PASSING), (
                    f"waited for {wanted}, but {scene.screen.name}.{scene.screen.variant} came"
                )
                self._next += 1
            left = until - asyncio.get_running_loop().time()
            assert left > 0, f"waited for {wanted}: nothing came"
            self.came.clear()
            try:
                await asyncio.wait_for(self.came.wait(), left)
            except TimeoutError:
                continue

    async def come(self, screen: type[Screen[Answer]]) -> None:
        """Wait until this screen stands on the glass, whatever comes before it."""
        async with asyncio.timeout(PATIENCE_S):
            while self.glass.scene is None or not isinstance(self.glass.scene.screen, screen):
                self.came.clear()
                await self.came.wait()

    async def hear(self, wanted: str, kind: str = "hear") -> None:
        """Wait until these words, or this sound, came since the last act."""
        for _ in range(600):
            heard = [h.part for h in self.ear.heard[self.heard_until :]]
            if kind == "sound":
                said = " ".join(part.path.stem for part in heard if isinstance(part, Sound))
            else:
                said = "\n".join(part.text for part in heard if isinstance(part, Phrase))
            if wanted in said:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{wanted!r} was not heard, but:\n{said}")

    def act(self) -> None:
        """Something is done: what was heard before does not count any more."""
        self.heard_until = len(self.ear.heard)

    def answer(self, answer: Answer) -> None:
        self.act()
        scene = self.glass.scene
        assert scene is not None
        takes = (*type(scene.screen).answers, Finish, Prefer)
        assert isinstance(answer, takes), f"{scene.screen.name} does not take {answer}"
        self._next, self._seen = len(self.scenes), scene.serial
        self.glass.receive(answer, scene.serial)

    def words(self) -> str:
        """All that stands on the glass now."""
        assert self.glass.scene is not None
        scene = self.glass.scene
        catalogue = self.station.catalogues[scene.preferences.language]
        shown = {k: v for k, v in catalogue.wording(scene.screen).items() if f"common.{k}" not in catalogue}
        return "\n".join((*shown.values(), str(catalogue.present(scene.screen))))

    def shown(self) -> list[Scene]:
        """Every scene, each with the values it had last."""
        return list({scene.serial: scene for scene in self.scenes}.values())

    def trace(self) -> str:
        """The way that was gone, for whoever wants to know where it went wrong."""
        names = (f"{s.screen.name}.{s.screen.variant}" if s.screen.variant else s.screen.name for s in self.shown())
        return " > ".join(names)

    async def close(self) -> None:
        await self.hall.aclose()
        self.journal.shut()

    @property
    def talking(self) -> bool:
        voice = self.station.voice
        return isinstance(voice, MockVoice) and voice.talking

    def slips(self) -> list[str]:
        printer = self.hall.printer
        assert isinstance(printer, MockPrinter)
        return [printer.text_of(page) for page in printer.pages]


class Player:
    """Plays one story."""

    def __init__(self, story: Story, file: str) -> None:
        self._story = story
        self._file = file

    async def play(self) -> Stage:
        given = {rest for _, verb, rest in self._story.steps if verb == "given"}
        stage = Stage(
            reset_at_terminal="reset at the counter" not in given,
            pin_pad="a PIN pad" in given,
            voice="a voice" in given,
        )
        running = asyncio.ensure_future(stage.terminal.run())
        try:
            for number, verb, rest in self._story.steps:
                where = f"{self._file}:{number}: {verb} {rest}"
                try:
                    await self._step(stage, verb, rest)
                except AssertionError as wrong:
                    raise AssertionError(f"{where}: {wrong}") from wrong
                assert not running.done(), f"{where}: the terminal ended"
            await asyncio.sleep(0)
            assert not stage.kept, f"the card was not free at {stage.kept}"
            return stage
        finally:
            stage.terminal.stop()
            stage.hall.pull_card()
            await running
            await stage.close()
            assert stage.terminal.state is State.STOPPING

    async def _step(self, stage: Stage, verb: str, rest: str) -> None:
        match verb:
            case "given":
                if rest not in ("reset at the counter", "a PIN pad", "a voice"):
                    _do(stage, rest) if rest.startswith(("no ", "the ")) else stage.hall.choose(rest)
            case "see":
                screen, _, words = rest.partition(" ")
                await stage.see(screen)
                for wanted in filter(None, re.split(r"\s{2,}|\s\|\s", words.strip())):
                    assert wanted in stage.words(), f"{wanted!r} does not stand on\n{stage.words()}"
            case "not":
                assert rest not in stage.words()
            case "tap":
                stage.answer(_answer(rest))
                await asyncio.sleep(0)
            case "type":
                for digit in rest:
                    stage.answer(Key(10 if digit == "0" else int(digit) - 1))
                    await asyncio.sleep(0.2)
            case "press":
                await _press(stage, rest)
            case "hear" | "sound":
                for wanted in filter(None, rest.split(" | ")):
                    await stage.hear(wanted, verb)
            case "unheard":
                assert rest not in "\n".join(stage.ear.phrases())
            case "quiet":
                await asyncio.sleep(0.01)
                assert not stage.talking, "somebody is still speaking"
            case "listen":
                stage.act()
                assert stage.glass.scene is not None
                stage.glass.receive(Listen(rest), stage.glass.scene.serial)
                await asyncio.sleep(0)
            case "do":
                stage.act()
                _do(stage, rest)
                stage._next = len(stage.scenes)
            case "wait":
                await asyncio.sleep(float(rest))
            case "slip":
                assert stage.slips(), "no slip came out"
                for wanted in filter(None, rest.split(" | ")):
                    assert wanted in stage.slips()[-1], f"{wanted!r} does not stand on\n{stage.slips()[-1]}"
            case "no":
                assert not stage.slips(), "a slip came out"
            case "then":
                await _check(stage, rest)
            case _:
                raise AssertionError(f"there is no step {verb!r}")


async def _press(stage: Stage, keys: str) -> None:
    for key in keys.split():
        for stroke in key if key.isdigit() else (key,):
            stage._next, stage._seen = len(stage.scenes), stage.glass.scene.serial if stage.glass.scene else 0
            stage.hall.press_key(stroke)
            await asyncio.sleep(0.2)


def _answer(tap: str) -> Answer:
    simple = {"proceed": Proceed(), "back": Back(), "finish": Finish()}
    if tap in simple:
        return simple[tap]
    if ":" in tap:
        what, _, value = tap.partition(":")
        return Prefer(what, value)
    return Pick(tap)


def _mock(slot: CardSlot) -> MockCardSlot:
    assert isinstance(slot, MockCardSlot)
    return slot


def _change_keys(stage: Stage) -> None:
    """The card was personalised with keys that are not the centre's."""
    person = stage.hall.person
    other = replace(person.chip, card_id=bytes(reversed(person.chip.card_id)))
    stage.hall.chips[person.slug] = Chip(person.chip, Hsm().personalise(other))


def lock_for_good(stage: Stage) -> None:
    person = stage.hall.person
    keys = Hsm().personalise(person.chip)
    stage.hall.chips[person.slug] = Chip(person.chip, keys, ChipTraits(application_locked=True))


def _activate_elsewhere(stage: Stage) -> None:
    """Another terminal is quicker."""
    person = stage.hall.person
    activating = stage.office.perform("ELSEWHERE", Activate(person.card, Proof(ProofKind.ID_CARD, person.person)))
    with suppress(StopIteration):  # the embedded insurer never waits
        activating.send(None)


def _do(stage: Stage, what: str) -> None:
    hall = stage.hall
    acts: dict[str, Callable[[], object]] = {
        "insert card": hall.insert_card,
        "insert card wrong way": hall.insert_card_wrong_way,
        "insert foreign card": hall.insert_foreign_card,
        "pull card": hall.pull_card,
        "lay id": hall.lay_id,
        "lay other id": hall.lay_other_id,
        "lift id": hall.lift_id,
        "show code": hall.show_code,
        "show expired code": hall.show_expired_code,
        "show payment code": hall.show_payment_code,
        "hide code": hall.hide_code,
        "take paper": hall.take_paper,
        "refill paper": hall.refill_paper,
        "jam printer": hall.jam_printer,
        "cut network": hall.cut_network,
        "drop next reply": hall.drop_next_reply,
        "restore network": hall.restore_network,
        "unplug id reader": hall.pad.unplug,
        "plug id reader": hall.pad.plug,
        "unplug camera": hall.lens.unplug,
        "unplug card reader": _mock(hall.slot).unplug,
        "plug card reader": _mock(hall.slot).plug,
        "unplug pin pad": hall.unplug_pin_pad,
        "let the paper end": partial(hall.mechanism.out_of_paper_after, 5),
        "plug pin pad": hall.plug_pin_pad,
        "open pin pad": hall.tamper_pin_pad,
        "no paper": hall.take_paper,
        "no network": hall.cut_network,
        "the chip is locked for good": partial(lock_for_good, stage),
        "the chip has other keys": partial(_change_keys, stage),
        "break the voice": partial(stage.ear.faults.fail_next, "say", Fault.MUTE),
        "put a finger down": partial(stage.glass.receive, Touched(), 0),
        "activate elsewhere": partial(_activate_elsewhere, stage),
    }
    if what in acts:
        acts[what]()
    elif what.startswith("close account "):
        account = hall.person.person.id_number, what.removeprefix("close account ")
        for table in ("movements", "accounts"):
            stage.office._db.execute(f"DELETE FROM {table} WHERE holder = ? AND insurance = ?", account)
    elif what.startswith("swap card "):
        hall.swap_card(what.removeprefix("swap card "))
    elif what.startswith("pull card at "):
        hall.slot.faults.fail_next(what.removeprefix("pull card at "), Fault.PULL)
    elif what.startswith("fail "):
        _, op, fault = what.split(" ")
        hall.line.faults.fail_always(op, Fault(fault))
    else:
        raise AssertionError(f"nobody can do {what!r}")


async def _check(stage: Stage, fact: str) -> None:
    person, chip = stage.hall.person, stage.hall.chip(stage.hall.person.slug)
    ref: CardRef = person.card
    if found := re.fullmatch(r"the insurer says (\w+)", fact):
        assert (await stage.office.card(ref)).state == found[1], (await stage.office.card(ref)).state
    elif found := re.fullmatch(r"the chip has PIN (\d+)", fact):
        assert chip.pin_matches(found[1].encode())
    elif found := re.fullmatch(r"the chip has not PIN (\d+)", fact):
        assert not chip.pin_matches(found[1].encode())
    elif found := re.fullmatch(r"(\d+) tries are left", fact):
        assert chip.tries_left == int(found[1]), chip.tries_left
    elif found := re.fullmatch(r"VERIFY was sent (\d+) times?", fact):
        assert chip.verifies == int(found[1]), chip.verifies
    elif fact == "no voice is offered":
        assert not stage.terminal.watch.health["voice"].usable
        assert stage.glass.speaker is not None
        assert not stage.glass.speaker.offered
    elif found := re.fullmatch(r"the voice key (stands|does not stand) there", fact):
        assert stage.glass.scene is not None
        assert stage.glass.scene.can_speak == (found[1] == "stands")
    elif fact == "nothing was changed":
        assert (await stage.office.card(ref)).state == person.state
        assert chip.pin_matches(person.chip.pin.encode())
    elif fact == "nothing is open in the journal":
        assert stage.journal.open_items() == []
    elif found := re.fullmatch(r"(\d+) open in the journal", fact):
        assert len(stage.journal.open_items()) == int(found[1])
    elif fact == "the slip and the screen have the same number":
        assert stage.glass.scene is not None
        number = getattr(stage.glass.scene.screen, "number", "")
        assert number
        assert number in stage.slips()[-1]
    elif found := re.fullmatch(r"the sealed code says (\w+): (.+)", fact):
        assert stage.glass.scene is not None
        claim = verify(getattr(stage.glass.scene.screen, "qr", ""), [stage.seal_key.public_key()])
        assert (claim.service, claim.outcome) == (found[1], found[2])
    elif fact == "the pad is dark and empty":
        keys = stage.hall.keys
        assert keys is not None
        assert not keys.lit
        assert not keys.holds_digits
    elif fact == "the bar says to take the card":
        assert stage.glass.scene is not None
        assert stage.glass.scene.card_in
    elif fact == "the bar says only to end":
        assert stage.glass.scene is not None
        assert not stage.glass.scene.card_in
    elif fact == "a card left behind is noted":
        assert len(list(stage.journal.events("card_left_behind"))) == 1
    elif found := re.fullmatch(r"(\w+) stands", fact):
        assert stage.glass.scene is not None
        assert stage.glass.scene.screen.name == found[1]
    elif found := re.fullmatch(r"(some|no)body is seen to wait", fact):
        assert stage.glass.scene is not None
        assert stage.glass.scene.another_waits == (found[1] == "some")
    elif fact == "the card is free":
        assert stage.hall.slot.released
    else:
        raise AssertionError(f"no such fact: {fact!r}")


def exchange_card(stage: Stage) -> None:
    """Another card in under 0.4 s: the reader's polling saw nothing (docs/protocols.md section 5.5)."""
    if stage.hall.card_in != "out":
        assert isinstance(stage.hall.slot, MockCardSlot)
        stage.hall.slot.swap_unnoticed(stage.hall.chip("initial_pin"))


def visited(person: str, story: Callable[[Stage], Awaitable[None]], build: Callable[[], Stage] = Stage) -> None:
    """Play a story that is code: ``person`` stands before the attract screen; afterwards the terminal is stopped."""

    async def main() -> None:
        stage = build()
        stage.hall.choose(person)
        running = asyncio.ensure_future(stage.terminal.run())
        try:
            await stage.see("Attract")
            await story(stage)
        finally:
            stage.terminal.stop()
            stage.hall.pull_card()
            await asyncio.wait_for(running, 60.0)
            await stage.close()

    run(main())
