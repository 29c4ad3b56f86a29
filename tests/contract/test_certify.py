"""``kiosk certify``: which driver it finds, what it asks of a person, what its report says, how it ends."""

from __future__ import annotations

import asyncio
import importlib
import io
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers import registry
from drivers.api import Card, CardReader, MuteCard
from drivers.card.mock import MockCardReader, MockCardSlot
from drivers.contract import samples
from drivers.contract.card_reader import CardBench
from drivers.contract.certificate import KINDS, hardware_examination
from drivers.contract.human import HumanIdHands, HumanPrinterHands, HumanScannerHands, Terminal, hardware
from drivers.contract.manners import Bench, Evidence, NotTried, Verdict, judge
from drivers.contract.simulated import QUICK, card_mock
from drivers.idcard.mock import MockIdCardReader
from drivers.printer.mock import MockPrinter
from drivers.scanner.mock import MockScanner
from kiosk.__main__ import main
from kiosk.commands.certify import concluded

# --- the command -----------------------------------------------------------------------------------------------------


def test_the_report_is_printed_and_filed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.txt"
    assert main(["certify", "mock", "--kind", "printer", "--json", "--report", str(report)]) == 0
    (printer,) = json.loads(capsys.readouterr().out)["reports"]
    assert printer["counts"] == {"kept": len(KINDS["printer"].manners), "broken": 0, "not tried": 0}
    printed = next(manner for manner in printer["manners"] if manner["name"] == "returns-when-the-paper-is-out")
    assert printed["verdict"] == "kept"
    assert printed["timings"]["print()"] > 0
    assert printed["promise"]
    filed = report.read_text("utf-8")
    assert "driver    mock (printer), yibao-kiosk" in filed
    assert "KEPT       no-paper-during-a-page" in filed
    assert "0 broken, 0 not tried" in filed
    for line in ("device    mock printer", "date      20", "machine   ", "hands     simulated"):
        assert line in filed


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["mock", "--hands", "human"], "mock has no hardware"),
        (["pcsc:", "--hands", "simulated"], "real hardware needs --hands human"),
        (["nothing:1"], "'nothing' is no driver; there are mock, virtual, pcsc:"),
        (["virtual:nothing"], "there is no bench virtual:nothing; there are mock, virtual:pcsc, virtual:sdt,"),
        (["virtual:serial", "--kind", "card"], "there is no bench virtual:serial for card"),
        (["virtual:cups", "--hands", "human"], "virtual:cups has no hardware"),
        (["sdt:/dev/nothing-here"], "the device is not ready"),
        (["sdt:/dev/x", "--kind", "card"], "names no driver"),
        (["virtual:serial", "--peer", "serial"], "virtual:serial has its own peers"),
        (["serial:/dev/x", "--peer", "serial"], "write where the address of virtual:serial goes: serial:{}"),
        (["serial:{}", "--peer", "escpos"], "escpos is no peer of a driver for scanner; there is camera, serial"),
        (["serial:{}", "--peer", "serial", "--hands", "human"], "virtual:serial has no hardware"),
        (["serial:{}?ende=cr", "--peer", "serial"], "there is no setting ende"),
    ],
)
def test_what_cannot_be_examined_is_one_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", *words]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert len(told.splitlines()) == 1


def test_one_of_our_drivers_is_examined_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", "virtual:hid", "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)["reports"]
    assert (report["driver"], report["kind"], report["counts"]["broken"]) == ("virtual:hid", "scanner", 0)
    untried = {manner["name"]: manner["why"] for manner in report["manners"] if manner["verdict"] == "not tried"}
    assert set(untried.values()) == {"this scanner has no pictures"}


def test_a_driver_is_examined_on_the_desk_before_a_peer(capsys: pytest.CaptureFixture[str]) -> None:
    """As it is configured, with the deadlines and settings that it will have in the hall."""
    assert main(["certify", "serial:{}?end=crlf", "--peer", "serial", "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)["reports"]
    assert (report["kind"], report["hands"], report["counts"]["broken"]) == ("scanner", "simulated, virtual:serial", 0)
    assert report["counts"]["kept"] >= 12


def test_every_driver_of_ours_has_a_bench_without_hardware() -> None:
    for kind in KINDS.values():
        ours = {name for name in kind.drivers if kind.drivers.distribution(name) is None}
        assert ours <= {name.partition("-")[0] for name in kind.virtual}


# --- drivers of others -----------------------------------------------------------------------------------------------

ACME = """
from drivers.card.mock import MockCardReader
from drivers.api import Health, Condition

class AcmeReader(MockCardReader):
    async def health(self):
        found = await super().health()
        return Health(found.condition, model="Acme 1", firmware="0.9") if found.usable else found

def reader(address):
    if not address:
        raise ValueError("an Acme reader has an address")
    return AcmeReader()

def clumsy(address):
    return {}[address]
"""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A distribution that is installed beside ours and brings drivers by entry points."""
    (tmp_path / "acme_kiosk_test.py").write_text(ACME, "utf-8")
    (tmp_path / "acme_kiosk_spoilt.py").write_text("1 / 0\n", "utf-8")
    info = tmp_path / "acme_kiosk-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-kiosk\nVersion: 1.2\n", "utf-8")
    (info / "entry_points.txt").write_text(
        "[yibao_kiosk.card_readers]\n"
        "acme = acme_kiosk_test:reader\n"
        "broken = acme_kiosk_test:missing\n"
        "clumsy = acme_kiosk_test:clumsy\n"
        "spoilt = acme_kiosk_spoilt:reader\n"
        "pcsc = acme_kiosk_test:reader\n"
        "both = acme_kiosk_test:reader\n"
        "[yibao_kiosk.id_readers]\nboth = acme_kiosk_test:reader\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    return "acme"


def test_a_driver_is_found_by_its_entry_point(acme: str) -> None:
    reader = registry.build(registry.CARD_READERS, "acme:usb")
    assert type(reader).__name__ == "AcmeReader"
    assert registry.CARD_READERS.distribution("acme") == ("acme-kiosk", "1.2")
    assert registry.CARD_READERS.distribution("pcsc") is None
    assert list(registry.CARD_READERS).count("pcsc") == 1
    assert len(registry.CARD_READERS) >= 4


def test_nobody_takes_the_name_of_one_of_ours(acme: str) -> None:
    assert type(registry.build(registry.CARD_READERS, "pcsc:")).__name__ == "PcscCardReader"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("broken:1", "cannot be loaded"),
        ("clumsy:1", r"'clumsy:1': its driver failed \(KeyError\); ask its maker"),
        ("spoilt:1", r"'spoilt' is installed, but cannot be loaded \(ZeroDivisionError\); ask its maker"),
        ("acme:", "an Acme reader has an address"),
        ("other:1", "acme:"),
        ("acme", "driver:address"),
    ],
)
def test_a_driver_that_cannot_be_had_is_told(acme: str, name: str, says: str) -> None:
    with pytest.raises(registry.UnknownDriver, match=says):
        registry.build(registry.CARD_READERS, name)


def test_a_name_for_two_kinds_needs_the_kind(acme: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", "both:1"]) == 2
    assert "serves card and idcard: say which with --kind" in capsys.readouterr().err


# --- a person's hands ------------------------------------------------------------------------------------------------


class Person:
    """Does to a mock what is asked, and says yes to what is true."""

    def __init__(self, deeds: dict[str, Callable[[], None]], sees: Callable[[str], bool] = lambda _: True) -> None:
        self._deeds = deeds
        self._sees = sees
        self.asked: list[str] = []

    async def do(self, what: str) -> None:
        self.asked.append(what)
        for words, deed in self._deeds.items():
            if what.startswith(words):
                deed()
                return
        raise NotTried(f"does not know how to: {what}")

    async def sees(self, question: str) -> bool:
        self.asked.append(question)
        return self._sees(question)


async def _examined(kind: str, make: Callable[[], Any], hands: Any, *names: str) -> dict[str, Evidence]:
    """By all manners of the kind, or by those named."""
    found = {}
    for manner in KINDS[kind].manners:
        if names and manner.name not in names:
            continue
        evidence = await judge(manner, lambda: hardware(make, hands, QUICK), limit_s=60.0)
        found[manner.name] = evidence
    return found


async def test_a_driver_of_others_in_a_persons_hands(acme: str) -> None:
    slot = MockCardSlot()
    module = importlib.import_module("acme_kiosk_test")
    person = Person(
        {
            "Put a chip card in": lambda: slot.insert(samples.chip()),
            "Put a card in the wrong": slot.insert_wrong_way,
            "Take the card out": slot.pull,
            "Unplug": slot.unplug,
            "Plug": slot.plug,
        }
    )
    examination = hardware_examination("card", "acme:usb", "9", person)
    assert examination.distribution == "acme-kiosk 1.2"

    def reader() -> CardReader:
        made: CardReader = module.AcmeReader(slot)
        return made

    found = await _examined("card", reader, KINDS["card"].hands(person))
    assert {evidence.verdict for evidence in found.values()} == {Verdict.KEPT, Verdict.NOT_TRIED}
    for name in ("card-comes", "wrong-way-round", "card-leaves-while-held", "lost-while-waiting", "two-may-not-wait"):
        assert found[name].verdict is Verdict.KEPT, found[name].why
    assert "no hand can make" in found["late-answer"].why
    assert "sample card" in found["command-just-after-the-removal"].why
    assert len(person.asked) < 40


async def test_a_broken_driver_in_a_persons_hands() -> None:
    class Forgetful(MockCardReader):
        async def card(self) -> Card:
            self._mute_insertion = 0
            return await super().card()

    slot = MockCardSlot()
    person = Person(
        {
            "Put a chip card in": lambda: slot.insert(samples.chip()),
            "Put a card in the wrong": slot.insert_wrong_way,
            "Take the card out": slot.pull,
        }
    )
    (manner,) = [manner for manner in KINDS["card"].manners if manner.name == "wrong-way-round"]
    hands = KINDS["card"].hands(person)
    evidence = await judge(manner, lambda: hardware(lambda: Forgetful(slot), hands, QUICK))
    assert evidence.verdict is Verdict.BROKEN
    assert MuteCard.__name__ in evidence.why


def test_a_driver_that_never_lets_go_does_not_keep_the_report_back() -> None:
    class Stubborn(MockCardReader):
        async def card(self) -> Card:
            while True:
                try:
                    return await super().card()
                except asyncio.CancelledError:
                    await asyncio.sleep(0.01)

    @asynccontextmanager
    async def bench() -> AsyncIterator[CardBench]:
        async with card_mock() as sound:
            stubborn = Stubborn(MockCardSlot())
            yield Bench(stubborn, sound.hands, lambda: stubborn, QUICK)

    (manner,) = [manner for manner in KINDS["card"].manners if manner.name == "cancelled-waits-leave-no-trace"]
    evidence = concluded(judge(manner, bench))
    assert evidence.verdict is Verdict.BROKEN
    assert "cannot be cancelled" in evidence.why


async def test_documents_codes_and_paper_in_a_persons_hands() -> None:
    id_reader = MockIdCardReader(read_s=0.01)
    pad = id_reader.pad
    person = Person({"Lay your": lambda: pad.lay(samples.RESIDENT), "Take the ID": pad.lift})
    names: tuple[str, ...] = ("left-lying-is-not-read-twice", "reads-a-permit", "unplugged-while-waiting")
    found = await _examined("idcard", lambda: MockIdCardReader(pad, read_s=0.01), HumanIdHands(person), *names)
    assert found["left-lying-is-not-read-twice"].verdict is Verdict.KEPT
    assert found["reads-a-permit"].verdict is Verdict.NOT_TRIED
    assert found["unplugged-while-waiting"].why.startswith("does not know how to")

    lens = MockScanner().lens
    person = Person(
        {
            "Hold QR code A": lambda: lens.show("first of my codes"),
            "Hold QR code B": lambda: lens.show("another"),
            "Take the code": lens.clear,
            "Unplug": lens.unplug,
            "Plug": lens.plug,
        }
    )
    names = ("code-shown-later", "next-code-is-another-one", "preview-of-a-lost-camera-ends", "frozen-camera-is-lost")
    found = await _examined("scanner", lambda: MockScanner(lens, frame_s=0.01), HumanScannerHands(person), *names)
    assert found["next-code-is-another-one"].verdict is Verdict.KEPT
    assert found["frozen-camera-is-lost"].verdict is Verdict.NOT_TRIED
    assert Verdict.BROKEN not in {evidence.verdict for evidence in found.values()}

    printers = [MockPrinter()]

    def driver() -> MockPrinter:
        printers.append(MockPrinter(seconds_per_page=0.02))
        return printers[-1]

    def sees(question: str) -> bool:
        wanted = 0 if "none at all" in question else int(question.partition("exactly ")[2].partition(",")[0])
        return len(printers[-1].pages) == wanted

    person = Person(
        {
            "Take all slips": lambda: printers[-1].pages.clear(),
            "Take the paper out": lambda: printers[-1].out_of_paper(),
            "Put paper in": lambda: printers[-1].refill(),
            "Open the cover": lambda: printers[-1].open_cover(),
            "Close the cover": lambda: printers[-1].close_cover(),
            "Unplug": lambda: printers[-1].unplug(),
            "Plug": lambda: printers[-1].plug(),
            "Wait": lambda: None,
        },
        sees,
    )
    found = await _examined("printer", driver, HumanPrinterHands(person))
    for name in ("no-paper-refused-before-a-page", "cover-refused-before-a-page", "lost-and-back"):
        assert found[name].verdict is Verdict.KEPT, found[name].why
    assert found["cutter-refused-before-a-page"].verdict is Verdict.NOT_TRIED
    assert Verdict.BROKEN not in {evidence.verdict for evidence in found.values()}


def test_a_persons_code_is_known_again_and_not_kept() -> None:
    """It may be a credential of theirs."""
    hands = HumanScannerHands(Terminal())
    assert hands.recognise(samples.CODE, "secret of A")
    assert hands.recognise(samples.OTHER_CODE, "secret of B")
    assert hands.recognise(samples.CODE, "secret of A")
    assert not hands.recognise(samples.CODE, "secret of B")
    assert "secret" not in repr(vars(hands))


async def test_the_terminal_waits_for_enter_and_not_for_ever() -> None:
    theirs, ours = os.pipe()
    said = io.StringIO()
    terminal = Terminal(theirs, said, limit_s=0.2)
    asked = asyncio.create_task(terminal.do("Put a card in"))
    await asyncio.sleep(0.01)
    assert not asked.done()
    os.write(ours, b"\ny\nno\n")
    await asked
    assert await terminal.sees("Does it lie there?")
    assert not await terminal.sees("Does it lie there?")
    with pytest.raises(NotTried, match="nobody did it"):
        await terminal.do("Take it out")
    os.close(ours)
    with pytest.raises(NotTried, match="nobody is at"):
        await terminal.do("Take it out")
    os.close(theirs)
    assert "Put a card in, then press Enter" in said.getvalue()


async def test_a_file_is_no_person(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("\n\n", "utf-8")
    with (tmp_path / "answers").open() as answers, pytest.raises(NotTried, match="a file"):
        await Terminal(answers.fileno(), io.StringIO()).do("Put a card in")
