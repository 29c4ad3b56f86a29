"""What fails and what a citizen does, at any place of ``tests.helpers.matrix_places``: each by the name under which it
stands in the report. What becomes of it is judged in ``tests.helpers.matrix``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from drivers.card.mock import MockCardSlot
from drivers.faults import Fault
from kiosk.screens import (
    Answer,
    Attract,
    Back,
    Balance,
    EnterPin,
    Finish,
    InsertCard,
    Key,
    Keypad,
    KnowsPin,
    LastTry,
    LayIdCard,
    Menu,
    Movements,
    Pick,
    Prefer,
    Proceed,
    Refusal,
    Result,
    Screen,
    ServiceTile,
    ShowCode,
    Starting,
    WhichAccount,
)
from tests.helpers.moments import FillingJournal
from tests.helpers.storyboard import Stage

BACK_S = 10.0
"""A device that comes back does so after this."""
NOBODY_CAN_SAY = "answer lost, nobody can say"


# --- what fails -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failure:
    name: str
    come: Callable[[Stage], None]
    on_pad: bool = False
    """Only where there is a PIN pad."""


def _slot(stage: Stage) -> MockCardSlot:
    assert isinstance(stage.hall.slot, MockCardSlot)
    return stage.hall.slot


def _later(act: Callable[[], object]) -> None:
    asyncio.get_running_loop().call_later(BACK_S, act)


def _hall(*acts: str) -> Callable[[Stage], None]:
    def come(stage: Stage) -> None:
        for act in acts:
            getattr(stage.hall, act)()

    return come


def _back(away: str, back: str) -> Callable[[Stage], None]:
    def come(stage: Stage) -> None:
        getattr(stage.hall, away)()
        _later(getattr(stage.hall, back))

    return come


def _reader_back(stage: Stage) -> None:
    card = stage.hall.slot.chip
    stage.hall.stop_card_service()

    def plug() -> None:
        _slot(stage).plug()
        if card is not None:
            stage.hall.insert_card()

    _later(plug)


def _silent_card(stage: Stage) -> None:
    stage.hall.slot.faults.fail_always("apdu", Fault.MUTE)


def _nobody_can_say(stage: Stage) -> None:
    stage.hall.drop_next_reply()
    stage.hall.line.faults.fail_always("outcome", Fault.ERROR)


def _disk_full(stage: Stage) -> None:
    journal = stage.journal
    assert isinstance(journal, FillingJournal)
    journal.full_from, journal.misses = journal.writes, 1_000_000


def _pad_gone(stage: Stage) -> None:
    assert stage.hall.keys is not None
    stage.hall.keys.unplug()


NONE = Failure("nothing fails", lambda stage: None)
FAILURES: tuple[Failure, ...] = (
    NONE,
    Failure("card reader lost", _hall("stop_card_service")),
    Failure("card reader lost, back after 10 s with the card in it", _reader_back),
    Failure("card silent", _silent_card),
    Failure("ID reader lost", _hall("unplug_id_reader")),
    Failure("ID reader lost, back after 10 s", _back("unplug_id_reader", "plug_id_reader")),
    Failure("ID reader silent", lambda stage: stage.hall.pad.faults.fail_always("find", Fault.MUTE)),
    Failure("ID reader's security module fails", _hall("break_sam")),
    Failure("camera lost", _hall("unplug_camera")),
    Failure("camera lost, back after 10 s", _back("unplug_camera", "plug_camera")),
    Failure("camera frozen", _hall("freeze_camera")),
    Failure("ID reader and camera lost", _hall("unplug_id_reader", "unplug_camera")),
    Failure("no paper", _hall("take_paper")),
    Failure("paper ends within the slip", lambda stage: stage.hall.mechanism.out_of_paper_after(5)),
    Failure("printer's cover open", _hall("open_cover")),
    Failure("printer jammed", _hall("jam_printer")),
    Failure("printer broken", _hall("break_printer")),
    Failure("printer lost", _hall("unplug_printer")),
    Failure("printer lost, back after 10 s", _back("unplug_printer", "plug_printer")),
    Failure("printer silent", lambda stage: stage.hall.mechanism.faults.fail_always("print", Fault.MUTE)),
    Failure("line down", _hall("cut_network")),
    Failure("line down, back after 10 s", _back("cut_network", "restore_network")),
    Failure("insurer slow", _hall("slow_insurer")),
    Failure("insurer silent", lambda stage: stage.hall.line.faults.fail_always("link", Fault.DELAY, seconds=5000.0)),
    Failure("answer lost", _hall("drop_next_reply")),
    Failure("answer damaged", _hall("garble_next_reply")),
    Failure(NOBODY_CAN_SAY, _nobody_can_say),
    Failure("journal's disk full", _disk_full),
    Failure("PIN pad lost", _pad_gone, on_pad=True),
    Failure("PIN pad opened", _hall("tamper_pin_pad"), on_pad=True),
)


# --- what the citizen does --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    name: str
    do: Callable[[Stage], None]


def _tap(*answers: Answer) -> Callable[[Stage], None]:
    def do(stage: Stage) -> None:
        scene = stage.glass.scene
        assert scene is not None
        for answer in answers:
            stage.glass.receive(answer, scene.serial)

    return do


def _pick(choice: str) -> Act:
    return Act(f"chooses {choice.replace('_', ' ')}", _tap(Pick(choice)))


def _type_on_pad(stage: Stage) -> None:
    assert stage.hall.keys is not None
    stage.hall.keys.type("580274")


_SIX = tuple(Key(10 if digit == "0" else int(digit) - 1) for digit in "580274")
PROCEED = Act("goes on", _tap(Proceed()))
GOES_BACK = Act("goes back", _tap(Back()))
NOTHING = Act("does nothing", lambda stage: None)


def _of_screen(screen: Screen[object]) -> list[Act]:  # type: ignore[type-var]
    """Every answer that the screen offers."""
    match screen:
        case Attract(services=tiles) | Menu(services=tiles):
            return [_pick(tile.id) for tile in tiles]
        case InsertCard(without_card=without):
            return [_pick("credential")] * without
        case KnowsPin(locked=locked):
            return [_pick("reset")] if locked else [_pick("change"), _pick("reset")]
        case LayIdCard(or_credential=either, way_back=back):
            return [_pick("credential")] * either + [GOES_BACK] * back
        case ShowCode(or_id_card=id_card, or_card=card):
            return [_pick("id_card")] * id_card + [_pick("card")] * card
        case EnterPin(keypad=Keypad.PAD, or_reset=forgotten):
            return [Act("types on the pad", _type_on_pad), _pick("glass")] + [_pick("reset")] * forgotten
        case EnterPin(filled=filled, or_reset=forgotten):
            return [Act("types six digits", _tap(*_SIX[filled:], Proceed()))] + [_pick("reset")] * forgotten
        case LastTry(can_reset=can_reset):
            return [PROCEED] + [_pick("reset")] * can_reset
        case Result(go_on=ServiceTile(id=wanted)):
            return [_pick(wanted), PROCEED]
        case Refusal(offer=offer, slip_offered=slip):
            return [PROCEED] + ([_pick(offer.id)] if offer else []) + [_pick("slip")] * slip
        case Balance(hidden=hidden, can_print=paper):
            return [_pick("show" if hidden else "hide"), _pick("movements")] + [_pick("print")] * paper
        case WhichAccount(insurances=insurances):
            return [*map(_pick, insurances), GOES_BACK]
        case Movements(has_older=older, has_newer=newer, can_print=paper):
            turns = [_pick("older")] * older + [_pick("newer")] * newer + [_pick("print")] * paper
            return [*turns, GOES_BACK]
        case _:
            return [PROCEED] if Proceed in screen.answers else []


def acts(screen: Screen[object], stage_card_in: bool, id_laid: bool) -> list[Act]:  # type: ignore[type-var]
    """Everything a citizen can do here, with the hands too; doing nothing first."""
    found = [NOTHING, *_of_screen(screen)]
    if screen.can_finish:
        found.append(Act("ends the visit", _tap(Finish())))
    if not isinstance(screen, Starting):
        found.append(Act("wants English", _tap(Prefer("language", "en"))))
    if stage_card_in:
        found.append(Act("pulls the card", lambda stage: stage.hall.pull_card()))
        found.append(Act("swaps the card", lambda stage: stage.hall.swap_card("initial_pin")))
    else:
        found.append(Act("puts the card in", lambda stage: stage.hall.insert_card()))
        found.append(Act("puts it in the wrong way", lambda stage: stage.hall.insert_card_wrong_way()))
    if id_laid:
        found.append(Act("lifts the ID card", lambda stage: stage.hall.lift_id()))
    else:
        found.append(Act("lays the ID card", lambda stage: stage.hall.lay_id()))
    if isinstance(screen, ShowCode):
        found.append(Act("shows the code", lambda stage: stage.hall.show_code()))
    return found
