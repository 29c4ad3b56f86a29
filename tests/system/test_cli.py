"""The program as people and scripts use it: real processes, real devices' protocols, and one clear line for each way
in which it can fail."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from drivers.card.chip import ChipTraits
from drivers.card.chip_profile import ChipProfile
from drivers.card.pcscd import PcscdUnavailable, PrivatePcscd
from drivers.card.virtual import VirtualCardSlot
from drivers.faults import Fault
from drivers.idcard.virtual import VirtualIdReader
from drivers.printer.virtual import VirtualPrinter
from kiosk import __version__
from kiosk.receipts.seal import Claim, load_or_create_key, public_key_text, seal
from tests.helpers.cards import LI, LOCKED_AWAY, LONG_NAME, RARE_NAME, SM4, chip
from tests.helpers.documents import OTHER, RESIDENT
from tests.helpers.wire import Ended, kiosk, start_kiosk

pytestmark = pytest.mark.system

TOLD_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader with an empty slot, and the program run against it."""

    service: PrivatePcscd
    slot: VirtualCardSlot

    async def card(self, *words: str) -> Ended:
        return await kiosk("card", *words, env={"PCSCLITE_CSOCK_NAME": self.service.socket})


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    service = PrivatePcscd()
    try:
        await service.start()
    except PcscdUnavailable as error:
        pytest.skip(f"no private pcscd here: {error}")
    async with VirtualCardSlot(service.port) as slot:
        yield Reader(service, slot)
    await service.aclose()


# --- kiosk card ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "profile",
    [replace(LI, version="1.00"), LI, SM4, replace(LI, name=LONG_NAME), replace(LI, name=RARE_NAME)],
    ids=["1.00", "2.00", "3.00-sm4", "long-name", "rare-name"],
)
async def test_a_card_revealed(reader: Reader, profile: ChipProfile) -> None:
    if profile.version == "1.00":
        profile = replace(profile, card_id=bytes.fromhex("410100") + profile.card_id[3:])
    inserted = chip(profile)
    reader.slot.insert(inserted)
    ended = await reader.card("--reveal", "--json")
    assert (ended.status, ended.err) == (0, "")
    assert json.loads(ended.out) == {
        "region": "410100",
        "card_id": profile.card_id.hex().upper(),
        "category": profile.category,
        "number": profile.number,
        "version": profile.version,
        "issued": profile.issued,
        "expires": profile.expires,
        "atr": inserted.atr.hex().upper(),
        "holder": {
            "id_number": profile.id_number,
            "name": profile.name,
            "sex": "female",
            "nation": profile.nation,
            "born": profile.born,
        },
    }
    assert reader.slot.released, "the card is free to take"
    assert inserted.verifies == 0


async def test_a_card_is_masked_unless_it_is_revealed(reader: Reader) -> None:
    reader.slot.insert(chip())
    for words in (["--json"], []):
        ended = await reader.card(*words)
        assert (ended.status, ended.err) == (0, "")
        for personal in (LI.id_number, LI.name, LI.number, LI.card_id.hex().upper(), LI.born, LI.id_number[6:14]):
            assert personal not in ended.out
        assert LI.name[0] in ended.out
        assert LI.number[-4:] in ended.out


Prepare = Callable[[VirtualCardSlot], None]


def _with(profile: ChipProfile = LI, traits: ChipTraits | None = None, **fault: tuple[Fault, int]) -> Prepare:
    """A card that goes in, and what then goes wrong with it: ``B2=(Fault.PULL, 1)`` at the second READ RECORD."""

    def prepare(slot: VirtualCardSlot) -> None:
        for ins, (what, after) in fault.items():
            slot.faults.fail_next(f"apdu:{ins}", what, after=after)
        slot.insert(chip(profile, traits))

    return prepare


def _damaged(slot: VirtualCardSlot) -> None:
    inserted = chip()
    for records in inserted.files.values():
        records[:] = [record[:1] + b"\x7f" + record[2:] for record in records]
    slot.insert(inserted)


def _garbling(slot: VirtualCardSlot) -> None:
    slot.faults.fail_always("answer", Fault.GARBLE)
    slot.insert(chip())


FAILURES: Mapping[str, tuple[Prepare, int, str]] = {
    "no card": (lambda _: None, 4, "no card"),
    "another kind of card": (_with(LI, ChipTraits(has_application=False)), 5, "no social-security card"),
    "read key needed": (_with(LOCKED_AWAY), 5, "unsupported"),
    "application locked": (_with(LI, ChipTraits(application_locked=True)), 6, "cannot be read"),
    "damaged records": (_damaged, 6, "cannot be read"),
    "garbled answers": (_garbling, 6, "cannot be read"),
    "pulled at the first command": (_with(A4=(Fault.PULL, 0)), 7, "pulled"),
    "pulled while read": (_with(B2=(Fault.PULL, 1)), 7, "pulled"),
    "wrong way round": (lambda slot: slot.insert_wrong_way(), 8, "does not answer"),
    "mute while read": (_with(B2=(Fault.MUTE, 1)), 8, "does not answer"),
}


@pytest.mark.parametrize("which", FAILURES)
async def test_a_card_that_cannot_be_read_is_one_line(reader: Reader, which: str) -> None:
    prepare, status, words = FAILURES[which]
    prepare(reader.slot)
    ended = await reader.card("--reveal", "--json")
    assert ended.status == status, ended.err
    assert ended.complaint.startswith("kiosk card: ")
    assert words in ended.complaint
    assert not ended.out
    assert LI.name not in ended.err
    assert LI.id_number not in ended.err
    assert ended.seconds < TOLD_WITHIN_S
    # A card that says nothing blocks this reader until it is pulled; every other one has been powered down.
    assert which.startswith("mute") or reader.slot.chip is None or reader.slot.released, "the card is free to take"


async def test_a_failure_leaves_nothing_behind(reader: Reader) -> None:
    """The next card is read, whatever became of those before it."""
    for fault, status in ((Fault.PULL, 7), (Fault.ERROR, 6)):
        reader.slot.faults.fail_next("apdu:A4", fault)
        reader.slot.insert(chip())
        assert (await reader.card()).status == status
        reader.slot.faults.heal()
        reader.slot.insert(chip())
        assert (await reader.card()).status == 0


async def test_no_reader(reader: Reader, tmp_path: Path) -> None:
    reader.slot.insert(chip())
    for words, socket in (
        (["--reader", "Nobody's"], reader.service.socket),
        ([], str(tmp_path / "no-pcscd.comm")),
    ):
        ended = await kiosk("card", *words, env={"PCSCLITE_CSOCK_NAME": socket})
        assert ended.status == 3
        assert "no card reader" in ended.complaint
        assert ended.seconds < TOLD_WITHIN_S


async def test_the_help_of_card_says_what_each_status_means() -> None:
    ended = await kiosk("card", "--help")
    assert ended.status == 0
    for status in range(3, 9):
        assert re.search(rf"^ +{status}  \w", ended.out, re.MULTILINE), status


# --- kiosk scan ------------------------------------------------------------------------------------------------------


CREDENTIAL = "4241234567890123456789410000"


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, Path]:
    import qrcode
    from PIL import Image

    code = qrcode.make(CREDENTIAL).convert("L")
    page = Image.new("L", (900, 700), 200)
    page.paste(code.resize((400, 400)), (250, 150))
    made = {
        "png": tmp_path / "code.png",
        "jpeg": tmp_path / "code.jpg",
        "turned": tmp_path / "turned.png",
        "upside down": tmp_path / "upside-down.png",
        "unicode": tmp_path / "医保 电子凭证 𠮷.png",
        "none": tmp_path / "wall.png",
    }
    for name in ("png", "jpeg", "unicode"):
        page.save(made[name])
    page.rotate(30, expand=True, fillcolor=200).save(made["turned"])
    page.rotate(180).save(made["upside down"])
    Image.new("L", (640, 480), 128).save(made["none"])
    made["text"] = tmp_path / "letter.png"
    made["text"].write_text("not a picture at all")
    made["empty"] = tmp_path / "empty.jpg"
    made["empty"].touch()
    made["missing"] = tmp_path / "missing.png"
    made["folder"] = tmp_path
    return made


async def test_scan_reads_pictures(pictures: dict[str, Path]) -> None:
    names = ["png", "jpeg", "turned", "upside down", "unicode", "none"]
    ended = await kiosk("scan", *(str(pictures[name]) for name in names), "--json")
    assert (ended.status, ended.err) == (0, "")
    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert [line["file"] for line in lines] == [str(pictures[name]) for name in names]
    assert [line["texts"] for line in lines] == [[CREDENTIAL]] * 5 + [[]]
    assert all(set(line) == {"file", "texts", "ms"} and 0 < line["ms"] < 5000 for line in lines)


async def test_scan_tells_of_each_file_that_is_no_picture_and_reads_the_rest(pictures: dict[str, Path]) -> None:
    bad = ["text", "empty", "missing", "folder"]
    files = [str(pictures[name]) for name in (*bad, "png")]
    ended = await kiosk("scan", *files, "--json")
    assert ended.status == 1
    assert "Traceback" not in ended.err
    lines = ended.err.splitlines()
    assert len(lines) == len(bad), ended.err
    for line, file in zip(lines, files, strict=False):
        assert line.startswith("kiosk scan: ")
        assert file in line
    assert [json.loads(line)["texts"] for line in ended.out.splitlines()] == [[CREDENTIAL]]


async def test_scan_wants_files_or_a_camera() -> None:
    for words in ([], ["--camera", "0", "picture.png"]):
        ended = await kiosk("scan", *words)
        assert ended.status == 2
        assert "--camera" in ended.complaint


@pytest.mark.parametrize(
    ("camera", "remedy"),
    [
        ("/dev/no-such-camera", "plug it in"),
        ("/dev/null", "stop any other program"),
        ("http://127.0.0.1:1/nobody", "check its cable or address"),
    ],
)
async def test_scan_without_its_camera_is_one_line_and_says_what_to_do(camera: str, remedy: str) -> None:
    ended = await kiosk("scan", "--camera", camera, "--wait", "3")
    assert ended.status == 3
    assert camera in ended.complaint
    assert remedy in ended.complaint


# --- kiosk verify-slip -----------------------------------------------------------------------------------------------


CLAIM = Claim("ZZ-0000", "20261121-ABCD-EFGH-JKLM", "activated", "done", datetime(2026, 11, 21, 8, tzinfo=UTC), "5678")


async def test_verify_slip(tmp_path: Path) -> None:
    key = load_or_create_key(tmp_path / "seal.pem")
    trust = tmp_path / "trusted.txt"
    trust.write_text(f"{public_key_text(key)}  # the terminal in the hall\n")
    genuine = seal(CLAIM, key)
    tampered = genuine[:-1] + ("A" if genuine[-1] != "A" else "Q")
    foreign = seal(CLAIM, Ed25519PrivateKey.generate())

    ended = await kiosk("verify-slip", genuine, "--trust", str(trust), "--json")
    assert (ended.status, ended.err) == (0, "")
    told = json.loads(ended.out)
    assert told["genuine"] is True
    assert (told["operation"], told["outcome"], told["card_tail"]) == (CLAIM.operation, "done", "5678")
    assert told["at"] == "2026-11-21 16:00:00+08:00", "the time that is printed on the slip"

    for text, status, words in (
        (genuine[:40] + ("A" if genuine[40] != "A" else "B") + genuine[41:], 1, "not genuine"),
        (tampered, 1, "not genuine"),
        (foreign, 3, "not proved"),
        ("YB1.MFRGG", 1, "not genuine"),
        ("hello", 1, "not genuine"),
        ("", 1, "not genuine"),
        ("凭条", 1, "not genuine"),
    ):
        ended = await kiosk("verify-slip", text, "--trust", str(trust))
        assert ended.status == status, text
        assert words in ended.complaint
        assert not ended.out


async def test_verify_slip_by_configuration(tmp_path: Path) -> None:
    config = _config(tmp_path)
    ended = await kiosk("verify-slip", "YB1.MFRGG", "--config", str(config))
    assert (ended.status, "--trust" in ended.complaint) == (2, True), "a terminal that sealed nothing yet"
    (tmp_path / "data").mkdir()
    genuine = seal(CLAIM, load_or_create_key(tmp_path / "data" / "seal.pem"))
    ended = await kiosk("verify-slip", genuine, "--config", str(config))
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("genuine\n")


@pytest.mark.parametrize("content", [None, b"YBK1.AAAA\n", "钥匙\n".encode(), b""])
async def test_verify_slip_with_a_trust_file_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    trust = tmp_path / "trusted.txt"
    if content is not None:
        trust.write_bytes(content)
    ended = await kiosk("verify-slip", seal(CLAIM, Ed25519PrivateKey.generate()), "--trust", str(trust))
    assert ended.status == 2, ended.err
    assert "no keys to trust" in ended.complaint


# --- kiosk idcard, print-test, doctor --------------------------------------------------------------------------------


async def test_an_id_card(tmp_path: Path) -> None:
    async with VirtualIdReader() as pad:
        pad.lay(OTHER)
        ended = await kiosk("idcard", "--port", pad.port, "--reveal", "--json")
        assert (ended.status, ended.err) == (0, "")
        assert json.loads(ended.out) == {
            "kind": "resident",
            "name": OTHER.name,
            "number": OTHER.number,
            "sex": "male",
            "valid_from": "2019-02-28",
            "valid_to": "long-term",
        }
        pad.lift()
        pad.lay(RESIDENT)
        ended = await kiosk("idcard", "--port", pad.port)
        assert (ended.status, ended.err) == (0, "")
        assert RESIDENT.name not in ended.out
        assert RESIDENT.number not in ended.out

        pad.lift()
        ended = await kiosk("idcard", "--port", pad.port, "--wait", "1")
        assert (ended.status, "no document" in ended.complaint) == (4, True)

        pad.faults.fail_always("read", Fault.ERROR)
        pad.lay(RESIDENT)
        ended = await kiosk("idcard", "--port", pad.port, "--wait", "5")
        assert (ended.status, "cannot be read" in ended.complaint) == (6, True)
    ended = await kiosk("idcard", "--port", str(tmp_path / "ttyUSB9"), "--wait", "5")
    assert (ended.status, "ttyUSB9" in ended.complaint) == (3, True)


async def test_a_test_print() -> None:
    printer = await VirtualPrinter(seconds_per_page=0.2).start()
    try:
        ended = await kiosk("print-test", "--printer", f"escpos:{printer.url}")
        assert (ended.status, ended.out, ended.err) == (0, "printed\n", "")
        assert len(printer.receipts) == 1
        assert "打印测试" in printer.receipts[0].text
        printer.out_of_paper()
        ended = await kiosk("print-test", "--printer", f"escpos:{printer.url}")
        assert (ended.status, "paper" in ended.complaint) == (1, True)
        assert len(printer.receipts) == 1
        printer.unplug()
        ended = await kiosk("print-test", "--printer", f"escpos:{printer.url}")
        assert (ended.status, "not printed" in ended.complaint) == (1, True)
    finally:
        await printer.aclose()


@pytest.mark.parametrize("name", ["fax:/dev/fax0", "escpos", "escpos:ftp://nowhere", "escpos:tcp://127.0.0.1:99999"])
async def test_a_printer_that_cannot_be(name: str) -> None:
    ended = await kiosk("print-test", "--printer", name)
    assert ended.status in (1, 2)
    assert ended.complaint.startswith("kiosk print-test: ")


def _config(folder: Path, more: str = "") -> Path:
    path = folder / "kiosk.toml"
    path.write_text(
        f'[devices]\ncard = "pcsc:Nobody"\nidcard = "sdt:{folder}/ttyUSB9"\nscanner = "camera:/dev/video99"\n'
        f'printer = "escpos:{folder}/lp9"\n[insurer]\n'
        f'path = "{folder}/insurer.db"\n[data]\ndir = "{folder}/data"\n{more}'
    )
    return path


async def test_doctor_with_no_device_there(tmp_path: Path) -> None:
    socket = {"PCSCLITE_CSOCK_NAME": str(tmp_path / "none")}
    ended = await kiosk("doctor", "--config", str(_config(tmp_path)), "--json", env=socket)
    assert (ended.status, ended.err) == (1, "")
    report: dict[str, Any] = json.loads(ended.out)
    assert report["ready"] is False
    assert report["insurer"] is True
    assert report["journal"] == []
    assert set(report["devices"]) == {"card", "idcard", "scanner", "printer"}
    for name, device in report["devices"].items():
        assert device["condition"] in ("no_device", "offline"), name
        assert device["remedy"] != "none", name
    ended = await kiosk("doctor", "--config", str(_config(tmp_path)), env=socket)
    assert ended.status == 1
    assert all(name in ended.out for name in report["devices"])


async def test_doctor_in_chinese_where_the_locale_has_no_chinese(tmp_path: Path) -> None:
    odd = {"PCSCLITE_CSOCK_NAME": str(tmp_path / "none"), "PYTHONIOENCODING": "ascii"}
    ended = await kiosk("doctor", "--config", str(_config(tmp_path)), "--lang", "zh", env=odd)
    assert (ended.status, ended.err) == (1, "")
    assert ended.out.count("\n") > 12


async def test_doctor_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    ended = await kiosk("doctor", "--config", str(_config(tmp_path)))
    assert ended.status == 2
    assert str(tmp_path / "data") in ended.complaint
    (tmp_path / "data").unlink()
    (tmp_path / "insurer.db").mkdir()
    ended = await kiosk("doctor", "--config", str(_config(tmp_path)))
    assert ended.status == 2
    assert str(tmp_path / "insurer.db") in ended.complaint


# --- the command line itself -----------------------------------------------------------------------------------------


async def test_version_and_help() -> None:
    assert (await kiosk("--version")).out.strip() == __version__
    ended = await kiosk("--help")
    assert ended.status == 0
    for command in ("run", "demo", "card", "idcard", "scan", "print-test", "verify-slip", "doctor"):
        assert command in ended.out


@pytest.mark.parametrize(
    "words", [["dance"], [], ["card", "--loud"], ["verify-slip"], ["run"], ["demo", "--lang", "de"]]
)
async def test_a_mistyped_command_is_one_line(words: list[str]) -> None:
    ended = await kiosk(*words)
    assert ended.status == 2
    assert ended.complaint.startswith("kiosk")
    assert "--help" in ended.complaint


async def test_a_word_too_much_is_told_by_its_command() -> None:
    ended = await kiosk("card", "--loud")
    assert ended.complaint.startswith("kiosk card: unrecognized arguments: --loud; see kiosk card --help")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (None, "cannot be read"),
        (b"[terminal\n", "kiosk.toml"),
        (b"\xff\xfe", "UTF-8"),
        (b"[devises]\n", "devises"),
        (b"[time]\nwarning_s = 3\n", "warning_s"),
        (b'[devices]\ncard = "abacus:1"\n[data]\ndir = "@/data"\n[insurer]\npath = "@/insurer.db"\n', "abacus"),
        (b'[terminal]\npolicy = "atlantis"\n[data]\ndir = "@/data"\n[insurer]\npath = "@/insurer.db"\n', "atlantis"),
    ],
)
async def test_a_bad_configuration_is_one_line(tmp_path: Path, content: bytes | None, word: str) -> None:
    path = tmp_path / "kiosk.toml"
    if content is not None:
        path.write_bytes(content.replace(b"@", str(tmp_path).encode()))
    for command in ("run", "doctor"):
        ended = await kiosk(command, "--config", str(path))
        assert ended.status == 2, ended.err
        assert word in ended.complaint


async def test_a_command_ends_when_it_is_interrupted(tmp_path: Path) -> None:
    async with VirtualIdReader() as pad:
        for how, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = await start_kiosk("idcard", "--port", pad.port, "--wait", "60")
            while not pad.faults.calls["find"]:
                await asyncio.sleep(0.02)
            process.send_signal(how)
            out, err = await asyncio.wait_for(process.communicate(), 5)
            assert process.returncode == status, err
            assert b"Traceback" not in err
            assert not out
            pad.faults.calls.clear()
