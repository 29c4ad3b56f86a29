"""An incident as a regression test: recorded without anybody in it, replayed against the code of today."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from drivers.api import CardError, DeviceLost, DeviceTimeout, IdDocument, MuteCard, Page, Pair, PulledEarly, Qr, Text
from drivers.card import apdu
from drivers.card.chip import ChipTraits
from drivers.card.mock import MockCardReader
from drivers.card.replay import ReplayCardReader, ReplayDiverged
from drivers.card.social_security import PinNotProved, SocialSecurityCard, WrongPin
from drivers.contract.simulated import id_sdt
from drivers.contract.simulated_printers import printer_escpos
from drivers.faults import Fault
from drivers.idcard.replay import ReplayIdReader
from drivers.idcard.sdt import SdtIdCardReader
from drivers.idcard.virtual import VirtualIdReader
from drivers.idnumber import is_valid
from drivers.printer.escpos import EscposPrinter
from drivers.printer.replay import replay as replayed
from drivers.printer.status import is_status
from drivers.printer.virtual import VirtualPrinter
from drivers.recording import tape
from drivers.recording.card import RecordingCardReader
from drivers.recording.idcard import IdRecorder
from drivers.recording.printer import PrinterRecorder
from drivers.recording.tape import BadTape, Tape
from kiosk.__main__ import main
from kiosk.insurer.hsm import Hsm
from tests.helpers.cards import LI, LONG_NAME, SM4, chip, pin
from tests.helpers.documents import ALL, RESIDENT

DATA = Path(__file__).parents[1] / "data"


async def recorded_dialogue(file: Path) -> Tape:
    """A whole visit with a card, and a second card that is pulled in the middle of a password reset."""
    mock = MockCardReader(deadline_s=0.1)
    reader = RecordingCardReader(mock)
    mock.slot.insert(chip())
    card = await reader.card()
    app = await SocialSecurityCard.select(card)
    await app.public()
    await app.holder()
    with pytest.raises(WrongPin):
        await app.verify(pin("654321"))
    await app.change_pin(pin("123456"), pin("778899"))
    await card.release()
    mock.slot.pull()
    await card.removed()
    mock.slot.insert_wrong_way()
    with pytest.raises(MuteCard):
        await reader.card()
    mock.slot.pull()
    mock.slot.insert(chip(SM4))
    card = await reader.card()
    app = await SocialSecurityCard.select(card)
    mock.slot.faults.fail_next("answer:24", Fault.PULL)
    with pytest.raises(PinNotProved):
        await _reset(app)
    await card.removed()
    await reader.close()
    recording = reader.tape("mock:", random.Random(7))
    recording.write(file)
    return recording


async def _reset(app: SocialSecurityCard) -> None:
    await app.reset_pin(Hsm(), pin("778899"))


async def test_a_card_replays_as_somebody_else(tmp_path: Path) -> None:
    file = tmp_path / "visit.jsonl"
    await recorded_dialogue(file)
    reader = ReplayCardReader(file)
    card = await reader.card()
    app = await SocialSecurityCard.select(card)
    face, holder = await app.public(), await app.holder()
    assert (face.region, face.version, face.expires) == ("410100", LI.version, LI.expires)
    assert face.card_id != LI.card_id
    assert face.number != LI.number
    assert (face.number[0].isalpha(), face.number[1:].isdecimal(), len(face.number)) == (True, True, 9)
    assert is_valid(holder.id_number)
    assert holder.id_number != LI.id_number
    assert holder.id_number[6:14] == holder.born != LI.born
    assert len(holder.name) == len(LI.name)
    assert not set(holder.name) & set(LI.name)
    assert holder.sex == "female"
    assert int(holder.id_number[16]) % 2 == 0
    written = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    verify = next(line["sent"] for line in written if line.get("sent", "").startswith("0020000003"))
    with pytest.raises(WrongPin) as wrong:
        await app.verify(pin(verify[10:16]))
    assert wrong.value.left == 5
    await card.release()
    await asyncio.wait_for(card.removed(), 1)
    with pytest.raises(MuteCard):
        await reader.card()
    second = await reader.card()
    app = await SocialSecurityCard.select(second)
    assert app.algorithm == SM4.algorithm
    with pytest.raises(PinNotProved):
        await _reset(app)
    await asyncio.wait_for(second.removed(), 1)
    waiting = asyncio.create_task(reader.card())
    await asyncio.sleep(0)
    assert not waiting.done()
    await reader.close()
    with pytest.raises(DeviceLost):
        await waiting


async def test_the_incident_of_the_file_in_this_repository() -> None:
    """The card was pulled just after PIN RESET: the reset may have been made, and must not be called a failure."""
    reader = ReplayCardReader(DATA / "pulled-after-reset.jsonl")
    card = await reader.card()
    app = await SocialSecurityCard.select(card)
    assert (await app.holder()).name
    with pytest.raises(PinNotProved):
        await _reset(app)
    await asyncio.wait_for(card.removed(), 1)
    with pytest.raises(PulledEarly):
        await card.transmit(bytes.fromhex("0020000003000000"))


async def test_a_new_command_ends_the_replay_and_shows_no_data() -> None:
    reader = ReplayCardReader(DATA / "pulled-after-reset.jsonl")
    card = await reader.card()
    with pytest.raises(ReplayDiverged) as diverged:
        await card.transmit(bytes.fromhex("0020000003123456"))
    assert "00200000" in str(diverged.value)
    assert "123456" not in str(diverged.value)
    assert isinstance(diverged.value, CardError)


async def test_what_only_asks_may_be_asked_again() -> None:
    reader = ReplayCardReader(DATA / "pulled-after-reset.jsonl")
    card = await reader.card()
    for _ in range(3):
        app = await SocialSecurityCard.select(card)
        assert (await app.holder()).name
    with pytest.raises(RuntimeError):
        await reader.card()


async def test_a_long_name_across_two_records_stays_a_name(tmp_path: Path) -> None:
    mock = MockCardReader()
    reader = RecordingCardReader(mock)
    mock.slot.insert(chip(replace(LI, name=LONG_NAME)))
    app = await SocialSecurityCard.select(await reader.card())
    await app.public()
    await app.holder()
    reader.tape("mock:").write(tmp_path / "t")
    app = await SocialSecurityCard.select(await ReplayCardReader(tmp_path / "t").card())
    await app.public()
    name = (await app.holder()).name
    assert len(name) == len(LONG_NAME)
    assert [at for at, character in enumerate(name) if character == "·"] == [
        at for at, character in enumerate(LONG_NAME) if character == "·"
    ]


async def test_answers_in_two_parts_are_disguised_as_a_whole(tmp_path: Path) -> None:
    """A T=0 card: 61xx and GET RESPONSE, 6Cxx and again; the parts fit together again."""
    mock = MockCardReader()
    reader = RecordingCardReader(mock)
    mock.slot.insert(chip(traits=ChipTraits(answers_in_two=True)))
    app = await SocialSecurityCard.select(await reader.card())
    await app.public()
    assert (await app.holder()).name == LI.name
    reader.tape("mock:").write(tmp_path / "t")
    app = await SocialSecurityCard.select(await ReplayCardReader(tmp_path / "t").card())
    await app.public()
    holder = await app.holder()
    assert is_valid(holder.id_number)
    assert holder.name != LI.name


# --- resident-ID reader ----------------------------------------------------------------------------------------------


async def test_an_id_reader_replays_on_a_pty(tmp_path: Path) -> None:
    file = tmp_path / "documents.jsonl"
    recorder = IdRecorder()
    async with VirtualIdReader() as pad, recorder.tap(pad.port) as port:
        reader = SdtIdCardReader(port, timeout_s=0.5, poll_s=0.01)
        await reader.health()
        real = []
        for document in ALL:
            pad.lay(document)
            real.append(await reader.document())
            pad.lift()
            await asyncio.sleep(0.05)
        await reader.close()
        assert real == list(ALL)
    recorder.tape("sdt:", random.Random(3)).write(file)
    async with ReplayIdReader(file) as peer:
        reader = SdtIdCardReader(peer.port, timeout_s=0.5, poll_s=0.01)
        assert (await reader.health()).firmware == "05.01-20260101-0000000001-0000000001"
        found = [await asyncio.wait_for(reader.document(), 5) for _ in ALL]
        await reader.close()
    for before, after in zip(ALL, found, strict=True):
        _is_somebody_else(before, after)
    assert len({document.number for document in found}) == len(ALL)


def _is_somebody_else(before: IdDocument, after: IdDocument) -> None:
    assert (after.kind, after.sex, after.valid_to, after.long_term) == (
        before.kind,
        before.sex,
        before.valid_to,
        before.long_term,
    )
    assert len(after.name) == len(before.name)
    assert len(after.name_latin) == len(before.name_latin)
    assert len(after.address) == len(before.address)
    assert not {*before.name, *before.address} & {*after.name} - {" "}
    assert after.number != before.number
    assert is_valid(after.number) == is_valid(before.number)
    assert isinstance(after.born, date)
    assert after.born != before.born
    if is_valid(after.number):
        assert after.number[6:14] == f"{after.born:%Y%m%d}"
    assert after.photo == bytes(1024)


async def test_silence_and_damage_replay_as_such(tmp_path: Path) -> None:
    recorder = IdRecorder()
    async with VirtualIdReader() as pad, recorder.tap(pad.port) as port:
        reader = SdtIdCardReader(port, timeout_s=0.3, poll_s=0.01)
        pad.faults.fail_next("select", Fault.GARBLE)
        pad.faults.drop("read")
        pad.lay(RESIDENT)
        with pytest.raises(DeviceTimeout):
            await reader.document()
        await reader.close()
    recording = recorder.tape("sdt:")
    assert any(event["event"] == "damaged" for event in recording.events)
    recording.write(tmp_path / "t")
    async with ReplayIdReader(tmp_path / "t") as peer:
        reader = SdtIdCardReader(peer.port, timeout_s=0.3, poll_s=0.01)
        with pytest.raises(DeviceTimeout):
            await reader.document()
        await reader.close()


async def test_the_tap_passes_the_loss_of_the_reader_on() -> None:
    recorder = IdRecorder()
    async with id_sdt() as bench:
        pad = bench.hands._pad  # type: ignore[attr-defined]
        async with recorder.tap(pad.port) as port:
            reader = SdtIdCardReader(port, timeout_s=0.5, poll_s=0.01)
            assert (await reader.health()).usable
            waiting = asyncio.create_task(reader.document())
            await asyncio.sleep(0.05)
            pad.unplug()
            with pytest.raises(DeviceLost):
                await asyncio.wait_for(waiting, 5)
            await reader.close()


# --- printer ---------------------------------------------------------------------------------------------------------

PERSONAL_SLIP = Page(
    (Text("业务凭条"), Pair("姓名", "王秀兰"), Pair("卡号", "A12345678"), Text("李𬸦"), Qr("YB1.SECRETCODE"))
)


async def test_a_printer_replays_into_the_parser(tmp_path: Path) -> None:
    recorder = PrinterRecorder()
    virtual = VirtualPrinter(seconds_per_page=0.02)
    await virtual.start()
    async with recorder.tap(virtual.url) as url:
        printer = EscposPrinter(url, answer_s=0.3)
        await printer.print(PERSONAL_SLIP)
        virtual.out_of_paper_after(2)
        with pytest.raises(Exception, match="no paper"):
            await printer.print(PERSONAL_SLIP)
        await printer.close()
    await virtual.aclose()
    recording = recorder.tape("escpos:")
    recording.write(tmp_path / "t")
    text = recording.text()
    for value in ("王秀兰", "A12345678", "SECRETCODE"):
        assert value not in text
        assert value.encode("gb18030").hex() not in text
    played = replayed(tmp_path / "t")
    slip, _ = played.slips
    (true,) = virtual.receipts
    assert [len(line) for line in slip.text.splitlines()] == [len(line) for line in true.text.splitlines()]
    assert slip.text != true.text
    assert not played.not_understood
    assert played.hanging is None
    assert any(is_status(answer) and answer & 0x60 for answer in played.answers), "it said that the paper had ended"


async def test_a_printer_that_can_only_be_written_is_not_recorded() -> None:
    recorder = PrinterRecorder()
    with pytest.raises(ValueError, match="only a printer on tcp"):
        async with recorder.tap("file:///dev/null"):
            pass


# --- files and command -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense\n",
        "[]\n",
        '{"recording": 2, "device": "card"}\n',
        '{"recording": 1, "device": "printer"}\n',
        '{"recording": 1, "device": "card"}\n{"at": "x", "event": "card"}\n',
        '{"recording": 1, "device": "card"}\n{"at": 0, "event": "apdu"}\n',
        '{"recording": 1, "device": "card"}\n{"at": 0, "event": "card", "atr": "zz"}\n',
    ],
)
async def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "t").write_text(text, "utf-8")
    with pytest.raises(BadTape):
        await ReplayCardReader(tmp_path / "t").card()


def test_the_file_says_what_was_replaced() -> None:
    head = tape.read(DATA / "pulled-after-reset.jsonl", "card")
    assert any("passwords" in what for what in head.replaced)
    assert any("names" in what for what in head.replaced)
    challenge = next(event for event in head.events if event.get("sent", "").startswith(f"00{apdu.GET_CHALLENGE:02x}"))
    assert challenge["got"] == "00" * 8


async def _kiosk(*words: str) -> tuple[int | None, str]:
    """The command in a process of its own, while this one plays the device."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kiosk", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, out.decode()


async def test_kiosk_record_on_a_printer(tmp_path: Path) -> None:
    async with printer_escpos() as bench:
        mechanism = bench.hands._mechanism  # type: ignore[attr-defined]
        out = tmp_path / "printer.jsonl"
        words = ["record", "--device", "printer", "--driver", f"escpos:{mechanism.url}", "--out", str(out)]
        status, said = await _kiosk(*words)
    assert status == 0
    assert "replaced:" in said
    assert len(replayed(out).slips) == 1


async def test_kiosk_record_on_an_id_reader(tmp_path: Path) -> None:
    out = tmp_path / "id.jsonl"
    async with VirtualIdReader() as pad:
        pad.lay(RESIDENT)
        words = ["record", "--device", "idcard", "--driver", f"sdt:{pad.port}", "--out", str(out)]
        assert (await _kiosk(*words))[0] == 0
    assert RESIDENT.name.encode("utf-16-le").hex() not in out.read_text("utf-8")


def test_kiosk_record_without_a_device(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x"
    assert main(["record", "--device", "idcard", "--driver", "sdt:/dev/nothing-here", "--out", str(out)]) == 1
    assert main(["record", "--device", "printer", "--driver", "escpos:/dev/null", "--out", str(out)]) == 2
    assert main(["record", "--device", "card", "--driver", "nothing:", "--out", str(out)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3
    assert not out.exists()
