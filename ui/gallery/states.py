"""Every screen in every state that looks different, filled with invented people: what the gallery, the layout
checks and anybody who wants to see the screens go through. It owns examples only; it shows and decides nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from kiosk.money import Fen
from kiosk.screens import (
    AccountLine,
    Attract,
    Availability,
    Balance,
    BeingChecked,
    CardProblem,
    Cause,
    Closed,
    CodeProblem,
    EnterPin,
    EntryAsks,
    EntryProblem,
    Goodbye,
    Holder,
    IdProblem,
    InsertCard,
    Keypad,
    KnowsPin,
    LastTry,
    LayIdCard,
    Menu,
    MovementLine,
    Movements,
    OutOfOrder,
    PartialResult,
    PinProblem,
    PinPurpose,
    Reading,
    Refusal,
    Result,
    Review,
    Scene,
    Screen,
    ServiceTile,
    ShowCode,
    Slip,
    StaffCleaning,
    StaffEntry,
    StaffItem,
    StaffKeyboard,
    StaffMenu,
    StaffPage,
    StaffRow,
    StaffWorking,
    Starting,
    StillThere,
    TakeCard,
    Task,
    Tone,
    WhichAccount,
    Working,
)

AnyScreen = Screen[Any]

NOW = datetime(2026, 11, 21, 9, 41)  # noqa: DTZ001  # wall-clock time of an example
HOLDER = Holder("段**", "7365", "410***********1234")
LONG_HOLDER = Holder("阿**", "0018", "653***********002X")
NUMBER = "20261122-WWWW-WWWW-WWWW"
"""As wide as the number of an operation can be."""
QR = "YB1.eyJuIjoiWlowMS0yMDI2MTEyMS0wOTQxLTAwMjcifQ.R2VmYWxsZW5lQmxhZXR0ZXI5NDFCZWlzcGllbA"
HEALTH = (
    "ZZ-0001 20261121T0141Z D01 V0.1.0 CARD:OFFLINE/RESET IDCARD:OK SCANNER:OK PRINTER:USER-ERROR/CLEAR VISITS:128 "
    "YBH1.NAGEZMI5YKTMDXLP6SDKNXMG3ESNJKUN2MVPF7I7KXOEXVKBALPMS5QC274DAI742MVRPS3AVZ6N6HZQOCAZIWTTN36YJR5DY57U5A7PZEFQ6"
)

TILES = (
    ServiceTile("activate", "activate"),
    ServiceTile("password", "password"),
    ServiceTile("balance", "balance"),
)
TILES_SHORT = (
    ServiceTile("activate", "activate", Availability.NO),
    ServiceTile("password", "password", partly=True),
    ServiceTile("balance", "balance", Availability.WITHOUT_PAPER),
)
ONE_ACCOUNT = (AccountLine("310", "1", Fen(348260)),)
MANY_ACCOUNTS = (
    AccountLine("310", "1", Fen(1234567890)),
    AccountLine("320", "1", Fen(52000)),
    AccountLine("390", "2", Fen(0)),
    AccountLine("510", "4", Fen(-1250)),
)

_PLACES = (
    ("contribution", "", 10260),
    ("pharmacy", "春和大药房（花园路店）", -8640),
    ("outpatient", "清泉社区卫生服务中心", -2500),
    ("inpatient", "安康第二人民医院住院部三号楼", -286430),
    ("interest", "", 13),
    ("family", "", -14000),
    ("refund", "春和大药房（花园路店）", 1980),
)


def month(lines: int) -> Movements:
    """A month with so many movements."""
    moved = tuple(
        MovementLine(date(2026, 11, max(1, 28 - i)), kind, place, Fen(amount))
        for i, (kind, place, amount) in ((i, _PLACES[i % len(_PLACES)]) for i in range(lines))
    )
    came = Fen(sum(line.amount for line in moved if line.amount > 0))
    went = Fen(-sum(line.amount for line in moved if line.amount < 0))
    opening = Fen(1000000)
    closing, few = opening + came - went, lines <= 5
    of = "310" if few else None
    return Movements(2026, 11, opening, moved, came, went, closing, few, True, not few, insurance=of)


def _between_visits() -> list[tuple[str, AnyScreen]]:
    return [
        ("starting", Starting()),
        ("attract", Attract(TILES)),
        ("attract, two services restricted", Attract(TILES_SHORT)),
        ("out of order", OutOfOrder("P31")),
        ("out of order, card in", OutOfOrder("R12", card_in=True, qr=HEALTH)),
        ("out of order, how it is", OutOfOrder("D01", qr=HEALTH)),
    ]


def _card_and_identity() -> list[tuple[str, AnyScreen]]:
    found: list[tuple[str, AnyScreen]] = [
        ("insert card", InsertCard()),
        ("insert card, or code", InsertCard(without_card=True)),
        ("reading", Reading()),
        ("menu", Menu(HOLDER, TILES)),
        ("menu, restricted", Menu(LONG_HOLDER, TILES_SHORT)),
        ("knows pin", KnowsPin()),
        ("knows pin, locked", KnowsPin(locked=True)),
        ("knows pin, unproved", KnowsPin(unproved=True)),
        ("knows pin, no reset", KnowsPin(can_reset=False)),
        ("knows pin, locked, no reset", KnowsPin(locked=True, can_reset=False)),
        ("lay id card", LayIdCard()),
        ("lay id card, or code", LayIdCard(or_credential=True)),
        ("lay id card, or back", LayIdCard(way_back=True)),
        ("lay id card, another's, or back", LayIdCard(IdProblem.NUMBER_DIFFERS, way_back=True)),
        ("show code", ShowCode()),
        ("show code, or id card", ShowCode(or_id_card=True)),
        ("show code, or card", ShowCode(or_card=True)),
        ("show code, or either", ShowCode(or_id_card=True, or_card=True)),
        ("review activation", Review("activate", HOLDER, "zzb")),
        ("review activation, next day", Review("activate", LONG_HOLDER, "bocom", next_day=True)),
        ("review activation, bank unknown", Review("activate", HOLDER, "")),
        ("review reset", Review("reset", HOLDER, "psbc")),
    ]
    empty = (CardProblem.LEFT, CardProblem.NO_CAMERA)
    found += [
        (f"insert card, {p}", InsertCard(p, card_in=p not in empty, without_card=p is not CardProblem.NO_CAMERA))
        for p in CardProblem
    ]
    found += [(f"lay id card, {p}", LayIdCard(p, or_credential=p is not IdProblem.NO_CAMERA)) for p in IdProblem]
    found += [(f"show code, {p}", ShowCode(p, or_id_card=p is not CodeProblem.NO_ID_READER)) for p in CodeProblem]
    return found


def _pin() -> list[tuple[str, AnyScreen]]:
    found: list[tuple[str, AnyScreen]] = [
        ("pin, new, empty", EnterPin(PinPurpose.NEW)),
        ("pin, new, three", EnterPin(PinPurpose.NEW, filled=3)),
        ("pin, new, full", EnterPin(PinPurpose.NEW, filled=6)),
        ("pin, repeat", EnterPin(PinPurpose.REPEAT, filled=1)),
        ("pin, current", EnterPin(PinPurpose.CURRENT)),
        ("pin, current, or reset", EnterPin(PinPurpose.CURRENT, or_reset=True)),
        ("pin, current, full, or reset", EnterPin(PinPurpose.CURRENT, filled=6, or_reset=True)),
        ("pin, current, few left", EnterPin(PinPurpose.CURRENT, tries_left=2)),
        ("pin, wrong", EnterPin(PinPurpose.CURRENT, problem=PinProblem.WRONG, tries_left=2)),
        (
            "pin, wrong, or reset",
            EnterPin(PinPurpose.CURRENT, problem=PinProblem.WRONG, tries_left=2, or_reset=True),
        ),
        ("pin on the pad, or reset", EnterPin(PinPurpose.CURRENT, keypad=Keypad.PAD, or_reset=True)),
        (
            "pin on the pad, wrong, or reset",
            EnterPin(PinPurpose.CURRENT, problem=PinProblem.WRONG, tries_left=2, keypad=Keypad.PAD, or_reset=True),
        ),
        ("pin on the pad, new", EnterPin(PinPurpose.NEW, filled=2, keypad=Keypad.PAD)),
        ("pin on the pad, full", EnterPin(PinPurpose.REPEAT, filled=6, keypad=Keypad.PAD)),
        (
            "pin on the pad, wrong",
            EnterPin(PinPurpose.CURRENT, problem=PinProblem.WRONG, tries_left=2, keypad=Keypad.PAD),
        ),
        ("pin, pad lost", EnterPin(PinPurpose.CURRENT, keypad=Keypad.GLASS_INSTEAD)),
        ("pin, pad lost, or reset", EnterPin(PinPurpose.CURRENT, keypad=Keypad.GLASS_INSTEAD, or_reset=True)),
        ("last try", LastTry()),
        ("last try, no reset", LastTry(can_reset=False)),
    ]
    found += [(f"pin, {p}", EnterPin(PinPurpose.NEW, problem=p)) for p in PinProblem if p is not PinProblem.WRONG]
    return found


_SLIP_OFFERED = (Cause.IN_MAKING, Cause.OTHER_REGION, Cause.INSURER_DOWN, Cause.DEVICE_DOWN, Cause.CARD_UNREADABLE)


def _at_the_counter(slip: Slip, qr: str) -> list[tuple[str, AnyScreen]]:
    """Outcomes where a password cannot be set at a terminal."""
    return [
        (f"{task}, {slip}, counter", PartialResult(task, HOLDER, NUMBER, slip, qr, can_reset=False))
        for task in ("activated_without_pin", "activated_pin_unproved", "pin_unproved")
    ] + [
        (
            f"activation being checked, {slip}, counter",
            BeingChecked(NUMBER, slip, qr, service="activate", can_reset=False),
        )
    ]


def _results() -> list[tuple[str, AnyScreen]]:
    found: list[tuple[str, AnyScreen]] = [(f"working, {t}", Working(t)) for t in Task]
    for slip in Slip:
        qr = QR if slip is Slip.ON_SCREEN else ""
        found += [
            (f"activated, {slip}", Result("activated", HOLDER, NUMBER, slip, qr, bank="zzb")),
            (f"activated next day, {slip}", Result("activated", HOLDER, NUMBER, slip, qr, next_day=True)),
            (f"pin reset, {slip}", Result("pin_reset", HOLDER, NUMBER, slip, qr)),
            (f"activated and on, {slip}", Result("activated", HOLDER, NUMBER, slip, qr, bank="zzb", go_on=TILES[2])),
            (f"pin reset and on, {slip}", Result("pin_reset", HOLDER, NUMBER, slip, qr, go_on=TILES[2])),
            (f"activated without pin, {slip}", PartialResult("activated_without_pin", HOLDER, NUMBER, slip, qr)),
            (f"activated pin unproved, {slip}", PartialResult("activated_pin_unproved", HOLDER, NUMBER, slip, qr)),
            (f"pin unproved, {slip}", PartialResult("pin_unproved", HOLDER, NUMBER, slip, qr)),
            (f"pin set unrecorded, {slip}", PartialResult("pin_set_unrecorded", HOLDER, NUMBER, slip, qr)),
            (f"being checked, {slip}", BeingChecked(NUMBER, slip, qr)),
            (f"activation being checked, {slip}", BeingChecked(NUMBER, slip, qr, service="activate")),
            *_at_the_counter(slip, qr),
        ]
    found += [
        ("pin changed", Result("pin_changed", HOLDER, NUMBER, Slip.PRINTED)),
        ("slip printed", Result("printed", HOLDER, NUMBER, Slip.PRINTED)),
        ("slip on screen", Result("shown", HOLDER, NUMBER, Slip.ON_SCREEN, QR)),
        ("another waits, slip", Result("shown", HOLDER, NUMBER, Slip.ON_SCREEN, QR)),
        ("another waits, partly", PartialResult("activated_pin_unproved", HOLDER, NUMBER, Slip.ON_SCREEN, QR)),
        ("another waits, checked", BeingChecked(NUMBER, Slip.ON_SCREEN, QR)),
    ]
    offers = {
        Cause.NOT_ACTIVE: TILES[0],
        Cause.PIN_LOCKED: ServiceTile("reset", "password"),
        Cause.ALREADY_ACTIVE: TILES[2],
    }
    found += [(f"refused, {c}", Refusal(c, "K07", offers.get(c), slip_offered=c in _SLIP_OFFERED)) for c in Cause]
    return [
        *found,
        ("refused, slip printed", Refusal(Cause.MINOR, "R10", number=NUMBER, slip=Slip.PRINTED)),
        ("refused, slip on screen", Refusal(Cause.MINOR, "R10", number=NUMBER, slip=Slip.ON_SCREEN, qr=QR)),
        ("another waits, refused", Refusal(Cause.MINOR, "R10", number=NUMBER, slip=Slip.ON_SCREEN, qr=QR)),
        ("refused, locked, elsewhere", Refusal(Cause.PIN_LOCKED, "R13", slip_offered=True)),
        ("refused, not active, elsewhere", Refusal(Cause.NOT_ACTIVE, "R02", slip_offered=True)),
        ("refused, locked, counter", Refusal(Cause.PIN_LOCKED, "R13", slip_offered=True, at_counter=True)),
        ("refused, already active, counter", Refusal(Cause.ALREADY_ACTIVE, "R03", TILES[2], at_counter=True)),
        ("refused before it began", Refusal(Cause.DEVICE_DOWN, "R19", way_back=True)),
    ]


def _money() -> list[tuple[str, AnyScreen]]:
    return [
        ("balance, hidden", Balance(HOLDER, _hide(ONE_ACCOUNT), True, NOW)),
        ("balance", Balance(HOLDER, ONE_ACCOUNT, False, NOW)),
        ("balances, hidden", Balance(LONG_HOLDER, _hide(MANY_ACCOUNTS), True, NOW)),
        ("balances", Balance(LONG_HOLDER, MANY_ACCOUNTS, False, NOW)),
        ("balances, no paper", Balance(LONG_HOLDER, MANY_ACCOUNTS, False, NOW, can_print=False)),
        ("which account, two", WhichAccount(("310", "320"))),
        ("which account, four", WhichAccount(tuple(account.insurance for account in MANY_ACCOUNTS))),
        ("which account, not found", WhichAccount(("310", "320", "510"), not_found=True)),
        ("movements, none", month(0)),
        ("movements, four", month(4)),
        ("movements, twenty", month(20)),
    ]


def _hide(accounts: tuple[AccountLine, ...]) -> tuple[AccountLine, ...]:
    return tuple(AccountLine(a.insurance, a.status, None) for a in accounts)


def _the_end() -> list[tuple[str, AnyScreen]]:
    return [
        ("take card", TakeCard()),
        ("take card, reminded", TakeCard(reminder=2)),
        ("take card and slip", TakeCard(slip=True)),
        ("take card and ID card", TakeCard(id_card=True)),
        ("take card, slip and ID card", TakeCard(slip=True, id_card=True)),
        ("take card, perhaps an ID card", TakeCard(id_card=True, unsure=True)),
        ("take card and slip, perhaps an ID card", TakeCard(slip=True, id_card=True, unsure=True)),
        ("goodbye", Goodbye()),
        ("goodbye, slip", Goodbye(slip=True)),
        ("goodbye, ID card", Goodbye(id_card=True)),
        ("goodbye, slip and ID card", Goodbye(slip=True, id_card=True)),
        ("goodbye, perhaps an ID card", Goodbye(id_card=True, unsure=True)),
        ("goodbye, slip, perhaps an ID card", Goodbye(slip=True, id_card=True, unsure=True)),
        ("still there", StillThere(30)),
        ("still there, no card", StillThere(30, card_in=False)),
    ]


def _items(*ids: str, **values: str) -> tuple[StaffItem, ...]:
    return tuple(StaffItem(name, values.get(name, "")) for name in ids)


FACTS = (
    StaffRow("打印机（printer）", "需要人来处理：请检查纸卷、盖板和切刀。", Tone.TURN),
    StaffRow("读卡器（card）", "正常", Tone.GOOD),
    StaffRow("终端编号", "ZZ-0001"),
)
RECORDS = tuple(
    StaffRow(
        f"11-21 09:{minute:02d}:07  办理", f"ended · done · 20261121-AB12-CD34-EF{minute:02d} · 410100-20261121-000007"
    )
    for minute in range(30)
)


def _staff() -> list[tuple[str, AnyScreen]]:
    found: list[tuple[str, AnyScreen]] = [
        (f"closed, {reason}", Closed(reason))
        for reason in ("back_soon", "paper", "cleaning", "repair", "network", "hall")
    ]
    found += [
        ("staff number", StaffEntry(EntryAsks.NUMBER, 1, 2, "0")),
        ("staff pin", StaffEntry(EntryAsks.PIN, 3)),
        ("staff pin, full", StaffEntry(EntryAsks.PIN, 6)),
    ]
    found += [
        (f"staff number, {problem}", StaffEntry(EntryAsks.NUMBER, 0, 2, problem=problem))
        for problem in EntryProblem
        if problem is not EntryProblem.WAIT
    ]
    found.append(("staff pin, wait", StaffEntry(EntryAsks.PIN, 2, problem=EntryProblem.WAIT, wait_s=120)))
    menus = {
        "main": _items("service", "tests", "paper", "cleaning", "records", "hall", service="已暂停：换纸"),
        "service": _items("reopen", "pause", "out_of_service", "restart", reopen="已暂停：换纸"),
        "tests": _items("card", "idcard", "scanner", "printer", "insurer", "pinpad", "voice"),
        "pause": _items("back_soon", "paper_reason", "cleaning_reason"),
        "out_of_service": _items("repair", "network", "hall_reason"),
        "records": _items("readiness", "counts", "search", "export"),
        "hall": _items("language", "brightness", "volume", language="中文", brightness="100%", volume="标准"),
        "language": _items("lang_zh", "lang_en"),
        "brightness": _items("100", "80", "60", "40"),
        "volume": _items("low", "normal", "high", "full"),
        "search": _items("by_number", "by_slip", "today", "yesterday", "week"),
        "kind": _items("kind_all", "kind_operation", "kind_visit", "kind_device", "kind_staff"),
    }
    found += [(f"staff menu, {topic}", StaffMenu(topic, items, topic != "main")) for topic, items in menus.items()]
    waiting = ("test_card", "test_idcard", "test_scanner", "test_pinpad")
    found += [(f"staff, {topic}", StaffPage(topic)) for topic in waiting]
    told = (
        "take_card",
        "page_printed",
        "counts_not",
        "scan_slip",
        "found_none",
        "slip_foreign",
        "not_allowed",
        "not_saved",
    )
    found += [(f"staff, {topic}", StaffPage(topic)) for topic in told]
    steps = ("paper_open", "paper_load", "paper_close")
    found += [(f"staff, {topic}", StaffPage(topic, FACTS[1:], ("continue",))) for topic in steps]
    found += [
        ("staff, test printed", StaffPage("test_printed", acts=("yes", "no"))),
        ("staff, test said", StaffPage("test_said", acts=("heard", "not_heard"))),
        ("staff, test passed", StaffPage("test_done", FACTS[1:], ("again",), good=True)),
        ("staff, test failed", StaffPage("test_failed", FACTS, ("again",), good=False)),
        ("staff, paper failed", StaffPage("paper_failed", FACTS, ("again",), good=False)),
        ("staff, paper done", StaffPage("paper_done", good=True)),
        ("staff, ready", StaffPage("readiness_ready", FACTS[1:], ("print", "pdf"), good=True)),
        ("staff, not ready", StaffPage("readiness_not", FACTS * 4, ("print", "pdf"), good=False)),
        ("staff, card stuck", StaffPage("card_stuck", good=False)),
        ("staff, not printed", StaffPage("page_not_printed", FACTS[:1], good=False)),
        ("staff, pdf", StaffPage("pdf_saved", FACTS[2:], good=True)),
        ("staff, no pdf", StaffPage("pdf_failed", FACTS[:1], good=False)),
        ("staff, counts", StaffPage("counts", FACTS[1:] * 6)),
        ("staff, export", StaffPage("export_ask", acts=("export",))),
        ("staff, exported", StaffPage("export_done", FACTS[1:], good=True)),
        ("staff, not exported", StaffPage("export_failed", FACTS[:1], ("again",), good=False)),
        ("staff, restart", StaffPage("restart_ask", acts=("restart",))),
        ("staff, records found", StaffPage("found", RECORDS)),
        ("staff keyboard", StaffKeyboard("")),
        ("staff keyboard, typed", StaffKeyboard("AB12-CD34")),
        ("staff cleaning", StaffCleaning(57)),
    ]
    working = ("checking", "testing", "printing", "examining", "saving", "exporting")
    return found + [(f"staff working, {topic}", StaffWorking(topic)) for topic in working]


def samples() -> list[tuple[str, AnyScreen]]:
    """Every screen in every state, with a label for each; every class of ``kiosk.screens.ALL`` occurs."""
    return _between_visits() + _card_and_identity() + _pin() + _results() + _money() + _the_end() + _staff()


_STEPS = {"InsertCard": 1, "Reading": 1, "LayIdCard": 2, "ShowCode": 2, "Review": 3, "EnterPin": 4, "Working": 5}
_NO_SERVICE = {"Starting", "Attract", "OutOfOrder", "Menu", "Goodbye", "StillThere", "Closed"}


def scene(screen: AnyScreen, serial: int = 1) -> Scene:
    """``screen`` with what would stand around it in a visit, in the hall's own preferences."""
    name = screen.name
    staff = name.startswith("Staff")
    service = (
        None
        if name in _NO_SERVICE
        else "staff"
        if staff
        else "balance"
        if name in {"Balance", "Movements", "WhichAccount"}
        else "activate"
    )
    step = _STEPS.get(name, 0)
    return Scene(
        serial,
        screen,
        service=service,
        step=step,
        steps=5 if step else 0,
        idle_s=60.0 if screen.can_finish and name != "StillThere" else None,
        card_in=name not in {"Starting", "Attract", "OutOfOrder", "InsertCard", "ShowCode", "Goodbye", "Closed"}
        and not staff,
        now=NOW,
    )
