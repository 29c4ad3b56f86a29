"""A citizen who knows what they want and answers whatever screen comes: the visits of the moment-by-moment tests.

The citizen looks, thinks, acts, and gives up after a few tries at the same thing. They remember everything they saw,
so that afterwards it can be asked whether it was true.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.screens import (
    Answer,
    Attract,
    Back,
    Balance,
    EnterPin,
    Finish,
    Goodbye,
    InsertCard,
    Key,
    Keypad,
    KnowsPin,
    LastTry,
    LayIdCard,
    Menu,
    Movements,
    OutOfOrder,
    Pick,
    PinPurpose,
    Proceed,
    Reading,
    Refusal,
    Review,
    Scene,
    ShowCode,
    Starting,
    StillThere,
    TakeCard,
    WhichAccount,
    Working,
)
from tests.helpers.storyboard import Stage

THINKS_S = 0.5
TRIES = 3
"""So often the same trouble is met before the citizen gives up."""
OLD_PIN, NEW_PIN = "729416", "580274"
COMES_BACK_S = 95.0
"""Somebody who walked away without the card comes back for it."""


@dataclass(frozen=True)
class Errand:
    """What a citizen comes for, and how."""

    name: str
    person: str
    service: str
    card_first: bool = False
    by_code: bool = False
    """With the e-credential where it may be used."""
    choice: str = ""
    """``change`` or ``reset``."""
    on_pad: bool = False
    """Types on a PIN pad beside the glass."""
    browses: bool = False
    """Turns the months of the account before printing."""


ERRANDS = (
    Errand("activation with the ID card", "issued", "activate"),
    Errand("activation with the e-credential", "issued_ecredential", "activate", card_first=True, by_code=True),
    Errand("activation of a locked chip", "sm4_issued", "activate"),
    Errand("reset", "locked_pin", "password"),
    Errand("reset, forgotten", "active", "password", card_first=True, choice="reset"),
    Errand("change", "active", "password", choice="change"),
    Errand("change on the PIN pad", "active", "password", choice="change", on_pad=True),
    Errand("balance by card", "two_insurances", "balance", browses=True),
    Errand("balance by e-credential", "active", "balance", by_code=True),
)


@dataclass
class Hand:
    """What this citizen does at one scene instead of what they would do: by the number of the scene."""

    at: int = -1
    act: Callable[[Citizen, Scene], bool] = lambda citizen, scene: False
    """True if it took the place of the usual answer."""


@dataclass
class Citizen:
    stage: Stage
    errand: Errand
    hand: Hand = field(default_factory=Hand)
    gone: bool = False
    """Walked away: touches nothing more, and comes back for the card."""
    submitted: int = 0
    """How often a current PIN was submitted."""
    scenes: int = 0
    """Different scenes this citizen has stood before."""
    _seen: int = 0
    _tries: Counter[str] = field(default_factory=Counter)
    _served: bool = False
    _browsed: bool = False
    _gone_since: float = 0.0

    def answer(self, answer: Answer) -> None:
        scene = self.stage.glass.scene
        assert scene is not None
        self.stage.glass.receive(answer, scene.serial)

    async def live(self) -> None:
        """Act until the visit is over: the attract screen is back, or the terminal is out of order."""
        loop = asyncio.get_running_loop()
        while True:
            scene = self.stage.glass.scene
            assert scene is not None
            if scene.serial == self._seen:
                if self.gone and loop.time() - self._gone_since > COMES_BACK_S and self.stage.hall.card_in != "out":
                    self.stage.hall.pull_card()
                if self.gone and not self._served:
                    return
                if not await self._next_scene() and isinstance(scene.screen, Attract) and not self._tired("attract"):
                    self.act(scene)
                continue
            self._seen = scene.serial
            self.scenes += 1
            if isinstance(scene.screen, OutOfOrder) or (isinstance(scene.screen, Attract) and self._served):
                self.leave_nothing()
                return
            self._served = self._served or not isinstance(scene.screen, Attract | OutOfOrder | Starting)
            if self.scenes - 1 == self.hand.at and self.hand.act(self, scene):
                continue
            await asyncio.sleep(THINKS_S)
            now = self.stage.glass.scene
            assert now is not None
            if now.serial == scene.serial and not self.gone:
                self.act(now)

    async def _next_scene(self) -> bool:
        self.stage.came.clear()
        try:
            async with asyncio.timeout(5.0):
                await self.stage.came.wait()
        except TimeoutError:
            return False
        return True

    def walk_away(self) -> None:
        self.gone, self._gone_since = True, asyncio.get_running_loop().time()

    def leave_nothing(self) -> None:
        hall = self.stage.hall
        hall.pull_card()
        hall.lift_id()
        hall.hide_code()

    def act(self, scene: Scene) -> None:
        hall, errand = self.stage.hall, self.errand
        match scene.screen:
            case Attract():
                if errand.card_first:
                    hall.insert_card()
                else:
                    self.answer(Pick(errand.service))
            case Menu():
                self.answer(Pick(errand.service))
            case InsertCard(problem=problem, card_in=card_in, without_card=without_card):
                if self._tired(f"card {problem}"):
                    hall.pull_card()
                    self.answer(Finish())
                elif card_in:
                    hall.pull_card()
                elif errand.by_code and without_card:
                    self.answer(Pick("credential"))
                else:
                    hall.insert_card()
            case KnowsPin(locked=locked):
                self.answer(Pick("reset" if locked else errand.choice))
            case LayIdCard(or_credential=or_credential):
                if self._tired("id"):
                    self.answer(Finish())
                elif errand.by_code and or_credential:
                    self.answer(Pick("credential"))
                else:
                    hall.lift_id()
                    hall.lay_id()
            case ShowCode():
                if self._tired("code"):
                    self.answer(Finish())
                else:
                    hall.hide_code()
                    hall.show_code()
            case EnterPin(purpose=purpose):
                if self._tired(f"pin {purpose}"):
                    self.answer(Finish())
                    return
                if purpose is PinPurpose.CURRENT:
                    self.submitted += 1
                digits = OLD_PIN if purpose is PinPurpose.CURRENT else NEW_PIN
                if scene.screen.keypad is Keypad.PAD and hall.keys is not None:
                    hall.keys.type(digits)
                else:
                    self.type(digits)
                    self.answer(Proceed())
            case Balance(hidden=hidden):
                if self._tired("balance"):
                    self.answer(Finish())
                elif hidden:
                    self.answer(Pick("show"))
                elif errand.browses and not self._browsed:
                    self.answer(Pick("movements"))
                else:
                    self.answer(Pick("print"))
            case WhichAccount(insurances=insurances):
                self.answer(Back() if self._browsed else Pick(insurances[-1]))
            case Movements():
                self.answer(Back() if self._browsed else Pick("older"))
                self._browsed = True
            case LastTry() | Review() | StillThere():
                self.answer(Proceed())
            case TakeCard():
                self.leave_nothing()
                hall.mechanism.take_paper_away()
            case OutOfOrder():
                self.leave_nothing()
            case Refusal(slip_offered=True):
                self.answer(Pick("slip"))
            case Refusal(offer=None):
                self.answer(Proceed())
            case Reading() | Working() | Goodbye():
                pass
            case other:
                if Proceed in other.answers:
                    self.answer(Proceed())

    def type(self, digits: str) -> None:
        for digit in digits:
            self.answer(Key(10 if digit == "0" else int(digit) - 1))

    def _tired(self, of: str) -> bool:
        self._tries[of] += 1
        return self._tries[of] > TRIES
