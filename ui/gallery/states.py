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
    CodeProblem,
    EnterPin,
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
    Starting,
    StillThere,
    TakeCard,
    Task,
    Working,
)

AnyScreen = Screen[Any]

NOW = datetime(2026, 11, 21, 9, 41)  # noqa: DTZ001  # wall-clock time of an example
HOLDER = Holder("段**", "7365", "410***********1234")
LONG_HOLDER = Holder("阿**", "0018", "653***********002X")
NUMBER = "ZZ01-20261121-0941-0027"
QR = "YB1.eyJuIjoiWlowMS0yMDI2MTEyMS0wOTQxLTAwMjcifQ.R2VmYWxsZW5lQmxhZXR0ZXI5NDFCZWlzcGllbA"

TILES = (
    ServiceTile("activate", "activate", 2),
    ServiceTile("password", "password", 2),
    ServiceTile("balance", "balance", 1),
)
TILES_SHORT = (
    ServiceTile("activate", "activate", 2, Availability.NO),
    ServiceTile("password", "password", 2),
    ServiceTile("balance", "balance", 1, Availability.WITHOUT_PAPER),
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
    return Movements(2026, 11, opening, moved, came, went, opening + came - went, True, lines > 5)


def _between_visits() -> list[tuple[str, AnyScreen]]:
    return [
        ("starting", Starting()),
        ("attract", Attract(TILES)),
        ("attract, two services restricted", Attract(TILES_SHORT)),
        ("out of order", OutOfOrder("P31")),
        ("out of order, card in", OutOfOrder("R12", card_in=True)),
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
        ("lay id card", LayIdCard()),
        ("lay id card, or code", LayIdCard(or_credential=True)),
        ("show code", ShowCode()),
        ("show code, or id card", ShowCode(or_id_card=True)),
        ("show code, or card", ShowCode(or_card=True)),
        ("show code, or either", ShowCode(or_id_card=True, or_card=True)),
        ("review activation", Review("activate", HOLDER, "zzb")),
        ("review activation, next day", Review("activate", LONG_HOLDER, "bocom", next_day=True)),
        ("review activation, bank unknown", Review("activate", HOLDER, "")),
        ("review reset", Review("reset", HOLDER, "psbc")),
    ]
    found += [
        (f"insert card, {p}", InsertCard(p, card_in=p is not CardProblem.LEFT, without_card=True)) for p in CardProblem
    ]
    found += [(f"lay id card, {p}", LayIdCard(p, or_credential=True)) for p in IdProblem]
    found += [(f"show code, {p}", ShowCode(p, or_id_card=True)) for p in CodeProblem]
    return found


def _pin() -> list[tuple[str, AnyScreen]]:
    found: list[tuple[str, AnyScreen]] = [
        ("pin, new, empty", EnterPin(PinPurpose.NEW)),
        ("pin, new, three", EnterPin(PinPurpose.NEW, filled=3)),
        ("pin, new, full", EnterPin(PinPurpose.NEW, filled=6)),
        ("pin, repeat", EnterPin(PinPurpose.REPEAT, filled=1)),
        ("pin, current", EnterPin(PinPurpose.CURRENT)),
        ("pin, current, few left", EnterPin(PinPurpose.CURRENT, tries_left=2)),
        ("pin, wrong", EnterPin(PinPurpose.CURRENT, problem=PinProblem.WRONG, tries_left=2)),
        ("pin on the pad, new", EnterPin(PinPurpose.NEW, filled=2, keypad=Keypad.PAD)),
        ("pin on the pad, full", EnterPin(PinPurpose.REPEAT, filled=6, keypad=Keypad.PAD)),
        (
            "pin on the pad, wrong",
            EnterPin(PinPurpose.CURRENT, problem=PinProblem.WRONG, tries_left=2, keypad=Keypad.PAD),
        ),
        ("pin, pad lost", EnterPin(PinPurpose.CURRENT, keypad=Keypad.GLASS_INSTEAD)),
        ("last try", LastTry()),
        ("last try, no reset", LastTry(can_reset=False)),
    ]
    found += [(f"pin, {p}", EnterPin(PinPurpose.NEW, problem=p)) for p in PinProblem if p is not PinProblem.WRONG]
    return found


_SLIP_OFFERED = (Cause.IN_MAKING, Cause.OTHER_REGION, Cause.INSURER_DOWN, Cause.DEVICE_DOWN, Cause.CARD_UNREADABLE)


def _results() -> list[tuple[str, AnyScreen]]:
    found: list[tuple[str, AnyScreen]] = [(f"working, {t}", Working(t)) for t in Task]
    for slip in Slip:
        qr = QR if slip is Slip.ON_SCREEN else ""
        found += [
            (f"activated, {slip}", Result("activated", HOLDER, NUMBER, slip, qr, bank="zzb")),
            (f"activated next day, {slip}", Result("activated", HOLDER, NUMBER, slip, qr, next_day=True)),
            (f"pin reset, {slip}", Result("pin_reset", HOLDER, NUMBER, slip, qr)),
            (f"activated without pin, {slip}", PartialResult("activated_without_pin", HOLDER, NUMBER, slip, qr)),
            (f"activated pin unproved, {slip}", PartialResult("activated_pin_unproved", HOLDER, NUMBER, slip, qr)),
            (f"pin unproved, {slip}", PartialResult("pin_unproved", HOLDER, NUMBER, slip, qr)),
            (f"pin set unrecorded, {slip}", PartialResult("pin_set_unrecorded", HOLDER, NUMBER, slip, qr)),
            (f"being checked, {slip}", BeingChecked(NUMBER, slip, qr)),
        ]
    found += [
        ("pin changed", Result("pin_changed", HOLDER, NUMBER, Slip.PRINTED)),
        ("slip printed", Result("printed", HOLDER, NUMBER, Slip.PRINTED)),
        ("slip on screen", Result("shown", HOLDER, NUMBER, Slip.ON_SCREEN, QR)),
    ]
    offers = {
        Cause.NOT_ACTIVE: TILES[0],
        Cause.PIN_LOCKED: ServiceTile("reset", "password", 2),
        Cause.ALREADY_ACTIVE: TILES[2],
    }
    found += [(f"refused, {c}", Refusal(c, "K07", offers.get(c), slip_offered=c in _SLIP_OFFERED)) for c in Cause]
    return [
        *found,
        ("refused, slip printed", Refusal(Cause.MINOR, "R10", number=NUMBER, slip=Slip.PRINTED)),
        ("refused, slip on screen", Refusal(Cause.MINOR, "R10", number=NUMBER, slip=Slip.ON_SCREEN, qr=QR)),
        ("refused, locked, elsewhere", Refusal(Cause.PIN_LOCKED, "R13", slip_offered=True)),
        ("refused, not active, elsewhere", Refusal(Cause.NOT_ACTIVE, "R02", slip_offered=True)),
        ("refused before it began", Refusal(Cause.DEVICE_DOWN, "R19", way_back=True)),
    ]


def _money() -> list[tuple[str, AnyScreen]]:
    return [
        ("balance, hidden", Balance(HOLDER, _hide(ONE_ACCOUNT), True, NOW)),
        ("balance", Balance(HOLDER, ONE_ACCOUNT, False, NOW)),
        ("balances, hidden", Balance(LONG_HOLDER, _hide(MANY_ACCOUNTS), True, NOW)),
        ("balances", Balance(LONG_HOLDER, MANY_ACCOUNTS, False, NOW)),
        ("balances, no paper", Balance(LONG_HOLDER, MANY_ACCOUNTS, False, NOW, can_print=False)),
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
        ("goodbye", Goodbye()),
        ("goodbye, slip", Goodbye(slip=True)),
        ("still there", StillThere(30)),
    ]


def samples() -> list[tuple[str, AnyScreen]]:
    """Every screen in every state, with a label for each; every class of ``kiosk.screens.ALL`` occurs."""
    return _between_visits() + _card_and_identity() + _pin() + _results() + _money() + _the_end()


_STEPS = {"InsertCard": 1, "Reading": 1, "LayIdCard": 2, "ShowCode": 2, "Review": 3, "EnterPin": 4, "Working": 5}
_NO_SERVICE = {"Starting", "Attract", "OutOfOrder", "Menu", "Goodbye", "StillThere"}


def scene(screen: AnyScreen, serial: int = 1) -> Scene:
    """``screen`` with what would stand around it in a visit, in the hall's own preferences."""
    name = screen.name
    service = None if name in _NO_SERVICE else "balance" if name in {"Balance", "Movements"} else "activate"
    step = _STEPS.get(name, 0)
    return Scene(
        serial,
        screen,
        service=service,
        step=step,
        steps=5 if step else 0,
        idle_s=60.0 if screen.can_finish and name != "StillThere" else None,
        card_in=name not in {"Starting", "Attract", "OutOfOrder", "InsertCard", "ShowCode", "Goodbye"},
        now=NOW,
    )
