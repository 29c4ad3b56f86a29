"""The driver for vendors' card libraries, on a small shared library that is compiled here."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import Condition, DeviceError, DeviceLost, DeviceTimeout, MuteCard, PinCancelled, PulledEarly, Remedy
from drivers.card.social_security import (
    ApplicationLocked,
    AuthenticationFailed,
    NotSocialSecurityCard,
    PinBlocked,
    PinNotProved,
    WrongPin,
)
from drivers.card.sscard import SscardLibrary
from drivers.card.sscard_values import (
    ELEVEN,
    STANDARD,
    BadAnswer,
    Basics,
    Binding,
    Call,
    CardStatus,
    LibraryFault,
    NeedsHsm,
    OtherCard,
    PinNotEntered,
    PinTrouble,
    Slot,
    WrongPinUncounted,
    basics,
    error_of,
    tries_in,
)
from tests.helpers.processes import until_dead

NO_GCC = "" if shutil.which("gcc") else "gcc is missing: apt-get install gcc"
without_gcc = pytest.mark.skipif(bool(NO_GCC), reason=NO_GCC)


def needs_gcc(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    marked: Callable[..., Awaitable[None]] = pytest.mark.system(without_gcc(test))
    return marked


SOURCE = Path(__file__).parents[1] / "helpers" / "sscard.c"
CARD_ID = "41010012345678901234567890ABCDEF"
NAME = "億某"
"""An invented name; the second byte of its first character in GBK is that of ``|``."""
ELEVEN_FIELDS = (
    "410100", "41010519491231002X", "A12345678", CARD_ID, NAME, "0081544C86838101",
    "3.00", "20240101", "20340101", "000000000001", "DEVICE",
)  # fmt: skip
FIFTEEN = (*ELEVEN[:5], "sex", "nation", "birthplace", "born", *ELEVEN[5:])
FIFTEEN_FIELDS = (*ELEVEN_FIELDS[:5], "1", "01", "410105", "19491231", *ELEVEN_FIELDS[5:])
VENDOR = {
    **STANDARD,
    "read_1": Call("Vendor_Step1", ("out",)),
    "verify": Call("iVerifyPin", ("type", "pin", "out")),
    "change": Call("iChangePin", ("type", "old", "new", "out")),
}


def answer(*fields: str) -> bytes:
    return "".join(f"{field}|" for field in fields).encode("gbk")


class Bench:
    """A library with a directory of its own in which what it does is written down."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._made: list[SscardLibrary] = []
        self._built: dict[str, str] = {}

    def say(self, function: str, code: int | str, out: bytes = b"") -> None:
        (self._place / function).write_bytes(f"{code}\n".encode() + out)

    def calls(self) -> list[str]:
        path = self._place / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def driver(
        self,
        *,
        result: str = "long",
        calls: Mapping[str, Call] = STANDARD,
        opens_with: str = "",
        slot: Slot = Slot.CONTACT,
        read_s: float = 5.0,
        entry_s: float = 5.0,
    ) -> SscardLibrary:
        binding = Binding(self.compiled(result), slot, calls, opens_with)
        self._made.append(SscardLibrary(binding, read_s=read_s, entry_s=entry_s))
        return self._made[-1]

    def compiled(self, result: str = "long") -> str:
        if result not in self._built:
            target = self._place / f"libsscard-{result}.so"
            subprocess.run(
                ["gcc", "-shared", "-fPIC", f'-DSTATE="{self._place}"', f"-DRESULT={result}", "-o", target, SOURCE],
                check=True,
            )
            self._built[result] = str(target)
        return self._built[result]

    async def close(self) -> None:
        for library in self._made:
            await library.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    made.say("iReadCardBas", 0, answer(*ELEVEN_FIELDS))
    yield made
    await made.close()


class Hsm:
    """An authority that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    async def open_card(self, fields: list[str]) -> tuple[str, str]:
        self.asked.append(fields)
        return "11" * 8, "22" * 16

    async def open_reset(self, fields: list[str]) -> str:
        self.asked.append(fields)
        return "33" * 16

    async def protect_reset(self, fields: list[str]) -> str:
        self.asked.append(fields)
        return "8424000114" + "44" * 20


# --- reading ----------------------------------------------------------------------------------------------------------


@needs_gcc
@pytest.mark.parametrize("result", ["long", "int"])
async def test_reads_card_and_holder(bench: Bench, result: str) -> None:
    library = bench.driver(result=result, slot=Slot.CONTACT_FIRST)
    found = await library.basics()
    assert (found.face.region, found.face.number, found.face.version) == ("410100", "A12345678", "3.00")
    assert found.face.card_id == bytes.fromhex(CARD_ID)
    assert (found.face.issued, found.face.expires) == ("20240101", "20340101")
    assert (found.holder.id_number, found.holder.name) == ("41010519491231002X", NAME)
    assert (found.holder.sex, found.holder.born) == ("unknown", ""), "what the library does not tell is not made up"
    assert found.historical == bytes.fromhex("0081544C86838101")
    assert bench.calls() == ["iReadCardBas 3 "]
    for shown in (NAME, "A12345678", "4101051949"):
        assert shown not in repr(found)
    bench.say("iReadCardBas", -25536)
    with pytest.raises(PinBlocked):
        await library.basics()


@needs_gcc
@pytest.mark.parametrize("asked", [True, False])
async def test_reads_with_the_hsm_where_the_security_module_cannot(bench: Bench, asked: bool) -> None:
    bench.say("iReadCardBas", -2201, "没有PSAM卡".encode("gbk"))
    step_1 = ("410100", "0081544C86838101", "03", CARD_ID, "F1", "01" * 8, "F2", "01" * 8, "0001")
    bench.say("iReadCardBas_HSM_Step1", 0, answer(*step_1))
    bench.say("iReadCardBas_HSM_Step2", 0, answer(*ELEVEN_FIELDS))
    library, hsm = bench.driver(), Hsm()
    if not asked:
        with pytest.raises(NeedsHsm):
            await library.basics()
        assert await library.present()
        return
    found = await library.basics(hsm)
    assert found.holder.name == NAME
    assert hsm.asked == [list(step_1)]
    key = f"{'11' * 8}|{'22' * 16}|"
    assert bench.calls() == ["iReadCardBas 1 ", "iReadCardBas_HSM_Step1 1 ", f"iReadCardBas_HSM_Step2 0 {key}"]


@needs_gcc
@pytest.mark.parametrize("step", ["-2204", "short"])
async def test_a_first_step_that_says_something_else(bench: Bench, step: str) -> None:
    bench.say("iReadCardBas", -24)
    library = bench.driver()
    if step == "-2204":
        bench.say("iReadCardBas_HSM_Step1", -2204)
        with pytest.raises(NeedsHsm):  # the library contradicts itself: it is asked once more, and no third time
            await library.basics(Hsm())
        assert len(bench.calls()) == 3
    else:
        bench.say("iReadCardBas_HSM_Step1", 0, answer("410100", "00"))
        with pytest.raises(LibraryFault):
            await library.basics(Hsm())


@needs_gcc
async def test_no_card_is_no_card(bench: Bench) -> None:
    library = bench.driver()
    assert await library.present()
    for code, present in ((-2, False), (-1, False)):
        bench.say("iReadCardBas", code)
        assert await library.present() is present
    bench.say("iReadCardBas", -4)
    with pytest.raises(MuteCard):
        await library.present()


# --- passwords --------------------------------------------------------------------------------------------------------


@needs_gcc
async def test_a_library_with_a_keypad_of_its_own(bench: Bench) -> None:
    library = bench.driver()
    bench.say("iVerifyPIN", 0)
    await library.verify()
    bench.say("iVerifyPIN", -51, "密码错误,剩余 3 次".encode("gbk"))
    with pytest.raises(WrongPin) as wrong:
        await library.verify()
    assert wrong.value.left == 3
    bench.say("iVerifyPIN", -51, "密码错误".encode("gbk"))
    with pytest.raises(WrongPinUncounted):
        await library.verify()
    bench.say("iVerifyPIN", -31)
    with pytest.raises(PinCancelled):
        await library.verify()
    with pytest.raises(ValueError, match="does not take"):
        await library.verify(bytearray(b"123456"))
    assert bench.calls() == ["iVerifyPIN 1 "] * 4, "as often as asked, and no oftener"
    bench.say("iChangePIN", 0)
    assert await library.change() is False, "changed, but nothing here can prove it"
    bench.say("iChangePIN", -34)
    with pytest.raises(PinNotEntered) as told:
        await library.change()
    assert told.value.why is PinTrouble.DIFFER


@needs_gcc
async def test_a_library_that_takes_passwords(bench: Bench) -> None:
    bench.say("DriverInit", 0)
    bench.say("iVerifyPin", 0)
    bench.say("iChangePin", 0)
    library = bench.driver(calls=VENDOR, opens_with="DriverInit")
    old, new = bytearray(b"123456"), bytearray(b"802613")
    await library.verify(old)
    with pytest.raises(WrongPin) as wrong:
        await library.verify(new)
    assert wrong.value.left == 2
    with pytest.raises(ValueError, match="takes"):
        await library.verify()
    assert await library.change(old, new) is True
    assert bench.calls()[0] == "DriverInit 0 "
    with pytest.raises(WrongPin) as wrong:
        await library.change(old, new)
    assert wrong.value.left == 1, "63C1 as a number"
    bench.say("iChangePin", 1)  # says "good", changes nothing
    with pytest.raises(PinNotProved):
        await library.change(new, old)


@needs_gcc
async def test_a_reset_by_the_power_of_the_hsm(bench: Bench) -> None:
    bench.say("iReloadPIN_HSM_Step1", 0, answer("03", "0090", "F1", "01" * 8))
    bench.say("iReloadPIN_HSM_Step2", 0, answer("03", "0173", "F2", "8424000114", "03802613" + "80" * 12))
    bench.say("iReloadPIN_HSM_Step3", 0)
    library, hsm = bench.driver(), Hsm()
    card = await library.basics()
    assert await library.reset(card, hsm) is False
    assert [len(fields) for fields in hsm.asked] == [4, 5]
    assert bench.calls()[1:] == [
        f"iReloadPIN_HSM_Step1 1 {CARD_ID}|A12345678|",
        f"iReloadPIN_HSM_Step2 0 {'33' * 16}",
        "iReloadPIN_HSM_Step3 0 8424000114" + "44" * 20,
    ]
    bench.say("iReloadPIN_HSM_Step3", -37634)
    with pytest.raises(AuthenticationFailed):
        await library.reset(card, hsm)
    bench.say("iReloadPIN_HSM_Step3", "crash")
    with pytest.raises(PinNotProved):
        await library.reset(card, hsm)
    bench.say("iReloadPIN_HSM_Step1", -22)
    with pytest.raises(OtherCard):
        await library.reset(card, hsm)


# --- the library itself -----------------------------------------------------------------------------------------------


@needs_gcc
async def test_a_crash_is_a_lost_device_and_the_next_call_works(bench: Bench) -> None:
    library = bench.driver()
    await library.basics()
    first = library._host.pid
    bench.say("iReadCardBas", "crash")
    with pytest.raises(DeviceLost):
        await library.basics()
    assert first is not None
    await until_dead(first)
    bench.say("iReadCardBas", 0, answer(*ELEVEN_FIELDS))
    assert (await library.basics()).face.number == "A12345678"
    assert library._host.pid != first


@needs_gcc
async def test_a_hang_is_ended_by_its_deadline_and_the_next_call_works(bench: Bench) -> None:
    library = bench.driver(read_s=0.5)
    await library.basics()
    first = library._host.pid
    bench.say("iReadCardBas", "hang")
    began = asyncio.get_running_loop().time()
    with pytest.raises(DeviceTimeout):
        await library.basics()
    assert asyncio.get_running_loop().time() - began < 2.0
    assert first is not None
    await until_dead(first)
    bench.say("iReadCardBas", 0, answer(*ELEVEN_FIELDS))
    assert (await library.basics()).face.number == "A12345678"


@needs_gcc
async def test_a_hanging_change_is_not_known(bench: Bench) -> None:
    bench.say("iChangePIN", "hang")
    library = bench.driver(entry_s=0.5)
    with pytest.raises(PinNotProved):
        await library.change()


@needs_gcc
async def test_a_cancelled_call_ends_the_librarys_keypad(bench: Bench) -> None:
    bench.say("iVerifyPIN", "hang")
    library = bench.driver()
    await library.basics()
    pid = library._host.pid
    task = asyncio.create_task(library.verify())
    async with asyncio.timeout(5):
        while len(bench.calls()) < 2:
            await asyncio.sleep(0.01)
    assert (await library.health()).condition is Condition.BUSY
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pid is not None
    await until_dead(pid)
    assert (await library.basics()).face.number == "A12345678"


@needs_gcc
async def test_health_says_what_is_wrong(bench: Bench, tmp_path: Path) -> None:
    library = bench.driver(read_s=0.5)
    told: dict[int | str, tuple[Condition, Remedy]] = {
        0: (Condition.ONLINE, Remedy.NONE),
        -2: (Condition.ONLINE, Remedy.NONE),
        -11: (Condition.NO_DEVICE, Remedy.CONFIGURATION),
        -13: (Condition.HARDWARE_ERROR, Remedy.CONFIGURATION),
        "hang": (Condition.HARDWARE_ERROR, Remedy.RESET),
    }
    for code, expected in told.items():
        bench.say("iReadCardBas", code, answer(*ELEVEN_FIELDS) if code == 0 else b"")
        health = await library.health()
        assert (health.condition, health.remedy) == expected, code
    absent = SscardLibrary(Binding(str(tmp_path / "absent.so")))
    health = await absent.health()
    assert health.condition is Condition.NO_DEVICE
    assert "cannot-load" in health.detail
    await absent.close()
    await absent.close()
    bench.say("DriverInit", -11)
    assert "not-opened:-11" in (await bench.driver(opens_with="DriverInit").health()).detail
    without = bench.driver(calls={**STANDARD, "read": Call("iNothing", ("type", "out"))})
    assert "iNothing" in (await without.health()).detail


# --- answers and codes ------------------------------------------------------------------------------------------------

ONE = Binding("unused.so")


def test_a_variant_with_fifteen_fields_needs_its_order() -> None:
    with pytest.raises(BadAnswer, match="15 fields"):
        basics(ONE, answer(*FIFTEEN_FIELDS))
    told = Binding("unused.so", fields={11: ELEVEN, 15: FIFTEEN})
    found: Basics = basics(told, answer(*FIFTEEN_FIELDS))
    assert (found.holder.sex, found.holder.nation, found.holder.born) == ("male", "01", "19491231")
    assert basics(told, answer(*ELEVEN_FIELDS)).holder.sex == "unknown"
    wrong = Binding("unused.so", fields={15: (*FIFTEEN[:5], "born", "sex", "nation", "birthplace", *ELEVEN[5:])})
    with pytest.raises(BadAnswer, match="order"):
        basics(wrong, answer(*FIFTEEN_FIELDS))


def test_another_separator() -> None:
    told = Binding("unused.so", separator=":")
    assert basics(told, answer(*ELEVEN_FIELDS).replace(b"|", b":").replace(b"\x83:", b"\x83|")).holder.name == NAME


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[:40],
        lambda data: b"",
        lambda data: data.replace(b"410100|", b"410200|"),
        lambda data: data.replace(CARD_ID.encode(), CARD_ID[:-2].encode()),
        lambda data: data + b"more|",
        lambda data: data.replace(b"20240101", b"yesterday"),
        lambda data: data.replace("某".encode("gbk"), b"\xff"),
    ],
)
def test_damaged_answers_are_refused_and_not_repeated(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BadAnswer) as told:
        basics(ONE, damage(answer(*ELEVEN_FIELDS)))
    assert "4101051949" not in str(told.value)
    assert NAME not in str(told.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_card_or_refused(data: bytes) -> None:
    try:
        basics(ONE, data)
    except BadAnswer:
        pass


CODES: dict[int, type[DeviceError]] = {
    -1: NotSocialSecurityCard, -2: PulledEarly, -3: MuteCard, -4: MuteCard, -5: DeviceLost, -11: DeviceLost,
    -12: DeviceLost, -13: LibraryFault, -14: LibraryFault, -15: LibraryFault, -20: BadAnswer, -21: AuthenticationFailed,
    -22: OtherCard, -23: LibraryFault, -24: NeedsHsm, -25: AuthenticationFailed, -31: PinCancelled, -32: PinNotEntered,
    -33: PinNotEntered, -34: PinNotEntered, -35: PinNotEntered, -36: PinNotEntered, -41: LibraryFault,
    -42: LibraryFault, -51: WrongPinUncounted, -52: PinBlocked, -2201: NeedsHsm, -2202: NeedsHsm, -2203: NeedsHsm,
    -25536: PinBlocked, -25537: WrongPin, -26368: CardStatus, -27010: AuthenticationFailed, -27011: PinBlocked,
    -27266: CardStatus, -27267: CardStatus, -27272: NeedsHsm, -37634: AuthenticationFailed, -37635: ApplicationLocked,
    -37891: AuthenticationFailed, -37894: AuthenticationFailed, 1: LibraryFault, -77: LibraryFault,
}  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_error(code: int) -> None:
    assert type(error_of(code)) is CODES[code]


def test_a_status_word_is_the_negative_number() -> None:
    error = error_of(-0x6A82)
    assert isinstance(error, CardStatus)
    assert error.sw == 0x6A82


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("密码错误，剩余3次", 3),
        ("PIN wrong, left: 0", 0),
        ("密码错误", None),
        ("3次中还剩2次", None),
        ("错误码 63C2 99", None),
    ],
)
def test_tries_are_read_from_a_text_only_where_it_is_plain(text: str, left: int | None) -> None:
    assert tries_in(text) == left


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": {15: ELEVEN}},
        {"fields": {11: ("name",) * 11}},
        {"fields": {2: ("name", "shoe_size")}},
        {"calls": {"read": STANDARD["read"]}},
    ],
)
def test_a_binding_that_cannot_be(wrong: dict[str, dict[int, tuple[str, ...]]]) -> None:
    with pytest.raises(ValueError, match=r"fields|needed|calls"):
        Binding("unused.so", **wrong)  # type: ignore[arg-type]
