"""The journeys by which ``tests.helpers.matrix`` comes to its places: errands that go well, then each with one thing
out of the way. The places are found by playing them, so a screen that is new and reachable is a place without
anybody's naming it here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drivers.card.authority import AuthorityRefused
from drivers.faults import Fault
from kiosk.screens import Attract, Finish, Key, Pick, Proceed, Screen
from tests.helpers.citizen import ERRANDS, Citizen, Errand
from tests.helpers.matrix_places import Detour, Journey, Place, labels_of
from tests.helpers.moments import FillingJournal, Moments
from tests.helpers.storyboard import Stage, lock_for_good
from tests.helpers.virtual_time import run


def places() -> list[Place]:
    """Every different one, each with the first journey that comes by, in the order of the journeys."""
    found: dict[str, Place] = {}
    for journey in journeys():
        for text, screen in run(labels_of(journey)).items():
            found.setdefault(text, Place(text, journey, screen))
    return list(found.values())


def _hall(act: str) -> Callable[[Citizen], None]:
    return lambda citizen: getattr(citizen.stage.hall, act)()


def _nothing(citizen: Citizen) -> None:
    """Stands there and does nothing."""


def _pin(digits: str) -> Callable[[Citizen], None]:
    def act(citizen: Citizen) -> None:
        for digit in digits:
            citizen.answer(Key(10 if digit == "0" else int(digit) - 1))
        citizen.answer(Proceed())

    return act


def _pick(choice: str) -> Callable[[Citizen], None]:
    return lambda citizen: citizen.answer(Pick(choice))


def _lose_and_nobody_knows(stage: Stage) -> None:
    stage.hall.line.faults.fail_next("perform", Fault.DROP)
    stage.hall.line.faults.fail_always("outcome", Fault.ERROR)


def _earlier_unknown(stage: Stage) -> None:
    stage.journal.intend("K-earlier", "Activate", stage.journal.subject(stage.hall.person.card.card_id))
    stage.journal.sent("K-earlier")
    stage.hall.line.faults.fail_always("outcome", Fault.ERROR)


def _at_chip(op: str, fault: Fault) -> Callable[[Stage], None]:
    return lambda stage: stage.hall.slot.faults.fail_next(op, fault)


def _on_line(op: str, fault: Fault) -> Callable[[Stage], None]:
    return lambda stage: stage.hall.line.faults.fail_always(op, fault)


def _hall_before(*acts: str) -> Callable[[Stage], None]:
    def prepare(stage: Stage) -> None:
        for act in acts:
            getattr(stage.hall, act)()

    return prepare


def _both(*steps: Callable[[Stage], None]) -> Callable[[Stage], None]:
    def prepare(stage: Stage) -> None:
        for step in steps:
            step(stage)

    return prepare


def _journal_full(stage: Stage) -> None:
    journal = stage.journal
    assert isinstance(journal, FillingJournal)
    journal.full_from, journal.misses = 2, 100


class BrokenCore(Exception):
    """An error of the program's own, where nobody expects one."""


def _raises(op: str, error: Exception, after: int = 0) -> Callable[[Stage], None]:
    """The insurer's side answers so instead."""

    def broken() -> None:
        raise error

    def prepare(stage: Stage) -> None:
        plan = stage.hall.line.faults
        assert isinstance(plan, Moments)
        plan.happen(op, broken, after=after)

    return prepare


ACTIVATE, CHANGE, RESET, BALANCE = (
    Errand("activation", "issued", "activate"),
    Errand("change", "active", "password", choice="change"),
    Errand("reset", "active", "password", choice="reset"),
    Errand("balance", "two_insurances", "balance", browses=True),
)
CODE = Errand("activation by code", "issued", "activate", by_code=True)
BALANCE_CODE = Errand("balance by code", "active", "balance", by_code=True)
PAD = Errand("change on the PIN pad", "active", "password", choice="change", on_pad=True)
WEAK = ("123456", "111222", "234567", "147258", "800101", "131452", "729416")
"""One for each reason why a new PIN is refused."""

_REFUSED = (
    *("in_making", "temporarily_lost", "lost", "cancelled", "sealed", "unknown", "other_region", "minor"),
    *("expired_id", "active"),
)
_NO_PAPER = ("take_paper",)


def journeys() -> list[Journey]:
    """Errands that go well, then each with one thing out of the way."""
    found = [Journey(errand) for errand in ERRANDS]
    found += [
        Journey(ACTIVATE, (Detour("InsertCard", _hall(act)),))
        for act in ("insert_card_wrong_way", "insert_foreign_card")
    ]
    found += [Journey(BALANCE, (Detour("InsertCard", _hall("insert_foreign_card")),))]
    found += [
        Journey(errand, (Detour("InsertCard", _hall("insert_card_wrong_way")),) * 3) for errand in (ACTIVATE, BALANCE)
    ]
    found += [
        Journey(ACTIVATE, prepare=_at_chip(op, fault), named=f"card read, {op} {fault}")
        for op, fault in (("apdu:B2", Fault.PULL), ("apdu:B2", Fault.ERROR), ("apdu:B2", Fault.MUTE))
    ]
    found += [
        Journey(
            Errand("SM4", "sm4_card", "balance"), prepare=_on_line("authority", Fault.LOSE), named="no line for the key"
        )
    ]
    found += [
        Journey(
            Errand("SM4", "sm4_card", "balance"), prepare=_raises("authority", AuthorityRefused("TEST")), named="no key"
        )
    ]
    found += [
        Journey(ACTIVATE, (Detour("LayIdCard", _hall(act)),))
        for act in ("lay_other_id", "lay_unreadable_id", "lift_id_early")
    ]
    found += [Journey(ACTIVATE, (Detour("LayIdCard", _hall("lay_other_id")),) * 2, named="not the holder")]
    found += [Journey(ACTIVATE, (Detour("LayIdCard", _lifts_early),))]
    found += [Journey(RESET, (Detour("LayIdCard", _hall("lay_unreadable_id")),))]
    found += [
        Journey(errand, (Detour("ShowCode", _hall(act)),))
        for errand in (CODE, BALANCE_CODE)
        for act in ("show_expired_code", "show_payment_code", "lay_id")
    ]
    found += [
        Journey(errand, (Detour("ShowCode", lambda c: c.stage.hall.lens.show("not a credential at all")),))
        for errand in (CODE, BALANCE_CODE)
    ]
    found += [Journey(CODE, (Detour("ShowCode", _neighbours_code),))]
    found += [Journey(errand, (Detour("ShowCode", _hall("unplug_camera")),)) for errand in (CODE, BALANCE_CODE)]
    found += [Journey(CODE, prepare=_hall_before("unplug_id_reader"), named="activation, no ID reader")]
    found += [
        Journey(CODE, (Detour("ShowCode", _hall("show_expired_code")),), _hall_before("unplug_id_reader")),
    ]
    found += [Journey(CHANGE, (Detour("EnterPin new", _pin(weak)),), named=f"weak {n}") for n, weak in enumerate(WEAK)]
    found += [Journey(ACTIVATE, (Detour("EnterPin new", _personal),), named="weak, personal")]
    found += [Journey(CHANGE, (Detour("EnterPin repeat", _pin("580275")),))]
    found += [Journey(CHANGE, tuple(Detour("EnterPin current", _pin("580275")) for _ in range(n))) for n in (1, 5, 6)]
    found += [Journey(Errand("last try", "one_try_left", "balance"), (Detour("LastTry", _pick("reset")),))]
    found += [
        Journey(
            Errand("last try", "one_try_left", "balance"), (Detour("EnterPin", _pin("580275")),), reset_at_terminal=r
        )
        for r in (True, False)
    ]
    found += [Journey(PAD, prepare=lambda stage: stage.hall.unplug_pin_pad(), named="PIN pad unplugged")]
    found += [Journey(PAD, (Detour("EnterPin", lambda c: c.stage.hall.press_key("5")),))]
    for paper in ((), _NO_PAPER):
        found += [
            Journey(Errand(slug, slug, "activate"), prepare=_hall_before(*paper), named=f"{slug} {paper}")
            for slug in _REFUSED
        ]
        found += [
            Journey(Errand("not insured", "not_insured", "balance"), prepare=_hall_before(*paper), named=f"n {paper}"),
            Journey(Errand("not active", "issued", "password"), prepare=_hall_before(*paper), named=f"a {paper}"),
            Journey(Errand("locked", "locked_pin", "balance"), prepare=_hall_before(*paper), named=f"l {paper}"),
            Journey(
                Errand("not active", "issued", "balance"),
                (Detour("Refusal", _pick("activate")),),
                prepare=_hall_before(*paper),
                named=f"activated for the balance {paper}",
            ),
            Journey(
                Errand("locked", "locked_pin", "balance"),
                (Detour("Refusal", _pick("reset")),),
                prepare=_hall_before(*paper),
                named=f"reset for the balance {paper}",
            ),
            Journey(RESET, reset_at_terminal=False, prepare=_hall_before(*paper), named=f"reset at counter {paper}"),
            Journey(
                Errand("locked", "locked_pin", "balance"),
                reset_at_terminal=False,
                prepare=_hall_before(*paper),
                named=f"locked, reset at counter {paper}",
            ),
            Journey(
                Errand("not active", "issued", "password"),
                (Detour("InsertCard", _no_identity),),
                prepare=_hall_before(*paper),
                named=f"not active, nothing to prove with {paper}",
            ),
            Journey(ACTIVATE, prepare=_hall_before("cut_network", *paper), named=f"no line {paper}"),
            Journey(ACTIVATE, (Detour("LayIdCard", _no_identity),), _hall_before(*paper), named=f"no ID {paper}"),
            Journey(BALANCE, prepare=_both(lock_for_good, _hall_before(*paper)), named=f"locked for good {paper}"),
            Journey(ACTIVATE, prepare=_both(_earlier_unknown, _hall_before(*paper)), named=f"earlier {paper}"),
            Journey(ACTIVATE, prepare=_both(_lose_and_nobody_knows, _hall_before(*paper)), named=f"unknown {paper}"),
            Journey(
                ACTIVATE, prepare=_both(_at_chip("apdu:82", Fault.PULL), _hall_before(*paper)), named=f"82 {paper}"
            ),
            Journey(
                ACTIVATE, prepare=_both(_at_chip("answer:24", Fault.PULL), _hall_before(*paper)), named=f"24 {paper}"
            ),
            Journey(RESET, prepare=_both(_at_chip("apdu:20", Fault.PULL), _hall_before(*paper)), named=f"20 {paper}"),
            Journey(
                RESET, prepare=_both(_on_line("perform", Fault.LOSE), _hall_before(*paper)), named=f"unnoted {paper}"
            ),
            Journey(
                CHANGE, prepare=_both(_at_chip("apdu:20", Fault.MUTE), _hall_before(*paper)), named=f"mute {paper}"
            ),
            Journey(ACTIVATE, prepare=_both(_journal_full, _hall_before(*paper)), named=f"disk full {paper}"),
            Journey(
                ACTIVATE,
                prepare=_both(_raises("link", BrokenCore(), 1), _hall_before(*paper)),
                named=f"error of our own {paper}",
            ),
            Journey(
                RESET,
                prepare=_both(_raises("authority", AuthorityRefused("TEST")), _hall_before(*paper)),
                named=f"key refused {paper}",
            ),
            Journey(
                ACTIVATE, (Detour("Review", _sealed_meanwhile),), _hall_before(*paper), named=f"insurer refuses {paper}"
            ),
            *(
                Journey(errand, prepare=_hall_before(*paper), named=f"{errand.name} {paper}")
                for errand in (ACTIVATE, CHANGE, RESET, BALANCE, BALANCE_CODE)
            ),
        ]
    found += [Journey(ACTIVATE, (Detour("LayIdCard", _hall("pull_card")),))]
    found += [Journey(ACTIVATE, (Detour(at, _nothing),), named=f"nothing at {at}") for at in _WAITS]
    found += [Journey(BALANCE, (Detour(at, _nothing),), named=f"nothing at {at}, balance") for at in _WAITS]
    found += [Journey(CODE, (Detour("ShowCode", _nothing),), named="nothing at ShowCode")]
    found += [Journey(CHANGE, (Detour("KnowsPin", _nothing),), named="nothing at KnowsPin")]
    found += [Journey(Errand("menu", "active", "balance", card_first=True), (Detour("Menu", _nothing),))]
    found += [
        Journey(
            Errand("menu", "active", "activate", card_first=True),
            prepare=_hall_before("unplug_id_reader", "unplug_camera"),
            named="menu, not to be finished",
        )
    ]
    found += [
        Journey(
            Errand("last try", "one_try_left", "balance"), (Detour("LastTry", _nothing),), named="nothing at LastTry"
        )
    ]
    found += [Journey(ACTIVATE, (Detour("TakeCard", _nothing),))]
    found += [Journey(ACTIVATE, (Detour("InsertCard", lambda c: c.answer(Finish())),), named="finished at once")]
    found += [Journey(ACTIVATE, (Detour("LayIdCard", lambda c: c.answer(Finish())),), named="finished, card in")]
    found += [
        Journey(
            ACTIVATE, (*(Detour("Attract", _nothing) for _ in range(5)),), _hall_before(*acts), named=f"waits {acts}"
        )
        for acts in (("cut_network",), ("unplug_id_reader", "unplug_camera"), ("take_paper",))
    ]
    found += [Journey(ACTIVATE, (Detour("Attract", _hall("stop_card_service")),), named="reader lost")]
    found += [Journey(ACTIVATE, (Detour(at, _hall("stop_card_service")),), named=f"reader lost {at}") for at in _WAITS]
    return found


_WAITS = (
    *("InsertCard", "LayIdCard", "Review", "EnterPin", "Balance", "WhichAccount", "Movements"),
    *("Result", "Refusal", "TakeCard"),
)


def _no_identity(citizen: Citizen) -> None:
    hall = citizen.stage.hall
    hall.unplug_id_reader()
    hall.unplug_camera()
    if isinstance(hall_screen(citizen), Attract) or citizen.errand.service == "password":
        hall.insert_card()


def hall_screen(citizen: Citizen) -> Screen[Any] | None:
    scene = citizen.stage.glass.scene
    return None if scene is None else scene.screen


def _neighbours_code(citizen: Citizen) -> None:
    hall = citizen.stage.hall
    hall.lens.show(hall.office.issue_credential(hall._people["resident"].person))


def _sealed_meanwhile(citizen: Citizen) -> None:
    """The office seals the card while its holder stands at the terminal."""
    stage = citizen.stage
    stage.office._db.execute("UPDATE cards SET state = 'sealed' WHERE card_id = ?", (stage.hall.person.card.card_id,))
    citizen.answer(Proceed())


def _lifts_early(citizen: Citizen) -> None:
    citizen.stage.hall.lift_id_early()
    citizen.stage.hall.lay_id()


def _personal(citizen: Citizen) -> None:
    _pin(citizen.stage.hall.person.card.number[-6:])(citizen)
